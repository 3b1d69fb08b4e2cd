"""How long it takes until the window is there: the form after the start of Python, the page after pressing Enter."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.rounds import spread
from tests.serving import HOST
from tests.window_bench.figures import Figure, told_ms
from tests.window_bench.server import LocalServer
from tests.window_bench.windows import OtherWindow

__all__ = ["starting"]

_ROUNDS = 11


def starting() -> list[Figure]:
    """Measure both in new processes, in turns with a bare Tk window; in the first round Python writes its bytecode."""
    bare, form, page = [], [], []
    with LocalServer() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bytecode = folder / "bytecode"
        for number in range(_ROUNDS + 1):
            with OtherWindow("bare", folder, bytecode=bytecode) as window:
                bare.append((window.wait_for("form") - window.began) * 1000)
            own = folder / str(number)
            flags = ("--host", HOST, "--port", str(server.port), "--data", str(own))
            with OtherWindow("client", own, *flags, bytecode=bytecode) as window:
                form.append((window.wait_for("form") - window.began) * 1000)
                pressed = window.wait_for("pressed")
                page.append((window.wait_for("chat") - pressed) * 1000)
    own_ms = spread(form[1:]).median - spread(bare[1:]).median
    return [
        Figure("start of Python until Tk's window is drawn", told_ms(bare[1:])),
        Figure("  until the form is drawn", told_ms(form[1:]), f"{own_ms:.0f} ms after Tk's own; aim 500 ms"),
        Figure("    the very first time, without bytecode", f"{form[0]:.0f} ms", f"Tk's own {bare[0]:.0f} ms"),
        Figure("Enter in the form until the chat is drawn", told_ms(page[1:]), f"the first time {page[0]:.0f} ms"),
    ]
