"""What the link tells whoever uses it: one value for each thing that happened, in the order in which it did.

Plain values, no behaviour. `Link.poll` returns them; the window and a bot are written against them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from chat_core.errors import ConnectionFailure
    from chat_core.messages import Message, RoomEntry

__all__ = [
    "AwayChanged", "ClientEvent", "HistoryArrived", "LinkState", "LoggedIn", "MessageArrived", "MessagesGone",
    "NameChanged", "PostRefused", "PostStored", "PresenceChanged", "RequestRefused", "RoomJoined", "RoomLeft",
    "RoomLive", "RoomsArrived", "SaidGoodbye", "StateChanged", "TypingSeen",
]  # fmt: skip


class LinkState(enum.Enum):
    """Where the link stands. WAITING: it will try again by itself. CLOSED: it will not, until `start`."""

    CLOSED = "closed"
    LOOKING_UP = "looking up"
    CONNECTING = "connecting"
    LOGGING_IN = "logging in"
    ONLINE = "online"
    LEAVING = "leaving"
    WAITING = "waiting"


@dataclass(frozen=True)
class StateChanged:
    """The link moved to another state.

    `failure` is why the connection before ended, when one did by failing. `retry_at` (monotonic seconds, the
    clock of `poll`) is when a WAITING link tries again.
    """

    state: LinkState
    failure: ConnectionFailure | None = None
    retry_at: float | None = None


@dataclass(frozen=True)
class LoggedIn:
    """The server knows who we are. `name` may be another than was asked for: the one that the token owns.

    `is_new_log` when the server's log is another one than last time: what was read before is not in it.
    """

    name: str
    server: str
    motd: str
    rooms: tuple[str, ...]
    is_new_log: bool


@dataclass(frozen=True)
class RoomJoined:
    """In the room. Delivery starts at seq `next`; `missing` counts messages between our cursor and it.

    `members` are at most 500 of the `online` persons; the rest come as PresenceChanged.
    """

    room: str
    head: int
    first: int
    next: int
    online: int
    members: tuple[str, ...]
    is_reset: bool
    missing: int


@dataclass(frozen=True)
class RoomLeft:
    """Out of the room."""

    room: str


@dataclass(frozen=True)
class MessageArrived:
    """The next message of a room, in seq order, each exactly once. `is_own` when it came out of our outbox."""

    message: Message
    is_own: bool


@dataclass(frozen=True)
class RoomLive:
    """Everything up to `seq` has been shown: from here on messages arrive as they are written."""

    room: str
    seq: int


@dataclass(frozen=True)
class MessagesGone:
    """The server has pruned messages we had not seen: those from `first_missing` to `last_missing`."""

    room: str
    first_missing: int
    last_missing: int


@dataclass(frozen=True)
class PostStored:
    """Our message is on the server's disk."""

    mid: str
    room: str
    seq: int


@dataclass(frozen=True)
class PostRefused:
    """Our message can never be accepted as it is, and has left the outbox. `reason` is a sentence for people."""

    mid: str
    room: str
    text: str
    code: str
    reason: str


@dataclass(frozen=True)
class PresenceChanged:
    """The people of a room changed. `names` is the whole roster as far as it is known, sorted as people sort.

    `joined`, `left` and `renamed` are what to tell; they are empty when only the roster was completed.
    """

    room: str
    online: int
    names: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TypingSeen:
    """These are writing in a room just now, and never ourselves.

    To be shown for 6 s, or until a message of theirs comes: who goes on writing says so every 3 s.
    """

    room: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class AwayChanged:
    """Who is away in a room is another set now: all of them, sorted as people sort, ourselves among them if we are.

    After RoomJoined nobody is, until this says who.
    """

    room: str
    away: tuple[str, ...]


@dataclass(frozen=True)
class HistoryArrived:
    """An older page, oldest first, in answer to `request_history`; `more` when there are older ones still."""

    room: str
    messages: tuple[Message, ...]
    more: bool


@dataclass(frozen=True)
class RoomsArrived:
    """The public rooms, in answer to `request_rooms`: the fullest of `total`."""

    rooms: tuple[RoomEntry, ...]
    total: int


@dataclass(frozen=True)
class NameChanged:
    """Our own name is another one now."""

    name: str


@dataclass(frozen=True)
class RequestRefused:
    """Something else was refused: the login (then the link is CLOSED or WAITING after it), a join, a rename.

    `room` is the room it was about, where it was about one.
    """

    code: str
    reason: str
    is_fatal: bool
    room: str | None = None


@dataclass(frozen=True)
class SaidGoodbye:
    """The server said goodbye: bye, shutdown, replaced, removed or timeout. `reason` is a sentence for people."""

    code: str
    reason: str


ClientEvent = Union[
    StateChanged, LoggedIn, RoomJoined, RoomLeft, MessageArrived, RoomLive, MessagesGone, PostStored, PostRefused,
    PresenceChanged, TypingSeen, AwayChanged, HistoryArrived, RoomsArrived, NameChanged, RequestRefused, SaidGoodbye,
]  # fmt: skip
