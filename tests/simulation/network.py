"""A simulated network: pipes with latency and bounds, and what can happen to them.

It stands in for sockets, the listener and the selector under the real connections. Bytes of one direction arrive
in order or not at all; they may be late, in crumbs, or never.
"""

from __future__ import annotations

import selectors
from collections import deque
from typing import TYPE_CHECKING

from chat_core.errors import BrokenPipe, ConnectionRefused, ConnectionReset, GeneralConnectionFailure
from chat_core.net.dialer import DialStage
from tests.fakes import WorldSelector

if TYPE_CHECKING:
    from tests.simulation.chance import Chance

__all__ = ["Clock", "Network", "SimDialer", "SimDoor", "SimSelector", "SimTransport", "SimWakeUp", "Weather"]


class Clock:
    """Simulated time: monotonic seconds, and a wall clock in ms that can be set."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._wall_offset_ms = 1_700_000_000_000

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return self.now

    def wall(self) -> int:
        """Return ms since 1970, as the clock on the wall has it."""
        return self._wall_offset_ms + int(self.now * 1_000)

    def set_wall(self, by_ms: int) -> None:
        """Set the clock on the wall forward or back."""
        self._wall_offset_ms += by_ms


class Weather:
    """How the network behaves, drawn once for a run. Probabilities are for each call."""

    def __init__(self, chance: Chance) -> None:
        #: What a direction holds: in flight and not yet read. As with a small SO_SNDBUF, so that queues really fill.
        self.pipe_bytes = chance.one_of((2_048, 24_576))
        self.latency_s = chance.one_of((0.0, 0.005, 0.05, 0.4))
        self.crumbs = chance.one_of((0.0, 0.0, 0.1, 0.6))  # a read or a write moves a few bytes only
        self.blocks = chance.one_of((0.0, 0.0, 0.05, 0.3))  # a write moves nothing

    def clear_up(self) -> None:
        """Become a good network."""
        self.latency_s, self.crumbs, self.blocks = 0.01, 0.0, 0.0


class _Pipe:
    """One direction of one connection."""

    def __init__(self) -> None:
        self.in_flight: deque[tuple[float, bytes | None]] = deque()  # None: the end of the stream
        self.arrived = bytearray()
        self.is_finished = False
        self.is_reset = False
        self.is_black_hole = False  # what is sent is never heard of again
        self.reader_is_gone = False
        self.held_until = 0.0
        self.bytes_held = 0

    def deliver(self, now: float) -> None:
        while self.in_flight and self.in_flight[0][0] <= now and self.held_until <= now:
            data = self.in_flight.popleft()[1]
            if data is None:
                self.is_finished = True
            else:
                self.arrived += data


class SimTransport:
    """One end of a simulated connection; see `chat_core.net.transport.Transport`."""

    def __init__(self, network: Network, number: int, incoming: _Pipe, outgoing: _Pipe, *, is_server: bool) -> None:
        self.peer = f"sim:{number}"
        self._network = network
        self._number = number
        self._in = incoming
        self._out = outgoing
        self._is_server = is_server
        self._is_open = True
        network.ends[number] = self

    def fileno(self) -> int:
        return self._number if self._is_open else -1

    @property
    def is_readable(self) -> bool:
        self._in.deliver(self._network.clock.now)
        return bool(self._in.arrived) or self._in.is_finished or self._in.is_reset

    @property
    def is_writable(self) -> bool:
        return self._in.is_reset or self._out.bytes_held < self._network.weather.pipe_bytes

    def receive(self, bytes_max: int) -> bytes | None:
        self._count_call()
        pipe = self._in
        pipe.deliver(self._network.clock.now)
        if pipe.is_reset:
            raise ConnectionReset("simulated")
        if not pipe.arrived:
            return b"" if pipe.is_finished else None
        if self._network.chance.happens(self._network.weather.crumbs):
            bytes_max = min(bytes_max, 1 + self._network.chance.below(7))
        data = bytes(pipe.arrived[:bytes_max])
        del pipe.arrived[: len(data)]
        pipe.bytes_held -= len(data)
        return data

    def send(self, data: bytes | memoryview) -> int:
        self._count_call()
        network = self._network
        if self._in.is_reset:
            raise ConnectionReset("simulated")
        if self._out.is_black_hole:
            count = min(
                len(data), max(0, network.weather.pipe_bytes - self._out.bytes_held)
            )  # the kernel's buffer fills up
            self._out.bytes_held += count
            return count
        if self._out.reader_is_gone:
            self._in.is_reset = True  # the answer to what is sent to a closed end
            raise BrokenPipe("simulated")
        space = network.weather.pipe_bytes - self._out.bytes_held
        if space <= 0 or network.chance.happens(network.weather.blocks):
            return 0
        if network.chance.happens(network.weather.crumbs):
            space = min(space, 1 + network.chance.below(7))
        taken = bytes(data[:space])
        self._out.bytes_held += len(taken)
        self._put(taken)
        return len(taken)

    def _put(self, data: bytes | None) -> None:
        latency_s = self._network.chance.between(0.0, self._network.weather.latency_s)
        last = self._out.in_flight[-1][0] if self._out.in_flight else 0.0
        self._out.in_flight.append((max(last, self._network.clock.now + latency_s), data))

    def finish_sending(self) -> None:
        if not self._out.is_black_hole:
            self._put(None)

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        del self._network.ends[self._number]
        self._in.reader_is_gone = True
        if self._out.is_black_hole:
            return
        if self._in.arrived:  # closing with unread bytes resets the connection
            self._out.is_reset = True
        else:
            self._put(None)

    def break_off(self, *, tells_peer: bool) -> None:
        """Have this end reset; the peer hears of it, or of nothing ever again."""
        self._in.is_reset = True
        if tells_peer:
            self._out.is_reset = True
        else:
            self._in.is_black_hole = self._out.is_black_hole = True
            self._out.in_flight.clear()

    def hold(self, until: float) -> None:
        """Let nothing arrive in either direction until a time."""
        self._in.held_until = self._out.held_until = until

    def _count_call(self) -> None:
        if self._is_server:
            self._network.on_server_call()


class Network:
    """All connections of a run. `on_server_call` is called at each of the server's system calls, and may raise."""

    def __init__(self, clock: Clock, chance: Chance, weather: Weather) -> None:
        self.clock = clock
        self.chance = chance
        self.weather = weather
        self.ends: dict[int, SimTransport] = {}
        self.door: SimDoor | None = None
        self._numbers = 10

    def on_server_call(self) -> None:
        """Replaced by the world."""

    def next_number(self) -> int:
        """Return a descriptor that was never used: a stale event can be told from a new one."""
        self._numbers += 1
        return self._numbers

    def connect(self) -> SimTransport:
        """Connect to the door and return the caller's end. Raises ConnectionRefused."""
        if self.door is None:
            raise ConnectionRefused("simulated")
        there, back = _Pipe(), _Pipe()
        client = SimTransport(self, self.next_number(), back, there, is_server=False)
        self.door.waiting.append(SimTransport(self, self.next_number(), there, back, is_server=True))
        return client

    def lose_server(self) -> None:
        """Have every connection reset, as by a kernel whose process was killed."""
        self.door = None
        for end in list(self.ends.values()):
            if end._is_server:  # noqa: SLF001 - the two classes are one
                end.break_off(tells_peer=True)
                end.close()


