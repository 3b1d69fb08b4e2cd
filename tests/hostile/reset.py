"""Connections that are reset as soon as they stand: what they cost, and what is left of them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import NamedTuple

from tests.hostile.callers import reset
from tests.hostile.figures import MIB, Figures
from tests.hostile.target import Pair, Target, Worker
from tests.serving import PATIENCE_S

__all__ = ["SMALL", "Scale", "run"]

_SECONDS_MAX = 120.0
_LOOKS_MAX = 500


class Scale(NamedTuple):
    """How many of them."""

    connections: int = 10_000


SMALL = Scale(connections=400)


def run(scale: Scale) -> Figures:
    """Do it and return the figures."""
    figures = Figures(f"{scale.connections} connections that are reset at once, a quarter of them after a whole hello")
    with ExitStack() as cleanup:
        quiet, loud = Target(cleanup), Target(cleanup)
        pairs = Pair(cleanup, quiet), Pair(cleanup, loud)
        for pair in pairs:
            pair.say(time.perf_counter)
        before, memory, cpu = loud.descriptors(), loud.rss_bytes(), loud.cpu_s()
        worker = Worker(cleanup, reset, loud.address, scale.connections)
        latencies: tuple[list[float], list[float]] = ([], [])
        began = time.monotonic()
        while not worker.has_spoken() and time.monotonic() - began < _SECONDS_MAX:
            for pair, times in zip(pairs, latencies):
                times.append(pair.say(time.perf_counter))
        seconds = worker.hear(PATIENCE_S)
        cpu = loud.cpu_s() - cpu
        left = loud.descriptors() - before
        for _ in range(_LOOKS_MAX):
            if not left:
                break
            pairs[1].say(time.perf_counter)
            left = loud.descriptors() - before
        figures.note("took", f"{seconds:.1f} s, {scale.connections / seconds:.0f} a second")
        figures.note("processor time for each, the pair's talk included", f"{1e6 * cpu / scale.connections:.0f} us")
        figures.hold("descriptors left of them", left, "0", is_met=left == 0)
        growth = loud.rss_bytes() - memory
        figures.hold("memory left of them", f"{growth / MIB:.1f} MiB", "<= 16 MiB", is_met=growth <= 16 * MIB)
        figures.compare("latency of one message meanwhile", *latencies, None)
        errors = loud.errors()
        figures.hold("lines on stderr", errors.count("\n"), "0", is_met=not errors)
    return figures
