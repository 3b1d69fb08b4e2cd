"""What the window's benchmark counts, over a few: nothing is left behind. How long anything takes is not asked here."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Callable

from tests.display import CAN_OPEN_WINDOWS, needs_display

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from tests.window_bench.leaks import census, reconnect, return_to_form
    from tests.window_bench.window import Window

_WARM_UP = 2
_RECONNECTS = 30
_RETURNS = 10


@needs_display
class NothingIsLeftBehind(unittest.TestCase):
    def setUp(self) -> None:
        self.window = Window()
        self.addCleanup(self.window.close)
        self.window.go_online()

    def count(self, act: Callable[[Window], object], times: int) -> None:
        """Do something so often, and expect Tk to hold no more than before."""
        for _ in range(_WARM_UP):
            act(self.window)
        before = census(self.window.root)
        for _ in range(times):
            act(self.window)
        after = census(self.window.root)
        self.assertGreater(before.tk["widgets"], 50)
        self.assertEqual(after.tk, before.tk)
        self.assertEqual(after.descriptors, before.descriptors)

    def test_by_reconnects(self) -> None:
        self.count(reconnect, _RECONNECTS)

    def test_by_returns_to_the_form(self) -> None:
        self.count(return_to_form, _RETURNS)

    def test_by_opening_what_lies_over_the_page_each_time(self) -> None:
        def open_all_and_return(window: Window) -> None:
            sheets = window.chatting.sheets
            for open_sheet in (
                sheets.open_switcher,
                sheets.open_rooms,
                sheets.open_saving,
                window.app.open_preferences,
            ):
                open_sheet()
                window.draw()
                window.press_escape()
                window.draw()
            return_to_form(window)

        self.count(open_all_and_return, 3)

    def test_a_page_that_is_gone_is_forgotten(self) -> None:
        return_to_form(self.window)
        before = census(self.window.root).objects
        return_to_form(self.window)
        after = census(self.window.root).objects
        for kind in ("ChatPage", "ConversationView", "FilterField", "StringVar", "Presenter"):
            with self.subTest(kind):
                self.assertEqual(after[kind], before[kind])


if __name__ == "__main__":
    unittest.main()
