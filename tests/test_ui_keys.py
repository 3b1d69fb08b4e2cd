"""The table of keys, and under a display, that Tk takes what it says and the sheet shows it."""

from __future__ import annotations

import re
import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model.commands import COMMANDS
from chat_core.ui.model.keys import TABLE, Shortcut, chord_name, patterns, shortcut_name, window_keys
from chat_core.ui.model.palette import DARK
from tests.canvas import texts
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.keys import KeySheet

SYSTEMS = ("x11", "win32", "aqua")


class TestTable(unittest.TestCase):
    def test_every_shortcut_has_a_key_and_only_one_row(self) -> None:
        rows = [row.shortcut for section in TABLE for row in section.rows if row.shortcut]
        self.assertEqual(sorted(rows, key=str), sorted(Shortcut, key=str))

    def test_no_key_does_two_things(self) -> None:
        for system in SYSTEMS:
            bound = [pattern for found in window_keys(system).values() for pattern in found]
            with self.subTest(system=system):
                self.assertEqual(len(bound), len(set(bound)))

    def test_patterns(self) -> None:
        for chord, system, expected in (
            ("Mod K", "x11", ("<Control-Key-k>", "<Control-Lock-Key-K>")),
            ("Mod K", "aqua", ("<Command-Key-k>", "<Command-Lock-Key-K>")),
            ("Mod Shift P", "win32", ("<Control-Shift-Key-P>", "<Control-Shift-Lock-Key-p>")),
            ("Alt Up", "aqua", ("<Option-Up>",)),
            ("Mod +", "x11", ("<Control-plus>", "<Control-equal>", "<Control-KP_Add>")),
            ("Mod 0", "x11", ("<Control-Key-0>", "<Control-KP_0>")),
            ("Esc", "x11", ("<Escape>",)),
        ):
            with self.subTest(chord=chord, system=system):
                self.assertEqual(patterns(chord, system), expected)

    def test_a_shortcut_by_its_name(self) -> None:
        self.assertEqual(shortcut_name(Shortcut.FIND, "x11"), "Ctrl+F")
        self.assertEqual(shortcut_name(Shortcut.NEXT_UNREAD, "aqua"), "⌘⇧A")

    def test_names_as_people_say_them(self) -> None:
        for chord, system, expected in (
            ("Mod K", "x11", "Ctrl+K"),
            ("Mod Shift P", "aqua", "⌘⇧P"),
            ("Alt Up", "win32", "Alt+↑"),
            ("Shift Enter", "x11", "Shift+Enter"),
            ("F3", "aqua", "F3"),
        ):
            with self.subTest(chord=chord, system=system):
                self.assertEqual(chord_name(chord, system), expected)

    def test_option_makes_letters_on_a_mac(self) -> None:
        for keys in window_keys("aqua").values():
            for pattern in keys:
                self.assertIsNone(re.search("Option-.*Key-[A-Za-z]", pattern))


class TestKeySheet(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = ttk.Frame(self.root)
        self.page.pack(fill="both", expand=True)
        self.before = ttk.Entry(self.page)
        self.before.pack()
        self.settle()
        self.before.focus_force()
        self.settle()
        self.sheet = KeySheet(self.page, self.theme)
        self.sheet.open()
        self.settle()

    def texts(self) -> list[str]:
        return texts(self.sheet.canvas)

    def lefts(self, *titles: str) -> set[str]:
        canvas = self.sheet.canvas
        items = [item for item in canvas.find_all() if canvas.tk.call(str(canvas), "type", item) == "text"]
        return {str(canvas.coords(item)[0]) for item, text in zip(items, self.texts()) if text in titles}

    def test_tk_knows_every_key(self) -> None:
        frame = tk.Frame(self.root)
        for keys in window_keys(self.root.tk.call("tk", "windowingsystem")).values():
            for pattern in keys:
                frame.bind(pattern, lambda _event: None)
        self.assertGreater(len(frame.bind()), len(Shortcut))

    def test_it_shows_keys_and_commands(self) -> None:
        shown = self.texts()
        for text in ("Ctrl+K", "Go to a room or a person", "Alt+↓", "Enter", "Commands", "Rooms and people"):
            self.assertIn(text, shown)
        for form in COMMANDS:
            self.assertIn(form.usage, shown)
            self.assertIn(form.meaning, shown)

    def test_two_columns_where_there_is_room_for_them(self) -> None:
        self.assertEqual(len(self.lefts("Reading", "Rooms and people")), 2)
        self.root.geometry("480x400")
        self.root.update()
        self.settle()
        self.assertEqual(len(self.lefts("Reading", "Rooms and people", "Commands")), 1)
        self.assertLess(self.sheet.canvas.bbox("all")[2], self.sheet.canvas.winfo_width())

    def test_it_scrolls_by_keys(self) -> None:
        self.root.geometry("480x400")
        self.root.update()
        self.settle()
        self.sheet.canvas.focus_force()
        self.settle()
        for key, is_further in (
            ("<Next>", True),
            ("<Home>", False),
            ("<Down>", True),
            ("<Prior>", False),
            ("<End>", True),
        ):
            before = self.sheet.canvas.yview()[0]
            self.sheet.canvas.event_generate(key)
            self.settle()
            self.assertEqual(self.sheet.canvas.yview()[0] > before, is_further, key)

    def test_escape_and_f1_close_it(self) -> None:
        for key in ("<Escape>", "<F1>"):
            self.sheet.open()
            self.sheet.canvas.focus_force()
            self.settle()
            self.sheet.canvas.event_generate(key)
            self.settle()
            self.assertFalse(self.sheet.is_open)
            self.assertIs(self.root.focus_get(), self.before)

    def test_it_follows_theme_and_zoom(self) -> None:
        height = self.sheet.canvas.bbox("all")[3]
        self.theme.use(DARK)
        self.theme.set_zoom(150)
        self.settle()
        self.assertEqual(self.sheet.canvas.cget("background"), DARK.surface)
        self.assertGreater(self.sheet.canvas.bbox("all")[3], height)


if __name__ == "__main__":
    unittest.main()
