"""Widgets side by side that go on in the next row where there is no more room, like words in a text."""

from __future__ import annotations

import enum
import tkinter as tk
from tkinter import ttk

__all__ = ["Align", "Flow"]


class Align(enum.Enum):
    """To which side a row is moved; APART: to the left, but the last of all to the right."""

    LEFT = "left"
    RIGHT = "right"
    APART = "apart"


class Flow(ttk.Frame):
    """Lays out its children in the order in which they were made, `gap_px` apart, in rows of its width."""

    def __init__(self, master: tk.Misc, *, gap_px: int, style: str = "TFrame", align: Align = Align.LEFT) -> None:
        super().__init__(master, style=style)
        self.gap_px = gap_px
        self._align = align
        self._hidden: set[tk.Misc] = set()
        self._known: set[tk.Misc] = set()
        self._idle: str | None = None
        self.bind("<Configure>", lambda event: self._lay(event.width))

    def destroy(self) -> None:
        """Forget what was about to be laid out, and go."""
        if self._idle is not None:
            self.after_cancel(self._idle)
            self._idle = None
        super().destroy()

    def lay(self) -> None:
        """Lay out what was added; what has another size later is laid out without being told."""
        self._lay(self.winfo_width())

    def show(self, *shown: tk.Widget) -> None:
        """Lay out these of the children, and hide the others."""
        self._hidden = {child for child in self.winfo_children() if child not in shown}
        for child in self._hidden:
            child.place_forget()  # type: ignore[attr-defined]
        self.lay()

    def _lay(self, width: int) -> None:
        rows: list[list[tk.Misc]] = []
        left = 0
        for child in self.winfo_children():
            if child in self._hidden:
                continue
            self._watch(child)
            needed = child.winfo_reqwidth()
            # Before there is a place its width is 1: then it asks for the height of one row.
            if not rows or (left + needed > width > 1):
                rows.append([])
                left = 0
            rows[-1].append(child)
            left += needed + self.gap_px
        top = 0
        for row in rows:
            self._place_row(row, top, width, is_last=row is rows[-1])
            top += max(child.winfo_reqheight() for child in row)
        if top != self.winfo_reqheight():
            self.configure(height=top)

    def _place_row(self, row: list[tk.Misc], top: int, width: int, *, is_last: bool) -> None:
        needed = sum(child.winfo_reqwidth() for child in row) + self.gap_px * (len(row) - 1)
        spare = max(0, width - needed)
        left = spare if self._align is Align.RIGHT else 0
        for child in row:
            if self._align is Align.APART and is_last and child is row[-1]:
                left += spare
            child.place(x=left, y=top)  # type: ignore[attr-defined]
            left += child.winfo_reqwidth() + self.gap_px

    def _watch(self, child: tk.Misc) -> None:
        if child not in self._known:
            self._known.add(child)
            child.bind("<Configure>", lambda _event: self._lay_soon(), add=True)

    def _lay_soon(self) -> None:
        if self._idle is None:
            self._idle = self.after_idle(self._lay_now)

    def _lay_now(self) -> None:
        self._idle = None
        self.lay()
