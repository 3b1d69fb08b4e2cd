"""Receivers that stop reading in a busy room: memory, the latency of the others, and what they get when they go on.

Two servers get the same messages in turns; the receivers are with one of them alone.
"""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from chat_core.framing import FrameDecoder, encode_frame
from tests.fakes import frame
from tests.hostile.figures import MIB, Figures
from tests.hostile.receivers import Receiver, receive
from tests.hostile.target import Pair, Target, Worker
from tests.serving import PATIENCE_S

__all__ = ["GROWTH_MAX", "SMALL", "Scale", "run", "run_one_by_one"]

GROWTH_MAX = 64 * MIB
#: "Does not change", as far as two servers on a shared machine can be told apart.
RATIO_MAX = 1.25
ROOM = "stage"


class Scale(NamedTuple):
    """How much of it. In each round so many messages are sent at once and then so many alone, which are timed."""

    receivers: int = 500
    messages: int = 20_000
    together: int = 40
    alone: int = 10
    text_chars: int = 100


SMALL = Scale(receivers=20, messages=1_500, alone=2, text_chars=500)


class Speaker:
    """One who writes, and reads all that is written; keeps the frames of every message."""

    def __init__(self, cleanup: ExitStack, target: Target, text_chars: int) -> None:
        self.frames = bytearray()
        self.count = 0
        self._decoder = FrameDecoder(262_144)
        self._text = "x" * text_chars
        self._socket = socket.create_connection(target.address, timeout=PATIENCE_S)
        cleanup.callback(self._socket.close)
        self._socket.sendall(
            frame(type="hello", protocol=1, name="speaker", install="i") + frame(type="join", room=ROOM)
        )
        while self._next()["type"] != "live":
            pass

    def _next(self) -> dict[str, object]:
        payload = self._decoder.next_payload()
        while payload is None:
            data = self._socket.recv(262_144)
            assert data, "the speaker was cut off"
            self._decoder.feed(data)
            payload = self._decoder.next_payload()
        event: dict[str, object] = json.loads(payload)
        assert event["type"] not in ("error", "quit"), event
        if event["type"] == "message":
            self.count += 1
            assert event["seq"] == self.count
            self.frames += encode_frame(payload)
        return event

    def speak(self, count: int) -> float:
        """Write so many messages at once and return the seconds until all are heard."""
        goal = self.count + count
        said = b"".join(
            frame(type="post", room=ROOM, mid=f"m{number}", text=self._text) for number in range(self.count, goal)
        )
        began = time.perf_counter()
        self._socket.sendall(said)
        while self.count < goal:
            self._next()
        return time.perf_counter() - began


class Round(NamedTuple):
    """What was measured of both servers in one round, in seconds: the quiet one first."""

    together: tuple[float, float]
    alone: list[tuple[float, float]]
    cpu: float


