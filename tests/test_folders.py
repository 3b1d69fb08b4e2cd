"""Where files go on each system, and that a crash or a full disk leaves a whole file."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import unittest
from pathlib import Path

from chat_core.folders import make_private, replace_file, set_aside, user_data_folder


class UserDataFolderTest(unittest.TestCase):
    def test_linux(self) -> None:
        home = {"HOME": "/home/ann"}
        self.assertEqual(user_data_folder("client", home, "linux"), Path("/home/ann/.local/share/chat-core/client"))
        self.assertEqual(
            user_data_folder("server", {**home, "XDG_DATA_HOME": "relative"}, "linux"),
            Path("/home/ann/.local/share/chat-core/server"),
        )

    @unittest.skipIf(sys.platform == "win32", "an absolute path of Unix")
    def test_xdg(self) -> None:
        found = user_data_folder("server", {"HOME": "/home/ann", "XDG_DATA_HOME": "/data"}, "linux")
        self.assertEqual(found, Path("/data/chat-core/server"))

    def test_macos(self) -> None:
        found = user_data_folder("client", {"HOME": "/Users/ann"}, "darwin")
        self.assertEqual(found, Path("/Users/ann/Library/Application Support/chat-core/client"))

    def test_windows(self) -> None:
        found = user_data_folder("client", {"LOCALAPPDATA": "local"}, "win32")
        self.assertEqual(found, Path("local/chat-core/client"))
        self.assertEqual(
            user_data_folder("client", {}, "win32").parts[-4:], ("AppData", "Local", "chat-core", "client")
        )

    def test_without_any_variable(self) -> None:
        self.assertEqual(user_data_folder("client", {}, "linux").parts[-4:], (".local", "share", "chat-core", "client"))


class FilesTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    @unittest.skipIf(sys.platform == "win32", "Windows has no such modes")
    def test_a_new_folder_and_a_file_in_it_are_private(self) -> None:
        private = self.folder / "a" / "b"
        make_private(private)
        make_private(private)
        replace_file(private / "f", b"x")
        self.assertEqual(stat.S_IMODE(private.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((private / "f").stat().st_mode), 0o600)

    @unittest.skipIf(sys.platform == "win32", "Windows has no such modes")
    def test_a_folder_that_is_there_keeps_its_mode(self) -> None:
        shared = self.folder / "shared"
        shared.mkdir()
        os.chmod(shared, 0o755)  # noqa: S103 - that it is shared is the point
        make_private(shared)
        self.assertEqual(stat.S_IMODE(shared.stat().st_mode), 0o755)

    def test_a_file_where_the_folder_should_be(self) -> None:
        (self.folder / "f").write_bytes(b"")
        with self.assertRaises(FileExistsError):
            make_private(self.folder / "f")

    def test_replacing(self) -> None:
        path = self.folder / "f"
        replace_file(path, b"old")
        replace_file(path, b"new")
        self.assertEqual(path.read_bytes(), b"new")
        self.assertEqual(list(self.folder.iterdir()), [path])

    def test_a_failure_leaves_nothing_behind(self) -> None:
        path = self.folder / "f"
        path.mkdir()
        (path / "inside").write_bytes(b"")
        with self.assertRaises(OSError):
            replace_file(path, b"new")
        self.assertEqual(list(self.folder.iterdir()), [path])
        with self.assertRaises(OSError):
            replace_file(self.folder / "nowhere" / "f", b"new")

    def test_setting_aside_keeps_what_was_set_aside_before(self) -> None:
        path = self.folder / "f"
        for content in (b"1", b"2"):
            path.write_bytes(content)
            set_aside(path)
        self.assertEqual((self.folder / "f.damaged-1").read_bytes(), b"1")
        self.assertEqual((self.folder / "f.damaged-2").read_bytes(), b"2")
        self.assertFalse(path.exists())
        with self.assertRaises(OSError):
            set_aside(path)


if __name__ == "__main__":
    unittest.main()
