"""The browser of this system, asked to show an address: by a child process, for the asking can take seconds.

`webbrowser` of the standard library knows how to find and to call it, and waits for five seconds to see whether one
that was not running comes up. Which texts are links is decided in `model.markup`.
"""

from __future__ import annotations

import subprocess
import sys
import webbrowser
from typing import Callable, Sequence

__all__ = ["Browser"]

#: Anything else might be a program to start.
_SCHEMES = ("http", "https", "file")
#: A browser that hangs must not be asked ever more.
_CHILDREN_MAX = 8


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter and a module of its library, and no shell
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


class Browser:
    """Never waits; call `close` at the end. `run` starts a child, `open_here` asks without one."""

    def __init__(
        self,
        run: Callable[[Sequence[str]], subprocess.Popen[bytes]] = _start,
        open_here: Callable[[str], bool] = webbrowser.open,
        platform: str = sys.platform,
    ) -> None:
        self._run = run
        self._open_here = open_here
        # Windows hands an address on without waiting, and lets only the program in front bring another one there. A
        # frozen program has no interpreter to start: sys.executable would be this window once more.
        self._has_child = platform != "win32" and not getattr(sys, "frozen", False)
        self._children: list[subprocess.Popen[bytes]] = []

    def open(self, target: str) -> bool:
        """Show an address of http, https or file, and return whether that was begun: not so for any other."""
        if target.partition(":")[0].lower() not in _SCHEMES:
            return False
        return self._ask(target) if self._has_child else self._open_here(target)

    def close(self) -> None:
        """Take no more care of those that are still being asked: they go on."""
        for child in self._running():
            child.returncode = 0  # or Popen would complain that nobody has waited for it
        self._children.clear()

    def _ask(self, target: str) -> bool:
        self._children = self._running()
        if len(self._children) >= _CHILDREN_MAX:
            return False
        try:
            # Isolated: a webbrowser.py in the folder that the window was started in is not the library's.
            self._children.append(self._run([sys.executable, "-I", "-m", "webbrowser", target]))
        except OSError:  # the system has no more processes: the address is there to be copied
            return False
        return True

    def _running(self) -> list[subprocess.Popen[bytes]]:
        return [child for child in self._children if child.poll() is None]
