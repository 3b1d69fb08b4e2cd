"""The pictures that ttk widgets are put together from, drawn once for one ttk theme, and the elements made of them.

Which widget is made of which shape, and in which colours, is said in `view.styles`.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import Any, Callable, Dict, Sequence, Tuple

from chat_core.ui.model.raster import Mask, panel_png, png
from chat_core.ui.view.indicators import chevron_png

__all__ = ["ALL", "Layout", "Shapes", "inside"]

#: As `ttk.Style.layout` takes it.
Layout = Sequence[Tuple[str, Dict[str, Any]]]
#: Fill the whole parcel.
ALL: dict[str, Any] = {"sticky": "nswe"}

_RADIUS_PX = 6


class Shapes:
    """Draws for the ttk theme that is in use while it draws. Keep it as long as that theme: with it the pictures go."""

    def __init__(self, root: tk.Tk, px: Callable[[float], int]) -> None:
        self._root = root
        self._style = ttk.Style(root)
        self._px = px
        self._pictures: dict[tuple[object, ...], tk.PhotoImage] = {}

    def panel(
        self, fill: str, edge: str = "", edge_px: float = 1, *, gap: str = "", radius: float = _RADIUS_PX
    ) -> tk.PhotoImage:
        """Draw a box with round corners to be stretched; see `raster.panel_png`."""
        return self.fixed_panel(fill, edge, edge_px, gap=gap, radius=self.corner(radius), wide=8, high=8)

    def fixed_panel(
        self, fill: str, edge: str = "", edge_px: float = 1, *, radius: int, wide: int, high: int, gap: str = ""
    ) -> tk.PhotoImage:
        """Do the same with corners, and room between them, of so many pixels of the screen."""
        key = (fill, edge, edge_px, gap, radius, wide, high)
        if key not in self._pictures:
            self._pictures[key] = self.picture(
                panel_png(
                    radius, fill=fill, edge=edge, edge_px=max(1, self._px(edge_px)) if edge else 0,
                    gap=gap, gap_px=max(1, self._px(1)) if gap else 0, wide=wide, high=high,
                )
            )  # fmt: skip
        return self._pictures[key]

    def line(self, colour: str, length: tuple[int, int]) -> tk.PhotoImage:
        """Draw a rectangle of one colour, width and height in pixels of the screen."""
        mask = Mask(*length).box((0, 0), length, 0)
        return self.picture(png([(mask, colour)]))

    def corner(self, radius: float = _RADIUS_PX) -> int:
        """Return the radius of a corner in pixels of the screen."""
        return max(2, self._px(radius))

    def picture(self, data: bytes) -> tk.PhotoImage:
        """Make a picture of Tk's from a PNG, or return the one that was made from it before."""
        if (data,) not in self._pictures:
            self._pictures[(data,)] = tk.PhotoImage(master=self._root, data=data, format="png")
        return self._pictures[(data,)]

    def element(
        self, name: str, normal: tk.PhotoImage, *states: tuple[str, tk.PhotoImage], border: int = 0, width: int = 0
    ) -> str:
        """Make an element of pictures and return its name.

        Of the states, each one or more words, the first that fits wins. With a `border` of so many pixels all but the
        border is stretched, without one the picture stays as it is, in a parcel of `width`.
        """
        options: dict[str, Any] = {"border": border, "sticky": "nswe", "padding": 0} if border else {"sticky": "e"}
        if width:
            options["width"] = width
        self._style.element_create(
            name, "image", normal, *((*state.split(), picture) for state, picture in states), **options
        )
        return name

    def button(
        self, name: str, fills: tuple[str, str, str, str], *, edge: str = "", faint: str = "", ring: str, gap: str = ""
    ) -> str:
        """Make the shape of a kind of button: fills when at rest, pointed at, pressed (or selected) and disabled.

        With the focus it has a ring, and within that a gap where the fill has the ring's colour. `faint` is the edge of
        one that is disabled.
        """
        rest, pointed, pressed, disabled = fills

        def focused(fill: str) -> tk.PhotoImage:
            return self.panel(fill, ring, 2, gap=gap)

        at_rest, without = self.panel(rest, edge), self.panel(disabled, faint)
        held, over = self.panel(pressed, edge), self.panel(pointed, edge)
        return self.element(
            name, at_rest, ("disabled", without), ("focus pressed", focused(pressed)),
            ("focus selected", focused(pressed)), ("focus active", focused(pointed)), ("focus", focused(rest)),
            ("pressed", held), ("selected", held), ("active", over), border=self.corner(),
        )  # fmt: skip

    def chevron(self, name: str, colour: str) -> str:
        """Make an arrow that points down, with some room at its left."""
        side = self._px(12)
        return self.element(name, self.picture(chevron_png(side, colour)), width=side + self._px(6))


def inside(*elements: str) -> Layout:
    """Lay elements into each other, the first outermost."""
    layout: Layout = []
    for element in reversed(elements):
        layout = [(element, {**ALL, "children": layout} if layout else ALL)]
    return layout
