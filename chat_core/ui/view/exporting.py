"""The sheet for saving a conversation: as what, how much of it, where; then how far it has come, and what became of it.

It saves nothing itself: what the person wants is handed out as a `Wish`, and the rest is told to it.
"""

from __future__ import annotations

import tkinter as tk
from dataclasses import dataclass
from pathlib import Path
from tkinter import filedialog, ttk
from typing import TYPE_CHECKING, Callable

from chat_core.escape import escape_line
from chat_core.language import N_, _, ngettext
from chat_core.ui.model.export import Format, file_name
from chat_core.ui.view.flow import Align, Flow
from chat_core.ui.view.overlay import Overlay
from chat_core.ui.view.scrolling import ScrolledPage
from chat_core.ui.view.wrapping import WrappedWords

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Exporting", "Wish"]

_WIDTH_PX = 480
_HINT_INDENT_PX = 22
_HINTS = {
    Format.PAGE: N_("Looks like this window; any browser shows and searches it."),
    Format.TEXT: N_("For every editor and printer."),
    Format.JSON: N_("For other programs: everything exactly as it was said."),
}


@dataclass(frozen=True)
class Wish:
    """What is to be saved: `is_whole` the room from its beginning, otherwise what is loaded."""

    path: Path
    kind: Format
    is_whole: bool


