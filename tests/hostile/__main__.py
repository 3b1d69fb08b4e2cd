"""Do it to real server processes and print figures: `python3 -m tests.hostile [slow|half-open|reset|descriptors|all]`.

`faults` lets every single call of the conversation in `tests.test_fault_injection` fail once. Exit status 1 when a
target was missed. Servers listen on 127.0.0.1; two cores are kept busy for about six minutes.
"""

from __future__ import annotations

import argparse
import sys
import unittest
from typing import TYPE_CHECKING, Callable

from tests.hostile import descriptors, half_open, reset, slow
from tests.test_fault_injection import EveryCall

if TYPE_CHECKING:
    from tests.hostile.figures import Figures

if sys.platform != "win32":
    import resource

_SCENARIOS: tuple[tuple[str, Callable[[], Figures]], ...] = (
    ("slow", lambda: slow.run(slow.Scale())),
    ("slow", lambda: slow.run_one_by_one(slow.Scale(together=20, text_chars=8_000))),
    ("half-open", lambda: half_open.run(half_open.Scale())),
    ("reset", lambda: reset.run(reset.Scale())),
    ("descriptors", lambda: descriptors.run(descriptors.Scale())),
)


class EverySingleCall(EveryCall):
    """Without leaving one out."""

    stride = 1


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.hostile", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=[*dict(_SCENARIOS), "faults", "all"], nargs="?", default="all")
    what = parser.parse_args().what
    has_missed = False
    if what in ("faults", "all"):
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(EverySingleCall)
        has_missed = not unittest.TextTestRunner().run(suite).wasSuccessful()
    if what == "faults":
        return has_missed
    if sys.platform != "linux":
        print("Processes are measured by what Linux tells of them.", file=sys.stderr)
        return 2
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for name, scenario in _SCENARIOS:
        if what in (name, "all"):
            figures = scenario()
            print(f"\n{figures.table()}", flush=True)
            has_missed = has_missed or bool(figures.missed)
    return has_missed


if __name__ == "__main__":
    sys.exit(main())
