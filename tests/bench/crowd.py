"""Crowds: 10 000 who are idle, who log in at once, who all come back after a restart; and one who floods.

The server is a process of its own with its defaults (full durability, its log in a folder of its own) on one core, and
what is set upon it is on the others, in other processes than the people whose latency is measured (`visitors`, `talk`).
What each of the many gets is compared byte by byte; a fault of any kind is printed and counts as a missed target.

    idle     they log in, join the lobby and say nothing. Memory above that of the server when somebody has been there
             and has gone; processor time while nothing happens, and over the time in which the server asks each of them
             once whether it is alive (in the first round, for it takes half a minute)
    login    all log in, 64 or 1 000 at a time, and one counts when it has its `welcome` (that is how other servers were
             measured), or joins the lobby as well and counts when it has its `live`. Meanwhile 20 who were there before
             talk, ten messages a second together, in a room of their own; and once more with these in the lobby, where
             every newcomer hears them from then on
    resume   they were here, 100 messages were posted while they were away, the server was started anew: all come with
             their tokens and cursors, 1 000 at a time, and one counts when it has all 100 and its `live`
    flood    they are idle in the lobby; 200 talk in another room, one message a second each, and one floods that room
             as fast as its line takes it. The server's rate is the default

Linux only: the server is measured by what /proc tells of it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Callable, NamedTuple

from chat_core import limits
from tests.bench.inside import numbered_text
from tests.bench.machine import cpu_s, raise_descriptor_limit, waited_s
from tests.bench.rounds import Spread, alone, as_json, spread
from tests.bench.talk import Talk
from tests.bench.visitors import Entry, Standing, digest_of, flood, visit
from tests.hostile.figures import MIB, Figures, percentile
from tests.hostile.target import Target, Worker

if TYPE_CHECKING:
    import argparse

__all__ = ["Scale", "add_options", "run"]

PEOPLE = 10_000
#: What `baselines` of other servers say of 10 000 logins a second on a machine with two cores: Ergo, ngIRCd.
LOGINS_PER_S = (("Ergo", 7_500), ("ngIRCd", 880))
_LOBBY, _ASIDE = "lobby", "aside"
_PATIENCE_S = 400.0
_QUIET_S = 1.5  # until all presence is told
_MISSED = 100
_TALKERS, _TALK_PER_S = 20, 10.0
#: Descriptors of a process that are no visitors' connections.
_DESCRIPTORS_KEPT = 400
_FAULTS_TOLD = 5


class Scale(NamedTuple):
    """How many, for how long, and on which cores (None: as the system likes)."""

    people: int = PEOPLE
    idle_s: float = 10.0
    asked_s: float = limits.PING_AFTER_S + 1.0
    presence_s: float = limits.PRESENCE_EVERY_S_MAX + 1.0  # until a crowd has been told of the last who came
    quiet_s: float = 3.0
    flood_people: int = 200
    flood_s: float = 20.0
    server_core: int | None = None
    our_cores: set[int] | None = None


class Found(NamedTuple):
    """What one scenario gave in one round."""

    values: dict[str, float]
    faults: list[str]


class _Scene:
    """What every scenario has: a server, and those who are set upon it."""

    def __init__(self, cleanup: ExitStack, scale: Scale) -> None:
        self.cleanup = cleanup
        self.scale = scale
        self.faults: list[str] = []
        self._visitors: Worker | None = None

    def start(self, *arguments: str) -> Target:
        target = Target(self.cleanup, "--max-clients", str(self.scale.people + _DESCRIPTORS_KEPT), *arguments)
        if self.scale.server_core is not None and sys.platform == "linux":
            os.sched_setaffinity(target.process.pid, {self.scale.server_core})
        return target

    @property
    def visitors(self) -> Worker:
        if self._visitors is None:
            self._visitors = self.worker(visit, self.scale.people, self.scale.our_cores)
        return self._visitors

    def worker(self, work: Callable[..., None], *arguments: object) -> Worker:
        """Start a process and wait until it is ready: nothing of that is to fall into what is measured."""
        worker = Worker(self.cleanup, work, *arguments)
        worker.hear(_PATIENCE_S)
        return worker

    def enter(self, entry: Entry, meanwhile: Talk | None = None) -> Standing:
        """Have all visitors come in, while somebody talks or nobody does."""
        self.visitors.tell(entry)
        if meanwhile is not None:
            meanwhile.go_on(self.visitors.has_spoken, _PATIENCE_S)
        return self.take(self.visitors.hear(_PATIENCE_S))

    def take(self, standing: Standing, inside: int | None = None) -> Standing:
        """See how they stand: all inside, unless another number is given, and nothing wrong."""
        inside = self.scale.people if inside is None else inside
        self.faults += standing.faults
        if standing.inside != inside:
            self.faults.append(f"{standing.inside} of {inside} are in")
        return standing

    def end(self, target: Target, *talks: Talk) -> list[str]:
        """Return everything that went wrong."""
        for talk in talks:
            self.faults += talk.faults
        errors = target.errors()
        if errors:
            self.faults.append(f"the server wrote: {errors[:300]}")
        return self.faults


def _times(target: Target) -> tuple[float, float, float]:
    """Return the time of day, the server's processor time and for how long it had to wait for its core; all in s."""
    pid = target.process.pid
    return time.perf_counter(), cpu_s(pid) or 0.0, waited_s(pid) or 0.0


