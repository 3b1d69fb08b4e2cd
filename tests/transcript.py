"""Transcripts: the hub played by a script, without sockets, and compared with what everybody should have heard.

A script is lines of text; what comes after `#` at the start of a line is said to the reader:

    ann >> post room=lobby mid=m1 text="hello there"    a request; those up to the next other line share a tick
    ann >> {"type":"post", ...                          the same as bare bytes, for what is no proper request
    ann << posted mid=m1 room=lobby seq=1 time=*        what ann hears next; a `*` stands for any value
    ann << *                                            whatever else ann has heard
    tick                    one tick          time +5     both clocks go on (only the monotonic one in a tick)
    prune                   steps of pruning, until there is nothing left to prune
    ann drops               gone, no goodbye  wall -5     the wall clock is set
    ann stalls              her queue is full, and nothing of it is taken until `ann drains`
    log fails               commits fail      log is unreadable       log recovers       restart

Before a line that is no request, ticks go by until nobody has anything left to do. Each block of `<<` lines must be
all that its people have heard; at the end of a script the same holds for everybody. Values are JSON or bare words.
"""

from __future__ import annotations

import json
import re
import unittest
from typing import TYPE_CHECKING, Any, Mapping

from chat_core import limits
from chat_core.errors import StorageError
from chat_core.framing import FrameDecoder
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog

if TYPE_CHECKING:
    from chat_core.server.records import Batch, Cut, FrontRow, MessageRow, MidPosition, PersonRow, RoomRow, StoredPost
    from chat_core.server.session import Session

__all__ = ["FlakyLog", "Peer", "PostingCase", "Stage", "TranscriptCase"]

TICK_S = 0.05
#: More ticks than any script needs before it is quiet; a hub that never rests is a fault.
TICKS_MAX = 1_000
_WORD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\[.*?\](?=\s|$)|\{.*\}|\S+)')


