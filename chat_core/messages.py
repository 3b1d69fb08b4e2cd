"""Payloads to typed, validated messages and back: everything that can be said on the wire.

Pure, and shared by server and client. The messages themselves are declared in `requests` and `replies`, and used
from here. What a frame is, is not known here (`framing`), nor what a name may be (`names`), nor who may say what when
(`server.hub`, `client.session`). The specification is docs/protocol.md.

The theory. Every message is a frozen dataclass whose fields are declared once, with `wire`: that one line says
the field's type, what values it accepts and its place in the encoded object. Decoding walks those declarations,
so what leaves this module holds nothing that was not checked, and whoever relays a message rebuilds it from
these fields instead of passing foreign bytes on.

What JSON is accepted at all is said in `strict_json`, what a field may hold in `fields`.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from chat_core import limits
from chat_core.errors import Refusal
from chat_core.fields import MID, REF, Field, UnfitError, build, fields_of
from chat_core.replies import (
    ErrorReply,
    Event,
    Gone,
    Goodbye,
    HistoryPage,
    Joined,
    Left,
    Live,
    Message,
    PeopleAway,
    PeopleTyping,
    Posted,
    Presence,
    Renamed,
    RoomEntry,
    RoomsPage,
    ServerLimits,
    Welcome,
    WhoPage,
)  # fmt: skip
from chat_core.requests import (
    Away,
    Hello,
    HistoryRequest,
    Join,
    Leave,
    Ping,
    Pong,
    Post,
    Quit,
    Rename,
    Request,
    RoomsRequest,
    Typing,
    WhoRequest,
)  # fmt: skip
from chat_core.strict_json import dump, load

__all__ = [
    "Away", "ErrorReply", "Event", "Gone", "Goodbye", "Hello", "HistoryPage", "HistoryRequest", "Join", "Joined",
    "Leave", "Left", "Live", "Message", "PeopleAway", "PeopleTyping", "Ping", "Pong", "Post", "Posted", "Presence",
    "Quit", "Rename", "Renamed", "Request", "RoomEntry", "RoomsPage", "RoomsRequest", "ServerLimits", "Typing",
    "Welcome", "WhoPage", "WhoRequest",
    "check_text", "decode_event", "decode_request", "encode", "ref_of",
]  # fmt: skip

_REQUESTS: dict[str, type[Any]] = {kind.type: kind for kind in get_args(Request)}
_EVENTS: dict[str, type[Any]] = {kind.type: kind for kind in get_args(Event)}

# --- decoding ---------------------------------------------------------------------------------

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


def _bad_field(kind: type[Any], raw: dict[str, object], unfit: UnfitError) -> Refusal:
    return Refusal(
        "bad_request",
        f"The field '{unfit.field_name}' {unfit.fault}.",
        ref=_ref_of(raw),
        about=getattr(kind, "type", ""),
    )


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
    try:
        request: Request = build(kind, _FIELDS[kind], raw)
    except UnfitError as unfit:
        raise _bad_field(kind, raw, unfit) from None
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
    try:
        event: Event = build(kind, _FIELDS[kind], raw)
    except UnfitError as unfit:
        raise _bad_field(kind, raw, unfit) from None
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
