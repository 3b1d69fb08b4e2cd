"""The words beside a tick or a radio button in several lines: ttk breaks those of labels only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.ui.model.cutting import broken

if TYPE_CHECKING:
    from tkinter import ttk

    from chat_core.ui.view.theme import Theme

__all__ = ["WrappedWords"]


class WrappedWords:
    """The words of `button`, broken where what it is in is too narrow for them. Change them with `say`."""

    def __init__(self, button: ttk.Checkbutton | ttk.Radiobutton, theme: Theme) -> None:
        self._button = button
        self._theme = theme
        self._words = str(button.cget("text"))
        button.master.bind("<Configure>", lambda event: self._wrap(event.width), add=True)
        button.bind("<<ThemeChanged>>", lambda _event: self._wrap(button.master.winfo_width()), add=True)

    def say(self, words: str) -> None:
        """Have other words on it."""
        self._words = words
        self._button.configure(text=words)
        self._wrap(self._button.master.winfo_width())

    def _wrap(self, width: int) -> None:
        if width <= 1 or not self._button.winfo_exists():  # it has no place yet, or none any more
            return
        measure = self._theme.font.measure
        sign_px = self._button.winfo_reqwidth() - max(map(measure, str(self._button.cget("text")).split("\n")))
        words = broken(self._words, width - sign_px, measure)
        if words != str(self._button.cget("text")):
            self._button.configure(text=words)
