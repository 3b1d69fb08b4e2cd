"""The list of who is online beside the conversation. Draws what it is given; decides nothing."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.escape import escape_line

if TYPE_CHECKING:
    from chat_core.ui.theme import Theme

__all__ = ["RosterView"]


class RosterView(ttk.Frame):
    """Names, sorted as they come, with a count above. `fit` makes a name fit to be drawn."""

    def __init__(self, master: tk.Misc, theme: Theme, fit: Callable[[str], str]) -> None:
        super().__init__(master, style="Card.TFrame")
        self._fit = fit
        self._shown: object = None
        px = theme.px
        self.count = ttk.Label(self, style="Muted.TLabel", background=theme.surface)
        self.count.pack(fill="x", padx=px(10), pady=(px(10), px(4)))
        self.names = tk.Listbox(
            self, font=theme.font, background=theme.surface, foreground=theme.ink, borderwidth=0,
            highlightthickness=0, activestyle="none", selectbackground=theme.accent_soft, selectforeground=theme.ink,
            exportselection=False, width=18, takefocus=False, yscrollcommand=self._scrolled,
        )  # fmt: skip
        self._bar = ttk.Scrollbar(self, orient="vertical", command=self.names.yview)
        self.names.pack(fill="both", expand=True, padx=(px(10), 0), pady=(0, px(8)))

    def _scrolled(self, first: float, last: float) -> None:
        self._bar.set(float(first), float(last))
        if float(first) <= 0.0 and float(last) >= 1.0:
            self._bar.pack_forget()
        else:
            self._bar.pack(side="right", fill="y", before=self.names)

    def draw(self, names: tuple[str, ...], online: int, own_name: str) -> None:
        """Show these people; does nothing when they are shown already."""
        wanted = (names, online, own_name)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.count.configure(text=f"Online  {online}" if online else "Online")
        rows = [self._fit(escape_line(name)) + (" (you)" if name == own_name else "") for name in names]
        if online > len(names) > 0:
            rows.append(f"and {online - len(names)} more")
        top = self.names.yview()[0]
        self.names.delete(0, "end")
        self.names.insert("end", *rows)
        self.names.yview_moveto(top)
