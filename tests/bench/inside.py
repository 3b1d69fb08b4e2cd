"""The server's rules and log in this process, without sockets: what `way`, `stages` and `growth` measure.

The hub and the log are the real ones, the log on disk with the server's own defaults. What stands in for people are
outlets that take everything and count it. Frames to feed in are made outside of what is timed.
"""

from __future__ import annotations

import random
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable, Sequence

from chat_core import limits
from chat_core.client.outbox import make_mid
from chat_core.framing import FrameDecoder, encode_frame
from chat_core.messages import Hello, Join, Post, encode
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from chat_core.messages import Request
    from chat_core.server.session import Outlet, Session

__all__ = [
    "ROOM",
    "TEXT_CHARS",
    "CountingOutlet",
    "Inside",
    "Poster",
    "SqlTimes",
    "TimedConnection",
    "frames_of",
    "numbered_text",
]

ROOM = "lobby"
TEXT_CHARS = 64
_NUMBER_DIGITS = 10
#: Monotonic seconds from one tick to the next, and to the next in which presence is told: nothing here waits.
_TICK_S = 0.001
_PRESENCE_S = 2.0
_PAGE_ROWS = 1_000


def numbered_text(number: int) -> str:
    """Make the text of one post: its number, and words up to 64 characters."""
    return f"{number:0{_NUMBER_DIGITS}d} the quick brown fox jumps over the lazy dog, and again "[:TEXT_CHARS].ljust(
        TEXT_CHARS, "."
    )


class CountingOutlet:
    """Takes everything at once and only counts it; its queue is always empty."""

    __slots__ = ("bytes_taken", "is_ended", "queued_bytes")

    def __init__(self) -> None:
        self.bytes_taken = 0
        self.queued_bytes = 0
        self.is_ended = False

    def put(self, frames: bytes) -> None:
        """Count them."""
        self.bytes_taken += len(frames)

    def end(self) -> None:
        """Note it: nobody is thrown out of a benchmark."""
        self.is_ended = True


@dataclass
class SqlTimes:
    """Nanoseconds that a log spent in SQLite, since they were last set to nothing."""

    insert_ns: int = 0  # statements with many rows
    commit_ns: int = 0  # COMMIT, with its fsync and, now and then, a checkpoint


