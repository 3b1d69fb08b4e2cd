from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.overlay import Overlay


class TestOverlay(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = ttk.Frame(self.root)
        self.page.pack(fill="both", expand=True)
        self.under = tk.Text(self.page, width=1, height=1)
        self.under.pack(fill="both", expand=True)
        self.settle()
        self.under.focus_force()
        self.settle()
        self.overlay, self.first, self.second = self.make()

    def make(self, width_px: int = 300, height_px: int = 200) -> tuple[Overlay, ttk.Entry, ttk.Button]:
        overlay = Overlay(self.page, self.theme, width_px=width_px, height_px=height_px)
        first, second = ttk.Entry(overlay.body), ttk.Button(overlay.body, text="Do it")
        first.pack()
        second.pack()
        return overlay, first, second

    def open(self) -> None:
        self.overlay.appear(self.first)
        self.settle()

    def press(self, key: str) -> None:
        widget = self.root.focus_get()
        assert widget is not None
        widget.event_generate(key)
        self.settle()

    def test_it_lies_in_the_upper_middle_and_has_the_keyboard(self) -> None:
        self.open()
        self.assertTrue(self.overlay.is_open)
        self.assertIs(self.root.focus_get(), self.first)
        left, top = self.overlay.winfo_x(), self.overlay.winfo_y()
        width, height = self.overlay.winfo_width(), self.overlay.winfo_height()
        self.assertEqual((width, height), (self.theme.px(300), self.theme.px(200)))
        self.assertAlmostEqual(left + width / 2, self.page.winfo_width() / 2, delta=1)
        self.assertLess(top + height / 2, self.page.winfo_height() / 2)

    def test_it_is_on_top_of_what_was_made_later(self) -> None:
        ttk.Label(self.page, text="later").place(x=0, y=0, relwidth=1, relheight=1)
        self.open()
        x, y = self.first.winfo_rootx() + 5, self.first.winfo_rooty() + 5
        self.assertIs(self.root.winfo_containing(x, y), self.first)

    def test_a_small_window_makes_it_smaller_and_it_follows(self) -> None:
        self.overlay.destroy()
        self.overlay, self.first, self.second = self.make(800, 600)
        self.open()
        for size in ("480x400", "900x640"):
            self.root.geometry(size)
            self.root.update()
            self.settle()
            with self.subTest(size=size):
                self.assertGreater(self.overlay.winfo_x(), 0)
                self.assertLess(self.overlay.winfo_x() + self.overlay.winfo_width(), self.page.winfo_width())
                self.assertLess(self.overlay.winfo_y() + self.overlay.winfo_height(), self.page.winfo_height())
        self.assertEqual(self.overlay.winfo_width(), self.theme.px(800))

    def test_without_a_height_it_is_as_high_as_what_is_on_it(self) -> None:
        self.overlay.destroy()
        self.overlay, self.first, self.second = self.make(height_px=0)
        self.open()
        self.assertEqual(self.overlay.winfo_height(), self.overlay.winfo_reqheight())

    def test_escape_closes_it_and_the_focus_goes_back(self) -> None:
        told: list[object] = []
        self.root.bind("<Escape>", told.append)
        for widget in (self.first, self.second):
            self.open()
            widget.focus_set()
            self.settle()
            self.press("<Escape>")
            self.assertFalse(self.overlay.is_open)
            self.assertFalse(self.overlay.winfo_ismapped())
            self.assertIs(self.root.focus_get(), self.under)
        self.assertEqual(told, [])  # it meant the overlay, not the window

    def test_it_follows_the_zoom(self) -> None:
        self.open()
        self.theme.set_zoom(150)
        self.settle()
        self.assertEqual(self.overlay.winfo_width(), self.theme.px(300))

    def test_what_is_typed_at_once_goes_to_it(self) -> None:
        for _turn in range(2):
            self.overlay.appear(self.first)
            self.assertIs(self.root.focus_get(), self.first)
            self.overlay.close()
            self.assertIs(self.root.focus_get(), self.under)

    def test_tab_stays_on_it(self) -> None:
        self.open()
        for key, expected in (
            ("<Tab>", self.second), ("<Tab>", self.first),
            ("<<PrevWindow>>", self.second), ("<<PrevWindow>>", self.first),
        ):  # fmt: skip
            self.press(key)
            self.assertIs(self.root.focus_get(), expected)

    def test_other_keys_reach_the_window(self) -> None:
        told: list[object] = []
        self.root.bind("<Control-Key-k>", told.append)
        self.open()
        self.press("<Control-Key-k>")
        self.assertEqual(len(told), 1)

    def test_a_click_beside_it_closes_it_and_nothing_else_happens(self) -> None:
        clicks: list[object] = []
        self.under.bind("<Button-1>", clicks.append)
        self.open()
        self.under.event_generate("<Button-1>", x=5, y=5)
        self.settle()
        self.assertFalse(self.overlay.is_open)
        self.assertEqual(clicks, [])

    def test_a_click_or_the_wheel_on_it_does_not(self) -> None:
        self.open()
        self.overlay.body.event_generate("<Button-1>", x=2, y=2)
        self.overlay.event_generate("<Button-4>", x=-50, y=-20)  # the wheel, beside it
        self.settle()
        self.assertTrue(self.overlay.is_open)

    def test_never_two_at_once_wherever_they_are(self) -> None:
        self.open()
        other = Overlay(self.root, self.theme, width_px=200, height_px=100)
        button = ttk.Button(other.body)
        button.pack()
        other.appear(button)
        self.settle()
        self.assertFalse(self.overlay.is_open)
        self.assertTrue(other.is_open)
        self.assertIs(self.root.focus_get(), button)
        other.close()
        self.settle()
        self.assertIs(self.root.focus_get(), self.under)
        self.assertEqual(str(self.root.tk.call("grab", "current", ".")), "")

    def test_the_focus_that_has_gone_elsewhere_stays_there(self) -> None:
        elsewhere = ttk.Entry(self.page)
        elsewhere.pack()
        self.open()
        elsewhere.focus_set()
        self.overlay.close()
        self.settle()
        self.assertIs(self.root.focus_get(), elsewhere)

    def test_what_had_the_focus_may_be_gone_by_then(self) -> None:
        self.open()
        self.under.destroy()
        self.overlay.close()
        self.settle()
        self.assertFalse(self.overlay.is_open)

    def test_closing_and_opening_twice(self) -> None:
        self.overlay.close()
        self.open()
        self.overlay.appear(self.second)
        self.settle()
        self.assertIs(self.root.focus_get(), self.second)
        self.overlay.close()
        self.overlay.close()
        self.settle()
        self.assertIs(self.root.focus_get(), self.under)

    def test_the_end_of_its_page_is_its_end(self) -> None:
        self.open()
        children = len(self.page.winfo_children())
        self.overlay.destroy()
        self.assertEqual(len(self.page.winfo_children()), children - 3)  # with its shades
        self.page.destroy()
        self.settle()
        self.assertEqual(str(self.root.tk.call("grab", "current", ".")), "")

    def test_what_is_put_on_it_later_belongs_to_it_when_it_opens(self) -> None:
        later = tk.Entry(self.overlay.body)
        later.pack()
        self.overlay.appear(later)
        self.settle()
        self.press("<Escape>")
        self.assertFalse(self.overlay.is_open)


if __name__ == "__main__":
    unittest.main()