class Exporting(Overlay):
    """`save` is called with what is wanted, `cancel` when it is wanted no more, `show` with a file to look at.

    Meanwhile call `show_progress`, and in the end `show_saved` or `show_trouble`. `ask_path` asks for the file's name.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        fit: Callable[[str], str],
        *,
        save: Callable[[Wish], None],
        cancel: Callable[[], None],
        show: Callable[[Path], None],
        ask_path: Callable[..., str] = filedialog.asksaveasfilename,
    ) -> None:
        super().__init__(master, theme, width_px=_WIDTH_PX)
        self._fit = fit
        self._save = save
        self._cancel = cancel
        self._show = show
        self._ask_path = ask_path
        self._title = ""
        self._unix_ms = 0
        self._saved: Path | None = None
        self.is_working = False
        self._kind = tk.StringVar(self, Format.PAGE.value)
        self._extent = tk.StringVar(self, "whole")
        self._page = ScrolledPage(self.body, theme, role="surface", grows=True)
        self._page.bind("<<Changed>>", lambda _event: self.lay_soon())
        self._label(self._page.body, "Heading.Card.TLabel", _("Save the conversation")).pack(fill="x")
        self._room = self._label(self._page.body, "Muted.Card.TLabel")
        self._room.pack(fill="x", pady=(0, theme.px(10)))
        self._add_question()
        self._add_progress()
        self._add_answer()
        self._add_buttons()
        self._page.pack(fill="both", expand=True)  # after the buttons, for which there is always room
        self.bind("<Escape>", lambda _event: self._give_up())
        self.bind("<Return>", lambda _event: self._entered())
        self.bind("<KP_Enter>", lambda _event: self._entered())

    # --- its parts

    def _label(self, master: tk.Misc, style: str, text: str = "") -> ttk.Label:
        """Make one whose words go on in the next line; pack it with fill="x"."""
        label = ttk.Label(master, style=style, text=text)
        label.bind("<Configure>", lambda event: label.configure(wraplength=event.width if event.width > 1 else 0))
        return label

    def _add_question(self) -> None:
        px = self.theme.px
        self._question = ttk.Frame(self._page.body, style="Card.TFrame")
        self.kinds: dict[Format, ttk.Radiobutton] = {}
        for kind in Format:
            button = ttk.Radiobutton(
                self._question, text=_(kind.label), value=kind.value, variable=self._kind, style="Card.TRadiobutton"
            )
            WrappedWords(button, self.theme)
            button.pack(anchor="w")
            hint = self._label(self._question, "Muted.Card.TLabel", _(_HINTS[kind]))
            hint.pack(fill="x", padx=(px(_HINT_INDENT_PX), 0), pady=(0, px(4)))
            self.kinds[kind] = button
        ttk.Separator(self._question).pack(fill="x", pady=px(8))
        self.whole = ttk.Radiobutton(
            self._question, text=_("The whole room, from its beginning"), value="whole", variable=self._extent,
            style="Card.TRadiobutton",
        )  # fmt: skip
        self.loaded = ttk.Radiobutton(self._question, value="loaded", variable=self._extent, style="Card.TRadiobutton")
        WrappedWords(self.whole, self.theme)
        self._loaded_words = WrappedWords(self.loaded, self.theme)
        self._all = self._label(self._question, "Card.TLabel")

    def _add_progress(self) -> None:
        self._progress = ttk.Frame(self._page.body, style="Card.TFrame")
        self._doing = self._label(self._progress, "Card.TLabel")
        self._doing.pack(fill="x", pady=(0, self.theme.px(6)))
        self.bar = ttk.Progressbar(self._progress, maximum=1.0)
        self.bar.pack(fill="x")

    def _add_answer(self) -> None:
        self._answer = ttk.Frame(self._page.body, style="Card.TFrame")
        self.result = self._label(self._answer, "Card.TLabel")
        self.result.pack(fill="x")

    def _add_buttons(self) -> None:
        px = self.theme.px
        self._buttons = Flow(self.body, gap_px=px(8), style="Card.TFrame", align=Align.RIGHT)
        self._buttons.bind("<Configure>", lambda _event: self.lay_soon(), add=True)
        self._buttons.pack(side="bottom", fill="x", pady=(px(16), 0))
        self.close_button = ttk.Button(self._buttons, style="Card.TButton", command=self._give_up)
        self.save_button = ttk.Button(
            self._buttons, text=_("Save as…"), style="Main.Card.TButton", command=self._choose_path
        )
        self.show_button = ttk.Button(self._buttons, style="Main.Card.TButton", command=self._show_saved)

    def _turn_to(self, page: ttk.Frame, closing: str, main: ttk.Button | None = None) -> None:
        """Show one page, with the button that closes or cancels, and the one that leads on, if any."""
        for each in (self._question, self._progress, self._answer):
            each.pack_forget()
        page.pack(fill="x")
        self.close_button.configure(text=closing)
        self._buttons.show(*(button for button in (self.close_button, main) if button is not None))
        self._page.canvas.yview_moveto(0)
        self._page.grow()
        if self.is_open:
            self.update_idletasks()
            self._lay()

    # --- what is told to it

    def open(self, title: str, unix_ms: int, loaded: int, *, has_older: bool) -> None:
        """Ask how to save a room: its name as it is shown, the time, and how many messages of it are loaded.

        While one is being saved, show how far that has come instead.
        """
        if self.is_working:
            self.appear(self.close_button)
            return
        self._title, self._unix_ms = title, unix_ms
        self._room.configure(text=self._fit(title))
        count = ngettext("{count} message", "{count} messages", loaded).format(count=loaded)
        for widget in (self.whole, self.loaded, self._all):
            widget.pack_forget()
        if has_older:
            self._loaded_words.say(_("What is loaded here: {messages}").format(messages=count))
            self.whole.pack(anchor="w")
            self.loaded.pack(anchor="w")
        else:
            self._all.configure(text=_("All of it: {messages}").format(messages=count))
            self._all.pack(fill="x")
        self._turn_to(self._question, _("Cancel"), self.save_button)
        self.appear(self.kinds[Format(self._kind.get())])

    def show_progress(self, fraction: float, text: str) -> None:
        """Show how far it has come, 0 to 1, and what is being done."""
        if self.is_working:
            self.bar.configure(value=fraction)
            self._doing.configure(text=text)

    def show_saved(self, path: Path) -> None:
        """Say that it is done, and offer to look at it."""
        self.is_working = False
        self._saved = path
        name = self._fit(escape_line(path.name))
        self.result.configure(text=_("Saved as {file}.").format(file=name), style="Card.TLabel")
        is_page = path.suffix == f".{Format.PAGE.value}"
        self.show_button.configure(text=_("Show in the browser") if is_page else _("Show the folder"))
        self._turn_to(self._answer, _("Done"), self.show_button)
        self.show_button.focus_set()

    def show_trouble(self, sentence: str) -> None:
        """Say why it could not be saved."""
        self.is_working = False
        self.result.configure(text=self._fit(sentence), style="Bad.Card.TLabel")
        self._turn_to(self._answer, _("Close"))
        self.close_button.focus_set()

    def close(self) -> None:
        """Go; what was being saved is not wanted any more."""
        if self.is_working:
            self.is_working = False
            self._cancel()
        super().close()

    # --- what the person does

    def _choose_path(self) -> None:
        kind = Format(self._kind.get())
        try:
            chosen = self._ask_path(
                parent=self.winfo_toplevel(),
                title=_("Save the conversation"),
                initialfile=file_name(self._title, self._unix_ms, kind),
                defaultextension=f".{kind.value}",
                filetypes=[(_(kind.label), f"*.{kind.value}")],
            )
        except tk.TclError:
            if self._is_gone():
                return  # the window was closed behind the question
            raise
        if not chosen or self._is_gone():
            return
        is_whole = self._extent.get() == "whole"
        self.is_working = True
        self.show_progress(0.0, _("Saving…"))
        self._turn_to(self._progress, _("Cancel"))
        self.close_button.focus_set()
        self._save(Wish(Path(chosen), kind, is_whole))

    def _is_gone(self) -> bool:
        try:
            return not self.winfo_exists()
        except tk.TclError:
            return True  # and so is the whole application

    def _show_saved(self) -> None:
        if self._saved is not None:
            self._show(self._saved)

    def _entered(self) -> str:
        focused = self.focus_get()
        if isinstance(focused, ttk.Button):
            focused.invoke()
        elif self._question.winfo_manager():
            self.save_button.invoke()
        return "break"

    def _give_up(self) -> str:
        """Go back to the question from the saving, and away from everything else."""
        if self.is_working:
            self.is_working = False
            self._cancel()
            self._turn_to(self._question, _("Cancel"), self.save_button)
            self.save_button.focus_set()
        else:
            self.close()
        return "break"
