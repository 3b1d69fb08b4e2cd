"""What a person copies out of the conversation: messages with time and author, or exactly what was selected of one.

It reads what is selected in the Text and says it from the messages themselves, so that what only showing needs (names
above groups, broken rows, characters that this screen cannot draw) is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def copied_block(block: Block) -> str:
    """Say one message whole, as it came but for what is escaped, with time and author."""
    if block.line is not None:
        return block.line.quote()
    return "" if block.pending is None else block.pending.text


def copied_selection(text: tk.Text, sheet: Sheet) -> str:
    """Say what is selected; after "select all" that is the whole conversation, drawn or not."""
    selected = text.tag_ranges("sel")
    if not selected:
        return ""
    first, last = str(selected[0]), str(selected[-1])
    if text.compare(first, "==", "1.0") and text.compare(last, ">=", "end-1c"):
        return "\n".join(line.quote() for line in sheet.conversation.lines)
    parts = []
    for block in sheet.blocks_between(row_at(first), row_at(last)):
        whole = selected_text(block.pieces, 0, sum(len(piece.text) for piece in block.pieces)).strip("\n")
        part = selected_text(block.pieces, sheet.offset(block, first), sheet.offset(block, last)).strip("\n")
        if part:
            parts.append((block, part, part == whole))
    if len(parts) == 1:
        return parts[0][1]
    return "\n".join(copied_block(block) if is_whole else _quoted(block, part) for block, part, is_whole in parts)


def _quoted(block: Block, part: str) -> str:
    return part if block.line is None else block.line.quote(part)