class FlakyLog:
    """A real log in memory that fails when told to, and notes each commit in the diary."""

    def __init__(self, diary: list[str]) -> None:
        self._log = SqliteLog(None, "epoch-1")
        self._diary = diary
        self.epoch = self._log.epoch
        self.commits_fail = False
        self.reads_fail = False
        self._is_writable = True
        self.batches: list[Batch] = []  # those that were committed

    def recover(self) -> None:
        """Work again."""
        self.commits_fail = self.reads_fail = False
        self._is_writable = True

    def close(self) -> None:
        """Close the real log."""
        self._log.close()

    def commit(self, batch: Batch) -> None:
        """Write a batch, or fail; see `records.Log`."""
        self._writable().commit(batch)
        self.batches.append(batch)
        self._diary.append(" ".join(["commit", *(mid for *_, mid, _ in batch.messages)]))

    def prune(self, cuts: list[Cut], day: int) -> None:
        """Delete, or fail; see `records.Log`."""
        self._writable().prune(cuts, day)
        self._diary.append(" ".join(["prune", *(f"{cut.room_id}:{cut.up_to}" for cut in cuts)]))

    def forget_mids(self, last_day: int, position: MidPosition | None, rows_max: int) -> MidPosition | None:
        """Forget, or fail; see `records.Log`."""
        return self._writable().forget_mids(last_day, position, rows_max)

    def is_writable(self) -> bool:
        """Whether the last commit worked."""
        return self._is_writable

    def next_ids(self) -> tuple[int, int]:
        """See `records.Log`, as for all that follow."""
        return self._readable().next_ids()

    def rooms(self) -> list[RoomRow]:
        """Pass on."""
        return self._readable().rooms()

    def person_by_token(self, token_hash: bytes) -> PersonRow | None:
        """Pass on."""
        return self._readable().person_by_token(token_hash)

    def person_by_key(self, key: str) -> PersonRow | None:
        """Pass on."""
        return self._readable().person_by_key(key)

    def find_mids(self, mids: list[tuple[int, str]]) -> dict[tuple[int, str], StoredPost]:
        """Pass on."""
        return self._readable().find_mids(mids)

    def after(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Pass on."""
        return self._readable().after(room_id, seq, rows_max, text_chars_max)

    def before(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Pass on."""
        return self._readable().before(room_id, seq, rows_max, text_chars_max)

    def front(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[FrontRow]:
        """Pass on."""
        return self._readable().front(room_id, seq, rows_max, text_chars_max)

    def oldest_mark(self) -> int | None:
        """Pass on."""
        return self._readable().oldest_mark()

    def _writable(self) -> SqliteLog:
        if self.commits_fail:
            self._is_writable = False
        if not self._is_writable:
            raise StorageError("the disk is full")
        return self._log

    def _readable(self) -> SqliteLog:
        if self.reads_fail:
            raise StorageError("the disk fails")
        return self._log


class Peer:
    """One connection: an outlet that decodes what is queued, and the requests that wait to be taken."""

    def __init__(self, label: str, hub: Hub, diary: list[str]) -> None:
        self.label = label
        self._diary = diary
        self._decoder = FrameDecoder(limits.SERVER_FRAME_BYTES_MAX)
        self.queued_bytes = 0
        self.queued_bytes_most = 0
        self.is_stalled = False
        self.is_ended = False
        self.inbox: list[bytes] = []
        self.heard: list[dict[str, Any]] = []
        self.session: Session = hub.connected(self)

    def put(self, frames: bytes) -> None:
        """Queue whole frames: decode them."""
        self.queued_bytes += len(frames)
        self.queued_bytes_most = max(self.queued_bytes, self.queued_bytes_most)
        self._decoder.feed(frames)
        payload = self._decoder.next_payload()
        while payload is not None:
            event = json.loads(payload.decode("utf-8"))
            self.heard.append(event)
            self._diary.append(f"{self.label} {event['type']} {event.get('mid', '')}".rstrip())
            payload = self._decoder.next_payload()
        if self._decoder.is_mid_frame:
            raise AssertionError("part of a frame was queued")

    def end(self) -> None:
        """Take nothing more in."""
        self.is_ended = True


class Stage:
    """A hub with its log, its clocks and its peers. Tokens are token-1, token-2 and so on."""

    def __init__(self, options: HubOptions | None = None, log: FlakyLog | None = None) -> None:
        self.diary: list[str] = []
        self.log = FlakyLog(self.diary) if log is None else log
        self.options = options or HubOptions(rate_per_s=0)
        self.now = 100.0
        self.unix_ms = 1_000
        self.peers: dict[str, Peer] = {}
        self._waiting: dict[str, None] = {}  # who has requests that are not taken yet, in the order of asking
        self._tokens = 0
        self.start()

    def start(self) -> None:
        """Start the server, anew if there was one: every connection is gone."""
        self.hub = Hub(self.log, self.options, self._new_token)
        self.peers.clear()
        self._waiting.clear()
        self.hub.begin(self.now, self.unix_ms)

    def _new_token(self) -> str:
        self._tokens += 1
        return f"token-{self._tokens}"

    # --- what people do ---

    def peer(self, label: str) -> Peer:
        """Return the connection of that label; a new one when there is none, or it is over."""
        peer = self.peers.get(label)
        if peer is None:
            peer = self.peers[label] = Peer(label, self.hub, self.diary)
        return peer

    def ask(self, label: str, payload: bytes) -> None:
        """Send one payload; it is taken in the next tick."""
        self.peer(label).inbox.append(payload)
        self._waiting[label] = None

    def request(self, label: str, kind: str, **fields: object) -> None:
        """Send one request; it is taken in the next tick."""
        self.ask(label, _compact({"type": kind, **fields}))

    def enter(self, *labels: str, room: str = "lobby") -> None:
        """Log people in and let them join a room; what everybody heard of it is forgotten."""
        for label in labels:
            self.request(label, "hello", protocol=1, name=label, install="i")
            if room:
                self.request(label, "join", room=room, last=0)
        self.settle()
        self.forget_heard()

    def drop(self, label: str) -> None:
        """Lose a connection. The label is free for another one."""
        peer = self.peers.pop(label)
        self._waiting.pop(label, None)
        self.hub.forget(peer.session)

    def stall(self, label: str) -> None:
        """Fill a queue to its mark, and take nothing from it."""
        peer = self.peers[label]
        peer.is_stalled = True
        peer.queued_bytes += limits.HIGH_WATER_BYTES

    def drain(self, label: str) -> None:
        """Let a queue drain again."""
        self.peers[label].is_stalled = False

    def forget_heard(self) -> None:
        """Begin to listen anew."""
        for peer in self.peers.values():
            peer.heard.clear()
        self.diary.clear()

    def heard(self, label: str, *kinds: str) -> list[dict[str, Any]]:
        """Return what somebody has heard, of these types if there are any."""
        return [event for event in self.peers[label].heard if not kinds or event["type"] in kinds]

    # --- ticks ---

    def tick(self) -> None:
        """Play one tick as the server does."""
        self.now += TICK_S
        self.hub.begin(self.now, self.unix_ms)
        for label in list(self._waiting):
            self._take_turn(self.peers[label])
        self.hub.commit()
        self.hub.deliver()
        for peer in list(self.peers.values()):
            if not peer.is_stalled:
                peer.queued_bytes = 0
                session = peer.session
                if session.is_owed:
                    self.hub.drained(session)

    def _take_turn(self, peer: Peer) -> None:
        session = peer.session
        if peer.is_ended:
            peer.inbox.clear()
        elif session.resume_at > self.now:
            return
        else:
            wants_more = self.hub.resume(session)
            while wants_more and peer.inbox:
                wants_more = self.hub.receive(session, peer.inbox.pop(0))
        if not peer.inbox and session.held is None:
            self._waiting.pop(peer.label, None)

    def settle(self) -> None:
        """Let ticks go by, at least one, until nobody has anything left to do.

        Those above their rate have to wait for `time`.
        """
        self.tick()
        for _ in range(TICKS_MAX):
            asking = [label for label in self._waiting if self.peers[label].session.resume_at <= self.now]
            if not (asking or self.hub.has_work or self.hub.next_telling_at() is not None):
                return
            self.tick()
        raise AssertionError("the hub never rests")

    def prune(self) -> None:
        """Take steps of pruning until there is nothing left to prune."""
        self.hub.begin(self.now, self.unix_ms)
        for _ in range(TICKS_MAX):
            if not self.hub.prune():
                return
        raise AssertionError("there is always something to prune")

    # --- the script ---

    def play(self, script: str) -> None:
        """Play a script. Raises AssertionError at the first line that does not hold."""
        lines = [line.strip() for line in script.splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        told: dict[str, str] = {}  # whose `<<` block is open, with its last line
        for line in lines:
            label, _, rest = line.partition(" ")
            if not rest.startswith(("<<", ">>")):
                self._close(told)
                self.settle()
                self._act(line)
            elif rest.startswith("<<"):
                if not told:
                    self.settle()
                told[label] = line
                self._expect(label, line, rest[2:].strip())
            else:
                self._close(told)
                self.ask(label, _payload(rest[2:].strip()))
        self._close(told)
        self.settle()
        for label, peer in self.peers.items():
            self._all_told(label, "the end", peer)

    def _act(self, line: str) -> None:
        first, _, second = line.partition(" ")
        by_word = {"drops": self.drop, "stalls": self.stall, "drains": self.drain}
        if line == "tick":
            self.tick()
        elif line == "restart":
            self.start()
        elif line == "prune":
            self.prune()
        elif first == "time":
            self.now += float(second)
            self.unix_ms += int(float(second) * 1_000)
        elif first == "wall":
            self.unix_ms += int(float(second) * 1_000)
        elif line == "log fails":
            self.log.commits_fail = True
        elif line == "log is unreadable":
            self.log.reads_fail = True
        elif line == "log recovers":
            self.log.recover()
        else:
            by_word[second](first)

    def _expect(self, label: str, line: str, wanted: str) -> None:
        heard = self.peers[label].heard
        if wanted == "*":
            heard.clear()
            return
        if not heard:
            raise AssertionError(f"{line}\n  but {label} hears nothing more")
        event = heard.pop(0)
        fields = _fields(wanted)
        fits = set(event) == set(fields) and all(value in ("*", event[name]) for name, value in fields.items())
        if not fits:
            raise AssertionError(f"{line}\n  but {label} hears {json.dumps(event, ensure_ascii=False)}")

    def _close(self, told: dict[str, str]) -> None:
        for label, line in told.items():
            self._all_told(label, line, self.peers[label])
        told.clear()

    def _all_told(self, label: str, line: str, peer: Peer) -> None:
        if peer.heard:
            raise AssertionError(f"after {line!r} {label} hears more: {json.dumps(peer.heard, ensure_ascii=False)}")


def _fields(text: str) -> dict[str, Any]:
    kind, _, rest = text.partition(" ")
    values: dict[str, Any] = {"type": kind}
    for name, value in _WORD.findall(rest):
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values


def _payload(text: str) -> bytes:
    return text.encode("utf-8") if text.startswith(("{", "[")) else _compact(_fields(text))


class TranscriptCase(unittest.TestCase):
    """A test with a stage of its own, `options` being the hub's."""

    options = HubOptions(rate_per_s=0)

    def setUp(self) -> None:
        self.stage = Stage(self.options)
        self.addCleanup(self.stage.log.close)

    def play(self, script: str) -> None:
        """Play a script on the stage."""
        self.stage.play(script)


class PostingCase(TranscriptCase):
    """A test in which ann, who is in the lobby, has something to say."""

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann")

    def post(self, count: int, text: str = "a", room: str = "lobby") -> None:
        """Let ann say `count` messages, m1, m2 and so on."""
        head = self.stage.hub.rooms[room].head
        for number in range(head + 1, head + count + 1):
            self.stage.request("ann", "post", room=room, mid=f"m{number}", text=text)
        self.stage.settle()
        self.stage.forget_heard()


def _compact(fields: Mapping[str, object]) -> bytes:
    """Write a request as clients do."""
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
