from __future__ import annotations

import unittest
from datetime import datetime

from chat_core.messages import Message
from chat_core.ui.model import conversation as lines
from chat_core.ui.model.conversation import Conversation, LineKind, clock_of, day_of

NOON_MS = int(datetime(2026, 3, 2, 12, 0).timestamp() * 1000)  # a Monday, local time
HOUR_MS = 3_600_000


def message(seq: int, *, after_ms: int = 0, sender: str = "Bob", text: str = "") -> Message:
    return Message("lobby", seq, NOON_MS + after_ms, sender, f"m{seq}", text or f"text {seq}")


class ConversationCase(unittest.TestCase):
    def setUp(self) -> None:
        self.room = Conversation("lobby")

    def add(self, *messages: Message) -> None:
        for each in messages:
            self.room.add_message(each, is_own=False)

    def shown(self) -> list[str]:
        return [line.text for line in self.room.lines]


class TestTimes(unittest.TestCase):
    def test_time_and_day_are_local_and_english(self) -> None:
        self.assertEqual((clock_of(NOON_MS), day_of(NOON_MS)), ("12:00", "Monday, 2 March 2026"))

    def test_a_time_beyond_all_calendars_is_no_error(self) -> None:
        self.assertEqual((clock_of(2**53), day_of(2**53)), ("--:--", "Some day"))


class TestGrouping(ConversationCase):
    def names_shown(self) -> list[bool]:
        return [line.shows_name for line in self.room.lines if line.kind is LineKind.MESSAGE]

    def test_a_name_stands_over_what_its_person_says_in_a_row(self) -> None:
        self.add(message(1), message(2), message(3, sender="Cid"), message(4))
        self.assertEqual(self.names_shown(), [True, False, True, True])

    def test_it_is_said_again_after_a_pause(self) -> None:
        self.add(message(1), message(2, after_ms=HOUR_MS))
        self.assertEqual(self.names_shown(), [True, True])

    def test_it_is_said_again_after_a_note_and_after_many_messages(self) -> None:
        self.add(message(1))
        self.room.add_note("Cid came in.", NOON_MS)
        self.add(*map(message, range(2, 60)))
        self.assertEqual(self.names_shown().count(True), 4)

    def test_a_new_day_has_a_line_of_its_own(self) -> None:
        self.add(message(1), message(2, after_ms=24 * HOUR_MS))
        self.assertEqual(self.shown(), ["text 1", "Tuesday, 3 March 2026", "text 2"])
        self.assertEqual(self.names_shown(), [True, True])

    def test_a_note_belongs_to_the_day_of_the_messages(self) -> None:
        self.add(message(1))
        self.room.add_note("Cid came in.", NOON_MS + 13 * HOUR_MS)
        self.add(message(2))
        self.assertEqual(self.shown(), ["text 1", "Cid came in.", "text 2"])


class TestLongLines(ConversationCase):
    def test_a_long_line_is_broken_for_showing_and_short_ones_are_not(self) -> None:
        self.add(message(1, text="x" * 4_500 + "\n\nshort"))
        self.assertEqual([len(row) for row in self.shown()[0].split("\n")], [2000, 2000, 500, 0, 5])
        self.assertEqual(self.room.lines[0].rows, 6)


class TestFolding(ConversationCase):
    def test_a_text_of_many_lines_takes_few_until_all_of_it_is_wanted(self) -> None:
        text = "\n".join(str(number) for number in range(100))
        self.add(message(1), message(2, text=text))
        line = self.room.lines[1]
        self.assertEqual(line.shown.split("\n"), [str(number) for number in range(25)])
        self.assertEqual(f"{line.shown}\n{line.folded_away}", text)
        self.assertEqual((line.text, line.text_rows, line.rows), (text, 100, 26))
        self.room.unfold(1)
        line = self.room.lines[1]
        self.assertEqual((line.shown, line.folded_away, line.rows), (text, "", 100))

    def test_one_of_thirty_lines_is_shown_whole(self) -> None:
        self.add(message(1, text="x" + "\n" * 29), message(2, text="x" + "\n" * 30))
        self.assertEqual([line.is_folded for line in self.room.lines], [False, True])

    def test_a_folded_text_leaves_room_for_the_others(self) -> None:
        self.add(message(1), message(2, text="x" + "\n" * 7_999), message(3))
        self.room.trim(is_at_end=True)
        self.assertEqual(len(self.room.lines), 3)
        self.room.unfold(1)
        self.room.trim(is_at_end=True)
        self.assertLess(len(self.room.lines), 3)

    def test_what_waits_is_cut_and_can_be_taken_back_whole(self) -> None:
        text = "x\n" * 99 + "x"
        self.room.add_pending("m1", text, NOON_MS)
        self.assertEqual(self.room.pending["m1"].text, "x\n" * 25 + "… 100 lines in all")
        self.room.pending_refused("m1", text, "No.", NOON_MS)
        self.assertEqual(self.room.take_back("m1"), text)


