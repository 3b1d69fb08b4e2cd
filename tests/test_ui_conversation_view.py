"""The list of messages: where the reader stays, what slides in and out, what is beside the messages."""

from __future__ import annotations

import random
import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model.conversation import Conversation
from tests.conversation_case import GRIN, ConversationViewCase
from tests.display import CAN_OPEN_WINDOWS
from tests.test_ui_conversation_model import HOUR_MS, NOON_MS, bounds, message

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk


class TestFollowing(ConversationViewCase):
    def test_a_thousand_messages_are_one_insert_and_the_end_is_followed(self) -> None:
        self.say_many(1)
        self.draw()
        before = self.view.sheet.inserts
        self.say_many(1_000)
        self.view.draw(self.room, "Ann")
        self.assertEqual(self.view.sheet.inserts - before, 1)
        self.settle()
        self.assertTrue(self.is_at_end())
        self.assertTrue(self.shown().endswith("text 1001\n"))
        self.assertFalse(self.view.more.winfo_ismapped())

    def test_who_reads_further_up_is_left_there_and_told(self) -> None:
        self.say_many(300)
        self.draw()
        self.until_all_is_ready()
        self.text.yview_moveto(0.4)
        self.settle()
        top = self.text.index("@0,0")
        self.say("one more")
        self.draw()
        self.assertEqual(self.text.index("@0,0"), top)
        self.assertEqual(self.view.more.cget("text"), "1 new message ↓")
        self.room.add_note("Cid came in.", NOON_MS)
        self.say_many(2_000)
        self.draw()
        self.assertEqual(self.text.index("@0,0"), top)
        self.assertEqual(self.view.more.cget("text"), "2001 new messages ↓")
        self.view.more.invoke()
        self.settle()
        self.assertTrue(self.is_at_end())
        self.say("the last")
        self.draw()
        self.assertTrue(self.is_at_end())
        self.assertFalse(self.view.more.winfo_ismapped())

    def test_a_smaller_window_still_shows_the_end(self) -> None:
        self.say_many(100)
        self.draw()
        self.root.geometry("480x400")
        self.settle()
        self.assertTrue(self.is_at_end())

    def test_another_room_is_shown_from_its_end(self) -> None:
        self.say_many(100)
        self.draw()
        self.text.yview_moveto(0.0)
        self.draw()
        first, self.room = self.room, Conversation("den")
        self.say("in the den")
        self.draw()
        self.assertEqual(self.shown(), "  Monday, 2 March 2026  \nBob  12:00\nin the den\n")
        self.room = first
        self.draw()
        self.assertTrue(self.is_at_end())

    def test_what_is_about_to_be_drawn_does_not_outlive_the_view(self) -> None:
        self.say_many(2_000)
        self.view.draw(self.room, "Ann")
        self.view.highlight("text")
        self.view.destroy()
        is_over = tk.BooleanVar(self.root)
        self.root.after(15, is_over.set, True)
        self.until(is_over.get)
        self.assertFalse(self.root.winfo_children())


