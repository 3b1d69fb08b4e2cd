"""Receivers that stop reading, and later read everything: a process of its own, see `slow`.

Every one of them is compared with what somebody got who never stopped, byte by byte: messages are identical for
every recipient.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.framing import FrameDecoder
from tests.fakes import frame

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["Heard", "Receiver", "receive"]

_READ_BYTES = 262_144
_READING_S_MAX = 400.0
_LIFE_EVERY_S = 20.0
_LIFE = frame(type="pong")


class Heard:
    """The frames of all messages, in order, as one who never stopped reading got them."""

    def __init__(self, frames: bytes) -> None:
        self.frames = frames
        decoder = FrameDecoder(262_144)
        decoder.feed(frames)
        lengths = []
        payload = decoder.next_payload()
        while payload is not None:
            lengths.append(4 + len(payload))
            payload = decoder.next_payload()
        self.ends = [0, *accumulate(lengths)]


class Receiver:
    """One connection that is in the room; `position` is how far it has got in what everybody hears."""

    def __init__(self, address: tuple[str, int], number: int, room: str) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)  # what it does not read, waits at the server
        self.socket.settimeout(30.0)
        self.socket.connect(address)
        self.position = 0
        self.wrong = ""
        self._rest = b""  # from the last end of a frame on
        hello = frame(type="hello", protocol=1, name=f"receiver {number}", install="i")
        self.socket.sendall(hello + frame(type="join", room=room, last=0))
        decoder = FrameDecoder(262_144)
        while True:
            decoder.feed(self.socket.recv(1))  # not a byte beyond `joined`
            payload = decoder.next_payload()
            if payload is not None and json.loads(payload)["type"] == "joined":
                break
        self.socket.setblocking(False)

    def give_sign_of_life(self) -> None:
        """Say something: it does not read, but it is not dead either."""
        self.socket.send(_LIFE)

    def read(self, heard: Heard) -> None:
        """Read once and compare."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.wrong = f"{error} at {self.position}"
            return
        if not data:
            self.wrong = f"cut off at {self.position}"
            return
        self._rest = data = self._rest + data
        at = 0
        while at < len(data):
            if heard.frames.startswith(data[at:], self.position):  # nearly always, and then it is one comparison
                end = heard.ends[bisect_right(heard.ends, self.position + len(data) - at) - 1]
                at += end - self.position
                self.position = end
                break
            taken = self._take_frame(data, at, heard)
            if not taken:
                break
            at += taken
        self._rest = data[at:]

    def _take_frame(self, data: bytes, at: int, heard: Heard) -> int:
        """Compare one frame, and return its length; 0 when it is not whole yet."""
        size = 4 + int.from_bytes(data[at : at + 4], "big")
        if len(data) - at < max(4, size):
            return 0
        one = data[at : at + size]
        if heard.frames.startswith(one, self.position):
            self.position += size
            return size
        event = json.loads(one[4:])
        if event["type"] in ("message", "error", "quit"):
            self.wrong = f"{event} at {self.position}"
        elif event["type"] == "ping":
            self.give_sign_of_life()
        return size


def receive(pipe: Connection, address: tuple[str, int], count: int, room: str) -> None:
    """Connect so many, say so, wait for the file of what there was to hear, read all of it, and say how it went."""
    receivers = [Receiver(address, number, room) for number in range(count)]
    pipe.send("in")
    while not pipe.poll(_LIFE_EVERY_S):
        for receiver in receivers:
            receiver.give_sign_of_life()
    heard = Heard(Path(pipe.recv()).read_bytes())
    began = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for receiver in receivers:
            receiver.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _READ_BYTES)
            selector.register(receiver.socket, selectors.EVENT_READ, receiver)
        while selector.get_map() and time.monotonic() - began < _READING_S_MAX:
            for key, _ in selector.select(1.0):
                key.data.read(heard)
                if key.data.wrong or key.data.position == len(heard.frames):
                    selector.unregister(key.fileobj)
    pipe.send({
        "seconds": time.monotonic() - began,
        "whole": sum(receiver.position == len(heard.frames) and not receiver.wrong for receiver in receivers),
        "wrong": [receiver.wrong for receiver in receivers if receiver.wrong][:3],
    })  # fmt: skip
    for receiver in receivers:
        receiver.socket.close()
