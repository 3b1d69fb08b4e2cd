"""The bar over the conversation with which one finds in it: what is sought, where of how many one is, on and back.

Searches nothing itself.
"""

from __future__ import annotations

from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.language import _
from chat_core.ui.view.filter_field import FilterField

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.view.icons import Icons
    from chat_core.ui.view.theme import Theme

__all__ = ["FindBar"]


class FindBar(ttk.Frame):
    """A row to be laid out where it is wanted; `open` is called after that, and `close` when it is to be taken away.

    `search` is told every change of what is sought, `go` to move on (1) or back (-1).
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        *,
        search: Callable[[str], None],
        go: Callable[[int], None],
        close: Callable[[], None],
        icons: Icons | None = None,
    ) -> None:
        super().__init__(master, style="Card.TFrame")
        self._theme = theme
        self._search = search
        self._go = go
        self._close = close
        self._count = 0
        self.field = FilterField(self, theme, _("Find in this conversation"), self._sought)
        self.count = ttk.Label(self, style="Muted.Card.TLabel", width=16, anchor="e")
        self.back = self._button(icons, "up", "↑", lambda: self._move(-1))
        self.on = self._button(icons, "down", "↓", lambda: self._move(1))
        self.end = self._button(icons, "close", "✕", close)
        for button in (self.end, self.on, self.back):  # in a narrow window the field gives way, not the buttons
            button.pack(side="right")
        self.count.pack(side="right")
        self.field.pack(side="left", fill="x", expand=True)
        self.field.bind("<Return>", lambda _event: self._move(1))
        self.field.bind("<KP_Enter>", lambda _event: self._move(1))
        self.field.bind("<Shift-Return>", lambda _event: self._move(-1))
        self.field.bind("<Down>", lambda _event: self._move(1))
        self.field.bind("<Up>", lambda _event: self._move(-1))
        for widget in (self.field, self.back, self.on, self.end):
            widget.bind("<F3>", lambda _event: self._move(1))
            widget.bind("<Shift-F3>", lambda _event: self._move(-1))
            widget.bind("<Escape>", self._escaped)
        self.show_count(0, 0, is_done=True)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def _paint(self) -> None:
        """Take the distances of the zoom in use."""
        px = self._theme.px
        self.configure(padding=(px(12), px(6)))
        self.count.pack_configure(padx=px(8))

    def _button(self, icons: Icons | None, name: str, sign: str, command: Callable[[], object]) -> ttk.Button:
        if icons is None:
            return ttk.Button(self, style="Icon.Card.TButton", text=sign, width=2, command=command)
        return ttk.Button(self, style="Icon.Card.TButton", image=icons.get(name), command=command)

    @property
    def query(self) -> str:
        """What is sought."""
        return self.field.text

    def open(self, query: str = "") -> None:
        """Take the keyboard, with this to begin with or with what was sought last, marked to be typed over."""
        if query:
            self.field.text = query
        self.field.focus_set()
        self.field.select_range(0, "end")
        if self.query:
            self._search(self.query)

    def show_count(self, position: int, count: int, is_done: bool) -> None:  # noqa: FBT001 - one answer in three parts
        """Say that the find shown is the one at `position`, from 1, of `count`, as far as was searched."""
        self._count = count
        if not self.query:
            said = ""
        elif not is_done:
            said = _("Searching… {count}").format(count=count)
        elif count:
            said = _("{position} of {count}").format(position=position, count=count)
        else:
            said = _("Not found")
        self.count.configure(text=said, style="Muted.Card.TLabel" if count or not is_done else "Bad.Card.TLabel")
        for button in (self.back, self.on):
            button.state(["!disabled" if count else "disabled"])

    def _sought(self, query: str) -> None:
        if not query:
            self.show_count(0, 0, is_done=True)
        self._search(query)

    def _move(self, step: int) -> str:
        if self._count:
            self._go(step)
        return "break"

    def _escaped(self, _event: tk.Event[tk.Misc]) -> str:
        self._close()
        return "break"
