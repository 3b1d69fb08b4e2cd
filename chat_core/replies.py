"""What a server may say: each reply and event as a frozen dataclass whose fields are declared with `wire`.

A part of `messages`, through which everybody else reads and writes them. What a client asks is in `requests`, the
specification is docs/protocol.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Union

from chat_core import limits
from chat_core.fields import (
    COUNT,
    FLAG,
    MID,
    NAMES,
    PAIRS,
    SECONDS,
    SEQ,
    TEXT,
    listing,
    nested,
    ref_field,
    string,
    wire,
)  # fmt: skip
from chat_core.requests import Ping, Pong

__all__ = [
    "ErrorReply", "Event", "Gone", "Goodbye", "HistoryPage", "Joined", "Left", "Live", "Message", "PeopleAway",
    "PeopleTyping", "Posted", "Presence", "Renamed", "RoomEntry", "RoomsPage", "ServerLimits", "Welcome", "WhoPage",
]  # fmt: skip


@dataclass(frozen=True)
class ServerLimits:
    """The bounds of this server, told in `welcome`."""

    frame_bytes: int = wire(COUNT)
    text_chars: int = wire(COUNT)
    window: int = wire(SEQ)
    rooms: int = wire(COUNT)
    ping_s: int | float = wire(SECONDS)


@dataclass(frozen=True)
class RoomEntry:
    """One line of the list of rooms: persons online and the newest seq."""

    room: str = wire(TEXT)
    online: int = wire(COUNT)
    head: int = wire(COUNT)


@dataclass(frozen=True)
class Message:
    """One row of a room's log. `time` is the server's wall clock in ms since 1970, for people to read."""

    type: ClassVar[str] = "message"
    room: str = wire(TEXT)
    seq: int = wire(SEQ)
    time: int = wire(COUNT)
    sender: str = wire(TEXT, name="from")
    mid: str = wire(MID)
    text: str = wire(TEXT)


@dataclass(frozen=True)
class Welcome:
    """Logged in: who one is, where, and under which bounds. `rooms` are those to join, `features` what more it does."""

    type: ClassVar[str] = "welcome"
    protocol: int = wire(COUNT)
    server: str = wire(TEXT)
    epoch: str = wire(TEXT)
    name: str = wire(TEXT)
    token: str = wire(string(1, limits.TOKEN_CHARS_MAX))
    time: int = wire(COUNT)
    rooms: tuple[str, ...] = wire(NAMES)
    limits: ServerLimits = wire(nested(ServerLimits))
    motd: str = wire(TEXT, default="")
    features: tuple[str, ...] | None = wire(NAMES, optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Joined:
    """In the room: the log's bounds, where delivery starts, the first page of people, and who is away."""

    type: ClassVar[str] = "joined"
    room: str = wire(TEXT)
    head: int = wire(COUNT)
    first: int = wire(COUNT)
    next: int = wire(SEQ)
    online: int = wire(COUNT)
    members: tuple[str, ...] = wire(NAMES)
    away: tuple[str, ...] | None = wire(NAMES, optional=True)
    reset: bool | None = wire(FLAG, optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Live:
    """Delivery has caught up with the head, for the first time since `joined`."""

    type: ClassVar[str] = "live"
    room: str = wire(TEXT)
    seq: int = wire(COUNT)


@dataclass(frozen=True)
class Posted:
    """The message is on disk. `duplicate` when it already was."""

    type: ClassVar[str] = "posted"
    mid: str = wire(MID)
    room: str = wire(TEXT)
    seq: int = wire(SEQ)
    time: int = wire(COUNT)
    duplicate: bool = wire(FLAG, default=False)


@dataclass(frozen=True)
class Presence:
    """Who came, went and changed name since the last one; `online` counts persons. Lists are None in a crowd."""

    type: ClassVar[str] = "presence"
    room: str = wire(TEXT)
    online: int = wire(COUNT)
    joined: tuple[str, ...] | None = wire(NAMES, optional=True)
    left: tuple[str, ...] | None = wire(NAMES, optional=True)
    renamed: tuple[tuple[str, str], ...] | None = wire(PAIRS, optional=True)


@dataclass(frozen=True)
class PeopleTyping:
    """Who is writing in the room just now; never oneself."""

    type: ClassVar[str] = "typing"
    room: str = wire(TEXT)
    names: tuple[str, ...] = wire(NAMES)


@dataclass(frozen=True)
class PeopleAway:
    """Who went away from their client and who is back. Without `back`, `away` is everybody who is away."""

    type: ClassVar[str] = "away"
    room: str = wire(TEXT)
    away: tuple[str, ...] = wire(NAMES)
    back: tuple[str, ...] | None = wire(NAMES, optional=True)


@dataclass(frozen=True)
class Gone:
    """Everything before `first` was pruned while one was behind."""

    type: ClassVar[str] = "gone"
    room: str = wire(TEXT)
    first: int = wire(SEQ)


@dataclass(frozen=True)
class Left:
    """Out of the room."""

    type: ClassVar[str] = "left"
    room: str = wire(TEXT)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class HistoryPage:
    """One page of older messages, oldest first."""

    type: ClassVar[str] = "history"
    room: str = wire(TEXT)
    messages: tuple[Message, ...] = wire(listing(nested(Message)))
    more: bool = wire(FLAG)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class WhoPage:
    """One page of the names in a room, sorted."""

    type: ClassVar[str] = "who"
    room: str = wire(TEXT)
    names: tuple[str, ...] = wire(NAMES)
    online: int = wire(COUNT)
    offset: int = wire(COUNT, default=0)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class RoomsPage:
    """One page of the public rooms, the fullest first; `total` counts them all."""

    type: ClassVar[str] = "rooms"
    rooms: tuple[RoomEntry, ...] = wire(listing(nested(RoomEntry)))
    offset: int = wire(COUNT, default=0)
    total: int | None = wire(COUNT, optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Renamed:
    """One's own new name."""

    type: ClassVar[str] = "renamed"
    name: str = wire(TEXT)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class ErrorReply:
    """A request was refused: a code of the catalogue and a sentence. After a fatal one the connection closes."""

    type: ClassVar[str] = "error"
    code: str = wire(TEXT)
    text: str = wire(TEXT)
    ref: str | None = ref_field()
    retry: int | float | None = wire(SECONDS, optional=True)
    fatal: bool = wire(FLAG, default=False)


@dataclass(frozen=True)
class Goodbye:
    """The server's last word before it closes: bye, shutdown, replaced, removed or timeout."""

    type: ClassVar[str] = "quit"
    reason: str = wire(TEXT)
    retry: int | float | None = wire(SECONDS, optional=True)
    ref: str | None = ref_field()


Event = Union[
    Welcome, Joined, Message, Live, Posted, Presence, PeopleTyping, PeopleAway, Gone, Left, HistoryPage, WhoPage,
    RoomsPage, Renamed, Ping, Pong, ErrorReply, Goodbye,
]  # fmt: skip
