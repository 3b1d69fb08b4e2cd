from __future__ import annotations

import unittest
from datetime import datetime
from unittest import mock

from chat_core.messages import Message
from chat_core.ui.model import conversation as model
from chat_core.ui.model.conversation import Conversation, LineKind, PendingState

NOON_MS = int(datetime(2026, 3, 2, 12, 0).timestamp() * 1000)  # a Monday, local time
MINUTE_MS = 60_000
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

    def names_shown(self) -> list[bool]:
        return [line.begins_group for line in self.room.lines if line.kind is LineKind.MESSAGE]

    def days_shown(self) -> list[bool]:
        return [line.begins_day for line in self.room.lines]


class TestLines(ConversationCase):
    def test_what_came_is_kept_and_what_is_shown_is_escaped(self) -> None:
        self.add(message(1, text="a\x1bb\u202ec `code`", sender="Eve\nBob"))
        (line,) = self.room.lines
        self.assertEqual(line.original, "a\x1bb\u202ec `code`")
        self.assertEqual((line.text, line.sender), ("a\\x1bb\\u202ec `code`", "Eve\\nBob"))
        self.assertEqual((line.seq, line.unix_ms, line.clock), (1, NOON_MS, "12:00"))
        self.assertEqual((line.day, line.moment), ("Monday, 2 March 2026", "Monday, 2 March 2026, 12:00:00"))

    def test_a_name_that_is_said_often_is_kept_once(self) -> None:
        self.add(message(1, sender="Ann " * 3), message(2, sender="Ann" + " Ann " * 2), message(3, sender="Ann " * 3))
        first, _second, third = self.room.lines
        self.assertIs(first.sender, third.sender)

    def test_an_action_says_what_its_author_does(self) -> None:
        self.add(message(1, text="/me waves"), message(2, text="/meter"), message(3, text="/me"))
        self.assertEqual([line.kind for line in self.room.lines], [LineKind.ACTION, LineKind.MESSAGE, LineKind.MESSAGE])
        self.assertEqual((self.shown()[0], self.room.lines[0].original), ("waves", "/me waves"))

    def test_a_line_is_quoted_with_time_and_author(self) -> None:
        self.add(message(1, text="one\ntwo"), message(2, text="/me waves"))
        self.room.add_note("Cid came in.", NOON_MS)
        self.assertEqual(
            [line.quote() for line in self.room.lines],
            ["[12:00] Bob: one\ntwo", "[12:00] Bob waves", "[12:00] Cid came in."],
        )
        self.assertEqual(self.room.lines[0].quote("two"), "[12:00] Bob: two")

    def test_they_are_found_by_their_number(self) -> None:
        self.add(message(1), message(2))
        self.assertEqual((self.room.line(1).text, self.room.end), ("text 2", 2))
        for number in (-1, 2):
            with self.assertRaises(IndexError):
                self.room.line(number)


class TestGrouping(ConversationCase):
    def test_a_name_stands_over_what_its_person_says_in_a_row(self) -> None:
        self.add(message(1), message(2), message(3, sender="Cid"), message(4))
        self.assertEqual(self.names_shown(), [True, False, True, True])

    def test_it_is_said_again_after_five_minutes_so_that_its_time_holds_for_all(self) -> None:
        self.add(*(message(seq, after_ms=(seq - 1) * 3 * MINUTE_MS) for seq in range(1, 5)))
        self.assertEqual(self.names_shown(), [True, False, True, False])

    def test_a_clock_that_was_put_back_begins_again_too(self) -> None:
        self.add(message(1), message(2, after_ms=-HOUR_MS))
        self.assertEqual(self.names_shown(), [True, True])

    def test_it_is_said_again_after_a_note_an_action_and_many_messages(self) -> None:
        self.add(message(1))
        self.room.add_note("Cid came in.", NOON_MS)
        self.add(*map(message, range(2, 60)))
        self.assertEqual(self.names_shown().count(True), 4)
        self.add(message(60, text="/me waves"), message(61))
        self.assertEqual(self.names_shown().count(True), 5)

    def test_a_new_day_begins_a_group(self) -> None:
        self.add(message(1), message(2, after_ms=24 * HOUR_MS), message(3, after_ms=24 * HOUR_MS))
        self.assertEqual((self.days_shown(), self.names_shown()), ([True, True, False], [True, True, False]))

    def test_a_note_belongs_to_the_day_of_the_messages(self) -> None:
        self.add(message(1))
        self.room.add_note("Cid came in.", NOON_MS + 13 * HOUR_MS)
        self.add(message(2))
        self.assertEqual(self.days_shown(), [True, False, False])

    def test_times_beyond_all_calendars_are_one_day(self) -> None:
        self.add(message(1, after_ms=2**60), message(2, after_ms=2**60))
        self.assertEqual((self.days_shown(), self.room.lines[0].clock), ([True, False], "--:--"))


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
        self.assertEqual(self.room.line(-1).text, "text 9")

    def test_a_day_begins_where_it_does_now(self) -> None:
        self.room.prepend([message(9)], "Ann", has_older=True)
        self.assertEqual(self.days_shown(), [True, False, False])
        self.room.prepend(
            [message(7, after_ms=-48 * HOUR_MS), message(8, after_ms=-24 * HOUR_MS)], "Ann", has_older=True
        )
        self.assertEqual(self.days_shown(), [True, True, True, False, False])

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
        self.add(message(3))
        self.assertEqual((self.shown(), self.days_shown()), (["text 2", "text 3"], [True, False]))


