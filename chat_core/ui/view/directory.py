"""The rooms of the server in an overlay: which there are, how many are in them, and a field for one that is not there.

Shows what it is given; joining and asking the server is done by whom it was made for.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Collection, Sequence

from chat_core.escape import escape_line
from chat_core.language import _, ngettext
from chat_core.ui.model.cutting import cut_end
from chat_core.ui.view.filter_field import FilterField
from chat_core.ui.view.listing import Listing, Place
from chat_core.ui.view.overlay import Overlay
from chat_core.ui.view.scrolling import ScrolledPage

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Directory"]

_WIDTH_PX = 480
_HEIGHT_PX = 480
_ROWS_MIN = 3
_GAP_PX = 8
_SIGN_AT_PX = 10
_TITLE_AT_PX = 28


class Directory(Overlay):
    """Make it once and `open` it. `refresh` is called when the list is wanted: answer with `show`, or with `explain`.

    `join` is called with the name of a room and returns what is wrong with it, as a sentence, or "": then it closes.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        fit: Callable[[str], str],
        *,
        join: Callable[[str], str],
        refresh: Callable[[], None],
    ) -> None:
        super().__init__(master, theme, width_px=_WIDTH_PX, height_px=_HEIGHT_PX)
        self._fit = fit
        self._join = join
        self._refresh = refresh
        self._rooms: tuple[tuple[str, int], ...] = ()
        self._joined: frozenset[str] = frozenset()
        self._total = 0
        self._is_asking = False
        self.listed: tuple[tuple[str, int], ...] = ()
        self._page = ScrolledPage(self.body, theme, role="surface")
        self._page.pack(fill="both", expand=True)
        body = self._page.body
        self.heading = ttk.Label(body, style="Heading.Card.TLabel", text=_("Rooms of this server"))
        self.again = ttk.Button(body, style="Flat.Card.TButton", text=_("Refresh"), command=self._ask)
        self.filter = FilterField(body, theme, _("Find a room"), lambda _text: self._list())
        self.listing = Listing(body, theme, self._draw_row, self._chosen)
        self.standing = ttk.Label(body, style="Muted.Card.TLabel")
        self.enter = ttk.Button(body, text=_("Join"), command=lambda: self._chosen(self.listing.cursor))
        self.by_name = FilterField(body, theme, _("Join or create by name"), lambda _text: self._say(""))
        self.create = ttk.Button(body, style="Main.TButton", text=_("Join or create"), command=self._join_by_name)
        self.problem = ttk.Label(body, style="Bad.Card.TLabel")
        self._line = ttk.Separator(body)
        body.columnconfigure(0, weight=1)
        body.rowconfigure(2, weight=1)
        self.listing.follow_keys_of(self.filter)
        for key in ("<Return>", "<KP_Enter>"):
            self.filter.bind(key, lambda _event: self._filter_entered())
            self.by_name.bind(key, lambda _event: self._join_by_name())
        body.bind("<Configure>", lambda event: self.problem.configure(wraplength=event.width), add=True)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def _paint(self) -> None:
        """Lay everything out by the zoom in use."""
        px = self.theme.px
        self.heading.grid(row=0, column=0, sticky="w")
        self.again.grid(row=0, column=1, sticky="e")
        self.filter.grid(row=1, column=0, columnspan=2, sticky="we", pady=px(8))
        self.listing.grid(row=2, column=0, columnspan=2, sticky="nsew")
        self._page.body.rowconfigure(2, minsize=_ROWS_MIN * self.listing.row_px)
        self.standing.grid(row=3, column=0, sticky="w", pady=px(6))
        self.enter.grid(row=3, column=1, sticky="e", pady=px(6))
        self._line.grid(row=4, column=0, columnspan=2, sticky="we", pady=px(6))
        self.by_name.grid(row=5, column=0, sticky="we", padx=(0, px(8)))
        self.create.grid(row=5, column=1, sticky="we")
        self.problem.grid(row=6, column=0, columnspan=2, sticky="we", pady=(px(4), 0))

    def open(self) -> None:
        """Open over the window and ask for the list."""
        self.filter.text = self.by_name.text = ""
        self._ask()
        self.appear(self.filter)

    def show(self, rooms: Sequence[tuple[str, int]], joined: Collection[str], total: int) -> None:
        """Show these rooms as (name, people online), of which we are in `joined`; there are `total` on the server."""
        self._rooms, self._joined, self._total = tuple(rooms), frozenset(joined), total
        self._answered()
        self._list()

    def explain(self, problem: str) -> None:
        """Say what is wrong, with a name or with asking for the list."""
        self._say(problem)
        if self._is_asking:
            self._answered()
            self.standing.configure(text=self._summary() if self._rooms else "")

    # --- what is shown

    def _ask(self) -> None:
        self._say("")
        self._is_asking = True
        self.again.state(["disabled"])
        self.standing.configure(text=_("Asking the server…"))
        self._refresh()

    def _answered(self) -> None:
        self._is_asking = False
        self.again.state(["!disabled"])

    def _say(self, problem: str) -> None:
        self.problem.configure(text=self._fit(escape_line(problem)))

    def _list(self) -> None:
        cursor = self.listing.cursor
        at_cursor = self.listed[cursor][0] if 0 <= cursor < len(self.listed) else ""
        sought = self.filter.text.strip().casefold()
        self.listed = tuple(entry for entry in self._rooms if sought in entry[0].casefold())
        names = [name for name, _online in self.listed]
        self.listing.show(len(names), names.index(at_cursor) if at_cursor in names else 0)
        self.enter.state(["!disabled" if names else "disabled"])
        if not self._is_asking:
            self.standing.configure(text=self._summary())

    def _summary(self) -> str:
        if not self._rooms:
            return _("This server has no rooms yet.")
        if not self.listed:
            return _("No room is called that.")
        if self._total > len(self._rooms):
            return _("The fullest {count} of {total} rooms").format(count=len(self._rooms), total=self._total)
        return ngettext("{count} room", "{count} rooms", len(self.listed)).format(count=len(self.listed))

    def _draw_row(self, canvas: tk.Canvas, number: int, place: Place) -> None:
        theme = self.theme
        px, palette = theme.px, theme.palette
        room, online = self.listed[number]
        is_joined = room in self._joined
        canvas.create_text(
            place.left + px(_SIGN_AT_PX), place.middle, text="#", anchor="w", font=theme.font, fill=palette.muted
        )
        right = place.right - px(_GAP_PX)
        count = ngettext("{count} online", "{count} online", online).format(count=online)
        said = _("joined, {count_online}").format(count_online=count) if is_joined else count
        canvas.create_text(right, place.middle, text=said, anchor="e", font=theme.small, fill=palette.muted)
        right -= theme.small.measure(said) + px(_GAP_PX)
        left = place.left + px(_TITLE_AT_PX)
        font = theme.bold if is_joined else theme.font
        title = cut_end(self._fit(escape_line(room)), right - left, font.measure)
        canvas.create_text(left, place.middle, text=title, anchor="w", font=font, fill=palette.ink)

    # --- what the person does

    def _chosen(self, number: int) -> None:
        if 0 <= number < len(self.listed):
            self._enter(self.listed[number][0])

    def _filter_entered(self) -> str:
        """Choose what the list shows, or offer to create what it does not know."""
        if self.listed:
            self._chosen(self.listing.cursor)
        elif self.filter.text.strip():
            self.by_name.text = self.filter.text.strip()
            self.by_name.focus_set()
        return "break"

    def _join_by_name(self) -> None:
        if self.by_name.text.strip():
            self._enter(self.by_name.text.strip())
        else:
            self._say(_("Say which room."))
            self.by_name.focus_set()

    def _enter(self, room: str) -> None:
        problem = self._join(room)
        if problem:
            self._say(problem)
        else:
            self.close()
