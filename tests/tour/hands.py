"""Keys and pointer of the tour: real ones, through the X server, sent by xdotool. What they did is seen by `eyes`."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["Hands", "NoHandsError"]

#: One xdotool call; it types some two hundred characters a second here.
_CALL_S_MAX = 20.0


class NoHandsError(Exception):
    """There is no xdotool."""


class Hands:
    """Presses and clicks in one window. `pump` lets Tk handle what comes; it is called while xdotool works."""

    def __init__(self, root: tk.Tk, pump: Callable[[], None]) -> None:
        self._root = root
        self._pump = pump
        program = shutil.which("xdotool")
        if program is None:
            raise NoHandsError("The tour needs xdotool, which presses the keys (Debian: apt install xdotool).")
        self._program = program

    def _do(self, *arguments: str) -> None:
        child = subprocess.Popen([self._program, *arguments])
        deadline = time.monotonic() + _CALL_S_MAX
        while child.poll() is None:
            self._pump()
            if time.monotonic() > deadline:
                child.kill()
                child.wait()
                raise AssertionError(f"xdotool does not come back from {arguments}")
        self._pump()
        if child.returncode:
            raise AssertionError(f"xdotool {' '.join(arguments)} ended with {child.returncode}")

    def press(self, *keys: str) -> None:
        """Press keys, such as "Return" or "ctrl+k", one after another."""
        self._do("key", "--delay", "8", *keys)

    def type(self, text: str) -> None:
        """Type a text, character by character."""
        self._do("type", "--delay", "4", "--", text)

    def point(self, widget: tk.Misc, x: int | None = None, y: int | None = None) -> None:
        """Move the pointer over a widget: to its middle, or to a place in it."""
        left = widget.winfo_rootx() + (widget.winfo_width() // 2 if x is None else x)
        top = widget.winfo_rooty() + (widget.winfo_height() // 2 if y is None else y)
        self._do("mousemove", str(left), str(top))

    def park(self) -> None:
        """Take the pointer out of the window."""
        self._do("mousemove", "--", str(self._root.winfo_screenwidth() - 1), str(self._root.winfo_screenheight() - 1))

    def click(self, widget: tk.Misc, x: int | None = None, y: int | None = None, *, button: int = 1) -> None:
        """Click on a widget: in its middle, or at a place in it. Button 3 is the right one."""
        self.point(widget, x, y)
        self._do("click", str(button))

    def double_click(self, widget: tk.Misc, x: int | None = None, y: int | None = None) -> None:
        """Click twice on a widget."""
        self.point(widget, x, y)
        self._do("click", "--repeat", "2", "--delay", "60", "1")

    def roll(self, widget: tk.Misc, notches: int) -> None:
        """Turn the wheel over a widget: up when negative."""
        self.point(widget)
        self._do("click", "--repeat", str(abs(notches)), "--delay", "8", "4" if notches < 0 else "5")

    def drag(self, widget: tk.Misc, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press the button at one place in a widget and let go of it at another."""
        self.point(widget, *start)
        self._do("mousedown", "1")
        self.point(widget, *end)
        self._do("mouseup", "1")
