"""Which rooms a person wants to be in, and where they stand in each: joining, cursors, people, leaving.

Pure, and a part of `session`, which says when it is used and brings the messages themselves. Specification:
docs/protocol.md.

The theory. A room is known by its folded key, for people spell it as they like; on a connection also by the
server's own spelling, under which everything arrives. Answers are told apart by their refs: after `leave` and
`join` in one breath, the `left` of the first must not end the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable

from chat_core.client import events
from chat_core.client.kept import KeptRoom, Store
from chat_core.client.room import Phase, Room
from chat_core.client.roster import Roster, in_order
from chat_core.errors import Refusal
from chat_core.messages import Gone, Join, Joined, Leave, Left, Live, WhoRequest
from chat_core.names import room_name

if TYPE_CHECKING:
    from chat_core.client.asking import Asking
    from chat_core.messages import PeopleAway, PeopleTyping, Presence, WhoPage

__all__ = ["Membership"]


class Membership:
    """The rooms of one session. Requests go to `asking`, what happened is appended to `told`."""

    def __init__(self, kept: Iterable[KeptRoom], store: Store, asking: Asking, told: list[events.ClientEvent]) -> None:
        self._store = store
        self._asking = asking
        self._told = told
        self.rooms = {room.key: Room(room.key, room.shown, room.cursor) for room in kept}
        self._joined: dict[str, Room] = {}  # by the server's spelling
        self._moved: dict[str, Room] = {}  # whose cursor is further than is noted for the disk

    # --- what is wanted -------------------------------------------------------------------------

    def find(self, spelled: str) -> Room | None:
        """Return a room by any spelling. Raises Refusal when that cannot be a room's name."""
        return self.rooms.get(room_name(spelled).key)

    def want(self, spelled: str) -> Room:
        """Return a room by any spelling, made when there was none. Raises Refusal as `find` does."""
        name = room_name(spelled)
        room = self.rooms.get(name.key)
        if room is None:
            room = self.rooms[name.key] = Room(name.key, name.shown)
            self.keep(room)
        room.is_unwanted = False
        return room

    def keep(self, room: Room) -> None:
        """Note a room and its cursor for the disk."""
        self._store.keep_room(KeptRoom(room.key, room.shown, room.cursor))

    def note_cursors(self) -> None:
        """Note for the disk that what has been told so far was taken up by whoever it was told to.

        Not before: a program that dies over a message must be shown it again.
        """
        for room in self._moved.values():
            self.keep(room)
        self._moved.clear()

    def forget_cursors(self) -> None:
        """Become a newcomer everywhere: the server's log is another one."""
        self._moved.clear()
        for room in self.rooms.values():
            room.cursor = None
            room.own_seqs.clear()
            self.keep(room)

    def disconnected(self) -> None:
        """Be in no room; those that were being left are left."""
        for room in list(self.rooms.values()):
            if room.phase is Phase.LEAVING:
                self.drop(room)
            room.phase = Phase.OUT
        self._joined.clear()

    # --- joining and leaving --------------------------------------------------------------------

    def join(self, room: Room) -> None:
        """Ask to be let into a room, from its cursor. Does nothing when one is in, or was asking already."""
        if room.phase in (Phase.JOINING, Phase.IN):
            return
        if room.phase is Phase.LEAVING:
            self.keep(room)  # leaving had forgotten it
        room.phase = Phase.JOINING
        room.request_ref = self._asking.ask(lambda ref: Join(room.shown, after=room.cursor, ref=ref), room)

    def leave(self, room: Room) -> None:
        """Go out of a room and forget it, which is done, and told, on `left`.

        Who joins again before that has never been away, so the cursor is kept until then.
        """
        self._store.forget_room(room.key)
        if room.phase is Phase.OUT:
            self.drop(room)
            return
        room.phase = Phase.LEAVING
        room.request_ref = self._asking.ask(lambda ref: Leave(room.shown, ref=ref), room)

    def drop(self, room: Room) -> None:
        """Forget a room at once, and tell that one is out."""
        if self.rooms.get(room.key) is not room:
            return  # a server may say so twice, and meanwhile one may have joined anew
        self._store.forget_room(room.key)
        self._moved.pop(room.key, None)
        del self.rooms[room.key]
        self._joined.pop(room.shown, None)
        self._told.append(events.RoomLeft(room.shown))

    def room_in(self, shown: str) -> Room | None:
        """Return the room that the server calls so, if one is in it: what comes for any other is out of date."""
        room = self._joined.get(shown)
        return room if room is not None and room.phase is Phase.IN else None

    def advance(self, room: Room, seq: int) -> None:
        """Move a cursor: everything up to `seq` has been shown, or is gone for good."""
        room.cursor = seq
        self._moved[room.key] = room

    # --- what the server says -------------------------------------------------------------------

    def on_joined(self, reply: Joined) -> None:
        """Be in a room: find the cursor, tell what is missing, and ask for the names that did not fit."""
        room = self._answered(reply, Phase.JOINING)
        if room is None:
            return
        if not _is_called(room, reply.room):
            raise Refusal("bad_request", f"let into {reply.room[:80]!r}, and not into {room.shown}")
        before, start = room.cursor, reply.next - 1
        is_reset = reply.reset is True
        missing = 0 if before is None or is_reset else max(0, start - before)
        room.phase = Phase.IN
        room.shown = reply.room
        was_away, room.roster = room.roster.away, Roster(reply.members, reply.online, reply.away or ())
        room.own_seqs = {seq for seq in room.own_seqs if seq > start and not is_reset}
        self._joined[reply.room] = room
        self.advance(room, start if before is None or is_reset else max(before, start))
        self._told.append(
            events.RoomJoined(
                room.shown, reply.head, reply.first, reply.next, reply.online, room.roster.names,
                is_reset=is_reset, missing=missing,
            )
        )  # fmt: skip
        if missing:
            self._told.append(events.MessagesGone(room.shown, reply.next - missing, start))
        if was_away or room.roster.away:
            self._tell_away(room)
        self._ask_names(room)

    def on_live(self, event: Live) -> None:
        """Tell that a room has caught up."""
        if self.room_in(event.room):
            self._told.append(events.RoomLive(event.room, event.seq))

    def on_gone(self, event: Gone) -> None:
        """Step over what the server has pruned."""
        room = self.room_in(event.room)
        if room is None:
            return
        shown_up_to = room.cursor or 0
        if event.first > shown_up_to + 1:
            self._told.append(events.MessagesGone(room.shown, shown_up_to + 1, event.first - 1))
            self.advance(room, event.first - 1)

    def on_left(self, reply: Left) -> None:
        """Be out of a room."""
        room = self._answered(reply, Phase.LEAVING)
        if room is not None:
            self.drop(room)

    def on_presence(self, event: Presence) -> None:
        """Take over who came and went; in a crowd only the number changes, and the names are not chased."""
        room = self.room_in(event.room)
        if room is None:
            return
        was_away = room.roster.away
        room.roster.apply(event)
        self._tell_people(room, event)
        if room.roster.away != was_away:
            self._tell_away(room)
        if not room.roster.is_crowd:
            self._ask_names(room)

    def on_typing(self, event: PeopleTyping) -> None:
        """Tell who writes."""
        room = self.room_in(event.room)
        if room is not None and event.names:
            self._told.append(events.TypingSeen(room.shown, event.names))

    def on_away(self, event: PeopleAway) -> None:
        """Take over who is away and who is back."""
        room = self.room_in(event.room)
        if room is None:
            return
        was_away = room.roster.away
        room.roster.apply_away(event)
        if room.roster.away != was_away:
            self._tell_away(room)

    def on_who(self, page: WhoPage) -> None:
        """Take over a page of names and ask for the next."""
        asked = self._asking.answered(page.ref)
        room = self.room_in(page.room)
        if asked is None or room is None or asked.room is not room:
            return
        offset = room.roster.add_page(page)
        self._tell_people(room)
        if offset is not None:
            self._ask_page(room, offset)

    def _tell_people(self, room: Room, change: Presence | None = None) -> None:
        joined, left, renamed = ((), (), ()) if change is None else (change.joined, change.left, change.renamed)
        roster = room.roster
        self._told.append(
            events.PresenceChanged(room.shown, roster.online, roster.names, joined or (), left or (), renamed or ())
        )

    def _tell_away(self, room: Room) -> None:
        self._told.append(events.AwayChanged(room.shown, in_order(room.roster.away)))

    def _ask_names(self, room: Room) -> None:
        if room.roster.wants_round:
            self._ask_page(room, room.roster.begin_round())

    def _ask_page(self, room: Room, offset: int) -> None:
        self._asking.ask(lambda ref: WhoRequest(room.shown, offset, ref=ref), room)

    def _answered(self, reply: Joined | Left, phase: Phase) -> Room | None:
        """Return the room that an answer is about; None when it answers a request that another has overtaken."""
        if reply.ref is None:  # a sparing server: go by the name
            room = self.find(reply.room)
        else:
            asked = self._asking.answered(reply.ref)
            room = None if asked is None or asked.room is None or asked.room.request_ref != reply.ref else asked.room
        return room if room is not None and room.phase is phase else None


def _is_called(room: Room, shown: str) -> bool:
    """Whether that is a spelling of the room's name."""
    try:
        return room_name(shown).key == room.key
    except Refusal:
        return False
