"""The form one starts with: server address, port and name. Checks nothing itself (`details`), connects nothing."""

from __future__ import annotations

import tkinter as tk
from dataclasses import replace
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.ui.model.details import Details, Problems, check_details, split_address
from chat_core.ui.view.trouble import TroubleView

if TYPE_CHECKING:
    from chat_core.ui.model.contract import Remembered
    from chat_core.ui.model.standing import Banner
    from chat_core.ui.view.theme import Theme

__all__ = ["ConnectForm"]

_LABELS = {"host": "Server address", "port": "Port", "name": "Your name"}


class ConnectForm(ttk.Frame):
    """Asks, says what is wrong beside the field, and shows how far the connecting has come.

    `connect` is called with checked details, `cancel` when the person no longer wants to wait.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        filled_in: Remembered,
        connect: Callable[[Details], None],
        cancel: Callable[[], None],
    ) -> None:
        super().__init__(master)
        self._connect = connect
        self._cancel = cancel
        self.is_busy = False
        px = theme.px
        card = self._card = ttk.Frame(self, padding=(px(24), px(8)))
        card.place(relx=0.5, rely=0.45, anchor="center", width=px(460))
        card.columnconfigure(0, weight=1)
        self.heading = ttk.Frame(card)
        ttk.Label(self.heading, text="Chat", style="Title.TLabel").pack(anchor="w", pady=(0, px(2)))
        explanation = "Ask whoever started the server for its address."
        ttk.Label(self.heading, text=explanation, style="Muted.TLabel").pack(anchor="w", pady=(0, px(14)))
        self.heading.grid(row=0, column=0, sticky="w")
        self.fields: dict[str, ttk.Entry] = {}
        self.problems: dict[str, ttk.Label] = {}
        for row, field in enumerate(_LABELS):
            self._add_field(card, theme, field, str(getattr(filled_in, field)), 2 + 4 * row)
        self.trouble = TroubleView(card, theme, lambda _action: None)
        self.trouble.grid(row=20, column=0, sticky="we", pady=(0, px(12)))
        self.trouble.grid_remove()
        bar = ttk.Frame(card)
        bar.grid(row=21, column=0, sticky="we", pady=(px(4), 0))
        self.button = ttk.Button(bar, text="Connect", style="Main.TButton", command=self.submit)
        self.button.pack(side="left")
        self.cancel_button = ttk.Button(bar, text="Cancel", command=cancel)
        self.progress = ttk.Label(bar, style="Busy.Status.TLabel")
        self.progress.pack(side="right")
        self.fields["host"].bind("<FocusOut>", self._split_address)
        for widget in (self, card):
            widget.bind("<Configure>", self._fit_height)

    def _add_field(self, card: ttk.Frame, theme: Theme, field: str, text: str, row: int) -> None:
        ttk.Label(card, text=_LABELS[field], style="Bold.TLabel").grid(row=row, column=0, sticky="w")
        entry = ttk.Entry(card, font=theme.font)
        entry.insert(0, text)
        entry.grid(row=row + 1, column=0, sticky="we", pady=(theme.px(2), 0))
        entry.bind("<Return>", lambda _event: self.submit())
        entry.bind("<KP_Enter>", lambda _event: self.submit())
        entry.bind("<Escape>", lambda _event: self._cancel())
        problem = ttk.Label(card, style="Bad.TLabel", wraplength=theme.px(400))
        problem.grid(row=row + 2, column=0, sticky="w")
        problem.grid_remove()
        card.rowconfigure(row + 3, minsize=theme.px(8))
        self.fields[field] = entry
        self.problems[field] = problem

    def focus_first(self) -> None:
        """Put the cursor where something is still to be filled in."""
        empty = next((entry for entry in self.fields.values() if not entry.get()), self.fields["name"])
        empty.focus_set()
        empty.selection_range(0, "end")

    def put_name(self, name: str) -> None:
        """Fill in another name: the one that the server knows us by."""
        self._put("name", name)

    def _put(self, field: str, text: str) -> None:
        self.fields[field].delete(0, "end")
        self.fields[field].insert(0, text)

    def submit(self) -> None:
        """Check what is filled in, and connect or say what is wrong."""
        if self.is_busy:
            return
        self._split_address()
        checked = check_details(*(self.fields[field].get() for field in ("host", "port", "name")))
        if isinstance(checked, Problems):
            self.show_problems(checked)
            return
        self.show_problems(Problems())
        self._connect(checked)

    def show_problems(self, problems: Problems) -> None:
        """Say what is wrong beside each field, and go to the first that is."""
        self.trouble.grid_remove()
        is_first = True
        for field, problem in self.problems.items():
            sentence = getattr(problems, field)
            problem.configure(text=sentence)
            if sentence:
                problem.grid()
            else:
                problem.grid_remove()
            if sentence and is_first:
                self.fields[field].focus_set()
                is_first = False

    def show_trouble(self, banner: Banner) -> None:
        """Say why the connecting failed; the fields stay as they are."""
        self.set_busy("")
        self.trouble.draw(replace(banner, action=None))  # the form's own buttons are the actions here
        self.trouble.grid()

    def set_busy(self, progress: str) -> None:
        """Show how far the connecting has come; empty when it is not under way."""
        self.progress.configure(text=progress)
        if self.is_busy == bool(progress):
            return
        self.is_busy = bool(progress)
        for widget in (*self.fields.values(), self.button):
            widget.state(["disabled" if progress else "!disabled"])
        if progress:
            self.cancel_button.pack(side="left", padx=(8, 0))
            self.cancel_button.focus_set()
        else:
            self.cancel_button.pack_forget()
            self.focus_first()

    def _fit_height(self, _event: object) -> None:
        """Do without the heading where everything else needs its room."""
        is_shown = bool(self.heading.winfo_manager())
        heading_px = self.heading.winfo_reqheight()
        rest_px = self._card.winfo_reqheight() - (heading_px if is_shown else 0)
        if rest_px + heading_px > self.winfo_height():
            self.heading.grid_remove()
        else:
            self.heading.grid()

    def _split_address(self, _event: object = None) -> None:
        """Move a port that was typed behind the address to its own field."""
        host, port = split_address(self.fields["host"].get())
        if port:
            self._put("host", host)
            self._put("port", port)
