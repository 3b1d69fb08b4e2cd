from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import joined
from tests.view_case import ViewCase
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.accessible import SpokenName
    from chat_core.ui.view.header import Wish


class Accessible:
    """Plays `tk accessible` of Tk 9.1 in `root`: it is in the ensemble, and names each Text anew when it is mapped."""

    def __init__(self, root: tk.Tk, *, is_in_ensemble: bool = True) -> None:
        #: What a screen reader would have to say, by window and attribute.
        self.known: dict[tuple[str, str], str] = {}
        self.calls = 0
        root.tk.createcommand("::tk::accessible", self._called)  # type: ignore[no-untyped-call]
        if is_in_ensemble:
            ensemble = ("namespace", "ensemble", "configure", "tk", "-map")
            commands = root.tk.splitlist(root.tk.call(*ensemble))  # type: ignore[no-untyped-call]
            root.tk.call(*ensemble, (*commands, "accessible", "::tk::accessible"))
            root.bind_class("Text", "<Map>", lambda event: self._named_by_tk(str(event.widget)), add=True)

    def said_of(self, widget: tk.Misc) -> list[str]:
        """Return role, name and description."""
        return [self.known[str(widget), attribute] for attribute in ("role", "name", "description")]

    def _called(self, operation: str, window: str, value: str) -> None:
        self.calls += 1
        attribute = operation.replace("set_acc_", "")
        if attribute != "role" and (window, "role") not in self.known:
            raise ValueError("No table found. You must set the accessibility role first.")
        self.known[window, attribute] = value

    def _named_by_tk(self, window: str) -> None:
        for operation in ("set_acc_role", "set_acc_name", "set_acc_description"):
            self._called(operation, window, "Text")


class TestSpokenName(ViewCase):
    def test_each_kind_of_widget_has_its_role_and_its_name(self) -> None:
        accessible = Accessible(self.root)
        for kind, role in ((tk.Text, "Text"), (tk.Canvas, "Canvas"), (ttk.Button, "Button"), (ttk.Entry, "Entry")):
            with self.subTest(role):
                widget = kind(self.root)
                SpokenName(widget, "Rooms [exit]")
                self.assertEqual(accessible.said_of(widget), [role, "Rooms [exit]", "Rooms [exit]"])

    def test_the_name_outlives_that_of_tk_each_time_the_widget_is_shown(self) -> None:
        accessible = Accessible(self.root)
        text = tk.Text(self.root)
        SpokenName(text, "lobby")
        for _round in range(2):
            text.pack()
            self.settle()
            self.assertEqual(accessible.said_of(text), ["Text", "lobby", "lobby"])
            text.pack_forget()
            self.settle()

    def test_another_name_is_told_and_the_same_one_is_not_told_again(self) -> None:
        accessible = Accessible(self.root)
        text = tk.Text(self.root)
        name = SpokenName(text)
        self.assertEqual(accessible.calls, 0)
        name.say("lobby")
        name.say("garden")
        calls = accessible.calls
        name.say("garden")
        self.assertEqual(accessible.said_of(text), ["Text", "garden", "garden"])
        self.assertEqual(accessible.calls, calls)

    def test_a_widget_that_goes_before_its_name_was_told_is_passed_over(self) -> None:
        Accessible(self.root)
        text = tk.Text(self.root)
        SpokenName(text, "lobby")
        text.pack()
        self.root.update_idletasks()
        text.destroy()
        self.settle()
        self.assertEqual(self.mistakes, [])

    def test_where_tk_does_not_have_it_nothing_is_asked_of_it(self) -> None:
        accessible = Accessible(self.root, is_in_ensemble=False)
        text = tk.Text(self.root)
        SpokenName(text, "lobby").say("garden")
        text.pack()
        self.settle()
        self.assertEqual(accessible.calls, 0)


class TestWindow(WindowCase):
    def test_all_that_has_no_words_of_its_own_is_named(self) -> None:
        accessible = Accessible(self.root)
        self.go_online(joined("den"))
        page = self.page
        named = {
            page.rooms.listing.canvas: "Rooms",
            page.people.listing.canvas: "People",
            page.people.filter: "Find a person",
            page.header.buttons[Wish.ROOMS]: "Show or hide the rooms",
            page.header.buttons[Wish.FIND]: "Find in this conversation",
            page.header.buttons[Wish.PEOPLE]: "Show or hide the people",
            page.header.buttons[Wish.MENU]: "More: save, settings, help",
            page.conversation.text: "lobby",
            page.composer.input: "Write to lobby",
        }
        for widget, words in named.items():
            self.assertEqual(accessible.said_of(widget)[1:], [words, words], words)
        page.show_room("den")
        self.settle()
        self.assertEqual(accessible.said_of(page.conversation.text), ["Text", "den", "den"])
        self.assertEqual(accessible.said_of(page.composer.input), ["Text", "Write to den", "Write to den"])


if __name__ == "__main__":
    unittest.main()
