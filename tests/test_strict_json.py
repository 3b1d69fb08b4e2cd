"""Strict JSON: what is accepted and what is refused is the same on every Python version (tests/vectors)."""

from __future__ import annotations

import json
import unittest

from chat_core import limits
from chat_core.errors import Refusal
from chat_core.strict_json import NotTextError, dump, load, quote
from tests import bytes_of, vectors


def nested(depth: int) -> bytes:
    """Build an object that is nested `depth` deep, itself counted."""
    return b'{"x":' + b"[" * (depth - 1) + b"0" + b"]" * (depth - 1) + b"}"


class Loading(unittest.TestCase):
    def test_accepted_payloads(self) -> None:
        for vector in vectors("accepted") + vectors("golden"):
            with self.subTest(vector["name"]):
                # The lenient parser agrees about everything that the strict one lets through.
                self.assertEqual(load(bytes_of(vector)), json.loads(bytes_of(vector)))

    def test_refused_payloads(self) -> None:
        refused = [vector for vector in vectors("refused") if vector["code"] == "bad_json"]
        self.assertGreater(len(refused), 90)
        for vector in refused:
            with self.subTest(vector["name"]):
                with self.assertRaises(Refusal) as caught:
                    load(bytes_of(vector))
                self.assertEqual((caught.exception.code, caught.exception.ref), ("bad_json", None))
                self.assertTrue(caught.exception.is_fatal)
                self.assertRegex(str(caught.exception), r"\A[ -~]{1,200}\.\Z", "one short sentence of plain characters")
                is_no_text = vector["name"].startswith(("UTF-8:", "Latin-1", "UTF-16 with a"))
                self.assertEqual(isinstance(caught.exception, NotTextError), is_no_text)

    def test_the_depth_is_exact(self) -> None:
        for depth in range(1, limits.JSON_DEPTH_MAX + 1):
            with self.subTest(depth=depth):
                self.assertEqual(load(nested(depth)), json.loads(nested(depth)))
        for depth in (limits.JSON_DEPTH_MAX + 1, 100, 1_000, 10_000, 30_000):
            with self.subTest(depth=depth), self.assertRaisesRegex(Refusal, "nested deeper than 8"):
                load(nested(depth))

    def test_the_integers_are_exact(self) -> None:
        for number in (0, 1, -1, limits.INTEGER_MAX, -limits.INTEGER_MAX):
            with self.subTest(number=number):
                self.assertEqual(load(b'{"x":%d}' % number), {"x": number})
        for number in (limits.INTEGER_MAX + 1, -limits.INTEGER_MAX - 1, 10**16, -(10**16), 10**17, 10**300):
            with self.subTest(number=number), self.assertRaisesRegex(Refusal, "beyond 2\\^53"):
                load(b'{"x":%d}' % number)

    def test_every_prefix_of_a_payload_is_refused(self) -> None:
        whole = '{"type":"post","n":[1,-2.5e3,true,null,{"ü":"\\ud83c\\udf89\\n"}]}'.encode()
        self.assertEqual(load(whole)["type"], "post")
        for length in range(len(whole)):
            with self.subTest(length=length), self.assertRaises(Refusal) as caught:
                load(whole[:length])
            self.assertEqual(caught.exception.code, "bad_json")


class Writing(unittest.TestCase):
    def test_compact_and_not_escaped_beyond_what_must_be(self) -> None:
        value = {"b": [1, 2.5, True, None], "a": 'ü🎉\u2028\x7f"\\\n\x01/'}
        self.assertEqual(dump(value), '{"b":[1,2.5,true,null],"a":"ü🎉\u2028\x7f\\"\\\\\\n\\u0001/"}')

    def test_no_number_that_is_not_json(self) -> None:
        for number in (float("nan"), float("inf"), float("-inf")):
            with self.subTest(number=number):
                self.assertRaises(ValueError, dump, [number])

    def test_quote_writes_one_string_as_dump_does(self) -> None:
        for text in ["", "a", *map(chr, range(0x3000)), "\ufeff", "\uffff", "🎉"]:
            self.assertEqual(quote(text), dump(text))


if __name__ == "__main__":
    unittest.main()