class TestUnread(ConversationCase):
    def arrive_unseen(self, *seqs: int, is_mention: bool = False) -> None:
        for seq in seqs:
            self.room.add_message(message(seq), is_own=False, is_mention=is_mention)
            self.room.mark_unread()

    def state(self) -> tuple[int, int, int | None]:
        return self.room.unread, self.room.mentions, self.room.unread_from

    def test_it_begins_at_the_first_that_nobody_saw(self) -> None:
        self.add(message(1))
        self.arrive_unseen(2)
        self.arrive_unseen(3, is_mention=True)
        self.assertEqual((self.state(), self.room.read_seq), ((2, 1, 1), 1))

    def test_who_looks_has_seen_it_and_the_place_stays_until_it_is_read(self) -> None:
        self.arrive_unseen(1, 2)
        self.room.mark_seen()
        self.add(message(3))
        self.assertEqual((self.state(), self.room.read_seq), ((0, 0, 0), 3))
        self.room.mark_read()
        self.assertEqual(self.state(), (0, 0, None))

    def test_what_comes_unseen_after_that_begins_anew(self) -> None:
        self.arrive_unseen(1)
        self.room.mark_seen()
        self.arrive_unseen(2, 3)
        self.assertEqual(self.state(), (2, 0, 1))

    def test_after_a_restart_it_is_known_by_the_seq(self) -> None:
        self.room.add_message(message(5), is_own=False)
        self.room.add_note("You are back.", NOON_MS)
        self.room.add_message(message(6), is_own=True)
        self.room.add_message(message(7), is_own=False, is_mention=True)
        self.room.set_read_seq(5)
        self.assertEqual((self.state(), self.room.read_seq), ((1, 1, 3), 6))
        self.room.set_read_seq(7)
        self.assertEqual(self.state(), (0, 0, None))

    def test_nothing_of_what_is_here_was_read(self) -> None:
        self.arrive_unseen(5, 6)
        self.assertEqual(self.room.read_seq, 4)

    def test_messages_of_another_log_do_not_count(self) -> None:
        self.add(message(900))
        self.room.begin_again(1)
        self.add(message(1), message(2))
        self.room.set_read_seq(1)
        self.assertEqual(self.state(), (1, 0, 2))

    def test_the_place_does_not_go_with_the_lines_that_are_dropped(self) -> None:
        self.arrive_unseen(*range(1, 6))
        with bounds(lines=3):
            self.room.trim(is_at_end=True)
        self.assertEqual(self.state(), (5, 0, self.room.start))


class bounds:  # noqa: N801 - reads as what it does
    """Smaller bounds of the model while a test looks at what is dropped."""

    def __init__(self, *, lines: int = model.LINES_MAX, chars: int = model.CHARS_MAX) -> None:
        self._wanted = {"LINES_MAX": lines, "CHARS_MAX": chars, "LINES_READING_MAX": lines * 2}

    def __enter__(self) -> None:
        self._before = {name: getattr(model, name) for name in self._wanted}
        for name, value in self._wanted.items():
            setattr(model, name, value)

    def __exit__(self, *_how: object) -> None:
        for name, value in self._before.items():
            setattr(model, name, value)


