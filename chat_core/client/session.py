"""The client's side of the protocol for one person at one server: login, outbox, cursors, resume.

Pure: payloads in, payloads and events out. No socket, no clock, no disk: bytes are moved and failures become
waiting in `link`; what is to survive is noted with a `Store`. Rooms are joined and left in `membership`. The
specification is docs/protocol.md.

The theory. A session outlives its connections. What it wants (rooms, each with its cursor) and owes (the
outbox) stays; everything else belongs to the connection and is forgotten with it. So there is one way to
recover from anything: drop the connection and come back, with `hello` and the token, `join` at every cursor,
and the outbox from the front. Sending twice is safe, for the server knows a message by its mid; showing twice
or out of order cannot happen, for only the message after the cursor is ever shown.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Callable, Iterable

from chat_core import limits, messages
from chat_core.client import endings, ephemeral, events
from chat_core.client.asking import Asked, Asking
from chat_core.client.endings import Ending
from chat_core.client.ephemeral import Ephemeral
from chat_core.client.kept import OutboxEntry, Store
from chat_core.client.membership import Membership
from chat_core.client.outbox import Outbox, Sending, make_mid, make_token, readable
from chat_core.client.room import Phase, Room
from chat_core.errors import FATAL_CODES, GeneralReceiveFailure, Refusal, UnicodeDecodeFailure
from chat_core.names import person_name
from chat_core.strict_json import NotTextError

__all__ = ["Session"]

#: What a server may say to somebody who is not logged in.
_BEFORE_WELCOME = (messages.Welcome, messages.ErrorReply, messages.Goodbye, messages.Ping, messages.Pong)


class Session:
    """One person at one server.

    `connected` starts a connection's part; then payloads go into `receive` and come out of `take_outgoing`
    until `ending` is set or the connection is lost, which `disconnected` is told. User requests may come at
    any time; the events that they cause are taken with `take_events`.

    `random_bits` returns an integer of that many random bits. `rooms` are wanted from the start, beside those
    that the store knows. Raises Refusal when the name or a room's name cannot be one.
    """

    def __init__(
        self,
        name: str,
        install: str,
        store: Store,
        random_bits: Callable[[int], int],
        *,
        rooms: Iterable[str] = (),
        agent: str | None = None,
    ) -> None:
        self.name = person_name(name).shown
        self.ending: Ending | None = None
        self._install = install
        self._agent = agent
        self._store = store
        self._random_bits = random_bits
        self._is_welcome = False
        self._wants_quit = self._has_quit = False
        self._frame_bytes_max = limits.CLIENT_FRAME_BYTES_MAX
        self._events: list[events.ClientEvent] = []
        self._asking = Asking()
        self._ephemeral = Ephemeral(self._asking)
        kept = store.load()
        self._epoch = kept.epoch or None
        self._token = kept.token
        self._members = Membership(kept.rooms, store, self._asking, self._events)
        self._outbox = Outbox()
        for entry in kept.outbox:
            self._outbox.add(self._members.want(entry.room).key, entry)
        self._has_chosen = False
        for spelled in rooms:
            self.join(spelled)
        members = self._members
        self._handlers: dict[type, Callable[[Any], None]] = {
            messages.Welcome: self._on_welcome,
            messages.Joined: members.on_joined,
            messages.Message: self._on_message,
            messages.Live: members.on_live,
            messages.Posted: self._on_posted,
            messages.Presence: members.on_presence,
            messages.PeopleTyping: members.on_typing,
            messages.PeopleAway: members.on_away,
            messages.Gone: members.on_gone,
            messages.Left: members.on_left,
            messages.HistoryPage: self._on_history,
            messages.WhoPage: members.on_who,
            messages.RoomsPage: self._on_rooms,
            messages.Renamed: self._on_renamed,
            messages.Ping: self._on_ping,
            messages.ErrorReply: self._on_error,
            messages.Goodbye: self._on_goodbye,
        }

    # --- the connection, for the link -----------------------------------------------------------

    @property
    def is_logged_in(self) -> bool:
        """Whether the server has said welcome on this connection."""
        return self._is_welcome

    def connected(self) -> None:
        """Begin a connection: the login is the first thing to be sent."""
        self.disconnected()
        self.ending = None
        if self._token is None:
            # Made here and kept before it is shown: a token made by the server would be lost with a connection
            # that breaks before the welcome arrives, and the name with it.
            self._token = make_token(self._random_bits)
            self._store.keep_login("", self._token, self.name)
        self._asking.say(
            messages.Hello(limits.PROTOCOL_VERSION, self.name, self._install, token=self._token, agent=self._agent)
        )

    def disconnected(self) -> None:
        """Forget what belonged to the connection; what was sent and not acknowledged waits again."""
        self._is_welcome = self._wants_quit = self._has_quit = False
        self._asking.clear()
        self._ephemeral.disconnected()
        self._outbox.withdraw_all()
        self._members.disconnected()

    def receive(self, payload: bytes) -> list[events.ClientEvent]:
        """Take in one payload and return what has happened, in order; then look at `ending`. Never raises."""
        if self.ending is None:
            try:
                event = messages.decode_event(payload)
                if event is not None:  # else a type of a newer version, to be ignored
                    self._handle(event)
            except NotTextError as error:
                self.ending = Ending(wants_retry=True, failure=UnicodeDecodeFailure(error.text))
            except Refusal as refusal:
                self._breach(refusal.text)
        return self.take_events()

    def take_events(self) -> list[events.ClientEvent]:
        """Return what has happened since the last time, in order."""
        taken = self._events.copy()
        self._events.clear()
        return taken

    def note_handled(self) -> None:
        """Take all events that were given out as handled: from here on their messages need not be shown again."""
        self._members.note_cursors()

    def take_outgoing(self, bytes_max: int, *, with_posts: bool = True) -> list[bytes]:
        """Return payloads to send, in order, until they are `bytes_max` bytes or one payload more.

        What is returned counts as sent. Ask for no posts while the store could not put them on disk.
        """
        if self._has_quit:
            return []
        taken = self._asking.take(bytes_max)
        size = sum(map(len, taken))
        if with_posts and self._is_welcome:
            self._take_posts(taken, bytes_max - size)
            size = sum(map(len, taken))
        if self._wants_quit and size < bytes_max:
            self._has_quit = True
            taken.append(messages.encode(messages.Quit()))
        return taken

    def _take_posts(self, taken: list[bytes], bytes_max: int) -> None:
        too_large = []
        size = 0
        for sending in self._outbox.sendable(self._is_in):
            if size >= bytes_max:
                break
            entry = sending.entry
            payload = messages.encode(messages.Post(self._members.rooms[sending.room_key].shown, entry.mid, entry.text))
            if len(payload) > self._frame_bytes_max:
                too_large.append(sending)
                continue
            self._outbox.mark_sent(sending)
            taken.append(payload)
            size += len(payload)
        if size:
            self._ephemeral.posted()
        for sending in too_large:
            self._refuse(sending, "text_too_long", "The message is larger than this server takes.")

    def _is_in(self, room_key: str) -> bool:
        return self._members.rooms[room_key].phase is Phase.IN

    # --- what the person asks for ---------------------------------------------------------------

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        """The messages not yet known to be stored, oldest first."""
        return self._outbox.entries

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms one is in on this connection."""
        return tuple(room.shown for room in self._members.rooms.values() if room.phase is Phase.IN)

    @property
    def wanted_rooms(self) -> tuple[str, ...]:
        """The rooms one wants to be in, now or on return."""
        return tuple(room.shown for room in self._members.rooms.values() if not room.is_unwanted)

    def post(self, room: str, text: str, unix_ms: int) -> str:
        """Put a message to a wanted room into the outbox and return its mid; it is sent when that is possible.

        Raises Refusal when it can never be accepted.
        """
        text = readable(text)
        wanted = self._members.find(room)
        if wanted is None or wanted.is_unwanted:
            raise Refusal("not_in_room", f"You are not in a room called {room!r}.")
        entry = OutboxEntry(make_mid(unix_ms, self._random_bits), wanted.shown, text)
        self._store.keep_post(entry)
        self._outbox.add(wanted.key, entry)
        self._ephemeral.away(is_away=False)
        return entry.mid

    def join(self, room: str) -> None:
        """Want to be in a room, now and after every return. Raises Refusal when its name cannot be one."""
        wanted = self._members.want(room)
        self._has_chosen = True
        if self._is_welcome:
            self._members.join(wanted)

    def leave(self, room: str) -> None:
        """Want to be in a room no more; what was written to it is sent first. Raises Refusal as `join` does."""
        self._has_chosen = True
        unwanted = self._members.find(room)
        if unwanted is not None and not unwanted.is_unwanted:
            unwanted.is_unwanted = True
            if not self._outbox.of_room(unwanted.key):
                self._members.leave(unwanted)

    def typing(self, room: str, now: float) -> None:
        """Tell the others in a room that one is writing, as long as one is in it; see `Link.typing`."""
        shared = self._members.find(room)
        if shared is not None and shared.phase is Phase.IN:
            self._ephemeral.typing(shared.shown, now)

    def away(self, *, is_away: bool) -> None:
        """Have it told that nobody is in front of this client, or somebody again; see `Link.away`."""
        self._ephemeral.away(is_away=is_away)

    def keep_up(self, now: float) -> None:
        """Say what is due by this time, in monotonic seconds."""
        self._ephemeral.keep_up(now)

    def request_history(self, room: str, before: int, limit: int = limits.JOIN_LAST_DEFAULT) -> None:
        """Ask for the `limit` (1..200) messages before a seq. Raises Refusal as `join` does.

        Like `request_rooms` and `rename` this is a question of the moment: while it cannot be asked it is
        refused with an event, not kept.
        """
        asked = self._members.find(room)
        if asked is None or asked.phase is not Phase.IN:
            self._cannot_ask("not_in_room", f"You are not in the room {room!r} at the moment.", room)
            return
        shown, limit = asked.shown, max(1, min(limit, limits.HISTORY_LIMIT_MAX))
        self._asking.ask(lambda ref: messages.HistoryRequest(shown, before, limit, ref=ref), asked)

    def request_rooms(self) -> None:
        """Ask for the public rooms, the fullest 500 of them."""
        if self._is_welcome:
            self._asking.ask(lambda ref: messages.RoomsRequest(ref=ref))
        else:
            self._cannot_ask("not_welcome", endings.OFFLINE)

    def rename(self, name: str) -> None:
        """Ask for another name. Raises Refusal when it cannot be one."""
        shown = person_name(name).shown
        if self._is_welcome:
            self._asking.ask(lambda ref: messages.Rename(shown, ref=ref))
        else:
            self._cannot_ask("not_welcome", endings.OFFLINE)

    def _cannot_ask(self, code: str, reason: str, room: str | None = None) -> None:
        self._events.append(events.RequestRefused(code, reason, is_fatal=False, room=room))

    def ping(self) -> None:
        """Ask the server for a sign of life. Says nothing before the welcome, for `hello` comes first."""
        if self._is_welcome:
            self._asking.say(messages.Ping())

    def quit(self) -> None:
        """Leave politely as soon as every message that can be sent has been; does nothing when offline."""
        self._wants_quit = self._is_welcome

    # --- what the server says -------------------------------------------------------------------

    def _breach(self, detail: str) -> None:
        self.ending = Ending(wants_retry=True, failure=GeneralReceiveFailure(detail))

    def _handle(self, event: messages.Event) -> None:
        if isinstance(event, _BEFORE_WELCOME):
            if isinstance(event, messages.Welcome) and self._is_welcome:
                self._breach("a second welcome")
                return
        elif not self._is_welcome:
            self._breach(f"{event.type!r} before the welcome")
            return
        handler = self._handlers.get(type(event))
        if handler is not None:  # a pong needs none: that something came is all it says
            handler(event)

    def _on_welcome(self, welcome: messages.Welcome) -> None:
        if welcome.protocol != limits.PROTOCOL_VERSION:
            self._end_login("protocol_version", "The server speaks another version of the protocol.")
            return
        if not _is_name(welcome.name):
            self._breach("a welcome under a name that is none")
            return
        self._is_welcome = True
        is_new_log = self._epoch not in (None, welcome.epoch)
        if is_new_log:
            self._members.forget_cursors()
        if (self._epoch, self._token, self.name) != (welcome.epoch, welcome.token, welcome.name):
            self._epoch, self._token, self.name = welcome.epoch, welcome.token, welcome.name
            self._store.keep_login(welcome.epoch, welcome.token, welcome.name)
        self._outbox.window = min(limits.WINDOW, welcome.limits.window)
        self._frame_bytes_max = min(limits.CLIENT_FRAME_BYTES_MAX, welcome.limits.frame_bytes)
        self._ephemeral.welcomed(welcome.features or ())
        self._events.append(events.LoggedIn(self.name, welcome.server, welcome.motd, welcome.rooms, is_new_log))
        if not self._has_chosen and not self._members.rooms:
            for spelled in welcome.rooms[: limits.ROOMS_PER_CONNECTION_MAX]:
                with suppress(Refusal):  # a name that is none: there is nobody to tell, and other rooms to go to
                    self.join(spelled)
        for room in self._members.rooms.values():
            self._members.join(room)

    def _on_message(self, message: messages.Message) -> None:
        room = self._members.room_in(message.room)
        if room is None:
            return  # of a room that is being left
        due = (room.cursor or 0) + 1
        if message.seq > due:
            self._breach(f"message {message.seq} of a room instead of {due}")
        elif message.seq == due:
            self._members.advance(room, due)
            is_own = due in room.own_seqs
            room.own_seqs.discard(due)
            sending = self._outbox.get(message.mid)
            if sending is not None and (message.sender, room.key) != (self.name, sending.room_key):
                sending = None  # a mid is only its sender's name for a message: somebody else may use the same
            if sending is not None:  # the message itself says what `posted` would
                is_own = True
                self._events.append(events.PostStored(message.mid, room.shown, due))
            self._events.append(events.MessageArrived(message, is_own))
            if sending is not None:
                self._drop(sending)

    def _on_posted(self, reply: messages.Posted) -> None:
        sending = self._outbox.get(reply.mid)
        if sending is None:
            return  # its own message came first
        room = self._members.rooms[sending.room_key]
        if reply.seq > (room.cursor or 0):
            room.own_seqs.add(reply.seq)
        self._events.append(events.PostStored(reply.mid, room.shown, reply.seq))
        self._drop(sending)

    def _on_history(self, page: messages.HistoryPage) -> None:
        self._asking.answered(page.ref)
        self._events.append(events.HistoryArrived(page.room, page.messages, page.more))

    def _on_rooms(self, page: messages.RoomsPage) -> None:
        self._asking.answered(page.ref)
        total = len(page.rooms) if page.total is None else page.total  # which older servers do not tell
        self._events.append(events.RoomsArrived(page.rooms, total))

    def _on_renamed(self, reply: messages.Renamed) -> None:
        self._asking.answered(reply.ref)
        if not _is_name(reply.name):
            self._breach("a new name that is none")
            return
        self.name = reply.name
        self._store.keep_login(self._epoch or "", self._token or "", self.name)
        self._events.append(events.NameChanged(self.name))

    def _on_ping(self, ping: messages.Ping) -> None:
        if self._is_welcome:
            self._asking.answer_ping(messages.Pong(ping.nonce))

    def _on_goodbye(self, goodbye: messages.Goodbye) -> None:
        self._events.append(events.SaidGoodbye(goodbye.reason, endings.goodbye_sentence(goodbye.reason)))
        is_final = goodbye.reason in endings.FINAL_GOODBYES
        self.ending = Ending(not is_final, goodbye.retry or 0.0, is_replaced=goodbye.reason == "replaced")

    # --- refusals -------------------------------------------------------------------------------

    def _end_login(self, code: str, text: str, retry_s: float = 0.0) -> None:
        self._events.append(events.RequestRefused(code, text, is_fatal=True))
        self.ending = Ending(code in endings.PASSING_CODES, retry_s)

    def _on_error(self, error: messages.ErrorReply) -> None:
        if not self._is_welcome:
            self._end_login(error.code, error.text, error.retry or 0.0)
            return
        sending = self._outbox.get(error.ref)
        asked = self._asking.answered(error.ref)
        if error.fatal or error.code in FATAL_CODES or (sending and error.retry is not None):
            # Nothing is given up: what was asked for is asked for again after the return. That a message may
            # succeed later means the same even where the server does not close: its place in the order is now.
            room = asked.room.shown if asked and asked.room else sending.entry.room if sending else None
            self._events.append(events.RequestRefused(error.code, error.text, is_fatal=True, room=room))
            self.ending = Ending(wants_retry=True, retry_s=error.retry or 0.0)
        elif sending:
            self._on_post_refused(sending, error)
        elif asked and asked.room:
            self._on_room_refused(asked, asked.room, error)
        elif error.ref != ephemeral.REF:
            self._events.append(events.RequestRefused(error.code, error.text, is_fatal=False))

    def _on_post_refused(self, sending: Sending, error: messages.ErrorReply) -> None:
        if error.code == "not_in_room" and not sending.has_rejoined:
            # We think we are in it: so come in again and say it again, but only once for each message.
            sending.has_rejoined = True
            self._outbox.withdraw(sending)
            room = self._members.rooms[sending.room_key]
            if room.phase is Phase.IN:
                room.phase = Phase.OUT
                self._members.join(room)
        else:
            self._refuse(sending, error.code, error.text)

    def _on_room_refused(self, asked: Asked, room: Room, error: messages.ErrorReply) -> None:
        if asked.kind in (messages.Join, messages.Leave):
            if room.request_ref != error.ref:
                return  # another request about the room has overtaken it
            if asked.kind is messages.Join:
                room.is_unwanted = False  # so that its last message does not leave it as well
                for sending in self._outbox.of_room(room.key):
                    self._refuse(sending, error.code, error.text)
            self._members.drop(room)
            if asked.kind is messages.Leave:
                return  # out of it is what was asked for
        elif asked.kind is messages.WhoRequest:
            room.roster.end_round()
            return  # the person has not asked for it
        self._events.append(events.RequestRefused(error.code, error.text, is_fatal=False, room=room.shown))

    def _refuse(self, sending: Sending, code: str, reason: str) -> None:
        entry, room = sending.entry, self._members.rooms[sending.room_key].shown
        self._drop(sending)
        self._events.append(events.PostRefused(entry.mid, room, entry.text, code, reason))

    def _drop(self, sending: Sending) -> None:
        """Take a message out of the outbox, and leave its room if that was only waiting for it."""
        self._store.forget_post(sending.entry.mid)
        self._outbox.remove(sending)
        room = self._members.rooms[sending.room_key]
        if room.is_unwanted and not self._outbox.of_room(room.key):
            self._members.leave(room)


def _is_name(text: str) -> bool:
    """Whether a server calls somebody by what can be a name: files and the next login are called after it."""
    try:
        person_name(text)
    except Refusal:
        return False
    return True
