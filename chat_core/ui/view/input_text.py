"""A text field to write in: one to six rows, a grey hint while it is empty, a menu, and only keys that people know.

What is done with the text is the composer's business. A character that this screen would not survive (`glyphs`) is
shown as a placeholder whose tag says what it stands for, so that `typed` is what was typed.
"""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Callable

from chat_core.language import _
from chat_core.ui.desktop.glyphs import ASTRAL, PLACEHOLDER

if TYPE_CHECKING:
    from chat_core.ui.desktop.glyphs import GlyphProbe
    from chat_core.ui.view.theme import Theme

__all__ = ["InputText"]

_ROWS_MAX = 6
#: A tag of ours for each such character: this and its number in hexadecimal digits.
_STANDS_FOR = "stands_for_"
#: Tk's keys for its Text without those that Emacs users know: Ctrl+K or Ctrl+T must not edit what somebody wrote who
#: wants the window's own Ctrl+K, and Ctrl+I must not write a tab.
_BINDING_CLASS = "ChatInput"
_KEYS_OF_EMACS = "bdefhiknopt"


def _whole(text: str) -> str:
    # Tcl 8.6 keeps what is beyond the BMP as two halves, and some versions of Python hand them out like that.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class InputText(tk.Text):
    """Where one writes. `edited` is called after every change by the person, not after those by the program.

    `substituted` is called when characters had to be replaced on the screen.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        glyphs: GlyphProbe,
        edited: Callable[[], None],
        substituted: Callable[[], None],
    ) -> None:
        super().__init__(
            master, height=1, width=1, wrap="word", undo=True, maxundo=200, font=theme.font, borderwidth=0,
            highlightthickness=0,  # whoever puts it into a frame shows the focus there
        )  # fmt: skip
        self._theme = theme
        self._glyphs = glyphs
        self._edited = edited
        self._substituted = substituted
        self._hint = tk.Label(self, anchor="w", borderwidth=0, padx=0, pady=0, cursor="xterm", font=theme.font)
        self._hint.bind("<Button-1>", lambda _event: self.focus_set())
        self._menu = tk.Menu(self, tearoff=False)
        for widget in (self, self._hint):
            widget.bind("<<ContextMenu>>", lambda event: self._show_menu(event.x_root, event.y_root))
        self.bind("<Shift-F10>", self._menu_key)
        if not self._windows_are("aqua"):  # whose keyboards have no such key
            self.bind("<App>" if self._windows_are("win32") else "<Menu>", self._menu_key)
        self._bind_known_keys()
        if not self._windows_are("aqua"):  # where it is Option, which Tk knows
            self.bind(
                "<Control-BackSpace>", lambda _event: self._delete_to("tk::TextPrevPos", "tcl_startOfPreviousWord")
            )
            self.bind("<Control-Delete>", lambda _event: self._delete_to("tk::TextNextWord"))
        self.bind("<<Modified>>", self._modified)
        self.bind("<Configure>", lambda _event: self._fit_height())
        for change in ("<<ThemeChanged>>", "<Map>"):  # Tk tells no window that was never on screen
            self.bind(change, lambda _event: self._paint(), add=True)
        self._paint()

    # --- what is in it

    @property
    def typed(self) -> str:
        """What is in the field, with what the placeholders stand for."""
        pieces: list[str] = []
        original = ""
        for kind, said, _index in self.dump("1.0", "end-1c", text=True, tag=True):
            if kind == "text":
                pieces.append(said.replace(PLACEHOLDER, original) if original else said)
            elif said.startswith(_STANDS_FOR):
                character = chr(int(said[len(_STANDS_FOR) :], 16))
                if kind == "tagon":
                    original = character
                elif original == character:  # and not that of the next, whose tag may begin before this one ends
                    original = ""
        return _whole("".join(pieces))

    @property
    def seen(self) -> str:
        """What is on the screen: as `typed`, but with the placeholders."""
        return _whole(self.get("1.0", "end-1c"))

    @property
    def cursor(self) -> int:
        """How many characters of `seen` are before the cursor."""
        return len(_whole(self.get("1.0", "insert")))

    @property
    def is_in_first_row(self) -> bool:
        """Whether there is no row above the cursor, wrapped ones counted."""
        return self._rows_between("1.0", "insert") == 0

    @property
    def is_in_last_row(self) -> bool:
        """Whether there is no row below the cursor, wrapped ones counted."""
        return self._rows_between("insert", "end-1c") == 0

    def fill(self, text: str) -> None:
        """Put this in the place of everything; undo does not bring back what was there."""
        self.delete("1.0", "end")
        self.tag_delete("", *(tag for tag in self.tag_names() if tag.startswith(_STANDS_FOR)))
        self.insert("1.0", text)
        self.configure(undo=True)
        self.edit_reset()
        self.see("insert")
        self._tidy()

    def write(self, text: str, *, instead_of: str = "") -> None:
        """Write at the cursor, over what is selected or over what stands right before it."""
        if instead_of:
            self.replace(self._start_of(instead_of), "insert", text)
        elif self.tag_ranges("sel"):
            self.mark_set("insert", "sel.first")
            self.replace("sel.first", "sel.last", text)
        else:
            self.insert("insert", text)
        self.see("insert")

    def hint(self, text: str) -> None:
        """Say, while the field is empty, what it is for."""
        self._hint.configure(text=self._glyphs.fit(text))

    # --- keys and menu

    def _windows_are(self, system: str) -> bool:
        return bool(self.tk.call("tk", "windowingsystem") == system)

    def _bind_known_keys(self) -> None:
        if not self.bind_class(_BINDING_CLASS):
            is_mac = self._windows_are("aqua")  # where every text field of the system has those of Emacs
            for sequence in self.bind_class("Text"):
                if is_mac or not sequence.startswith("<Meta-"):
                    self.bind_class(_BINDING_CLASS, sequence, self.bind_class("Text", sequence))
            for key in () if is_mac else _KEYS_OF_EMACS:
                self.bind_class(_BINDING_CLASS, f"<Control-Key-{key}>", "# left to the window")
                self.bind_class(_BINDING_CLASS, f"<Control-Lock-Key-{key.upper()}>", "# left to the window")
            if not is_mac:
                self.bind_class(_BINDING_CLASS, "<Control-Key-y>", "event generate %W <<Redo>>")
        self.bindtags(tuple(_BINDING_CLASS if tag == "Text" else tag for tag in self.bindtags()))

    def _delete_to(self, *finding: str) -> str:
        """Delete what is selected, or up to where this procedure of Tk's goes from the cursor."""
        if self.tag_ranges("sel"):
            self.delete("sel.first", "sel.last")
        else:
            procedure, *how = finding
            first, last = self.index("insert"), str(self.tk.call(procedure, str(self), "insert", *how))
            if self.compare(first, ">", last):
                first, last = last, first
            self.edit_separator()
            self.delete(first, last)
        self.see("insert")
        return "break"

    def _menu_key(self, _event: object) -> str:
        where = self.bbox("insert") or (0, 0, 0, 0)
        self._show_menu(self.winfo_rootx() + where[0], self.winfo_rooty() + where[1] + where[3])
        return "break"

    def _show_menu(self, x: int, y: int) -> None:
        self.focus_set()
        self._menu.delete(0, "end")
        for label, event, is_possible in (
            (_("Cut"), "<<Cut>>", bool(self.tag_ranges("sel"))),
            (_("Copy"), "<<Copy>>", bool(self.tag_ranges("sel"))),
            (_("Paste"), "<<Paste>>", True),
            (_("Select all"), "<<SelectAll>>", bool(self.seen)),
        ):
            self._menu.add_command(
                label=label,
                state="normal" if is_possible else "disabled",
                command=lambda event=event: self.event_generate(event),  # type: ignore[misc]
            )
        try:
            self._menu.tk_popup(x, y)
        finally:
            self._menu.grab_release()

    # --- how it looks

    def _paint(self) -> None:
        palette, px = self._theme.palette, self._theme.px
        self.configure(
            background=palette.surface, foreground=palette.ink, insertbackground=palette.ink, insertwidth=max(1, px(2)),
            selectbackground=palette.accent_soft, inactiveselectbackground=palette.accent_soft,
            selectforeground=palette.ink, padx=px(6), pady=px(4),
        )  # fmt: skip
        self._hint.configure(background=palette.surface, foreground=palette.muted)
        self._show_hint()
        self._fit_height()

    def _show_hint(self) -> None:
        if self.compare("1.0", "==", "end-1c"):
            self._hint.place(x=self._theme.px(2), y=0, relwidth=1.0)  # within the padding, beside the cursor
        else:
            self._hint.place_forget()

    def _modified(self, _event: object) -> None:
        if self.edit_modified():
            self._edited()
            self._tidy()

    def _tidy(self) -> None:
        """Take away from the screen what it would not survive, before it is drawn; fit the height, show the hint."""
        seen = self.seen
        if self._glyphs.must_replace(seen):
            self._replace_with_placeholders()
            self._substituted()
        self._show_hint()
        self._fit_height()
        self.edit_modified(False)

    def _replace_with_placeholders(self) -> None:
        typed, chars_before_cursor = self.typed, self.cursor
        # An undo would bring a placeholder back without its tag, and so without what it stands for.
        self.configure(undo=False)
        self.delete("1.0", "end")
        done = 0
        for found in ASTRAL.finditer(typed):
            stands_for = f"{_STANDS_FOR}{ord(found.group()):x}"
            self.insert("end", typed[done : found.start()], (), PLACEHOLDER, (stands_for,))
            done = found.end()
        self.insert("end", typed[done:], ())
        self.mark_set("insert", f"1.0 + {chars_before_cursor} chars")
        self.see("insert")

    def _start_of(self, said: str) -> str:
        """Find where that begins, which ends at the cursor: versions of Tk count some characters once, others twice."""
        start = "insert"
        while _whole(self.get(start, "insert")) != said and self.compare(start, ">", "1.0"):
            start = self.index(f"{start} - 1 chars")
        return start

    def _rows_between(self, first: str, last: str) -> int:
        rows = self.count(first, last, "displaylines")
        return rows[0] if isinstance(rows, tuple) else int(rows or 0)  # a tuple until Python 3.12

    def _fit_height(self) -> None:
        wanted = max(1, min(_ROWS_MAX, self._rows_between("1.0", "end")))
        if int(self.cget("height")) != wanted:
            self.configure(height=wanted)
