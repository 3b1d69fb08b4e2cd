"""Whether this screen survives an emoji: asked of a child process, for the wrong answer kills the asker.

With some colour fonts and libXft before 2.3.5, Tk 8.6 on X11 ends the whole process with an X error on the first
character beyond the BMP, and nothing can catch that. Until the child has come back well, such characters are
shown as a replacement character. Only what is shown: what is sent and kept is what was typed.

The answer holds as long as the fonts and the library that draws them do; `drawn_by` tells when they are others.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterable, Iterator

__all__ = ["ASTRAL", "PLACEHOLDER", "GlyphProbe", "drawn_by"]

#: What may not be drawn, and what stands for it.
ASTRAL = re.compile("[\U00010000-\U0010ffff]")
PLACEHOLDER = "\ufffd"
_WAIT_S_MAX = 5.0
#: Where X11 programs find fonts, and libXft.
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_LIBRARIES = (("/usr/lib", "*/libXft.so.2"), ("/usr/lib", "libXft.so.2"), ("/usr/lib64", "libXft.so.2"))
_DRAW_ONE = """
import tkinter
root = tkinter.Tk()
root.overrideredirect(True)
root.geometry("1x1+0+0")
tkinter.Label(root, text="\\U0001f600").place(x=0, y=0)
root.update()
root.destroy()
"""


class GlyphProbe:
    """One question to one child, put the first time the answer is needed. Call `close` at the end.

    `is_at_risk` is whether the window system is one where the question arises at all: X11 with Tk 8.6. `kept` is what
    to remember for the next run, empty until there is an answer; handed back as `remembered`, with the same word for
    what draws, it saves asking.
    """

    def __init__(self, *, is_at_risk: bool, drawn_by: str = "", remembered: str = "", script: str = _DRAW_ONE) -> None:
        self._drawn_by = drawn_by
        is_known = remembered in self._answers()
        self.kept = remembered if is_known else ""
        self.is_safe = not is_at_risk or (is_known and remembered == self._answers()[True])
        self._is_news = False
        self._script = script
        self._child: subprocess.Popen[bytes] | None = None
        # A frozen program has no interpreter to ask: sys.executable would be this window once more.
        self._can_ask = is_at_risk and not is_known and not getattr(sys, "frozen", False)

    def fit(self, text: str) -> str:
        """Return what can be shown now. Starts the probe at the first character that needs it."""
        if self.is_safe or not ASTRAL.search(text):
            return text
        self._ask()
        return ASTRAL.sub(PLACEHOLDER, text)

    def became_safe(self) -> bool:
        """Tell, once, that the child has come back well: what was replaced can be drawn again. Never waits."""
        if self._child is not None and self._child.poll() is not None:
            self._take_answer()
        is_news, self._is_news = self._is_news, False
        return is_news

    def must_replace(self, text: str) -> bool:
        """Say whether this text, which is about to be drawn, cannot be; waits for the child the first time."""
        if self.is_safe or not ASTRAL.search(text):
            return False
        self._ask()
        if self._child is not None:
            try:
                self._child.wait(_WAIT_S_MAX)
            except subprocess.TimeoutExpired:
                return True
            self._take_answer()
        return not self.is_safe

    def close(self) -> None:
        """End the child if it still runs."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def _answers(self) -> tuple[str, str]:
        return f"unsafe:{self._drawn_by}", f"safe:{self._drawn_by}"

    def _ask(self) -> None:
        if not self._can_ask:
            return
        self._can_ask = False
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own script
                [sys.executable, "-c", self._script],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            self._child = None  # no child, no answer: the placeholder stays

    def _take_answer(self) -> None:
        assert self._child is not None
        self.is_safe = self._is_news = self._child.returncode == 0
        self.kept = self._answers()[self.is_safe]
        self._child = None


def drawn_by(tk_version: str, folders: Iterable[str] = _FONT_FOLDERS) -> str:
    """Return a word for what draws characters here: another one when Tk, the fonts or libXft are others."""
    newest = max(map(_changed_at, _that_draw(folders)), default=0)
    return f"{tk_version}/{newest}"


def _that_draw(folders: Iterable[str]) -> Iterator[Path]:
    for name in folders:
        folder = Path(os.path.expanduser(name))  # which, unlike Path.expanduser, does without a home
        yield from (folder, *folder.glob("*/"), *folder.glob("*/*/"))  # a folder changes with what is in it
    for folder_of_library, pattern in _LIBRARIES:
        yield from Path(folder_of_library).glob(pattern)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
