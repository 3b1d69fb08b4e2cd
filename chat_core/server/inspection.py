"""Verify a log: that its file is whole, and that what is in it keeps the promises of the protocol.

It reads only (SQLite's mode=ro never writes the file and never checkpoints), in one transaction, so it may look at
what a running server is writing to. It mends nothing. What it finds are sentences for whoever runs the server.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from typing import TYPE_CHECKING, Callable, NamedTuple

from chat_core import messages, names
from chat_core.errors import Refusal
from chat_core.escape import escape_line
from chat_core.fields import MID, UnfitError
from chat_core.language import _, ngettext
from chat_core.server.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, SEQ_BITS, SEQ_MASK

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Report", "inspect", "log_file", "open_read_only", "who_may_read"]

#: Faults told one by one; of a file in shreds there could be millions.
_FAULTS_TOLD = 20
_FILES = ("chat.db", "chat.db-wal", "chat.db-shm", "lock")

_TABLES = """
SELECT tables.name, columns.name, columns.type, columns."notnull", columns.pk
FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!'
"""
_MESSAGES = """
SELECT message.id, message.unix_ms, message.person, message.sender, message.mid, message.text, mid.message
FROM message LEFT JOIN mid ON mid.person = message.person AND mid.mid = message.mid ORDER BY message.id
"""
#: Keys whose message is not there, or is another one.
_STRAY_MIDS = """
SELECT mid.message, mid.mid, message.id IS NULL FROM mid LEFT JOIN message ON message.id = mid.message
WHERE message.id IS NULL OR message.person != mid.person OR message.mid != mid.mid
"""
_STRAY_MARKS = """
SELECT mark.room, mark.seq FROM mark LEFT JOIN room ON room.id = mark.room
WHERE room.id IS NULL OR mark.seq > room.pruned
"""
#: The highest id that a person ever had must be remembered, or it would be given to somebody else.
_UNKNOWN_PEOPLE = """
SELECT person FROM mid WHERE person > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'person')
ORDER BY person DESC LIMIT 1
"""


class Report(NamedTuple):
    """What an inspection found: a line of what there is, the first faults in words, and how many there are."""

    contents: str
    faults: tuple[str, ...]
    fault_count: int


class _Faults:
    """Faults as they are found; the first of them are kept."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.count = 0

    def add(self, sentence: str, **parts: object) -> None:
        """Note one. What people wrote may be among its parts, so it is made safe to show."""
        self.count += 1
        if len(self.told) < _FAULTS_TOLD:
            self.told.append(escape_line(sentence.format(**parts)))


class _RoomState:
    """A room while its messages go by."""

    def __init__(self, shown: str, pruned: int, last_unix_ms: int) -> None:
        self.shown = shown
        self.pruned = pruned
        self.head = pruned
        self.unix_ms = last_unix_ms if pruned else 0


def log_file(data: Path) -> Path:
    """Return the database that is meant by a data folder, or by the path of a file itself, such as a backup."""
    return data / "chat.db" if data.is_dir() else data


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a database for reading alone. Raises sqlite3.Error."""
    database = sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True, isolation_level=None)
    # What is no UTF-8 becomes half a surrogate pair, which no name and no text may hold.
    database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    return database


def who_may_read(data: Path) -> list[str]:
    """List warnings about a folder and the files in it that others than their owner may read."""
    if sys.platform == "win32":
        return []  # there a folder's access list says it, and by default it is the owner's alone
    found = []
    for path in (data, *(data / name for name in _FILES)) if data.is_dir() else (data,):
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode)
        except OSError:
            continue  # not there
        if mode & 0o077:
            wanted = "700" if path.is_dir() else "600"
            sentence = _("Others may read {path} (mode {mode}); to change that: chmod {wanted}.")
            found.append(sentence.format(path=escape_line(str(path)), mode=f"{mode:03o}", wanted=wanted))
    return found


def inspect(path: Path) -> Report:
    """Verify the database in a file. Whatever is wrong with it is in the report; raises nothing because of it."""
    faults = _Faults()
    contents = ""
    try:
        database = open_read_only(path)
    except sqlite3.Error as error:
        return Report("", (_("It cannot be opened: {reason}.").format(reason=error),), 1)
    try:
        database.execute("BEGIN")  # one view of it, whatever a server writes meanwhile
        if _is_ours(database, faults):
            contents = _inspect_all(database, faults)
    except sqlite3.Error as error:
        faults.add(_("It cannot be read to the end: {reason}."), reason=error)
    finally:
        database.close()
    return Report(contents, tuple(faults.told), faults.count)


def _is_ours(database: sqlite3.Connection, faults: _Faults) -> bool:
    """Verify that this is a log that this version knows: nothing else can be said of any other."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        faults.add(_("It is not a database of this chat."))
    elif version != SCHEMA_VERSION:
        faults.add(
            _("It has format {format}, and this version of the program knows {known}."),
            format=version,
            known=SCHEMA_VERSION,
        )
    return not faults.count


def _inspect_all(database: sqlite3.Connection, faults: _Faults) -> str:
    for (verdict,) in database.execute("PRAGMA integrity_check"):
        if verdict != "ok":
            faults.add(_("SQLite finds: {verdict}."), verdict=verdict)
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(SCHEMA)
    wanted, there = set(fresh.execute(_TABLES)), set(database.execute(_TABLES))
    fresh.close()
    for table in sorted({row[0] for row in wanted ^ there}):
        faults.add(_("The table {table} is not as it should be."), table=table)
    if wanted != there:
        return ""
    epoch = database.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    if epoch is None or not epoch[0]:
        faults.add(_("It has no epoch."))
    rooms = _inspect_rooms(database, faults)
    message_count = _inspect_messages(database, rooms, faults)
    _inspect_keys(database, rooms, faults)
    people_count = _inspect_people(database, faults)
    return _("{rooms}, {messages}, {names}").format(
        rooms=ngettext("{count} room", "{count} rooms", len(rooms)).format(count=len(rooms)),
        messages=ngettext("{count} message", "{count} messages", message_count).format(count=message_count),
        names=ngettext("{count} name", "{count} names", people_count).format(count=people_count),
    )


