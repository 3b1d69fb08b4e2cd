"""The list of who is online, in the window of `test_ui_window`."""

from __future__ import annotations

import unittest

from chat_core.client.events import LoggedIn, PresenceChanged
from tests.test_ui_window import WindowCase


class TestPeopleView(WindowCase):
    def setUp(self) -> None:
        super().setUp()
        self.go_online()
        self.roster = self.page.people
        self.crowd = tuple(f"participant of the course {number:03}" for number in range(300))

    def come_in(self, *names: str) -> None:
        self.take(PresenceChanged("lobby", len(names), names, (), (), ()))

    def point_at(self, row: int) -> None:
        x, y, _, height = self.roster.names.bbox(row) or (0, 0, 0, 0)
        self.roster.names.event_generate("<Motion>", x=x + 5, y=y + height // 2)
        self.settle()

    def test_long_names_that_begin_alike_can_be_told_apart(self) -> None:
        self.come_in("Ann", *self.crowd)
        rows = self.roster.names.get(0, "end")
        self.assertEqual(len(set(rows)), 301)
        self.assertEqual(rows[0], "Ann (you)")
        self.assertRegex(rows[1], r"^parti\w* ?.*….*000$")
        widest = max(self.page.tk.call("font", "measure", self.roster.names.cget("font"), row) for row in rows)
        self.assertLessEqual(widest, self.roster.names.winfo_width())

    def test_the_own_mark_is_never_cut(self) -> None:
        self.take(LoggedIn("w" * 32, "Office", "", ("lobby",), is_new_log=False))
        self.come_in("w" * 32)
        self.assertRegex(self.roster.names.get(0), r"^w+…w+ \(you\)$")

    def test_the_whole_name_is_shown_under_the_pointer_where_it_is_cut(self) -> None:
        self.come_in("Ann", *self.crowd)
        self.point_at(2)
        self.assertTrue(self.roster.whole_name.winfo_ismapped())
        self.assertEqual(self.roster.whole_name.cget("text"), "participant of the course 001")
        self.point_at(0)
        self.assertFalse(self.roster.whole_name.winfo_ismapped())
        self.point_at(2)
        self.come_in("Ann")
        self.assertFalse(self.roster.whole_name.winfo_ismapped())
        self.roster.names.event_generate("<Motion>", x=5, y=200)  # below the last
        self.settle()
        self.assertFalse(self.roster.whole_name.winfo_ismapped())

    def test_its_width_is_the_same_with_and_without_a_scroll_bar(self) -> None:
        self.come_in("Ann")
        width = self.roster.winfo_width()
        self.come_in("Ann", *self.crowd)
        self.assertEqual(self.roster.winfo_width(), width)

    def test_a_narrow_window_does_without_it(self) -> None:
        for size, is_shown in (("480x400", False), ("900x640", True), ("590x500", False), ("700x500", True)):
            with self.subTest(size=size):
                self.root.geometry(size)
                self.settle()
                self.root.update()
                self.assertEqual(bool(self.roster.winfo_ismapped()), is_shown)


if __name__ == "__main__":
    unittest.main()
