"""A post's whole way in, against the bare sum of what cannot be left out of it.

Ours, in this process: four people who are logged in and in one room with nobody else, the bytes of their posts (64
characters each) fed to a `FrameDecoder`, `receive`, and at the end of the tick `commit` and `deliver` of the real hub
on the real log on disk, with the server's own durability and no rate. Their outlets only count what is queued. Not in
it are the system calls around it: the wait, the read and the send.

Bare: `json.loads` of the very same payloads, `json.dumps` of the very same messages, both with their defaults, which
are their quickest way, and the same rows put into the same tables (`chat_core.server.schema`) of a file of its own, in
transactions of the same size and with the same pragmas. Statements, rows and dicts are made outside of what is timed.

Both take turns in short slices, so that whatever else the machine does meets both, and the garbage collector is as in
the server: on, with Python's own thresholds.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Sequence

from chat_core.server.schema import SCHEMA, SEQ_BITS
from tests.bench.inside import ROOM, TEXT_CHARS, Inside, TimedConnection, frames_of
from tests.bench.rounds import Spread, alone, as_json, spread
from tests.hostile.figures import Figures

if TYPE_CHECKING:
    import argparse

__all__ = ["add_options", "run"]

RATIO_MAX = 2.0
BATCHES = (64, 256)
#: Ticks of one side before the other has its turn.
_SLICE_TICKS = 4
_PRAGMAS = ("journal_mode", "synchronous", "wal_autocheckpoint", "journal_size_limit")


class Bare:
    """The bare sum, on a file of its own that has the tables and the pragmas of another database."""

    def __init__(self, cleanup: ExitStack, path: Path, like: TimedConnection) -> None:
        self.database = TimedConnection.open(str(path))
        cleanup.callback(self.database.close)
        for name in _PRAGMAS:
            (value,) = like.execute(f"PRAGMA {name}").fetchone()
            self.database.execute(f"PRAGMA {name} = {value}")
            assert self.database.execute(f"PRAGMA {name}").fetchone() == (value,), name
        self.database.executescript(SCHEMA)
        self.parts_ns = {"loads": 0, "dumps": 0, "insert": 0, "commit": 0}

    def take(
        self, payloads: Sequence[str], messages: Sequence[object], rows: dict[str, list[tuple[object, ...]]]
    ) -> None:
        """Do it once for a batch, and add up what each part took."""
        clock, run = time.perf_counter_ns, self.database.execute
        inserts = [
            (f"INSERT INTO {table} VALUES ({', '.join('?' * len(found[0]))})", found)  # noqa: S608 - our own tables
            for table, found in rows.items()
        ]
        loads, dumps = json.loads, json.dumps
        began = clock()
        for payload in payloads:
            loads(payload)
        loaded = clock()
        for message in messages:
            dumps(message)
        dumped = clock()
        run("BEGIN IMMEDIATE")
        for statement, found in inserts:
            self.database.executemany(statement, found)
        inserted = clock()
        run("COMMIT")
        committed = clock()
        for part, ns in (
            ("loads", loaded - began),
            ("dumps", dumped - loaded),
            ("insert", inserted - dumped),
            ("commit", committed - inserted),
        ):
            self.parts_ns[part] += ns


class Race:
    """Both sides, slice by slice, with so many posts in a tick."""

    def __init__(self, cleanup: ExitStack, batch: int) -> None:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        self.batch = batch
        self.inside = Inside(cleanup, folder / "ours.db")
        self.bare = Bare(cleanup, folder / "bare.db", self.inside.database)
        self._seq = 0  # of the newest message that the bare side has too

    def round(self, slices: int) -> dict[str, float]:
        """Let them take turns so often, and return the microseconds a post of everything, and the ratios."""
        ours_ns = 0
        self.inside.database.times.commit_ns = 0
        self.bare.parts_ns = dict.fromkeys(self.bare.parts_ns, 0)
        for _ in range(slices):
            ticks = [self.inside.make_posts(self.batch) for _ in range(_SLICE_TICKS)]
            fed = [[frames_of(payloads) for payloads in tick] for tick in ticks]
            began = time.perf_counter_ns()
            for pieces in fed:
                self.inside.tick(pieces)
            ours_ns += time.perf_counter_ns() - began
            for tick in ticks:
                self._take_bare([payload.decode() for payloads in tick for payload in payloads])
        posts = slices * _SLICE_TICKS * self.batch
        parts = {name: ns / 1_000 / posts for name, ns in self.bare.parts_ns.items()}
        ours, our_commit = ours_ns / 1_000 / posts, self.inside.database.times.commit_ns / 1_000 / posts
        bare = sum(parts.values())
        return {
            "ours_us": ours,
            "ours_commit_us": our_commit,
            "bare_us": bare,
            **{f"bare_{name}_us": us for name, us in parts.items()},
            "ratio": ours / bare,
            "ratio_without_commit": (ours - our_commit) / (bare - parts["commit"]),
        }

    def _take_bare(self, payloads: list[str]) -> None:
        """Give the bare side these payloads, and the messages and the rows that ours has made of them."""
        room = self.inside.hub.rooms[ROOM]
        found = self.inside.log.after(room.id, self._seq, len(payloads), len(payloads) * TEXT_CHARS + 1)
        assert [row.text for row in found] == [json.loads(payload)["text"] for payload in payloads]
        first_id = room.id << SEQ_BITS | self._seq
        run = self.inside.database.execute
        rows = {
            "mid": run(
                "SELECT mid.* FROM message JOIN mid ON mid.person = message.person AND mid.mid = message.mid"
                " WHERE message.id > ? ORDER BY message.id LIMIT ?",
                (first_id, len(payloads)),
            ).fetchall(),
            "message": run(
                "SELECT * FROM message WHERE id > ? ORDER BY id LIMIT ?", (first_id, len(payloads))
            ).fetchall(),
        }
        assert [len(table) for table in rows.values()] == [len(payloads)] * 2, "ours has not stored it all"
        self._seq += len(payloads)
        messages = [
            {
                "type": "message", "room": ROOM, "seq": row.seq, "time": row.unix_ms, "from": row.sender,
                "mid": row.mid, "text": row.text,
            }
            for row in found
        ]  # fmt: skip
        self.bare.take(payloads, messages, rows)

    def check(self) -> None:
        """See that both sides have stored every post."""
        stored = self.inside.check()
        for table in ("message", "mid"):
            (count,) = self.bare.database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert count == stored, f"ours has stored {stored} messages, the bare side has {count} rows in {table}"


_LINES = (
    ("ours, bytes to encoded", "ours_us"),
    ("of that COMMIT", "ours_commit_us"),
    ("bare sum", "bare_us"),
    ("json.loads", "bare_loads_us"),
    ("json.dumps", "bare_dumps_us"),
    ("INSERT into message and mid", "bare_insert_us"),
    ("COMMIT", "bare_commit_us"),
)


def _tell(figures: Figures, batch: int, spreads: dict[str, Spread]) -> None:
    for what, name in _LINES:
        figures.note(f"{batch} a tick: {what}", spreads[name].told(2, "us"))
    for what, name in (("ratio", "ratio"), ("ratio without COMMIT on either side", "ratio_without_commit")):
        is_met = spreads[name].median <= RATIO_MAX
        figures.hold(f"{batch} a tick: {what}", spreads[name].told(2), f"<= {RATIO_MAX:g}", is_met=is_met)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what this part takes beside `--rounds` and `--quick`."""
    parser.add_argument("--slices", type=int, default=25, help="turns of each side in a round (%(default)s)")


