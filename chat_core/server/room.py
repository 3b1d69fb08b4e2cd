"""A room: its members, their cursors, the fan-out of what is committed, and who is told of whom.

Pure. What is committed and when is decided in `staging`, who may join in `hub`; the log is handed in.

The theory. Delivery is one thing: advancing the cursor of a member through the log. A member is *live* when its
cursor is at the head and its queue below high water; what is committed is then queued for it at once, the same
bytes object for everybody, and its cursor needs no number of its own. A member that is *behind* (it has just
joined, it resumes, it reads slowly) gets nothing in that way; whenever its queue has drained it is fed one chunk
from its cursor on, until it stands at the head and is live. As there is no other way to get a message, there is
no race between catching up and being live, and nothing to be lost or doubled there.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import islice
from typing import TYPE_CHECKING, Container, Iterator

from chat_core import limits, messages, relay
from chat_core.framing import encode_frame
from chat_core.messages import Gone, Live, PeopleAway, Presence, WhoPage
from chat_core.server.tail import Chunk, Tail, TailSpace
from chat_core.strict_json import quote

if TYPE_CHECKING:
    from chat_core.server.people import Person
    from chat_core.server.records import Log, MessageRow, RoomRow
    from chat_core.server.session import Session

__all__ = ["Member", "Room"]


class Member:
    """One session in one room. `cursor` is what has been queued for it; it counts only while it is behind."""

    __slots__ = ("cursor", "has_missed_presence", "is_live", "outlet", "room", "session", "wants_live")

    def __init__(self, session: Session, room: Room, cursor: int) -> None:
        self.session = session
        self.outlet = session.outlet
        self.room = room
        self.cursor = cursor
        self.is_live = False
        self.wants_live = True  # it has not been told `live` since it was told `joined`
        self.has_missed_presence = False  # the queue was too full for it, or for who is away

    def fall_behind(self, cursor: int) -> None:
        """Get nothing more at once, but from this cursor on when the queue has drained."""
        if self.is_live:  # behind those who wait already: a room that falls behind again and again must not starve them
            rooms = self.session.rooms
            rooms[self.room.key] = rooms.pop(self.room.key)
            self.session.behind += 1
        self.is_live = False
        self.cursor = cursor

    def catch_up(self) -> None:
        """Stand at the head, having been behind: get at once what comes from here on."""
        assert not self.is_live
        self.session.behind -= 1
        self.is_live = True


class Room:
    """A room and the people in it. `id` is 0 until somebody has written in it."""

    __slots__ = (
        "_away", "_before", "_first_page", "_log", "_names", "_space", "_tail", "ephemeral_at", "first", "id", "key",
        "last_unix_ms", "members", "name", "people", "presence_at", "quoted",
    )  # fmt: skip

    def __init__(self, row: RoomRow, log: Log, space: TailSpace) -> None:
        self.id = row.id
        self.name = row.name
        self.key = row.key
        self.quoted = quote(row.name)
        self.first = row.first
        self.last_unix_ms = row.last_unix_ms
        self.members: dict[Member, None] = {}
        self.people: dict[int, Person] = {}
        self.presence_at = 0.0  # when the next presence may go out, monotonic seconds
        self.ephemeral_at = 0.0  # the same, of who is away and who writes
        self._log = log
        self._space = space
        self._tail = Tail(space, row.head)
        self._names: list[tuple[str, str]] = []  # (key, name) of everybody here, sorted
        # The first page of names as JSON, until one of them changes: ten thousand who come at once are each sent it.
        self._first_page: str | None = None
        # What was last told of those who have changed since: their name then, or None if they were not here.
        self._before: dict[int, str | None] = {}
        #: Who was told to be away, and not yet to be back or gone; None as long as nobody ever was.
        self._away: dict[int, None] | None = None

    @property
    def head(self) -> int:
        """The newest seq; 0 while nothing was written."""
        return self._tail.head

    @property
    def online(self) -> int:
        """How many persons are here."""
        return len(self.people)

    # --- coming and going ---

    def add(self, session: Session, person: Person, cursor: int) -> Member:
        """Take a session in, behind at this cursor."""
        member = session.rooms[self.key] = Member(session, self, cursor)
        self.members[member] = None
        session.behind += 1
        if person.id not in self.people:
            self.note(person)
            self.people[person.id] = person
            if self.online <= limits.NAMES_PAGE:
                self._first_page = None
            insort(self._names, (person.key, person.name))
        return member

    def remove(self, member: Member, person: Person) -> None:
        """Let a session out, and its person when none of its other sessions is here."""
        del self.members[member], member.session.rooms[self.key]
        if not member.is_live:
            member.session.behind -= 1
        if not any(self.key in session.rooms for session in person.sessions):
            self.note(person)
            del self.people[person.id]
            self._first_page = None
            del self._names[bisect_left(self._names, (person.key, person.name))]

    def note(self, person: Person) -> None:
        """Remember what was told of a person who is about to come, go or change name."""
        self._before.setdefault(person.id, person.name if person.id in self.people else None)

    def rename(self, person: Person, old: tuple[str, str]) -> None:
        """Sort a person in again who has a new name; `old` is the key and name until now."""
        self._first_page = None
        del self._names[bisect_left(self._names, old)]
        insort(self._names, (person.key, person.name))

    def joined_frame(self, cursor: int, *, is_reset: bool, ref: str | None) -> bytes:
        """Build what a session is told that comes in."""
        if self._first_page is None:
            self._first_page = (
                f"[{','.join(person.quoted for person in islice(self.people.values(), limits.NAMES_PAGE))}]"
            )
        return encode_frame(
            relay.encode_joined(
                self.quoted, self.head, self.first, cursor + 1, self.online, self._first_page, ref,
                is_reset=is_reset, away=f"[{','.join(map(quote, self._away_names()))}]" if self._away else "",
            )
        )  # fmt: skip

    def who(self, offset: int, ref: str | None) -> WhoPage:
        """Build one page of the names, sorted by their keys."""
        page = self._names[offset : offset + limits.NAMES_PAGE]
        return WhoPage(self.name, tuple(name for _, name in page), self.online, offset, ref)

    # --- presence ---

    def presence_frame(self, now: float) -> bytes | None:
        """Build the one presence of this tick from what has changed, at most 500 names; None when it is all undone.

        Sets when the next one may go: a lone change is told at once, a crowd that comes in together is summed up.
        """
        self.presence_at = now + min(limits.PRESENCE_EVERY_S_MAX, self.online / limits.PRESENCE_NAMES_PEOPLE_MAX)
        if self.online > limits.PRESENCE_NAMES_PEOPLE_MAX:
            self._before.clear()
            return encode_frame(messages.encode(Presence(self.name, self.online)))
        joined, left, renamed = [], [], []
        for person_id in list(islice(self._before, limits.NAMES_PAGE)):
            told = self._before.pop(person_id)
            person = self.people.get(person_id)
            if told is None and person is not None:
                joined.append(person.name)
            elif told is not None and person is None:
                left.append(told)
                if self._away:
                    self._away.pop(person_id, None)  # whoever hears that they left takes them for away no more
            elif told is not None and person is not None and told != person.name:
                renamed.append((told, person.name))
        if not (joined or left or renamed):
            return None
        return encode_frame(
            messages.encode(Presence(self.name, self.online, tuple(joined), tuple(left), tuple(renamed)))
        )

    @property
    def has_news(self) -> bool:
        """Whether somebody came, went or changed name since the last presence."""
        return bool(self._before)

    def spread(self, frame: bytes) -> None:
        """Queue a presence, or who is away, for everybody here; who is too slow for it is noted."""
        for member in self.members:
            if member.outlet.queued_bytes < limits.HIGH_WATER_BYTES:
                member.outlet.put(frame)
            else:
                member.has_missed_presence = member.session.has_missed_presence = True

    def make_up(self, member: Member) -> None:
        """Tell a member in short what it was too slow for: how many are here, and who of them is away."""
        member.has_missed_presence = False
        member.session.say(Presence(self.name, self.online))
        if self._away is not None:
            member.session.say(PeopleAway(self.name, self._away_names()))

    # --- who is away ---

    @property
    def is_small(self) -> bool:
        """Whether so few are here that they are told who writes and who is away."""
        return self.online <= limits.EPHEMERAL_PEOPLE_MAX

    @property
    def has_told_away(self) -> bool:
        """Whether anybody here was told to be away, and is not yet told to be back."""
        return bool(self._away)

    def away_frame(self, everywhere: Container[int]) -> bytes | None:
        """Build what is new of who is away, given the ids of all who are anywhere; None when nothing is.

        Only while `has_news` is False: everybody here then knows all people by their names.
        """
        told = self._away or {}
        away = {person_id: None for person_id in self.people if person_id in everywhere} if self.is_small else {}
        if away.keys() == told.keys():
            return None
        self._away = away
        if not self.is_small or any(person_id not in self.people for person_id in told):
            # So many are here, or were just now, that names are not told: neither who is back nor who has left.
            return encode_frame(messages.encode(PeopleAway(self.name, self._away_names())))
        gone = tuple(self.people[person_id].name for person_id in away if person_id not in told)
        back = tuple(self.people[person_id].name for person_id in told if person_id not in away)
        return encode_frame(messages.encode(PeopleAway(self.name, gone, back)))

    def _away_names(self) -> tuple[str, ...]:
        """List who was told to be away, under the names that were told: a presence that waits will set them right."""
        names = (self._before.get(person_id) or self._name_of(person_id) for person_id in self._away or ())
        return tuple(filter(None, names))

    def _name_of(self, person_id: int) -> str | None:
        person = self.people.get(person_id)
        return None if person is None else person.name  # gone from a crowd, of which no names are told

    # --- messages ---

    def deliver(self, frames: list[bytes], unix_ms: int) -> None:
        """Take the frames of newly committed messages, which follow the head, and queue them for who is live."""
        cursor = self.head
        high_water_bytes = limits.HIGH_WATER_BYTES
        self._tail.append(frames)
        self.last_unix_ms = unix_ms
        for piece, count in _pieces(frames):
            for member in self.members:
                if member.is_live:
                    outlet = member.outlet
                    if outlet.queued_bytes < high_water_bytes:
                        outlet.put(piece)
                    else:
                        member.fall_behind(cursor)
            cursor += count

    def feed(self, member: Member) -> int:
        """Queue the next chunk for a member that is behind, and return what it counts for in bytes.

        At the head the member is live from here on. Raises StorageError.
        """
        if member.cursor + 1 < self.first:
            member.session.say(Gone(self.name, self.first))
            member.cursor = self.first - 1
        cost_bytes = 0
        if member.cursor < self.head:
            chunk = self._space.chunk
            if chunk is None or (chunk.room, chunk.cursor, chunk.head) != (self, member.cursor, self.head):
                chunk, cost_bytes = self._chunk_after(member.cursor)
                self._space.chunk = chunk
            else:  # thousands who come back together need the same, and share it
                cost_bytes = len(chunk.data) // limits.CATCH_UP_KEPT_FOR_ONE
            member.outlet.put(chunk.data)
            member.cursor += chunk.frame_count
        if member.cursor == self.head:
            member.catch_up()
            if member.wants_live:
                member.wants_live = False
                member.session.say(Live(self.name, self.head))
        return cost_bytes

    def _chunk_after(self, cursor: int) -> tuple[Chunk, int]:
        """Join the frames that follow a cursor below the head, and tell what that counts for in bytes."""
        frames = self._tail.after(cursor, limits.CATCH_UP_CHUNK_BYTES)
        kept_for_one = limits.CATCH_UP_KEPT_FOR_ONE
        if frames is None:
            frames = self._frames_from_log(cursor)
            kept_for_one = 1
        data = b"".join(frames)
        return Chunk(self, cursor, self.head, data, len(frames)), len(data) // kept_for_one

    def _frames_from_log(self, cursor: int) -> list[bytes]:
        rows = self._log.after(self.id, cursor, limits.CATCH_UP_ROWS, limits.CATCH_UP_CHUNK_BYTES)
        frames = [self.frame(row) for row in rows]
        if cursor + len(frames) == self.head:
            self._tail.replace(frames)
        size = count = 0
        while count < len(frames) and (count == 0 or size + len(frames[count]) <= limits.CATCH_UP_CHUNK_BYTES):
            size += len(frames[count])
            count += 1
        return frames[:count]

    def frame(self, row: MessageRow) -> bytes:
        """Encode a row of this room as every recipient gets it, now or in a year."""
        return encode_frame(self.payload(row))

    def payload(self, row: MessageRow) -> bytes:
        """Encode a row of this room as one message."""
        return relay.encode_message(self.quoted, row.seq, row.unix_ms, quote(row.sender), row.mid, row.text)


def _pieces(frames: list[bytes]) -> Iterator[tuple[bytes, int]]:
    """Join frames into pieces of about one send, each with the number of its frames."""
    if sum(map(len, frames)) <= limits.SEND_BYTES_MAX:  # mostly
        yield b"".join(frames), len(frames)
        return
    piece: list[bytes] = []
    size = 0
    for frame in frames:
        if piece and size + len(frame) > limits.SEND_BYTES_MAX:
            yield b"".join(piece), len(piece)
            piece, size = [], 0
        piece.append(frame)
        size += len(frame)
    yield b"".join(piece), len(piece)
