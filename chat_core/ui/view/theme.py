"""Colours, fonts and spacing of the window, and the ttk styles made of them.

The classic widgets (Text, Listbox, Menu) do not follow ttk styles; their views take what they need from here.
"""

from __future__ import annotations

import sys
import tkinter as tk
import zlib
from tkinter import font as tkfont
from tkinter import ttk
from typing import Literal

__all__ = ["Theme", "make_sharp"]

_SYSTEM_DPI_AWARE = 1


def make_sharp() -> None:
    """Tell Windows that we draw for the real resolution; must come before the first window. Elsewhere nothing."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - exists everywhere, but is of use on Windows alone

        try:
            ctypes.windll.shcore.SetProcessDpiAwareness(_SYSTEM_DPI_AWARE)
        except (AttributeError, OSError):
            return  # before Windows 8.1: blurred, but there


class Theme:
    """One look. Keep it as long as the window: the fonts vanish with it. Contrasts are 4.5:1 or better."""

    ground = "#f4f5f8"
    surface = "#ffffff"
    border = "#dfe3ea"
    ink = "#1f2430"
    muted = "#667085"
    accent = "#2f5bd7"
    accent_dark = "#2448b0"
    accent_soft = "#e8edfb"
    good = "#187a3f"
    busy = "#9a5b00"
    bad = "#b3261e"
    bad_soft = "#fdf0ee"
    #: A person keeps their colour; which one says nothing.
    names = ("#8a4b08", "#0b6e6e", "#7a3e9d", "#a02c5a", "#3d6b21", "#1d5f9e", "#6d5a00", "#934028")

    def __init__(self, root: tk.Tk) -> None:
        self._scale = max(1.0, float(root.tk.call("tk", "scaling")) * 72 / 96)
        base = tkfont.Font(root, name="TkDefaultFont", exists=True)  # nametofont(root=) came with 3.10
        family, size = base.actual("family"), max(10, abs(int(base.actual("size"))))

        def make(
            size: int, weight: Literal["normal", "bold"] = "normal", slant: Literal["roman", "italic"] = "roman"
        ) -> tkfont.Font:
            return tkfont.Font(root, family=family, size=size, weight=weight, slant=slant)

        self.font = make(size)
        self.bold = make(size, weight="bold")
        self.small = make(size - 1)
        self.italic = make(size, slant="italic")
        self.title = make(size + 8, weight="bold")
        self.room = make(size + 2, weight="bold")
        #: The line after the last line end: it is always there, so it serves as the space at the bottom.
        self.tiny = make(3)
        root.configure(background=self.ground)
        if root.tk.call("tk", "windowingsystem") == "x11":  # elsewhere the system's own keys are bound already
            for key in ("<Control-Key-a>", "<Control-Lock-Key-A>"):
                root.event_delete("<<LineStart>>", key)
                root.event_add("<<SelectAll>>", key)
        self._configure_styles(ttk.Style(root))
        root.option_add("*Menu.font", self.font)
        root.option_add("*Menu.background", self.surface)
        root.option_add("*Menu.foreground", self.ink)
        root.option_add("*Menu.activeBackground", self.accent_soft)
        root.option_add("*Menu.activeForeground", self.ink)

    def px(self, pixels: int) -> int:
        """Scale a distance to the resolution of the screen."""
        return round(pixels * self._scale)

    def name_colour(self, name: str) -> int:
        """Choose the number of a person's colour in `names`, the same in every window."""
        return zlib.crc32(name.encode("utf-8", "replace")) % len(self.names)

    def _configure_styles(self, style: ttk.Style) -> None:
        style.theme_use("clam")
        px = self.px
        style.configure(
            ".", background=self.ground, foreground=self.ink, font=self.font, bordercolor=self.border,
            lightcolor=self.surface, darkcolor=self.border, troughcolor=self.ground, focuscolor=self.accent,
        )  # fmt: skip
        for name, foreground, font in (
            ("Muted", self.muted, self.small), ("Bad", self.bad, self.small), ("Title", self.ink, self.title),
            ("Bold", self.ink, self.bold), ("Good.Status", self.good, self.font),
            ("Busy.Status", self.busy, self.font), ("Bad.Status", self.bad, self.font),
        ):  # fmt: skip
            style.configure(f"{name}.TLabel", foreground=foreground, font=font)
        style.configure("Card.TFrame", background=self.surface)
        for name, foreground, font in (
            ("Trouble", self.bad, self.bold), ("Advice.Trouble", self.ink, self.font),
            ("Small.Trouble", self.muted, self.small),
        ):  # fmt: skip
            style.configure(f"{name}.TLabel", background=self.bad_soft, foreground=foreground, font=font)
        style.configure("Trouble.TFrame", background=self.bad_soft)
        style.configure("Edge.TFrame", background=self.border)
        self._configure_buttons(style, (px(14), px(6)))
        style.configure(
            "TEntry", fieldbackground=self.surface, padding=px(6), bordercolor=self.border, selectbackground=self.accent
        )
        style.map("TEntry", bordercolor=[("focus", self.accent)], lightcolor=[("focus", self.accent)])
        style.configure(
            "Room.TMenubutton", font=self.room, padding=(px(4), px(2)), relief="flat", background=self.ground,
            width=-1, arrowcolor=self.muted, arrowsize=px(5),
        )  # fmt: skip
        style.map("Room.TMenubutton", background=[("active", self.border)])
        style.configure(
            "Vertical.TScrollbar", background=self.border, troughcolor=self.surface, bordercolor=self.surface,
            lightcolor=self.border, darkcolor=self.border, arrowcolor=self.muted, gripcount=0, arrowsize=px(12),
        )  # fmt: skip
        style.map("Vertical.TScrollbar", background=[("active", "#c9cfda"), ("disabled", self.surface)])

    def _configure_buttons(self, style: ttk.Style, padding: tuple[int, int]) -> None:
        style.configure(
            "TButton", padding=padding, background=self.surface, bordercolor=self.border, relief="flat",
            lightcolor=self.surface, darkcolor=self.surface,
        )  # fmt: skip
        style.map("TButton", background=[("active", self.accent_soft)], bordercolor=[("focus", self.accent)])
        style.configure(
            "Main.TButton", background=self.accent, foreground=self.surface, font=self.bold, bordercolor=self.accent,
            lightcolor=self.accent, darkcolor=self.accent, focuscolor=self.surface,
        )  # fmt: skip
        dark = [("disabled", "#a9b8e6"), ("pressed", self.accent_dark), ("active", self.accent_dark)]
        style.map(
            "Main.TButton", background=dark, bordercolor=dark, lightcolor=dark, darkcolor=dark,
            foreground=[("disabled", self.surface)],
        )  # fmt: skip