class TimedConnection(sqlite3.Connection):
    """A database that notes how long its statements take; it costs a microsecond for each statement, not for each row.

    Connections of this class are opened as the log opens its own.
    """

    times: SqlTimes

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Run a statement; a COMMIT and an INSERT are timed."""
        began = time.perf_counter_ns()
        cursor = super().execute(sql, parameters)
        if sql == "COMMIT":
            self.times.commit_ns += time.perf_counter_ns() - began
        elif sql.startswith("INSERT"):
            self.times.insert_ns += time.perf_counter_ns() - began
        return cursor

    def executemany(self, sql: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
        """Run a statement for many rows, timed."""
        began = time.perf_counter_ns()
        cursor = super().executemany(sql, parameters)
        self.times.insert_ns += time.perf_counter_ns() - began
        return cursor

    @classmethod
    def open(cls, name: str) -> TimedConnection:
        """Open a database."""
        opened = sqlite3.connect(name, timeout=0, isolation_level=None, factory=cls)
        assert isinstance(opened, cls)
        opened.times = SqlTimes()
        return opened


@dataclass
class Poster:
    """Somebody who is in the room and posts: the session, and the decoder that its bytes are fed to."""

    session: Session
    outlet: CountingOutlet
    decoder: FrameDecoder


class Inside:
    """A hub on a log in a file, with some who post in one room. `cleanup` closes the log.

    The log may be there already; then its room is the one they are in.
    """

    def __init__(self, cleanup: ExitStack, path: Path, posters: int = 4, *, is_synchronous: bool = True) -> None:
        self._random = random.Random(4)
        self._tokens = (f"token-{number:022d}" for number in range(10**9))
        self.log = SqliteLog(path, "epoch-1", is_synchronous=is_synchronous, connect=self._open)
        cleanup.callback(self.log.close)
        began = time.perf_counter()
        self.hub = Hub(self.log, HubOptions(rate_per_s=0.0), lambda: next(self._tokens))
        self.start_s = time.perf_counter() - began
        self._now = 1_000.0
        self._unix_ms = time.time_ns() // 1_000_000
        self._posted = 0
        self.posters = [self._poster(number) for number in range(posters)]
        self.settle()
        self.first_seq = self.hub.rooms[ROOM].head + 1

    def _open(self, name: str) -> TimedConnection:
        self.database = TimedConnection.open(name)
        return self.database

    def _poster(self, number: int) -> Poster:
        outlet = CountingOutlet()
        session = self.log_in(f"poster {number}", outlet)
        return Poster(session, outlet, FrameDecoder(limits.CLIENT_FRAME_BYTES_MAX))

    # --- coming in ---

    def log_in(self, name: str, outlet: Outlet) -> Session:
        """Let somebody in, live in the room."""
        session = self.hub.connected(outlet)
        for request in (Hello(limits.PROTOCOL_VERSION, name, "install"), Join(ROOM, last=0)):
            self.ask(session, request)
        assert session.person is not None, f"{name} did not get in"
        assert not session.behind, f"{name} is not live"
        return session

    def ask(self, session: Session, request: Request) -> None:
        """Have one request answered, in a tick of its own."""
        self.begin()
        self.hub.receive(session, encode(request))
        self.hub.commit()
        self.hub.deliver()

    def begin(self) -> None:
        """Begin a tick, a millisecond after the last one."""
        self._now += _TICK_S
        self._unix_ms += 1
        self.hub.begin(self._now, self._unix_ms)

    def settle(self) -> None:
        """Have all presence told that is still to be told."""
        while self.hub.next_telling_at() is not None:
            self._now += _PRESENCE_S
            self.begin()
            self.hub.deliver()

    # --- posting ---

    def make_posts(self, count: int) -> list[list[bytes]]:
        """Encode so many posts as clients do, in equal parts for each poster, every one a payload of its own."""
        share = count // len(self.posters)
        return [[self._make_post() for _ in range(share)] for _ in self.posters]

    def _make_post(self) -> bytes:
        self._posted += 1
        mid = make_mid(self._unix_ms, self._random.getrandbits)
        return encode(Post(ROOM, mid, numbered_text(self._posted)))

    def tick(self, pieces: Sequence[bytes]) -> None:
        """Take what came from each poster, from the bytes to what the room is told: a tick of the server."""
        self.begin()
        receive = self.hub.receive
        for poster, data in zip(self.posters, pieces):
            session, decoder = poster.session, poster.decoder
            decoder.feed(data)
            payload = decoder.next_payload()
            while payload is not None:
                receive(session, payload)
                payload = decoder.next_payload()
        self.hub.commit()
        self.hub.deliver()

    def check(self) -> int:
        """See in the log that all posts of all posters are stored, once and in each one's order; return how many."""
        newest = dict.fromkeys((f"poster {number}" for number in range(len(self.posters))), 0)
        room = self.hub.rooms[ROOM]
        cursor, stored = self.first_seq - 1, 0
        while cursor < room.head:
            rows = self.log.after(room.id, cursor, _PAGE_ROWS, _PAGE_ROWS * TEXT_CHARS)
            for row in rows:
                cursor, stored = cursor + 1, stored + 1
                number = int(row.text[:_NUMBER_DIGITS])
                assert row.seq == cursor, f"{row} is not {cursor}"
                assert row.text == numbered_text(number), f"{row} was not written"
                assert number > newest[row.sender], f"{row} comes after {newest[row.sender]}"
                newest[row.sender] = number
        assert stored == self._posted, f"{stored} of {self._posted} posts are stored"
        assert not any(poster.outlet.is_ended for poster in self.posters), "a poster was thrown out"
        return stored


def frames_of(payloads: Sequence[bytes]) -> bytes:
    """Put a header before each payload and join them: what one read from a socket brings."""
    return b"".join(encode_frame(payload) for payload in payloads)
