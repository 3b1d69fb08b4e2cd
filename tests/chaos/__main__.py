"""Kill servers and clients for some minutes, and see that nothing is lost: `python3 -m tests.chaos --minutes 10`."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos import checkers
from tests.chaos.journal import read_journal
from tests.chaos.proxy import KINDS as FAULTS
from tests.chaos.recovery import Recovery, samples_of
from tests.chaos.storm import Plan, Storm, StormError

if TYPE_CHECKING:
    from tests.chaos.journal import Entry

__all__ = ["Outcome", "main", "run"]

_FINDINGS_TOLD = 20


class Outcome:
    """What a run showed: `findings` (hopefully none), and `lines` to be printed."""

    def __init__(self, folder: Path, storm: Storm) -> None:
        homes = sorted((folder / "clients").iterdir())
        journals = {home.name: read_journal(home / "journal") for home in homes}
        profiles = {home.name: sorted((home / "profiles").glob("*.sqlite3")) for home in homes}
        database = folder / "server" / "chat.db"
        self.story = storm.story
        self.findings = checkers.check(journals, database, profiles)
        self.findings += [checkers.Finding("wrong", text) for text in [*storm.story.troubles, *_complaints(folder)]]
        self.stored = sum(map(len, checkers.read_log(database).values()))
        self.counts = Counter(entry["what"] for entries in journals.values() for entry in entries)
        self.samples = samples_of(journals, storm.story, storm.proxy.strikes)
        self.lines = [*self._deeds(storm), *self._verdict(journals), *self._recovery()]

    def _deeds(self, storm: Storm) -> list[str]:
        counts, story, proxy = self.counts, self.story, storm.proxy
        stopped = [until - since for since, until in story.stops]
        faults = ", ".join(f"{proxy.struck[kind]} {kind}" for kind in FAULTS)
        return [
            f"messages      {counts['typed']} typed, {self.stored} stored, shown {counts['shown']} times",
            f"kills         {len(story.kills)}, {story.kills_while_starting} of them while the server was starting",
            f"stops         {len(stopped)}, the longest {max(stopped, default=0.0):.1f} s",
            f"worker kills  {len(story.worker_kills)}",
            f"proxy         {proxy.connections} connections, {proxy.refused} refused; {faults}",
        ]

    def _verdict(self, journals: dict[str, list[Entry]]) -> list[str]:
        found = Counter(finding.kind for finding in self.findings)
        away = Counter(
            entry["code"] for entries in journals.values() for entry in entries if entry["what"] == "sent-away"
        )
        closed = ", ".join(f"{count} by {code or 'nothing'}" for code, count in away.items()) or "none"
        return [
            *(f"{kind:13} {found[kind]}" for kind in checkers.KINDS),
            f"links closed  {closed} (and started again, as a person would)",
            f"settled       {self.story.healing_s:.1f} s after the last word was typed",
        ]

    def _recovery(self) -> list[str]:
        plain = [sample for sample in self.samples if sample.is_plain]
        missed = sum(sample.missed for sample in self.samples)
        return [
            f"recovery      {Recovery.of([sample.since_listening_s for sample in plain])} with nothing else in the way",
            f"  of all      {Recovery.of([sample.since_listening_s for sample in self.samples])}",
            f"  from kill   {Recovery.of([sample.since_kill_s for sample in plain])} with nothing else in the way",
            f"  of all      {Recovery.of([sample.since_kill_s for sample in self.samples])}",
            f"  missed      {missed} times somebody was shown nothing before the next kill",
        ]


def _complaints(folder: Path) -> list[str]:
    """Return what the processes wrote to stderr: a server that is well, and a worker, has nothing to say there."""
    said = []
    for path in (folder / "server.errors", folder / "workers.errors"):
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        if text:
            said.append(f"{path.name}: {text[-2_000:]}")
    return said


def run(folder: Path, plan: Plan, *, is_silent: bool = False) -> Outcome:
    """Run a storm in an empty folder and judge it. Raises StormError when it cannot be brought to its end."""

    def tell(text: str) -> None:
        if not is_silent:
            print(text, flush=True)

    with Storm(folder, plan) as storm:
        storm.run(tell)
    return Outcome(folder, storm)


def main() -> int:
    """Run what was asked for; exit status 1 when anything was lost, doubled, reordered or otherwise wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long the storm lasts (%(default)s)")
    parser.add_argument("--seed", type=int, help="of all decisions (default: a fresh one, printed)")
    parser.add_argument("--clients", type=int, default=30, help="(%(default)s)")
    parser.add_argument("--rooms", type=int, default=5, help="each client is in two of them (%(default)s)")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}: {options.clients} clients in {options.rooms} rooms, {options.minutes:g} minutes", flush=True)
    plan = Plan(seed, options.minutes * 60.0, clients=options.clients, rooms=options.rooms)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the processes are ended then, too
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        outcome = run(folder, plan)
    except StormError as error:
        print(f"{error} What there is of it is in {folder}", flush=True)
        return 1
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        print("Interrupted.")
        return 130
    print("\n".join(outcome.lines))
    for finding in outcome.findings[:_FINDINGS_TOLD]:
        print(f"{finding.kind}: {finding.text}")
    if outcome.findings:
        print(f"{len(outcome.findings)} findings. The journals and databases are in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main() if os.name == "posix" else "This needs signals that only POSIX systems have.")
