"""The server's event loop: one tick after another, each reading, deciding, committing, delivering and flushing.

It owns the connections and the listener, and moves bytes between them and the hub. What the bytes mean is the
hub's; what they look like is framing's. Socket, selector, clocks and log are handed in, so that a simulation can
run this very code. The tick is described in docs/architecture.md.

Errors: a peer's fault is answered by the hub and logged at INFO, the network's weather closes that connection and
is logged at DEBUG, and anything else is our own fault: logged at ERROR with its traceback, that connection
closes, and the server lives.
"""

from __future__ import annotations

import heapq
import logging
from itertools import count
from typing import TYPE_CHECKING, Callable, List, Protocol, cast

from chat_core import limits, messages
from chat_core.errors import ConnectionFailure, FrameSizeError, Refusal, StorageError
from chat_core.escape import escape_line
from chat_core.framing import encode_frame
from chat_core.net.connection import Connection, Phase
from chat_core.net.interest import NOTHING, READ, WRITE
from chat_core.net.listener import NoDescriptorsError
from chat_core.server.patience import Overdue, look_again_at, overdue

if TYPE_CHECKING:
    from chat_core.net.loop import Loop
    from chat_core.net.transport import Transport
    from chat_core.server.hub import Hub
    from chat_core.server.session import Session

__all__ = ["App", "Door", "Durable", "Served", "Waker"]

_log = logging.getLogger(__name__)
_PING = encode_frame(messages.encode(messages.Ping()))


class Door(Protocol):
    """What the app needs of a listener. `chat_core.net.listener.Listener` is the real one."""

    interest: int

    def fileno(self) -> int:
        """Return the descriptor to select on."""

    def accept(self) -> Transport | None:
        """Take the next connection, or None. Raises NoDescriptorsError, OSError."""

    def close(self) -> None:
        """Stop listening."""


class Waker(Protocol):
    """What the app needs of a wake-up. `chat_core.net.loop.WakeUp` is the real one."""

    interest: int

    def fileno(self) -> int:
        """Return the descriptor to select on."""

    def wake(self) -> None:
        """End the current or the next wait."""

    def clear(self) -> None:
        """Take what made it readable."""

    def close(self) -> None:
        """Give its descriptors back."""


class Durable(Protocol):
    """What the app needs of the log beside what the hub does with it."""

    def is_writable(self) -> bool:
        """Whether commits are taken at the moment."""

    def probe(self) -> bool:
        """Try whether writing works again."""

    def checkpoint(self) -> None:
        """Tidy up in an idle moment."""


class Served(Connection):
    """A connection with its session, and why it may not be read at the moment."""

    __slots__ = ("is_carried", "is_full", "is_throttled", "session")

    session: Session

    def __init__(self, transport: Transport, to_flush: list[Connection], now: float) -> None:
        super().__init__(transport, limits.HELLO_FRAME_BYTES_MAX, to_flush, now)
        self.is_carried = False  # it has requests left for the next tick
        self.is_full = False  # its queue is above high water and not yet below low water
        self.is_throttled = False  # it is above its rate


