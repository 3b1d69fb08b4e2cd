"""What a window takes while nothing happens: its share of a core, in a process of its own."""

from __future__ import annotations

import tempfile
import time
import tkinter as tk
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from tests.bench.machine import cpu_s
from tests.serving import HOST
from tests.window_bench.figures import Figure
from tests.window_bench.server import LocalServer
from tests.window_bench.windows import OtherWindow

__all__ = ["idle"]

_PEOPLE = 50
#: After the last thing that happened: the polls have come to their slowest by then.
_CALM_S = 4.0
_SECONDS = 20.0


def idle() -> list[Figure]:
    """Measure the chat with the cursor blinking in the input line and without the focus, and the form."""
    figures = []
    with LocalServer() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server.fill(_PEOPLE)
        flags = ("--host", HOST, "--port", str(server.port), "--data", str(folder / "chat"))
        with OtherWindow("client", folder, *flags) as window:
            window.wait_for("chat")
            figures.append(_share(f"in a room with {_PEOPLE} others, the cursor blinking", window))
            with _focus_elsewhere():
                figures.append(_share("  without the focus", window))
        with OtherWindow("client", folder, "--data", str(folder / "form")) as window:
            window.wait_for("form")
            figures.append(_share("the form", window))
    return figures


def _share(what: str, window: OtherWindow) -> Figure:
    time.sleep(_CALM_S)
    began, used = time.perf_counter(), cpu_s(window.pid)
    time.sleep(_SECONDS)
    took, used_after = time.perf_counter() - began, cpu_s(window.pid)
    if used is None or used_after is None:
        return Figure(what, "not told on this system")
    return Figure(what, f"{(used_after - used) / took:.2%} of a core", "aim 1 %")


@contextmanager
def _focus_elsewhere() -> Iterator[None]:
    """Give the keyboard to a window of ours."""
    other = tk.Tk()
    other.geometry("100x100+1000+800")
    other.update()
    other.focus_force()
    other.update()
    try:
        yield
    finally:
        other.destroy()
