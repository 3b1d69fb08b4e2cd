from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Iterator
from unittest import mock

from chat_core.errors import SystemFailure
from chat_core.ui.desktop.saving import Saving, begin_saving, shown_address
from chat_core.ui.model.export import Entry, Format

ENTRIES = [Entry(1_700_000_000_000 + number * 1_000, "Ann", f"number {number}") for number in range(1_000)]


def breaking(after: int) -> Iterator[str]:
    for _turn in range(after):
        yield "x"
    raise ZeroDivisionError


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "lobby.txt"

    def files(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir())


class Writing(InFolder):
    def test_all_of_it_is_written_little_by_little(self) -> None:
        saving = Saving(self.path, map(str, range(1_000)), 1_000)
        fractions = [saving.fraction]
        while saving.step():
            fractions.append(saving.fraction)
            self.assertFalse(self.path.exists())
        self.assertEqual(fractions, [0.0, 0.25, 0.5, 0.75, 1.0])
        self.assertEqual(self.path.read_text(encoding="utf-8"), "".join(map(str, range(1_000))))
        self.assertEqual(self.files(), ["lobby.txt"])
        self.assertTrue(saving.is_done)
        self.assertFalse(saving.step())

    def test_long_pieces_are_fewer_at_a_time(self) -> None:
        saving = Saving(self.path, ["x" * 100_000] * 10, 10)
        saving.step()
        self.assertEqual(saving.fraction, 0.3)
        saving.cancel()

    def test_a_total_that_was_too_low_is_no_more_than_all(self) -> None:
        saving = Saving(self.path, ["x"] * 10, 3)
        saving.step()
        self.assertEqual(saving.fraction, 1.0)
        saving.cancel()

    def test_nothing_to_write_is_an_empty_file(self) -> None:
        saving = Saving(self.path, [], 0)
        self.assertFalse(saving.step())
        self.assertEqual(self.path.read_bytes(), b"")

    def test_half_a_character_can_be_written(self) -> None:
        saving = Saving(self.path, ["a\ud83d", "ü"], 2)
        while saving.step():
            pass
        self.assertEqual(self.path.read_text(encoding="utf-8"), "a?ü")

    @unittest.skipIf(os.name == "nt", "Windows has no such modes")
    def test_only_this_user_may_read_it(self) -> None:
        saving = Saving(self.path, ["x"], 1)
        while saving.step():
            pass
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_each_format_is_written_as_itself(self) -> None:
        for kind, beginning in ((Format.PAGE, "<!doctype html>"), (Format.TEXT, "lobby\n"), (Format.JSON, '{"format"')):
            with self.subTest(kind.value):
                saving = begin_saving(self.path, kind, iter(ENTRIES), len(ENTRIES), title="lobby", own_name="Ann")
                while saving.step():
                    self.assertLessEqual(saving.fraction, 1.0)
                content = self.path.read_text(encoding="utf-8")
                self.assertTrue(content.startswith(beginning))
                self.assertIn("number 999", content)
        self.assertEqual(len(json.loads(content)["messages"]), len(ENTRIES))


class BreakingOff(InFolder):
    def setUp(self) -> None:
        super().setUp()
        self.path.write_text("the former one")

    def check_nothing_happened(self) -> None:
        self.assertEqual(self.files(), ["lobby.txt"])
        self.assertEqual(self.path.read_text(), "the former one")

    def test_cancelling_leaves_the_former_file(self) -> None:
        saving = Saving(self.path, ["x"] * 1_000, 1_000)
        saving.step()
        self.assertEqual(len(self.files()), 2)
        saving.cancel()
        self.check_nothing_happened()
        saving.cancel()

    def test_cancelling_what_has_not_begun(self) -> None:
        Saving(self.path, ["x"], 1).cancel()
        self.check_nothing_happened()

    def test_cancelling_what_is_done_does_nothing(self) -> None:
        saving = Saving(self.path, ["x"], 1)
        while saving.step():
            pass
        saving.cancel()
        self.assertEqual(self.path.read_text(), "x")

    def test_a_full_disk_leaves_nothing_behind(self) -> None:
        saving = Saving(self.path, ["x"] * 1_000, 1_000)
        saving.step()
        full = OSError(errno.ENOSPC, "No space left on device")
        with mock.patch("os.fsync", side_effect=full), self.assertRaises(SystemFailure) as caught:
            while saving.step():
                pass
        self.assertIn("No space left on device", caught.exception.detail)
        self.check_nothing_happened()

    @unittest.skipUnless(Path("/dev/full").exists(), "there is no device that is always full")
    def test_a_write_that_fails_is_met_at_once(self) -> None:
        device = os.open("/dev/full", os.O_WRONLY)
        temporary = self.folder / "temporary"
        temporary.touch()
        saving = Saving(self.path, ["x"] * 1_000, 1_000)
        with mock.patch("tempfile.mkstemp", return_value=(device, str(temporary))):
            self.assertRaises(SystemFailure, saving.step)
        self.check_nothing_happened()

    def test_a_folder_that_is_not_there(self) -> None:
        saving = Saving(self.folder / "gone" / "lobby.txt", ["x"], 1)
        with self.assertRaises(SystemFailure):
            saving.step()
        self.check_nothing_happened()

    def test_a_folder_that_is_gone_before_the_end(self) -> None:
        stick = self.folder / "stick"
        for pieces in (["x"], ["x"] * 1_000):
            stick.mkdir()
            saving = Saving(stick / "lobby.txt", pieces, len(pieces))
            saving.step()
            if os.name != "nt":  # where an open file cannot be deleted
                shutil.rmtree(stick)
                with self.assertRaises(SystemFailure):
                    while saving.step():
                        pass
            saving.cancel()
            shutil.rmtree(stick, ignore_errors=True)
        self.check_nothing_happened()

    @unittest.skipIf(os.name == "nt", "an open file cannot be deleted there")
    def test_cancelling_what_is_gone(self) -> None:
        stick = self.folder / "stick"
        stick.mkdir()
        saving = Saving(stick / "lobby.txt", ["x"], 1)
        saving.step()
        shutil.rmtree(stick)
        saving.cancel()
        self.check_nothing_happened()

    def test_a_folder_in_the_place_of_the_file(self) -> None:
        taken = self.folder / "taken"
        taken.mkdir()
        saving = Saving(taken, ["x"], 1)
        with self.assertRaises(SystemFailure):
            while saving.step():
                pass
        self.assertEqual(self.files(), ["lobby.txt", "taken"])

    def test_a_mistake_of_ours_leaves_nothing_behind_either(self) -> None:
        saving = Saving(self.path, breaking(300), 1_000)
        saving.step()
        with self.assertRaises(ZeroDivisionError):
            saving.step()
        self.check_nothing_happened()


class Showing(InFolder):
    def test_a_page_is_shown_itself_anything_else_in_its_folder(self) -> None:
        folder = self.folder.resolve()
        self.assertEqual(shown_address(folder / "a b.html"), (folder / "a b.html").as_uri())
        self.assertTrue(shown_address(folder / "a b.html").endswith("a%20b.html"))
        self.assertEqual(shown_address(folder / "a.json"), folder.as_uri())


if __name__ == "__main__":
    unittest.main()
