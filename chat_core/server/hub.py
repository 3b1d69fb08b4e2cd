"""The hub: the rules of the chat. Requests come in, replies are queued, what must last is staged.

Pure. It knows sessions, people and rooms, and no socket, clock or file: time comes in with `begin`, the log and
the secrets are handed in, bytes leave through outlets. How messages reach members is `room`, what is written at
the end of a tick is `staging`, who owns a name is `people`. The specification is docs/protocol.md.

A tick calls, in this order: `begin`, any number of `receive` / `resume` / `forget`, `commit`, `deliver`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, ClassVar

from chat_core import limits, messages, names, relay
from chat_core.errors import Refusal, StorageError, storage_refusal
from chat_core.messages import (
    Away,
    Hello,
    HistoryRequest,
    Join,
    Leave,
    Ping,
    Pong,
    Post,
    Quit,
    Rename,
    Renamed,
    RoomsRequest,
    ServerLimits,
    Typing,
    Welcome,
    WhoRequest,
)  # fmt: skip
from chat_core.server.ephemeral import FEATURES, Ephemeral
from chat_core.server.feeding import Feeding
from chat_core.server.pages import RoomList, history_frame
from chat_core.server.people import People, Person
from chat_core.server.records import RoomRow
from chat_core.server.retention import KEEP_ALL, Pruning, Retention
from chat_core.server.room import Member, Room
from chat_core.server.session import Outlet, Session
from chat_core.server.staging import StagedLogin, StagedRename, Staging
from chat_core.server.tail import TailSpace
from chat_core.server.telling import Telling, make_up

if TYPE_CHECKING:
    from chat_core.messages import Request
    from chat_core.server.records import Log

__all__ = ["Hub", "HubOptions", "Movement"]

_PONG = messages.encode(Pong())
_LIMITS = ServerLimits(
    limits.CLIENT_FRAME_BYTES_MAX, limits.TEXT_CHARS_MAX, limits.WINDOW, limits.ROOMS_PER_CONNECTION_MAX,
    int(limits.PING_AFTER_S),
)  # fmt: skip


@dataclass(frozen=True)
class HubOptions:
    """What whoever runs the server decides. `rate_per_s` is posts a second and person, 0 for no limit.

    With `has_ephemeral`, people are told who is writing and who is away.
    """

    title: str = "Chat"
    motd: str = ""
    rooms: tuple[str, ...] = (limits.DEFAULT_ROOM,)
    rate_per_s: float = limits.RATE_PER_S_DEFAULT
    retention: Retention = KEEP_ALL
    has_ephemeral: bool = True


@dataclass(frozen=True)
class Movement:
    """Somebody came online, went, or took another name: for the console."""

    came: str | None = None
    went: str | None = None


class Hub:
    """Everything the server knows between two ticks. Raises StorageError when the log cannot be read at the start."""

    def __init__(self, log: Log, options: HubOptions, new_token: Callable[[], str]) -> None:
        self._log = log
        self._options = options
        self.people = People(log, new_token)
        self._staging = Staging(log)
        self._space = TailSpace()
        self.rooms: dict[str, Room] = {row.key: Room(row, log, self._space) for row in log.rooms()}
        #: The same by their names as they are spelled, as clients mostly do: those are not normalised again.
        self._spelled = {room.name: room for room in self.rooms.values()}
        self._pruning = Pruning(log, options.retention)
        self._now = 0.0
        self._unix_ms = 0
        self._feeding = Feeding()
        self._deserted: dict[Room, None] = {}  # that somebody was the last to leave
        self._room_list = RoomList()
        self._ephemeral = Ephemeral(is_on=options.has_ephemeral)
        self._telling = Telling(self._ephemeral)
        self.movements: list[Movement] = []  # since whoever reads them last emptied the list
        self._is_failing = False  # the last commit did
        self.troubles: list[str] = []  # what whoever runs the server should know, since the list was last emptied
        self.messages_stored = 0  # since the start

    # --- the tick ---

    def begin(self, now: float, unix_ms: int) -> None:
        """Begin a tick: `now` is monotonic seconds, `unix_ms` the wall clock for people to read."""
        self._now = now
        self._unix_ms = unix_ms

    def receive(self, session: Session, payload: bytes) -> bool:
        """Take one payload. False: take no more from this session before the next tick."""
        person = session.person
        if person is not None:
            post = relay.read_post(payload)
            # As `_take` would, without building it first. A post may always be staged, and a pong has no reply: neither
            # has to wait for what is staged already. A session that is over is not read.
            if post is not None:
                room, mid, text = post
                try:
                    self._stage(session, person, room, mid, text)
                except Refusal as refusal:
                    refusal.ref = mid
                    return self.reject(session, refusal)
                return session.resume_at <= self._now
            if payload == _PONG:
                return True  # by far the most of what ten thousand idle people say
        try:
            request = messages.decode_request(payload)
        except Refusal as refusal:
            if session.person is None and refusal.code != "bad_json" and refusal.about != Hello.type:
                return self.reject(session, _not_welcome(refusal.ref))
            return self.reject(session, refusal)
        return self._take(session, request)

    def reject(self, session: Session, refusal: Refusal) -> bool:
        """Answer something that is no request; returns as `receive` does. Replies keep the order of the requests."""
        if session.has_staged:
            session.held = refusal
            return False
        self.refuse(session, refusal)
        return not session.is_over

    def resume(self, session: Session) -> bool:
        """Take what had to wait for the last commit, if there is anything; returns as `receive` does."""
        held, session.held = session.held, None
        if held is None:
            return True
        return self.reject(session, held) if isinstance(held, Refusal) else self._take(session, held)

    def _take(self, session: Session, request: Request) -> bool:
        if session.has_staged and type(request) is not Post:
            session.held = request
            return False
        try:
            if session.person is None:
                self._login(session, request)
                return False  # whatever follows is for the one who will be logged in
            self._rules[type(request)](self, session, session.person, request)
        except Refusal as refusal:
            refusal.ref = messages.ref_of(request)
            return self.reject(session, refusal)
        except StorageError as error:
            return self.reject(session, storage_refusal(error, messages.ref_of(request)))
        # What follows a rename is said under the new name.
        return not session.is_over and session.resume_at <= self._now and type(request) is not Rename

    def commit(self) -> None:
        """Write what this tick staged, then say what came of it. Readers notice nothing of a commit that fails."""
        if not self._staging:
            return
        for session, _ in self._staging.sessions():
            session.has_staged = False
        try:
            outcome = self._staging.commit(self._unix_ms)
        except StorageError as error:
            if not self._is_failing:  # told once, not for each of the hundreds that come back meanwhile
                self._is_failing = True
                self.troubles.append(f"Messages cannot be stored: {error}. It is tried again by itself.")
            known = {login.session: login for login in self._staging.logins if login.admission.is_known}
            for session, ref in self._staging.sessions():
                if session in known:
                    self._welcome(known[session])
                else:
                    self.refuse(session, storage_refusal(error, ref))
        else:
            self._is_failing = self._is_failing and not self._log.is_writable()
            for session, replies in outcome.replies.items():
                if not session.has_last_word:  # one that has only closed its sending side still hears
                    session.outlet.put(b"".join(replies))
            if self._ephemeral:
                self._ephemeral.posted(outcome.replies)
            for room, growth in outcome.growths.items():
                self.messages_stored += len(growth.frames)
                room.deliver(growth.frames, growth.unix_ms)
            for login in self._staging.logins:
                self._welcome(login)
            for rename in self._staging.renames:
                self._renamed(rename)
        self.people.settle()
        self._staging.clear()

    def deliver(self) -> None:
        """Tell who came, went, writes or is away, and feed those who are behind, within the tick's budget."""
        self._telling.tell(self._now)
        for session, error in self._feeding.feed():
            self.troubles.append(f"Messages cannot be read: {error}.")
            self.refuse(session, storage_refusal(error, None))
        self._forget_deserted()

    def _forget_deserted(self) -> None:
        """Forget the rooms that nobody is in and nobody has written in. After the commit: a post may be its first."""
        for room in self._deserted:
            if not room.members and not room.head:
                self.rooms.pop(room.key, None)
                self._spelled.pop(room.name, None)
                self._telling.forget(room)
        self._deserted.clear()

    def prune(self) -> bool:
        """Take one small step of pruning, between ticks; see `Pruning.step`. Raises StorageError."""
        return self._pruning.step(self.rooms.values(), self._unix_ms)

    @property
    def has_work(self) -> bool:
        """Whether the next tick has something to do even if nothing comes in."""
        return bool(self._feeding)

    def next_telling_at(self) -> float | None:
        """Return when there is something to tell that waits, monotonic seconds; None when nothing waits."""
        return self._telling.next_at()

    # --- sessions ---

    def connected(self, outlet: Outlet) -> Session:
        """Begin a session that has still to log in."""
        return Session(outlet)

    def drained(self, session: Session) -> None:
        """Go on for a session whose queue has fallen below low water."""
        if session.is_over:
            return  # nothing follows a last word
        if session.has_missed_name and session.person is not None:
            session.has_missed_name = False
            session.say(Renamed(session.person.name))
        if session.has_missed_presence:
            make_up(session)
        self._feeding.feed_soon(session)

    def refuse(self, session: Session, refusal: Refusal) -> None:
        """Answer with an error; a fatal one, and any in answer to the first `hello`, ends the session."""
        if session.is_over:
            return
        is_fatal = refusal.is_fatal or session.person is None
        session.refuse(refusal, is_fatal=is_fatal)
        if is_fatal:
            self.forget(session)

    def part(self, session: Session, reason: str, retry_s: int | None = None, ref: str | None = None) -> None:
        """Say goodbye to a session and end it."""
        if not session.is_over:
            session.part(reason, retry_s, ref)
            self.forget(session)

    def forget(self, session: Session) -> None:
        """End a session whose connection is gone or going; what it staged is written all the same."""
        if session.is_over:
            return
        session.is_over = True
        session.held = None
        person = session.person
        if person is None:
            return
        if session in person.sessions:
            person.sessions.remove(session)
        for member in list(session.rooms.values()):
            self._remove(session, person, member)
        self._ephemeral.forget(session, person)
        if not person.sessions:
            self.people.go(person)
            self._staging.seen.append(person.row(self._unix_ms))
            self.movements.append(Movement(went=person.name))

    def touch(self) -> None:
        """Have it written, now and then, that those who are online were seen."""
        self._staging.seen += self.people.touch(self._now, self._unix_ms)

    # --- login and name ---

    def _login(self, session: Session, request: Request) -> None:
        if type(request) is not Hello:
            raise _not_welcome(None)
        if request.protocol != limits.PROTOCOL_VERSION:
            raise Refusal(
                "protocol_version",
                f"This server speaks version {limits.PROTOCOL_VERSION} of the protocol, not {request.protocol}.",
            )
        admission = self.people.admit(request, self._unix_ms)
        self._staging.logins.append(StagedLogin(session, request, admission))
        session.has_staged = True

    def _welcome(self, login: StagedLogin) -> None:
        session, hello = login.session, login.hello
        if session.is_over:
            return  # it went while it was being let in
        person = self.people.enter(login.admission.person)
        if not person.sessions:
            self.movements.append(Movement(came=person.name))
        replaced = next((other for other in person.sessions if other.install == hello.install), None)
        if replaced is not None:
            person.sessions.remove(replaced)
        person.sessions.append(session)
        person.touched_at = self._now
        session.person = person
        session.install = hello.install
        if replaced is not None:
            self.part(replaced, "replaced")
        self._ephemeral.review(person)
        welcome = Welcome(
            limits.PROTOCOL_VERSION, self._options.title, self._log.epoch, person.name, login.admission.token,
            self._unix_ms, self._options.rooms, _LIMITS, self._options.motd,
            FEATURES if self._options.has_ephemeral else None, hello.ref,
        )  # fmt: skip
        session.say(welcome)

    def _rename(self, session: Session, person: Person, request: Rename) -> None:
        name, claim = self.people.claim(person, request.name, self._unix_ms)
        self._pace(session, person)
        self._staging.renames.append(StagedRename(session, person, name, claim, request.ref))
        session.has_staged = True

    def _renamed(self, rename: StagedRename) -> None:
        person = self.people.current(rename.person)
        if person is None:
            return  # it went meanwhile; the name is written and is its own when it comes back
        rooms = {member.room: None for session in person.sessions for member in session.rooms.values()}
        old = (person.key, person.name)
        for room in rooms:
            room.note(person)
        self.people.rename(person, rename.name)
        for room in rooms:
            room.rename(person, old)
            self._telling.stir(room)
        for session in person.sessions:
            is_own = session is rename.session
            session.has_missed_name = not is_own and session.outlet.queued_bytes >= limits.HIGH_WATER_BYTES
            if not session.has_missed_name:
                session.say(Renamed(person.name, rename.ref if is_own else None))
        self.movements.append(Movement(came=person.name, went=old[1]))

    # --- rooms ---

    def _join(self, session: Session, person: Person, request: Join) -> None:
        if request.after is not None and request.last is not None:
            raise Refusal("bad_request", "A join has either 'after' or 'last', not both.")
        name = names.room_name(request.room)
        member = session.rooms.get(name.key)
        if member is not None:  # again: delivery goes on where it was
            room = member.room
            cursor = room.head if member.is_live else max(member.cursor, room.first - 1)
            session.outlet.put(room.joined_frame(cursor, is_reset=False, ref=request.ref))
            member.wants_live = True
            member.fall_behind(cursor)
            self._feeding.feed_soon(session)
            return
        if len(session.rooms) >= limits.ROOMS_PER_CONNECTION_MAX:
            raise Refusal(
                "room_limit",
                f"You are in {limits.ROOMS_PER_CONNECTION_MAX} rooms, the most one may be in. Leave one first.",
            )
        known = self.rooms.get(name.key)
        if known is None:
            if len(self.rooms) >= limits.ROOMS_MAX:
                raise Refusal("room_limit", "This server has as many rooms as it can hold. Use one that is there.")
            if request.room not in self._options.rooms:
                self._pace(session, person)
            known = Room(RoomRow(0, name.shown, name.key, 0, 1, 0), self._log, self._space)
            self.rooms[name.key] = self._spelled[known.name] = known
        room = known
        is_reset = request.after is not None and request.after > room.head
        if request.after is not None and not is_reset:
            cursor = request.after
        else:
            cursor = room.head - (limits.JOIN_LAST_DEFAULT if request.last is None else request.last)
        cursor = max(cursor, room.first - 1)
        member = room.add(session, person, cursor)
        session.outlet.put(room.joined_frame(cursor, is_reset=is_reset, ref=request.ref))
        self._telling.stir(room)
        self._feeding.feed_soon(session)

    def _leave(self, session: Session, person: Person, request: Leave) -> None:
        member = self._member(session, request.room)
        self._remove(session, person, member)
        session.say(messages.Left(member.room.name, request.ref))

    def _remove(self, session: Session, person: Person, member: Member) -> None:
        room = member.room
        room.remove(member, person)
        self._telling.stir(room)
        if not room.members:
            self._deserted[room] = None

    def _member(self, session: Session, text: str) -> Member:
        """Find the membership a request is about. Raises Refusal: room_invalid, not_in_room."""
        room = self._spelled.get(text)
        member = session.rooms.get(names.room_name(text).key if room is None else room.key)
        if member is None:
            raise Refusal("not_in_room", f"You are not in the room {text}. Join it first.")
        return member

    def _who(self, session: Session, person: Person, request: WhoRequest) -> None:
        session.say(self._member(session, request.room).room.who(request.offset, request.ref))

    def _rooms(self, session: Session, person: Person, request: RoomsRequest) -> None:
        session.say(self._room_list.page(self.rooms.values(), request, self._now))

    # --- messages ---

    def _post(self, session: Session, person: Person, post: Post) -> None:
        self._member(session, post.room)  # first: that one is not in a room is said before anything of the text
        messages.check_text(post.text)
        self._stage(session, person, post.room, post.mid, post.text)

    def _stage(self, session: Session, person: Person, room: str, mid: str, text: str) -> None:
        member = self._member(session, room)
        self._staging.posts.append((session, member.room, person, mid, text))
        session.has_staged = True
        self._pace(session, person)

    def _pace(self, session: Session, person: Person) -> None:
        """Note when a person may go on (the generic cell rate algorithm: ITU-T I.371), after a burst's worth.

        Counted is what leaves something behind for good: posts, new rooms, new names.
        """
        if not self._options.rate_per_s:
            return
        earliest = self._now - limits.RATE_BURST_S
        person.due_at = max(person.due_at, earliest) + 1 / self._options.rate_per_s
        if person.due_at > self._now:
            session.resume_at = max(person.due_at, self._now + limits.RATE_NAP_S)

    def _history(self, session: Session, person: Person, request: HistoryRequest) -> None:
        room = self._member(session, request.room).room
        session.outlet.put(history_frame(self._log, room, request))

    # --- of the moment ---

    def _typing(self, session: Session, person: Person, request: Typing) -> None:
        self._ephemeral.typing(session, self._member(session, request.room).room, self._now)

    def _away(self, session: Session, person: Person, request: Away) -> None:
        self._ephemeral.away(session, person, self._now, is_away=request.away)

    # --- the rest ---

    def _ping(self, session: Session, person: Person, request: Ping) -> None:
        session.say(Pong(request.nonce, request.ref))

    def _pong(self, session: Session, person: Person, request: Pong) -> None:
        """Nothing to do: that bytes came was noted when they did."""

    def _second_hello(self, session: Session, person: Person, request: Hello) -> None:
        raise Refusal("bad_request", "You are logged in already.")

    def _quit(self, session: Session, person: Person, request: Quit) -> None:
        self.part(session, "bye", ref=request.ref)

    _rules: ClassVar[dict[type[object], Callable[..., None]]] = {
        Hello: _second_hello,
        Join: _join,
        Leave: _leave,
        Post: _post,
        HistoryRequest: _history,
        WhoRequest: _who,
        RoomsRequest: _rooms,
        Rename: _rename,
        Typing: _typing,
        Away: _away,
        Ping: _ping,
        Pong: _pong,
        Quit: _quit,
    }


def _not_welcome(ref: str | None) -> Refusal:
    return Refusal("not_welcome", "Say hello first.", ref=ref)
