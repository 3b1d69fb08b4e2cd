"""The list of who is online beside the conversation. Draws what it is given; decides nothing."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.escape import escape_line

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["PeopleView"]

#: The width of a name: some twenty characters.
_ROW_PX = 140


class PeopleView(ttk.Frame):
    """Names, sorted as they come, with a count above. `fit` makes a name fit to be drawn.

    Its width never changes. A name that is too long for it loses its middle, for names of one kind begin alike
    and end with what tells them apart; the whole of it stands beside the list while the pointer is on it.
    """

    def __init__(self, master: tk.Misc, theme: Theme, fit: Callable[[str], str]) -> None:
        super().__init__(master, style="Card.TFrame")
        self._fit = fit
        self._shown: object = None
        self._whole: tuple[str, ...] = ()  # of each row, its text before it was cut
        self._cut: dict[str, str] = {}  # the rows shown now, by what they were before
        px = theme.px
        self._measure = theme.font.measure
        self._row_px = px(_ROW_PX)
        self.count = ttk.Label(self, style="Muted.TLabel", background=theme.surface)
        self.count.grid(row=0, column=0, columnspan=2, sticky="we", padx=px(10), pady=(px(10), px(4)))
        self.names = tk.Listbox(
            self, font=theme.font, background=theme.surface, foreground=theme.ink, borderwidth=0,
            highlightthickness=0, activestyle="none", selectbackground=theme.accent_soft, selectforeground=theme.ink,
            exportselection=False, width=1, takefocus=False, yscrollcommand=self._scrolled,
        )  # fmt: skip
        self._bar = ttk.Scrollbar(self, orient="vertical", command=self.names.yview)
        self.names.grid(row=1, column=0, sticky="nsew", padx=(px(10), 0), pady=(0, px(8)))
        self._bar.grid(row=1, column=1, sticky="ns")
        # The room of the scroll bar is kept where there is none.
        self.columnconfigure(0, minsize=self._row_px + px(10) + px(4))
        self.columnconfigure(1, minsize=self._bar.winfo_reqwidth())
        self.rowconfigure(1, weight=1)
        # Beside the list and not under the pointer: there it would be in its own way.
        self.whole_name = tk.Label(
            master, font=theme.font, background=theme.ink, foreground=theme.surface, padx=px(8), pady=px(3)
        )
        self.names.bind("<Motion>", self._pointed)
        for left in ("<Leave>", "<Unmap>"):
            self.names.bind(left, lambda _event: self.whole_name.place_forget())

    def _scrolled(self, first: float, last: float) -> None:
        self._bar.set(float(first), float(last))
        self.whole_name.place_forget()
        if float(first) <= 0.0 and float(last) >= 1.0:
            self._bar.grid_remove()
        else:
            self._bar.grid()

    def _pointed(self, event: tk.Event[tk.Misc]) -> None:
        """Show the whole of the name under the pointer, if it is cut."""
        number = int(self.names.index(f"@{event.x},{event.y}"))
        box = self.names.bbox(number) if 0 <= number < len(self._whole) else None
        if box is None or event.y >= box[1] + box[3] or self._cut.get(self._whole[number]) == self._whole[number]:
            self.whole_name.place_forget()
            return
        self.whole_name.configure(text=self._whole[number])
        middle = self.winfo_y() + self.names.winfo_y() + box[1] + box[3] // 2
        self.whole_name.place(x=self.winfo_x() - 4, y=middle, anchor="e")
        self.whole_name.lift()

    def draw(self, names: tuple[str, ...], online: int, own_name: str) -> None:
        """Show these people; does nothing when they are shown already."""
        wanted = (names, online, own_name)
        if wanted == self._shown:
            return
        self._shown = wanted
        self.count.configure(text=f"Online  {online}" if online else "Online")
        own_mark = " (you)"
        whole = [self._fit(escape_line(name)) + (own_mark if name == own_name else "") for name in names]
        self._cut = {
            row: self._cut.get(row) or self._shortened(row, own_mark if name == own_name else "")
            for row, name in zip(whole, names)
        }
        self._whole = tuple(whole)
        rows = [self._cut[row] for row in whole]
        if online > len(names) > 0:
            rows.append(f"and {online - len(names)} more")
        self.whole_name.place_forget()
        top = self.names.yview()[0]
        self.names.delete(0, "end")
        self.names.insert("end", *rows)
        self.names.yview_moveto(top)

    def _shortened(self, row: str, mark: str) -> str:
        """Take characters out of the middle of a name until it fits; the mark behind it stays."""
        if self._measure(row) <= self._row_px:
            return row
        name = row[: len(row) - len(mark)]
        for kept in range(len(name) - 1, 1, -1):
            shown = f"{name[: (kept + 1) // 2]}…{name[len(name) - kept // 2 :]}{mark}"
            if self._measure(shown) <= self._row_px:
                return shown
        return f"{name[:1]}…{mark}"
