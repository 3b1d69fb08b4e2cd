"""The data folder: private, locked against a second server, and clear about why it cannot be used."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from chat_core.errors import StartFailure
from chat_core.server.folder import DataFolder
from tests import REPOSITORY

#: A server's hold on a folder, in a process of its own: it says when it has it and keeps it until its input ends.
_HOLD = "import sys, pathlib; from chat_core.server.folder import DataFolder; \
f = DataFolder(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        parent = tempfile.TemporaryDirectory()
        self.addCleanup(parent.cleanup)
        self.path = Path(parent.name) / "deep" / "data"

    def take(self) -> DataFolder:
        """Take the folder until the test ends, or it is closed."""
        return DataFolder(self.path)

    def check_refused(self, words: str) -> None:
        """Check that the folder cannot be had, with a sentence that says why and what to do."""
        with self.assertRaisesRegex(StartFailure, words) as caught:
            self.take()
        self.assertIn(str(self.path), str(caught.exception))
        self.assertIn("--data", str(caught.exception))

    def test_it_is_made_with_its_parents(self) -> None:
        folder = self.take()
        self.addCleanup(folder.close)
        self.assertEqual((folder.path, folder.log_path), (self.path, self.path / "chat.db"))
        self.assertEqual(sorted(os.listdir(self.path)), ["chat.db", "lock"])

    @unittest.skipIf(os.name != "posix", "files have no modes here")
    def test_only_this_user_may_enter(self) -> None:
        was = os.umask(0)
        self.addCleanup(os.umask, was)
        folder = self.take()
        self.addCleanup(folder.close)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o700)
        for name in ("chat.db", "lock"):
            self.assertEqual(stat.S_IMODE(os.stat(self.path / name).st_mode), 0o600)

    def test_what_is_there_stays(self) -> None:
        self.path.mkdir(parents=True)
        (self.path / "chat.db").write_bytes(b"messages")
        self.take().close()
        self.assertEqual((self.path / "chat.db").read_bytes(), b"messages")

    def test_one_server_at_a_time(self) -> None:
        first = self.take()
        try:
            self.check_refused("Another server is already using")
        finally:
            first.close()
        self.take().close()

    def test_a_server_that_is_killed_leaves_no_lock_behind(self) -> None:
        holder = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(self.path)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with holder:
            assert holder.stdout is not None
            self.assertEqual(holder.stdout.readline().strip(), b"held")
            self.check_refused("Another server is already using")
            holder.kill()
        self.take().close()

    def test_a_file_in_its_place(self) -> None:
        self.path.parent.mkdir()
        self.path.write_bytes(b"")
        self.check_refused("is a file, not a folder")

    def test_a_lock_that_cannot_be_opened(self) -> None:
        (self.path / "lock").mkdir(parents=True)
        self.check_refused("cannot be written")

    def test_a_log_that_cannot_be_opened_frees_the_lock(self) -> None:
        (self.path / "chat.db").mkdir(parents=True)
        self.check_refused("cannot be written")
        (self.path / "chat.db").rmdir()
        self.take().close()

    @unittest.skipIf(os.name != "posix", "files have no modes here")
    def test_a_folder_that_may_not_be_written(self) -> None:
        self.path.mkdir(parents=True)
        os.chmod(self.path, 0o500)
        self.addCleanup(os.chmod, self.path, 0o700)
        if os.access(self.path, os.W_OK):
            self.skipTest("root may write everything")
        self.check_refused("cannot be written")
