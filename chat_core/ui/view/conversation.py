"""The scrolled list of messages: shows a stretch of a conversation of any length, and moves it along with the reader.

The conversation may hold a hundred thousand lines; a Tk Text is quick with a few thousand. So a `sheet` of some
thousand rows is drawn around the reader, extended a little at a time in the pauses between events and dropped again at
the far end, and the scroll bar is ours: it stands for the whole conversation. What is on the screen stays where it is,
whatever is drawn or dropped around it; only who reads the end is taken along.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable, Literal, NamedTuple

from chat_core.language import _, ngettext
from chat_core.ui.model.conversation import Conversation
from chat_core.ui.view.found_marks import FoundMarks
from chat_core.ui.view.passing import pass_on
from chat_core.ui.view.pointing import ConversationActions, Pointing
from chat_core.ui.view.rows import configure_tags
from chat_core.ui.view.sheet import Sheet, row_at

if TYPE_CHECKING:
    from chat_core.ui.view.theme import Theme

__all__ = ["ConversationActions", "ConversationView"]

#: Rows drawn in one step: a few milliseconds.
_STEP_ROWS = 100
#: Rows drawn at once beside those on screen when the reader jumps.
_MARGIN_ROWS = 40
#: A dragged thumb draws anew when it comes nearer than so many lines to the edge of what is drawn.
_STEP_LINES = 20
#: Rows kept ready on either side of what is seen, and drawn in all before those furthest away are dropped.
_AHEAD_ROWS = 1_000
_ROWS_MAX = 3_000
#: More lines than this in one poll are not drawn one after the other: the end is, and the rest when there is time.
_LINES_PER_DRAW_MAX = 200
#: Between two steps; what the person does comes in between.
_STEP_MS = 5
_UNITS_PER_KEY = 2


class _Hold(NamedTuple):
    """A place on the screen: the line, how many rows from its end, at which display line of the row, and the y."""

    number: int
    rows_to_end: int
    column: str
    y: int


class ConversationView(ttk.Frame):
    """Shows one conversation at a time. `fit` makes a text fit to be drawn, `actions` is what a person may want of it.

    Call `observe` and then `draw` at each poll. `follows_end`: the end is on screen and stays there.
    """

    def __init__(self, master: tk.Misc, theme: Theme, fit: Callable[[str], str], actions: ConversationActions) -> None:
        super().__init__(master, style="Card.TFrame")
        self._theme = theme
        self._shown: Conversation | None = None
        self.follows_end = True
        self._counted_to = 0  # lines with smaller numbers are counted in `_new`, or were seen
        self._new = 0
        self._timer: str | None = None
        self.bar = ttk.Scrollbar(self, orient="vertical", command=self._bar_moved, takefocus=False)
        self.text = tk.Text(
            self, wrap="word", state="disabled", borderwidth=0, padx=0, width=1, height=1, cursor="xterm",
            takefocus=True, yscrollcommand=self._scrolled,
        )  # fmt: skip
        self.sheet = Sheet(self.text, Conversation(""), fit, theme.name_colour)
        self._marks = FoundMarks(self.text, self.sheet)
        self.pointing = Pointing(self.text, self.sheet, theme, actions, self.unfold)
        self.more = ttk.Button(self, style="Main.TButton", command=self.follow)
        self.loading = tk.Label(self, text=_("Loading older messages…"))
        self.bar.pack(side="right", fill="y")
        self.text.pack(side="left", fill="both", expand=True)
        self._bind_keys()
        self._paint()

    def _bind_keys(self) -> None:
        self.text.bind("<Configure>", self._resized)
        for key, act in (
            ("<Up>", lambda: self._scroll(-_UNITS_PER_KEY, "units")),
            ("<Down>", lambda: self._scroll(_UNITS_PER_KEY, "units")),
            ("<Prior>", lambda: self._scroll(-1, "pages")), ("<Next>", lambda: self._scroll(1, "pages")),
            ("<Home>", self._go_to_start), ("<End>", self.follow),
        ):  # fmt: skip
            self.text.bind(key, lambda _event, act=act: self._by_key(act))  # type: ignore[misc]
        pass_on(self.text)
        for key in ("<Shift-Up>", "<Shift-Down>", "<Shift-Prior>", "<Shift-Next>", "<Shift-Home>", "<Shift-End>"):
            self.text.bind(key, lambda _event: None)  # Tk selects with them
        for wheel in ("<MouseWheel>", "<Button-4>"):
            self.text.bind(wheel, lambda _event: self._wants_more(), add=True)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)

    def _paint(self) -> None:
        palette, px = self._theme.palette, self._theme.px
        self.text.configure(
            font=self._theme.tiny, background=palette.surface, foreground=palette.ink, pady=px(8),
            selectbackground=palette.accent, selectforeground=palette.accent_ink,
            inactiveselectbackground=palette.accent, highlightthickness=px(2),
            highlightbackground=palette.surface, highlightcolor=palette.accent,
        )  # fmt: skip
        self.loading.configure(
            font=self._theme.small, background=palette.accent_soft, foreground=palette.ink, padx=px(12), pady=px(4)
        )
        configure_tags(self.text, self._theme)
        self.pointing.paint()
        if self.follows_end:
            self.text.see("end")

    def destroy(self) -> None:
        """Stop what was about to be done, and go."""
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
        self.pointing.forget_moment()
        self._marks.close()
        super().destroy()

    # --- where the reader is

    def observe(self) -> bool:
        """Look whether the reader is at the end, remember it, and return whether they are at the beginning."""
        if self._shown is None or not self.winfo_ismapped():
            return False
        self.follows_end = self.sheet.has_tail and self.text.dlineinfo("end-1c") is not None
        return self._is_at_start() and not self._shown.is_cleared

    def _is_at_start(self) -> bool:
        sheet = self.sheet
        is_drawn = sheet.low < sheet.high or not sheet.conversation.lines
        return is_drawn and sheet.low == sheet.conversation.start and self.text.yview()[0] <= 0.0

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.follows_end = True
        if self._shown is not None:
            self.draw(self._shown, self.sheet.own_name)
            self.text.see("end")

    def scroll_to(self, number: int) -> None:
        """Bring a line on screen, somewhat below the top; one that is not there any more is passed over."""
        if self._shown is None or not self._shown.start <= number < self._shown.end:
            return
        sheet = self.sheet
        row = sheet.row_of(number) if sheet.low <= number < sheet.high else 0
        if not (row and (row > _MARGIN_ROWS or sheet.low == self._shown.start)):
            self._begin_around(number)
            row = sheet.row_of(number)
        self.text.yview(f"{row}.0")
        self.text.yview_scroll(-(self.text.winfo_height() // 3), "pixels")
        self.observe()
        self._arm()

    def _begin_around(self, number: int) -> None:
        assert self._shown is not None
        self.sheet.begin(self._shown, number)
        rows_on_screen = self.text.winfo_height() // self._theme.font.metrics("linespace")
        self.sheet.extend_down(rows_on_screen + _MARGIN_ROWS)
        self.sheet.extend_up(_MARGIN_ROWS)
        self._marks.mark_soon()

    def _go_to_start(self) -> None:
        self._wants_more()
        if self._shown is not None and self._shown.lines:
            self.scroll_to(self._shown.start)
            self.text.yview_moveto(0.0)

    def _wants_more(self) -> None:
        """Take a scrolling up at the beginning as the wish for what was cleared away."""
        if self._shown is not None and self._is_at_start():
            self._shown.is_cleared = False

    def _by_key(self, act: Callable[[], None]) -> str:
        act()
        return "break"

    def _scroll(self, number: int, what: Literal["units", "pages"]) -> None:
        if number < 0:
            self._wants_more()
        self._extend(_STEP_ROWS)
        self.text.yview_scroll(number, what)

    def _bar_moved(self, action: str, where: str, what: str = "") -> None:
        """Do what the scroll bar asks for, whose whole length is the conversation and not what is drawn of it."""
        if action == "scroll":
            self._scroll(int(float(where)), "pages" if what == "pages" else "units")
            return
        if float(where) <= 0:
            self._wants_more()
        sheet, shown = self.sheet, self.sheet.conversation
        if self._is_all_drawn():
            self.text.yview_moveto(float(where))
            return
        target = max(shown.start, min(shown.end - 1, shown.start + int(float(where) * len(shown.lines))))
        is_above = target < sheet.low + _STEP_LINES and sheet.low > shown.start
        is_below = target > sheet.high - _STEP_LINES and sheet.high < shown.end
        if is_above or is_below or not sheet.low <= target < sheet.high:
            self._begin_around(target)
        self.text.yview(f"{sheet.row_of(target)}.0")
        self._arm()

    def _is_all_drawn(self) -> bool:
        sheet = self.sheet
        return (sheet.low, sheet.high) == (sheet.conversation.start, sheet.conversation.end)

    def _scrolled(self, first: float, last: float) -> None:
        """Let the bar show where in the whole conversation the Text stands, and see whether more is to be drawn."""
        self.pointing.view_moved()
        if self._is_all_drawn():
            self.bar.set(first, last)
        else:
            shown = self.sheet.conversation
            bottom = self.text.index(f"@0,{self.text.winfo_height()}")
            top, end = (self.sheet.position_of(row_at(index)) for index in (self.text.index("@0,0"), bottom))
            self.bar.set((top - shown.start) / len(shown.lines), (end - shown.start) / len(shown.lines))
        self._marks.mark_soon()
        self._arm()

    def _resized(self, _event: object) -> None:
        if self.follows_end:
            self.text.see("end")
        self._arm()

    # --- drawing

    def draw(self, conversation: Conversation, own_name: str = "", *, everything: bool = False) -> None:
        """Bring the list up to date; the view stays where the reader is, or at the end if they were there."""
        sheet = self.sheet
        sheet.own_name = own_name
        if conversation is not self._shown:
            self._shown = conversation
            self.follows_end = True
            sheet.begin(conversation, conversation.end)
        hold = None if self.follows_end else self._hold()
        sheet.refresh()
        if everything:
            self._begin_around(conversation.end if hold is None else max(hold.number, conversation.start))
        if self.follows_end:
            self._draw_end(conversation)
        else:
            self._extend(_AHEAD_ROWS)
            self._keep(hold)
        self._show_what_is_new(conversation)
        self._show_loading(conversation)
        self._arm()

    def _draw_end(self, conversation: Conversation) -> None:
        sheet = self.sheet
        is_empty = sheet.low == sheet.high and bool(conversation.lines)
        if is_empty or conversation.end - sheet.high > _LINES_PER_DRAW_MAX:
            sheet.begin(conversation, conversation.end)
            sheet.extend_up(_STEP_ROWS)
        if not sheet.has_tail or sheet.high < conversation.end:
            sheet.extend_down()
        self.text.see("end")
        self._drop_far()

    def _extend(self, rows_wanted: int) -> bool:
        """Draw one step more where fewer rows than that are ready; return whether anything was missing."""
        where = self._missing(rows_wanted)
        if where == "below":
            self.sheet.extend_down(_STEP_ROWS)
        elif where == "above":
            hold = self._hold()
            self.sheet.extend_up(_STEP_ROWS)
            self._keep(hold)
        self._drop_far()
        return bool(where)

    def _missing(self, rows_wanted: int) -> str:
        """Say on which side of the screen there are fewer rows than that although there could be more, if on any."""
        sheet, shown = self.sheet, self.sheet.conversation
        is_short_below = not sheet.has_tail or sheet.high < shown.end
        is_short_above = sheet.low > shown.start
        if not (is_short_below or is_short_above):
            return ""
        above, below = self._rows_around()
        if is_short_below and below < rows_wanted:
            return "below"
        return "above" if is_short_above and above < rows_wanted else ""

    def _rows_around(self) -> tuple[int, int]:
        """Count the rows drawn above and below what is on screen."""
        top, bottom = self.text.index("@0,0"), self.text.index(f"@0,{self.text.winfo_height()}")
        return row_at(top) - 1, self.sheet.rows_drawn - row_at(bottom)

    def _drop_far(self) -> None:
        """Drop what is furthest from the reader when too much is drawn."""
        sheet = self.sheet
        too_many = sheet.rows_drawn - _ROWS_MAX
        if too_many <= 0:
            return
        above, below = self._rows_around()
        hold = self._hold()
        if above > below:
            sheet.drop_top(sheet.lines_within(min(too_many, above - _AHEAD_ROWS), from_top=True))
        else:
            sheet.drop_bottom(sheet.lines_within(min(too_many, below - _AHEAD_ROWS), from_top=False))
        self._keep(hold)

    def _arm(self) -> None:
        """Go on drawing soon, if there is anything to draw."""
        if self._timer is None and self._missing(_AHEAD_ROWS):
            self._timer = self.after(_STEP_MS, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self.winfo_ismapped() and self._extend(_AHEAD_ROWS):
            self._arm()

    def unfold(self, number: int) -> None:
        """Show all of the line of this number; the rows above its offer to do so stay where they are."""
        if self._shown is None or not self._shown.start <= number < self._shown.end:
            return
        self._shown.unfold(number)
        top = self.text.index("@0,0")
        place = self.text.dlineinfo(top)
        self.follows_end = False
        self.sheet.redraw(number)
        if place is not None:
            self._put(top, place[1])

    # --- beside the messages

    def highlight(self, query: str, number: int | None = None) -> None:
        """Mark what is searched for wherever it is on screen, and bring the line on screen that is looked at now.

        With an empty query the marks go.
        """
        self._marks.show(query, number)
        if number is not None and self._shown is not None and not self._is_on_screen(number):
            self.scroll_to(number)

    def _is_on_screen(self, number: int) -> bool:
        sheet = self.sheet
        return sheet.low <= number < sheet.high and self.text.dlineinfo(f"{sheet.row_of(number + 1) - 1}.0") is not None

    def _show_what_is_new(self, conversation: Conversation) -> None:
        if self.follows_end:
            self._new, self._counted_to = 0, conversation.end
            self.more.place_forget()
            return
        new = conversation.lines[max(self._counted_to, conversation.start) - conversation.start :]
        self._new += sum(bool(line.sender) for line in new)
        self._counted_to = conversation.end
        if self._new:
            words = ngettext("{count} new message ↓", "{count} new messages ↓", self._new)
            self.more.configure(text=words.format(count=self._new))
            self.more.place(relx=0.5, rely=1.0, y=-self._theme.px(10), anchor="s")

    def _show_loading(self, conversation: Conversation) -> None:
        if conversation.is_loading_older and self._is_at_start():
            self.loading.configure(text=_("Loading older messages…"))
            self.loading.place(relx=0.5, y=self._theme.px(8), anchor="n")
        else:
            self.loading.place_forget()

    # --- keeping the view where it is

    def _hold(self) -> _Hold | None:
        """Look what stands at the top: the last row of its line if that is on screen, for what is above may change."""
        sheet = self.sheet
        top = self.text.index("@0,0")
        row = row_at(top)
        number = sheet.number_at(row)
        if number >= sheet.high:
            return None
        behind = sheet.row_of(number + 1)
        for index in (f"{behind - 1}.0", top):
            place = self.text.dlineinfo(index)
            if place is not None:
                return _Hold(number, behind - row_at(index), index.split(".")[1], place[1])
        return None

    def _keep(self, hold: _Hold | None) -> None:
        sheet = self.sheet
        if hold is not None and sheet.low <= hold.number < sheet.high:
            self._put(f"{sheet.row_of(hold.number + 1) - hold.rows_to_end}.{hold.column}", hold.y)

    def _put(self, index: str, y: int) -> None:
        """Scroll until a place stands where it is wanted."""
        place = self.text.dlineinfo(index)
        if place is None:
            self.text.yview(index)
            place = self.text.dlineinfo(index)
        if place is not None and place[1] != y:
            self.text.yview_scroll(place[1] - y, "pixels")
