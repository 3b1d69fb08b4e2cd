"""What is made of the runs of a benchmark: medians, ratios of the same round, tables.

A row is one run, as it goes into the JSON: `server`, `case`, `round`, `error` (empty when all was well), and figures,
each of which may be None where the system does not tell it.
"""

from __future__ import annotations

import statistics
from typing import Any, Dict, Iterable, Mapping, Sequence

__all__ = ["Row", "Summary", "line", "lines", "of", "short", "table"]

Row = Dict[str, Any]
#: By case and server: `rounds`, `disturbed`, `errors`, and for each figure its `median`, `min` and `max`.
Summary = Dict[str, Dict[str, Dict[str, Any]]]

_FIGURES = (
    "deliveries_per_s", "cpu_s_per_million", "server_cpu_pct", "generator_cpu_pct",
    "server_waited_pct", "generator_waited_pct", "p50_us", "p99_us",
)  # fmt: skip
#: The base against each server, in the same round: how many times its deliveries, or its processor time.
_RATIOS = {"times_deliveries": "deliveries_per_s", "times_cpu": "cpu_s_per_million"}
#: A run whose server or generator was kept from its core for more than this part of the time tells of something else.
_WAITED_PCT_MAX = 6.0
_SATURATED_HEAD = ("server", "deliveries/s", "(min-max)", "{base} is", "server CPU", "CPU-s/M", "generator CPU")
_PACED_HEAD = (
    "server", "p50 µs", "(min-max)", "p99 µs", "(min-max)", "CPU-s/M", "(min-max)", "{base}'s CPU is", "server CPU",
)  # fmt: skip


def of(rows: Iterable[Row], base: str) -> Summary:
    """Sum up the rows, and compare each server with the base, round by round."""
    grouped: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        grouped.setdefault(row["case"], {}).setdefault(row["server"], []).append(row)
    found: Summary = {}
    for case, servers in grouped.items():
        bases = {row["round"]: row for row in servers.get(base, []) if not row["error"]}
        found[case] = {server: _sum_up(runs, bases) for server, runs in servers.items()}
    return found


def _sum_up(runs: Sequence[Row], bases: Mapping[int, Row]) -> dict[str, Any]:
    good = [row for row in runs if not row["error"]]
    summed: dict[str, Any] = {"rounds": len(good), "errors": [row["error"] for row in runs if row["error"]]}
    summed["disturbed"] = sum(_is_disturbed(row) for row in good)
    for figure in _FIGURES:
        summed[figure] = _spread(row.get(figure) for row in good)
    for name, figure in _RATIOS.items():
        pairs = [(bases[row["round"]].get(figure), row.get(figure)) for row in good if row["round"] in bases]
        summed[name] = _spread(ours / theirs for ours, theirs in pairs if ours is not None and theirs)
    return summed


def _is_disturbed(row: Row) -> bool:
    return any((row.get(f"{who}_waited_pct") or 0) > _WAITED_PCT_MAX for who in ("server", "generator"))


def _spread(values: Iterable[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"median": statistics.median(known), "min": min(known), "max": max(known)}


def lines(found: Summary, receivers: Mapping[str, int]) -> dict[str, list[tuple[int, float]]]:
    """Return for each server how many deliveries a second it makes to how many receivers, over these cases."""
    drawn: dict[str, list[tuple[int, float]]] = {}
    for case, count in sorted(receivers.items(), key=lambda item: item[1]):
        for server, summed in found[case].items():
            if summed["deliveries_per_s"]:
                drawn.setdefault(server, []).append((count, summed["deliveries_per_s"]["median"]))
    return drawn


# --- for people ---


def table(case: str, servers: Mapping[str, Mapping[str, Any]], base: str) -> str:
    """Write one case as a table, its medians and what they lie between."""
    is_paced = case.startswith("paced")
    rows = [[word.format(base=base) for word in (_PACED_HEAD if is_paced else _SATURATED_HEAD)]]
    remarks = []
    for server, summed in servers.items():
        remarks += [f"  FAILED: {server}: {error}" for error in summed["errors"]]
        if summed["rounds"]:
            rows.append([server, *(_paced_cells(summed) if is_paced else _saturated_cells(summed))])
    widths = [max(map(len, column)) for column in zip(*rows)]
    written = [
        "  ".join([cells[0].ljust(widths[0]), *(text.rjust(width) for text, width in zip(cells[1:], widths[1:]))])
        for cells in rows
    ]
    disturbed = sum(summed["disturbed"] for summed in servers.values())
    if disturbed:
        runs = sum(summed["rounds"] for summed in servers.values())
        remarks.append(f"  disturbed: in {disturbed} of {runs} runs something else wanted the same core")
    return "\n".join([case, *(f"  {text}".rstrip() for text in written), *remarks])


def _saturated_cells(summed: Mapping[str, Any]) -> list[str]:
    times, server, generator = summed["times_deliveries"], summed["server_cpu_pct"], summed["generator_cpu_pct"]
    return [
        *_cells(summed["deliveries_per_s"]),
        f"{times['median']:.2f} x" if times else "-",
        f"{server['median']:.0f} %" if server else "-",
        _cells(summed["cpu_s_per_million"])[0],
        f"{generator['median']:.0f} %",
    ]


def _paced_cells(summed: Mapping[str, Any]) -> list[str]:
    times, server = summed["times_cpu"], summed["server_cpu_pct"]
    return [
        *_cells(summed["p50_us"]),
        *_cells(summed["p99_us"]),
        *_cells(summed["cpu_s_per_million"]),
        f"{times['median']:.2f} x" if times else "-",
        f"{server['median']:.0f} %" if server else "-",
    ]


def _cells(spread: Mapping[str, float] | None) -> tuple[str, str]:
    if spread is None:
        return "-", ""
    return short(spread["median"]), f"({short(spread['min'])}-{short(spread['max'])})"


def short(value: float) -> str:
    """Spell a figure in three digits or so."""
    if value >= 1e6:
        return f"{value / 1e6:.3g}M"
    if value >= 1e4:
        return f"{value / 1e3:.0f}k"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def line(row: Row) -> str:
    """Say in one line how a run went."""
    head = f"{row['case']} {row['server']}"
    if row["error"]:
        return f"{head}: FAILED: {row['error']}"
    late = f", p50 {row['p50_us']:.0f} µs, p99 {row['p99_us']:.0f} µs" if "p50_us" in row else ""
    return f"{head}: {short(row['deliveries_per_s'])} deliveries/s{late}"
