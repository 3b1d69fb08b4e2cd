"""The log on SQLite: every message, room and person that is kept, and the promise that a commit is on disk.

One connection reads and writes; each tick is one transaction. Who may say what, and which seq a message gets, is
decided by the rules (`hub`, `staging`); this module stores it or says that it could not. The data folder around
the file, its lock and its permissions are `folder`, its tables `schema`.

The theory. WAL with synchronous=FULL: a commit costs one fsync (0.3-0.5 ms) whatever it holds. NORMAL is faster
but a power cut loses acknowledged rows and their seqs are then given again, so it is an option and no default.
After SQLITE_FULL or an I/O error the transaction is already rolled back, and the naive next INSERT would commit
on its own: so after any error the rest is rolled back, the log turns read-only and is probed until it writes.

A message's row id is its room and seq in one integer: one b-tree, in which a room's messages lie side by side
and are found by range without a second index. Dedupe keys have a table of their own, so that they can outlive
the messages; clients make mids that grow, so this one is appended to as well. How far a room was pruned, and when its
newest message was written, is kept in its own row in the same transaction: seqs and times go on when all is gone.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, Sequence

from chat_core.errors import StartFailure, StorageError
from chat_core.language import _
from chat_core.server.records import (
    Batch,
    Cut,
    FrontRow,
    MessageRow,
    MidPosition,
    MidTakenError,
    PersonRow,
    RoomRow,
    StoredPost,
)
from chat_core.server.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, SEQ_BITS, SEQ_MASK

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.server.records import NewMessage

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "SqliteLog"]

_SAVE_PERSON = """
INSERT INTO person VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, key = excluded.key, last_seen_unix_ms = excluded.last_seen_unix_ms
"""
#: The row id is made by SQLite, of the room and the seq; the number is SEQ_BITS. No numbered parameters: Python 3.12.0
#: to 3.12.3 takes ?1 for a name, and warns for each.
_SAVE_MESSAGE = "INSERT INTO message VALUES (? << 40 | ?, ?, ?, ?, ?, ?)"
_SAVE_MID = "INSERT INTO mid VALUES (?, ?, ? << 40 | ?)"
#: The same for a block of messages in one statement, which takes a quarter off the time of each. More than 32 gain
#: nothing, and SQLite before 3.32 binds at most 999 values.
_BLOCK = 32
_SAVE_MESSAGES = f"INSERT INTO message VALUES {', '.join(['(? << 40 | ?, ?, ?, ?, ?, ?)'] * _BLOCK)}"  # noqa: S608 - ours
_SAVE_MIDS = f"INSERT INTO mid VALUES {', '.join(['(?, ?, ? << 40 | ?)'] * _BLOCK)}"  # noqa: S608 - ours
#: The time of what is pruned last is kept: a room's clock never goes back, even when nothing is left in it.
_CUT = """
UPDATE room SET pruned = :up_to,
    last_unix_ms = coalesce((SELECT unix_ms FROM message WHERE id = room.id << 40 | :up_to), last_unix_ms)
WHERE id = :room
"""
_MARK = "INSERT INTO mark VALUES (:room, :day, :up_to) ON CONFLICT (room, day) DO UPDATE SET seq = excluded.seq"
#: The next dedupe keys, and whether each is behind a mark of some day or of one before it. The number is SEQ_MASK.
_MIDS = """
SELECT person, mid, EXISTS (
    SELECT 1 FROM mark WHERE room = message >> 40 AND day <= ? AND seq >= message & 1099511627775
) FROM mid WHERE (person, mid) > (?, ?) ORDER BY person, mid LIMIT ?
"""
_FORGET_MARKS = """
DELETE FROM mark WHERE (room, day) IN (SELECT room, day FROM mark WHERE day <= ? ORDER BY day LIMIT ?)
"""
_STRAY_MESSAGES = """
SELECT EXISTS (SELECT 1 FROM message WHERE NOT EXISTS (
    SELECT 1 FROM mid WHERE mid.person = message.person AND mid.mid = message.mid AND mid.message = message.id))
"""
#: A key may outlive its message only where its room was pruned.
_STRAY_MIDS = """
SELECT EXISTS (SELECT 1 FROM mid WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.id = mid.message)
    AND mid.message & 1099511627775 > coalesce((SELECT pruned FROM room WHERE room.id = mid.message >> 40), 0))
