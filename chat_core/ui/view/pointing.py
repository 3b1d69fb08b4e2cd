"""What the pointer and the keys do to what is drawn of a conversation: links, offers, the menu, copying, when it was.

Which link or offer it is, is asked of the piece that was hit: no tag and no binding is made for any of them. What is
done about it is decided by the callables that are handed in.
"""

from __future__ import annotations

import tkinter as tk
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from chat_core.language import _
from chat_core.ui.model.lines import PendingState
from chat_core.ui.view.copying import copied_block, copied_selection, copy
from chat_core.ui.view.sheet import row_at

if TYPE_CHECKING:
    from chat_core.ui.view.rows import Piece
    from chat_core.ui.view.sheet import Block, Sheet
    from chat_core.ui.view.theme import Theme

__all__ = ["ConversationActions", "Pointing"]

#: The pointer rests for so long before it is told when a message was sent.
_HOVER_MS = 600


@dataclass(frozen=True)
class ConversationActions:
    """What a person may want of what they see: refused messages by their mid, a link by its address, a name."""

    edit: Callable[[str], object]
    send_again: Callable[[str], object]
    discard: Callable[[str], object]
    open_link: Callable[[str], object]
    mention: Callable[[str], object]


class Pointing:
    """Answers the pointer and the keys in a Text that a sheet is drawn in. `unfold` is called with a line's number."""

    def __init__(
        self, text: tk.Text, sheet: Sheet, theme: Theme, actions: ConversationActions, unfold: Callable[[int], None]
    ) -> None:
        self._text = text
        self._sheet = sheet
        self._theme = theme
        self._actions = actions
        self._unfold = unfold
        self._hovered = ""  # the index of the block that the pointer is over
        self._timer: str | None = None
        self.menu = tk.Menu(text, tearoff=False)
        self.moment = tk.Label(text)
        self._bind()

    def _bind(self) -> None:
        text = self._text
        for tag in ("link", "offer"):
            text.tag_bind(tag, "<ButtonRelease-1>", self._released)
            text.tag_bind(tag, "<Enter>", lambda _event: text.configure(cursor="hand2"))
            text.tag_bind(tag, "<Leave>", lambda _event: text.configure(cursor="xterm"))
        text.bind("<Button-1>", lambda _event: text.focus_set(), add=True)  # a disabled Text does not take it itself
        text.bind("<<Copy>>", self._copy_selection)
        text.bind("<<ContextMenu>>", self._menu_by_pointer)
        menu_key = "<App>" if text.tk.call("tk", "windowingsystem") == "win32" else "<Menu>"
        for key in (menu_key, "<Shift-F10>"):
            text.bind(key, self._menu_by_key)
        text.bind("<Tab>", lambda _event: self._choose(1))
        text.bind("<<PrevWindow>>", lambda _event: self._choose(-1))
        for key in ("<Return>", "<KP_Enter>", "<space>"):
            text.bind(key, self._act_on_chosen)
        text.bind("<FocusOut>", lambda _event: text.tag_remove("chosen", "1.0", "end"), add=True)
        text.bind("<Motion>", self._moved, add=True)
        for left in ("<Leave>", "<Button>", "<Key>", "<MouseWheel>", "<Unmap>"):
            text.bind(left, lambda _event: self.forget_moment(), add=True)

    def paint(self) -> None:
        """Take the colours and fonts of the theme."""
        palette, px = self._theme.palette, self._theme.px
        self.moment.configure(
            font=self._theme.small, background=palette.ink, foreground=palette.surface, padx=px(7), pady=px(3)
        )

    # --- links and offers

    def _released(self, event: tk.Event[tk.Misc]) -> None:
        if not self._text.tag_ranges("sel"):  # else it was the end of selecting
            self._act_at(self._text.index(f"@{event.x},{event.y}"))

    def _act_at(self, index: str) -> None:
        block = self._sheet.block_at(row_at(index))
        piece = self._sheet.piece_at(block, index)
        if block is None or piece is None:
            return
        if piece.target:
            self._actions.open_link(piece.target)
        elif "unfold" in piece.tags:
            self._unfold(block.number)
        elif block.pending is not None:
            for offer, _words, act in self._offers():
                if offer in piece.tags:
                    act(block.pending.mid)

    def _offers(self) -> tuple[tuple[str, str, Callable[[str], object]], ...]:
        actions = self._actions
        return (
            ("again", _("Send again"), actions.send_again),
            ("edit", _("Edit"), actions.edit),
            ("discard", _("Discard"), actions.discard),
        )

    def _choose(self, step: int) -> str | None:
        """Go to the next link or offer that is on screen; from the last one on to the next widget."""
        text = self._text
        first, last = text.index("@0,0"), text.index(f"@0,{text.winfo_height()} lineend")
        found: list[tuple[tuple[int, ...], str, str]] = []
        for tag in ("link", "offer"):
            place = text.tag_nextrange(tag, first, last)
            while place:
                found.append((tuple(map(int, place[0].split("."))), place[0], place[1]))
                place = text.tag_nextrange(tag, place[1], last)
        found.sort()
        chosen = text.tag_ranges("chosen")
        text.tag_remove("chosen", "1.0", "end")
        starts = [start for _place, start, _end in found]
        at = starts.index(str(chosen[0])) + step if chosen and str(chosen[0]) in starts else (0 if step > 0 else -1)
        if not (found and (0 <= at < len(found) or (at == -1 and not chosen))):
            return None
        text.tag_add("chosen", found[at][1], found[at][2])
        return "break"

    def _act_on_chosen(self, _event: object) -> str:
        chosen = self._text.tag_ranges("chosen")
        if chosen:
            self._act_at(str(chosen[0]))
        return "break"

    # --- copying, and the menu

    def _copy_selection(self, _event: object = None) -> str:
        copy(self._text, copied_selection(self._text, self._sheet))
        return "break"

    def _menu_by_pointer(self, event: tk.Event[tk.Misc]) -> None:
        self._text.focus_set()
        self._popup(self._text.index(f"@{event.x},{event.y}"), event.x_root, event.y_root)

    def _menu_by_key(self, _event: object) -> str:
        """Open the menu for what is chosen or selected, or for the last message on screen."""
        text = self._text
        marked = text.tag_ranges("chosen") or text.tag_ranges("sel")
        index = str(marked[0]) if marked else text.index(f"@0,{text.winfo_height()}")
        if self._sheet.block_at(row_at(index)) is None:
            index = f"{row_at(index) - 1}.0"  # below the last row there is nothing but space
        box = text.bbox(index) or (0, 0, 0, 0)
        self._popup(index, text.winfo_rootx() + box[0], text.winfo_rooty() + box[1] + box[3])
        return "break"

    def _popup(self, index: str, x_root: int, y_root: int) -> None:
        self.forget_moment()
        block = self._sheet.block_at(row_at(index))
        self.fill_menu(block, self._sheet.piece_at(block, index))
        self.menu.tk_popup(x_root, y_root)

    def fill_menu(self, block: Block | None, piece: Piece | None) -> None:
        """Put into the menu what can be done with a message, and with the piece of it that was hit."""
        menu = self.menu
        menu.delete(0, "end")
        has_selection = bool(self._text.tag_ranges("sel"))
        menu.add_command(label=_("Copy"), command=self._copy_selection, state="normal" if has_selection else "disabled")
        if block is None:
            return
        menu.add_command(
            label=_("Copy message"), command=lambda: copy(self._text, copied_block(block, self._sheet.own_name))
        )
        if piece is not None and piece.target:
            target = piece.target
            menu.add_command(label=_("Copy link"), command=lambda: copy(self._text, target))
            menu.add_command(label=_("Open link"), command=lambda: self._actions.open_link(target))
        line, pending = block.line, block.pending
        if line is not None and line.sender and not line.is_own:
            label = _("Mention {name}").format(name=self._sheet.fit(line.sender))
            menu.add_command(label=label, command=lambda: self._actions.mention(line.sender))
        if pending is not None and pending.state is PendingState.REFUSED:
            menu.add_separator()
            for _offer, words, act in self._offers():
                menu.add_command(label=words, command=lambda act=act: act(pending.mid))  # type: ignore[misc]

    # --- when it was

    def _moved(self, event: tk.Event[tk.Misc]) -> None:
        place = self._text.index(f"@{event.x},{event.y} linestart")
        if place == self._hovered:
            return
        self.forget_moment()
        self._hovered = place
        self._timer = self._text.after(_HOVER_MS, lambda: self._show_moment(event.x, event.y))

    def _show_moment(self, x: int, y: int) -> None:
        self._timer = None
        block = self._sheet.block_at(row_at(self._text.index(f"@{x},{y}")))
        if block is None or block.line is None:
            return
        self.moment.configure(text=block.line.moment)
        gap = self._theme.px(14)
        width, height = self.moment.winfo_reqwidth(), self.moment.winfo_reqheight()
        left = max(0, min(x + gap, self._text.winfo_width() - width))
        above = y + gap + height > self._text.winfo_height()
        self.moment.place(x=left, y=y - gap - height if above else y + gap)

    def view_moved(self) -> None:
        """Hide the time that is shown: another message may be under the pointer now."""
        if self.moment.winfo_manager():
            self.forget_moment()

    def forget_moment(self) -> None:
        """Hide the time, and do not show the one that was about to be."""
        self._hovered = ""
        self.moment.place_forget()
        if self._timer is not None:
            self._text.after_cancel(self._timer)
            self._timer = None
