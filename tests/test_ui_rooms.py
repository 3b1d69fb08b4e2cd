"""The pane of rooms: the order of its rows and which comes next; and under a display, what it draws and hands back."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model.attention import Level
from chat_core.ui.model.palette import DARK
from chat_core.ui.model.rooms import RoomRow, next_room, next_unread, sort_rows
from tests.canvas import catch_popups, drawn, texts
from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING:
    import tkinter as tk

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.rooms import Deed, RoomsView


def row(room: str, unread: int = 0, mentions: int = 0, level: Level = Level.ALL, *, is_shown: bool = False) -> RoomRow:
    return RoomRow(room, room, unread, mentions, level, is_shown)


class TestOrder(unittest.TestCase):
    def test_by_title_whatever_waits_in_them(self) -> None:
        rows = [row("beta", unread=9), row("Alpha"), row("gamma", mentions=1), row("alpha 2")]
        self.assertEqual([each.room for each in sort_rows(rows)], ["Alpha", "alpha 2", "beta", "gamma"])


class TestNextRoom(unittest.TestCase):
    ROWS = (row("a"), row("b"), row("c"))

    def test_up_and_down_around_the_ends(self) -> None:
        for shown, step, expected in (("a", 1, "b"), ("c", 1, "a"), ("a", -1, "c"), ("b", -1, "a")):
            with self.subTest(shown=shown, step=step):
                self.assertEqual(next_room(self.ROWS, shown, step), expected)

    def test_from_none_to_the_nearer_end(self) -> None:
        self.assertEqual(next_room(self.ROWS, "", 1), "a")
        self.assertEqual(next_room(self.ROWS, "", -1), "c")

    def test_no_rooms_and_only_one(self) -> None:
        self.assertEqual(next_room((), "a", 1), "")
        self.assertEqual(next_room((row("a"),), "a", 1), "a")


class TestNextUnread(unittest.TestCase):
    def test_the_next_below_and_around_the_end(self) -> None:
        rows = (row("a", unread=1), row("b"), row("c"), row("d", unread=2))
        self.assertEqual(next_unread(rows, "b"), "d")
        self.assertEqual(next_unread(rows, "d"), "a")

    def test_mentions_first(self) -> None:
        rows = (row("a", unread=1), row("b", unread=1), row("c", unread=5, mentions=1))
        self.assertEqual(next_unread(rows, "a"), "c")

    def test_never_the_room_that_is_shown_nor_one_that_is_silenced(self) -> None:
        rows = (row("a", unread=3), row("b", unread=4, mentions=4, level=Level.NOTHING), row("c"))
        self.assertEqual(next_unread(rows, "a"), "")
        self.assertEqual(next_unread(rows, "c"), "a")

    def test_from_no_room_at_all(self) -> None:
        self.assertEqual(next_unread((row("a"), row("b", unread=1)), ""), "b")
        self.assertEqual(next_unread((), ""), "")


class TestRoomsView(ViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.went_to: list[str] = []
        self.deeds: list[tuple[str, Deed]] = []
        self.added = 0
        self.view = RoomsView(
            self.root, self.theme, lambda text: text.replace("\U0001f600", "?"),
            show=self.went_to.append, add=self.add, menu=lambda room, deed: self.deeds.append((room, deed)),
        )  # fmt: skip
        self.view.pack(side="left", fill="y")
        self.canvas = self.view.listing.canvas

    def add(self) -> None:
        self.added += 1

    def draw(self, *rows: RoomRow) -> None:
        self.view.draw(rows, "Office")
        self.settle()

    def texts(self) -> list[str]:
        return texts(self.canvas)

    def font_of(self, text: str) -> str:
        return drawn(self.canvas, "text", "font")[self.texts().index(text)]

    def press(self, *keys: str) -> None:
        self.canvas.focus_force()
        self.settle()
        for key in keys:
            self.canvas.event_generate(key)
        self.settle()

    def click(self, number: int, button: int = 1) -> None:
        place = self.view.listing.place_of(number)
        assert place is not None
        for event in ("ButtonPress", "ButtonRelease"):
            self.canvas.event_generate(f"<{event}-{button}>", x=60, y=place.middle)
        self.settle()

    def labels_of_menu(self) -> list[str]:
        last = self.view.menu.index("end")
        assert last is not None
        kinds = [(number, self.view.menu.type(number)) for number in range(last + 1)]
        return [self.view.menu.entrycget(number, "label") for number, kind in kinds if kind != "separator"]

    def test_what_a_row_says(self) -> None:
        self.draw(row("lobby", is_shown=True), row("lab", 12, 2), row("noise", 5, level=Level.NOTHING))
        self.assertEqual(self.view.server.cget("text"), "Office")
        self.assertEqual(self.texts(), ["#", "lobby", "#", "12", "@", "lab", "#", "5", "noise"])
        self.assertEqual(self.font_of("lab"), str(self.theme.bold))
        self.assertEqual(self.font_of("lobby"), str(self.theme.font))
        self.assertEqual(self.font_of("noise"), str(self.theme.font))

    def test_a_long_title_and_a_great_number_have_their_bounds(self) -> None:
        self.draw(row("w" * 60, unread=12345))
        count, title = self.texts()[1:]
        self.assertEqual(count, "999+")
        self.assertRegex(title, "^w+…$")

    def test_remote_texts_are_made_fit_to_be_drawn(self) -> None:
        self.view.draw([RoomRow("a", "fun \U0001f600")], "Ser\u202ever \U0001f600")
        self.settle()
        self.assertIn("fun ?", self.texts())
        self.assertEqual(self.view.server.cget("text"), "Ser\\u202ever ?")

    def test_a_click_shows_a_room(self) -> None:
        self.draw(row("a", is_shown=True), row("b"))
        self.click(1)
        self.assertEqual(self.went_to, ["b"])

    def test_keys_show_a_room(self) -> None:
        self.draw(row("a", is_shown=True), row("b"), row("c"))
        self.press("<Down>", "<Down>", "<Up>", "<Return>")
        self.assertEqual(self.went_to, ["b"])
        self.press("<End>", "<space>", "<Home>", "<Return>")
        self.assertEqual(self.went_to, ["b", "c", "a"])

    def test_the_cursor_stays_on_its_room_and_goes_with_the_one_shown(self) -> None:
        self.draw(row("b", is_shown=True), row("c"))
        self.press("<Down>")
        self.draw(row("a", unread=1), row("b", is_shown=True), row("c"))
        self.assertEqual(self.view.listing.cursor, 2)
        self.draw(row("a", is_shown=True), row("b"), row("c"))
        self.assertEqual(self.view.listing.cursor, 0)

    def test_the_room_shown_is_seen_among_a_hundred(self) -> None:
        rows = [row(f"room {number:03}") for number in range(100)]
        rows[90] = row("room 090", is_shown=True)
        self.draw(*rows)
        self.assertIn("room 090", self.texts())
        self.assertLess(len(self.texts()), 100)

    def test_drawing_the_same_again_draws_nothing(self) -> None:
        self.draw(row("a"), row("b"))
        items = self.canvas.find_all()
        self.draw(row("a"), row("b"))
        self.assertEqual(self.canvas.find_all(), items)

    def test_the_button_and_a_new_theme(self) -> None:
        self.view.add.invoke()
        self.assertEqual(self.added, 1)
        self.draw(row("a"))
        self.theme.use(DARK)
        self.settle()
        self.assertEqual(self.canvas.cget("background"), DARK.side)

    def test_the_menu_of_a_room(self) -> None:
        popped = catch_popups(self.view.menu)
        self.draw(row("a", is_shown=True), row("b", level=Level.MENTIONS))
        self.click(1, button=3)
        self.assertEqual(len(popped), 1)
        self.assertEqual(
            self.labels_of_menu(),
            [
                "Notify me of every message", "Notify me when I am mentioned", "Do not notify me",
                "Save the conversation…", "Leave the room",
            ],
        )  # fmt: skip
        chosen = self.view.menu.entrycget(1, "variable")
        self.assertEqual(str(self.root.tk.call("set", str(chosen))), Level.MENTIONS.value)
        for number in (0, 1, 2, 4, 5):
            self.view.menu.invoke(number)
        self.assertEqual(self.deeds, [("b", deed) for deed in Deed])

    def test_the_menu_comes_by_key_too(self) -> None:
        popped = catch_popups(self.view.menu)
        self.draw(row("a", is_shown=True), row("b"))
        self.press("<Down>", "<Shift-F10>")
        self.assertEqual(len(popped), 1)
        self.view.menu.invoke("end")
        self.assertEqual(self.deeds, [("b", Deed.LEAVE)])

    def test_keys_of_the_window_pass_the_list_by(self) -> None:
        told: list[str] = []
        self.root.bind("<Alt-Down>", lambda _event: told.append("next room"))
        self.draw(row("a", is_shown=True), row("b"))
        self.press("<Alt-Down>")
        self.assertEqual(told, ["next room"])
        self.assertEqual(self.view.listing.cursor, 0)

    def test_its_parts_can_be_reached_in_order(self) -> None:
        self.draw(row("a"))
        self.canvas.focus_force()
        self.settle()
        after: tk.Misc | None = self.canvas.tk_focusNext()
        self.assertIs(after, self.view.add)


if __name__ == "__main__":
    unittest.main()
