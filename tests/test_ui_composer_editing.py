"""What is being written in the input line: kept while one looks back, undone in steps, deleted by words."""

from __future__ import annotations

import unittest

from chat_core import limits
from chat_core.ui.model.composing import History
from tests.test_ui_composer import LINES, ComposerCase


class TestDraftUnderHistory(unittest.TestCase):
    def test_it_is_what_was_left_and_not_what_is_looked_at(self) -> None:
        history = History()
        history.add("sent")
        self.assertEqual(history.draft("being written"), "being written")
        self.assertEqual(history.older("being written"), "sent")
        self.assertEqual(history.draft("sent"), "being written")
        self.assertEqual(history.draft("sent, changed"), "being written")
        self.assertEqual(history.newer("sent, changed"), "being written")
        self.assertEqual(history.draft("being written on"), "being written on")


class TestDraft(ComposerCase):
    def test_looking_back_loses_nothing(self) -> None:
        self.write("sent")
        self.press("<Return>")
        self.write("unsent words")
        self.press("<Up>")
        self.assertEqual((self.composer.typed, self.composer.draft), ("sent", "unsent words"))
        self.press("<Down>")
        self.assertEqual((self.composer.typed, self.composer.draft), ("unsent words", "unsent words"))


class TestUndo(ComposerCase):
    def undone(self) -> str:
        self.press("<<Undo>>")
        return self.composer.typed

    def test_a_paste_is_taken_back_alone(self) -> None:
        self.put_on("CLIPBOARD", "PASTED")
        self.write("my words")
        self.press("<<Paste>>")
        self.write("on")
        self.assertEqual(self.composer.typed, "my wordsPASTEDon")
        self.assertEqual([self.undone(), self.undone(), self.undone()], ["my wordsPASTED", "my words", ""])

    def test_so_is_one_that_was_asked_about(self) -> None:
        self.put_on("CLIPBOARD", LINES)
        for answer in ("paste", "code"):
            with self.subTest(answer):
                self.composer.set_draft("")
                self.write("my words")
                self.press("<<Paste>>")
                getattr(self.composer.paste_bar, answer).invoke()
                self.settle()
                self.assertIn("line 36", self.composer.typed)
                self.assertEqual(self.undone(), "my words")

    def test_so_is_a_mention(self) -> None:
        self.write("hello")
        self.composer.insert_mention("Bob")
        self.settle()
        self.assertEqual(self.composer.typed, "hello @Bob ")
        self.assertEqual(self.undone(), "hello")

    def test_twice_what_can_be_sent_is_the_most_that_is_pasted(self) -> None:
        for chars, is_too_much in ((2 * limits.TEXT_CHARS_MAX, False), (2 * limits.TEXT_CHARS_MAX + 1, True)):
            self.composer.set_draft("")
            self.put_on("CLIPBOARD", "x" * chars)
            self.press("<<Paste>>")
            self.assertEqual(self.composer.paste_bar.winfo_ismapped(), not is_too_much)
            self.assertEqual("too much to paste" in self.composer.hint.cget("text"), is_too_much)


class TestWordsDeleted(ComposerCase):
    def setUp(self) -> None:
        super().setUp()
        if self.root.tk.call("tk", "windowingsystem") == "aqua":
            self.skipTest("words are deleted with Option there")

    def test_the_one_before_the_cursor(self) -> None:
        self.write("one two")
        self.press("<Shift-Return>")
        self.write("three four")
        left = []
        for _turn in range(4):
            self.press("<Control-BackSpace>")
            left.append(self.composer.typed)
        self.assertEqual(left, ["one two\nthree ", "one two\n", "one ", ""])
        self.press("<Control-BackSpace>")
        self.assertEqual(self.composer.typed, "")

    def test_the_one_after_it(self) -> None:
        self.write("one two")
        self.press("<Control-Home>", "<Control-Delete>")
        self.assertEqual(self.composer.typed.strip(), "two")
        self.press("<Control-Delete>", "<Control-Delete>")
        self.assertEqual(self.composer.typed, "")

    def test_what_is_selected_and_nothing_else(self) -> None:
        for key in ("<Control-BackSpace>", "<Control-Delete>"):
            self.composer.set_draft("one two three")
            self.input.tag_add("sel", "1.4", "1.7")
            self.press(key)
            self.assertEqual(self.composer.typed, "one  three")

    def test_one_undo_brings_the_word_back(self) -> None:
        self.write("one two")
        self.press("<Control-BackSpace>", "<<Undo>>")
        self.assertEqual(self.composer.typed, "one two")


if __name__ == "__main__":
    unittest.main()
