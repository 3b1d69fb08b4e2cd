"""Keys of the window that pass a widget by: Tk takes Alt+Up for Up where a widget binds only that.

Which keys the window has is said in `model.keys`; what they do is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.ui.model.keys import TABLE, patterns

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["pass_on"]


def pass_on(widget: tk.Misc) -> None:
    """Let the keys with modifiers that the window has go past what this widget binds to the same keys without."""
    system = str(widget.tk.call("tk", "windowingsystem"))
    for section in TABLE:
        for row in section.rows:
            chord = row.chord_on(system)
            if row.shortcut is not None and " " in chord:
                for pattern in patterns(chord, system):
                    widget.bind(pattern, lambda _event: None)
