"""What the window is drawn with: the palette, the fonts, the zoom and the resolution of the screen, all live.

The ttk styles made of them are `view.styles`. The classic widgets (Text, Listbox, Canvas) do not follow ttk styles:
their views take what they need from here, again at each `<<ThemeChanged>>`. Menus and the lists of comboboxes follow by
themselves.
"""

from __future__ import annotations

import sys
import tkinter as tk
from tkinter import font as tkfont

from chat_core.ui.desktop.screen import resolution
from chat_core.ui.model.palette import LIGHT, Palette, colour_number
from chat_core.ui.view.styles import Styles

__all__ = ["ZOOM_MAX", "ZOOM_MIN", "Theme", "make_sharp"]

#: Percent; a browser's steps, for the same keys.
ZOOM_MIN, ZOOM_MAX = 60, 300
_ZOOM_STEPS = (60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)
#: Not per monitor: Tk does not hear when a window goes to another one, and would keep the wrong size there.
_SYSTEM_DPI_AWARE = 1
#: What distances and sizes are meant for: 96 dots an inch.
_DPI = 96
#: Tk rounds a screen to whole millimetres.
_DPI_TOLERANCE = 0.02
_POINTS_AN_INCH = 72
#: A screen that claims to be coarser or finer lies (televisions say they are one metre wide, or nothing at all).
_SCALE_MIN, _SCALE_MAX = 1.0, 4.0
_SIZE_MIN = 10
#: In this order; the first that exists and has a fixed width. On X11 the desktop's own choice is "monospace".
_MONO = {
    "win32": ("Cascadia Mono", "Consolas", "Lucida Console"),
    "aqua": ("SF Mono", "Menlo", "Monaco"),
    "x11": ("monospace", "DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono"),
}
#: Points more or less than the normal size, and bold, italic or neither.
_FONTS = {
    "font": (0, ""),
    "bold": (0, "bold"),
    "italic": (0, "italic"),
    "small": (-1, ""),
    "small_bold": (-1, "bold"),
    "heading": (4, "bold"),
    "title": (9, "bold"),
    "room": (2, "bold"),
}
_TINY = 3


