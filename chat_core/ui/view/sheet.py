"""A stretch of a conversation drawn in a Tk Text: which lines are there, in which rows, and what is where.

It draws, drops and finds again what it is told to; where the reader is, and what should be drawn for them, is the
business of `conversation`. What comes at one end is one insert. What is drawn is remembered as two line numbers and the
rows of each line, counted in line ends: a character beyond the BMP counts as two in Tcl, so lengths say no places.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Callable, Iterable, Iterator

from chat_core.ui.model.lines import LineKind
from chat_core.ui.view.rows import line_pieces, pending_pieces

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.model.conversation import Conversation
    from chat_core.ui.model.lines import Line, Pending
    from chat_core.ui.view.rows import Piece

__all__ = ["Block", "Sheet", "row_at"]


@dataclass(frozen=True)
class Block:
    """What one line, or one own message that is not stored yet, is drawn as: from `row` on, in these pieces."""

    row: int
    pieces: list[Piece]
    line: Line | None = None
    number: int = 0
    pending: Pending | None = None


class Sheet:
    """The lines of `conversation` from `low` up to, not including, `high`, drawn in `rows_drawn` rows of `text`.

    After them, when `has_tail`, what is not stored yet. `inserts` counts insertions, for whoever measures.
    """

    def __init__(
        self, text: tk.Text, conversation: Conversation, fit: Callable[[str], str], colour_of: Callable[[str], int]
    ) -> None:
        self._text = text
        self.fit = fit
        self._colour_of = colour_of
        self.own_name = ""
        self.inserts = 0
        self.begin(conversation, conversation.end)

    def begin(self, conversation: Conversation, number: int) -> None:
        """Draw nothing any more; the next line that is drawn is the one of this number, or the one before it."""
        self._write("1.0", (), up_to="end")
        self.conversation = conversation
        self.low = self.high = number
        self.rows_drawn = 0
        self.has_tail = False
        self.unread_from = conversation.unread_from
        self._start = conversation.start
        self._rows: deque[int] = deque()
        self._tail: list[tuple[Pending, list[Piece]]] = []
        self._pending_version = -1
        self._pending_name = ""

    # --- drawing

    def extend_down(self, rows_max: int | None = None) -> None:
        """Draw the lines that follow, up to so many rows if that is said; behind the last one what is not stored."""
        self._drop_tail()
        pieces: list[Piece] = []
        rows = 0
        while self.high < self.conversation.end and (rows_max is None or rows < rows_max):
            drawn = self._pieces_of(self.high)
            pieces += drawn
            self._rows.append(_count_rows(drawn))
            rows += self._rows[-1]
            self.high += 1
        first = f"{self.rows_drawn + 1}.0"
        is_selected = bool(rows) and "sel" in self._text.tag_names(f"{first} - 1 chars")
        self._write(first, pieces)
        self.rows_drawn += rows
        if is_selected:  # up to the edge of what was drawn: then it was meant to go on
            self._text.tag_add("sel", first, f"{self.rows_drawn + 1}.0")
        if self.high == self.conversation.end:
            self._draw_tail()

    def extend_up(self, rows_max: int) -> None:
        """Draw the lines before, up to about so many rows."""
        blocks: list[list[Piece]] = []
        rows = 0
        while self.low > self.conversation.start and rows < rows_max:
            self.low -= 1
            blocks.append(self._pieces_of(self.low))
            self._rows.appendleft(_count_rows(blocks[-1]))
            rows += self._rows[0]
        is_selected = bool(rows) and "sel" in self._text.tag_names("1.0")
        self._write("1.0", [piece for block in reversed(blocks) for piece in block])
        self.rows_drawn += rows
        if is_selected:
            self._text.tag_add("sel", "1.0", f"{rows + 1}.0")
        if self.high == self.conversation.end and not self.has_tail:
            self._draw_tail()

    def drop_top(self, count: int) -> None:
        """Take the first lines away."""
        rows = sum(self._rows.popleft() for _line in range(count))
        self.low += count
        self.rows_drawn -= rows
        self._write("1.0", (), up_to=f"{rows + 1}.0")

    def drop_bottom(self, count: int) -> None:
        """Take the last lines away, and what stands behind them."""
        self._drop_tail()
        rows = sum(self._rows.pop() for _line in range(count))
        self.high -= count
        self._write(f"{self.rows_drawn - rows + 1}.0", (), up_to=f"{self.rows_drawn + 1}.0")
        self.rows_drawn -= rows

    def lines_within(self, rows: int, *, from_top: bool) -> int:
        """Count the lines at one end that fit into so many rows."""
        count = 0
        for each in self._rows if from_top else reversed(self._rows):
            rows -= each
            if rows < 0:
                break
            count += 1
        return count

    def redraw(self, number: int) -> None:
        """Draw a line anew, whose look has changed; one that is not drawn is left alone."""
        if not self.low <= number < self.high:
            return
        row, rows = self.row_of(number), self._rows[number - self.low]
        pieces = self._pieces_of(number)
        self._rows[number - self.low] = _count_rows(pieces)
        self.rows_drawn += self._rows[number - self.low] - rows
        self._write(f"{row}.0", pieces, up_to=f"{row + rows}.0")

    def refresh(self) -> None:
        """Bring what is drawn up to date: lines that are gone, the first of all, the unread, what is not stored."""
        start = self.conversation.start
        if self.high < start:
            self.begin(self.conversation, start)
        elif self.low < start:
            self.drop_top(start - self.low)
        before, now = (self._start, self.unread_from), (start, self.conversation.unread_from)
        self._start, self.unread_from = now
        for number in {number for changed in zip(before, now) if len(set(changed)) > 1 for number in changed}:
            if number is not None:
                self.redraw(number)
        has_changed = (self._pending_version, self._pending_name) != (self.conversation.pending_version, self.own_name)
        if self.has_tail and has_changed:
            self._drop_tail()
            self._draw_tail()

    def _pieces_of(self, number: int) -> list[Piece]:
        line = self.conversation.line(number)
        return line_pieces(line, self.own_name, self._colour_of, begins_unread=number == self.unread_from)

    def _draw_tail(self) -> None:
        self.has_tail = True
        self._pending_version, self._pending_name = self.conversation.pending_version, self.own_name
        last = self.conversation.lines[-1] if self.conversation.lines else None
        begins_group = last is None or not last.is_own or last.kind is not LineKind.MESSAGE
        for pending in self.conversation.pending.values():
            with_name = begins_group and pending.kind is LineKind.MESSAGE
            pieces = pending_pieces(pending, self.own_name, self._colour_of, begins_group=with_name)
            begins_group = pending.kind is not LineKind.MESSAGE
            self._tail.append((pending, pieces))
        self._write(f"{self.rows_drawn + 1}.0", [piece for _pending, block in self._tail for piece in block])

    def _drop_tail(self) -> None:
        if self._tail:
            self._write(f"{self.rows_drawn + 1}.0", (), up_to="end-1c")
        self._tail = []
        self.has_tail = False

    def _write(self, index: str, pieces: Iterable[Piece], up_to: str = "") -> None:
        """Replace what is drawn between two places; chars, tags, chars, tags, …: one call, one layout."""
        drawn = [piece for piece in pieces if piece.text]
        flat: list[object] = []
        for tags, alike in groupby(drawn, key=lambda piece: piece.tags):  # fewer and longer ones are quicker
            flat += (self.fit("".join([piece.text for piece in alike])), tags)
        self._text.configure(state="normal")
        if up_to:
            self._text.delete(index, up_to)
        if flat:
            self._text.insert(index, *flat)  # type: ignore[arg-type]
            self.inserts += 1
        self._text.configure(state="disabled")

    # --- what is where

    def row_of(self, number: int) -> int:
        """Return the first row of a line that is drawn; for the number after the last, the row behind it."""
        return 1 + sum(islice(self._rows, number - self.low))

    def position_of(self, row: int) -> float:
        """Return the number of the line that a row belongs to, and what part of it is above the row."""
        number = self.number_at(row)
        if number >= self.high:
            return float(self.high)
        return number + (row - self.row_of(number)) / self._rows[number - self.low]

    def number_at(self, row: int) -> int:
        """Return the number of the line that a row belongs to; behind the last one, `high`."""
        left = row - 1
        for number, rows in enumerate(self._rows, self.low):
            left -= rows
            if left < 0:
                return number
        return self.high

    def block_at(self, row: int) -> Block | None:
        """Return what is drawn in a row; None below everything."""
        number = self.number_at(row)
        if number < self.high:
            return Block(self.row_of(number), self._pieces_of(number), self.conversation.line(number), number)
        first = self.rows_drawn + 1
        for pending, pieces in self._tail:
            rows = _count_rows(pieces)
            if first <= row < first + rows:
                return Block(first, pieces, pending=pending)
            first += rows
        return None

    def blocks_between(self, first_row: int, last_row: int) -> Iterator[Block]:
        """Go through everything that is drawn in these rows."""
        number = self.number_at(first_row)
        row = self.row_of(number)
        while number < self.high and row <= last_row:
            yield Block(row, self._pieces_of(number), self.conversation.line(number), number)
            row += self._rows[number - self.low]
            number += 1
        while row <= last_row:
            block = self.block_at(row)
            if block is None:
                return
            yield block
            row = block.row + _count_rows(block.pieces)

    def piece_at(self, block: Block | None, index: str) -> Piece | None:
        """Return the piece of a block that a place in the text is in."""
        if block is None:
            return None
        offset = self.offset(block, index)
        for piece in block.pieces:
            offset -= len(piece.text)
            if offset < 0:
                return piece
        return None

    def offset(self, block: Block, index: str) -> int:
        """Count the characters of a block before a place in the text; 0 for a place before the block."""
        return len(self._text.get(f"{block.row}.0", index))


def row_at(index: str) -> int:
    """Return the row of a place in a Text, given as Tk says it: "row.column"."""
    return int(index.split(".", 1)[0])


def _count_rows(pieces: Iterable[Piece]) -> int:
    return sum(text.count("\n") for text, _tags, _target in pieces)