def _shares(target: Target, since: tuple[float, float, float]) -> tuple[float, float]:
    """Return what part of the time since then the server ran, and waited for its core; in percent."""
    seconds, ran, waited = (now - then for now, then in zip(_times(target), since))
    return 100 * ran / seconds, 100 * waited / seconds


def _idle(scene: _Scene, *, with_asking: bool) -> dict[str, float]:
    target = scene.start()
    first = target.client()
    first.hello("the first one")
    first.join(_LOBBY)
    first.send({"type": "quit"})
    first.expect_end()
    first.close()
    empty = target.rss_bytes()
    entered = scene.enter(Entry(target.address, _LOBBY, 64))
    scene.visitors.tell("stay")
    time.sleep(scene.scale.presence_s)
    values = {
        "empty_mib": empty / MIB,
        "bytes_each": (target.rss_bytes() - empty) / scene.scale.people,
        "logins_per_s": entered.inside / entered.seconds,
    }
    spans = {"idle_cpu_pct": scene.scale.idle_s}
    if with_asking:
        spans["asked_cpu_pct"] = scene.scale.asked_s
    for name, seconds in spans.items():
        since = _times(target)
        time.sleep(seconds)
        values[name], _ = _shares(target, since)
    values["peak_mib"] = target.rss_peak_bytes() / MIB
    scene.visitors.tell("end")
    scene.take(scene.visitors.hear(_PATIENCE_S))
    scene.end(target)
    return values


def _measured(scene: _Scene, target: Target, entry: Entry, room: str) -> tuple[dict[str, float], Standing]:
    """Have all come in while 20 talk, and return what that gave."""
    assert scene.visitors, "they are ready before anybody talks"
    talk = Talk(scene.cleanup, target.address, _TALKERS, room, _TALK_PER_S)
    talk.go_on(lambda: False, scene.scale.quiet_s)
    values = {"quiet_p99_ms": 1e3 * talk.p99_s()}
    since = _times(target)
    standing = scene.enter(entry, talk)
    ran_pct, waited_pct = _shares(target, since)
    values.update({
        "p99_ms": 1e3 * talk.p99_s(),
        "worst_ms": 1e3 * max(talk.latencies_s, default=float("inf")),
        "logins_per_s": standing.inside / standing.seconds,
        "cpu_us_each": 1e6 * (_times(target)[1] - since[1]) / scene.scale.people,
        "server_cpu_pct": ran_pct,
        "server_waited_pct": waited_pct,
        "ours_cpu_pct": 100 * standing.cpu_s / standing.seconds,
        "took_p50_ms": 1e3 * percentile(standing.took_s or [float("inf")], 0.50),
        "took_p99_ms": 1e3 * percentile(standing.took_s or [float("inf")], 0.99),
        "heard_per_s": standing.heard / standing.seconds,
    })  # fmt: skip
    scene.end(target, talk)
    return values, standing


def _login(scene: _Scene, in_flight: int, talked_in: str, joined: str = _LOBBY) -> dict[str, float]:
    target = scene.start()
    values, _ = _measured(scene, target, Entry(target.address, joined, in_flight), talked_in)
    return values


def _resume(scene: _Scene) -> dict[str, float]:
    folder = scene.cleanup.enter_context(tempfile.TemporaryDirectory())
    before = scene.start("--data", folder)
    scene.enter(Entry(before.address, _LOBBY, 1_000))
    scene.visitors.tell("leave")
    scene.take(scene.visitors.hear(_PATIENCE_S), inside=0)
    poster = before.client()
    poster.hello("poster")
    poster.join(_LOBBY, last=0)
    poster.send(*(
        {"type": "post", "room": _LOBBY, "mid": f"missed-{number}", "text": numbered_text(number)}
        for number in range(_MISSED)
    ))  # fmt: skip
    for _ in range(_MISSED):
        poster.expect("posted")
    while len(poster.of("message")) < _MISSED:
        poster.read()
    poster.close()
    # What the server writes is compact JSON with its fields in a fixed order, so this gives its bytes again.
    posted = digest_of(
        json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in poster.of("message")
    )
    scene.faults += [f"the first server ended with {before.stop()}"] if before.stop() else []
    after = scene.start("--data", folder)
    entry = Entry(after.address, _LOBBY, 1_000, after=0, missed=_MISSED)
    values, standing = _measured(scene, after, entry, _ASIDE)
    if standing.heard != _MISSED * scene.scale.people or standing.digest != posted:
        scene.faults.append(f"{standing.heard} messages heard in all, or not those that were posted")
    return values


