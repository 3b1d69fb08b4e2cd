"""The log on SQLite: what is kept and found again, all or nothing, and what happens when the disk is full."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import unittest
from pathlib import Path

from chat_core.errors import StorageError
from chat_core.server.log import APPLICATION_ID, SCHEMA_VERSION, SqliteLog
from chat_core.server.records import Batch, MessageRow, MidTakenError, PersonRow, RoomRow, StoredPost

ANN = PersonRow(1, "Ann", "ann", b"hash-1", 10)
BOB = PersonRow(2, "Bob", "bob", b"hash-2", 20)
LOBBY = (1, "Lobby", "lobby")


def message(seq: int, mid: str = "", text: str = "a", room_id: int = 1, person_id: int = 1) -> MessageRow:
    """Make a message of a room."""
    return MessageRow(room_id, seq, 1_000 + seq, person_id, "Ann", mid or f"m{room_id}-{seq}", text)


class LogCase(unittest.TestCase):
    """A log in a folder of its own, which `open` opens."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "chat.db"
        self.database: sqlite3.Connection | None = None

    def open(self, epoch: str = "epoch-1", *, is_synchronous: bool = True) -> SqliteLog:
        """Open the log, and keep its connection to spoil it."""

        def connect(name: str) -> sqlite3.Connection:
            self.database = sqlite3.connect(name, timeout=0, isolation_level=None)
            return self.database

        log = SqliteLog(self.path, epoch, is_synchronous=is_synchronous, connect=connect)
        self.addCleanup(log.close)
        return log

    def run_in(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement on the log's own connection."""
        assert self.database is not None
        return self.database.execute(statement).fetchall()

    def spoil(self, *statements: str) -> None:
        """Change the file while no log has it open."""
        database = sqlite3.connect(str(self.path), isolation_level=None)
        for statement in statements:
            database.execute(statement)
        database.close()

    def fill_disk(self) -> None:
        """Let the file grow no further."""
        ((pages,),) = self.run_in("PRAGMA page_count")
        self.run_in(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        """Let the file grow again."""
        self.run_in("PRAGMA max_page_count = 1073741823")


class Keeping(LogCase):
    def test_a_new_one_is_empty(self) -> None:
        log = self.open()
        self.assertEqual((log.epoch, log.next_ids(), log.rooms()), ("epoch-1", (1, 1), []))
        self.assertIsNone(log.person_by_key("ann"))
        self.assertIsNone(log.person_by_token(b"hash-1"))
        self.assertTrue(log.is_writable())
        self.assertEqual(self.run_in("PRAGMA application_id"), [(APPLICATION_ID,)])
        self.assertEqual(self.run_in("PRAGMA user_version"), [(SCHEMA_VERSION,)])

    def test_how_safely(self) -> None:
        for is_synchronous, level in ((True, 2), (False, 1)):
            with self.subTest(is_synchronous=is_synchronous):
                self.open(is_synchronous=is_synchronous).checkpoint()
                self.assertEqual(self.run_in("PRAGMA synchronous"), [(level,)])
                self.assertEqual(self.run_in("PRAGMA journal_mode"), [("wal",)])

    def test_everything_is_there_after_a_restart(self) -> None:
        log = self.open()
        log.commit(Batch(people=[ANN, BOB], rooms=[LOBBY], messages=[message(1), message(2, text="\U0001f642\n\"'")]))
        log.close()
        log = self.open("another")
        self.assertEqual(log.epoch, "epoch-1")
        self.assertEqual(log.next_ids(), (3, 2))
        self.assertEqual(log.rooms(), [RoomRow(1, "Lobby", "lobby", 2, 1, 1_002)])
        self.assertEqual(log.person_by_key("ann"), ANN)
        self.assertEqual(log.person_by_token(b"hash-2"), BOB)
        self.assertEqual(log.after(1, 0, 9, 9), [message(1), message(2, text="\U0001f642\n\"'")])

    def test_a_person_is_inserted_then_updated(self) -> None:
        log = self.open()
        log.commit(Batch(people=[ANN]))
        log.commit(Batch(people=[ANN._replace(name="Zoe", key="zoe", last_seen_unix_ms=99)]))
        self.assertIsNone(log.person_by_key("ann"))
        self.assertEqual(log.person_by_token(b"hash-1"), PersonRow(1, "Zoe", "zoe", b"hash-1", 99))

    def test_a_lapsed_person_makes_way_in_the_same_batch(self) -> None:
        log = self.open()
        log.commit(Batch(people=[ANN]))
        log.commit(Batch(lapsed=[1], people=[PersonRow(2, "Ann", "ann", b"other", 30)]))
        self.assertEqual(log.person_by_key("ann"), PersonRow(2, "Ann", "ann", b"other", 30))
        self.assertIsNone(log.person_by_token(b"hash-1"))

    def test_ids_are_never_given_again(self) -> None:
        log = self.open()
        log.commit(Batch(people=[ANN, BOB]))
        log.commit(Batch(lapsed=[2]))
        self.assertEqual(log.next_ids()[0], 3)
        log.close()
        self.assertEqual(self.open().next_ids()[0], 3)

    def test_in_memory_only(self) -> None:
        log = SqliteLog(None, "epoch-1")
        log.commit(Batch(rooms=[LOBBY], messages=[message(1)]))
        self.assertEqual(len(log.after(1, 0, 9, 9)), 1)
        log.close()
        other = SqliteLog(None, "epoch-2")
        self.addCleanup(other.close)
        self.assertEqual((other.epoch, other.rooms()), ("epoch-2", []))

    def test_a_message_larger_than_a_page(self) -> None:
        log = self.open()
        text = 8_000 * "\U0001f642"
        log.commit(Batch(rooms=[LOBBY], messages=[message(seq, text=text) for seq in range(1, 4)]))
        self.assertEqual([row.text for row in log.after(1, 0, 9, 10**9)], 3 * [text])

    def test_checkpoint_moves_all_into_the_file(self) -> None:
        log = self.open()
        log.commit(Batch(rooms=[LOBBY], messages=[message(1)]))
        log.checkpoint()
        log.close()
        self.assertEqual(os.listdir(self.folder), ["chat.db"])
        self.assertTrue(log.is_writable())


class Finding(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.open()
        rooms = [(room_id, f"R{room_id}", f"r{room_id}") for room_id in (1, 2, 3)]
        rows = [message(seq, room_id=room_id) for room_id in (1, 2, 3) for seq in range(1, 6 + room_id)]
        self.log.commit(Batch(people=[ANN], rooms=rooms, messages=rows))

    def seqs(self, rows: list[MessageRow]) -> list[int]:
        """Return the seqs, having checked that all are of one room."""
        self.assertLessEqual(len({row.room_id for row in rows}), 1)
        return [row.seq for row in rows]

    def test_after(self) -> None:
        for seq, rows_max, expected in ((0, 3, [1, 2, 3]), (5, 9, [6, 7]), (7, 9, []), (2**40 - 1, 9, [])):
            with self.subTest(seq=seq):
                self.assertEqual(self.seqs(self.log.after(2, seq, rows_max, 10**6)), expected)

    def test_before(self) -> None:
        for seq, rows_max, expected in ((8, 2, [7, 6]), (3, 9, [2, 1]), (1, 9, []), (0, 9, []), (2**53, 1, [7])):
            with self.subTest(seq=seq):
                self.assertEqual(self.seqs(self.log.before(2, seq, rows_max, 10**6)), expected)

    def test_a_room_that_is_not_there(self) -> None:
        self.assertEqual(self.log.after(0, 0, 9, 9), [])
        self.assertEqual(self.log.before(0, 2**53, 9, 9), [])
        self.assertEqual(self.log.after(4, 0, 9, 9), [])

    def test_texts_are_bounded_but_one_always_comes(self) -> None:
        self.log.commit(Batch(messages=[message(seq, text=100 * "a") for seq in range(7, 12)]))
        for chars, count in ((0, 1), (100, 1), (101, 2), (500, 5)):
            with self.subTest(chars=chars):
                self.assertEqual(self.seqs(self.log.after(1, 6, 9, chars)), list(range(7, 7 + count)))
                self.assertEqual(self.seqs(self.log.before(1, 12, 9, chars)), list(range(11, 11 - count, -1)))

    def test_rooms_with_their_heads(self) -> None:
        self.assertEqual([(room.id, room.head, room.first) for room in self.log.rooms()],
                         [(1, 6, 1), (2, 7, 1), (3, 8, 1)])  # fmt: skip
        self.assertEqual([room.last_unix_ms for room in self.log.rooms()], [1_006, 1_007, 1_008])

    def test_rooms_that_were_pruned(self) -> None:
        self.run_in("DELETE FROM message WHERE id <= (1 << 40 | 6) OR id >> 40 = 3")
        self.run_in("UPDATE room SET pruned = 6 WHERE id = 1")
        self.run_in("UPDATE room SET pruned = 8, last_unix_ms = 77 WHERE id = 3")
        self.log.commit(Batch(messages=[message(7)]))
        first, _, third = self.log.rooms()
        self.assertEqual((first.head, first.first, first.last_unix_ms), (7, 7, 1_007))
        self.assertEqual((third.head, third.first, third.last_unix_ms), (8, 9, 77))

    def test_mids(self) -> None:
        self.run_in("DELETE FROM message WHERE id = (2 << 40 | 2)")
        found = self.log.find_mids([(1, "m2-1"), (1, "m2-2"), (1, "none"), (2, "m2-1")])
        self.assertEqual(found, {
            (1, "m2-1"): StoredPost(2, 1, 1_001, "a"), (1, "m2-2"): StoredPost(2, 2, 0, None),
        })  # fmt: skip

    def test_a_log_that_cannot_be_read_says_so(self) -> None:
        self.log.close()
        for read in (
            self.log.next_ids,
            self.log.rooms,
            lambda: self.log.person_by_key("ann"),
            lambda: self.log.person_by_token(b""),
            lambda: self.log.find_mids([(1, "a")]),
            lambda: self.log.after(1, 0, 1, 1),
            lambda: self.log.before(1, 1, 1, 1),
        ):
            with self.assertRaises(StorageError):
                read()


class AllOrNothing(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.open()
        self.log.commit(Batch(people=[ANN], rooms=[LOBBY], messages=[message(1)]))

    def check_unchanged(self) -> None:
        """Check that the log is as it was, here and after a restart."""
        for log in (self.log, self.open()):
            self.assertEqual([row.seq for row in log.after(1, 0, 9, 9)], [1])
            self.assertEqual(len(log.rooms()), 1)
            self.assertEqual(log.person_by_key("ann"), ANN)
            self.assertIsNone(log.person_by_key("bob"))
            self.assertEqual(log.find_mids([(1, "new")]), {})
            log.close()

    def batch(self, *rows: MessageRow) -> Batch:
        """Make a batch with something of everything."""
        return Batch(lapsed=[1], people=[BOB], rooms=[(2, "New", "new")], messages=list(rows))

    def test_a_mid_that_is_taken(self) -> None:
        with self.assertRaises(MidTakenError):
            self.log.commit(self.batch(message(2, "new"), message(3, "m1-1")))
        self.assertTrue(self.log.is_writable())
        self.check_unchanged()

    def test_a_mid_twice_in_a_batch(self) -> None:
        with self.assertRaises(MidTakenError):
            self.log.commit(self.batch(message(2, "new"), message(3, "new")))
        self.assertTrue(self.log.is_writable())
        self.check_unchanged()

    def test_the_same_mid_of_another_person_is_another_one(self) -> None:
        self.log.commit(Batch(people=[BOB], messages=[message(2, "m1-1", person_id=2)]))
        self.assertEqual(len(self.log.after(1, 0, 9, 9)), 2)

    def test_a_seq_that_is_taken_is_our_own_fault_and_kept_out(self) -> None:
        with self.assertRaises(StorageError):
            self.log.commit(self.batch(message(2, "new"), message(1, "new-too")))
        self.assertFalse(self.log.is_writable())
        self.check_unchanged()

    def test_a_full_disk(self) -> None:
        self.fill_disk()
        with self.assertRaisesRegex(StorageError, "full"):
            self.log.commit(self.batch(message(2, "new", 100_000 * "a")))
        self.assertFalse(self.log.is_writable())
        self.check_unchanged()


class FullDisk(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.open()
        self.log.commit(Batch(people=[ANN], rooms=[LOBBY], messages=[message(1)]))
        self.fill_disk()
        with self.assertRaises(StorageError):
            self.log.commit(Batch(messages=[message(2, text=100_000 * "a")]))

    def test_nothing_is_taken_until_a_probe_has_worked(self) -> None:
        self.make_room()
        with self.assertRaises(StorageError):
            self.log.commit(Batch(messages=[message(2)]))
        self.assertTrue(self.log.probe())
        self.assertTrue(self.log.is_writable())
        self.log.commit(Batch(messages=[message(2)]))
        self.assertEqual([row.seq for row in self.log.after(1, 0, 9, 9)], [1, 2])

    def test_reading_goes_on(self) -> None:
        self.assertEqual(self.log.after(1, 0, 9, 9), [message(1)])
        self.assertEqual(self.log.person_by_key("ann"), ANN)

    def test_a_probe_that_fails(self) -> None:
        self.make_room()
        other = sqlite3.connect(str(self.path), timeout=0, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.assertFalse(self.log.probe())
        self.assertFalse(self.log.is_writable())
        other.execute("ROLLBACK")
        self.assertTrue(self.log.probe())

    def test_a_probe_that_fails_half_way_leaves_no_transaction_behind(self) -> None:
        self.make_room()
        self.run_in("ALTER TABLE meta RENAME TO away")
        self.assertFalse(self.log.probe())
        self.run_in("ALTER TABLE away RENAME TO meta")
        self.assertTrue(self.log.probe())

    def test_a_checkpoint_that_fails_is_looked_into(self) -> None:
        self.make_room()
        self.assertTrue(self.log.probe())
        self.log.close()
        self.log.checkpoint()
        self.assertFalse(self.log.is_writable())

    def test_probes_leave_nothing_behind(self) -> None:
        self.make_room()
        before = self.run_in("SELECT * FROM meta")
        self.log.probe()
        self.log.probe()
        self.assertEqual(self.run_in("SELECT * FROM meta"), before)