class TestTrimming(ConversationCase):
    def test_a_hundred_thousand_are_kept(self) -> None:
        self.assertEqual(model.LINES_MAX, 100_000)
        self.add(*map(message, range(1, 200)))
        self.room.trim(is_at_end=True)
        self.assertEqual((self.room.start, len(self.room.lines)), (0, 199))

    def test_the_oldest_go_and_can_be_loaded_again(self) -> None:
        self.add(*map(message, range(1, 200)))
        with bounds(lines=120):
            self.room.trim(is_at_end=False)
            self.assertEqual(len(self.room.lines), 199)
            self.room.trim(is_at_end=True)
        self.assertEqual((len(self.room.lines), self.room.start), (120, 79))
        self.assertEqual((self.room.first_seq, self.room.has_older), (80, True))

    def test_the_first_that_is_left_has_its_day_and_name_above(self) -> None:
        self.add(*map(message, range(1, 10)))
        with bounds(lines=3):
            self.room.trim(is_at_end=True)
        first = self.room.lines[0]
        self.assertEqual((first.begins_day, first.begins_group), (True, True))

    def test_long_texts_count_for_what_they_are(self) -> None:
        self.add(*(message(seq, text="x" * 100) for seq in range(1, 11)))
        with bounds(chars=350):
            self.room.trim(is_at_end=True)
            self.assertEqual([line.seq for line in self.room.lines], [8, 9, 10])
            self.add(message(11, text="x" * 1_000))
            self.room.trim(is_at_end=True)
        self.assertEqual([line.seq for line in self.room.lines], [11])

    def test_notes_that_go_leave_the_seqs_alone(self) -> None:
        for _time in range(5):
            self.room.add_note("Cid came in.", NOON_MS)
        with bounds(lines=4):
            self.room.trim(is_at_end=True)
        self.assertEqual((self.room.first_seq, self.room.has_older, self.room.start), (0, False, 1))

    def test_lines_of_another_log_leave_the_seqs_alone(self) -> None:
        self.add(*map(message, range(1, 20)))
        self.room.begin_again(1)
        self.add(*map(message, range(1, 5)))
        with bounds(lines=10):
            self.room.trim(is_at_end=True)
        self.assertEqual((self.room.first_seq, self.room.has_older), (1, False))

    def test_the_reader_further_up_asks_for_no_more_than_is_kept(self) -> None:
        self.add(*map(message, range(1, 20)))
        with bounds(lines=10):
            self.assertFalse(self.room.is_full)
            self.add(message(20))
            self.assertTrue(self.room.is_full)

    def test_older_pages_are_of_the_log_that_goes_on(self) -> None:
        self.room.begin(51, 1)
        self.add(*(message(seq) for seq in range(51, 101)))
        self.room.prepend([message(seq) for seq in range(1, 51)], "Ann", has_older=False)
        self.room.set_read_seq(45)
        self.assertEqual((self.room.unread, self.room.read_seq), (55, 45))
        with mock.patch.object(model, "LINES_MAX", 40):
            self.room.trim(is_at_end=True)
        self.assertEqual((self.room.first_seq, self.room.has_older), (61, True))
        self.room.prepend([message(seq) for seq in range(31, 61)], "Ann", has_older=True)
        self.room.clear()
        self.assertEqual((self.room.first_seq, self.room.has_older), (101, True))

    def test_what_is_cleared_away_can_be_loaded_again(self) -> None:
        self.add(*map(message, range(1, 6)))
        self.room.mark_unread()
        self.room.clear()
        self.assertEqual((self.room.lines, self.room.start, self.room.unread_from), ([], 5, None))
        self.assertTrue(self.room.is_cleared)
        self.assertEqual((self.room.first_seq, self.room.has_older), (6, True))
        self.room.prepend([message(4), message(5)], "Ann", has_older=True)
        self.add(message(6))
        self.assertEqual((self.shown(), self.days_shown()), (["text 4", "text 5", "text 6"], [True, False, False]))

    def test_to_clear_a_room_with_nothing_but_notes_brings_nothing_older(self) -> None:
        self.room.add_note("Cid came in.", NOON_MS)
        self.room.clear()
        self.assertFalse(self.room.has_older)


class TestPending(ConversationCase):
    def test_it_waits_is_stored_and_goes_when_its_message_comes(self) -> None:
        self.room.add_pending("m7", "/me waves", NOON_MS)
        waiting = self.room.pending["m7"]
        self.assertEqual((waiting.kind, waiting.text, waiting.clock), (LineKind.ACTION, "waves", "12:00"))
        self.room.pending_stored("m7", 7)
        self.assertIs(self.room.pending["m7"].state, PendingState.STORED)
        self.room.add_message(message(7), is_own=True)
        self.assertEqual(self.room.pending, {})

    def test_a_refused_one_is_taken_back_whole_or_discarded(self) -> None:
        text = "x\n" * 99 + "x"
        self.room.add_pending("m1", text, NOON_MS)
        self.assertEqual(self.room.take_back("m1"), "")
        for mid in ("m1", "m2"):
            self.room.pending_refused(mid, text, "No.", NOON_MS, "Ask first.")
        refused = self.room.pending["m2"]
        self.assertEqual((refused.reason, refused.advice, refused.unix_ms), ("No.", "Ask first.", NOON_MS))
        version = self.room.pending_version
        self.assertEqual(self.room.take_back("m1"), text)
        self.room.discard("m2")
        self.assertEqual((self.room.pending, self.room.pending_version), ({}, version + 2))

    def test_what_waits_cannot_be_discarded(self) -> None:
        self.room.add_pending("m1", "hello", None)
        self.room.discard("m1")
        self.assertEqual([each.clock for each in self.room.pending.values()], [""])


if __name__ == "__main__":
    unittest.main()
