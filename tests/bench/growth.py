"""What a post, a join with resume and a page of history cost as the log grows, and as the rooms do.

In this process, the real hub on the real log on disk with the server's own durability: processor time, of the system
calls too, so that what else the disk does does not count. There are three logs with the same room in each, and one
measurement is made of each in turn:

    new     the room has 1 000 messages, enough for the same page to be asked for everywhere
    long    the room has 1 000 000
    wide    the room has 1 000, and 9 999 other rooms have the rest of 1 000 000; the room stands in the middle of them

    post      64 posts in one tick, for each of them
    page      the 100 messages before the room's middle, from SQLite
    resume    leaving not counted: a join 500 messages back and the first chunk of what was missed, from SQLite
    return    a join 100 messages back up to `live`, which the memory of the newest serves

A first phase asks for pages and resumes while nothing is posted, the second posts. The logs are made by committing rows
in large batches, which is as they would stand after months, without the months.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterator

from chat_core.messages import HistoryRequest, Join, Leave, encode
from chat_core.server.log import SqliteLog
from chat_core.server.records import Batch, MessageRow, PersonRow
from tests.bench.inside import ROOM, CountingOutlet, Inside, frames_of, numbered_text
from tests.bench.rounds import Spread, alone, as_json, spread
from tests.hostile.figures import Figures

if TYPE_CHECKING:
    import argparse

__all__ = ["World", "add_options", "make_log", "run"]

MESSAGES = 1_000_000
ROOMS = 10_000
#: Messages of the room in a log that has not grown.
BASE = 1_000
RATIO_MAX = 1.10
REPEATS = 40
_POSTS = 64
_PAGE = 100
_BACK_FAR, _BACK_NEAR = 500, 100
_PEOPLE = 100
_ROWS_A_COMMIT = 20_000
_BEGAN_UNIX_MS = 1_700_000_000_000
_OPERATIONS = ("post", "page", "resume", "return")


def make_log(path: Path, messages: int, rooms: int) -> None:
    """Write a log of so many messages: all in one room, or 1 000 in that one and the others spread over the rest."""
    log = SqliteLog(path, "epoch-1", is_synchronous=False)
    try:
        people = [
            PersonRow(number, f"old {number}", f"old {number}", hashlib.sha256(b"%d" % number).digest(), _BEGAN_UNIX_MS)
            for number in range(1, _PEOPLE + 1)
        ]
        log.commit(Batch(people=people, rooms=list(_rooms(rooms))))
        rows: list[MessageRow] = []
        for number, (room_id, seq) in enumerate(_places(messages, rooms)):
            author = people[number % _PEOPLE]
            mid, text = f"{number:030d}", numbered_text(number)
            rows.append(MessageRow(room_id, seq, _BEGAN_UNIX_MS + number, author.id, author.name, mid, text))
            if len(rows) == _ROWS_A_COMMIT:
                log.commit(Batch(messages=rows))
                rows = []
        log.commit(Batch(messages=rows))
    finally:
        log.close()


def _own_id(rooms: int) -> int:
    return rooms // 2 + 1


def _rooms(rooms: int) -> Iterator[tuple[int, str, str]]:
    for room_id in range(1, rooms + 1):
        name = ROOM if room_id == _own_id(rooms) else f"room {room_id}"
        yield room_id, name, name


def _places(messages: int, rooms: int) -> Iterator[tuple[int, int]]:
    """Yield the room and seq of each message, in the order in which they are written."""
    own = messages if rooms == 1 else BASE
    others = (messages - own) // max(1, rooms - 1)
    for room_id in range(1, rooms + 1):
        for seq in range(1, 1 + (own if room_id == _own_id(rooms) else others)):
            yield room_id, seq


class World:
    """One log, a hub on it, and what is done there again and again."""

    def __init__(self, cleanup: ExitStack, messages: int, rooms: int) -> None:
        path = Path(cleanup.enter_context(tempfile.TemporaryDirectory())) / "chat.db"
        make_log(path, messages, rooms)
        self.log_bytes = path.stat().st_size
        self.inside = Inside(cleanup, path)
        self._outlet = CountingOutlet()
        self._visitor = self.inside.log_in("visitor", self._outlet)
        self.inside.settle()
        self.stored = sum(room.head for room in self.inside.hub.rooms.values())
        self.room_count = len(self.inside.hub.rooms)
        self.times: dict[str, list[float]] = {name: [] for name in _OPERATIONS}  # microseconds

    def post(self) -> None:
        """Post a batch."""
        pieces = [frames_of(payloads) for payloads in self.inside.make_posts(_POSTS)]
        began = time.process_time_ns()
        self.inside.tick(pieces)
        self.times["post"].append((time.process_time_ns() - began) / 1_000 / _POSTS)

    def page(self) -> None:
        """Ask for a page from the middle of the room's log."""
        middle = self.inside.hub.rooms[ROOM].head // 2
        self.times["page"].append(self._time(encode(HistoryRequest(ROOM, middle, _PAGE)), _PAGE))

    def resume(self) -> None:
        """Come back after so long that what was missed is not in memory."""
        self._come_back("resume", _BACK_FAR)

    def come_back(self) -> None:
        """Come back after a moment, up to `live`."""
        self._come_back("return", _BACK_NEAR)
        assert not self._visitor.behind, "not live after one tick"

    def _come_back(self, operation: str, missed: int) -> None:
        room = self.inside.hub.rooms[ROOM]
        self.inside.ask(self._visitor, Leave(ROOM))
        self.inside.settle()
        self.times[operation].append(self._time(encode(Join(ROOM, after=room.head - missed)), _BACK_NEAR))
        for _ in range(missed):  # what is left comes outside of what is timed
            if not self._visitor.behind:
                break
            self.inside.begin()
            self.inside.hub.deliver()

    def _time(self, payload: bytes, messages_min: int) -> float:
        """Return the microseconds of processor that one tick with one request takes."""
        hub, taken = self.inside.hub, self._outlet.bytes_taken
        self.inside.begin()
        began = time.process_time_ns()
        hub.receive(self._visitor, payload)
        hub.commit()
        hub.deliver()
        ended = time.process_time_ns()
        assert self._outlet.bytes_taken - taken > messages_min * _BACK_NEAR, "less came than was asked for"
        return (ended - began) / 1_000

    def take_median(self, operation: str) -> float:
        """Return the median of an operation since this was last asked."""
        times, self.times[operation] = self.times[operation], []
        return statistics.median(times)


