"""The icons of the window, drawn from lines and shapes when they are first asked for.

Each is described on a square of 24 units, as most sets of icons are, and rasterised for the size and the colour that is
wanted (`model.raster`), so nothing is downloaded or scaled. The window's own icon is here too.
"""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Callable

from chat_core.ui.model.raster import Mask, Point, arc, png

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["NAMES", "Icons"]

_UNITS = 24
_LINE = 1.8
#: Of the window's icon: task bars and switchers choose what fits them.
_WINDOW_SIZES = (64, 32, 16)


class _Pen:
    """Draws on a mask in units."""

    def __init__(self, side: int) -> None:
        self.side = side
        self._unit = side / _UNITS
        self._line = max(1.0, _LINE * self._unit)
        self.mask = Mask(side, side)

    def line(self, *points: Point, closed: bool = False) -> None:
        """Draw a line of the usual width."""
        self.mask.stroke(self._placed(points), self._line, is_closed=closed)

    def ring(self, x: float, y: float, radius: float) -> None:
        """Draw a circle."""
        self.line(*arc((x, y), radius, 0, 360))

    def dot(self, x: float, y: float, radius: float) -> None:
        """Fill a circle."""
        self.mask.disc((x * self._unit, y * self._unit), radius * self._unit)

    def fill(self, *points: Point) -> None:
        """Fill a polygon."""
        self.mask.polygon(self._placed(points))

    def cut(self, draw: Callable[[_Pen], None]) -> None:
        """Take away what another drawing covers."""
        other = _Pen(self.side)
        draw(other)
        self.mask.without(other.mask)

    def wide(self, width: float, *points: Point) -> None:
        """Draw a line of another width."""
        self.mask.stroke(self._placed(points), width * self._unit)

    def _placed(self, points: tuple[Point, ...]) -> list[Point]:
        return [(x * self._unit, y * self._unit) for x, y in points]


class Icons:
    """Pictures by name; keep it as long as the window. A picture that was given changes with the theme and the zoom."""

    def __init__(self, root: tk.Tk, theme: Theme) -> None:
        self._root = root
        self._theme = theme
        self._pictures: dict[tuple[str, str, int], tk.PhotoImage] = {}
        self._drawn: dict[tuple[str, str, int], tuple[int, str]] = {}
        self._window: dict[bool, list[tk.PhotoImage]] = {}
        root.bind("<<ThemeChanged>>", self._theme_changed, add=True)

    def get(self, name: str, role: str = "ink", px: int = 16) -> tk.PhotoImage:
        """Return an icon in the colour of a role of the palette; `px` is meant for 96 dots an inch and no zoom.

        Raises KeyError for a name that is not in NAMES.
        """
        key = (name, role, px)
        if key not in self._pictures:
            self._pictures[key] = tk.PhotoImage(master=self._root)
            self._draw(key)
        return self._pictures[key]

    def put_on_window(self, window: tk.Wm, *, is_unread: bool = False) -> None:
        """Give a window, and those it opens, our icon; with a dot when something waits to be read."""
        if is_unread not in self._window:
            pictures = (_window_png(side, is_unread=is_unread) for side in _WINDOW_SIZES)
            self._window[is_unread] = [tk.PhotoImage(master=self._root, data=data, format="png") for data in pictures]
        window.wm_iconphoto(True, *self._window[is_unread])

    def _draw(self, key: tuple[str, str, int]) -> None:
        name, role, px = key
        side, colour = max(8, self._theme.px(px)), getattr(self._theme.palette, role)
        if self._drawn.get(key) != (side, colour):
            self._drawn[key] = (side, colour)
            pen = _Pen(side)
            _DRAWINGS[name](pen)
            self._pictures[key].configure(data=png([(pen.mask, colour)]), format="png")

    def _theme_changed(self, event: tk.Event[tk.Misc]) -> None:
        if event.widget is self._root:  # the window hears of every widget's, too
            for key in self._pictures:
                self._draw(key)


def _rooms(pen: _Pen) -> None:
    for points in (((9.5, 4), (7.5, 20)), ((16.5, 4), (14.5, 20)), ((4.5, 9), (20, 9)), ((4, 15), (19.5, 15))):
        pen.line(*points)


def _people(pen: _Pen) -> None:
    pen.ring(9, 8, 3.5)
    pen.line(*arc((9, 20), 6.2, 180, 360))
    pen.line(*arc((15.6, 8), 3.5, -70, 70))
    pen.line(*arc((15, 20), 6.2, 305, 360))


def _search(pen: _Pen) -> None:
    pen.ring(10.5, 10.5, 6.5)
    pen.line((15.3, 15.3), (20.5, 20.5))


def _gear(pen: _Pen) -> None:
    _cog(pen, 0)
    pen.cut(lambda hole: _cog(hole, _LINE))
    pen.ring(12, 12, 2.8)


def _cog(pen: _Pen, less: float) -> None:
    """Fill a toothed wheel, by so much less all around."""
    for angle in range(0, 360, 45):
        pen.wide(5.0 - 2 * less, (12, 12), arc((12, 12), 8.2, angle, angle)[0])
    pen.dot(12, 12, 8.2 - less)


def _send(pen: _Pen) -> None:
    pen.fill((3, 3.5), (22, 12), (3, 20.5), (5.6, 13.2), (14.5, 12), (5.6, 10.8))


def _plus(pen: _Pen) -> None:
    pen.line((12, 4.5), (12, 19.5))
    pen.line((4.5, 12), (19.5, 12))


def _close(pen: _Pen) -> None:
    pen.line((5.5, 5.5), (18.5, 18.5))
    pen.line((18.5, 5.5), (5.5, 18.5))


