from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Sequence

from chat_core.ui.desktop.notifications import Notifier, argv_for, flash, program_for

#: What a program of ours does in the place of notify-send: it writes down how it was called.
FAKE = """#!{python}
import json, sys
with open({written!r}, "w", encoding="utf-8") as file:
    json.dump(sys.argv[1:], file)
"""
SLEEP = [sys.executable, "-c", "import sys; sys.stdin.read()"]


class TestArgv(unittest.TestCase):
    def test_notify_send_gets_texts_that_are_neither_options_nor_markup(self) -> None:
        argv = argv_for("linux", "/usr/bin/notify-send", "-u critical", "<b>a</b> & \\n \x1b\0\ud800 $(x)")
        self.assertEqual(argv[0], "/usr/bin/notify-send")
        self.assertEqual(argv[argv.index("--") + 1 :], [
            "-u critical", "&lt;b&gt;a&lt;/b&gt; &amp; \\\\n \\\\x1b\\\\x00\\\\ud800 $(x)",
        ])  # fmt: skip

    def test_osascript_gets_texts_that_are_no_script(self) -> None:
        argv = argv_for("darwin", "/usr/bin/osascript", '-e "beep"', 'two\nlines" & (do shell script "x")')
        self.assertEqual(argv[-3:], ["Chat", '-e "beep"', 'two\nlines" & (do shell script "x")'])
        self.assertEqual(argv[1:-3:2], ["-e"] * 3)
        self.assertNotIn("beep", "".join(argv[:-3]))

    def test_each_platform_has_its_program_or_none(self) -> None:
        found = {platform: program_for(platform) for platform in ("linux", "freebsd13", "darwin", "win32")}
        self.assertEqual(
            found, {"linux": "notify-send", "freebsd13": "notify-send", "darwin": "osascript", "win32": ""}
        )


class TestNotifier(unittest.TestCase):
    def setUp(self) -> None:
        self.children: list[subprocess.Popen[bytes]] = []
        self.addCleanup(self.end_children)

    def end_children(self) -> None:
        for child in self.children:
            assert child.stdin is not None
            child.stdin.close()
            child.wait()

    def run_until_told(self, _argv: Sequence[str]) -> subprocess.Popen[bytes]:
        self.children.append(subprocess.Popen(SLEEP, stdin=subprocess.PIPE))
        return self.children[-1]

    @unittest.skipIf(sys.platform == "win32", "Windows starts no scripts by their first line")
    def test_the_program_is_started_with_the_texts(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder, "argv")
            program = Path(folder, "notify-send")
            program.write_text(FAKE.format(python=sys.executable, written=str(written)), encoding="utf-8")
            program.chmod(0o700)

            def run(argv: Sequence[str]) -> subprocess.Popen[bytes]:
                self.children.append(subprocess.Popen(argv, stdin=subprocess.PIPE))
                return self.children[-1]

            notifier = Notifier("linux", find=lambda name: os.path.join(folder, name), run=run)
            self.assertTrue(notifier.notify("Ann in lobby", "`touch x`; <3"))
            self.children[0].wait()
            self.assertIn('"--", "Ann in lobby", "`touch x`; &lt;3"]', written.read_text(encoding="utf-8"))

    def test_the_system_s_way_to_start_is_used_by_default(self) -> None:
        notifier = Notifier("linux", find=lambda _name: sys.executable)  # which will not know the options, and say so
        self.addCleanup(notifier.close)
        self.assertTrue(notifier.notify("a", "b"))

    def test_a_missing_program_is_looked_for_once_and_then_silent(self) -> None:
        asked: list[str] = []
        notifier = Notifier("linux", find=asked.append, run=self.run_until_told)
        self.assertFalse(notifier.notify("a", "b"))
        self.assertFalse(notifier.notify("a", "b"))
        self.assertEqual(asked, ["notify-send"])
        self.assertFalse(Notifier("win32").notify("a", "b"))

    def test_a_program_that_went_away_is_no_error(self) -> None:
        notifier = Notifier("linux", find=lambda _name: os.path.join(os.sep, "nowhere", "notify-send"))
        self.assertFalse(notifier.notify("a", "b"))

    def test_a_service_that_hangs_gets_three_and_no_more(self) -> None:
        notifier = Notifier("linux", find=lambda name: name, run=self.run_until_told)
        self.assertEqual([notifier.notify("a", "b") for _ in range(5)], [True, True, True, False, False])
        self.children[1].communicate()  # its work is done
        self.assertEqual([notifier.notify("a", "b") for _ in range(2)], [True, False])
        notifier.close()
        self.assertTrue(all(child.returncode is not None for child in self.children))

    @unittest.skipIf(sys.platform == "win32", "there it does something")
    def test_flashing_is_for_windows_alone(self) -> None:
        self.assertIsNone(flash(1))  # type: ignore[func-returns-value]


if __name__ == "__main__":
    unittest.main()
