"""What must be true after a storm, of the journals, the server's database and the clients' profiles.

None of it uses the code that it judges: the databases are read with SQLite alone, after every process has ended.

| kind | what is found |
|---|---|
| lost | typed and kept, acknowledged or once shown, and not in the log; or a message of the log passed over |
| doubled | in the log twice, by mid or by what was typed; or shown again although that was on the client's disk |
| reordered | in the log in another order than typed; or shown in another order than in the log |
| wrong | anything else: a log that is not dense, words that nobody typed, an outbox that is not empty |
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Dict, Iterator, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.journal import Entry

__all__ = ["KINDS", "Finding", "Log", "Row", "check", "read_log"]

KINDS = ("lost", "doubled", "reordered", "wrong")
_SEQ_BITS = 40
#: Cursors are written at the first poll that begins this long after they were written last.
_CURSORS_SAVED_EVERY_S = 1.0


class Finding(NamedTuple):
    """A promise that is broken; `kind` is one of KINDS."""

    kind: str
    text: str


class Row(NamedTuple):
    """A message of the log."""

    seq: int
    time: int
    sender: str
    mid: str
    text: str


#: The messages of each room, in the order of the database.
Log = Dict[str, "list[Row]"]


def check(journals: dict[str, list[Entry]], database: Path, profiles: dict[str, list[Path]]) -> list[Finding]:
    """Judge everything; `profiles` are the files of each client. An empty list is what is hoped for."""
    log = read_log(database)
    places = {row.mid: (room, row.seq) for room, rows in log.items() for row in rows}
    return [
        *_dense(log),
        *_once(log),
        *_as_typed(log, journals),
        *_sound(database),
        *(finding for name, entries in journals.items() for finding in _owed(name, entries, places)),
        *(finding for name, entries in journals.items() for finding in _shown(name, entries, log)),
        *(finding for name, paths in profiles.items() for finding in _settled(name, paths, log)),
    ]


def read_log(database: Path) -> Log:
    """Read every message there is."""
    with closing(sqlite3.connect(str(database), isolation_level=None)) as connection:
        rooms = dict(connection.execute("SELECT id, name FROM room").fetchall())
        log: Log = {name: [] for name in rooms.values()}
        for number, *rest in connection.execute("SELECT id, unix_ms, sender, mid, text FROM message ORDER BY id"):
            log[rooms[number >> _SEQ_BITS]].append(Row(number & ((1 << _SEQ_BITS) - 1), *rest))
    return log


# --- the log ---


def _dense(log: Log) -> Iterator[Finding]:
    for room, rows in log.items():
        for position, row in enumerate(rows):
            if row.seq != position + 1:
                yield Finding("wrong", f"{room} has seq {row.seq} at place {position + 1}: it is not dense")
                break
        for earlier, later in zip(rows, rows[1:]):
            if later.time < earlier.time:
                yield Finding("wrong", f"time goes back at seq {later.seq} of {room}")


def _once(log: Log) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for room, rows in log.items():
        for row in rows:
            # A text begins with its sender and its number, so a resend under another mid is found as well.
            for mark in (row.mid, " ".join(row.text.split(" ")[:2])):
                place = f"seq {row.seq} of {room}"
                first = seen.setdefault((row.sender, mark), place)
                if first != place:
                    yield Finding("doubled", f"{row.sender}'s {mark} is {first} and {place}")


def _as_typed(log: Log, journals: dict[str, list[Entry]]) -> Iterator[Finding]:
    typed = {
        (name, entry["mid"]): entry
        for name, entries in journals.items()
        for entry in entries
        if entry["what"] == "typed"
    }
    for room, rows in log.items():
        last: dict[str, int] = {}
        for row in rows:
            entry = typed.get((row.sender, row.mid))
            if entry is None or (entry["room"], entry["text"]) != (room, row.text):
                yield Finding("wrong", f"seq {row.seq} of {room} is not what {row.sender} typed: {row.text[:40]!r}")
                continue
            if entry["number"] < last.get(row.sender, -1):
                yield Finding("reordered", f"seq {row.seq} of {room}: {row.sender}'s {entry['number']} came too late")
            last[row.sender] = max(entry["number"], last.get(row.sender, -1))


def _sound(database: Path) -> Iterator[Finding]:
    with closing(sqlite3.connect(str(database), isolation_level=None)) as connection:
        for (verdict,) in connection.execute("PRAGMA integrity_check"):
            if verdict != "ok":
                yield Finding("wrong", f"the database is damaged: {verdict}")
        (strays,) = connection.execute(
            "SELECT count(*) FROM message LEFT JOIN mid ON mid.person = message.person AND mid.mid = message.mid"
            " WHERE mid.message IS NOT message.id"
        ).fetchone()
        if strays:
            yield Finding("wrong", f"{strays} messages have no dedupe key of their own")


# --- what one client did and saw ---


def _owed(name: str, entries: list[Entry], places: dict[str, tuple[str, int]]) -> Iterator[Finding]:
    """Judge that everything typed and kept is stored, and stored where the acknowledgement said."""
    typed = set()
    for entry in entries:
        what = entry["what"]
        if what == "typed":
            typed.add(entry["mid"])
        elif what == "kept":
            for mid in entry["mids"]:
                if mid not in places:
                    yield Finding("lost", f"{name} typed {mid}, which is not in the log")
        elif what == "started":
            for mid in entry["outbox"]:
                if mid not in typed:
                    yield Finding("wrong", f"{name} found {mid} in the outbox and had not typed it")
                if mid not in places:
                    yield Finding("lost", f"{name} found {mid} in the outbox, and it is not in the log")
        elif what == "stored":
            if places.get(entry["mid"]) != (entry["room"], entry["seq"]):
                yield Finding("lost", f"{name}'s {entry['mid']} was acknowledged as {entry['seq']} of {entry['room']}")
        elif what == "trouble":
            yield Finding("wrong", f"{name}: {entry['text']}")


class _Shown:
    """What one client was shown of one room, over all its processes."""

    def __init__(self) -> None:
        self.due: int | None = None  # None: a new process, which has not joined yet
        self.highest: int | None = None
        self.at: dict[int, float] = {}
        self.saved_at = 0.0  # what was shown up to then was on disk when the process before was killed

    def joined(self, start: int, *, is_whole: bool) -> Iterator[tuple[str, str]]:
        if not is_whole:
            yield "lost", "is told that messages are missing"
        if self.highest is None:
            self.highest = start - 1
        if self.due is not None and start != self.due:
            yield "lost" if start > self.due else "doubled", f"resumes at {start}, not at {self.due}"
        elif start > self.highest + 1:
            yield "lost", f"resumes at {start}, though only {self.highest} was shown"
        self.due = start

    def shown(self, row: Row, at: float, rows: list[Row]) -> Iterator[tuple[str, str]]:
        if self.due is None:
            yield "wrong", f"is shown {row.seq} without having joined"
        elif row.seq > self.due:
            yield "lost", f"is shown {row.seq}, and not {self.due}"
        elif row.seq < self.due:
            yield "reordered", f"is shown {row.seq} after {self.due - 1}"
        elif row.seq in self.at and self.at[row.seq] <= self.saved_at:
            yield "doubled", f"is shown {row.seq} again, though that was saved"
        if row.seq > len(rows):
            yield "lost", f"was shown {row.seq}, which is not in the log"
        elif rows[row.seq - 1] != row:
            yield "wrong", f"was shown another {row.seq} than the log has"
        self.due = row.seq + 1
        self.highest = max(row.seq, self.highest or 0)
        self.at[row.seq] = at


def _shown(name: str, entries: list[Entry], log: Log) -> Iterator[Finding]:
    """Judge that each room was shown without gap, repeat or change, from the first cursor to the head."""
    rooms: dict[str, _Shown] = {}
    last_at = 0.0
    for entry in entries:
        if entry["what"] == "started":
            for shown in rooms.values():
                if shown.due is not None:  # a process that was not let in has saved nothing new
                    shown.saved_at = last_at - _CURSORS_SAVED_EVERY_S
                shown.due = None
        elif entry["what"] in ("joined", "shown"):
            room = entry["room"]
            shown = rooms.setdefault(room, _Shown())
            if entry["what"] == "joined":
                found = shown.joined(entry["next"], is_whole=entry["is_whole"])
            else:
                row = Row(entry["seq"], entry["time"], entry["sender"], entry["mid"], entry["text"])
                found = shown.shown(row, entry["at"], log.get(room, []))
            for kind, text in found:
                yield Finding(kind, f"{name} {text} ({room})")
        last_at = entry["at"]
    for room, shown in rooms.items():
        if shown.due != len(log.get(room, [])) + 1:
            yield Finding("lost", f"{name} waits for {shown.due} of {room}, whose head is {len(log.get(room, []))}")


def _settled(name: str, profiles: list[Path], log: Log) -> Iterator[Finding]:
    """Judge what the client has on its disk: one profile, an empty outbox, cursors at the heads."""
    if len(profiles) != 1:
        yield Finding("wrong", f"{name} has {len(profiles)} profiles")
    for path in profiles:
        with closing(sqlite3.connect(str(path), isolation_level=None)) as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
            cursors = connection.execute("SELECT shown, cursor FROM room").fetchall()
        if waiting:
            yield Finding("wrong", f"{name} still has {waiting} messages in the outbox")
        for room, cursor in cursors:
            if cursor != len(log.get(room, [])):
                yield Finding("wrong", f"{name}'s cursor of {room} is {cursor}, not {len(log.get(room, []))}")
