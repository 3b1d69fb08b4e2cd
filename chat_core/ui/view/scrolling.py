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

_STYLES = {"ground": "TFrame", "surface": "Card.TFrame"}
_STEP_PX = 40
#: Around what is brought into sight.
_AIR_PX = 12


class ScrolledPage(ttk.Frame):
    """Put the widgets into `body`: it is as wide as the page, and at least as high.

    `role` is the colour of the ground, by its name in the palette: "ground" or "surface". With `grows` the page asks
    for the height of what is on it, and the body is not higher; it tells by `<<Changed>>` when it asks for another.
    """

    def __init__(self, master: tk.Misc, theme: Theme, *, role: str = "ground", grows: bool = False) -> None:
        style = _STYLES[role]
        super().__init__(master, style=style)
        self._theme = theme
        self._role = role
        self._grows = grows
        self.canvas = tk.Canvas(self, borderwidth=0, highlightthickness=0, takefocus=False)
        self.bar = ttk.Scrollbar(self, command=self.canvas.yview)
        self.canvas.configure(yscrollcommand=self.bar.set)
        self.canvas.grid(row=0, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        # As high as the body wishes or the page is: a body whose height was set would not be heard when it wishes more.
        self._holder = ttk.Frame(self.canvas, style=style)
        self._holder.columnconfigure(0, weight=1)
        self._holder.rowconfigure(0, weight=1)
        self.body = ttk.Frame(self._holder, style=style)
        self.body.grid(row=0, column=0, sticky="nsew")
        self._item = self.canvas.create_window(0, 0, anchor="nw", window=self._holder)
        self.canvas.bind("<Configure>", self._resized)
        self._holder.bind("<Configure>", lambda _event: self._fit())
        self._window = self.winfo_toplevel()
        self._bound = [
            (event, self._window.bind(event, call, add=True))
            for event, call in (
                ("<FocusIn>", self._focused),
                ("<MouseWheel>", lambda event: self._scroll(event, -1 if event.delta > 0 else 1)),
                ("<Button-4>", lambda event: self._scroll(event, -1)),
                ("<Button-5>", lambda event: self._scroll(event, 1)),
            )
        ]
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def destroy(self) -> None:
        """Go, and leave nothing of it in the window: it would be told of every turn of the wheel for ever."""
        for event, name in self._bound:
            # Before Python 3.12 `unbind` takes all that is bound away, whatever name it is given.
            script = str(self._window.bind(event))
            rest = "\n".join(line for line in script.split("\n") if line and name not in line)
            self._window.tk.call("bind", str(self._window), event, rest)
            self._window.deletecommand(name)
        self._bound = []
        super().destroy()

    def grow(self) -> None:
        """Ask for the height of what is on it now; where it can be seen, it does that by itself."""
        self.update_idletasks()
        self._fit()

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
        self.canvas.configure(background=getattr(self._theme.palette, self._role))

    def _resized(self, event: tk.Event[tk.Misc]) -> None:
        self.canvas.itemconfigure(self._item, width=event.width)
        if not self._grows:
            self._holder.rowconfigure(0, minsize=event.height)
        self._fit()

    def _fit(self) -> None:
        seen, whole = self.canvas.winfo_height(), self._holder.winfo_reqheight()
        self.canvas.configure(scrollregion=(0, 0, self.canvas.winfo_width(), max(seen, whole)))
        if self._grows and whole != int(float(self.canvas.cget("height"))):
            self.canvas.configure(height=whole)
            self.event_generate("<<Changed>>")
        if whole > seen:
            self.bar.grid(row=0, column=1, sticky="ns")
        else:
            self.bar.grid_remove()

    def _is_within(self, widget: object) -> bool:
        # A widget that Tk made itself, such as the list of a combobox, comes as its path.
        return str(widget).startswith(f"{self.body}")

    def _focused(self, event: tk.Event[tk.Misc]) -> None:
        if self._is_within(event.widget) and self.is_scrolled and event.widget.winfo_ismapped():
            self.reveal(event.widget)

    def _scroll(self, event: tk.Event[tk.Misc], steps: int) -> None:
        if self._is_within(event.widget) and self.is_scrolled:
            top = self.canvas.canvasy(0) + steps * self._theme.px(_STEP_PX)
            self.canvas.yview_moveto(max(0.0, top) / self.body.winfo_height())
