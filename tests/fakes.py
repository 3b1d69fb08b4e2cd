"""A world made by hand: a clock, a selector, a network and a door that do what a test tells them, and at once.

Nothing here waits: when there is nothing ready the fake selector moves the fake clock instead. The real things are
in `serving`.
"""

from __future__ import annotations

import itertools
import json
import logging
import selectors
import unittest
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Mapping, Protocol

from chat_core.errors import ConnectionFailure, StorageError
from chat_core.framing import FrameDecoder, encode_frame
from chat_core.net.interest import READ, WRITE
from chat_core.net.loop import Loop, WakeUp
from chat_core.server.app import App
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from chat_core.server.retention import KEEP_ALL, Retention

if TYPE_CHECKING:
    from chat_core.server.records import Batch, Cut

__all__ = [
    "EventReader", "FakeClock", "FakeDoor", "FakeLog", "FakePeer", "FakeSelector", "FakeServer", "FakeTransport",
    "NoErrorLogs", "frame",
]  # fmt: skip


def frame(**message: object) -> bytes:
    """Write one message as a frame."""
    return encode_frame(json.dumps(message, ensure_ascii=False).encode())


class NoErrorLogs(unittest.TestCase):
    """A test in which nothing may be logged at ERROR, unless it takes it with `take_errors`."""

    def setUp(self) -> None:
        super().setUp()
        self._errors: list[logging.LogRecord] = []
        collecting = _Collector(self._errors)
        root = logging.getLogger()
        root.addHandler(collecting)
        self.addCleanup(self._check_no_errors)
        self.addCleanup(root.removeHandler, collecting)

    def take_errors(self) -> list[logging.LogRecord]:
        """Return what was logged at ERROR so far, and expect it."""
        taken, self._errors[:] = self._errors[:], []
        return taken

    def _check_no_errors(self) -> None:
        self.assertEqual([record.getMessage() for record in self._errors], [], "logged at ERROR")


class _Collector(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.ERROR)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


class EventReader:
    """What a server said, message by message, out of the bytes it sent."""

    def __init__(self) -> None:
        self._decoder = FrameDecoder(262_144)
        self.events: list[dict[str, Any]] = []

    def feed(self, data: bytes) -> None:
        """Take more bytes of the stream."""
        self._decoder.feed(data)
        payload = self._decoder.next_payload()
        while payload is not None:
            self.events.append(json.loads(payload.decode("utf-8")))
            payload = self._decoder.next_payload()

    @property
    def is_mid_frame(self) -> bool:
        """Whether the stream ends inside a frame."""
        return self._decoder.is_mid_frame

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one type, in order."""
        return [event for event in self.events if event["type"] == kind]


class FakeClock:
    """Monotonic seconds that pass only when told to; the wall clock goes along."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def unix_ms(self) -> int:
        """Return the wall clock: milliseconds since 1970."""
        return 1_700_000_000_000 + int(self.now * 1_000)


class Readiness(Protocol):
    """Something a fake selector can ask what it is ready for."""

    def readiness(self) -> int:
        """Return the events it is ready for, whoever is interested."""


#: Descriptors that no system gives out, so that a fake one that gets to the system fails loudly.
_descriptors = itertools.count(1_000_000)


class WorldSelector(selectors.BaseSelector):
    """A selector over a made-up world, which never waits, and in which one may register once and only what is open."""

    def __init__(self) -> None:
        self._keys: dict[int, selectors.SelectorKey] = {}

    def readiness_of(self, number: int) -> int:
        """Say what is ready of the thing that has this number."""
        raise NotImplementedError

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Begin to watch."""
        number = fileobj.fileno()
        assert number >= 0, "a closed source was registered"
        assert number not in self._keys, "a source was registered twice"
        key = self._keys[number] = selectors.SelectorKey(fileobj, number, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forget."""
        return self._keys.pop(fileobj.fileno())

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch for other events."""
        self.unregister(fileobj)
        return self.register(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready."""
        assert timeout is not None
        assert timeout >= 0
        ready = []
        for number, key in self._keys.items():
            events = self.readiness_of(number) & key.events
            if events:
                ready.append((key, events))
        return ready

    def get_map(self) -> Any:
        """Return what is watched."""
        return self._keys

    def close(self) -> None:
        """Forget everything."""
        self._keys.clear()


