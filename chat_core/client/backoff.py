"""When to try again: full jitter ("Exponential Backoff and Jitter", AWS Architecture Blog, 2015).

Pure: no clock and no chance of its own. A thousand clients of a restarted server must not come back in step, so
each waits a random part of a time that doubles with every failure in a row.
"""

from __future__ import annotations

from typing import Callable

from chat_core import limits

__all__ = ["Backoff"]

#: A server's `retry` is believed up to here.
_RETRY_S_MAX = 600.0
#: The exponent is bounded too, for 2.0**1024 is an error; the cap is reached long before.
_DOUBLINGS_MAX = 30


class Backoff:
    """Counts failures in a row. `jitter(low, high)` draws a number between the two."""

    def __init__(self, jitter: Callable[[float, float], float]) -> None:
        self._jitter = jitter
        self._failures = 0

    def reset(self, quick_tries: int = 1) -> None:
        """Begin again: so many waits are within the first bound, and then it doubles."""
        self._failures = 1 - quick_tries

    def next_delay_s(self, retry_s: float) -> float:
        """Count a failure and return how long to wait: what the server asked for, and the jitter on top."""
        ceiling_s = min(limits.BACKOFF_MAX_S, limits.BACKOFF_FIRST_S * 2 ** max(0, min(self._failures, _DOUBLINGS_MAX)))
        self._failures += 1
        return max(0.0, min(retry_s, _RETRY_S_MAX)) + self._jitter(0.0, ceiling_s)
