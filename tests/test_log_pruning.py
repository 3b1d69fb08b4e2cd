"""The log when the front of a room is deleted: what goes, what stays, all or nothing, and dedupe keys after it."""

from __future__ import annotations

import sqlite3
import unittest

from chat_core.errors import StorageError
from chat_core.server.records import Batch, Cut, FrontRow, MidPosition, RoomRow
from tests.test_log import ANN, LOBBY, LogCase, message


class PruningCase(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.open()
        rows = [message(seq) for seq in range(1, 8)] + [message(seq, room_id=2) for seq in range(1, 4)]
        self.log.commit(Batch(people=[ANN], rooms=[LOBBY, (2, "Tea", "tea")], messages=rows))

    def seqs(self, room_id: int) -> list[int]:
        return [row.seq for row in self.log.after(room_id, 0, 99, 10**6)]


class Front(PruningCase):
    def test_it_is_looked_at_within_both_bounds(self) -> None:
        self.log.commit(Batch(messages=[message(seq, text=seq * "\U0001f642") for seq in range(8, 11)]))
        for seq, rows, chars, expected in (
            (0, 2, 99, [(1_001, 1), (1_002, 1)]),
            (7, 9, 17, [(1_008, 8), (1_009, 9)]),
            (7, 9, 18, [(1_008, 8), (1_009, 9), (1_010, 10)]),
            (7, 9, 0, [(1_008, 8)]),
            (10, 9, 99, []),
        ):
            with self.subTest(seq=seq, rows=rows, chars=chars):
                self.assertEqual(self.log.front(1, seq, rows, chars), [FrontRow(*row) for row in expected])

    def test_a_log_that_cannot_be_read_says_so(self) -> None:
        self.log.close()
        with self.assertRaises(StorageError):
            self.log.front(1, 0, 1, 1)
        with self.assertRaises(StorageError):
            self.log.oldest_mark()
        with self.assertRaises(StorageError):
            self.log.forget_mids(1, None, 1)


class Pruning(PruningCase):
    def test_the_front_goes_and_everything_else_stays(self) -> None:
        self.log.prune([Cut(1, 3), Cut(2, 3)], 77)
        self.assertEqual((self.seqs(1), self.seqs(2)), ([4, 5, 6, 7], []))
        rooms = [RoomRow(1, "Lobby", "lobby", 7, 4, 1_007), RoomRow(2, "Tea", "tea", 3, 4, 1_003)]
        self.assertEqual(self.log.rooms(), rooms)
        self.log.close()
        self.log = self.open()
        self.assertEqual((self.log.rooms(), self.log.oldest_mark()), (rooms, 77))
        self.assertEqual(self.run_in("SELECT count(*) FROM mid"), [(10,)])

    def test_again_and_again(self) -> None:
        for up_to, day in ((1, 5), (2, 5), (7, 6)):
            self.log.prune([Cut(1, up_to)], day)
        self.assertEqual(self.log.rooms()[0], RoomRow(1, "Lobby", "lobby", 7, 8, 1_007))
        self.assertEqual(self.run_in("SELECT room, day, seq FROM mark ORDER BY day"), [(1, 5, 2), (1, 6, 7)])
        self.log.commit(Batch(messages=[message(8)]))
        self.assertEqual(self.log.rooms()[0], RoomRow(1, "Lobby", "lobby", 8, 8, 1_008))

    def test_a_disk_that_fails_at_any_statement_loses_nothing(self) -> None:
        rooms = self.log.rooms()
        for table in ("room", "mark", "message"):
            with self.subTest(table=table):
                verb = {"room": "UPDATE", "mark": "INSERT", "message": "DELETE"}[table]
                self.run_in(f"CREATE TRIGGER broken BEFORE {verb} ON {table} BEGIN SELECT RAISE(FAIL, 'broken'); END")
                with self.assertRaisesRegex(StorageError, "broken"):
                    self.log.prune([Cut(1, 3)], 77)
                self.assertFalse(self.log.is_writable())
                self.run_in("DROP TRIGGER broken")
                with self.assertRaises(StorageError):
                    self.log.prune([Cut(1, 3)], 77)
                self.assertEqual((self.log.rooms(), self.seqs(1)), (rooms, [1, 2, 3, 4, 5, 6, 7]))
                self.assertIsNone(self.log.oldest_mark())
                self.assertTrue(self.log.probe())

    def test_another_one_who_writes_is_not_waited_for(self) -> None:
        other = sqlite3.connect(str(self.path), timeout=0, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        with self.assertRaisesRegex(StorageError, "locked"):
            self.log.prune([Cut(1, 3)], 77)
        other.execute("ROLLBACK")
        self.assertTrue(self.log.probe())
        self.log.prune([Cut(1, 3)], 77)
        self.assertEqual(self.seqs(1), [4, 5, 6, 7])


class Keys(PruningCase):
    def setUp(self) -> None:
        super().setUp()
        self.log.prune([Cut(1, 3)], 70)
        self.log.prune([Cut(1, 5), Cut(2, 1)], 80)

    def walk(self, last_day: int, rows_max: int) -> int:
        """Forget step by step to the end and return in how many steps."""
        position = None
        for steps in range(1, 100):
            position = self.log.forget_mids(last_day, position, rows_max)
            if position is None:
                return steps
        raise AssertionError("it never ends")

    def left(self) -> list[str]:
        return [str(mid) for (mid,) in self.run_in("SELECT mid FROM mid ORDER BY mid")]

    def test_up_to_a_day(self) -> None:
        for rows_max in (1, 3, 100):
            with self.subTest(rows_max=rows_max):
                self.walk(79, rows_max)
                self.assertEqual(self.left(), [*(f"m1-{seq}" for seq in range(4, 8)), "m2-1", "m2-2", "m2-3"])
                self.assertEqual(self.log.oldest_mark(), 80)

    def test_all_of_them(self) -> None:
        self.assertGreaterEqual(self.walk(80, 4), 3)
        self.assertEqual(self.left(), ["m1-6", "m1-7", "m2-2", "m2-3"])
        self.assertIsNone(self.log.oldest_mark())

    def test_nothing_before_its_day(self) -> None:
        self.walk(69, 100)
        self.assertEqual(len(self.left()), 10)
        self.assertEqual(self.log.oldest_mark(), 70)

    def test_the_keys_of_somebody_else_with_the_same_mid(self) -> None:
        self.log.commit(Batch(messages=[message(8, "m1-1", person_id=2)]))
        self.walk(80, 100)
        self.assertEqual([mid for _, mid in self.log.find_mids([(1, "m1-1"), (2, "m1-1")])], ["m1-1"])

    def test_a_position_is_behind_a_key(self) -> None:
        self.assertEqual(self.log.forget_mids(80, None, 2), MidPosition(1, "m1-2"))
        self.assertEqual(self.log.forget_mids(80, MidPosition(1, "m1-2"), 2), MidPosition(1, "m1-4"))

    def test_a_disk_that_fails_loses_nothing(self) -> None:
        for table in ("mid", "mark"):
            with self.subTest(table=table):
                self.run_in(f"CREATE TRIGGER broken BEFORE DELETE ON {table} BEGIN SELECT RAISE(FAIL, 'broken'); END")
                with self.assertRaisesRegex(StorageError, "broken"):
                    self.walk(80, 100)
                self.assertFalse(self.log.is_writable())
                self.run_in("DROP TRIGGER broken")
                self.assertTrue(self.log.probe())
        self.walk(80, 100)
        self.assertEqual(len(self.left()), 4)


if __name__ == "__main__":
    unittest.main()
