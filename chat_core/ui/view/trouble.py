"""The banner above the input line: what is wrong, what to do next, small print, and a button."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from chat_core.ui.model.standing import Action, Banner
    from chat_core.ui.view.theme import Theme

__all__ = ["TroubleView"]


class TroubleView(ttk.Frame):
    """Shows a `Banner`. `act` is called with its action when the button is pressed."""

    def __init__(self, master: tk.Misc, theme: Theme, act: Callable[[Action], None]) -> None:
        super().__init__(master, style="Trouble.TFrame", padding=(theme.px(12), theme.px(8)))
        self._act = act
        self._shown: Banner | None = None
        self.columnconfigure(0, weight=1)
        self.sentence = ttk.Label(self, style="Trouble.TLabel")
        self.advice = ttk.Label(self, style="Advice.Trouble.TLabel")
        self.small_print = ttk.Label(self, style="Small.Trouble.TLabel")
        for row, label in enumerate((self.sentence, self.advice, self.small_print)):
            label.grid(row=row, column=0, sticky="we")
        self.button = ttk.Button(self, command=self._pressed)
        self.button.grid(row=0, column=1, rowspan=3, padx=(theme.px(12), 0))
        self.bind("<Configure>", self._wrap)

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
            self.button.configure(text=banner.action.value)
            self.button.grid()

    def _pressed(self) -> None:
        if self._shown is not None and self._shown.action is not None:
            self._act(self._shown.action)

    def _wrap(self, event: tk.Event[tk.Misc]) -> None:
        has_button = self._shown is not None and self._shown.action is not None
        width = max(120, event.width - 40 - (self.button.winfo_reqwidth() + 20 if has_button else 0))
        for label in (self.sentence, self.advice, self.small_print):
            label.configure(wraplength=width)
