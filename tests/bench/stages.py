"""Where the time of a post goes: each stage of its way by itself, in microseconds and as a share of the whole.

In this process, the real hub on the real log on disk with the server's own durability, 64 posts of 64 characters a
tick from four people. There are two servers with a room each, measured in turns: in one the four are alone, in the
other 100 more hear them, each on a TCP connection over loopback whose other end is read empty after every tick.

    frames      `FrameDecoder.feed` and `next_payload`
    decode      the payload read into fields and these checked: what the hub asks first (`relay.read_post` where
                it is there), without what the hub then does with it
    stage       `Hub.receive` without that: the room, what a text may be, its place in the batch, the rate
    insert      the INSERT statements in SQLite: messages and dedupe keys
    commit      COMMIT: the fsync, and now and then a checkpoint
    message     the encoding of what everybody gets, with its header
    posted      the encoding of what the author gets, with its header
    settle      what is left of `Hub.commit` in an empty room: seqs, rows, BEGIN, the replies queued, the room's tail
    queue       `Hub.commit` and `deliver` with 100 who hear it without the same with none: one append for each
    flush       `Connection.flush`: one `send` for each of the 100

Not in it are the wait for sockets, the `recv`, the loop in `server.app` around all this, and the replies' own flush.
The system calls of `flush` are paid once a tick and member, so a stage's share depends on how many posts a tick brings.
"""

from __future__ import annotations

import cProfile
import pstats
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core import limits, messages, relay
from chat_core.framing import FrameDecoder, encode_frame
from chat_core.net.connection import Connection
from chat_core.net.transport import SocketTransport
from chat_core.strict_json import quote
from tests.bench.inside import ROOM, Inside, Poster, frames_of
from tests.bench.rounds import Spread, alone, as_json, spread
from tests.hostile.figures import Figures

if TYPE_CHECKING:
    import argparse

__all__ = ["Stages", "add_options", "run"]

BATCH = 64
MEMBERS = 100
TICKS = 50
_READ_BYTES = 1_048_576
_READS_MAX = 1_000
_PROFILE_LINES = 25
_PARTS = ("frames", "decode", "stage", "insert", "commit", "message", "posted", "settle", "queue", "flush")
_WORDS = {
    "frames": "bytes to payloads",
    "decode": "payload to checked fields",
    "stage": "room, text, rate, place in the batch",
    "insert": "SQLite: messages and dedupe keys",
    "commit": "SQLite: COMMIT with its fsync",
    "message": "encode `message`",
    "posted": "encode `posted`",
    "settle": "the rest of the commit: seqs, rows, replies",
    "queue": "queue for those who hear it",
    "flush": "one send for each of them",
}

#: What the hub asks first: the reader for posts in their usual form, or the one for everything.
_read: Callable[[bytes], object] = getattr(relay, "read_post", messages.decode_request)


class Hearers:
    """Members with real connections, over TCP on loopback, and the ends at which they are read empty."""

    def __init__(self, cleanup: ExitStack, inside: Inside, count: int) -> None:
        self.to_flush: list[Connection] = []
        self._ends: dict[socket.socket, int] = {}  # and how many bytes were read there since all were in
        with socket.create_server(("127.0.0.1", 0), backlog=count + 1) as door:
            for number in range(count):
                end = socket.create_connection(door.getsockname(), timeout=30.0)
                cleanup.callback(end.close)
                end.setblocking(False)
                self._ends[end] = 0
                accepted, _ = door.accept()
                cleanup.callback(accepted.close)
                accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.SEND_BUFFER_BYTES)
                transport = SocketTransport(accepted, f"hearer {number}")
                inside.log_in(f"hearer {number}", Connection(transport, limits.HELLO_FRAME_BYTES_MAX, self.to_flush, 0))
        inside.settle()
        self.flush()
        self.drain()
        self._ends = dict.fromkeys(self._ends, 0)

    def flush(self) -> None:
        """Send what is queued: one send for each, as a tick of the server does."""
        for connection in self.to_flush:
            connection.flush(0.0)
            assert not connection.queued_bytes, "it did not fit one send"
        self.to_flush.clear()

    def drain(self) -> None:
        """Read every end empty. What was sent over loopback is there when `send` has returned."""
        for end in self._ends:
            for _ in range(_READS_MAX):
                try:
                    self._ends[end] += len(end.recv(_READ_BYTES))
                except BlockingIOError:
                    break

    def check(self) -> None:
        """See that everybody has heard something, and the same amount."""
        heard = set(self._ends.values())
        assert len(heard) == 1, f"some have heard more than others: {sorted(heard)} bytes"
        assert heard != {0}, "nobody has heard anything"


