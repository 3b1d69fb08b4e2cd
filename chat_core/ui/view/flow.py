"""Widgets side by side that go on in the next row where there is no more room, like words in a text."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk

__all__ = ["Flow"]


class Flow(ttk.Frame):
    """Lays out its children in the order in which they were made, `gap_px` apart, in rows of its width."""

    def __init__(self, master: tk.Misc, *, gap_px: int, style: str = "TFrame") -> None:
        super().__init__(master, style=style)
        self._gap_px = gap_px
        self.bind("<Configure>", lambda event: self._lay(event.width))

    def lay(self) -> None:
        """Lay out what was added, or has another size than before."""
        self._lay(self.winfo_width())

    def _lay(self, width: int) -> None:
        left = top = row_height = 0
        for child in self.winfo_children():
            needed = child.winfo_reqwidth()
            if left and left + needed > width:
                left, top, row_height = 0, top + row_height, 0
            child.place(x=left, y=top)
            left += needed + self._gap_px
            row_height = max(row_height, child.winfo_reqheight())
        if top + row_height != self.winfo_reqheight():
            self.configure(height=top + row_height)
