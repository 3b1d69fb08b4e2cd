"""Windows in processes of their own, as `child` makes them, seen from outside: when they are drawn, what they take."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import sys
import time
from typing import TYPE_CHECKING, final

from tests import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["OtherWindow"]

_PATIENCE_S = 60.0


@final
class OtherWindow:
    """A window of this kind, with all its files in `folder`, from the start of its Python on. Use `with`.

    With a folder for `bytecode` Python keeps it there; otherwise it does what it is set to.
    """

    def __init__(self, kind: str, folder: Path, *flags: str, bytecode: Path | None = None) -> None:
        environment = {**os.environ, "LANGUAGE": "en", "XDG_DATA_HOME": str(folder)}
        if bytecode is not None:
            environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.window_bench.child", kind, *flags],
            stdout=subprocess.PIPE, env=environment, cwd=str(REPOSITORY),
        )  # fmt: skip
        self.pid = self._process.pid
        self._said = ""

    def __enter__(self) -> OtherWindow:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def wait_for(self, what: str) -> float:
        """Wait until the window says something, and return the time that it says. Raises AssertionError."""
        stdout = self._process.stdout
        assert stdout is not None
        line = re.compile(rf"^{what} (\S+)$", re.MULTILINE)
        deadline = time.monotonic() + _PATIENCE_S
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while True:
                found = line.search(self._said)
                if found is not None:
                    return float(found.group(1))
                said = os.read(stdout.fileno(), 4096) if selector.select(deadline - time.monotonic()) else b""
                if not said:
                    raise AssertionError(f"The window never said {what!r}, but: {self._said!r}")
                self._said += said.decode("ascii")
