"""Fuzz the server and the client: `python3 -m tests.fuzz --frames 1000000`; see a failure again: `--only FRAME`."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from typing import Callable

from tests.fuzz.oldest import OldestPython, find_python
from tests.fuzz.runs import FRAMES_PER_WORLD, SIDES, Failure, Run, play

_REPORT_EVERY_S = 30.0


def main() -> int:
    """Run what was asked for; exit status 1 when something went wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000, help="how many, all sides together (%(default)s)")
    parser.add_argument("--seed", type=int, help="of the run (a fresh one, which is printed)")
    parser.add_argument("--side", choices=(*SIDES, "both"), default="both", help="who is fuzzed (%(default)s)")
    parser.add_argument("--only", type=int, metavar="FRAME", help="play the world of this frame again, and print it")
    options = parser.parse_args()
    sides = list(SIDES) if options.side == "both" else [options.side]
    seed = secrets.randbits(31) if options.seed is None else options.seed
    if options.only is not None:
        if len(sides) != 1 or options.seed is None:
            parser.error("--only needs --side and --seed")
        return _replay(sides[0], seed, options.only)
    print(f"seed {seed}", flush=True)
    python = find_python()
    oldest = None if python is None else OldestPython(python)
    keep = _drop if oldest is None else oldest.keep
    failures = [_run(side, seed, options.frames // len(sides), keep) for side in sides]
    if oldest is not None:
        is_well, said = oldest.finish()
        print(said)
        failures.append(not is_well)
    else:
        reason = "this is Python 3.8" if sys.version_info[:2] == (3, 8) else "there is no Python 3.8 here"
        print(f"what was stored is not read a second time: {reason}")
    return 1 if any(failures) else 0


def _drop(payload: bytes) -> None:
    del payload


def _run(side: str, seed: int, frames: int, keep: Callable[[bytes], None]) -> bool:
    """Play worlds until so many frames were taken. Returns whether one failed."""
    run = Run(side, seed, keep)
    began, began_cpu = time.monotonic(), time.process_time()
    report_at = began + _REPORT_EVERY_S
    while run.frames < frames:
        failure = run.go_on()
        if failure is not None:
            print(failure, flush=True)
            return True
        if time.monotonic() >= report_at:
            report_at += _REPORT_EVERY_S
            print(f"{side}: {run.frames} frames so far", flush=True)
    seconds, cpu = time.monotonic() - began, time.process_time() - began_cpu
    verdict = f"nothing new, {run.known} worlds ended with a fault that is known" if run.known else "nothing escaped"
    print(
        f"{side}: {run.frames} frames in {run.worlds} worlds, {seconds:.0f} s, {run.frames / cpu:.0f} a second of one "
        f"core, {verdict}",
        flush=True,
    )
    return False


def _replay(side: str, seed: int, frame: int) -> int:
    outcome = play(side, seed, frame // FRAMES_PER_WORLD, _drop)
    if isinstance(outcome, Failure):
        print(outcome)
        return 1
    print(f"{outcome} frames, and nothing went wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
