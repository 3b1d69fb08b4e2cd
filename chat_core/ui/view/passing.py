"""Keys that are not a widget's own: those of the window, which pass it by, and commands, which write nothing.

Which keys the window has is said in `model.keys`; what they do is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.ui.model.keys import TABLE, patterns

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["is_command", "pass_on"]

#: Control and Alt in the `state` of an event. On Windows 8 is Num Lock.
_COMMANDING = {"win32": 0x20004, "x11": 0x2000C, "aqua": 0x2000C}


def is_command(event: tk.Event[tk.Misc]) -> bool:
    """Say whether a key was pressed with another that makes it a command, so that it is not to be written."""
    system = str(event.widget.tk.call("tk", "windowingsystem"))
    held = int(event.state) & _COMMANDING[system]
    # Windows says both of AltGr, with which many keyboards write @ and €.
    return held != 0 and not (system == "win32" and held == _COMMANDING[system])


def pass_on(widget: tk.Misc) -> None:
    """Let the keys with modifiers go by that the window has: Tk takes Alt+Up for Up where a widget binds only that."""
    system = str(widget.tk.call("tk", "windowingsystem"))
    for section in TABLE:
        for row in section.rows:
            chord = row.chord_on(system)
            if row.shortcut is not None and " " in chord:
                for pattern in patterns(chord, system):
                    widget.bind(pattern, lambda _event: None)
