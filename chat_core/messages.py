"""Payloads to typed, validated messages and back: everything that can be said on the wire.

Pure, and shared by server and client. What a frame is, is not known here (`framing`), nor what a name may be
(`names`), nor who may say what when (`server.hub`, `client.session`). The specification is docs/protocol.md.

The theory. Every message is a frozen dataclass whose fields are declared once, with `wire`: that one line says
the field's type, what values it accepts and its place in the encoded object. Decoding walks those declarations,
so what leaves this module holds nothing that was not checked, and whoever relays a message rebuilds it from
these fields instead of passing foreign bytes on.

What JSON is accepted at all is said in `strict_json`, what a field may hold in `fields`.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass
from typing import Any, ClassVar, TypeVar, Union, get_args

from chat_core import limits
from chat_core.errors import Refusal
from chat_core.fields import (
    COUNT,
    FLAG,
    MID,
    NAMES,
    NONCE,
    PAIRS,
    REF,
    SECONDS,
    SEQ,
    TEXT,
    Field,
    Kind,
    UnfitError,
    fields_of,
    integer,
    listing,
    ref_field,
    string,
    wire,
)  # fmt: skip
from chat_core.strict_json import dump, load

__all__ = [
    "ErrorReply", "Event", "Gone", "Goodbye", "Hello", "HistoryPage", "HistoryRequest", "Join", "Joined", "Leave",
    "Left", "Live", "Message", "Ping", "Pong", "Post", "Posted", "Presence", "Quit", "Rename", "Renamed", "Request",
    "RoomEntry", "RoomsPage", "RoomsRequest", "ServerLimits", "Welcome", "WhoPage", "WhoRequest",
    "check_text", "decode_event", "decode_request", "encode", "ref_of",
]  # fmt: skip


# --- client to server -------------------------------------------------------------------------


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


# --- server to client -------------------------------------------------------------------------


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


def _nested(kind: type[Any]) -> Kind:
    def convert(value: object) -> object:
        if type(value) is not dict:
            raise UnfitError
        try:
            return _build(kind, value)
        except Refusal:
            raise UnfitError from None

    return Kind(f"an object like {kind.__name__}", convert)


@dataclass(frozen=True)
class Welcome:
    """Logged in: who one is, where, and under which bounds. `rooms` are those to join by default."""

    type: ClassVar[str] = "welcome"
    protocol: int = wire(COUNT)
    server: str = wire(TEXT)
    epoch: str = wire(TEXT)
    name: str = wire(TEXT)
    token: str = wire(string(1, limits.TOKEN_CHARS_MAX))
    time: int = wire(COUNT)
    rooms: tuple[str, ...] = wire(NAMES)
    limits: ServerLimits = wire(_nested(ServerLimits))
    motd: str = wire(TEXT, default="")
    ref: str | None = ref_field()


@dataclass(frozen=True)
class Joined:
    """In the room: the log's bounds, where delivery starts, and the first page of people."""

    type: ClassVar[str] = "joined"
    room: str = wire(TEXT)
    head: int = wire(COUNT)
    first: int = wire(COUNT)
    next: int = wire(SEQ)
    online: int = wire(COUNT)
    members: tuple[str, ...] = wire(NAMES)
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
    messages: tuple[Message, ...] = wire(listing(_nested(Message)))
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
    rooms: tuple[RoomEntry, ...] = wire(listing(_nested(RoomEntry)))
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


Request = Union[
    Hello, Join, Leave, Post, HistoryRequest, WhoRequest, RoomsRequest, Rename, Ping, Pong, Quit
]  # fmt: skip
Event = Union[
    Welcome, Joined, Message, Live, Posted, Presence, Gone, Left, HistoryPage, WhoPage, RoomsPage, Renamed,
    Ping, Pong, ErrorReply, Goodbye,
]  # fmt: skip
_REQUESTS: dict[str, type[Any]] = {kind.type: kind for kind in get_args(Request)}
_EVENTS: dict[str, type[Any]] = {kind.type: kind for kind in get_args(Event)}

# --- decoding ---------------------------------------------------------------------------------

_T = TypeVar("_T")


_FIELDS: dict[type[Any], tuple[Field, ...]] = {
    kind: fields_of(kind) for kind in (*get_args(Request), *get_args(Event), ServerLimits, RoomEntry)
}


