"""What one client did and saw, in a file that only grows: written by the worker, judged by `checkers`.

One JSON object a line, with `what` it is and `at` which monotonic second, which is one clock for all processes of a
computer. A line is in the file before the next poll begins, and so what a killed worker had shown is known exactly.

| what | with |
|---|---|
| started | `outbox`: the mids that a new process found in the outbox |
| typed | `mid`, `room`, `number` (counts up from 0, over all processes), `text` |
| kept | `mids`: what was typed before this poll and is on the client's disk now |
| joined | `room`, `next`, `is_whole`: whether nothing is missing |
| shown | `room`, `seq`, `time`, `sender`, `mid`, `text` |
| stored | `room`, `seq`, `mid`: our message was acknowledged |
| state | `state`, `failure` |
| sent-away | `code` of the goodbye that closed the link |
| trouble | `text`: something that must not happen |
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Dict

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Entry", "Journal", "read_journal"]

Entry = Dict[str, Any]


class Journal:
    """A journal to write on. What a killed process left unfinished at its end is cut off."""

    def __init__(self, path: Path) -> None:
        self._lines: list[str] = []
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        content = path.read_bytes()
        os.truncate(self._file, content.rfind(b"\n") + 1)

    def note(self, what: str, at: float, **fields: object) -> None:
        """Add an entry, to be written by the next `flush`."""
        self._lines.append(json.dumps({"what": what, "at": at, **fields}) + "\n")

    def flush(self) -> None:
        """Hand everything to the system, which keeps it when this process is killed."""
        left = "".join(self._lines).encode()
        self._lines.clear()
        while left:
            left = left[os.write(self._file, left) :]

    def close(self) -> None:
        """Write what is left, and close the file."""
        self.flush()
        os.close(self._file)


def read_journal(path: Path) -> list[Entry]:
    """Return the entries, in order; none when there is no file yet."""
    content = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]
