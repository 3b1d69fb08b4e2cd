"""Feeding: who is behind gets the next chunk when its queue has drained, within a budget for each tick.

Pure. What a chunk is and when a member stands at the head is `room`; what is done about a log that cannot be read
is the hub's.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Iterator

from chat_core import limits
from chat_core.errors import StorageError

if TYPE_CHECKING:
    from chat_core.server.session import Session

__all__ = ["Feeding"]


class Feeding:
    """The sessions that are behind in a room and have space in their queues, in the order of their turns."""

    def __init__(self) -> None:
        self._hungry: deque[Session] = deque()

    def __bool__(self) -> bool:
        return bool(self._hungry)

    def feed_soon(self, session: Session) -> None:
        """Stand in the queue, once, if there is anything to be fed."""
        if session.behind and not session.is_over and not session.is_hungry:
            session.is_hungry = True
            self._hungry.append(session)

    def feed(self) -> Iterator[tuple[Session, StorageError]]:
        """Feed each session at most once, while the tick's budget lasts; yield those whose messages cannot be read.

        At most once, so that one who is far behind does not keep the others waiting.
        """
        budget = limits.CATCH_UP_BYTES_PER_TICK
        for _ in range(len(self._hungry)):
            if budget <= 0:
                return
            session = self._hungry.popleft()
            session.is_hungry = False
            try:
                for member in [member for member in session.rooms.values() if not member.is_live]:
                    if session.is_over or session.outlet.queued_bytes > limits.LOW_WATER_BYTES:
                        break  # `Hub.drained` brings it back
                    budget -= member.room.feed(member)
                else:
                    self.feed_soon(session)
            except StorageError as error:
                yield session, error
                self.feed_soon(session)
