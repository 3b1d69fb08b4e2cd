"""Whether this machine can open a window, asked once for all the tests that need one.

Without a display those tests skip and say why; with CHAT_REQUIRE_DISPLAY set, as in CI, they fail instead.
"""

from __future__ import annotations

import os
import unittest

__all__ = ["CAN_OPEN_WINDOWS", "needs_display"]


def _why_not() -> str:
    try:
        import tkinter as tk  # noqa: PLC0415 - this Python may not have it
    except ImportError:
        return "this Python has no tkinter"
    try:
        tk.Tk().destroy()
    except tk.TclError as error:
        return f"there is no display ({error})"
    return ""


_WHY_NOT = _why_not()
if _WHY_NOT and os.environ.get("CHAT_REQUIRE_DISPLAY"):
    raise RuntimeError(f"CHAT_REQUIRE_DISPLAY is set, but {_WHY_NOT}")

CAN_OPEN_WINDOWS = not _WHY_NOT
needs_display = unittest.skipUnless(CAN_OPEN_WINDOWS, _WHY_NOT)
