from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from chat_core.ui.memory import FormMemory
from chat_core.ui.model.contract import Remembered

LAST = Remembered("chat.example", 99, "Ann", "800x600+1+2")


class TestFormMemory(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "client"

    def test_the_first_time_there_are_defaults(self) -> None:
        self.assertEqual(FormMemory(self.folder).read(), Remembered())

    def test_what_was_remembered_is_there_the_next_time(self) -> None:
        FormMemory(self.folder).write(LAST)
        self.assertEqual(FormMemory(self.folder).read(), LAST)

    def test_what_has_not_changed_is_not_written_again(self) -> None:
        memory = FormMemory(self.folder)
        memory.write(LAST)
        (self.folder / "settings.json").unlink()
        memory.write(LAST)
        self.assertFalse((self.folder / "settings.json").exists())

    def test_a_folder_that_cannot_be_costs_only_the_remembering(self) -> None:
        self.folder.write_text("a file stands in the way")
        with self.assertLogs("chat_core.ui.memory", "WARNING"):
            memory = FormMemory(self.folder)
        memory.write(LAST)
        self.assertEqual(memory.read(), Remembered())

    def test_a_disk_that_fails_later_does_too(self) -> None:
        memory = FormMemory(self.folder)
        for each in self.folder.iterdir():
            each.unlink()
        self.folder.rmdir()
        with self.assertLogs("chat_core.ui.memory", "WARNING"):
            memory.write(LAST)
        self.assertEqual(memory.read(), LAST)


if __name__ == "__main__":
    unittest.main()
