"""What happens, turned into what the window shows: a conversation for each room, and how it stands with the server.

No tkinter and no clock: `now` (monotonic seconds) and `unix_ms` come in as arguments, events from `link.poll`.
Views read `current`, `rooms` and `standing` and draw them; they decide nothing. What the person types
is carried out by `commanding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Iterable, Sequence

from chat_core import limits
from chat_core.client.events import (
    AwayChanged,
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
    TypingSeen,
)  # fmt: skip
from chat_core.client.settings import RoomMemory, ServerMemory
from chat_core.escape import escape_line, escape_text
from chat_core.language import _
from chat_core.names import room_name
from chat_core.ui.model.attention import Arrival, Attention, Level, Notice, calling, window_title
from chat_core.ui.model.conversation import Conversation, LineKind
from chat_core.ui.model.markup import mentions
from chat_core.ui.model.presence import Typists
from chat_core.ui.model.refusals import sentence_of
from chat_core.ui.model.rooms import RoomRow
from chat_core.ui.model.sentences import came_in, missed, sentence_of_names, went_out
from chat_core.ui.model.standing import Standing

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent
    from chat_core.ui.model.contract import ChatLink

__all__ = ["Presenter"]

#: Where a room was read up to that nothing is remembered of: a newcomer has missed nothing.
_NOTHING_KEPT = -1
#: Older messages asked for at a time.
_PAGE = 50


class Presenter:
    """One person in one chat: a conversation for each room, one of which is shown.

    `first_rooms` are those to show first, most wanted first; else the one that `kept` says was shown last, else the
    server's default room. `kept` is what is remembered of this server. `public_rooms` is the server's answer to
    `link.request_rooms`, None until it came: (room, people online) and how many there are in all.
    """

    def __init__(
        self, link: ChatLink, name: str, first_rooms: Sequence[str] = (), kept: ServerMemory | None = None
    ) -> None:
        self.link = link
        self.name = name
        self.standing = Standing(name)
        self.rooms: dict[str, Conversation] = {}
        self.current: Conversation | None = None
        self.public_rooms: tuple[tuple[tuple[str, int], ...], int] | None = None
        self.levels: dict[str, Level] = {}
        self.is_watched = True  # the window has the focus
        self._kept = {each.room: each for each in kept.rooms} if kept else {}
        self._wanted = first_rooms[0] if first_rooms else kept.shown_room if kept else ""
        self._typists: dict[str, Typists] = {}
        self._away: dict[str, frozenset[str]] = {}
        self._was_cut_off: set[str] = set()  # rooms that we were in when the connection was lost
        self._read_seqs: dict[str, int] = {}  # rooms that were not live yet in this run: up to where they were read
        self._live: set[str] = set()  # rooms whose messages come as they are written
        self._attention = Attention()
        self._rings = False
        self._missing: dict[str, int] = {}  # of those: messages that will not come any more
        self._now = 0.0  # of the events being taken
        self._unix_ms = 0
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
            TypingSeen: self._typing_seen,
            AwayChanged: self._away_changed,
            HistoryArrived: self._history_arrived,
            RoomsArrived: self._rooms_arrived,
            NameChanged: self._name_changed,
            RequestRefused: self._request_refused,
            SaidGoodbye: self._said_goodbye,
        }
        for unsent in link.outbox:  # what was written before the window was last closed
            self._conversation(unsent.room).add_pending(unsent.mid, unsent.text, unix_ms=None)

    # --- what the window asks

    def rows(self) -> list[RoomRow]:
        """Return what the list of rooms shows, in the order in which we came into them."""
        return [
            RoomRow(
                each.room, each.title, each.unread, each.mentions, self.level_of(each.room),
                is_shown=each is self.current, is_joined=each.is_joined,
            )
            for each in self.rooms.values()
        ]  # fmt: skip

    def level_of(self, room: str) -> Level:
        """Return what the person wants to be told of a room."""
        return self.levels.get(room, Level.ALL)

    @property
    def calling(self) -> int:
        """How many messages wait that the person wants to be told of."""
        return calling((each.unread, each.mentions, self.level_of(each.room)) for each in self.rooms.values())

    def title(self) -> str:
        """Return the title of the window: where we are, as whom, and how much is new."""
        return window_title(self.standing.server or _("Chat"), self.name, self.calling)

    def take_bell(self) -> bool:
        """Tell, once, that the bell is to ring."""
        rings, self._rings = self._rings, False
        return rings

    def due_notice(self, now: float) -> Notice | None:
        """Return what the system is to show outside the window now, if anything."""
        return self._attention.due(now)

    def writing(self, now: float) -> tuple[str, ...]:
        """Return who writes in the room that is shown."""
        typists = self._typists.get(self.current.room) if self.current else None
        return typists.names(now) if typists else ()

    @property
    def away(self) -> frozenset[str]:
        """Who of the room that is shown is away."""
        return self._away.get(self.current.room, frozenset()) if self.current else frozenset()

    def show(self, room: str) -> None:
        """Show another of our rooms."""
        if self.current is not None and self.current.room != room and not self.current.unread:
            self.current.mark_read()  # the line before what was new has done its work
        self.current = self._conversation(room)
        self._see()

    def watch(self, *, is_watched: bool) -> None:
        """Take note that the window has got or lost the focus: what is shown is read, or no longer."""
        self.is_watched = is_watched
        self._see()

    def _see(self) -> None:
        if self.is_watched and self.current is not None:
            self.current.mark_seen()
            self._attention.seen(self.current.room)

    def mark_read(self) -> None:
        """Take away the line before what is new in the room that is shown."""
        if self.current is not None:
            self.current.mark_read()

    def wants_older(self) -> None:
        """Ask for older messages, as the reader is at the beginning of what is shown; at most once at a time.

        Once refused, not again while the reader stays there (`has_left_beginning`): each refusal is told.
        """
        shown = self.current
        if shown is not None and not (shown.is_loading_older or shown.is_older_refused or shown.is_full):
            self.request_older(shown, _PAGE)

    def request_older(self, conversation: Conversation, count: int) -> bool:
        """Ask for so many messages before the first of a room; return whether that was possible."""
        if not conversation.has_older or self.standing.state is not LinkState.ONLINE:
            return False
        conversation.is_loading_older = True
        self.link.request_history(conversation.room, conversation.first_seq, count)
        return True

    def has_left_beginning(self) -> None:
        """Let older messages that were refused be asked for again once the reader comes back to the beginning."""
        if self.current is not None:
            self.current.is_older_refused = False

    def forget(self, room: str) -> None:
        """Drop a room that is not our only one. Who comes back to it is a newcomer there."""
        del self.rooms[room]
        for told in (self._kept, self._read_seqs, self._missing, self._typists, self._away):
            told.pop(room, None)
        for rooms in (self._was_cut_off, self._live):
            rooms.discard(room)
        if self.current is not None and self.current.room == room:
            self.show(next(iter(self.rooms)))

    def read_seq(self, room: str) -> int:
        """Return up to where a room of ours was read: as in the last run until this one has caught up with it."""
        kept = self._read_seqs.get(room)
        return self.rooms[room].read_seq if kept is None else kept

    def is_catching_up(self, room: str) -> bool:
        """Whether it is not known yet what is unread in a room: this run has not come to its end so far."""
        return room in self._read_seqs

    def tell_who(self, unix_ms: int) -> None:
        """Say in the room that is shown who is in it."""
        if self.current is not None:
            names = self.current.names
            sentence = _("This window does not know who is in this room.")
            if names:
                sentence = _("In this room: {names}").format(names=sentence_of_names(names, most=len(names)))
            self.current.add_note(sentence, unix_ms)

    # --- what happens

    def take(self, events: Iterable[ClientEvent], now: float, unix_ms: int) -> None:
        """Learn what happened, in order; then read everything again that is shown."""
        self._now, self._unix_ms = now, unix_ms
        has_news = False
        for event in events:
            has_news = True
            self.standing.take(event)
            self._reactions[type(event)](event)
        if has_news:
            self._trim_rooms_aside()

    def _trim_rooms_aside(self) -> None:
        """Keep the rooms small that are not shown; of the other one, whoever shows it knows what is being read."""
        for conversation in self.rooms.values():
            if conversation is not self.current:
                conversation.trim(is_at_end=True)

    def _conversation(self, room: str) -> Conversation:
        if room not in self.rooms:
            self.rooms[room] = conversation = Conversation(room)
            kept = self._kept.get(room)
            if kept is not None:
                conversation.draft = kept.draft
                self.levels[room] = Level(kept.level)
            self._read_seqs[room] = kept.read_seq if kept else _NOTHING_KEPT
        return self.rooms[room]

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
        self._typists.clear()
        self._away.clear()
        self._live.clear()

    def _logged_in(self, event: LoggedIn) -> None:
        self._attention.returned()
        if event.is_new_log:
            self._kept = {room: RoomMemory(room, each.level, each.draft) for room, each in self._kept.items()}
            self._read_seqs = dict.fromkeys(self._read_seqs, _NOTHING_KEPT)
        if self.current is None:
            self.show(self._first_room(event.rooms))
            if self.link.notice:
                self._note(escape_text(self.link.notice), kind=LineKind.ERROR)
            if event.motd:
                self._note(escape_text(event.motd))
        if event.name != self.name:
            self._note(_("You are called {name} on this server.").format(name=escape_line(event.name)))
        self.name = event.name
        if event.is_new_log and self._was_cut_off:
            for room in self.rooms:
                self._note(_("The server begins a new conversation: it does not have the one above any more."), room)
                self.rooms[room].begin_again(next_seq=1)

    def _first_room(self, defaults: Sequence[str]) -> str:
        """Return the room to begin with: the one that is wanted, if we are to be in it at all."""
        keys = {room_name(room).key for room in self.link.wanted_rooms}
        if self._wanted and room_name(self._wanted).key in keys:
            return self._wanted
        return next(iter((*self.link.wanted_rooms, *defaults)), limits.DEFAULT_ROOM)

    def _room_joined(self, event: RoomJoined) -> None:
        self._respell(event.room)
        conversation = self._conversation(event.room)
        conversation.is_joined = True
        conversation.names, conversation.online = event.members, event.online
        self._away.pop(event.room, None)
        is_first_time = not conversation.first_seq and not conversation.last_seq
        if event.is_reset:
            self._note(
                _("The server does not have the conversation above any more; this one begins again."), event.room
            )
            conversation.begin_again(event.next)
        elif is_first_time:
            conversation.begin(event.next, event.first)
        elif event.missing:
            self._missing[event.room] = self._missing.get(event.room, 0) + event.missing
            self._note(missed(event.missing), event.room)
        conversation.last_seq = max(conversation.last_seq, event.next - 1)
        conversation.forget_stored()
        if is_first_time and event.head - event.next + 1 < _PAGE:
            self.request_older(conversation, _PAGE)

    def _respell(self, room: str) -> None:
        """Call a room as the server does, where its person or an earlier run has spelled it in another way."""
        if room in self.rooms:
            return
        key = room_name(room).key
        ours = next((each for each in self.rooms if room_name(each).key == key), None)
        if ours is None:
            return
        self.rooms[ours].respell(room)
        self.rooms = {each.room: each for each in self.rooms.values()}
        of_rooms: tuple[dict[str, Any], ...] = (self._kept, self.levels, self._read_seqs, self._missing)
        for told in of_rooms:
            if ours in told:
                told[room] = told.pop(ours)
        for rooms in (self._was_cut_off, self._live):
            if ours in rooms:
                rooms.remove(ours)
                rooms.add(room)

    def _room_left(self, event: RoomLeft) -> None:
        conversation = self.rooms.get(event.room)
        if conversation is None:
            return  # left by ourselves
        conversation.is_joined = False
        is_in_use = conversation is self.current or conversation.pending or conversation.draft
        if len(self.rooms) > 1 and not is_in_use:
            self.forget(event.room)

    def _message_arrived(self, event: MessageArrived) -> None:
        message = event.message
        conversation = self._conversation(message.room)
        is_own = event.is_own or message.sender == self.name
        is_mention = not is_own and mentions(message.text, self.name)
        is_seen = conversation is self.current and self.is_watched
        conversation.add_message(message, is_own=is_own, is_mention=is_mention)
        if not (is_own or is_seen or message.room in self._read_seqs):
            conversation.mark_unread()
        if message.room in self._typists:
            self._typists[message.room].finished(message.sender)
        if self._read_seqs.get(message.room) == _NOTHING_KEPT:
            return  # what was said before a newcomer came was not said to them
        arrival = Arrival(
            message.room, conversation.title, message.sender, message.text, is_own, is_mention, is_seen,
            is_late=message.room not in self._live, level=self.level_of(message.room),
        )  # fmt: skip
        self._rings |= self._attention.weigh(arrival, self._now, has_focus=self.is_watched).rings

    def _room_live(self, event: RoomLive) -> None:
        self._live.add(event.room)
        self._say_what_is_unread(event.room)
        missing = self._missing.pop(event.room, 0)
        if event.room in self._was_cut_off:
            self._was_cut_off.discard(event.room)
            self._note(_("You are back.") if missing else _("You are back; the conversation is complete."), event.room)

    def _say_what_is_unread(self, room: str) -> None:
        """After the first catch-up of this run, and the page before it: what came since it was read is unread."""
        read_seq = self._read_seqs.get(room, _NOTHING_KEPT)
        conversation = self._conversation(room)
        if room not in self._live or (read_seq != _NOTHING_KEPT and conversation.is_loading_older):
            return
        self._read_seqs.pop(room, None)
        if read_seq != _NOTHING_KEPT:
            conversation.set_read_seq(read_seq)
            self._see()

    def _messages_gone(self, event: MessagesGone) -> None:
        count = event.last_missing - event.first_missing + 1
        self._missing[event.room] = self._missing.get(event.room, 0) + count
        self._note(missed(count), event.room)

    def _post_stored(self, event: PostStored) -> None:
        self._conversation(event.room).pending_stored(event.mid, event.seq)

    def _post_refused(self, event: PostRefused) -> None:
        reason, advice = sentence_of(event.code, event.reason)
        self._conversation(event.room).pending_refused(event.mid, event.text, reason, self._unix_ms, advice)

    def _presence_changed(self, event: PresenceChanged) -> None:
        conversation = self._conversation(event.room)
        conversation.names, conversation.online = event.names, event.online
        # Not of ourselves: who comes in knows it.
        came, went = ([name for name in names if name != self.name] for names in (event.joined, event.left))
        if came:
            self._note(came_in(came), event.room)
        if went:
            self._note(went_out(went), event.room)
            for name in went:
                self._typists_of(event.room).finished(name)
        for old, new in event.renamed:
            if self.name in (old, new):
                continue  # NameChanged tells it, before or after this
            sentence = _("{old} is now called {new}.").format(old=escape_line(old), new=escape_line(new))
            self._note(sentence, event.room)

    def _typists_of(self, room: str) -> Typists:
        return self._typists.setdefault(room, Typists())

    def _typing_seen(self, event: TypingSeen) -> None:
        self._typists_of(event.room).seen(event.names, self._now)

    def _away_changed(self, event: AwayChanged) -> None:
        self._away[event.room] = frozenset(event.away)

    def _history_arrived(self, event: HistoryArrived) -> None:
        if event.room not in self.rooms:
            return  # left meanwhile
        self._conversation(event.room).prepend(event.messages, self.name, has_older=event.more)
        self._say_what_is_unread(event.room)

    def _rooms_arrived(self, event: RoomsArrived) -> None:
        self.public_rooms = tuple((entry.room, entry.online) for entry in event.rooms), event.total

    def _name_changed(self, event: NameChanged) -> None:
        self.name = event.name
        self._note(_("You are now called {name}.").format(name=escape_line(event.name)))

    def _request_refused(self, event: RequestRefused) -> None:
        refused = self.rooms.get(event.room or "")
        if refused is not None and refused.is_loading_older:
            refused.is_loading_older, refused.is_older_refused = False, True
            self._say_what_is_unread(refused.room)
        self._note(sentence_of(event.code, event.reason)[0], event.room or "", LineKind.ERROR)

    def _said_goodbye(self, event: SaidGoodbye) -> None:
        self._note(sentence_of(event.code, event.reason)[0])
