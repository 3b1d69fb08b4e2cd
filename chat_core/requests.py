"""What a client may say: each request as a frozen dataclass whose fields are declared with `wire`.

A part of `messages`, through which everybody else reads and writes them. What the server says to it is in
`replies`, the specification is docs/protocol.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Union

from chat_core import limits
from chat_core.fields import COUNT, FLAG, MID, NONCE, TEXT, integer, ref_field, string, wire

__all__ = [
    "Away", "Hello", "HistoryRequest", "Join", "Leave", "Ping", "Pong", "Post", "Quit", "Rename", "Request",
    "RoomsRequest", "Typing", "WhoRequest",
]  # fmt: skip


@dataclass(frozen=True)
class Hello:
    """Log in: the first thing a client says."""

    type: ClassVar[str] = "hello"
    protocol: int = wire(integer(0))
    name: str = wire(TEXT)
    install: str = wire(string(1, limits.INSTALL_CHARS_MAX))
    token: str | None = wire(string(1, limits.TOKEN_CHARS_MAX), optional=True)
    agent: str | None = wire(string(0, limits.AGENT_CHARS_MAX), optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Join:
    """Come into a room: `after` a cursor (resume), or with the `last` few messages (newcomer)."""

    type: ClassVar[str] = "join"
    room: str = wire(TEXT)
    after: int | None = wire(COUNT, optional=True)
    last: int | None = wire(integer(0, limits.JOIN_LAST_MAX), optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Leave:
    """Go out of a room."""

    type: ClassVar[str] = "leave"
    room: str = wire(TEXT)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Post:
    """Say something in a room. `mid` is the sender's own name for it and takes the part of `ref`."""

    type: ClassVar[str] = "post"
    room: str = wire(TEXT)
    mid: str = wire(MID)
    text: str = wire(TEXT)


@dataclass(frozen=True)
class HistoryRequest:
    """Ask for the `limit` messages before a seq."""

    type: ClassVar[str] = "history"
    room: str = wire(TEXT)
    before: int = wire(COUNT)
    limit: int = wire(integer(1, limits.HISTORY_LIMIT_MAX))
    ref: str | None = ref_field()


@dataclass(frozen=True)
class WhoRequest:
    """Ask for one page of the names in a room."""

    type: ClassVar[str] = "who"
    room: str = wire(TEXT)
    offset: int = wire(COUNT, default=0)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class RoomsRequest:
    """Ask for one page of the public rooms."""

    type: ClassVar[str] = "rooms"
    offset: int = wire(COUNT, default=0)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Rename:
    """Take another name."""

    type: ClassVar[str] = "rename"
    name: str = wire(TEXT)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Typing:
    """Say that one is writing in a room just now."""

    type: ClassVar[str] = "typing"
    room: str = wire(TEXT)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Away:
    """Say that nobody is in front of this client, or that somebody is again."""

    type: ClassVar[str] = "away"
    away: bool = wire(FLAG)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Ping:
    """Ask for a sign of life. Both sides may."""

    type: ClassVar[str] = "ping"
    nonce: str | int | None = wire(NONCE, optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Pong:
    """Give a sign of life: the answer to a `ping`, with its nonce."""

    type: ClassVar[str] = "pong"
    nonce: str | int | None = wire(NONCE, optional=True)
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Quit:
    """Leave politely."""

    type: ClassVar[str] = "quit"
    ref: str | None = ref_field()


Request = Union[
    Hello, Join, Leave, Post, HistoryRequest, WhoRequest, RoomsRequest, Rename, Typing, Away, Ping, Pong, Quit
]  # fmt: skip
