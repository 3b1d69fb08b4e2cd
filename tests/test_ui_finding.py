"""Finding in a conversation, from the key to the marks: the bar, what it counts, and how one goes on."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.client.events import RoomLive
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import arrived, joined
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.header import Wish


class TestFinding(WindowCase):
    comes_in = True

    def setUp(self) -> None:
        super().setUp()
        self.take(joined("den"), RoomLive("den", 0), arrived(1, "a fox in the den", room="den"))
        self.take(*(arrived(seq, f"Fox {seq}" if seq % 100 == 1 else "") for seq in range(1, 302)))

    def count(self) -> str:
        return str(self.page.find_bar.count.cget("text"))

    def is_open(self) -> bool:
        return bool(self.page.find_bar.winfo_ismapped())

    def found(self) -> str:
        """What is marked as the one that is looked at."""
        text = self.page.conversation.text
        ranges = text.tag_ranges("found")
        return str(text.get(f"{ranges[0]} linestart", f"{ranges[0]} lineend")) if ranges else ""

    def test_it_goes_from_the_newest_back_and_around(self) -> None:
        self.press("<Control-f>", at=self.page.composer.input)
        self.type("fox")
        self.take()
        self.assertEqual((self.count(), self.found()), ("4 of 4", "Fox 301"))
        self.press("<Shift-F3>")
        self.assertEqual((self.count(), self.found()), ("3 of 4", "Fox 201"))
        self.press("<Shift-Return>", "<Up>")
        self.assertEqual((self.count(), self.found()), ("1 of 4", "Fox 1"))
        self.press("<F3>", "<Return>", "<Down>", "<F3>")
        self.assertEqual((self.count(), self.found()), ("1 of 4", "Fox 1"))
        self.page.composer.input.focus_set()
        self.press("<F3>")
        self.assertEqual(self.found(), "Fox 101", "from the input line as well")

    def test_escape_ends_it_and_one_goes_on_writing(self) -> None:
        self.page.header.buttons[Wish.FIND].invoke()
        self.settle()
        self.type("fox")
        self.take()
        self.press("<Escape>")
        self.assertFalse(self.is_open())
        self.assertEqual((self.found(), self.focus), ("", str(self.page.composer.input)))
        self.press("<F3>")
        self.assertEqual(self.found(), "")
        self.press("<Control-f>")
        self.take()
        self.assertEqual((self.count(), self.page.find_bar.query), ("4 of 4", "fox"), "what was sought last")

    def test_by_command_with_what_to_find_and_what_comes_meanwhile_is_found_too(self) -> None:
        self.say("/find fox")
        self.take()
        self.assertTrue(self.is_open())
        self.assertEqual((self.count(), self.focus), ("4 of 4", str(self.page.find_bar.field)))
        self.take(arrived(302, "one more FOX"))
        self.assertEqual(self.count(), "4 of 5")
        self.press("<BackSpace>")
        self.type("hare")
        self.take()
        self.assertEqual(self.count(), "Not found")

    def test_another_room_ends_it(self) -> None:
        self.say("/find fox")
        self.take()
        self.page.show_room("den")
        self.take()
        self.assertFalse(self.is_open())
        self.assertEqual(self.page.conversation.text.tag_ranges("found_soft"), ())
        self.assertEqual(self.found(), "")


if __name__ == "__main__":
    unittest.main()
