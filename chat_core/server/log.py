"""The log on SQLite: every message, room and person that is kept, and the promise that a commit is on disk.

One connection reads and writes; each tick is one transaction. Who may say what, and which seq a message gets, is
decided by the rules (`hub`, `staging`); this module stores it or says that it could not. The data folder around
the file, its lock and its permissions are `folder`.

The theory. WAL with synchronous=FULL: a commit costs one fsync (0.3-0.5 ms) whatever it holds. NORMAL is faster
but a power cut loses acknowledged rows and their seqs are then given again, so it is an option and no default.
After SQLITE_FULL or an I/O error the transaction is already rolled back, and the naive next INSERT would commit
on its own: so after any error the rest is rolled back, the log turns read-only and is probed until it writes.

A message's row id is its room and seq in one integer: one b-tree, in which a room's messages lie side by side
and are found by range without a second index. Dedupe keys have a table of their own, so that they can outlive
the messages; clients make mids that grow, so this one is appended to as well.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Callable, Iterable

from chat_core.errors import StartFailure, StorageError
from chat_core.server.records import Batch, MessageRow, MidTakenError, PersonRow, RoomRow, StoredPost

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "SqliteLog"]

APPLICATION_ID = 0x43484154  # "CHAT"
SCHEMA_VERSION = 1

#: seq takes the lower 40 bits of a message's row id, the room the upper 23.
_SEQ_BITS = 40
_SEQ_MASK = (1 << _SEQ_BITS) - 1

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE person (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given again: dedupe keys hang on it
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    token_hash BLOB NOT NULL UNIQUE,
    last_seen_unix_ms INTEGER NOT NULL
);
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    pruned INTEGER NOT NULL DEFAULT 0,      -- every seq up to this one is gone
    last_unix_ms INTEGER NOT NULL DEFAULT 0 -- of the newest message, when it is gone too
);
CREATE TABLE message (
    id INTEGER PRIMARY KEY,                 -- room id << 40 | seq
    unix_ms INTEGER NOT NULL,
    person INTEGER NOT NULL,
    sender TEXT NOT NULL,                   -- the name the person had
    mid TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE mid (
    person INTEGER NOT NULL,
    mid TEXT NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (person, mid)
) WITHOUT ROWID;
"""

_SAVE_PERSON = """
INSERT INTO person VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, key = excluded.key, last_seen_unix_ms = excluded.last_seen_unix_ms
"""
_PERSON = "SELECT id, name, key, token_hash, last_seen_unix_ms FROM person "
_MESSAGE = "SELECT id, unix_ms, person, sender, mid, text FROM message "
#: Pages of WAL after which a commit checkpoints by itself, should the server never be idle: 16 MB.
_CHECKPOINT_PAGES = 4_000
_JOURNAL_BYTES_MAX = 67_108_864
#: Up to this size the file is checked page by page at start; that takes about a second for 250 MB.
_QUICK_CHECK_BYTES_MAX = 52_428_800


def _message(row: tuple[int, int, int, str, str, str]) -> MessageRow:
    return MessageRow(row[0] >> _SEQ_BITS, row[0] & _SEQ_MASK, *row[1:])


def _connect(name: str) -> sqlite3.Connection:
    # Timeout 0: to wait for a lock would stop the loop, and the lock file keeps others away. No isolation level:
    # transactions begin where this module says so.
    return sqlite3.connect(name, timeout=0, isolation_level=None)


