"""The file in which a server tells another program that it listens, and where.

It holds one JSON object: `pid`, `title`, `host` and `port` as bound, and `hosts`, under which others reach it. It is
there for as long as the server listens, or until it was killed. The other way round, whoever deletes it asks the
server to stop: the one request that works on every system, from any window, without a console or a signal in common.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Sequence

from chat_core.errors import StartFailure, reason_of
from chat_core.folders import replace_file
from chat_core.language import _

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ReadyFile"]


class ReadyFile:
    """The file of one server; two servers must not share one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, title: str, address: tuple[str, int], hosts: Sequence[str]) -> None:
        """Tell it, in one piece: nobody ever reads half of it. Raises StartFailure."""
        host, port = address
        told = {"pid": os.getpid(), "title": title, "host": host, "port": port, "hosts": list(hosts)}
        try:
            replace_file(self.path, json.dumps(told).encode("ascii"))
        except OSError as error:
            sentence = _("{file} cannot be written: {reason}. Choose another one with --ready-file.")
            raise StartFailure(sentence.format(file=self.path, reason=reason_of(error))) from error

    def is_gone(self) -> bool:
        """Whether somebody has deleted it. A disk that cannot be asked at the moment is no such wish."""
        try:
            os.stat(self.path)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False

    def remove(self) -> None:
        """Delete it: the server is about to end."""
        with suppress(OSError):  # deleted already; or it stays, and is known to be stale by the data folder's lock
            self.path.unlink()
