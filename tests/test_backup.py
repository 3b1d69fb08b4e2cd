"""Copies of a log: whole, private, under a new epoch, never half made; and the commands `check` and `backup`."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from chat_core.server import backup
from chat_core.server.backup import BackupFailure, back_up
from chat_core.server.inspection import inspect
from chat_core.server.log import SqliteLog
from chat_core.server.records import Batch, Cut
from tests import REPOSITORY
from tests.serving import HOST, PATIENCE_S, RawClient, ServerProcess
from tests.test_log import ANN, LOBBY, LogCase, message


class BackupCase(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.target = self.folder / "backups" / "copy.db"
        self.target.parent.mkdir()

    def make(self) -> SqliteLog:
        """Make a log with messages, which stays open."""
        log = self.open()
        log.commit(Batch(people=[ANN], rooms=[LOBBY], messages=[message(seq) for seq in range(1, 10)]))
        log.prune([Cut(1, 3)], 77)
        return log

    def names(self) -> list[str]:
        return sorted(os.listdir(self.target.parent))


class BackingUp(BackupCase):
    def test_a_copy_is_the_log_under_another_epoch(self) -> None:
        log = self.make()
        report = back_up(self.path, self.target, "epoch-new")
        self.assertEqual(report, ("1 room, 6 messages, 1 name", (), 0))
        log.commit(Batch(messages=[message(10)]))
        self.assertEqual(self.names(), ["copy.db"])
        if sys.platform != "win32":
            self.assertEqual(stat.S_IMODE(self.target.stat().st_mode), 0o600)
        copy = SqliteLog(self.target, "unused")
        self.addCleanup(copy.close)
        self.assertEqual((log.epoch, copy.epoch), ("epoch-1", "epoch-new"))
        self.assertEqual(copy.rooms(), [log.rooms()[0]._replace(head=9, last_unix_ms=1_009)])
        self.assertEqual((copy.after(1, 0, 99, 99), copy.next_ids()), (log.after(1, 0, 6, 99), log.next_ids()))
        self.assertEqual(copy.find_mids([(1, "m1-1")]), log.find_mids([(1, "m1-1")]))
        copy.commit(Batch(messages=[message(10, "other")]))

    def check_fails(self, words: str, source: Path | None = None) -> None:
        with self.assertRaisesRegex(BackupFailure, words):
            back_up(source or self.path, self.target, "epoch-new")

    def test_nothing_is_overwritten(self) -> None:
        self.make()
        self.target.write_bytes(b"precious")
        self.check_fails("is there already")
        self.assertEqual((self.target.read_bytes(), self.names()), (b"precious", ["copy.db"]))

    def test_nor_what_came_while_the_copy_was_made(self) -> None:
        self.make()

        def inspect_slowly(copy: Path) -> object:
            self.target.write_bytes(b"precious")
            return inspect(copy)

        with mock.patch.object(backup, "inspect", inspect_slowly):
            self.check_fails("is there already")
        self.assertEqual((self.target.read_bytes(), self.names()), (b"precious", ["copy.db"]))

    def test_what_cannot_be_copied(self) -> None:
        self.check_fails("is not there")
        self.path.write_bytes(1_000 * b"garbage ")
        self.check_fails("cannot be copied")
        self.path.write_bytes(b"")
        self.check_fails("not a database of this chat")
        self.assertEqual(self.names(), [])

    def test_a_log_that_is_not_in_order(self) -> None:
        self.make().close()
        self.spoil("DELETE FROM mid WHERE mid = 'm1-7'")
        self.check_fails("not in order, so it was not kept. Message 7 of Lobby has no dedupe key")
        self.assertEqual(self.names(), [])

    def test_no_place_for_it(self) -> None:
        self.make()
        self.target.parent.rmdir()
        self.check_fails("cannot be written")


def care(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-m", "chat_core.server", *arguments],
        cwd=str(REPOSITORY), capture_output=True, timeout=PATIENCE_S, check=False, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


class CommandLine(BackupCase):
    def test_alone_it_says_what_it_can_do(self) -> None:
        ended = care()
        self.assertEqual((ended.returncode, ended.stderr), (2, ""))
        self.assertIn("check", ended.stdout)
        self.assertIn("backup", ended.stdout)

    def test_a_word_that_means_nothing(self) -> None:
        ended = care("mend", "x")
        self.assertEqual((ended.returncode, ended.stdout), (2, ""))
        self.assertNotIn("Traceback", ended.stderr)

    def test_check(self) -> None:
        self.make().close()
        os.chmod(self.path, 0o600)
        good = care("check", str(self.folder))
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertEqual(good.stdout, f"{self.path} is in order: 1 room, 6 messages, 1 name.\n")
        self.spoil("DELETE FROM mid WHERE mid LIKE 'm1-_'", "UPDATE person SET name = 'A' || char(27)")
        bad = care("check", str(self.path))
        self.assertEqual((bad.returncode, bad.stderr), (1, ""))
        self.assertIn("is not in order:\n- Message 4 of Lobby has no dedupe key", bad.stdout)
        self.assertNotIn("\x1b", bad.stdout)

    def test_nothing_to_check(self) -> None:
        for data in (self.folder, self.folder / "nowhere"):
            ended = care("check", str(data))
            self.assertEqual((ended.returncode, ended.stdout), (1, ""))
            self.assertRegex(ended.stderr, r"^\S+ is not there\.\n$")

    def test_backup(self) -> None:
        self.make()
        ended = care("backup", str(self.folder), str(self.target))
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(ended.stdout, f"{self.target} is a backup: 1 room, 6 messages, 1 name.\n")
        again = care("backup", str(self.folder), str(self.target))
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertRegex(again.stderr, r"^No backup was made\. \S+ is there already\.")


class BesideAServer(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"
        self.token = ""

    def start(self, data: Path, *arguments: str) -> ServerProcess:
        return ServerProcess(self, "--host", HOST, "--port", "0", "--data", str(data), "--rate", "0", *arguments)

    def client(self, server: ServerProcess) -> RawClient:
        client = server.client()
        self.addCleanup(client.close)
        return client

    def test_while_it_is_written_to_and_the_copy_is_another_log_to_who_read_further(self) -> None:
        server = self.start(self.data)
        ann = self.client(server)
        epoch = ann.hello("ann", token="t" * 30)["epoch"]
        ann.join("lobby")
        for _ in range(50):
            ann.post("lobby", "before")
        for _ in range(50):
            ann.expect("posted")
        target = self.folder / "copy.db"
        making = subprocess.Popen(
            [sys.executable, "-m", "chat_core.server", "backup", str(self.data), str(target)],
            cwd=str(REPOSITORY), stdout=subprocess.PIPE,
        )  # fmt: skip
        written = 50
        for _ in range(20_000):
            if making.poll() is not None:
                break
            ann.post("lobby", "meanwhile")
            ann.expect("posted")
            written += 1
        making.communicate(timeout=PATIENCE_S)
        ann.post("lobby", "after")
        ann.expect("posted")
        self.assertEqual(making.returncode, 0)
        self.assertGreater(written, 50)
        beside = care("check", str(self.data))
        self.assertEqual((beside.returncode, beside.stderr), (0, ""))
        self.assertIn(f"1 room, {written + 1} messages, 1 name", beside.stdout)
        ann.close()
        self.assertEqual((server.stop(), server.errors()), (0, ""))

        restored = self.folder / "restored"
        restored.mkdir(mode=0o700)
        shutil.copy(target, restored / "chat.db")
        server = self.start(restored)
        ann = self.client(server)
        welcome = ann.hello("somebody else", token="t" * 30)
        self.assertEqual(welcome["name"], "ann", "people are who they were")
        self.assertNotEqual(welcome["epoch"], epoch)
        joined = ann.join("lobby", after=written + 1)
        self.assertIs(joined["reset"], True)
        self.assertGreaterEqual(joined["head"], 50)
        self.assertLessEqual(joined["head"], written)
        seqs = [event["seq"] for event in ann.of("message")]
        self.assertEqual(seqs, list(range(joined["head"] - 49, joined["head"] + 1)))
        ann.close()
        self.assertEqual((server.stop(), server.errors()), (0, ""))

    def test_a_server_that_prunes(self) -> None:
        server = self.start(self.data, "--keep-messages", "3", "--keep", "0.5")
        server.wait_for_line(r"Messages are deleted after 0\.5 days and beyond the newest 3 of their room\.")
        ann = self.client(server)
        ann.hello("ann")
        ann.join("lobby")
        for _ in range(10):
            ann.post("lobby", "x")
        for _ in range(10):
            ann.expect("posted")
        bob = self.client(server)
        bob.hello("bob")
        for _ in range(100_000):  # not one of these is a wait: a busy server prunes within a second too
            joined = bob.join("lobby", last=0)
            if joined["first"] == 8:
                break
            bob.send({"type": "leave", "room": "lobby"})
            bob.expect("left")
        self.assertEqual((joined["head"], joined["first"]), (10, 8))
        checked = care("check", str(self.data))
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        self.assertIn("1 room, 3 messages, 2 names", checked.stdout)
        for client in (ann, bob):
            client.close()
        self.assertEqual((server.stop(), server.errors()), (0, ""))


if __name__ == "__main__":
    unittest.main()
