"""Very many people on non-blocking sockets in one process, and one who floods: what `crowd` sets upon a server.

Both are processes of their own, run as a `tests.hostile.target.Worker`, so that who measures latency is not held up
by them. They are to be cheap: what is said is encoded beforehand, what comes is walked frame by frame and told apart by
its first bytes (the server writes `type` first). Nothing is taken on trust all the same: every message is compared byte
by byte with what the first visitor got under the next seq, and what that one gets is parsed.
"""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, Iterable, NamedTuple

from chat_core import limits
from chat_core.framing import FrameDecoder, encode_frame
from chat_core.messages import Hello, Join, Pong, Post, Quit, encode
from tests.bench.machine import raise_descriptor_limit

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from chat_core.messages import Request

__all__ = ["PONG", "Entry", "Standing", "Visitors", "digest_of", "flood", "frame_of", "source_of", "visit"]

_READ_BYTES = 262_144
_CONNECT_S = 30.0
#: Nothing here takes longer unless something is broken.
_PATIENCE_S = 300.0
_SOURCES = 50
_WELCOME, _JOINED, _LIVE = b'{"type":"welcome"', b'{"type":"joined"', b'{"type":"live"'
_MESSAGE, _PRESENCE, _PING = b'{"type":"message"', b'{"type":"presence"', b'{"type":"ping"'
_GOODBYE, _POSTED = b'{"type":"quit"', b'{"type":"posted"'
_FLOOD_BLOCK = 100


def frame_of(request: Request) -> bytes:
    """Encode a request as a client does."""
    return encode_frame(encode(request))


PONG = frame_of(Pong())
_QUIT = frame_of(Quit())
#: A visitor's token: long enough that the server takes it over.
_TOKEN = "token-of-visitor-{:016d}"


def source_of(number: int) -> tuple[str, int] | None:
    """Choose where a connection comes from: one address has 28 000 ports, and Linux has all of 127.x."""
    return (f"127.0.0.{2 + number % _SOURCES}", 0) if sys.platform == "linux" else None


def digest_of(payloads: Iterable[bytes]) -> str:
    """Sum up messages: two lists of them are the same when their digests are."""
    return hashlib.sha256(b"\n".join(payloads)).hexdigest()


class Entry(NamedTuple):
    """What the visitors are to do: come in, so many at a time, and join a room."""

    address: tuple[str, int]
    room: str  # "" for none: then one is in with the `welcome`
    in_flight: int
    after: int | None = None  # their cursor; None: as newcomers who want no older messages
    missed: int = 0  # messages that each must have got when it is live


class Standing(NamedTuple):
    """How they stand."""

    inside: int  # joined, live, and with every message that was due
    seconds: float  # from the first connect to the last `live`, or for whatever was asked last
    cpu_s: float  # of this process, in that time
    took_s: list[float]  # from the connect to `live`, for each who came in
    heard: int  # messages, over all of them, in that time
    digest: str  # of the different messages among these, in the order of their seqs
    faults: list[str]  # whatever was not as it must be, the first few; empty is good


class _Visitor:
    """One person: what it waits for next (the first bytes of it), and how far it has got in its room."""

    __slots__ = ("began", "cursor", "decoder", "is_in", "is_leaving", "number", "socket")

    def __init__(self, number: int) -> None:
        self.number = number
        self.socket: socket.socket | None = None
        self.decoder = FrameDecoder(limits.SERVER_FRAME_BYTES_MAX)
        self.began = 0.0
        self.cursor = -1  # the seq of its newest message; -1 until it has joined
        self.is_in = False
        self.is_leaving = False


