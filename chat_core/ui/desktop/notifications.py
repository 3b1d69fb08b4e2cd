"""Notices outside the window, by the program that the system has for it: `notify-send` or `osascript`.

What is worth a notice is decided in `model.attention`. Windows has no such program without packages: there the button
in the taskbar flashes (`flash`). Tk's own `tk sysnotify`, where it exists, is the view's business. Texts are arguments
of a program that is started directly, never part of a script or of a shell's line.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
from typing import Callable, Sequence

from chat_core.escape import escape_line, escape_text

__all__ = ["Notifier", "argv_for", "flash", "program_for"]

#: A notification service that hangs must not be given ever more to do.
_CHILDREN_MAX = 3
_SHOWN_MS = 8_000
# The title and text are items of a list, so that nothing in them is read as AppleScript.
_APPLESCRIPT = (
    "on run argv",
    "display notification (item 3 of argv) with title (item 2 of argv)",
    "end run",
)


def program_for(platform: str) -> str:
    """Name the program that shows notices on a platform, as in `sys.platform`; empty where there is none."""
    if platform == "darwin":
        return "osascript"
    return "" if platform in ("win32", "cygwin") else "notify-send"


def argv_for(platform: str, program: str, title: str, text: str) -> list[str]:
    """Return how to call that program, found at the path `program`, with any title and text from the wire."""
    title, text = escape_line(title), escape_text(text)
    if platform == "darwin":
        lines = [part for line in _APPLESCRIPT for part in ("-e", line)]
        # Options end at the first argument, so that a title with a dash cannot be one.
        return [program, *lines, "Chat", title, text]
    # The body is markup by the specification of freedesktop.org, and notify-send reads back slashes in it as C does.
    body = html.escape(text, quote=False).replace("\\", "\\\\")
    return [program, "--app-name=Chat", f"--expire-time={_SHOWN_MS}", "--", title, body]


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a program of the system, and no shell
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


class Notifier:
    """Shows notices where the system can. Never waits; call `close` at the end.

    `find` looks a program up once, `run` starts it.
    """

    def __init__(
        self,
        platform: str = sys.platform,
        find: Callable[[str], str | None] = shutil.which,
        run: Callable[[Sequence[str]], subprocess.Popen[bytes]] = _start,
    ) -> None:
        self._platform = platform
        self._run = run
        name = program_for(platform)
        self._program = (find(name) or "") if name else ""
        self._children: list[subprocess.Popen[bytes]] = []

    def notify(self, title: str, text: str) -> bool:
        """Show a notice, and return whether that was begun: not so while several are still on their way."""
        self._children = [child for child in self._children if child.poll() is None]
        if not self._program or len(self._children) >= _CHILDREN_MAX:
            return False
        try:
            self._children.append(self._run(argv_for(self._platform, self._program, title, text)))
        except OSError:  # it went away, or the system has no more processes: a notice is not worth more
            return False
        return True

    def close(self) -> None:
        """End those that are still on their way."""
        for child in self._children:
            child.kill()
            child.wait()
        self._children.clear()


def flash(window: int) -> None:
    """Let the taskbar button of a window flash until it is looked at; `window` is its handle. On Windows alone."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - exists everywhere, but is of use on Windows alone
        from ctypes import wintypes  # noqa: PLC0415

        class FlashInfo(ctypes.Structure):
            _fields_ = (  # FLASHWINFO of winuser.h
                ("size", wintypes.UINT),
                ("window", wintypes.HWND),
                ("flags", wintypes.DWORD),
                ("count", wintypes.UINT),
                ("blink_ms", wintypes.DWORD),
            )

        flash_tray_until_foreground = 0x2 | 0xC
        about = FlashInfo(ctypes.sizeof(FlashInfo), window, flash_tray_until_foreground, 0, 0)
        ctypes.windll.user32.FlashWindowEx(ctypes.byref(about))
