"""What one caller hears of the server, and whether that may be: every frame is read and held against the protocol.

The promises checked here are those of docs/protocol.md that one stream can break: frames within bounds that decode,
fatal errors and goodbyes that are the last word, answers in the order of the requests, messages of a room from the
cursor on without hole or repetition, and the same message for everybody.
"""

from __future__ import annotations

from typing import Any, Callable, ClassVar

from chat_core import limits, messages
from chat_core.errors import FATAL_CODES, Refusal
from chat_core.framing import FrameDecoder
from chat_core.messages import Message

__all__ = ["Fault", "Hearing", "Shared"]

_DECODED_MAX = 4_000
_CODES = FATAL_CODES | {
    "bad_request", "unknown_type", "name_invalid", "name_taken", "name_not_yours", "room_invalid", "room_limit",
    "not_in_room", "text_empty", "text_too_long", "text_invalid", "mid_reuse",
}  # fmt: skip
_GOODBYES = frozenset({"bye", "shutdown", "replaced", "removed", "timeout"})


class Fault(Exception):
    """Something happened that must not, whatever was said."""


class Shared:
    """What the callers of one server have heard together. `has_storage_trouble` once its disk has failed."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, int], Message] = {}  # by room and seq
        self.stored: dict[tuple[str, int], str] = {}  # by room and seq: the mid that was acknowledged
        self.has_storage_trouble = False
        self._decoded: dict[bytes, Any] = {}  # what is told to many is decoded once

    def decode(self, payload: bytes) -> Any:
        """Read a payload. Raises Fault when a client could not."""
        event = self._decoded.get(payload)
        if event is None:
            try:
                event = messages.decode_event(payload)
            except Refusal as refusal:
                raise Fault(f"the server says what a client refuses: {refusal.text}: {payload[:200]!r}") from refusal
            if event is None:
                raise Fault(f"the server says something of an unknown type: {payload[:200]!r}")
            if len(self._decoded) >= _DECODED_MAX:
                self._decoded.clear()
            self._decoded[payload] = event
        return event

    def tell(self, message: Message) -> None:
        """Hold a message against what was told of it before. Raises Fault."""
        before = self.told.setdefault((message.room, message.seq), message)
        if before is not message and before != message:
            raise Fault(f"two messages under one number: {before} and {message}")


class Hearing:
    """One connection's stream from the server.

    `mark` ends the refs and mids of this connection's own requests, which begin with q and a number that grows:
    their answers must come in that order, each once.
    """

    __slots__ = ("_decoder", "_last_answer", "_shared", "due", "is_over", "is_welcome", "last", "mark", "name")

    def __init__(self, shared: Shared, mark: str) -> None:
        self._shared = shared
        self._decoder = FrameDecoder(limits.SERVER_FRAME_BYTES_MAX)
        self._last_answer = -1
        self.mark = mark
        self.due: dict[str, int] = {}  # by room that one is in: the seq that comes next
        self.is_welcome = False
        self.is_over = False  # the server has said its last word
        self.name = ""
        self.last: Any = None  # the last answer, for whoever asks one thing at a time

    @property
    def is_mid_frame(self) -> bool:
        """Whether the stream stands inside a frame."""
        return self._decoder.is_mid_frame

    def take(self, data: bytes) -> None:
        """Read what was sent. Raises Fault."""
        decoder, decode = self._decoder, self._shared.decode
        decoder.feed(data)
        while True:
            try:
                payload = decoder.next_payload()
            except Refusal as refusal:
                raise Fault(f"the server's frame: {refusal.text}") from refusal
            if payload is None:
                return
            event = decode(payload)
            if self.is_over:
                raise Fault(f"after its last word the server says {payload[:200]!r}")
            if type(event) is Message:
                self._on_message(event)
            else:
                handler = self._handlers.get(type(event))
                if handler is not None:
                    handler(self, event)
                ref = getattr(event, "ref", None)
                if ref is not None:
                    self._answered(ref)

    def _answered(self, token: str) -> None:
        if token[:1] == "q" and token.endswith(self.mark) and token[1 : -len(self.mark)].isdigit():
            number = int(token[1 : -len(self.mark)])
            if number <= self._last_answer:
                raise Fault(f"the answer to {token} comes after that to q{self._last_answer}{self.mark}")
            self._last_answer = number

    def _on_message(self, message: Message) -> None:
        due = self.due.get(message.room)
        if due != message.seq:
            raise Fault(f"message {message.seq} of {message.room!r} where {due} is due")
        self.due[message.room] = due + 1
        self._shared.tell(message)

    def _on_welcome(self, welcome: messages.Welcome) -> None:
        if self.is_welcome:
            raise Fault("a second welcome")
        self.is_welcome = True
        self.name = welcome.name

    def _on_joined(self, joined: messages.Joined) -> None:
        due = self.due.get(joined.room)
        if due is not None and joined.next != max(due, joined.first):
            raise Fault(f"joined {joined.room!r} again: delivery goes on at {joined.next} instead of {due}")
        if len(joined.away or ()) > limits.EPHEMERAL_PEOPLE_MAX:
            raise Fault(f"{len(joined.away or ())} names of those who are away")
        if len(joined.members) > min(limits.NAMES_PAGE, joined.online) or joined.next > joined.head + 1:
            raise Fault(f"this cannot be: {joined}")
        self.due[joined.room] = joined.next
        self.last = joined

    def _on_live(self, live: messages.Live) -> None:
        if self.due.get(live.room) != live.seq + 1:
            raise Fault(f"{live} where {self.due.get(live.room)} is due")
        self.last = live

    def _on_gone(self, gone: messages.Gone) -> None:
        if gone.first <= self._in(gone.room):
            raise Fault(f"{gone} where {self.due.get(gone.room)} is due")
        self.due[gone.room] = gone.first

    def _in(self, room: str) -> int:
        due = self.due.get(room)
        if due is None:
            raise Fault(f"told of the room {room!r} without being in it")
        return due

    def _on_left(self, left: messages.Left) -> None:
        self._in(left.room)
        del self.due[left.room]

    def _on_presence(self, presence: messages.Presence) -> None:
        self._in(presence.room)
        names = len(presence.joined or ()) + len(presence.left or ()) + len(presence.renamed or ())
        if names > limits.NAMES_PAGE:
            raise Fault(f"a presence of {names} names")

    def _on_typing(self, typing: messages.PeopleTyping) -> None:
        self._in(typing.room)
        self._check_few(typing.names)
        if not typing.names:
            raise Fault(f"nobody writes: {typing}")

    def _on_away(self, away: messages.PeopleAway) -> None:
        self._in(away.room)
        self._check_few((*away.away, *(away.back or ())))

    def _check_few(self, names: tuple[str, ...]) -> None:
        if len(names) != len(set(names)) or len(names) > limits.EPHEMERAL_PEOPLE_MAX:
            raise Fault(f"told of the same twice, or of too many: {names}")

    def _on_posted(self, posted: messages.Posted) -> None:
        self._shared.stored[posted.room, posted.seq] = posted.mid
        self._answered(posted.mid)

    def _on_history(self, page: messages.HistoryPage) -> None:
        self._in(page.room)
        for before, after in zip(page.messages, page.messages[1:]):
            if after.seq != before.seq + 1:
                raise Fault(f"a page of history with {before.seq} before {after.seq}")
        for message in page.messages:
            self._shared.tell(message)
        if page.more and not page.messages:
            raise Fault("a page of history with nothing on it, and more to come")
        self.last = page

    def _on_who(self, page: messages.WhoPage) -> None:
        self._in(page.room)
        if len(page.names) > min(limits.NAMES_PAGE, page.online):
            raise Fault(f"{len(page.names)} names of {page.online}")
        self.last = page

    def _on_rooms(self, page: messages.RoomsPage) -> None:
        if len(page.rooms) > limits.ROOMS_PAGE:
            raise Fault(f"{len(page.rooms)} rooms on a page")
        self.last = page

    def _on_renamed(self, renamed: messages.Renamed) -> None:
        self.name = renamed.name

    def _on_error(self, error: messages.ErrorReply) -> None:
        if error.code == "internal" or error.code not in _CODES:
            raise Fault(f"the server answers {error}")
        if error.code == "storage" and not self._shared.has_storage_trouble:
            raise Fault(f"the disk is well, and the server answers {error}")
        if error.fatal is not (error.code in FATAL_CODES or not self.is_welcome):
            raise Fault(f"fatal or not: {error}, {'after' if self.is_welcome else 'before'} the welcome")
        self.is_over = error.fatal
        self.last = error

    def _on_goodbye(self, goodbye: messages.Goodbye) -> None:
        if goodbye.reason not in _GOODBYES:
            raise Fault(f"an unknown goodbye: {goodbye}")
        self.is_over = True
        self.last = goodbye

    _handlers: ClassVar[dict[type, Callable[[Hearing, Any], None]]] = {
        messages.Welcome: _on_welcome,
        messages.Joined: _on_joined,
        messages.Live: _on_live,
        messages.Gone: _on_gone,
        messages.Left: _on_left,
        messages.Presence: _on_presence,
        messages.PeopleTyping: _on_typing,
        messages.PeopleAway: _on_away,
        messages.Posted: _on_posted,
        messages.HistoryPage: _on_history,
        messages.WhoPage: _on_who,
        messages.RoomsPage: _on_rooms,
        messages.Renamed: _on_renamed,
        messages.ErrorReply: _on_error,
        messages.Goodbye: _on_goodbye,
    }
