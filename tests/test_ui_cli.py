from __future__ import annotations

import contextlib
import gettext
import io
import logging
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Callable
from unittest import mock

from chat_core import __version__
from chat_core.client.events import LinkState, StateChanged
from chat_core.client.settings import ServerMemory, Settings
from chat_core.command_line import speak_as_asked
from chat_core.ui import cli
from chat_core.ui.memory import Memory
from tests import REPOSITORY
from tests.display import CAN_OPEN_WINDOWS, needs_display
from tests.presenter_case import FakeLink

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.view.connect import ConnectForm


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program without a display."""
    environ = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "client_main.py", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False)


class CommandLineCase(unittest.TestCase):
    """Whatever language a test speaks, the next one speaks English, and is told what this one logs."""

    def setUp(self) -> None:
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(gettext.textdomain, gettext.textdomain())
        self.addCleanup(speak_as_asked, [], "en")
        self.addCleanup(environment.stop)
        basic_config = mock.patch.object(logging, "basicConfig")
        basic_config.start()
        self.addCleanup(basic_config.stop)

    def end(self, *arguments: str) -> tuple[int, str, str]:
        """Run until it ends; return its status and what it has printed, as a result and as an error."""
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            try:
                status = cli.main(arguments)
            except SystemExit as ended:
                status = int(ended.code or 0)
        return status, out.getvalue(), err.getvalue()


class TestFlags(CommandLineCase):
    def test_bad_flags_exit_with_2_and_say_what_is_wrong(self) -> None:
        for flags, sentence in (
            (("--port", "0"), "1 to 65535"),
            (("--port", "x"), "--port"),
            (("--host", "a b"), "no address"),
            (("--name", "a!b"), "letters, digits"),
            (("--what",), "--what"),
            (("--data", "~nobody-of-that-name/chat"), "no folder"),
            (("--lang", "tlh"), "--lang"),
        ):
            with self.subTest(flags=flags):
                status, out, err = self.end(*flags)
                self.assertEqual((status, out), (2, ""))
                self.assertIn(sentence, err)

    def test_help_calls_the_program_what_it_was_started_as(self) -> None:
        with mock.patch.object(sys, "argv", ["/usr/bin/chat-client"]):
            self.assertIn("usage: chat-client ", self.end("--help")[1])

    def test_help_in_another_language(self) -> None:
        self.assertIn("mostra questo aiuto", self.end("--lang", "it", "--help")[1])

    def test_a_tilde_in_the_folder_is_the_home(self) -> None:
        self.assertEqual(cli.read_flags(["--data", "~/chat"]).data, Path.home() / "chat")

    def test_rooms_can_be_given_several_times(self) -> None:
        self.assertEqual(cli.read_flags(["--room", "den", "--room", "hall"]).room, ["den", "hall"])

    def test_version(self) -> None:
        self.assertEqual(self.end("--version"), (0, f"chat-core {__version__}\n", ""))


class TestWithoutAWindow(CommandLineCase):
    @unittest.skipIf(sys.platform in ("win32", "darwin"), "windows need no X display here")
    def test_no_display_is_one_sentence(self) -> None:
        ended = run()
        self.assert_one_sentence(ended.returncode, ended.stdout, ended.stderr)

    def test_no_tkinter_is_one_sentence(self) -> None:
        with mock.patch.dict(sys.modules, {"tkinter": None}):
            self.assert_one_sentence(*self.end())

    def assert_one_sentence(self, status: int, out: str, err: str) -> None:
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertIn("python3-tk", err)


@needs_display
class TestWindow(CommandLineCase):
    """The real thing, but for the main loop: `look` is called instead of it."""

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        os.environ.update(HOME=folder.name, XDG_DATA_HOME=folder.name, LOCALAPPDATA=folder.name)
        os.environ["PATH"] = ""  # the desktop of whoever runs the tests is not asked for its colours

    def open(self, look: Callable[[tk.Tk, ConnectForm], None], *arguments: str) -> None:
        def mainloop(root: tk.Misc, _windows: int = 0) -> None:
            assert isinstance(root, tk.Tk)
            (form,) = (widget for widget in root.winfo_children() if isinstance(widget, ConnectForm))
            try:
                look(root, form)
            finally:
                root.update_idletasks()  # what ttk still has to tell would come to a dead window
                for _turn in range(2):  # the second time at once
                    with contextlib.suppress(tk.TclError):
                        root.tk.call(root.protocol("WM_DELETE_WINDOW"))
            with self.assertRaises(tk.TclError):
                root.winfo_exists()

        with mock.patch.object(tk.Misc, "mainloop", mainloop):
            self.assertEqual(self.end("--data", str(self.folder), *arguments), (0, "", ""))

    def test_the_form_is_filled_in_with_flags_and_else_with_the_last_server(self) -> None:
        servers = (ServerMemory("last.example", 99, "Bob"), ServerMemory("old.example", 1, "Ann"))
        Memory(self.folder).change(lambda _settings: Settings(servers=servers))
        filled: list[list[str]] = []

        def look(root: tk.Tk, form: ConnectForm) -> None:
            self.assertEqual(root.title(), "Chat")
            self.assertFalse(form.is_busy)
            filled.append([entry.get() for entry in form.fields.values()])

        self.open(look)
        self.open(look, "--name", "Cid", "--port", "7")
        self.assertEqual(filled, [["last.example", "99", "Bob"], ["last.example", "7", "Cid"]])

    def test_who_says_everything_is_connected_at_once(self) -> None:
        link = FakeLink()
        link.events = [StateChanged(LinkState.CONNECTING)]

        def look(_root: tk.Tk, form: ConnectForm) -> None:
            self.assertTrue(form.is_busy)

        with mock.patch.object(cli, "open_link", return_value=link) as open_link:
            self.open(look, "--host", "chat.example:99", "--port", "7", "--name", "Ann", "--room", "den")
        open_link.assert_called_once_with("chat.example", 99, "Ann", data=self.folder, rooms=["den"])
        self.assertEqual([asked[0] for asked in link.asked], ["start", "quit"])

    def test_an_interrupt_closes_it(self) -> None:
        def look(_root: tk.Tk, _form: ConnectForm) -> None:
            raise KeyboardInterrupt

        self.open(look)

    def test_it_speaks_the_language_that_was_asked_for_else_the_one_that_was_chosen(self) -> None:
        Memory(self.folder).change(lambda _settings: Settings(language="it"))
        said: list[str] = []
        cancel = "::msgcat::mc &Cancel"  # of Tk's own dialogs

        def look(root: tk.Tk, form: ConnectForm) -> None:
            said.extend((str(form.button.cget("text")), str(root.tk.call("namespace", "eval", "::tk", cancel))))

        self.open(look)
        self.open(look, "--lang", "en")
        self.assertEqual(said, ["Connetti", "&Annulla", "Connect", "&Cancel"])


if __name__ == "__main__":
    unittest.main()
