"""The link to one server: connect, move bytes, notice silence, come back. `poll(now)` in, events out.

What the bytes say is `session`, what survives is the store's. Nothing here blocks but `wait`, which only
programs without a window call. Time, chance and the network are handed in; `open_link` puts the real ones together.

The theory. One state machine over `LinkState`, moved only by `poll` and by what its user asks for. Whatever goes
wrong with a connection has one consequence: drop it, tell why, wait (`backoff`) and come back. A poll saves first
and reads afterwards: what it has read counts as shown only when the next one begins, so a program that dies in
between is shown those messages again instead of never.
"""

from __future__ import annotations

import logging
import random
import secrets
import selectors
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, final

from chat_core import __version__, limits
from chat_core.client.backoff import Backoff
from chat_core.client.events import LinkState, StateChanged
from chat_core.client.saving import Saving
from chat_core.client.session import Session
from chat_core.client.settings import SettingsFile
from chat_core.client.store import SqliteStore
from chat_core.errors import (
    ChatError,
    ConnectionAborted,
    ConnectionFailure,
    ConnectionReset,
    FrameSizeError,
    GeneralReceiveFailure,
    SystemFailure,
)
from chat_core.folders import user_data_folder
from chat_core.framing import encode_frame
from chat_core.net.clock import wall_unix_ms
from chat_core.net.connection import Connection
from chat_core.net.dialer import Dialer, Dialing, DialStage, Lookup

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from chat_core.client.events import ClientEvent
    from chat_core.client.kept import OutboxEntry, Store

__all__ = ["Link", "open_link"]

_log = logging.getLogger(__name__)

#: From connected to welcome. A server that ten thousand clients come back to at once needs a second or two.
_WELCOME_TIMEOUT_S = 10.0
#: From `quit` to the server's own; the person who closes the window waits for it.
_LEAVE_TIMEOUT_S = 2.0
#: Online for this long, and coming back is tried quickly a few times before the waits grow: mostly the server is just
#: being restarted. After less there are fewer quick tries, so that one that throws everybody out is not stormed.
_LASTING_S = 1.0
_QUICK_TRIES = 4
_QUICK_TRIES_AFTER_LESS = 2
#: The wall clock goes on while a computer sleeps, the monotonic one may not (Linux): if they differ by more
#: than this between two polls, the connection is looked at.
_SLEPT_S = 10.0
#: For how long a `hello` that we gave up waiting on may still reach the server, held up on its way. There it takes our
#: place as any second login does, and we are told `replaced` by nobody but ourselves.
_LATE_HELLO_S = 120.0
_SENDS_PER_POLL = 4
_READ_BYTES = 65_536

_DIALING = (LinkState.LOOKING_UP, LinkState.CONNECTING)
_CONNECTED = (LinkState.LOGGING_IN, LinkState.ONLINE, LinkState.LEAVING)
_STAGES = {DialStage.LOOKING_UP: LinkState.LOOKING_UP, DialStage.CONNECTING: LinkState.CONNECTING}


