"""The generator's connections, and the way of all of them into the room until every stream stands level."""

from __future__ import annotations

import collections
import selectors
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Iterable, Sequence

from tests.bench.streams import Wrong

if TYPE_CHECKING:
    from tests.bench.tongues import Step, Tongue

__all__ = ["PATIENCE_S", "Link", "join_all", "level"]

#: How long all together may take to log in, to become quiet, or to get what was sent: only a fault takes so long.
PATIENCE_S = 60.0
_SOURCES = 8
_IP_BIND_ADDRESS_NO_PORT = 24
_RECV_BYTES = 262_144


class Link:
    """One connection that does not block. `receiver` and `sender` are its numbers as such, or None."""

    __slots__ = ("_selector", "heard", "number", "receiver", "recv_into", "sender", "socket", "steps", "unsent")

    def __init__(self, selector: selectors.BaseSelector, number: int, receiver: int | None, sender: int | None) -> None:
        self._selector = selector
        self.number = number
        self.receiver = receiver
        self.sender = sender
        self.unsent = b""
        self.heard = b""  # what was not made use of yet, until everybody is level
        self.steps: collections.deque[Step] = collections.deque()  # the first of them was said
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.recv_into = self.socket.recv_into

    def connect(self, address: tuple[str, int]) -> None:
        """Begin to connect, from one of several addresses where the system has them: each has ports of its own."""
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            self.socket.setsockopt(socket.SOL_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            self.socket.bind((f"127.0.0.{101 + self.number % _SOURCES}", 0))
        with suppress(BlockingIOError):
            self.socket.connect(address)
        self._selector.register(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def begin(self, steps: Sequence[Step]) -> None:
        """Start to log in, once it is connected."""
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, "the connection failed")
        self._selector.modify(self.socket, selectors.EVENT_READ, self)
        self.steps.extend(steps)
        self.send(self.steps[0].say)

    def send(self, data: bytes) -> None:
        """Send what the kernel takes. The rest follows by `flush`, and until then nothing else may be sent."""
        self.unsent = data[self._send_some(data) :]
        if self.unsent:
            self._selector.modify(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def flush(self) -> None:
        """Send more of the rest."""
        self.unsent = self.unsent[self._send_some(self.unsent) :]
        if not self.unsent:
            self._selector.modify(self.socket, selectors.EVENT_READ, self)

    def _send_some(self, data: bytes) -> int:
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return 0

    def hear(self) -> None:
        """Keep what has come, while logging in or becoming level. Raises `Wrong` at the end of the stream."""
        data = self.socket.recv(_RECV_BYTES)
        if not data:
            raise Wrong(f"the server closed connection {self.number}: {self.heard[-200:]!r}")
        self.heard += data

    def is_in(self) -> bool:
        """Do the next steps of logging in, and return whether none is left."""
        while self.steps:
            until = self.steps[0].until
            ends = [at + len(word) for at, word in ((self.heard.find(word), word) for word in until) if at >= 0]
            if until and not ends:
                return False
            self.heard = self.heard[min(ends, default=0) :]
            self.steps.popleft()
            if self.steps:
                self.send(self.steps[0].say)
        return True


def join_all(selector: selectors.BaseSelector, links: Sequence[Link], address: tuple[str, int], tongue: Tongue) -> None:
    """Connect and log in all of them, some at once; who is in is read meanwhile and not listened to."""
    waiting = collections.deque(links)
    ways: dict[Link, bool] = {}  # those on their way in, and whether they are connected
    deadline = time.monotonic() + PATIENCE_S
    while waiting or ways:
        while waiting and len(ways) < tongue.logins_at_once:
            ways[waiting[0]] = False
            waiting.popleft().connect(address)
        for key, _ in selector.select(1.0):
            link: Link = key.data
            if ways.get(link) is False:
                ways[link] = True
                hears, talks = link.receiver is not None, link.sender is not None
                number = link.number if link.sender is None else link.sender
                link.begin(tongue.steps(number, hears=hears, talks=talks))
                continue
            link.hear()
            if link not in ways:
                link.heard = b""
            elif link.is_in():
                del ways[link]
        if time.monotonic() > deadline:
            raise Wrong(f"{len(waiting) + len(ways)} of {len(links)} are not in after {PATIENCE_S} s: {_words(ways)}")


def level(selector: selectors.BaseSelector, links: Sequence[Link], tongue: Tongue) -> None:
    """Wait until everybody was told who is there, so that from here on all receivers get the same bytes."""
    deadline = time.monotonic() + PATIENCE_S
    asked: set[Link] = set()
    is_quiet = False
    while not is_quiet or asked:
        ready = selector.select(1.0 if is_quiet else tongue.quiet_s)
        if not ready and not is_quiet:
            is_quiet = True
            asked = {link for link in links if link.receiver is not None and tongue.ping}
            for link in asked:
                link.send(tongue.ping)
        for key, _ in ready:
            link = key.data
            link.hear()
            if not is_quiet:
                link.heard = b""
            elif link.heard.endswith(tongue.pong):
                asked.discard(link)
        if time.monotonic() > deadline:
            raise Wrong(f"no silence after {PATIENCE_S} s: {_words(asked)}")
    for link in links:
        link.heard = b""


def _words(links: Iterable[Link]) -> str:
    return repr(next((link.heard[-200:] for link in links), b""))
