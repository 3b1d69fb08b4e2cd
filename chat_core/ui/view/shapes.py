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
#: Between the corners of a picture, in pixels of the screen: Tk fills a box by copying it, 5 us a copy. A larger one
#: takes longer to make, and is hardly quicker; with 8 x 8 a wide field took ten times as long.
_MIDDLE = (128, 32)


class Shapes:
    """Draws for the ttk theme that is in use while it draws. Keep it as long as that theme: with it the pictures go.

    What is to be stretched has no pixel that is opaque in part: Tk would fetch what is on the screen under each copy,
    mix, and send it back (27 ms for a field of 900 x 29). Such pixels, a few at round corners, are mixed with `ground`
    once; on the other grounds of a palette, which are all much alike, the difference is hardly to be seen.
    """

    def __init__(self, root: tk.Tk, px: Callable[[float], int], ground: str) -> None:
        self._root = root
        self._style = ttk.Style(root)
        self._px = px
        self._ground = ground
        self._pictures: dict[tuple[object, ...], tk.PhotoImage] = {}

    def panel(
        self, fill: str, edge: str = "", edge_px: float = 1, *, gap: str = "", ground: str = "", radius: int = 0
    ) -> tk.PhotoImage:
        """Draw a box with round corners to be stretched; see `raster.panel_png`.

        The radius is in pixels of the screen, the usual one if left out. `ground` is for one that never stands on the
        usual ground.
        """
        key = (fill, edge, edge_px, gap, ground, radius)
        if key not in self._pictures:
            wide, high = _MIDDLE
            self._pictures[key] = self.picture(
                panel_png(
                    radius or self.corner(), fill=fill, edge=edge, edge_px=max(1, self._px(edge_px)) if edge else 0,
                    gap=gap, gap_px=max(1, self._px(1)) if gap else 0, ground=ground or self._ground,
                    wide=wide, high=high,
                )
            )  # fmt: skip
        return self._pictures[key]

    def corner(self, radius: float = _RADIUS_PX) -> int:
        """Return the radius of a corner in pixels of the screen."""
        return max(2, self._px(radius))

    def picture(self, data: bytes) -> tk.PhotoImage:
        """Make a picture of Tk's from a PNG, or return the one that was made from it before."""
        if (data,) not in self._pictures:
            self._pictures[(data,)] = tk.PhotoImage(master=self._root, data=data, format="png")
        return self._pictures[(data,)]

    def element(self, name: str, normal: tk.PhotoImage, *states: tuple[str, tk.PhotoImage], width: int = 0) -> str:
        """Make an element of pictures that stay as they are, in a parcel of `width`, and return its name.

        Of the states, each one or more words, the first that fits wins.
        """
        return self._element(name, normal, states, sticky="e", **({"width": width} if width else {}))

    def box(
        self,
        name: str,
        normal: tk.PhotoImage,
        *states: tuple[str, tk.PhotoImage],
        border: int = 0,
        least: tuple[int, int] = (8, 8),
    ) -> str:
        """Do the same with pictures of which all but a border is stretched, to a middle of at least such a size.

        The border is in pixels of the screen, the usual corner if left out.
        """
        border = border or self.corner()
        width, height = (2 * border + length for length in least)
        return self._element(
            name, normal, states, border=border, sticky="nswe", padding=0, width=width, height=height
        )  # fmt: skip

    def _element(
        self, name: str, normal: tk.PhotoImage, states: Sequence[tuple[str, tk.PhotoImage]], **options: Any
    ) -> str:
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
        return self.box(
            name, at_rest, ("disabled", without), ("focus pressed", focused(pressed)),
            ("focus selected", focused(pressed)), ("focus active", focused(pointed)), ("focus", focused(rest)),
            ("pressed", held), ("selected", held), ("active", over),
        )  # fmt: skip

    def line(self, name: str, colour: str, *, is_upright: bool = False) -> str:
        """Make a hairline as long as its parcel."""
        thin, (long, _high) = max(1, self._px(1)), _MIDDLE
        size = (thin, long) if is_upright else (long, thin)
        picture = self.picture(png([(Mask(*size).box((0, 0), size, 0), colour)]))
        return self._element(name, picture, (), sticky="nswe", width=thin, height=thin)

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
