"""Copy a log, also while a server writes to it, so that the copy can be started as a server's data.

The copy is a point in time: SQLite's VACUUM INTO over a connection that only reads. It is verified before it gets
its name, and it gets an epoch of its own: whoever read further in the original than the copy reaches would take the
next messages for ones it has, and a new epoch tells it that this is another log.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from chat_core.errors import ChatError, reason_of
from chat_core.language import _
from chat_core.server.inspection import Report, inspect, open_read_only
from chat_core.server.schema import APPLICATION_ID

__all__ = ["BackupFailure", "back_up"]


class BackupFailure(ChatError):
    """There is no backup. `str()` of it is a sentence that says why."""


def back_up(source: Path, target: Path, new_epoch: str) -> Report:
    """Copy the database `source` to a new file `target`, which only this user may read; return what is in it.

    Raises BackupFailure, and then there is no such file, or it is as it was.
    """
    if not os.path.lexists(source):
        raise BackupFailure(_("{path} is not there.").format(path=source))
    _refuse_existing(target)
    try:
        # In a folder beside it: nobody takes half of a copy for one, and it can be moved to its place at once.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            copy = Path(folder) / "chat.db"
            _copy(source, copy)
            _begin_epoch(copy, new_epoch)
            report = inspect(copy)
            if report.fault_count:
                raise BackupFailure(
                    _("The copy is not in order, so it was not kept. {fault}").format(fault=report.faults[0])
                )
            _put_in_place(copy, target)
    except sqlite3.Error as error:
        raise BackupFailure(_("{path} cannot be copied: {reason}.").format(path=source, reason=error)) from error
    except OSError as error:
        reason = reason_of(error)
        raise BackupFailure(_("{path} cannot be written: {reason}.").format(path=target, reason=reason)) from error
    return report


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise BackupFailure(_("{path} is there already. Choose another name, or move it away.").format(path=target))


def _copy(source: Path, copy: Path) -> None:
    # SQLite writes into an empty file that is there, and leaves it its mode.
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    database = open_read_only(source)
    try:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise BackupFailure(_("{path} is not a database of this chat.").format(path=source))
        database.execute("VACUUM INTO ?", (str(copy),))
    finally:
        database.close()


def _begin_epoch(copy: Path, new_epoch: str) -> None:
    database = sqlite3.connect(str(copy), isolation_level=None)
    try:
        database.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (new_epoch,))
    finally:
        database.close()


def _put_in_place(copy: Path, target: Path) -> None:
    """Put the copy on disk and give it its name."""
    descriptor = os.open(copy, os.O_RDWR)
    try:
        os.fsync(descriptor)  # VACUUM INTO does not
    finally:
        os.close(descriptor)
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # the name is ours, or nobody's yet
    except FileExistsError:
        _refuse_existing(target)
    os.replace(copy, target)
