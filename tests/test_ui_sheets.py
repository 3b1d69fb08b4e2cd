"""What lies over the chat now and then, and what its answers lead to."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Callable

from chat_core.client.events import RoomLive, RoomsArrived
from chat_core.messages import RoomEntry
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import CUT_OFF, joined
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.exporting import Exporting
    from chat_core.ui.view.header import Wish
    from chat_core.ui.view.hosting import HostSheet
    from chat_core.ui.view.keys import KeySheet
    from chat_core.ui.view.preferences import Preferences


class SheetsCase(WindowCase):
    comes_in = True

    def setUp(self) -> None:
        super().setUp()
        self.sheets = self.chatting.sheets
        self.take(joined("den"), RoomLive("den", 0))


class TestSwitcher(SheetsCase):
    def test_a_room_is_chosen_by_a_few_letters(self) -> None:
        self.press("<Control-k>", at=self.page.composer.input)
        self.type("de")
        self.press("<Return>")
        self.assertFalse(self.sheets.switcher.is_open)
        self.assertEqual((self.shown_room(), self.focus), ("den", str(self.page.composer.input)))

    def test_a_person_is_addressed_and_nobody_is_offered_themselves(self) -> None:
        self.press("<Control-k>", at=self.page.composer.input)
        self.assertEqual([choice.name for choice in self.sheets.switcher.choices], ["den", "lobby", "Bob"])
        self.type("bob")
        self.press("<Return>")
        self.assertEqual(self.page.composer.typed, "@Bob ")
        self.assertEqual(self.focus, str(self.page.composer.input))


class TestDirectory(SheetsCase):
    ROOMS = RoomsArrived((RoomEntry("hall", 9, 40), RoomEntry("den", 2, 3), RoomEntry("lobby", 2, 3)), 700)

    def open(self) -> None:
        self.page.rooms.add.invoke()
        self.settle()
        self.take(self.ROOMS)

    def test_the_rooms_of_the_server_are_asked_for_and_one_is_joined(self) -> None:
        self.open()
        self.assertEqual(self.link.asked[-1], ("rooms",))
        directory = self.sheets.directory
        self.assertEqual([room for room, _online in directory.listed], ["hall", "den", "lobby"])
        self.assertEqual(directory.standing.cget("text"), "The fullest 3 of 700 rooms")
        self.press("<Return>", at=directory.filter)
        self.assertFalse(directory.is_open)
        self.assertEqual(self.link.asked[-1], ("join", "hall"))
        self.assertEqual(self.shown_room(), "hall")

    def test_a_room_that_is_not_there_is_made_by_name(self) -> None:
        self.open()
        directory = self.sheets.directory
        directory.by_name.text = "a/b"
        self.press("<Return>", at=directory.by_name)
        self.assertTrue(directory.is_open)
        self.assertIn("room name", directory.problem.cget("text"))
        directory.by_name.text = "my room"
        self.press("<Return>", at=directory.by_name)
        self.assertEqual((self.link.asked[-1], self.shown_room()), (("join", "my room"), "my room"))

    def test_one_that_one_is_in_is_only_shown(self) -> None:
        self.open()
        self.press("<Down>", "<Return>", at=self.sheets.directory.filter)
        self.assertEqual((self.link.asked[-1], self.shown_room()), (("rooms",), "den"))

    def test_without_a_connection_it_says_so(self) -> None:
        self.take(CUT_OFF)
        self.say("/rooms")
        self.assertIn("while you are online", self.sheets.directory.problem.cget("text"))
        self.assertNotIn(("rooms",), self.link.asked)

    def test_it_can_be_asked_again(self) -> None:
        self.say("/rooms")
        self.take(self.ROOMS)
        self.sheets.directory.again.invoke()
        self.take(RoomsArrived((), 0))
        self.assertEqual(self.link.asked.count(("rooms",)), 2)
        self.assertEqual(self.sheets.directory.standing.cget("text"), "This server has no rooms yet.")


class TestMenu(SheetsCase):
    def choose_from_menu(self, label: str) -> None:
        self.page.header.buttons[Wish.MENU].invoke()
        self.settle()
        self.choose(self.sheets.menu, label)

    def test_everything_else_is_in_it(self) -> None:
        everything: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("Go to a room or a person…", lambda: self.sheets.switcher.is_open),
            ("Join or create a room…", lambda: self.sheets.directory.is_open),
            ("Save the conversation…", lambda: self.widget(Exporting).is_open),
            ("Settings…", lambda: self.widget(Preferences).is_open),
            ("The server on this computer…", lambda: self.widget(HostSheet).is_open),
            ("Keys and commands", lambda: self.widget(KeySheet).is_open),
        )
        for label, is_open in everything:
            with self.subTest(label=label):
                self.choose_from_menu(label)
                self.assertTrue(is_open())
                self.press("<Escape>")
                self.assertFalse(is_open())

    def test_back_to_the_form(self) -> None:
        self.write("half a sentence")
        self.choose_from_menu("Change name or server…")
        self.assertIsNone(self.app.chatting)
        self.assertTrue(self.link.is_closed and self.app.form.winfo_ismapped())
        self.assertEqual(self.root.title(), "Chat")
        self.go_online()
        self.assertEqual(self.page.composer.typed, "half a sentence")

    def test_leaving(self) -> None:
        self.choose_from_menu("Leave the chat")
        self.assertEqual(self.link.asked[-1], ("quit", 1_000.0))

    def test_a_command_opens_the_keys(self) -> None:
        self.say("/help")
        self.assertTrue(self.widget(KeySheet).is_open)


if __name__ == "__main__":
    unittest.main()