def _ref_of(raw: dict[str, object]) -> str | None:
    """Return what a request wants its answer to carry, as far as that can be told from a request that is wrong."""
    try:
        if raw.get("type") == Post.type:
            return str(MID.convert(raw.get("mid")))
        ref = raw.get("ref")
        return None if ref is None else str(REF.convert(ref))
    except UnfitError:
        return None


def _bad_field(kind: type[Any], raw: dict[str, object], wire_name: str, fault: str) -> Refusal:
    about = getattr(kind, "type", "")
    return Refusal("bad_request", f"The field '{wire_name}' {fault}.", ref=_ref_of(raw), about=about)


def _build(kind: type[_T], raw: dict[str, object]) -> _T:
    values = {}
    for wire_name, attribute, accepts, default in _FIELDS[kind]:
        value = raw.get(wire_name, MISSING)
        if value is MISSING:
            if default is MISSING:
                raise _bad_field(kind, raw, wire_name, "is missing")
            values[attribute] = default
            continue
        try:
            values[attribute] = accepts.convert(value)
        except UnfitError:
            raise _bad_field(kind, raw, wire_name, f"must be {accepts.says}") from None
    return kind(**values)


def _type_of(raw: dict[str, object]) -> str:
    name = raw.get("type")
    if type(name) is not str:
        raise Refusal("bad_request", "The field 'type' must be a string.", ref=_ref_of(raw))
    return name


def decode_request(payload: bytes) -> Request:
    """Read what a client said.

    Raises Refusal: `bad_json` (fatal), `unknown_type`, or `bad_request`, with the ref of the request where it
    has one.
    """
    raw = load(payload)
    name = _type_of(raw)
    kind = _REQUESTS.get(name)
    if kind is None:
        raise Refusal("unknown_type", f"There is no request of the type {name[:40]!r}.", ref=_ref_of(raw))
    request: Request = _build(kind, raw)
    return request


def decode_event(payload: bytes) -> Event | None:
    """Read what a server said; None for a type that this version does not know, which is to be ignored.

    Raises Refusal with `bad_json` (NotTextError when it is not even UTF-8) or `bad_request`: whoever talks
    there does not speak this protocol.
    """
    raw = load(payload)
    kind = _EVENTS.get(_type_of(raw))
    if kind is None:
        return None
    event: Event = _build(kind, raw)
    return event


# --- encoding ---------------------------------------------------------------------------------


def _plain(value: object) -> object:
    kind = type(value)
    if kind in _FIELDS:
        return _as_object(value)
    if kind is tuple:
        return [_plain(item) for item in value]  # type: ignore[attr-defined]
    return value


def _as_object(message: object) -> dict[str, object]:
    name = getattr(message, "type", None)
    plain: dict[str, object] = {} if name is None else {"type": name}
    for wire_name, attribute, _, default in _FIELDS[type(message)]:
        value = getattr(message, attribute)
        if value is not None or default is not None:
            plain[wire_name] = _plain(value)
    return plain


def encode(message: Request | Event) -> bytes:
    """Write one message as a payload: compact, `type` first, characters beyond ASCII as UTF-8."""
    return dump(_as_object(message)).encode("utf-8")


def ref_of(request: Request) -> str | None:
    """Return what the answer to a request carries back: its ref, or the mid of a post."""
    return request.mid if isinstance(request, Post) else request.ref


# --- texts ------------------------------------------------------------------------------------

#: Control characters (C0, DEL, C1) but newline and tab, and halves of surrogate pairs, as some toolkits paste them.
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def check_text(text: str) -> None:
    """Refuse a text that can never be accepted: `text_empty`, `text_too_long` or `text_invalid`.

    Raises Refusal without a ref. Used by the client before it keeps a message and by the server before it
    stores one.
    """
    if len(text) > limits.TEXT_CHARS_MAX:
        raise Refusal("text_too_long", f"A message has at most {limits.TEXT_CHARS_MAX} characters, not {len(text)}.")
    if not text.isprintable() and _UNSENDABLE.search(text):  # the first question is for speed, the second decides
        raise Refusal("text_invalid", "A message holds no control characters but new line and tab, and no broken ones.")
    if not text or text.isspace():
        raise Refusal("text_empty", "A message needs at least one character that can be seen.")
