"""A short explanation beside a widget, after the pointer has rested on it or when it gets the focus by the keyboard.

For widgets that stay where they are; what is said about one message is drawn by its view.
"""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING, Callable, NamedTuple

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Box", "Tooltip", "place_beside"]

#: Long enough not to flicker in passing.
_REST_MS = 600
_WIDTH_PX = 320


class Box(NamedTuple):
    """Where something is among all screens, in pixels; left of the first screen and above it are negative numbers."""

    left: int
    top: int
    width: int
    height: int


class Tooltip:
    """Belongs to `widget` and ends with it. `text` is asked for each time; an empty one shows nothing."""

    def __init__(
        self, widget: tk.Misc, text: Callable[[], str] | str, theme: Theme, *, rest_ms: int = _REST_MS
    ) -> None:
        self._rest_ms = rest_ms
        self._widget = widget
        self._text = text
        self._theme = theme
        self._timer: str | None = None
        self._window: tk.Toplevel | None = None
        for event, call in (
            ("<Enter>", self._rests), ("<FocusIn>", self._focused), ("<Leave>", self._hide), ("<FocusOut>", self._hide),
            ("<ButtonPress>", self._hide), ("<Key>", self._hide), ("<Unmap>", self._hide), ("<Destroy>", self._hide),
        ):  # fmt: skip
            widget.bind(event, call, add=True)

    @property
    def is_shown(self) -> bool:
        """Whether it can be seen now."""
        return self._window is not None

    def _rests(self, _event: object) -> None:
        self._wait()

    def _focused(self, _event: object) -> None:
        # Only for the keyboard: a click gives the focus too, and then the person knows already.
        pointed = self._widget.winfo_containing(*self._widget.winfo_pointerxy())
        if pointed is not self._widget:
            self._wait()

    def _wait(self) -> None:
        self._cancel()
        self._timer = self._widget.after(self._rest_ms, self._show)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._widget.after_cancel(self._timer)
            self._timer = None

    def _hide(self, _event: object) -> None:
        self._cancel()
        if self._window is not None:
            self._window.destroy()
            self._window = None

    def _show(self) -> None:
        self._timer = None
        text = self._text if isinstance(self._text, str) else self._text()
        if not text or self._window is not None or not self._widget.winfo_viewable():
            return
        palette, px = self._theme.palette, self._theme.px
        window = self._window = tk.Toplevel(self._widget, background=palette.ink)
        window.wm_withdraw()
        window.wm_overrideredirect(True)
        _mark(window)
        tk.Label(
            window, text=text, font=self._theme.small, background=palette.ink, foreground=palette.surface,
            padx=px(8), pady=px(4), wraplength=px(_WIDTH_PX), justify="left",
        ).pack()  # fmt: skip
        window.update_idletasks()
        window.wm_geometry("+{}+{}".format(*self._place(window.winfo_reqwidth(), window.winfo_reqheight())))
        window.wm_deiconify()
        window.wm_attributes("-topmost", True)

    def _place(self, width: int, height: int) -> tuple[int, int]:
        widget = self._widget
        # A screen may be left of the first one or above it: `winfo screenwidth` and 0 are those of the first.
        screens = Box(
            widget.winfo_vrootx(), widget.winfo_vrooty(), widget.winfo_vrootwidth(), widget.winfo_vrootheight()
        )
        around = Box(widget.winfo_rootx(), widget.winfo_rooty(), widget.winfo_width(), widget.winfo_height())
        return place_beside(around, width, height, screens, self._theme.px(6))


def place_beside(widget: Box, width: int, height: int, screens: Box, gap: int) -> tuple[int, int]:
    """Choose a place under a widget, over it at the lower end of the screens; never beyond their sides."""
    left = widget.left + (widget.width - width) // 2
    top = widget.top + widget.height + gap
    if top + height > screens.top + screens.height:
        top = widget.top - height - gap
    rightmost = screens.left + screens.width - width
    return max(screens.left, min(left, rightmost)), max(screens.top, top)


def _mark(window: tk.Toplevel) -> None:
    """Tell the system's windows what this is, so that it neither takes the focus nor gets a frame."""
    system = str(window.tk.call("tk", "windowingsystem"))
    if system == "x11":
        window.wm_attributes("-type", "tooltip")
    elif system == "aqua":  # as IDLE does; there is no other way
        window.tk.call("::tk::unsupported::MacWindowStyle", "style", str(window), "help", "noActivates")
