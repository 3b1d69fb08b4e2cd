"""Run seeds: `python3 -m tests.simulation --seeds 3000`, or read one: `--seed 17`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation.checkers import Broken
from tests.simulation.world import World


def main() -> int:
    """Run what was asked for; exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (%(default)s)")
    parser.add_argument("--seed", type=int, help="run this one alone and print its trace")
    options = parser.parse_args()
    if options.seed is not None:
        return _read(options.seed)
    began = time.monotonic()
    broken = 0
    for seed in range(options.first, options.first + options.seeds):
        world = World(seed)
        try:
            world.run()
        except Broken as fault:
            broken += 1
            print(f"seed {seed}: {fault}", flush=True)
        finally:
            world.close()
    print(f"{options.seeds} seeds, {broken} broken, {time.monotonic() - began:.0f} s")
    return 1 if broken else 0


def _read(seed: int) -> int:
    world = World(seed, keeps_trace=True)
    status = 0
    try:
        world.run()
    except Broken as fault:
        world.trace.note(world.clock.now, f"BROKEN: {fault}")
        status = 1
    finally:
        world.close()
    print("\n".join(world.trace.lines))
    print(f"seed {seed}: trace {world.trace.digest}")
    return status


if __name__ == "__main__":
    sys.exit(main())