class App:
    """The running server.

    `clock` gives monotonic seconds, `wall_clock` milliseconds since 1970. `clients_max` is how many connections
    are let in; one more is told `server_full`.
    """

    def __init__(
        self,
        *,
        door: Door,
        hub: Hub,
        log: Durable,
        loop: Loop,
        wake_up: Waker,
        clock: Callable[[], float],
        wall_clock: Callable[[], int],
        clients_max: int = limits.CLIENTS_MAX_DEFAULT,
    ) -> None:
        self.hub = hub
        self._door = door
        self._durable = log
        self._loop = loop
        self._wake_up = wake_up
        self._clock = clock
        self._wall_clock = wall_clock
        self._clients_max = clients_max
        self._connections: dict[Served, None] = {}
        self._carried: list[Served] = []
        self._to_flush: list[Connection] = []
        self._closed: list[Served] = []
        self._throttled: list[tuple[float, int, Served]] = []  # a heap: when it may be read again, a tie-breaker
        self._tie = count()
        self._sweep_at = clock() + limits.SWEEP_EVERY_S
        self._probe_at = 0.0
        self._stored_at_sweep = 0
        self._has_checkpoint_due = False
        self._may_prune = False  # a look for what is to go may find something
        self._prune_by = 0.0  # when a step is owed on a busy server
        self._prune_not_before = 0.0  # after a failure
        self._stored_at_prune = 0
        self._stop_wanted = False
        self._stop_by: float | None = None  # when to leave whatever is still queued
        self.is_running = True
        loop.watch(door, READ)
        loop.watch(wake_up, READ)

    @property
    def connection_count(self) -> int:
        """How many connections there are, those that are ending included."""
        return len(self._connections)

    @property
    def connections(self) -> tuple[Served, ...]:
        """All connections, those that are ending included, in the order in which they came."""
        return tuple(self._connections)

    def stop(self) -> None:
        """Ask for a graceful stop; `tick` goes on until `is_running` is False. May be called by a signal handler."""
        self._stop_wanted = True
        self._wake_up.wake()

    # --- the tick ---

    def tick(self) -> None:
        """Wait for something to do, at most half a second, and do all of it once."""
        ready = list(self._loop.wait(self._wait_s()))
        is_idle = not ready and not self._carried
        now = self._clock()
        self.hub.begin(now, self._wall_clock())
        turns, self._carried = self._carried, []
        is_called = False
        for source, events in ready:
            if isinstance(source, Served):
                if events & WRITE:
                    source.is_blocked = False
                    source.last_heard = now  # the peer has read: as good a sign of life as a byte
                    source.flush_soon()
                if events & READ and not source.is_carried:
                    turns.append(source)
            elif source is self._door:
                is_called = True
            else:
                self._wake_up.clear()
        for connection in turns:
            connection.is_carried = False
            self._take_turn(connection, now)
        if is_called:
            self._accept(now)
        self._timers(now)
        self.hub.commit()
        self.hub.deliver()
        self._flush(now)
        self._reap()
        if self._may_prune:
            self._prune(now, is_idle=is_idle and not (self._carried or self._to_flush or self.hub.has_work))

    def _wait_s(self) -> float:
        if (
            self._carried
            or self._to_flush
            or self.hub.has_work
            or self._may_prune
            or self._stop_wanted
            or self._is_all_said(self._clock())
        ):
            return 0.0
        until = self._sweep_at
        if self._throttled:
            until = min(until, self._throttled[0][0])
        telling_at = self.hub.next_telling_at()
        if telling_at is not None:
            until = min(until, telling_at)
        return min(max(0.0, until - self._clock()), limits.WAIT_S_MAX)

    # --- read and decide ---

    def _take_turn(self, connection: Served, now: float) -> None:
        if connection.phase is Phase.CLOSED:
            return  # a stale event: it was closed earlier in this tick
        try:
            if connection.phase is Phase.OPEN:
                self._take_requests(connection, now)
            else:
                self._throw_away(connection, now)
        except ConnectionFailure as failure:
            self._lose(connection, failure)
        except Exception:  # noqa: BLE001 - the one broad except: our own fault must cost one connection only
            _log.exception("A turn of %s failed", connection.peer)
            self.hub.refuse(
                connection.session, Refusal("internal", "The server made a mistake; it was written to its log.")
            )
            connection.end()
        self._look_for(connection)

    def _take_requests(self, connection: Served, now: float) -> None:
        """Take requests within the budgets of a tick, then see why there are no more of them."""
        session, hub = connection.session, self.hub
        if session.person is not None:
            connection.decoder.payload_bytes_max = limits.CLIENT_FRAME_BYTES_MAX
        wants_more = hub.resume(session)
        has_read = is_starved = False
        left, high_water_bytes = limits.REQUESTS_PER_TICK, limits.HIGH_WATER_BYTES
        next_payload, receive = connection.next_payload, hub.receive  # looked up once: this runs for each request
        while wants_more and left and connection.queued_bytes < high_water_bytes:
            try:
                payload = next_payload(now)
            except FrameSizeError as refusal:
                wants_more = hub.reject(session, refusal)
                break
            if payload is not None:
                left -= 1
                wants_more = receive(session, payload)
            elif has_read or connection.is_at_end or not connection.fill(limits.READ_BYTES_PER_TICK, now):
                is_starved = True
                break
            else:
                has_read = True
        if connection.phase is not Phase.OPEN:
            return  # it has had its answer; the flush does the rest
        if session.resume_at > now:
            connection.is_throttled = True
            heapq.heappush(self._throttled, (session.resume_at, next(self._tie), connection))
        elif connection.queued_bytes >= limits.HIGH_WATER_BYTES:
            connection.is_full = True
        elif not is_starved:
            self._carry(connection)
        elif connection.is_at_end:
            hub.forget(session)
            connection.end()

    def _throw_away(self, connection: Served, now: float) -> None:
        """Read what nobody waits for any more, so that closing does not reset what the peer has still to read."""
        connection.fill(limits.READ_BYTES_PER_TICK, now)
        if connection.is_at_end and connection.phase is Phase.LINGERING:
            self._finish(connection)

    def _carry(self, connection: Served) -> None:
        if not connection.is_carried:
            connection.is_carried = True
            self._carried.append(connection)

    # --- accept ---

    def _accept(self, now: float) -> None:
        for _ in range(limits.ACCEPTS_PER_TICK):
            if self._stop_by is not None:
                return
            try:
                transport = self._door.accept()
            except NoDescriptorsError:
                _log.warning("Out of file descriptors: a connection was turned away")
                self._loop.watch(self._door, NOTHING)  # until the next sweep, or it would be a busy loop
                return
            except OSError as error:
                _log.warning("Accepting failed: %s", error)
                self._loop.watch(self._door, NOTHING)
                return
            if transport is None:
                return
            self._let_in(transport, now)

    def _let_in(self, transport: Transport, now: float) -> None:
        crowd = len(self._connections)
        if crowd >= self._clients_max + limits.ACCEPTS_PER_TICK:
            transport.close()  # even those who are being told that it is full are too many
            return
        connection = Served(transport, self._to_flush, now)
        connection.session = self.hub.connected(connection)
        self._connections[connection] = None
        if crowd >= self._clients_max:
            full = Refusal("server_full", "The server is full. Try again later.", retry_s=limits.FULL_RETRY_S)
            self.hub.refuse(connection.session, full)
        self._look_for(connection)

    # --- timers ---

    def _timers(self, now: float) -> None:
        while self._throttled and self._throttled[0][0] <= now:
            connection = heapq.heappop(self._throttled)[2]
            connection.is_throttled = False
            connection.last_heard = now  # it was we who did not listen
            self._carry(connection)
            self._look_for(connection)
        if self._stop_wanted:
            self._begin_stop(now)
        if now >= self._sweep_at:
            self._sweep_at = now + limits.SWEEP_EVERY_S
            self._sweep(now)
        if self._stop_by is not None and (now >= self._stop_by or self._is_all_said(now)):
            for connection in list(self._connections):
                self._finish(connection)
            self.is_running = False

    def _sweep(self, now: float) -> None:
        for connection in [connection for connection in self._connections if connection.look_at <= now]:
            late = overdue(connection, connection.session, now)
            if late is not None:
                self._lose_patience(connection, late, now)
            connection.look_at = look_again_at(connection, connection.session, now)
        if self._stop_by is None:
            self._loop.watch(self._door, READ)
        self.hub.touch()
        self._tend_log(now)

    def _lose_patience(self, connection: Served, late: Overdue, now: float) -> None:
        if late is Overdue.PING:
            connection.session.pinged_at = now
            connection.put(_PING)
            return
        _log.info("%s: %s", connection.peer, late.value)
        if late in (Overdue.LOGIN, Overdue.FRAME):
            self.hub.refuse(connection.session, Refusal("timeout", late.value))
        elif late is Overdue.LIFE:
            self.hub.part(connection.session, "timeout", limits.COME_BACK_RETRY_S)
        else:
            self.hub.forget(connection.session)
            self._finish(connection)

    def _tend_log(self, now: float) -> None:
        if not self._durable.is_writable():
            if now >= self._probe_at:  # the first one at once: it may have been a single hiccup
                self._probe_at = now + limits.STORAGE_PROBE_EVERY_S
                if self._durable.probe():
                    _log.warning("Messages can be stored again")
            return
        self._may_prune = self._stop_by is None and now >= self._prune_not_before
        stored, self._stored_at_sweep = self._stored_at_sweep, self.hub.messages_stored
        if stored != self._stored_at_sweep:
            self._has_checkpoint_due = True
        elif self._has_checkpoint_due:  # a second without a message
            self._has_checkpoint_due = False
            self._durable.checkpoint()

    def _prune(self, now: float, *, is_idle: bool) -> None:
        """Take one step of pruning: when there is nothing else to do, or, on a busy server, when one is owed.

        Nothing had come when the idle tick began, and what comes now waits for this one step at most.
        """
        stored = self.hub.messages_stored
        if not (is_idle or now >= self._prune_by or stored - self._stored_at_prune >= limits.PRUNE_AFTER_STORED):
            return
        self._prune_by = now + limits.SWEEP_EVERY_S
        self._stored_at_prune = stored
        try:
            self._may_prune = self._durable.is_writable() and self.hub.prune()
        except StorageError as error:
            _log.warning("Old messages cannot be deleted: %s", error)
            self._may_prune = False
            self._prune_not_before = now + limits.STORAGE_PROBE_EVERY_S

    def _is_all_said(self, now: float) -> bool:
        """Whether a stop need wait no longer: everybody has closed, or has had a second to do so."""
        return self._stop_by is not None and all(
            connection.phase is Phase.LINGERING and now - connection.phase_since >= limits.SHUTDOWN_LINGER_S
            for connection in self._connections
        )

    # --- flush and reap ---

    def _flush(self, now: float) -> None:
        to_flush = cast("List[Served]", self._to_flush[:])  # whoever stands there was let in here
        self._to_flush.clear()
        opened, closed = Phase.OPEN, Phase.CLOSED  # looked up once: this runs a thousand times a tick
        for connection in to_flush:
            if connection.phase is closed:
                continue
            try:
                connection.flush(now)
            except ConnectionFailure as failure:
                self._lose(connection, failure)
                continue
            if connection.queued_bytes:
                if not connection.is_blocked:
                    connection.flush_soon()  # the kernel took all that one send may hold: go on in the next tick
            elif connection.phase is not opened:
                self._linger(connection, now)
            elif connection.interest == READ and not connection.session.is_owed:
                continue  # mostly: all of it went, it is read as before, and nothing waited for that
            self._after_flush(connection, now)
            self._look_for(connection)

    def _linger(self, connection: Served, now: float) -> None:
        """Close the sending side of a connection that is ending, once all has gone out."""
        if connection.phase is Phase.ENDING:
            connection.linger(now)
            if connection.is_at_end:
                self._finish(connection)

    def _after_flush(self, connection: Served, now: float) -> None:
        if connection.queued_bytes <= limits.LOW_WATER_BYTES:
            if connection.session.is_owed:
                self.hub.drained(connection.session)
            if connection.is_full:
                connection.is_full = False
                connection.last_heard = now  # as above: it was not read meanwhile
                if not connection.is_throttled:
                    self._carry(connection)
        elif connection.queued_bytes >= limits.HIGH_WATER_BYTES and connection.phase is Phase.OPEN:
            connection.is_full = True
            connection.frame_since = None  # it is not late with a frame that is not read

    def _look_for(self, connection: Served) -> None:
        """Register for what the connection has to wait for now."""
        interest = WRITE if connection.is_blocked and connection.queued_bytes else NOTHING
        phase = connection.phase
        if phase is Phase.OPEN:
            if not (connection.is_full or connection.is_throttled or connection.is_at_end):
                interest |= READ
        elif phase is Phase.CLOSED:
            interest = NOTHING
        elif not connection.is_at_end:
            interest |= READ
        if interest != connection.interest:
            self._loop.watch(connection, interest)

    def _lose(self, connection: Served, failure: ConnectionFailure) -> None:
        _log.debug("%s: %s (%s)", connection.peer, failure.code, escape_line(failure.detail))
        self.hub.forget(connection.session)
        self._finish(connection)

    def _finish(self, connection: Served) -> None:
        if connection.phase is not Phase.CLOSED:
            connection.abandon()
            self._loop.watch(connection, NOTHING)
            self._closed.append(connection)

    def _reap(self) -> None:
        if any(connection.is_throttled for connection in self._closed):
            # They would be kept until they may be read again: minutes, after a long flood.
            self._throttled = [entry for entry in self._throttled if entry[2].phase is not Phase.CLOSED]
            heapq.heapify(self._throttled)
        for connection in self._closed:
            del self._connections[connection]
            connection.close()
        self._closed.clear()

    # --- stop ---

    def _begin_stop(self, now: float) -> None:
        self._stop_wanted = False
        if self._stop_by is not None:
            return
        self._stop_by = now + limits.SHUTDOWN_FLUSH_S
        self._loop.watch(self._door, NOTHING)
        self._door.close()
        # What this tick staged is answered first: the goodbye is the last word.
        self.hub.commit()
        for connection in list(self._connections):
            self.hub.part(connection.session, "shutdown", limits.COME_BACK_RETRY_S)

    def close(self) -> None:
        """Let go of everything at once, also in the middle of a stop. The log is closed by whoever opened it."""
        for connection in list(self._connections):
            self._finish(connection)
        self._reap()
        self._loop.watch(self._door, NOTHING)
        self._door.close()
        self._loop.watch(self._wake_up, NOTHING)
        self._wake_up.close()
        self._loop.close()
