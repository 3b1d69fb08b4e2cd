from __future__ import annotations

import unittest

from chat_core import limits, messages, relay
from chat_core.messages import Message, Posted
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
