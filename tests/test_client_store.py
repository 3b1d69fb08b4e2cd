"""What the client keeps on disk, through crashes, damage, a second window and a disk that fails."""

from __future__ import annotations

import functools
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest
from contextlib import closing
from pathlib import Path
from typing import Any

from chat_core.client.kept import Kept, KeptRoom, OutboxEntry
from chat_core.client.link import Link
from chat_core.client.session import Session
from chat_core.client.store import MemoryStore, ProfileInUse, SqliteStore, profile_path
from chat_core.errors import ChatError, Refusal, SystemFailure
from tests.client_talk import seeded_bits
from tests.link_by_hand import LinkTestCase

_CRASH = """
import os, sys
from pathlib import Path
from chat_core.client.kept import OutboxEntry
from chat_core.client.store import SqliteStore
store = SqliteStore(Path(sys.argv[1]), "host", 2428, "Ann")
store.keep_post(OutboxEntry("m1", "lobby", "kept"))
store.save()
store.keep_post(OutboxEntry("m2", "lobby", "noted only"))
os._exit(0)  # without closing anything, as a kill -9 would
"""


class FailingConnection(sqlite3.Connection):
    """A database whose disk is full while `is_full` is set."""

    is_full = False

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if self.is_full and sql.startswith("INSERT"):
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *values)


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "client"

    def open(self, name: str = "Ann", host: str = "host", **options: Any) -> SqliteStore:
        store = SqliteStore(self.folder, host, 2428, name, **options)
        self.addCleanup(store.close)
        return store

    def file(self, name: str = "Ann") -> Path:
        return profile_path(self.folder, "host", 2428, name)


