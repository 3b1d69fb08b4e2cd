"""What a person copies out of the conversation: messages with time and author, or exactly what was selected of one.

It reads what is selected in the Text and says it from the messages themselves, so that what only showing needs (names
above groups, broken rows, characters that this screen cannot draw) is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable

from chat_core.language import _
from chat_core.ui.model.dates import day_of
from chat_core.ui.model.lines import Line, LineKind, Pending
from chat_core.ui.view.rows import selected_text
from chat_core.ui.view.sheet import row_at

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.view.sheet import Block, Sheet

__all__ = ["copied_block", "copied_selection", "copy"]


def copy(widget: tk.Misc, text: str) -> None:
    """Put a text on the clipboard, unless it is empty."""
    if text:
        widget.clipboard_clear()
        widget.clipboard_append(text)


def copied_block(block: Block, own_name: str) -> str:
    """Say one message whole, as it came but for what is escaped, with time and author."""
    said = block.line or block.pending
    return "" if said is None else _quote(said, own_name)


def copied_selection(text: tk.Text, sheet: Sheet) -> str:
    """Say what is selected; after "select all" that is the whole conversation, drawn or not."""
    selected = text.tag_ranges("sel")
    if not selected:
        return ""
    first, last = str(selected[0]), str(selected[-1])
    if text.compare(first, "==", "1.0") and text.compare(last, ">=", "end-1c"):
        everything: list[Line | Pending] = [*sheet.conversation.lines, *sheet.conversation.pending.values()]
        return _by_days((said, _quote(said, sheet.own_name)) for said in everything)
    parts = []
    for block in sheet.blocks_between(row_at(first), row_at(last)):
        whole = selected_text(block.pieces, 0, sum(len(piece.text) for piece in block.pieces)).strip("\n")
        part = selected_text(block.pieces, sheet.offset(block, first), sheet.offset(block, last)).strip("\n")
        said = block.line or block.pending
        if part and said is not None:
            parts.append((said, part, part == whole))
    if len(parts) == 1:
        return parts[0][1]
    return _by_days((said, _quote(said, sheet.own_name, None if is_whole else part)) for said, part, is_whole in parts)


def _quote(said: Line | Pending, own_name: str, part: str | None = None) -> str:
    if isinstance(said, Line):
        return said.quote(part)
    if said.unix_ms is not None:
        return Line(said.kind, said.original, said.unix_ms, own_name).quote(part)
    text = said.text if part is None else part
    if said.kind is LineKind.ACTION:
        return _("{name} {text}").format(name=own_name, text=text)
    return _("{name}: {text}").format(name=own_name, text=text)


def _by_days(quoted: Iterable[tuple[Line | Pending, str]]) -> str:
    """Join what is copied; where it is of several days, each day stands before what was said on it."""
    rows: list[str] = []
    days: list[int] = []  # which of the rows are one
    day = ""
    for said, text in quoted:
        # Telling the day takes as long as all the rest, and the lines know where another one begins.
        may_begin = said.unix_ms is not None if isinstance(said, Pending) else said.begins_day or not day
        if may_begin and said.unix_ms is not None and day_of(said.unix_ms) != day:
            day = day_of(said.unix_ms)
            days.append(len(rows))
            rows.append(day)
        rows.append(text)
    if len(days) == 1:
        del rows[days[0]]
    return "\n".join(rows)
