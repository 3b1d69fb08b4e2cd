"""Words to build frames of: JSON texts of good, odd and impossible values, for each kind of field.

Everything is kept as JSON text, so that values that no JSON library would write (`1e999`, half a surrogate pair,
a string that never ends) stand beside the others, and building a frame is joining texts. A lone surrogate from
U+DC80 to U+DCFF in such a text stands for that raw byte, as in Python's "surrogateescape".
"""

from __future__ import annotations

import json
from typing import Any

from chat_core import limits
from tests import vectors

__all__ = [
    "BAD",
    "BROKEN",
    "GOOD",
    "HUGE",
    "KEYS",
    "LONG_TEXTS",
    "ODD_NAMES",
    "ODD_TEXTS",
    "PERSONS",
    "ROOMS",
    "SHAPES",
    "TEXTS",
    "VALUES",
    "quoted",
]


def quoted(value: object) -> str:
    """Write a value as JSON text, characters beyond ASCII as themselves."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)  # half a surrogate pair can only be escaped
    return text


def escaped(text: str) -> str:
    """Write a string with every character escaped, which is the same string."""
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'


_TABLES: dict[str, Any] = vectors("fields")
_NAMES: dict[str, Any] = vectors("names")

#: type -> (field -> kind of value, names of the optional fields), for each direction.
SHAPES: dict[str, dict[str, tuple[dict[str, str], tuple[str, ...]]]] = {"client": {}, "server": {}}
for _message in _TABLES["messages"]:
    SHAPES[_message["direction"]][_message["base"]["type"]] = (_message["fields"], tuple(_message["optional"]))

#: By kind, from the vectors: what a field accepts, bounds included, and what it does not.
GOOD = {kind: tuple(map(quoted, values["good"])) for kind, values in _TABLES["kinds"].items()}
BAD = {kind: tuple(map(quoted, values["bad"])) for kind, values in _TABLES["kinds"].items()}

#: Characters that have broken programs: combining, bidirectional, astral, invisible, folding to many, unassigned.
_CHARACTERS = (
    "e\u0301", "a" + "\u0301" * 40, "\u202eevil\u202c", "\u2066x\u2069", "\u05d0\u0627", "\U0001f389", "\U0010ffff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\ufdfa", "\u0130", "\u1e9e", "\ufb03", "\u0345", "\u037a",
    "\u1100\u1161\u11a8", "\u2028\u2029", "\ufeff", "\ufffe\uffff", "\u200b", "\u0000", "\u001b[2J", "\u0085", "\u00ad",
    "\U000e0001", "\ue000", "\u3164", "\u1d40", "\u212b", "\U0001d400", "\u0f73\u0f75", "\u3099", "\uff9e", "\u0378",
    "\ud83c", "\udf89", "\udf89\ud83c", "\\", '"', "\\\"\\", "\\u0041", "\r\n", "\t",
)  # fmt: skip

#: Names that people and rooms may have; those of one group are one name.
_SAME = tuple(tuple(map(quoted, group)) for group in _NAMES["same"])
PERSONS = tuple(quoted(name) for name, _, _ in _NAMES["accepted"]) + sum(_SAME, ())
ROOMS = (*PERSONS, '"lobby"', '"Lobby"', '"Küche"', quoted("r" * limits.ROOM_CHARS_MAX), quoted("字" * 64))
ODD_NAMES = (
    *(quoted(name) for name, _ in _NAMES["refused"]),
    *(quoted(character) for character in _CHARACTERS),
    *(quoted("a" + character) for character in _CHARACTERS),
    *(quoted("x" * length) for length in (31, 32, 33, 64, 65, 128, 129, 256, 257, 3_000)),
    quoted("e\u0301" * 32), quoted("e\u0301" * 65), quoted("\ufdfa" * 32), quoted("\u1100\u1161" * 64),
    quoted("\U0001d400" * 64), quoted("a" * 30 + "\u0301" * 30), escaped("Ann"), escaped("\U0001d400nn"),
)  # fmt: skip
TEXTS = (
    '"hi"', '"hello there"', '"a"', quoted("Grüß dich, \"Bob\"!\nC:\\tmp 🎉"), escaped("Grüß 🎉"), quoted("x" * 300),
    *(quoted("text " + character) for character in _CHARACTERS if not "\ud800" <= character[0] <= "\udfff"),
)  # fmt: skip
ODD_TEXTS = (
    *(quoted(character) for character in _CHARACTERS),
    '""', '" "', '"\\n\\t"', quoted("\u3000\u2003"), quoted("\u200b"), quoted("\r"), quoted("a\u0000b"),
)  # fmt: skip
#: At the bound and beyond it; drawn seldom.
LONG_TEXTS = (
    *(quoted(character * limits.TEXT_CHARS_MAX) for character in ("x", "\U0001f389", '"', "\n", "\u0301")),
    *(quoted("x" * length) for length in (7_999, 8_001, 16_000, 65_000)), quoted("\U0001f389" * 8_001),
)  # fmt: skip


def _nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "0" + closing * depth


#: JSON that is in order, of every type and at every bound: as the value of a field mostly of the wrong kind.
VALUES = (
    "null", "true", "false", "0", "-0", "-0.0", "-1", "1", "2", "0.5", "1.0", "1e0", "1e2", "1E+300", "1e-999",
    "5e-324", "1.7976931348623157e308", "0." + "9" * 400, "9007199254740991", "9007199254740992", "-9007199254740992",
    '""', '"x"', '"\\ud83c\\udf89"', '"\\u0000"', '"\\/"', '"' + "[" * 500 + '"', quoted("[{" * 40), quoted("z" * 700),
    "[]", "{}", "[[]]", "[null]", '{"a":1}', '{"":{}}', '{"a":1,"a":2}', "[" + ",".join(["0"] * 200) + "]",
    *(_nested("[", "]", depth) for depth in (6, 7)), *(_nested('{"a":', "}", depth) for depth in (6, 7)),
)  # fmt: skip
#: What must not be taken for JSON, or is beyond its bounds.
BROKEN = (
    "1e999", "-1e999", "9007199254740993", "-9007199254740993", "18446744073709551616", "9" * 400, "-" + "9" * 60,
    "NaN", "Infinity", "-Infinity", "00", "01", "+1", ".5", "1.", "0x10", "1_000", "--1", "", " ", "undefined", "None",
    "'x'", '"a\nb"', '"\t"', '"\\x41"', '"\\u12"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83cx\\udf89"',
    '"\\uD83C\\u0041"',
    '"unending', '"\\"', '"\udc80"', '"\udcff\udcfe"', '"\udcc0\udc80"', '"\udced\udca0\udc80"',
    '"\udcf4\udc90\udc80\udc80"', "\udcef\udcbb\udcbf0", "{1:2}", "{a:1}", "[1,]", "[,1]", '{"a":}', "[", "]", "{", "}",
    "]}", "[}", '"' * 9, '"\\', "// x\n1", "/**/1", "1 1", "1,2",
    *(_nested("[", "]", depth) for depth in (8, 9, 100)), *(_nested('{"a":', "}", depth) for depth in (8, 9, 90)),
)  # fmt: skip
#: The same at a size that takes time; drawn seldom.
HUGE = (
    "1" + "0" * 5_000, "0." + "1" * 20_000, _nested("[", "]", 3_000), _nested('{"a":', "}", 900), "[" * 30_000,
    '{"a":' * 9_000, '"' + "[" * 30_000 + '"', quoted("z" * 20_000), '"' * 30_000, "[" + ",".join(["{}"] * 9_000) + "]",
    quoted("\\" * 20_000), quoted("\ufdfa" * 9_000), " " * 60_000 + "0",
)  # fmt: skip
#: Keys for fields that are nobody's.
KEYS = (
    '"x"', '""', '"Type"', '"type "', '"TYPE"', '"\\u0074ype"', '"\\ud800"', '"\udc80"', '"__proto__"', '"constructor"',
    quoted("\u202e"), quoted("k" * 3_000), '"ref"', '"mid"', '"room"', '"fatal"', '"a\\u0000"', "type", "'type'", "1",
)  # fmt: skip
