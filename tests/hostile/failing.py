"""A server of which one call fails: the real app, hub and log over a database, a network and a door that can fail.

Nothing is tested here; `tests.test_fault_injection` and `tests.test_full_disk` are. The network and the clock are
those of `tests.fakes`, the database is SQLite's own.
"""

from __future__ import annotations

import enum
import itertools
import sqlite3
from typing import TYPE_CHECKING, Any, Iterable, NamedTuple

from chat_core.errors import BrokenPipe, ConnectionReset
from chat_core.net.listener import NoDescriptorsError
from chat_core.net.loop import Loop, WakeUp
from chat_core.server.app import App
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from chat_core.server.retention import Retention
from tests.fakes import FakeClock, FakeDoor, FakePeer, FakeSelector, FakeTransport

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["COMMITS", "STATEMENTS", "Bench", "Chaos", "Database", "Fault", "Row", "Wire"]


class Fault(enum.Enum):
    """What fails, and how."""

    STATEMENT_FAILS = "a statement fails, and SQLite rolls the transaction back by itself"
    STATEMENT_LEAVES_OPEN = "a statement fails, and the transaction stays open"
    ROLLBACK_FAILS = "a statement fails, and so does the ROLLBACK that follows it"
    # A real fsync cannot be made to fail from Python without a VFS of one's own. What the server gets to see of it
    # is this: COMMIT raises "disk I/O error", and SQLite has rolled back.
    COMMIT_FAILS = "COMMIT fails, as it does when its fsync has failed"
    # And this is what a failed fsync can leave behind: the frames have reached the file all the same, and who
    # opens it next finds them. SQLite's own memory knows nothing of them, so this takes a kill -9 and a restart.
    COMMIT_FAILS_AND_IS_FOUND = "COMMIT fails, the server is killed, and the restarted one finds it committed"
    KILL_BEFORE_COMMIT = "the server is killed just before a COMMIT"
    SEND_FAILS = "a send fails"
    SEND_IS_CUT = "a send takes half, and the next one fails"
    RECEIVE_FAILS = "a receive fails"
    RECEIVE_ENDS = "a receive finds the end of the stream"
    ACCEPT_HAS_NO_DESCRIPTOR = "an accept finds no descriptor free, and the caller is turned away"
    ACCEPT_FAILS = "an accept fails"


STATEMENTS = (Fault.STATEMENT_FAILS, Fault.STATEMENT_LEAVES_OPEN, Fault.ROLLBACK_FAILS)
COMMITS = (Fault.COMMIT_FAILS, Fault.COMMIT_FAILS_AND_IS_FOUND, Fault.KILL_BEFORE_COMMIT)


class Killed(BaseException):
    """The server's process ends here. No handler of the server's may catch it."""


class Chaos:
    """Lets the n-th call of one kind fail. `calls` counts those of every kind, in a run without a fault too.

    Nothing is counted, and nothing fails, before `is_on`.
    """

    def __init__(self, fault: Fault | None = None, at: int = 0) -> None:
        self.fault = fault
        self.calls = dict.fromkeys(Fault, 0)
        self.has_struck = False
        self.is_on = False
        self._at = at

    def strikes(self, *kinds: Fault) -> Fault | None:
        """Count a call that each of these kinds could strike, and return the one that does."""
        for kind in kinds if self.is_on else ():
            self.calls[kind] += 1
            if kind is self.fault and self.calls[kind] == self._at:
                self.has_struck = True
                return kind
        return None


