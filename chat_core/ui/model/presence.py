"""Who is writing just now and who is away, as far as this window was told; and whether its own person is away.

Pure: `now` is monotonic seconds. What goes over the wire is the link's business.
"""

from __future__ import annotations

from typing import Callable, Iterable

__all__ = ["Absence", "Typists"]

#: Somebody who was said to write is shown for so long: they say it again every 3 s while they go on.
_TYPING_SHOWN_S = 6.0
#: Nobody touched keyboard or mouse in the window for so long: they are away.
_AWAY_AFTER_S = 300.0


class Typists:
    """Those who write in one room."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def seen(self, names: Iterable[str], now: float) -> None:
        """Take note of people who were said to write just now."""
        for name in names:
            self._until[name] = now + _TYPING_SHOWN_S

    def finished(self, name: str) -> None:
        """Take note that somebody's message has come, or that they left."""
        self._until.pop(name, None)

    def clear(self) -> None:
        """Forget them all: the connection is gone."""
        self._until.clear()

    def names(self, now: float) -> tuple[str, ...]:
        """Return those who write now, in the order in which they began."""
        self._until = {name: until for name, until in self._until.items() if until > now}
        return tuple(self._until)


class Absence:
    """Whether the person at this window is away. `tell` is called when that changes."""

    def __init__(self, tell: Callable[[bool], None], now: float) -> None:
        self._tell = tell
        self._touched_at = now
        self.is_away = False

    def touched(self, now: float) -> None:
        """Take note of a key or a movement of the mouse in the window."""
        self._touched_at = now
        self._become(is_away=False)

    def look(self, now: float) -> None:
        """Take note that time has passed."""
        if now - self._touched_at >= _AWAY_AFTER_S:
            self._become(is_away=True)

    def _become(self, *, is_away: bool) -> None:
        if self.is_away is not is_away:
            self.is_away = is_away
            self._tell(is_away)