class SimDialer:
    """See `chat_core.net.dialer.Dialing`."""

    def __init__(self, network: Network, now: float) -> None:
        self._network = network
        self._ready_at = now + network.chance.between(0.0, network.weather.latency_s)
        self.stage = DialStage.CONNECTING

    def poll(self, now: float) -> SimTransport | None:
        if now < self._ready_at:
            return None
        if self._network.chance.happens(self._network.weather.blocks / 4):
            raise GeneralConnectionFailure("simulated")
        return self._network.connect()

    def fileno(self) -> int:
        return -1

    def abandon(self) -> None:
        self._ready_at = float("inf")


class SimDoor:
    """See `chat_core.server.app.Door`."""

    def __init__(self, network: Network) -> None:
        self.interest = 0
        self.waiting: deque[SimTransport] = deque()
        self._network = network
        self._number = network.next_number()

    def fileno(self) -> int:
        return self._number

    def accept(self) -> SimTransport | None:
        self._network.on_server_call()
        return self.waiting.popleft() if self.waiting else None

    def close(self) -> None:
        if self._network.door is self:
            self._network.door = None


class SimWakeUp:
    """Never wakes anybody: the world ticks by itself."""

    def __init__(self, network: Network) -> None:
        self.interest = 0
        self._number = network.next_number()

    def fileno(self) -> int:
        return self._number

    def wake(self) -> None:
        """Do nothing."""

    def clear(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class SimSelector(WorldSelector):
    """Knows what of the network is ready; simulated time moves between ticks."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def readiness_of(self, number: int) -> int:
        end = self._network.ends.get(number)
        if end is not None:
            return (selectors.EVENT_READ if end.is_readable else 0) | (selectors.EVENT_WRITE if end.is_writable else 0)
        door = self._network.door
        return selectors.EVENT_READ if door is not None and number == door.fileno() and door.waiting else 0