class Database:
    """SQLite's own connection, of which one statement fails."""

    def __init__(self, name: str, chaos: Chaos) -> None:
        self.real = sqlite3.connect(name, timeout=0, isolation_level=None)
        self._chaos = chaos
        self._rollback_fails = False
        self.is_killed = False

    @property
    def in_transaction(self) -> bool:
        return self.real.in_transaction

    def execute(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        self._pass(statement)
        return self.real.execute(statement, tuple(values))

    def executemany(self, statement: str, rows: list[Any]) -> sqlite3.Cursor:
        self._pass(statement)
        return self.real.executemany(statement, rows)

    def _pass(self, statement: str) -> None:
        if statement == "ROLLBACK":
            if self._rollback_fails:
                self._rollback_fails = False
                self.real.execute("ROLLBACK")  # it has ended all the same: that is the one thing that is sure of it
                raise sqlite3.OperationalError("disk I/O error")
            return
        fault = self._chaos.strikes(*STATEMENTS, *(COMMITS if statement == "COMMIT" else ()))
        if fault is None:
            return
        if fault is Fault.KILL_BEFORE_COMMIT:
            raise Killed
        if fault is Fault.COMMIT_FAILS_AND_IS_FOUND:
            self.real.execute("COMMIT")
            self.is_killed = True
        elif fault is Fault.ROLLBACK_FAILS:
            self._rollback_fails = self.real.in_transaction
        elif fault is not Fault.STATEMENT_LEAVES_OPEN and self.real.in_transaction:
            self.real.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    def close(self) -> None:
        self.real.close()


class Wire(FakeTransport):
    """A connection of which one send or receive fails."""

    def __init__(self, chaos: Chaos) -> None:
        super().__init__()
        self._chaos = chaos
        self.is_struck = False

    def send(self, data: bytes | memoryview) -> int:
        fault = self._chaos.strikes(Fault.SEND_FAILS, Fault.SEND_IS_CUT)
        if fault is not None:
            self.is_struck = True
            self.fails = BrokenPipe("injected")
            if fault is Fault.SEND_IS_CUT:
                half = len(data) // 2
                self.sent += data[:half]
                return half
        return super().send(data)

    def receive(self, bytes_max: int) -> bytes | None:
        fault = self._chaos.strikes(Fault.RECEIVE_FAILS, Fault.RECEIVE_ENDS)
        if fault is not None:
            self.is_struck = True
            self.arrivals.clear()
            self.arrivals.append(ConnectionReset("injected") if fault is Fault.RECEIVE_FAILS else b"")
        return super().receive(bytes_max)


class Door(FakeDoor):
    """A listener of which one accept fails."""

    def __init__(self, chaos: Chaos) -> None:
        super().__init__()
        self._chaos = chaos

    def accept(self) -> FakeTransport | None:
        fault = self._chaos.strikes(Fault.ACCEPT_HAS_NO_DESCRIPTOR, Fault.ACCEPT_FAILS)
        if fault is Fault.ACCEPT_FAILS:
            raise OSError("injected")
        caller = super().accept()
        if fault is not None and caller is not None:
            assert isinstance(caller, Wire)
            caller.is_struck = True
            caller.close()
            raise NoDescriptorsError
        return caller


class Row(NamedTuple):
    """A message of the log, read past the code that wrote it."""

    seq: int
    sender: str
    mid: str
    text: str


class Bench:
    """The real app, hub and log on a database of which something fails, and a clock that goes when it is told to.

    `keep` is how many messages of each room are kept, None for all.
    """

    def __init__(self, chaos: Chaos, path: Path | None = None, *, keep: int | None = None) -> None:
        self.chaos = chaos
        self.keep = keep
        self.clock = FakeClock()
        self.restarts = 0
        self._path = path
        self._tokens = (f"token-{number}" for number in itertools.count(1))
        self._start()

    def _start(self) -> None:
        self.selector = FakeSelector(self.clock)
        self.door = Door(self.chaos)
        self.selector.things[self.door.fileno()] = self.door
        self.log = SqliteLog(self._path, "epoch-1", is_synchronous=False, connect=self._connect)
        options = HubOptions(rate_per_s=0.0, retention=Retention(messages=self.keep))
        self.hub = Hub(self.log, options, lambda: next(self._tokens))
        self.app = App(
            door=self.door,
            hub=self.hub,
            log=self.log,
            loop=Loop(self.selector),
            wake_up=WakeUp(),
            clock=self.clock,
            wall_clock=self.clock.unix_ms,
        )

    def restart(self) -> None:
        """Kill the server, as far as anybody outside can tell, and start it again on the same file."""
        self.close()
        self.restarts += 1
        self._start()

    def _connect(self, name: str) -> Any:
        self.database = Database(name, self.chaos)
        return self.database

    def call(self) -> FakePeer:
        """Stand somebody before the door."""
        wire = Wire(self.chaos)
        self.selector.things[wire.fileno()] = wire
        self.door.waiting.append(wire)
        return FakePeer(wire)

    def run_for(self, seconds: float) -> None:
        """Run ticks until so much time has passed; a server that is killed on the way is started again."""
        until = self.selector.latest = self.clock.now + seconds
        while self.clock.now < until:
            before = self.clock.now
            try:
                self.app.tick()
            except Killed:
                self.database.is_killed = True
            if self.database.is_killed:
                self.restart()
                self.selector.latest = until
            if self.clock.now == before:
                self.clock.advance(0.001)
        self.selector.latest = float("inf")

    def rows(self) -> dict[str, list[Row]]:
        """Read the log, each room's messages in order."""
        rooms: dict[int, str] = dict(self.database.real.execute("SELECT id, name FROM room ORDER BY id"))
        found: dict[str, list[Row]] = {name: [] for name in rooms.values()}
        for number, *rest in self.database.real.execute("SELECT id, sender, mid, text FROM message ORDER BY id"):
            found[rooms[number >> 40]].append(Row(number & (1 << 40) - 1, *rest))
        return found

    def mids(self) -> list[tuple[str, str, int]]:
        """Read the dedupe keys: mid, room, seq."""
        query = "SELECT mid.mid, room.name, mid.message & ? FROM mid JOIN room ON room.id = mid.message >> 40"
        return self.database.real.execute(query, ((1 << 40) - 1,)).fetchall()

    def close(self) -> None:
        """Give everything back, in whatever state it is."""
        self.app.close()
        self.log.close()
