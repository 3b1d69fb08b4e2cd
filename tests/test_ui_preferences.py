from __future__ import annotations

import unittest
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Callable

from chat_core.client.settings import ServerMemory, Settings
from chat_core.ui.model.palette import PALETTES
from chat_core.ui.model.preferences import (
    SWITCHES,
    language_choices,
    switched,
    theme_choices,
    with_choice,
)
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.preferences import Preferences

SERVER = ServerMemory("chat.example", 99, "Ann")
LANGUAGES = {"en": "English", "it": "Italiano"}


class Choices(unittest.TestCase):
    def test_each_switch_is_a_field_that_is_on_at_first(self) -> None:
        known = {field.name: field.default for field in fields(Settings)}
        self.assertEqual([known[switch.field] for switch in SWITCHES], [True] * len(SWITCHES))

    def test_switching_changes_one_field(self) -> None:
        before = Settings(servers=(SERVER,))
        for switch in SWITCHES[:-1]:
            with self.subTest(switch.field):
                after = switched(before, switch.field, is_on=False)
                self.assertEqual(after, with_choice(before, switch.field, value=False))
                self.assertEqual(switched(after, switch.field, is_on=True), before)

    def test_who_does_not_want_to_be_remembered_is_forgotten(self) -> None:
        before = Settings("install", theme="dark", servers=(SERVER,))
        after = switched(before, "remembers", is_on=False)
        self.assertEqual(after, Settings("install", theme="dark", remembers=False))
        self.assertEqual(switched(before, "remembers", is_on=True).servers, (SERVER,))

    def test_every_theme_has_a_palette(self) -> None:
        self.assertEqual(
            {value for value, _label in theme_choices()}, {"system", *(palette.name for palette in PALETTES)}
        )

    def test_the_languages_follow_the_system(self) -> None:
        self.assertEqual([value for value, _label in language_choices(LANGUAGES)], ["", "en", "it"])


class Sheet(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.settings = Settings(servers=(SERVER,))
        self.sheet = Preferences(self.root, self.theme, languages=LANGUAGES, change=self.change)
        self.settle()

    def change(self, change: Callable[[Settings], Settings]) -> None:
        self.settings = change(self.settings)

    def open(self) -> None:
        self.sheet.open(self.settings)
        self.settle()
        self.sheet.controls[f"theme {self.settings.theme}"].focus_force()
        self.settle()

    def press(self, key: str, name: str) -> None:
        self.sheet.controls[name].focus_force()
        self.sheet.controls[name].event_generate(key)
        self.settle()

    def click(self, name: str) -> None:
        widget = self.sheet.controls[name]
        for event in ("<Enter>", "<ButtonPress-1>", "<ButtonRelease-1>", "<Leave>"):
            widget.event_generate(event, x=5, y=widget.winfo_height() // 2)
        self.settle()

    def focused(self) -> str:
        widget = self.root.focus_get()
        return next((name for name, control in self.sheet.controls.items() if control is widget), "")

    def is_wholly_seen(self, widget: tk.Misc) -> bool:
        top, bottom = widget.winfo_rooty(), widget.winfo_rooty() + widget.winfo_height()
        sheet_top = self.sheet.winfo_rooty()
        return sheet_top <= top and bottom <= sheet_top + self.sheet.winfo_height()

    def test_each_switch_holds_at_once(self) -> None:
        self.open()
        for switch in SWITCHES:
            with self.subTest(switch.field):
                self.click(switch.field)
                self.assertFalse(getattr(self.settings, switch.field))
                self.press("<space>", switch.field)
                self.assertTrue(getattr(self.settings, switch.field))
        self.assertEqual(self.settings.servers, ())

    def test_themes_and_languages_are_chosen_by_mouse_and_arrows(self) -> None:
        self.open()
        self.click("theme dark")
        self.assertEqual(self.settings.theme, "dark")
        self.press("<Right>", "theme dark")
        self.assertEqual((self.settings.theme, self.focused()), ("contrast", "theme contrast"))
        self.press("<Down>", "theme contrast")
        self.assertEqual((self.settings.theme, self.focused()), ("system", "theme system"))
        self.press("<Left>", "language ")
        self.assertEqual(self.settings.language, "it")

    def test_the_size_of_the_text(self) -> None:
        self.open()
        self.click("larger")
        self.assertEqual((self.settings.zoom, self.theme.zoom), (110, 110))
        self.press("<space>", "smaller")
        self.press("<space>", "smaller")
        self.assertEqual((self.settings.zoom, self.theme.zoom), (90, 90))
        self.press("<space>", "normal")
        self.assertEqual((self.settings.zoom, self.theme.zoom), (100, 100))

    def test_it_shows_what_holds_when_it_is_opened(self) -> None:
        self.settings = replace(self.settings, theme="dark", rings=False, notifies=True)
        self.open()
        self.assertEqual(self.focused(), "theme dark")
        self.assertFalse(self.sheet.controls["rings"].instate(["selected"]))
        self.assertTrue(self.sheet.controls["notifies"].instate(["selected"]))
        self.sheet.close()
        self.settings = replace(self.settings, theme="light", rings=True)
        self.open()
        self.assertEqual(self.focused(), "theme light")
        self.assertTrue(self.sheet.controls["rings"].instate(["selected"]))

    def test_escape_and_done_close_it(self) -> None:
        self.open()
        self.press("<Escape>", "theme light")
        self.assertFalse(self.sheet.is_open)
        self.open()
        self.press("<space>", "done")
        self.assertFalse(self.sheet.is_open)

    def test_tab_reaches_everything_and_brings_it_into_view(self) -> None:
        self.root.geometry("480x400")
        self.settle()
        self.open()
        reached = []
        for _turn in range(len(self.sheet.controls)):
            reached.append(self.focused() or str(self.root.focus_get()))
            widget = self.root.focus_get()
            assert widget is not None
            self.assertTrue(self.is_wholly_seen(widget), reached[-1])
            widget.event_generate("<Tab>")
            self.settle()
        self.assertEqual(set(reached), set(self.sheet.controls))
        self.assertEqual(reached[-1], "done")
        self.assertEqual(self.focused(), reached[0])

    def test_the_wheel_scrolls_where_there_is_little_room(self) -> None:
        self.root.geometry("480x400")
        self.settle()
        self.open()
        first = self.sheet.controls["theme light"]
        before = first.winfo_rooty()
        self.sheet.controls["rings"].event_generate("<Button-5>")
        self.settle()
        self.assertLess(first.winfo_rooty(), before)
        self.sheet.controls["rings"].event_generate("<Button-4>")
        self.settle()
        self.assertEqual(first.winfo_rooty(), before)

    def test_all_of_it_is_seen_where_there_is_room(self) -> None:
        self.open()
        for name, control in self.sheet.controls.items():
            with self.subTest(name):
                self.assertTrue(self.is_wholly_seen(control))

    def test_a_size_chosen_by_keys_meanwhile_is_shown(self) -> None:
        self.open()
        self.theme.zoom_in()
        self.settle()
        self.assertIn("110 %", [str(each["text"]) for each in descendants(self.sheet) if isinstance(each, ttk.Label)])


def descendants(widget: tk.Misc) -> list[tk.Misc]:
    found = list(widget.winfo_children())
    return found + [inner for child in found for inner in descendants(child)]


if __name__ == "__main__":
    unittest.main()
