"""Worlds one after another: what no world sees by itself is watched, and a failure can be seen again.

A world is known by its side, the seed of the run and its number; a frame by its number in the run, which says in
which world it is. So `--side server --seed 7 --only 81234` plays the one world of that frame again.
"""

from __future__ import annotations

import gc
import logging
import sys
import traceback
from typing import TYPE_CHECKING, Callable, NamedTuple, Protocol

from chat_core.escape import escape_line
from tests.fuzz.client_world import ClientWorld
from tests.fuzz.hearing import Fault
from tests.fuzz.known import KNOWN
from tests.fuzz.server_world import ServerWorld

if TYPE_CHECKING:
    from collections import deque
    from types import TracebackType

__all__ = ["FRAMES_PER_WORLD", "SIDES", "Failure", "Run", "play"]

FRAMES_PER_WORLD = 4_000
#: Worlds after which everything that is made once has been made, and memory may not grow any more.
_WARM_WORLDS = 8
_GROWTH_BLOCKS_MAX = 20_000  # of memory, as `sys.getallocatedblocks` counts them: some 2 MB
_TRACE_BYTES_MAX = 300


class _World(Protocol):
    trace: deque[tuple[int, str, bytes]]

    @property
    def frames(self) -> int:
        """How many frames were taken so far."""

    def run(self, frames: int) -> None:
        """Go on until so many frames were taken."""

    def finish(self, keep: Callable[[bytes], None]) -> None:
        """End well, and hand every page that was stored to `keep`."""

    def close(self) -> None:
        """Let go of everything."""


SIDES: dict[str, Callable[[int], _World]] = {"server": ServerWorld, "client": ClientWorld}


class Failure(NamedTuple):
    """What went wrong in which world. `frame` is the frame's number in the run."""

    side: str
    seed: int
    frame: int
    traceback: str
    trace: list[tuple[int, str, bytes]]

    @property
    def is_known(self) -> bool:
        """Whether it is one of the faults that wait to be mended."""
        return any(sign in self.traceback for sign in KNOWN)

    def __str__(self) -> str:
        said = [
            f"{number:6} {who}: {escape_line(frame[:_TRACE_BYTES_MAX].decode('utf-8', 'backslashreplace'))}"
            for number, who, frame in self.trace
        ]
        return "\n".join([
            "said last, with the number of frames taken before:", *said, self.traceback.rstrip(),
            f"{self.side}, seed {self.seed}, frame {self.frame}. Again:",
            f"python3 -m tests.fuzz --side {self.side} --seed {self.seed} --only {self.frame}",
        ])  # fmt: skip


class _LogWatch(logging.Handler):
    """Hears the log: nothing may be an error, and nothing may steer a terminal."""

    def __init__(self, *, is_curious: bool) -> None:
        super().__init__(logging.DEBUG if is_curious else logging.WARNING)
        self._logger = logging.getLogger("chat_core")
        self._is_curious = is_curious
        self._level_before = self._logger.level
        self._propagated_before = self._logger.propagate
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.ERROR:
            trace = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
            self.faults.append(f"logged at ERROR: {text}\n{trace}")
        elif escape_line(text) != text:
            self.faults.append(f"logged with characters that can steer a terminal: {text!r}")

    def __enter__(self) -> None:
        self._logger.addHandler(self)
        self._logger.propagate = False
        if self._is_curious:
            self._logger.setLevel(logging.DEBUG)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level_before)
        self._logger.propagate = self._propagated_before


def play(
    side: str, seed: int, number: int, keep: Callable[[bytes], None], frames: int = FRAMES_PER_WORLD
) -> Failure | int:
    """Play one world to its end, and return how many frames it took, or its failure."""
    world = SIDES[side]((seed << 33) + (number << 1) + (side == "client"))
    watch = _LogWatch(is_curious=number % 8 == 1)
    with watch:
        try:
            try:
                world.run(frames)
                world.finish(keep)
            finally:
                world.close()
            if watch.faults:
                raise Fault(watch.faults[0])
        except Exception:  # noqa: BLE001 - whatever escapes is what is looked for
            said = "\n".join([*watch.faults, traceback.format_exc()])
            frame = number * FRAMES_PER_WORLD + min(world.frames, FRAMES_PER_WORLD - 1)  # by which `--only` finds it
            return Failure(side, seed, frame, said, list(world.trace))
    return world.frames


class Run:
    """Worlds of one side and seed, one after another, in which memory must not grow."""

    def __init__(self, side: str, seed: int, keep: Callable[[bytes], None]) -> None:
        self.frames = 0
        self.worlds = 0
        self.known = 0  # worlds that ended with a known fault
        self._side = side
        self._seed = seed
        self._keep = keep
        self._blocks = 0

    def go_on(self) -> Failure | None:
        """Play the next world, and return its failure if it has one."""
        # Within a world there is little garbage in circles; to look for it all the time costs a tenth.
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            outcome = play(self._side, self._seed, self.worlds, self._keep)
        finally:
            if was_enabled:
                gc.enable()
        self.worlds += 1
        if not isinstance(outcome, Failure):
            self.frames += outcome
        elif outcome.is_known:
            self.known += 1
            self.frames += max(1, outcome.frame % FRAMES_PER_WORLD)
        else:
            return outcome
        return self._check_growth()

    def _check_growth(self) -> Failure | None:
        gc.collect()
        blocks = sys.getallocatedblocks()
        if self.worlds <= _WARM_WORLDS:
            self._blocks = max(self._blocks, blocks)
        elif blocks > self._blocks + _GROWTH_BLOCKS_MAX:
            text = f"memory has grown from {self._blocks} to {blocks} blocks in {self.worlds} worlds"
            return Failure(self._side, self._seed, self.worlds * FRAMES_PER_WORLD, text, [])
        return None
