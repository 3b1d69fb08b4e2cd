"""What the pointer and the keys do in the list of messages: links, offers, the menu, copying."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.conversation_case import GRIN, ConversationViewCase
from tests.display import CAN_OPEN_WINDOWS
from tests.test_ui_conversation_model import NOON_MS

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk


class TestPointing(ConversationViewCase):
    def test_a_link_is_opened_by_a_click_but_not_by_selecting(self) -> None:
        self.say("see https://example.org/a?b=c&d now", "and https://example.org/other")
        self.draw()
        self.click("example.org/a")
        self.click("see ")
        self.assertEqual(self.asked, [("open", "https://example.org/a?b=c&d")])
        self.select("1.0", "2.0")
        self.click("example.org/other", button=3)
        self.view.pointing.menu.unpost()
        self.assertEqual(len(self.asked), 1)

    def test_links_and_offers_are_reached_by_tab(self) -> None:
        after = tk.Entry(self.root)
        after.pack()
        self.say("see https://example.org/1 and https://example.org/2")
        self.room.pending_refused("m9", "no", "No.", NOON_MS)
        self.draw()
        self.press("<Tab>", "<Tab>", "<Return>", "<Tab>", "<space>")
        self.assertEqual(self.asked, [("open", "https://example.org/2"), ("send again", "m9")])
        self.press("<Tab>", "<Tab>", "<Tab>")
        self.assertIs(self.root.focus_get(), after)
        self.assertFalse(self.text.tag_ranges("chosen"))

    def test_without_links_tab_goes_on_at_once(self) -> None:
        after = tk.Entry(self.root)
        after.pack()
        self.say("nothing here")
        self.draw()
        self.press("<Tab>")
        self.assertIs(self.root.focus_get(), after)

    def labels(self) -> list[str]:
        menu = self.view.pointing.menu
        last = menu.index("end")
        assert last is not None
        return [str(menu.entrycget(number, "label")) for number in range(last + 1) if menu.type(number) != "separator"]

    def test_the_menu_offers_what_can_be_done_with_what_is_under_the_pointer(self) -> None:
        self.say("see https://example.org/x")
        self.draw()
        menu = self.view.pointing.menu
        self.click("example", button=3)
        self.addCleanup(menu.unpost)
        self.assertEqual(self.labels(), ["Copy", "Copy message", "Copy link", "Open link", "Mention Bob"])
        menu.invoke(4)
        menu.invoke(2)
        self.assertEqual(self.root.clipboard_get(), "https://example.org/x")
        menu.invoke(1)
        self.assertEqual(self.root.clipboard_get(), "[12:00] Bob: see https://example.org/x")
        self.assertEqual(self.asked, [("mention", "Bob")])

    def test_the_menu_comes_by_key_for_the_last_message_on_screen(self) -> None:
        self.say("first")
        self.room.pending_refused("m9", "no", "No.", NOON_MS)
        self.draw()
        menu = self.view.pointing.menu
        self.press("<Shift-F10>")
        self.addCleanup(menu.unpost)
        self.assertEqual(self.labels(), ["Copy", "Copy message", "Send again", "Edit", "Discard"])
        menu.invoke("end")
        self.assertEqual(self.asked, [("discard", "m9")])

    def test_when_it_was_is_told_where_the_pointer_rests(self) -> None:
        self.say("hello")
        self.draw()
        moment = self.view.pointing.moment
        box = self.text.bbox(self.place("hello"))
        assert box is not None
        self.text.event_generate("<Motion>", x=box[0] + 3, y=box[1] + 3)
        self.until(lambda: bool(moment.winfo_ismapped()))
        self.assertEqual(moment.cget("text"), "Monday, 2 March 2026, 12:00:00")
        self.text.event_generate("<Leave>")
        self.settle()
        self.assertFalse(moment.winfo_ismapped())

    def test_when_it_was_is_not_told_of_what_has_moved_away(self) -> None:
        self.say_many(60)
        self.draw()
        moment = self.view.pointing.moment
        box = self.text.bbox(self.place("text 58"))
        assert box is not None
        self.text.event_generate("<Motion>", x=box[0] + 3, y=box[1] + 3)
        self.until(lambda: bool(moment.winfo_ismapped()))
        self.say_many(5)
        self.draw()
        self.assertFalse(moment.winfo_ismapped())


class TestCopying(ConversationViewCase):
    def test_within_one_message_it_is_exactly_what_is_selected(self) -> None:
        self.unfit = GRIN
        self.say(f"one {GRIN} two `three`\nfour")
        self.draw()
        self.select(self.place("one"), self.place("three") + " + 2 chars")
        self.assertEqual(self.copied(), f"one {GRIN} two th")
        self.select(self.place("Bob"), self.place("four") + " lineend")
        self.assertEqual(self.copied(), f"one {GRIN} two three\nfour")

    def test_breaks_that_only_showing_needs_are_not_copied(self) -> None:
        self.say("x" * 5_000)
        self.draw()
        self.select(self.place("xxx"), "end")
        self.assertEqual(self.copied(), "x" * 5_000)

    def test_of_several_each_has_time_and_author_and_whole_ones_are_as_they_came(self) -> None:
        self.say("one `and` two", "/me waves", "row\n" * 40 + "last")
        self.say("the end", sender="Cid")
        self.room.add_pending("m9", "mine", NOON_MS)
        self.draw()
        self.select(self.place("two"), self.place("the end") + " + 3 chars")
        self.assertEqual(
            self.copied(),
            "[12:00] Bob: two\n[12:00] Bob waves\n[12:00] Bob: " + "row\n" * 40 + "last\n[12:00] Cid: the",
        )
        self.select(self.place("one"), "end-1c")
        self.assertEqual(
            self.copied(),
            "[12:00] Bob: one `and` two\n[12:00] Bob waves\n[12:00] Bob: " + "row\n" * 40 + "last\n"
            "[12:00] Cid: the end\n[12:00] Ann: mine",
        )

    def test_all_is_all_of_the_conversation(self) -> None:
        self.say_many(5_000)
        self.draw()
        self.press("<<SelectAll>>")
        copied = self.copied().split("\n")
        self.assertEqual((len(copied), copied[0], copied[-1]), (5_000, "[12:00] Bob: text 1", "[12:00] Bob: text 5000"))

    def test_nothing_selected_leaves_the_clipboard_alone(self) -> None:
        self.root.clipboard_clear()
        self.root.clipboard_append("before")
        self.say("hello")
        self.draw()
        self.assertEqual(self.copied(), "before")

    def test_all_is_also_what_waits_and_what_was_refused_dragged_or_not(self) -> None:
        self.say("hello")
        self.room.add_pending("m1", "waiting", NOON_MS)
        self.room.pending_refused("m2", "/me waves", "No.", NOON_MS)
        self.room.add_pending("m3", "of another run", None)
        self.draw()
        everything = "[12:00] Bob: hello\n[12:00] Ann: waiting\n[12:00] Ann waves\nAnn: of another run"
        self.press("<<SelectAll>>")
        self.assertEqual(self.copied(), everything)
        self.select(self.place("hello"), self.place("of another run") + " lineend")
        copied = self.copied()
        self.assertTrue(copied.startswith("[12:00] Bob: hello\n[12:00] Ann: waiting\n"), copied)
        self.assertTrue(copied.endswith("\nAnn: of another run"), copied)

    def test_of_several_days_each_stands_before_what_was_said_on_it(self) -> None:
        day_ms = 24 * 3_600_000
        self.say("one")
        self.say("two", "three", after_ms=day_ms)
        self.room.add_pending("m1", "mine", NOON_MS + 2 * day_ms)
        self.draw()
        rows = [
            "Monday, 2 March 2026", "[12:00] Bob: one", "Tuesday, 3 March 2026", "[12:00] Bob: two",
            "[12:00] Bob: three", "Wednesday, 4 March 2026", "[12:00] Ann: mine",
        ]  # fmt: skip
        self.press("<<SelectAll>>")
        self.assertEqual(self.copied().split("\n"), rows)
        self.select(self.place("one"), self.place("two") + " lineend")
        self.assertEqual(self.copied().split("\n"), rows[:4])
        self.select(self.place("two"), self.place("three") + " lineend")
        self.assertEqual(self.copied().split("\n"), rows[3:5], "of one day as ever")


if __name__ == "__main__":
    unittest.main()
