"""Fan-out: how many deliveries a second, at what cost, how late, and side by side with whom.

A case is `sat:N:K` (N receivers, K senders that send as fast as they may), `all:N` (everybody sends) or `paced:N:RATE`
(RATE messages a second from one sender to N receivers). Every round goes through all servers before the next one, with
a fresh server for every run, so that whatever else the machine does meets all of them. How a run is made is in `load`,
what is made of the runs in `summary`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Mapping, NamedTuple, Sequence

from tests.bench import peers, picture, summary
from tests.bench.load import IN_FLIGHT, Load, Result
from tests.bench.machine import Cores, allow_descriptors, cpu_s, waited_s
from tests.bench.streams import Wrong
from tests.bench.tongues import TEXT_CHARS
from tests.hostile.figures import percentile

if TYPE_CHECKING:
    from tests.bench.summary import Row

__all__ = ["PACED", "SATURATED", "SECS_MAX", "Case", "Mistake", "add_options", "run", "run_once", "writable_path"]

SATURATED = ("sat:10:1", "sat:100:1", "sat:100:4", "sat:1000:1", "sat:1000:4", "all:50")
PACED = ("paced:100:1000", "paced:1000:100")
#: What the picture shows.
_DRAWN = ("sat:1:1", "sat:10:1", "sat:100:1", "sat:1000:1")
_QUICK = ("sat:3:1", "sat:3:2", "all:3", "paced:3:50")
_DRAWN_QUICK = ("sat:1:1", "sat:3:1")
_QUICK_SECS = 0.1
#: A receiver that says nothing for 30 s is asked whether it is there, and that is no message.
SECS_MAX = 20.0
#: The beginning of a paced run, which is not measured.
_WARM_S = 0.5
#: Descriptors of the generator, and of a server, that are not connections.
_DESCRIPTORS_KEPT = 64


class Mistake(ValueError):
    """What was asked for cannot be done."""


class Case(NamedTuple):
    """One kind of run. `rate` is messages a second, 0 when saturated."""

    kind: str
    receivers: int
    senders: int
    rate: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Case:
        """Read one as it is written on the command line. Raises `Mistake`."""
        kind, *numbers = text.split(":")
        counts = [int(number) for number in numbers if number.isdecimal()]
        if len(counts) == len(numbers) and min(counts, default=0) >= 1:
            if kind == "all" and len(counts) == 1:
                return cls(kind, counts[0], counts[0])
            if kind == "sat" and len(counts) == 2:
                return cls(kind, counts[0], counts[1])
            if kind == "paced" and len(counts) == 2:
                return cls(kind, counts[0], 1, float(counts[1]))
        raise Mistake(f"a case is sat:N:K, all:N or paced:N:RATE, not {text!r}")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what this part can be asked for."""
    add = parser.add_argument
    add("--secs", type=float, default=2.0, help="how long each run sends (%(default)s, at most 20)")
    add("--cases", metavar="A,B", help="sat:N:K, all:N, paced:N:RATE")
    add("--servers", metavar="A,B", help=f"of {', '.join(peers.ALL)}")
    add("--also", metavar="[NAME=]PATH", action="append", default=[], help="another checkout of the project, beside it")
    add("--picture", metavar="FILE", type=writable_path, help="draw throughput against receivers; its cases are added")


