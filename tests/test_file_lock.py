from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from chat_core.file_lock import HELD_BY_ANOTHER, is_locked, lock_now


class TestLock(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "lock"

    def open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)

    def test_it_is_held_until_the_file_is_closed(self) -> None:
        self.assertFalse(is_locked(self.path), "there is no such file")
        holder = self.open()
        self.assertFalse(is_locked(self.path))
        lock_now(holder)
        self.assertTrue(is_locked(self.path))
        self.assertTrue(is_locked(self.path), "looking takes nothing away")
        os.close(holder)
        self.assertFalse(is_locked(self.path))

    def test_a_second_one_is_told_at_once(self) -> None:
        holder, other = self.open(), self.open()
        self.addCleanup(os.close, holder)
        self.addCleanup(os.close, other)
        lock_now(holder)
        with self.assertRaises(OSError) as caught:
            lock_now(other)
        self.assertIn(caught.exception.errno, HELD_BY_ANOTHER)


if __name__ == "__main__":
    unittest.main()
