"""A link over a transport, a dialer, a disk and a clock that the test leads by the hand."""

from __future__ import annotations

import json
import unittest
from collections import deque
from typing import Any, Union

from chat_core import limits
from chat_core.client.events import LinkState, StateChanged
from chat_core.client.link import Link
from chat_core.client.session import Session
from chat_core.client.store import MemoryStore
from chat_core.errors import ConnectionFailure, SystemFailure
from chat_core.framing import FrameDecoder, encode_frame
from chat_core.net.dialer import DialStage
from tests.client_talk import LIMITS, seeded_bits

__all__ = ["FakeDialer", "FakeTransport", "LinkTestCase"]

Arriving = Union[bytes, ConnectionFailure]


class FakeTransport:
    """A network in the test's hands. `capacity` is how many bytes it still takes."""

    peer = "fake"

    def __init__(self) -> None:
        self.arriving: deque[Arriving] = deque()
        self.taken = bytearray()
        self.capacity = 1 << 30
        self.send_failure: ConnectionFailure | None = None
        self.is_closed = False

    def fileno(self) -> int:
        return -1

    def receive(self, bytes_max: int) -> bytes | None:
        if not self.arriving:
            return None
        arriving = self.arriving.popleft()
        if isinstance(arriving, ConnectionFailure):
            raise arriving
        if len(arriving) > bytes_max:
            self.arriving.appendleft(arriving[bytes_max:])
        return arriving[:bytes_max]

    def send(self, data: bytes | memoryview) -> int:
        if self.send_failure is not None:
            raise self.send_failure
        count = min(len(data), self.capacity)
        self.capacity -= count
        self.taken += data[:count]
        return count

    def finish_sending(self) -> None:
        """Do nothing: there is nobody to tell."""

    def close(self) -> None:
        self.is_closed = True


class FakeDialer:
    """Connects after being looked up once and polled once, or fails as it is told."""

    def __init__(self, transport: FakeTransport, failure: ConnectionFailure | None = None) -> None:
        self.transport = transport
        self.failure = failure
        self.stage = DialStage.LOOKING_UP
        self.is_abandoned = False

    def poll(self, now: float) -> FakeTransport | None:
        del now
        if self.failure is not None:
            raise self.failure
        if self.stage is DialStage.LOOKING_UP:
            self.stage = DialStage.CONNECTING
            return None
        return self.transport

    def fileno(self) -> int:
        return -1

    def abandon(self) -> None:
        self.is_abandoned = True


class FailingStore(MemoryStore):
    """A store whose disk fails while `is_broken` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.is_broken = False
        self.saves: list[int] = []

    def keep_post(self, entry: Any) -> None:
        super().keep_post(entry)
        self.has_urgent = self.has_changes = True

    def keep_room(self, room: Any) -> None:
        super().keep_room(room)
        self.has_changes = True

    def save(self) -> None:
        self.saves.append(len(self.load().outbox))
        if self.is_broken:
            raise SystemFailure("disk full")
        self.has_urgent = self.has_changes = False


class LinkTestCase(unittest.TestCase):
    features: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.now = 1_000.0
        self.unix_ms = 1_700_000_000_000
        self.store = FailingStore()
        self.ceilings: list[float] = []
        self.dialers: list[FakeDialer] = []
        self.dial_failure: ConnectionFailure | None = None
        self.decoder = FrameDecoder(limits.CLIENT_FRAME_BYTES_MAX)
        session = Session("Ann", "install", self.store, seeded_bits(1), rooms=["lobby"])
        self.link = Link(session, self.store, self.dial, self.jitter)
        self.addCleanup(self.link.close)

    def dial(self) -> FakeDialer:
        self.dialers.append(FakeDialer(FakeTransport(), self.dial_failure))
        self.decoder = FrameDecoder(limits.CLIENT_FRAME_BYTES_MAX)
        return self.dialers[-1]

    def jitter(self, low: float, high: float) -> float:
        self.assertEqual(low, 0.0)
        self.ceilings.append(high)
        return high

    @property
    def transport(self) -> FakeTransport:
        return self.dialers[-1].transport

    def poll(self, seconds: float = 0.0) -> list[Any]:
        self.now += seconds
        self.unix_ms += round(seconds * 1_000)
        return list(self.link.poll(self.now, self.unix_ms))

    def states(self, told: list[Any]) -> list[LinkState]:
        return [event.state for event in told if isinstance(event, StateChanged)]

    def says(self, kind: str, **fields: object) -> None:
        self.transport.arriving.append(encode_frame(json.dumps({"type": kind, **fields}).encode()))

    def heard(self) -> list[dict[str, Any]]:
        """Return what the client has sent since the last time."""
        self.decoder.feed(bytes(self.transport.taken))
        self.transport.taken.clear()
        return [json.loads(payload) for payload in iter(self.decoder.next_payload, None) if payload is not None]

    def says_welcome(self) -> None:
        self.says(
            "welcome", protocol=1, server="Lab", epoch="e1", name="Ann", token="t1", time=1, rooms=[], limits=LIMITS,
            features=self.features,
        )  # fmt: skip

    def come_online(self) -> None:
        self.link.start(self.now)
        self.poll()
        self.poll()
        self.says_welcome()
        self.poll()
        join = next(request for request in self.heard() if request["type"] == "join")
        self.says("joined", room="lobby", head=0, first=1, next=1, online=1, members=["Ann"], ref=join["ref"])
        self.poll()
        self.assertIs(self.link.state, LinkState.ONLINE)

    def fails_with(self, failure: type[ConnectionFailure], told: list[Any]) -> None:
        changes = [event for event in told if isinstance(event, StateChanged)]
        self.assertIsInstance(changes[-1].failure, failure)
        self.assertIs(self.link.state, LinkState.WAITING)
        self.assertTrue(self.dialers[-1].is_abandoned or self.transport.is_closed)
