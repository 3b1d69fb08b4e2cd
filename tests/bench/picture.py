"""Throughput against receivers as an SVG, one line for each server, readable on light and on dark ground.

Both axes are logarithmic. Nothing is measured here, and no package is needed: it is text.
"""

from __future__ import annotations

import math
from typing import Mapping, NamedTuple, Sequence
from xml.sax.saxutils import escape

from tests.bench.summary import short

__all__ = ["draw"]

_WIDTH, _HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 560, 60, 390
_LABEL_APART = 17
#: On light and on dark ground, told apart by those who do not see red and green too; the first is the project's own.
_COLOURS = (
    ("#c2410c", "#fb923c"), ("#64748b", "#94a3b8"), ("#1d4ed8", "#60a5fa"), ("#0f766e", "#2dd4bf"),
    ("#7e22ce", "#c084fc"), ("#be185d", "#f472b6"), ("#4d7c0f", "#a3e635"), ("#854d0e", "#facc15"),
)  # fmt: skip
_DASHES = ("", "6 4", "2 3", "", "8 3 2 3", "", "4 2", "1 3")


class _Scale(NamedTuple):
    """A logarithmic axis between two whole powers of ten or given ends."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        part = (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return self.start + part * (self.end - self.start)


def draw(lines: Mapping[str, Sequence[tuple[int, float]]], how: str) -> str:
    """Draw for each server its points: receivers, and deliveries a second; `how` is said below the title.

    The first server is drawn thickest.
    """
    counts = sorted({count for points in lines.values() for count, _ in points}) or [1]
    rates = [rate for points in lines.values() for _, rate in points] or [1.0]
    across = _Scale(counts[0], max(counts[-1], counts[0] * 10), _LEFT, _RIGHT)
    low, high = 10 ** math.floor(math.log10(min(rates))), 10 ** math.ceil(math.log10(max(rates)))
    up = _Scale(low, max(high, low * 10), _BOTTOM, _TOP)
    parts = [_head(how), *_axes(across, up, counts)]
    labels = _spread_out([(up.place(points[-1][1]), name) for name, points in lines.items() if points])
    # The first is drawn last, over the others.
    for number, (name, points) in reversed(list(enumerate(lines.items()))):
        if points:
            places = [(across.place(count), up.place(rate)) for count, rate in points]
            parts.append(_line(number % len(_COLOURS), name, places, labels[name], short(points[-1][1])))
    return "\n".join([*parts, "</svg>", ""])


def _head(how: str) -> str:
    def colours(which: int) -> str:
        # No custom properties: not every program that shows an SVG knows them.
        return " ".join(
            f".c{n} path{{stroke:{pair[which]}}} .c{n} circle,.c{n} text{{fill:{pair[which]}}}"
            for n, pair in enumerate(_COLOURS)
        )

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="Deliveries a second against receivers">\n'
        "<style>text{font:13px system-ui,sans-serif;fill:#334155} .title{font-size:16px;font-weight:600} "
        ".grid{stroke:#94a3b8;stroke-opacity:.35} "
        f"{colours(0)} "
        ".line{fill:none;stroke-width:2} .first{stroke-width:4} .name{font-weight:600} "
        ".leader{fill:none;stroke-opacity:.5}\n"
        f"@media (prefers-color-scheme:dark){{text{{fill:#cbd5e1}} {colours(1)}}}</style>\n"
        f'<text class="title" x="{_LEFT}" y="26">Messages delivered a second, one sender</text>\n'
        f'<text x="{_LEFT}" y="45">{escape(how)}</text>'
    )


def _axes(across: _Scale, up: _Scale, counts: Sequence[int]) -> list[str]:
    parts = []
    for power in range(round(math.log10(up.low)), round(math.log10(up.high)) + 1):
        y = up.place(10**power)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_power(power)}</text>')
    for count in counts:
        x = across.place(count)
        parts.append(f'<path class="grid" d="M{x:.1f} {_TOP}V{_BOTTOM}"/>')
        parts.append(f'<text x="{x:.1f}" y="{_BOTTOM + 20}" text-anchor="middle">{count}</text>')
    parts.append(f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 40}" text-anchor="middle">receivers</text>')
    return parts


def _power(power: int) -> str:
    for unit, of_unit in (("M", 6), ("k", 3)):
        if power >= of_unit:
            return f"{10 ** (power - of_unit)} {unit}"
    return str(10**power)


def _line(number: int, name: str, places: Sequence[tuple[float, float]], label_y: float, value: str) -> str:
    dash = f' stroke-dasharray="{_DASHES[number]}"' if _DASHES[number] else ""
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3.5 if number else 5}"/>' for x, y in places)
    x, y = places[-1]
    return (
        f'<g class="c{number}"><path class="line{"" if number else " first"}"{dash} d="{path}"/>{dots}'
        f'<path class="leader" d="M{x + 7:.1f} {y:.1f}L{_RIGHT + 22} {label_y:.1f}"/>'
        f'<text class="name" x="{_RIGHT + 26}" y="{label_y + 4:.1f}">{escape(name)} {value}</text></g>'
    )


def _spread_out(labels: Sequence[tuple[float, str]]) -> dict[str, float]:
    """Give every label a place near its own, from the top down, so that none lies on another one."""
    placed: dict[str, float] = {}
    above = -math.inf
    for y, name in sorted(labels):
        above = max(y, above + _LABEL_APART)
        placed[name] = above
    beyond = max([*placed.values(), _BOTTOM]) - _BOTTOM
    return {name: y - beyond for name, y in placed.items()} if beyond > 0 else placed
