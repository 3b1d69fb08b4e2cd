"""The window under a real display, with real events, over a link that the test leads by the hand."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core import errors
from chat_core.client.events import (
    ClientEvent,
    LinkState,
    NameChanged,
    RequestRefused,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.ui.model.contract import ChatLink, Remembered
from tests.display import CAN_OPEN_WINDOWS, needs_display
from tests.test_ui_presenter import NOON_MS, ONLINE, FakeLink, arrived, welcome

if TYPE_CHECKING:
    from chat_core.ui.view.chat import ChatPage

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.app import App
    from chat_core.ui.desktop.glyphs import GlyphProbe

_TURNS_MAX = 200
_DONT_WAIT = 2  # TCL_DONT_WAIT of tcl.h
NO_CHAT_THERE = "Something answers at that address and port, but not as a chat server does."


class FakeClock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@needs_display
class WindowCase(unittest.TestCase):
    """An app on a form that is filled in. Mistakes in callbacks fail the test unless it takes them from `mistakes`."""

    def setUp(self) -> None:
        self.link = FakeLink()
        self.clock = FakeClock()
        self.opened: list[tuple[object, ...]] = []
        self.refusal: errors.ChatError | None = None
        self.remembered: list[Remembered] = []
        self.root = tk.Tk()
        self.app = App(
            self.root,
            self.open_link,
            Remembered("chat.example", 2428, "Ann"),
            remember=self.remembered.append,
            monotonic=self.clock,
            unix_ms=lambda: NOON_MS,
            glyphs=self.make_glyphs(),
        )
        self.addCleanup(self.app.close)
        self.mistakes: list[BaseException] = []
        shown_to_people = self.root.report_callback_exception

        def report(kind: type[BaseException], error: BaseException, trace: object) -> None:
            self.mistakes.append(error)
            shown_to_people(kind, error, trace)  # type: ignore[arg-type]

        self.root.report_callback_exception = report
        self.root.geometry("900x640+0+0")
        self.settle()

    def tearDown(self) -> None:
        self.assertEqual(self.mistakes, [])

    def make_glyphs(self) -> GlyphProbe:
        return GlyphProbe(is_at_risk=False)

    def open_link(self, host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append((host, port, name, tuple(rooms)))
        return self.link

    def settle(self) -> None:
        """Let Tk do everything that is due, geometry and drawing too."""
        for _ in range(_TURNS_MAX):
            if not self.root.tk.dooneevent(_DONT_WAIT):
                return
        self.root.update_idletasks()

    def until(self, is_reached: Callable[[], bool]) -> None:
        for _ in range(_TURNS_MAX):
            if is_reached():
                return
            self.root.tk.dooneevent(0)  # waits for the next event: at the latest the loop's own timer
        self.fail("not reached")

    def take(self, *events: ClientEvent) -> None:
        self.link.events.extend(events)
        self.app.tick()
        if not self.app.is_over:
            self.settle()

    def go_online(self) -> None:
        self.app.form.submit()
        self.take(*ONLINE)

    @property
    def page(self) -> ChatPage:
        assert self.app.chat is not None
        return self.app.chat

    def list_text(self) -> str:
        return str(self.page.conversation.text.get("1.0", "end"))

    def write(self, text: str) -> None:
        self.page.composer.input.insert("insert", text)

    def press(self, widget: tk.Misc, *keys: str) -> None:
        widget.focus_force()
        self.settle()
        for key in keys:
            widget.event_generate(key)
        self.settle()

    def tags_of(self, text: str) -> tuple[str, ...]:
        found = self.page.conversation.text.search(text, "1.0")
        self.assertTrue(found, text)
        return tuple(self.page.conversation.text.tag_names(found))


class TestForm(WindowCase):
    def fill(self, field: str, text: str) -> None:
        self.app.form.fields[field].delete(0, "end")
        self.app.form.fields[field].insert(0, text)

    def problem(self, field: str) -> str:
        return str(self.app.form.problems[field].cget("text"))

    def test_it_is_filled_in_from_last_time(self) -> None:
        filled = [entry.get() for entry in self.app.form.fields.values()]
        self.assertEqual(filled, ["chat.example", "2428", "Ann"])

    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_opened(self) -> None:
        self.fill("port", "70000")
        self.fill("name", "")
        self.press(self.app.form.fields["name"], "<Return>")
        self.assertEqual(self.problem("host"), "")
        self.assertIn("1 to 65535", self.problem("port"))
        self.assertIn("called", self.problem("name"))
        self.assertEqual(self.opened, [])
        self.assertIs(self.root.focus_get(), self.app.form.fields["port"])

    def test_enter_connects_and_a_port_in_the_address_is_understood(self) -> None:
        self.fill("host", "10.0.0.1:99")
        self.press(self.app.form.fields["host"], "<Return>")
        self.assertEqual(self.opened, [("10.0.0.1", 99, "Ann", ())])
        self.assertEqual(self.app.form.fields["port"].get(), "99")
        self.assertEqual(self.link.asked, [("start", 1_000.0)])

    def test_connecting_says_how_far_it_is_and_can_be_cancelled(self) -> None:
        self.app.form.submit()
        self.take(StateChanged(LinkState.LOOKING_UP))
        self.assertEqual(self.app.form.progress.cget("text"), "Looking up the address…")
        self.app.form.submit()
        self.assertEqual(len(self.opened), 1)
        self.app.form.cancel_button.invoke()
        self.assertTrue(self.link.is_closed)
        self.assertFalse(self.app.form.is_busy)
        self.app.form.submit()
        self.assertEqual(len(self.opened), 2)

    def test_each_failure_is_shown_with_its_advice_and_the_fields_stay(self) -> None:
        for failure in errors.ConnectionFailure.__subclasses__():
            sentence = NO_CHAT_THERE if failure is errors.GeneralReceiveFailure else failure.sentence
            with self.subTest(code=failure.code):
                self.app.form.submit()
                self.take(StateChanged(LinkState.WAITING, failure("Because"), 1_005.0))
                trouble = self.app.form.trouble
                self.assertTrue(trouble.winfo_ismapped())
                self.assertEqual(trouble.sentence.cget("text"), sentence)
                self.assertEqual(trouble.advice.cget("text"), failure.advice)
                self.assertEqual(trouble.small_print.cget("text"), f"Because · {failure.code}")
                self.assertEqual(self.app.form.fields["name"].get(), "Ann")
                self.assertFalse(self.app.form.is_busy)

    def test_a_name_that_is_taken_comes_back_to_the_form(self) -> None:
        self.app.form.submit()
        self.take(
            StateChanged(LinkState.LOGGING_IN), RequestRefused("name_taken", "That name is taken.", is_fatal=True)
        )
        self.take(StateChanged(LinkState.CLOSED))
        self.assertEqual(self.app.form.trouble.sentence.cget("text"), "That name is taken.")
        self.assertIs(self.root.focus_get(), self.app.form.fields["name"])

    def test_a_link_that_cannot_be_opened_is_explained(self) -> None:
        self.refusal = errors.ChatError("Ann is already open in another window.")
        self.app.form.submit()
        self.settle()
        self.assertEqual(self.app.form.trouble.sentence.cget("text"), "Ann is already open in another window.")

    def test_a_disk_that_keeps_nothing_is_explained_with_code_reason_and_place(self) -> None:
        self.refusal = errors.SystemFailure("Not a directory (/some/file)")
        self.app.form.submit()
        self.settle()
        trouble = self.app.form.trouble
        self.assertEqual(trouble.sentence.cget("text"), errors.SystemFailure.sentence)
        self.assertEqual(trouble.advice.cget("text"), errors.SystemFailure.advice)
        self.assertEqual(trouble.small_print.cget("text"), "Not a directory (/some/file) · OS_ERROR")

    def test_the_smallest_window_has_room_for_a_trouble_and_the_button(self) -> None:
        self.root.geometry("{}x{}".format(*self.root.minsize()))
        self.settle()
        self.assertTrue(self.app.form.heading.winfo_ismapped())
        self.app.form.submit()
        self.take(StateChanged(LinkState.WAITING, errors.GeneralReceiveFailure("word " * 12), 1_005.0))
        self.root.update()
        button, host = self.app.form.button, self.app.form.fields["host"]
        top, bottom = self.root.winfo_rooty(), self.root.winfo_rooty() + self.root.winfo_height()
        self.assertGreaterEqual(host.winfo_rooty(), top)
        self.assertLessEqual(button.winfo_rooty() + button.winfo_height(), bottom)
        self.root.geometry("900x640")
        self.settle()
        self.assertTrue(self.app.form.heading.winfo_ismapped())

    def test_ctrl_and_a_selects_everything_in_a_field(self) -> None:
        if self.root.tk.call("tk", "windowingsystem") != "x11":
            self.skipTest("elsewhere the keys are the system's own")
        host = self.app.form.fields["host"]
        host.icursor(3)
        self.press(host, "<Control-a>")
        self.assertEqual((host.index("sel.first"), host.index("sel.last")), (0, len("chat.example")))

    def test_escape_cancels_and_does_nothing_before(self) -> None:
        self.press(self.app.form.fields["name"], "<Escape>")
        self.assertFalse(self.link.is_closed)


class TestTrouble(WindowCase):
    def setUp(self) -> None:
        super().setUp()
        self.go_online()

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
        self.assertIn("Next try in 5 s", self.page.status.cget("text"))
        self.clock.now += 3.2
        self.take()
        self.assertIn("Next try in 2 s", self.page.status.cget("text"))
        self.assertEqual(self.page.trouble.button.cget("text"), "Try now")
        self.page.trouble.button.invoke()
        self.assertEqual(self.link.asked[-1], ("retry_now", 1_003.2))
        self.take(StateChanged(LinkState.CONNECTING))
        self.assertFalse(self.page.trouble.button.winfo_ismapped())
        self.take(welcome(), StateChanged(LinkState.ONLINE))
        self.assertFalse(self.page.trouble.winfo_ismapped())

    def test_a_goodbye_is_shown_in_words_and_leads_back(self) -> None:
        self.take(SaidGoodbye("removed", "You have been removed from the server."), StateChanged(LinkState.CLOSED))
        self.assertEqual(self.page.trouble.sentence.cget("text"), "You have been removed from the server.")
        self.page.trouble.button.invoke()
        self.assertEqual(self.link.asked.count(("start", 1_000.0)), 2)

    def test_a_refused_return_leads_to_the_form(self) -> None:
        self.take(
            StateChanged(LinkState.WAITING), StateChanged(LinkState.LOGGING_IN),
            RequestRefused("name_taken", "That name is taken.", is_fatal=True), StateChanged(LinkState.CLOSED),
        )  # fmt: skip
        self.page.trouble.button.invoke()
        self.assertIsNone(self.app.chat)
        self.assertTrue(self.link.is_closed)
        self.settle()
        self.assertTrue(self.app.form.winfo_ismapped())
        self.go_online()
        self.assertIn("Online as Ann", self.page.status.cget("text"))

    def test_a_disk_that_fails_while_online_is_said_until_it_is_read(self) -> None:
        self.take(StateChanged(LinkState.ONLINE, errors.SystemFailure("No space left on device")))
        self.assertIn("No space left", self.page.trouble.small_print.cget("text"))
        self.page.trouble.button.invoke()
        self.settle()
        self.assertFalse(self.page.trouble.winfo_ismapped())

    def test_a_mistake_of_ours_reaches_the_person_and_the_log_and_the_loop_goes_on(self) -> None:
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
        self.assertEqual(len(self.root.tk.call("after", "info")), 1)

    def test_a_mistake_on_the_form_is_shown_there(self) -> None:
        self.app.chat = None
        with self.assertLogs("chat_core.ui.app", "ERROR"):
            try:
                raise ValueError("oops")
            except ValueError as error:
                self.root.report_callback_exception(ValueError, error, error.__traceback__)
        self.mistakes.clear()
        self.assertEqual(self.app.form.trouble.small_print.cget("text"), "ValueError: oops")


class TestLeaving(WindowCase):
    def scripts(self) -> tuple[str, ...]:
        return tuple(self.root.tk.call("after", "info"))

    def assert_polite_end(self) -> None:
        self.assertEqual(self.link.asked[-1], ("quit", 1_000.0))
        self.assertFalse(self.app.is_over)
        self.assertIn("Leaving", self.page.status.cget("text"))
        self.take(SaidGoodbye("bye", "You have left."), StateChanged(LinkState.CLOSED))
        self.assertTrue(self.app.is_over)
        self.assertTrue(self.link.is_closed)

    def test_every_way_to_leave_is_polite(self) -> None:
        self.go_online()
        self.link.events = [StateChanged(LinkState.LEAVING)]
        self.root.tk.call(self.root.protocol("WM_DELETE_WINDOW"))
        self.assert_polite_end()

    def test_quit_in_the_input_line(self) -> None:
        self.go_online()
        self.write("{quit}")
        self.link.events = [StateChanged(LinkState.LEAVING)]
        self.press(self.page.composer.input, "<Return>")
        self.assert_polite_end()

    def test_a_server_that_does_not_answer_is_waited_for_so_long_and_no_longer(self) -> None:
        self.go_online()
        self.app.leave()
        self.clock.now += 2.4
        self.app.tick()
        self.assertFalse(self.app.is_over)
        self.clock.now += 0.2
        self.app.tick()
        self.assertTrue(self.app.is_over)

    def test_asking_twice_closes_at_once(self) -> None:
        self.go_online()
        self.app.leave()
        self.app.leave()
        self.assertTrue(self.app.is_over)

    def test_from_the_form_there_is_nobody_to_wait_for(self) -> None:
        self.app.leave()
        self.assertTrue(self.app.is_over)
        self.assertFalse(self.link.is_closed)

    def test_an_interrupt_leaves_politely(self) -> None:
        self.go_online()
        self.root.report_callback_exception(KeyboardInterrupt, KeyboardInterrupt(), None)
        self.mistakes.clear()
        self.assertEqual(self.link.asked[-1], ("quit", 1_000.0))

    def test_nothing_is_left_behind_in_the_event_loop(self) -> None:
        self.go_online()
        self.root.update()
        self.assertEqual(len(self.scripts()), 1)
        left: list[tuple[str, ...]] = []
        destroy = self.root.destroy

        def look_and_destroy() -> None:
            left.append(self.scripts())
            destroy()

        self.root.destroy = look_and_destroy  # type: ignore[method-assign]
        self.app.close()
        self.app.close()
        self.assertEqual(left, [()])

    def test_what_was_filled_in_and_where_the_window_stood_is_remembered(self) -> None:
        self.go_online()
        self.assertEqual(self.remembered[-1].host, "chat.example")
        self.root.geometry("800x600+10+20")
        self.settle()
        self.app.close()
        self.assertRegex(self.remembered[-1].geometry, r"^800x600\+")


class TestName(WindowCase):
    def test_a_new_name_is_in_the_title_and_what_the_next_start_begins_with(self) -> None:
        self.go_online()
        self.assertEqual(self.root.title(), "Office - Ann")
        self.take(NameChanged("Anna"))
        self.assertEqual(self.root.title(), "Office - Anna")
        # At once: what is kept has moved to the new name, and the program may be killed.
        self.assertEqual(self.remembered[-1].name, "Anna")
        self.app.close()
        self.assertEqual((self.remembered[-1].host, self.remembered[-1].name), ("chat.example", "Anna"))

    def test_the_name_that_the_server_gives_is_remembered(self) -> None:
        self.app.form.submit()
        self.take(StateChanged(LinkState.LOGGING_IN), welcome("Anna"), *ONLINE[2:])
        self.assertEqual(self.remembered[-1].name, "Anna")
        self.assertEqual(self.root.title(), "Office - Anna")

    def test_the_form_has_the_new_name_when_it_comes_back(self) -> None:
        self.go_online()
        self.take(NameChanged("Anna"))
        self.take(RequestRefused("name_taken", "That name is taken.", is_fatal=True), StateChanged(LinkState.CLOSED))
        self.take(StateChanged(LinkState.LOGGING_IN), RequestRefused("name_taken", "Taken.", is_fatal=True))
        self.take(StateChanged(LinkState.CLOSED))
        self.page.trouble.button.invoke()
        self.assertIsNone(self.app.chat)
        self.assertEqual(self.app.form.fields["name"].get(), "Anna")
        self.assertEqual(self.root.title(), "Chat")

    def test_a_name_that_was_never_accepted_is_not_taken_for_ours(self) -> None:
        self.app.form.submit()
        self.take(StateChanged(LinkState.CONNECTING))
        self.assertEqual((self.root.title(), self.remembered), ("Chat", []))


class TestLoop(WindowCase):
    def test_the_loop_polls_by_itself(self) -> None:
        self.go_online()
        self.link.events = [arrived(1, "by itself")]
        self.until(lambda: not self.link.events)
        self.assertIn("by itself", self.list_text())


if __name__ == "__main__":
    unittest.main()
