"""What the requests of one tick want written, and the one place where the log is asked to write it.

Pure. Requests stage, the end of the tick commits, and only then is anything said of it. Nothing here talks to
people: the outcome goes back to `hub`.

The theory. A message's seq is its room's head plus its place in the batch, and it is dense because nothing is
given out before the commit: when a batch fails, no seq was used. A resent message is found by the log's unique
key and not by a look-up for each post: the batch is tried as it is, and only when the log finds a mid it has
already is each one looked up and the batch tried again without the duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator, NamedTuple

from chat_core import relay
from chat_core.errors import Refusal
from chat_core.framing import encode_frame
from chat_core.server.records import Batch, Log, MidTakenError, StoredPost
from chat_core.server.session import error_frame

if TYPE_CHECKING:
    from chat_core.messages import Hello
    from chat_core.names import Name
    from chat_core.server.people import Admission, Claim, Person
    from chat_core.server.records import NewMessage, PersonRow
    from chat_core.server.room import Room
    from chat_core.server.session import Session

__all__ = ["Growth", "Outcome", "StagedLogin", "StagedRename", "Staging"]


class StagedLogin(NamedTuple):
    """A login on its way."""

    session: Session
    hello: Hello
    admission: Admission


class StagedRename(NamedTuple):
    """Another name on its way."""

    session: Session
    person: Person
    name: Name
    claim: Claim
    ref: str | None


class Growth:
    """What one room gains in one tick: the frames of its new messages, in order, all of the same time."""

    __slots__ = ("frames", "head", "room_id", "unix_ms")

    def __init__(self, room_id: int, head: int, unix_ms: int) -> None:
        self.room_id = room_id
        self.head = head
        self.unix_ms = unix_ms
        self.frames: list[bytes] = []


class Outcome:
    """What a committed tick has to say: to each who posted the replies, in order, and to each room its growth."""

    def __init__(self) -> None:
        self.replies: dict[Session, list[bytes]] = {}  # frames: `posted`, or the error mid_reuse
        self.growths: dict[Room, Growth] = {}
        self.new_rooms: dict[Room, int] = {}  # written in for the first time, with their ids


class Staging:
    """The batch of the tick that is being decided."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._next_room_id = log.next_ids()[1]
        #: Messages on their way into the log: who said it, where, under which mid, and the text. Plain tuples for the
        #: reason told at `records.NewMessage`.
        self.posts: list[tuple[Session, Room, Person, str, str]] = []
        self.logins: list[StagedLogin] = []
        self.renames: list[StagedRename] = []
        self.seen: list[PersonRow] = []

    def __bool__(self) -> bool:
        return bool(self.posts or self.logins or self.renames or self.seen)

    def clear(self) -> None:
        """Begin the next tick."""
        self.posts, self.logins, self.renames, self.seen = [], [], [], []

    def sessions(self) -> Iterator[tuple[Session, str | None]]:
        """List who waits for this commit, in order, with the ref of what is waited for."""
        for login in self.logins:
            yield login.session, login.hello.ref
        for rename in self.renames:
            yield rename.session, rename.ref
        for session, _, _, mid, _ in self.posts:
            yield session, mid

    def commit(self, unix_ms: int) -> Outcome:
        """Write all that is staged in one transaction. Raises StorageError: then nothing of it was kept."""
        try:
            return self._try_commit(unix_ms, None)
        except MidTakenError:
            known = self._log.find_mids([(person.id, mid) for _, _, person, mid, _ in self.posts])
            return self._try_commit(unix_ms, known)

    def _try_commit(self, unix_ms: int, known: dict[tuple[int, str], StoredPost] | None) -> Outcome:
        batch = Batch()
        for claim in (*(login.admission.claim for login in self.logins), *(rename.claim for rename in self.renames)):
            if claim.lapsed is not None:
                batch.lapsed.append(claim.lapsed)
        if self._log.is_writable():
            # One who has just gone, and whose name has lapsed and is somebody else's now, is written no more.
            batch.people += [row for row in self.seen if row.id not in batch.lapsed]
        for login in self.logins:
            # To write down that somebody was seen is no reason to keep them out while the disk is full.
            if not login.admission.is_known or self._log.is_writable():
                batch.people.append(login.admission.claim.row)
        batch.people += [rename.claim.row for rename in self.renames]
        outcome = self._settle(batch, unix_ms, known)
        batch.rooms += [(room_id, room.name, room.key) for room, room_id in outcome.new_rooms.items()]
        if batch:
            self._log.commit(batch)
        for room, room_id in outcome.new_rooms.items():
            room.id = room_id
        self._next_room_id += len(outcome.new_rooms)
        return outcome

    def _settle(self, batch: Batch, unix_ms: int, known: dict[tuple[int, str], StoredPost] | None) -> Outcome:
        """Give every new message its seq and time, in the order of the posts, and build what is to be said."""
        outcome = Outcome()
        replies, growths = outcome.replies, outcome.growths
        rows: list[NewMessage] = []
        for session, room, person, mid, text in self.posts:
            stored = None if known is None else known.get((person.id, mid))
            if stored is not None:
                room_id = outcome.new_rooms.get(room, room.id)
                replies.setdefault(session, []).append(_again(stored, room, room_id, mid, text))
                continue
            growth = growths.get(room)
            if growth is None:
                growth = growths[room] = self._begin(outcome, room, unix_ms)
            growth.head = seq = growth.head + 1
            time = growth.unix_ms
            rows.append((growth.room_id, seq, time, person.id, person.name, mid, text))
            if known is not None:  # the batch may hold it twice
                known[person.id, mid] = StoredPost(growth.room_id, seq, time, text)
            payload = relay.encode_message(room.quoted, seq, time, person.quoted, mid, text)
            growth.frames.append(encode_frame(payload))
            reply = relay.encode_posted(mid, room.quoted, seq, time, is_duplicate=False)
            replies.setdefault(session, []).append(encode_frame(reply))
        batch.messages = rows
        return outcome

    def _begin(self, outcome: Outcome, room: Room, unix_ms: int) -> Growth:
        """Open the growth of a room that is written in for the first time in this tick; its clock never goes back."""
        if not room.id:
            outcome.new_rooms[room] = self._next_room_id + len(outcome.new_rooms)
        return Growth(room.id or outcome.new_rooms[room], room.head, max(unix_ms, room.last_unix_ms))


def _again(stored: StoredPost, room: Room, room_id: int, mid: str, text: str) -> bytes:
    """Answer a mid that is stored already: the same message again, or another one under the same mid."""
    if stored.room_id != room_id or stored.text not in (None, text):
        reuse = Refusal("mid_reuse", "This mid was used for another message. Give each message its own.", ref=mid)
        return error_frame(reuse, is_fatal=False)
    return encode_frame(relay.encode_posted(mid, room.quoted, stored.seq, stored.unix_ms, is_duplicate=True))
