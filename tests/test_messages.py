"""Messages: golden bytes of every type, every field's bounds, and what is refused with which code and ref."""

from __future__ import annotations

import random
import unittest
from typing import Any, Callable, Iterator, get_args

from chat_core import limits, messages
from chat_core.errors import Refusal
from chat_core.fields import fields_of
from chat_core.framing import encode_frame
from chat_core.messages import Event, Message, Request, RoomEntry, ServerLimits
from chat_core.strict_json import dump
from tests import bytes_of, vectors

TYPES: dict[str, dict[str, type[Any]]] = {
    "client": {kind.type: kind for kind in get_args(Request)},
    "server": {kind.type: kind for kind in get_args(Event)},
}
DECODE: dict[str, Callable[[bytes], Any]] = {"client": messages.decode_request, "server": messages.decode_event}

# Said one by one, so that the tests do not lean on the declarations that they check.
NESTED: dict[tuple[str, str], type[Any]] = {
    ("welcome", "limits"): ServerLimits,
    ("history", "messages"): Message,
    ("rooms", "rooms"): RoomEntry,
}


def kept(kind: str, name: str, value: object) -> object:
    """Say what a field of a decoded message holds for a value on the wire."""
    if isinstance(value, list):
        return tuple(kept(kind, name, item) for item in value)
    if isinstance(value, dict):
        return built(NESTED[kind, name], value)
    return value


def built(message_type: type[Any], wire_fields: dict[str, Any]) -> Any:
    """Build a message by hand from the fields that stand on the wire."""
    kind = getattr(message_type, "type", "")
    named = {"sender" if name == "from" else name: kept(kind, name, value) for name, value in wire_fields.items()}
    named.pop("type", None)
    return message_type(**named)


class Golden(unittest.TestCase):
    def test_bytes_to_value_and_value_to_bytes(self) -> None:
        for vector in vectors("golden"):
            with self.subTest(vector["name"]):
                payload = bytes_of(vector)
                kind = payload.split(b'"')[3].decode()
                value = built(TYPES[vector["direction"]][kind], vector["fields"])
                self.assertEqual(DECODE[vector["direction"]](payload), value)
                self.assertEqual(messages.encode(value), payload)
                self.assertEqual(encode_frame(messages.encode(value)).hex(), vector["frame_hex"])

    def test_every_type_in_both_directions_has_one(self) -> None:
        shown = {(vector["direction"], vector["payload"].split('"')[3]) for vector in vectors("golden")}
        self.assertEqual(shown, {(direction, kind) for direction, kinds in TYPES.items() for kind in kinds})

    def test_every_name_is_used_once(self) -> None:
        names = [vector["name"] for vector in vectors("golden")]
        self.assertEqual(sorted(names), sorted(set(names)))

    def test_other_spellings_of_the_same_are_read_too(self) -> None:
        for vector in vectors("accepted"):
            with self.subTest(vector["name"]):
                value = built(TYPES[vector["direction"]][vector["fields"]["type"]], vector["fields"])
                self.assertEqual(DECODE[vector["direction"]](bytes_of(vector)), value)

    def test_types_do_not_compare_equal(self) -> None:
        self.assertNotEqual(messages.Left("lobby"), messages.Leave("lobby"))
        self.assertNotEqual(messages.Ping("7"), messages.Pong("7"))


class Refused(unittest.TestCase):
    def test_payloads_that_are_refused_as_requests(self) -> None:
        for vector in vectors("refused"):
            with self.subTest(vector["name"]):
                with self.assertRaises(Refusal) as caught:
                    messages.decode_request(bytes_of(vector))
                self.assertEqual((caught.exception.code, caught.exception.ref), (vector["code"], vector.get("ref")))
                self.assertEqual(caught.exception.is_fatal, vector["code"] == "bad_json")
                self.assertLess(len(caught.exception.text), 200, "however long the request was")

    def test_a_request_that_could_be_told_by_its_type_says_which_it_was_about(self) -> None:
        for payload, about in [
            (b'{"type":"hello","protocol":1}', "hello"), (b'{"type":"join","room":1}', "join"),
            (b'{"type":"shout"}', ""), (b"{}", ""), (b"[]", ""),
        ]:  # fmt: skip
            with self.subTest(payload), self.assertRaises(Refusal) as caught:
                messages.decode_request(payload)
            self.assertEqual(caught.exception.about, about)

    def test_the_ref_of_a_request_that_was_read(self) -> None:
        for vector in vectors("golden"):
            if vector["direction"] == "client":
                with self.subTest(vector["name"]):
                    fields = vector["fields"]
                    expected = fields["mid"] if "mid" in fields else fields.get("ref")
                    self.assertEqual(messages.ref_of(messages.decode_request(bytes_of(vector))), expected)

    def test_events_of_an_unknown_type_are_none(self) -> None:
        for payload in (b'{"type":"weather"}', b'{"type":""}', b'{"type":"hello","protocol":true}'):
            with self.subTest(payload):
                self.assertIsNone(messages.decode_event(payload))

    def test_events_that_are_none_of_this_protocol(self) -> None:
        for payload, code in [(b"[]", "bad_json"), (b"{}", "bad_request"), (b'{"type":1}', "bad_request")]:
            with self.subTest(payload), self.assertRaises(Refusal) as caught:
                messages.decode_event(payload)
            self.assertEqual(caught.exception.code, code)


