"""Run seeds: `python3 -m tests.simulation --seeds 3000`, read one: `--seed 17`, or try the mutants: `--mutants`."""

from __future__ import annotations

import argparse
import sys
import time
import traceback

from tests.simulation.checkers import Broken
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.world import World

__all__ = ["MUTANT_SEEDS_MAX", "catch", "fault_of", "main"]

MUTANT_SEEDS_MAX = 200


def main() -> int:
    """Run what was asked for; exit status 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many (%(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (%(default)s)")
    parser.add_argument("--seed", type=int, help="run this one alone and print its trace")
    parser.add_argument("--mutants", action="store_true", help="switch each mutant on until a seed catches it")
    options = parser.parse_args()
    if options.mutants:
        return _try_mutants(options.first)
    if options.seed is not None:
        return _read(options.seed)
    began = time.monotonic()
    broken = 0
    for seed in range(options.first, options.first + options.seeds):
        fault = fault_of(seed)
        if fault is not None:
            broken += 1
            print(f"seed {seed}: {fault}", flush=True)
    print(f"{options.seeds} seeds, {broken} broken, {time.monotonic() - began:.0f} s")
    return 1 if broken else 0


def fault_of(seed: int) -> str | None:
    """Run one seed and say which promise was broken, None when all were kept."""
    world = World(seed)
    try:
        world.run()
    except Broken as fault:
        return str(fault)
    finally:
        world.close()
    return None


def catch(mutant: Mutant, first: int, seeds: int) -> tuple[int, str] | None:
    """Run a mutant until a seed catches it: after how many, and by which promise. None when none does."""
    with mutant.switch_on():
        for count in range(1, seeds + 1):
            try:
                fault = fault_of(first + count - 1)
            except Exception as error:
                innermost = traceback.extract_tb(error.__traceback__)[-1]
                if "chat_core" not in innermost.filename:
                    raise
                fault = f"{type(error).__name__}: {error}"  # our own code trips over what it did
            if fault is not None:
                return count, fault
    return None


def _try_mutants(first: int) -> int:
    free = 0
    for mutant in MUTANTS:
        caught = catch(mutant, first, MUTANT_SEEDS_MAX)
        if caught is None:
            free += 1
            print(f"NOT CAUGHT in {MUTANT_SEEDS_MAX} seeds: {mutant.name}", flush=True)
        else:
            print(f"caught after {caught[0]:3} seeds: {mutant.name} ({caught[1][:100]})", flush=True)
    print(f"{len(MUTANTS)} mutants, {len(MUTANTS) - free} caught, {free} not")
    return 1 if free else 0


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
