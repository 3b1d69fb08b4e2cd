"""A session: what the server knows of one connection between its `hello` and its end.

Pure state and the three ways to speak on it; the rules that change it are in `hub`, `staging` and `room`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chat_core import messages
from chat_core.framing import encode_frame

if TYPE_CHECKING:
    from chat_core.errors import Refusal
    from chat_core.messages import Event, Request
    from chat_core.server.people import Person
    from chat_core.server.room import Member, Room

__all__ = ["Outlet", "Session", "error_frame"]


class Outlet(Protocol):
    """Where a session speaks: a connection, or a list in a test."""

    queued_bytes: int

    def put(self, frames: bytes) -> None:
        """Queue whole frames."""

    def end(self) -> None:
        """Take nothing more in, send what is queued, then close."""


class Session:
    """One connection's protocol state. `person` is None until its login is committed."""

    __slots__ = (
        "away_at", "behind", "has_last_word", "has_missed_name", "has_missed_presence", "has_staged", "held", "install",
        "is_away", "is_hungry", "is_over", "outlet", "person", "pinged_at", "resume_at", "rooms", "typing_at",
        "typing_in",
    )  # fmt: skip

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.person: Person | None = None
        self.install = ""
        #: By the room's key. A dict, not a set, wherever people or rooms are walked: the order is then the same in
        #: every run, which the tests replay.
        self.rooms: dict[str, Member] = {}
        self.behind = 0  # how many of these do not stand at the head
        #: Something of this session waits for the end of the tick. Until then it may only post: so every reply
        #: comes in the order of the requests.
        self.has_staged = False
        self.held: Request | Refusal | None = None  # the request, or the answer, that had to wait for that
        self.is_hungry = False  # it stands in the queue of those to feed
        self.resume_at = 0.0  # monotonic seconds; above its rate the connection is not read before
        self.pinged_at = -1.0  # when the last ping went out, monotonic seconds
        self.has_missed_presence = False  # the queue was too full for it, in one of the rooms
        self.has_missed_name = False  # the same, of its person's new name
        self.is_away = False  # nobody is in front of that client
        self.away_at = 0.0  # when it may say that, or the contrary, again; monotonic seconds
        self.typing_at = 0.0  # when it may say again that its person writes
        self.typing_in: Room | None = None  # where they did last
        self.has_last_word = False  # its goodbye, or a fatal error, is queued: nothing may follow
        self.is_over = False

    @property
    def is_owed(self) -> bool:
        """Whether it waits for anything that is given when its queue has drained."""
        return self.behind > 0 or self.has_missed_presence or self.has_missed_name

    def say(self, event: Event) -> None:
        """Queue one message."""
        self.outlet.put(encode_frame(messages.encode(event)))

    def refuse(self, refusal: Refusal, *, is_fatal: bool = False) -> None:
        """Queue an error. After a fatal one (by its code, or because it is said so) the session takes no more."""
        fatal = is_fatal or refusal.is_fatal
        self.outlet.put(error_frame(refusal, is_fatal=fatal))
        if fatal:
            self._end()

    def part(self, reason: str, retry_s: int | None = None, ref: str | None = None) -> None:
        """Queue the server's goodbye and take no more."""
        self.say(messages.Goodbye(reason, retry_s, ref))
        self._end()

    def _end(self) -> None:
        self.has_last_word = True
        self.outlet.end()


def error_frame(refusal: Refusal, *, is_fatal: bool) -> bytes:
    """Encode a refusal as it is told to whoever asked."""
    told = messages.ErrorReply(refusal.code, refusal.text, refusal.ref, refusal.retry_s, is_fatal)
    return encode_frame(messages.encode(told))
