"""What is true for a moment: who is writing, and who is away from their client.

Pure. Nothing of it is in the log or moves a cursor, and a restart forgets it. What a room was told of it is kept in
`room`, that people come and go is `hub`. The specification is docs/protocol.md.

The theory. A connection says that nobody is in front of it; a person is away while all of their connections say so,
and a post is a sign of life like any other. What a room has to be told is found by comparing who is away with whom
it was told of, so it does not matter how often that changed in between, or why; it follows after all presence, so that
names mean the same to everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable

from chat_core import limits, messages
from chat_core.framing import encode_frame
from chat_core.messages import PeopleTyping

if TYPE_CHECKING:
    from chat_core.server.people import Person
    from chat_core.server.room import Room
    from chat_core.server.session import Session

__all__ = ["FEATURES", "Ephemeral"]

#: What `welcome` lists for those who would like to say so.
FEATURES = ("typing", "away")
#: How often those who were too early are looked through: they are nobody's usual client.
_LOOK_EVERY_S = 1.0


class Ephemeral:
    """Who writes and who is away, on the whole server. Unless `is_on` nothing is kept, and nobody told."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._away: dict[int, None] = {}  # persons, by id
        #: Rooms with something to tell: who writes there, or, where nobody does, who has gone away or come back.
        self._stirred: dict[Room, dict[Session, None]] = {}
        self._early: dict[Session, bool] = {}  # who said too soon that they are away, or not
        self._early_at = 0.0  # when to look at these

    def __bool__(self) -> bool:
        """Whether a post may change anything."""
        return bool(self._away or self._stirred or self._early)

    # --- what people say ---

    def typing(self, session: Session, room: Room, now: float) -> None:
        """Take note that somebody writes in a room. Too early it is as if unsaid: they will say it again."""
        if self._is_on and room.is_small and now >= session.typing_at - limits.EPHEMERAL_EARLY_S:
            session.typing_at = max(now, session.typing_at) + limits.EPHEMERAL_EVERY_S
            session.typing_in = room
            self._stirred.setdefault(room, {})[session] = None

    def away(self, session: Session, person: Person, now: float, *, is_away: bool) -> None:
        """Take note that nobody is in front of a client, or somebody again. Too early it waits; the last one counts."""
        if not self._is_on:
            return
        if now >= session.away_at - limits.EPHEMERAL_EARLY_S:
            self._take(session, person, now, is_away=is_away)
            return
        if not self._early:
            self._early_at = session.away_at
        self._early[session] = is_away

    def _take(self, session: Session, person: Person, now: float, *, is_away: bool) -> None:
        self._early.pop(session, None)
        session.away_at = max(now, session.away_at) + limits.EPHEMERAL_EVERY_S
        session.is_away = is_away
        self.review(person)

    def posted(self, sessions: Iterable[Session]) -> None:
        """Take note that these have posted: they are here, and have finished what they were writing."""
        for session in sessions:
            self._finish(session)
            if session.is_away and session.person is not None:
                session.is_away = False
                self.review(session.person)

    def _finish(self, session: Session) -> None:
        """Take back what was said and is not told yet."""
        self._early.pop(session, None)
        if session.typing_in is not None:
            self._stirred.get(session.typing_in, {}).pop(session, None)
            session.typing_in = None

    # --- what becomes of people ---

    def review(self, person: Person) -> None:
        """Look again whether a person is away: one of their connections has come, gone or said something."""
        is_away = bool(person.sessions) and all(session.is_away for session in person.sessions)
        if is_away is (person.id in self._away):
            return
        if is_away:
            self._away[person.id] = None
        else:
            del self._away[person.id]
        for session in person.sessions:
            for member in session.rooms.values():
                self._stirred.setdefault(member.room, {})

    def forget(self, session: Session, person: Person) -> None:
        """Take note that a connection is over."""
        self._finish(session)
        self.review(person)

    def note_presence(self, room: Room) -> None:
        """Take note that a room knows of all who came and went: who is away there may be others now."""
        if self._away or room.has_told_away:
            self._stirred.setdefault(room, {})

    # --- what people are told ---

    def next_at(self) -> float | None:
        """Return when there is something to tell, monotonic seconds; None when there is nothing."""
        waits = [room.ephemeral_at for room in self._stirred if not room.has_news]  # the others wait for their presence
        if self._early:
            waits.append(self._early_at)
        return min(waits, default=None)

    def tell(self, now: float) -> None:
        """Tell each room what there is to tell, in so far as it is due. To be called after its presence was told."""
        if self._early and self._early_at <= now:
            self._early_at = now + _LOOK_EVERY_S
            for session, is_away in list(self._early.items()):
                if session.away_at <= now and session.person is not None:
                    self._take(session, session.person, now, is_away=is_away)
        for room in list(self._stirred):
            if not room.members:
                del self._stirred[room]  # who comes into it will be told by its presence
            elif room.ephemeral_at <= now and not room.has_news:
                self._tell(room, self._stirred.pop(room), now)

    def _tell(self, room: Room, typists: Iterable[Session], now: float) -> None:
        """Tell one room all there is: a lone change at once, a flurry of them summed up."""
        away_frame = room.away_frame(self._away)
        if away_frame is not None:
            room.spread(away_frame)
        names = {
            session.person: session.person.name for session in typists if session.person and room.key in session.rooms
        }
        if names and room.is_small:
            _spread_typing(room, names)
        if names or away_frame is not None:
            room.ephemeral_at = now + min(1.0, room.online / limits.EPHEMERAL_PEOPLE_MAX)


def _spread_typing(room: Room, names: dict[Person, str]) -> None:
    """Queue who writes for all others who are live and read: for anybody else it would be long past."""
    frame = _typing_frame(room, names.values())
    for member in room.members:
        if not member.is_live or member.outlet.queued_bytes >= limits.HIGH_WATER_BYTES:
            continue
        if member.session.person not in names:
            member.outlet.put(frame)
        elif len(names) > 1:
            others = [name for person, name in names.items() if person is not member.session.person]
            member.outlet.put(_typing_frame(room, others))


def _typing_frame(room: Room, names: Iterable[str]) -> bytes:
    return encode_frame(messages.encode(PeopleTyping(room.name, tuple(names))))
