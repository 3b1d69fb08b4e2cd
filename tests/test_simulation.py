"""A handful of simulated worlds, one of them never seen before, and a look whether the checkers look."""

from __future__ import annotations

import os
import unittest

from tests.simulation.__main__ import catch, fault_of
from tests.simulation.mutants import MUTANTS
from tests.simulation.world import World

#: Worlds that found something once: see docs/testing.md, "What the simulation found".
_FOUND_SOMETHING = {
    6: "leaving and joining in one breath showed messages twice",
    13: "a welcome that was lost took the name with it for 30 days",
    53: "a connection that broke between the commit and the welcome, again and again",
}
#: The mutants that the first few worlds catch; the rest are for `python3 -m tests.simulation --mutants`.
_QUICKLY_CAUGHT = (
    "acknowledge what was not committed",
    "deliver what was not committed",
    "a failed commit uses up its seqs",
    "no dedupe",
    "resume is off by one",
    "the outbox forgets what was sent",
    "a resend has a new mid",
)
_QUICK_SEEDS_MAX = 20


class Worlds(unittest.TestCase):
    def test_worlds_that_once_found_something(self) -> None:
        for seed, what in _FOUND_SOMETHING.items():
            with self.subTest(seed=seed, what=what):
                self.assertIsNone(fault_of(seed))

    def test_a_world_never_seen_before(self) -> None:
        seed = int.from_bytes(os.urandom(4), "big")
        print(f"(fresh seed {seed})", end=" ", flush=True)
        self.assertIsNone(fault_of(seed), f"replay it with: python3 -m tests.simulation --seed {seed}")

    def test_the_same_seed_is_the_same_world(self) -> None:
        digests = []
        for _ in range(2):
            world = World(1)
            self.addCleanup(world.close)
            world.run()
            digests.append(world.trace.digest)
        self.assertEqual(*digests)


class Mutants(unittest.TestCase):
    def test_some_are_caught_at_once(self) -> None:
        mutants = {mutant.name: mutant for mutant in MUTANTS}
        for name in _QUICKLY_CAUGHT:
            with self.subTest(name):
                self.assertIsNotNone(catch(mutants[name], 0, _QUICK_SEEDS_MAX))


if __name__ == "__main__":
    unittest.main()
