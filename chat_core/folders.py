"""Where this project keeps its files, and how it writes one without ever leaving half of it.

Both programs use it: the server for its log, the client for its settings and profiles. What is in those files
is not known here.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Mapping

__all__ = ["make_private", "replace_file", "set_aside", "user_data_folder"]

_PROJECT = "chat-core"


def user_data_folder(part: str, environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return this user's folder for the data of `part` ("server" or "client"). Creates nothing.

    Linux and the other Unixes: XDG Base Directory Specification; macOS: Application Support; Windows: the
    local, not the roaming half, for tokens and logs belong to one computer.
    """
    home = Path(environ.get("HOME") or Path.home())
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        xdg = environ.get("XDG_DATA_HOME", "")
        # The specification tells to ignore a relative path.
        base = Path(xdg) if os.path.isabs(xdg) else home / ".local" / "share"
    return base / _PROJECT / part


def make_private(folder: Path) -> None:
    """Create a folder that only this user can enter (mode 0700), with its parents.

    One that is there already keeps its mode: it may be shared on purpose, or be `/tmp`.
    Raises OSError; FileExistsError when the path is a file.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write a whole file, readable by this user only, so that a crash leaves either the old or the new one.

    Raises OSError, and then the old file is as it was and no other is left behind.
    """
    # mkstemp creates with mode 0600, and in the same folder, for only there is replacing atomic.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)  # before the replacing, or a power cut may leave the new name without its content
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    _sync_folder(path.parent)


def set_aside(path: Path, mark: str = "damaged") -> Path:
    """Rename a file that cannot be used so that a new one can take its place, and return where it is now.

    Raises OSError.
    """
    for number in range(1, 1_000):
        aside = path.with_name(f"{path.name}.{mark}-{number}")
        if not aside.exists():
            break
    os.replace(path, aside)  # the thousandth takes the place of the one before
    return aside


def _sync_folder(folder: Path) -> None:
    """Put a folder's entries on disk where the system can; the file itself already is."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # Windows opens no folders, and needs no such thing
    try:
        os.fsync(descriptor)
    except OSError:
        return  # some network file systems refuse
    finally:
        os.close(descriptor)
