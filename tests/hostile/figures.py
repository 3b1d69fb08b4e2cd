"""Figures, the targets they are held against, and the table that shows both."""

from __future__ import annotations

from typing import NamedTuple, Sequence

__all__ = ["MIB", "Figure", "Figures", "in_ms", "percentile"]

MIB = 1_048_576


class Figure(NamedTuple):
    """One measured thing. `is_met` is None where there is no target."""

    what: str
    value: str
    target: str = ""
    is_met: bool | None = None


class Figures:
    """The figures of one run, in the order in which they are to be read."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.all: list[Figure] = []

    def note(self, what: str, value: object) -> None:
        """Add something that is only told."""
        self.all.append(Figure(what, str(value)))

    def hold(self, what: str, value: object, target: str, *, is_met: bool) -> None:
        """Add something that has a target."""
        self.all.append(Figure(what, str(value), target, is_met))

    def compare(self, what: str, without: Sequence[float], within: Sequence[float], ratio_max: float | None) -> None:
        """Add latencies in seconds, of a server that is left alone and of one that is not, measured in turns.

        The median is held against the target: of the 99th percentile a shared machine has more to say than the
        server, so it is told.
        """
        for name, part, bound in (("p50", 0.50, ratio_max), ("p99", 0.99, None)):
            quiet, loud = percentile(without, part), percentile(within, part)
            ratio = loud / quiet if quiet else float("inf")
            value = f"{in_ms(quiet)} -> {in_ms(loud)}, ratio {ratio:.2f}"
            if bound is None:
                self.note(f"{what}, {name}", value)
            else:
                self.hold(f"{what}, {name}", value, f"ratio <= {bound}", is_met=ratio <= bound)

    @property
    def missed(self) -> list[Figure]:
        """Return those whose target was missed."""
        return [figure for figure in self.all if figure.is_met is False]

    def table(self) -> str:
        """Write them as a table."""
        widths = [max(len(figure[column]) for figure in self.all) for column in (0, 1, 2)]  # type: ignore[arg-type]
        lines = [self.title]
        for figure in self.all:
            mark = {None: "", True: "met", False: "MISSED"}[figure.is_met]
            cells = zip((figure.what, figure.value, figure.target), widths)
            lines.append("  " + "  ".join(text.ljust(width) for text, width in cells) + "  " + mark)
        return "\n".join(line.rstrip() for line in lines)


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which such a part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def in_ms(seconds: float) -> str:
    """Spell a duration in milliseconds."""
    return f"{1_000 * seconds:.2f} ms"
