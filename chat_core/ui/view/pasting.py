"""The question about a large paste: a bar over the input line, no dialog that takes the window away.

When it is asked and what is pasted is the composer's business.
"""

from __future__ import annotations

import enum
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.language import _
from chat_core.ui.model.composing import paste_question

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.view.theme import Theme

__all__ = ["PasteAnswer", "PasteBar"]


class PasteAnswer(enum.Enum):
    """What is to be done with the text."""

    PASTE = "paste"
    AS_CODE = "as code"
    CANCEL = "cancel"


class PasteBar(ttk.Frame):
    """Asks about one text at a time: `ask` shows the question, `answered` is called with the answer and the text."""

    def __init__(self, master: tk.Misc, theme: Theme, answered: Callable[[PasteAnswer, str], None]) -> None:
        super().__init__(master)
        self._answered = answered
        self._theme = theme
        self._text = ""
        self.question = ttk.Label(self, width=1)
        self.columnconfigure(0, weight=1)
        self.paste = ttk.Button(self, text=_("Paste"), style="Main.TButton")
        self.code = ttk.Button(self, text=_("As code"))
        self.cancel = ttk.Button(self, text=_("Cancel"))
        self._buttons = (self.paste, self.code, self.cancel)
        for button, answer in zip(self._buttons, PasteAnswer):
            button.configure(command=lambda answer=answer: self._answered(answer, self._text))  # type: ignore[misc]
            for key in ("<Return>", "<KP_Enter>"):
                button.bind(key, lambda event: event.widget.invoke())
            button.bind("<Escape>", self._escape)
        self.bind("<Configure>", lambda event: self._lay_out(event.width))

    def ask(self, text: str) -> None:
        """Ask about this text; Enter pastes it, Escape does not."""
        self._text = text
        self.question.configure(text=paste_question(text))
        self._lay_out(self.winfo_width())
        self.paste.focus_set()

    def _lay_out(self, width: int) -> None:
        """Put the question beside the buttons, or above them where that is too narrow."""
        px = self._theme.px
        for column, button in enumerate(self._buttons, start=1):
            button.grid(row=1, column=column, padx=(px(6), 0))
        wanted = self._theme.font.measure(self.question.cget("text"))
        is_narrow = wanted + sum(button.winfo_reqwidth() + px(6) for button in self._buttons) + px(4) > width
        self.question.grid(
            row=0 if is_narrow else 1, column=0, columnspan=4 if is_narrow else 1, sticky="we", padx=px(2),
            pady=(0, px(4) if is_narrow else 0),
        )  # fmt: skip

    def _escape(self, _event: object) -> str:
        self.cancel.invoke()
        return "break"
