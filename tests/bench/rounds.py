"""What repeated rounds tell: a median, and the bounds between which the rounds lay; and how a part is run alone."""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Sequence

if TYPE_CHECKING:
    from tests.hostile.figures import Figures

__all__ = ["Spread", "alone", "as_json", "spread"]

ROUNDS_DEFAULT = 5


class Spread(NamedTuple):
    """The median of some rounds, the least and the most of them."""

    median: float
    least: float
    most: float

    def told(self, digits: int = 2, unit: str = "") -> str:
        """Write it for people: `median (least-most) unit`."""
        text = f"{self.median:,.{digits}f} ({self.least:,.{digits}f}-{self.most:,.{digits}f}) {unit}"
        return text.rstrip().replace(",", " ")


def spread(values: Sequence[float]) -> Spread:
    """Sum up what each round gave."""
    return Spread(statistics.median(values), min(values), max(values))


def as_json(figures: Figures) -> list[dict[str, object]]:
    """Return the lines of a table as they go into the JSON file. `is_met` is null where there is no target."""
    return [figure._asdict() for figure in figures.all]


def alone(
    name: str,
    doc: str | None,
    add_options: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], dict[str, object]],
) -> int:
    """Run one part of the benchmark by itself: `python3 -m tests.bench.NAME`. Exit status 1 after a fault."""
    parser = argparse.ArgumentParser(prog=f"python3 -m tests.bench.{name}", description=(doc or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS_DEFAULT, help="interleaved rounds (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: to see that it works, not to measure")
    parser.add_argument("--no-pin", action="store_true", help="leave the choice of the processor to the system")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured there, too")
    add_options(parser)
    options = parser.parse_args()
    found: dict[str, Any] = run(options)
    if options.json is not None:
        options.json.write_text(json.dumps({name: found}, indent=1) + "\n", encoding="utf-8")
    return 1 if found.get("failed") else 0
