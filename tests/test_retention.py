"""What is to go, and in which steps: the rule by itself, and pruning over rooms and a log."""

from __future__ import annotations

import unittest
from unittest import mock

from chat_core import limits
from chat_core.errors import StorageError
from chat_core.server.records import Batch, Cut, FrontRow, MessageRow, RoomRow
from chat_core.server.retention import KEEP_ALL, Pruning, Retention
from chat_core.server.room import Room
from chat_core.server.tail import TailSpace
from tests.transcript import FlakyLog

DAY_MS = 86_400_000
NOW = 20_000 * DAY_MS + 5


def front(*days_ago: float) -> list[FrontRow]:
    """Make messages that were written so many days ago."""
    return [FrontRow(int(NOW - days * DAY_MS), 1) for days in days_ago]


class Rule(unittest.TestCase):
    def check(self, retention: Retention, rows: list[FrontRow], kept: int, expected: int) -> None:
        with self.subTest(retention=retention, kept=kept):
            self.assertEqual(retention.going(rows, kept, NOW), expected)

    def test_by_default_everything_stays(self) -> None:
        self.check(KEEP_ALL, front(9_999, 9_999), 10**9, 0)

    def test_by_number(self) -> None:
        rows = front(3, 2, 1)
        for kept, expected in ((0, 0), (5, 0), (6, 1), (7, 2), (8, 3), (100, 3)):
            self.check(Retention(messages=5), rows, kept, expected)

    def test_by_age(self) -> None:
        rows = front(3, 2, 1)
        for days, expected in ((4, 0), (3, 0), (2.99, 1), (1.5, 2), (0.001, 3)):
            self.check(Retention(days=days), rows, 100, expected)

    def test_whichever_bound_is_narrower(self) -> None:
        rows = front(3, 2, 1)
        self.check(Retention(days=2.5, messages=99), rows, 100, 1)
        self.check(Retention(days=2.5, messages=98), rows, 100, 2)
        self.check(Retention(days=1.5, messages=99), rows, 100, 2)

    def test_one_that_is_too_old_behind_one_that_is_not_stays(self) -> None:
        self.check(Retention(days=2), front(1, 3), 2, 0)


class PruningCase(unittest.TestCase):
    def setUp(self) -> None:
        self.diary: list[str] = []
        self.log = FlakyLog(self.diary)
        self.addCleanup(self.log.close)
        self.rooms: list[Room] = []

    def write(self, *counts: int, text: str = "a", unix_ms: int = NOW) -> None:
        """Write a room for each count, with so many messages."""
        for count in counts:
            room_id = len(self.rooms) + 1
            name = f"r{room_id}"
            rows = [MessageRow(room_id, s, unix_ms + s, 1, "ann", f"{name}-{s}", text) for s in range(1, count + 1)]
            self.log.commit(Batch(rooms=[(room_id, name, name)], messages=rows))
            self.rooms.append(Room(RoomRow(room_id, name, name, count, 1, unix_ms + count), self.log, TailSpace()))
        self.diary.clear()

    def step_through(self, pruning: Pruning, unix_ms: int = NOW) -> int:
        """Take steps until there is nothing to do, and return how many found something."""
        for steps in range(1_000):
            if not pruning.step(self.rooms, unix_ms):
                return steps
        raise AssertionError("it never ends")

    def firsts(self) -> list[int]:
        return [room.first for room in self.rooms]


class Steps(PruningCase):
    def test_with_nothing_to_do_the_log_is_left_alone(self) -> None:
        self.write(5)
        everything, bounded = Pruning(self.log, KEEP_ALL), Pruning(self.log, Retention(messages=5))
        self.log.reads_fail = self.log.commits_fail = True
        self.assertFalse(everything.step(self.rooms, NOW))
        self.assertFalse(bounded.step(self.rooms, NOW))

    def test_each_is_bounded_in_messages(self) -> None:
        self.write(700, 3, 100)
        steps = self.step_through(Pruning(self.log, Retention(messages=10)))
        self.assertEqual(self.firsts(), [691, 1, 91])
        self.assertEqual(self.diary, ["prune 3:90 1:166", "prune 1:422", "prune 1:678", "prune 1:690"])
        self.assertEqual(steps, 4)

    def test_each_is_bounded_in_text(self) -> None:
        self.write(30, text=8_000 * "x")
        self.step_through(Pruning(self.log, Retention(messages=1)))
        self.assertEqual(self.diary, ["prune 1:9", "prune 1:18", "prune 1:27", "prune 1:29"])

    def test_each_is_bounded_in_rooms(self) -> None:
        self.write(*(limits.PRUNE_ROOMS * [2]), 1, 2)
        pruning = Pruning(self.log, Retention(messages=1))
        self.assertTrue(pruning.step(self.rooms, NOW))
        self.assertEqual(self.firsts().count(2), limits.PRUNE_ROOMS - 1)
        self.assertTrue(pruning.step(self.rooms, NOW))
        self.assertEqual(self.firsts().count(2), limits.PRUNE_ROOMS + 1)

    def test_a_round_goes_on_although_a_step_found_nothing(self) -> None:
        self.write(2, *(limits.PRUNE_ROOMS * [1]))
        pruning = Pruning(self.log, Retention(messages=1))
        self.assertFalse(pruning.step(self.rooms, NOW))
        self.assertTrue(pruning.step(self.rooms, NOW))
        self.assertEqual(self.rooms[0].first, 2)

    def test_by_age_up_to_the_last_one(self) -> None:
        self.write(300, 2)
        pruning = Pruning(self.log, Retention(days=1))
        self.assertEqual(self.step_through(pruning, NOW + DAY_MS), 0)
        self.step_through(pruning, NOW + DAY_MS + 10)
        self.assertEqual(self.firsts(), [10, 3])
        self.step_through(pruning, NOW + 2 * DAY_MS)
        self.assertEqual(self.firsts(), [301, 3])
        self.assertEqual(self.log.rooms()[0], RoomRow(1, "r1", "r1", 300, 301, NOW + 300))
        self.assertEqual(self.step_through(pruning, NOW + 3 * DAY_MS), 0)

    def test_a_step_that_fails_changes_nothing_and_is_made_up_for(self) -> None:
        self.write(9)
        pruning = Pruning(self.log, Retention(messages=4))
        for field in ("commits_fail", "reads_fail"):
            setattr(self.log, field, True)
            with self.assertRaises(StorageError):
                pruning.step(self.rooms, NOW)
            self.log.recover()
            self.assertEqual(self.firsts(), [1])
        self.assertEqual(len(self.log.after(1, 0, 99, 99)), 9)
        self.step_through(pruning)
        self.assertEqual(self.firsts(), [6])


