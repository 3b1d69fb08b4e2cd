"""Connections that never log in, half of them trickling a hello one byte a second: when they are gone, and who notices.

Half of them close when the server ends the connection; the others keep their side open, and trickle on. Meanwhile
people log in, in turns at the server that has them and at one that has not.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import NamedTuple

from tests.hostile.callers import be_half_open
from tests.hostile.figures import Figures
from tests.hostile.target import Target, Worker
from tests.serving import PATIENCE_S

__all__ = ["Scale", "run"]

GONE_WITHIN_S = 20.0
RATIO_MAX = 1.25
_WATCHED_S = 27.0
_LOGIN_EVERY_S = 0.02


class Scale(NamedTuple):
    """How many of them."""

    peers: int = 2_000


def run(scale: Scale) -> Figures:
    """Do it and return the figures."""
    figures = Figures(f"{scale.peers} connections that never log in, half of them trickling one byte a second")
    with ExitStack() as cleanup:
        quiet, loud = Target(cleanup), Target(cleanup)
        before, memory = loud.descriptors(), loud.rss_bytes()
        began = time.monotonic()
        worker = Worker(cleanup, be_half_open, loud.address, scale.peers, _WATCHED_S)
        opening_s = worker.hear(PATIENCE_S)
        opened_at = time.monotonic()
        assert loud.descriptors() > before + scale.peers // 2
        peak = loud.rss_bytes()
        logins: tuple[list[float], list[float]] = ([], [])
        gone_at: float | None = None
        cpu = loud.cpu_s()
        number = 0
        while not worker.has_spoken():
            first = number % 2
            for target, times in list(zip((quiet, loud), logins))[:: -1 if first else 1]:
                times.append(_log_in(target, number))
            number += 1
            if gone_at is None and loud.descriptors() <= before:
                gone_at = time.monotonic()
            time.sleep(_LOGIN_EVERY_S)
        lasted = worker.hear(PATIENCE_S)
        ended = [seconds for seconds in lasted if seconds is not None]
        figures.note("opened within", f"{opening_s:.1f} s")
        figures.hold(
            "told to go, the last one after",
            f"{max(ended):.1f} s, {len(ended)} of {scale.peers}",
            f"<= {GONE_WITHIN_S:.0f} s",
            is_met=len(ended) == scale.peers and max(ended) <= GONE_WITHIN_S,
        )
        gone_s = None if gone_at is None else gone_at - opened_at
        figures.hold(
            "no descriptor left of them, after the last was opened",
            "never" if gone_s is None else f"{gone_s:.1f} s",
            f"<= {GONE_WITHIN_S:.0f} s",
            is_met=gone_s is not None and gone_s <= GONE_WITHIN_S,
        )
        figures.compare(f"login, {number} at each server", *logins, RATIO_MAX)
        figures.note("memory for each of them", f"{(peak - memory) / scale.peers / 1_024:.1f} KiB")
        elapsed = time.monotonic() - began
        figures.note("processor time, logins included", f"{(loud.cpu_s() - cpu) / elapsed:.0%} of one core")
        assert not loud.errors(), loud.errors()
    return figures


def _log_in(target: Target, number: int) -> float:
    """Connect, log in and leave; return the seconds until the welcome."""
    began = time.perf_counter()
    client = target.client()
    client.hello(f"login {number}")
    took = time.perf_counter() - began
    client.close()
    return took
