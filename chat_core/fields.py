"""What a field of a message accepts: one small vocabulary of checked types.

Pure. Each `Kind` has words for the sentence that a sender of something else is told, and a function that turns
the parsed value into the one to keep; `wire` declares a dataclass field of such a kind. Which message has which
fields is said in `requests` and `replies`; `build` makes one of a parsed object.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, field, fields
from typing import Any, Callable, NamedTuple, TypeVar

from chat_core import limits

__all__ = [
    "COUNT", "FLAG", "MID", "NAMES", "NONCE", "PAIRS", "REF", "SECONDS", "SEQ", "TEXT",
    "Field", "Kind", "UnfitError", "build", "fields_of", "integer", "listing", "nested", "ref_field", "string", "wire",
]  # fmt: skip

_T = TypeVar("_T")


class UnfitError(Exception):
    """A value is not what its field accepts. `build` adds the field's name on the wire and what is wrong with it."""

    def __init__(self, field_name: str = "", fault: str = "") -> None:
        super().__init__(field_name, fault)
        self.field_name = field_name
        self.fault = fault


class Kind(NamedTuple):
    """What a field accepts: words for people, and a function that returns the value to keep or raises UnfitError."""

    says: str
    convert: Callable[[object], object]


def string(least: int, most: int) -> Kind:
    """Accept a string of `least` to `most` characters."""

    def convert(value: object) -> str:
        if type(value) is not str or not least <= len(value) <= most:
            raise UnfitError
        return value

    return Kind(f"a string of {least} to {most} characters", convert)


def integer(least: int, most: int = limits.INTEGER_MAX) -> Kind:
    """Accept a whole number from `least` to `most`; true and 1.0 are none."""

    def convert(value: object) -> int:
        if type(value) is not int or not least <= value <= most:  # type(), for True is an int to isinstance
            raise UnfitError
        return value

    return Kind(f"a whole number from {least} to {most}", convert)


def _exactly(*kinds: type) -> Kind:
    def convert(value: object) -> object:
        if type(value) not in kinds:
            raise UnfitError
        return value

    names = {str: "a string", bool: "true or false", int: "a number", float: "a number"}
    return Kind(" or ".join(dict.fromkeys(names[kind] for kind in kinds)), convert)


def listing(item: Kind) -> Kind:
    """Accept a list, each of whose items the other kind accepts; keep a tuple."""

    def convert(value: object) -> tuple[object, ...]:
        if type(value) is not list:
            raise UnfitError
        return tuple(map(item.convert, value))

    return Kind(f"a list, each {item.says}", convert)


def _mid(value: object) -> str:
    if type(value) is not str or _MID_FORM.fullmatch(value) is None:
        raise UnfitError
    return value


def _nonce(value: object) -> object:
    if type(value) is str and len(value) <= limits.NONCE_CHARS_MAX:
        return value
    return _INTEGER.convert(value)


def _old_and_new(value: object) -> tuple[str, str]:
    if type(value) is not list or len(value) != 2 or type(value[0]) is not str or type(value[1]) is not str:
        raise UnfitError
    return (value[0], value[1])


_MID_FORM = re.compile(rf"[A-Za-z0-9_-]{{1,{limits.MID_CHARS_MAX}}}")
TEXT = _exactly(str)
FLAG = _exactly(bool)
_INTEGER = integer(-limits.INTEGER_MAX)
COUNT = integer(0)
SEQ = integer(1)
SECONDS = _exactly(int, float)
NAMES = listing(TEXT)
REF = string(0, limits.REF_CHARS_MAX)
MID = Kind(f"1 to {limits.MID_CHARS_MAX} of the characters A-Z a-z 0-9 _ -", _mid)
NONCE = Kind(f"a string of at most {limits.NONCE_CHARS_MAX} characters, or a whole number", _nonce)
PAIRS = listing(Kind("a pair of names", _old_and_new))


def wire(kind: Kind, *, optional: bool = False, default: object = MISSING, name: str = "") -> Any:
    """Declare a field of a message: what it accepts, and its name on the wire where that is no Python name.

    An optional field is None when it is missing, and is not encoded when it is None. A default stands for a
    missing field and is encoded like any other value.
    """
    return field(default=None if optional else default, metadata={"kind": kind, "name": name})


def ref_field() -> Any:
    """Declare the `ref` that any request may carry and its answer carries back."""
    return wire(REF, optional=True)


class Field(NamedTuple):
    """A declared field, laid out for the loops that decode and encode."""

    wire_name: str
    attribute: str
    kind: Kind
    default: object  # MISSING where the field must be there, None where it is optional


def fields_of(message_type: type[Any]) -> tuple[Field, ...]:
    """List the declared fields of a message type in the order in which they are encoded."""
    return tuple(
        Field(f.metadata["name"] or f.name, f.name, f.metadata["kind"], f.default) for f in fields(message_type)
    )


def build(message_type: type[_T], declared: tuple[Field, ...], raw: dict[str, object]) -> _T:
    """Build a message from a parsed object, with `fields_of` its type. Raises UnfitError, which names the field."""
    values = {}
    for wire_name, attribute, accepts, default in declared:
        value = raw.get(wire_name, MISSING)
        if value is MISSING:
            if default is MISSING:
                raise UnfitError(wire_name, "is missing")
            values[attribute] = default
            continue
        try:
            values[attribute] = accepts.convert(value)
        except UnfitError:
            raise UnfitError(wire_name, f"must be {accepts.says}") from None
    return message_type(**values)


def nested(message_type: type[Any]) -> Kind:
    """Accept an object with the declared fields of another message type; keep that message."""
    declared = fields_of(message_type)

    def convert(value: object) -> object:
        if type(value) is not dict:
            raise UnfitError
        return build(message_type, declared, value)

    return Kind(f"an object like {message_type.__name__}", convert)
