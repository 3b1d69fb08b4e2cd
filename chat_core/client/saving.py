"""When what changed is put on disk, and what a disk that fails leads to.

What is kept is the store's business. The clock is handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import SystemFailure

if TYPE_CHECKING:
    from chat_core.client.kept import Store

__all__ = ["Saving"]

#: Cursors alone are written this often: a disk that syncs at every poll is busy all the time.
_EVERY_S = 1.0
#: After the disk failed.
_AGAIN_S = 5.0


class Saving:
    """Saves a store when it is due: at once for a post or a login, else once a second; after a failure, in a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tried_at = float("-inf")
        self._has_failed = False

    @property
    def may_post(self) -> bool:
        """Whether everything that must be on disk before a post is sent is there."""
        return not self._store.has_urgent

    def save(self, now: float, *, is_last: bool = False) -> SystemFailure | None:
        """Save if it is due, or at all events when it is the last time; return the first failure in a row."""
        store = self._store
        due_s = _AGAIN_S if self._has_failed else 0.0 if store.has_urgent or is_last else _EVERY_S
        if not store.has_changes or now - self._tried_at < due_s:
            return None
        self._tried_at = now
        try:
            store.save()
        except SystemFailure as failure:
            is_news, self._has_failed = not self._has_failed, True
            return failure if is_news else None
        self._has_failed = False
        return None
