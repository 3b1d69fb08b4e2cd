"""A page that scrolls where the window is too small for it, and is a plain frame where it is not.

What is on it knows nothing of that: the part with the focus is brought into sight, the wheel works everywhere on it.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["ScrolledPage"]

_STEP_PX = 40
#: Around what is brought into sight.
_AIR_PX = 12


class ScrolledPage(ttk.Frame):
    """Put the widgets into `body`: it is as wide as the page, and at least as high."""

    def __init__(self, master: tk.Misc, theme: Theme) -> None:
        super().__init__(master)
        self._theme = theme
        self.canvas = tk.Canvas(self, borderwidth=0, highlightthickness=0, takefocus=False)
        self.bar = ttk.Scrollbar(self, command=self.canvas.yview)
        self.canvas.configure(yscrollcommand=self.bar.set)
        self.canvas.grid(row=0, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        # As high as the body wishes or the page is: a body whose height was set would not be heard when it wishes more.
        self._holder = ttk.Frame(self.canvas)
        self._holder.columnconfigure(0, weight=1)
        self._holder.rowconfigure(0, weight=1)
        self.body = ttk.Frame(self._holder)
        self.body.grid(row=0, column=0, sticky="nsew")
        self._item = self.canvas.create_window(0, 0, anchor="nw", window=self._holder)
        self.canvas.bind("<Configure>", self._resized)
        self._holder.bind("<Configure>", lambda _event: self._fit())
        window = self.winfo_toplevel()
        window.bind("<FocusIn>", self._focused, add=True)
        window.bind("<MouseWheel>", lambda event: self._scroll(event, -1 if event.delta > 0 else 1), add=True)
        window.bind("<Button-4>", lambda event: self._scroll(event, -1), add=True)
        window.bind("<Button-5>", lambda event: self._scroll(event, 1), add=True)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    @property
    def is_scrolled(self) -> bool:
        """Whether there is more than can be seen at once."""
        return bool(self.bar.winfo_manager())

    def reveal(self, widget: tk.Misc) -> None:
        """Bring a widget of the page into sight."""
        self.update_idletasks()
        top = widget.winfo_rooty() - self.body.winfo_rooty() - self._theme.px(_AIR_PX)
        bottom = top + widget.winfo_height() + 2 * self._theme.px(_AIR_PX)
        first, seen, whole = self.canvas.canvasy(0), self.canvas.winfo_height(), self.body.winfo_height()
        if bottom > first + seen:
            self.canvas.yview_moveto((bottom - seen) / whole)
        elif top < first:
            self.canvas.yview_moveto(top / whole)

    def _paint(self) -> None:
        self.canvas.configure(background=self._theme.palette.ground)

    def _resized(self, event: tk.Event[tk.Misc]) -> None:
        self.canvas.itemconfigure(self._item, width=event.width)
        self._holder.rowconfigure(0, minsize=event.height)
        self._fit()

    def _fit(self) -> None:
        seen, whole = self.canvas.winfo_height(), self._holder.winfo_reqheight()
        self.canvas.configure(scrollregion=(0, 0, self.canvas.winfo_width(), max(seen, whole)))
        if whole > seen:
            self.bar.grid(row=0, column=1, sticky="ns")
        else:
            self.bar.grid_remove()

    def _is_within(self, widget: object) -> bool:
        # A widget that Tk made itself, such as the list of a combobox, comes as its path.
        return str(widget).startswith(f"{self.body}")

    def _focused(self, event: tk.Event[tk.Misc]) -> None:
        if self.is_scrolled and self._is_within(event.widget) and event.widget.winfo_ismapped():
            self.reveal(event.widget)

    def _scroll(self, event: tk.Event[tk.Misc], steps: int) -> None:
        if self.is_scrolled and self._is_within(event.widget):
            top = self.canvas.canvasy(0) + steps * self._theme.px(_STEP_PX)
            self.canvas.yview_moveto(max(0.0, top) / self.body.winfo_height())
