"""What a screen reader calls a widget that has no words of its own: told to `tk accessible`, where Tk has that.

It comes with Tk 9.1 (TIP 733); an older Tk tells screen readers nothing, and then nothing is done here. Which words
belong to which widget is up to whoever makes the widget. What is in it is Tk's business: it reads out a Text, and
knows nothing of what is drawn on a Canvas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tkinter as tk

__all__ = ["SpokenName"]

#: Tk gives a widget the name of its class whenever it is shown; ours has to come after that.
_SHOWN = "<<SpokenNameShown>>"
#: By the class of the widget. Tk takes no name for what has no role.
_ROLES = {"Canvas": "Canvas", "TButton": "Button", "TEntry": "Entry", "Text": "Text"}


class SpokenName:
    """The name of one widget: a Text, a Canvas, or a button or an entry of ttk. `say` gives it another one."""

    def __init__(self, widget: tk.Misc, words: str = "") -> None:
        self._widget = widget
        self._role = _ROLES[widget.winfo_class()]
        self._words = words
        self._is_heard = _has_accessible(widget)
        if self._is_heard:
            widget.bind(_SHOWN, lambda _event: self._tell(), add=True)
            widget.bind("<Map>", lambda _event: widget.event_generate(_SHOWN, when="tail"), add=True)
            self._tell()

    def say(self, words: str) -> None:
        """Let it be called so from now on."""
        if words != self._words:
            self._words = words
            self._tell()

    def _tell(self) -> None:
        if not self._is_heard or not self._words:
            return
        for operation, value in (
            ("set_acc_role", self._role),  # first: the others are refused before it
            ("set_acc_name", self._words),
            ("set_acc_description", self._words),  # which is what Windows and macOS read out as the name
        ):
            self._widget.tk.call("tk", "accessible", operation, str(self._widget), value)


def _has_accessible(widget: tk.Misc) -> bool:
    known = widget.tk.call("namespace", "ensemble", "configure", "tk", "-map")
    return "accessible" in map(str, widget.tk.splitlist(known)[::2])  # type: ignore[no-untyped-call]
