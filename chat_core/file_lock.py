"""A lock that one process holds on a file: taken at once or not at all, dropped by the system when the process ends.

What it keeps others away from is not known here.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["HELD_BY_ANOTHER", "is_locked", "lock_now"]

#: What the systems answer when somebody else has it; any other error says that there are no locks there.
HELD_BY_ANOTHER = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


def lock_now(descriptor: int) -> None:
    """Take the lock of an open file or raise OSError at once. It is held until the file is closed, also by kill -9."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(path: Path) -> bool:
    """Whether another opening of this file holds its lock; False where there is no such file, or no way to look.

    It is tried by taking it for a moment: ask only where somebody is believed to hold it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        lock_now(descriptor)
    except OSError as error:
        return error.errno in HELD_BY_ANOTHER
    finally:
        os.close(descriptor)
    return False
