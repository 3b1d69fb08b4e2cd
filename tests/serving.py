"""Real servers for tests, in this process or in one of their own, and a small client that speaks raw frames.

Everything is on 127.0.0.1 and on a port that the system chose. A wait is bounded by a timeout that only a failure
ever reaches.
"""

from __future__ import annotations

import itertools
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

from chat_core.net.listener import Listener
from chat_core.net.loop import Loop, WakeUp
from chat_core.server.app import App
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from tests import REPOSITORY
from tests.fakes import EventReader, frame

if TYPE_CHECKING:
    import unittest

__all__ = ["HOST", "PATIENCE_S", "RawClient", "ServerInProcess", "ServerProcess", "run_server", "spelled"]

HOST = "127.0.0.1"
#: How long a test waits for what comes at once unless something is broken.
PATIENCE_S = 30.0
_READS_MAX = 1_000_000


class RawClient:
    """A client that speaks frames and keeps everything it was told in `events`.

    It blocks, at most `PATIENCE_S`; or, when the server lives in the same thread, it runs the server with `tick`
    whenever it would have to wait.
    """

    def __init__(self, address: tuple[str, int], tick: Callable[[], None] | None = None) -> None:
        self._tick = tick
        self.socket = socket.create_connection(address, timeout=PATIENCE_S)
        if tick is not None:
            self.socket.setblocking(False)
        self._reader = EventReader()
        self._position = 0
        self._is_at_end = False
        self._mids = (f"mid-{number}" for number in itertools.count(1))

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return everything that was read so far."""
        return self._reader.events

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one type that were read so far."""
        return self._reader.of(kind)

    # --- saying ---

    def send(self, *messages: Mapping[str, Any]) -> None:
        """Send messages in one piece."""
        self.send_bytes(b"".join(frame(**message) for message in messages))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are."""
        left = memoryview(data)
        while left:
            left = left[self._send_some(left) :]

    def _send_some(self, data: memoryview) -> int:
        try:
            return self.socket.send(data)
        except BlockingIOError:
            self._wait()
            return 0

    def _wait(self) -> None:
        assert self._tick is not None
        self._tick()

    # --- hearing ---

    def read(self) -> bool:
        """Read once, whatever has come; False at the end of the stream."""
        for _ in range(_READS_MAX):
            try:
                data = self.socket.recv(65_536)
            except BlockingIOError:
                self._wait()
                continue
            self._reader.feed(data)
            self._is_at_end = not data
            return bool(data)
        raise AssertionError("nothing came")

    def next_event(self) -> dict[str, Any] | None:
        """Return the next event that was not returned yet, or None at the end of the stream."""
        while self._position == len(self.events):
            if self._is_at_end or not self.read():
                return None
        self._position += 1
        return self.events[self._position - 1]

    def expect(self, kind: str) -> dict[str, Any]:
        """Return the next event of a type, and pass over the others."""
        while True:
            event = self.next_event()
            assert event is not None, f"the connection closed before {kind!r}: {self.events[-3:]}"
            if event["type"] == kind:
                return event
            assert event["type"] != "error", f"instead of {kind!r}: {event}"

    def expect_end(self) -> list[dict[str, Any]]:
        """Read up to the end of the stream and return what came."""
        start = self._position
        while self.next_event() is not None:
            pass
        assert not self._reader.is_mid_frame, "the stream ends inside a frame"
        return self.events[start:]

    # --- whole conversations ---

    def hello(self, name: str, **fields: object) -> dict[str, Any]:
        """Log in and return the `welcome`."""
        self.send({"type": "hello", "protocol": 1, "name": name, "install": f"install-{name}", **fields})
        return self.expect("welcome")

    def join(self, room: str, **fields: object) -> dict[str, Any]:
        """Join a room, wait until it is live, and return the `joined`."""
        self.send({"type": "join", "room": room, **fields})
        joined = self.expect("joined")
        self.expect("live")
        return joined

    def post(self, room: str, text: str, mid: str | None = None) -> str:
        """Post a message without waiting for anything, and return its mid."""
        mid = next(self._mids) if mid is None else mid
        self.send({"type": "post", "room": room, "mid": mid, "text": text})
        return mid

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def reset(self) -> None:
        """Hang up in a way that the other side sees as a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