def make_sharp() -> None:
    """Tell Windows that we draw for the real resolution; must come before the first window. Elsewhere nothing."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - exists everywhere, but is of use on Windows alone

        try:
            ctypes.windll.shcore.SetProcessDpiAwareness(_SYSTEM_DPI_AWARE)
        except (AttributeError, OSError):
            return  # before Windows 8.1: blurred, but there


class Theme:
    """One look, changed by `use` and `set_zoom`; the views hear of both by `<<ThemeChanged>>`.

    Keep it as long as the window: the fonts and the pictures of the styles vanish with it.
    """

    def __init__(self, root: tk.Tk, palette: Palette = LIGHT, zoom: int = 100) -> None:
        self.root = root
        self.palette = palette
        self.zoom = _within(zoom)
        self._system = str(root.tk.call("tk", "windowingsystem"))
        scaling = _honest_scaling(root, self._system)
        #: Pixels for one of 96 dots an inch, without the zoom.
        self.scale = max(_SCALE_MIN, min(_SCALE_MAX, scaling * _POINTS_AN_INCH / _DPI))
        base = tkfont.Font(root, name="TkDefaultFont", exists=True)  # nametofont(root=) came with 3.10
        size = int(base.actual("size"))
        self._point_px = scaling
        self._size = max(_SIZE_MIN, size if size > 0 else round(-size / scaling))
        family = base.actual("family")
        self.font, self.bold, self.italic, self.small, self.small_bold, self.heading, self.title, self.room = (
            _font(root, family, kind) for _step, kind in _FONTS.values()
        )
        self.mono = _font(root, _mono_family(root, self._system), "")
        #: The line after the last line end: it is always there, so it serves as the space at the bottom.
        self.tiny = _font(root, family, "")
        self._styles: dict[tuple[str, int], Styles] = {}
        self._bind_classes()
        self._apply()

    def px(self, pixels: float) -> int:
        """Scale a distance to the resolution of the screen and the zoom."""
        return round(pixels * self.scale * self.zoom / 100)

    def name_colour(self, name: str) -> int:
        """Choose the number of a person's colour in `names`, the same in every window."""
        return colour_number(name, len(self.palette.names))

    def use(self, palette: Palette) -> None:
        """Draw with other colours from now on."""
        if palette != self.palette:
            self.palette = palette
            self._change()

    def set_zoom(self, percent: int) -> None:
        """Draw everything larger or smaller from now on: 60 to 300 percent."""
        if _within(percent) != self.zoom:
            self.zoom = _within(percent)
            self._change()

    def zoom_in(self) -> None:
        """Go to the next larger of the usual sizes."""
        self.set_zoom(next((step for step in _ZOOM_STEPS if step > self.zoom), ZOOM_MAX))

    def zoom_out(self) -> None:
        """Go to the next smaller of the usual sizes."""
        self.set_zoom(next((step for step in reversed(_ZOOM_STEPS) if step < self.zoom), ZOOM_MIN))

    def reset_zoom(self) -> None:
        """Go back to 100 percent."""
        self.set_zoom(100)

    def _change(self) -> None:
        # Tk has no events for a window that was never on the screen: those would keep their colours. Asking for the
        # number of its window makes one.
        waiting: list[tk.Misc] = [self.root]
        while waiting:
            widget = waiting.pop()
            widget.winfo_id()
            waiting += widget.winfo_children()
        self._apply()

    def _apply(self) -> None:
        self._size_fonts()
        self.root.configure(background=self.palette.ground)
        self._set_defaults()
        key = (self.palette.name, self.zoom)
        if key not in self._styles:
            self._styles[key] = Styles(self)
        self._styles[key].use()

    def _size_fonts(self) -> None:
        def pixels(points: int) -> int:
            return max(1, round(points * self._point_px * self.zoom / 100))

        for name, (step, _kind) in _FONTS.items():
            getattr(self, name).configure(size=-pixels(self._size + step))  # in pixels, which has finer steps
        self.mono.configure(size=-pixels(self._size))
        self.tiny.configure(size=-pixels(_TINY))

    def _set_defaults(self) -> None:
        """Give the classic widgets that we do not draw ourselves the colours of the theme."""
        palette = self.palette
        for pattern, value in (
            ("*Menu.font", self.font), ("*Menu.background", palette.surface), ("*Menu.foreground", palette.ink),
            ("*Menu.activeBackground", palette.accent_soft), ("*Menu.activeForeground", palette.ink),
            ("*Menu.disabledForeground", palette.faint), ("*Menu.selectColor", palette.accent),
            ("*Menu.relief", "flat"), ("*Menu.borderWidth", self.px(1)), ("*Menu.activeBorderWidth", self.px(3)),
            ("*TCombobox*Listbox.font", self.font), ("*TCombobox*Listbox.background", palette.surface),
            ("*TCombobox*Listbox.foreground", palette.ink),
            ("*TCombobox*Listbox.selectBackground", palette.accent_soft),
            ("*TCombobox*Listbox.selectForeground", palette.ink), ("*TCombobox*Listbox.borderWidth", self.px(6)),
            ("*TCombobox*Listbox.relief", "flat"),
            ("*TCombobox*Listbox.highlightThickness", 0), ("*Toplevel.background", palette.ground),
        ):  # fmt: skip
            self.root.option_add(pattern, value, "startupFile")

    def _bind_classes(self) -> None:
        if self._system == "x11":  # elsewhere the system's own keys are bound already
            for key in ("<Control-Key-a>", "<Control-Lock-Key-A>"):
                self.root.event_delete("<<LineStart>>", key)
                self.root.event_add("<<SelectAll>>", key)
        # Their widgets may be Tk's own (the copy of a menu in a bar), which tkinter knows by path alone.
        self.root.bind_class("Menu", "<<ThemeChanged>>", lambda event: self._paint_menu(event.widget))
        self.root.bind_class("TCombobox", "<<ThemeChanged>>", lambda event: self._paint_list_of(event.widget))

    def _paint_menu(self, menu: object) -> None:
        """Colour a menu that exists at a change; those made later have the defaults."""
        palette = self.palette
        self.root.tk.call(
            str(menu), "configure", "-background", palette.surface, "-foreground", palette.ink,
            "-activebackground", palette.accent_soft, "-activeforeground", palette.ink,
            "-disabledforeground", palette.faint, "-selectcolor", palette.accent,
            "-relief", "flat", "-borderwidth", self.px(1), "-activeborderwidth", self.px(3),
        )  # fmt: skip

    def _paint_list_of(self, combobox: object) -> None:
        """Colour the list of a combobox that has been open once; Tk keeps it, and gives no other way to it."""
        listbox = f"{combobox}.popdown.f.l"
        if self.root.tk.call("winfo", "exists", listbox):
            palette = self.palette
            self.root.tk.call(
                listbox, "configure", "-background", palette.surface, "-foreground", palette.ink,
                "-selectbackground", palette.accent_soft, "-selectforeground", palette.ink,
            )  # fmt: skip


def _within(percent: int) -> int:
    return max(ZOOM_MIN, min(ZOOM_MAX, percent))


def _honest_scaling(root: tk.Tk, system: str) -> float:
    """Return the pixels of a point, and let Tk know; one that was set by hand stays.

    An X server knows the screen in millimetres, if that, and Tk believes it; the desktop says what the person wants.
    """
    scaling = float(root.tk.call("tk", "scaling"))
    known = resolution() if system == "x11" else None
    if known is None or abs(scaling * _POINTS_AN_INCH - known.server_dpi) > _DPI_TOLERANCE * known.server_dpi:
        return scaling
    dpi = known.desktop_dpi or known.server_dpi
    scaling = max(_SCALE_MIN * _DPI, min(_SCALE_MAX * _DPI, dpi)) / _POINTS_AN_INCH
    root.tk.call("tk", "scaling", scaling)
    return scaling


def _mono_family(root: tk.Tk, system: str) -> str:
    """Find a family of fixed width: asking for one by name is quicker than a list of all, which takes 50 ms."""
    for family in _MONO.get(system, ()):
        font = tkfont.Font(root, family=family)
        if font.metrics("fixed") and (system == "x11" or font.actual("family") == family):
            return family
    return str(tkfont.Font(root, name="TkFixedFont", exists=True).actual("family"))


def _font(root: tk.Tk, family: str, kind: str) -> tkfont.Font:
    return tkfont.Font(
        root,
        family=family,
        weight="bold" if kind == "bold" else "normal",
        slant="italic" if kind == "italic" else "roman",
    )
