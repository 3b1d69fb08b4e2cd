"""A card that lies over the window until it is done with: what switcher, directory, sheet of keys and settings share.

Knows where it lies, when it goes, and whose the keyboard is; nothing of what is on it.
"""

from __future__ import annotations

import contextlib
import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Overlay"]

#: Between the card and the edges of what it lies on, at least.
_MARGIN_PX = 12
_INSIDE_PX = 14
#: Its top, as a part of the height: people look above the middle.
_TOP = 0.1
#: Beyond these the wheel begins, where it is buttons.
_BUTTONS = (1, 2, 3)
#: What lies around it, the outermost first: its colour by its name in the palette, how far it reaches and how far down.
_SHADES = (("hover", 5, 2), ("border", 2, 1))


class Overlay(ttk.Frame):
    """A card over `master`. A class of its own says what is on it, packs that into `body`, and calls `appear`.

    It is `width_px` wide and as high as what is on it, or as `height_px` says; smaller in a small window.
    While it is open, Tab stays on it and the pointer too: Escape and a click beside it close it, and the focus goes
    back to where it was. The overlay that is open is the one that holds Tk's grab, so there are never two.
    """

    def __init__(self, master: tk.Misc, theme: Theme, *, width_px: int, height_px: int = 0) -> None:
        super().__init__(master, style="Edge.TFrame", padding=1, takefocus=False)
        self.theme = theme
        self.body = ttk.Frame(self, style="Card.TFrame")
        self.body.pack(fill="both", expand=True)
        # Tk has no shadows: frames around it, under it, that follow it by themselves.
        self._shades = [tk.Frame(master, borderwidth=0) for _spread in _SHADES]
        self.is_open = False
        self._wanted_px = (width_px, height_px)
        self._came_from = ""
        self._idle: str | None = None
        self.bind("<Escape>", self._escaped)
        self.bind("<Tab>", lambda event: self._walk(event, forward=True))
        self.bind("<<PrevWindow>>", lambda event: self._walk(event, forward=False))
        self.bind("<Button>", self._clicked)
        self.bind("<<ThemeChanged>>", self._paint_card, add=True)
        self.bind("<Destroy>", self._destroyed)
        master.bind("<Configure>", self._resized, add=True)
        self._paint_card()

    def appear(self, first: tk.Misc) -> None:
        """Open, if it is not open, over whatever is; the focus goes to `first`."""
        if not self.is_open:
            self._displace()
            self._came_from = str(self.tk.call("focus", "-lastfor", str(self)))
            self.is_open = True
            self._share_keys(self)
            self.update_idletasks()
            for shade in self._shades:
                shade.lift()
            self.lift()
            self._lay()
            # Tk gives the focus to what is mapped, to other things later: what is typed now would go elsewhere.
            self.update_idletasks()
            self.grab_set()
        first.focus_set()

    def close(self) -> None:
        """Go, and give the focus back unless it is elsewhere by now; does nothing when it is not open."""
        if not self.is_open:
            return
        self.is_open = False
        has_focus = self._is_within(str(self.tk.call("focus", "-lastfor", str(self))))
        self.grab_release()
        for widget in (self, *self._shades):
            widget.place_forget()
        if has_focus and self._came_from and int(self.tk.call("winfo", "exists", self._came_from)):
            self.tk.call("focus", self._came_from)

    # --- where it lies

    def _lay(self) -> None:
        """Lie where it should; to be called when what is on it wants another height meanwhile."""
        px = self.theme.px
        width, height = self.master.winfo_width(), self.master.winfo_height()
        wanted_width, wanted_height = (px(wanted) for wanted in self._wanted_px)
        top = max(px(_MARGIN_PX), int(_TOP * height))
        self.place(
            relx=0.5,
            y=top,
            anchor="n",
            width=min(wanted_width, width - 2 * px(_MARGIN_PX)),
            height=min(wanted_height or self.winfo_reqheight(), height - top - px(_MARGIN_PX)),
        )
        for shade, (_role, spread, drop) in zip(self._shades, _SHADES):
            shade.place(
                in_=self, bordermode="outside", x=-px(spread), y=px(drop - spread), relwidth=1, width=2 * px(spread),
                relheight=1, height=2 * px(spread),
            )  # fmt: skip

    def _resized(self, event: tk.Event[tk.Misc]) -> None:
        if self.is_open and event.widget is self.master:  # a toplevel hears it of all that is in it
            self._lay()

    def lay_soon(self) -> None:
        """Lie where it should once Tk has nothing else to do, for what is on it wants another height."""
        if self.is_open and self._idle is None:
            self._idle = self.after_idle(self._lay_now)

    def _lay_now(self) -> None:
        self._idle = None
        if self.is_open:
            self.update_idletasks()  # what is on it tells its wish from frame to frame, each when Tk is idle
            self._lay()

    def _paint_card(self, event: tk.Event[tk.Misc] | None = None) -> None:
        if event is None or event.widget is self:
            self.body.configure(padding=self.theme.px(_INSIDE_PX))
            for shade, (role, _spread, _drop) in zip(self._shades, _SHADES):
                shade.configure(background=getattr(self.theme.palette, role))
            self.lay_soon()  # at another zoom: once all that is on it knows how large it is

    def _destroyed(self, event: tk.Event[tk.Misc]) -> None:
        if event.widget is self:
            if self._idle is not None:
                self.after_cancel(self._idle)
                self._idle = None
            for shade in self._shades:
                shade.destroy()

    # --- whose the keyboard and the pointer are

    def _displace(self) -> None:
        holder: tk.Misc | None = None
        with contextlib.suppress(KeyError):  # held by something of Tk's own, such as the list of a combobox
            holder = self.nametowidget(str(self.tk.call("grab", "current", str(self))))
        if isinstance(holder, Overlay):
            holder.close()

    def _share_keys(self, widget: tk.Misc) -> None:
        """Let what is bound here hold for all that is on the card, after the bindings of each itself."""
        for child in widget.winfo_children():
            tags = child.bindtags()
            if str(self) not in tags:
                child.bindtags((*tags[:2], str(self), *tags[2:]))
            self._share_keys(child)

    def _is_within(self, path: str) -> bool:
        return path.startswith(f"{self}.") or path == str(self)

    def _escaped(self, _event: tk.Event[tk.Misc]) -> str:
        self.close()
        return "break"

    def _walk(self, event: tk.Event[tk.Misc], *, forward: bool) -> str:
        step = "tk_focusNext" if forward else "tk_focusPrev"
        start = str(event.widget)
        path = str(self.tk.call(step, start))
        while path != start and not self._is_within(path):
            path = str(self.tk.call(step, path))
        self.tk.call("tk::TabToWindow", path)
        return "break"

    def _clicked(self, event: tk.Event[tk.Misc]) -> None:
        # A click beside a grab is told to its holder.
        x, y = event.x_root - self.winfo_rootx(), event.y_root - self.winfo_rooty()
        is_beside = not (0 <= x < self.winfo_width() and 0 <= y < self.winfo_height())
        if event.widget is self and is_beside and event.num in _BUTTONS:
            self.close()
