"""Opening the log: every way in which its file can be unusable is one sentence that says what to do."""

from __future__ import annotations

import os
import sqlite3
import stat
import unittest

from chat_core.errors import StartFailure
from chat_core.server.folder import DataFolder
from chat_core.server.log import SCHEMA_VERSION, SqliteLog
from chat_core.server.records import Batch
from tests.test_log import ANN, LOBBY, LogCase, message


class Opening(LogCase):
    def check_not_opened(self, words: str) -> None:
        """Check that the log says in these words why it cannot be used, and where."""
        with self.assertRaisesRegex(StartFailure, words) as caught:
            self.open("other")
        self.assertIn(str(self.path), str(caught.exception))

    def make(self, text: str = "a") -> None:
        """Make a log with a message in it."""
        log = self.open()
        log.commit(Batch(people=[ANN], rooms=[LOBBY], messages=[message(1, text=text)]))
        log.close()

    def test_somebody_elses_database(self) -> None:
        self.spoil("CREATE TABLE bookmarks (url TEXT)")
        self.check_not_opened("not one of this chat")
        self.spoil("DROP TABLE bookmarks")

    def test_a_newer_version(self) -> None:
        self.make()
        self.spoil(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        self.check_not_opened(f"newer version .*format {SCHEMA_VERSION + 1}, this one knows {SCHEMA_VERSION}")

    def test_no_epoch(self) -> None:
        self.make()
        self.spoil("DELETE FROM meta")
        self.check_not_opened("damaged or no database .it has no epoch")

    def test_a_table_that_is_missing(self) -> None:
        self.make()
        self.spoil("DROP TABLE meta")
        self.check_not_opened("damaged")

    def test_garbage(self) -> None:
        self.path.write_bytes(4_096 * b"garbage ")
        self.check_not_opened("damaged or no database")

    def test_a_file_that_was_cut_off(self) -> None:
        self.make(100_000 * "a")
        whole = self.path.read_bytes()
        for size in (50, 4_096, len(whole) // 2, len(whole) - 4_096):
            with self.subTest(size=size):
                self.path.write_bytes(whole[:size])
                self.check_not_opened("damaged or no database")

    def test_a_page_that_was_overwritten(self) -> None:
        self.make()
        whole = bytearray(self.path.read_bytes())
        whole[4_096:8_192] = 4_096 * b"\x55"
        self.path.write_bytes(whole)
        self.check_not_opened("damaged or no database")

    def test_an_empty_file_is_a_new_log(self) -> None:
        self.path.touch()
        self.assertEqual(self.open("new").epoch, "new")

    def test_a_folder_in_its_place(self) -> None:
        self.path.mkdir()
        self.check_not_opened("cannot be written")

    def test_in_use_by_another_program(self) -> None:
        other = sqlite3.connect(str(self.path), isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        self.check_not_opened("in use by another program")

    def test_a_disk_that_is_full(self) -> None:
        def connect(name: str) -> sqlite3.Connection:
            database = sqlite3.connect(name, isolation_level=None)
            database.execute("PRAGMA max_page_count = 1")
            return database

        with self.assertRaisesRegex(StartFailure, "disk .* is full. Make room and start again"):
            SqliteLog(self.path, "epoch-1", connect=connect)
        self.assertEqual(self.open("epoch-2").epoch, "epoch-2", "nothing of the first attempt was kept")

    @unittest.skipIf(os.name != "posix", "files have no modes here")
    def test_a_file_that_may_not_be_written(self) -> None:
        self.make()
        os.chmod(self.path, 0o400)
        os.chmod(self.folder, 0o500)
        self.addCleanup(os.chmod, self.folder, 0o700)
        if os.access(self.path, os.W_OK):
            self.skipTest("root may write everything")
        self.check_not_opened("cannot be written")

    def test_a_large_file_is_not_checked_page_by_page(self) -> None:
        self.make()
        self.spoil(
            "CREATE TABLE filler (x)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
            " INSERT INTO filler SELECT zeroblob(1000000) FROM n",
        )
        self.assertEqual(self.open().epoch, "epoch-1")

    @unittest.skipIf(os.name != "posix", "files have no modes here")
    def test_nobody_else_may_read_it(self) -> None:
        folder = DataFolder(self.folder / "kept")
        self.addCleanup(folder.close)
        log = SqliteLog(folder.log_path, "epoch-1")
        self.addCleanup(log.close)
        log.commit(Batch(rooms=[LOBBY], messages=[message(1)]))
        modes = {name: stat.S_IMODE(os.stat(folder.path / name).st_mode) for name in os.listdir(folder.path)}
        self.assertEqual(modes, dict.fromkeys(("chat.db", "chat.db-shm", "chat.db-wal", "lock"), 0o600))
