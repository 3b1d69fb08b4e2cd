"""Remote text made safe to show: nothing that ends a line, steers a terminal or reorders what is read."""

from __future__ import annotations

import unittest

from chat_core.escape import escape_line, escape_text

HARMLESS = "Hello, \u00e9\u674e \U0001f642 \\ ' \" {} %s"


class Escaping(unittest.TestCase):
    def test_ordinary_text_stays_as_it_is(self) -> None:
        self.assertEqual(escape_line(HARMLESS), HARMLESS)
        self.assertEqual(escape_text(HARMLESS + "\n\t"), HARMLESS + "\n\t")

    def test_every_control_character_is_made_visible(self) -> None:
        for code in (*range(0x20), *range(0x7F, 0xA0)):
            character = chr(code)
            with self.subTest(code):
                self.assertTrue(escape_line(character).startswith("\\"))
                self.assertTrue(escape_line(character).isascii())
                self.assertEqual(escape_text(character), character if character in "\n\t" else escape_line(character))

    def test_a_terminal_is_not_steered(self) -> None:
        self.assertEqual(escape_line("\x1b[2J\x9b1m"), "\\x1b[2J\\x9b1m")

    def test_a_line_does_not_end(self) -> None:
        escaped = escape_line("a\r\nb\u2028c\u2029d\x85e\x0bf\x0cg\x1ch")
        self.assertEqual(escaped.splitlines(), [escaped])

    def test_text_is_not_reordered(self) -> None:
        for character in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            with self.subTest(ascii(character)):
                self.assertEqual(escape_line(f"a{character}b"), f"a\\u{ord(character):04x}b")
                self.assertEqual(escape_text(f"a{character}b"), f"a\\u{ord(character):04x}b")

    def test_what_cannot_be_encoded_is_made_visible(self) -> None:
        # A path or a system's message may hold a byte that is no text (PEP 383).
        self.assertEqual(escape_line("a\udcff"), "a\\udcff")
        self.assertEqual(escape_text("\ud800").encode("utf-8"), b"\\ud800")
