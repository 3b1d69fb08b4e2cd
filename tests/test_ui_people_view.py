"""The list of who is online beside the conversation, with real events."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model.palette import DARK
from tests.canvas import catch_popups, drawn
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk
    from tkinter import ttk

    from chat_core.ui.view.people import PeopleView

CROWD = tuple(f"participant of the course {number:03}" for number in range(300))


class TestPeopleView(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.mentioned: list[str] = []
        page = ttk.Frame(self.root)
        page.pack(fill="both", expand=True)
        self.view = PeopleView(
            page, self.theme, lambda text: text.replace("\U0001f600", "?"), mention=self.mentioned.append
        )
        self.view.pack(side="right", fill="y")
        self.listing, self.canvas = self.view.listing, self.view.listing.canvas
        self.settle()

    def draw(self, *names: str, online: int = 0, own: str = "Ann", away: frozenset[str] = frozenset()) -> None:
        self.view.draw(names, online or len(names), own, away)
        self.settle()

    def items(self, kind: str, option: str) -> list[str]:
        return drawn(self.canvas, kind, option)

    def press(self, widget: tk.Misc, *keys: str) -> None:
        widget.focus_force()
        self.settle()
        for key in keys:
            widget.event_generate(key)
        self.settle()

    def pointed(self, event: str, row: int) -> None:
        place = self.listing.place_of(row)
        assert place is not None
        self.canvas.event_generate(event, x=40, y=place.middle)
        self.settle()

    def labels_of_menu(self) -> list[str]:
        last = self.view.menu.index("end")
        return [self.view.menu.entrycget(number, "label") for number in range((-1 if last is None else last) + 1)]

    # --- what it shows

    def test_the_count(self) -> None:
        self.assertEqual(self.view.count.cget("text"), "")
        self.draw("Ann", "Bob")
        self.assertEqual(self.view.count.cget("text"), "2 online")
        self.draw()
        self.assertEqual(self.view.count.cget("text"), "People")

    def test_our_own_name_first_and_marked(self) -> None:
        self.draw("Adam", "Ann", "Bob")
        self.assertEqual(self.view.rows(), ("Ann (you)", "Adam", "Bob"))
        self.assertEqual(self.items("text", "text"), ["Ann", "(you)", "Adam", "Bob"])

    def test_who_is_away(self) -> None:
        self.draw("Ann", "Bob", "Cid", away=frozenset({"Ann", "Cid"}))
        self.assertEqual(self.view.rows(), ("Ann (you, away)", "Bob", "Cid away"))
        dots = self.items("image", "image")
        self.assertEqual(dots[0], dots[2])
        self.assertNotEqual(dots[0], dots[1])
        self.draw("Ann", "Bob", "Cid")
        self.assertEqual(self.view.rows(), ("Ann (you)", "Bob", "Cid"))

    def test_names_have_the_colours_they_have_in_the_conversation(self) -> None:
        self.draw("Ann", "Bob")
        ann, _mark, bob = self.items("text", "fill")
        self.assertEqual(ann, self.theme.palette.names[self.theme.name_colour("Ann")])
        self.assertEqual(bob, self.theme.palette.names[self.theme.name_colour("Bob")])

    def test_remote_names_are_escaped_and_fit(self) -> None:
        self.draw("B\u202eob \U0001f600")
        self.assertEqual(self.view.rows(), ("B\\u202eob ?",))

    def test_those_who_are_not_known_by_name_are_counted_at_the_end(self) -> None:
        self.draw("Ann", "Bob", online=700)
        self.assertEqual(self.items("text", "text")[-1], "and 698 more")
        self.press(self.canvas, "<End>", "<Return>")
        self.assertEqual(self.mentioned, [])

    def test_long_names_that_begin_alike_can_be_told_apart(self) -> None:
        self.draw("Ann", *CROWD)
        shown = self.items("text", "text")
        self.assertEqual(len(set(shown)), len(shown))
        self.assertRegex(shown[2], r"^parti\w* ?.*….*000$")
        for item in self.canvas.find_all():
            self.assertLessEqual(self.canvas.bbox(item)[2], self.canvas.winfo_width())

    def test_the_own_mark_is_never_cut(self) -> None:
        self.draw("w" * 32, own="w" * 32)
        name, mark = self.items("text", "text")
        self.assertRegex(name, "^w+…w+$")
        self.assertEqual(mark, "(you)")
        self.assertLessEqual(self.canvas.bbox("all")[2], self.canvas.winfo_width())

    def test_the_whole_name_is_shown_under_the_pointer_where_it_is_cut(self) -> None:
        self.draw("Ann", *CROWD)
        self.pointed("<Motion>", 2)
        self.assertTrue(self.view.whole_name.winfo_ismapped())
        self.assertEqual(self.view.whole_name.cget("text"), "participant of the course 001")
        self.assertLessEqual(
            self.view.whole_name.winfo_rootx() + self.view.whole_name.winfo_width(), self.view.winfo_rootx()
        )
        self.pointed("<Motion>", 0)
        self.assertFalse(self.view.whole_name.winfo_ismapped())
        self.pointed("<Motion>", 2)
        self.draw("Ann")
        self.assertFalse(self.view.whole_name.winfo_ismapped())
        self.canvas.event_generate("<Motion>", x=5, y=200)  # below the last
        self.settle()
        self.assertFalse(self.view.whole_name.winfo_ismapped())

    def test_its_width_is_the_same_with_and_without_a_scroll_bar(self) -> None:
        self.draw("Ann")
        widths = self.view.winfo_width(), self.canvas.winfo_width()
        self.draw("Ann", *CROWD)
        self.assertEqual((self.view.winfo_width(), self.canvas.winfo_width()), widths)

    def test_drawing_the_same_again_draws_nothing(self) -> None:
        self.draw("Ann", "Bob")
        items = self.canvas.find_all()
        self.draw("Ann", "Bob")
        self.assertEqual(self.canvas.find_all(), items)

    def test_it_follows_theme_and_zoom(self) -> None:
        self.draw("Ann", "Bob")
        row = self.listing.row_px
        self.theme.use(DARK)
        self.theme.set_zoom(200)
        self.settle()
        self.assertEqual(self.canvas.cget("background"), DARK.side)
        self.assertIn(DARK.names[self.theme.name_colour("Ann")], self.items("text", "fill"))
        self.assertGreater(self.listing.row_px, row)

    # --- ten thousand

    def test_what_is_drawn_is_what_is_seen_and_scrolling_reaches_all(self) -> None:
        names = tuple(f"person {number:05}" for number in range(10_000))
        self.draw(*names)
        self.assertLess(len(self.canvas.find_all()), 200)
        self.press(self.canvas, "<End>")
        self.assertIn("person 09999", self.items("text", "text"))
        self.press(self.canvas, "<Home>")
        self.assertIn("person 00000", self.items("text", "text"))
        for _turn in range(5):
            if tk.TkVersion < 8.7:
                self.canvas.event_generate("<Button-5>")
            else:
                self.canvas.event_generate("<MouseWheel>", delta=-120)
        self.settle()
        self.assertEqual(self.listing.first, 15)

    def test_what_is_seen_stays_when_others_come_and_go(self) -> None:
        self.draw(*CROWD)
        self.press(self.canvas, *["<Next>"] * 4)
        first, cursor = self.listing.first, self.listing.cursor
        self.assertGreater(first, 0)
        self.draw(*CROWD[:-1])
        self.assertEqual((self.listing.first, self.listing.cursor), (first, cursor))
        self.draw("Aaron", *CROWD[:-1])  # the cursor stays on its person
        self.assertEqual(self.listing.cursor, cursor + 1)

    # --- the filter

    def test_the_filter_works_at_every_key(self) -> None:
        self.draw("Ann", "Bob", "bobby", "Cid")
        self.press(self.view.filter, "B", "o")
        self.assertEqual(self.view.rows(), ("Bob", "bobby"))
        self.press(self.view.filter, "x")
        self.assertEqual(self.view.rows(), ())
        self.assertTrue(self.view.nobody.winfo_ismapped())
        self.press(self.view.filter, "<Escape>")
        self.assertEqual(len(self.view.rows()), 4)
        self.assertFalse(self.view.nobody.winfo_ismapped())

    def test_escape_in_an_empty_filter_is_for_the_window(self) -> None:
        told: list[object] = []
        self.root.bind("<Escape>", told.append)
        self.press(self.view.filter, "a", "<Escape>")
        self.assertEqual(told, [])
        self.press(self.view.filter, "<Escape>")
        self.assertEqual(len(told), 1)

    def test_the_filter_holds_when_people_come(self) -> None:
        self.draw("Ann", "Bob")
        self.press(self.view.filter, "b", "o")
        self.draw("Ann", "Bob", "Bo")
        self.assertEqual(self.view.rows(), ("Bob", "Bo"))

    def test_typing_over_the_list_filters(self) -> None:
        self.draw("Ann", "Bob")
        self.press(self.canvas, "b")
        self.assertIs(self.root.focus_get(), self.view.filter)
        self.assertEqual(self.view.rows(), ("Bob",))
        self.press(self.canvas, "<Control-Key-k>", "<Alt-Key-a>")
        self.assertEqual(self.view.filter.text, "b")

    def test_keys_of_the_window_pass_the_filter_by(self) -> None:
        told: list[str] = []
        self.root.bind("<Alt-Down>", lambda _event: told.append("next room"))
        self.draw("Ann", "Bob")
        self.press(self.view.filter, "<Alt-Down>")
        self.assertEqual(told, ["next room"])
        self.assertIs(self.root.focus_get(), self.view.filter)

    def test_from_the_filter_into_the_list_and_to_a_mention(self) -> None:
        self.draw("Ann", "Bob", "bobby")
        self.press(self.view.filter, "b", "<Down>")
        self.assertIs(self.root.focus_get(), self.canvas)
        self.press(self.canvas, "<Down>", "<Return>")
        self.assertEqual(self.mentioned, ["bobby"])

    # --- mentions and the menu

    def test_a_double_click_mentions(self) -> None:
        self.draw("Ann", "Bob")
        for event in ("<ButtonPress-1>", "<ButtonRelease-1>", "<ButtonPress-1>", "<ButtonRelease-1>"):
            self.pointed(event, 1)
        self.assertEqual(self.mentioned, ["Bob"])

    def test_nobody_mentions_themselves(self) -> None:
        self.draw("Ann", "Bob")
        self.press(self.canvas, "<Home>", "<Return>")
        self.assertEqual(self.mentioned, [])

    def test_the_menu(self) -> None:
        popped = catch_popups(self.view.menu)
        self.draw("Ann", "Bob")
        self.pointed("<Button-3>", 1)
        self.assertEqual(len(popped), 1)
        self.assertEqual(self.labels_of_menu(), ["Mention", "Copy name"])
        self.view.menu.invoke(0)
        self.view.menu.invoke(1)
        self.assertEqual(self.mentioned, ["Bob"])
        self.assertEqual(self.root.clipboard_get(), "Bob")
        self.press(self.canvas, "<Home>", "<Shift-F10>")
        self.assertEqual(len(popped), 2)
        self.assertEqual(self.labels_of_menu(), ["Copy name"])


if __name__ == "__main__":
    unittest.main()
