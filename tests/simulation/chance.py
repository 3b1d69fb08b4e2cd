"""The one source of chance of a simulation, and of its trace.

Only `random.Random.random` is used, whose sequence is the same on every Python version.
"""

from __future__ import annotations

import hashlib
import random
from typing import Sequence, TypeVar

__all__ = ["Chance", "Trace"]

_T = TypeVar("_T")


class Chance:
    """Draws from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def happens(self, probability: float) -> bool:
        """Draw whether something of that probability happens."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """Draw a number from `low` to `high`."""
        return low + (high - low) * self._random.random()

    def below(self, bound: int) -> int:
        """Draw a whole number from 0 to `bound` - 1."""
        return int(self._random.random() * bound)

    def one_of(self, choices: Sequence[_T]) -> _T:
        """Draw one of several."""
        return choices[self.below(len(choices))]

    def bits(self, count: int) -> int:
        """Draw that many random bits."""
        number = 0
        for _ in range((count + 15) // 16):
            number = number << 16 | self.below(1 << 16)
        return number & ((1 << count) - 1)


class Trace:
    """What happened, line by line: as a hash for comparing runs, and as text for reading one."""

    def __init__(self, *, is_kept: bool = False) -> None:
        self.lines: list[str] = []
        self._is_kept = is_kept
        self._hash = hashlib.sha256()

    def note(self, now: float, text: str) -> None:
        """Add a line at a simulated time."""
        line = f"{now:10.3f} {text}"
        self._hash.update(line.encode() + b"\n")
        if self._is_kept:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """The hash of all lines so far."""
        return self._hash.hexdigest()
