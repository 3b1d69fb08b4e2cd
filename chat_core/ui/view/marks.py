"""The small round things in the lists: the dot of somebody who is here, the pill with a number, the cap of a key.

Drawn as pictures, for a canvas has no smooth edges; each once for a size and a colour.
"""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING

from chat_core.ui.model.raster import Mask, panel_png, png

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Marks"]

_DOT_PX = 9
_CAP_RADIUS_PX = 4
#: More than that is no number any more, and would take the room of what it stands beside.
_COUNT_MAX = 999


class Marks:
    """Draws on canvases. Keep it as long as they show what it drew: with it the pictures go."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._pictures: dict[tuple[object, ...], tk.PhotoImage] = {}

    def dot(self, canvas: tk.Canvas, x: int, y: int, colour: str, *, is_hollow: bool) -> None:
        """Draw a dot around a point."""
        side = self._theme.px(_DOT_PX)
        key = ("dot", side, colour, is_hollow)
        if key not in self._pictures:
            middle, radius = (side / 2, side / 2), side / 2 - 0.5
            mask = Mask(side, side).disc(middle, radius)
            if is_hollow:
                mask.without(Mask(side, side).disc(middle, radius - max(1.0, side / 6)))
            self._keep(key, png([(mask, colour)]))
        canvas.create_image(x, y, image=self._pictures[key])

    def count(self, canvas: tk.Canvas, right: int, middle: int, count: int, *, is_quiet: bool) -> int:
        """Draw how many messages wait, in a pill that ends at `right`, quietly as a number; return where it begins."""
        theme, palette = self._theme, self._theme.palette
        text = str(count) if count <= _COUNT_MAX else f"{_COUNT_MAX}+"
        if is_quiet:
            canvas.create_text(right, middle, text=text, anchor="e", font=theme.small, fill=palette.muted)
            return right - theme.small.measure(text)
        height = theme.small_bold.metrics("linespace") + theme.px(1)
        width = max(height, theme.small_bold.measure(text) + theme.px(12))
        left = right - width
        canvas.create_image(left, middle, image=self._panel(width, height, height // 2, palette.accent), anchor="w")
        canvas.create_text(left + width // 2, middle, text=text, font=theme.small_bold, fill=palette.accent_ink)
        return left

    def key(self, canvas: tk.Canvas, left: int, middle: int, text: str) -> int:
        """Draw the cap of a key from `left` on; return where it ends."""
        theme, palette = self._theme, self._theme.palette
        height = theme.small.metrics("linespace") + theme.px(6)
        width = max(height, theme.small.measure(text) + theme.px(12))
        cap = self._panel(width, height, theme.px(_CAP_RADIUS_PX), palette.code_ground, palette.border)
        canvas.create_image(left, middle, image=cap, anchor="w")
        canvas.create_text(left + width // 2, middle, text=text, font=theme.small, fill=palette.ink)
        return left + width

    def _panel(self, width: int, height: int, radius: int, fill: str, edge: str = "") -> tk.PhotoImage:
        key = ("panel", width, height, radius, fill, edge)
        if key not in self._pictures:
            wide, high = width - 2 * radius, height - 2 * radius
            self._keep(key, panel_png(radius, fill=fill, edge=edge, edge_px=1 if edge else 0, wide=wide, high=high))
        return self._pictures[key]

    def _keep(self, key: tuple[object, ...], data: bytes) -> None:
        self._pictures[key] = tk.PhotoImage(master=self._theme.root, data=data, format="png")
