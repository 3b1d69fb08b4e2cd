"""The keys that work anywhere in the window."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Callable

from chat_core.client.events import RoomLive
from chat_core.ui.model.keys import Shortcut, window_keys
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import arrived, joined
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.exporting import Exporting
    from chat_core.ui.view.keys import KeySheet
    from chat_core.ui.view.preferences import Preferences


class TestInTheChat(WindowCase):
    """In the den, the lobby, which is shown, and the mess."""

    comes_in = True

    def setUp(self) -> None:
        super().setUp()
        for room in ("den", "mess"):
            self.take(joined(room), RoomLive(room, 0))

    def test_alt_with_arrows_walks_through_the_rooms(self) -> None:
        walked = []
        for key in ("<Alt-Up>", "<Alt-Up>", "<Alt-Down>", "<Alt-Down>"):
            self.press(key)
            walked.append(self.shown_room())
        self.assertEqual(walked, ["den", "mess", "den", "lobby"])

    def test_alt_and_a_goes_where_something_is_new_to_mentions_first(self) -> None:
        self.take(arrived(1, room="den"), arrived(1, "Ann?", room="mess"))
        walked = []
        for _turn in range(3):
            self.press("<Alt-a>")
            walked.append(self.shown_room())
        self.assertEqual(walked, ["mess", "den", "den"])

    def test_f6_goes_through_the_parts_of_the_window_that_are_there(self) -> None:
        page = self.page
        order = [page.composer.input, page.conversation.text, page.rooms.listing.canvas, page.people.filter]
        page.composer.input.focus_force()
        walked = []
        for _turn in range(4):
            self.press("<F6>")
            walked.append(self.focus)
        self.assertEqual(walked, [str(part) for part in (*order[1:], order[0])])
        self.press("<Shift-F6>")
        self.assertEqual(self.focus, str(page.people.filter))
        self.resize(480, 400)
        self.assertEqual(self.focus, str(page.composer.input), "the people have gone")
        self.press("<F6>", "<F6>")
        self.assertEqual(self.focus, str(page.composer.input))

    def test_from_a_button_f6_goes_to_either_end(self) -> None:
        button = self.page.composer.button
        self.write("something to send")
        for key, expected in (("<F6>", self.page.conversation.text), ("<Shift-F6>", self.page.people.filter)):
            self.press(key, at=button)
            self.assertEqual(self.focus, str(expected))
        header = next(iter(self.page.header.buttons.values()))
        for key, expected in (("<F6>", self.page.composer.input), ("<Shift-F6>", self.page.people.filter)):
            self.press(key, at=header)
            self.assertEqual(self.focus, str(expected))

    def test_the_panes_are_folded_away_and_out(self) -> None:
        self.press("<Control-Shift-Key-L>", at=self.page.composer.input)
        self.assertEqual(self.panes(), (False, True))
        self.press("<Control-Shift-Key-P>")
        self.assertEqual(self.panes(), (False, False))
        self.press("<Control-Shift-Key-L>")
        self.assertEqual(self.panes(), (True, False))

    def test_sheets_open_by_their_keys(self) -> None:
        sheets = self.chatting.sheets
        all_of_them: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("<Control-k>", lambda: sheets.switcher.is_open),
            ("<Control-j>", lambda: sheets.directory.is_open),
            ("<Control-s>", lambda: self.widget(Exporting).is_open),
            ("<Control-comma>", lambda: self.widget(Preferences).is_open),
            ("<F1>", lambda: self.widget(KeySheet).is_open),
        )
        for key, is_open in all_of_them:
            with self.subTest(key=key):
                self.press(key, at=self.page.composer.input)
                self.assertTrue(is_open())
                self.press("<Escape>")
                self.assertFalse(is_open())
                self.assertEqual(self.focus, str(self.page.composer.input))

    def test_under_an_open_sheet_nothing_changes(self) -> None:
        page = self.page
        self.press("<Control-k>", at=page.composer.input)
        field = self.chatting.sheets.switcher.field
        for key in ("<Alt-Down>", "<Alt-a>", "<Control-f>", "<F3>", "<F6>", "<Control-Shift-Key-L>"):
            with self.subTest(key=key):
                self.press(key, at=field)
                self.assertEqual((self.shown_room(), self.panes(), self.focus), ("lobby", (True, True), str(field)))
                self.assertFalse(page.find_bar.winfo_ismapped())
        self.press("<Control-j>", at=field)
        self.assertTrue(self.chatting.sheets.directory.is_open, "one sheet takes the place of another")

    def test_with_caps_lock_they_are_the_same(self) -> None:
        self.press("<Control-Lock-Key-K>", at=self.page.composer.input)
        self.assertTrue(self.chatting.sheets.switcher.is_open)

    def test_ctrl_and_q_leaves(self) -> None:
        self.press("<Control-q>", at=self.page.composer.input)
        self.assertEqual(self.link.asked[-1], ("quit", 1_000.0))


class TestOnTheForm(WindowCase):
    def test_those_of_the_chat_do_nothing_and_the_others_work(self) -> None:
        name = self.app.form.fields["name"]
        zooms = (Shortcut.ZOOM_IN, Shortcut.ZOOM_OUT, Shortcut.ZOOM_RESET)
        anywhere = {*zooms, Shortcut.PREFERENCES, Shortcut.KEYS, Shortcut.QUIT}
        system = str(self.root.tk.call("tk", "windowingsystem"))
        for shortcut, patterns in window_keys(system).items():
            if shortcut not in anywhere:
                self.press(patterns[0], at=name)
        self.assertIsNone(self.app.chatting)
        self.press("<F1>", at=name)
        self.assertTrue(self.widget(KeySheet).is_open)
        self.press("<F1>")
        self.assertFalse(self.widget(KeySheet).is_open)
        self.press("<Control-q>", at=name)
        self.assertTrue(self.app.is_over)


if __name__ == "__main__":
    unittest.main()
