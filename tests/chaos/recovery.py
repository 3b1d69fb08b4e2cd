"""How long it takes until everybody is shown messages again after the server was killed.

One sample for each outage and each client: from when the next server said `Listening on`, or from the kill, to the
first message that the client was shown over a connection made after the kill. Whoever does not get that far before the
next kill is not left out: the sample goes on until a message is shown at last.

A return may take long because something else happened to that client: a fault on its connection, its own death, a
server that was stopped. The samples in which nothing else did, from the last message shown before the kill on, are
given on their own as well.
"""

from __future__ import annotations

import bisect
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.chaos.journal import Entry
    from tests.chaos.proxy import Strike
    from tests.chaos.storm import Kill, Story

__all__ = ["Recovery", "Sample", "percentile", "samples_of"]

_NEVER = float("inf")
#: A server takes connections a moment before it says so, and a moment more passes until it is heard.
_SAID_S = 0.2


class Sample(NamedTuple):
    """One client's return after one outage. Times are seconds; infinite when it never returned."""

    name: str
    killed_at: float
    since_listening_s: float
    since_kill_s: float
    is_plain: bool
    #: Whether the server was killed again before.
    missed: bool


class Recovery(NamedTuple):
    """Seconds."""

    samples: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, seconds: list[float]) -> Recovery:
        """Sum up."""
        return cls(len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds, default=0.0))

    def __str__(self) -> str:
        return f"p50 {self.p50:.2f} s, p99 {self.p99:.2f} s, longest {self.longest:.2f} s, of {self.samples} samples"


def percentile(values: list[float], part: float) -> float:
    """Return the smallest value that at least that part of all is not above (nearest rank); 0 of none."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)] if values else 0.0


def samples_of(journals: dict[str, list[Entry]], story: Story, strikes: list[Strike]) -> list[Sample]:
    """Take every client's time after every kill that was followed by a start."""
    samples = []
    outages = _outages(story)
    for name, entries in journals.items():
        returns = _returns(entries)
        shown = [entry["at"] for entry in entries if entry["what"] == "shown"]
        harms = [*_harms(name, story), *((one.since, one.until) for one in strikes if one.passage.name == name)]
        for outage, next_killed_at in zip(outages, [*(later.at for later in outages[1:]), _NEVER]):
            shown_at = _first_after(returns, outage.at, outage.listening_at)
            # What was in the way before the kill still is for whoever had not got over it.
            position = bisect.bisect_left(shown, outage.at)
            since_at = shown[position - 1] if position else outage.at
            samples.append(
                Sample(
                    name,
                    outage.at,
                    shown_at - outage.listening_at,
                    shown_at - outage.at,
                    is_plain=not any(since < shown_at and until > since_at for since, until in harms),
                    missed=next_killed_at < shown_at,
                )
            )
    return samples


def _outages(story: Story) -> list[Kill]:
    """List the kills without those of a server that did not listen yet: they only make an outage longer."""
    first: dict[float, Kill] = {}
    for kill in story.kills:
        first.setdefault(kill.listening_at, kill)
    return [kill for kill in first.values() if kill.listening_at != _NEVER]


def _returns(entries: list[Entry]) -> list[tuple[float, float]]:
    """List when each connection was made and when the first message was shown over it."""
    returns = []
    connected_at: float | None = None
    for entry in entries:
        if entry["what"] == "state" and entry["state"] == "LOGGING_IN":
            connected_at = entry["at"]
        elif entry["what"] == "shown" and connected_at is not None:
            returns.append((connected_at, entry["at"]))
            connected_at = None
    return returns


def _first_after(returns: list[tuple[float, float]], killed_at: float, listening_at: float) -> float:
    for connected_at, shown_at in returns[bisect.bisect_left(returns, (killed_at, 0.0)) :]:
        if connected_at > killed_at and shown_at > listening_at - _SAID_S:
            return max(shown_at, listening_at)
    return _NEVER


def _harms(name: str, story: Story) -> list[tuple[float, float]]:
    died = [(since, until) for names, since, until in story.worker_kills if name in names]
    return [*story.stops, *died]
