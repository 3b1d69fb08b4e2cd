"""A list of rows that draws those which can be seen, and no others: ten thousand people cost what thirty do.

Knows about scrolling, the pointer and the keyboard. What a row looks like is drawn by whom the list belongs to.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, NamedTuple

from chat_core.ui.view.passing import pass_on

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["Listing", "Place"]

_ROW_PADDING_PX = 5
_RING_PX = 2
_ROWS_A_NOTCH = 3
_NOTCH = 120  # of the wheel, in `delta`: Windows, and everywhere since Tk 8.7
_TOUCHPAD_TK = 9.0
#: By the colour of the ground.
_BAR_STYLES = {"surface": "Vertical.TScrollbar", "side": "Side.Vertical.TScrollbar"}
_FRAME_STYLES = {"surface": "Card.TFrame", "side": "Side.TFrame"}
#: On a Mac the right button is the second, and Control with the left one stands for it.
_MENU_BUTTONS = {"aqua": ("<Button-2>", "<Control-Button-1>")}
_MENU_KEYS = {"aqua": ("<Shift-F10>",), "x11": ("<Shift-F10>", "<Menu>"), "win32": ("<Shift-F10>", "<App>")}


class Place(NamedTuple):
    """Where on the canvas a row is to be drawn, in pixels; `middle` is the height of its texts' middle."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def middle(self) -> int:
        """Return the vertical middle."""
        return (self.top + self.bottom) // 2


