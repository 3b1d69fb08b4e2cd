from __future__ import annotations

import unittest

from chat_core.ui.model.commands import COMMANDS
from chat_core.ui.model.composing import (
    Completer,
    Completion,
    History,
    Replacement,
    as_code,
    complete,
    counter,
    is_large_paste,
    paste_question,
    typing_sentence,
)  # fmt: skip

NAMES = ("Zoë", "ann", "Ann Lee", "Anna-Maria", "Bob")
ROOMS = ("lobby", "Long walk", "den")


class TestHistory(unittest.TestCase):
    def setUp(self) -> None:
        self.history = History()
        for text in ("one", "two"):
            self.history.add(text)

    def test_the_draft_is_found_again(self) -> None:
        self.assertEqual(self.history.older("draft"), "two")
        self.assertEqual(self.history.older("two"), "one")
        self.assertIsNone(self.history.older("one"))
        self.assertEqual(self.history.newer("one"), "two")
        self.assertEqual(self.history.newer("two"), "draft")
        self.assertIsNone(self.history.newer("draft"))

    def test_what_is_changed_on_the_way_is_kept_until_something_is_sent(self) -> None:
        self.history.older("draft")
        self.history.older("two, changed")
        self.assertEqual(self.history.newer("one"), "two, changed")
        self.history.add("three")
        self.assertEqual(self.history.older(""), "three")
        self.assertEqual(self.history.older("three"), "two")

    def test_a_new_draft_begins_at_the_end(self) -> None:
        self.history.older("draft")
        self.history.begin()
        self.assertIsNone(self.history.newer("of another room"))
        self.assertEqual(self.history.older("of another room"), "two")

    def test_nothing_and_the_same_again_are_not_kept(self) -> None:
        for text in ("", " \n", "two"):
            self.history.add(text)
        self.assertEqual(self.history.older(""), "two")
        self.assertEqual(self.history.older("two"), "one")

    def test_it_is_bounded(self) -> None:
        for number in range(150):
            self.history.add(f"text {number}")
        walked = [self.history.older("") for _ in range(101)]
        self.assertEqual(walked[-2:], ["text 50", None])

    def test_without_anything_sent_there_is_nowhere_to_go(self) -> None:
        empty = History()
        self.assertIsNone(empty.older("draft"))
        self.assertIsNone(empty.newer("draft"))


class TestComplete(unittest.TestCase):
    def complete(self, before: str, after: str = "") -> Completion:
        return complete(before + after, len(before), NAMES, ROOMS)

    def test_names(self) -> None:
        for before, start, choices in (
            ("bo", 0, ("Bob: ",)),
            ("hello\nbo", 6, ("Bob: ",)),
            ("hello bo", 6, ("Bob ",)),
            ("hello @bo", 6, ("@Bob ",)),
            ("@bo", 0, ("@Bob ",)),
            ("ZO", 0, ("Zoë: ",)),
            ("say an", 4, ("ann ", "Ann Lee ", "Anna-Maria ")),
            ("say ann l", 4, ("Ann Lee ",)),
            ("@ann ", 0, ("@Ann Lee ",)),
            ("x @", 2, ("@ann ", "@Ann Lee ", "@Anna-Maria ", "@Bob ", "@Zoë ")),
        ):
            with self.subTest(before=before):
                self.assertEqual(self.complete(before), Completion(start, choices))

    def test_what_comes_after_the_cursor_does_not_count(self) -> None:
        self.assertEqual(self.complete("hi b", "ob").choices, ("Bob ",))

    def test_nothing_to_complete(self) -> None:
        for before in ("", " ", "hello ", "xyz", "an ordinary word", "mail@bo", "hello\n"):
            with self.subTest(before=before):
                self.assertEqual(self.complete(before).choices, ())

    def test_commands(self) -> None:
        self.assertEqual(self.complete("/j"), Completion(0, ("/join ",)))
        self.assertEqual(self.complete("/LE").choices, ("/leave ",))
        self.assertEqual(len(self.complete("/").choices), len(COMMANDS))
        self.assertEqual(self.complete("/xyz").choices, ())

    def test_rooms_after_join(self) -> None:
        self.assertEqual(self.complete("/join lo"), Completion(6, ("lobby", "Long walk")))
        self.assertEqual(self.complete("/JOIN  long w"), Completion(7, ("Long walk",)))
        self.assertEqual(self.complete("/join ").choices, ("den", "lobby", "Long walk"))
        self.assertEqual(self.complete("/joint lo").choices, ())

    def test_ten_thousand_names_and_a_long_text(self) -> None:
        names = [f"person {number}" for number in range(10_000)]
        text = "word " * 1_500 + "person 999"
        found = complete(text, len(text), names, ())
        self.assertEqual(found.start, 7_500)
        self.assertEqual(len(found.choices), 11)


