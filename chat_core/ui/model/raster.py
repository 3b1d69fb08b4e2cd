"""Small pictures from shapes, as PNG: what buttons, ticks and icons are made of, sharp at every size.

Pure arithmetic on numbers; who shows them is `view.styles` and `view.icons`. A shape covers each pixel by a share from
0 to 1, which becomes its opacity (anti-aliasing by distance for strokes and boxes, by area for polygons). Tk reads PNG
(RFC 2083) with opacity since 8.6.
"""

from __future__ import annotations

import math
import struct
import zlib
from typing import Sequence, Tuple

__all__ = ["Mask", "Point", "arc", "panel_png", "png"]

Point = Tuple[float, float]

#: A polygon is cut in this many strips a pixel; within a strip the area is exact.
_STRIPS = 4


class Mask:
    """How much of each pixel is covered; at first nothing. Coordinates are pixels from the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.rows = [[0.0] * width for _ in range(height)]

    def stroke(self, points: Sequence[Point], width: float, *, is_closed: bool = False) -> Mask:
        """Draw lines through the points, with round joints and ends."""
        ends = [*points[1:], points[0]] if is_closed else points[1:]
        for start, end in zip(points, ends):
            self._segment(start, end, width / 2)
        return self

    def disc(self, centre: Point, radius: float) -> Mask:
        """Fill a circle."""
        self._segment(centre, centre, radius)
        return self

    def box(self, corner: Point, opposite: Point, radius: float) -> Mask:
        """Fill a rectangle with round corners."""
        (left, top), (right, bottom) = corner, opposite
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        inner_x, inner_y = (right - left) / 2 - radius, (bottom - top) / 2 - radius
        for y, x in self._around(left, top, right, bottom):
            beyond_x, beyond_y = abs(x + 0.5 - middle_x) - inner_x, abs(y + 0.5 - middle_y) - inner_y
            outside = math.hypot(max(beyond_x, 0.0), max(beyond_y, 0.0))
            self._cover(y, x, radius - outside - min(max(beyond_x, beyond_y), 0.0) + 0.5)
        return self

    def polygon(self, points: Sequence[Point]) -> Mask:
        """Fill what lies inside a line that closes itself (by the even-odd rule)."""
        edges = [(a, b) for a, b in zip(points, [*points[1:], points[0]]) if a[1] != b[1]]
        for strip in range(self.height * _STRIPS):
            at = (strip + 0.5) / _STRIPS
            crossings = sorted(
                a[0] + (at - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
                for a, b in edges
                if min(a[1], b[1]) <= at < max(a[1], b[1])
            )
            row = self.rows[strip // _STRIPS]
            for left, right in zip(crossings[::2], crossings[1::2]):
                for x in range(max(0, int(left)), min(self.width, math.ceil(right))):
                    share = min(right, x + 1) - max(left, x)
                    row[x] = min(1.0, row[x] + max(0.0, share) / _STRIPS)
        return self

    def without(self, other: Mask) -> Mask:
        """Take away what another mask of the same size covers."""
        for row, theirs in zip(self.rows, other.rows):
            row[:] = [mine * (1.0 - share) for mine, share in zip(row, theirs)]
        return self

    def _segment(self, start: Point, end: Point, reach: float) -> None:
        (x0, y0), (x1, y1) = start, end
        along_x, along_y = x1 - x0, y1 - y0
        square = along_x * along_x + along_y * along_y
        box = (min(x0, x1) - reach, min(y0, y1) - reach, max(x0, x1) + reach, max(y0, y1) + reach)
        for y, x in self._around(*box):
            from_x, from_y = x + 0.5 - x0, y + 0.5 - y0
            share = max(0.0, min(1.0, (from_x * along_x + from_y * along_y) / square)) if square else 0.0
            self._cover(y, x, reach + 0.5 - math.hypot(from_x - share * along_x, from_y - share * along_y))

    def _around(self, left: float, top: float, right: float, bottom: float) -> list[tuple[int, int]]:
        """List the pixels, as (y, x), that a shape in this rectangle can touch."""
        columns = range(max(0, int(left - 1)), min(self.width, math.ceil(right + 1)))
        rows = range(max(0, int(top - 1)), min(self.height, math.ceil(bottom + 1)))
        return [(y, x) for y in rows for x in columns]

    def _cover(self, y: int, x: int, share: float) -> None:
        if share > self.rows[y][x]:
            self.rows[y][x] = min(1.0, share)


def arc(centre: Point, radius: float, start: float, end: float) -> list[Point]:
    """List points along a part of a circle, from one angle to another: degrees, clockwise from three o'clock."""
    steps = max(2, math.ceil(abs(end - start) / 15))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)) for angle in angles]


