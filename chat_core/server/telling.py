"""When rooms are told of their people: who came and went, then who is away and who writes.

Pure. What there is to tell is kept by `room` and `ephemeral`; here it is only which rooms wait to hear it, and what a
session is told that was too slow to hear it. A lone change is told at once, a flurry of them summed up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core import limits

if TYPE_CHECKING:
    from chat_core.server.ephemeral import Ephemeral
    from chat_core.server.room import Room
    from chat_core.server.session import Session

__all__ = ["Telling", "make_up"]


class Telling:
    """The rooms with presence to tell; what is true for a moment follows when it is told."""

    def __init__(self, ephemeral: Ephemeral) -> None:
        self._ephemeral = ephemeral
        self._stirred: dict[Room, None] = {}

    def stir(self, room: Room) -> None:
        """Take note that somebody came into a room, went, or has another name."""
        self._stirred[room] = None

    def forget(self, room: Room) -> None:
        """Take note that a room is gone."""
        self._stirred.pop(room, None)

    def tell(self, now: float) -> None:
        """Tell what is due; `now` is monotonic seconds."""
        for room in list(self._stirred):
            if room.presence_at <= now:
                frame = room.presence_frame(now)
                if frame is not None:
                    room.spread(frame)
                if not room.has_news:
                    del self._stirred[room]
                    self._ephemeral.note_presence(room)
        self._ephemeral.tell(now)

    def next_at(self) -> float | None:
        """Return when something that waits may be told, monotonic seconds; None when nothing waits."""
        presence_at = min((room.presence_at for room in self._stirred), default=None)
        ephemeral_at = self._ephemeral.next_at()
        if presence_at is None or ephemeral_at is None:
            return ephemeral_at if presence_at is None else presence_at
        return min(presence_at, ephemeral_at)


def make_up(session: Session) -> None:
    """Tell a session that had been too slow for it how its rooms stand, as far as its queue has space."""
    session.has_missed_presence = False
    for member in session.rooms.values():
        if member.has_missed_presence and session.outlet.queued_bytes < limits.HIGH_WATER_BYTES:
            member.room.make_up(member)
        session.has_missed_presence |= member.has_missed_presence
