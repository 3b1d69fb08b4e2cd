"""The server on this computer, as the window deals with it; the process itself is made up."""

from __future__ import annotations

import unittest
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.client.events import PresenceChanged
from chat_core.ui.model.hosted import ClosingChoice, Hosted, HostPlan, HostState
from tests.display import CAN_OPEN_WINDOWS
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.hosting import ClosingQuestion, HostSheet

RUNNING = Hosted(
    HostState.RUNNING, is_own=True, title="Room 12", own_host="127.0.0.1", hosts=("192.168.1.20",), asked_port=2428,
    port=2428,
)  # fmt: skip


class TestStarting(WindowCase):
    def open(self) -> HostSheet:
        self.app.form.host_button.invoke()
        self.settle()
        return self.widget(HostSheet)

    def test_it_is_started_from_the_form_shown_and_joined(self) -> None:
        panel = self.open().panel
        panel.start_button.invoke()
        self.assertEqual(self.hosting.asked, [HostPlan(2428, "Chat")])
        self.assertIn("being started", panel.heading.cget("text"))
        self.hosting.hosted = RUNNING
        self.take()
        self.assertIn("Room 12", panel.heading.cget("text"))
        self.assertEqual(len(panel.copy_buttons), 1)
        self.assertEqual(self.app.form.host_button.cget("text"), "The server here…")
        panel.join_button.invoke()
        self.assertFalse(self.widget(HostSheet).is_open)
        self.assertEqual(self.opened, [("127.0.0.1", 2428, "Ann", ())])

    def test_it_is_stopped_there(self) -> None:
        self.hosting.hosted = RUNNING
        panel = self.open().panel
        panel.stop_button.invoke()
        self.assertEqual(self.hosting.asked, [], "from here nobody knows whether it is used")
        panel.stop_all_button.invoke()
        self.assertEqual(self.hosting.asked, ["stop"])
        self.assertIn("being stopped", panel.heading.cget("text"))
        self.hosting.hosted = Hosted()
        self.take()
        self.assertEqual(self.app.form.host_button.cget("text"), "Start one on this computer…")

    def test_one_that_is_there_already_is_offered(self) -> None:
        self.app.close()
        self.start(hosted=replace(RUNNING, is_own=False))
        self.assertEqual(self.app.form.host_button.cget("text"), "The server here…")
        self.app.leave()
        self.assertTrue(self.app.is_over, "it was not started here: nobody is asked")
        self.assertEqual(self.hosting.asked, ["close"])

    def test_from_a_chat_elsewhere_one_changes_over(self) -> None:
        self.go_online()
        self.hosting.hosted = RUNNING
        self.app.own_server.open()
        self.settle()
        first = self.link
        self.widget(HostSheet).panel.join_button.invoke()
        self.assertTrue(first.is_closed)
        self.assertEqual(self.opened[-1], ("127.0.0.1", 2428, "Ann", ()))


class TestClosing(WindowCase):
    """Ann is on the server that her window has started, with somebody else."""

    comes_in = True

    def setUp(self) -> None:
        super().setUp()
        self.hosting.hosted = replace(RUNNING, own_host="chat.example")
        self.app.leave()
        self.settle()

    def question(self) -> ClosingQuestion:
        return self.widget(ClosingQuestion)

    def answer(self, choice: ClosingChoice) -> None:
        self.question().buttons[choice].invoke()

    def test_the_person_is_asked_first_and_told_how_many_use_it(self) -> None:
        self.assertTrue(self.question().is_open)
        self.assertIn("1 other person", self.question().sentence.cget("text"))
        self.assertNotIn("quit", str(self.link.asked))

    def test_it_is_stopped(self) -> None:
        self.answer(ClosingChoice.STOP)
        self.assertEqual((self.hosting.asked, self.link.asked[-1]), (["stop"], ("quit", 1_000.0)))
        self.app.leave()
        self.assertTrue(self.app.is_over)

    def test_it_goes_on(self) -> None:
        self.answer(ClosingChoice.KEEP)
        self.assertEqual((self.hosting.asked, self.link.asked[-1]), ([], ("quit", 1_000.0)))

    def test_the_window_stays_and_asks_again_the_next_time(self) -> None:
        self.answer(ClosingChoice.STAY)
        self.assertFalse(self.question().is_open or self.app.is_over)
        self.app.leave()
        self.assertTrue(self.question().is_open)
        self.press("<Escape>")
        self.assertFalse(self.question().is_open or self.app.is_over)

    def test_where_nobody_else_is_in_our_rooms_there_may_be_others_elsewhere(self) -> None:
        self.answer(ClosingChoice.STAY)
        self.take(PresenceChanged("lobby", 1, ("Ann",), (), (), ()))
        self.app.leave()
        self.assertEqual(self.hosting.asked, [])
        self.assertIn("Others may be using", self.question().sentence.cget("text"))
        self.take(PresenceChanged("lobby", 0, (), (), (), ()))
        self.app.leave()
        self.assertIn("Others may be using", self.question().sentence.cget("text"))

    def test_one_that_is_being_stopped_is_not_asked_about(self) -> None:
        self.answer(ClosingChoice.STAY)
        self.hosting.hosted = replace(self.hosting.hosted, state=HostState.STOPPING)
        self.app.leave()
        self.assertFalse(self.question().is_open)
        self.assertEqual((self.hosting.asked, self.link.asked[-1]), ([], ("quit", 1_000.0)))

    def test_who_has_answered_and_stayed_all_the_same_is_asked_again(self) -> None:
        self.answer(ClosingChoice.KEEP)
        self.app.back_to_form()
        self.assertFalse(self.app.own_server.may_close())
        self.assertTrue(self.question().is_open)

    def test_who_is_elsewhere_does_not_know_how_many_use_it(self) -> None:
        self.answer(ClosingChoice.STAY)
        self.hosting.hosted = RUNNING
        self.app.leave()
        self.assertIn("Others may be using", self.question().sentence.cget("text"))


if __name__ == "__main__":
    unittest.main()