class Visitors:
    """All of them, on one selector."""

    def __init__(self, count: int) -> None:
        self._all = [_Visitor(number) for number in range(count)]
        self._hellos = [
            frame_of(Hello(1, f"visitor {number}", f"install {number}", token=_TOKEN.format(number)))
            for number in range(count)
        ]
        self._selector = selectors.DefaultSelector()
        self._entry: Entry | None = None
        self._join = b""
        self._heard_at: dict[int, bytes] = {}  # by seq: the message, as the first who got it was told
        self._faults: list[str] = []
        self._took_s: list[float] = []
        self._heard = self._inside = self._flying = 0

    # --- what they are asked to do ---

    def enter(self, entry: Entry) -> Standing:
        """Have all of them log in and join, so many at a time, and return when the last one is live."""
        self._entry = entry
        self._join = frame_of(Join(entry.room, last=0) if entry.after is None else Join(entry.room, after=entry.after))
        self._heard_at.clear()
        self._took_s = []
        self._heard = self._inside = self._flying = 0
        began, cpu = time.perf_counter(), time.process_time()
        coming = iter(self._all)
        is_all_here = False
        while self._flying or not is_all_here:
            while self._flying < entry.in_flight and not is_all_here:
                visitor = next(coming, None)
                if visitor is None:
                    is_all_here = True
                else:
                    self._call(visitor, entry)
            if self._flying:
                self._turn(1.0)
            if time.perf_counter() - began > _PATIENCE_S:
                self._fault(f"{self._flying} did not get in within {_PATIENCE_S:.0f} s")
                break
        return self._standing(began, cpu)

    def stay(self, pipe: Connection) -> Standing:
        """Be idle, but alive, until something comes through the pipe."""
        began, cpu = time.perf_counter(), time.process_time()
        self._heard = 0
        self._selector.register(pipe, selectors.EVENT_READ)
        while not self._turn(1.0):
            pass
        self._selector.unregister(pipe)
        return self._standing(began, cpu)

    def leave(self) -> Standing:
        """Have all of them say goodbye, and return when the server has closed every connection."""
        began, cpu = time.perf_counter(), time.process_time()
        for visitor in self._all:
            if visitor.socket is not None:
                visitor.is_leaving = True
                visitor.socket.send(_QUIT)
        while self._inside and time.perf_counter() - began < _PATIENCE_S:
            self._turn(1.0)
        return self._standing(began, cpu)

    def close(self) -> None:
        """Hang up."""
        for visitor in self._all:
            self._hang_up(visitor)
        self._selector.close()

    def _standing(self, began: float, cpu: float) -> Standing:
        whole, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        faults, self._faults = self._faults, []
        digest = digest_of(self._heard_at[seq] for seq in sorted(self._heard_at))
        return Standing(self._inside, whole, cpu_s, self._took_s, self._heard, digest, faults)

    # --- one of them ---

    def _call(self, visitor: _Visitor, entry: Entry) -> None:
        visitor.cursor, visitor.is_in, visitor.is_leaving = -1, False, False
        visitor.decoder = FrameDecoder(limits.SERVER_FRAME_BYTES_MAX)
        visitor.began = time.perf_counter()
        name = f"visitor {visitor.number}"
        try:
            calling = socket.create_connection(entry.address, _CONNECT_S, source_of(visitor.number))
        except OSError as error:
            self._fault(f"{name} cannot connect: {error}")
            return
        calling.setblocking(False)
        calling.send(self._hellos[visitor.number])
        visitor.socket = calling
        self._flying += 1
        self._selector.register(calling, selectors.EVENT_READ, visitor)

    def _turn(self, timeout_s: float) -> bool:
        """Read from all who have something; True when something else than a visitor has."""
        is_called = False
        for key, _ in self._selector.select(timeout_s):
            visitor = key.data
            if visitor is None:
                is_called = True
            else:
                self._read(visitor)
        return is_called

    def _read(self, visitor: _Visitor) -> None:
        assert visitor.socket is not None
        try:
            data = visitor.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(visitor, str(error))
            return
        if not data:
            self._end(visitor, "closed by the server")
            return
        visitor.decoder.feed(data)
        while (payload := visitor.decoder.next_payload()) is not None:
            self._hear(visitor, payload)

    def _hear(self, visitor: _Visitor, payload: bytes) -> None:
        assert visitor.socket is not None
        assert self._entry is not None
        if payload.startswith(_MESSAGE):
            self._hear_message(visitor, payload)
        elif payload.startswith(_PRESENCE):
            pass  # how many are here is nothing to these
        elif payload.startswith(_WELCOME):
            if payload.find(b'"name":"visitor %d"' % visitor.number) < 0:
                self._fault(f"visitor {visitor.number} is welcomed as somebody else")
            if self._entry.room:
                visitor.socket.send(self._join)
            else:
                visitor.cursor = 0
                self._come_in(visitor, 0)
        elif payload.startswith(_JOINED):
            at = payload.index(b'"next":') + 7
            visitor.cursor = int(payload[at : payload.index(b",", at)]) - 1
            if self._entry.after is not None and visitor.cursor != self._entry.after:
                self._fault(f"visitor {visitor.number} goes on from {visitor.cursor}")
        elif payload.startswith(_LIVE):
            self._come_in(visitor, json.loads(payload)["seq"])
        elif payload.startswith(_PING):
            visitor.socket.send(PONG)
        elif not (visitor.is_leaving and payload.startswith(_GOODBYE)):
            self._fault(f"visitor {visitor.number} heard {payload[:200]!r}")

    def _hear_message(self, visitor: _Visitor, payload: bytes) -> None:
        visitor.cursor += 1
        self._heard += 1
        told = self._heard_at.get(visitor.cursor)
        if told is None:
            if json.loads(payload)["seq"] != visitor.cursor or visitor.cursor < 1:
                self._fault(f"visitor {visitor.number} heard {payload[:120]!r} for message {visitor.cursor}")
            self._heard_at[visitor.cursor] = payload
        elif told != payload:
            self._fault(f"visitor {visitor.number} heard {payload[:120]!r}, not {told[:120]!r}")

    def _come_in(self, visitor: _Visitor, head: int) -> None:
        assert self._entry is not None
        if visitor.is_in or visitor.cursor != head:
            self._fault(f"visitor {visitor.number} is live at {head} and has {visitor.cursor}")
        if self._entry.after is not None and visitor.cursor < self._entry.after + self._entry.missed:
            self._fault(f"visitor {visitor.number} has missed messages and is live at {visitor.cursor}")
        visitor.is_in = True
        self._inside += 1
        self._flying -= 1
        self._took_s.append(time.perf_counter() - visitor.began)

    def _end(self, visitor: _Visitor, why: str) -> None:
        if not visitor.is_leaving:
            self._fault(f"visitor {visitor.number} was cut off: {why}")
        if visitor.is_in:
            self._inside -= 1
        else:
            self._flying -= 1
        self._hang_up(visitor)

    def _hang_up(self, visitor: _Visitor) -> None:
        if visitor.socket is not None:
            if self._selector.get_map() is not None:
                self._selector.unregister(visitor.socket)
            visitor.socket.close()
            visitor.socket = None

    def _fault(self, what: str) -> None:
        if len(self._faults) < 5:
            self._faults.append(what)


