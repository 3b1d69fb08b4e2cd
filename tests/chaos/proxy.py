"""A TCP proxy that misbehaves: between every client and the server, with faults drawn from one source of chance.

It knows nothing of the protocol but where a login says who it is from, so that a fault can be blamed for a slow
return. It runs in the selector loop of `storm`, which calls what is registered, and calls `step` as often as
`next_due` says. What happens to it by the nature of TCP it passes on: an end as an end, a reset as a reset.

| fault | what becomes of the connection |
|---|---|
| delay | everything takes 50 to 400 ms from now on |
| cut | both sides are closed, with whatever was under way |
| reset | both sides get a reset |
| half-close | one side is told that the other sends no more; the other direction goes on |
| half-open | the client gets a reset; the server is told nothing, and hears what the client had said up to 3 s later |
| drip | in one direction, up to 400 bytes one at a time, one each 2 ms |
| stall | in one direction or both nothing moves for up to 5 s |
"""

from __future__ import annotations

import re
import selectors
import socket
import struct
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.net.dialer import is_connected_to_itself

if TYPE_CHECKING:
    import random

__all__ = ["KINDS", "FaultProxy", "Passage", "Strike"]

KINDS = ("delay", "cut", "reset", "half-close", "half-open", "drip", "stall")
_HOST = "127.0.0.1"
_NAME = re.compile(rb'"name":"([^"]*)"')
_QUEUED_BYTES_MAX = 65_536
_READ_BYTES = 16_384
_DELAY_S = (0.05, 0.4)
_STALL_S = (0.2, 5.0)
_LATE_S = (0.3, 3.0)
#: Until a half-open connection's client is told, so that it has time to say something that then comes late.
_PARTS_AFTER_S = 0.1
_DRIP_BYTES = (20, 400)
_DRIP_EVERY_S = 0.002
#: A fault comes this long after a connection began; below 0 means at once, in the middle of the login.
_STRIKES_AFTER_S = (-0.3, 2.0)
_CONNECT_S_MAX = 1.0
_RESET = struct.pack("ii", 1, 0)
_NEVER = float("inf")


@dataclass
class Strike:
    """A fault that came about, and from when to when it may have been felt."""

    kind: str
    passage: Passage
    since: float
    until: float = _NEVER


class _Way:
    """One direction of a connection: what was read from one socket and not yet given to the other."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source = source
        self.sink = sink
        self.is_over = False  # the source has said that it sends no more
        self.is_shut = False  # the sink was told so
        self.is_blocked = False
        self.delays = False
        self.held_until = 0.0
        self.drip_bytes = 0
        self._queue: deque[tuple[float, bytes]] = deque()
        self._queued_bytes = 0

    @property
    def wants_more(self) -> bool:
        return not self.is_over and self._queued_bytes < _QUEUED_BYTES_MAX

    def next_due(self) -> float:
        """When there is something to do that no socket tells of."""
        if self.is_shut or self.is_blocked or not (self._queue or self.is_over):
            return _NEVER
        return max(self.held_until, self._queue[0][0] if self._queue else 0.0)

    def read(self, now: float, delay_s: float) -> bytes:
        """Take in what has come. Raises OSError."""
        try:
            data = self.source.recv(_READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            self.is_over = True
        elif not self.is_shut:  # else it is for nobody
            due = now + delay_s if self.delays else now
            if self._queue:
                due = max(due, self._queue[-1][0])
            self._queue.append((due, data))
            self._queued_bytes += len(data)
        return data

    def write(self, now: float) -> None:
        """Pass on what is due. Raises OSError."""
        self.is_blocked = False
        while self._queue and now >= max(self._queue[0][0], self.held_until):
            due, data = self._queue[0]
            offered = data[:1] if self.drip_bytes else data
            try:
                taken = self.sink.send(offered)
            except BlockingIOError:
                self.is_blocked = True
                return
            self._queued_bytes -= taken
            if taken == len(data):
                self._queue.popleft()
            else:
                self._queue[0] = (due, data[taken:])
            if self.drip_bytes:
                self.drip_bytes -= 1
                self.held_until = now + _DRIP_EVERY_S
        if self.is_over and not self._queue and not self.is_shut and now >= self.held_until:
            self.shut()

    def discard(self) -> None:
        """Pass nothing on any more; what is queued is lost."""
        self.is_shut = True
        self._queue.clear()
        self._queued_bytes = 0

    def shut(self) -> None:
        """Tell the sink that nothing more will come; what is queued is lost."""
        self.discard()
        with suppress(OSError):  # it may be gone
            self.sink.shutdown(socket.SHUT_WR)

    def heal(self) -> None:
        """Be an ordinary connection from now on."""
        self.delays = False
        self.held_until = 0.0
        self.drip_bytes = 0


class Passage:
    """A client's connection through the proxy. `strikes_at` is when the fault `kind` comes over it."""

    def __init__(self, client: socket.socket, server: socket.socket, kind: str, strikes_at: float) -> None:
        self.client = client
        self.server = server
        self.ways = (_Way(client, server), _Way(server, client))
        self.name = ""
        self.kind = kind
        self.strikes_at = strikes_at
        self.parts_at = _NEVER  # when a half-open one loses its client
        self.strike: Strike | None = None
        self.is_closed = False

    def interests(self) -> tuple[int, int]:
        """Return what to wait for on the client's socket and on the server's."""
        up, down = self.ways
        return 0 if self.client.fileno() < 0 else _interest(up, down), _interest(down, up)

    def next_due(self) -> float:
        """When to come back although no socket calls."""
        return min(self.strikes_at, self.parts_at, self.ways[0].next_due(), self.ways[1].next_due())

    def recognise(self, said: bytes) -> None:
        """See from the login whose connection this is."""
        found = None if self.name else _NAME.search(said)
        if found is not None:
            self.name = found.group(1).decode("utf-8", "replace")