def png(layers: Sequence[tuple[Mask, str]]) -> bytes:
    """Put masks, each in its colour `#rrggbb`, on top of each other, the first lowest. All have one size."""
    width, height = layers[0][0].width, layers[0][0].height
    colours = [_channels(colour) for _, colour in layers]
    cells: dict[tuple[float, ...], bytes] = {}  # by shares: most pixels are wholly in a shape or wholly outside
    rows = []
    for y in range(height):
        row = []
        for shares in zip(*(mask.rows[y] for mask, _ in layers)):
            cell = cells.get(shares)
            if cell is None:
                cell = cells[shares] = _blended(list(zip(shares, colours)))
            row.append(cell)
        rows.append(b"".join(row))
    return _file(width, rows)


def panel_png(
    radius: int,
    *,
    fill: str = "",
    edge: str = "",
    edge_px: int = 1,
    gap: str = "",
    gap_px: int = 0,
    ground: str = "",
    wide: int = 8,
    high: int = 8,
) -> bytes:
    """Draw a box with round corners that can be stretched: corners of `radius` pixels, `wide` and `high` ones between.

    Inwards: the edge, a gap, the fill; each may be left out (""), and what is left out lets the ground through. With a
    `ground`, what is covered in part is mixed with that colour: each pixel is then opaque or not there at all.
    Only one corner is computed, the rest is its mirror: 0.2 ms.
    """
    rings = [(0, edge_px, edge), (edge_px, edge_px + gap_px, gap), (edge_px + gap_px, radius + max(wide, high), fill)]
    layers = [(start, end, _channels(colour)) for start, end, colour in rings if colour and end > start]
    below = _channels(ground) if ground else None
    cells: dict[float, bytes] = {}  # by depth: most are the same
    rows = []
    for y in range(radius + 1):  # one more than the corner: the row and the column that are repeated
        row = []
        for x in range(radius + 1):
            depth = min(x, y) + 0.5
            if x < radius and y < radius:
                depth = radius - math.hypot(radius - x - 0.5, radius - y - 0.5)
            cell = cells.get(depth)
            if cell is None:
                shares = [(_overlap(depth, start, end), colour) for start, end, colour in layers]
                cell = cells[depth] = _summed(shares, below)
            row.append(cell)
        rows.append(b"".join(row[:-1]) + row[-1] * wide + b"".join(reversed(row[:-1])))
    return _file(2 * radius + wide, rows[:-1] + rows[-1:] * high + rows[-2::-1])


def _overlap(depth: float, start: int, end: int) -> float:
    """Return how much of a pixel lies between two depths, given the depth of its centre."""
    return max(0.0, min(1.0, depth - start + 0.5) - max(0.0, min(1.0, depth - end + 0.5)))


def _blended(shares: Sequence[tuple[float, tuple[int, int, int]]]) -> bytes:
    """Lay colours over each other ("over", T. Porter and T. Duff 1984) and return red, green, blue, opacity."""
    red = green = blue = opacity = 0.0
    for share, colour in shares:
        if share:
            kept = 1.0 - share
            red = red * kept + colour[0] * share
            green = green * kept + colour[1] * share
            blue = blue * kept + colour[2] * share
            opacity = opacity * kept + share
    return _pixel(red, green, blue, opacity)


def _summed(shares: Sequence[tuple[float, tuple[int, int, int]]], ground: tuple[int, int, int] | None = None) -> bytes:
    """Put colours beside each other in one pixel and return red, green, blue, opacity.

    Where there is any, the ground fills what is left of the pixel, unless that is all of it.
    """
    opacity = sum(share for share, _ in shares)
    if ground and opacity > 0.0:
        shares, opacity = [*shares, (1.0 - opacity, ground)], 1.0
    red, green, blue = (sum(share * colour[channel] for share, colour in shares) for channel in range(3))
    return _pixel(red, green, blue, opacity)


def _pixel(red: float, green: float, blue: float, opacity: float) -> bytes:
    if opacity <= 0.0:
        return b"\0\0\0\0"
    # Sums of shares can come out a hair above 1.
    return bytes((
        min(255, round(red / opacity)), min(255, round(green / opacity)), min(255, round(blue / opacity)),
        min(255, round(opacity * 255)),
    ))  # fmt: skip


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _file(width: int, rows: Sequence[bytes]) -> bytes:
    """Write rows of RGBA as PNG: RFC 2083, sections 3 and 4; no filter (byte 0 before each row)."""
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 1)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
