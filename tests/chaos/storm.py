"""A run of chaos from beginning to end: who is killed when, and what to wait for. It judges nothing; `checkers` do.

Five times: *gathering*, until everybody is in their rooms; the *storm*, in which the server and the workers are
killed and the proxy misbehaves; *calm*, in which only people type, so that the last kill has its recoveries too;
*quiet*, in which nobody types, until everybody has everything; and the end, in order. Every wait is bounded.

All decisions come from one seed. What becomes of them does not: real processes are never twice in the same state.
"""

from __future__ import annotations

import random
import selectors
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

from tests.chaos.processes import HOST, Child, ServerChild, WorkerChild
from tests.chaos.proxy import FaultProxy

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Kill", "Plan", "Storm", "StormError", "Story", "rooms_of"]

_STEP_S_MAX = 0.05
_GATHERING_S_MAX = 60.0
#: Cursors are written once a second; whoever is killed before the first of them is on disk comes back as a newcomer.
_SETTLING_S = 1.5
_QUIET_S_MAX = 180.0
_LEAVING_S_MAX = 30.0
#: Not where systems take the ports for outgoing connections from, one of which could sit on the server's while it
#: is down.
_PORTS = (20_000, 30_000)
_PORT_TRIES = 100
_KILL_SPREAD = (0.8, 1.2)
_STOP_S = (0.5, 10.0)
_STOP_AFTER_S = (0.1, 1.0)
_AFTER_STOP_S = 1.0
_KILL_WHILE_STOPPED = 0.25
_KILL_WHILE_STARTING = 0.08
_STARTING_S = (0.0, 0.3)
_KILL_WHILE_SERVER_IS_DOWN = 0.5
_WORKER_DOWN_S = (0.1, 1.0)
_NEVER = float("inf")


class StormError(Exception):
    """The run could not be brought to its end; what it was to show is not shown."""


@dataclass(frozen=True)
class Plan:
    """How much of everything. Times are seconds; `kills_max` ends the storm before `storm_s` is over."""

    seed: int
    storm_s: float
    clients: int = 30
    rooms: int = 5
    workers: int = 3
    typing_s: float = 0.5
    kill_every_s: float = 2.0
    kills_max: int = 1_000_000
    stop_probability: float = 0.07
    worker_kill_every_s: float = 6.0
    fault_probability: float = 0.25
    calm_s: float = 8.0


@dataclass
class Kill:
    """A kill of the server, and when the next one said that it listens."""

    at: float
    listening_at: float = _NEVER


