"""The first page under a real display, with real keys and clicks."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model.contract import Remembered
from chat_core.ui.model.details import Details, Recent
from chat_core.ui.model.palette import DARK
from chat_core.ui.model.standing import Action, Banner
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING:
    import tkinter as tk

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.connect import ConnectForm

OFFICE = Recent("192.168.1.20", 2428, "Ann")
CLASS = Recent("fe80::1234:5678:9abc:def0", 99, "A name of thirty-two characters.")
REFUSED = Banner("Nobody answers.", "Check both.", "Connection refused · CONNECTION_REFUSED_ERROR", field="host")
NO_DISK = Banner("This computer could not do it.", "Close other programs.", "OS_ERROR", Action.TRY_NOW)


class FormCase(ViewCase):
    recents: tuple[Recent, ...] = (OFFICE, CLASS)
    filled_in = Remembered("chat.example", 2428, "Ann")

    def setUp(self) -> None:
        super().setUp()
        self.connected: list[Details] = []
        self.forgotten: list[Recent] = []
        self.cancelled = self.hosted = 0
        self.form = ConnectForm(
            self.root, self.theme, self.filled_in, self.connected.append, self.cancel, recents=self.recents,
            forget=self.forgotten.append, host_here=self.host,
        )  # fmt: skip
        self.form.pack(fill="both", expand=True)
        self.root.focus_force()
        self.form.focus_first()
        self.settle()

    def cancel(self) -> None:
        self.cancelled += 1

    def host(self) -> None:
        self.hosted += 1

    def press(self, widget: tk.Misc, *keys: str) -> None:
        widget.focus_force()
        self.settle()
        for key in keys:
            widget.event_generate(key)
        self.settle()

    def fill(self, field: str, text: str) -> None:
        self.form.fields[field].delete(0, "end")
        self.form.fields[field].insert(0, text)

    def turn_wheel_down(self, widget: tk.Misc) -> None:
        if self.root.tk.call("tk", "windowingsystem") == "x11":
            widget.event_generate("<Button-5>")
        else:
            widget.event_generate("<MouseWheel>", delta=-120)

    def is_in_sight(self, widget: tk.Misc) -> bool:
        self.root.update()  # asks the screen, too, for what it has to tell
        top, bottom = self.root.winfo_rooty(), self.root.winfo_rooty() + self.root.winfo_height()
        left, right = self.root.winfo_rootx(), self.root.winfo_rootx() + self.root.winfo_width()
        return bool(
            widget.winfo_viewable()
            and top <= widget.winfo_rooty()
            and widget.winfo_rooty() + widget.winfo_height() <= bottom
            and left <= widget.winfo_rootx()
            and widget.winfo_rootx() + widget.winfo_width() <= right
        )


class TestAnswers(FormCase):
    def test_enter_connects_with_what_is_filled_in(self) -> None:
        self.fill("host", "[::1]:77")
        self.press(self.form.fields["name"], "<Return>")
        self.assertEqual(self.connected, [Details("::1", 77, "Ann")])
        self.assertEqual(self.form.fields["port"].get(), "77")

    def test_the_button_connects_by_the_keyboard_too_and_remembering_can_be_declined(self) -> None:
        self.press(self.form.remember, "<space>")
        self.press(self.form.button, "<Return>")
        self.assertEqual(self.connected, [Details("chat.example", 2428, "Ann", wants_remembering=False)])

    def test_what_is_wrong_is_said_beside_the_field_until_it_is_right(self) -> None:
        self.fill("port", "0")
        self.fill("name", "a!")
        self.form.submit()
        self.settle()
        port, name = self.form.problems["port"], self.form.problems["name"]
        self.assertTrue(port.winfo_ismapped() and name.winfo_ismapped())
        self.assertIn("1 to 65535", port.cget("text"))
        self.assertTrue(self.form.fields["port"].instate(["invalid"]))
        self.assertIs(self.root.focus_get(), self.form.fields["port"])
        self.fill("port", "1")
        self.fill("name", "Ann")
        self.form.submit()
        self.settle()
        self.assertFalse(port.winfo_ismapped() or name.winfo_ismapped())
        self.assertFalse(self.form.fields["port"].instate(["invalid"]))
        self.assertEqual(self.connected, [Details("chat.example", 1, "Ann")])

    def test_tab_goes_through_everything_in_the_order_of_reading(self) -> None:
        fields, (first, second) = self.form.fields, self.form.recents.rows
        order = [
            fields["host"], fields["port"], fields["name"], self.form.remember, self.form.button, *first, *second,
            self.form.host_button,
        ]  # fmt: skip
        order[0].focus_force()
        self.settle()
        walked = []
        for _turn in order:
            focused = self.root.focus_get()
            assert focused is not None
            walked.append(str(focused))
            focused.event_generate("<Tab>")
            self.settle()
        self.assertEqual(walked, [str(widget) for widget in order])


class TestEmpty(FormCase):
    recents = ()
    filled_in = Remembered("chat.example", 2428, "")

    def test_the_cursor_is_where_something_is_to_be_filled_in(self) -> None:
        self.assertIs(self.root.focus_get(), self.form.fields["name"])

    def test_nothing_recent_is_no_empty_list(self) -> None:
        self.assertFalse(self.form.recents.winfo_ismapped())
        self.form.show_recents([OFFICE])
        self.settle()
        self.assertTrue(self.form.recents.winfo_ismapped())


class TestTrouble(FormCase):
    def test_what_concerns_a_field_is_said_there_with_advice_and_small_print(self) -> None:
        self.form.show_trouble(REFUSED)
        self.settle()
        problem = self.form.problems["host"]
        said = [label.cget("text") for label in problem.master.winfo_children()]
        self.assertEqual(said, [REFUSED.sentence, REFUSED.advice, REFUSED.small_print])
        self.assertTrue(problem.winfo_ismapped())
        self.assertFalse(self.form.trouble.winfo_ismapped())
        self.assertIs(self.root.focus_get(), self.form.fields["host"])
        self.form.submit()
        self.settle()
        self.assertFalse(problem.winfo_ismapped(), "it may be right this time")

    def test_what_concerns_none_is_said_above_the_button_without_one_of_its_own(self) -> None:
        self.form.show_trouble(NO_DISK)
        self.settle()
        self.assertTrue(self.form.trouble.winfo_ismapped())
        self.assertEqual(self.form.trouble.sentence.cget("text"), NO_DISK.sentence)
        self.assertFalse(self.form.trouble.button.winfo_ismapped())
        self.form.show_trouble(REFUSED)
        self.settle()
        self.assertFalse(self.form.trouble.winfo_ismapped())

    def test_a_long_sentence_makes_the_card_no_wider(self) -> None:
        width = self.form.card.winfo_width()
        for banner in (REFUSED, NO_DISK):
            self.form.show_trouble(Banner("word " * 40, "word " * 40, field=banner.field))
            self.settle()
            self.assertEqual(self.form.card.winfo_width(), width)


class TestBusy(FormCase):
    def test_it_says_how_far_it_is_and_can_be_cancelled_by_keyboard(self) -> None:
        self.form.set_busy("Connecting…")
        self.settle()
        self.assertEqual(self.form.progress.cget("text"), "Connecting…")
        self.assertFalse(self.form.button.winfo_ismapped())
        self.assertIs(self.root.focus_get(), self.form.cancel_button)
        self.form.submit()
        self.form.recents.rows[0][0].invoke()
        self.assertEqual(self.connected, [], "one at a time")
        self.press(self.form.cancel_button, "<Return>", "<Escape>")
        self.assertEqual(self.cancelled, 2)
        self.form.set_busy("")
        self.settle()
        self.assertTrue(self.form.button.winfo_ismapped())
        self.assertFalse(self.form.cancel_button.winfo_ismapped())
        self.assertIs(self.root.focus_get(), self.form.fields["name"])

    def test_escape_before_does_nothing(self) -> None:
        self.press(self.form.fields["name"], "<Escape>")
        self.assertEqual(self.cancelled, 0)


class TestRecents(FormCase):
    def test_a_click_connects_at_once(self) -> None:
        self.form.recents.rows[1][0].invoke()
        self.assertEqual(self.connected, [Details(CLASS.host, CLASS.port, CLASS.name)])
        self.assertEqual(self.form.fields["host"].get(), CLASS.host)

    def test_one_is_forgotten_by_its_cross_or_by_delete(self) -> None:
        self.form.recents.rows[0][1].invoke()
        self.assertEqual((self.forgotten, self.form.recents.recents), ([OFFICE], (CLASS,)))
        self.press(self.form.recents.rows[0][0], "<Delete>")
        self.assertEqual((self.forgotten, self.form.recents.rows), ([OFFICE, CLASS], []))

    def test_what_is_long_is_cut_and_the_row_stays_in_its_place(self) -> None:
        self.assertIn("…", self.form.recents.rows[1][0].cget("text"))
        self.assertLessEqual(self.form.recents.winfo_width(), self.theme.px(250))

    def test_a_server_of_ones_own(self) -> None:
        self.press(self.form.host_button, "<Return>")
        self.assertEqual(self.hosted, 1)
        self.form.show_hosting(is_running=True)
        self.assertEqual(self.form.host_button.cget("text"), "The server here…")


class TestSmallWindow(FormCase):
    def setUp(self) -> None:
        super().setUp()
        self.root.geometry(f"{self.theme.px(480)}x{self.theme.px(400)}")
        self.settle()

    def test_all_that_is_needed_is_in_sight(self) -> None:
        for widget in (*self.form.fields.values(), self.form.remember, self.form.button, self.form.heading):
            self.assertTrue(self.is_in_sight(widget), widget)

    def test_a_trouble_takes_the_place_of_the_heading(self) -> None:
        for banner in (REFUSED, NO_DISK):
            self.form.show_trouble(Banner("word " * 12, "word " * 12, "word " * 8, field=banner.field))
            self.assertTrue(self.is_in_sight(self.form.fields["host"]))
            self.assertTrue(self.is_in_sight(self.form.button))
            self.assertFalse(self.form.heading.winfo_ismapped())
        self.root.geometry("900x640")
        self.settle()
        self.assertTrue(self.form.heading.winfo_ismapped())

    def test_the_rest_is_reached_by_keyboard_and_wheel(self) -> None:
        self.assertFalse(self.is_in_sight(self.form.host_button))
        self.form.host_button.focus_force()
        self.assertTrue(self.is_in_sight(self.form.host_button))
        self.form.fields["host"].focus_force()
        self.assertTrue(self.is_in_sight(self.form.fields["host"]))
        for _turn in range(20):
            self.turn_wheel_down(self.form.card)
        self.assertTrue(self.is_in_sight(self.form.host_button))

    def test_another_theme_and_another_zoom_leave_everything_where_it_can_be_used(self) -> None:
        self.theme.use(DARK)
        self.theme.set_zoom(150)
        self.settle()
        self.form.button.focus_force()
        self.assertTrue(self.is_in_sight(self.form.button))
        self.assertFalse(self.form.trouble.winfo_ismapped() or self.form.cancel_button.winfo_ismapped())


if __name__ == "__main__":
    unittest.main()
