"""What is written out by hand reads and writes what the general decoder and encoder would."""

from __future__ import annotations

import random
import unittest

from chat_core import limits, messages, relay
from chat_core.messages import Joined, Message, Post, Posted
from chat_core.strict_json import quote
from tests.test_messages import Rng

TEXTS = [
    "a", "", '"', "\\", '\\"', "\n", "\t", "\x00\x1f", "\x7f", "\x80\x9f", "Grüß dich", "漢字", "🎉", "\u2028\u2029",
    "\ufeff", "\uffff", "\U0010ffff", "</script>", "{}[]", "\\u0041", "%s {room}", "x" * limits.TEXT_CHARS_MAX,
    "🎉" * limits.TEXT_CHARS_MAX,
]  # fmt: skip


class Shortcuts(unittest.TestCase):
    """The hand-written encoders of the two messages that a busy server writes write what `encode` would."""

    def test_message(self) -> None:
        for text in TEXTS:
            for room, sender in [("lobby", "Ann"), ('Kü"che\\', "Zoë 🎉")]:
                with self.subTest(text=text[:20], room=room):
                    payload = relay.encode_message(quote(room), 7, 1767225600123, quote(sender), "m-_1", text)
                    self.assertEqual(payload, messages.encode(Message(room, 7, 1767225600123, sender, "m-_1", text)))

    def test_message_of_random_texts(self) -> None:
        rng = Rng(1)
        for _ in range(500):
            value = rng.message(Message)
            self.assertEqual(
                relay.encode_message(
                    quote(value.room), value.seq, value.time, quote(value.sender), value.mid, value.text
                ),
                messages.encode(value),
            )

    def test_posted(self) -> None:
        for room in TEXTS:
            for is_duplicate in (True, False):
                with self.subTest(room=room[:20], is_duplicate=is_duplicate):
                    payload = relay.encode_posted("m-_1", quote(room), 7, 0, is_duplicate=is_duplicate)
                    self.assertEqual(payload, messages.encode(Posted("m-_1", room, 7, 0, is_duplicate)))

    def test_history(self) -> None:
        rng = Rng(2)
        for count in (0, 1, 3):
            for room in TEXTS:
                for ref in (None, "", 'r"1\\'):
                    page = tuple(rng.message(Message) for _ in range(count))
                    with self.subTest(count=count, room=room[:20], ref=ref):
                        payloads = [messages.encode(message) for message in page]
                        self.assertEqual(
                            relay.encode_history(quote(room), payloads, ref, has_more=count > 0),
                            messages.encode(messages.HistoryPage(room, page, count > 0, ref)),
                        )

    def test_joined(self) -> None:
        for members in ((), ("Ann",), ("Zoë 🎉", 'q"uote\\', "bob")):
            for ref in (None, "", 'r"1\\'):
                for is_reset in (True, False):
                    with self.subTest(members=members, ref=ref, is_reset=is_reset):
                        page = f"[{','.join(map(quote, members))}]"
                        for away in (None, ("Zoë 🎉", 'q"uote\\')):
                            written = f"[{','.join(map(quote, away))}]" if away else ""
                            self.assertEqual(
                                relay.encode_joined(
                                    quote("Kü che"), 9, 2, 5, 7, page, ref, is_reset=is_reset, away=written
                                ),
                                messages.encode(Joined("Kü che", 9, 2, 5, 7, members, away, is_reset or None, ref)),
                            )


class Reading(unittest.TestCase):
    """A post that is read at once is read as `decode_request` reads it."""

    def check(self, payload: bytes) -> bool:
        """Compare both ways of reading, and return whether the payload was read at once."""
        found = relay.read_post(payload)
        if found is None:
            return False
        self.assertEqual(messages.decode_request(payload), Post(*found))
        messages.check_text(found[2])  # it raises what would be refused
        return True

    def test_the_usual_form(self) -> None:
        for post in (
            Post("lobby", "m1", "hello"), Post("Kü che", "m-_" + "x" * 61, "Grüß 🎉 \u2028"), Post("", "m", " ."),
            Post("lobby", "m1", "{}[],:'/ null"), Post("lobby", "m1", "x" * limits.TEXT_CHARS_MAX),
        ):  # fmt: skip
            with self.subTest(post=str(post)[:60]):
                self.assertTrue(self.check(messages.encode(post)))

    def test_everything_else_is_left_to_the_general_decoder(self) -> None:
        usual = b'{"type":"post","room":"lobby","mid":"m1","text":"hello"}'
        self.assertTrue(self.check(usual))
        for payload in (
            b" " + usual, usual + b" ", usual + b"\n", usual[:-1], b"", usual.replace(b'":"', b'": "', 1),
            usual.replace(b"hello", b"a\\nb"), usual.replace(b"hello", b'a\\"b'), usual.replace(b"hello", b"\\u0041"),
            usual.replace(b"hello", b"a\nb"), usual.replace(b"hello", b"\x00"), usual.replace(b"hello", b"\x1f"),
            usual.replace(b"hello", b"\xff"), usual.replace(b"hello", b"\xed\xa0\x80"), b"\xef\xbb\xbf" + usual,
            usual.replace(b"m1", b""), usual.replace(b"m1", b"m 1"), usual.replace(b"m1", b"m" * 65),
            usual.replace(b"m1", "\uff4d1".encode()), usual.replace(b"post", b"past"),
            usual.replace(b"}", b',"ref":"r"}'), usual.replace(b"hello", b""), usual.replace(b"hello", b"  "),
            usual.replace(b"hello", b"\x7f"), usual.replace(b"hello", b"\xc2\x9f"),
            usual.replace(b"hello", "\u3000".encode()), usual.replace(b"hello", b"x" * (limits.TEXT_CHARS_MAX + 1)),
            b'{"room":"lobby","type":"post","mid":"m1","text":"hello"}', usual.decode().encode("utf-16"),
        ):  # fmt: skip
            with self.subTest(payload=payload[:80]):
                self.assertIsNone(relay.read_post(payload))

    def test_whatever_bytes_are_changed(self) -> None:
        rng = random.Random(1)
        usual = messages.encode(Post("Lobby", "m1", "Grüß dich, '{you}' 🎉"))
        read_at_once = 0
        for _ in range(20_000):
            payload = bytearray(usual)
            for _ in range(rng.randint(1, 3)):
                at = rng.randrange(len(payload))
                payload[at : at + rng.randint(0, 2)] = bytes(
                    rng.choices(b'"\\{}:,am\x00\x1f\x7f\x80\xc3\xbc\xed\xf0', k=rng.randint(0, 2))
                )
            read_at_once += self.check(bytes(payload))
        self.assertGreater(read_at_once, 1_000, "most changes of the text leave a post of the usual form")
