"""The rooms as the pane at the left shows them: a row for each, their order, and which one comes next.

Pure. What is in a row is known to the presenter; here is only what follows from the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Sequence

from chat_core.ui.model.attention import Level

__all__ = ["RoomRow", "next_room", "next_unread", "sort_rows"]


@dataclass(frozen=True)
class RoomRow:
    """One room. `room` is its name on the wire, `title` what is shown: the name, escaped.

    `mentions` of the `unread` messages name us. `is_shown`: it is the room in the middle of the window.
    """

    room: str
    title: str
    unread: int = 0
    mentions: int = 0
    level: Level = Level.ALL
    is_shown: bool = False
    is_joined: bool = True


def sort_rows(rows: Iterable[RoomRow]) -> tuple[RoomRow, ...]:
    """Put rooms in the order of the pane: by title, whatever is in them, so that each keeps its place."""
    return tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.room)))


def next_room(rows: Sequence[RoomRow], shown: str, step: int) -> str:
    """Return the room `step` rows below (above, when negative) the one shown, around the ends; "" without rooms."""
    if not rows:
        return ""
    place = _place(rows, shown)
    if place is None:
        return rows[0 if step > 0 else -1].room
    return rows[(place + step) % len(rows)].room


def next_unread(rows: Sequence[RoomRow], shown: str) -> str:
    """Return the next room below the one shown that waits to be read, around the end; "" when there is none.

    Those that mention us come first. A room that one wants to hear nothing of does not wait.
    """
    place = _place(rows, shown)
    start = 0 if place is None else place + 1
    around = [row for row in (*rows[start:], *rows[:start]) if row.room != shown and row.level is not Level.NOTHING]
    waiting = [row for row in around if row.mentions] or [row for row in around if row.unread]
    return waiting[0].room if waiting else ""


def _place(rows: Sequence[RoomRow], room: str) -> int | None:
    return next((place for place, row in enumerate(rows) if row.room == room), None)
