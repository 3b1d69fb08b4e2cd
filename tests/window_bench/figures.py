"""What a measure tells: lines of a table, and how a row of times is told in one of them."""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Sequence

from tests.bench.rounds import spread

__all__ = ["Figure", "Measure", "told_ms"]


class Figure(NamedTuple):
    """One line of the table. `beside` is the cost of Tk alone, or the aim."""

    what: str
    value: str
    beside: str = ""


Measure = Callable[[], List[Figure]]


def told_ms(times: Sequence[float]) -> str:
    """Tell times in milliseconds: the median, the least and the most."""
    return spread(times).told(0, "ms")
