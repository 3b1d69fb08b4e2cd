"""Fields: each kind accepts what it says and nothing else, on its own, without a message around it."""

from __future__ import annotations

import unittest
from dataclasses import MISSING, dataclass

from chat_core import fields
from chat_core.fields import Field, Kind, UnfitError, fields_of, integer, listing, ref_field, string, wire
from tests import vectors

# The names of the kinds in tests/vectors/fields.json.
KINDS = {
    "count": fields.COUNT,
    "seq": fields.SEQ,
    "last": integer(0, 500),
    "limit": integer(1, 200),
    "text": fields.TEXT,
    "mid": fields.MID,
    "ref": fields.REF,
    "install": string(1, 64),
    "token": string(1, 128),
    "agent": string(0, 128),
    "nonce": fields.NONCE,
    "flag": fields.FLAG,
    "seconds": fields.SECONDS,
    "names": fields.NAMES,
    "pairs": fields.PAIRS,
}


def is_accepted(kind: Kind, value: object) -> bool:
    """Whether the kind takes the value."""
    try:
        kind.convert(value)
    except UnfitError:
        return False
    return True


def frozen(value: object) -> object:
    """Turn lists into tuples, all the way down."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


class Kinds(unittest.TestCase):
    def test_what_each_accepts_and_what_not(self) -> None:
        for name, kind in KINDS.items():
            table = vectors("fields")["kinds"][name]
            for value in table["good"]:
                with self.subTest(kind=name, good=value):
                    kept = kind.convert(value)
                    self.assertEqual(kept, frozen(value))
                    self.assertIs(type(kept), type(frozen(value)))
            for value in table["bad"]:
                with self.subTest(kind=name, bad=value):
                    self.assertRaises(UnfitError, kind.convert, value)

    def test_each_says_what_it_wants(self) -> None:
        for kind, words in [
            (string(1, 64), "a string of 1 to 64 characters"),
            (integer(0, 500), "a whole number from 0 to 500"),
            (fields.COUNT, "a whole number from 0 to 9007199254740992"),
            (fields.TEXT, "a string"),
            (fields.FLAG, "true or false"),
            (fields.SECONDS, "a number"),
            (listing(fields.FLAG), "a list, each true or false"),
            (fields.MID, "1 to 64 of the characters A-Z a-z 0-9 _ -"),
        ]:
            with self.subTest(words):
                self.assertEqual(kind.says, words)

    def test_the_characters_of_a_mid(self) -> None:
        accepted = {character for character in map(chr, range(0x10000)) if is_accepted(fields.MID, character)}
        self.assertEqual(accepted, set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"))


class Declarations(unittest.TestCase):
    def test_fields_are_listed_in_order_with_name_kind_and_default(self) -> None:
        shout = Kind("loud", str)

        @dataclass(frozen=True)
        class Sample:
            needed: str = wire(shout)
            sender: str = wire(shout, name="from")
            count: int = wire(fields.COUNT, default=7)
            maybe: str | None = wire(shout, optional=True)
            ref: str | None = ref_field()

        self.assertEqual(
            fields_of(Sample),
            (
                Field("needed", "needed", shout, MISSING),
                Field("from", "sender", shout, MISSING),
                Field("count", "count", fields.COUNT, 7),
                Field("maybe", "maybe", shout, None),
                Field("ref", "ref", fields.REF, None),
            ),
        )
        self.assertEqual(Sample("a", "b"), Sample(needed="a", sender="b", count=7, maybe=None, ref=None))


if __name__ == "__main__":
    unittest.main()
