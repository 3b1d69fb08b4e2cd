"""The three encoders that run once for each message, written out by hand.

They write what `messages.encode` would write, in half the time: a room's name and a person's name come quoted
already, for they are quoted once and kept, and only the text is new each time (3 µs a message against 6 µs).
"""

from __future__ import annotations

from chat_core.strict_json import quote

__all__ = ["encode_history", "encode_message", "encode_posted"]


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
