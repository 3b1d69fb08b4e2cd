"""The switcher: type a few letters of a room or a person, press Enter, and be there.

Shows what `model.switching` finds; what choosing means is decided by whom it was made for.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.language import _
from chat_core.ui.model.cutting import cut_end, cut_middle
from chat_core.ui.model.switching import Choice, Kind, Switching
from chat_core.ui.view.filter_field import FilterField
from chat_core.ui.view.listing import Listing, Place
from chat_core.ui.view.marks import Marks
from chat_core.ui.view.overlay import Overlay

if TYPE_CHECKING:
    from chat_core.ui.model.rooms import RoomRow
    from chat_core.ui.view.theme import Theme

__all__ = ["Switcher"]

_WIDTH_PX = 460
_HEIGHT_PX = 360
_SIGN_AT_PX = 10
_TITLE_AT_PX = 28
_GAP_PX = 8


class Switcher(Overlay):
    """Make it once and `open` it with what there is to choose from. `choose` is called after it has gone."""

    def __init__(
        self, master: tk.Misc, theme: Theme, fit: Callable[[str], str], choose: Callable[[Choice], None]
    ) -> None:
        super().__init__(master, theme, width_px=_WIDTH_PX, height_px=_HEIGHT_PX)
        self._fit = fit
        self._choose = choose
        self._marks = Marks(theme)
        self._switching = Switching((), ())
        self.choices: tuple[Choice, ...] = ()
        self.field = FilterField(self.body, theme, _("Go to a room or a person"), self._search)
        self.field.pack(fill="x")
        self.listing = Listing(self.body, theme, self._draw_row, self._chosen, is_one_click=True)
        self.listing.canvas.configure(takefocus=False)  # the keyboard stays in the field
        self.nothing = ttk.Label(self.body, style="Muted.Card.TLabel", text=_("There is nothing of that name here."))
        self.listing.pack(fill="both", expand=True, pady=(theme.px(8), 0))
        self.listing.follow_keys_of(self.field)
        self.listing.canvas.bind("<FocusIn>", lambda _event: self.field.focus_set())

    def open(self, rooms: Sequence[RoomRow], people: Sequence[str]) -> None:
        """Open over the window, with nothing typed yet."""
        self._switching = Switching(rooms, people)
        self.field.text = ""
        self.appear(self.field)

    def _search(self, typed: str) -> None:
        self.choices = self._switching.matches(typed)
        self.listing.show(len(self.choices), 0)
        self.listing.see(0)
        if self.choices:
            self.nothing.place_forget()
        else:
            self.nothing.place(in_=self.listing, x=self.theme.px(_SIGN_AT_PX), y=self.theme.px(6))

    def _chosen(self, number: int) -> None:
        choice = self.choices[number]
        self.close()
        self._choose(choice)

    def _draw_row(self, canvas: tk.Canvas, number: int, place: Place) -> None:
        theme, choice = self.theme, self.choices[number]
        px, palette = theme.px, theme.palette
        is_room = choice.kind is Kind.ROOM
        canvas.create_text(
            place.left + px(_SIGN_AT_PX), place.middle, text=choice.kind.value, anchor="w", font=theme.font,
            fill=palette.muted,
        )  # fmt: skip
        right = place.right - px(_GAP_PX)
        if choice.unread:
            right = self._marks.count(canvas, right, place.middle, choice.unread, is_quiet=not choice.mentions)
            right -= px(_GAP_PX)
        left = place.left + px(_TITLE_AT_PX)
        font = theme.bold if choice.unread else theme.font
        cut = cut_end if is_room else cut_middle
        title = cut(self._fit(choice.title), right - left, font.measure)
        canvas.create_text(left, place.middle, text=title, anchor="w", font=font, fill=palette.ink)
