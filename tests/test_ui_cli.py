from __future__ import annotations

import os
import subprocess
import sys
import unittest

from chat_core import __version__
from tests import REPOSITORY

_WITHOUT_TKINTER = "import sys; sys.modules['tkinter'] = None; from chat_core.ui.cli import main; sys.exit(main([]))"


def run(*arguments: str, program: str = "client_main.py") -> subprocess.CompletedProcess[str]:
    """Run the program without a display."""
    environ = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, *(["-c", program] if "\n" in program or " " in program else [program]), *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False)


class TestCommandLine(unittest.TestCase):
    def test_bad_flags_exit_with_2_and_say_what_is_wrong(self) -> None:
        for flags, sentence in (
            (("--port", "0"), "1 to 65535"),
            (("--port", "x"), "--port"),
            (("--host", "a b"), "no address"),
            (("--name", "a!b"), "letters, digits"),
            (("--what",), "--what"),
        ):
            with self.subTest(flags=flags):
                ended = run(*flags)
                self.assertEqual(ended.returncode, 2)
                self.assertIn(sentence, ended.stderr)

    def test_version(self) -> None:
        ended = run("--version")
        self.assertEqual((ended.returncode, ended.stdout), (0, f"chat-core {__version__}\n"))

    @unittest.skipIf(sys.platform in ("win32", "darwin"), "windows need no X display here")
    def test_no_display_is_one_sentence(self) -> None:
        self.assert_one_sentence(run())

    def test_no_tkinter_is_one_sentence(self) -> None:
        self.assert_one_sentence(run(program=_WITHOUT_TKINTER))

    def assert_one_sentence(self, ended: subprocess.CompletedProcess[str]) -> None:
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)
        self.assertIn("python3-tk", ended.stderr)
        self.assertEqual(ended.stdout, "")


if __name__ == "__main__":
    unittest.main()
