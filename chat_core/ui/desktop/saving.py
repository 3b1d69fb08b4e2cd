"""A conversation on its way into a file, a little at a time, so that the window goes on meanwhile.

What is written is `model.export`'s business. The file gets its name when all of it is on disk: whoever breaks off, and
a disk that is full, leave the former file as it was and no other behind.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, suppress
from itertools import islice
from typing import IO, TYPE_CHECKING, Iterable

from chat_core.errors import SystemFailure, reason_of
from chat_core.ui.model.export import ENDS, Format, as_json, as_text
from chat_core.ui.model.export_page import as_page

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.ui.model.export import Entry

__all__ = ["Saving", "begin_saving", "shown_address"]

#: Some ten milliseconds' worth of pieces.
_PIECES_A_STEP = 250
#: Of long texts fewer.
_CHARS_A_STEP = 262_144


class Saving:
    """Writes pieces of text, of which there are `total`, to a file that only this user can read.

    Call `step` until it returns False, or `cancel`. One that failed is cancelled.
    """

    def __init__(self, path: Path, pieces: Iterable[str], total: int) -> None:
        self.path = path
        self._pieces = iter(pieces)
        self._total = total
        self._written = 0
        self._file: IO[bytes] | None = None
        self._temporary = ""
        self.is_done = False

    @property
    def fraction(self) -> float:
        """How much of it is written: 0 to 1."""
        return 1.0 if self.is_done else min(1.0, self._written / max(1, self._total))

    def step(self) -> bool:
        """Write some more, and return whether there is more. Raises SystemFailure, and then nothing is left behind."""
        if self.is_done:
            return False
        with ExitStack() as undoing:
            undoing.callback(self.cancel)
            try:
                has_more = self._write(self._file or self._begin())
            except OSError as error:
                raise SystemFailure(f"{reason_of(error)} ({self.path})") from error
            undoing.pop_all()
        return has_more

    def cancel(self) -> None:
        """Leave nothing behind; does nothing when it is done. Never raises: where the disk has gone, all has gone."""
        file, self._file, self._pieces = self._file, None, iter(())
        if file is not None:
            with suppress(OSError):
                file.close()
            with suppress(OSError):
                os.unlink(self._temporary)

    def _begin(self) -> IO[bytes]:
        # Beside the file, for only there is replacing atomic.
        descriptor, self._temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".chat-", suffix=".saving")
        # Unbuffered: a full disk is met by a write, not by the closing that follows it.
        self._file = open(descriptor, "wb", buffering=0)  # noqa: SIM115 - open from one step to the next
        return self._file

    def _write(self, file: IO[bytes]) -> bool:
        some: list[str] = []
        chars = 0
        for piece in islice(self._pieces, _PIECES_A_STEP):
            some.append(piece)
            chars += len(piece)
            if chars >= _CHARS_A_STEP:
                break
        if some:
            self._written += len(some)
            left = memoryview("".join(some).encode("utf-8", "replace"))
            while left:
                left = left[file.write(left) :]
            return True
        os.fsync(file.fileno())  # before the replacing, or a power cut may leave the name without its content
        file.close()
        os.replace(self._temporary, self.path)
        self._file = None
        self.is_done = True
        return False


def begin_saving(
    path: Path, kind: Format, entries: Iterable[Entry], count: int, *, title: str, own_name: str = ""
) -> Saving:
    """Prepare to save so many entries of a room, which are taken one by one as the saving goes on."""
    if kind is Format.PAGE:
        pieces = as_page(entries, title, own_name)
    elif kind is Format.TEXT:
        pieces = as_text(entries, title)
    else:
        pieces = as_json(entries, title)
    return Saving(path, pieces, count + ENDS)


def shown_address(path: Path) -> str:
    """Return what a browser is asked to show of a saved file: the page itself, of anything else its folder."""
    return (path if path.suffix == ".html" else path.parent).resolve().as_uri()
