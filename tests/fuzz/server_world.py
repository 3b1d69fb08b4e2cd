"""One world of the server's side: the real app, hub and log, and callers of every habit, for some thousand frames.

The log is SQLite in memory, whose statements fail now and then. What must hold is checked tick by tick here and in
`hearing`, and once everybody has gone in `aftermath`.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections import deque
from typing import TYPE_CHECKING, Any, Callable

from chat_core import limits
from chat_core.errors import FrameSizeError
from chat_core.net.connection import Phase
from chat_core.net.loop import Loop
from chat_core.server.app import App
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from chat_core.server.retention import KEEP_ALL, Retention
from tests.fuzz.aftermath import check_aftermath
from tests.fuzz.caller import HABITS, Caller, Habit, Identity
from tests.fuzz.grammar import Grammar
from tests.fuzz.hearing import Fault, Shared
from tests.fuzz.mutation import Mutation
from tests.fuzz.vocabulary import PERSONS, ROOMS, quoted
from tests.fuzz.wire import Wire, WireDoor, WireSelector, WireWakeUp
from tests.simulation.chance import Chance
from tests.simulation.disk import SimDatabase
from tests.simulation.network import Clock

if TYPE_CHECKING:
    from chat_core.errors import Refusal
    from chat_core.server.session import Session

__all__ = ["ServerWorld", "WatchedHub"]

_DAY_MS = 86_400_000
_TRACE = 40


class WatchedHub(Hub):
    """The hub, which counts what it takes and looks at every queue when it is fullest: before flushing."""

    queues: Callable[[], Any]
    taken = 0

    def receive(self, session: Session, payload: bytes) -> bool:
        """Count a payload, then take it."""
        self.taken += 1
        return super().receive(session, payload)

    def reject(self, session: Session, refusal: Refusal) -> bool:
        """Count a frame whose length is refused; a payload that is was counted already."""
        self.taken += isinstance(refusal, FrameSizeError)
        return super().reject(session, refusal)

    def deliver(self) -> None:
        """Deliver, then look."""
        super().deliver()
        for connection in self.queues():
            if connection.queued_bytes > limits.QUEUED_BYTES_MAX and connection.phase is not Phase.CLOSED:
                raise Fault(f"{connection.peer} has {connection.queued_bytes} bytes queued")


class ServerWorld:
    """A server and its callers. `run` raises what went wrong: Fault, or whatever escaped the server."""

    def __init__(self, seed: int) -> None:
        chance = self.chance = Chance(seed)
        self.clock = Clock()
        self.shared = Shared()
        self.trace: deque[tuple[int, str, bytes]] = deque(maxlen=_TRACE)
        self.mutation = Mutation(chance)
        self.grammar = Grammar(
            chance,
            "client",
            {
                **{hint: self._hint(hint) for hint in ("room", "text", "mid", "ref")},
                "before": self._hint("seq"),
                "after": self._hint("seq"),
                "protocol": lambda: "1",
                "name": lambda: self.somebody().name,
                "token": lambda: self.somebody().token or '"t"',
            },
        )
        self.rooms = tuple(chance.one_of(ROOMS) for _ in range(chance.one_of((4, 8, 12))))
        self._is_one_person = chance.happens(0.1)
        self.people: list[Identity] = []
        self._population = chance.one_of((8, 12, 16, 24))
        self._habits: tuple[Habit, ...] = tuple(chance.one_of(HABITS) for _ in range(3)) + HABITS
        self._rate_per_s = chance.one_of((0.0, 0.0, 0.0, 50.0, 5.0))
        self._clients_max = self._population + chance.one_of((100,) * 9 + (-2,))
        self._disk_fault = chance.one_of((0.0, 0.0, 0.0, 0.002, 0.01))  # for each step
        self.retention = chance.one_of(
            (KEEP_ALL, KEEP_ALL, Retention(None, 20), Retention(0.5, None), Retention(1.0, 5))
        )
        self._wall_jump = chance.one_of((0.0, 0.0, 0.002))
        self._long_wait = chance.one_of((0.0, 0.002, 0.01))
        self._hub: WatchedHub | None = None
        self._taken_before = 0  # by servers that were stopped
        self._fail_in: int | None = None
        self._numbers = itertools.count()
        self._tokens = itertools.count()
        self.callers: list[Caller] = []
        self.app: App
        self.current: Caller
        self.log = SqliteLog(None, "epoch-1", connect=self._connect)
        self.start()

    def _hint(self, what: str) -> Callable[[], str]:
        """Have whoever talks choose a value."""
        return lambda: str(getattr(self.current, what)())

    def _connect(self, name: str) -> Any:
        return SimDatabase(name, self._before_statement, lambda _statement: None)

    def _before_statement(self, _statement: str) -> None:
        if self._fail_in is not None:
            self._fail_in -= 1
            if self._fail_in <= 0:
                self._fail_in = None
                self.shared.has_storage_trouble = True
                raise sqlite3.OperationalError(self.chance.one_of(("disk I/O error", "database or disk is full")))

    # --- the server ---

    def start(self) -> None:
        """Start a server on the log. Whoever was connected to another one is gone."""
        self.callers.clear()
        self._fail_in = None
        self._taken_before = self.frames
        self.door = WireDoor()
        wake_up = WireWakeUp()
        self.selector = WireSelector(self.door, wake_up)
        options = HubOptions(rate_per_s=self._rate_per_s, motd="Be kind. \u202e", retention=self.retention)
        hub = WatchedHub(self.log, options, lambda: f"token-{next(self._tokens):022}")
        app = self.app = App(
            door=self.door, hub=hub, log=self.log, loop=Loop(self.selector), wake_up=wake_up,
            clock=self.clock.monotonic, wall_clock=self.clock.wall, clients_max=self._clients_max,
        )  # fmt: skip
        hub.queues = lambda: app.connections
        self._hub = hub

    def stop(self) -> None:
        """Stop the server politely, and hold it to its goodbye."""
        self.app.stop()
        for caller in self.callers:
            caller.has_stalled = caller.has_stalled or bool(caller.wire.crumb)  # four seconds are not enough for them
        for _ in range(100):
            self.tick(0.1)
            if not self.app.is_running:
                break
        else:
            raise Fault("the server does not stop")
        for caller in self.callers:
            wire = caller.wire
            if not (caller.hearing.is_over or wire.is_reset or wire.is_ended or caller.has_stalled):
                raise Fault(f"the server stopped without a word to {wire.peer}")
        self.app.close()

    def dial(self, caller: Caller) -> None:
        """Stand somebody before the door."""
        self.selector.things[caller.wire.number] = caller.wire
        self.door.waiting.append(caller.wire)
        self.callers.append(caller)

    def tick(self, seconds: float) -> None:
        """Let time pass, run one tick, and let everybody hear what was said. Raises Fault."""
        self.clock.now += seconds
        self.app.tick()
        for caller in self.callers[:]:
            wire = caller.wire
            if wire.heard:
                heard, wire.heard = wire.heard, []
                caller.hearing.take(b"".join(heard))
            if wire.is_finished or wire.is_closed:
                self._check_end(caller)
            elif caller.hearing.is_over:
                raise Fault(f"the last word to {wire.peer}, and no end: {caller.hearing.last}")
            if wire.is_closed or (caller.is_leaving and wire.is_reset):
                self._forget(caller)
            elif caller.hearing.is_over and not caller.is_leaving and self.chance.happens(0.7):
                caller.is_leaving = wire.is_ended = True

    def _forget(self, caller: Caller) -> None:
        self.callers.remove(caller)
        if caller.wire.is_closed:
            self.selector.things.pop(caller.wire.number, None)

    def _check_end(self, caller: Caller) -> None:
        wire, hearing = caller.wire, caller.hearing
        if wire.is_reset or caller.has_stalled:
            return  # cut off wherever it stood
        if hearing.is_mid_frame:
            raise Fault(f"the end of {wire.peer} in the middle of a frame")
        if not (hearing.is_over or wire.is_ended or self._is_crowded):
            raise Fault(f"the end of {wire.peer} without a word")

    @property
    def _is_crowded(self) -> bool:
        return self.app.connection_count >= self._clients_max + limits.ACCEPTS_PER_TICK

    # --- the callers ---

    def somebody(self) -> Identity:
        """Choose who is calling: somebody who was here before, or somebody new."""
        chance, people = self.chance, self.people
        if people and (self._is_one_person or len(people) > 30 or chance.happens(0.5)):
            return chance.one_of(people)
        name = quoted(f"p{len(people)}") if chance.happens(0.5) else chance.one_of(PERSONS)
        draw = chance.below(20)
        token = "" if draw == 0 else '"short"' if draw == 1 else quoted(f"token of {len(people)}, long enough 🎉")
        people.append(Identity(name, token))
        return people[-1]

    @property
    def seqs(self) -> int:
        """How many messages a room may have by now."""
        return self.hub.messages_stored // len(self.rooms) + 1

    @property
    def frames(self) -> int:
        """How many frames the server has taken so far."""
        return self._taken_before + (0 if self._hub is None else self._hub.taken)

    @property
    def hub(self) -> WatchedHub:
        """The present server's hub."""
        assert self._hub is not None
        return self._hub

    def note(self, caller: Caller, frame: bytes) -> None:
        """Note what is said, for the reader of a failure."""
        self.trace.append((self.frames, caller.wire.peer, frame))

    # --- a run ---

    def run(self, frames: int) -> None:
        """Let the callers talk until that many frames were taken."""
        restart_at = self.chance.below(frames * 4)
        for _ in range(frames):  # in a bad world a step may bring nothing
            if self.frames >= frames:
                return
            self._go_wrong()
            while len(self.callers) < self._population:
                self.dial(Caller(self, next(self._numbers), self.chance.one_of(self._habits)))
            for _ in range(self.chance.one_of((4, 12, 24, 24))):
                self.chance.one_of(self.callers).turn()
            self.tick(self.chance.one_of((0.0, 0.001, 0.01, 0.01, 0.05, 0.2)))
            if self.frames > restart_at:
                restart_at = frames + 1
                self.stop()
                self.start()

    def _go_wrong(self) -> None:
        chance = self.chance
        if chance.happens(self._disk_fault):
            self._fail_in = 1 + chance.below(12)
        if chance.happens(self._wall_jump):
            self.clock.set_wall(chance.one_of((-3_600_000, 3_600_000, 31 * _DAY_MS)))
        if chance.happens(self._long_wait):
            self.clock.now += chance.one_of((1.1, 5.1, 5.1, 16.0, 31.0, 76.0, 121.0))

    def heal(self) -> None:
        """Let nothing go wrong any more, and have everybody go in some way. Raises Fault when somebody stays."""
        self._fail_in = None
        self._disk_fault = self._wall_jump = 0.0
        for caller in self.callers:
            wire = caller.wire
            caller.is_leaving = True
            way = self.chance.below(4)
            wire.is_reset = wire.is_reset or way == 0
            wire.is_ended = wire.is_ended or way == 1
            # The others say nothing from now on, and read all or nothing: the server asks, and then believes it.
            wire.capacity = 0 if way == 3 else None
            wire.crumb = 0
            caller.has_stalled = caller.has_stalled or way == 3
        for _ in range(int(limits.STALL_TIMEOUT_S + limits.SILENCE_TIMEOUT_S) + 20):
            self.tick(1.0)
            if not self.app.connection_count and self.log.is_writable():
                self.tick(1.0)  # for what the last tick carried over
                return
        raise Fault(
            f"long after everybody has gone there are {self.app.connection_count} connections, and the log is "
            f"{'writable' if self.log.is_writable() else 'not writable'}"
        )

    def finish(self, keep: Callable[[bytes], None]) -> None:
        """Have everybody go, and see what is left; `keep` gets every page that can be read then."""
        self.heal()
        check_aftermath(self, keep)

    def close(self) -> None:
        """Let go of everything."""
        self.app.close()
        self.log.close()

    def caller(self) -> Caller:
        """Let somebody in who says nothing by itself."""
        caller = Caller(self, next(self._numbers), Habit(0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
        caller.wire = Wire(caller.wire.number)  # without crumbs
        self.dial(caller)
        return caller
