"""Verifying a log: silent on a good one, and each kind of damage, made by hand, is found and named."""

from __future__ import annotations

import os
import sqlite3
import sys
import unittest

from chat_core.server.folder import DataFolder
from chat_core.server.inspection import inspect, log_file, who_may_read
from chat_core.server.records import Batch, Cut, MessageRow, PersonRow
from tests.test_log import LOBBY, LogCase, message

DAMAGE = {
    "another application": ("PRAGMA application_id = 7", "not a database of this chat"),
    "a newer format": ("PRAGMA user_version = 99", "format 99"),
    "no epoch": ("DELETE FROM meta", "no epoch"),
    "an empty epoch": ("UPDATE meta SET value = '' WHERE key = 'epoch'", "no epoch"),
    "a table less": ("DROP TABLE mid", "table mid is not as it should be"),
    "a table more": ("CREATE TABLE extra (a)", "table extra is not as it should be"),
    "a hole": ("DELETE FROM message WHERE id = (1 << 40 | 7)", "In Lobby message 7 is missing"),
    "a wider hole": (
        "DELETE FROM message WHERE id BETWEEN (1 << 40 | 6) AND (1 << 40 | 8)",
        "In Lobby messages 6 to 8 are missing",
    ),
    "the end is missing": ("DELETE FROM message WHERE id = (1 << 40 | 9)", "m1-9' leads to a message that is not"),
    "the first is missing": ("DELETE FROM message WHERE id = (1 << 40 | 5)", "In Lobby message 5 is missing"),
    "less was pruned than is said": ("UPDATE room SET pruned = 5 WHERE id = 1", "Message 5 of Lobby is there, and"),
    "a room that is not said to be pruned": ("UPDATE room SET pruned = 0 WHERE id = 1", "messages 1 to 4 are missing"),
    "a room without messages": ("INSERT INTO room (id, name, key) VALUES (9, 'Tea', 'tea')", "Tea has lost its"),
    "no such room": ("DELETE FROM room WHERE id = 2", "there is no such room"),
    "time goes back": (
        "UPDATE message SET unix_ms = 3 WHERE id = (1 << 40 | 7)", "Message 7 of Lobby is older than the one before",
    ),
    "time goes back to before what was pruned": (
        "UPDATE room SET last_unix_ms = 1006 WHERE id = 1", "Message 5 of Lobby is older than the one before",
    ),
    "time that is none": ("UPDATE message SET unix_ms = 'x' WHERE id = (1 << 40 | 7)", "is older than"),
    "a key less": ("DELETE FROM mid WHERE mid = 'm1-7'", "Message 7 of Lobby has no dedupe key"),
    "a key that leads astray": (
        "UPDATE mid SET message = (1 << 40 | 8) WHERE mid = 'm1-7'", "'m1-7' leads to another message",
    ),
    "a key that leads to no room": ("INSERT INTO mid VALUES (1, 'x', 99 << 40 | 1)", "'x' leads to a message"),
    "a key that is no number": ("INSERT INTO mid VALUES (1, 'x', 'y')", "'x' leads to a message"),
    "a mark of a room that was not pruned": ("INSERT INTO mark VALUES (2, 5, 1)", "room 2 was pruned up to 1"),
    "a room's name": ("UPDATE room SET name = 'a  b' WHERE id = 1", "Room 1 has a name or a key that cannot be"),
    "a room's key": ("UPDATE room SET key = 'Lobby' WHERE id = 1", "Room 1 has a name or a key that cannot be"),
    "a room's bounds": ("UPDATE room SET pruned = 'x' WHERE id = 1", "does not say how far"),
    "a person's name": ("UPDATE person SET name = char(27) || 'Ann'", "Person 1 has a name or a key"),
    "a person's key": ("UPDATE person SET key = 'ANN'", "Person 1 has a name or a key"),
    "a person without a token": ("UPDATE person SET token_hash = x''", "Person 1 has no token"),
    "numbers of people that were forgotten": ("DELETE FROM sqlite_sequence", "Person 1 wrote messages"),
    "a sender's name": ("UPDATE message SET sender = '' WHERE id = (1 << 40 | 7)", "Message 7 of Lobby has a sender"),
    "a sender who is none": ("UPDATE message SET person = 'x' WHERE id = (1 << 40 | 7)", "has a sender who cannot be"),
    "a text that is empty": ("UPDATE message SET text = '' WHERE id = (1 << 40 | 7)", "Message 7 of Lobby has a text"),
    "a text that is bytes": ("UPDATE message SET text = x'00ff' WHERE id = (1 << 40 | 7)", "has a text that cannot"),
    "a text that is no UTF-8": (
        "UPDATE message SET text = CAST(x'41ff41' AS TEXT) WHERE id = (1 << 40 | 7)", "has a text that cannot be",
    ),
    "a mid": ("UPDATE message SET mid = 'a b' WHERE id = (1 << 40 | 7)", "has a mid that cannot be: 'a b'"),
}  # fmt: skip


