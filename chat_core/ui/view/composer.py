"""The input line: Enter sends, Shift+Enter begins a new line, Tab completes, the arrow up brings back what was sent.

What is sent where, who is in the room and who is told that somebody types is not known here: it comes and goes through
callables. The field itself is `input_text`, the question about a large paste `pasting`.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core import limits
from chat_core.escape import escape_line
from chat_core.language import _
from chat_core.ui.model.commands import is_for_others
from chat_core.ui.model.composing import Completer, History, as_code, counter, is_large_paste, typing_sentence
from chat_core.ui.view.input_text import InputText
from chat_core.ui.view.pasting import PasteAnswer, PasteBar

if TYPE_CHECKING:
    from chat_core.ui.desktop.glyphs import GlyphProbe
    from chat_core.ui.view.theme import Theme

__all__ = ["Composer"]

#: So much more than can be sent is a mistake, and a long one in a single line keeps Tk busy for seconds.
_PASTE_CHARS_MAX = 2 * limits.TEXT_CHARS_MAX


class Composer(ttk.Frame):
    """Where one writes. `send` is called on Enter and by the button; it reads `typed` and clears when it took it.

    `on_typing` is called at every change of a text that is meant for others; `names` and `rooms` are asked for what
    Tab completes.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        glyphs: GlyphProbe,
        send: Callable[[], None],
        *,
        on_typing: Callable[[], None] = lambda: None,
        names: Callable[[], Sequence[str]] = tuple,
        rooms: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        super().__init__(master)
        self._theme = theme
        self._glyphs = glyphs
        self._send = send
        self._on_typing = on_typing
        self._names, self._rooms = names, rooms
        self._history = History()
        self._completer = Completer()
        self._sending = ""
        self._typing: tuple[str, ...] = ()
        self._is_asking = False
        self._build()
        self._bind_keys()
        for change in ("<<ThemeChanged>>", "<Map>"):  # Tk tells no window that was never on screen
            self.bind(change, lambda _event: self._paint(), add=True)
        self._paint()
        self._follow()

    def _build(self) -> None:
        self.columnconfigure(0, weight=1)
        self.paste_bar = PasteBar(self, self._theme, self._paste_answered)
        self.hint = ttk.Label(self, style="Bad.TLabel")
        self._field = ttk.Frame(self, style="Field.TFrame")  # drawn as the other fields are, and with their ring
        self.input = InputText(self._field, self._theme, self._glyphs, self._edited, self._explain_placeholders)
        self.input.pack(fill="both", expand=True)
        self.button = ttk.Button(self, text=_("Send"), style="Main.TButton", command=self._submit)
        # Always there, so that nothing moves when somebody begins to type; `width` keeps long names from widening it.
        self.typing = ttk.Label(self, style="Muted.TLabel", width=1)
        self.counter = ttk.Label(self, style="Muted.TLabel")

    def _paint(self) -> None:
        """Lay everything out by the zoom in use."""
        px = self._theme.px
        self.paste_bar.grid(row=0, column=0, columnspan=2, sticky="we", pady=(0, px(6)))
        self.hint.grid(row=1, column=0, columnspan=2, sticky="w", padx=px(2), pady=(0, px(4)))
        self._field.grid(row=2, column=0, sticky="nsew")
        self._field.configure(padding=px(4))
        self.button.grid(row=2, column=1, sticky="sew", padx=(px(8), 0), ipady=px(2))  # as high as one row
        self.typing.grid(row=3, column=0, sticky="we", padx=px(2), pady=(px(3), 0))
        self.counter.grid(row=3, column=1, sticky="e", padx=px(2), pady=(px(3), 0))
        if not self._is_asking:
            self.paste_bar.grid_remove()
        if not self.hint.cget("text"):
            self.hint.grid_remove()

    def _bind_keys(self) -> None:
        self.bind("<Configure>", lambda event: self.hint.configure(wraplength=event.width))
        bind = self.input.bind
        bind("<FocusIn>", lambda _event: self._field.state(["focus"]))
        bind("<FocusOut>", lambda _event: self._field.state(["!focus"]))
        for key in ("Return", "KP_Enter"):
            bind(f"<{key}>", self._enter)
            for modifier in ("Shift", "Control", "Alt"):
                bind(f"<{modifier}-{key}>", self._new_line)
        for modifier in ("Shift", "Control", "Alt"):  # with one of them the arrows select, jump or change the room
            for key in ("Up", "Down"):
                bind(f"<{modifier}-{key}>", lambda _event: None)
        bind("<Up>", self._up)
        bind("<Down>", self._down)
        bind("<Tab>", self._tab)
        bind("<<PrevWindow>>", self._tab_back)
        bind("<Escape>", self._escape)
        bind("<<Paste>>", lambda _event: self._paste("CLIPBOARD"))
        bind("<<PasteSelection>>", lambda _event: self._paste("PRIMARY"))

    # --- what is in it

    @property
    def typed(self) -> str:
        """What is in the input line, with what the placeholders stand for."""
        return self.input.typed

    @property
    def draft(self) -> str:
        """What is being written, whatever of what was sent is looked at meanwhile."""
        return self._history.draft(self.typed)

    def put(self, text: str) -> None:
        """Put a text back: alone, or under what is being written."""
        if self.typed:
            text = f"{self.typed}\n{text}"
        self.set_draft(text)
        self.input.focus_set()

    def set_draft(self, text: str) -> None:
        """Put this in the place of everything, as when another room is shown."""
        self._dismiss_paste()
        self._history.begin()
        self.explain("")
        self.input.fill(text)
        self._follow()

    def clear(self) -> None:
        """Empty the input line; undo does not bring back what was sent."""
        if self._sending:
            self._history.add(self._sending)
        self.set_draft("")

    def insert_mention(self, name: str) -> None:
        """Address somebody where the cursor is, and go on writing there."""
        before = self.input.seen[: self.input.cursor]
        gap = " " if before and not before[-1].isspace() else ""
        self._write_apart(f"{gap}@{name} ")
        self.input.focus_set()

    # --- what it says

    def explain(self, problem: str) -> None:
        """Say above the input line what is wrong with what is in it; empty takes the word back."""
        self.hint.configure(text=problem)
        if problem:
            self.hint.grid()
        else:
            self.hint.grid_remove()

    def show_room(self, title: str) -> None:
        """Say in the empty input line where it leads."""
        self.input.hint(_("Write to {room}").format(room=escape_line(title)))

    def show_typing(self, names: Sequence[str]) -> None:
        """Say who is typing."""
        if tuple(names) != self._typing:
            self._typing = tuple(names)
            self.typing.configure(text=self._glyphs.fit(typing_sentence(names)))

    def _explain_placeholders(self) -> None:
        self.explain(_("The fonts of this computer cannot show every character of that; it is sent as you wrote it."))

    def _edited(self) -> None:
        self.explain("")
        self._follow()
        if is_for_others(self.typed):
            self._on_typing()

    def _follow(self) -> None:
        """Let the button and the counter follow what is in the input line."""
        text = self.typed.strip()
        self.button.state(["!disabled" if text else "disabled"])
        style = "Bad.TLabel" if len(text) > limits.TEXT_CHARS_MAX else "Muted.TLabel"
        self.counter.configure(text=counter(len(text), limits.TEXT_CHARS_MAX), style=style)

    # --- keys

    def _submit(self) -> None:
        self._sending = self.typed
        try:
            self._send()
        finally:
            self._sending = ""

    def _enter(self, _event: object) -> str:
        self._submit()
        return "break"

    def _new_line(self, _event: object) -> str:
        self.input.write("\n")
        return "break"

    def _up(self, _event: object) -> str | None:
        return self._walk(self._history.older) if self.input.is_in_first_row else None

    def _down(self, _event: object) -> str | None:
        return self._walk(self._history.newer) if self.input.is_in_last_row else None

    def _walk(self, go: Callable[[str], str | None]) -> str | None:
        text = go(self.typed)
        if text is None:
            return None
        self.input.fill(text)
        self.explain("")
        self._follow()
        return "break"

    def _tab(self, event: tk.Event[tk.Misc]) -> str:
        if not self._complete(by=1):
            after = event.widget.tk_focusNext()
            if after is not None:
                after.focus_set()  # out of the input line; a tab can still be pasted
        return "break"

    def _tab_back(self, _event: object) -> str | None:
        return "break" if self._complete(by=-1) else None

    def _complete(self, *, by: int) -> bool:
        seen, cursor = self.input.seen, self.input.cursor
        found = self._completer.step(seen, cursor, self._names(), self._rooms(), by=by)
        if found is None:
            return False
        self.input.write(found.text, instead_of=seen[found.start : cursor])
        return True

    def _escape(self, _event: object) -> str | None:
        return "break" if self._dismiss_paste() else None

    # --- pasting

    def _paste(self, selection: str) -> str | None:
        try:
            text = str(self.input.selection_get(selection=selection))  # type: ignore[no-untyped-call]
        except tk.TclError:
            return "break"  # there is nothing that is a text
        text = text.replace("\r\n", "\n")
        if len(text) > _PASTE_CHARS_MAX:
            self.explain(
                _("That is too much to paste: a message has at most {count} characters.").format(
                    count=limits.TEXT_CHARS_MAX
                )
            )
            return "break"
        if is_large_paste(text):
            self._is_asking = True
            self.paste_bar.grid()
            self.paste_bar.ask(text)
            return "break"
        if selection == "PRIMARY":
            return None  # Tk knows where the pointer is
        self._write_apart(text)
        return "break"

    def _write_apart(self, text: str) -> None:
        """Write what was not typed, so that undoing takes back that alone."""
        self.input.edit_separator()
        self.input.write(text)
        self.input.edit_separator()

    def _paste_answered(self, answer: PasteAnswer, text: str) -> None:
        self._dismiss_paste()
        if answer is PasteAnswer.PASTE:
            self._write_apart(text)
        elif answer is PasteAnswer.AS_CODE:
            self._write_apart(as_code(text, before=self.input.seen[: self.input.cursor]))

    def _dismiss_paste(self) -> bool:
        """Take the question back, and return whether there was one."""
        if not self._is_asking:
            return False
        self._is_asking = False
        had_focus = str(self.tk.call("focus")).startswith(str(self.paste_bar))
        self.paste_bar.grid_remove()
        if had_focus:
            self.input.focus_set()
        return True