def _interest(reads: _Way, writes: _Way) -> int:
    interest = selectors.EVENT_READ if reads.wants_more else 0
    return interest | selectors.EVENT_WRITE if writes.is_blocked else interest


class FaultProxy:
    """Listens on `port` and passes on to `server_port`, faithfully until told to `misbehave`."""

    def __init__(self, selector: selectors.BaseSelector, server_port: int, chance: random.Random) -> None:
        self._selector = selector
        self._server_port = server_port
        self._chance = chance
        self._fault_probability = 0.0
        self._passages: dict[Passage, None] = {}
        self._interests: dict[socket.socket, int] = {}
        self.connections = 0
        self.refused = 0
        self.strikes: list[Strike] = []
        self._door = socket.create_server((_HOST, 0), backlog=256)
        self._door.setblocking(False)
        self.port: int = self._door.getsockname()[1]
        selector.register(self._door, selectors.EVENT_READ, self._accept)

    @property
    def struck(self) -> Counter[str]:
        """How many faults of each kind there were."""
        return Counter(strike.kind for strike in self.strikes)

    def next_due(self) -> float:
        """When `step` must be called although nothing registered is called."""
        return min((passage.next_due() for passage in self._passages), default=_NEVER)

    def step(self, now: float) -> None:
        """Do what is due."""
        for passage in list(self._passages):
            if passage.strikes_at <= now:
                self._strike(passage, now)
            if passage.parts_at <= now:
                self._part(passage)
            if not passage.is_closed and passage.next_due() <= now:
                self._move(passage, now)

    def misbehave(self, fault_probability: float) -> None:
        """From now on, have a fault on each new connection with that probability."""
        self._fault_probability = fault_probability

    def heal(self) -> None:
        """Have no faults any more."""
        self._fault_probability = 0.0
        for passage in self._passages:
            passage.strikes_at = passage.parts_at = _NEVER
            for way in passage.ways:
                way.heal()

    def close(self) -> None:
        """Close everything."""
        for passage in list(self._passages):
            self._end(passage, _NEVER)
        self._selector.unregister(self._door)
        self._door.close()

    # --- connections ---

    def _accept(self, _events: int, now: float) -> None:
        try:
            client, _ = self._door.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        try:
            server = socket.create_connection((_HOST, self._server_port), timeout=_CONNECT_S_MAX)
        except OSError:
            self.refused += 1
            client.close()
            return
        if is_connected_to_itself(server):
            self.refused += 1
            client.close()
            server.close()
            return
        self.connections += 1
        for end in (client, server):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chance = self._chance
        has_fault = chance.random() < self._fault_probability
        kind, after_s = chance.choice(KINDS), chance.uniform(*_STRIKES_AFTER_S)
        passage = Passage(client, server, kind, now + max(0.0, after_s) if has_fault else _NEVER)
        self._passages[passage] = None
        self._watch(passage)

    def _watch(self, passage: Passage) -> None:
        """Wait for what the passage waits for, and for nothing else."""

        def go_on(_events: int, now: float) -> None:
            self._move(passage, now)

        for end, interest in zip((passage.client, passage.server), passage.interests()):
            before = self._interests.get(end, 0)
            if interest == before:
                continue
            if not interest:
                self._selector.unregister(end)
            elif before:
                self._selector.modify(end, interest, go_on)
            else:
                self._selector.register(end, interest, go_on)
            self._interests[end] = interest

    def _move(self, passage: Passage, now: float) -> None:
        if passage.is_closed:
            return  # a stale event of the same batch
        up, down = passage.ways
        try:
            for way in (up, down):
                if way.wants_more:
                    data = way.read(now, self._chance.uniform(*_DELAY_S) if way.delays else 0.0)
                    if way is up:
                        passage.recognise(data)
                way.write(now)
        except OSError:
            self._end(passage, now, resets=True)
            return
        if up.is_shut and down.is_shut:
            self._end(passage, now)
        else:
            self._watch(passage)

    def _end(self, passage: Passage, now: float, *, resets: bool = False) -> None:
        passage.is_closed = True
        passage.parts_at = _NEVER
        if passage.strike is not None:
            passage.strike.until = now
        del self._passages[passage]
        for end in (passage.client, passage.server):
            self._close(end, resets=resets)

    def _close(self, end: socket.socket, *, resets: bool) -> None:
        if self._interests.pop(end, 0):
            self._selector.unregister(end)
        if resets:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.close()

    def _part(self, passage: Passage) -> None:
        """Let the client go; what it has said is still under way."""
        passage.parts_at = _NEVER
        up, down = passage.ways
        up.is_over = True
        down.discard()
        self._close(passage.client, resets=True)

    # --- faults ---

    def _strike(self, passage: Passage, now: float) -> None:
        passage.strikes_at = _NEVER
        chance, kind = self._chance, passage.kind
        passage.strike = Strike(kind, passage, now)
        self.strikes.append(passage.strike)
        if kind in ("cut", "reset"):
            self._end(passage, now, resets=kind == "reset")
        elif kind == "half-close":
            chance.choice(passage.ways).shut()
        elif kind == "delay":
            for way in passage.ways:
                way.delays = True
        elif kind == "drip":
            chance.choice(passage.ways).drip_bytes = chance.randint(*_DRIP_BYTES)
        elif kind == "half-open":
            passage.parts_at = now + _PARTS_AFTER_S
            until = now + chance.uniform(*_LATE_S)
            for way in passage.ways:
                way.held_until = until
        else:
            until = now + chance.uniform(*_STALL_S)
            for way in chance.choice((passage.ways[:1], passage.ways[1:], passage.ways)):
                way.held_until = until