class ServerInProcess:
    """The real server, with real sockets and a log in memory, that runs only while `tick` is called."""

    def __init__(self, *, rate_per_s: float = 0.0, clients_max: int = 1_000) -> None:
        self._log = SqliteLog(None, "epoch-1")
        tokens = (f"token-{number}" for number in itertools.count(1))
        self.hub = Hub(self._log, HubOptions(rate_per_s=rate_per_s), lambda: next(tokens))
        listener = Listener(HOST, 0, 1_024)
        self.address = listener.address
        self.app = App(
            door=listener,
            hub=self.hub,
            log=self._log,
            loop=Loop(selectors.DefaultSelector()),
            wake_up=WakeUp(),
            clock=time.monotonic,
            wall_clock=lambda: time.time_ns() // 1_000_000,
            clients_max=clients_max,
        )

    def tick(self) -> None:
        """Run one tick."""
        self.app.tick()

    def run_until(self, is_so: Callable[[], bool], ticks_max: int = 10_000) -> None:
        """Run ticks until something is so."""
        for _ in range(ticks_max):
            if is_so():
                return
            self.app.tick()
        raise AssertionError("it never came about")

    def client(self) -> RawClient:
        """Connect a client that runs this server while it waits."""
        return RawClient(self.address, self.tick)

    def close(self) -> None:
        """Give everything back."""
        self.app.close()
        self._log.close()


def spelled(address: tuple[str, int]) -> str:
    """Write an address as the server does."""
    return f"{address[0]}:{address[1]}"


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-X", "dev", "-W", "error", str(REPOSITORY / "server_main.py"), *arguments]


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    # Without these a terminal's or a CI's settings would change what the server prints.
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONWARNINGS", "PYTHONUNBUFFERED"}}
    return {**kept, "PYTHONIOENCODING": "utf-8", **changes}


class ServerProcess:
    """`python server_main.py` in a process of its own; it listens once this is made.

    `output` is what it has printed so far. It is ended, by its pid, when the test is over.
    """

    def __init__(
        self, test: unittest.TestCase, *arguments: str, typed: bytes | None = None, environ: Mapping[str, str] = {}
    ) -> None:
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the clean-up; a pipe could fill up
        test.addCleanup(self._stderr.close)
        self.process = subprocess.Popen(
            _command(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_environment(environ),
            cwd=str(REPOSITORY),
        )
        test.addCleanup(self._end)
        self.output = ""
        assert self.process.stdin is not None
        if typed is not None:
            self.process.stdin.write(typed)
        self.process.stdin.close()
        found = self.wait_for_line(r"Listening on (\S+):(\d+)")
        self.address = (found.group(1).strip("[]"), int(found.group(2)))

    def wait_for_line(self, pattern: str) -> re.Match[str]:
        """Read what the server prints until a whole line of it matches."""
        stdout = self.process.stdout
        assert stdout is not None
        whole_line = re.compile(pattern + r"[^\n]*\n")
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            deadline = time.monotonic() + PATIENCE_S
            while True:
                found = whole_line.search(self.output)
                if found is not None:
                    return found
                assert selector.select(max(0.0, deadline - time.monotonic())), f"no {pattern!r} in: {self.output}"
                data = os.read(stdout.fileno(), 65_536)
                assert data, f"the server ended without {pattern!r}: {self.output}\n{self.errors()}"
                self.output += data.decode("utf-8").replace("\r\n", "\n")

    def errors(self) -> str:
        """Return what the server wrote to stderr so far."""
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace")

    def client(self) -> RawClient:
        """Connect a client."""
        return RawClient((HOST, self.address[1]))

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end, read the rest of what was printed, and return the exit status."""
        stdout = self.process.stdout
        assert stdout is not None
        if not stdout.closed:
            self.output += stdout.read().decode("utf-8").replace("\r\n", "\n")
        return self.process.wait(PATIENCE_S)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl+C does and return the exit status."""
        self.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        """End it with no chance to tidy up."""
        self.process.kill()
        self.wait()

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


def run_server(
    *arguments: str, typed: bytes = b"", environ: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[bytes]:
    """Run a server that is expected not to start, and return how it ended."""
    return subprocess.run(
        _command(arguments),
        input=typed,
        capture_output=True,
        env=_environment(environ),
        cwd=str(REPOSITORY),
        timeout=PATIENCE_S,
        check=False,
    )