class Fields(unittest.TestCase):
    """Each field of each message: missing, at its bounds, beyond them, of the wrong type."""

    def each_field(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], str, dict[str, Any]]]:
        """Go through message, valid object, field name and the table of its kind."""
        table = vectors("fields")
        for message in table["messages"]:
            for name, kind in message["fields"].items():
                with self.subTest(direction=message["direction"], type=message["base"]["type"], field=name):
                    yield message, message["base"], name, table["kinds"][kind]

    def decode(self, direction: str, raw: dict[str, Any]) -> Any:
        return DECODE[direction](dump(raw).encode("utf-8"))

    def assert_bad_request(self, message: dict[str, Any], raw: dict[str, Any], name: str) -> None:
        with self.assertRaises(Refusal) as caught:
            self.decode(message["direction"], raw)
        self.assertEqual(caught.exception.code, "bad_request")
        self.assertFalse(caught.exception.is_fatal)
        self.assertIn(f"'{name}'", caught.exception.text)
        if message["direction"] == "client":
            ref_name = "mid" if raw["type"] == "post" else "ref"
            self.assertEqual(caught.exception.ref, None if name == ref_name else raw[ref_name])

    def test_every_declared_field_is_in_the_table(self) -> None:
        for direction, kinds in TYPES.items():
            declared = {
                kind: [(field.wire_name, field.default) for field in fields_of(message_type)]
                for kind, message_type in kinds.items()
            }
            listed = {
                message["base"]["type"]: message
                for message in vectors("fields")["messages"]
                if message["direction"] == direction
            }
            self.assertEqual(set(listed), set(declared))
            for kind, names in declared.items():
                with self.subTest(direction=direction, type=kind):
                    self.assertEqual(sorted(listed[kind]["fields"]), sorted(name for name, _ in names))

    def test_missing(self) -> None:
        for message, base, name, _ in self.each_field():
            raw = {key: value for key, value in base.items() if key != name}
            if name not in message["optional"]:
                self.assert_bad_request(message, raw, name)
                continue
            whole, without = self.decode(message["direction"], base), self.decode(message["direction"], raw)
            self.assertNotEqual(repr(without), "")
            for key in message["fields"]:
                attribute = "sender" if key == "from" else key
                if key != name:
                    self.assertEqual(getattr(without, attribute), getattr(whole, attribute))
            self.assertIn(getattr(without, name), (None, 0, False, ""))

    def test_accepted_values_are_kept(self) -> None:
        for message, base, name, table in self.each_field():
            for value in table["good"]:
                decoded = self.decode(message["direction"], {**base, name: value})
                attribute = "sender" if name == "from" else name
                self.assertEqual(getattr(decoded, attribute), kept(base["type"], name, value))

    def test_other_values_are_refused(self) -> None:
        for message, base, name, table in self.each_field():
            for value in table["bad"]:
                with self.subTest(value=value):
                    self.assert_bad_request(message, {**base, name: value}, name)


ALPHABET = "aZ09 _-ßéÅ漢字🎉\u2028\u0000\t\n\\\"/'\x7f\ufeff{}[],:"


