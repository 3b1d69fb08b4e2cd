"""People who are in a room and talk at a steady pace, and how long each message takes to reach each of them.

A latency is counted from the moment a message was due, not from when it was sent, so that a stall is not hidden; it
ends when the bytes were read here. All of them are in this process, which has little to do. Every message is compared
byte by byte with what the first one got under the next seq, and what that one gets is parsed and held against what was
sent.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from typing import TYPE_CHECKING, Callable

from chat_core import limits
from chat_core.framing import FrameDecoder
from chat_core.messages import Hello, Join, Post
from tests.bench.visitors import PONG, frame_of
from tests.hostile.figures import percentile

if TYPE_CHECKING:
    from contextlib import ExitStack

__all__ = ["Talk"]

_READ_BYTES = 262_144
_PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.02
_MARK = "=@"
_MESSAGE, _PRESENCE, _POSTED = b'{"type":"message"', b'{"type":"presence"', b'{"type":"posted"'
_PING, _LIVE, _JOINED, _WELCOME = b'{"type":"ping"', b'{"type":"live"', b'{"type":"joined"', b'{"type":"welcome"'


class _Talker:
    __slots__ = ("cursor", "decoder", "is_live", "name", "socket", "unsent")

    def __init__(self, name: str, connected: socket.socket) -> None:
        self.name = name
        self.socket = connected
        self.decoder = FrameDecoder(limits.SERVER_FRAME_BYTES_MAX)
        self.unsent = b""
        self.cursor = -1  # the seq of its newest message
        self.is_live = False


class Talk:
    """So many people in one room, all of them live. `per_s` is messages a second, over all of them, in turns."""

    def __init__(self, cleanup: ExitStack, address: tuple[str, int], count: int, room: str, per_s: float) -> None:
        self.room = room
        self._per_s = per_s
        self._selector = selectors.DefaultSelector()
        cleanup.callback(self._selector.close)
        self._talkers: list[_Talker] = []
        self._told: dict[int, bytes] = {}  # by seq: the message, as the first who got it was told
        self._due_ns: dict[int, int] = {}  # by seq: when it was due; not there for a message of somebody else
        self._newest: dict[str, int] = {}  # by author: the number of the newest message that anybody has heard
        self.sent = 0
        self.acknowledged = 0
        self.heard = 0  # messages of ours, over all people
        self.latencies_s: list[float] = []
        self.faults: list[str] = []
        for number in range(count):
            name = f"talker {number}"
            connected = socket.create_connection(address, _PATIENCE_S)
            cleanup.callback(connected.close)
            connected.sendall(frame_of(Hello(1, name, "install")) + frame_of(Join(room, last=0)))
            connected.setblocking(False)
            talker = _Talker(name, connected)
            self._talkers.append(talker)
            self._selector.register(connected, selectors.EVENT_READ, talker)
            self._wait_until(lambda talker=talker: talker.is_live, f"{name} is live")  # type: ignore[misc]

    def _wait_until(self, is_so: Callable[[], bool], what: str) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > deadline or self.faults:
                self._fault(f"it did not come about that {what}")
                return False
            self._turn(_LOOK_EVERY_S)
        return True

    def go_on(self, is_over: Callable[[], bool], seconds_max: float) -> list[float]:
        """Talk until it is over, then wait until everybody has heard everything; return the latencies, in seconds."""
        self.latencies_s = []
        began_ns = time.perf_counter_ns()
        every_ns = int(1e9 / self._per_s)
        due_ns = began_ns
        while not is_over():
            now_ns = time.perf_counter_ns()
            if now_ns - began_ns > seconds_max * 1e9:
                break
            while due_ns <= now_ns:
                self._say(due_ns)
                due_ns += every_ns
            self._turn(min(_LOOK_EVERY_S, max(0.0, (due_ns - time.perf_counter_ns()) / 1e9)))
        due = len(self._talkers) * self.sent
        self._wait_until(lambda: self.heard >= due and self.acknowledged >= self.sent, "everybody has heard everything")
        if self.heard != due or self.acknowledged != self.sent:
            self._fault(f"{self.heard} of {due} heard, {self.acknowledged} of {self.sent} acknowledged")
        return self.latencies_s

    def p99_s(self) -> float:
        """Return the latency that one in a hundred was above; infinite when nothing was heard."""
        return percentile(self.latencies_s, 0.99) if self.latencies_s else float("inf")

    # --- saying ---

    def _say(self, due_ns: int) -> None:
        talker = self._talkers[self.sent % len(self._talkers)]
        self.sent += 1
        text = f"{_MARK} {due_ns:020d} {self.sent:010d} ".ljust(64, "t")
        talker.unsent += frame_of(Post(self.room, f"talk-{self.sent}", text))
        self._send(talker)

    def _send(self, talker: _Talker) -> None:
        try:
            taken = talker.socket.send(talker.unsent)
        except BlockingIOError:
            return  # tried again with the next turn
        except OSError as error:
            self._end(talker, str(error))
            return
        talker.unsent = talker.unsent[taken:]

    # --- hearing ---

    def _turn(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            self._read(key.data)
        for talker in self._talkers:
            if talker.unsent:
                self._send(talker)

    def _read(self, talker: _Talker) -> None:
        try:
            data = talker.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(talker, str(error))
            return
        now_ns = time.perf_counter_ns()
        if not data:
            self._end(talker, "closed by the server")
            return
        talker.decoder.feed(data)
        while (payload := talker.decoder.next_payload()) is not None:
            self._hear(talker, payload, now_ns)

    def _hear(self, talker: _Talker, payload: bytes, now_ns: int) -> None:
        if payload.startswith(_MESSAGE):
            self._hear_message(talker, payload, now_ns)
        elif payload.startswith(_POSTED):
            self.acknowledged += 1
        elif payload.startswith(_JOINED):
            talker.cursor = json.loads(payload)["next"] - 1
        elif payload.startswith(_LIVE):
            talker.is_live = True
        elif payload.startswith(_PING):
            talker.unsent += PONG
        elif not payload.startswith((_PRESENCE, _WELCOME)):
            self._fault(f"{talker.name} heard {payload[:200]!r}")

    def _hear_message(self, talker: _Talker, payload: bytes, now_ns: int) -> None:
        talker.cursor = seq = talker.cursor + 1
        told = self._told.get(seq)
        if told is None:
            self._note(seq, payload)
        elif told != payload:
            self._fault(f"{talker.name} heard {payload[:120]!r}, not {told[:120]!r}")
        due_ns = self._due_ns.get(seq)
        if due_ns is not None:
            self.heard += 1
            self.latencies_s.append((now_ns - due_ns) / 1e9)

    def _note(self, seq: int, payload: bytes) -> None:
        """Take down a message that nobody has heard before."""
        message = json.loads(payload)
        self._told[seq] = payload
        if message["seq"] != seq:
            self._fault(f"seq {message['seq']} came instead of {seq}")
        mark, _, rest = message["text"].partition(" ")
        if mark != _MARK:
            return  # somebody else's
        due, number = (int(word) for word in rest.split()[:2])
        author = self._talkers[(number - 1) % len(self._talkers)].name
        if message["from"] != author or message["mid"] != f"talk-{number}":
            self._fault(f"{message} is not what {author} said")
        if number <= self._newest.get(author, 0):
            self._fault(f"{message} comes after number {self._newest[author]}")
        self._newest[author] = number
        self._due_ns[seq] = due

    def _end(self, talker: _Talker, why: str) -> None:
        self._fault(f"{talker.name} was cut off: {why}")
        if talker.socket.fileno() >= 0:
            self._selector.unregister(talker.socket)
            talker.socket.close()

    def _fault(self, what: str) -> None:
        if len(self.faults) < 5:
            self.faults.append(what)