class FakeSelector(selectors.BaseSelector):
    """A selector over fakes, which asks each of them what it is ready for. `changes` is how it was told what.

    When nothing is ready it does not wait, it lets the clock advance by the timeout, but not beyond `latest`.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._keys: dict[int, selectors.SelectorKey] = {}
        self.things: dict[int, Readiness] = {}
        self.changes: list[tuple[str, int]] = []
        self.timeouts: list[float] = []
        self.latest = float("inf")
        self.is_closed = False

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Begin to watch."""
        if id(fileobj) in self._keys:
            raise KeyError("registered twice")
        if fileobj.fileno() < 0:
            raise ValueError("registered when closed")
        self.changes.append(("register", events))
        key = self._keys[id(fileobj)] = selectors.SelectorKey(fileobj, fileobj.fileno(), events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forget; of a closed descriptor it is too late."""
        if fileobj.fileno() < 0:
            raise ValueError("unregistered when closed")
        self.changes.append(("unregister", 0))
        return self._keys.pop(id(fileobj))

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Watch for other events."""
        self.changes.append(("modify", events))
        key = self._keys[id(fileobj)] = self._keys[id(fileobj)]._replace(events=events, data=data)
        return key

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready, in the order of registration."""
        assert timeout is not None
        self.timeouts.append(timeout)
        found = []
        for key in self._keys.values():
            thing = self.things.get(key.fd)
            events = key.events & thing.readiness() if thing is not None else 0
            if events:
                found.append((key, events))
        if not found:
            self._clock.now = max(self._clock.now, min(self._clock.now + timeout, self.latest))
        return found

    def interest_of(self, fileno: int) -> int:
        """Return what a descriptor is watched for; 0 when it is not."""
        return next((key.events for key in self._keys.values() if key.fd == fileno), 0)

    def get_map(self) -> Any:
        """Return what is watched."""
        return {key.fileobj: key for key in self._keys.values()}

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


class FakeTransport:
    """One end of a connection whose other end is the test.

    `arrivals` is what `receive` gives, b"" being the end of the stream. `room` is how many more bytes are taken
    (None: all), `send_max` how many in one call. `fails` is raised by the next send.
    """

    def __init__(self, peer: str = "192.0.2.7:4000") -> None:
        self.peer = peer
        self._fileno = next(_descriptors)
        self.arrivals: deque[bytes | Exception] = deque()
        self.sent = bytearray()
        self.room: int | None = None
        self.send_max: int | None = None
        self.fails: ConnectionFailure | None = None
        self.sends: list[int] = []  # how much was offered, call by call
        self.bytes_read = 0
        self.is_finished = False
        self.is_closed = False

    def fileno(self) -> int:
        """Return the fake descriptor; -1 once closed."""
        return -1 if self.is_closed else self._fileno

    def readiness(self) -> int:
        """Say what a selector would."""
        events = READ if self.arrivals else 0
        return events | WRITE if self.room is None or self.room > 0 or self.fails is not None else events

    def receive(self, bytes_max: int) -> bytes | None:
        """Take what has arrived."""
        assert not self.is_closed
        if not self.arrivals:
            return None
        first = self.arrivals.popleft()
        if isinstance(first, Exception):
            raise first
        if not first:
            self.arrivals.append(b"")  # the end stays the end
            return b""
        if len(first) > bytes_max:
            self.arrivals.appendleft(first[bytes_max:])
        self.bytes_read += len(first[:bytes_max])
        return first[:bytes_max]

    def send(self, data: bytes | memoryview) -> int:
        """Take as many bytes as there is room for."""
        assert not self.is_closed
        assert not self.is_finished
        if self.fails is not None:
            raise self.fails
        self.sends.append(len(data))
        taken = len(data)
        for bound in (self.room, self.send_max):
            taken = taken if bound is None else min(taken, bound)
        if self.room is not None:
            self.room -= taken
        self.sent += data[:taken]
        return taken

    def finish_sending(self) -> None:
        """Note that nothing more will be sent."""
        self.is_finished = True

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


class FakeDoor:
    """A listener. `waiting` is who stands before it, or the error that the next accept raises."""

    def __init__(self) -> None:
        self.interest = 0
        self._fileno = next(_descriptors)
        self.waiting: deque[FakeTransport | Exception] = deque()
        self.accepts = 0
        self.is_closed = False

    def fileno(self) -> int:
        """Return the fake descriptor; -1 once closed."""
        return -1 if self.is_closed else self._fileno

    def readiness(self) -> int:
        """Say what a selector would."""
        return READ if self.waiting else 0

    def accept(self) -> FakeTransport | None:
        """Let the next one in."""
        assert not self.is_closed
        self.accepts += 1
        if not self.waiting:
            return None
        first = self.waiting.popleft()
        if isinstance(first, Exception):
            raise first
        return first

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


class FakeLog(SqliteLog):
    """The real log, in memory, whose commits fail while `is_disk_full`."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(None, "epoch-1")
        self._clock = clock
        self._has_failed = False
        self.is_disk_full = False
        self.probed_at: list[float] = []
        self.checkpoints = 0
        self.pruned_at: list[float] = []

    def commit(self, batch: Batch) -> None:
        """Write a batch, or fail as a full disk does."""
        if self.is_disk_full or self._has_failed:
            self._has_failed = True
            raise StorageError("database or disk is full")
        super().commit(batch)

    def prune(self, cuts: list[Cut], day: int) -> None:
        """Delete, or fail as a full disk does, and note when."""
        if self.is_disk_full or self._has_failed:
            self._has_failed = True
            raise StorageError("database or disk is full")
        super().prune(cuts, day)
        self.pruned_at.append(self._clock())

    def is_writable(self) -> bool:
        """Whether the last commit worked, or a probe since."""
        return not self._has_failed

    def probe(self) -> bool:
        """Try again, and note when."""
        self.probed_at.append(self._clock())
        self._has_failed = self.is_disk_full
        return not self._has_failed

    def checkpoint(self) -> None:
        """Tidy up, and count it."""
        self.checkpoints += 1
        super().checkpoint()


class FakePeer:
    """The far end of a fake connection: says what it is told to and reads what it was sent."""

    def __init__(self, transport: FakeTransport) -> None:
        self.transport = transport
        self._reader = EventReader()
        self._read_bytes = 0

    def say(self, *messages: Mapping[str, Any]) -> None:
        """Send messages, all in one piece."""
        self.transport.arrivals.append(b"".join(frame(**message) for message in messages))

    def say_bytes(self, data: bytes) -> None:
        """Send bytes as they are; b"" is the end of the stream."""
        self.transport.arrivals.append(data)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return everything the server has said so far."""
        self._reader.feed(bytes(self.transport.sent[self._read_bytes :]))
        self._read_bytes = len(self.transport.sent)
        return self._reader.events

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one type so far."""
        return [event for event in self.events if event["type"] == kind]

    @property
    def types(self) -> list[str]:
        """Return the types of everything the server has said so far."""
        return [event["type"] for event in self.events]


class FakeServer:
    """The real app, hub and log (in memory), with a fake clock, selector and door. Close it at the end.

    `hub` builds the hub, for a test that wants one that goes wrong.
    """

    def __init__(
        self,
        *,
        rate_per_s: float = 0.0,
        clients_max: int = 1_000,
        retention: Retention = KEEP_ALL,
        hub: Callable[[SqliteLog, HubOptions, Callable[[], str]], Hub] = Hub,
    ) -> None:
        self.clock = FakeClock()
        self.log = FakeLog(self.clock)
        self.selector = FakeSelector(self.clock)
        self.door = FakeDoor()
        self.selector.things[self.door.fileno()] = self.door
        tokens = (f"token-{number}" for number in itertools.count(1))
        self.hub = hub(self.log, HubOptions(rate_per_s=rate_per_s, retention=retention), lambda: next(tokens))
        self.app = App(
            door=self.door,
            hub=self.hub,
            log=self.log,
            loop=Loop(self.selector),
            wake_up=WakeUp(),
            clock=self.clock,
            wall_clock=self.clock.unix_ms,
            clients_max=clients_max,
        )

    def close(self) -> None:
        """Give everything back."""
        self.app.close()
        self.log.close()

    def call(self, transport: FakeTransport | None = None) -> FakePeer:
        """Stand somebody before the door."""
        transport = transport or FakeTransport()
        self.selector.things[transport.fileno()] = transport
        self.door.waiting.append(transport)
        return FakePeer(transport)

    def log_in(self, name: str, *rooms: str) -> FakePeer:
        """Let somebody in who says hello and joins rooms, and run until all of that is answered."""
        peer = self.call()
        joins = [{"type": "join", "room": room} for room in rooms]
        peer.say({"type": "hello", "protocol": 1, "name": name, "install": f"i-{name}"}, *joins)
        self.run_ticks(5)
        assert len(peer.of("live")) == len(rooms), peer.events
        return peer

    def run_ticks(self, ticks: int = 1) -> None:
        """Run so many ticks, of which none lets time pass."""
        self.selector.latest = self.clock.now
        for _ in range(ticks):
            self.app.tick()
        self.selector.latest = float("inf")

    def run_for(self, seconds: float) -> None:
        """Run ticks until so much time has passed."""
        until = self.selector.latest = self.clock.now + seconds
        while self.clock.now < until:
            before = self.clock.now
            self.app.tick()
            if self.clock.now == before:
                self.clock.advance(0.001)  # the work of a tick takes time too
        self.selector.latest = float("inf")

    def interest_of(self, peer: FakePeer) -> int:
        """Return what a connection is watched for."""
        return self.selector.interest_of(peer.transport.fileno())
