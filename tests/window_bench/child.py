"""One window in a process of its own: `python3 -m tests.window_bench.child bare`, or `client` with the client's flags.

`bare` is a window with one label. `client` is the client as people start it; given a host and a port, but no name, it
types one and presses Enter once its form is drawn. Each says when that was and when its page was drawn, in monotonic
seconds: `form 17.1`, `pressed 17.2`, `chat 17.3`. Whoever starts it ends it.
"""

from __future__ import annotations

import os
import sys
import time
import tkinter as tk

_LOOK_MS = 2


def _say(what: str) -> None:
    print(what, time.monotonic(), flush=True)


def _draw(root: tk.Misc) -> None:
    """Let everything be drawn, and the screen say that it has."""
    root.update()
    root.winfo_pointerxy()  # asks the screen, which answers after what it was asked for before


def _bare() -> None:
    root = tk.Tk()
    root.geometry("900x640")
    tk.Label(root, text="Chat").pack()
    _draw(root)
    _say("form")


def _client(flags: list[str]) -> None:
    from chat_core.ui import cli  # noqa: PLC0415 - of no concern to the bare window

    run = tk.Misc.mainloop

    def drawn_first(root: tk.Misc, n: int = 0) -> None:
        _draw(root)
        _say("form")
        if "--port" in flags:
            (root.focus_lastfor() or root).focus_force()  # as a window manager would
            root.after(_LOOK_MS, _come_in, root)
        run(root, n)

    tk.Misc.mainloop = drawn_first  # type: ignore[method-assign, assignment]
    cli.main(flags)


def _come_in(root: tk.Misc) -> None:
    field = root.focus_get()
    if not isinstance(field, tk.Entry):  # the screen has not given us the keyboard yet
        root.after(_LOOK_MS, _come_in, root)
        return
    field.insert("end", f"Ann {os.getpid()}")  # a name belongs to the installation that took it first
    _draw(root)
    _say("pressed")
    field.event_generate("<Return>")
    _look(root)


def _look(root: tk.Misc) -> None:
    from chat_core.ui.view.chat import ChatPage  # noqa: PLC0415 - imported by the client

    if any(isinstance(child, ChatPage) and child.winfo_ismapped() for child in root.winfo_children()):
        _draw(root)
        _say("chat")
    else:
        root.after(_LOOK_MS, _look, root)


def main() -> None:
    """Be the window that the command line says."""
    kind, *flags = sys.argv[1:]
    if kind == "bare":
        _bare()
    else:
        _client(flags)


if __name__ == "__main__":
    main()
