"""One world of the client's side: the real link and session, a person who does anything, and a server that lies.

At the end the same client, with all that it was made to believe, meets an honest server, the real one; it must get
on with it. Then its program is started again on what is on its disk.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import tempfile
from collections import deque
from pathlib import Path
from typing import Any, Callable

from chat_core import limits
from chat_core.client import events
from chat_core.client.events import LinkState
from chat_core.client.kept import Kept, Store
from chat_core.client.link import Link
from chat_core.client.session import Session
from chat_core.client.store import SqliteStore
from chat_core.errors import ConnectionRefused, Refusal
from chat_core.names import room_name
from chat_core.net.dialer import DialStage
from chat_core.net.loop import Loop
from chat_core.server.app import App
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from tests.fuzz.false_server import FalseServer
from tests.fuzz.hearing import Fault
from tests.fuzz.vocabulary import ODD_NAMES, ODD_TEXTS, PERSONS, ROOMS, TEXTS
from tests.fuzz.wire import Line, Wire, WireDoor, WireSelector, WireWakeUp
from tests.simulation.chance import Chance
from tests.simulation.disk import SimStore
from tests.simulation.network import Clock

__all__ = ["ClientWorld"]

_TRACE = 40
#: More names than a client has to remember of one room, whatever it is told.
_NAMES_MAX = 100_000
_ROOMS_MAX = 12
_OUTBOX_MAX = 60
_SETTLE_POLLS = 2_000
_NAMES = tuple(json.loads(name) for name in (*PERSONS, *ODD_NAMES))
_ROOMS = tuple(json.loads(name) for name in (*ROOMS, *ROOMS, *ODD_NAMES))
_TEXTS = tuple(json.loads(text) for text in (*TEXTS, *TEXTS, *TEXTS, *ODD_TEXTS))


@functools.lru_cache(maxsize=1_000)
def _key(room: str) -> str:
    """Return by what a room is known: a server may spell it as it likes."""
    try:
        return room_name(room).key
    except Refusal as refusal:
        raise Fault(f"a room is shown as {room[:80]!r}") from refusal


class _WatchedSession(Session):
    """The session, which counts what it takes."""

    taken = 0

    def receive(self, payload: bytes) -> list[events.ClientEvent]:
        """Count, then take."""
        self.taken += 1
        return super().receive(payload)


class _Dialing:
    """See `chat_core.net.dialer.Dialing`: connects when it is asked for the second time, or fails."""

    def __init__(self, connect: Callable[[], Wire], *, fails: bool) -> None:
        self._connect = connect
        self._fails = fails
        self.stage = DialStage.LOOKING_UP

    def poll(self, now: float) -> Wire | None:
        """Go on."""
        del now
        if self._fails:
            raise ConnectionRefused("fuzz")
        if self.stage is DialStage.LOOKING_UP:
            self.stage = DialStage.CONNECTING
            return None
        return self._connect()

    def fileno(self) -> int:
        """Have nothing to wait for."""
        return -1

    def abandon(self) -> None:
        """Do nothing."""


class _Unsynced(sqlite3.Connection):
    """A database that does not wait for the disk: nobody pulls the plug here."""

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """Run a statement, but for the one that asks to wait."""
        if statement.startswith("PRAGMA synchronous"):
            statement = "PRAGMA synchronous = OFF"
        return super().execute(statement, *values)


class ClientWorld:
    """A client and what it is told. `run` and `finish` raise what went wrong: Fault, or what escaped the client."""

    def __init__(self, seed: int) -> None:
        chance = self.chance = Chance(seed)
        self.clock = Clock()
        self.trace: deque[tuple[int, str, bytes]] = deque(maxlen=_TRACE)
        self._server = FalseServer(chance, self._note)
        self._disk_fault = chance.one_of((0.0, 0.0, 0.2))
        self._no_answer = chance.one_of((0.0, 0.0, 0.2))
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if chance.happens(0.15):
            self._folder = tempfile.TemporaryDirectory()
        self._store = self._open_store(Kept(), "Ann")
        rooms = ("lobby",) if chance.happens(0.5) else ()  # without a wish of its own it joins what the server names
        self._session = _WatchedSession("Ann", "install", self._store, chance.bits, rooms=rooms)
        self._connect: Callable[[], Wire] = self._connect_falsely
        self._wires = 0
        self.link = Link(self._session, self._store, self._dial, chance.between)
        self._written: set[str] = set()  # mids
        self._settled: set[str] = set()  # of those: stored, or refused with a word
        self._unsaid: set[str] = set()  # gone from the outbox, and not settled yet
        self._due: dict[str, int] = {}  # by room: the seq that must be shown next, where that is known

    def _note(self, frame: bytes) -> None:
        self.trace.append((self.frames, "the server", frame))

    def _open_store(self, kept: Kept, name: str) -> Store:
        if self._folder is None:
            return SimStore(kept, lambda: self.chance.happens(self._disk_fault))
        connect = functools.partial(sqlite3.connect, factory=_Unsynced)
        return SqliteStore(Path(self._folder.name), "host", 1, name, connect=connect)

    @property
    def frames(self) -> int:
        """How many frames the client has taken so far."""
        return self._session.taken

    # --- the network ---

    def _dial(self) -> _Dialing:
        return _Dialing(self._connect, fails=self.chance.happens(self._no_answer))

    def _connect_falsely(self) -> Wire:
        self._wires += 1
        wire = Wire(self._wires)
        self._server.take(wire)
        return wire

    # --- a run ---

    def run(self, frames: int) -> None:
        """Let the server talk until that many frames were taken."""
        chance, clock, link, server = self.chance, self.clock, self.link, self._server
        for _ in range(2 * frames):  # in a bad world a step may bring nothing
            if self.frames >= frames:
                break
            clock.now += chance.one_of((0.0, 0.01, 0.05, 0.3))
            if chance.happens(0.004):
                clock.now += chance.one_of((3.0, 31.0, 41.0, 91.0))
            if chance.happens(0.002):
                clock.set_wall(chance.one_of((-3_600_000, 20_000, 3_600_000)))
            if link.state is LinkState.CLOSED:
                link.start(clock.now)
            elif link.state is LinkState.WAITING and chance.happens(0.7):
                link.retry_now(clock.now)
            if chance.happens(0.5):
                self._do_something()
            server.hear()
            server.speak()
            self._poll()
        self._check_accounts()

    def _do_something(self) -> None:
        """Do what a person may, with whatever they may type. Only a Refusal may be the answer."""
        chance, link = self.chance, self.link
        draw = chance.below(100)
        rooms = link.wanted_rooms
        room = chance.one_of(rooms) if rooms and chance.happens(0.9) else chance.one_of(_ROOMS)
        try:
            if draw < 55:
                if len(self._written) - len(self._settled) < _OUTBOX_MAX:
                    self._written.add(link.post(room, chance.one_of(_TEXTS), self.clock.wall()))
            elif draw < 65:
                if len(rooms) < _ROOMS_MAX:
                    link.join(chance.one_of(_ROOMS))
            elif draw < 75:
                link.leave(room)
            elif draw < 85:
                link.request_history(room, chance.below(100), chance.one_of((-1, 1, 50, 1_000)))
            elif draw < 90:
                link.request_rooms()
            elif draw < 95:
                link.rename(chance.one_of(_NAMES))
            elif draw < 96:
                link.quit(self.clock.now)
            elif draw < 98:
                link.typing(room)
            else:
                link.away(chance.happens(0.5))
        except Refusal:
            return

    def _poll(self) -> None:
        for event in self.link.poll(self.clock.now, self.clock.wall()):
            self._take(event)
        if self._unsaid - self._settled:
            raise Fault(f"lost without a word: {sorted(self._unsaid - self._settled)}")
        self._unsaid.clear()
        if self.chance.happens(0.05):
            self._check_accounts()

    # --- what the client tells ---

    def _take(self, event: events.ClientEvent) -> None:
        if isinstance(event, events.MessageArrived):
            room, seq = _key(event.message.room), event.message.seq
            if self._due.get(room, seq) != seq:
                raise Fault(f"message {seq} of {room!r} is shown where {self._due[room]} is due")
            self._due[room] = seq + 1
        elif isinstance(event, (events.PostStored, events.PostRefused)):
            if event.mid in self._settled or event.mid not in self._written:
                raise Fault(f"this was not asked, or is told twice: {event}")
            self._settled.add(event.mid)
        elif isinstance(event, events.RoomJoined):
            room = _key(event.room)
            self._due[room] = event.next if event.is_reset else max(self._due.get(room, 0), event.next)
        elif isinstance(event, events.MessagesGone):
            if event.last_missing < event.first_missing:
                raise Fault(f"this cannot be missing: {event}")
            self._due[_key(event.room)] = event.last_missing + 1
        elif isinstance(event, events.RoomLeft):
            self._due.pop(_key(event.room), None)
        elif isinstance(event, events.LoggedIn) and event.is_new_log:
            self._due.clear()
        elif isinstance(event, events.PresenceChanged) and len(event.names) > _NAMES_MAX:
            raise Fault(f"{len(event.names)} names are kept of the room {event.room[:50]!r}")
        elif isinstance(event, events.AwayChanged) and len(event.away) > _NAMES_MAX:
            raise Fault(f"{len(event.away)} are kept as away in the room {event.room[:50]!r}")

    def _check_accounts(self) -> None:
        """Hold what was written against the outbox: the word for what is gone from it comes with the next poll."""
        waiting = {entry.mid for entry in self.link.outbox}
        open_ = self._written - self._settled
        if waiting - open_:
            raise Fault(f"these are in the outbox, though they were settled or never written: {waiting - open_}")
        self._unsaid = open_ - waiting
        if len(self.link.wanted_rooms) > _ROOMS_MAX + limits.ROOMS_PER_CONNECTION_MAX:
            raise Fault(f"it wants to be in {len(self.link.wanted_rooms)} rooms")

    # --- the end ---

    def finish(self, keep: Callable[[bytes], None]) -> None:
        """Let the client meet an honest server, then start it again. `keep` is for the other side."""
        del keep
        self._disk_fault = self._no_answer = 0.0
        if self._server.wire is not None:
            self._server.wire.is_reset = True
        self._meet_honest_server()
        outbox, name = self.link.outbox, self.link.name
        self.link.close()
        kept = self._store.durable if isinstance(self._store, SimStore) else Kept()
        store = self._open_store(kept, name)
        try:
            again = Session(name, "install", store, self.chance.bits)
            if again.outbox != outbox:
                raise Fault(f"started again it has {again.outbox} to send, where it had {outbox}")
        finally:
            store.close()

    def _meet_honest_server(self) -> None:
        log = SqliteLog(None, "an honest epoch")
        door, wake_up = WireDoor(), WireWakeUp()
        selector = WireSelector(door, wake_up)
        hub = Hub(log, HubOptions(rate_per_s=0.0), lambda: f"token-{self.chance.bits(128):032x}")
        app = App(
            door=door, hub=hub, log=log, loop=Loop(selector), wake_up=wake_up,
            clock=self.clock.monotonic, wall_clock=self.clock.wall,
        )  # fmt: skip
        lines: list[Line] = []

        def connect() -> Wire:
            self._wires += 2
            here, there = Wire(1_000_000 + self._wires), Wire(2_000_000 + self._wires)
            selector.things[there.number] = there
            door.waiting.append(there)
            lines.append(Line(here, there))
            return here

        self._connect = connect
        try:
            self._settle(app, lines)
        finally:
            app.close()
            log.close()

    def _settle(self, app: App, lines: list[Line]) -> None:
        """Poll until all is told, or raise Fault."""
        link, clock = self.link, self.clock
        for _ in range(_SETTLE_POLLS):
            if link.state is LinkState.CLOSED:
                link.start(clock.now)
            link.retry_now(clock.now)
            clock.now += 0.05
            self._poll()
            for line in lines:
                line.carry()
            app.tick()
            for line in lines:
                line.carry()
            if link.state is LinkState.ONLINE and not link.outbox and set(link.rooms) == set(link.wanted_rooms):
                self._check_accounts()
                self._poll()
                return
        raise Fault(
            f"with an honest server it is {link.state}, in {link.rooms} of {link.wanted_rooms}, and has "
            f"{len(link.outbox)} to send"
        )

    def close(self) -> None:
        """Let go of everything."""
        self.link.close()
        if self._folder is not None:
            self._folder.cleanup()
