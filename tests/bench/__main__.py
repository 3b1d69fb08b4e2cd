"""The project's own benchmark: `python3 -m tests.bench [fanout|paced|way|stages|crowd|growth|all]`.

It prints tables and, with `--json`, writes everything into one file. Exit status 1 when a run was not complete and in
order, 2 when what was asked for makes no sense. A target that is missed is said in its table and is no failure.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
import time
from typing import Any, Callable, Dict, Sequence

from tests.bench import fanout, machine

__all__ = ["main"]

_Part = Callable[[argparse.Namespace], Dict[str, Any]]
#: The parts that are modules of their own, in the order of `all`, and what each is.
_MODULES = {
    "way": "a post's whole way in, against the bare sum of what it cannot do without",
    "stages": "where the time of a post goes",
    "crowd": "ten thousand people: idle, logging in, coming back, and one who floods",
    "growth": "what it costs when the log and the number of rooms grow",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for."""
    options = _parser().parse_args(argv)
    results: dict[str, object] = {"machine": machine.described(), "at_unix_s": int(time.time())}
    failed: list[object] = []
    try:
        for name, part in options.parts.items():
            print(f"\n== {name}", flush=True)
            results[name] = found = part(options)
            failed += found.get("failed", [])
    except fanout.Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 2
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    modules = {name: importlib.import_module(f"tests.bench.{name}") for name in _MODULES if _is_there(name)}
    parts: dict[str, _Part] = {"fanout": fanout.run, **{name: module.run for name, module in modules.items()}}
    for name, said, chosen in (
        ("fanout", "deliveries a second and latency, beside other servers", ["fanout"]),
        ("paced", "latency at a fixed rate alone", ["paced"]),
        *((name, said, [name]) for name, said in _MODULES.items() if name in modules),
        ("all", "all of it", list(parts)),
    ):
        command = commands.add_parser(name, help=said, description=said, conflict_handler="resolve")
        command.set_defaults(parts={part: parts.get(part, _paced) for part in chosen})
        add = command.add_argument
        add("--rounds", type=_rounds, default=5, metavar="N", help="each figure is the median of so many (%(default)s)")
        add("--json", type=fanout.writable_path, metavar="FILE", help="write everything that was measured")
        add("--quick", action="store_true", help="tiny: to see that it works, not to measure")
        add("--no-pin", action="store_true", help="let server and generator run on any core")
        for part in chosen:
            owner = modules.get(part, fanout)
            if hasattr(owner, "add_options"):
                owner.add_options(command)
    return parser


def _paced(options: argparse.Namespace) -> dict[str, Any]:
    return fanout.run(options, fanout.PACED)


def _is_there(name: str) -> bool:
    return importlib.util.find_spec(f"tests.bench.{name}") is not None


def _rounds(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one")
    return number


if __name__ == "__main__":
    sys.exit(main())
