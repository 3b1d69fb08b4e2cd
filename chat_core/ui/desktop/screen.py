"""How fine the screen of an X server is, and how fine the person's desktop wants things drawn: Tk asks only the former.

Nothing is drawn here, and nothing waits: both answers are in the server's greeting. On other systems Tk knows all.
"""

from __future__ import annotations

import ctypes
import sys
from typing import NamedTuple

__all__ = ["Resolution", "resolution"]

_MM_AN_INCH = 25.4


class Resolution(NamedTuple):
    """Dots an inch: by the server's idea of the screen's size, and by the desktop's setting (0 if there is none)."""

    server_dpi: float
    desktop_dpi: float


def resolution() -> Resolution | None:
    """Ask the X server that DISPLAY names. None where there is no X, or no library to ask it with."""
    if sys.platform in ("win32", "darwin"):
        return None
    try:
        x11 = ctypes.CDLL("libX11.so.6")  # Tk has loaded it already
        x11.XOpenDisplay.restype = x11.XGetDefault.restype = ctypes.c_void_p
        x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
        x11.XGetDefault.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
        x11.XDisplayWidth.argtypes = x11.XDisplayWidthMM.argtypes = [ctypes.c_void_p, ctypes.c_int]
        x11.XCloseDisplay.argtypes = x11.XDefaultScreen.argtypes = [ctypes.c_void_p]
    except (AttributeError, OSError):
        return None
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    try:
        screen = x11.XDefaultScreen(display)
        server_dpi = x11.XDisplayWidth(display, screen) * _MM_AN_INCH / max(1, x11.XDisplayWidthMM(display, screen))
        place = x11.XGetDefault(display, b"Xft", b"dpi")  # belongs to the display: read before it is closed
        setting = ctypes.string_at(place).decode("ascii", "replace") if place else ""
    finally:
        x11.XCloseDisplay(display)
    return Resolution(server_dpi, _dpi(setting))


def _dpi(setting: str) -> float:
    try:
        dpi = float(setting)
    except ValueError:
        return 0.0
    return dpi if 0 < dpi < 10_000 else 0.0  # not a nan, either
