"""The scrolled list of messages: draws a `lines.Conversation`, and only what changed since it last did.

What is drawn is remembered as two line numbers and the rows of each line, so a poll costs one insert however
much it brought. Rows are counted in line ends and places held by marks: a character beyond the BMP counts as
two in Tcl, so lengths are never used. Remote text is only ever an argument, never part of a tag or a script.
"""

from __future__ import annotations

import re
import tkinter as tk
from collections import deque
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Sequence, Tuple

from chat_core.ui.model.conversation import Conversation, Line, LineKind, Pending, PendingState

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["ConversationView"]

_PENDING = "pending_start"
_ANCHOR = "anchor"
_FIRST_WORD = re.compile(r"\S*")
#: A first word of fewer characters fits beside the clock in the smallest window.
_SHORT_WORD_CHARS_MAX = 16
#: First words that may be too long are told apart by their width, in steps of so many pixels.
_WORD_STEP_PX = 32
#: Beyond it the first characters of a word say enough: it fits nowhere.
_UNMEASURED_CHARS_MIN = 500
_Piece = Tuple[str, Tuple[str, ...]]


class ConversationView(ttk.Frame):
    """Shows one conversation at a time. `take_back` is called with the mid of a refused message that was clicked.

    `fit` makes a text fit to be drawn. `inserts` counts insertions, for whoever measures.
    """

    def __init__(
        self, master: tk.Misc, theme: Theme, fit: Callable[[str], str], take_back: Callable[[str], None]
    ) -> None:
        super().__init__(master, style="Card.TFrame")
        self._fit = fit
        self._take_back = take_back
        self.inserts = 0
        self._shown: Conversation | None = None
        self._low = self._high = 0  # numbers of the lines drawn: from low up to, not including, high
        self._rows: deque[int] = deque()  # of each of those lines
        self._day = ""  # in the row at the top
        self._pending_version = -1
        self._refused: list[str] = []  # mids by the number of their link
        self._word_px_min: dict[str, int] = {}  # by the tag of clocks that a long word follows
        self._row_px = 0  # what a row holds beside the clock
        self.follows_end = True
        bar = ttk.Scrollbar(self, orient="vertical")
        self.text = tk.Text(
            self, wrap="word", state="disabled", font=theme.tiny, background=theme.surface, foreground=theme.ink,
            borderwidth=0, highlightthickness=0, padx=theme.px(14), pady=theme.px(6), width=1, height=1,
            cursor="arrow", selectbackground=theme.accent_soft, selectforeground=theme.ink,
            inactiveselectbackground=theme.accent_soft, yscrollcommand=bar.set,
        )  # fmt: skip
        bar.configure(command=self.text.yview)
        bar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self._configure_tags(theme)
        self._colour_of = theme.name_colour
        self.text.mark_set(_PENDING, "1.0")
        self.text.bind("<Configure>", self._resized)
        self.text.bind("<Button-1>", lambda _event: self.text.focus_set(), add=True)  # or there is no copying
        self.more = ttk.Button(self, text="↓ New messages", style="Main.TButton", command=self.follow)

    def _configure_tags(self, theme: Theme) -> None:
        text, px = self.text, theme.px
        self._gutter = gutter = theme.small.measure("00:00") + px(14)
        self._measure = theme.font.measure
        text.configure(tabs=(gutter, gutter + px(40)))
        text.tag_configure("clock", font=theme.small, foreground=theme.muted, lmargin2=gutter, spacing1=px(3))
        text.tag_configure("name", font=theme.bold, lmargin1=gutter, lmargin2=gutter, spacing1=px(10))
        for number, colour in enumerate(theme.names):
            text.tag_configure(f"name{number}", foreground=colour)
        text.tag_configure("own", foreground=theme.accent)
        for tag, colour in (
            ("message", theme.ink), ("note", theme.muted), ("error", theme.bad), ("waiting", theme.muted),
        ):  # fmt: skip
            text.tag_configure(tag, foreground=colour, font=theme.font, lmargin1=gutter, lmargin2=gutter)
        text.tag_configure("aside", font=theme.small, foreground=theme.muted, lmargin1=gutter, lmargin2=gutter)
        text.tag_configure("link", font=theme.small, foreground=theme.accent, underline=True)
        text.tag_configure(
            "day", font=theme.small, foreground=theme.muted, justify="center", spacing1=px(12), spacing3=px(4)
        )
        text.tag_bind("unfold", "<Button-1>", self._unfold_clicked)
        text.tag_bind("link", "<Enter>", lambda _event: text.configure(cursor="hand2"))
        text.tag_bind("link", "<Leave>", lambda _event: text.configure(cursor="arrow"))
        text.tag_raise("sel")

    # --- where the reader is

    def observe(self) -> bool:
        """Look whether the reader is at the end, remember it, and return whether they are at the beginning."""
        if not self.winfo_ismapped():
            return False
        self.follows_end = self.text.dlineinfo("end-1c") is not None
        if self.follows_end:
            self.more.place_forget()
        return self.text.yview()[0] <= 0.0

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.follows_end = True
        self.text.see("end")
        self.more.place_forget()

    def _resized(self, event: tk.Event[tk.Misc]) -> None:
        # The widget's own padding, and the gutter that the text begins behind.
        self._row_px = event.width - 2 * int(str(self.text.cget("padx"))) - self._gutter
        for tag, word_px_min in self._word_px_min.items():
            self._wrap_after_clock(tag, word_px_min)
        if self.follows_end:
            self.text.see("end")

    # --- drawing

    def draw(self, conversation: Conversation, *, everything: bool = False) -> None:
        """Bring the list up to date; the view stays where the reader is, or at the end if they were there."""
        if conversation is not self._shown or conversation.start > self._high:
            self.follows_end = self.follows_end or conversation is not self._shown
            self._clear(conversation)
        self._update(conversation)
        if everything:
            top = self.text.index("@0,0").split(".")[0]  # the rows stay the same, their characters may not
            self._clear(conversation)
            self._update(conversation)
            if not self.follows_end:
                self.text.yview(f"{top}.0")

    def _update(self, conversation: Conversation) -> None:
        end = conversation.start + len(conversation.lines)
        is_current = (conversation.start, end) == (self._low, self._high)
        if is_current and conversation.pending_version == self._pending_version:
            return
        has_new = end > self._high
        anchor_y = self._set_anchor()
        self.text.configure(state="normal")
        self._draw_beginning(conversation)
        self._draw_end(conversation, conversation.lines[self._high - conversation.start :], end)
        self.text.configure(state="disabled")
        if self.follows_end:
            self.text.see("end")
        else:
            self._restore_anchor(anchor_y)
            if has_new:
                self.more.place(relx=0.5, rely=1.0, y=-8, anchor="s")

    def _clear(self, conversation: Conversation) -> None:
        self.text.configure(state="normal")
        self.text.delete("1.0", "end")
        self.text.configure(state="disabled")
        self.text.mark_set(_PENDING, "1.0")
        self._shown = conversation
        self._low = self._high = conversation.start
        self._rows.clear()
        self._day = ""
        self._pending_version = -1

    def _draw_beginning(self, conversation: Conversation) -> None:
        """Drop what is gone at the top, draw what is new there, and the day above it all."""
        gone = 0
        while self._low < conversation.start and self._rows:
            gone += self._rows.popleft()
            self._low += 1
        older = conversation.lines[: self._low - conversation.start]
        day = conversation.lines[0].day if conversation.lines else ""
        if not (gone or older or day != self._day):
            return
        if self._day:
            gone += 1
        if gone:
            self.text.delete("1.0", f"{gone + 1}.0")
        pieces: list[_Piece] = [(f"{day}\n", ("day",))] if day else []
        self._day = day
        pieces += self._pieces_of(older, older=True)
        self._insert("1.0", pieces)
        self._low = conversation.start

    def _draw_end(self, conversation: Conversation, new: Sequence[Line], end: int) -> None:
        """Replace the pending messages, with the new lines before them."""
        text = self.text
        text.delete(_PENDING, "end-1c")
        pieces = self._pieces_of(new, older=False)
        self._high = end
        if pieces:
            self._insert(_PENDING, pieces)  # the mark moves on: its gravity is to the right
        self._pending_version = conversation.pending_version
        self._refused.clear()
        waiting = [piece for each in conversation.pending.values() for piece in self._pending_pieces(each)]
        if waiting:
            text.mark_gravity(_PENDING, "left")
            self._insert(_PENDING, waiting)
            text.mark_gravity(_PENDING, "right")

    def _insert(self, index: str, pieces: Sequence[_Piece]) -> None:
        if not pieces:
            return
        flat: list[object] = [part for piece in pieces for part in piece]
        self.text.insert(index, *flat)  # type: ignore[arg-type]  # chars, tags, chars, tags, …: one call, one layout
        self.inserts += 1

    def _pieces_of(self, lines: Sequence[Line], *, older: bool) -> list[_Piece]:
        pieces: list[_Piece] = []
        rows = [line.rows for line in lines]
        if older:
            self._rows.extendleft(reversed(rows))
        else:
            self._rows.extend(rows)
        for line in lines:
            pieces += self._line_pieces(line)
        return pieces

    def _line_pieces(self, line: Line) -> list[_Piece]:
        text = self._fit(line.shown)
        if line.kind is LineKind.DAY:
            return [(f"{text}\n", ("day",))]
        pieces: list[_Piece] = []
        if line.shows_name:
            colour = "own" if line.is_own else f"name{self._colour_of(line.sender)}"
            pieces.append((f"{self._fit(line.sender)}\n", ("name", colour)))
        pieces.append(self._clock_piece(line.clock, text))
        pieces.append((f"{text}\n", (line.kind.value,)))
        if line.is_folded:
            pieces += [(f"Show all {line.text_rows} lines", (line.kind.value, "link", "unfold")), ("\n", ("aside",))]
        return pieces

    def _clock_piece(self, clock: str, text: str) -> _Piece:
        """Make the time of day and the tab behind it, which a row must not be wrapped at.

        Tk wraps by word there when the first word of the text does not fit beside it, which leaves the clock
        alone in its row. A tag on the clock decides how its row, and only that one, is wrapped.
        """
        word = _FIRST_WORD.match(text)
        assert word is not None
        if len(word.group()) <= _SHORT_WORD_CHARS_MAX:
            return f"{clock}\t", ("clock",)
        step = self._measure(word.group()[:_UNMEASURED_CHARS_MIN]) // _WORD_STEP_PX
        tag = f"word{step}"
        if tag not in self._word_px_min:
            self._word_px_min[tag] = step * _WORD_STEP_PX
            self._wrap_after_clock(tag, step * _WORD_STEP_PX)
        return f"{clock}\t", ("clock", tag)

    def _wrap_after_clock(self, tag: str, word_px_min: int) -> None:
        self.text.tag_configure(tag, wrap="char" if word_px_min + _WORD_STEP_PX > self._row_px else "word")

    def _unfold_clicked(self, event: tk.Event[tk.Misc]) -> None:
        row = int(self.text.index(f"@{event.x},{event.y}").split(".")[0])
        top = 2 if self._day else 1
        for number, rows in enumerate(self._rows, self._low):
            if top <= row < top + rows:
                self.unfold(number)
                return
            top += rows

    def unfold(self, number: int) -> None:
        """Show all of the line of this number; the rows above its offer to do so stay where they are."""
        conversation = self._shown
        assert conversation is not None
        index = number - self._low
        folded = conversation.lines[number - conversation.start]
        if not folded.is_folded:
            return
        rows = list(self._rows)
        row = sum(rows[: index + 1]) + bool(self._day)  # its last: the offer
        conversation.unfold(number)
        self._rows[index] = conversation.lines[number - conversation.start].rows
        self.text.configure(state="normal")
        self.text.delete(f"{row}.0", f"{row + 1}.0")
        self._insert(f"{row}.0", [(f"{self._fit(folded.folded_away)}\n", (folded.kind.value,))])
        self.text.configure(state="disabled")

    def _pending_pieces(self, pending: Pending) -> list[_Piece]:
        text = self._fit(pending.text)
        clock = self._clock_piece(pending.clock, text)
        if pending.state is PendingState.STORED:
            return [clock, (f"{text}\n", ("message",))]
        if pending.state is PendingState.WAITING:
            return [clock, (text, ("waiting",)), ("  · waiting\n", ("aside",))]
        number = len(self._refused)
        self._refused.append(pending.mid)
        link = f"link{number}"  # a number of ours, so that nothing remote becomes the name of a tag
        self.text.tag_bind(link, "<Button-1>", lambda _event: self._take_back(self._refused[number]))
        return [
            clock, (f"{text}\n", ("error",)),
            (f"Not sent: {pending.reason}  ", ("aside",)), ("Edit again", ("link", link)), ("\n", ("aside",)),
        ]  # fmt: skip

    # --- keeping the view where it is

    def _set_anchor(self) -> int | None:
        """Hold on to the first line that is visible and is not the day at the top; return where it stands (y)."""
        if self.follows_end or not self._rows:
            return None
        top = int(self.text.index("@0,0").split(".")[0])
        self.text.mark_set(_ANCHOR, f"{max(top, 2 if self._day else 1)}.0")
        place = self.text.dlineinfo(_ANCHOR)
        return None if place is None else place[1]

    def _restore_anchor(self, y: int | None) -> None:
        if y is None:
            return
        self.text.yview(_ANCHOR)
        place = self.text.dlineinfo(_ANCHOR)
        if place is not None and place[1] != y:
            self.text.yview_scroll(place[1] - y, "pixels")
