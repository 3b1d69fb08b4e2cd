from __future__ import annotations

import unittest
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.ui.model.export import Format, file_name
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.exporting import Exporting, Wish

NOON = 1_795_348_800_000  # 22 November 2026, 12:00 UTC
EMOJI = "\U0001f600"


class SavingSheet(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.wishes: list[Wish] = []
        self.cancelled = 0
        self.shown: list[Path] = []
        self.asked: dict[str, object] = {}
        self.answer = "/somewhere/lobby.html"
        self.sheet = Exporting(
            self.root, self.theme, lambda text: text.replace(EMOJI, "?"),
            save=self.wishes.append, cancel=self.cancel, show=self.shown.append, ask_path=self.ask_path,
        )  # fmt: skip
        self.settle()

    def cancel(self) -> None:
        self.cancelled += 1

    def ask_path(self, **options: object) -> str:
        self.asked = options
        return self.answer

    def open(self, *, has_older: bool = True, title: str = "lobby", loaded: int = 12) -> None:
        self.sheet.open(title, NOON, loaded, has_older=has_older)
        self.settle()
        focused = self.root.focus_get()
        if focused is not None:
            focused.focus_force()
        self.settle()

    def press(self, key: str) -> None:
        widget = self.root.focus_get()
        assert widget is not None
        widget.event_generate(key)
        self.settle()

    def texts(self) -> list[str]:
        found: list[tk.Misc] = [self.sheet]
        for widget in found:
            found.extend(widget.winfo_children())
        return [
            str(each["text"]) for each in found if isinstance(each, (ttk.Label, ttk.Button)) and each.winfo_ismapped()
        ]

    def test_enter_saves_the_whole_room_as_a_page(self) -> None:
        self.open()
        self.assertIs(self.root.focus_get(), self.sheet.kinds[Format.PAGE])
        self.press("<Return>")
        self.assertEqual(self.wishes, [Wish(Path("/somewhere/lobby.html"), Format.PAGE, is_whole=True)])
        self.assertEqual(self.asked["initialfile"], file_name("lobby", NOON, Format.PAGE))
        self.assertEqual(self.asked["defaultextension"], ".html")
        self.assertIs(self.asked["parent"], self.root)

    def test_another_format_and_what_is_loaded(self) -> None:
        self.open()
        self.assertIn("lobby", self.texts())
        self.sheet.kinds[Format.JSON].invoke()
        self.sheet.loaded.invoke()
        self.sheet.save_button.invoke()
        self.assertEqual([(wish.kind, wish.is_whole) for wish in self.wishes], [(Format.JSON, False)])
        self.assertEqual(self.asked["filetypes"], [("JSON", "*.json")])

    def test_how_much_is_asked_only_where_there_is_more(self) -> None:
        self.open(loaded=1)
        self.assertTrue(self.sheet.whole.winfo_ismapped())
        self.assertEqual(self.sheet.loaded["text"], "What is loaded here: 1 message")
        self.sheet.close()
        self.open(has_older=False)
        self.assertFalse(self.sheet.whole.winfo_ismapped())
        self.assertIn("All of it: 12 messages", self.texts())

    def test_who_names_no_file_is_asked_again(self) -> None:
        self.open()
        self.answer = ""
        self.sheet.save_button.invoke()
        self.settle()
        self.assertEqual((self.wishes, self.sheet.is_working), ([], False))
        self.assertTrue(self.sheet.save_button.winfo_ismapped())

    def test_the_progress_is_shown(self) -> None:
        self.open()
        self.sheet.save_button.invoke()
        self.sheet.show_progress(0.25, "Loading…")
        self.settle()
        self.assertEqual(float(str(self.sheet.bar["value"])), 0.25)
        self.assertIn("Loading…", self.texts())
        self.assertFalse(self.sheet.save_button.winfo_ismapped())

    def test_cancelling_goes_back_to_the_question(self) -> None:
        self.open()
        for turn, key in enumerate(("<Escape>", "<space>"), 1):
            self.sheet.save_button.invoke()
            self.settle()
            self.assertIs(self.root.focus_get(), self.sheet.close_button)
            self.press(key)
            self.assertEqual((self.cancelled, self.sheet.is_working, self.sheet.is_open), (turn, False, True))
            self.assertTrue(self.sheet.save_button.winfo_ismapped())
        self.press("<Escape>")
        self.assertFalse(self.sheet.is_open)
        self.assertEqual(self.cancelled, 2)

    def test_closing_meanwhile_cancels(self) -> None:
        self.open()
        self.sheet.save_button.invoke()
        self.sheet.close()
        self.assertEqual((self.cancelled, self.sheet.is_open), (1, False))

    def test_what_was_saved_can_be_shown(self) -> None:
        for path, offer in ((Path("/x/lobby.html"), "Show in the browser"), (Path("/x/lobby.json"), "Show the folder")):
            with self.subTest(path.name):
                self.open()
                self.sheet.save_button.invoke()
                self.sheet.show_saved(path)
                self.settle()
                self.assertIn(f"Saved as {path.name}.", self.texts())
                self.assertIn(offer, self.texts())
                self.assertIs(self.root.focus_get(), self.sheet.show_button)
                self.press("<Return>")
                self.assertEqual(self.shown.pop(), path)
                self.assertFalse(self.sheet.is_working)
                self.press("<Escape>")
                self.assertFalse(self.sheet.is_open)
        self.assertEqual(self.cancelled, 0)

    def test_what_went_wrong_is_said(self) -> None:
        self.open()
        self.sheet.save_button.invoke()
        self.sheet.show_trouble("The disk is full.")
        self.settle()
        self.assertIn("The disk is full.", self.texts())
        self.assertEqual([text for text in self.texts() if "Show" in text], [])
        self.press("<Return>")
        self.assertFalse(self.sheet.is_open)

    def test_names_are_fit_for_the_screen_and_for_a_file(self) -> None:
        self.open(title=f"a/b {EMOJI}")
        self.assertIn("a/b ?", self.texts())
        self.sheet.save_button.invoke()
        self.assertEqual(self.asked["initialfile"], file_name(f"a/b {EMOJI}", NOON, Format.PAGE))
        self.sheet.show_saved(Path(f"/x/{EMOJI}.txt"))
        self.settle()
        self.assertIn("Saved as ?.txt.", self.texts())

    def test_everything_is_in_a_small_window(self) -> None:
        self.root.geometry("480x400")
        self.settle()
        self.open()
        bottom = self.root.winfo_rooty() + self.root.winfo_height()
        for widget in (*self.sheet.kinds.values(), self.sheet.whole, self.sheet.loaded, self.sheet.save_button):
            self.assertTrue(widget.winfo_ismapped())
            self.assertLess(widget.winfo_rooty() + widget.winfo_height(), bottom)
        self.assertLess(
            self.sheet.loaded.winfo_rooty() + self.sheet.loaded.winfo_height(), self.sheet.save_button.winfo_rooty()
        )


if __name__ == "__main__":
    unittest.main()
