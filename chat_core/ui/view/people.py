"""The list of who is online beside the conversation: their number, a filter, their names.

Draws what it is given. Who is in a room, who is away, and what a mention does is decided elsewhere.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.escape import escape_line
from chat_core.language import _, ngettext
from chat_core.ui.model.cutting import cut_middle
from chat_core.ui.model.people import listed
from chat_core.ui.view.filter_field import FilterField
from chat_core.ui.view.listing import Listing, Place
from chat_core.ui.view.marks import Marks
from chat_core.ui.view.passing import is_command

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["PeopleView"]

_WIDTH_PX = 172
_DOT_AT_PX = 14
_NAME_AT_PX = 26
_GAP_PX = 6


class PeopleView(ttk.Frame):
    """Names as they come, our own first. `fit` makes a name fit to be drawn, `mention` takes one that was chosen.

    Its width never changes. A name that is too long for it loses its middle; the whole of it stands beside the list
    while the pointer or the cursor is on it.
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        fit: Callable[[str], str],
        *,
        mention: Callable[[str], None] = lambda _name: None,
    ) -> None:
        super().__init__(master, style="Side.TFrame")
        self._theme = theme
        self._fit = fit
        self._mention = mention
        self._marks = Marks(theme)
        self._shown: object = None
        self._names: tuple[str, ...] = ()
        self._own_name = ""
        self._away: frozenset[str] = frozenset()
        self._unlisted = 0  # how many more are online than we know by name
        self._listed: tuple[str, ...] = ()
        self._cut: set[str] = set()  # of the names drawn last
        self.count = ttk.Label(self, style="Muted.Side.TLabel", font=theme.small_bold)
        self.filter = FilterField(self, theme, _("Find a person"), lambda _text: self._list())
        self.listing = Listing(
            self,
            theme,
            self._draw_row,
            self._chosen,
            width_px=_WIDTH_PX,
            role="side",
            point=self._pointed,
            menu=self._open_menu,
        )
        self.nobody = ttk.Label(self, style="Muted.Side.TLabel", text=_("Nobody is called that."))
        self.menu = tk.Menu(self, tearoff=False)
        # Beside the list and not under the pointer: there it would be in its own way.
        self.whole_name = tk.Label(master, font=theme.font)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(3, weight=1)
        self._connect()
        self._paint()

    def _connect(self) -> None:
        self.filter.bind("<Escape>", lambda _event: self._clear_filter())
        self.filter.bind("<Down>", lambda _event: self._enter_list())
        self.filter.bind("<Return>", lambda _event: self._enter_list())
        canvas = self.listing.canvas
        canvas.bind("<Escape>", lambda _event: self._clear_filter())
        canvas.bind("<Key>", self._typed)
        canvas.bind("<FocusOut>", lambda _event: self.whole_name.place_forget(), add=True)
        canvas.bind("<Unmap>", lambda _event: self.whole_name.place_forget())
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)

    # --- what is shown

    def draw(self, names: tuple[str, ...], online: int, own_name: str, away: frozenset[str] = frozenset()) -> None:
        """Show these people, of whom `away` are away; does nothing when they are shown already."""
        wanted = (names, online, own_name, away)
        if wanted == self._shown:
            return
        self._shown = wanted
        self._names, self._own_name, self._away = names, own_name, away
        self._unlisted = max(0, online - len(names)) if names else 0
        online_text = ngettext("{count} online", "{count} online", online).format(count=online)
        self.count.configure(text=online_text if online else _("People"))
        self._list()

    def _list(self) -> None:
        """List those whom the filter leaves, with the cursor on the same person as before if they are among them."""
        cursor = self.listing.cursor
        at_cursor = self._listed[cursor] if 0 <= cursor < len(self._listed) else None
        self._listed = listed(self._names, self._own_name, self.filter.text)
        has_more = self._unlisted > 0 and not self.filter.text
        cursor = self._listed.index(at_cursor) if at_cursor in self._listed else -1
        self.listing.show(len(self._listed) + has_more, cursor)
        if self.filter.text and not self._listed:
            self.nobody.grid(row=2, sticky="we", padx=self._theme.px(10))
        else:
            self.nobody.grid_remove()

    # --- drawing

    def _draw_row(self, canvas: tk.Canvas, number: int, place: Place) -> None:
        theme = self._theme
        px, palette = theme.px, theme.palette
        left = place.left + px(_NAME_AT_PX)
        if number >= len(self._listed):
            more = ngettext("and {count} more", "and {count} more", self._unlisted).format(count=self._unlisted)
            canvas.create_text(left, place.middle, text=more, anchor="w", font=theme.small, fill=palette.muted)
            return
        name = self._listed[number]
        is_away = name in self._away
        colour = palette.muted if is_away else palette.good
        self._marks.dot(canvas, place.left + px(_DOT_AT_PX), place.middle, colour, is_hollow=is_away)
        mark = self._mark(name, is_away=is_away)
        mark_px = theme.small.measure(mark) + px(_GAP_PX) if mark else 0
        whole = self._whole(name)
        shown = cut_middle(whole, place.right - px(_GAP_PX) - left - mark_px, theme.font.measure)
        (self._cut.discard if shown == whole else self._cut.add)(name)
        ink = palette.muted if is_away else palette.names[theme.name_colour(name)]
        canvas.create_text(left, place.middle, text=shown, anchor="w", font=theme.font, fill=ink)
        if mark:
            at = left + theme.font.measure(shown) + px(_GAP_PX)
            canvas.create_text(at, place.middle, text=mark, anchor="w", font=theme.small, fill=palette.muted)

    def _whole(self, name: str) -> str:
        return self._fit(escape_line(name))

    def _mark(self, name: str, *, is_away: bool) -> str:
        if name == self._own_name:
            return _("(you, away)") if is_away else _("(you)")
        return _("away") if is_away else ""

    def rows(self) -> tuple[str, ...]:
        """Return what the list says, row by row, seen or not; for those who cannot see it."""
        said = [(self._whole(name), self._mark(name, is_away=name in self._away)) for name in self._listed]
        return tuple(f"{name} {mark}" if mark else name for name, mark in said)

    def _pointed(self, number: int) -> None:
        """Show the whole of the name under the pointer, if it is cut."""
        place = self.listing.place_of(number)
        if place is None or number >= len(self._listed) or self._listed[number] not in self._cut:
            self.whole_name.place_forget()
            return
        self.whole_name.configure(text=self._whole(self._listed[number]))
        x = self.winfo_rootx() - self.whole_name.master.winfo_rootx()
        y = self.listing.canvas.winfo_rooty() - self.whole_name.master.winfo_rooty()
        self.whole_name.place(x=x - 4, y=y + place.middle, anchor="e")
        self.whole_name.lift()

    def _paint(self) -> None:
        """Take the colours and lay everything out by the zoom in use."""
        palette, px = self._theme.palette, self._theme.px
        self.whole_name.configure(background=palette.ink, foreground=palette.surface, padx=px(8), pady=px(3))
        self.count.grid(row=0, sticky="we", padx=px(10), pady=(px(10), px(6)))
        self.filter.grid(row=1, sticky="we", padx=px(8), pady=(0, px(6)))
        self.listing.grid(row=3, sticky="nsew", pady=(0, px(6)))

    # --- what the person does

    def _clear_filter(self) -> str | None:
        if not self.filter.text:
            return None
        self.filter.text = ""
        return "break"

    def _enter_list(self) -> str:
        if self._listed:
            self.listing.canvas.focus_set()
            if self.listing.cursor < 0:
                self.listing.move(1)
        return "break"

    def _typed(self, event: tk.Event[tk.Misc]) -> str | None:
        """Take what is typed over the list for the filter."""
        if not event.char or not event.char.isprintable() or is_command(event):
            return None
        self.filter.focus_set()
        self.filter.insert("end", event.char)
        return "break"

    def _chosen(self, number: int) -> None:
        if number < len(self._listed) and self._listed[number] != self._own_name:
            self._mention(self._listed[number])

    def _open_menu(self, number: int, x: int, y: int) -> None:
        if number >= len(self._listed):
            return
        name = self._listed[number]
        self.menu.delete(0, "end")
        if name != self._own_name:
            self.menu.add_command(label=_("Mention"), command=lambda: self._mention(name))
        self.menu.add_command(label=_("Copy name"), command=lambda: self._copy(name))
        self.menu.tk_popup(x, y)

    def _copy(self, name: str) -> None:
        self.clipboard_clear()
        self.clipboard_append(name)
