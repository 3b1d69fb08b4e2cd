"""The server on this computer, as its person sees it: a question with two answers, then the address in large letters.

Draws a `Hosted`; starts and stops nothing itself.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core import limits
from chat_core.language import _, ngettext
from chat_core.net.address import spell_address
from chat_core.ui.model.hosted import ClosingChoice, Hosted, HostPlan, HostProblems, HostState, check_plan
from chat_core.ui.view.field import Field
from chat_core.ui.view.flow import Align, Flow
from chat_core.ui.view.overlay import Overlay
from chat_core.ui.view.scrolling import ScrolledPage

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["ClosingQuestion", "HostPanel", "HostSheet"]

_SHEET_PX = 440
_GAP_PX = 10
#: Of an overlay: to the edges of the window, and inside.
_MARGIN_PX = 12
_INSIDE_PX = 14
#: That a label is wider than its words.
_LABEL_PX = 4
#: More addresses than that no computer has that a person would choose from.
_ADDRESSES_MAX = 4
#: Of an address that fits in the largest letters: 255.255.255.255.
_SHORT_CHARS = 15


class HostPanel(ttk.Frame):
    """A frame for anywhere on a card.

    `start` is called with what to start, `stop` when it is to end for everybody, `join` with the host and port to
    connect to from here, `close` when the person is done with the panel. `fit` is what the screen survives of a text.
    It tells by `<<Changed>>` that its height may be another one now.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        fit: Callable[[str], str],
        *,
        start: Callable[[HostPlan], None],
        stop: Callable[[], None],
        join: Callable[[str, int], None],
        close: Callable[[], None],
    ) -> None:
        super().__init__(master, style="Card.TFrame")
        self._theme = theme
        self._fit = fit
        self._start = start
        self._stop = stop
        self._join = join
        self._hosted: Hosted | None = None
        self._others: int | None = None
        self._shown_buttons: list[ttk.Button] = []
        self._page = ScrolledPage(self, theme, role="surface", grows=True)
        self._inside = inside = self._page.body
        self.heading = ttk.Label(inside, style="Heading.Card.TLabel")
        self.sentence = ttk.Label(inside, style="Bad.Card.TLabel")
        self.explanation = ttk.Label(inside, style="Muted.Card.TLabel")
        self._asked = ttk.Frame(inside, style="Card.TFrame")
        self.title = Field(self._asked, theme, _("Name of the server"), _("Chat"), explained_in=self._asked)
        self.port = Field(self._asked, theme, _("Port"), str(limits.DEFAULT_PORT), width=7, explained_in=self._asked)
        self._build_question()
        self._addresses = ttk.Frame(inside, style="Card.TFrame")
        self._alone = ttk.Label(inside, style="Busy.Card.TLabel")
        #: One for each address that others can type.
        self.copy_buttons: list[ttk.Button] = []
        self._bar = Flow(self, gap_px=theme.px(_GAP_PX), style="Card.TFrame", align=Align.APART)
        self.start_button = self._button("Main.", _("Start the server"), self._start_pressed)
        self.join_button = self._button("Main.", _("Join it yourself"), self._join_pressed)
        self.stop_button = self._button("Danger.", _("Stop the server"), self._stop_pressed)
        self.stop_all_button = self._button("Danger.", _("Stop it for everybody"), self._stop)
        self.close_button = self._button("", _("Close"), close)
        self._bar.pack(side="bottom", fill="x")  # before the page, for which there is what is left
        self._page.pack(fill="both", expand=True)
        inside.bind("<Configure>", lambda event: self.wrap(event.width - theme.px(_LABEL_PX)), add=True)
        for part, event in ((self._page, "<<Changed>>"), (self._bar, "<Configure>")):
            part.bind(event, lambda _event: self.event_generate("<<Changed>>"), add=True)
        self.draw(Hosted())

    def _build_question(self) -> None:
        self._asked.columnconfigure(0, weight=1)
        self.title.grid(row=0, column=0, sticky="we")
        self.port.grid(row=0, column=1, sticky="we")
        for row, asked in enumerate((self.title, self.port), 1):
            asked.explanation.grid(row=row, column=0, columnspan=2, sticky="we")
            asked.explanation.grid_remove()
            for key in ("<Return>", "<KP_Enter>"):
                asked.entry.bind(key, lambda _event: self._start_pressed())

    def _button(self, kind: str, text: str, command: Callable[[], None]) -> ttk.Button:
        button = ttk.Button(self._bar, style=f"{kind}Card.TButton", text=text, command=command)
        for key in ("<Return>", "<KP_Enter>"):
            button.bind(key, lambda _event: button.invoke())
        return button

    @property
    def first(self) -> tk.Misc:
        """Return where the focus belongs at the beginning."""
        if self.start_button.winfo_manager():
            return self.start_button
        return self.join_button if self.join_button.winfo_manager() else self.close_button

    # --- what the person does

    def _start_pressed(self) -> None:
        checked = check_plan(self.port.entry.get(), self.title.entry.get())
        problems = checked if isinstance(checked, HostProblems) else HostProblems()
        self.title.explain(problems.title)
        self.port.explain(problems.port)
        if isinstance(checked, HostPlan):
            self._start(checked)
        else:
            (self.title if problems.title else self.port).entry.focus_set()

    def _stop_pressed(self) -> None:
        is_serving = self._hosted is not None and self._hosted.state is HostState.RUNNING
        if not is_serving or self._others == 0:
            self._stop()
            return
        self.sentence.configure(text=_sentence_of_others(self._others))
        self.sentence.pack(after=self.heading, anchor="w", fill="x")
        self._bar.show(*({*self._shown_buttons, self.stop_all_button} - {self.stop_button}))
        self.close_button.focus_set()
        self.event_generate("<<Changed>>")

    def _join_pressed(self) -> None:
        if self._hosted is not None:
            self._join(self._hosted.own_host, self._hosted.port)

    def _copy(self, address: str, button: ttk.Button) -> None:
        self.clipboard_clear()
        self.clipboard_append(address)
        for each in self.copy_buttons:
            each.configure(text=_("Copied") if each is button else _("Copy"))

    # --- drawing

    def draw(self, hosted: Hosted, others: int | None = None) -> None:
        """Show how the server stands; does nothing when that is shown.

        `others` are online beside us, None when that is not known: then, too, the person is asked before it is stopped.
        """
        self._others = others
        if hosted == self._hosted:
            return
        # By its path: focus_get does not know the widgets that Tk made itself.
        had_focus = str(self.tk.call("focus")).startswith(f"{self}.")
        self._hosted = hosted
        for widget in self._inside.winfo_children():
            if widget.winfo_manager() == "pack":
                widget.pack_forget()
        gap = self._theme.px(_GAP_PX)
        heading, explanation = self._words(hosted)
        self.heading.configure(text=heading)
        self.heading.pack(anchor="w", fill="x")
        if hosted.state is HostState.FAILED:
            self.sentence.configure(text="\n".join(filter(None, (hosted.sentence, self._fit(hosted.last_words)))))
            self.sentence.pack(anchor="w", fill="x", pady=(gap // 2, 0))
        self.explanation.configure(text=explanation)
        if explanation:
            self.explanation.pack(anchor="w", fill="x", pady=(gap // 2, 0))
        if hosted.state is HostState.RUNNING and not hosted.hosts:
            words = _("Only this computer can connect: it is in no network where others could reach it.")
            self._alone.configure(text=words)
            self._alone.pack(anchor="w", fill="x", pady=(gap, 0))
        elif hosted.state is HostState.RUNNING:
            self._draw_addresses(hosted)
            self._addresses.pack(fill="x", pady=(gap, 0))
        elif not hosted.is_there:
            self.port.grid_configure(padx=(gap, 0))
            self._asked.pack(fill="x", pady=(gap, 0))
        self._bar.pack_configure(pady=(int(gap * 1.4), 0))
        self._draw_buttons(hosted)
        if had_focus:
            self.first.focus_set()
        self.event_generate("<<Changed>>")

    def _words(self, hosted: Hosted) -> tuple[str, str]:
        """Return the heading and what is explained under it."""
        title = self._fit(hosted.title)
        if hosted.state is HostState.STARTING:
            return _("The server is being started…"), ""
        if hosted.state is HostState.STOPPING:
            return _("The server is being stopped…"), ""
        if hosted.state is not HostState.RUNNING:
            return _("Start a server on this computer"), _(
                "The others will connect to this computer: leave it on, and in the same network as theirs."
            )
        heading = _("“{title}” is running on this computer").format(title=title)
        if not hosted.is_own:
            return heading, _(
                "It was started from another window, or from one that was closed. You may stop it all the same."
            )
        if hosted.asked_port and hosted.asked_port != hosted.port:
            moved = _("Port {asked} was taken, so it uses {port}.")
            return heading, moved.format(asked=hosted.asked_port, port=hosted.port)
        return heading, ""

    def _draw_addresses(self, hosted: Hosted) -> None:
        for widget in self._addresses.winfo_children():
            widget.destroy()
        self.copy_buttons = []
        box, gap = self._addresses, self._theme.px(_GAP_PX)
        box.columnconfigure(0, weight=1)
        say = _("The others type:") if len(hosted.hosts) == 1 else _("The others type one of these:")
        ttk.Label(box, style="Card.TLabel", text=say).grid(row=0, column=0, columnspan=2, sticky="w")
        for row, host in enumerate(hosted.hosts[:_ADDRESSES_MAX], 1):
            style = "Title.Card.TLabel" if len(host) <= _SHORT_CHARS else "Heading.Card.TLabel"
            ttk.Label(box, style=style, text=host).grid(row=row, column=0, sticky="w")
            copy = ttk.Button(box, style="Card.TButton", text=_("Copy"))
            address = spell_address(host, hosted.port)
            copy.configure(command=lambda address=address, copy=copy: self._copy(address, copy))  # type: ignore[misc]
            copy.bind("<Return>", lambda event: event.widget.invoke())
            copy.grid(row=row, column=1, padx=(gap, 0), pady=gap // 4)
            self.copy_buttons.append(copy)
        port = _("Port {port}").format(port=hosted.port)
        ttk.Label(box, style="Heading.Card.TLabel", text=port).grid(column=0, columnspan=2, sticky="w")

    def _draw_buttons(self, hosted: Hosted) -> None:
        shown = [self.close_button]
        if hosted.state is HostState.RUNNING:
            shown += [self.join_button, self.stop_button]
        elif hosted.state is HostState.STARTING:
            shown += [self.stop_button]
        elif not hosted.is_there:
            shown += [self.start_button]
        is_worth_a_try = hosted.state is HostState.FAILED and bool(hosted.own_host and hosted.port)
        words = _("Try to join it") if is_worth_a_try else _("Join it yourself")
        self.join_button.configure(text=words, style=f"{'' if is_worth_a_try else 'Main.'}Card.TButton")
        if is_worth_a_try:
            shown.append(self.join_button)
        self._shown_buttons = shown
        self._bar.show(*shown)

    def wrap(self, width: int) -> None:
        """Break the sentences into lines of so many pixels."""
        for label in (self.heading, self.sentence, self.explanation, self._alone):
            label.configure(wraplength=width)
        for asked in (self.title, self.port):
            asked.wrap(width)

    def grow(self) -> None:
        """Ask for the height that it has now; where it can be seen, it does that by itself."""
        self._page.grow()


class HostSheet(Overlay):
    """The panel over the window, from the first page and from the chat; the arguments are those of `HostPanel`."""

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        fit: Callable[[str], str],
        *,
        start: Callable[[HostPlan], None],
        stop: Callable[[], None],
        join: Callable[[str, int], None],
    ) -> None:
        super().__init__(master, theme, width_px=_SHEET_PX)

        def join_from_here(host: str, port: int) -> None:
            self.close()
            join(host, port)

        self.panel = HostPanel(self.body, theme, fit, start=start, stop=stop, join=join_from_here, close=self.close)
        self.panel.pack(fill="both", expand=True)
        self.panel.bind("<<Changed>>", lambda _event: self._refit())

    def open(self) -> None:
        """Open over the window."""
        self.panel.wrap(_words_px(self))
        self.panel.grow()
        self.appear(self.panel.first)

    def draw(self, hosted: Hosted, others: int | None = None) -> None:
        """Show how the server stands."""
        self.panel.draw(hosted, others)

    def _refit(self) -> None:
        if self.is_open:
            self._share_keys(self)
            self.lay_soon()


class ClosingQuestion(Overlay):
    """Asks what becomes of the server when its window is closed. `choose` is called with the answer; Escape is STAY."""

    def __init__(self, master: tk.Misc, theme: Theme, choose: Callable[[ClosingChoice], None]) -> None:
        super().__init__(master, theme, width_px=_SHEET_PX)
        self._choose = choose
        gap = theme.px(_GAP_PX)
        self.question = ttk.Label(self.body, style="Heading.Card.TLabel", text=_("Stop the server on this computer?"))
        self.question.pack(anchor="w", fill="x")
        self.sentence = ttk.Label(self.body, style="Card.TLabel")
        self.sentence.pack(anchor="w", fill="x", pady=gap)
        bar = Flow(self.body, gap_px=gap, style="Card.TFrame", align=Align.APART)
        bar.pack(fill="x", pady=(gap, 0))
        bar.bind("<Configure>", lambda _event: self.lay_soon(), add=True)
        self.buttons: dict[ClosingChoice, ttk.Button] = {}
        for choice, kind, words in (
            (ClosingChoice.STOP, "Danger.", _("Stop and close")),
            (ClosingChoice.KEEP, "", _("Keep it running")),
            (ClosingChoice.STAY, "Main.", _("Stay")),
        ):
            button = ttk.Button(bar, style=f"{kind}Card.TButton", text=words)
            button.configure(command=lambda choice=choice: self._chosen(choice))  # type: ignore[misc]
            button.bind("<Return>", lambda event: event.widget.invoke())
            self.buttons[choice] = button
        bar.lay()

    def open(self, others: int | None) -> None:
        """Ask; `others` are on the server beside us, None when that is not known."""
        for label in (self.question, self.sentence):
            label.configure(wraplength=_words_px(self))
        self.sentence.configure(text=_sentence_of_others(others))
        self.appear(self.buttons[ClosingChoice.STAY])

    def _chosen(self, choice: ClosingChoice) -> None:
        self.close()
        self._choose(choice)


def _words_px(sheet: Overlay) -> int:
    """Return how wide a sentence on a sheet can be, before it is laid: its height depends on that."""
    px = sheet.theme.px
    return min(px(_SHEET_PX), sheet.master.winfo_width() - 2 * px(_MARGIN_PX)) - 2 * px(_INSIDE_PX) - 2 * px(_LABEL_PX)


def _sentence_of_others(others: int | None) -> str:
    if others is None or others < 1:
        return _("Others may be using the server on this computer. When it stops, nobody can talk any more.")
    sentence = ngettext(
        "{count} other person uses the server on this computer. When it stops, nobody can talk any more.",
        "{count} other people use the server on this computer. When it stops, nobody can talk any more.",
        others,
    )
    return sentence.format(count=others)