def _up(pen: _Pen) -> None:
    pen.line((5, 15.5), (12, 8.5), (19, 15.5))


def _down(pen: _Pen) -> None:
    pen.line((5, 8.5), (12, 15.5), (19, 8.5))


def _left(pen: _Pen) -> None:
    pen.line((15.5, 5), (8.5, 12), (15.5, 19))


def _right(pen: _Pen) -> None:
    pen.line((8.5, 5), (15.5, 12), (8.5, 19))


def _back(pen: _Pen) -> None:
    pen.line((20, 12), (4.5, 12))
    pen.line((11, 5.5), (4.5, 12), (11, 18.5))


def _bell(pen: _Pen) -> None:
    pen.line((4, 17.5), (6.2, 14.5), (6.2, 10), *arc((12, 9.8), 5.8, 180, 360), (17.8, 14.5), (20, 17.5), closed=True)
    pen.line(*arc((12, 18.6), 2.4, 20, 160))


def _bell_off(pen: _Pen) -> None:
    _bell(pen)
    pen.cut(lambda gap: gap.wide(4.2, (3.2, 3.2), (20.8, 20.8)))
    pen.line((3.5, 3.5), (20.5, 20.5))


def _at(pen: _Pen) -> None:
    pen.ring(12, 12, 3.8)
    pen.line((15.8, 8.2), (15.8, 12.6), *arc((18, 12.6), 2.2, 180, 0), *arc((12, 12), 8.6, 0, -310))


def _copy(pen: _Pen) -> None:
    pen.line((8.5, 8.5), (20, 8.5), (20, 20), (8.5, 20), closed=True)
    pen.line((5, 15.5), (4, 15.5), (4, 4), (15.5, 4), (15.5, 5))


def _save(pen: _Pen) -> None:
    pen.line((12, 3.5), (12, 15))
    pen.line((6.8, 10), (12, 15.2), (17.2, 10))
    pen.line((4, 16), (4, 20), (20, 20), (20, 16))


def _moon(pen: _Pen) -> None:
    pen.dot(12, 12, 9)
    pen.cut(lambda sky: sky.dot(16.6, 8.6, 7.6))


def _sun(pen: _Pen) -> None:
    pen.ring(12, 12, 4.2)
    for angle in range(0, 360, 45):
        pen.line(arc((12, 12), 7.8, angle, angle)[0], arc((12, 12), 10, angle, angle)[0])


def _host(pen: _Pen) -> None:
    for top in (4, 13.5):
        pen.line((3.5, top), (20.5, top), (20.5, top + 6.5), (3.5, top + 6.5), closed=True)
        pen.dot(7.4, top + 3.25, 1.3)


def _menu(pen: _Pen) -> None:
    for y in (6, 12, 18):
        pen.line((4, y), (20, y))


def _more(pen: _Pen) -> None:
    for x in (5, 12, 19):
        pen.dot(x, 12, 1.9)


def _warning(pen: _Pen) -> None:
    pen.line((12, 4), (21, 19.5), (3, 19.5), closed=True)
    pen.line((12, 9.8), (12, 13.6))
    pen.dot(12, 16.6, 1.2)


def _check(pen: _Pen) -> None:
    pen.line((4.5, 12.8), (9.8, 18), (19.5, 6.5))


def _retry(pen: _Pen) -> None:
    pen.line(*arc((12, 12), 7.8, -40, 250))
    pen.line((12.6, 6.9), (18, 7.2), (18.6, 1.8))


def _leave(pen: _Pen) -> None:
    pen.line((10.5, 4), (4, 4), (4, 20), (10.5, 20))
    pen.line((9, 12), (20, 12))
    pen.line((15.4, 7.2), (20.2, 12), (15.4, 16.8))


def _bubble(pen: _Pen) -> None:
    pen.mask.box((pen.side * 0.06, pen.side * 0.1), (pen.side * 0.94, pen.side * 0.78), pen.side * 0.2)
    pen.fill((5.5, 17), (5.5, 23), (13, 18))


def _lines(pen: _Pen) -> None:
    pen.wide(2.2, (6.8, 8.2), (17.2, 8.2))
    pen.wide(2.2, (6.8, 12.8), (13.4, 12.8))


_DRAWINGS: dict[str, Callable[[_Pen], None]] = {
    "rooms": _rooms, "people": _people, "search": _search, "gear": _gear, "send": _send, "plus": _plus,
    "close": _close, "up": _up, "down": _down, "left": _left, "right": _right, "back": _back, "bell": _bell,
    "bell_off": _bell_off, "at": _at, "copy": _copy, "save": _save, "moon": _moon, "sun": _sun, "host": _host,
    "menu": _menu, "more": _more, "warning": _warning, "check": _check, "retry": _retry, "leave": _leave,
    "bubble": _bubble,
}  # fmt: skip
NAMES = tuple(_DRAWINGS)

#: The window's icon stands on task bars of any colour, so it has its own and follows no theme.
_BUBBLE, _WRITING, _WAITS = "#2f5bd7", "#ffffff", "#e5484d"


def _window_png(side: int, *, is_unread: bool) -> bytes:
    bubble, writing = _Pen(side), _Pen(side)
    _bubble(bubble)
    _lines(writing)
    layers = [(bubble.mask, _BUBBLE), (writing.mask, _WRITING)]
    if is_unread:
        rim, dot = _Pen(side), _Pen(side)
        rim.dot(18, 6, 6)
        dot.dot(18, 6, 4.8)
        layers += [(rim.mask, _WRITING), (dot.mask, _WAITS)]
    return png(layers)
