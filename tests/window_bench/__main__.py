"""Run the measures of these names, or all, and print what they found."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.machine import described
from tests.window_bench.conversation import burst, finding, large, memory, scrolling
from tests.window_bench.delays import crowd, looks, sheets, switching
from tests.window_bench.flood import flood
from tests.window_bench.idle import idle
from tests.window_bench.leaks import leaks
from tests.window_bench.starting import starting

if TYPE_CHECKING:
    from tests.window_bench.figures import Measure

__all__ = ["MEASURES", "main"]

#: What can be measured, by name. The leaks come early: in a heap that others have grown, growth is not seen.
MEASURES: dict[str, Measure] = {
    "starting": starting, "idle": idle, "leaks": leaks, "memory": memory, "burst": burst, "flood": flood,
    "scrolling": scrolling, "large": large, "finding": finding, "switching": switching, "crowd": crowd, "looks": looks,
    "sheets": sheets,
}  # fmt: skip


def main() -> int:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.window_bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"any of: {', '.join(MEASURES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found there, too")
    options = parser.parse_args()
    unknown = [name for name in options.name if name not in MEASURES]
    if unknown:
        parser.error(f"there is no measure {unknown[0]}; there are {', '.join(MEASURES)}")
    found = {}
    for name in options.name or MEASURES:
        print(name)
        found[name] = MEASURES[name]()
        for figure in found[name]:
            print(f"  {figure.what:<56}{figure.value:<28} {figure.beside}")
    if options.json is not None:
        figures = {name: [figure._asdict() for figure in figures] for name, figures in found.items()}
        options.json.write_text(json.dumps({"machine": described(), "figures": figures}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
