"""What happens, turned into what the window shows; what is typed, turned into what the link is asked.

No tkinter and no clock: `now` (monotonic seconds) and `unix_ms` come in as arguments, events from `link.poll`.
Views read `current`, `rooms`, `standing` and `notices` and draw them; they decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterable, Sequence

from chat_core import limits
from chat_core.client.events import (
    HistoryArrived,
    LinkState,
    LoggedIn,
    MessageArrived,
    MessagesGone,
    NameChanged,
    PostRefused,
    PostStored,
    PresenceChanged,
    RequestRefused,
    RoomJoined,
    RoomLeft,
    RoomLive,
    RoomsArrived,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.errors import Refusal
from chat_core.escape import escape_line, escape_text
from chat_core.names import person_name, room_name
from chat_core.ui.model.commands import HELP, Verb, parse
from chat_core.ui.model.conversation import Conversation, LineKind
from chat_core.ui.model.standing import Standing

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent
    from chat_core.ui.model.contract import ChatLink

__all__ = ["Outcome", "Presenter", "sentence_of_names"]

#: Older messages asked for at a time.
_PAGE = 50


@dataclass(frozen=True)
class Outcome:
    """What became of an input: whether the input line may be cleared, what to explain, whether to leave."""

    is_taken: bool
    problem: str = ""
    wants_quit: bool = False


class Presenter:
    """One person in one chat: a conversation for each room, one of which is shown.

    `first_rooms` are those to show first, most wanted first; a server's default room otherwise.
    """

    def __init__(self, link: ChatLink, name: str, first_rooms: Sequence[str] = ()) -> None:
        self.link = link
        self.name = name
        self.standing = Standing(name)
        self.rooms: dict[str, Conversation] = {}
        self.current: Conversation | None = None
        self._wanted = first_rooms[0] if first_rooms else ""
        self._was_cut_off: set[str] = set()  # rooms that we were in when the connection was lost
        self._missing: dict[str, int] = {}  # of those: messages that will not come any more
        self._unix_ms = 0  # of the events being taken
        self._reactions: dict[type[Any], Callable[[Any], None]] = {
            StateChanged: self._state_changed,
            LoggedIn: self._logged_in,
            RoomJoined: self._room_joined,
            RoomLeft: self._room_left,
            MessageArrived: self._message_arrived,
            RoomLive: self._room_live,
            MessagesGone: self._messages_gone,
            PostStored: self._post_stored,
            PostRefused: self._post_refused,
            PresenceChanged: self._presence_changed,
            HistoryArrived: self._history_arrived,
            RoomsArrived: self._rooms_arrived,
            NameChanged: self._name_changed,
            RequestRefused: self._request_refused,
            SaidGoodbye: self._said_goodbye,
        }
        for unsent in link.outbox:  # what was written before the window was last closed
            self._conversation(unsent.room).add_pending(unsent.mid, unsent.text, unix_ms=None)

    # --- what the person does

    def submit(self, typed: str, unix_ms: int) -> Outcome:
        """Send what was typed to the room that is shown, or do what it commands."""
        command = parse(typed)
        return self._verbs()[command.verb](command.argument, unix_ms)

    def show(self, room: str) -> None:
        """Show another of our rooms."""
        self.current = self._conversation(room)
        self.current.unread = 0

    def take_back(self, mid: str) -> str:
        """Take a refused message of the room that is shown away, and return what was typed."""
        return self.current.take_back(mid) if self.current else ""

    def wants_older(self) -> None:
        """Ask for older messages, as the reader is at the beginning of what is shown; at most once at a time.

        Once refused, not again while the reader stays there (`has_left_beginning`): each refusal is told.
        """
        shown = self.current
        if (
            shown is not None
            and shown.has_older
            and not (shown.is_loading_older or shown.is_older_refused or shown.is_full)
            and self.standing.state is LinkState.ONLINE
        ):
            shown.is_loading_older = True
            self.link.request_history(shown.room, shown.first_seq, _PAGE)

    def has_left_beginning(self) -> None:
        """Let older messages that were refused be asked for again once the reader comes back to the beginning."""
        if self.current is not None:
            self.current.is_older_refused = False

    def _verbs(self) -> dict[Verb, Callable[[str, int], Outcome]]:
        return {
            Verb.SAY: self._say,
            Verb.JOIN: self._join,
            Verb.LEAVE: self._leave,
            Verb.NICK: self._nick,
            Verb.ROOMS: self._list_rooms,
            Verb.HELP: self._help,
            Verb.QUIT: lambda _argument, _unix_ms: Outcome(is_taken=True, wants_quit=True),
            Verb.EXPLAIN: lambda sentence, _unix_ms: Outcome(is_taken=False, problem=sentence),
        }

    def _say(self, text: str, unix_ms: int) -> Outcome:
        if not text:
            return Outcome(is_taken=False)
        if self.current is None:
            return Outcome(is_taken=False, problem="You are in no room yet. Come into one with /join ROOM.")
        try:
            mid = self.link.post(self.current.room, text, unix_ms)
        except Refusal as refusal:
            return Outcome(is_taken=False, problem=refusal.text)
        self.current.add_pending(mid, text, unix_ms)
        return Outcome(is_taken=True)

    def _join(self, room: str, _unix_ms: int) -> Outcome:
        try:
            name = room_name(room)
            known = next((each for each in self.rooms if room_name(each).key == name.key), None)
            if known is None or not self.rooms[known].is_joined:
                self.link.join(known or name.shown)
        except Refusal as refusal:
            return Outcome(is_taken=False, problem=refusal.text)
        self.show(known or name.shown)
        return Outcome(is_taken=True)

    def _leave(self, _argument: str, _unix_ms: int) -> Outcome:
        if self.current is None or len(self.rooms) == 1:
            return Outcome(is_taken=False, problem="This is your only room. /quit leaves the chat.")
        if self.current.pending:
            return Outcome(is_taken=False, problem="Something you wrote here is not sent yet.")
        self.link.leave(self.current.room)
        self._forget(self.current.room)
        return Outcome(is_taken=True)

    def _nick(self, name: str, _unix_ms: int) -> Outcome:
        try:
            wanted = person_name(name).shown
        except Refusal as refusal:
            return Outcome(is_taken=False, problem=refusal.text)
        if self.standing.state is not LinkState.ONLINE:
            return Outcome(is_taken=False, problem="Your name can be changed while you are online.")
        self.link.rename(wanted)
        return Outcome(is_taken=True)

    def _list_rooms(self, _argument: str, _unix_ms: int) -> Outcome:
        if self.standing.state is not LinkState.ONLINE:
            return Outcome(is_taken=False, problem="The rooms can be listed while you are online.")
        self.link.request_rooms()
        return Outcome(is_taken=True)

    def _help(self, _argument: str, unix_ms: int) -> Outcome:
        if self.current is None:
            return Outcome(is_taken=False, problem=HELP)
        self.current.add_note(HELP, unix_ms)
        return Outcome(is_taken=True)

    # --- what happens

    def take(self, events: Iterable[ClientEvent], unix_ms: int) -> None:
        """Learn what happened, in order; then read everything again that is shown."""
        self._unix_ms = unix_ms
        for event in events:
            self.standing.take(event)
            self._reactions[type(event)](event)

    def _conversation(self, room: str) -> Conversation:
        if room not in self.rooms:
            self.rooms[room] = Conversation(room)
        return self.rooms[room]

    def _forget(self, room: str) -> None:
        """Drop a room that is not our only one."""
        del self.rooms[room]
        if self.current is not None and self.current.room == room:
            self.show(next(iter(self.rooms)))

    def _note(self, sentence: str, room: str = "", kind: LineKind = LineKind.NOTE) -> None:
        """Tell something in a room of ours, or in the one that is shown."""
        conversation = self.rooms.get(room) or self.current
        if conversation is not None:
            conversation.add_note(sentence, self._unix_ms, kind)

    def _state_changed(self, event: StateChanged) -> None:
        if event.state in (LinkState.ONLINE, LinkState.LEAVING):
            return
        for conversation in self.rooms.values():
            if conversation.is_joined:
                self._was_cut_off.add(conversation.room)
            conversation.is_joined = conversation.is_loading_older = conversation.is_older_refused = False
            conversation.names, conversation.online = (), 0

    def _logged_in(self, event: LoggedIn) -> None:
        if self.current is None:
            first = self._wanted or next(iter(event.rooms), limits.DEFAULT_ROOM)
            self.show(first)
            if self.link.notice:
                self._note(escape_text(self.link.notice), kind=LineKind.ERROR)
            if event.motd:
                self._note(escape_text(event.motd))
        if event.name != self.name:
            self._note(f"You are called {escape_line(event.name)} on this server.")
        self.name = event.name
        if event.is_new_log and self._was_cut_off:
            for room in self.rooms:
                self._note("The server begins a new conversation: it does not have the one above any more.", room)
                self.rooms[room].begin_again(next_seq=1)

    def _room_joined(self, event: RoomJoined) -> None:
        conversation = self._conversation(event.room)
        conversation.is_joined = True
        conversation.names, conversation.online = event.members, event.online
        is_first_time = not conversation.first_seq and not conversation.last_seq
        if event.is_reset:
            self._note("The server does not have the conversation above any more; this one begins again.", event.room)
            conversation.begin_again(event.next)
        elif is_first_time:
            conversation.begin(event.next, event.first)
        elif event.missing:
            self._missing[event.room] = self._missing.get(event.room, 0) + event.missing
            self._note(_missed(event.missing), event.room)
        conversation.last_seq = max(conversation.last_seq, event.next - 1)
        conversation.forget_stored()
        if is_first_time and conversation.has_older and event.head - event.next + 1 < _PAGE:
            conversation.is_loading_older = True
            self.link.request_history(event.room, event.next, _PAGE)

    def _room_left(self, event: RoomLeft) -> None:
        if event.room in self.rooms and len(self.rooms) > 1:
            self._forget(event.room)

    def _message_arrived(self, event: MessageArrived) -> None:
        message = event.message
        conversation = self._conversation(message.room)
        conversation.add_message(message, is_own=event.is_own or message.sender == self.name)
        if conversation is not self.current:
            conversation.unread += 1

    def _room_live(self, event: RoomLive) -> None:
        missing = self._missing.pop(event.room, 0)
        if event.room in self._was_cut_off:
            self._was_cut_off.discard(event.room)
            self._note("You are back." if missing else "You are back; the conversation is complete.", event.room)

    def _messages_gone(self, event: MessagesGone) -> None:
        count = event.last_missing - event.first_missing + 1
        self._missing[event.room] = self._missing.get(event.room, 0) + count
        self._note(_missed(count), event.room)

    def _post_stored(self, event: PostStored) -> None:
        self._conversation(event.room).pending_stored(event.mid, event.seq)

    def _post_refused(self, event: PostRefused) -> None:
        reason = escape_line(event.reason)
        self._conversation(event.room).pending_refused(event.mid, event.text, reason, self._unix_ms)

    def _presence_changed(self, event: PresenceChanged) -> None:
        conversation = self._conversation(event.room)
        conversation.names, conversation.online = event.names, event.online
        # Not of ourselves: who comes in knows it.
        for names, what in ((event.joined, "came in"), (event.left, "left")):
            others = [name for name in names if name != self.name]
            if others:
                self._note(f"{sentence_of_names(others)} {what}.", event.room)
        for old, new in event.renamed:
            if self.name in (old, new):
                continue  # NameChanged tells it, before or after this
            self._note(f"{escape_line(old)} is now called {escape_line(new)}.", event.room)

    def _history_arrived(self, event: HistoryArrived) -> None:
        self._conversation(event.room).prepend(event.messages, self.name, has_older=event.more)

    def _rooms_arrived(self, event: RoomsArrived) -> None:
        rooms = [f"{escape_line(entry.room)}  {entry.online} online" for entry in event.rooms]
        if len(rooms) >= limits.ROOMS_PAGE:
            rooms.append(f"No more than {limits.ROOMS_PAGE} are listed; there may be others.")
        self._note("\n".join(["Rooms of this server:", *rooms]) if rooms else "This server has no rooms yet.")

    def _name_changed(self, event: NameChanged) -> None:
        self.name = event.name
        self._note(f"You are now called {escape_line(event.name)}.")

    def _request_refused(self, event: RequestRefused) -> None:
        refused = self.rooms.get(event.room or "")
        if refused is not None and refused.is_loading_older:
            refused.is_loading_older, refused.is_older_refused = False, True
        self._note(escape_line(event.reason), event.room or "", LineKind.ERROR)

    def _said_goodbye(self, event: SaidGoodbye) -> None:
        self._note(escape_line(event.reason))


def _missed(count: int) -> str:
    what = "1 message is" if count == 1 else f"{count} messages are"
    return f"{what} missing here: the server has not kept them."


def sentence_of_names(names: Iterable[str], most: int = 5) -> str:
    """List names as people do: "Ann, Bob and Cid"; beyond `most` the rest as a number."""
    shown = [escape_line(name) for name in names]
    if len(shown) > most + 1:
        shown[most:] = [f"{len(shown) - most} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
