"""The world of one seed: a server, some people, a network and disks, and all that goes wrong with them.

A run has two halves. In the first, faults happen with the probabilities that the seed drew; in the second they
have stopped, and everything must come right.
"""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from pathlib import Path
from typing import Any, Callable
from unittest import mock

from chat_core import limits
from chat_core.errors import StartFailure, StorageError
from chat_core.net.loop import Loop
from chat_core.server.app import App
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from chat_core.server.retention import KEEP_ALL, Retention
from tests.simulation.chance import Chance, Trace
from tests.simulation.checkers import Broken, Checkers, LogView
from tests.simulation.disk import SimDatabase
from tests.simulation.network import Clock, Network, SimDoor, SimSelector, SimTransport, SimWakeUp, Weather
from tests.simulation.people import Somebody

__all__ = ["Faults", "World"]

_STEPS = 500
_SETTLE_STEPS_MAX = 4_000
_MESSAGES_MAX = 500  # each
_ROOMS = ("lobby", "Lab", "stage")


class Crash(BaseException):
    """The server's process ends here, as by kill -9. No handler of the server's may catch it."""


#: Bounds so small that a few messages reach them. Half of the seeds run with these.
_NARROW = {
    "HIGH_WATER_BYTES": 4_096,
    "LOW_WATER_BYTES": 512,
    "CATCH_UP_CHUNK_BYTES": 1_024,
    "CATCH_UP_ROWS": 3,
    "CATCH_UP_BYTES_PER_TICK": 4_096,
    "TAIL_BYTES_PER_ROOM": 4_096,
    "TAIL_BYTES_ALL_ROOMS": 6_000,
    "SEND_BYTES_MAX": 700,
    "READ_BYTES_PER_TICK": 900,
    "REQUESTS_PER_TICK": 3,
    "PRUNE_ROWS": 7,
    "PRUNE_TEXT_CHARS": 900,
    "PRUNE_ROOMS": 2,
    "PRUNE_AFTER_STORED": 5,
    "EPHEMERAL_PEOPLE_MAX": 3,
}


class Faults:
    """What goes wrong in a run, as probabilities for each step, or each call where it says so."""

    def __init__(self, chance: Chance) -> None:
        def sometimes(*choices: float) -> float:
            return chance.one_of((0.0, *choices))

        self.reset = sometimes(0.002, 0.02)
        self.half_open = sometimes(0.002, 0.01)
        self.hold = sometimes(0.005, 0.03)
        self.sleep = sometimes(0.005, 0.02)
        self.twin = sometimes(0.005)
        self.client_crash = sometimes(0.003, 0.01)
        self.client_disk = sometimes(0.05, 0.5)  # for each save
        self.server_crash = sometimes(0.003, 0.02)
        self.new_log = sometimes(0.1)  # for each crash
        self.disk_full = sometimes(0.003, 0.01)
        self.disk_error = sometimes(0.005, 0.03)  # one statement, somewhere in the tick
        self.clock_jump = sometimes(0.005)
        self.move = sometimes(0.01)

    def stop(self) -> None:
        """Let nothing go wrong any more."""
        for name in vars(self):
            setattr(self, name, 0.0)


