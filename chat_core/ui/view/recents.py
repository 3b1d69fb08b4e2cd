"""The servers that one was on, each one click away, and each to be forgotten.

Shows what it is given; connects nothing.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.language import _
from chat_core.ui.model.cutting import cut_end
from chat_core.ui.view.tooltip import Tooltip

if TYPE_CHECKING:
    from chat_core.ui.model.details import Recent
    from chat_core.ui.view.theme import Theme

__all__ = ["RecentsView"]

_STYLE = "Recent.Flat.TButton"
#: Of a row: the cross at its end, and what is around the words.
_AROUND_PX = 60


class RecentsView(ttk.Frame):
    """The list, `width_px` wide. `choose` is called with the one that is clicked, `forget` with one that is to go."""

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        choose: Callable[[Recent], None],
        forget: Callable[[Recent], None],
        *,
        width_px: int,
    ) -> None:
        super().__init__(master)
        self._theme = theme
        self._choose = choose
        self._forget = forget
        self._width_px = width_px
        self.recents: tuple[Recent, ...] = ()
        #: For each of them the button that connects and the one that forgets.
        self.rows: list[tuple[ttk.Button, ttk.Button]] = []
        self.columnconfigure(0, weight=1)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def draw(self, recents: Sequence[Recent]) -> None:
        """Show these."""
        for widgets in self.rows:
            for widget in widgets:
                widget.destroy()
        self.recents, self.rows = tuple(recents), []
        for row, recent in enumerate(recents):
            connect = ttk.Button(self, style=_STYLE, command=lambda recent=recent: self._choose(recent))  # type: ignore[misc]
            connect.grid(row=row, column=0, sticky="we")
            connect.bind("<Delete>", lambda _event, recent=recent: self._drop(recent))  # type: ignore[misc]
            spelled = _("{name} at {address}").format(name=recent.shown_name, address=recent.shown_address)
            Tooltip(connect, spelled, self._theme)
            drop = ttk.Button(self, style="Icon.TButton", text="×", command=lambda recent=recent: self._drop(recent))  # type: ignore[misc]  # noqa: RUF001
            drop.grid(row=row, column=1)
            Tooltip(drop, _("Forget this one"), self._theme)
            for button, key in ((connect, "<Return>"), (drop, "<Return>"), (connect, "<KP_Enter>")):
                button.bind(key, lambda event: event.widget.invoke())
            self.rows.append((connect, drop))
        self._label()

    def set_enabled(self, *, is_enabled: bool) -> None:
        """Let them be clicked, or not while one is connecting."""
        for widgets in self.rows:
            for widget in widgets:
                widget.state(["!disabled" if is_enabled else "disabled"])

    def _drop(self, recent: Recent) -> None:
        place = self.recents.index(recent)
        self._forget(recent)
        self.draw([each for each in self.recents if each != recent])
        if self.rows:
            self.rows[min(place, len(self.rows) - 1)][0].focus_set()

    def _label(self) -> None:
        room = self._theme.px(self._width_px - _AROUND_PX)
        measure = self._theme.font.measure
        for recent, (connect, _drop) in zip(self.recents, self.rows):
            name, address = (cut_end(words, room, measure) for words in (recent.shown_name, recent.shown_address))
            connect.configure(text=f"{name}\n{address}")

    def _paint(self) -> None:
        style = ttk.Style(self)
        if style.lookup(_STYLE, "anchor") != "w":  # configuring a style changes the theme, which calls this again
            style.configure(_STYLE, anchor="w", justify="left")
        self._label()