class Stages:
    """Two servers in this process, one of them with `members` who hear what is said. Times are in nanoseconds."""

    def __init__(self, cleanup: ExitStack, members: int) -> None:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        self.alone = Inside(cleanup, folder / "alone.db")
        self.crowded = Inside(cleanup, folder / "crowded.db")
        self.hearers = Hearers(cleanup, self.crowded, members)

    def round(self, ticks: int) -> dict[str, float]:
        """Measure so many ticks of both, in turns, and return the microseconds a post of every stage."""
        spent = dict.fromkeys((*_PARTS, "receive", "general", "end_alone", "end_crowded", "whole"), 0)
        for _ in range(ticks):
            self._tick_alone(spent)
            self._tick_crowded(spent)
        spent["stage"] = spent["receive"] - spent["decode"]
        spent["settle"] = spent["end_alone"] - spent["message"] - spent["posted"]
        spent["queue"] = spent["end_crowded"] - spent["end_alone"]
        return {name: ns / 1_000 / (ticks * BATCH) for name, ns in spent.items()}

    def _tick_alone(self, spent: dict[str, int]) -> None:
        """Measure every stage that has nothing to do with who hears it."""
        made = self.alone.make_posts(BATCH)
        pieces = [frames_of(payloads) for payloads in made]
        payloads = [payload for part in made for payload in part]
        decoder = FrameDecoder(limits.CLIENT_FRAME_BYTES_MAX)
        spent["frames"] += sum(_time_frames(decoder, piece) for piece in pieces)
        spent["decode"] += _time_decode(_read, payloads)
        spent["general"] += _time_decode(messages.decode_request, payloads)
        receive_ns, end_ns = _time_tick(self.alone, made)
        times = self.alone.database.times
        spent["receive"] += receive_ns
        spent["end_alone"] += end_ns - times.insert_ns - times.commit_ns
        spent["insert"] += times.insert_ns
        spent["commit"] += times.commit_ns
        message_ns, posted_ns = self._time_encoders(len(payloads))
        spent["message"] += message_ns
        spent["posted"] += posted_ns

    def _tick_crowded(self, spent: dict[str, int]) -> None:
        """Measure what those who hear it cost."""
        made = self.crowded.make_posts(BATCH)
        receive_ns, end_ns = _time_tick(self.crowded, made)
        times = self.crowded.database.times
        began = time.perf_counter_ns()
        self.hearers.flush()
        flush_ns = time.perf_counter_ns() - began
        spent["end_crowded"] += end_ns - times.insert_ns - times.commit_ns
        spent["flush"] += flush_ns
        spent["whole"] += receive_ns + end_ns + flush_ns
        self.hearers.drain()

    def _time_encoders(self, count: int) -> tuple[int, int]:
        """Encode what was just stored once more, and see that these are the bytes that the room gives out."""
        room = self.alone.hub.rooms[ROOM]
        rows = self.alone.log.after(room.id, room.head - count, count, _READ_BYTES)
        quoted = {row.sender: quote(row.sender) for row in rows}
        clock, name = time.perf_counter_ns, room.quoted
        began = clock()
        frames = [
            encode_frame(relay.encode_message(name, row.seq, row.unix_ms, quoted[row.sender], row.mid, row.text))
            for row in rows
        ]
        encoded = clock()
        for row in rows:
            encode_frame(relay.encode_posted(row.mid, name, row.seq, row.unix_ms, is_duplicate=False))
        ended = clock()
        assert frames == [room.frame(row) for row in rows], "what is measured is not what is sent"
        return encoded - began, ended - encoded

    def check(self) -> None:
        """See that all was stored, and that everybody has heard the same amount."""
        self.alone.check()
        self.crowded.check()
        self.hearers.check()


