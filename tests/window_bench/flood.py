"""A flood through the whole app: 12 000 messages a second in the room that is shown, and in another one unseen.

The link makes each message when it is due, as one does that reads them from a socket.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Sequence

from chat_core.client.events import MessageArrived, RoomLive
from tests.presenter_case import FakeLink, joined
from tests.window_bench.conversation import message
from tests.window_bench.figures import Figure
from tests.window_bench.pulse import Pulse
from tests.window_bench.window import Window

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent

__all__ = ["flood"]

_SECONDS = 10.0
_PER_S = 12_000


class _FloodLink(FakeLink):
    """After `open` it brings so many messages a second into one room."""

    def __init__(self) -> None:
        super().__init__()
        self.seq = 0
        self.longest_s = 0.0  # between two polls
        self._room = ""
        self._due_from = 0.0
        self._polled_at = 0.0

    def open(self, room: str) -> None:
        self._room = room
        self._due_from = self._polled_at = time.perf_counter()
        self.seq, self.longest_s, self.is_active = 0, 0.0, True

    def shut(self) -> None:
        self._room, self.is_active = "", False

    def poll(self, now: float, unix_ms: int) -> Sequence[ClientEvent]:
        events = list(super().poll(now, unix_ms))
        if self._room:
            at = time.perf_counter()
            self.longest_s, self._polled_at = max(self.longest_s, at - self._polled_at), at
            due = int((at - self._due_from) * _PER_S)
            events += [MessageArrived(message(seq, room=self._room), False) for seq in range(self.seq + 1, due + 1)]
            self.seq = due
        return events


def flood() -> list[Figure]:
    """Measure how long the window was away from its input, and how much of a core the flood took."""
    figures = _flood_of("lobby", "in the room that is shown", is_watched=True)
    gc.collect()  # what that held is not to be collected while the next one is measured
    return figures + _flood_of("aside", "in another room, no focus", is_watched=False)


def _flood_of(room: str, what: str, *, is_watched: bool) -> list[Figure]:
    link = _FloodLink()
    with Window(lambda: link) as window:
        window.go_online(joined("aside"), RoomLive("aside", 0))
        if not is_watched:
            window.look_away()
        return _flooded(window, link, room, what)


def _flooded(window: Window, link: _FloodLink, room: str, what: str) -> list[Figure]:
    pulse = Pulse(window.root)
    window.pass_time(0.5)
    link.open(room)
    pulse.start()
    cpu_s, began = time.process_time(), time.perf_counter()
    window.pass_time(_SECONDS)
    cpu_s, took_s = time.process_time() - cpu_s, time.perf_counter() - began
    pulse.stop()
    link.shut()
    gaps = pulse.take_gaps()
    return [
        Figure(f"{_PER_S} messages a second {what}", f"{link.seq / took_s:.0f} a second"),
        Figure("  longest time without input", f"{gaps[-1]:.0f} ms", "aim 100 ms"),
        Figure("  99 of 100 below", f"{gaps[len(gaps) * 99 // 100]:.0f} ms"),
        Figure("  longest time between two polls", f"{link.longest_s * 1000:.0f} ms"),
        Figure("  of a core", f"{cpu_s / took_s:.0%}"),
    ]
