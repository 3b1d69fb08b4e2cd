"""The sheet of keys and commands, over the window until Escape or F1.

Shows the tables of `model.keys` and `model.commands`; binds nothing of what it shows.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, NamedTuple

from chat_core.language import _
from chat_core.ui.model.commands import COMMANDS
from chat_core.ui.model.keys import TABLE, chord_name
from chat_core.ui.view.marks import Marks
from chat_core.ui.view.overlay import Overlay

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["KeySheet"]

_WIDTH_PX = 760
_HEIGHT_PX = 700
#: In less, one column is all that can be read.
_TWO_COLUMNS_PX = 560
_GAP_PX = 10
_SECTION_GAP_PX = 18


class _Part(NamedTuple):
    """A title, and rows of what is typed and what it does."""

    title: str
    rows: tuple[tuple[str, str], ...]


class KeySheet(Overlay):
    """Make it once and `open` it."""

    def __init__(self, master: tk.Misc, theme: Theme) -> None:
        super().__init__(master, theme, width_px=_WIDTH_PX, height_px=_HEIGHT_PX)
        self._marks = Marks(theme)
        self._system = str(self.tk.call("tk", "windowingsystem"))
        self.heading = ttk.Label(self.body, style="Heading.Card.TLabel", text=_("Keys and commands"))
        self.heading.pack(anchor="w", pady=(0, theme.px(8)))
        self.canvas = tk.Canvas(
            self.body, borderwidth=0, highlightthickness=theme.px(2), takefocus=True, width=1, height=1
        )
        self._bar = ttk.Scrollbar(self.body, orient="vertical", command=self.canvas.yview)
        self.canvas.configure(yscrollcommand=self._bar.set, yscrollincrement=1)
        self._bar.pack(side="right", fill="y")
        self.canvas.pack(side="left", fill="both", expand=True)
        self.bind("<F1>", self._escaped)
        self._connect_scrolling()
        self.canvas.bind("<Configure>", lambda _event: self._draw())
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def open(self) -> None:
        """Open over the window, at the top."""
        self.canvas.yview_moveto(0)
        self.appear(self.canvas)

    def _connect_scrolling(self) -> None:
        step = self.theme.px(40)
        for key, amount, unit in (
            ("<Up>", -step, "units"), ("<Down>", step, "units"), ("<Prior>", -1, "pages"), ("<Next>", 1, "pages"),
            ("<space>", 1, "pages"), ("<Button-4>", -step, "units"), ("<Button-5>", step, "units"),
        ):  # fmt: skip
            self.canvas.bind(key, lambda _event, by=amount, unit=unit: self.canvas.yview_scroll(by, unit))  # type: ignore[misc]
        self.canvas.bind(
            "<MouseWheel>", lambda event: self.canvas.yview_scroll(-step if event.delta > 0 else step, "units")
        )
        self.canvas.bind("<Home>", lambda _event: self.canvas.yview_moveto(0))
        self.canvas.bind("<End>", lambda _event: self.canvas.yview_moveto(1))

    def _parts(self) -> list[_Part]:
        parts = [
            _Part(
                _(section.title),
                tuple((chord_name(row.chord_on(self._system), self._system), _(row.meaning)) for row in section.rows),
            )
            for section in TABLE
        ]
        return [*parts, _Part(_("Commands"), tuple((form.usage, _(form.meaning)) for form in COMMANDS))]

    def _paint(self) -> None:
        palette = self.theme.palette
        self.canvas.configure(
            background=palette.surface, highlightbackground=palette.surface, highlightcolor=palette.accent
        )
        self._draw()

    def _draw(self) -> None:
        """Lay the parts into one or two columns, each under the column that is shorter by then."""
        px, width = self.theme.px, self.canvas.winfo_width()
        columns = 2 if width >= px(_TWO_COLUMNS_PX) else 1
        gap = px(_SECTION_GAP_PX)
        margin = px(_GAP_PX) // 2
        column_px = (width - 2 * margin - gap * (columns - 1)) // columns
        parts = self._parts()
        widest = max(self.theme.small.measure(typed) for part in parts for typed, _meaning in part.rows)
        indent = min(column_px // 2, widest + px(24))
        self.canvas.delete("all")
        ends = [px(_GAP_PX)] * columns
        for part in parts:
            column = ends.index(min(ends))
            left = margin + column * (column_px + gap)
            ends[column] = self._draw_part(part, left, ends[column], column_px, indent) + gap
        self.canvas.configure(scrollregion=(0, 0, width, max(ends)))

    def _draw_part(self, part: _Part, left: int, top: int, width: int, indent: int) -> int:
        """Draw one part and return where it ends."""
        theme, canvas = self.theme, self.canvas
        px, palette = theme.px, theme.palette
        canvas.create_text(left, top, text=part.title, anchor="nw", font=theme.bold, fill=palette.ink)
        top += theme.bold.metrics("linespace") + px(6)
        row_px = theme.font.metrics("linespace") + px(9)
        for typed, meaning in part.rows:
            self._marks.key(canvas, left, top + row_px // 2, typed)
            first_line = top + (row_px - theme.font.metrics("linespace")) // 2
            text = canvas.create_text(
                left + indent, first_line, text=meaning, anchor="nw", font=theme.font, fill=palette.muted,
                width=max(px(60), width - indent),
            )  # fmt: skip
            top = max(top + row_px, canvas.bbox(text)[3] + px(4))
        return top
