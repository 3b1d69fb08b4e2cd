"""A server process that is measured from outside, and the processes that are hostile to it.

Unlike `tests.serving.ServerProcess` it runs as it would for people, without Python's development mode, which makes
everything larger and slower. What is measured comes from /proc, so this is for Linux.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Callable

from tests import REPOSITORY
from tests.serving import HOST, PATIENCE_S, RawClient

if TYPE_CHECKING:
    from contextlib import ExitStack
    from multiprocessing.connection import Connection

__all__ = ["Pair", "Target", "Worker"]

_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if sys.platform != "win32" else 1


class Target:
    """A server on a free port, with its data in a folder of its own; stopped when `cleanup` is closed."""

    def __init__(self, cleanup: ExitStack, *arguments: str) -> None:
        self.folder = cleanup.enter_context(tempfile.TemporaryDirectory())
        # A file: a pipe that nobody reads fills up.
        self._stderr: IO[bytes] = cleanup.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed by `cleanup`
        command = [sys.executable, str(REPOSITORY / "server_main.py"), "--host", HOST, "--port", "0", "--rate", "0"]
        self.process = subprocess.Popen(
            [*command, "--status-every", "0", "--data", self.folder, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            cwd=str(REPOSITORY),
        )
        cleanup.callback(self._end)
        assert self.process.stdout is not None
        self._output: IO[bytes] = self.process.stdout
        first = self._output.readline()
        while first and not first.startswith(b"Listening on "):
            first = self._output.readline()
        assert first, f"the server did not start: {self.errors()}"
        self.address = (HOST, int(first.rsplit(b":", 1)[1]))
        # Read on, or the server would one day wait for somebody to do so, in the middle of a tick.
        self._reading = threading.Thread(target=self._read_on, daemon=True)
        self._reading.start()

    def _read_on(self) -> None:
        while self._output.read1(65_536):  # type: ignore[attr-defined]
            pass

    # --- measuring ---

    def _status(self, field: str) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1_024
        raise AssertionError(field)

    def rss_bytes(self) -> int:
        """Return how much memory it holds at the moment."""
        return self._status("VmRSS")

    def rss_peak_bytes(self) -> int:
        """Return the most that it has ever held."""
        return self._status("VmHWM")

    def cpu_s(self) -> float:
        """Return the processor time that it has used, in steps of a hundredth of a second."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

    def descriptors(self) -> int:
        """Return how many descriptors it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def errors(self) -> str:
        """Return what it has written to stderr."""
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace")

    # --- using ---

    def client(self) -> RawClient:
        """Connect a client that blocks."""
        return RawClient(self.address)

    def stop(self) -> int:
        """Stop it as Ctrl+C does and return the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
        self._reading.join(PATIENCE_S)
        self._output.close()


class Pair:
    """Two people in a room of their own, and how long it takes for what one says to reach the other."""

    def __init__(self, cleanup: ExitStack, target: Target, room: str = "aside") -> None:
        self.room = room
        self.talker, self.hearer = target.client(), target.client()
        for name, client in (("talker", self.talker), ("hearer", self.hearer)):
            cleanup.callback(client.close)
            client.hello(f"{name} in {room}")
            client.join(room, last=0)

    def say(self, clock: Callable[[], float]) -> float:
        """Say something and return the seconds until it was heard. It is on the server's disk by then.

        They take turns, so that neither is taken for dead.
        """
        self.talker, self.hearer = self.hearer, self.talker
        began = clock()
        mid = self.talker.post(self.room, "x" * 100)
        assert self.hearer.expect("message")["mid"] == mid
        took = clock() - began
        while self.talker.expect("message")["mid"] != mid:  # of both that come back to it, this is the last
            pass
        for client in (self.talker, self.hearer):
            client.events.clear()
            client._position = 0  # noqa: SLF001 - or a long run would remember everything
        return took


class Worker:
    """A process of our own that is hostile, so that what is measured here is not held up by it.

    It runs `work(connection, *arguments)`, and is ended by its handle when `cleanup` is closed.
    """

    def __init__(self, cleanup: ExitStack, work: Callable[..., None], *arguments: Any) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()
        cleanup.callback(self._end)

    @property
    def connection(self) -> Connection:
        """Return our end of the pipe."""
        return self._connection

    def tell(self, word: object) -> None:
        """Say something to it."""
        self._connection.send(word)

    def hear(self, timeout_s: float) -> Any:
        """Return what it says next."""
        assert self._connection.poll(timeout_s), "it says nothing"
        return self._connection.recv()

    def has_spoken(self) -> bool:
        """Whether it has said something that was not heard yet."""
        return self._connection.poll()

    def _end(self) -> None:
        if self._process.is_alive():
            self._process.terminate()
        self._process.join(PATIENCE_S)
        self._connection.close()
