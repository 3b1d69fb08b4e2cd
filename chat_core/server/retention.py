"""Retention: which messages are to go, and the small steps in which they and their dedupe keys do.

Pure: the log and the rooms are handed in, time comes in as an argument. When a step is taken is decided in `app`,
how rows are deleted in `log`. What people are told of it is `gone` and `first` in docs/protocol.md.

The theory. A message is to go when its room holds too many that are newer, or when it is too old; as the time never
goes back in a room, what is to go is always a piece at its front, and one seq says it all. A step deletes a bounded
number of messages in a transaction of its own, and `Room.first` moves after it, so that nobody is ever told that
something is there that is not. The look for more goes round the rooms and stays at one until it is done: so a
single busy room cannot get away from it, and many quiet ones cost little.

A dedupe key outlives its message, for its sender may have slept. On each day that a room was pruned one mark says how
far. When a mark is old enough, all keys are walked through once, in small steps, and those behind such marks are
forgotten; that is at most once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterable, Sequence

from chat_core import limits
from chat_core.server.records import Cut

if TYPE_CHECKING:
    from chat_core.server.records import FrontRow, Log, MidPosition
    from chat_core.server.room import Room

__all__ = ["KEEP_ALL", "Pruning", "Retention"]

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Retention:
    """What is kept: messages of the last `days`, and the newest `messages` of each room. None: no bound."""

    days: float | None = None
    messages: int | None = None

    def too_many(self, kept: int) -> int:
        """Return how many of a room's messages are too many."""
        return 0 if self.messages is None else max(0, kept - self.messages)

    def is_too_old(self, written_unix_ms: int, unix_ms: int) -> bool:
        """Whether a message that was written then is too old now."""
        return self.days is not None and written_unix_ms < unix_ms - self.days * _DAY_MS

    def going(self, front: Sequence[FrontRow], kept: int, unix_ms: int) -> int:
        """Return how many of the oldest messages of a room are to go, `front` being those that are looked at."""
        too_many = self.too_many(kept)
        count = 0
        while count < len(front) and (count < too_many or self.is_too_old(front[count].unix_ms, unix_ms)):
            count += 1
        return count


KEEP_ALL = Retention()


class Pruning:
    """What is left to prune, as far as it is known. Raises StorageError when the log cannot be read at the start."""

    def __init__(self, log: Log, retention: Retention) -> None:
        self._log = log
        self._retention = retention
        self._round: list[Room] = []  # still to be looked at, the next one last
        self._oldest_mark = log.oldest_mark()
        # The walk through the keys, while there is one: the last day whose marks count, and how far it has come.
        self._walk_day: int | None = None
        self._position: MidPosition | None = None

    def step(self, rooms: Iterable[Room], unix_ms: int) -> bool:
        """Take one step, and return whether another one may find more to do at once.

        Raises StorageError: then nothing has changed.
        """
        cuts = [] if self._retention == KEEP_ALL else self._find_cuts(rooms, unix_ms)
        if not cuts:
            return self._forget_keys(unix_ms)
        today = unix_ms // _DAY_MS
        self._log.prune([Cut(room.id, up_to) for room, up_to in cuts], today)
        for room, up_to in cuts:
            room.first = up_to + 1
        self._oldest_mark = today if self._oldest_mark is None else min(today, self._oldest_mark)
        return True

    def _find_cuts(self, rooms: Iterable[Room], unix_ms: int) -> list[tuple[Room, int]]:
        """Go on round the rooms and list what is to go from them, up to which seq, within the bounds of a step."""
        if not self._round:
            self._round = list(rooms)
        cuts = []
        rows_left, chars_left = limits.PRUNE_ROWS, limits.PRUNE_TEXT_CHARS
        for _ in range(limits.PRUNE_ROOMS):
            if not self._round:
                break
            room = self._round[-1]
            front = self._front(room, rows_left, chars_left, unix_ms)
            going = self._retention.going(front, _kept(room), unix_ms)
            if going:
                cuts.append((room, room.first + going - 1))
                rows_left -= going
                chars_left -= sum(row.text_chars for row in front[:going])
                if rows_left <= 0 or chars_left <= 0:
                    break  # the next step begins with this room: there may be more in it
            self._round.pop()
        return cuts

    def _front(self, room: Room, rows_max: int, text_chars_max: int, unix_ms: int) -> list[FrontRow]:
        """Look at a room's oldest messages, within both bounds, if there is anything to go."""
        if not self._retention.too_many(_kept(room)):
            if self._retention.days is None or not _kept(room):
                return []
            oldest = self._log.front(room.id, room.first - 1, 1, 0)  # mostly that one may stay, and all the others
            if not self._retention.going(oldest, _kept(room), unix_ms):
                return []
        return self._log.front(room.id, room.first - 1, rows_max, text_chars_max)

    def _forget_keys(self, unix_ms: int) -> bool:
        """Go on with, or begin, the walk through the keys if a mark is old enough; return whether one was."""
        last_day = unix_ms // _DAY_MS - limits.MID_KEPT_DAYS - 1  # one that has been over for so many days
        if self._oldest_mark is None or self._oldest_mark > last_day:
            self._walk_day = None  # or the clock was set back: what seemed old is not
            return False
        if self._walk_day is None or self._walk_day > last_day:
            self._walk_day, self._position = last_day, None
        self._position = self._log.forget_mids(self._walk_day, self._position, limits.PRUNE_ROWS)
        if self._position is None:
            self._walk_day = None
            self._oldest_mark = self._log.oldest_mark()
        return True


def _kept(room: Room) -> int:
    return room.head - room.first + 1