@final
class Link:
    """One person's link to one server, CLOSED until `start`. Not for several threads.

    `dial` begins one attempt to connect; `jitter(low, high)` draws a number between. All `now` are monotonic
    seconds, all `unix_ms` the wall clock. `close` gives the socket and the store back: use `with`, or call it.
    """

    def __init__(
        self, session: Session, store: Store, dial: Callable[[], Dialing], jitter: Callable[[float, float], float]
    ) -> None:
        self._session = session
        self._store = store
        self._dial = dial
        self._backoff = Backoff(jitter)
        self._saving = Saving(store)
        self._state = LinkState.CLOSED
        self._events: list[ClientEvent] = []
        self._dialer: Dialing | None = None
        self._connection: Connection | None = None
        self._to_flush: list[Connection] = []
        self._moved_bytes = 0
        self._retry_at: float | None = None
        self._since = 0.0  # when the state began
        self._late_hello_until: float | None = None
        self._has_pinged = False
        self._now = 0.0  # of the last poll
        self._unix_ms: int | None = None

    # --- what there is --------------------------------------------------------------------------

    @property
    def state(self) -> LinkState:
        """Where the link stands."""
        return self._state

    @property
    def name(self) -> str:
        """Our name: the one asked for until the server has said welcome, then the one it knows us by."""
        return self._session.name

    @property
    def retry_at(self) -> float | None:
        """When a WAITING link tries again, in monotonic seconds."""
        return self._retry_at

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        """The messages not yet known to be stored, oldest first."""
        return self._session.outbox

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms we are in, as the server spells them."""
        return self._session.rooms

    @property
    def wanted_rooms(self) -> tuple[str, ...]:
        """The rooms we want to be in, now or on return."""
        return self._session.wanted_rooms

    @property
    def notice(self) -> str:
        """What a person should know about how the profile was found on disk ("" when nothing)."""
        return self._store.notice

    @property
    def is_active(self) -> bool:
        """Whether the last poll moved bytes or a login is under way: a hint to poll again soon."""
        return self._moved_bytes > 0 or self._state in _DIALING or self._state is LinkState.LOGGING_IN

    # --- what its user asks for -----------------------------------------------------------------

    def start(self, now: float) -> None:
        """Begin to connect, from CLOSED; otherwise do nothing."""
        if self._state is LinkState.CLOSED:
            self._backoff.reset()
            self._begin(now)

    def retry_now(self, now: float) -> None:
        """Try at once instead of at `retry_at`; does nothing unless WAITING."""
        if self._state is LinkState.WAITING:
            self._begin(now)

    def post(self, room: str, text: str, unix_ms: int | None = None) -> str:
        """Put a message into the outbox and return its mid.

        The next poll puts it on disk, and only then, and only in the room, is it sent. Without `unix_ms` the time
        of the last poll counts. Raises Refusal when the message can never be accepted.
        """
        return self._session.post(room, text, (self._unix_ms or 0) if unix_ms is None else unix_ms)

    def join(self, room: str) -> None:
        """Want to be in a room, now and after every return. Raises Refusal when its name cannot be one."""
        self._session.join(room)

    def leave(self, room: str) -> None:
        """Want to be in a room no more; what was written to it is sent first. Raises Refusal as `join` does."""
        self._session.leave(room)

    def request_history(self, room: str, before: int, limit: int = limits.JOIN_LAST_DEFAULT) -> None:
        """Ask for the `limit` (1..200) messages before a seq. Raises Refusal as `join` does."""
        self._session.request_history(room, before, limit)

    def request_rooms(self) -> None:
        """Ask for the public rooms."""
        self._session.request_rooms()

    def rename(self, name: str) -> None:
        """Ask for another name. Raises Refusal when it cannot be one."""
        self._session.rename(name)

    def typing(self, room: str) -> None:
        """Tell the others in a room that we are writing. Call it at each key: at most one is said in 3 s.

        Does nothing offline, outside of the room, or with a server that does not know of it. Raises Refusal as `join`
        does.
        """
        self._session.typing(room, self._now)

    def away(self, is_away: bool) -> None:  # noqa: FBT001 - there is nothing else to say
        """Have the others told that nobody is in front of this client, or somebody again.

        Said by the next poll, or later, for at most one is said in 3 s, and again after every return. A post ends it.
        """
        self._session.away(is_away=is_away)

    def quit(self, now: float) -> None:
        """Leave politely: send what can be sent, say `quit` and hear the server's. CLOSED at the latest after 2 s.

        Go on polling until then. Without a login there is nobody to say it to, and the link is CLOSED at once.
        """
        if self._state is LinkState.ONLINE:
            self._session.quit()
            self._move_to(LinkState.LEAVING, now)
        elif self._state not in (LinkState.LEAVING, LinkState.CLOSED):
            self._hang_up()
            self._move_to(LinkState.CLOSED, now)

    def close(self) -> None:
        """Release the socket and the store at once. The link cannot be started again.

        What was given out counts as handled. Never raises: a disk that fails now is told to the log, for nobody
        polls any more.
        """
        self._session.note_handled()
        self._close()

    def _close(self) -> None:
        self._hang_up()
        self._state = LinkState.CLOSED
        try:
            self._store.save()
        except SystemFailure as failure:
            _log.warning("what had changed last could not be kept: %s", failure.detail)
        self._store.close()

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._close()  # what it failed over is shown again after the next start

    # --- the pump -------------------------------------------------------------------------------

    def poll(self, now: float, unix_ms: int) -> list[ClientEvent]:
        """Do what can be done without waiting, and return what has happened, in order. Never blocks, never raises."""
        self._moved_bytes = 0
        self._events += self._session.take_events()
        self._notice_sleep(now, unix_ms)
        self._now, self._unix_ms = now, unix_ms
        self._session.note_handled()
        self._save(now)
        if self._state is LinkState.WAITING and (self._retry_at is None or now >= self._retry_at):
            self._begin(now)
        try:
            if self._dialer is not None:
                self._go_on_dialing(self._dialer, now)
            if self._connection is not None:
                self._move_bytes(self._connection, now)
        except ConnectionFailure as failure:
            self._end(now, failure)
        taken, self._events = self._events, []
        return taken

    def _begin(self, now: float) -> None:
        self._dialer = self._dial()
        self._move_to(_STAGES[self._dialer.stage], now)

    def _go_on_dialing(self, dialer: Dialing, now: float) -> None:
        transport = dialer.poll(now)
        stage = _STAGES[dialer.stage]
        if stage is not self._state:
            self._move_to(stage, now)
        if transport is not None:
            self._dialer = None
            self._connection = Connection(transport, limits.SERVER_FRAME_BYTES_MAX, self._to_flush, now)
            self._has_pinged = False
            self._session.connected()
            self._move_to(LinkState.LOGGING_IN, now)

    def _move_bytes(self, connection: Connection, now: float) -> None:
        self._receive(connection, now)
        if self._connection is not None:
            self._check_silence(connection, now)
        if self._connection is None:
            return
        self._session.keep_up(now)
        try:
            self._send(connection, now)
        except ConnectionFailure:
            # What the server said before it closed may have come meanwhile, and a goodbye says more than a
            # broken pipe: whether to come back, for one.
            with suppress(ConnectionFailure):
                self._receive(connection, now)
            if self._connection is not None:
                raise

    def _send(self, connection: Connection, now: float) -> None:
        for _ in range(_SENDS_PER_POLL):
            space = limits.SEND_BYTES_MAX - connection.queued_bytes
            if space > 0:
                self._fill(connection, space, now)
            before = connection.queued_bytes
            connection.flush(now)
            self._to_flush.clear()
            self._moved_bytes += before - connection.queued_bytes
            if connection.is_blocked or not before:
                return

    def _fill(self, connection: Connection, space: int, now: float) -> None:
        if not self._saving.may_post:  # a login came in this poll
            self._save(now)
        for payload in self._session.take_outgoing(space, with_posts=self._saving.may_post):
            connection.put(encode_frame(payload))

    def _receive(self, connection: Connection, now: float) -> None:
        for _ in range(limits.CLIENT_READ_BYTES_PER_POLL // _READ_BYTES):
            count = connection.fill(_READ_BYTES, now)
            self._moved_bytes += count
            if connection.is_at_end:
                # A process that ends, however it ends, closes its side in order, so this is mostly a server that
                # died or was killed: the words of a reset are the true ones. The network cuts off without a word.
                raise ConnectionReset("the connection was closed without a goodbye")
            if not count:
                return
            self._has_pinged = False
            self._take_payloads(connection, now)
            if self._connection is None:
                return

    def _take_payloads(self, connection: Connection, now: float) -> None:
        """Hand every whole frame to the session, until it ends the connection over one."""
        while self._connection is not None:
            try:
                payload = connection.next_payload(now)
            except FrameSizeError as error:
                raise GeneralReceiveFailure(error.text) from error
            if payload is None:
                return
            events = self._session.receive(payload)
            if self._session.is_logged_in and self._state is LinkState.LOGGING_IN:
                self._move_to(LinkState.ONLINE, now)
            self._events += events
            ending = self._session.ending
            if ending is not None:
                wants_retry = ending.wants_retry or (ending.is_replaced and self._may_be_our_own_hello(now))
                self._end(now, ending.failure, ending.retry_s, wants_retry=wants_retry)

    def _may_be_our_own_hello(self, now: float) -> bool:
        """Tell, once for each hello given up, whether it may be what has taken our place."""
        until, self._late_hello_until = self._late_hello_until, None
        return until is not None and now < until

    # --- time -----------------------------------------------------------------------------------

    def _check_silence(self, connection: Connection, now: float) -> None:
        silent_s = now - connection.last_heard
        if self._state is LinkState.LOGGING_IN and now - self._since >= _WELCOME_TIMEOUT_S:
            raise GeneralReceiveFailure("something answers there, but it says no welcome")
        if self._state is LinkState.LEAVING and now - self._since >= _LEAVE_TIMEOUT_S:
            self._end(now)
        elif silent_s >= limits.CLIENT_SILENCE_TIMEOUT_S:
            raise ConnectionAborted("nothing was heard from the server for too long")
        elif silent_s >= limits.CLIENT_PING_AFTER_S and not self._has_pinged:
            self._has_pinged = True
            self._session.ping()

    def _notice_sleep(self, now: float, unix_ms: int) -> None:
        """After the computer has slept: ask whether the server is still there, or try again at once.

        A wall clock that is set forward looks the same, and costs one ping.
        """
        if self._unix_ms is None or (unix_ms - self._unix_ms) / 1_000 - (now - self._now) < _SLEPT_S:
            return
        self._session.ping()
        self.retry_now(now)

    def _end(
        self, now: float, failure: ConnectionFailure | None = None, retry_s: float = 0.0, *, wants_retry: bool = True
    ) -> None:
        """Drop the connection, or the attempt at one, and wait or be closed."""
        if self._state is LinkState.LEAVING:
            failure, wants_retry = None, False  # it ended as it was to end
        if self._state is LinkState.ONLINE:
            has_lasted = now - self._since >= _LASTING_S
            self._backoff.reset(quick_tries=_QUICK_TRIES if has_lasted else _QUICK_TRIES_AFTER_LESS)
        if self._state is LinkState.LOGGING_IN and self._session.ending is None:
            self._late_hello_until = now + _LATE_HELLO_S
        self._hang_up()
        if wants_retry:
            self._retry_at = now + self._backoff.next_delay_s(retry_s)
        self._move_to(LinkState.WAITING if wants_retry else LinkState.CLOSED, now, failure)

    def _hang_up(self) -> None:
        if self._dialer is not None:
            self._dialer.abandon()
            self._dialer = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._to_flush.clear()
            self._session.disconnected()
            self._events += self._session.take_events()

    def _move_to(self, state: LinkState, now: float, failure: ConnectionFailure | None = None) -> None:
        self._state = state
        self._since = now
        if state is not LinkState.WAITING:
            self._retry_at = None
        self._events.append(StateChanged(state, failure, self._retry_at))

    def _save(self, now: float) -> None:
        failure = self._saving.save(now, is_last=self._state is LinkState.CLOSED)
        if failure is not None:
            self._events.append(StateChanged(self._state, failure, self._retry_at))

    # --- for programs without a window ----------------------------------------------------------

    def wait(self, timeout_s: float) -> None:
        """Block until there may be something to poll for, at most `timeout_s` seconds. Ctrl+C ends it."""
        if self._moved_bytes:
            return  # there may be more of it already
        descriptor, interest = -1, selectors.EVENT_READ
        if self._connection is not None:
            descriptor = self._connection.fileno()
            if self._connection.is_blocked:
                interest |= selectors.EVENT_WRITE
        elif self._dialer is not None:
            descriptor, interest = self._dialer.fileno(), selectors.EVENT_WRITE
            timeout_s = min(timeout_s, 0.05)  # a lookup ends without a descriptor to tell of it
        elif self._retry_at is not None:
            timeout_s = min(timeout_s, max(0.0, self._retry_at - self._now))
        if descriptor < 0:
            time.sleep(timeout_s)
            return
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, interest)
            selector.select(timeout_s)

    def events(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        unix_ms: Callable[[], int] = wall_unix_ms,
        wait_s: float = limits.WAIT_S_MAX,
    ) -> Iterator[ClientEvent]:
        """Start, and give out everything that happens until the link is CLOSED. What the loop posts is sent too."""
        self.start(monotonic())
        while True:
            happened = self.poll(monotonic(), unix_ms())
            yield from happened
            if self._state is LinkState.CLOSED and not self._events:
                return
            if not happened:  # else what was asked for while those were given out is sent at once
                self.wait(wait_s)


def open_link(
    host: str, port: int, name: str, *, data: Path | None = None, rooms: Iterable[str] = (), store: Store | None = None
) -> Link:
    """Make a link to a server as it is used outside of tests; begin with `start`, or go through its `events`.

    `data` is the folder for what is kept (default: the user's own), `rooms` are wanted beside those of last time.
    With a `store` handed in, such as MemoryStore, nothing is read from or written to `data`.

    Raises ProfileInUse when another window has this person at this server, Refusal when the name or a room's
    name cannot be one, SystemFailure when the disk does not play along, ValueError when the port is none.
    """
    if not 1 <= port <= 65_535:
        raise ValueError(f"A port is 1 to 65535, not {port}.")
    install = secrets.token_hex(16)
    if store is None:
        folder = data or user_data_folder("client")
        install = SettingsFile(folder, secrets.randbits).settings.install
        store = SqliteStore(folder, host, port, name)
    lookup = Lookup()
    try:
        session = Session(name, install, store, secrets.randbits, rooms=rooms, agent=f"chat-core {__version__}")
    except ChatError:
        store.close()
        raise
    return Link(session, store, lambda: Dialer(host, port, lookup), random.uniform)
