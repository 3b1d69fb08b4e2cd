"""How long a window is away from its input: an event that comes every few milliseconds, as one of a keyboard would."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["Pulse"]

_EVERY_MS = 5


class Pulse:
    """Beats in a window from `start` to `stop`. A beat waits its turn behind everything that is waiting already.

    So the time between two beats is the longest that a key pressed then would have waited for, and 5 ms more.
    """

    def __init__(self, widget: tk.Misc) -> None:
        self._widget = widget
        self._timer: str | None = None
        self._gaps: list[float] = []
        self._last = 0.0
        widget.bind("<<Beat>>", self._beaten)

    def start(self) -> None:
        """Begin to beat."""
        self._last = time.perf_counter()
        self._beat()

    def stop(self) -> None:
        """Beat no more."""
        if self._timer is not None:
            self._widget.after_cancel(self._timer)
            self._timer = None

    def take_gaps(self) -> list[float]:
        """Return the milliseconds between beats since the last call, the longest last."""
        gaps, self._gaps = sorted(self._gaps), []
        return gaps

    def _beat(self) -> None:
        self._widget.event_generate("<<Beat>>", when="tail")
        self._timer = self._widget.after(_EVERY_MS, self._beat)

    def _beaten(self, _event: object) -> None:
        now = time.perf_counter()
        self._gaps.append((now - self._last) * 1000)
        self._last = now
