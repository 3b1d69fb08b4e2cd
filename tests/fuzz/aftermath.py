"""What must be left when everybody has gone: a log without a hole that can be read page by page, and nothing else.

The server is started anew on the log, so that what is checked is what the next server finds. Every page that is read
here can be handed to another Python version as well (`oldest`).
"""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Callable

from chat_core import limits
from chat_core.framing import encode_frame
from chat_core.messages import ErrorReply, HistoryPage, Live, Message, RoomsPage, encode
from chat_core.names import person_name
from chat_core.server.app import Served
from chat_core.server.people import Person
from chat_core.server.retention import KEEP_ALL
from chat_core.server.room import Member
from chat_core.server.session import Session
from tests.fuzz.grammar import to_bytes
from tests.fuzz.hearing import Fault, Shared
from tests.fuzz.vocabulary import quoted

if TYPE_CHECKING:
    from tests.fuzz.caller import Caller
    from tests.fuzz.server_world import ServerWorld

__all__ = ["check_aftermath"]

_TICKS_MAX = 3_000
_NAMES_TRIED = 5
_LAPSED_MS = (limits.NAME_KEPT_DAYS + 1) * 86_400_000


def check_aftermath(world: ServerWorld, keep: Callable[[bytes], None]) -> None:
    """Hold a world that has been left to all that must be true then. `keep` gets the payload of every page.

    Raises Fault.
    """
    _check_nobody_is_left(world)
    heads = {room.key: (room.name, room.head) for room in world.hub.rooms.values()}
    world.app.close()
    world.retention = KEEP_ALL  # what is there now must stay to be read
    world.start()
    if {room.key: (room.name, room.head) for room in world.hub.rooms.values()} != heads:
        raise Fault("after a restart the rooms are others")
    _check_log(world)
    before, world.shared = world.shared, Shared()
    reader = _Reader(world, keep)
    for name in reader.list_rooms():
        reader.read(name)
    reader.go()
    told = world.shared.told
    for key, message in before.told.items():
        # A room that was forgotten before its first message was stored may be spelled otherwise since.
        if key in told and told[key] != message:
            raise Fault(f"told as {message}, and read as {told[key]}")
    world.clock.set_wall(_LAPSED_MS)
    names = {person_name(json.loads(identity.name)).key: identity.name for identity in world.people}
    for name in list(names.values())[:_NAMES_TRIED]:
        _Reader(world, keep, name).go()  # no name is locked for ever
    world.heal()
    _check_nobody_is_left(world)


def _check_nobody_is_left(world: ServerWorld) -> None:
    """Count what a server keeps for those who are connected, wherever it may hide."""
    if len(world.hub.people):
        raise Fault(f"nobody is connected, and these are online: {world.hub.people.names()}")
    empty = [room.name for room in world.hub.rooms.values() if not room.head or room.members or room.people]
    if empty:
        raise Fault(f"nobody is connected, and these rooms are not forgotten: {empty}")
    if world.hub._ephemeral:  # noqa: SLF001 - nothing of it can be heard any more
        raise Fault("nobody is connected, and somebody is still away or writing")
    gc.collect()
    kinds = (Served, Session, Person, Member)
    left = [type(thing).__name__ for thing in gc.get_objects() if type(thing) in kinds]
    if left:
        raise Fault(f"nobody is connected, and there are still {left[:20]}")


def _check_log(world: ServerWorld) -> None:
    """Hold the log against what was acknowledged, row by row."""
    mids = {}
    firsts = {room.name: room.first for room in world.log.rooms()}
    for room in world.log.rooms():
        seq = room.first - 1
        while seq < room.head:
            rows = world.log.after(room.id, seq, 500, 1 << 30)
            if [row.seq for row in rows] != list(range(seq + 1, seq + 1 + len(rows))) or not rows:
                raise Fault(f"after {seq} the log of {room.name!r} has {[row.seq for row in rows][:20]}")
            mids.update({(room.name, row.seq): row.mid for row in rows})
            seq += len(rows)
        if seq != room.head:
            raise Fault(f"the head of {room.name!r} is {room.head}, and the log ends with {seq}")
    for key, mid in world.shared.stored.items():
        if mids.get(key) != mid and key[1] >= firsts.get(key[0], 0):
            raise Fault(f"acknowledged {mid} as {key}, where the log has {mids.get(key)}")


class _Reader:
    """Somebody who behaves, and reads everything that there is. Raises Fault when that cannot be done."""

    def __init__(self, world: ServerWorld, keep: Callable[[bytes], None], name: str = '"reader"') -> None:
        self._world = world
        self._keep = keep
        self._caller: Caller = world.caller()
        self._count = 0
        self._ask(f'"hello","protocol":1,"install":"r","name":{name}', lambda: self._caller.hearing.is_welcome)

    def _ask(self, request: str, is_done: Callable[[], bool]) -> None:
        self._count += 1
        caller, hearing = self._caller, self._caller.hearing
        self._forget_answer()
        caller.wire.inbox += encode_frame(to_bytes(f'{{"type":{request},"ref":"q{self._count}{hearing.mark}"}}'))
        for _ in range(_TICKS_MAX):
            self._world.tick(0.001)
            if type(hearing.last) is ErrorReply:
                break
            if is_done():
                return
        raise Fault(f"afterwards {request} is answered by {hearing.last}")

    def _forget_answer(self) -> None:
        self._caller.hearing.last = None

    def list_rooms(self) -> list[str]:
        """Ask for every room, page by page."""
        hearing = self._caller.hearing
        names: list[str] = []
        self._world.clock.now += 1.0  # the list of rooms may be a second old
        while True:
            self._ask(f'"rooms","offset":{len(names)}', lambda: type(hearing.last) is RoomsPage)
            names += [entry.room for entry in hearing.last.rooms]
            if not hearing.last.rooms:
                break
        if len(names) != len(set(names)) or len(names) != len(self._world.hub.rooms):
            raise Fault(f"{len(names)} rooms are listed, and {len(self._world.hub.rooms)} are there")
        return names

    def read(self, name: str) -> None:
        """Join a room from its beginning, then leaf through its history from its end."""
        hearing, told = self._caller.hearing, self._world.shared.told
        room = quoted(name)
        self._ask(f'"join","room":{room},"after":0', lambda: type(hearing.last) is Live)
        head = hearing.last.seq
        first = before = head + 1
        while before > 1:
            self._ask(
                f'"history","room":{room},"before":{before},"limit":200', lambda: type(hearing.last) is HistoryPage
            )
            page: HistoryPage = hearing.last
            self._keep(encode(page))
            if page.messages:
                if page.messages[-1].seq != before - 1:
                    raise Fault(f"a page of {name!r} before {before} ends with {page.messages[-1].seq}")
                first = page.messages[0].seq
            if not page.more:
                break
            before = first
        if [seq for seq in range(first, head + 1) if (name, seq) not in told] or hearing.due[name] != head + 1:
            raise Fault(f"the history of {name!r} has holes")
        for seq in range(first, head + 1):
            message: Message = told[name, seq]
            self._keep(encode(message))
        self._ask(f'"leave","room":{room}', lambda: name not in hearing.due)

    def go(self) -> None:
        """Say goodbye, and hear it."""
        self._ask('"quit"', lambda: self._caller.hearing.is_over)