def run(scale: Scale) -> Figures:
    """Do it and return the figures."""
    figures = Figures(
        f"{scale.receivers} receivers stop reading in a room that gets {scale.messages} messages of "
        f"{scale.text_chars} characters"
    )
    with ExitStack() as cleanup:
        quiet, loud = Target(cleanup), Target(cleanup)
        speakers = [Speaker(cleanup, target, scale.text_chars) for target in (quiet, loud)]
        aside = [Pair(cleanup, target) for target in (quiet, loud)]
        alone_bytes = loud.rss_bytes()
        worker = Worker(cleanup, receive, loud.address, scale.receivers, ROOM)
        assert worker.hear(PATIENCE_S) == "in"
        joined_bytes, quiet_bytes = loud.rss_bytes(), quiet.rss_bytes()
        peak_bytes = joined_bytes
        began = time.monotonic()
        rounds = []
        for number in range(scale.messages // (scale.together + scale.alone)):
            rounds.append(_do_round(speakers, scale, loud, number))
            peak_bytes = max(peak_bytes, loud.rss_bytes())
            for pair in aside:
                pair.say(time.perf_counter)  # or they would be taken for dead
        stalled_s = time.monotonic() - began
        _tell_rounds(figures, rounds)
        figures.note("not reading for", f"{stalled_s:.1f} s")
        figures.note(
            "memory of the server for each of them, in and reading", f"{_kib(joined_bytes - alone_bytes, scale)} KiB"
        )
        figures.hold(
            "growth while they do not read",
            f"{(peak_bytes - joined_bytes) / MIB:.1f} MiB ({_kib(peak_bytes - joined_bytes, scale)} KiB each)",
            f"<= {GROWTH_MAX // MIB} MiB",
            is_met=peak_bytes - joined_bytes <= GROWTH_MAX,
        )
        figures.note("growth of the server without them", f"{(quiet.rss_bytes() - quiet_bytes) / MIB:.1f} MiB")
        _read_again(figures, scale, worker, speakers[1], aside, loud)
        figures.note("memory at the end, above that before them", f"{(loud.rss_bytes() - alone_bytes) / MIB:.1f} MiB")
        assert not loud.errors(), loud.errors()
    return figures


def run_one_by_one(scale: Scale) -> Figures:
    """Let each stop reading at another moment, so that no two wait for the same messages, and return the figures."""
    figures = Figures(
        f"{scale.receivers} receivers stop reading one after the other in a room that gets {scale.messages} messages "
        f"of {scale.text_chars} characters"
    )
    with ExitStack() as cleanup:
        target = Target(cleanup)
        speaker = Speaker(cleanup, target, scale.text_chars)
        speaker.speak(scale.together)
        before = peak = target.rss_bytes()
        receivers: list[Receiver] = []
        for number in range(scale.receivers):
            receiver = Receiver(target.address, number, ROOM)
            receivers.append(receiver)
            cleanup.callback(receiver.socket.close)
            for _ in range(scale.messages // scale.receivers // scale.together):
                speaker.speak(scale.together)
            speaker.frames.clear()
            peak = max(peak, target.rss_bytes())
            if number % 100 == 99:
                for each in receivers:
                    each.give_sign_of_life()
        figures.hold(
            "growth while they do not read",
            f"{(peak - before) / MIB:.1f} MiB ({_kib(peak - before, scale)} KiB each)",
            f"<= {GROWTH_MAX // MIB} MiB",
            is_met=peak - before <= GROWTH_MAX,
        )
        assert not target.errors(), target.errors()
    return figures


def _do_round(speakers: list[Speaker], scale: Scale, loud: Target, number: int) -> Round:
    cpu = loud.cpu_s()
    together = _in_turns(speakers, scale.together, number)
    alone = [_in_turns(speakers, 1, number + turn) for turn in range(scale.alone)]
    return Round(together, alone, loud.cpu_s() - cpu)


def _in_turns(speakers: list[Speaker], count: int, number: int) -> tuple[float, float]:
    """Let both say something, now the one and now the other first, and return how long it took each."""
    if number % 2:
        loud = speakers[1].speak(count)
        return speakers[0].speak(count), loud
    return speakers[0].speak(count), speakers[1].speak(count)


def _tell_rounds(figures: Figures, rounds: list[Round]) -> None:
    # At first the system takes for them what they do not read, and then the server's queues do.
    half = len(rounds) // 2
    for name, part, bound in (("at first", rounds[: len(rounds) // 10], None), ("stalled", rounds[half:], RATIO_MAX)):
        singles = [single for each in part for single in each.alone]
        bursts = [each.together for each in part]
        for what, measured in (("one message", singles), ("a burst", bursts)):
            figures.compare(
                f"latency of {what}, {name}",
                [quiet for quiet, _ in measured],
                [loud for _, loud in measured],
                bound,
            )


def _read_again(
    figures: Figures, scale: Scale, worker: Worker, speaker: Speaker, aside: list[Pair], loud: Target
) -> None:
    path = Path(loud.folder) / "heard"
    path.write_bytes(speaker.frames)
    cpu = loud.cpu_s()
    worker.tell(str(path))
    quiet_s, loud_s = [], []
    while not worker.has_spoken():
        quiet_s.append(aside[0].say(time.perf_counter))
        loud_s.append(aside[1].say(time.perf_counter))
    result = worker.hear(PATIENCE_S)
    figures.compare("latency in another room while they catch up", quiet_s, loud_s, None)
    figures.hold(
        "receivers that got every message in order",
        f"{result['whole']} of {scale.receivers} {result['wrong'] or ''}".strip(),
        "all",
        is_met=result["whole"] == scale.receivers,
    )
    megabytes = scale.receivers * len(speaker.frames) / 1e6
    figures.note(
        "catching up took",
        f"{result['seconds']:.1f} s for {megabytes:.0f} MB ({megabytes / result['seconds']:.0f} MB/s, "
        f"{loud.cpu_s() - cpu:.1f} s of processor time)",
    )


def _kib(size: int, scale: Scale) -> int:
    return size // scale.receivers // 1_024
