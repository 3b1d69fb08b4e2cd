from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

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
            (("--data", "~nobody-of-that-name/chat"), "no folder"),
        ):
            with self.subTest(flags=flags):
                ended = run(*flags)
                self.assertEqual(ended.returncode, 2)
                self.assertNotIn("Traceback", ended.stderr)
                self.assertIn(sentence, ended.stderr)

    def test_help_calls_the_program_what_it_was_started_as(self) -> None:
        self.assertIn("usage: client_main.py ", run("--help").stdout)
        installed = "import sys; sys.argv[0] = '/usr/bin/chat-client'; from chat_core.ui.cli import main; main()"
        self.assertIn("usage: chat-client ", run("--help", program=installed).stdout)

    def test_a_tilde_in_the_folder_is_the_home(self) -> None:
        read = "import sys; from chat_core.ui import cli; print(cli.read_flags(sys.argv[1:]).data)"
        self.assertEqual(run("--data", "~/chat", program=read).stdout.strip(), str(Path.home() / "chat"))

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
