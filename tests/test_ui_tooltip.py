from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS, needs_display
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.tooltip import Box, Tooltip, place_beside

_REST_MS = 20


class TestTooltip(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.settle)
        self.text = "Explains [exit] \N{LATIN SMALL LETTER E WITH ACUTE}"
        self.button = ttk.Button(self.root, text="Here")
        self.button.pack()
        self.tooltip = Tooltip(self.button, lambda: self.text, self.theme, rest_ms=_REST_MS)
        self.settle()
        self.point_at_nothing()

    def point_at_nothing(self) -> None:
        self.root.event_generate("<Motion>", warp=True, x=800, y=600)
        self.settle()

    def shown(self) -> list[str]:
        """Return what is said in windows of their own."""
        return [
            str(child["text"])
            for window in self.button.winfo_children()
            if isinstance(window, tk.Toplevel)
            for child in window.winfo_children()
        ]

    def test_it_comes_when_the_pointer_rests_and_goes_with_it(self) -> None:
        self.button.event_generate("<Enter>")
        self.assertEqual(self.shown(), [])
        self.until(lambda: self.tooltip.is_shown)
        self.assertEqual(self.shown(), [self.text])
        self.button.event_generate("<Leave>")
        self.assertEqual(self.shown(), [])

    def test_in_passing_nothing_comes(self) -> None:
        self.button.event_generate("<Enter>")
        self.button.event_generate("<Leave>")
        waited: list[bool] = []
        self.root.after(4 * _REST_MS, lambda: waited.append(True))
        self.until(lambda: bool(waited))
        self.assertEqual(self.shown(), [])

    def test_it_comes_with_the_focus_of_the_keyboard_and_goes_with_a_key(self) -> None:
        self.button.focus_force()
        self.until(lambda: self.tooltip.is_shown)
        self.button.event_generate("<Key-a>")
        self.assertFalse(self.tooltip.is_shown)

    def test_a_click_ends_it(self) -> None:
        self.button.event_generate("<Enter>")
        self.until(lambda: self.tooltip.is_shown)
        self.button.event_generate("<ButtonPress-1>")
        self.assertFalse(self.tooltip.is_shown)

    def test_with_nothing_to_say_nothing_comes(self) -> None:
        self.text = ""
        asked: list[bool] = []
        quiet = ttk.Button(self.root, text="Quiet")
        quiet.pack()

        def nothing() -> str:
            asked.append(True)
            return ""

        tooltip = Tooltip(quiet, nothing, self.theme, rest_ms=_REST_MS)
        self.settle()
        quiet.event_generate("<Enter>")
        self.until(lambda: bool(asked))
        self.assertFalse(tooltip.is_shown)

    def test_it_stays_on_the_screen(self) -> None:
        self.text = "a long text " * 20
        self.button.place(relx=1.0, rely=1.0, anchor="se")
        self.root.geometry("400x300-0-0")
        self.settle()
        self.button.event_generate("<Enter>")
        self.until(lambda: self.tooltip.is_shown)
        self.settle()
        (window,) = [child for child in self.button.winfo_children() if isinstance(child, tk.Toplevel)]
        self.assertLessEqual(window.winfo_rootx() + window.winfo_width(), self.root.winfo_screenwidth())
        self.assertLessEqual(window.winfo_rooty() + window.winfo_height(), self.root.winfo_screenheight())

    def test_it_ends_with_its_widget(self) -> None:
        self.button.event_generate("<Enter>")
        self.button.destroy()
        self.settle()
        self.assertFalse(self.tooltip.is_shown)


@needs_display
class TestPlace(unittest.TestCase):
    def test_a_screen_may_be_left_of_the_first_and_above_it(self) -> None:
        screens = Box(-1920, -1080, 3840, 2160)
        self.assertEqual(place_beside(Box(-1900, -1000, 100, 30), 200, 40, screens, 6), (-1920, -964))
        self.assertEqual(place_beside(Box(-500, -1000, 100, 30), 200, 40, screens, 6), (-550, -964))
        self.assertEqual(place_beside(Box(1850, 1040, 60, 30), 200, 40, screens, 6), (1720, 994))


if __name__ == "__main__":
    unittest.main()