"""
_PERSON = "SELECT id, name, key, token_hash, last_seen_unix_ms FROM person "
_MESSAGE = "SELECT id, unix_ms, person, sender, mid, text FROM message "
_FRONT = "SELECT unix_ms, length(text) FROM message WHERE id > ? AND id < ? ORDER BY id LIMIT ?"
_SQLITE_VERSION_MIN = (3, 24)  # "upsert"
#: Pages of WAL after which a commit checkpoints by itself, should the server never be idle: 16 MB.
_CHECKPOINT_PAGES = 4_000
#: A probe writes about as much as what failed, or it would find room where the next message finds none.
_PROBE_BYTES_MIN = 512
_PROBE_BYTES_MAX = 262_144
_JOURNAL_BYTES_MAX = 67_108_864
#: Up to this size the file is checked page by page at start; that takes about a second for 250 MB.
_QUICK_CHECK_BYTES_MAX = 52_428_800


def _message(row: tuple[int, int, int, str, str, str]) -> MessageRow:
    return MessageRow(row[0] >> SEQ_BITS, row[0] & SEQ_MASK, *row[1:])


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
        if sqlite3.sqlite_version_info < _SQLITE_VERSION_MIN:
            sentence = _("This Python has SQLite {version}; the server needs {needed} or newer. Use a newer Python.")
            needed = ".".join(map(str, _SQLITE_VERSION_MIN))
            raise StartFailure(sentence.format(version=sqlite3.sqlite_version, needed=needed))
        self._name = ":memory:" if path is None else str(path)
        self._is_writable = True
        self._probe_bytes = 0  # about what the commit that failed had to write
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
            sentence = _("{path} is a database, but not one of this chat. Choose another --data folder.")
            raise StartFailure(sentence.format(path=self._name))
        if version > SCHEMA_VERSION:
            sentence = _(
                "{path} was written by a newer version of this program (format {format}, this one knows {known}). "
                "Start the newer version, or choose another --data folder."
            )
            raise StartFailure(sentence.format(path=self._name, format=version, known=SCHEMA_VERSION))
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
        for statement in SCHEMA.split(";\n")[:-1]:
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
            self._check_mids()

    def _check_mids(self) -> None:
        """Refuse a file in which messages and dedupe keys do not belong together.

        So it is when somebody took the -wal away while it was being moved into the file: SQLite finds nothing wrong,
        but what is sent again would be stored twice, or not at all.
        """
        run = self._database.execute
        (strays,) = run(_STRAY_MESSAGES).fetchone()
        (lost,) = run(_STRAY_MIDS).fetchone()
        if strays or lost:
            raise sqlite3.DatabaseError("messages and their keys do not belong together: was the -wal file taken away?")

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
            newest = self.before(room_id, SEQ_MASK, 1, 0)
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
                found[person, mid] = StoredPost(message >> SEQ_BITS, message & SEQ_MASK, unix_ms or 0, text)
        return found

    def after(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Return the messages that follow a seq, in order, at least one if there is one, within both bounds."""
        return self._range(
            _MESSAGE + "WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
            (room_id << SEQ_BITS | seq, (room_id + 1) << SEQ_BITS, rows_max),
            text_chars_max,
        )

    def before(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Return the messages just before a seq, the newest first, at least one if there is one, within both bounds."""
        return self._range(
            _MESSAGE + "WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?",
            (room_id << SEQ_BITS, room_id << SEQ_BITS | min(seq, SEQ_MASK), rows_max),
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

    def front(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[FrontRow]:
        """Look at the messages that follow a seq, in order, at least at one if there is one, within both bounds."""
        found: list[FrontRow] = []
        chars = 0
        try:
            cursor = self._database.execute(_FRONT, (room_id << SEQ_BITS | seq, (room_id + 1) << SEQ_BITS, rows_max))
            for row in cursor:
                found.append(FrontRow(*row))
                chars += row[1]
                if chars >= text_chars_max:
                    break
            cursor.close()
        except sqlite3.Error as error:
            raise StorageError(str(error)) from error
        return found

    def oldest_mark(self) -> int | None:
        """Return the first day on which something was pruned whose dedupe keys are still there."""
        ((day,),) = self._rows("SELECT min(day) FROM mark")
        return None if day is None else int(day)

    # --- writing ---

    def commit(self, batch: Batch) -> None:
        """Write a batch, all or nothing; see `records.Log.commit`."""
        run_many = self._database.executemany
        with self._transaction(batch.messages):
            if batch.lapsed:
                run_many("DELETE FROM person WHERE id = ?", [(person_id,) for person_id in batch.lapsed])
            if batch.people:
                run_many(_SAVE_PERSON, batch.people)
            if batch.rooms:
                run_many("INSERT INTO room (id, name, key) VALUES (?, ?, ?)", batch.rooms)
            if batch.messages:
                self._append(batch.messages)

    @contextmanager
    def _transaction(self, messages: Sequence[NewMessage] = ()) -> Iterator[None]:
        """Begin, and commit or take it all back. After a failure nothing more is written until a probe has worked."""
        if not self._is_writable:
            raise StorageError("the disk is full or failing")
        try:
            self._database.execute("BEGIN IMMEDIATE")
            yield
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            self._is_writable = False
            self._probe_bytes = min(_PROBE_BYTES_MAX, sum(len(text) for *_others, text in messages))
            raise StorageError(str(error)) from error
        except MidTakenError:
            self._roll_back()
            raise

    def _append(self, messages: Sequence[NewMessage]) -> None:
        """Insert messages and their dedupe keys, in blocks and then one by one. The one place where the log grows."""
        keys = [(person_id, mid, room_id, seq) for room_id, seq, _ms, person_id, _sender, mid, _text in messages]
        try:
            self._insert(_SAVE_MIDS, _SAVE_MID, keys)
        except sqlite3.IntegrityError:
            raise MidTakenError from None
        self._insert(_SAVE_MESSAGES, _SAVE_MESSAGE, messages)

    def _insert(self, block: str, single: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Insert rows, in blocks as far as there are whole ones."""
        end = len(rows) - len(rows) % _BLOCK
        for at in range(0, end, _BLOCK):
            self._database.execute(block, tuple(chain.from_iterable(rows[at : at + _BLOCK])))
        self._database.executemany(single, rows[end:])

    def prune(self, cuts: list[Cut], day: int) -> None:
        """Delete the front of some rooms for good, all or nothing; see `records.Log.prune`."""
        run_many = self._database.executemany
        notes = [{"room": cut.room_id, "up_to": cut.up_to, "day": day} for cut in cuts]
        with self._transaction():
            run_many(_CUT, notes)
            run_many(_MARK, notes)
            run_many(
                "DELETE FROM message WHERE id > ? AND id <= ?",
                [(cut.room_id << SEQ_BITS, cut.room_id << SEQ_BITS | cut.up_to) for cut in cuts],
            )

    def forget_mids(self, last_day: int, position: MidPosition | None, rows_max: int) -> MidPosition | None:
        """Forget the keys of what was pruned long ago, a few at a time; see `records.Log.forget_mids`."""
        start = MidPosition(0, "") if position is None else position
        rows = self._rows(_MIDS, (last_day, *start, rows_max))
        forgotten = [(person, mid) for person, mid, is_behind in rows if is_behind]
        if forgotten:
            with self._transaction():
                self._database.executemany("DELETE FROM mid WHERE person = ? AND mid = ?", forgotten)
        if rows:
            return MidPosition(*rows[-1][:2])
        with self._transaction():
            count = self._database.execute(_FORGET_MARKS, (last_day, rows_max)).rowcount
        return start if count == rows_max else None

    def _roll_back(self) -> None:
        """End a transaction that failed. One whose end fails as well stays open until the probe gets rid of it."""
        try:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
        except sqlite3.Error:
            self._is_writable = False

    def is_writable(self) -> bool:
        """Whether commits are taken at the moment."""
        return self._is_writable

    def probe(self) -> bool:
        """Try whether writing works again after a failed commit, and take commits again if it does.

        It writes a page and syncs it, as a commit does.
        """
        self._roll_back()
        run = self._database.execute
        size = max(_PROBE_BYTES_MIN, self._probe_bytes)
        try:
            run("BEGIN IMMEDIATE")
            run("INSERT OR REPLACE INTO meta VALUES ('probe', hex(zeroblob(?)))", (size // 2,))
            run("COMMIT")
            run("BEGIN IMMEDIATE")
            run("DELETE FROM meta WHERE key = 'probe'")
            run("COMMIT")
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
    reason = " ".join(str(error).split())  # of a broken page SQLite tells in two lines
    if "disk I/O error" in reason:
        sentence = _(
            "The disk that holds {path} is full or failing ({reason}). Make room or check it, and start again."
        )
    elif "locked" in reason:
        sentence = _("{path} is in use by another program. Stop it, or choose another --data folder.")
    elif "readonly" in reason or "unable to open" in reason:
        sentence = _(
            "{path} cannot be written ({reason}). Check its permissions and the disk, or choose another --data folder."
        )
    elif "disk is full" in reason:
        sentence = _("The disk that holds {path} is full. Make room and start again.")
    else:
        sentence = _(
            "{path} is damaged or no database ({reason}). Put a backup in its place, or move the whole folder away to "
            "start with an empty log."
        )
    return sentence.format(path=name, reason=reason)
