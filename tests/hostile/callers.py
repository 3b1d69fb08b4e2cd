"""Those who call and mean no good: never log in, trickle, reset, or knock at a full house; in a process of their own.

Each takes the pipe to whoever measures, the server's address, and how many of it.
"""

from __future__ import annotations

import selectors
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.fakes import frame

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["be_half_open", "knock", "reset"]

_PATIENCE_S = 30.0
_RESET = struct.pack("ii", 1, 0)
_TRICKLE_EVERY_S = 1.0


class HalfOpen:
    """A connection that never gets as far as a login. `number` decides what it does instead."""

    def __init__(self, address: tuple[str, int], number: int) -> None:
        self.socket = socket.create_connection(address, _PATIENCE_S)
        self.socket.setblocking(False)
        self.opened_at = time.monotonic()
        self.ended_after_s: float | None = None
        self.is_trickling = number % 2 == 1
        self.closes = number % 4 < 2  # when it is told to go; the others stay until they are thrown out
        self._hello = frame(type="hello", protocol=1, name=f"n{number}", install="i")
        self._sent = 0

    def trickle(self) -> None:
        """Send one byte more of a hello that will take too long, whatever was answered."""
        if self.is_trickling and self._sent < len(self._hello) - 1:
            with suppress(OSError):
                self.socket.send(self._hello[self._sent : self._sent + 1])
                self._sent += 1

    def read(self) -> bool:
        """Read; False when the other side has ended the connection."""
        try:
            if self.socket.recv(4_096):
                return True
        except BlockingIOError:
            return True
        except OSError:
            pass  # a reset is an end too
        if self.ended_after_s is None:
            self.ended_after_s = time.monotonic() - self.opened_at
        return False


def be_half_open(pipe: Connection, address: tuple[str, int], count: int, seconds: float) -> None:
    """Open so many half-open connections, say so, hold them for so long, and say how long each one lasted."""
    began = time.monotonic()
    peers = [HalfOpen(address, number) for number in range(count)]
    pipe.send(time.monotonic() - began)
    trickle_at = began
    with selectors.DefaultSelector() as selector:
        for peer in peers:
            selector.register(peer.socket, selectors.EVENT_READ, peer)
        while time.monotonic() - began < seconds:
            if time.monotonic() >= trickle_at:
                trickle_at += _TRICKLE_EVERY_S
                for peer in peers:
                    peer.trickle()
            for key, _ in selector.select(max(0.0, trickle_at - time.monotonic())):
                if not key.data.read():
                    selector.unregister(key.fileobj)
                    if key.data.closes:
                        key.data.socket.close()
    pipe.send([peer.ended_after_s for peer in peers])
    for peer in peers:
        peer.socket.close()


def reset(pipe: Connection, address: tuple[str, int], count: int) -> None:
    """Connect so often and reset each connection at once, after nothing, a byte or a frame; say how long it took."""
    began = time.monotonic()
    for number in range(count):
        caller = socket.create_connection(address, _PATIENCE_S)
        if number % 4 == 1:
            caller.send(b"\0")
        elif number % 4 == 2:
            caller.send(frame(type="hello", protocol=1, name=f"r{number}", install="i"))
        elif number % 4 == 3:
            caller.send(frame(type="post", room="stage", mid="m", text="let me in"))
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        caller.close()
    pipe.send(time.monotonic() - began)


def knock(pipe: Connection, address: tuple[str, int], count: int, pause_s: float) -> None:
    """Keep so many callers at the door until something comes through the pipe; say how many came and were sent away.

    One that is sent away comes back after a pause.
    """
    sent_away = 0
    waiting: list[tuple[float, socket.socket]] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(count):
            _call(selector, address)
        pipe.send("knocking")
        while not pipe.poll(0):
            for key, events in selector.select(0.02):
                caller = key.fileobj
                assert isinstance(caller, socket.socket)
                if events & selectors.EVENT_READ and _is_over(caller):
                    selector.unregister(caller)
                    sent_away += 1
                    waiting.append((time.monotonic() + pause_s, caller))
            while waiting and waiting[0][0] <= time.monotonic():
                waiting.pop(0)[1].close()
                _call(selector, address)
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # sockets alone are registered
    for _, caller in waiting:
        caller.close()
    pipe.send(sent_away)


def _call(selector: selectors.BaseSelector, address: tuple[str, int]) -> None:
    caller = socket.socket()
    caller.setblocking(False)
    caller.connect_ex(address)
    selector.register(caller, selectors.EVENT_READ)


def _is_over(caller: socket.socket) -> bool:
    try:
        return not caller.recv(4_096)
    except BlockingIOError:
        return False
    except OSError:
        return True
