"""The server that a window starts: real processes on the loopback, found, lost and stopped."""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Callable
from unittest import mock

from chat_core.file_lock import lock_now
from chat_core.language import speak
from chat_core.ui.desktop.hosting import Hosting
from chat_core.ui.model.hosted import Hosted, HostPlan, HostState
from tests.serving import HOST

_POLL_S = 0.01  # as often as the window does when something is going on
_POLLS_MAX = 3_000
ANY_PORT = HostPlan(0, "Room 12")
#: A server that listens to nothing: it says that it is ready, locks its data, and ignores every wish to stop.
DEAF = """
import fcntl, json, os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
lock = os.open(os.path.join(arguments["--data"], "lock"), os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
told = {"pid": os.getpid(), "title": "Deaf", "host": "0.0.0.0", "port": 9, "hosts": ["192.168.1.20", 7]}
path = os.path.join(os.getcwd(), "hosted.json")
with open(path + ".new", "w") as file:
    json.dump(told, file)
os.replace(path + ".new", path)
while True:
    signal.pause()
"""
PYTHON = sys.executable


def _turn_over() -> None:
    """Let the other processes go on, as the window does between two polls."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quiet:
        quiet.bind((HOST, 0))
        select.select([quiet], [], [], _POLL_S)


class HostingCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "server"

    def hosting(self, *command: str) -> Hosting:
        made = Hosting(self.folder, HOST, command) if command else Hosting(self.folder, HOST)
        self.addCleanup(self.end, made)
        return made

    def end(self, hosting: Hosting) -> None:
        """Leave no process behind, whatever the test did."""
        hosting.stop(0.0)
        self.until(hosting, lambda hosted: not hosted.is_there, now=1_000.0)
        hosting.close()

    def until(self, hosting: Hosting, is_reached: Callable[[Hosted], bool], now: float = 0.0) -> Hosted:
        """Poll as the window does, until something is so."""
        for turn in range(_POLLS_MAX):
            hosting.poll(now + turn * _POLL_S)
            if is_reached(hosting.hosted):
                return hosting.hosted
            _turn_over()
        raise AssertionError(f"it never came about: {hosting.hosted}")

    def start(self, hosting: Hosting, plan: HostPlan = ANY_PORT) -> Hosted:
        hosting.start(plan)
        self.assertIs(hosting.hosted.state, HostState.STARTING, hosting.hosted)
        return self.until(hosting, lambda hosted: hosted.state is not HostState.STARTING)

    def log(self) -> str:
        return (self.folder / "hosted.log").read_text("utf-8")


class TestServer(HostingCase):
    def test_it_starts_is_found_by_another_window_and_stops(self) -> None:
        own, other = self.hosting(), self.hosting()
        self.assertFalse(own.find())
        hosted = self.start(own)
        expected = Hosted(
            HostState.RUNNING, is_own=True, title="Room 12", own_host=HOST, asked_port=hosted.port, port=hosted.port
        )
        self.assertEqual(hosted, expected)
        socket.create_connection((HOST, hosted.port)).close()
        self.assertTrue(other.find())
        self.assertEqual((other.hosted.state, other.hosted.port), (HostState.RUNNING, hosted.port))
        self.assertFalse(other.hosted.is_own)
        other.start(ANY_PORT)
        self.assertEqual(other.hosted.port, hosted.port, "no second one is started")
        own.stop(0.0)
        self.assertIs(own.hosted.state, HostState.STOPPING)
        self.until(own, lambda hosted: not hosted.is_there)
        self.until(other, lambda hosted: not hosted.is_there, now=10.0)
        self.assertEqual((own.hosted, other.hosted), (Hosted(), Hosted()))
        self.assertIn("Stopped.", self.log())
        self.assertNotIn("Traceback", self.log())
        self.assertFalse((self.folder / "hosted.json").exists())
        if os.name != "nt":
            self.assertEqual(stat.S_IMODE((self.folder / "hosted.log").stat().st_mode), 0o600)

    def test_one_that_goes_on_without_its_window_is_found_and_stopped_by_the_next(self) -> None:
        with socket.create_server((HOST, 0)) as taken:
            asked = taken.getsockname()[1]
            first = self.hosting()
            hosted = self.start(first, HostPlan(asked, "Chat"))
        self.assertGreater(hosted.port, asked)
        self.assertEqual(hosted.asked_port, asked)
        first.close()
        second = self.hosting()
        self.assertTrue(second.find())
        if sys.platform == "linux":
            pid = int(self.ready("pid"))
            self.assertEqual(os.getsid(pid), pid, "Ctrl+C in the window's terminal is not for it")
        second.stop(0.0)
        self.until(second, lambda hosted: hosted == Hosted(), now=1.0)
        self.assertIn("Stopped.", self.log())

    def ready(self, field: str) -> str:
        content = (self.folder / "hosted.json").read_text("utf-8")
        return content.split(f'"{field}": ')[1].split(",")[0]

    @unittest.skipIf(os.name == "nt", "there is no kill -9 there")
    def test_one_that_is_killed_is_said_and_leaves_nothing_that_misleads(self) -> None:
        hosting = self.hosting()
        self.start(hosting)
        os.kill(int(self.ready("pid")), signal.SIGKILL)
        hosted = self.until(hosting, lambda hosted: not hosted.is_there)
        self.assertIs(hosted.state, HostState.FAILED)
        self.assertEqual(hosted.sentence, "The server on this computer has ended by itself.")
        self.assertIn("Stop it with Ctrl+C.", hosted.last_words)
        self.assertFalse(self.hosting().find())


class TestWithoutServer(HostingCase):
    def test_what_a_killed_one_left_behind_is_tidied_away(self) -> None:
        self.folder.mkdir()
        (self.folder / "lock").touch()
        left = self.folder / "hosted.json"
        for content in (
            b'{"pid": 1, "title": "x", "host": "0.0.0.0", "port": 9, "hosts": []}',
            b'{"pid": "1"}',
            b"\xff",
        ):
            with self.subTest(content):
                left.write_bytes(content)
                self.assertFalse(self.hosting().find())
        left.write_bytes(b'{"pid": 1, "title": "x", "host": "0.0.0.0", "port": 9, "hosts": []}')
        self.hosting().find()
        self.assertFalse(left.exists())

    def test_one_that_cannot_start_is_said_with_its_last_words(self) -> None:
        hosting = self.hosting(PYTHON, "-c", "print('Fine.'); print('It is \\x1b[1mMonday.\\n'); raise SystemExit(1)")
        hosted = self.start(hosting)
        self.assertEqual(
            (hosted.state, hosted.sentence, hosted.last_words),
            (HostState.FAILED, "The server could not be started.", "It is \\x1b[1mMonday."),
        )
        self.assertFalse(hosting.poll(9.0), "and nothing more happens")

    def test_a_program_that_is_not_there(self) -> None:
        hosting = self.hosting(str(self.folder / "nothing"))
        hosting.start(ANY_PORT)
        self.assertIs(hosting.hosted.state, HostState.FAILED)
        self.assertRegex(hosting.hosted.sentence, r"could not be started: .+\.")

    def test_a_folder_that_cannot_be_made(self) -> None:
        self.folder.write_text("in its place")
        hosting = self.hosting()
        hosting.start(ANY_PORT)
        self.assertRegex(hosting.hosted.sentence, r"could not be started: .+\.")

    def test_it_speaks_as_the_window_does(self) -> None:
        speak("it")
        self.addCleanup(speak, "en")
        hosting = self.hosting(PYTHON, "-c", "import os; raise SystemExit('LANGUAGE=' + os.environ['LANGUAGE'])")
        self.assertEqual(self.start(hosting).last_words, "LANGUAGE=it")

    def test_a_frozen_program_is_no_server(self) -> None:
        hosting = self.hosting()
        with mock.patch.object(sys, "frozen", True, create=True):
            hosting.start(ANY_PORT)
        self.assertIs(hosting.hosted.state, HostState.FAILED)
        self.assertIn("chat-server", hosting.hosted.sentence)
        self.assertFalse(self.folder.exists())

    @unittest.skipIf(os.name == "nt", "signals")
    def test_one_that_does_not_stop_is_made_to(self) -> None:
        own, other = self.hosting(PYTHON, "-c", DEAF), self.hosting()
        hosted = self.start(own)
        self.assertEqual((hosted.own_host, hosted.hosts), (HOST, ("192.168.1.20",)))
        self.assertTrue(other.find())
        other.stop(100.0)
        other.poll(109.9)
        own.poll(109.9)
        self.assertEqual((own.hosted.state, other.hosted.state), (HostState.RUNNING, HostState.STOPPING))
        other.poll(110.0)
        self.until(own, lambda hosted: hosted.state is HostState.FAILED)
        self.until(other, lambda hosted: hosted == Hosted(), now=120.0)

    @unittest.skipIf(os.name == "nt", "signals")
    def test_our_own_one_that_does_not_stop_is_made_to_as_well(self) -> None:
        hosting = self.hosting(PYTHON, "-c", DEAF)
        self.start(hosting)
        hosting.stop(100.0)
        hosting.stop(109.0)
        hosting.poll(110.0)
        self.until(hosting, lambda hosted: hosted == Hosted(), now=110.0)

    @unittest.skipIf(os.name == "nt", "signals")
    def test_one_can_be_stopped_before_it_listens(self) -> None:
        hosting = self.hosting(PYTHON, "-c", "import signal; signal.pause()")
        hosting.start(ANY_PORT)
        self.assertFalse(hosting.poll(0.0))
        hosting.stop(0.0)
        self.until(hosting, lambda hosted: hosted == Hosted())


class TestDataInUse(HostingCase):
    """Somebody has locked the data, and says nowhere who and where."""

    def setUp(self) -> None:
        super().setUp()
        self.folder.mkdir()
        self.held: int | None = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT)
        self.addCleanup(self.let_go)
        lock_now(self.held)

    def let_go(self) -> None:
        if self.held is not None:
            os.close(self.held)
            self.held = None

    def test_a_server_that_is_about_to_end_is_waited_for(self) -> None:
        hosting = self.hosting()
        hosting.start(ANY_PORT)
        self.assertFalse(hosting.poll(100.0))
        self.assertFalse(hosting.poll(100.1))
        self.assertIs(hosting.hosted.state, HostState.STARTING)
        self.let_go()
        hosted = self.until(hosting, lambda hosted: hosted.state is not HostState.STARTING, now=101.0)
        self.assertEqual((hosted.state, hosted.is_own, hosted.title), (HostState.RUNNING, True, "Room 12"))

    def test_another_window_may_be_quicker(self) -> None:
        hosting = self.hosting()
        hosting.start(ANY_PORT)
        ready = self.folder / "hosted.json"
        ready.write_bytes(b'{"pid": 1, "title": "x", "host": "0.0.0.0", "port": 9, "hosts": []}')
        self.assertTrue(hosting.poll(100.0))
        self.assertEqual((hosting.hosted.state, hosting.hosted.is_own), (HostState.RUNNING, False))
        ready.unlink()
        self.let_go()
        self.until(hosting, lambda hosted: hosted == Hosted(), now=102.0)

    def test_waiting_can_be_broken_off(self) -> None:
        hosting = self.hosting()
        hosting.start(ANY_PORT)
        hosting.stop(100.0)
        self.assertEqual(hosting.hosted, Hosted())
        self.let_go()
        self.assertFalse(hosting.poll(101.0))

    def test_a_server_from_a_terminal_does_not_end(self) -> None:
        hosting = self.hosting()
        hosting.start(HostPlan(2428, "Chat"))
        self.assertFalse(hosting.poll(100.0) or hosting.poll(109.9))
        self.assertTrue(hosting.poll(111.0))
        self.assertIs(hosting.hosted.state, HostState.FAILED)
        self.assertIn("not started from a window", hosting.hosted.sentence)
        self.assertEqual((hosting.hosted.own_host, hosting.hosted.port), (HOST, 2428), "where it may be")


if __name__ == "__main__":
    unittest.main()