class World:
    """One run. `run` raises Broken when a promise is."""

    def __init__(self, seed: int, *, keeps_trace: bool = False) -> None:
        self.chance = Chance(seed)
        self.trace = Trace(is_kept=keeps_trace)
        self.clock = Clock()
        self.weather = Weather(self.chance)
        self.faults = Faults(self.chance)
        self.network = Network(self.clock, self.chance, self.weather)
        self.network.on_server_call = self._server_call  # type: ignore[method-assign]
        self.checkers = Checkers(self)
        self.app: App | None = None
        self.twins: list[SimTransport] = []
        self.epoch = ""
        self._folder = tempfile.TemporaryDirectory()
        self._views: dict[str, LogView] = {}
        self._database: SimDatabase | None = None  # the server's, while it has one open
        self._boots_at = 0.0
        self._crash_in: int | None = None
        self._fail_in: int | None = None
        self._full_until = 0.0
        self._rate_per_s = self.chance.one_of((0.0, 20.0, 50.0))
        self._retention = Retention(None, self.chance.one_of((5, 60))) if self.chance.happens(0.3) else KEEP_ALL
        self.has_ephemeral = self.chance.happens(0.9)
        self._bounds = mock.patch.dict(vars(limits), _NARROW if self.chance.happens(0.5) else {})
        self._begin_log()
        self._boot()
        self._talk = self.chance.one_of((0.02, 0.1, 0.5))
        self._fidget = self.chance.one_of((0.0, 0.02, 0.1))  # at the keyboard, and away from it
        self.people: dict[str, Somebody] = {}
        for number in range(2 + self.chance.below(4)):
            rooms = tuple(room for room in _ROOMS if self.chance.happens(0.7)) or _ROOMS[:1]
            name = f"p{number}"
            self.people[name] = Somebody(self, name, rooms)

    # --- for the others ---

    def view(self, epoch: str) -> LogView:
        """Return what is committed of the log of an epoch."""
        return self._views[epoch]

    def is_stored(self, mid: str) -> bool:
        """Return whether a message is in any log there ever was."""
        return any(mid in view.mids for view in self._views.values())

    # --- a run ---

    def run(self) -> None:
        """Run the first half, then the second. Raises Broken."""
        logging.disable(logging.WARNING)  # a world in which everything fails is a loud one; errors are heard
        try:
            with self._bounds:
                self._run()
        finally:
            logging.disable(logging.NOTSET)

    def _run(self) -> None:
        for _ in range(_STEPS):
            self._go_wrong()
            self._step(self.chance.one_of((0.001, 0.01, 0.01, 0.05, 0.05, 0.2, 1.0, 5.0)))
        self._heal()
        for _ in range(_SETTLE_STEPS_MAX):
            self._step(0.05)
            rest = self.checkers.settled()
            if not rest:
                return
        raise Broken(f"long after everything was well again: {rest}")

    def close(self) -> None:
        """Let go of the files."""
        self._log_off()
        for view in self._views.values():
            view.close()
        self._folder.cleanup()

    def _step(self, seconds: float) -> None:
        self.clock.now += seconds
        self._tick_server()
        for somebody in self.people.values():
            if somebody.asleep_until <= self.clock.now:
                if self.faults.move and self.chance.happens(self.faults.move):
                    somebody.move(_ROOMS)
                if len(somebody.written) < _MESSAGES_MAX and self.chance.happens(self._talk):
                    for _ in range(self.chance.one_of((1, 1, 3, 40))):
                        somebody.type()
                if self._fidget and self.chance.happens(self._fidget):
                    somebody.press_keys()
                if self._fidget and self.chance.happens(self._fidget):
                    somebody.come_or_go()
                somebody.live()
        for twin in self.twins:
            twin.close()
        self.twins.clear()

    # --- the server ---

    def _tick_server(self) -> None:
        try:
            if self.app is not None:
                for _ in range(3):
                    self.app.tick()
                    self._views[self.epoch].refresh(self.people)
                    self.checkers.bounded()
            elif self.clock.now >= self._boots_at:
                self._boot()
        except Crash:
            self._die()
        self._crash_in = self._fail_in = None

    def _begin_log(self) -> None:
        self.epoch = f"epoch-{len(self._views)}"
        # Made whole before anything can fail, for the view needs its tables.
        SqliteLog(self._path, self.epoch, is_synchronous=False).close()
        self._views[self.epoch] = LogView(self._path)

    @property
    def _path(self) -> Path:
        return Path(self._folder.name) / f"{self.epoch}.db"

    def _boot(self) -> None:
        self.trace.note(self.clock.now, "the server starts")
        try:
            log = SqliteLog(self._path, "unused", is_synchronous=False, connect=self._connect)
            options = HubOptions(
                rate_per_s=self._rate_per_s, retention=self._retention, has_ephemeral=self.has_ephemeral
            )
            hub = Hub(log, options, lambda: f"token-{self.chance.bits(128):x}")
        except (StartFailure, StorageError) as failure:
            self.trace.note(self.clock.now, f"it cannot: {failure}")
            self._log_off()
            self._boots_at = self.clock.now + 1.0
            return
        hub.prune = self._look_before(hub.prune)  # type: ignore[method-assign]
        door = SimDoor(self.network)
        self.network.door = door
        self.app = App(
            door=door,
            hub=hub,
            log=log,
            loop=Loop(SimSelector(self.network)),
            wake_up=SimWakeUp(self.network),
            clock=self.clock.monotonic,
            wall_clock=self.clock.wall,
        )

    def _look_before(self, prune: Callable[[], bool]) -> Callable[[], bool]:
        """Have the view read what is there before it may be pruned."""

        def look_and_prune() -> bool:
            self._views[self.epoch].refresh(self.people)
            return prune()

        return look_and_prune

    def _die(self) -> None:
        self.trace.note(self.clock.now, "the server is killed")
        self.app = None
        self.network.lose_server()
        self._log_off()
        self._crash_in = None
        self._boots_at = self.clock.now + self.chance.between(0.0, 5.0)
        self._views[self.epoch].refresh(self.people)
        if self.chance.happens(self.faults.new_log):
            self.trace.note(self.clock.now, "its data is gone")
            self._begin_log()

    def _log_off(self) -> None:
        if self._database is not None:
            self._database.close()  # an open transaction is rolled back, as at the next start after a kill
            self._database = None

    def _connect(self, name: str) -> Any:
        self._database = SimDatabase(name, self._before_statement, lambda _statement: self._server_call())
        return self._database

    def _server_call(self) -> None:
        if self._crash_in is not None:
            self._crash_in -= 1
            if self._crash_in <= 0:
                raise Crash

    def _before_statement(self, statement: str) -> None:
        self._server_call()
        if self._fail_in is not None:
            self._fail_in -= 1
            if self._fail_in <= 0:
                self._fail_in = None
                raise sqlite3.OperationalError("disk I/O error")
        if self.clock.now < self._full_until and statement.lstrip().startswith(("INSERT", "DELETE", "COMMIT")):
            raise sqlite3.OperationalError("database or disk is full")

    # --- what goes wrong ---

    def _go_wrong(self) -> None:
        chance, faults, now = self.chance, self.faults, self.clock.now
        ends = list(self.network.ends.values())
        if ends and chance.happens(faults.reset):
            chance.one_of(ends).break_off(tells_peer=True)
        if ends and chance.happens(faults.half_open):
            chance.one_of(ends).break_off(tells_peer=False)
        if ends and chance.happens(faults.hold):
            chance.one_of(ends).hold(now + chance.between(0.1, 60.0))
        somebody = chance.one_of(list(self.people.values()))
        if chance.happens(faults.sleep):
            somebody.asleep_until = now + chance.between(0.1, 200.0)
        if chance.happens(faults.twin):
            somebody.connect_twice()
        if chance.happens(faults.client_crash):
            self.trace.note(now, f"{somebody.name} crashes")
            somebody.crash()
        if chance.happens(faults.server_crash):
            self._crash_in = 1 + chance.below(60)
        if chance.happens(faults.disk_full):
            self._full_until = now + chance.between(0.1, 30.0)
        if chance.happens(faults.disk_error):
            self._fail_in = 1 + chance.below(12)
        if chance.happens(faults.clock_jump):
            self.clock.set_wall(int(chance.between(-3_600_000, 3_600_000)))

    def _heal(self) -> None:
        self.trace.note(self.clock.now, "all faults stop")
        self.faults.stop()
        self.weather.clear_up()
        self._talk = self._fidget = 0.0
        self._full_until = 0.0
        self._rate_per_s = 0.0
        for somebody in self.people.values():
            somebody.asleep_until = 0.0
        for end in self.network.ends.values():
            end.hold(0.0)
