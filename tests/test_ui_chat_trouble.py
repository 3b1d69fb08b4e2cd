"""What goes wrong while one is in the chat: the banner, the state, and the ways back."""

from __future__ import annotations

import unittest

from chat_core import errors
from chat_core.client.events import LinkState, RequestRefused, RoomLive, SaidGoodbye, StateChanged
from tests.presenter_case import CUT_OFF, joined, welcome
from tests.window_case import WindowCase


class TestTrouble(WindowCase):
    comes_in = True

    def test_each_failure_is_shown_with_the_advice_for_who_was_online(self) -> None:
        for failure in errors.ConnectionFailure.__subclasses__():
            with self.subTest(code=failure.code):
                self.take(StateChanged(LinkState.WAITING, failure("Because"), 1_005.0))
                trouble = self.page.trouble
                self.assertTrue(trouble.winfo_ismapped())
                self.assertEqual(trouble.sentence.cget("text"), failure.sentence)
                self.assertNotIn("whoever started the server", trouble.advice.cget("text"))
                self.assertNotIn("address", trouble.advice.cget("text"))
                self.assertEqual(trouble.small_print.cget("text"), f"Because · {failure.code}")

    def test_the_countdown_goes_down_and_the_button_tries_now(self) -> None:
        self.take(StateChanged(LinkState.WAITING, errors.ConnectionReset(), 1_005.0))
        self.assertIn("Next try in 5 s", self.status())
        self.pass_time(3.2)
        self.assertIn("Next try in 2 s", self.status())
        self.assertEqual(self.page.trouble.button.cget("text"), "Try now")
        self.page.trouble.button.invoke()
        self.assertEqual(self.link.asked[-1], ("retry_now", 1_003.2))
        self.take(StateChanged(LinkState.CONNECTING))
        self.assertFalse(self.page.trouble.button.winfo_ismapped())
        self.take(welcome(), StateChanged(LinkState.ONLINE), joined(), RoomLive("lobby", 0))
        self.assertFalse(self.page.trouble.winfo_ismapped())
        self.assertIn("nothing is missing", self.status())
        self.assertIn("the conversation is complete", self.list_text())

    def test_a_goodbye_is_shown_in_words_and_leads_back(self) -> None:
        self.take(SaidGoodbye("removed", "You have been removed from the server."), StateChanged(LinkState.CLOSED))
        self.assertEqual(self.page.trouble.sentence.cget("text"), "You have been removed from the server.")
        self.page.trouble.button.invoke()
        self.assertEqual(self.link.asked.count(("start", 1_000.0)), 2)

    def test_a_refused_return_leads_to_the_form_and_back_in(self) -> None:
        self.take(
            StateChanged(LinkState.WAITING), StateChanged(LinkState.LOGGING_IN),
            RequestRefused("name_taken", "That name is taken.", is_fatal=True), StateChanged(LinkState.CLOSED),
        )  # fmt: skip
        self.page.trouble.button.invoke()
        self.assertIsNone(self.app.chatting)
        self.assertTrue(self.link.is_closed)
        self.settle()
        self.assertTrue(self.app.form.winfo_ismapped())
        self.go_online()
        self.assertIn("Online as Ann", self.status())

    def test_a_disk_that_fails_while_online_is_said_until_it_is_read(self) -> None:
        self.take(StateChanged(LinkState.ONLINE, errors.SystemFailure("No space left on device")))
        self.assertIn("No space left", self.page.trouble.small_print.cget("text"))
        self.page.trouble.button.invoke()
        self.settle()
        self.assertFalse(self.page.trouble.winfo_ismapped())

    def test_the_banner_keeps_its_place_above_the_input_line_when_the_zoom_changes(self) -> None:
        self.app.looks.zoom(1)
        self.settle()
        self.assertFalse(self.page.trouble.winfo_ismapped())
        self.take(CUT_OFF)
        self.app.looks.zoom(1)
        self.settle()
        trouble, composer = self.page.trouble, self.page.composer
        self.assertTrue(trouble.winfo_ismapped())
        self.assertLess(trouble.winfo_y(), composer.winfo_y())


if __name__ == "__main__":
    unittest.main()
