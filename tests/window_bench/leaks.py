"""What is left behind: by a thousand reconnects, and by two hundred ways back to the form and in again.

Counted by `census` before and after: what Tk holds, what Python holds, descriptors and memory. The conversation, which
tells of each reconnect, is cleared for that. The reconnects are those of real links to a real server, whose connection
is cut; then those of a link led by the hand. `tests.test_window_bench` counts the same over a few.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from chat_core.ui.model.standing import Action
from tests.presenter_case import CUT_OFF, ONLINE
from tests.window_bench.figures import Figure
from tests.window_bench.server import CutLinks, LocalServer
from tests.window_bench.window import Window

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["Census", "census", "leaks", "reconnect", "return_to_form"]

_RECONNECTS = 1_000
_RETURNS = 200
#: What is made once and kept (caches, Tk's own) is made by then.
_WARM_UP = 20
#: What may grow all the same: Python's own free lists and caches, and the heap that is in pieces.
_OBJECTS_MAX = 200
_MEMORY_KIB_MAX = 2_048
_TYPES_SHOWN = 5


class Census(NamedTuple):
    """How much there is of what Tk holds, by what it is; of Python's objects, by type; and of what the system lends."""

    tk: dict[str, int]
    objects: Counter[str]
    descriptors: int
    memory_kib: int


def census(root: tk.Misc) -> Census:
    """Count everything, after what is garbage has been collected. What the system does not tell is 0."""
    root.update()
    gc.collect()
    objects = Counter(type(each).__name__ for each in gc.get_objects())
    return Census(_held_by_tk(root), objects, _descriptors(), _memory_kib())


def _held_by_tk(root: tk.Misc) -> dict[str, int]:
    tcl: Any = root.tk

    def listed(*command: str) -> list[str]:
        return [str(each) for each in tcl.splitlist(tcl.call(*command))]

    def below(path: str) -> list[str]:
        return [path, *(inner for child in listed("winfo", "children", path) for inner in below(child))]

    widgets = below(".")
    classes = {path: str(tcl.call("winfo", "class", path)) for path in widgets}
    texts = [path for path in widgets if classes[path] == "Text"]
    bound = [(tag, key) for tag in {"all", *widgets, *classes.values()} for key in listed("bind", tag)]
    return {
        "widgets": len(widgets),
        "after scripts": len(listed("after", "info")),
        "Tcl commands": len(listed("info", "commands")),
        "Tcl variables": len(listed("info", "globals")),
        "images": len(listed("image", "names")),
        "fonts": len(listed("font", "names")),
        "tags": len([tag for path in texts for tag in listed(path, "tag", "names")]),
        # tkinter writes one line for each function that is bound.
        "bound functions": len([line for tag, key in bound for line in str(tcl.call("bind", tag, key)).split("\n")]),
    }


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


def _memory_kib() -> int:
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def reconnect(window: Window) -> None:
    """Lose the connection of a link led by the hand, see that said, and come back to where one was."""
    window.take(CUT_OFF)
    window.take(*ONLINE)
    _clear(window)


def return_to_form(window: Window) -> None:
    """Go back to the form from the chat, and in again on another link led by the hand."""
    window.app.back_to_form()
    window.draw()
    window.go_online()


def _clear(window: Window) -> None:
    """Drop what the conversation tells of each reconnect: that it grows is what it is for."""
    for conversation in window.chatting.presenter.rooms.values():
        conversation.clear()
    window.app.tick()
    window.draw()


class _Case(NamedTuple):
    """Something that is done so often and is to leave nothing behind."""

    what: str
    times: int
    act: Callable[[Window], object]


def leaks() -> list[Figure]:
    """Count what is left behind by reconnects and by returns to the form."""
    figures = []
    with LocalServer() as server:
        links = CutLinks(server.port)
        with Window(links.make) as window:
            window.app.form.submit()
            window.until(lambda: window.is_online, "online")
            cut_off = functools.partial(_cut_off, links)
            figures += _counted(window, _Case("reconnects to a real server", _RECONNECTS, cut_off))
    with Window() as window:
        window.go_online()
        figures += _counted(window, _Case("reconnects", _RECONNECTS, reconnect))
        figures += _counted(window, _Case("returns to the form", _RETURNS, return_to_form))
    return figures


def _cut_off(links: CutLinks, window: Window) -> None:
    """Lose the connection to a real server, and come back as soon as that can be."""
    links.cut()
    window.until(lambda: not window.is_online, "offline")
    window.app.act(Action.TRY_NOW)
    window.until(lambda: window.is_online, "online")
    _clear(window)


def _counted(window: Window, case: _Case) -> list[Figure]:
    for _ in range(_WARM_UP):
        case.act(window)
    census(window.root)  # which has things of its own to make for the first time
    before = census(window.root)
    began = time.perf_counter()
    for _ in range(case.times):
        case.act(window)
    took_ms = (time.perf_counter() - began) * 1000 / case.times
    after = census(window.root)
    held = {kind: after.tk[kind] - count for kind, count in before.tk.items()}
    grown = (after.objects - before.objects).most_common(_TYPES_SHOWN)
    objects = sum(after.objects.values()) - sum(before.objects.values())
    memory_kib = after.memory_kib - before.memory_kib
    return [
        Figure(f"{case.times} {case.what}", f"{took_ms:.1f} ms each"),
        Figure(
            "  more in Tk",
            ", ".join(f"{count:+d} {kind}" for kind, count in held.items() if count) or "nothing",
            f"of {', '.join(held)}",
        ),
        Figure(
            "  more objects in Python",
            f"{objects:+d} {', '.join(f'{count} {kind}' for kind, count in grown)}",
            f"may be {_OBJECTS_MAX}",
        ),
        Figure("  more descriptors", f"{after.descriptors - before.descriptors:+d}", "may be 0"),
        Figure("  more memory", f"{memory_kib:+d} KiB of {before.memory_kib}", f"may be {_MEMORY_KIB_MAX} KiB"),
    ]
