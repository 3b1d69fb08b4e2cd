"""Where the window may stand: a remembered place brought back onto the screen that is there today.

Pure. The form is Tk's (`wm geometry`): WIDTHxHEIGHT and, if at all, +X+Y, where `-X` is counted from the right edge.
"""

from __future__ import annotations

import re

__all__ = ["clamped"]

_GEOMETRY = re.compile(r"(\d{1,6})x(\d{1,6})(?:([+-])(-?\d{1,6})([+-])(-?\d{1,6}))?", re.ASCII)


def clamped(geometry: str, screen_width: int, screen_height: int, minimum: tuple[int, int] = (480, 400)) -> str:
    """Return the nearest geometry that lies on a screen of so many pixels; empty for what is none.

    The window is made as large as `minimum` and no larger than the screen, which goes before it.
    """
    match = _GEOMETRY.fullmatch(geometry)
    if match is None:
        return ""
    width = min(max(int(match[1]), minimum[0]), screen_width)
    height = min(max(int(match[2]), minimum[1]), screen_height)
    if match[3] is None:
        return f"{width}x{height}"
    left = _on_screen(match[3], int(match[4]), width, screen_width)
    top = _on_screen(match[5], int(match[6]), height, screen_height)
    return f"{width}x{height}+{left}+{top}"


def _on_screen(edge: str, distance: int, length: int, screen_length: int) -> int:
    free = screen_length - length
    return max(0, min(distance if edge == "+" else free - distance, free))
