"""The processes of a storm: started, told, killed and waited for by their pid, and their output read as it comes.

When something is done to them is `storm`. A process of its own session does not get the Ctrl+C that is meant for the
storm, so that the storm is what ends it.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HOST", "Child", "ServerChild", "WorkerChild"]

HOST = "127.0.0.1"
_END_S_MAX = 30.0
_LISTENING = re.compile(r"Listening on \S+:(\d+)\Z")


class Child:
    """One process. Its stderr is appended to a file; each line of its stdout goes to `hear`, with the time."""

    def __init__(self, selector: selectors.BaseSelector, arguments: list[str], errors: Path) -> None:
        self._selector = selector
        self._begun = b""
        with errors.open("ab") as appended:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=appended,
                cwd=str(REPOSITORY),
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._stdout = self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)
        selector.register(self._stdout, selectors.EVENT_READ, self._read)
        self._is_read = True
        self.is_stopped = False

    def hear(self, line: str, now: float) -> None:
        """Take in a line; see the subclasses."""
        raise NotImplementedError

    def _read(self, _events: int, now: float) -> None:
        try:
            data = os.read(self._stdout.fileno(), 65_536)
        except BlockingIOError:
            return
        if not data:
            self._stop_reading()
        *lines, self._begun = (self._begun + data).split(b"\n")
        for line in lines:
            self.hear(line.decode("utf-8"), now)

    def _stop_reading(self) -> None:
        if self._is_read:
            self._is_read = False
            self._selector.unregister(self._stdout)

    @property
    def status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def tell(self, order: str) -> None:
        """Say a line on its stdin. It may be dead."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{order}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # how it ended is seen by its status

    def ask_to_stop(self) -> None:
        """Do as Ctrl+C does."""
        self._process.send_signal(signal.SIGINT)

    def halt(self) -> None:
        """Stop it in the middle of whatever it does."""
        self._process.send_signal(signal.SIGSTOP)
        self.is_stopped = True

    def go_on(self) -> None:
        """Let it go on after `halt`."""
        self._process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def kill(self) -> None:
        """End it with no chance to tidy up, if it has not ended, and give everything back; also when halted."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(_END_S_MAX)
        self._stop_reading()
        self._stdout.close()
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            return  # an order that it has not heard


class ServerChild(Child):
    """The server. `listening_at` is when it said that it listens, `port` where; None and 0 before."""

    def __init__(self, selector: selectors.BaseSelector, folder: Path, port: int) -> None:
        self.listening_at: float | None = None
        self.port = 0
        arguments = [
            "server_main.py", "--host", HOST, "--port", str(port), "--data", str(folder / "server"), "--rate", "0",
            "--status-every", "0",
        ]  # fmt: skip
        super().__init__(selector, arguments, folder / "server.errors")

    def hear(self, line: str, now: float) -> None:
        """Look for the one line that matters."""
        found = _LISTENING.match(line.strip())
        if found is not None:
            self.listening_at, self.port = now, int(found.group(1))


class WorkerChild(Child):
    """A worker with some people. `report` is the last it said about how it stands; empty before the first."""

    def __init__(
        self, selector: selectors.BaseSelector, folder: Path, port: int, seed: int, people: dict[str, list[str]],
        typing_s: float,
    ) -> None:  # fmt: skip
        self.report: dict[str, Any] = {}
        self.people = people
        orders = {"folder": str(folder), "port": port, "seed": seed, "people": people, "typing_s": typing_s}
        super().__init__(selector, ["-m", "tests.chaos.worker", json.dumps(orders)], folder / "workers.errors")

    def hear(self, line: str, now: float) -> None:
        """Take over how its people stand."""
        self.report = {"at": now, **json.loads(line)}
