"""What runs once for each message, or for each of thousands who come at once, written out: a reader and four encoders.

They read what `messages.decode_request` would read and write what `messages.encode` would write, in a fraction of
the time (`python3 -m tests.bench stages` shows it): a post as clients write it is taken apart by one regular
expression, and a room's name and a person's name come quoted already, for they are quoted once and kept.
"""

from __future__ import annotations

import re

from chat_core import limits
from chat_core.strict_json import quote

__all__ = ["encode_history", "encode_joined", "encode_message", "encode_posted", "read_post"]

# A post as every client writes it: in this order, without white space and escapes, its text without the characters
# that `messages.check_text` refuses. Nothing that it matches would be refused or read otherwise by the general decoder,
# and what it does not match is left to that one, which takes five times as long.
_match_post = re.compile(
    rf'{{"type":"post","room":"([^"\\\x00-\x1f]*)","mid":"([A-Za-z0-9_-]{{1,{limits.MID_CHARS_MAX}}})",'
    rf'"text":"([^"\\\x00-\x1f\x7f-\x9f]{{1,{limits.TEXT_CHARS_MAX}}})"}}'
).fullmatch


def read_post(payload: bytes) -> tuple[str, str, str] | None:
    """Read a post in its usual form: room, mid, and a text that may be stored.

    None when it may be anything else; `decode_request` and `check_text` say what.
    """
    try:
        found = _match_post(payload.decode())
    except UnicodeDecodeError:
        return None
    if found is None:
        return None
    room, mid, text = found.groups()
    return None if text.isspace() else (room, mid, text)


def encode_message(room: str, seq: int, time: int, sender: str, mid: str, text: str) -> bytes:
    """Write a `message`; `room` and `sender` are quoted."""
    return (
        f'{{"type":"message","room":{room},"seq":{seq},"time":{time},"from":{sender},"mid":"{mid}",'
        f'"text":{quote(text)}}}'
    ).encode()


def encode_posted(mid: str, room: str, seq: int, time: int, *, is_duplicate: bool) -> bytes:
    """Write a `posted`; `room` is quoted."""
    duplicate = "true" if is_duplicate else "false"
    return f'{{"type":"posted","mid":"{mid}","room":{room},"seq":{seq},"time":{time},"duplicate":{duplicate}}}'.encode()


def encode_history(room: str, payloads: list[bytes], ref: str | None, *, has_more: bool) -> bytes:
    """Write a `history` from messages that are encoded already, oldest first; `room` is quoted."""
    more = "true" if has_more else "false"
    ending = f'],"more":{more}}}' if ref is None else f'],"more":{more},"ref":{quote(ref)}}}'
    return f'{{"type":"history","room":{room},"messages":['.encode() + b",".join(payloads) + ending.encode()


def encode_joined(
    room: str,
    head: int,
    first: int,
    following: int,
    online: int,
    members: str,
    ref: str | None,
    *,
    is_reset: bool,
    away: str = "",
) -> bytes:
    """Write a `joined`; `room` is quoted, `members` a JSON array already, `following` the seq that comes next.

    `away` is a JSON array as well, or "" to leave it out.
    """
    away = away and f',"away":{away}'
    reset = ',"reset":true' if is_reset else ""
    reference = "" if ref is None else f',"ref":{quote(ref)}'
    return (
        f'{{"type":"joined","room":{room},"head":{head},"first":{first},"next":{following},"online":{online},'
        f'"members":{members}{away}{reset}{reference}}}'
    ).encode()