class TestCompleter(unittest.TestCase):
    def setUp(self) -> None:
        self.completer = Completer()
        self.text, self.after = "say an", " now"

    def step(self, by: int = 1) -> Replacement | None:
        found = self.completer.step(self.text + self.after, len(self.text), NAMES, ROOMS, by=by)
        if found is not None:
            self.text = self.text[: found.start] + found.text
        return found

    def test_tab_after_tab_goes_round_and_back(self) -> None:
        walked = []
        for by in (1, 1, 1, 1, -1, -1):
            self.step(by)
            walked.append(self.text)
        first, second, third = "say ann ", "say Ann Lee ", "say Anna-Maria "
        self.assertEqual(walked, [first, second, third, first, third, second])

    def test_another_key_begins_anew(self) -> None:
        self.step()
        self.text += "z"
        self.assertEqual(self.step(), Replacement(8, "Zoë "))

    def test_nothing_is_begun_backwards(self) -> None:
        self.assertIsNone(self.step(-1))
        self.text = ""
        self.assertIsNone(self.step())

    def test_a_single_choice_lets_the_next_tab_go(self) -> None:
        self.text = "/join den"
        self.assertIsNone(self.step(), "it is there already")
        self.text = "/join d"
        self.assertEqual(self.step(), Replacement(6, "den"))
        self.assertIsNone(self.step())


class TestCounter(unittest.TestCase):
    def test_it_is_silent_until_it_matters(self) -> None:
        for chars, said in (
            (0, ""), (6_399, ""), (6_400, "1600 left"), (7_688, "312 left"), (8_000, "0 left"), (8_012, "12 too many"),
        ):  # fmt: skip
            with self.subTest(chars=chars):
                self.assertEqual(counter(chars, 8_000), said)


class TestPaste(unittest.TestCase):
    def test_what_is_asked_about(self) -> None:
        for text, is_large in (
            ("", False), ("one\n" * 5, False), ("one\n" * 6, True), ("x" * 2_000, False), ("x" * 2_001, True),
            ("one\r\n" * 6, True), ("\n\none\n\n\n\n", False),
        ):  # fmt: skip
            with self.subTest(text=text[:12]):
                self.assertEqual(is_large_paste(text), is_large)

    def test_the_question_says_how_much(self) -> None:
        self.assertEqual(paste_question("line\n" * 37), "Paste 37 lines?")
        self.assertEqual(paste_question("x" * 3_000), "Paste 3000 characters?")

    def test_as_code_keeps_the_indentation_and_has_lines_of_its_own(self) -> None:
        self.assertEqual(as_code("\n    if x:\n        y\n"), "```\n    if x:\n        y\n```\n")
        self.assertEqual(as_code("x", before="see:"), "\n```\nx\n```\n")
        self.assertEqual(as_code("x", before="see:\n"), "```\nx\n```\n")


class TestTyping(unittest.TestCase):
    def test_sentences(self) -> None:
        for names, said in (
            ((), ""),
            (("Ann",), "Ann is typing…"),
            (("Ann", "Bob"), "Ann and Bob are typing…"),
            (("Ann", "Bob", "Zoë"), "Ann, Bob and 1 other are typing…"),
            (tuple(map(str, range(12))), "0, 1 and 10 others are typing…"),
            (("{name}\u202e\n",), "{name}\\u202e\\n is typing…"),
        ):
            with self.subTest(names=names):
                self.assertEqual(typing_sentence(names), said)


if __name__ == "__main__":
    unittest.main()
