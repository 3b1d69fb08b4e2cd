"""The pane at the left: whose server it is, our rooms with what waits in them, and the way into others.

Draws the rows it is given. What a click or a menu does is decided by whom it was made for.
"""

from __future__ import annotations

import enum
import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.escape import escape_line
from chat_core.language import _
from chat_core.ui.model.attention import Level
from chat_core.ui.model.cutting import cut_end
from chat_core.ui.view.listing import Listing, Place
from chat_core.ui.view.marks import Marks

if TYPE_CHECKING:
    from chat_core.ui.model.rooms import RoomRow
    from chat_core.ui.view.icons import Icons
    from chat_core.ui.view.theme import Theme

__all__ = ["Deed", "RoomsView"]

_WIDTH_PX = 184
_SIGN_AT_PX = 14
_TITLE_AT_PX = 30
_GAP_PX = 8
_BAR_PX = 3


class Deed(enum.Enum):
    """What the menu of a room can be asked for."""

    NOTIFY_ALL = "all"
    NOTIFY_MENTIONS = "mentions"
    NOTIFY_NOTHING = "nothing"
    SAVE = "save"
    LEAVE = "leave"


class RoomsView(ttk.Frame):
    """`show` is called with the room that was chosen, `add` when another is wanted, `menu` with a room and a deed.

    `fit` makes a text fit to be drawn.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        fit: Callable[[str], str],
        *,
        icons: Icons | None = None,
        show: Callable[[str], None],
        add: Callable[[], None],
        menu: Callable[[str, Deed], None],
    ) -> None:
        super().__init__(master, style="Side.TFrame")
        self._theme = theme
        self._fit = fit
        self._act = menu
        self._marks = Marks(theme)
        self._drawn: object = None
        self._rows: tuple[RoomRow, ...] = ()
        self.server = ttk.Label(self, style="Room.Side.TLabel", width=1)
        self.heading = ttk.Label(self, style="Muted.Side.TLabel", font=theme.small_bold, text=_("Rooms"))
        self.listing = Listing(
            self, theme, self._draw_row, lambda number: show(self._rows[number].room), width_px=_WIDTH_PX, role="side",
            is_one_click=True, fills_cursor=False, menu=self._open_menu,
        )  # fmt: skip
        self.add = ttk.Button(self, style="Flat.Side.TButton", text=_("Join or create a room…"), command=add)
        if icons is not None:
            self.add.configure(image=icons.get("plus"), compound="left")
        self.menu = tk.Menu(self, tearoff=False)
        self._level = tk.StringVar(self)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(2, weight=1)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def _paint(self) -> None:
        """Lay everything out by the zoom in use."""
        px = self._theme.px
        self.server.grid(row=0, sticky="we", padx=px(_SIGN_AT_PX), pady=(px(12), px(10)))
        # Private conversations will have a heading and a list of their own below these.
        self.heading.grid(row=1, sticky="we", padx=px(_SIGN_AT_PX), pady=(0, px(4)))
        self.listing.grid(row=2, sticky="nsew")
        self.add.grid(row=3, sticky="we", padx=px(10), pady=px(10))

    def draw(self, rows: Sequence[RoomRow], server: str) -> None:
        """Show these rooms in this order, and the server's name; does nothing when they are shown already."""
        wanted = (tuple(rows), server)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        self.server.configure(text=self._fit(escape_line(server)))
        cursor = self.listing.cursor
        at_cursor = self._rows[cursor].room if 0 <= cursor < len(self._rows) else ""
        was_shown = self._shown_place()
        had_shown = self._rows[was_shown].room if was_shown >= 0 else ""
        self._rows = tuple(rows)
        now_shown = self._shown_place()
        is_another = now_shown >= 0 and self._rows[now_shown].room != had_shown
        places = {row.room: place for place, row in enumerate(self._rows)}
        self.listing.show(len(rows), now_shown if is_another else places.get(at_cursor, now_shown))
        if is_another:
            self.listing.see(now_shown)

    def _shown_place(self) -> int:
        return next((place for place, row in enumerate(self._rows) if row.is_shown), -1)

    # --- drawing

    def _draw_row(self, canvas: tk.Canvas, number: int, place: Place) -> None:
        theme, row = self._theme, self._rows[number]
        px, palette = theme.px, theme.palette
        if row.is_shown:
            canvas.create_rectangle(*place, fill=palette.accent_soft, width=0)
            bar = place.left + px(_BAR_PX)
            canvas.create_rectangle(place.left, place.top, bar, place.bottom, fill=palette.accent, width=0)
        is_quiet = row.level is Level.NOTHING or not row.is_joined
        is_waiting = row.unread > 0 and not is_quiet
        font = theme.bold if is_waiting else theme.font
        ink = palette.muted if is_quiet else palette.ink
        canvas.create_text(
            place.left + px(_SIGN_AT_PX), place.middle, text="#", anchor="w", font=theme.font, fill=palette.muted
        )
        right = place.right - px(_GAP_PX)
        if row.unread:
            right = self._marks.count(canvas, right, place.middle, row.unread, is_quiet=is_quiet) - px(_GAP_PX)
        if row.mentions:
            canvas.create_text(right, place.middle, text="@", anchor="e", font=theme.bold, fill=palette.accent)
            right -= theme.bold.measure("@") + px(_GAP_PX)
        left = place.left + px(_TITLE_AT_PX)
        title = cut_end(self._fit(row.title), right - left, font.measure)
        canvas.create_text(left, place.middle, text=title, anchor="w", font=font, fill=ink)

    # --- the menu of a room

    def _open_menu(self, number: int, x: int, y: int) -> None:
        row = self._rows[number]

        def deed(wanted: Deed) -> Callable[[], None]:
            return lambda: self._act(row.room, wanted)

        self._level.set(row.level.value)
        self.menu.delete(0, "end")
        for wanted, label in (
            (Deed.NOTIFY_ALL, _("Notify me of every message")),
            (Deed.NOTIFY_MENTIONS, _("Notify me when I am mentioned")),
            (Deed.NOTIFY_NOTHING, _("Do not notify me")),
        ):
            self.menu.add_radiobutton(label=label, variable=self._level, value=wanted.value, command=deed(wanted))
        self.menu.add_separator()
        self.menu.add_command(label=_("Save the conversation…"), command=deed(Deed.SAVE))
        self.menu.add_command(label=_("Leave the room"), command=deed(Deed.LEAVE))
        self.menu.tk_popup(x, y)