def run(options: argparse.Namespace) -> dict[str, object]:
    """Measure it, print the table, and return what goes into the JSON file."""
    slices = 2 if options.quick else getattr(options, "slices", 25)
    found: dict[int, list[dict[str, float]]] = {batch: [] for batch in BATCHES}
    with ExitStack() as cleanup:
        races = [Race(cleanup, batch) for batch in BATCHES]
        for race in races:
            race.round(1)  # warms up
        for _ in range(options.rounds):
            for race in races:
                found[race.batch].append(race.round(slices))
        for race in races:
            race.check()
    figures = Figures(f"a post's whole way in, us a post: median (least-most) of {options.rounds} rounds")
    spreads = {
        batch: {name: spread([values[name] for values in rounds]) for name in rounds[0]}
        for batch, rounds in found.items()
    }
    for batch, one in spreads.items():
        _tell(figures, batch, one)
    print(f"\n{figures.table()}", flush=True)
    return {
        "rounds": options.rounds,
        "posts_a_round": {str(batch): slices * _SLICE_TICKS * batch for batch in BATCHES},
        "gc_threshold": list(gc.get_threshold()),
        "batches": {
            str(batch): {name: value._asdict() for name, value in one.items()} for batch, one in spreads.items()
        },
        "figures": as_json(figures),
    }


if __name__ == "__main__":
    sys.exit(alone("way", __doc__, add_options, run))