def _flood(scene: _Scene) -> dict[str, float]:
    scale = scene.scale
    target = scene.start("--rate", str(limits.RATE_PER_S_DEFAULT))
    scene.enter(Entry(target.address, _LOBBY, 64))
    scene.visitors.tell("stay")
    talk = Talk(scene.cleanup, target.address, scale.flood_people, _ASIDE, float(scale.flood_people))
    flooder = scene.worker(flood, target.address, _ASIDE, scale.our_cores)
    time.sleep(_QUIET_S)
    talk.go_on(lambda: False, scale.quiet_s)
    values = {"quiet_p99_ms": 1e3 * talk.p99_s()}
    flooder.tell("go")
    since = _times(target)
    talk.go_on(flooder.has_spoken, scale.flood_s)
    seconds = time.perf_counter() - since[0]
    values["server_cpu_pct"], values["server_waited_pct"] = _shares(target, since)
    values["p99_ms"] = 1e3 * talk.p99_s()
    values["p50_ms"] = 1e3 * percentile(talk.latencies_s or [float("inf")], 0.50)
    flooder.tell("stop")
    flooded = flooder.hear(_PATIENCE_S)
    values["flooded_per_s"] = flooded["stored"] / seconds
    values["flooded_mib"] = flooded["sent_bytes"] / MIB
    if flooded["is_cut_off"] or not flooded["stored"]:
        scene.faults.append(f"the flooder: {flooded}")
    scene.visitors.tell("end")
    scene.take(scene.visitors.hear(_PATIENCE_S))
    scene.end(target, talk)
    return values


_SCENES: dict[str, Callable[[_Scene, int], dict[str, float]]] = {
    "idle": lambda scene, number: _idle(scene, with_asking=number == 0),
    "login, 64 at a time, into no room": lambda scene, _: _login(scene, 64, _ASIDE, ""),
    "login, 1000 at a time, into no room": lambda scene, _: _login(scene, 1_000, _ASIDE, ""),
    "login, 64 at a time": lambda scene, _: _login(scene, 64, _ASIDE),
    "login, 1000 at a time": lambda scene, _: _login(scene, 1_000, _ASIDE),
    "login, 1000 at a time, talk in the lobby": lambda scene, _: _login(scene, 1_000, _LOBBY),
    "resume": lambda scene, _: _resume(scene),
    "flood": lambda scene, _: _flood(scene),
}
_Bound = Callable[[float], bool]
_SERVER_RAN = ("the server ran", "server_cpu_pct", "%", "", None)
_SERVER_WAITED = ("the server waited for its core (above 6 the run is disturbed)", "server_waited_pct", "%", "", None)
#: What is told of each scenario: the words, the value, its unit, and the target where there is one.
_TOLD: dict[str, tuple[tuple[str, str, str, str, _Bound | None], ...]] = {
    "idle": (
        ("memory of the empty server", "empty_mib", "MiB", "< 30 MiB", lambda value: value < 30),
        ("memory for each person", "bytes_each", "bytes", "<= 2048 bytes", lambda value: value <= 2_048),
        ("processor", "idle_cpu_pct", "%", "< 1 %", lambda value: value < 1),
        ("processor while each is asked once if it is alive", "asked_cpu_pct", "%", "< 1 %", lambda value: value < 1),
        ("the most memory it ever held", "peak_mib", "MiB", "", None),
        ("logins a second, with nobody talking", "logins_per_s", "", "", None),
    ),
    "login": (
        *(
            ("logins a second", "logins_per_s", "", f"> {least} ({who})", lambda value, least=least: value > least)
            for who, least in LOGINS_PER_S
        ),
        ("p99 of those already in, before", "quiet_p99_ms", "ms", "", None),
        ("p99 of those already in, meanwhile", "p99_ms", "ms", "< 100 ms", lambda value: value < 100),
        ("the worst of these", "worst_ms", "ms", "", None),
        ("one login, p50", "took_p50_ms", "ms", "", None),
        ("one login, p99", "took_p99_ms", "ms", "", None),
        ("messages to the newcomers, a second", "heard_per_s", "", "", None),
        ("the server's processor time for each", "cpu_us_each", "us", "", None),
        _SERVER_RAN, _SERVER_WAITED,
        ("those who log in ran (above 90 they are the bound)", "ours_cpu_pct", "%", "", None),
    ),
    "flood": (
        ("p99 of the 200, before", "quiet_p99_ms", "ms", "", None),
        ("p50 of the 200, meanwhile", "p50_ms", "ms", "", None),
        ("p99 of the 200, meanwhile", "p99_ms", "ms", "< 50 ms", lambda value: value < 50),
        ("of the flood stored, a second", "flooded_per_s", "", "", None),
        ("of the flood sent", "flooded_mib", "MiB", "", None),
        _SERVER_RAN, _SERVER_WAITED,
    ),
}  # fmt: skip
_TOLD["resume"] = _TOLD["login"]