def _time_frames(decoder: FrameDecoder, piece: bytes) -> int:
    began = time.perf_counter_ns()
    decoder.feed(piece)
    while decoder.next_payload() is not None:
        pass
    return time.perf_counter_ns() - began


def _time_decode(read: Callable[[bytes], object], payloads: Sequence[bytes]) -> int:
    began = time.perf_counter_ns()
    for payload in payloads:
        read(payload)
    return time.perf_counter_ns() - began


def _time_tick(inside: Inside, made: list[list[bytes]]) -> tuple[int, int]:
    """Run one tick on payloads; return how long `receive` took for all of them, and `commit` with `deliver`."""
    inside.begin()
    inside.database.times.insert_ns = inside.database.times.commit_ns = 0
    clock, receive = time.perf_counter_ns, inside.hub.receive
    turns: list[tuple[Poster, list[bytes]]] = list(zip(inside.posters, made))
    began = clock()
    for poster, payloads in turns:
        session = poster.session
        for payload in payloads:
            receive(session, payload)
    received = clock()
    inside.hub.commit()
    inside.hub.deliver()
    return received - began, clock() - received


def _profile(stages: Stages, ticks: int) -> None:
    """Print what takes longest of the whole way, with those who hear it, from the bytes to the send."""
    fed = [[frames_of(payloads) for payloads in stages.crowded.make_posts(BATCH)] for _ in range(ticks)]
    profile = cProfile.Profile()
    for pieces in fed:
        profile.enable()
        stages.crowded.tick(pieces)
        stages.hearers.flush()
        profile.disable()
        stages.hearers.drain()
    print(
        f"\n{ticks * BATCH} posts of {len(stages.crowded.posters)} people, {ticks} ticks; the profiler slows calls down"
    )
    pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(_PROFILE_LINES)


def _table(spreads: dict[str, Spread], members: int, rounds: int) -> Figures:
    figures = Figures(f"a post's stages, {BATCH} a tick, {members} hear it: median (least-most) of {rounds} rounds")
    total = sum(spreads[part].median for part in _PARTS)
    for part in _PARTS:
        share = 100 * spreads[part].median / total
        figures.note(f"{part}: {_WORDS[part]}", f"{spreads[part].told(2, 'us'):<28} {share:5.1f} %")
    figures.note("sum", f"{total:.2f} us")
    figures.note("the same ticks measured in one piece, without `frames`", spreads["whole"].told(2, "us"))
    figures.note(
        "not in the sum: `decode_request`, for what is no post in its usual form", spreads["general"].told(2, "us")
    )
    return figures


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what this part takes beside `--rounds` and `--quick`."""
    parser.add_argument("--members", type=int, default=MEMBERS, help="how many hear it (%(default)s)")
    parser.add_argument("--profile", action="store_true", help="print what takes longest, too")


def run(options: argparse.Namespace) -> dict[str, object]:
    """Measure it, print the table, and return what goes into the JSON file."""
    members = 10 if options.quick else getattr(options, "members", MEMBERS)
    ticks = 3 if options.quick else TICKS
    with ExitStack() as cleanup:
        stages = Stages(cleanup, members)
        stages.round(2)  # warms up
        found = [stages.round(ticks) for _ in range(options.rounds)]
        if getattr(options, "profile", False):
            _profile(stages, ticks)
        stages.check()
    spreads = {name: spread([values[name] for values in found]) for name in found[0]}
    figures = _table(spreads, members, options.rounds)
    print(f"\n{figures.table()}", flush=True)
    return {
        "rounds": options.rounds,
        "batch": BATCH,
        "members": members,
        "stages": {part: spreads[part]._asdict() for part in _PARTS},
        "whole": spreads["whole"]._asdict(),
        "figures": as_json(figures),
    }


if __name__ == "__main__":
    sys.exit(alone("stages", __doc__, add_options, run))
