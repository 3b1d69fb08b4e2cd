"""What a disk and a power switch do to the server's database, and to a client's profile.

The database is SQLite's own, in a real file; only the calls on it are counted, and fail or crash when the world
says so.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Callable, Iterable

from chat_core.client.store import MemoryStore
from chat_core.errors import SystemFailure

if TYPE_CHECKING:
    from chat_core.client.kept import Kept, KeptRoom, OutboxEntry

__all__ = ["SimDatabase", "SimStore"]


class SimDatabase:
    """A connection whose every statement goes past `before` first, which may raise what a failing disk raises.

    `after` is told of every statement that was carried out.
    """

    def __init__(self, name: str, before: Callable[[str], None], after: Callable[[str], None]) -> None:
        self._real = sqlite3.connect(name, timeout=0, isolation_level=None)
        self._before = before
        self._after = after

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def execute(self, statement: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        self._pass(statement)
        cursor = self._real.execute(statement, tuple(values))
        self._after(statement)
        return cursor

    def executemany(self, statement: str, rows: list[Any]) -> sqlite3.Cursor:
        self._pass(statement)
        cursor = self._real.executemany(statement, rows)
        self._after(statement)
        return cursor

    def _pass(self, statement: str) -> None:
        if statement == "ROLLBACK":
            return
        try:
            self._before(statement)
        except sqlite3.OperationalError:
            # After SQLITE_FULL and the I/O errors SQLite has rolled the transaction back by itself.
            if self._real.in_transaction:
                self._real.execute("ROLLBACK")
            raise

    def close(self) -> None:
        self._real.close()


class SimStore(MemoryStore):
    """A profile that survives a crash as it was last saved. `fails` says whether a save fails now."""

    def __init__(self, kept: Kept, fails: Callable[[], bool]) -> None:
        super().__init__()
        self.durable = kept
        self._fails = fails
        if kept.epoch is not None:
            super().keep_login(kept.epoch, kept.token or "", kept.name or "")
        for room in kept.rooms:
            super().keep_room(room)
        for entry in kept.outbox:
            super().keep_post(entry)

    def keep_login(self, epoch: str, token: str, name: str) -> None:
        super().keep_login(epoch, token, name)
        self.has_changes = self.has_urgent = True

    def keep_room(self, room: KeptRoom) -> None:
        super().keep_room(room)
        self.has_changes = True

    def forget_room(self, key: str) -> None:
        super().forget_room(key)
        self.has_changes = True

    def keep_post(self, entry: OutboxEntry) -> None:
        super().keep_post(entry)
        self.has_changes = self.has_urgent = True

    def forget_post(self, mid: str) -> None:
        super().forget_post(mid)
        self.has_changes = True

    def save(self) -> None:
        if self._fails():
            raise SystemFailure("simulated")
        self.durable = self.load()
        self.has_changes = self.has_urgent = False
