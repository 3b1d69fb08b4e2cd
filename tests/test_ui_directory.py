from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.canvas import texts
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.directory import Directory

ROOMS = (("lobby", 12), ("lab", 1), ("Küche", 0))


class TestDirectory(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = ttk.Frame(self.root)
        self.page.pack(fill="both", expand=True)
        self.settle()
        self.page.focus_force()
        self.joined: list[str] = []
        self.asked = 0
        self.problem = ""
        self.directory = Directory(
            self.page, self.theme, lambda text: text.replace("\U0001f600", "?"), join=self.join, refresh=self.refresh
        )
        self.directory.open()
        self.settle()

    def join(self, room: str) -> str:
        self.joined.append(room)
        return self.problem

    def refresh(self) -> None:
        self.asked += 1

    def show(self, *rooms: tuple[str, int], total: int = 0) -> None:
        self.directory.show(rooms or ROOMS, {"lobby"}, total or len(rooms or ROOMS))
        self.settle()

    def press(self, widget: tk.Misc, *keys: str) -> None:
        widget.focus_force()
        self.settle()
        for key in keys:
            widget.event_generate(key)
        self.settle()

    def texts(self) -> list[str]:
        return texts(self.directory.listing.canvas)

    def said(self) -> str:
        return str(self.directory.standing.cget("text"))

    def test_it_asks_when_it_opens_and_says_so(self) -> None:
        self.assertEqual(self.asked, 1)
        self.assertEqual(self.said(), "Asking the server…")
        self.assertTrue(self.directory.again.instate(["disabled"]))

    def test_what_a_row_says(self) -> None:
        self.show()
        self.assertEqual(
            self.texts(), ["#", "joined, 12 online", "lobby", "#", "1 online", "lab", "#", "0 online", "Küche"]
        )
        self.assertEqual(self.said(), "3 rooms")

    def test_a_list_that_was_cut_off_says_so(self) -> None:
        self.show(total=700)
        self.assertEqual(self.said(), "The fullest 3 of 700 rooms")

    def test_a_server_without_rooms(self) -> None:
        self.directory.show((), (), 0)
        self.assertEqual(self.said(), "This server has no rooms yet.")
        self.assertTrue(self.directory.enter.instate(["disabled"]))

    def test_remote_names_are_escaped_and_fit(self) -> None:
        self.show(("a\u202eb \U0001f600", 1))
        self.assertIn("a\\u202eb ?", self.texts())

    def test_the_filter(self) -> None:
        self.show()
        self.press(self.directory.filter, "L")
        self.assertEqual([name for name, _online in self.directory.listed], ["lobby", "lab"])
        self.assertEqual(self.said(), "2 rooms")
        self.press(self.directory.filter, "a", "<Return>")
        self.assertEqual(self.joined, ["lab"])
        self.assertFalse(self.directory.is_open)

    def test_a_filter_that_leaves_nothing(self) -> None:
        self.show()
        self.press(self.directory.filter, "x", "<Return>")
        self.assertEqual(self.said(), "No room is called that.")
        self.assertEqual(self.joined, [])

    def test_what_no_room_is_called_can_be_created_from_there(self) -> None:
        self.show()
        self.directory.filter.text = " brand new "
        self.press(self.directory.filter, "<Return>")
        self.assertEqual((self.joined, self.directory.by_name.text), ([], "brand new"))
        self.assertIs(self.root.focus_get(), self.directory.by_name)
        self.press(self.directory.by_name, "<Return>")
        self.assertEqual(self.joined, ["brand new"])

    def test_keys_in_the_filter_choose_a_row(self) -> None:
        self.show()
        self.press(self.directory.filter, "<Down>", "<Return>")
        self.assertEqual(self.joined, ["lab"])

    def test_the_button_joins_the_chosen_row(self) -> None:
        self.show()
        self.press(self.directory.listing.canvas, "<End>")
        self.directory.enter.invoke()
        self.assertEqual(self.joined, ["Küche"])

    def test_a_double_click_joins(self) -> None:
        self.show()
        place = self.directory.listing.place_of(1)
        assert place is not None
        for event in ("<ButtonPress-1>", "<ButtonRelease-1>", "<ButtonPress-1>", "<ButtonRelease-1>"):
            self.directory.listing.canvas.event_generate(event, x=40, y=place.middle)
        self.settle()
        self.assertEqual(self.joined, ["lab"])

    def test_join_or_create_by_name(self) -> None:
        self.press(self.directory.by_name, "o", "f", "f", "<Return>")
        self.assertEqual(self.joined, ["off"])
        self.assertFalse(self.directory.is_open)

    def test_what_is_wrong_is_said_beside_the_field_until_it_is_changed(self) -> None:
        self.problem = "A room name cannot be that."
        self.press(self.directory.by_name, "a", "<Return>")
        self.assertTrue(self.directory.is_open)
        self.assertEqual(self.directory.problem.cget("text"), self.problem)
        self.press(self.directory.by_name, "b")
        self.assertEqual(self.directory.problem.cget("text"), "")

    def test_no_name_at_all(self) -> None:
        self.directory.create.invoke()
        self.assertEqual(self.joined, [])
        self.assertEqual(self.directory.problem.cget("text"), "Say which room.")

    def test_asking_again_keeps_the_chosen_row(self) -> None:
        self.show()
        self.press(self.directory.listing.canvas, "<End>")
        self.directory.again.invoke()
        self.assertEqual(self.asked, 2)
        self.show(("Küche", 30), ("lobby", 12))
        self.assertEqual(self.directory.listing.cursor, 0)

    def test_a_refusal_ends_the_waiting(self) -> None:
        self.directory.explain("You are offline.")
        self.assertEqual(self.said(), "")
        self.assertEqual(self.directory.problem.cget("text"), "You are offline.")
        self.assertFalse(self.directory.again.instate(["disabled"]))

    def test_it_fits_into_a_small_window(self) -> None:
        self.root.geometry("480x400")
        self.root.update()
        self.problem = "A sentence that goes on for longer than there is room for in a window that is as small as this."
        self.press(self.directory.by_name, "a", "<Return>")
        for widget in (self.directory.create, self.directory.problem, self.directory.listing):
            bottom = widget.winfo_rooty() + widget.winfo_height()
            self.assertLessEqual(bottom, self.root.winfo_rooty() + self.root.winfo_height())
        self.assertGreaterEqual(self.directory.listing.winfo_height(), self.directory.listing.row_px)

    def test_escape_closes_it(self) -> None:
        self.press(self.directory.filter, "a", "<Escape>")
        self.assertFalse(self.directory.is_open)


if __name__ == "__main__":
    unittest.main()
