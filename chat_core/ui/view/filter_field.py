"""A field that says in itself what to type into it, and tells every change: above lists that get shorter meanwhile."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.ui.view.passing import pass_on

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["FilterField"]


class FilterField(ttk.Entry):
    """`hint` stands in it while it is empty; `changed` is told what is in it, whoever changed it."""

    def __init__(self, master: tk.Misc, theme: Theme, hint: str, changed: Callable[[str], None]) -> None:
        self._text = tk.StringVar(master)
        super().__init__(master, textvariable=self._text, font=theme.font)
        self._theme = theme
        self._changed = changed
        # Tk has placeholders since 9.0.
        self.hint = tk.Label(self, text=hint, font=theme.font, borderwidth=0, padx=0, pady=0, cursor="xterm")
        self.hint.bind("<Button-1>", lambda _event: self.focus_set())
        self._trace = self._text.trace_add("write", lambda *_written: self._written())
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        pass_on(self)
        self._show_hint()
        self._paint()

    def destroy(self) -> None:
        """Go, and let Tcl forget whom to tell: that would keep the field, and all that it is in, for ever."""
        self._text.trace_remove("write", self._trace)
        super().destroy()

    @property
    def text(self) -> str:
        """What is in it."""
        return self._text.get()

    @text.setter
    def text(self, text: str) -> None:
        self._text.set(text)
        self.icursor("end")

    def _written(self) -> None:
        self._show_hint()
        self._changed(self.text)

    def _show_hint(self) -> None:
        if self.text:
            self.hint.place_forget()
        else:
            self.hint.place(x=self._theme.px(8), rely=0.5, anchor="w")

    def _paint(self) -> None:
        self.hint.configure(background=self._theme.palette.surface, foreground=self._theme.palette.muted)
