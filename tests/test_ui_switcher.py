from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model.rooms import RoomRow
from tests.canvas import texts
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING:
    from chat_core.ui.model.switching import Choice

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.switcher import Switcher

ROOMS = (RoomRow("lobby", "lobby", is_shown=True), RoomRow("lab", "lab", unread=2), RoomRow("help", "help"))


class TestSwitcher(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = ttk.Frame(self.root)
        self.page.pack(fill="both", expand=True)
        self.under = tk.Text(self.page, width=1, height=1)
        self.under.pack(fill="both", expand=True)
        self.settle()
        self.under.focus_force()
        self.settle()
        self.chosen: list[tuple[Choice, bool]] = []
        self.switcher = Switcher(self.page, self.theme, lambda text: text.replace("\U0001f600", "?"), self.choose)
        self.switcher.open(ROOMS, ("Ann", "Bob", "Labib"))
        self.settle()

    def choose(self, choice: Choice) -> None:
        self.chosen.append((choice, self.switcher.is_open))

    def press(self, *keys: str) -> None:
        self.switcher.field.focus_force()
        self.settle()
        for key in keys:
            self.switcher.field.event_generate(key)
        self.settle()

    def names(self) -> list[str]:
        return [choice.name for choice in self.switcher.choices]

    def texts(self) -> list[str]:
        return texts(self.switcher.listing.canvas)

    def test_it_opens_with_the_keyboard_and_everything_to_choose_from(self) -> None:
        self.assertIs(self.root.focus_get(), self.switcher.field)
        self.assertEqual(self.names(), ["lab", "help", "lobby", "Ann", "Bob", "Labib"])
        self.assertEqual(self.texts()[:5], ["#", "2", "lab", "#", "help"])

    def test_typing_and_enter(self) -> None:
        self.press("l", "a", "b")
        self.assertEqual(self.names(), ["lab", "Labib"])
        self.press("<Return>")
        self.assertEqual([(choice.name, is_open) for choice, is_open in self.chosen], [("lab", False)])
        self.assertIs(self.root.focus_get(), self.under)

    def test_up_and_down_while_typing(self) -> None:
        self.press("l", "a", "b", "<Down>", "<Down>", "<Up>", "<Down>", "<Return>")
        self.assertEqual([choice.name for choice, _is_open in self.chosen], ["Labib"])

    def test_every_letter_begins_at_the_likeliest_again(self) -> None:
        self.press("<Down>", "<Down>", "b", "<Return>")
        self.assertEqual([choice.name for choice, _is_open in self.chosen], ["Bob"])

    def test_a_click_chooses(self) -> None:
        place = self.switcher.listing.place_of(1)
        assert place is not None
        canvas = self.switcher.listing.canvas
        for event in ("<ButtonPress-1>", "<ButtonRelease-1>"):
            canvas.event_generate(event, x=40, y=place.middle)
        self.settle()
        self.assertEqual([choice.name for choice, _is_open in self.chosen], ["help"])

    def test_a_click_that_is_taken_back_chooses_nothing(self) -> None:
        first, second = self.switcher.listing.place_of(1), self.switcher.listing.place_of(2)
        assert first is not None
        assert second is not None
        canvas = self.switcher.listing.canvas
        canvas.event_generate("<ButtonPress-1>", x=40, y=first.middle)
        canvas.event_generate("<ButtonRelease-1>", x=40, y=second.middle)
        self.settle()
        self.assertEqual(self.chosen, [])
        self.assertIs(self.root.focus_get(), self.switcher.field)

    def test_nothing_of_that_name(self) -> None:
        self.press("x", "y", "z")
        self.assertTrue(self.switcher.nothing.winfo_ismapped())
        self.press("<Return>", "<Down>")
        self.assertEqual(self.chosen, [])
        self.assertTrue(self.switcher.is_open)
        self.press("<BackSpace>", "<BackSpace>", "<BackSpace>")
        self.assertFalse(self.switcher.nothing.winfo_ismapped())

    def test_escape_chooses_nothing(self) -> None:
        self.press("l", "<Escape>")
        self.assertFalse(self.switcher.is_open)
        self.assertEqual(self.chosen, [])
        self.assertIs(self.root.focus_get(), self.under)

    def test_it_opens_empty_each_time(self) -> None:
        self.press("l", "a", "b", "<Escape>")
        self.switcher.open((), ("Cid \U0001f600",))
        self.settle()
        self.assertEqual(self.switcher.field.text, "")
        self.assertEqual(self.texts(), ["@", "Cid ?"])

    def test_ten_thousand_people_are_drawn_as_far_as_they_are_seen(self) -> None:
        self.switcher.open((), [f"person {number}" for number in range(10_000)])
        self.settle()
        self.assertLess(len(self.texts()), 60)


if __name__ == "__main__":
    unittest.main()
