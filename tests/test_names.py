"""Names: which are accepted, which are the same, and that no character of Unicode is judged differently anywhere."""

from __future__ import annotations

import hashlib
import random
import unittest
from itertools import combinations
from typing import ClassVar
from unittest import mock

from chat_core import limits, names
from chat_core.errors import Refusal
from chat_core.names import Name, person_name, room_name
from tests import vectors

# What the sentence of each reason in tests/vectors/names.json says.
REASONS = {
    "length": "has 1 to 32 characters",
    "spaces": "no spaces at its ends and no two in a row",
    "nothing": "needs at least one letter or digit",
    "accent": "accent that has no letter",
    "characters": "holds letters, digits, single spaces and - _ . only",
    "scripts": "cannot mix letters of different scripts",
}


class PlainNames(unittest.TestCase):
    def test_what_is_read_at_once_is_what_the_rules_say(self) -> None:
        rng = random.Random(1)
        taken = 0
        for length in range(limits.NAME_CHARS_MAX + 2):
            for _ in range(100):
                text = "".join(
                    rng.choices("aZk0_-.  \t@\x7f", weights=[9, 9, 9, 5, 3, 3, 3, 1, 1, 0.2, 0.2, 0.2], k=length)
                )
                with self.subTest(text=text):
                    at_once = spelled(text)
                    with mock.patch.object(names, "_PLAIN", return_value=None):
                        self.assertEqual(at_once, spelled(text))
                    taken += isinstance(at_once, Name)
        self.assertGreater(taken, 300)


def spelled(text: str) -> Name | str:
    """Return the name that a text is, or why it is none."""
    try:
        return person_name(text)
    except Refusal as refusal:
        return refusal.text


class Tables(unittest.TestCase):
    def test_accepted(self) -> None:
        for text, shown, key in vectors("names")["accepted"]:
            for check in (person_name, room_name):
                with self.subTest(check=check.__name__, text=ascii(text)):
                    self.assertEqual(check(text), Name(shown, key))

    def test_refused_with_a_reason(self) -> None:
        for text, reason in vectors("names")["refused"]:
            with self.subTest(text=ascii(text)), self.assertRaises(Refusal) as caught:
                person_name(text)
            self.assertEqual(caught.exception.code, "name_invalid")
            self.assertFalse(caught.exception.is_fatal)
            self.assertIn(REASONS[reason], caught.exception.text)

    def test_refused_as_rooms_too(self) -> None:
        for text, _ in vectors("names")["refused"]:
            with self.subTest(text=ascii(text)), self.assertRaises(Refusal) as caught:
                room_name(text)
            self.assertEqual(caught.exception.code, "room_invalid")
            self.assertTrue(caught.exception.text.startswith("A room name "))

    def test_spellings_of_the_same_name(self) -> None:
        for spellings in vectors("names")["same"]:
            keys = {person_name(spelling).key for spelling in spellings}
            with self.subTest(ascii(spellings)):
                self.assertEqual(len(keys), 1)

    def test_names_that_are_not_the_same(self) -> None:
        for pair in vectors("names")["different"]:
            with self.subTest(ascii(pair)):
                self.assertEqual(len({person_name(text).key for text in pair}), 2)
        firsts = [person_name(spellings[0]).key for spellings in vectors("names")["same"]]
        self.assertEqual(len(set(firsts)), len(firsts))

    def test_what_is_shown_is_a_name_again_and_the_same(self) -> None:
        for text, _, _ in vectors("names")["accepted"]:
            with self.subTest(text=ascii(text)):
                name = person_name(text)
                self.assertEqual(person_name(name.shown), name)


class Lengths(unittest.TestCase):
    def test_characters_are_counted_after_composing(self) -> None:
        for check, most in ((person_name, limits.NAME_CHARS_MAX), (room_name, limits.ROOM_CHARS_MAX)):
            for letter in ("a", "e\u0301", "\u1112\u1161\u11ab", "\U00020000"):
                with self.subTest(check=check.__name__, letter=ascii(letter)):
                    self.assertEqual(len(check(letter * most).shown), most)
                    self.assertRaises(Refusal, check, letter * (most + 1))

    def test_a_character_that_composing_makes_longer(self) -> None:
        # U+0958 is excluded from composition: NFC makes two characters of it.
        self.assertEqual(len(person_name("\u0958" * 16).shown), 32)
        self.assertRaises(Refusal, person_name, "\u0958" * 17)

    def test_a_text_of_any_length_is_refused_before_work_is_put_into_it(self) -> None:
        for text in ("a" * 129, "e\u0301" * 30_000, "\u0301" * 60_000, " " * 60_000):
            with self.subTest(length=len(text)), self.assertRaisesRegex(Refusal, "at most 32 characters"):
                person_name(text)
        with self.assertRaisesRegex(Refusal, "at most 64 characters"):
            room_name("a" * 257)


class Scripts(unittest.TestCase):
    LETTERS: ClassVar[dict[str, str]] = {
        "Latin": "a", "Greek": "\u03b1", "Cyrillic": "\u0430", "Armenian": "\u0561", "Hebrew": "\u05d0",
        "Arabic": "\u0627", "Devanagari": "\u0905", "Thai": "\u0e01", "Georgian": "\u10d0", "Cherokee": "\u13a0",
        "Han": "\u6f22", "Hiragana": "\u3042", "Katakana": "\u30a2", "Bopomofo": "\u3105", "Hangul": "\uac00",
    }  # fmt: skip
    TOGETHER = (
        {"Latin", "Han", "Hiragana", "Katakana"},
        {"Latin", "Han", "Bopomofo"},
        {"Latin", "Han", "Hangul"},
    )

    def test_every_two_and_three_scripts(self) -> None:
        for count in (1, 2, 3):
            for scripts in combinations(self.LETTERS, count):
                text = "-".join(self.LETTERS[script] for script in scripts) + "_ 1\u0301"
                is_written = count == 1 or any(set(scripts) <= together for together in self.TOGETHER)
                with self.subTest(scripts=scripts):
                    if is_written:
                        self.assertEqual(person_name(text).shown, text)
                    else:
                        self.assertRaisesRegex(Refusal, "different scripts", person_name, text)


def key_of(text: str) -> str | None:
    """Return the key of a name, None for a text that is none."""
    try:
        return person_name(text).key
    except Refusal:
        return None


class WholeOfUnicode(unittest.TestCase):
    def test_every_code_point_is_accepted_or_refused_and_on_every_version_alike(self) -> None:
        digest = hashlib.sha256()
        accepted = 0
        for code_point in range(0x110000):
            key = key_of(chr(code_point))
            if key is not None:
                accepted += 1
                digest.update(f"{code_point:x} {key}\n".encode())
        golden = vectors("names")["code_points"]
        self.assertEqual({"accepted": accepted, "sha256": digest.hexdigest()}, golden)

    def test_a_mark_after_a_letter_is_accepted_or_refused(self) -> None:
        # Alone every mark is refused for its place, whatever else would be said of it.
        marks = {chr(code) for code in (*range(0x300, 0x20000), *range(0xE0000, 0xE0200))}
        accepted = {mark for mark in marks if key_of("x" + mark) is not None}
        self.assertIn("\u0302", accepted)
        self.assertFalse(accepted & set("\u034f\ufe00\ufe0f\u20dd\u0903"))


if __name__ == "__main__":
    unittest.main()
