"""The oldest Python there may be: whatever a server has stored must be readable there too.

A process of Python 3.8 is fed every page that the worlds kept, and reads each as a client does. Run as a module, this
is that process.
"""

from __future__ import annotations

import glob
import os
import shutil
import struct
import subprocess
import sys
from typing import BinaryIO

from chat_core import messages
from chat_core.errors import Refusal
from tests import REPOSITORY

__all__ = ["OldestPython", "find_python"]

_LENGTH = struct.Struct(">I")


def find_python() -> str | None:
    """Return where a Python 3.8 is, if there is one here beside the one that runs this."""
    if sys.version_info[:2] == (3, 8):
        return None
    installed = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.8.*/bin/python")))
    return installed[-1] if installed else shutil.which("python3.8")


class OldestPython:
    """A process that reads payloads. Raises OSError when it cannot be started."""

    def __init__(self, python: str) -> None:
        self._process = subprocess.Popen(
            [python, "-m", "tests.fuzz.oldest"],
            cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._has_ended = False

    def keep(self, payload: bytes) -> None:
        """Have a payload read. After the process has ended over one this does nothing; `finish` tells."""
        assert self._process.stdin is not None
        if not self._has_ended:
            try:
                self._process.stdin.write(_LENGTH.pack(len(payload)) + payload)
            except BrokenPipeError:
                self._has_ended = True

    def finish(self) -> tuple[bool, str]:
        """Wait for the last one to be read, and return whether all were, and what the process has to say."""
        try:
            said, _ = self._process.communicate()
        except BrokenPipeError:
            said = b"it ended early"
        return self._process.returncode == 0, said.decode("utf-8", "replace").strip()


def _read(stream: BinaryIO) -> int:
    """Read payloads up to the end and say how many there were; exit status 1 at the first that cannot be read."""
    count = 0
    while True:
        header = stream.read(_LENGTH.size)
        if not header:
            break
        payload = stream.read(_LENGTH.unpack(header)[0])
        try:
            event = messages.decode_event(payload)
        except Refusal as refusal:
            print(f"{refusal.text} {payload[:500]!r}")
            return 1
        if event is None:
            print(f"an unknown type: {payload[:500]!r}")
            return 1
        count += 1
    print(f"{count} pages and messages read by Python {sys.version.split()[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(_read(sys.stdin.buffer))