def _table(scene: str, each: list[Found], people: int) -> tuple[Figures, dict[str, Spread]]:
    figures = Figures(f"{scene}, {people} people: median (least-most) of {len(each)} rounds")
    names = sorted({name for one in each for name in one.values})
    spreads = {name: spread([one.values[name] for one in each if name in one.values]) for name in names}
    for words, name, unit, target, is_met in _TOLD[_word(scene)]:
        if name not in spreads:
            continue
        told = spreads[name].told(1, unit)
        if is_met is None:
            figures.note(words, told)
        else:
            figures.hold(words, told, target, is_met=is_met(spreads[name].median))
    faults = [fault for one in each for fault in one.faults]
    figures.hold("faults", len(faults), "0", is_met=not faults)
    for fault in faults[:_FAULTS_TOLD]:
        figures.note("fault", fault)
    return figures, spreads


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what this part takes beside `--rounds` and `--quick`."""
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many are idle, or log in (%(default)s)")
    parser.add_argument(
        "--scenes", default=",".join(_words()), metavar="LIST", help="which of: %(default)s (by their first word)"
    )


def _word(scene: str) -> str:
    return scene.partition(",")[0]


def _words() -> list[str]:
    return list(dict.fromkeys(map(_word, _SCENES)))


def _scale(options: argparse.Namespace, cleanup: ExitStack) -> Scale:
    """Choose sizes and cores, and take this process to its own."""
    people = 50 if options.quick else getattr(options, "people", PEOPLE)
    allowed = raise_descriptor_limit() - _DESCRIPTORS_KEPT
    if people > allowed:
        print(f"The system allows {allowed} connections in one process: that many people, not {people}.")
        people = allowed
    scale = Scale(people)
    if options.quick:
        scale = Scale(people, presence_s=0.3, idle_s=0.3, asked_s=0.3, quiet_s=0.3, flood_people=10, flood_s=1.0)
    if sys.platform == "linux" and not getattr(options, "no_pin", False):
        cores = os.sched_getaffinity(0)
        if len(cores) > 1:
            server_core = min(cores)
            cleanup.callback(os.sched_setaffinity, 0, cores)
            os.sched_setaffinity(0, cores - {server_core})
            scale = scale._replace(server_core=server_core, our_cores=cores - {server_core})
    return scale


def run(options: argparse.Namespace) -> dict[str, object]:
    """Measure it, print the table, and return what goes into the JSON file."""
    if sys.platform != "linux":
        print("\ncrowd: left out, for processes are measured by what Linux tells of them")
        return {"left_out": "not Linux"}
    wanted = getattr(options, "scenes", ",".join(_words())).split(",")
    scenes = {scene: do for scene, do in _SCENES.items() if _word(scene) in wanted}
    found: dict[str, list[Found]] = {scene: [] for scene in scenes}
    with ExitStack() as outer:
        scale = _scale(options, outer)
        for number in range(options.rounds):
            for name, do in scenes.items():
                with ExitStack() as cleanup:
                    scene = _Scene(cleanup, scale)
                    found[name].append(Found(do(scene, number), scene.faults))
    tables = {name: _table(name, each, scale.people) for name, each in found.items()}
    for figures, _ in tables.values():
        print(f"\n{figures.table()}", flush=True)
    return {
        "rounds": options.rounds,
        "people": scale.people,
        "is_pinned": scale.server_core is not None,
        "scenes": {
            name: {what: value._asdict() for what, value in spreads.items()} for name, (_, spreads) in tables.items()
        },
        "failed": [f"{name}: {fault}" for name, each in found.items() for one in each for fault in one.faults],
        "figures": {name: as_json(figures) for name, (figures, _) in tables.items()},
    }


if __name__ == "__main__":
    sys.exit(alone("crowd", __doc__, add_options, run))
