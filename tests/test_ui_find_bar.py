from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING:
    import tkinter as tk

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.finding import FindBar


class TestFindBar(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.sought: list[str] = []
        self.moves: list[int] = []
        self.closed = 0
        self.bar = FindBar(self.root, self.theme, search=self.sought.append, go=self.moves.append, close=self.close)
        self.bar.pack(fill="x")
        self.settle()

    def close(self) -> None:
        self.closed += 1

    def press(self, widget: tk.Misc, *keys: str) -> None:
        widget.focus_force()
        self.settle()
        for key in keys:
            widget.event_generate(key)
        self.settle()

    def said(self) -> str:
        return str(self.bar.count.cget("text"))

    def test_every_change_is_told(self) -> None:
        self.press(self.bar.field, "c", "a", "<BackSpace>")
        self.assertEqual(self.sought, ["c", "ca", "c"])
        self.assertEqual(self.bar.query, "c")

    def test_what_it_says(self) -> None:
        self.assertEqual(self.said(), "")
        self.press(self.bar.field, "c")
        for position, count, is_done, expected in (
            (0, 0, False, "Searching… 0"),
            (1, 5, False, "Searching… 5"),
            (3, 17, True, "3 of 17"),
            (0, 0, True, "Not found"),
        ):
            self.bar.show_count(position, count, is_done)
            self.assertEqual(self.said(), expected)
        self.press(self.bar.field, "<BackSpace>")
        self.assertEqual(self.said(), "")

    def test_on_and_back(self) -> None:
        self.press(self.bar.field, "c", "<Return>")
        self.assertEqual(self.moves, [])  # nothing is found yet
        self.assertTrue(self.bar.on.instate(["disabled"]))
        self.bar.show_count(1, 2, is_done=True)
        self.press(self.bar.field, "<Return>", "<Shift-Return>", "<F3>", "<Shift-F3>", "<Down>", "<Up>")
        self.bar.on.invoke()
        self.bar.back.invoke()
        self.assertEqual(self.moves, [1, -1, 1, -1, 1, -1, 1, -1])
        self.press(self.bar.on, "<F3>")
        self.assertEqual(self.moves[-1], 1)

    def test_escape_and_the_button_close_it(self) -> None:
        self.press(self.bar.field, "<Escape>")
        self.press(self.bar.on, "<Escape>")
        self.bar.end.invoke()
        self.assertEqual(self.closed, 3)

    def test_opening_with_a_text_seeks_it(self) -> None:
        self.bar.open("cat")
        self.settle()
        self.assertEqual(self.bar.query, "cat")
        self.assertEqual(self.sought[-1], "cat")

    def test_opening_again_marks_what_was_sought_to_be_typed_over(self) -> None:
        self.bar.open("cat")
        self.bar.open()
        self.settle()
        self.assertEqual((self.bar.field.index("sel.first"), self.bar.field.index("sel.last")), (0, 3))
        self.press(self.bar.field, "d")
        self.assertEqual(self.bar.query, "d")


if __name__ == "__main__":
    unittest.main()
