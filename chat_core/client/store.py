"""What is kept on disk for one person at one server: token, rooms with their cursors, outbox. One SQLite file.

When it is written is `link`, what is written `session`; the interface is in `kept`, with the reasons for it. The
settings of the program are `settings`.

The theory. One program at a time has a profile: two would send the same outbox and fight over the cursors. SQLite's
own exclusive lock says so, and the system drops it when a process dies, however it dies. `synchronous=FULL`, for
a message that has been sent must be found in the outbox after a power cut, or it could not be resent under its mid.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Tuple

from chat_core.client.kept import Kept, KeptRoom, OutboxEntry
from chat_core.errors import ChatError, SystemFailure, reason_of
from chat_core.folders import make_private, set_aside
from chat_core.language import _
from chat_core.names import person_name

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MemoryStore", "ProfileInUse", "SqliteStore", "profile_path"]

_FORMAT = 1
_SCHEMA = (
    """CREATE TABLE login (
        id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, token TEXT NOT NULL, name TEXT NOT NULL)""",
    """CREATE TABLE room (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, shown TEXT NOT NULL DEFAULT '', cursor INTEGER)""",
    """CREATE TABLE outbox (
        position INTEGER PRIMARY KEY, mid TEXT NOT NULL UNIQUE, room TEXT NOT NULL, text TEXT NOT NULL)""",
    f"PRAGMA user_version = {_FORMAT}",
)
#: Of a database: the file itself, and what SQLite may have left beside it.
_SUFFIXES = ("", "-wal", "-journal", "-shm")

_Statement = Tuple[str, Tuple[Any, ...]]


class ProfileInUse(ChatError):
    """Another window, or another program, has this profile open."""

    def __init__(self, name: str) -> None:
        sentence = _("{name} is already open in another window on this computer. Use that one, or another name.")
        super().__init__(sentence.format(name=name))


class _DamagedError(Exception):
    """The file is no database of ours."""


def profile_path(folder: Path, host: str, port: int, name: str) -> Path:
    """Return the file of one person at one server. Raises Refusal when the name cannot be one.

    Readable, for whoever looks into the folder, and made unique by a hash, for hosts and names may hold
    characters that no file system likes.
    """
    key = person_name(name).key
    server = f"{host.casefold()}:{port}"
    digest = hashlib.sha256(f"{server}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = "".join(c if c.isascii() and c.isalnum() else "-" for c in f"{key}-at-{server}")[:60]
    return folder / "profiles" / f"{readable}-{digest}.sqlite3"


class MemoryStore:
    """A store that keeps nothing beyond the process: for tests, and for bots that start afresh.

    A second session can be given the same one, as if the program had been started again.
    """

    def __init__(self) -> None:
        self.notice = ""
        self.has_changes = False
        self.has_urgent = False
        self._login: tuple[str, str, str] | None = None
        self._rooms: dict[str, KeptRoom] = {}
        self._outbox: dict[str, OutboxEntry] = {}

    def load(self) -> Kept:
        """Return what is kept."""
        epoch, token, name = self._login or (None, None, None)
        return Kept(epoch, token, name, tuple(self._rooms.values()), tuple(self._outbox.values()))

    def keep_login(self, epoch: str, token: str, name: str) -> None:
        """Keep who the server knows us as."""
        self._login = (epoch, token, name)

    def keep_room(self, room: KeptRoom) -> None:
        """Keep a room and its cursor."""
        self._rooms[room.key] = room

    def forget_room(self, key: str) -> None:
        """Forget a room."""
        self._rooms.pop(key, None)

    def keep_post(self, entry: OutboxEntry) -> None:
        """Keep a message."""
        self._outbox[entry.mid] = entry

    def forget_post(self, mid: str) -> None:
        """Forget a message."""
        self._outbox.pop(mid, None)

    def save(self) -> None:
        """Do nothing: everything is where it will be."""

    def close(self) -> None:
        """Do nothing."""


class SqliteStore:
    """The profile of one person at one server, held exclusively until `close`.

    `connect` opens a database, as `sqlite3.connect` does. A damaged file is set aside, and `notice` says so.
    Raises ProfileInUse, SystemFailure when the disk does not play along, ChatError when a newer version wrote
    the file, Refusal when the name cannot be one.
    """

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        name: str,
        *,
        connect: Callable[..., sqlite3.Connection] = sqlite3.connect,
    ) -> None:
        self.notice = ""
        self._connect = connect
        self._path_of: Callable[[str], Path] = lambda name: profile_path(folder, host, port, name)
        self._path = self._path_of(name)
        self._name = name  # of whom the file is, once everything is saved
        self._pending: dict[tuple[str, str], tuple[_Statement, ...]] = {}
        self.has_urgent = False
        try:
            make_private(folder)
            make_private(self._path.parent)
            try:
                self._database = self._open(self._path)
            except _DamagedError:
                self._set_aside(self._path, "damaged")
                sentence = _(
                    "What was kept for {name} at this server was damaged and could not be read. "
                    "It has been set aside in {folder}."
                )
                self.notice = sentence.format(name=name, folder=self._path.parent)
                self._database = self._open(self._path)
        except (OSError, _DamagedError) as error:
            raise self._failure(error) from error

    # --- the file -------------------------------------------------------------------------------

    def _open(self, path: Path) -> sqlite3.Connection:
        """Open a profile, made when there is none, and lock it. Raises OSError, _DamagedError and ChatError."""
        # Private from its first byte. Only a new file: closing a second descriptor of one that this process has
        # open already would drop SQLite's locks on it.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        database: sqlite3.Connection | None = None
        try:
            # No waiting for locks, which would freeze the window; no transactions but our own.
            database = self._connect(str(path), timeout=0, isolation_level=None)
            self._prepare(database)
        except (sqlite3.Error, ChatError) as error:
            if database is not None:
                database.close()
            raise self._named(error) from error
        return database

    @staticmethod
    def _prepare(database: sqlite3.Connection) -> None:
        # Exclusive before the first access, so that the write-ahead log needs no shared memory.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("BEGIN IMMEDIATE")  # and with this the lock is held until the database is closed
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > _FORMAT:
            sentence = _("This profile was written by a newer version of the chat. Use that version to open it.")
            raise ChatError(sentence)
        if version < _FORMAT:
            for statement in _SCHEMA:
                database.execute(statement)
        database.execute("COMMIT")
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)

    def _named(self, error: Exception) -> Exception:
        if isinstance(error, ChatError):
            return error
        if isinstance(error, sqlite3.OperationalError):  # the disk, or the lock; the error's code is only in 3.11
            return ProfileInUse(self._name) if "locked" in str(error) else self._failure(error)
        return _DamagedError(str(error))

    @staticmethod
    def _set_aside(path: Path, mark: str) -> None:
        aside = set_aside(path, mark)
        for suffix in _SUFFIXES[1:]:
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                os.replace(beside, aside.with_name(aside.name + suffix))

    # --- reading --------------------------------------------------------------------------------

    def load(self) -> Kept:
        """Return what the file holds. Raises SystemFailure."""
        try:
            login = self._database.execute("SELECT epoch, token, name FROM login").fetchone()
            rooms = self._database.execute("SELECT key, shown, cursor FROM room ORDER BY position").fetchall()
            outbox = self._database.execute("SELECT mid, room, text FROM outbox ORDER BY position").fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        epoch, token, name = login or (None, None, None)
        kept_rooms = tuple(KeptRoom(*row) for row in rooms)
        return Kept(epoch, token, name, kept_rooms, tuple(OutboxEntry(*row) for row in outbox))

    # --- writing --------------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        """Whether anything is noted."""
        return bool(self._pending)

    def keep_login(self, epoch: str, token: str, name: str) -> None:
        """Note who the server knows us as. Saving moves the file to that name."""
        self._note("login", "", ("INSERT OR REPLACE INTO login VALUES (1, ?, ?, ?)", (epoch, token, name)))
        self._name = name
        self.has_urgent = True

    def keep_room(self, room: KeptRoom) -> None:
        """Note a room and its cursor."""
        self._note(
            "room",
            room.key,
            # Not REPLACE, which would move the room to the end; and "upsert" needs SQLite 3.24.
            ("INSERT OR IGNORE INTO room (key) VALUES (?)", (room.key,)),
            ("UPDATE room SET shown = ?, cursor = ? WHERE key = ?", (room.shown, room.cursor, room.key)),
        )

    def forget_room(self, key: str) -> None:
        """Note that a room is wanted no more."""
        self._note("room", key, ("DELETE FROM room WHERE key = ?", (key,)))

    def keep_post(self, entry: OutboxEntry) -> None:
        """Note a message that is to be sent."""
        statement = "INSERT OR IGNORE INTO outbox (mid, room, text) VALUES (?, ?, ?)"
        self._note("post", entry.mid, (statement, (entry.mid, entry.room, entry.text)))
        self.has_urgent = True

    def forget_post(self, mid: str) -> None:
        """Note that a message is done with."""
        self._note("post", mid, ("DELETE FROM outbox WHERE mid = ?", (mid,)))

    def _note(self, table: str, key: str, *statements: _Statement) -> None:
        # The last word about a row is enough, so a thousand messages of a room are one change of its cursor.
        self._pending[table, key] = statements

    def save(self) -> None:
        """Put everything noted on disk in one transaction. Raises SystemFailure, and then it is still noted."""
        if self._pending:
            try:
                self._write()
            except sqlite3.Error as error:
                raise self._failure(error) from error
            self._pending.clear()
            self.has_urgent = False
        path = self._path_of(self._name)
        if path != self._path:
            self._move(path)

    def _write(self) -> None:
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            for statements in self._pending.values():
                for statement, values in statements:
                    database.execute(statement, values)
            database.execute("COMMIT")
        except sqlite3.Error:
            if database.in_transaction:  # a full disk may have rolled back already
                database.execute("ROLLBACK")
            raise

    def _move(self, path: Path) -> None:
        """Let the file follow its person to a new name, or the next start under that name would not find the token.

        Closed meanwhile: SQLite must not be open while its files are renamed, and nothing may be left in its WAL,
        which would stay behind under the old name (a full disk cannot take it in). Raises SystemFailure, and then
        the next `save` tries again.
        """
        try:
            _busy, left_in_wal, _moved = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        if left_in_wal:
            raise SystemFailure(f"the new name could not be taken over in {self._path}")
        self._database.close()
        try:
            if path.exists():
                self._open(path).close()  # raises when another window has it
                self._set_aside(path, "former")  # of somebody who had that name before
            os.replace(self._path, path)
            self._path = path
        except (OSError, ChatError, _DamagedError) as error:
            raise self._failure(error) from error
        finally:
            self._database = self._reopen()

    def _reopen(self) -> sqlite3.Connection:
        try:
            return self._open(self._path)
        except (OSError, ChatError, _DamagedError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> SystemFailure:
        """Say what failed, and where."""
        if isinstance(error, SystemFailure):
            return error
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        return SystemFailure(f"{reason} ({self._path})")

    def close(self) -> None:
        """Release the file; see `Store.close`."""
        self._database.close()
