"""What is searched for, marked in what is on screen of a conversation: softly everywhere, strongly in the current line.

Only what is on screen is marked, again after each scrolling: to mark all that is drawn takes fifty times as long. Which
lines hold it is found in the model. The search of the Text itself is not used: without regard to capitals, Tk 8.6.13
ends the process on a row that holds a character beyond the BMP.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from chat_core.ui.view.rows import BODY
from chat_core.ui.view.sheet import row_at

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.view.sheet import Sheet

__all__ = ["FoundMarks"]

_MARKS_A_ROW_MAX = 100


class FoundMarks:
    """Marks what was last told to `show`, whenever `mark_soon` says that the screen may have changed."""

    def __init__(self, text: tk.Text, sheet: Sheet) -> None:
        self._text = text
        self._sheet = sheet
        self._query = ""
        self._number: int | None = None
        self._idle: str | None = None
        self._wanted = re.compile("")
        # Tcl 8.6 counts a character beyond the BMP as two.
        self._astral_columns = int(text.tk.call("string", "length", "\U0001f600"))

    def show(self, query: str, number: int | None) -> None:
        """Mark this from now on; the line of that number is looked at. An empty query takes the marks away."""
        self._query, self._number = query, number
        self._wanted = re.compile(re.escape(query), re.IGNORECASE)
        if query:
            self.mark_soon()
        else:
            self._unmark()

    def mark_soon(self) -> None:
        """Mark when Tk has nothing else to do, once."""
        if self._query and self._idle is None:
            self._idle = self._text.after_idle(self._mark)

    def close(self) -> None:
        """Do nothing any more."""
        if self._idle is not None:
            self._text.after_cancel(self._idle)
            self._idle = None

    def _unmark(self) -> None:
        self._text.tag_remove("found_soft", "1.0", "end")
        self._text.tag_remove("found", "1.0", "end")

    def _mark(self) -> None:
        self._idle = None
        self._unmark()
        text, sheet = self._text, self._sheet
        top, bottom = text.index("@0,0"), text.index(f"@0,{text.winfo_height()}")
        current = range(0)
        if self._number is not None and sheet.low <= self._number < sheet.high:
            current = range(sheet.row_of(self._number), sheet.row_of(self._number + 1))
        for row in range(row_at(top), row_at(bottom) + 1):
            if BODY & set(text.tag_names(f"{row}.0")):
                self._mark_row(row, "found" if row in current else "found_soft")

    def _mark_row(self, row: int, tag: str) -> None:
        said = self._text.get(f"{row}.0", f"{row}.end")
        places: list[str] = []
        column = done = 0
        for match in islice(self._wanted.finditer(said), _MARKS_A_ROW_MAX):
            first = column + self._columns(said[done : match.start()])
            column, done = first + self._columns(match.group()), match.end()
            if places and places[-1] == f"{row}.{first}":
                places[-1] = f"{row}.{column}"
            else:
                places += (f"{row}.{first}", f"{row}.{column}")
        if places:
            self._text.tag_add(tag, *places)

    def _columns(self, said: str) -> int:
        return len(said) + (self._astral_columns - 1) * sum(character > "\uffff" for character in said)
