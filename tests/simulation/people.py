"""The people of a simulation: a real client each, somebody who types, and a memory of all they saw.

What they remember is what the checkers compare with the log; it is kept here and not taken from the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core import messages
from chat_core.client import events
from chat_core.client.kept import Kept
from chat_core.client.link import Link
from chat_core.client.session import Session
from chat_core.framing import encode_frame
from tests.simulation.disk import SimStore
from tests.simulation.network import SimDialer

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent
    from tests.simulation.world import World

__all__ = ["Somebody"]


class Somebody:
    """One person with one installation of the real client."""

    def __init__(self, world: World, name: str, rooms: tuple[str, ...]) -> None:
        self.world = world
        self.name = name
        self.install = f"install-{name}"
        self.rooms = rooms
        self.asleep_until = 0.0
        #: Per room, the seq that must be shown next; absent before the first `joined` and under a new log.
        self.due: dict[str, int] = {}
        #: Everything ever typed: mid -> its number, room and text.
        self.written: dict[str, tuple[int, str, str]] = {}
        #: What of it must arrive in the end: all that a crash of the client did not take back.
        self.owed: dict[str, None] = {}
        #: What they have told their client, and a post of theirs has not ended since.
        self.is_away = False
        #: The rooms in which they ever were seen at the keyboard.
        self.typed_in: set[str] = set()
        #: Per room, who they are told is away.
        self.away_in: dict[str, tuple[str, ...]] = {}
        self._store = SimStore(Kept(), self._save_fails)
        self._open()

    def _save_fails(self) -> bool:
        return self.world.chance.happens(self.world.faults.client_disk)

    def _open(self) -> None:
        world = self.world
        self.session = Session(self.name, self.install, self._store, world.chance.bits, rooms=self.rooms)
        self.link = Link(
            self.session, self._store, lambda: SimDialer(world.network, world.clock.now), world.chance.between
        )
        self.link.start(world.clock.now)

    # --- what they do ---

    def type(self) -> None:
        """Write a message that nobody else has written."""
        rooms = self.link.wanted_rooms
        if rooms:
            room = self.world.chance.one_of(rooms)
            number = len(self.written)
            text = f"{self.name} {number} " + "x" * self.world.chance.one_of((0, 0, 20, 400))
            mid = self.link.post(room, text, self.world.clock.wall())
            self.written[mid] = (number, room, text)
            self.owed[mid] = None
            self.is_away = False

    def press_keys(self) -> None:
        """Begin or go on to write something, in one of the rooms."""
        rooms = self.link.wanted_rooms
        if rooms:
            room = self.world.chance.one_of(rooms)
            self.typed_in.add(room)
            self.link.typing(room)

    def come_or_go(self) -> None:
        """Leave the computer alone, or sit down at it."""
        self.is_away = not self.is_away
        self.link.away(self.is_away)

    def move(self, rooms: tuple[str, ...]) -> None:
        """Go into a room, or out of one."""
        room = self.world.chance.one_of(rooms)
        if room in self.link.wanted_rooms:
            self.link.leave(room)
        else:
            self.link.join(room)

    def live(self) -> None:
        """Poll once and remember what came."""
        for event in self.link.poll(self.world.clock.now, self.world.clock.wall()):
            self._remember(event)
        if self.link.state is events.LinkState.CLOSED:
            self.link.start(self.world.clock.now)  # replaced by a second connection: click on "connect" again

    def crash(self) -> None:
        """End without a word, and start again from what is on disk. What was not, was never sent either."""
        durable = self._store.durable
        if durable.token is None or durable.token != self._store.load().token:
            return  # its own disk failed before its first login: then a crash loses the token, and the name with it
        if self.link._connection is not None:  # noqa: SLF001 - a kernel that cleans up behind a dead process
            self.link._connection._transport.close()  # noqa: SLF001
        kept = {entry.mid for entry in durable.outbox}
        for sending in self.session._outbox._sendings.values():  # noqa: SLF001 - nobody else needs to know
            if sending.is_in_flight and sending.entry.mid not in kept:
                self.world.checkers.fail(f"{self.name} sent {sending.entry} before it was on disk")
        for mid in list(self.owed):
            if mid not in kept and not self.world.is_stored(mid):
                del self.owed[mid]  # never put on disk, and so never sent
        cursors = {room.shown: room.cursor for room in durable.rooms}
        self.due = {room: cursor + 1 for room, cursor in cursors.items() if cursor is not None and room in self.due}
        self._store = SimStore(durable, self._save_fails)
        self.is_away = False
        self.away_in.clear()
        self._open()

    def connect_twice(self) -> None:
        """Start the same installation a second time for a moment: the first one is replaced, and comes back."""
        token = self._store.durable.token
        door = self.world.network.door
        if token is not None and door is not None:
            transport = self.world.network.connect()
            transport.send(encode_frame(messages.encode(messages.Hello(1, self.name, self.install, token))))
            self.world.twins.append(transport)

    # --- what they see ---

    @property
    def epoch(self) -> str:
        """The epoch of the log that the client takes itself to be connected to."""
        return self._store.load().epoch or ""

    def _remember(self, event: ClientEvent) -> None:
        checkers = self.world.checkers
        if not isinstance(event, events.PresenceChanged):
            self.world.trace.note(self.world.clock.now, f"{self.name} {_short(event)}")
        if isinstance(event, events.LoggedIn) and event.is_new_log:
            self.due.clear()
        elif isinstance(event, events.RoomJoined):
            checkers.joined(self, event)
            self.due[event.room] = event.next - event.missing
            self.away_in[event.room] = ()
        elif isinstance(event, events.AwayChanged):
            self.away_in[event.room] = event.away
        elif isinstance(event, events.TypingSeen):
            checkers.writing(self, event)
        elif isinstance(event, events.MessagesGone):
            checkers.gone(self, event)
            self.due[event.room] = event.last_missing + 1
        elif isinstance(event, events.RoomLeft):
            self.due.pop(event.room, None)
            self.away_in.pop(event.room, None)
        elif isinstance(event, events.MessageArrived):
            checkers.shown(self, event.message)
            self.due[event.message.room] = event.message.seq + 1
        elif isinstance(event, events.RoomLive):
            checkers.live(self, event)
        elif isinstance(event, events.PostStored):
            checkers.acknowledged(self, event)
        elif isinstance(event, events.StateChanged):
            checkers.broken_off(self, event.failure)
        elif isinstance(event, events.PostRefused):
            checkers.fail(f"{self.name} is told {event}")


def _short(event: ClientEvent) -> str:
    text = repr(event)
    return text if len(text) < 200 else text[:200] + "…"