class TestPrepending(ConversationCase):
    def setUp(self) -> None:
        super().setUp()
        self.room.begin(10, 1)
        self.add(message(10), message(11))

    def test_an_older_page_gets_the_numbers_before_the_first(self) -> None:
        self.room.prepend([message(8), message(9, sender="Ann")], "Ann", has_older=True)
        self.assertEqual((self.room.start, self.room.first_seq, self.room.has_older), (-2, 8, True))
        self.assertEqual(self.shown(), ["text 8", "text 9", "text 10", "text 11"])
        self.assertEqual([line.is_own for line in self.room.lines], [False, True, False, False])

    def test_days_are_parted_within_the_page_and_behind_it(self) -> None:
        self.room.prepend(
            [message(8, after_ms=-48 * HOUR_MS), message(9, after_ms=-24 * HOUR_MS)], "Ann", has_older=True
        )
        self.assertEqual(
            self.shown()[:5], ["text 8", "Sunday, 1 March 2026", "text 9", "Monday, 2 March 2026", "text 10"]
        )

    def test_a_page_that_does_not_join_up_is_dropped(self) -> None:
        self.room.is_loading_older = True
        self.room.prepend([message(3)], "Ann", has_older=True)
        self.assertEqual(self.shown(), ["text 10", "text 11"])
        self.assertFalse(self.room.is_loading_older)

    def test_an_empty_page_is_the_end_of_it(self) -> None:
        self.room.prepend([], "Ann", has_older=True)
        self.assertEqual((self.room.has_older, self.room.first_seq), (False, 10))

    def test_a_page_into_an_empty_room_stands_alone(self) -> None:
        self.room = Conversation("lobby")
        self.room.begin(3, 1)
        self.room.prepend([message(2)], "Ann", has_older=True)
        self.assertEqual(self.shown(), ["text 2"])


class TestTrimming(ConversationCase):
    def test_below_the_bound_nothing_goes(self) -> None:
        self.add(*map(message, range(1, 100)))
        self.room.trim(is_at_end=True)
        self.assertEqual((self.room.start, len(self.room.lines)), (0, 99))

    def test_the_oldest_go_and_can_be_loaded_again(self) -> None:
        self.add(*map(message, range(1, 4_000)))
        self.room.trim(is_at_end=False)
        self.assertEqual(len(self.room.lines), 3_999)
        self.room.trim(is_at_end=True)
        self.assertLessEqual(sum(line.rows for line in self.room.lines), lines.ROWS_MAX)
        self.assertGreater(len(self.room.lines), 2_800)
        first = self.room.lines[0]
        self.assertTrue(first.shows_name)
        self.assertEqual((self.room.first_seq, self.room.has_older), (first.seq, True))
        self.assertEqual(self.room.start, first.seq - 1)

    def test_a_day_does_not_stay_behind_alone(self) -> None:
        self.add(message(1), message(2, after_ms=24 * HOUR_MS))
        self.add(message(3, after_ms=24 * HOUR_MS, text="x" + "\n" * 3_500))
        self.room.unfold(3)
        self.room.trim(is_at_end=True)
        self.assertEqual([line.seq for line in self.room.lines], [3])

    def test_notes_that_go_leave_the_seqs_alone(self) -> None:
        for _ in range(3_001):
            self.room.add_note("Cid came in.", NOON_MS)
        self.room.trim(is_at_end=True)
        self.assertEqual((self.room.first_seq, self.room.has_older, self.room.start), (0, False, 1))

    def test_lines_of_another_log_leave_the_seqs_alone(self) -> None:
        self.add(*map(message, range(1, 2_900)))
        self.room.begin_again(1)
        self.add(*map(message, range(1, 200)))
        self.room.trim(is_at_end=True)
        self.assertEqual((self.room.first_seq, self.room.has_older), (1, False))

    def test_the_reader_further_up_asks_for_no_more_than_is_kept(self) -> None:
        self.add(*map(message, range(1, 9_000)))
        self.assertFalse(self.room.is_full)
        self.add(*map(message, range(9_000, 11_000)))
        self.assertTrue(self.room.is_full)


if __name__ == "__main__":
    unittest.main()
