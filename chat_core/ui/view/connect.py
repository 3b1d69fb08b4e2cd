"""The first page: server address, port and name, the servers one was on, and a server of one's own.

Checks nothing itself (`details`), connects nothing. Address and port are two fields, for people are told two things
("192.168.1.20, port 2428") and the second is nearly always right already; what is pasted as one is taken apart.
"""

from __future__ import annotations

import tkinter as tk
from dataclasses import replace
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.language import _
from chat_core.ui.model.details import Details, Problems, Recent, check_details, split_address
from chat_core.ui.view.field import Field
from chat_core.ui.view.recents import RecentsView
from chat_core.ui.view.scrolling import ScrolledPage
from chat_core.ui.view.trouble import TroubleView

if TYPE_CHECKING:
    from chat_core.ui.model.contract import Remembered
    from chat_core.ui.model.standing import Banner
    from chat_core.ui.view.theme import Theme

__all__ = ["ConnectForm"]

_CARD_PX = 400
_SIDE_PX = 250
_GAP_PX = 28
_MARGIN_PX = 14
_INSIDE_PX = 20
#: That a label is wider than its words, on each side.
_LABEL_PX = 2
_RECENTS_MAX = 6


class ConnectForm(ttk.Frame):
    """Asks, says what is wrong beside the field, and shows how far the connecting has come.

    `connect` is called with checked details, `cancel` when the person no longer wants to wait, `forget` with one of the
    `recents`, `host_here` when a server is to be started on this computer; without it that is not offered.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        filled_in: Remembered,
        connect: Callable[[Details], None],
        cancel: Callable[[], None],
        *,
        recents: Sequence[Recent] = (),
        forget: Callable[[Recent], None] = lambda _recent: None,
        host_here: Callable[[], None] | None = None,
        wants_remembering: bool = True,
    ) -> None:
        super().__init__(master)
        self._theme = theme
        self._connect = connect
        self._cancel = cancel
        self._host_here = host_here
        self.is_busy = False
        self._page = ScrolledPage(self, theme)
        self._page.pack(fill="both", expand=True)
        self.card = ttk.Frame(self._page.body, style="Panel.TFrame")
        self.card.columnconfigure(0, weight=1)
        self.heading = ttk.Frame(self.card, style="Card.TFrame")
        ttk.Label(self.heading, style="Title.Card.TLabel", text=_("Chat")).pack(anchor="w")
        advice = _("Ask whoever started the server for its address.")
        ttk.Label(self.heading, style="Muted.Card.TLabel", text=advice).pack(anchor="w")
        self.heading.grid(row=0, column=0, columnspan=2, sticky="w")
        self._build_fields(filled_in)
        self.wants_remembering = tk.BooleanVar(self, wants_remembering)
        self.remember = ttk.Checkbutton(
            self.card, style="Card.TCheckbutton", text=_("Remember me here"), variable=self.wants_remembering
        )
        self.remember.grid(row=5, column=0, columnspan=2, sticky="w")
        self.trouble = TroubleView(self.card, theme, lambda _action: None)
        self.trouble.grid(row=6, column=0, columnspan=2, sticky="we")
        self.trouble.grid_remove()
        self._build_bar()
        self._build_side(recents, forget)
        for widget in (self, self._page.body, self.card, self._side):
            widget.bind("<Configure>", lambda _event: self._arrange())
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    # --- what is on it

    def _build_fields(self, filled_in: Remembered) -> None:
        card, theme = self.card, self._theme
        # What is wrong is said under both of the first line, for a sentence is longer than the field of a port.
        host = Field(card, theme, _("Server address"), filled_in.host, explained_in=card)
        port = Field(card, theme, _("Port"), str(filled_in.port), width=7, explained_in=card)
        name = Field(card, theme, _("Your name"), filled_in.name)
        host.grid(row=1, column=0, sticky="we")
        port.grid(row=1, column=1, sticky="we")
        for row, asked in ((2, host), (3, port)):
            asked.explanation.grid(row=row, column=0, columnspan=2, sticky="we")
            asked.explanation.grid_remove()
        name.grid(row=4, column=0, columnspan=2, sticky="we")
        self._asked = {"host": host, "port": port, "name": name}
        self.fields = {field: asked.entry for field, asked in self._asked.items()}
        self.problems = {field: asked.problem for field, asked in self._asked.items()}
        for entry in self.fields.values():
            for key in ("<Return>", "<KP_Enter>"):
                entry.bind(key, lambda _event: self.submit())
        self.fields["host"].bind("<FocusOut>", self._split_address)

    def _build_bar(self) -> None:
        bar = self._bar = ttk.Frame(self.card, style="Card.TFrame")
        bar.grid(row=7, column=0, columnspan=2, sticky="we")
        bar.columnconfigure(0, weight=1)
        self.button = ttk.Button(bar, text=_("Connect"), style="Main.TButton", command=self.submit)
        self.progress = ttk.Label(bar, style="Busy.Card.TLabel")
        self.cancel_button = ttk.Button(bar, style="Card.TButton", text=_("Cancel"), command=self._cancel)
        for button in (self.button, self.cancel_button):
            for key in ("<Return>", "<KP_Enter>"):
                button.bind(key, lambda event: event.widget.invoke())
        self.cancel_button.bind("<Escape>", lambda _event: self._cancel())
        self.button.grid(row=0, column=0, columnspan=2, sticky="we")

    def _build_side(self, recents: Sequence[Recent], forget: Callable[[Recent], None]) -> None:
        self._side = ttk.Frame(self._page.body)
        self._recents_title = ttk.Label(self._side, style="Bold.TLabel", text=_("Recent"))
        self.recents = RecentsView(self._side, self._theme, self._connect_again, forget, width_px=_SIDE_PX)
        self._host_title = ttk.Label(self._side, style="Bold.TLabel", text=_("No server yet?"))
        self.host_button = ttk.Button(self._side, text=_("Start one on this computer…"))
        if self._host_here is not None:
            self.host_button.configure(command=self._host_here)
        self.host_button.bind("<Return>", lambda _event: self.host_button.invoke())
        self.show_recents(recents)

    def show_recents(self, recents: Sequence[Recent]) -> None:
        """Offer these servers, the most recent first."""
        self.recents.draw(recents[:_RECENTS_MAX])
        self._arrange_side()

    def show_hosting(self, *, is_running: bool) -> None:
        """Offer what fits: to start a server on this computer, or to see to the one that is running here."""
        self._host_title.configure(text=_("This computer") if is_running else _("No server yet?"))
        running = _("The server here…")
        self.host_button.configure(text=running if is_running else _("Start one on this computer…"))

    # --- what the person does

    def focus_first(self) -> None:
        """Put the cursor where something is still to be filled in."""
        empty = next((entry for entry in self.fields.values() if not entry.get()), self.fields["name"])
        empty.focus_set()
        empty.selection_range(0, "end")

    def put_name(self, name: str) -> None:
        """Fill in another name: the one that the server knows us by."""
        self._asked["name"].put(name)

    def put_server(self, host: str, port: int) -> None:
        """Fill in another server."""
        self._asked["host"].put(host)
        self._asked["port"].put(str(port))

    def submit(self) -> None:
        """Check what is filled in, and connect or say what is wrong."""
        if self.is_busy:
            return
        self._split_address()
        checked = check_details(
            *(self.fields[field].get() for field in ("host", "port", "name")),
            wants_remembering=self.wants_remembering.get(),
        )
        if isinstance(checked, Problems):
            self.show_problems(checked)
            return
        self.show_problems(Problems())
        self._connect(checked)

    def _connect_again(self, recent: Recent) -> None:
        self.put_server(recent.host, recent.port)
        self.put_name(recent.name)
        self.submit()

    def _split_address(self, _event: object = None) -> None:
        """Move a port that was typed behind the address to its own field."""
        host, port = split_address(self.fields["host"].get())
        if port:
            self._asked["host"].put(host)
            self._asked["port"].put(port)

    # --- what is said

    def show_problems(self, problems: Problems) -> None:
        """Say what is wrong beside each field, and go to the first that is."""
        self.trouble.grid_remove()
        wrong = [field for field in self._asked if getattr(problems, field)]
        for field, asked in self._asked.items():
            asked.explain(getattr(problems, field))
        if wrong:
            self._go_to(wrong[0])

    def show_trouble(self, banner: Banner) -> None:
        """Say why the connecting failed, beside the field where it concerns one; the fields stay as they are."""
        self.set_busy("")
        self.show_problems(Problems())
        concerned = self._asked.get(banner.field)
        if concerned is None:
            self.trouble.draw(replace(banner, action=None))  # the form's own buttons are the actions here
            self.trouble.grid(pady=(0, self._theme.px(10)))
            self._page.reveal(self.trouble)
        else:
            concerned.explain(banner.sentence, banner.advice, banner.small_print)
            self._go_to(banner.field)

    def _go_to(self, field: str) -> None:
        self.fields[field].focus_set()
        self.fields[field].selection_range(0, "end")
        self._page.reveal(self._asked[field].problem)

    def set_busy(self, progress: str) -> None:
        """Show how far the connecting has come; empty when it is not under way."""
        self.progress.configure(text=progress)
        if self.is_busy == bool(progress):
            return
        self.is_busy = bool(progress)
        for widget in (*self.fields.values(), self.button, self.remember, self.host_button):
            widget.state(["disabled" if progress else "!disabled"])
        self.recents.set_enabled(is_enabled=not progress)
        if progress:
            self.button.grid_remove()
            self.progress.grid(row=0, column=0, sticky="w")
            self.cancel_button.grid(row=0, column=1, sticky="e")
            self.cancel_button.focus_set()
        else:
            self.progress.grid_remove()
            self.cancel_button.grid_remove()
            self.button.grid()
            self.focus_first()

    # --- where it lies

    def _paint(self) -> None:
        px = self._theme.px
        self.heading.configure(padding=(0, 0, 0, px(12)))
        self._asked["port"].grid_configure(padx=(px(10), 0))
        self._asked["name"].grid_configure(pady=px(10))
        self.remember.grid_configure(pady=(0, px(10)))
        self.card.configure(padding=px(_INSIDE_PX))
        self._arrange_side()
        self._arrange()

    def _arrange_side(self) -> None:
        px = self._theme.px
        for widget in self._side.winfo_children():
            widget.pack_forget()
        if self.recents.rows:
            self._recents_title.pack(anchor="w", pady=(0, px(4)))
            self.recents.pack(fill="x", pady=(0, px(16)))
        if self._host_here is not None:
            self._host_title.pack(anchor="w", pady=(0, px(6)))
            self.host_button.pack(anchor="w")

    def _arrange(self) -> None:
        """Lay what else there is beside the card, or under it in a narrow window; a low one has no heading."""
        px = self._theme.px
        width, height = self._page.canvas.winfo_width(), self.winfo_height()
        margin, gap, card, side = px(_MARGIN_PX), px(_GAP_PX), px(_CARD_PX), px(_SIDE_PX)
        card = min(card, width - 2 * margin)
        has_side = bool(self.recents.rows) or self._host_here is not None
        is_wide = has_side and width >= card + gap + side + 2 * margin
        body = self._page.body
        for outer in (0, 3):  # a little above the middle
            body.columnconfigure(outer, weight=1)
            body.rowconfigure(outer, weight=2 + outer // 3)
        body.columnconfigure(1, minsize=card)
        body.columnconfigure(2, minsize=side + gap if is_wide else 0)
        self.card.grid(row=1, column=1, sticky="we", pady=margin)
        if not has_side:
            self._side.grid_remove()
        elif is_wide:
            self._side.grid(row=1, column=2, sticky="we", padx=(gap, 0), pady=margin)
        else:
            self._side.grid(row=2, column=1, sticky="we", padx=margin, pady=(0, margin))
        words_px = card - 2 * px(_INSIDE_PX + _LABEL_PX)
        for asked in self._asked.values():
            asked.wrap(words_px)
        self.progress.configure(wraplength=words_px - self.cancel_button.winfo_reqwidth())
        heading_px = self.heading.winfo_reqheight()
        rest_px = self.card.winfo_reqheight() - (heading_px if self.heading.winfo_manager() else 0)
        if rest_px + heading_px + 2 * margin > height:
            self.heading.grid_remove()
        else:
            self.heading.grid()
