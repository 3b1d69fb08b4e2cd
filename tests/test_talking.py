"""The whole thing: a real server process, real windows, and a raw socket among them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.client.link import open_link
from chat_core.ui.desktop.appearance import Appearance
from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.desktop.hosting import Hosting
from chat_core.ui.desktop.notifications import Notifier
from chat_core.ui.desktop.surroundings import Desktop
from chat_core.ui.memory import Memory
from chat_core.ui.model.contract import Remembered
from tests import REPOSITORY
from tests.display import CAN_OPEN_WINDOWS, needs_display
from tests.serving import HOST, PATIENCE_S, RawClient, ServerProcess

if TYPE_CHECKING:
    from chat_core.ui.model.contract import ChatLink
    from chat_core.ui.view.chat import ChatPage

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.app import App

_DONT_WAIT = 2  # TCL_DONT_WAIT of tcl.h


class Window:
    """One person's window on the real link, driven by real events."""

    def __init__(self, test: unittest.TestCase, folder: Path, name: str, port: int) -> None:
        self.root = tk.Tk()
        self.name = name

        def link_to(host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
            return open_link(host, port, name, data=folder / name, rooms=rooms)

        desktop = Desktop(
            GlyphProbe(is_at_risk=False), Notifier("linux", find=lambda _name: None),
            Appearance("linux", {"GTK_THEME": "Adwaita:dark"}), Hosting(folder / "none"),
        )  # fmt: skip
        self.app = App(self.root, link_to, Memory(folder / name), desktop, Remembered(HOST, port, name))
        test.addCleanup(self.app.close)
        self.mistakes: list[object] = []
        self.root.report_callback_exception = lambda *mistake: self.mistakes.append(mistake)
        self.app.form.submit()

    def pump(self) -> None:
        """Do what Tk has to do, without waiting."""
        while not self.app.is_over and self.root.tk.dooneevent(_DONT_WAIT):
            pass

    def type(self, text: str) -> None:
        """Type a line and press Enter, with the keys of the real input line."""
        assert self.app.chatting is not None
        field = self.app.chatting.page.composer.input
        field.focus_force()
        field.insert("insert", text)
        field.event_generate("<Return>")

    @property
    def page(self) -> ChatPage | None:
        """The page one talks on, once there is one."""
        return None if self.app.chatting is None else self.app.chatting.page

    @property
    def is_online(self) -> bool:
        return self.page is not None and "online as" in str(self.page.header.status.cget("text")).lower()

    @property
    def text(self) -> str:
        """What the list shows."""
        return "" if self.page is None else self.page.conversation.text.get("1.0", "end")

    @property
    def people(self) -> tuple[str, ...]:
        """Who is shown beside it, without the mark on oneself."""
        if self.page is None:
            return ()
        return tuple(sorted(name.replace(" (you)", "") for name in self.page.people.rows()))


@needs_display
class Talking(unittest.TestCase):
    """People in windows, in one room."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.windows: list[Window] = []
        self.server = self.start_server(0)

    def tearDown(self) -> None:
        for window in self.windows:
            self.assertEqual(window.mistakes, [])
        self.assertNotIn("Traceback", self.server.errors())

    def start_server(self, port: int) -> ServerProcess:
        return ServerProcess(
            self, "--host", HOST, "--port", str(port), "--data", str(self.folder / "server"), "--rate", "0"
        )

    def open(self, *names: str) -> list[Window]:
        opened = [Window(self, self.folder, name, self.server.address[1]) for name in names]
        self.windows += opened
        self.until(lambda: all(window.is_online for window in opened), "everybody is online")
        return opened

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Let every window do what it has to do until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            self.assertLess(time.monotonic(), deadline, f"it never came about: {what}")
            for window in self.windows:
                window.pump()

    def lines_of(self, text: str, spoken: Sequence[str]) -> list[str]:
        """List what was spoken in the order in which a text shows it."""
        return sorted((line for line in spoken if line in text), key=text.index)

    def test_five_windows_and_a_raw_socket(self) -> None:
        _ann, *_ = windows = self.open("Ann", "Bob", "Cid", "Dora", "Eve")
        raw = self.server.client()
        self.addCleanup(raw.close)
        raw.hello("Raw")
        raw.join("lobby")
        everybody = ("Ann", "Bob", "Cid", "Dora", "Eve", "Raw")
        self.until(lambda: all(window.people == everybody for window in windows), "everybody sees everybody")

        spoken = []
        for turn in range(5):
            for window in windows:
                spoken.append(f"[{turn} from {window.name}]")
                window.type(spoken[-1])
            spoken.append(f"[{turn} from Raw]")
            raw.post("lobby", spoken[-1])
        self.until(
            lambda: all(len(self.lines_of(window.text, spoken)) == len(spoken) for window in windows),
            "all see all that was typed",
        )
        heard = [raw.expect("message")["text"] for _ in spoken]
        for window in windows:
            self.assertEqual(self.lines_of(window.text, spoken), heard, "in the same order")
            self.assertTrue(all(window.text.count(line) == 1 for line in spoken), "once")

    def test_one_is_killed_one_closes_and_one_types_quit(self) -> None:
        ann, closing, quitting = self.open("Ann", "Cid", "Dora")
        killed = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "client_main.py"), "--host", HOST,
             "--port", str(self.server.address[1]), "--name", "Kim", "--data", str(self.folder / "Kim")],
        )  # fmt: skip
        self.addCleanup(killed.wait)
        self.addCleanup(killed.kill)
        self.until(lambda: ann.people == ("Ann", "Cid", "Dora", "Kim"), "Kim is there")

        killed.kill()
        self.until(lambda: "Kim" not in ann.people, "Kim is gone")
        closing.root.tk.call("eval", closing.root.protocol("WM_DELETE_WINDOW"))
        self.until(lambda: closing.app.is_over and "Cid" not in ann.people, "Cid is gone")
        quitting.type("{quit}")
        self.until(lambda: quitting.app.is_over and ann.people == ("Ann",), "Dora is gone")
        for name in ("Kim", "Cid", "Dora"):
            self.assertIn(f"{name} left.", ann.text)
        self.assertEqual(self.server.stop(), 0)
        self.until(lambda: not ann.is_online, "Ann is told")
        assert ann.page is not None
        self.assertIn("stop", str(ann.page.trouble.sentence.cget("text")).lower())

    def test_the_server_is_killed_and_comes_back(self) -> None:
        (ann, bob) = self.open("Ann", "Bob")
        writer = self.server.client()
        self.addCleanup(writer.close)
        writer.hello("Writer")
        writer.join("lobby")
        texts = [f"[{number:04}]" for number in range(1_000)]
        for text in texts:
            writer.post("lobby", text)
        for _ in texts:
            writer.expect("posted")
        port = self.server.address[1]
        self.server.kill()
        self.until(lambda: not (ann.is_online or bob.is_online), "both notice")
        ann.type("[while it was away]")
        ann.pump()
        self.assertIn("[while it was away]", ann.text)

        self.server = self.start_server(port)
        self.until(lambda: ann.is_online and bob.is_online, "both are back by themselves")
        self.until(lambda: "[while it was away]" in bob.text, "what was typed meanwhile arrives")
        expected = [*texts, "[while it was away]"]
        for window in (ann, bob):
            self.until(lambda window=window: texts[-1] in window.text, "all is shown")  # type: ignore[misc]
            self.assertEqual(self.lines_of(window.text, expected), expected, "all there, in order")
            self.assertTrue(all(window.text.count(text) == 1 for text in expected), "once")
        self.assertEqual(self.history(), expected)

    def history(self) -> list[str]:
        """Read the whole room as the restarted server has it."""
        reader: RawClient = self.server.client()
        self.addCleanup(reader.close)
        reader.hello("Reader")
        reader.join("lobby", after=0)
        return [event["text"] for event in reader.of("message")]


if __name__ == "__main__":
    unittest.main()