def _measure(worlds: dict[str, World], rounds: int, repeats: int) -> dict[str, dict[str, list[float]]]:
    """Do everything in every world, in turns; return the medians of each round by operation and world."""
    found: dict[str, dict[str, list[float]]] = {name: {label: [] for label in worlds} for name in _OPERATIONS}
    phases: tuple[dict[str, Callable[[World], None]], ...] = (
        {"page": World.page, "resume": World.resume, "return": World.come_back},
        {"post": World.post},
    )
    order = list(worlds)
    for operations in phases:
        for world in worlds.values():
            for do in operations.values():
                do(world)  # warms up
            for name in operations:
                world.take_median(name)
        for _ in range(rounds):
            for _ in range(repeats):
                order = order[1:] + order[:1]
                for do in operations.values():
                    for label in order:
                        do(worlds[label])
            for name in operations:
                for label, world in worlds.items():
                    found[name][label].append(world.take_median(name))
    return found


def _table(
    found: dict[str, dict[str, list[float]]], worlds: dict[str, World], rounds: int
) -> tuple[Figures, dict[str, object]]:
    figures = Figures(f"growth, us of processor: median (least-most) of {rounds} rounds; ratios are to the new log")
    costs: dict[str, object] = {}
    for label, world in worlds.items():
        what = f"{world.stored} messages, {world.room_count} rooms, {world.log_bytes / 1e6:.0f} MB"
        figures.note(f"{label}: {what}", f"ready in {1_000 * world.inside.start_s:.1f} ms")
    for name in _OPERATIONS:
        of_new = found[name]["new"]
        spreads: dict[str, Spread] = {label: spread(values) for label, values in found[name].items()}
        ratios: dict[str, Spread] = {}
        figures.note(f"{name}: new", spreads["new"].told(1, "us"))
        for label in worlds:
            if label == "new":
                continue
            ratios[label] = spread([grown / new for grown, new in zip(found[name][label], of_new)])
            value = f"{spreads[label].told(1, 'us')}, ratio {ratios[label].told(2)}"
            is_met = ratios[label].median <= RATIO_MAX
            figures.hold(f"{name}: {label}", value, f"ratio <= {RATIO_MAX}", is_met=is_met)
        costs[name] = {
            "us": {label: value._asdict() for label, value in spreads.items()},
            "ratio": {label: value._asdict() for label, value in ratios.items()},
        }
    return figures, costs


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what this part takes beside `--rounds` and `--quick`."""
    parser.add_argument("--messages", type=int, default=MESSAGES, help="of the logs that have grown (%(default)s)")
    parser.add_argument("--rooms", type=int, default=ROOMS, help="of the one with many rooms (%(default)s)")


def run(options: argparse.Namespace) -> dict[str, object]:
    """Measure it, print the table, and return what goes into the JSON file."""
    messages = 3_000 if options.quick else max(2 * BASE, getattr(options, "messages", MESSAGES))
    rooms = 20 if options.quick else max(2, getattr(options, "rooms", ROOMS))
    repeats = 3 if options.quick else REPEATS
    with ExitStack() as cleanup:
        worlds = {
            "new": World(cleanup, BASE, 1),
            "long": World(cleanup, messages, 1),
            "wide": World(cleanup, messages, rooms),
        }
        found = _measure(worlds, options.rounds, repeats)
        for world in worlds.values():
            world.inside.check()
        figures, costs = _table(found, worlds, options.rounds)
    print(f"\n{figures.table()}", flush=True)
    return {
        "rounds": options.rounds,
        "repeats": repeats,
        "worlds": {
            label: {"messages": world.stored, "rooms": world.room_count, "log_bytes": world.log_bytes}
            for label, world in worlds.items()
        },
        "costs": costs,
        "figures": as_json(figures),
    }


if __name__ == "__main__":
    sys.exit(alone("growth", __doc__, add_options, run))
