"""The input line: one to six rows, Enter sends, Shift+Enter begins a new line. What is sent where is not known here."""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from chat_core.ui.glyphs import GlyphProbe
    from chat_core.ui.theme import Theme

__all__ = ["Composer"]

_ROWS_MAX = 6


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

    @property
    def typed(self) -> str:
        """What is in the input line."""
        text = self.input.get("1.0", "end-1c")
        # Tcl 8.6 keeps what is beyond the BMP as two halves, and some versions of Python hand them out like that.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

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
        """Take away what the screen would not survive, before it is drawn, and fit the height."""
        if self._glyphs.must_replace(self.typed):
            safe = self._glyphs.fit(self.typed)
            self.input.delete("1.0", "end")
            self.input.insert("1.0", safe)
            self.explain("The fonts of this computer cannot show every character of that.")
        self._fit_height()
        self.input.edit_modified(False)

    def _fit_height(self) -> None:
        rows = self.input.count("1.0", "end", "displaylines")
        count = rows[0] if isinstance(rows, tuple) else int(rows or 1)  # a tuple until Python 3.12
        wanted = max(1, min(_ROWS_MAX, count))
        if int(self.input.cget("height")) != wanted:
            self.input.configure(height=wanted)