def _is_written(name: object, key: object, check: Callable[[str], names.Name]) -> bool:
    """Whether a name is one, in the form in which it is shown, with this key (None: any)."""
    if type(name) is not str:
        return False
    try:
        found = check(name)
    except Refusal:
        return False
    return found.shown == name and key in (None, found.key)


def _inspect_rooms(database: sqlite3.Connection, faults: _Faults) -> dict[int, _RoomState]:
    rooms = {}
    for room_id, name, key, pruned, last_unix_ms in database.execute(
        "SELECT id, name, key, pruned, last_unix_ms FROM room"
    ):
        if not _is_written(name, key, names.room_name):
            faults.add(
                _("Room {number} has a name or a key that cannot be: {name!r}, {key!r}."),
                number=room_id,
                name=name,
                key=key,
            )
        if type(pruned) is int and type(last_unix_ms) is int and pruned >= 0:
            rooms[room_id] = _RoomState(str(name), pruned, last_unix_ms)
        else:
            faults.add(_("Room {number} does not say how far it was pruned."), number=room_id)
            rooms[room_id] = _RoomState(str(name), 0, 0)
    return rooms


def _inspect_messages(database: sqlite3.Connection, rooms: dict[int, _RoomState], faults: _Faults) -> int:
    """Walk through all messages in the order of rooms and seqs, and return how many there are."""
    count = 0
    for row_id, unix_ms, person, sender, mid, text, key_target in database.execute(_MESSAGES):
        count += 1
        room_id, seq = row_id >> SEQ_BITS, row_id & SEQ_MASK
        room = rooms.get(room_id)
        if room is None:
            faults.add(_("Message {seq} is of room {number}, and there is no such room."), seq=seq, number=room_id)
            continue
        _inspect_place(room, seq, unix_ms, faults)
        where = {"seq": seq, "room": room.shown}
        if type(person) is not int or not _is_written(sender, None, names.person_name):
            faults.add(_("Message {seq} of {room} has a sender who cannot be: {sender!r}."), sender=sender, **where)
        if not _is_text(text):
            faults.add(_("Message {seq} of {room} has a text that cannot be."), **where)
        if not _is_mid(mid):
            faults.add(_("Message {seq} of {room} has a mid that cannot be: {mid!r}."), mid=mid, **where)
        if key_target is None:
            faults.add(
                _("Message {seq} of {room} has no dedupe key: if it is sent again, it is stored twice."), **where
            )
        elif key_target != row_id:
            faults.add(_("Message {seq} of {room} has a dedupe key that is another message's."), **where)
    for room in rooms.values():
        if not room.head:
            faults.add(_("The room {room} has lost its messages."), room=room.shown)
    return count


def _inspect_place(room: _RoomState, seq: int, unix_ms: object, faults: _Faults) -> None:
    """Verify that a message follows the one before it."""
    if seq <= room.pruned:
        faults.add(
            _("Message {seq} of {room} is there, and everything up to {pruned} should be gone."),
            seq=seq,
            room=room.shown,
            pruned=room.pruned,
        )
        return
    if seq == room.head + 2:
        faults.add(_("In {room} message {seq} is missing."), room=room.shown, seq=seq - 1)
    elif seq > room.head + 2:
        faults.add(
            _("In {room} messages {first} to {last} are missing."), room=room.shown, first=room.head + 1, last=seq - 1
        )
    room.head = seq
    if type(unix_ms) is not int or unix_ms < room.unix_ms:
        faults.add(_("Message {seq} of {room} is older than the one before it."), seq=seq, room=room.shown)
    else:
        room.unix_ms = unix_ms


def _is_text(text: object) -> bool:
    if type(text) is not str:
        return False
    try:
        messages.check_text(text)
    except Refusal:
        return False
    return True


def _is_mid(mid: object) -> bool:
    try:
        MID.convert(mid)
    except UnfitError:
        return False
    return True


def _inspect_keys(database: sqlite3.Connection, rooms: dict[int, _RoomState], faults: _Faults) -> None:
    for target, mid, is_nowhere in database.execute(_STRAY_MIDS):
        room = rooms.get(target >> SEQ_BITS) if type(target) is int else None
        if not is_nowhere:
            faults.add(_("The dedupe key {mid!r} leads to another message."), mid=mid)
        elif room is None or not 1 <= target & SEQ_MASK <= room.pruned:
            faults.add(_("The dedupe key {mid!r} leads to a message that is not there and was not pruned."), mid=mid)
    for room_id, seq in database.execute(_STRAY_MARKS):
        faults.add(_("A mark says that room {number} was pruned up to {seq}, and it was not."), number=room_id, seq=seq)


def _inspect_people(database: sqlite3.Connection, faults: _Faults) -> int:
    count = 0
    for person_id, name, key, token_hash in database.execute("SELECT id, name, key, token_hash FROM person"):
        count += 1
        if not _is_written(name, key, names.person_name):
            faults.add(
                _("Person {number} has a name or a key that cannot be: {name!r}, {key!r}."),
                number=person_id,
                name=name,
                key=key,
            )
        if type(token_hash) is not bytes or not token_hash:
            faults.add(_("Person {number} has no token."), number=person_id)
    for (person_id,) in database.execute(_UNKNOWN_PEOPLE):
        faults.add(
            _("Person {number} wrote messages, and the number could be given to somebody else."), number=person_id
        )
    return count
