"""A real server in a process of its own to measure a window against, and real links to it that can be cut."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from chat_core.client.link import Link
from chat_core.client.session import Session
from chat_core.client.store import MemoryStore
from chat_core.net.dialer import Dialer
from tests import REPOSITORY
from tests.serving import HOST, RawClient

if TYPE_CHECKING:
    from chat_core.net.dialer import DialStage
    from chat_core.net.transport import Transport

__all__ = ["CutLinks", "LocalServer"]

_PATIENCE_S = 30.0


class LocalServer(contextlib.ExitStack):
    """The server as people start it, and listening on `port`. Use `with`."""

    def __init__(self) -> None:
        super().__init__()
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        ready = folder / "ready.json"
        process = subprocess.Popen(
            [
                sys.executable, str(REPOSITORY / "server_main.py"), "--host", HOST, "--port", "0", "--rate", "0",
                "--data", str(folder / "server"), "--ready-file", str(ready),
            ],
            # Not a pipe that nobody reads: once it is full the server waits.
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.callback(process.wait)
        self.callback(process.kill)
        deadline = time.monotonic() + _PATIENCE_S
        while not ready.exists():
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.01)
        self.port: int = json.loads(ready.read_text(encoding="ascii"))["port"]

    def fill(self, count: int) -> None:
        """Let so many people come into the lobby, who say nothing."""
        for number in range(count):
            person = RawClient((HOST, self.port))
            self.callback(person.close)
            person.hello(f"Idle {number}")
            person.join("lobby")


class CutLinks:
    """Makes links to the server on a port of this computer. `cut` ends the connection of the last one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: _CutTransport | None = None

    def make(self) -> Link:
        """Make a link that forgets everything in the end, and does not wait before it comes back."""
        store = MemoryStore()
        session = Session("Ann", secrets.token_hex(16), store, secrets.randbits, rooms=("lobby",))
        return Link(session, store, lambda: _CutDialer(self._port, self._keep), lambda low, _high: low)

    def cut(self) -> None:
        """End the connection as its peer might: the next thing that is read is the end."""
        assert self._transport is not None, "nothing is connected"
        self._transport.is_cut = True

    def _keep(self, transport: Transport) -> _CutTransport:
        self._transport = _CutTransport(transport)
        return self._transport


class _CutDialer:
    """A real dialer whose transport goes through `keep`."""

    def __init__(self, port: int, keep: Callable[[Transport], Transport]) -> None:
        self._dialer = Dialer(HOST, port)
        self._keep = keep

    @property
    def stage(self) -> DialStage:
        return self._dialer.stage

    def poll(self, now: float) -> Transport | None:
        transport = self._dialer.poll(now)
        return None if transport is None else self._keep(transport)

    def fileno(self) -> int:
        return self._dialer.fileno()

    def abandon(self) -> None:
        self._dialer.abandon()


class _CutTransport:
    """A real transport that is at its end once `is_cut`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.peer = transport.peer
        self.is_cut = False

    def fileno(self) -> int:
        return self._transport.fileno()

    def receive(self, bytes_max: int) -> bytes | None:
        return b"" if self.is_cut else self._transport.receive(bytes_max)

    def send(self, data: bytes | memoryview) -> int:
        return self._transport.send(data)

    def finish_sending(self) -> None:
        self._transport.finish_sending()

    def close(self) -> None:
        self._transport.close()