class SqliteLog:
    """The log in one SQLite file, or in memory only when `path` is None. See `records.Log` for the contract.

    `new_epoch` is the random id that a log made now gets; `connect` opens a database by its name. Raises
    StartFailure when the file cannot be used.
    """

    def __init__(
        self,
        path: Path | None,
        new_epoch: str,
        *,
        is_synchronous: bool = True,
        connect: Callable[[str], sqlite3.Connection] = _connect,
    ) -> None:
        self._name = ":memory:" if path is None else str(path)
        self._is_writable = True
        try:
            self._database = connect(self._name)
        except sqlite3.Error as error:
            raise StartFailure(_why_not_opened(self._name, error)) from error
        try:
            self._prepare(new_epoch, is_synchronous=is_synchronous)
        except sqlite3.Error as error:
            self._database.close()
            raise StartFailure(_why_not_opened(self._name, error)) from error
        except StartFailure:
            self._database.close()
            raise

    def _prepare(self, new_epoch: str, *, is_synchronous: bool) -> None:
        run = self._database.execute
        (application,) = run("PRAGMA application_id").fetchone()
        (version,) = run("PRAGMA user_version").fetchone()
        (tables,) = run("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != APPLICATION_ID:
            raise StartFailure(f"{self._name} is a database, but not one of this chat. Choose another --data folder.")
        if version > SCHEMA_VERSION:
            raise StartFailure(
                f"{self._name} was written by a newer version of this program (format {version}, this one knows "
                f"{SCHEMA_VERSION}). Start the newer version, or choose another --data folder."
            )
        run("PRAGMA journal_mode = WAL")
        run(f"PRAGMA synchronous = {'FULL' if is_synchronous else 'NORMAL'}")
        run(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        run(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES_MAX}")
        if not tables:
            self._create(new_epoch)
        self._check_pages()
        row = run("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        if row is None:
            raise sqlite3.DatabaseError("it has no epoch")
        self.epoch = str(row[0])

    def _create(self, new_epoch: str) -> None:
        run = self._database.execute
        run("BEGIN IMMEDIATE")
        for statement in _SCHEMA.split(";\n")[:-1]:
            run(statement)
        run("INSERT INTO meta VALUES ('epoch', ?)", (new_epoch,))
        run(f"PRAGMA application_id = {APPLICATION_ID}")
        run(f"PRAGMA user_version = {SCHEMA_VERSION}")
        run("COMMIT")

    def _check_pages(self) -> None:
        run = self._database.execute
        (pages,) = run("PRAGMA page_count").fetchone()
        (page_bytes,) = run("PRAGMA page_size").fetchone()
        if pages * page_bytes <= _QUICK_CHECK_BYTES_MAX:
            (verdict,) = run("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)

    # --- reading ---

    def _rows(self, query: str, values: Iterable[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        try:
            return self._database.execute(query, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise StorageError(str(error)) from error

    def next_ids(self) -> tuple[int, int]:
        """Return the smallest ids that no person and no room has ever had."""
        # A lapsed person's row is deleted, but its dedupe keys stay: AUTOINCREMENT remembers the highest id.
        ((person,),) = self._rows("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'person'")
        ((room,),) = self._rows("SELECT coalesce(max(id), 0) FROM room")
        return person + 1, room + 1

    def rooms(self) -> list[RoomRow]:
        """Return every room that has been written in."""
        found = []
        for room_id, name, key, pruned, last_unix_ms in self._rows(
            "SELECT id, name, key, pruned, last_unix_ms FROM room ORDER BY id"
        ):
            newest = self.before(room_id, _SEQ_MASK, 1, 0)
            head = newest[0].seq if newest else pruned
            found.append(RoomRow(room_id, name, key, head, pruned + 1, newest[0].unix_ms if newest else last_unix_ms))
        return found

    def person_by_token(self, token_hash: bytes) -> PersonRow | None:
        """Find who owns a token."""
        rows = self._rows(_PERSON + "WHERE token_hash = ?", (token_hash,))
        return PersonRow(*rows[0]) if rows else None

    def person_by_key(self, key: str) -> PersonRow | None:
        """Find who owns a name."""
        rows = self._rows(_PERSON + "WHERE key = ?", (key,))
        return PersonRow(*rows[0]) if rows else None

    def find_mids(self, mids: list[tuple[int, str]]) -> dict[tuple[int, str], StoredPost]:
        """Return what is stored under these (person id, mid), without those that are not."""
        found = {}
        for person, mid in mids:
            for message, unix_ms, text in self._rows(
                "SELECT mid.message, message.unix_ms, message.text FROM mid LEFT JOIN message"
                " ON message.id = mid.message WHERE mid.person = ? AND mid.mid = ?",
                (person, mid),
            ):
                found[person, mid] = StoredPost(message >> _SEQ_BITS, message & _SEQ_MASK, unix_ms or 0, text)
        return found

    def after(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Return the messages that follow a seq, in order, at least one if there is one, within both bounds."""
        return self._range(
            _MESSAGE + "WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
            (room_id << _SEQ_BITS | seq, (room_id + 1) << _SEQ_BITS, rows_max),
            text_chars_max,
        )

    def before(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Return the messages just before a seq, the newest first, at least one if there is one, within both bounds."""
        return self._range(
            _MESSAGE + "WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?",
            (room_id << _SEQ_BITS, room_id << _SEQ_BITS | min(seq, _SEQ_MASK), rows_max),
            text_chars_max,
        )

    def _range(self, query: str, values: tuple[int, ...], text_chars_max: int) -> list[MessageRow]:
        found: list[MessageRow] = []
        chars = 0
        try:
            cursor = self._database.execute(query, values)
            for row in cursor:
                found.append(_message(row))
                chars += len(row[5])
                if chars >= text_chars_max:
                    break
            cursor.close()  # a cursor left half read would hold the WAL from being checkpointed
        except sqlite3.Error as error:
            raise StorageError(str(error)) from error
        return found

    # --- writing ---

    def commit(self, batch: Batch) -> None:
        """Write a batch, all or nothing; see `records.Log.commit`."""
        if not self._is_writable:
            raise StorageError("the disk is full or failing")
        run, run_many = self._database.execute, self._database.executemany
        try:
            run("BEGIN IMMEDIATE")
            if batch.lapsed:
                run_many("DELETE FROM person WHERE id = ?", [(person_id,) for person_id in batch.lapsed])
            if batch.people:
                run_many(_SAVE_PERSON, batch.people)
            if batch.rooms:
                run_many("INSERT INTO room (id, name, key) VALUES (?, ?, ?)", batch.rooms)
            if batch.messages:
                self._append(batch.messages)
            run("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            self._is_writable = False
            raise StorageError(str(error)) from error
        except MidTakenError:
            self._roll_back()
            raise

    def _append(self, messages: list[MessageRow]) -> None:
        """Insert messages and their dedupe keys. The one place where the log grows."""
        ids = [m.room_id << _SEQ_BITS | m.seq for m in messages]
        try:
            self._database.executemany(
                "INSERT INTO mid VALUES (?, ?, ?)", [(m.person_id, m.mid, i) for m, i in zip(messages, ids)]
            )
        except sqlite3.IntegrityError:
            raise MidTakenError from None
        self._database.executemany(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", [(i, *m[2:]) for m, i in zip(messages, ids)]
        )

    def _roll_back(self) -> None:
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")

    def is_writable(self) -> bool:
        """Whether commits are taken at the moment."""
        return self._is_writable

    def probe(self) -> bool:
        """Try whether writing works again after a failed commit, and take commits again if it does.

        It writes a page and syncs it, as a commit does.
        """
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("INSERT OR REPLACE INTO meta VALUES ('probe', hex(randomblob(512)))")
            self._database.execute("COMMIT")
        except sqlite3.Error:
            self._roll_back()
        else:
            self._is_writable = True
        return self._is_writable

    def checkpoint(self) -> None:
        """Move the WAL into the database file; for idle moments. A failure is left for the next commit to meet."""
        try:
            self._database.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error:
            self._is_writable = False  # the probe finds out whether commits fail as well

    def close(self) -> None:
        """Close the file; SQLite moves the WAL into it."""
        self._database.close()


def _why_not_opened(name: str, error: sqlite3.Error) -> str:
    reason = str(error)
    if "locked" in reason:
        return f"{name} is in use by another program. Stop it, or choose another --data folder."
    if "readonly" in reason or "unable to open" in reason:
        return (
            f"{name} cannot be written ({reason}). Check its permissions and the disk, or choose another --data folder."
        )
    if "disk is full" in reason:
        return f"The disk that holds {name} is full. Make room and start again."
    return (
        f"{name} is damaged or no database ({reason}). Put a backup in its place, or move it away to start with "
        "an empty log."
    )
