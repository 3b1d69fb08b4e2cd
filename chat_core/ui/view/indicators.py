"""The small marks of check boxes, radio buttons and lists to open, as pictures in the colours they are given.

Which state has which colours is decided by `view.styles`.
"""

from __future__ import annotations

import functools

from chat_core.ui.model.raster import Mask, png

__all__ = ["check_png", "chevron_png", "radio_png"]

_TICK = ((0.31, 0.52), (0.44, 0.65), (0.70, 0.37))


def check_png(side: int, fill: str, edge: str, mark: str, ring: str) -> bytes:
    """Draw a box of `side` pixels; with a tick if there is a `mark`, with a ring around it if there is a `ring`."""
    return _indicator(side, fill, edge, ring, mark, is_round=False)


def radio_png(side: int, fill: str, edge: str, mark: str, ring: str) -> bytes:
    """Draw a circle of `side` pixels; with a dot if there is a `mark`, with a ring around it if there is a `ring`."""
    return _indicator(side, fill, edge, ring, mark, is_round=True)


def chevron_png(side: int, colour: str) -> bytes:
    """Draw an arrow that points down."""
    points = [(side * x, side * y) for x, y in ((0.2, 0.36), (0.5, 0.66), (0.8, 0.36))]
    return png([(Mask(side, side).stroke(points, side * 0.13), colour)])


def _indicator(side: int, fill: str, edge: str, ring: str, mark: str, *, is_round: bool) -> bytes:
    shapes = _shapes(side, is_round)
    colours = (ring, edge, fill, mark)
    return png([(shape, colour) for shape, colour in zip(shapes, colours) if colour])


@functools.lru_cache(maxsize=4)
def _shapes(side: int, is_round: bool) -> tuple[Mask, Mask, Mask, Mask]:  # noqa: FBT001 - a key of the cache
    """Draw the ring, the edge, the inside and the mark, the same for all states."""
    unit = side / 18
    thin = max(1, round(unit))

    def shape(inset: float, radius: float) -> Mask:
        radius = side / 2 - inset if is_round else radius
        return Mask(side, side).box((inset, inset), (side - inset, side - inset), radius)

    if is_round:
        mark = Mask(side, side).disc((side / 2, side / 2), 3 * unit)
    else:
        mark = Mask(side, side).stroke([(side * x, side * y) for x, y in _TICK], 1.8 * unit)
    ring = shape(0, 6 * unit).without(shape(thin, 5 * unit))
    return ring, shape(2 * thin, 4 * unit), shape(3 * thin, 3 * unit), mark
