"""The window: from the form into the chat, its name and place, its loop, and its end."""

from __future__ import annotations

import unittest
from dataclasses import replace
from typing import TYPE_CHECKING, Sequence

from chat_core import errors
from chat_core.client.events import (
    ClientEvent,
    LinkState,
    NameChanged,
    RequestRefused,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.client.settings import ServerMemory, Settings
from chat_core.ui.memory import Place
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import CUT_OFF, ONLINE, arrived, welcome
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

NO_CHAT_THERE = "Something answers at that address and port, but not as a chat server does."
HERE = Place("chat.example", 2428, "Ann")


class TestConnecting(WindowCase):
    def test_enter_connects_with_what_is_filled_in(self) -> None:
        filled = [entry.get() for entry in self.app.form.fields.values()]
        self.assertEqual(filled, ["chat.example", "2428", "Ann"])
        self.press("<Return>", at=self.app.form.fields["host"])
        self.assertEqual(self.opened, [("chat.example", 2428, "Ann", ())])
        self.assertEqual(self.link.asked, [("start", 1_000.0)])

    def test_it_says_how_far_it_is_and_can_be_cancelled(self) -> None:
        self.app.form.submit()
        self.take(StateChanged(LinkState.LOOKING_UP))
        self.assertEqual(self.app.form.progress.cget("text"), "Looking up the address…")
        self.app.form.submit()
        self.assertEqual(len(self.opened), 1)
        self.press("<Escape>")
        self.assertTrue(self.link.is_closed)
        self.assertFalse(self.app.form.is_busy)
        self.app.form.submit()
        self.assertEqual(len(self.opened), 2)

    def test_each_failure_is_shown_with_its_advice_and_the_fields_stay(self) -> None:
        for failure in errors.ConnectionFailure.__subclasses__():
            sentence = NO_CHAT_THERE if failure is errors.GeneralReceiveFailure else failure.sentence
            with self.subTest(code=failure.code):
                self.app.form.submit()
                self.link.events = [StateChanged(LinkState.WAITING, failure("Because"), 1_005.0)]
                self.app.tick()
                shown = self.texts_of(self.app.form)
                self.assertIn(sentence, shown)
                self.assertIn(f"Because · {failure.code}", shown)
                self.assertEqual(self.app.form.fields["name"].get(), "Ann")
                self.assertFalse(self.app.form.is_busy)

    def test_a_name_that_is_taken_comes_back_to_the_form(self) -> None:
        self.app.form.submit()
        self.take(
            StateChanged(LinkState.LOGGING_IN), RequestRefused("name_taken", "That name is taken.", is_fatal=True)
        )
        self.take(StateChanged(LinkState.CLOSED))
        self.assertEqual(self.app.form.problems["name"].cget("text"), "That name is taken.")
        self.assertEqual(self.focus, str(self.app.form.fields["name"]))

    def test_a_link_that_cannot_be_opened_is_explained(self) -> None:
        self.refusal = errors.ChatError("Ann is already open in another window.")
        self.app.form.submit()
        self.settle()
        self.assertEqual(self.app.form.trouble.sentence.cget("text"), "Ann is already open in another window.")
        self.refusal = errors.SystemFailure("Not a directory (/some/file)")
        self.app.form.submit()
        self.settle()
        trouble = self.app.form.trouble
        self.assertEqual(trouble.sentence.cget("text"), errors.SystemFailure.sentence)
        self.assertEqual(trouble.advice.cget("text"), errors.SystemFailure.advice)
        self.assertEqual(trouble.small_print.cget("text"), "Not a directory (/some/file) · OS_ERROR")

    def test_ctrl_and_a_selects_everything_in_a_field(self) -> None:
        if self.root.tk.call("tk", "windowingsystem") != "x11":
            self.skipTest("elsewhere the keys are the system's own")
        host = self.app.form.fields["host"]
        host.icursor(3)
        self.press("<Control-a>", at=host)
        self.assertEqual((host.index("sel.first"), host.index("sel.last")), (0, len("chat.example")))

    def test_a_mistake_of_ours_is_shown_on_the_form_too(self) -> None:
        with self.assertLogs("chat_core.ui.app", "ERROR"):
            try:
                raise ValueError("oops\x1b")
            except ValueError as error:
                self.root.report_callback_exception(ValueError, error, error.__traceback__)
        self.mistakes.clear()
        self.assertEqual(self.app.form.trouble.small_print.cget("text"), "ValueError: oops\\x1b")

    def texts_of(self, widget: tk.Misc) -> list[str]:
        """Every text of a label that will be on the screen once it is drawn."""
        texts = [str(widget.cget("text"))] if isinstance(widget, ttk.Label) and widget.winfo_manager() else []
        return texts + [text for child in widget.winfo_children() for text in self.texts_of(child)]


class TestRemembering(WindowCase):
    settings = Settings(servers=(ServerMemory("old.example", 99, "Bob"), ServerMemory("chat.example", 2428, "Ann")))

    def servers(self) -> list[str]:
        return [server.host for server in self.memory.settings.servers]

    def test_where_one_was_is_offered_and_comes_first_next_time(self) -> None:
        self.assertEqual([recent.host for recent in self.app.form.recents.recents], ["old.example", "chat.example"])
        self.go_online()
        self.assertEqual(self.servers(), ["chat.example", "old.example"])
        self.restart()
        self.assertEqual([recent.host for recent in self.app.form.recents.recents], ["chat.example", "old.example"])
        self.app.form.recents.rows[1][1].invoke()
        self.assertEqual(self.servers(), ["chat.example"])

    def test_who_was_never_let_in_is_not_remembered(self) -> None:
        self.app.form.submit()
        self.take(StateChanged(LinkState.CONNECTING), StateChanged(LinkState.WAITING, errors.ConnectionReset()))
        self.assertEqual((self.root.title(), self.servers()[0]), ("Chat", "old.example"))

    def test_who_does_not_want_to_be_remembered_is_forgotten_at_once(self) -> None:
        self.press("<space>", at=self.app.form.remember)
        self.go_online()
        self.write("half a sentence")
        self.pass_time(10)
        self.assertEqual((self.memory.settings.remembers, self.servers()), (False, []))
        self.restart()
        self.assertEqual((self.servers(), self.app.form.wants_remembering.get()), ([], False))
        self.app.form.remember.invoke()
        self.go_online()
        self.assertEqual(self.servers(), ["chat.example"])

    def test_the_place_of_the_window_is_remembered_and_brought_back_onto_the_screen(self) -> None:
        self.root.geometry("800x600+10+20")
        self.settle()
        self.pass_time(2)
        self.assertEqual(self.memory.settings.geometry, "800x600+10+20")
        self.root.geometry("700x500+30+40")
        self.settle()
        self.app.close()
        self.assertEqual(self.memory.settings.geometry, "700x500+30+40")
        self.memory.change(lambda settings: replace(settings, geometry="700x500+9000-9000"))
        self.start()
        width, height = self.root.winfo_screenwidth(), self.root.winfo_screenheight()
        self.assertLessEqual(self.root.winfo_x() + self.root.winfo_width(), width)
        self.assertLessEqual(self.root.winfo_y() + self.root.winfo_height(), height)


class TestConnectingAtOnce(WindowCase):
    comes_in = True

    def test_a_window_that_is_not_on_the_screen_yet_has_no_place_to_remember(self) -> None:
        self.assertEqual(self.memory.settings.geometry, "")
        self.pass_time(3)
        self.assertRegex(self.memory.settings.geometry, r"^900x640\+")


class TestDamagedSettings(WindowCase):
    def test_it_is_said_on_the_form_and_in_the_chat_until_it_is_read(self) -> None:
        self.app.close()
        (self.folder / "settings.json").write_bytes(b"{")
        self.start()
        self.assertIn("settings were damaged", self.app.form.trouble.sentence.cget("text"))
        self.go_online()
        self.assertIn("settings were damaged", self.page.trouble.sentence.cget("text"))
        self.page.trouble.button.invoke()
        self.settle()
        self.assertFalse(self.page.trouble.winfo_ismapped())
        self.restart()
        self.assertFalse(self.app.form.trouble.winfo_ismapped())


class TestName(WindowCase):
    comes_in = True

    def test_a_new_name_is_in_the_title_and_what_the_next_start_begins_with(self) -> None:
        self.assertEqual(self.root.title(), "Office - Ann")
        self.write("half a sentence")
        self.pass_time(2)
        self.take(NameChanged("Anna"))
        self.assertEqual(self.root.title(), "Office - Anna")
        # At once: what is kept has moved to the new name, and the program may be killed.
        self.assertEqual([server.name for server in self.memory.recents()], ["Anna"])
        self.assertEqual(self.memory.room(replace(HERE, name="Anna"), "lobby").draft, "half a sentence")
        self.write(" and more")
        self.app.close()
        self.assertEqual(self.memory.room(replace(HERE, name="Anna"), "lobby").draft, "half a sentence and more")

    def test_the_form_has_the_new_name_when_it_comes_back(self) -> None:
        self.take(NameChanged("Anna"), CUT_OFF)
        self.take(StateChanged(LinkState.LOGGING_IN), RequestRefused("name_taken", "Taken.", is_fatal=True))
        self.take(StateChanged(LinkState.CLOSED))
        self.page.trouble.button.invoke()
        self.settle()
        self.assertIsNone(self.app.chatting)
        self.assertTrue(self.link.is_closed and self.app.form.winfo_ismapped())
        self.assertEqual(self.app.form.fields["name"].get(), "Anna")
        self.assertEqual(self.root.title(), "Chat")
        self.go_online()
        self.assertIn("Online as Ann", self.status())


class TestNameGiven(WindowCase):
    def test_the_name_that_the_server_gives_is_remembered(self) -> None:
        self.app.form.submit()
        self.take(StateChanged(LinkState.LOGGING_IN), welcome("Anna"), *ONLINE[2:])
        self.assertEqual([server.name for server in self.memory.recents()], ["Anna"])
        self.assertEqual(self.root.title(), "Office - Anna")


class TestLeaving(WindowCase):
    comes_in = True

    def scripts(self) -> tuple[str, ...]:
        return tuple(self.root.tk.call("after", "info"))

    def assert_polite_end(self) -> None:
        self.assertEqual(self.link.asked[-1], ("quit", 1_000.0))
        self.assertFalse(self.app.is_over)
        self.assertIn("Leaving", self.status())
        self.take(SaidGoodbye("bye", "You have left."), StateChanged(LinkState.CLOSED))
        self.assertTrue(self.app.is_over)
        self.assertTrue(self.link.is_closed)

    def test_closing_the_window_is_polite(self) -> None:
        self.link.events = [StateChanged(LinkState.LEAVING)]
        self.root.tk.call(self.root.protocol("WM_DELETE_WINDOW"))
        self.assert_polite_end()

    def test_quit_in_the_input_line_is_too(self) -> None:
        self.link.events = [StateChanged(LinkState.LEAVING)]
        self.say("{quit}")
        self.assert_polite_end()

    def test_quit_when_the_server_has_said_goodbye_closes_at_once(self) -> None:
        self.take(SaidGoodbye("removed", "You have been removed."), StateChanged(LinkState.CLOSED))
        self.say("/quit")
        self.assertTrue(self.app.is_over)

    def test_a_server_that_does_not_answer_is_waited_for_so_long_and_no_longer(self) -> None:
        self.app.leave()
        self.clock.advance(2.4)
        self.app.tick()
        self.assertFalse(self.app.is_over)
        self.clock.advance(0.2)
        self.app.tick()
        self.assertTrue(self.app.is_over)

    def test_asking_twice_closes_at_once(self) -> None:
        self.app.leave()
        self.app.leave()
        self.assertTrue(self.app.is_over)

    def test_an_interrupt_leaves_politely(self) -> None:
        self.root.report_callback_exception(KeyboardInterrupt, KeyboardInterrupt(), None)
        self.mistakes.clear()
        self.assertEqual(self.link.asked[-1], ("quit", 1_000.0))

    def test_nothing_is_left_behind_in_the_event_loop(self) -> None:
        self.until(lambda: len(self.scripts()) == 1)
        left: list[tuple[str, ...]] = []
        destroy = self.root.destroy

        def look_and_destroy() -> None:
            left.append(self.scripts())
            destroy()

        self.root.destroy = look_and_destroy  # type: ignore[method-assign]
        self.app.close()
        self.app.close()
        self.assertEqual(left, [()])
        self.assertEqual(self.hosting.asked, ["close"])


class TestLeavingTheForm(WindowCase):
    def test_there_is_nobody_to_wait_for(self) -> None:
        self.app.leave()
        self.assertTrue(self.app.is_over)
        self.assertFalse(self.link.is_closed)


class TestLoop(WindowCase):
    comes_in = True

    def test_it_polls_by_itself(self) -> None:
        self.link.events = [arrived(1, "by itself")]
        self.until(lambda: not self.link.events)
        self.assertIn("by itself", self.list_text())

    def test_a_mistake_of_ours_reaches_the_person_and_the_log_and_it_goes_on(self) -> None:
        def poll(_now: float, _unix_ms: int) -> Sequence[ClientEvent]:
            raise ValueError("oops")

        self.link.poll = poll  # type: ignore[method-assign, assignment]
        with self.assertLogs("chat_core.ui.app", "ERROR") as logged:
            self.until(lambda: bool(self.mistakes))
        self.assertIn("ValueError: oops", logged.output[0])
        self.assertEqual([str(mistake) for mistake in self.mistakes], ["oops"])
        self.mistakes.clear()
        del self.link.poll
        self.take()
        self.assertIn("went wrong in this window", self.page.trouble.sentence.cget("text"))
        self.assertEqual(self.page.trouble.small_print.cget("text"), "ValueError: oops")
        self.page.trouble.button.invoke()
        self.settle()
        self.assertFalse(self.page.trouble.winfo_ismapped())
        self.until(lambda: len(self.root.tk.call("after", "info")) == 1)


if __name__ == "__main__":
    unittest.main()
