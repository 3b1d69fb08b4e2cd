"""One thing that is asked: its label, the field, and what is wrong with the answer."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING

from chat_core.ui.view.accessible import SpokenName

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Field"]

_GAP_PX = 3
_CHARS_MIN = 10


class Field(ttk.Frame):
    """A label over an entry on a card, and what is wrong under it.

    `width` is in characters; 0 takes what there is. With `explained_in`, what is wrong is said in that frame: the
    caller grids `explanation` there, for a sentence may be longer than the field.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        label: str,
        text: str = "",
        *,
        width: int = 0,
        explained_in: tk.Misc | None = None,
    ) -> None:
        super().__init__(master, style="Card.TFrame")
        self._theme = theme
        self.columnconfigure(0, weight=1)
        ttk.Label(self, style="Bold.Card.TLabel", text=label).grid(row=0, column=0, sticky="w")
        self.entry = ttk.Entry(self, style="Card.TEntry", font=theme.font, width=width or _CHARS_MIN)
        SpokenName(self.entry, label)
        self.entry.insert(0, text)
        self.entry.grid(row=1, column=0, sticky="we")
        self.explanation = ttk.Frame(explained_in or self, style="Card.TFrame")
        self.problem = ttk.Label(self.explanation, style="Bad.Card.TLabel")
        self.advice = ttk.Label(self.explanation, style="Small.Card.TLabel")
        self.small_print = ttk.Label(self.explanation, style="Muted.Card.TLabel")
        if explained_in is None:
            self.explanation.grid(row=2, column=0, sticky="we")
            self.explanation.grid_remove()
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def put(self, text: str) -> None:
        """Fill it in."""
        self.entry.delete(0, "end")
        self.entry.insert(0, text)

    def explain(self, problem: str, advice: str = "", small_print: str = "") -> None:
        """Say what is wrong and what to do, or nothing any more."""
        self.entry.state(["invalid" if problem else "!invalid"])
        for label, text in ((self.problem, problem), (self.advice, advice), (self.small_print, small_print)):
            label.configure(text=text)
            if text:
                label.pack(fill="x")
            else:
                label.pack_forget()
        if problem:
            self.explanation.grid()
        else:
            self.explanation.grid_remove()

    def wrap(self, width: int) -> None:
        """Break what is wrong into lines of so many pixels."""
        for label in (self.problem, self.advice, self.small_print):
            label.configure(wraplength=width)

    def _paint(self) -> None:
        self.entry.grid_configure(pady=(self._theme.px(_GAP_PX), 0))