class InspectionCase(LogCase):
    def make(self) -> None:
        """Make a log of which something was pruned and one room is empty."""
        log = self.open()
        ann = PersonRow(1, "Ann", "ann", b"hash", 10)
        rows = [message(seq) for seq in range(1, 10)] + [message(seq, room_id=2) for seq in range(1, 4)]
        rooms = [LOBBY, (2, "Küche", "küche"), (3, "Attic", "attic")]
        log.commit(Batch(people=[ann], rooms=rooms, messages=[*rows, message(1, room_id=3)]))
        log.prune([Cut(1, 4), Cut(3, 1)], 77)
        log.close()


class Inspecting(InspectionCase):
    def test_a_good_one(self) -> None:
        self.make()
        self.assertEqual(inspect(self.path), ("3 rooms, 8 messages, 1 name", (), 0))

    def test_an_empty_one(self) -> None:
        self.open().close()
        self.assertEqual(inspect(self.path), ("0 rooms, 0 messages, 0 names", (), 0))

    def test_one_whose_keys_were_forgotten(self) -> None:
        self.make()
        log = self.open()
        self.assertIsNotNone(log.forget_mids(77, None, 100))
        log.close()
        self.assertEqual(inspect(self.path).faults, ())

    def test_each_kind_of_damage(self) -> None:
        for kind, (statement, words) in DAMAGE.items():
            with self.subTest(kind):
                if self.path.exists():
                    self.path.unlink()
                self.make()
                self.spoil(statement)
                report = inspect(self.path)
                self.assertIn(words, " ".join(report.faults))
                self.assertLessEqual(report.fault_count, 6, "and not much beside it")
                self.assertNotIn("\x1b", "".join(report.faults))

    def test_a_file_in_shreds(self) -> None:
        log = self.open()
        rows = [message(seq, text=500 * "a") for seq in range(1, 400)]
        log.commit(Batch(people=[PersonRow(1, "Ann", "ann", b"hash", 1)], rooms=[LOBBY], messages=rows))
        log.close()
        whole = self.path.read_bytes()
        for place in (16_384, 100_000, len(whole) - 8_192):
            with self.subTest(place=place):
                self.path.write_bytes(whole[:place] + 4_096 * b"\xa5" + whole[place + 4_096 :])
                self.assertGreater(inspect(self.path).fault_count, 0)
        for size in (0, 50, 4_096, len(whole) // 2):
            with self.subTest(size=size):
                self.path.write_bytes(whole[:size])
                self.assertGreater(inspect(self.path).fault_count, 0)

    def test_no_database(self) -> None:
        self.path.write_bytes(1_000 * b"garbage ")
        self.assertEqual(inspect(self.path).fault_count, 1)
        self.path.unlink()
        self.assertIn("cannot be opened", inspect(self.path).faults[0])
        self.assertFalse(self.path.exists(), "and it made none")

    def test_of_many_faults_some_are_told_and_all_are_counted(self) -> None:
        self.make()
        log = self.open()
        log.commit(Batch(messages=[MessageRow(1, seq, 5_000, 1, "Ann", f"n{seq}", "a") for seq in range(10, 110)]))
        log.close()
        self.spoil("DELETE FROM mid WHERE mid LIKE 'n%'")
        report = inspect(self.path)
        self.assertEqual((len(report.faults), report.fault_count), (20, 100))

    def test_it_changes_nothing_and_sees_one_moment(self) -> None:
        self.make()
        log = self.open()
        log.commit(Batch(messages=[message(10)]))
        before = {name: (self.folder / name).read_bytes() for name in ("chat.db", "chat.db-wal")}
        self.assertEqual(inspect(self.path), ("3 rooms, 9 messages, 1 name", (), 0))
        self.assertEqual({name: (self.folder / name).read_bytes() for name in before}, before)
        log.commit(Batch(messages=[message(11)]))
        self.assertTrue(log.is_writable())

    def test_a_folder_or_a_file(self) -> None:
        self.assertEqual(log_file(self.folder), self.path)
        self.assertEqual(log_file(self.path), self.path)


@unittest.skipIf(sys.platform == "win32", "access is no matter of modes there")
class Modes(InspectionCase):
    def test_who_may_read(self) -> None:
        folder = DataFolder(self.folder / "data")
        folder.close()
        self.assertEqual(who_may_read(folder.path), [])
        os.chmod(folder.log_path, 0o640)
        os.chmod(folder.path, 0o755)  # noqa: S103 - that is what is tested
        first, second = who_may_read(folder.path)
        self.assertIn("(mode 755); to change that: chmod 700.", first)
        self.assertIn("chat.db (mode 640); to change that: chmod 600.", second)
        self.assertEqual(who_may_read(folder.log_path), [second])


class DatabaseError(InspectionCase):
    def test_a_writer_in_the_middle_of_a_transaction(self) -> None:
        self.make()
        other = sqlite3.connect(str(self.path), isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM mid")
        self.assertEqual(inspect(self.path).fault_count, 0)
        other.execute("ROLLBACK")


if __name__ == "__main__":
    unittest.main()
