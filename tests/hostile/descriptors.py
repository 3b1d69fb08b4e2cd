"""No file descriptors left: those who are in notice nothing, the processor rests, and later others come in again.

The bound is set on the running server from outside, so that it cannot know of it. What a server does that knows its
bound from the start, which is to say "full", is measured beside it.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from typing import Callable, NamedTuple

from tests.hostile.callers import knock
from tests.hostile.figures import Figures, in_ms
from tests.hostile.target import Pair, Target, Worker
from tests.serving import PATIENCE_S

if sys.platform == "linux":
    import resource

__all__ = ["SMALL", "Scale", "run"]

IDLE_MAX = 0.05
RATIO_MAX = 1.25
_PAUSE_S = 0.1


class Scale(NamedTuple):
    """How many people, how many callers, and for how long each thing is measured."""

    people: int = 20
    callers: int = 200
    seconds: float = 8.0


SMALL = Scale(people=5, callers=40, seconds=0.5)


def run(scale: Scale) -> Figures:
    """Do it and return the figures."""
    figures = Figures(f"{scale.callers} callers at a server of {scale.people} people that has no descriptor left")
    with ExitStack() as cleanup:
        quiet, loud = Target(cleanup), Target(cleanup)
        people = [loud.client() for _ in range(scale.people)]
        for number, client in enumerate(people):
            cleanup.callback(client.close)
            client.hello(f"person {number}")
            client.join("lobby")
        pairs = Pair(cleanup, quiet), Pair(cleanup, loud)
        figures.note("processor time, nobody knocking", f"{_load(loud, scale.seconds):.1%} of one core")
        release = _exhaust(loud)
        worker = Worker(cleanup, knock, loud.address, scale.callers, _PAUSE_S)
        assert worker.hear(PATIENCE_S) == "knocking"
        load = _load(loud, scale.seconds)
        figures.hold(
            "processor time, while they knock", f"{load:.1%} of one core", f"<= {IDLE_MAX:.0%}", is_met=load <= IDLE_MAX
        )
        latencies = _talk(pairs, scale.seconds)
        figures.compare("latency of one message meanwhile", *latencies, RATIO_MAX)
        for client in people:
            client.send({"type": "ping"})
        answered = sum(client.expect("pong") is not None for client in people)
        figures.hold("people who are still in", answered, str(scale.people), is_met=answered == scale.people)
        began = time.monotonic()
        release()
        newcomer = loud.client()  # stands in the queue behind those who knock
        cleanup.callback(newcomer.close)
        newcomer.hello("newcomer")
        figures.note("there is room: the next login took", in_ms(time.monotonic() - began))
        worker.tell("enough")
        figures.note("callers turned away meanwhile", worker.hear(PATIENCE_S))
        warnings = loud.errors().splitlines()
        figures.note("warnings on stderr", f"{len(warnings)}: {warnings[0][24:] if warnings else ''}")
        assert all("Out of file descriptors" in warning for warning in warnings), warnings
        _tell_full(figures, scale)
    return figures


def _tell_full(figures: Figures, scale: Scale) -> None:
    with ExitStack() as cleanup:
        full = Target(cleanup, "--max-clients", str(2))
        pair = Pair(cleanup, full)
        worker = Worker(cleanup, knock, full.address, scale.callers, _PAUSE_S)
        assert worker.hear(PATIENCE_S) == "knocking"
        load = _load(full, scale.seconds)
        pair.say(time.perf_counter)
        worker.tell("enough")
        figures.note(
            "for comparison, a server that knows it is full",
            f"{load:.1%} of one core, {worker.hear(PATIENCE_S)} turned away",
        )


def _exhaust(target: Target) -> Callable[[], object]:
    """Leave the server no descriptor but those that it has. Returns what takes that back."""
    assert sys.platform == "linux"
    pid = target.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    assert target.descriptors() == highest + 1, "one that is free below the bound would be used"
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1, hard))
    return lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


def _load(target: Target, seconds: float) -> float:
    """Return the part of one core that the server uses while nothing is asked of it but what the others do."""
    began, cpu = time.monotonic(), target.cpu_s()
    time.sleep(seconds)
    return (target.cpu_s() - cpu) / (time.monotonic() - began)


def _talk(pairs: tuple[Pair, Pair], seconds: float) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        for pair, measured in zip(pairs, times):
            measured.append(pair.say(time.perf_counter))
    return times