def visit(pipe: Connection, count: int, cores: set[int] | None) -> None:
    """Say that they are ready, then do what comes through the pipe until it says `end`; each answer is a Standing."""
    _settle_in(cores)
    visitors = Visitors(count)
    pipe.send("ready")
    wish: Any = pipe.recv()
    while wish != "end":
        if isinstance(wish, Entry):
            pipe.send(visitors.enter(wish))
            wish = pipe.recv()
        elif wish == "leave":
            pipe.send(visitors.leave())
            wish = pipe.recv()
        else:
            assert wish == "stay", wish
            standing = visitors.stay(pipe)
            wish = pipe.recv()
            pipe.send(standing)
    visitors.close()
    pipe.send("ended")


def _settle_in(cores: set[int] | None) -> None:
    raise_descriptor_limit()
    if cores is not None and sys.platform == "linux":
        os.sched_setaffinity(0, cores)


def flood(pipe: Connection, address: tuple[str, int], room: str, cores: set[int] | None) -> None:
    """Say that all is ready, wait for a word, and post as fast as the line takes it until the next; say how it went.

    Everything that comes back is read, so that it is its own rate that holds it back and nothing else.
    """
    _settle_in(cores)
    pipe.send("ready")
    pipe.recv()
    number = sent = stored = 0
    is_cut_off = False
    rest = block = b""
    with selectors.DefaultSelector() as selector, socket.create_connection(address, _CONNECT_S) as calling:
        calling.sendall(frame_of(Hello(1, "flooder", "install")) + frame_of(Join(room, last=0)))
        calling.setblocking(False)
        selector.register(pipe, selectors.EVENT_READ)
        selector.register(calling, selectors.EVENT_READ | selectors.EVENT_WRITE)
        is_over = False
        while not (is_over or is_cut_off):
            for key, events in selector.select(1.0):
                if key.fileobj is pipe:
                    is_over = True
                    continue
                try:
                    if events & selectors.EVENT_READ:
                        data = calling.recv(_READ_BYTES)
                        is_cut_off = not data
                        stored += (rest[-len(_POSTED) + 1 :] + data).count(_POSTED)
                        rest = data
                    if events & selectors.EVENT_WRITE:
                        if not block:
                            block = b"".join(
                                frame_of(Post(room, f"flood-{number + place}", "f" * 64))
                                for place in range(_FLOOD_BLOCK)
                            )
                            number += _FLOOD_BLOCK
                        count = calling.send(block)
                        block, sent = block[count:], sent + count
                except BlockingIOError:
                    continue
                except OSError:
                    is_cut_off = True
    if not is_over:
        pipe.recv()
    pipe.send({"sent_bytes": sent, "stored": stored, "is_cut_off": is_cut_off})