class StoreTest(InFolder):
    def test_what_is_saved_is_there_again_in_its_order(self) -> None:
        store = self.open()
        self.assertEqual(store.load(), Kept())
        store.keep_login("e1", "t1", "Ann")
        for key in ("b", "a"):
            store.keep_room(KeptRoom(key, key.upper(), None))
        for mid in ("m2", "m1", "m3"):
            store.keep_post(OutboxEntry(mid, "A", "hi\nyou"))
        self.assertTrue(store.has_urgent)
        store.save()
        self.assertFalse(store.has_urgent)
        store.keep_room(KeptRoom("b", "B", 7))
        store.keep_room(KeptRoom("c", "C", 1))
        store.forget_room("c")
        store.forget_post("m2")
        self.assertEqual((store.has_urgent, store.has_changes), (False, True))
        store.save()
        self.assertFalse(store.has_changes)
        store.close()
        kept = self.open().load()
        self.assertEqual((kept.epoch, kept.token, kept.name), ("e1", "t1", "Ann"))
        self.assertEqual(kept.rooms, (KeptRoom("b", "B", 7), KeptRoom("a", "A", None)))
        self.assertEqual([entry.mid for entry in kept.outbox], ["m1", "m3"])

    def test_the_memory_store_keeps_the_same(self) -> None:
        store = MemoryStore()
        store.keep_login("e", "t", "Ann")
        store.keep_room(KeptRoom("a", "A", 3))
        store.keep_room(KeptRoom("b", "B", 3))
        store.forget_room("b")
        entry = OutboxEntry("m", "A", "x")
        store.keep_post(entry)
        store.keep_post(OutboxEntry("n", "A", "x"))
        store.forget_post("n")
        store.save()
        store.close()
        self.assertEqual(store.load(), Kept("e", "t", "Ann", (KeptRoom("a", "A", 3),), (entry,)))

    def test_each_person_and_server_has_its_own_file(self) -> None:
        paths = {
            profile_path(self.folder, host, port, name)
            for host, port, name in (
                ("host", 1, "Ann"), ("HOST", 1, "ann"), ("host", 2, "Ann"), ("other", 1, "Ann"), ("host", 1, "Bob"),
                ("::1", 1, "Ann"), ("../up", 1, "Ann"),
            )
        }  # fmt: skip
        self.assertEqual(len(paths), 6)
        self.assertEqual({path.parent for path in paths}, {self.folder / "profiles"})
        with self.assertRaises(Refusal):
            profile_path(self.folder, "host", 1, "")

    @unittest.skipIf(sys.platform == "win32", "Windows has no such modes")
    def test_everything_is_private(self) -> None:
        store = self.open()
        store.keep_login("e", "t", "Ann")
        store.save()
        for path in (self.folder, *self.folder.rglob("*")):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_a_crash_loses_nothing_that_was_saved(self) -> None:
        subprocess.run([sys.executable, "-c", _CRASH, str(self.folder)], check=True)
        self.assertEqual([entry.text for entry in self.open().load().outbox], ["kept"])

    def test_a_second_window_is_told(self) -> None:
        store = self.open()
        with self.assertRaises(ProfileInUse) as caught:
            self.open("ANN")
        self.assertIn("already open in another window", str(caught.exception))
        self.open("Bob")
        self.open(host="other")
        store.close()
        self.assertEqual(self.open().load(), Kept())

    def test_another_process_is_told_too(self) -> None:
        self.open()
        done = subprocess.run(
            [sys.executable, "-c", _CRASH, str(self.folder)], check=False, capture_output=True, text=True
        )
        self.assertIn("ProfileInUse", done.stderr)

    def test_a_damaged_file_is_set_aside_and_that_is_told(self) -> None:
        for damage in (b"no database at all, but some text of more than a few bytes" * 50, b"SQLite format 3\0" * 300):
            with self.subTest(damage[:10]):
                self.open().close()
                self.file().write_bytes(damage)
                store = self.open()
                self.assertIn("set aside", store.notice)
                self.assertEqual(store.load(), Kept())
                store.close()
        asides = sorted(path.name for path in self.file().parent.glob("*.damaged-?"))
        self.assertEqual(len(asides), 2)

    def test_a_log_beside_a_damaged_file_goes_with_it(self) -> None:
        self.open().close()
        self.file().write_bytes(b"damage" * 1_000)
        beside = self.file().with_name(self.file().name + "-journal")
        beside.write_bytes(b"old")
        self.open()
        self.assertFalse(beside.exists())

    def test_a_newer_format_is_left_alone(self) -> None:
        self.open().close()
        with closing(sqlite3.connect(self.file())) as database:
            database.execute("PRAGMA user_version = 9")
        with self.assertRaises(ChatError) as caught:
            self.open()
        self.assertIn("newer version", str(caught.exception))
        self.assertTrue(self.file().exists())

    def test_a_folder_that_cannot_be_made(self) -> None:
        self.folder.write_bytes(b"a file is in the way")
        with self.assertRaises(SystemFailure):
            self.open()

    def test_a_file_that_cannot_be_opened(self) -> None:
        self.file().mkdir(parents=True)
        with self.assertRaises(SystemFailure):
            self.open()

    def test_a_full_disk_loses_nothing_in_memory(self) -> None:
        store = self.open(connect=functools.partial(sqlite3.connect, factory=FailingConnection))
        store.keep_post(OutboxEntry("m", "lobby", "x"))
        FailingConnection.is_full = True
        try:
            with self.assertRaises(SystemFailure) as caught:
                store.save()
        finally:
            FailingConnection.is_full = False
        self.assertEqual(caught.exception.detail, f"database or disk is full ({self.file()})")
        self.assertTrue(store.has_urgent)
        self.assertEqual(store.load(), Kept())
        store.save()
        self.assertEqual(len(store.load().outbox), 1)

    def test_reading_from_a_closed_store_is_a_failure_of_the_catalogue(self) -> None:
        store = self.open()
        store.close()
        store.close()
        with self.assertRaises(SystemFailure):
            store.load()


