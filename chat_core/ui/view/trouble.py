"""The banner above the input line: what is wrong, what to do next, small print, and a button."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.language import _

if TYPE_CHECKING:
    from chat_core.ui.model.standing import Action, Banner
    from chat_core.ui.view.theme import Theme

__all__ = ["TroubleView"]

_SIDE_PX = 12
_TOP_PX = 8
#: That a label is wider than its words, on each side.
_LABEL_PX = 2
_WORDS_PX_MIN = 120


class TroubleView(ttk.Frame):
    """Shows a `Banner`. `act` is called with its action when the button is pressed."""

    def __init__(self, master: tk.Misc, theme: Theme, act: Callable[[Action], None]) -> None:
        super().__init__(master, style="Trouble.TFrame")
        self._theme = theme
        self._act = act
        self._shown: Banner | None = None
        self.columnconfigure(0, weight=1)
        self.sentence = ttk.Label(self, style="Trouble.TLabel")
        self.advice = ttk.Label(self, style="Advice.Trouble.TLabel")
        self.small_print = ttk.Label(self, style="Small.Trouble.TLabel")
        for row, label in enumerate((self.sentence, self.advice, self.small_print)):
            label.grid(row=row, column=0, sticky="we")
        self.button = ttk.Button(self, style="Trouble.TButton", command=self._pressed)
        for key in ("<Return>", "<KP_Enter>"):
            self.button.bind(key, lambda _event: self.button.invoke())
        self.button.grid(row=0, column=1, rowspan=3, sticky="e")
        self.button.grid_remove()
        self.bind("<Configure>", lambda event: self._wrap(event.width))
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def draw(self, banner: Banner) -> None:
        """Show this banner; does nothing when it is shown already."""
        if banner == self._shown:
            return
        self._shown = banner
        for label, text in (
            (self.sentence, banner.sentence),
            (self.advice, banner.advice),
            (self.small_print, banner.small_print),
        ):
            label.configure(text=text)
            if text:
                label.grid()
            else:
                label.grid_remove()
        if banner.action is None:
            self.button.grid_remove()
        else:
            self.button.configure(text=_(banner.action.value))
            self.button.grid()
        self._wrap(self.winfo_width())

    def _pressed(self) -> None:
        if self._shown is not None and self._shown.action is not None:
            self._act(self._shown.action)

    def _paint(self) -> None:
        px = self._theme.px
        self.configure(padding=(px(_SIDE_PX), px(_TOP_PX)))
        self.columnconfigure(1, pad=px(_SIDE_PX))

    def _wrap(self, width: int) -> None:
        px = self._theme.px
        has_button = self._shown is not None and self._shown.action is not None
        beside = 2 * px(_SIDE_PX + _LABEL_PX) + (self.button.winfo_reqwidth() + px(_SIDE_PX) if has_button else 0)
        for label in (self.sentence, self.advice, self.small_print):
            label.configure(wraplength=max(px(_WORDS_PX_MIN), width - beside))