class Listing(ttk.Frame):
    """`draw_row(canvas, number, place)` draws a row, with plain canvas items; their end is the list's business.

    The cursor is the row that keys move and that Enter or a double click hands to `choose`; with `is_one_click` a
    single click does. `point` is told over which row the pointer is (-1: over none), `menu` where on the screen the
    menu of a row was asked for. `role` is the colour of the ground, by its name in the palette: "surface" or "side".
    """

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        draw_row: Callable[[tk.Canvas, int, Place], None],
        choose: Callable[[int], None],
        *,
        width_px: int = 160,
        role: str = "surface",
        is_one_click: bool = False,
        fills_cursor: bool = True,
        point: Callable[[int], None] = lambda _number: None,
        menu: Callable[[int, int, int], None] = lambda _number, _x, _y: None,
    ) -> None:
        super().__init__(master, style=_FRAME_STYLES[role])
        self._theme = theme
        self._system = str(self.tk.call("tk", "windowingsystem"))
        self._draw_row = draw_row
        self._choose = choose
        self._role = role
        self._fills_cursor = fills_cursor
        self._point = point
        self._menu = menu
        self._width_px = width_px
        self.count = 0
        self.cursor = -1
        self._pointed = -1
        self._top = 0  # pixels above what is seen
        self._has_place = False
        self._seen_first = 0
        self.canvas = tk.Canvas(self, height=1, borderwidth=0, takefocus=True)
        self._bar = ttk.Scrollbar(self, style=_BAR_STYLES[role], orient="vertical", command=self._bar_moved)
        self.canvas.grid(row=0, column=0, sticky="nsew")
        self._bar.grid(row=0, column=1, sticky="ns")
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self._connect(is_one_click=is_one_click)
        self._paint()

    def _connect(self, *, is_one_click: bool) -> None:
        canvas = self.canvas
        canvas.bind("<Configure>", lambda _event: self._resized())
        for event in ("<FocusIn>", "<FocusOut>"):
            canvas.bind(event, lambda _event: self.redraw())
        canvas.bind("<Motion>", lambda event: self._pointer(self.number_at(event.y)))
        canvas.bind("<Leave>", lambda _event: self._pointer(-1))
        canvas.bind("<Button-1>", self._clicked)
        canvas.bind("<ButtonRelease-1>" if is_one_click else "<Double-Button-1>", self._click_chose)
        for event in _MENU_BUTTONS.get(self._system, ("<Button-3>",)):
            canvas.bind(event, self._menu_at_pointer)
        for event in _MENU_KEYS[self._system]:
            canvas.bind(event, self._menu_at_cursor)
        canvas.bind("<Return>", lambda _event: self._chosen(self.cursor))
        canvas.bind("<KP_Enter>", lambda _event: self._chosen(self.cursor))
        canvas.bind("<space>", lambda _event: self._chosen(self.cursor))
        for key, step in (("<Up>", -1), ("<Down>", 1)):
            canvas.bind(key, lambda _event, step=step: self.move(step))  # type: ignore[misc]
        for key, pages in (("<Prior>", -1), ("<Next>", 1)):
            canvas.bind(key, lambda _event, pages=pages: self.move(pages * self._page_rows()))  # type: ignore[misc]
        canvas.bind("<Home>", lambda _event: self.move(-self.count))
        canvas.bind("<End>", lambda _event: self.move(self.count))
        self._bind_wheel()
        pass_on(canvas)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)

    def _bind_wheel(self) -> None:
        canvas = self.canvas
        counts_lines = self._system == "aqua" and tk.TkVersion < _TOUCHPAD_TK
        notch = 1 if counts_lines else _NOTCH
        canvas.bind("<MouseWheel>", lambda event: self._wheel(-event.delta * _ROWS_A_NOTCH * self.row_px // notch))
        if tk.TkVersion >= _TOUCHPAD_TK:  # two numbers of 16 bits in one: across and down
            canvas.bind("<TouchpadScroll>", lambda event: self._wheel(-((event.delta + 0x8000 & 0xFFFF) - 0x8000)))
        elif self._system == "x11":
            canvas.bind("<Button-4>", lambda _event: self._wheel(-_ROWS_A_NOTCH * self.row_px))
            canvas.bind("<Button-5>", lambda _event: self._wheel(_ROWS_A_NOTCH * self.row_px))

    # --- what is shown

    def show(self, count: int, cursor: int = -1) -> None:
        """Show so many rows, drawn anew, with the cursor on one of them; what is seen stays where it is."""
        self.count = count
        self.cursor = min(cursor, count - 1)
        self._pointer(-1)
        self._scroll(0)

    def follow_keys_of(self, field: tk.Misc) -> None:
        """Let the arrows and Enter in a field move and choose here, while the field keeps the keyboard.

        A generated key would not do: Tk gives it to whatever has the focus, which is the field.
        """
        for key, step in (("<Up>", -1), ("<Down>", 1)):
            field.bind(key, lambda _event, step=step: self.move(step))  # type: ignore[misc]
        for key, pages in (("<Prior>", -1), ("<Next>", 1)):
            field.bind(key, lambda _event, pages=pages: self.move(pages * self._page_rows()))  # type: ignore[misc]
        for key in ("<Return>", "<KP_Enter>"):
            field.bind(key, lambda _event: self._chosen(self.cursor))

    def move(self, step: int) -> str:
        """Move the cursor by so many rows, as far as there are any, and show where it is."""
        if self.count:
            start = self.cursor if self.cursor >= 0 else (-1 if step > 0 else self.count)
            self.cursor = max(0, min(self.count - 1, start + step))
            self.see(self.cursor)
        return "break"

    def see(self, number: int) -> None:
        """Scroll as little as shows a row, and draw; before there is a place, remember it for then."""
        if not self._has_place:
            self._seen_first = number
            return
        row = self.row_px
        self._top = min(self._top, number * row)
        self._top = max(self._top, (number + 1) * row - self._height())
        self._scroll(0)

    def redraw(self) -> None:
        """Draw what can be seen, after something in it changed."""
        self._scroll(0)

    def place_of(self, number: int) -> Place | None:
        """Return where a row is on the canvas now; None when it cannot be seen."""
        top = _RING_PX + number * self.row_px - self._top
        if not 0 <= number < self.count or top + self.row_px <= _RING_PX or top >= self._height() + _RING_PX:
            return None
        return Place(_RING_PX, top, self.canvas.winfo_width() - _RING_PX, top + self.row_px)

    def number_at(self, y: int) -> int:
        """Return the row at a height on the canvas; -1 when there is none."""
        number = (y - _RING_PX + self._top) // self.row_px
        return number if 0 <= number < self.count else -1

    @property
    def row_px(self) -> int:
        """The height of a row at this zoom."""
        return self._theme.font.metrics("linespace") + 2 * self._theme.px(_ROW_PADDING_PX)

    @property
    def first(self) -> int:
        """The first row that can be seen."""
        return self._top // self.row_px

    # --- drawing

    def _resized(self) -> None:
        if not self._has_place:
            self._has_place = True
            self.see(self._seen_first)
        self.redraw()

    def _paint(self) -> None:
        ground = getattr(self._theme.palette, self._role)
        self.canvas.configure(
            width=self._theme.px(self._width_px), background=ground, highlightthickness=_RING_PX,
            highlightbackground=ground,
        )  # fmt: skip
        # The room of the scroll bar is kept where there is none, or every name would be cut anew.
        self.columnconfigure(1, minsize=self._bar.winfo_reqwidth())
        self.redraw()

    def _height(self) -> int:
        return max(1, self.canvas.winfo_height() - 2 * _RING_PX)

    def _page_rows(self) -> int:
        return max(1, self._height() // self.row_px - 1)

    def _scroll(self, pixels: int) -> None:
        row, height = self.row_px, self._height()
        whole = row * self.count
        self._top = max(0, min(self._top + pixels, whole - height))
        if whole > height:
            self._bar.set(self._top / whole, (self._top + height) / whole)
            self._bar.grid()
        else:
            self._bar.grid_remove()
        self.canvas.delete("all")
        # The row with the cursor shows the focus; the whole list does where that row cannot be seen.
        role = self._role if self.place_of(self.cursor) else "accent"
        self.canvas.configure(highlightcolor=getattr(self._theme.palette, role))
        has_focus = str(self.canvas.tk.call("focus")) == str(self.canvas)
        for number in range(self._top // row, min(self.count, (self._top + height) // row + 1)):
            place = self.place_of(number)
            if place is not None:
                self._draw(number, place, has_focus=has_focus)

    def _draw(self, number: int, place: Place, *, has_focus: bool) -> None:
        palette = self._theme.palette
        is_cursor = number == self.cursor
        if is_cursor and self._fills_cursor:
            self.canvas.create_rectangle(*place, fill=palette.accent_soft, width=0)
        elif number == self._pointed:
            self.canvas.create_rectangle(*place, fill=palette.hover, width=0)
        self._draw_row(self.canvas, number, place)
        if is_cursor and has_focus:
            self.canvas.create_rectangle(
                place.left,
                place.top,
                place.right - 1,
                place.bottom - 1,
                outline=palette.accent,
                width=max(1, self._theme.px(1)),
            )

    # --- the pointer and the keyboard

    def _wheel(self, pixels: int) -> str | None:
        """Scroll; a list that is seen whole leaves the wheel to the page that it is on."""
        self._scroll(pixels)
        return "break" if self.row_px * self.count > self._height() else None

    def _pointer(self, number: int) -> None:
        if number != self._pointed:
            self._pointed = number
            self.redraw()
        self._point(number)

    def _clicked(self, event: tk.Event[tk.Misc]) -> None:
        self.canvas.focus_set()
        number = self.number_at(event.y)
        if number >= 0:
            self.cursor = number
            self.redraw()

    def _click_chose(self, event: tk.Event[tk.Misc]) -> None:
        is_on_it = 0 <= event.x < self.canvas.winfo_width()
        number = self.number_at(event.y)
        if is_on_it and number == self.cursor:  # for a click that began on another row is taken back
            self._chosen(number)

    def _chosen(self, number: int) -> str:
        if 0 <= number < self.count:
            self._choose(number)
        return "break"

    def _menu_at_pointer(self, event: tk.Event[tk.Misc]) -> str:
        self._clicked(event)
        number = self.number_at(event.y)
        if number >= 0:
            self._menu(number, event.x_root, event.y_root)
        return "break"

    def _menu_at_cursor(self, _event: tk.Event[tk.Misc]) -> str:
        if self.cursor >= 0:
            self.see(self.cursor)
            place = self.place_of(self.cursor)
            if place is not None:
                x, y = self.canvas.winfo_rootx() + place.left + place.bottom - place.top, self.canvas.winfo_rooty()
                self._menu(self.cursor, x, y + place.bottom)
        return "break"

    def _bar_moved(self, verb: str, amount: str, unit: str = "") -> None:
        if verb == "moveto":
            self._scroll(round(float(amount) * self.row_px * self.count) - self._top)
        else:
            step = self._height() if unit == "pages" else self.row_px
            self._scroll(int(amount) * step)