class TestSliding(ConversationViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.say_many(5_000)
        self.draw()
        self.until_all_is_ready()

    def top_text(self) -> str:
        return str(self.text.get("@0,0 linestart", "@0,0 lineend"))

    def test_what_is_drawn_stays_small_wherever_the_reader_goes(self) -> None:
        for fraction in (0.0, 0.9, 0.3, 0.35, 1.0):
            self.drag_to(fraction)
            self.until_all_is_ready()
            self.assertLess(self.view.sheet.rows_drawn, 3_200)
            self.assertGreater(self.view.sheet.rows_drawn, 1_000)

    def test_the_thumb_reaches_every_part_of_it(self) -> None:
        self.drag_to(0.0)
        self.assertIn("Monday", self.top_text())
        self.drag_to(0.5)
        number = int(self.top_text().split()[-1].replace("12:00", "2500"))
        self.assertAlmostEqual(number, 2_500, delta=30)
        self.assertAlmostEqual(self.view.bar.get()[0], 0.5, delta=0.01)
        self.drag_to(1.0)
        self.draw()
        self.assertTrue(self.view.follows_end)

    def test_a_small_drag_is_a_small_step(self) -> None:
        self.drag_to(0.5)
        self.until_all_is_ready()
        seen = []
        for step in range(30):
            self.drag_to(0.5 + step * 0.001)  # five messages
            seen.append(self.view.bar.get()[0])
        self.assertEqual(seen, sorted(seen))
        self.assertAlmostEqual(seen[-1], 0.529, delta=0.002)

    def test_pages_lead_through_all_of_it_without_a_gap(self) -> None:
        self.drag_to(0.06)
        seen = set()
        while not self.view.observe():
            self.press("<Prior>")
            bottom = self.text.index(f"@0,{self.text.winfo_height()}")
            seen |= set(self.text.get("@0,0 linestart", f"{bottom} lineend").split("\n"))
        self.assertLessEqual({f"text {seq}" for seq in range(1, 290)}, seen)
        self.press("<Next>", "<Next>")
        self.assertFalse(self.view.observe())

    def test_home_and_end_go_to_the_very_ends(self) -> None:
        self.press("<Home>")
        self.assertIn("Monday", self.top_text())
        self.assertIn("text 1\n", self.shown())
        self.press("<End>")
        self.assertTrue(self.is_at_end())
        self.assertIn("text 5000\n", self.shown())
        self.press("<Up>", "<Up>")
        self.assertFalse(self.is_at_end())

    def test_nothing_on_screen_moves_while_more_is_drawn_and_dropped_around_it(self) -> None:
        self.view.scroll_to(2_499)
        y = self.y_of("text 2500\n")
        self.assertGreater(y, 50)
        self.until_all_is_ready()
        self.assertEqual(self.y_of("text 2500\n"), y)
        self.say_many(1_500)
        with bounds(lines=5_000):
            self.room.trim(is_at_end=True)
        self.draw()
        self.until_all_is_ready()
        self.assertEqual(self.y_of("text 2500\n"), y)

    def test_what_is_dropped_under_the_reader_leaves_them_at_the_first_that_is_left(self) -> None:
        self.press("<Home>")
        self.draw()
        with bounds(lines=100):
            self.room.trim(is_at_end=True)
        self.draw()
        self.assertIn("Monday", self.top_text())
        self.assertIn("text 4901\n", self.shown())

    def test_cleared_is_empty_and_goes_on(self) -> None:
        self.room.clear()
        self.assertFalse(self.draw())
        self.assertEqual(self.shown(), "")
        self.assertFalse(self.draw())
        self.press("<Prior>")
        self.assertTrue(self.draw())
        self.say("after")
        self.draw()
        self.assertTrue(self.shown().endswith("after\n"))


class TestOlderMessages(ConversationViewCase):
    def setUp(self) -> None:
        super().setUp()
        self.room.begin(201, 1)
        self.say(*(f"text {seq}" for seq in range(201, 301)))
        self.assertFalse(self.draw())
        self.until_all_is_ready()

    def test_they_are_asked_for_at_the_beginning_and_nothing_jumps(self) -> None:
        self.text.yview_moveto(0.0)
        self.settle()
        self.assertTrue(self.draw())
        self.room.is_loading_older = True
        self.draw()
        self.assertTrue(self.view.loading.winfo_ismapped())
        y = self.y_of("text 201")
        self.room.prepend([message(seq) for seq in range(151, 201)], "Ann", has_older=True)
        self.draw()
        self.assertEqual(self.y_of("text 201"), y)
        self.assertFalse(self.view.loading.winfo_ismapped())
        self.assertLess(self.shown().index("text 151"), self.shown().index("text 201"))
        self.assertEqual(self.shown().count("Monday, 2 March 2026"), 1)
        self.assertFalse(self.draw())

    def test_days_are_parted_where_the_page_joins_up(self) -> None:
        self.text.yview_moveto(0.0)
        self.draw()
        self.room.prepend([message(200, after_ms=-24 * HOUR_MS)], "Ann", has_older=True)
        self.draw()
        self.assertIn("Sunday, 1 March 2026  \nBob  12:00\ntext 200\n  Monday, 2 March 2026  \n", self.shown())

    def test_who_reads_the_end_stays_there(self) -> None:
        self.room.prepend([message(seq) for seq in range(151, 201)], "Ann", has_older=True)
        self.draw()
        self.until_all_is_ready()
        self.assertTrue(self.is_at_end())
        self.assertIn("text 151", self.shown())


class TestUnread(ConversationViewCase):
    def test_the_line_stands_before_the_first_until_it_is_read(self) -> None:
        self.say_many(3)
        self.draw()
        self.say("new")
        self.room.mark_unread()
        self.draw()
        self.assertIn("text 3\n  New messages  \nnew\n", self.shown())
        self.room.mark_read()
        self.draw()
        self.assertNotIn("New messages", self.shown())

    def test_it_moves_nothing_that_is_read(self) -> None:
        self.say_many(300)
        self.draw()
        self.until_all_is_ready()
        self.view.scroll_to(150)
        y = self.y_of("text 151\n")
        self.room.set_read_seq(100)
        self.draw()
        self.assertIn("text 100\n  New messages  \n", self.shown())
        self.assertEqual(self.y_of("text 151\n"), y)
        self.room.mark_read()
        self.draw()
        self.assertEqual(self.y_of("text 151\n"), y)


class TestHighlight(ConversationViewCase):
    def marked(self, tag: str) -> list[str]:
        ranges = [str(place) for place in self.text.tag_ranges(tag)]
        return [str(self.text.get(first, last)) for first, last in zip(ranges[::2], ranges[1::2])]

    def test_what_is_on_screen_is_marked_and_the_current_line_more(self) -> None:
        self.say(f"{GRIN} a Tree and a {GRIN} tree", "no such thing", "TREE", sender="Treebeard")
        self.draw()
        self.view.highlight("tree", 2)
        self.settle()
        self.assertEqual((self.marked("found_soft"), self.marked("found")), (["Tree", "tree"], ["TREE"]))
        self.view.highlight("")
        self.settle()
        self.assertEqual((self.marked("found_soft"), self.marked("found")), ([], []))

    def test_a_line_far_away_is_brought_on_screen(self) -> None:
        self.say_many(8_000)
        self.draw()
        self.view.highlight("text 77", 76)
        self.settle()
        self.assertEqual(self.marked("found"), ["text 77"])
        self.assertIsNotNone(self.text.bbox(self.place("text 77\n")))
        self.draw()
        self.assertFalse(self.view.follows_end)

    def test_who_scrolls_finds_marks_there_too(self) -> None:
        self.say_many(300)
        self.draw()
        self.view.highlight("text 1")
        self.press("<Prior>", "<Prior>", "<Prior>", "<Prior>", "<Prior>")
        self.assertTrue(self.marked("found_soft"))

    def test_a_line_that_is_gone_is_passed_over(self) -> None:
        self.say_many(10)
        self.draw()
        self.view.highlight("text", 77)
        self.view.scroll_to(-5)
        self.assertTrue(self.is_at_end())


class TestPiecemeal(ConversationViewCase):
    """Whatever happens in whatever order, what is drawn is what would be drawn of these lines at once."""

    def test_it_is_what_would_be_drawn_at_once(self) -> None:
        chance = random.Random(5)
        self.room.begin(5_001, 1)
        for _turn in range(60):
            chance.choice((self.add_some, self.load_older, self.scroll, self.mark, self.trim, self.wait))(chance)
            self.draw()
            sheet = self.view.sheet
            drawn = self.shown()
            self.assertEqual(drawn.count("\n"), sheet.rows_drawn + self.rows_of_pending())
            numbers = range(sheet.low, sheet.high)
            rows = drawn.split("\n")
            for number in numbers:
                self.assertIn(
                    self.room.line(number).text, rows[sheet.row_of(number) - 1 : sheet.row_of(number + 1) - 1]
                )

    def rows_of_pending(self) -> int:
        return sum(len(pieces) and sum(p.text.count("\n") for p in pieces) for _each, pieces in self.view.sheet._tail)  # noqa: SLF001

    def add_some(self, chance: random.Random) -> None:
        for _each in range(chance.choice((1, 5, 150, 900))):
            self.say(f"text {self.room.last_seq + 1}", sender=chance.choice(("Ann", "Bob")))
            if chance.random() < 0.1:
                self.room.mark_unread()
        if chance.random() < 0.3:
            self.room.add_pending(f"m{chance.random()}", "mine", NOON_MS)

    def load_older(self, _chance: random.Random) -> None:
        first = self.room.first_seq
        page = [message(seq, after_ms=seq // 7 * HOUR_MS) for seq in range(max(1, first - 100), first)]
        self.room.prepend(page, "Ann", has_older=True)

    def scroll(self, chance: random.Random) -> None:
        if chance.random() < 0.3:
            self.view.follow()
        else:
            self.drag_to(chance.random())

    def mark(self, chance: random.Random) -> None:
        if chance.random() < 0.5:
            self.room.mark_read()
        else:
            self.room.set_read_seq(self.room.last_seq - chance.randrange(300))

    def trim(self, chance: random.Random) -> None:
        with bounds(lines=chance.choice((200, 1_500))):
            self.room.trim(is_at_end=True)

    def wait(self, _chance: random.Random) -> None:
        self.until_all_is_ready()


if __name__ == "__main__":
    unittest.main()