class Keys(PruningCase):
    def setUp(self) -> None:
        super().setUp()
        self.write(600, 5)
        self.pruning = Pruning(self.log, Retention(messages=2))
        self.step_through(self.pruning)

    def known(self, *mids: str) -> list[str]:
        return [mid for _, mid in self.log.find_mids([(1, mid) for mid in mids])]

    def test_they_outlive_their_messages_by_30_days(self) -> None:
        mids = ("r1-1", "r1-598", "r1-599", "r2-3", "r2-4")
        self.assertEqual(self.step_through(self.pruning, NOW + 30 * DAY_MS), 0)
        self.assertEqual(self.known(*mids), list(mids))
        self.assertGreater(self.step_through(self.pruning, NOW + 31 * DAY_MS), 600 // limits.PRUNE_ROWS)
        self.assertEqual(self.known(*mids), ["r1-599", "r2-4"])
        self.assertIsNone(self.log.oldest_mark())

    def test_after_a_restart_too(self) -> None:
        self.pruning = Pruning(self.log, KEEP_ALL)
        self.step_through(self.pruning, NOW + 31 * DAY_MS)
        self.assertEqual(self.known("r1-598", "r1-599"), ["r1-599"])

    def test_each_day_of_pruning_has_its_own(self) -> None:
        self.log.commit(Batch(messages=[MessageRow(2, 6, NOW, 1, "ann", "r2-6", "a")]))
        self.rooms[1].deliver([b"frame"], NOW)
        self.step_through(self.pruning, NOW + 10 * DAY_MS)
        self.step_through(self.pruning, NOW + 31 * DAY_MS)
        self.assertEqual(self.known("r2-3", "r2-4"), ["r2-4"])
        self.step_through(self.pruning, NOW + 41 * DAY_MS)
        self.assertEqual(self.known("r2-4", "r2-5"), ["r2-5"])

    def test_a_clock_that_was_set_back_ends_the_walk(self) -> None:
        self.assertTrue(self.pruning.step(self.rooms, NOW + 31 * DAY_MS))
        self.assertFalse(self.pruning.step(self.rooms, NOW + DAY_MS))
        self.assertEqual(self.known("r2-3"), ["r2-3"], "the walk had not come so far")

    def test_a_walk_that_goes_on_over_midnight_forgets_no_mark_that_it_began_without(self) -> None:
        self.log.commit(Batch(messages=[MessageRow(1, 601, NOW, 1, "ann", "r1-601", "a")]))
        self.rooms[0].deliver([b"frame"], NOW)
        self.step_through(self.pruning, NOW + DAY_MS)
        self.assertTrue(self.pruning.step(self.rooms, NOW + 31 * DAY_MS))
        self.step_through(self.pruning, NOW + 32 * DAY_MS)
        self.assertEqual(self.known("r1-598", "r1-599", "r1-600"), ["r1-600"])

    def test_a_step_that_fails_is_made_up_for(self) -> None:
        self.log.commits_fail = True
        with self.assertRaises(StorageError):
            self.pruning.step(self.rooms, NOW + 31 * DAY_MS)
        self.log.recover()
        self.assertEqual(self.known("r1-1"), ["r1-1"])
        self.step_through(self.pruning, NOW + 31 * DAY_MS)
        self.assertEqual(self.known("r1-1"), [])

    def test_marks_are_many_and_go_in_steps_too(self) -> None:
        for day in range(1, 8):
            self.log.prune([Cut(1, 598)], NOW // DAY_MS - day)
        with mock.patch.object(limits, "PRUNE_ROWS", 3):
            pruning = Pruning(self.log, KEEP_ALL)
            self.step_through(pruning, NOW + 31 * DAY_MS)
        self.assertIsNone(self.log.oldest_mark())


if __name__ == "__main__":
    unittest.main()