@dataclass
class Story:
    """What was done, with times in monotonic seconds, for the figures."""

    kills: list[Kill] = field(default_factory=list)
    kills_while_starting: int = 0
    stops: list[tuple[float, float]] = field(default_factory=list)
    #: Who was killed, from when until their process reported again.
    worker_kills: list[tuple[tuple[str, ...], float, float]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    healing_s: float = 0.0


def rooms_of(number: int, rooms: int) -> list[str]:
    """Return the rooms of the client of that number: two different ones, if there are as many."""
    first = number % rooms
    second = (first + 1 + number // rooms % max(1, rooms - 1)) % rooms
    return [f"room-{room}" for room in sorted({first, second})]


def _free_port(chance: random.Random) -> int:
    for _ in range(_PORT_TRIES):
        port = chance.randrange(*_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise StormError("no port is free")


class Storm:
    """One run, in `folder`, which must be empty. Use `with`: whatever happens, its processes end."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.story = Story()
        self._folder = folder
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self._cleanup = ExitStack()
        self._selector = self._cleanup.enter_context(selectors.DefaultSelector())
        self._port = _free_port(self._chance)
        self.proxy = FaultProxy(self._selector, self._port, random.Random(plan.seed + 1))
        self._cleanup.callback(self.proxy.close)
        self._groups = [
            {f"c{number:02}": rooms_of(number, plan.rooms) for number in range(first, plan.clients, plan.workers)}
            for first in range(min(plan.workers, plan.clients))
        ]
        self._workers: list[WorkerChild | None] = [None for _ in self._groups]
        self._server: ServerChild | None = None
        self._kill_at = self._stop_at = self._go_on_at = self._worker_at = _NEVER
        self._waits_for_outage = False
        self._down: tuple[int, float, float] | None = None  # a killed worker, since when, until when

    def __enter__(self) -> Storm:  # noqa: PYI034 - nothing inherits from it, and typing.Self came with 3.11
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            child.kill()
        self._cleanup.close()

    @property
    def children(self) -> list[Child]:
        """The processes there are, ended ones included."""
        return [child for child in (self._server, *self._workers) if child is not None]

    # --- the course of it ---

    def run(self, tell: Callable[[str], None]) -> None:
        """Go through all of it; `tell` hears how far it is. Raises StormError."""
        plan = self._plan
        self._start_server()
        for group in range(len(self._groups)):
            self._start_worker(group)
        self._until(self._everybody_is_live, _GATHERING_S_MAX, "somebody did not get into their rooms")
        self._for(_SETTLING_S)
        tell("everybody is there; the storm begins")
        self._rage(tell)
        tell("the storm is over")
        self._heal()
        self._for(plan.calm_s)
        for worker in self._workers:
            if worker is not None:
                worker.tell("quiet")
        began = time.monotonic()
        try:
            self._until(lambda: not self._unsettled(), _QUIET_S_MAX, "somebody did not get everything")
        except StormError as error:
            raise StormError(f"{error} {' '.join(self._unsettled()[:3])}") from None
        self.story.healing_s = time.monotonic() - began
        self._leave()

    def _rage(self, tell: Callable[[str], None]) -> None:
        plan, story = self._plan, self.story
        began = time.monotonic()
        told_at = began + 60.0
        self.proxy.misbehave(plan.fault_probability)
        self._plan_kill(began)
        self._plan_worker_kill(began)
        while time.monotonic() < began + plan.storm_s and len(story.kills) < plan.kills_max:
            self._step()
            now = time.monotonic()
            self._harm_server(now)
            self._harm_workers(now)
            if now >= told_at:
                told_at += 60.0
                tell(f"{now - began:.0f} s: {len(story.kills)} kills, {len(self.proxy.strikes)} faults of the proxy")

    def _heal(self) -> None:
        """Let everything run, and nothing fail any more."""
        self.proxy.heal()
        self._kill_at = self._stop_at = _NEVER
        if self._server is not None and self._server.is_stopped:
            self._end_stop(time.monotonic())
        if self._down is not None and self._workers[self._down[0]] is None:
            self._start_worker(self._down[0])
        self._until(lambda: self._down is None, _GATHERING_S_MAX, "a killed worker did not come back")
        self._until(self._server_listens, _GATHERING_S_MAX, "the server did not come back")

    def _leave(self) -> None:
        for worker in self._workers:
            if worker is not None:
                worker.tell("leave")
        workers = [worker for worker in self._workers if worker is not None]
        self._until(
            lambda: all(worker.status is not None for worker in workers), _LEAVING_S_MAX, "a worker stays", may_end=True
        )
        assert self._server is not None
        server = self._server
        server.ask_to_stop()
        self._until(lambda: server.status is not None, _LEAVING_S_MAX, "the server does not stop", may_end=True)
        for child in (*workers, server):
            if child.status:
                self.story.troubles.append(f"{type(child).__name__} ended with status {child.status}")

    # --- waiting ---

    def _step(self) -> None:
        """Wait a moment, and do what the sockets and the clock ask for."""
        now = time.monotonic()
        for key, mask in self._selector.select(max(0.0, min(_STEP_S_MAX, self.proxy.next_due() - now))):
            key.data(mask, time.monotonic())
        now = time.monotonic()
        self.proxy.step(now)
        story, server = self.story, self._server
        if server is not None and server.listening_at is not None:
            for kill in reversed(story.kills):
                if kill.listening_at != _NEVER:
                    break
                kill.listening_at = server.listening_at
        if self._down is not None:
            group, since, _ = self._down
            worker = self._workers[group]
            if worker is not None and worker.report:
                story.worker_kills.append((tuple(worker.people), since, now))
                self._down = None

    def _for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._step()
            self._expect_children()

    def _until(self, is_so: Callable[[], bool], seconds_max: float, otherwise: str, *, may_end: bool = False) -> None:
        deadline = time.monotonic() + seconds_max
        while not is_so():
            if time.monotonic() >= deadline:
                raise StormError(f"After {seconds_max:.0f} s {otherwise}.")
            self._step()
            if not may_end:
                self._expect_children()

    def _expect_children(self) -> None:
        for child in self.children:
            if child.status is not None:
                raise StormError(f"A {type(child).__name__} ended by itself with status {child.status}.")

    def _server_listens(self) -> bool:
        return self._server is not None and self._server.listening_at is not None

    # --- killing ---

    def _start_server(self) -> None:
        self._server = ServerChild(self._selector, self._folder, self._port)

    def _plan_kill(self, now: float) -> None:
        chance, plan = self._chance, self._plan
        self._kill_at = now + plan.kill_every_s * chance.uniform(*_KILL_SPREAD)
        self._stop_at = _NEVER
        is_starting, stops = chance.random() < _KILL_WHILE_STARTING, chance.random() < plan.stop_probability
        after_s = chance.uniform(*_STARTING_S), chance.uniform(*_STOP_AFTER_S)
        if is_starting:
            self._kill_at = now + after_s[0]
        elif stops:
            self._stop_at = now + after_s[1]

    def _harm_server(self, now: float) -> None:
        server = self._server
        assert server is not None
        if server.status is not None:
            raise StormError(f"The server ended by itself with status {server.status}.")
        if now >= self._stop_at and server.listening_at is not None:
            self._begin_stop(server, now)
        elif now >= self._go_on_at:
            self._end_stop(now)
        elif now >= self._kill_at:
            if server.is_stopped:
                self._end_stop(now, goes_on=False)
            self.story.kills_while_starting += server.listening_at is None
            server.kill()
            self.story.kills.append(Kill(now))
            self._start_server()
            self._plan_kill(now)

    def _begin_stop(self, server: ServerChild, now: float) -> None:
        server.halt()
        self._stop_at = _NEVER
        until = now + self._chance.uniform(*_STOP_S)
        self.story.stops.append((now, until))
        if self._chance.random() < _KILL_WHILE_STOPPED:
            self._kill_at = until
        else:
            self._go_on_at = until
            self._kill_at = until + _AFTER_STOP_S

    def _end_stop(self, now: float, *, goes_on: bool = True) -> None:
        assert self._server is not None
        if goes_on:
            self._server.go_on()
        self._go_on_at = _NEVER
        self.story.stops[-1] = (self.story.stops[-1][0], now)

    def _start_worker(self, group: int) -> None:
        plan = self._plan
        self._workers[group] = WorkerChild(
            self._selector, self._folder, self.proxy.port, plan.seed, self._groups[group], plan.typing_s
        )

    def _plan_worker_kill(self, now: float) -> None:
        self._worker_at = now + self._plan.worker_kill_every_s * self._chance.uniform(0.5, 1.5)
        # Every second worker dies while the server is down, for then its outboxes are not empty.
        self._waits_for_outage = self._chance.random() < _KILL_WHILE_SERVER_IS_DOWN

    def _harm_workers(self, now: float) -> None:
        if self._down is not None:
            group, _, until = self._down
            if self._workers[group] is None and now >= until:
                self._start_worker(group)
            return
        for worker in self._workers:
            if worker is not None and worker.status is not None:
                raise StormError(f"A worker ended by itself with status {worker.status}.")
        if now >= self._worker_at and not (self._waits_for_outage and self._server_listens()):
            self._plan_worker_kill(now)
            group = self._chance.randrange(len(self._groups))
            killed = self._workers[group]
            assert killed is not None
            killed.kill()
            self._workers[group] = None
            self._down = (group, now, now + self._chance.uniform(*_WORKER_DOWN_S))

    # --- how the people stand ---

    def _people(self) -> dict[str, dict[str, Any]]:
        """Return how everybody stands who has said so."""
        reports = [worker.report for worker in self._workers if worker is not None and worker.report]
        return {name: standing for report in reports for name, standing in report["people"].items()}

    def _everybody_is_live(self) -> bool:
        people = self._people()
        return len(people) == self._plan.clients and all(standing["is_live"] for standing in people.values())

    def _unsettled(self) -> list[str]:
        """Say who still types, has something in the outbox, or was not yet shown the newest of a room."""
        people = self._people()
        heads: dict[str, int] = {}
        for standing in people.values():
            for room, seq in standing["heads"].items():
                heads[room] = max(seq, heads.get(room, 0))
        is_quiet = all(worker is not None and worker.report.get("is_quiet") for worker in self._workers)
        return [
            f"{name}: {standing}"
            for name, standing in people.items()
            if not is_quiet
            or not standing["is_live"]
            or standing["outbox"]
            or any(seq != heads.get(room) for room, seq in standing["shown"].items())
        ]
