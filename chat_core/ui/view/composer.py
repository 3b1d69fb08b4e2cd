"""The input line: one to six rows, Enter sends, Shift+Enter begins a new line. What is sent where is not known here.

A character that this screen would not survive (`glyphs`) is shown as a placeholder whose tag says what it stands
for, so that what is sent is what was typed.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.ui.desktop.glyphs import ASTRAL, PLACEHOLDER

if TYPE_CHECKING:
    from chat_core.ui.desktop.glyphs import GlyphProbe
    from chat_core.ui.view.theme import Theme

__all__ = ["Composer"]

_ROWS_MAX = 6
#: A tag of ours for each such character: this and its number in hexadecimal digits.
_STANDS_FOR = "stands_for_"


def _whole(text: str) -> str:
    # Tcl 8.6 keeps what is beyond the BMP as two halves, and some versions of Python hand them out like that.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Composer(ttk.Frame):
    """Where one writes. `send` is called on Enter and by the button; it reads `typed` and clears when it took it."""

    def __init__(self, master: tk.Misc, theme: Theme, glyphs: GlyphProbe, send: Callable[[], None]) -> None:
        super().__init__(master)
        self._glyphs = glyphs
        self._send = send
        px = theme.px
        self.hint = ttk.Label(self, style="Bad.TLabel")
        self.columnconfigure(0, weight=1)
        edge = ttk.Frame(self, style="Edge.TFrame", padding=1)
        edge.grid(row=1, column=0, sticky="nsew")
        self.input = tk.Text(
            edge, height=1, width=1, wrap="word", undo=True, maxundo=200, font=theme.font, background=theme.surface,
            foreground=theme.ink, insertbackground=theme.ink, borderwidth=0, highlightthickness=1,
            highlightbackground=theme.surface, highlightcolor=theme.accent, padx=px(8), pady=px(7),
            selectbackground=theme.accent_soft, selectforeground=theme.ink,
        )  # fmt: skip
        self.input.pack(fill="both", expand=True)
        self.button = ttk.Button(self, text="Send", style="Main.TButton", command=send)
        self.button.grid(row=1, column=1, sticky="se", padx=(px(8), 0))
        for key in ("<Return>", "<KP_Enter>"):
            self.input.bind(key, self._enter)
        self.input.bind("<Shift-Return>", self._new_line)
        self.input.bind("<Shift-KP_Enter>", self._new_line)
        self.input.bind("<Tab>", self._tab)
        self.input.bind("<<Modified>>", self._modified)
        self.input.bind("<Configure>", lambda _event: self._fit_height())
        self.bind("<Configure>", lambda event: self.hint.configure(wraplength=event.width))

    @property
    def typed(self) -> str:
        """What is in the input line, with what the placeholders stand for."""
        pieces: list[str] = []
        original = ""
        for kind, said, _ in self.input.dump("1.0", "end-1c", text=True, tag=True):
            if kind == "text":
                pieces.append(said.replace(PLACEHOLDER, original) if original else said)
            elif said.startswith(_STANDS_FOR):
                character = chr(int(said[len(_STANDS_FOR) :], 16))
                if kind == "tagon":
                    original = character
                elif original == character:  # and not that of the next, whose tag may begin before this one ends
                    original = ""
        return _whole("".join(pieces))

    def put(self, text: str) -> None:
        """Put a text back: alone, or under what is being written."""
        if self.typed:
            text = f"{self.typed}\n{text}"
        self.clear()
        self.input.insert("1.0", text)
        self.input.see("end")
        self._tidy()
        self.input.focus_set()

    def clear(self) -> None:
        """Empty the input line; undo does not bring back what was sent."""
        self.input.delete("1.0", "end")
        self.input.tag_delete("", *(tag for tag in self.input.tag_names() if tag.startswith(_STANDS_FOR)))
        self.input.configure(undo=True)
        self.input.edit_reset()
        self.explain("")
        self._tidy()

    def explain(self, problem: str) -> None:
        """Say above the input line what is wrong with what is in it; empty takes the word back."""
        self.hint.configure(text=problem)
        if problem:
            self.hint.grid(row=0, column=0, columnspan=2, sticky="w", pady=(0, 4))
        else:
            self.hint.grid_remove()

    def _enter(self, _event: object) -> str:
        self._send()
        return "break"

    def _new_line(self, _event: object) -> str:
        self.input.insert("insert", "\n")
        self.input.see("insert")
        return "break"

    def _tab(self, event: tk.Event[tk.Misc]) -> str:
        after = event.widget.tk_focusNext()
        if after is not None:
            after.focus_set()  # out of the input line; a tab can still be pasted
        return "break"

    def _modified(self, _event: object) -> None:
        if self.input.edit_modified():
            self.explain("")
            self._tidy()

    def _tidy(self) -> None:
        """Take away from the screen what it would not survive, before it is drawn, and fit the height."""
        if self._glyphs.must_replace(_whole(self.input.get("1.0", "end-1c"))):
            self._replace_with_placeholders()
            self.explain("The fonts of this computer cannot show every character of that; it is sent as you wrote it.")
        self._fit_height()
        self.input.edit_modified(False)

    def _replace_with_placeholders(self) -> None:
        typed = self.typed
        chars_before_cursor = len(_whole(self.input.get("1.0", "insert")))
        # An undo would bring a placeholder back without its tag, and so without what it stands for.
        self.input.configure(undo=False)
        self.input.delete("1.0", "end")
        done = 0
        for found in ASTRAL.finditer(typed):
            stands_for = f"{_STANDS_FOR}{ord(found.group()):x}"
            self.input.insert("end", typed[done : found.start()], (), PLACEHOLDER, (stands_for,))
            done = found.end()
        self.input.insert("end", typed[done:], ())
        self.input.mark_set("insert", f"1.0 + {chars_before_cursor} chars")
        self.input.see("insert")

    def _fit_height(self) -> None:
        rows = self.input.count("1.0", "end", "displaylines")
        count = rows[0] if isinstance(rows, tuple) else int(rows or 1)  # a tuple until Python 3.12
        wanted = max(1, min(_ROWS_MAX, count))
        if int(self.input.cget("height")) != wanted:
            self.input.configure(height=wanted)
