"""The server on this computer as its person sees it, and the question at the end."""

from __future__ import annotations

import unittest
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.ui.model.hosted import ClosingChoice, Hosted, HostPlan, HostState
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.hosting import ClosingQuestion, HostSheet

RUNNING = Hosted(
    HostState.RUNNING, is_own=True, title="Room 12", own_host="127.0.0.1", hosts=("192.168.1.20",), asked_port=2428,
    port=2428,
)  # fmt: skip


class SheetCase(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.started: list[HostPlan] = []
        self.joined: list[tuple[str, int]] = []
        self.stopped = 0
        self.before = ttk.Button(self.root)
        self.before.pack()
        self.root.geometry("480x400")
        self.settle()
        self.before.focus_force()
        self.sheet = HostSheet(
            self.root, self.theme, str.upper, start=self.started.append, stop=self.stop, join=self.join
        )
        self.panel = self.sheet.panel

    def stop(self) -> None:
        self.stopped += 1

    def join(self, host: str, port: int) -> None:
        self.joined.append((host, port))

    def draw(self, hosted: Hosted, others: int | None = None) -> None:
        self.sheet.draw(hosted, others)
        self.settle()

    def press(self, widget: tk.Misc, key: str) -> None:
        widget.focus_force()
        self.settle()
        widget.event_generate(key)
        self.settle()

    def seen(self) -> list[str]:
        """Return every text that can be seen on the panel, whole."""
        texts = []
        waiting: list[tk.Misc] = [self.panel]
        while waiting:
            widget = waiting.pop(0)
            waiting.extend(widget.winfo_children())
            if isinstance(widget, (ttk.Label, ttk.Button)) and widget.winfo_viewable():
                bottom = widget.winfo_rooty() + widget.winfo_height()
                self.assertLessEqual(bottom, self.sheet.winfo_rooty() + self.sheet.winfo_height())
                self.assertGreaterEqual(widget.winfo_height(), widget.winfo_reqheight(), widget.cget("text"))
                texts.append(str(widget.cget("text")))
        return texts


class TestQuestion(SheetCase):
    def test_one_key_starts_with_sensible_answers(self) -> None:
        self.sheet.open()
        self.settle()
        self.assertIs(self.root.focus_get(), self.panel.start_button)
        self.press(self.panel.start_button, "<Return>")
        self.assertEqual(self.started, [HostPlan(2428, "Chat")])

    def test_what_is_wrong_is_said_beside_the_field(self) -> None:
        self.sheet.open()
        self.panel.port.put("0")
        self.press(self.panel.title.entry, "<Return>")
        self.assertEqual(self.started, [])
        self.assertIn("1 to 65535", self.panel.port.problem.cget("text"))
        self.assertIs(self.root.focus_get(), self.panel.port.entry)
        self.panel.port.put("99")
        self.press(self.panel.port.entry, "<Return>")
        self.assertEqual(self.started, [HostPlan(99, "Chat")])
        self.assertFalse(self.panel.port.problem.winfo_ismapped())

    def test_a_failure_is_said_with_the_last_words_of_the_server(self) -> None:
        self.sheet.open()
        self.draw(Hosted(HostState.FAILED, is_own=True, sentence="It has ended.", last_words="word " * 30))
        said = self.seen()
        self.assertIn("It has ended.\n" + "WORD " * 30, said, "what it said goes through what the screen survives")
        self.assertIn("Start the server", said)
        self.assertNotIn("Try to join it", said)

    def test_where_a_server_may_be_it_can_be_tried(self) -> None:
        self.sheet.open()
        self.draw(Hosted(HostState.FAILED, sentence="Somebody has it.", own_host="127.0.0.1", port=2428))
        self.assertIn("Try to join it", self.seen())
        self.panel.join_button.invoke()
        self.assertEqual(self.joined, [("127.0.0.1", 2428)])


class TestRunning(SheetCase):
    def setUp(self) -> None:
        super().setUp()
        self.sheet.open()
        self.settle()

    def test_the_address_is_there_to_be_read_out_and_copied(self) -> None:
        self.draw(RUNNING)
        said = self.seen()
        for text in ("“ROOM 12” is running on this computer", "The others type:", "192.168.1.20", "Port 2428"):
            self.assertIn(text, said)
        self.assertIs(self.root.focus_get(), self.panel.join_button, "the button that was pressed is gone")
        self.press(self.panel.copy_buttons[0], "<Return>")
        self.assertEqual(self.root.clipboard_get(), "192.168.1.20:2428")
        self.assertEqual(self.panel.copy_buttons[0].cget("text"), "Copied")

    def test_several_addresses_can_each_be_copied(self) -> None:
        self.draw(replace(RUNNING, hosts=("192.168.1.20", "fe80::1234:5678:9abc:def0")))
        self.assertIn("The others type one of these:", self.seen())
        self.panel.copy_buttons[0].invoke()
        self.panel.copy_buttons[1].invoke()
        self.assertEqual(self.root.clipboard_get(), "[fe80::1234:5678:9abc:def0]:2428")
        self.assertEqual([button.cget("text") for button in self.panel.copy_buttons], ["Copy", "Copied"])

    def test_what_is_not_as_one_would_expect_is_said(self) -> None:
        for hosted, words in (
            (replace(RUNNING, port=2429), "Port 2428 was taken, so it uses 2429."),
            (replace(RUNNING, is_own=False), "It was started from another window"),
            (replace(RUNNING, hosts=()), "Only this computer can connect"),
            (Hosted(HostState.STARTING), "being started"),
            (Hosted(HostState.STOPPING), "being stopped"),
        ):
            with self.subTest(words):
                self.draw(hosted)
                self.assertIn(words, "\n".join(self.seen()))

    def test_joining_closes_the_sheet_and_connects_to_this_computer(self) -> None:
        self.draw(RUNNING)
        self.press(self.panel.join_button, "<Return>")
        self.assertEqual(self.joined, [("127.0.0.1", 2428)])
        self.assertFalse(self.sheet.is_open)
        self.assertIs(self.root.focus_get(), self.before)

    def test_it_is_stopped_at_once_when_nobody_else_is_on_it(self) -> None:
        self.draw(RUNNING, 0)
        self.panel.stop_button.invoke()
        self.assertEqual(self.stopped, 1)

    def test_it_asks_first_when_nobody_knows_how_many_are(self) -> None:
        for others in (None, -1):
            with self.subTest(others):
                self.draw(Hosted())
                self.draw(RUNNING, others)
                self.panel.stop_button.invoke()
                self.settle()
                self.assertEqual(self.stopped, 0)
                self.assertIn("Others may be using the server", "\n".join(self.seen()))

    def test_one_that_is_only_being_started_is_stopped_at_once(self) -> None:
        self.draw(Hosted(HostState.STARTING, is_own=True))
        self.panel.stop_button.invoke()
        self.assertEqual(self.stopped, 1)

    def test_it_asks_first_when_others_are(self) -> None:
        self.draw(RUNNING, 1)
        self.draw(RUNNING, 3)
        self.panel.stop_button.invoke()
        self.settle()
        self.assertEqual(self.stopped, 0)
        self.assertIn("3 other people use the server on this computer", "\n".join(self.seen()))
        self.assertIs(self.root.focus_get(), self.panel.close_button)
        self.panel.stop_all_button.invoke()
        self.assertEqual(self.stopped, 1)

    def test_escape_closes_it(self) -> None:
        self.press(self.panel.close_button, "<Escape>")
        self.assertFalse(self.sheet.is_open)


class TestClosingQuestion(SheetCase):
    def setUp(self) -> None:
        super().setUp()
        self.chosen: list[ClosingChoice] = []
        self.question = ClosingQuestion(self.root, self.theme, self.chosen.append)

    def test_each_answer_is_told_once(self) -> None:
        for choice in ClosingChoice:
            self.question.open(2)
            self.settle()
            self.assertIn("2 other people", self.question.sentence.cget("text"))
            self.assertIs(self.root.focus_get(), self.question.buttons[ClosingChoice.STAY], "the harmless one")
            self.press(self.question.buttons[choice], "<Return>")
            self.assertFalse(self.question.is_open)
        self.assertEqual(self.chosen, list(ClosingChoice))

    def test_escape_stays_and_tells_nothing(self) -> None:
        for others in (-1, 0, None):
            self.question.open(others)
            self.assertIn("Others may be using", self.question.sentence.cget("text"))
        self.press(self.question.buttons[ClosingChoice.STAY], "<Escape>")
        self.assertEqual((self.chosen, self.question.is_open), ([], False))

    def test_everything_fits_in_the_smallest_window(self) -> None:
        self.question.open(1)
        self.settle()
        right = self.question.winfo_rootx() + self.question.winfo_width()
        bottom = self.question.winfo_rooty() + self.question.winfo_height()
        for widget in (*self.question.buttons.values(), self.question.sentence):
            self.assertLess(widget.winfo_rootx() + widget.winfo_width(), right)
            self.assertLess(widget.winfo_rooty() + widget.winfo_height(), bottom)
        self.assertIn("1 other person uses", self.question.sentence.cget("text"))


if __name__ == "__main__":
    unittest.main()
