from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Sequence
from unittest import mock

from chat_core.ui.desktop.appearance import Appearance
from chat_core.ui.desktop.browser import Browser
from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.desktop.hosting import Hosting
from chat_core.ui.desktop.notifications import Notifier
from chat_core.ui.desktop.surroundings import Desktop

ADDRESS = "http://127.0.0.1/x?a=1&b=%20"
#: A program of ours in the place of the person's browser: it writes down what it was to show.
FAKE = "#!{python}\nimport sys\nopen({written!r}, 'w', encoding='utf-8').write(' '.join(sys.argv[1:]))\n"
SLEEP = [sys.executable, "-c", "import sys; sys.stdin.read()"]


class BrowserTest(unittest.TestCase):
    def setUp(self) -> None:
        self.children: list[subprocess.Popen[bytes]] = []
        self.addCleanup(self.end_children)

    def end_children(self) -> None:
        for child in self.children:
            assert child.stdin is not None
            child.stdin.close()
            child.returncode = None  # the browser may have let it go
            child.wait()

    def run_until_told(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        self.assertEqual(argv[-1], ADDRESS)
        self.children.append(subprocess.Popen(SLEEP, stdin=subprocess.PIPE))
        return self.children[-1]

    @unittest.skipIf(sys.platform == "win32", "Windows starts no scripts by their first line")
    def test_the_person_s_browser_is_asked_and_nothing_else(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder, "written")
            program = Path(folder, "browser")
            program.write_text(FAKE.format(python=sys.executable, written=str(written)), encoding="utf-8")
            program.chmod(0o700)
            Path(folder, "webbrowser.py").write_text("raise SystemExit('not the one of the library')", encoding="utf-8")

            def run(argv: Sequence[str]) -> subprocess.Popen[bytes]:
                child = subprocess.Popen(
                    argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=folder,
                    env={**os.environ, "BROWSER": f"{program} %s"},
                )  # fmt: skip
                self.children.append(child)
                return child

            self.assertTrue(Browser(run).open(ADDRESS))
            self.children[0].wait()
            self.assertEqual(written.read_text(encoding="utf-8"), ADDRESS)

    @unittest.skipIf(sys.platform == "win32", "there is no child there")
    def test_the_library_is_asked_by_a_child_by_default(self) -> None:
        with mock.patch.dict(os.environ, {"BROWSER": f"{sys.executable} -c pass %s"}):
            browser = Browser()
            self.addCleanup(browser.close)
            self.assertTrue(browser.open(ADDRESS))

    def test_it_is_not_waited_for_and_goes_on_when_the_window_is_closed(self) -> None:
        browser = Browser(self.run_until_told, platform="linux")
        self.assertTrue(browser.open(ADDRESS))
        browser.close()
        browser.close()
        (child,) = self.children
        child.returncode = None
        self.assertIsNone(child.poll(), "it was ended")

    def test_browsers_that_hang_get_eight_and_no_more(self) -> None:
        browser = Browser(self.run_until_told, platform="linux")
        self.assertEqual([browser.open(ADDRESS) for _ in range(10)], [True] * 8 + [False] * 2)
        self.children[3].communicate()  # its work is done
        self.assertEqual([browser.open(ADDRESS) for _ in range(2)], [True, False])
        browser.close()

    def test_only_what_a_browser_shows_is_opened(self) -> None:
        opened: list[str] = []

        def open_here(target: str) -> bool:
            opened.append(target)
            return True

        browser = Browser(self.run_until_told, open_here, "win32")
        wanted = ["https://example.org/", "HTTP://example.org", "file:///tmp/a%20b.html"]
        others = ["javascript:alert(1)", "/bin/sh", "--help", "", "data:text/html,x", "c:\\x.exe", " http://x"]
        self.assertEqual([browser.open(target) for target in wanted], [True] * 3)
        self.assertEqual([browser.open(target) for target in others], [False] * 7)
        self.assertEqual(opened, wanted)

    def test_a_frozen_program_has_no_child_to_ask(self) -> None:
        opened: list[str] = []
        with mock.patch.object(sys, "frozen", True, create=True):
            Browser(self.run_until_told, lambda target: not opened.append(target), "linux").open(ADDRESS)  # type: ignore[func-returns-value]
        self.assertEqual((opened, self.children), ([ADDRESS], []))

    def test_the_window_has_it_among_its_surroundings(self) -> None:
        desktop = Desktop.of_this_computer(GlyphProbe(is_at_risk=False), Path("nowhere"))
        self.addCleanup(desktop.close)
        self.assertFalse(desktop.browse("javascript:alert(1)"))
        ended: list[bool] = []
        Desktop(
            GlyphProbe(is_at_risk=False), Notifier("linux", find=lambda _name: None), Appearance("linux", {}),
            Hosting(Path("nowhere")), end_browsing=lambda: ended.append(True),
        ).close()  # fmt: skip
        self.assertEqual(ended, [True])

    def test_a_system_without_processes_is_no_error(self) -> None:
        def run(_argv: Sequence[str]) -> subprocess.Popen[bytes]:
            raise BlockingIOError

        self.assertFalse(Browser(run, platform="linux").open(ADDRESS))


if __name__ == "__main__":
    unittest.main()