class NewNameTest(InFolder):
    def renamed(self) -> SqliteStore:
        store = self.open()
        store.keep_login("e", "t", "Zoe")
        return store

    def test_the_file_follows_its_person(self) -> None:
        store = self.renamed()
        store.save()
        self.assertFalse(self.file().exists())
        store.keep_post(OutboxEntry("m", "lobby", "x"))
        store.save()
        store.close()
        kept = self.open("Zoe").load()
        self.assertEqual((kept.token, len(kept.outbox)), ("t", 1))
        self.assertIsNone(self.open("Ann").load().token)

    def test_with_a_disk_too_full_to_take_the_wal_in_it_stays_where_it_is(self) -> None:
        class Full(sqlite3.Connection):
            is_full = True

            def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
                if Full.is_full and "TRUNCATE" in statement:
                    statement = "SELECT 0, 5, 3"  # five pages in the WAL, three of them moved
                return super().execute(statement, *values)

        store = self.open(connect=functools.partial(sqlite3.connect, factory=Full))
        store.keep_login("e", "t", "Zoe")
        store.keep_post(OutboxEntry("m", "lobby", "x"))
        with self.assertRaises(SystemFailure) as caught:
            store.save()
        self.assertIn(str(self.file()), caught.exception.detail)
        self.assertEqual(len(store.load().outbox), 1)
        Full.is_full = False
        store.save()
        store.close()
        kept = self.open("Zoe").load()
        self.assertEqual((kept.token, len(kept.outbox)), ("t", 1))

    def test_another_spelling_is_the_same_file(self) -> None:
        store = self.open()
        store.keep_login("e", "t", "ANN")
        store.save()
        self.assertTrue(self.file().exists())

    def test_a_former_profile_of_that_name_is_set_aside(self) -> None:
        self.open("Zoe").close()
        self.renamed().save()
        self.assertEqual(len(list(self.file().parent.glob("*.former-1"))), 1)

    def test_a_name_that_is_open_elsewhere_is_tried_again(self) -> None:
        other = self.open("Zoe")
        store = self.renamed()
        with self.assertRaises(SystemFailure):
            store.save()
        self.assertEqual(store.load().token, "t")  # saved, under the old name
        other.close()
        store.save()
        self.assertFalse(self.file().exists())


class CrashTest(LinkTestCase):
    """What a program that dies over a message is shown again."""

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.link.close()
        self.store = self.open_store()  # type: ignore[assignment]
        session = Session("Ann", "install", self.store, seeded_bits(1), rooms=["lobby"])
        self.link = Link(session, self.store, self.dial, self.jitter)
        self.come_online()
        self.poll(2.0)

    def open_store(self) -> SqliteStore:
        store = SqliteStore(self.folder, "host", 2428, "Ann")
        self.addCleanup(store.close)
        return store

    def hears(self, *seqs: int) -> None:
        for seq in seqs:
            self.says("message", room="lobby", seq=seq, time=1, mid=f"m{seq}", text="x", **{"from": "Bob"})

    def kept_cursor(self) -> int | None:
        return self.open_store().load().rooms[0].cursor

    def test_a_login_that_is_saved_at_once_takes_no_cursor_with_it(self) -> None:
        self.hears(1)
        self.says("renamed", name="Ann")
        self.poll(0.1)
        self.store.close()  # it dies here, and nothing of the poll was handled
        self.assertEqual(self.kept_cursor(), 0)

    def test_a_program_that_fails_over_a_message_is_shown_it_again(self) -> None:
        self.hears(1, 2, 3)
        with self.assertRaises(ZeroDivisionError), self.link:
            self.poll(0.1)
            raise ZeroDivisionError
        self.assertEqual(self.kept_cursor(), 0)

    def test_one_that_ends_well_is_not(self) -> None:
        self.hears(1, 2, 3)
        with self.link:
            self.poll(0.1)
        self.assertEqual(self.kept_cursor(), 3)


if __name__ == "__main__":
    unittest.main()
