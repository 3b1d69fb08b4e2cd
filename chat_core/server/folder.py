"""The server's data folder: made private, and locked against a second server.

What is in its files is `log`. Errors are sentences that say what to do (`StartFailure`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chat_core.errors import StartFailure, reason_of
from chat_core.file_lock import HELD_BY_ANOTHER, lock_now
from chat_core.folders import make_private
from chat_core.language import _

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DataFolder"]


class DataFolder:
    """A folder that belongs to this server until `close`, or until the process ends, however it ends.

    A folder made here has mode 0700 (one that was there keeps its own) and the log's file 0600: whoever can read
    them can read every conversation. Raises StartFailure.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log_path = path / "chat.db"
        try:
            make_private(path)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StartFailure(_cannot_be_used(path, error)) from error
        try:
            lock_now(self._lock)
        except OSError as error:
            os.close(self._lock)
            if error.errno not in HELD_BY_ANOTHER:
                raise StartFailure(_cannot_be_used(path, error)) from error  # a file system without locks
            sentence = _(
                "Another server is already using the data in {folder}. Stop it, or choose another folder with --data."
            )
            raise StartFailure(sentence.format(folder=path)) from error
        if self._is_bereft():
            os.close(self._lock)
            sentence = _(
                "{path} is missing or empty, but what was written last is still in {name}-wal beside it. Put the file "
                "back; or, to begin an empty log, move the whole folder away."
            )
            raise StartFailure(sentence.format(path=self.log_path, name=self.log_path.name))
        try:
            # Before SQLite opens it, which gives its -wal and -shm files the mode of this one. A copy that was put
            # here may be readable by everybody.
            os.close(os.open(self.log_path, os.O_RDWR | os.O_CREAT, 0o600))
            for left in path.glob(f"{self.log_path.name}*"):
                os.chmod(left, 0o600)
        except OSError as error:
            os.close(self._lock)
            raise StartFailure(_cannot_be_used(path, error)) from error

    def _is_bereft(self) -> bool:
        """Whether the log is gone and its -wal is not: SQLite would delete that, and acknowledged messages with it."""
        wal = self.log_path.with_name(f"{self.log_path.name}-wal")
        is_empty = not self.log_path.exists() or self.log_path.stat().st_size == 0
        return is_empty and wal.exists() and wal.stat().st_size > 0

    def close(self) -> None:
        """Let another server have the folder. The log must be closed before."""
        os.close(self._lock)


def _cannot_be_used(path: Path, error: OSError) -> str:
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return _("{path} is a file, not a folder. Choose another place for the data with --data.").format(path=path)
    sentence = _("The data folder {folder} cannot be written: {reason}. Choose another one with --data.")
    return sentence.format(folder=path, reason=reason_of(error))