def writable_path(text: str) -> Path:
    """Read where to write to. Whoever mistyped it is told before an hour of measuring and not after it."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"cannot write to {text}")
    return path


def run(options: argparse.Namespace, cases: Sequence[str] = (*SATURATED, *PACED)) -> dict[str, object]:
    """Measure, print the tables, and return everything for the JSON."""
    if options.cases:
        cases = options.cases.split(",")
    elif options.quick:
        kinds = {case.partition(":")[0] for case in cases}
        cases = [case for case in _QUICK if case.partition(":")[0] in kinds]
    drawn = (_DRAWN_QUICK if options.quick else _DRAWN) if options.picture else ()
    cases = list(dict.fromkeys([*cases, *drawn]))
    secs = min(SECS_MAX, _QUICK_SECS if options.quick else options.secs)
    chosen = _chosen(options)
    present = [peer for peer in chosen if peers.installed(peer)]
    left_out = [peer.name for peer in chosen if peer not in present]
    if left_out:
        print(f"not installed, left out: {', '.join(left_out)}")
    if not present:
        raise Mistake("none of these servers is installed")
    parsed = {text: Case.parse(text) for text in cases}
    cores = Cores(is_wanted=not options.no_pin)
    try:
        rows = _measure(present, parsed, options.rounds, secs, cores)
    finally:
        cores.give_back()
    base = present[0].name
    found = summary.of(rows, base)
    for case in cases:
        print(f"\n{summary.table(case, found[case], base)}", flush=True)
    if options.picture:
        points = {case: parsed[case].receivers for case in drawn}
        how = "server on one core, load on another one" if cores.is_pinned else "server and load share all cores"
        drawing = picture.draw(summary.lines(found, points), f"{TEXT_CHARS} characters each; {how}")
        options.picture.write_text(drawing, encoding="utf-8")
    return {
        "secs": secs, "rounds": options.rounds, "in_flight": IN_FLIGHT, "text_chars": TEXT_CHARS, "base": base,
        "is_pinned": cores.is_pinned, "left_out": left_out, "runs": rows, "summary": found,
        "failed": [summary.line(row) for row in rows if row["error"]],
    }  # fmt: skip


def _chosen(options: argparse.Namespace) -> list[peers.Peer]:
    names = options.servers.split(",") if options.servers else peers.QUICK if options.quick else peers.DEFAULT
    unknown = [name for name in names if name not in peers.ALL]
    if unknown:
        raise Mistake(f"no such server: {', '.join(unknown)}; there are {', '.join(peers.ALL)}")
    chosen = [peers.ALL[name] for name in names]
    for place, said in enumerate(options.also, 1):
        name, has_name, path = said.rpartition("=")
        checkout = Path(path).resolve()
        if not (checkout / "server_main.py").is_file():
            raise Mistake(f"no checkout of this project: {path}")
        chosen.insert(place, peers.chat(name if has_name else f"chat in {checkout.name}", checkout))
    if len({peer.name for peer in chosen}) < len(chosen):
        raise Mistake("two servers of one name: say --also NAME=PATH")
    return chosen


def _measure(
    present: Sequence[peers.Peer], cases: Mapping[str, Case], rounds: int, secs: float, cores: Cores
) -> list[Row]:
    """Run everything in turns, and say on stderr how it goes."""
    needed = max(case.receivers + case.senders for case in cases.values()) + _DESCRIPTORS_KEPT
    if not allow_descriptors(needed):
        raise Mistake(f"a process may not have {needed} descriptors here")
    rows: list[Row] = []
    for number in range(1, rounds + 1):
        for text, case in cases.items():
            for peer in present:
                row: Row = {"server": peer.name, "case": text, "round": number, "error": ""}
                try:
                    row.update(run_once(peer, case, secs, cores))
                except (Wrong, OSError) as failure:
                    row["error"] = str(failure) or type(failure).__name__
                rows.append(row)
                print(f"round {number}: {summary.line(row)}", file=sys.stderr, flush=True)
    return rows


def run_once(peer: peers.Peer, case: Case, secs: float, cores: Cores) -> Row:
    """Start a server, measure one case on it, and end it. Raises `Wrong` or OSError when there is no figure."""
    with ExitStack() as cleanup:
        served = peers.Served(cleanup, peer, cores)
        everyone = case.kind == "all"
        load = Load(served.address, peer.tongue, case.receivers, case.senders, everyone=everyone)
        cleanup.callback(load.close)
        load.join()
        before = _Spent.of(served.pid)
        if case.rate:
            warm_s = min(_WARM_S, secs / 4)
            result = load.pace(case.rate, secs + warm_s, warm_s)
        else:
            result = load.saturate(secs)
        return _row(result, before, _Spent.of(served.pid))


class _Spent(NamedTuple):
    """What the server and the generator have used so far, in seconds; None where it is not told."""

    at: float
    cpu: float | None
    waited: float | None
    own_waited: float | None

    @classmethod
    def of(cls, pid: int) -> _Spent:
        return cls(time.perf_counter(), cpu_s(pid), waited_s(pid), waited_s(os.getpid()))


def _row(result: Result, before: _Spent, after: _Spent) -> Row:
    def per_cent(start: float | None, end: float | None, secs: float) -> float | None:
        return None if start is None or end is None else 100 * (end - start) / secs

    wall_s = after.at - before.at
    used_s = None if before.cpu is None or after.cpu is None else after.cpu - before.cpu
    row: Row = {
        "messages": result.messages,
        "deliveries": result.deliveries,
        "secs": result.elapsed_s,
        "deliveries_per_s": result.deliveries / result.elapsed_s,
        "cpu_s_per_million": None if used_s is None else 1e6 * used_s / result.deliveries,
        "server_cpu_pct": per_cent(before.cpu, after.cpu, result.elapsed_s),
        "server_waited_pct": per_cent(before.waited, after.waited, wall_s),
        "generator_cpu_pct": 100 * result.generator_cpu_s / result.elapsed_s,
        "generator_waited_pct": per_cent(before.own_waited, after.own_waited, wall_s),
    }
    if result.latencies_s:
        row["p50_us"], row["p99_us"] = (1e6 * percentile(result.latencies_s, part) for part in (0.50, 0.99))
    return row
