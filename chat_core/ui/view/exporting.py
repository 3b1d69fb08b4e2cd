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
from chat_core.ui.view.overlay import Overlay

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Exporting", "Wish"]

_WIDTH_PX = 480
_TEXT_PX = 420
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
        px = theme.px
        ttk.Label(self.body, text=_("Save the conversation"), style="Heading.Card.TLabel").pack(anchor="w")
        self._room = ttk.Label(self.body, style="Muted.Card.TLabel", wraplength=px(_TEXT_PX))
        self._room.pack(anchor="w", pady=(0, px(10)))
        self._add_question()
        self._add_progress()
        self._add_answer()
        self._add_buttons()
        self.bind("<Escape>", lambda _event: self._give_up())
        self.bind("<Return>", lambda _event: self._entered())
        self.bind("<KP_Enter>", lambda _event: self._entered())

    # --- its parts

    def _add_question(self) -> None:
        px = self.theme.px
        self._question = ttk.Frame(self.body, style="Card.TFrame")
        self.kinds: dict[Format, ttk.Radiobutton] = {}
        for kind in Format:
            button = ttk.Radiobutton(
                self._question, text=_(kind.label), value=kind.value, variable=self._kind, style="Card.TRadiobutton"
            )
            button.pack(anchor="w")
            hint = ttk.Label(
                self._question,
                text=_(_HINTS[kind]),
                style="Muted.Card.TLabel",
                wraplength=px(_TEXT_PX - _HINT_INDENT_PX),
            )
            hint.pack(anchor="w", padx=(px(_HINT_INDENT_PX), 0), pady=(0, px(4)))
            self.kinds[kind] = button
        ttk.Separator(self._question).pack(fill="x", pady=px(8))
        self.whole = ttk.Radiobutton(
            self._question, text=_("The whole room, from its beginning"), value="whole", variable=self._extent,
            style="Card.TRadiobutton",
        )  # fmt: skip
        self.loaded = ttk.Radiobutton(self._question, value="loaded", variable=self._extent, style="Card.TRadiobutton")
        self._all = ttk.Label(self._question, style="Card.TLabel")

    def _add_progress(self) -> None:
        self._progress = ttk.Frame(self.body, style="Card.TFrame")
        self._doing = ttk.Label(self._progress, style="Card.TLabel")
        self._doing.pack(anchor="w", pady=(0, self.theme.px(6)))
        self.bar = ttk.Progressbar(self._progress, maximum=1.0)
        self.bar.pack(fill="x")

    def _add_answer(self) -> None:
        self._answer = ttk.Frame(self.body, style="Card.TFrame")
        self.result = ttk.Label(self._answer, style="Card.TLabel", wraplength=self.theme.px(_TEXT_PX))
        self.result.pack(anchor="w")

    def _add_buttons(self) -> None:
        px = self.theme.px
        self._buttons = ttk.Frame(self.body, style="Card.TFrame")
        self._buttons.pack(side="bottom", fill="x", pady=(px(16), 0))
        self.save_button = ttk.Button(
            self._buttons, text=_("Save as…"), style="Main.Card.TButton", command=self._choose_path
        )
        self.show_button = ttk.Button(self._buttons, style="Main.Card.TButton", command=self._show_saved)
        self.close_button = ttk.Button(self._buttons, style="Card.TButton", command=self._give_up)

    def _turn_to(self, page: ttk.Frame, closing: str, main: ttk.Button | None = None) -> None:
        """Show one page, with the button that closes or cancels, and the one that leads on, if any."""
        for each in (self._question, self._progress, self._answer):
            each.pack_forget()
        for button in (self.save_button, self.show_button, self.close_button):
            button.pack_forget()
        page.pack(fill="x")
        self.close_button.configure(text=closing)
        if main is not None:
            main.pack(side="right", padx=(self.theme.px(8), 0))
            main.lift()
        self.close_button.pack(side="right")
        if self.is_open:
            self.update_idletasks()
            self._lay()

    # --- what is told to it

    def open(self, title: str, unix_ms: int, loaded: int, *, has_older: bool) -> None:
        """Ask how to save a room: its name as it is shown, the time, and how many messages of it are loaded."""
        self._title, self._unix_ms = title, unix_ms
        self._room.configure(text=self._fit(title))
        count = ngettext("{count} message", "{count} messages", loaded).format(count=loaded)
        for widget in (self.whole, self.loaded, self._all):
            widget.pack_forget()
        if has_older:
            self.loaded.configure(text=_("What is loaded here: {messages}").format(messages=count))
            self.whole.pack(anchor="w")
            self.loaded.pack(anchor="w")
        else:
            self._all.configure(text=_("All of it: {messages}").format(messages=count))
            self._all.pack(anchor="w")
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
        chosen = self._ask_path(
            parent=self.winfo_toplevel(),
            title=_("Save the conversation"),
            initialfile=file_name(self._title, self._unix_ms, kind),
            defaultextension=f".{kind.value}",
            filetypes=[(_(kind.label), f"*.{kind.value}")],
        )
        if not chosen:
            return
        is_whole = self._extent.get() == "whole"
        self.is_working = True
        self.show_progress(0.0, _("Saving…"))
        self._turn_to(self._progress, _("Cancel"))
        self.close_button.focus_set()
        self._save(Wish(Path(chosen), kind, is_whole))

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
