"""Strict JSON: one payload to one object and back, by rules that are the same on every Python version.

Stricter than Python's own module (RFC 8259 and RFC 7493): the bounds are ours and are checked before or inside
the parser, for Python's limits differ between its versions (a nesting that 3.11 refuses, 3.13 reads). What the
fields of an object mean is not known here (`messages`). The specification is docs/protocol.md, "Payloads".
"""

from __future__ import annotations

import json
import math
import re
from typing import Callable

from chat_core import limits
from chat_core.errors import Refusal

__all__ = ["NotTextError", "dump", "load", "quote"]


class NotTextError(Refusal):
    """The payload is not UTF-8; a case of `bad_json` that the client tells people about in its own words."""

    def __init__(self) -> None:
        super().__init__("bad_json", "The payload is not valid UTF-8.")


def _bad_json(text: str) -> Refusal:
    return Refusal("bad_json", text)


def _finite(literal: str) -> float:
    number = float(literal)
    if math.isinf(number):  # 1e999 is no constant and slips past parse_constant
        raise _bad_json("A number is too large.")
    return number


def _exact(literal: str) -> int:
    # The length first: converting a literal of 60 000 digits is quadratic, or an error, depending on the version.
    if len(literal) > len(str(-limits.INTEGER_MAX)) or abs(int(literal)) > limits.INTEGER_MAX:
        raise _bad_json("An integer is beyond 2^53.")
    return int(literal)


def _no_constant(literal: str) -> float:
    raise _bad_json(f"{literal} is not JSON.")


_parse = json.JSONDecoder(parse_float=_finite, parse_int=_exact, parse_constant=_no_constant).decode
#: Write a value compactly, characters beyond ASCII as themselves.
dump: Callable[[object], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
#: A string as compact JSON, quotes included: `json`'s own encoder for one string, written in C.
quote: Callable[[str], str] = json.encoder.encode_basestring
# The last quote is optional: a literal that is never closed must match at once, not be tried again from each of its
# quotes (5 s for 32 kB of them). The parser refuses it anyway.
_STRING_LITERAL = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)


def _check_depth(payload: bytes) -> None:
    """Refuse nesting beyond the bound without parsing.

    Up to the first syntax error the string literals found here are those the parser finds, so it never
    recurses deeper than this has counted.
    """
    if payload.count(b"{") + payload.count(b"[") <= limits.JSON_DEPTH_MAX:
        return  # too few brackets to nest too deep: true of every ordinary message
    depth = 0
    for byte in _STRING_LITERAL.sub(b"", payload):
        if byte in b"{[":
            depth += 1
            if depth > limits.JSON_DEPTH_MAX:
                raise _bad_json(f"The payload is nested deeper than {limits.JSON_DEPTH_MAX}.")
        elif byte in b"}]":
            depth -= 1


def load(payload: bytes) -> dict[str, object]:
    """Parse one payload under the rules of the protocol. Raises Refusal with `bad_json`."""
    _check_depth(payload)
    try:
        text = payload.decode("utf-8")  # strictly first: json.loads(bytes) would accept UTF-16
    except UnicodeDecodeError:
        raise NotTextError from None
    try:
        value = _parse(text)
        if "\\u" in text:
            dump(value).encode("utf-8")
    except UnicodeEncodeError:
        raise _bad_json("A string holds half of a surrogate pair.") from None
    except ValueError as error:
        raise _bad_json(f"The payload is not JSON: {error}.") from None
    if type(value) is not dict:
        raise _bad_json("The payload is not a JSON object.")
    return value