class Rng(random.Random):
    """A seeded source of field values."""

    def text(self, most: int = 40) -> str:
        return "".join(self.choices(ALPHABET, k=self.randint(1, most)))

    def mid(self) -> str:
        return "".join(self.choices("azAZ09_-", k=self.randint(1, limits.MID_CHARS_MAX)))

    def count(self) -> int:
        return self.choice((0, self.randint(0, 100), self.randint(0, limits.INTEGER_MAX), limits.INTEGER_MAX))

    def value(self, message_type: type[Any], name: str) -> Any:
        """Return a value that the field may hold; None where it is optional, now and then."""
        kind = getattr(message_type, "type", "")
        if (kind, name) in NESTED:
            nested = NESTED[kind, name]
            if name == "limits":
                return self.message(nested)
            return tuple(self.message(nested) for _ in range(self.randint(0, 3)))
        if (kind, name) in {("presence", "joined"), ("presence", "left"), ("welcome", "rooms")} or name in {
            "members", "names", "features", "back",
        } or (name == "away" and message_type is not messages.Away):  # fmt: skip
            return tuple(self.text() for _ in range(self.randint(0, 3)))
        if (kind, name) == ("presence", "renamed"):
            return tuple((self.text(), self.text()) for _ in range(self.randint(0, 3)))
        if name in {"more", "duplicate", "reset", "fatal", "away"}:
            return self.random() < 0.5
        if name in {"retry", "ping_s"}:
            return self.choice((self.count(), self.random() * 100))
        if name in {"seq", "next", "first", "window", "limit", "last"}:
            return self.randint(1, 200)
        if name in {
            "protocol", "after", "before", "offset", "total", "head", "online", "time", "frame_bytes", "text_chars",
        } or message_type is ServerLimits:  # fmt: skip
            return self.count()
        if name == "nonce":
            return self.choice((self.text(), -self.count(), self.count()))
        return self.mid() if name == "mid" else self.text()

    def message(self, message_type: type[Any]) -> Any:
        """Build a message of the type."""
        values = {}
        for field in fields_of(message_type):
            is_left_out = field.default is None and self.random() < 0.5
            values[field.attribute] = None if is_left_out else self.value(message_type, field.attribute)
        return message_type(**values)


class RoundTrip(unittest.TestCase):
    def test_random_values_of_every_type(self) -> None:
        rng = Rng(2428)
        for direction, kinds in TYPES.items():
            for kind, message_type in kinds.items():
                for attempt in range(50):
                    value = rng.message(message_type)
                    with self.subTest(direction=direction, type=kind, attempt=attempt):
                        payload = messages.encode(value)
                        self.assertEqual(DECODE[direction](payload), value)
                        self.assertTrue(payload.startswith(f'{{"type":"{kind}"'.encode()), "type comes first")


class Sizes(unittest.TestCase):
    """What is allowed fits."""

    def test_the_largest_texts_fit_a_frame_in_both_directions(self) -> None:
        # The worst a text may hold: the quotes are escaped to two bytes, the emoji is four bytes and is not.
        for character in ('"', "\\", "\n", "🎉", "漢"):
            text = character * limits.TEXT_CHARS_MAX
            with self.subTest(character):
                messages.check_text(text[:-1] + "x")
                names = "🎉" * limits.ROOM_CHARS_MAX
                mid = "m" * limits.MID_CHARS_MAX
                sent = messages.encode(messages.Post(names, mid, text))
                told = messages.encode(Message(names, limits.INTEGER_MAX, limits.INTEGER_MAX, names, mid, text))
                self.assertLessEqual(len(sent), limits.CLIENT_FRAME_BYTES_MAX)
                self.assertLessEqual(len(told), limits.SERVER_FRAME_BYTES_MAX)


class Texts(unittest.TestCase):
    def test_accepted(self) -> None:
        for text in [
            "a", " a", "a\n", "\ta", "a\n\n\tb", "🎉", "\u200b", "\u202eabc", "\xa0x", "\u2028x", "\xad",
            "x" * limits.TEXT_CHARS_MAX, "🎉" * limits.TEXT_CHARS_MAX,
        ]:  # fmt: skip
            with self.subTest(text[:20]):
                messages.check_text(text)

    def test_refused(self) -> None:
        controls = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\n", "\t"}
        self.assertEqual(len(controls), 63)
        for text, code in [
            ("", "text_empty"), (" ", "text_empty"), ("\n\t \n", "text_empty"),
            ("\u3000\xa0\u2003\u2028", "text_empty"),
            ("x" * (limits.TEXT_CHARS_MAX + 1), "text_too_long"), (" " * (limits.TEXT_CHARS_MAX + 1), "text_too_long"),
            *((f"a{control}b", "text_invalid") for control in sorted(controls)),
            ("a\r\nb", "text_invalid"),
        ]:  # fmt: skip
            with self.subTest(text[:20], code=code), self.assertRaises(Refusal) as caught:
                messages.check_text(text)
            self.assertEqual(
                (caught.exception.code, caught.exception.ref, caught.exception.retry_s), (code, None, None)
            )
            self.assertFalse(caught.exception.is_fatal)


if __name__ == "__main__":
    unittest.main()
