"""Every style of the window side by side, for people who change the look.

`python3 -m tests.gallery [--theme dark] [--scale 2] [--zoom 150]`; Ctrl + and - zoom, Ctrl+T goes to the next theme.
"""

from __future__ import annotations

import argparse
import tkinter as tk
from tkinter import ttk

from chat_core.ui.model.palette import PALETTES, palette_of
from chat_core.ui.view.icons import NAMES, Icons
from chat_core.ui.view.theme import Theme
from chat_core.ui.view.tooltip import Tooltip

__all__ = ["Gallery"]

_LABELS = (
    "",
    "Muted.",
    "Faint.",
    "Good.",
    "Busy.",
    "Bad.",
    "Accent.",
    "Bold.",
    "Italic.",
    "Mono.",
    "Room.",
    "Heading.",
)
_BUTTONS = ("", "Main.", "Danger.", "Flat.", "Link.")
_GROUNDS = ("", "Card.", "Side.", "Trouble.", "Selected.", "Mention.")


class Gallery(ttk.Frame):
    """One of each, on each ground."""

    def __init__(self, root: tk.Tk, theme: Theme) -> None:
        super().__init__(root, padding=theme.px(16))
        self._theme = theme
        self._icons = Icons(root, theme)
        ttk.Label(self, text="Gallery", style="Title.TLabel").grid(row=0, column=0, sticky="w")
        for column, ground in enumerate(_GROUNDS):
            self._ground(ground).grid(row=1, column=column, sticky="nswe")
        below = ttk.Frame(self)
        below.grid(row=2, column=0, columnspan=len(_GROUNDS), sticky="nswe", pady=theme.px(12))
        self._fields(below).pack(side="left", fill="both", expand=True)
        self._lists(below).pack(side="left", fill="both", expand=True, padx=theme.px(12))
        self._colours(below).pack(side="left", fill="both", expand=True)
        self._signs().grid(row=0, column=1, columnspan=len(_GROUNDS) - 1, sticky="e")
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def _ground(self, ground: str) -> ttk.Frame:
        frame = ttk.Frame(self, style=f"{ground}TFrame", padding=self._theme.px(10))
        for kind in _LABELS:
            ttk.Label(frame, text=f"{kind or 'Plain'} ag", style=f"{kind}{ground}TLabel").pack(anchor="w")
        for kind in _BUTTONS:
            button = ttk.Button(frame, text=kind.rstrip(".") or "Plain", style=f"{kind}{ground}TButton")
            button.pack(anchor="w", pady=self._theme.px(3))
        for widget in (
            ttk.Checkbutton(frame, style=f"{ground}TCheckbutton"),
            ttk.Radiobutton(frame, style=f"{ground}TRadiobutton"),
        ):
            widget.configure(text="Choice")
            widget.state(["!alternate", "selected"])
            widget.pack(anchor="w")
        ttk.Button(frame, image=self._icons.get("gear"), style=f"Icon.{ground}TButton").pack(anchor="w")
        return frame

    def _fields(self, master: ttk.Frame) -> ttk.Frame:
        px = self._theme.px
        panel = ttk.Frame(master, style="Panel.TFrame", padding=px(16))
        for text, state in (("An entry", ""), ("invalid", "invalid"), ("disabled", "disabled"), ("focus", "focus")):
            entry = ttk.Entry(panel, style="Card.TEntry", font=self._theme.font)
            entry.insert(0, text)
            entry.state([state] if state else [])
            entry.pack(fill="x", pady=px(3))
        field = ttk.Frame(panel, style="Field.Card.TFrame", padding=px(4))
        self.field = tk.Text(field, width=10, height=2, borderwidth=0, highlightthickness=0, font=self._theme.font)
        for change, state in (("<FocusIn>", "focus"), ("<FocusOut>", "!focus")):
            self.field.bind(change, lambda _event, state=state: field.state([state]))  # type: ignore[misc]
        self.field.pack(fill="x")
        field.pack(fill="x", pady=px(3))
        combobox = ttk.Combobox(panel, values=["System", "Light"], state="readonly", style="Card.TCombobox")
        combobox.configure(font=self._theme.font)
        combobox.current(0)
        combobox.pack(fill="x", pady=px(3))
        ttk.Spinbox(panel, from_=0, to=9, font=self._theme.font).pack(fill="x", pady=px(3))
        for states in (["focus"], ["disabled", "selected"], ["disabled"]):
            tick = ttk.Checkbutton(panel, text=" ".join(states), style="Card.TCheckbutton")
            tick.state(["!alternate", *states])
            tick.pack(anchor="w")
        row = ttk.Frame(panel, style="Card.TFrame")
        row.pack(anchor="w", pady=px(6))
        for style in ("Card.TButton", "Main.Card.TButton", "Flat.Card.TButton"):
            button = ttk.Button(row, text="Focus", style=style)
            button.state(["focus"])
            button.pack(side="left", padx=(0, px(6)))
        button = ttk.Button(row, text="Disabled", style="Main.Card.TButton")
        button.state(["disabled"])
        button.pack(side="left")
        ttk.Button(panel, text="3 new messages \N{DOWNWARDS ARROW}", style="Pill.TButton").pack(anchor="w", pady=px(3))
        for style in ("Pill.TLabel", "Quiet.Pill.TLabel"):
            ttk.Label(panel, text="12", style=style).pack(anchor="w", pady=px(2))
        return panel

    def _lists(self, master: ttk.Frame) -> ttk.Frame:
        frame = ttk.Frame(master, style="Card.TFrame")
        tree = ttk.Treeview(frame, columns=("people",), height=5)
        tree.heading("#0", text="Room", anchor="w")
        tree.heading("people", text="People", anchor="w")
        for number in range(20):
            tree.insert("", "end", text=f"room {number}", values=(number,))
        tree.selection_set(tree.get_children()[1])
        bar = ttk.Scrollbar(frame, orient="vertical", command=tree.yview)
        tree.configure(yscrollcommand=bar.set)
        tree.grid(row=0, column=0, sticky="nswe")
        bar.grid(row=0, column=1, sticky="ns")
        ttk.Separator(frame).grid(row=1, column=0, columnspan=2, sticky="we", pady=self._theme.px(6))
        progress = ttk.Progressbar(frame, value=60)
        progress.grid(row=2, column=0, sticky="we", padx=self._theme.px(6))
        book = ttk.Notebook(frame)
        for name in ("One", "Two"):
            book.add(ttk.Frame(book, style="Card.TFrame", height=self._theme.px(40)), text=name)
        book.grid(row=3, column=0, sticky="we", pady=self._theme.px(6))
        box = ttk.Labelframe(frame, text="Frame")
        ttk.Menubutton(box, text="lobby", style="Room.TMenubutton").pack(anchor="w")
        for mood in ("Good", "Busy", "Bad"):
            ttk.Label(box, text=f"\N{BLACK CIRCLE} {mood}", style=f"{mood}.Status.TLabel").pack(anchor="w")
        box.grid(row=4, column=0, sticky="we", padx=self._theme.px(6), pady=self._theme.px(6))
        frame.columnconfigure(0, weight=1)
        return frame

    def _colours(self, master: ttk.Frame) -> tk.Text:
        self.text = tk.Text(master, width=24, height=16, borderwidth=0, highlightthickness=0, font=self._theme.font)
        for number in range(len(self._theme.palette.names)):
            self.text.insert("end", f"Somebody {number}\n", f"name{number}")
        for tag in ("mention", "found_soft", "found", "code", "link"):
            self.text.insert("end", f"a line with {tag}\n", tag)
        return self.text

    def _signs(self) -> ttk.Frame:
        frame = ttk.Frame(self)
        for number, name in enumerate(NAMES):
            label = ttk.Label(frame, image=self._icons.get(name, px=24), padding=self._theme.px(4))
            label.grid(row=number // 14, column=number % 14)
            Tooltip(label, name, self._theme)
        return frame

    def _paint(self) -> None:
        palette = self._theme.palette
        for text in (self.text, self.field):
            text.configure(background=palette.surface, foreground=palette.ink, insertbackground=palette.ink)
        for number, colour in enumerate(palette.names):
            self.text.tag_configure(f"name{number}", foreground=colour, font=self._theme.bold)
        self.text.tag_configure("mention", background=palette.mention_soft)
        self.text.tag_configure("found_soft", background=palette.found_soft)
        self.text.tag_configure("found", background=palette.found, foreground=palette.found_ink)
        self.text.tag_configure("code", background=palette.code_ground, font=self._theme.mono)
        self.text.tag_configure("link", foreground=palette.accent, underline=True)


def main() -> None:
    """Open the window and stay until it is closed."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.gallery", description=__doc__)
    parser.add_argument("--theme", default="light", choices=[palette.name for palette in PALETTES])
    parser.add_argument("--scale", type=float, default=0.0, help="of the screen: 2 for a fine one; its own if left out")
    parser.add_argument("--zoom", type=int, default=100, help="percent")
    chosen = parser.parse_args()
    root = tk.Tk()
    if chosen.scale:
        root.tk.call("tk", "scaling", chosen.scale * 96 / 72)
    theme = Theme(root, palette_of(chosen.theme), chosen.zoom)
    Gallery(root, theme).pack(fill="both", expand=True)

    def next_theme(_event: object) -> None:
        theme.use(PALETTES[(PALETTES.index(theme.palette) + 1) % len(PALETTES)])

    root.bind("<Control-t>", next_theme)
    for key, deed in (("plus", theme.zoom_in), ("minus", theme.zoom_out), ("Key-0", theme.reset_zoom)):
        root.bind(f"<Control-{key}>", lambda _event, deed=deed: deed())  # type: ignore[misc]
    root.mainloop()


if __name__ == "__main__":
    main()
