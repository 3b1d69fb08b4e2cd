"""The page one talks on: room and state on top, the conversation, who is online, the banner, the input line.

Puts the views together and draws a presenter with them. What they show is decided there; what connects, polls
and closes is `app`.
"""

from __future__ import annotations

import tkinter as tk
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.ui.view.composer import Composer
from chat_core.ui.view.conversation import ConversationView
from chat_core.ui.view.people import PeopleView
from chat_core.ui.view.trouble import TroubleView

if TYPE_CHECKING:
    from chat_core.ui.desktop.glyphs import GlyphProbe
    from chat_core.ui.model.presenter import Presenter
    from chat_core.ui.model.standing import Action, Banner
    from chat_core.ui.view.theme import Theme

__all__ = ["ChatPage"]

#: In a narrower window there is no room for the people beside the conversation.
_PEOPLE_PX_MIN = 600


class ChatPage(ttk.Frame):
    """One chat. `leave` is called when the person wants to leave, `act` with what a banner's button does."""

    def __init__(
        self,
        master: tk.Misc,
        theme: Theme,
        glyphs: GlyphProbe,
        presenter: Presenter,
        unix_ms: Callable[[], int],
        leave: Callable[[], None],
        act: Callable[[Action], None],
    ) -> None:
        super().__init__(master)
        self._presenter = presenter
        self._glyphs = glyphs
        self._unix_ms = unix_ms
        self._leave = leave
        px = theme.px
        self._build_header(px)
        self.conversation = ConversationView(self, theme, glyphs.fit, self._take_back)
        self.people = PeopleView(self, theme, glyphs.fit)
        self.trouble = TroubleView(self, theme, act)
        self.composer = Composer(self, theme, glyphs, self.send_typed)
        # Column 0 is for the list of rooms to come.
        self.columnconfigure(1, weight=1)
        self.rowconfigure(1, weight=1)
        self.conversation.grid(row=1, column=1, sticky="nsew", padx=(px(12), 0))
        self.people.grid(row=1, column=2, sticky="nsew", padx=(px(8), px(12)))
        self._people_px_min = px(_PEOPLE_PX_MIN)
        self.bind("<Configure>", self._resized)
        self.trouble.grid(row=2, column=1, columnspan=2, sticky="we", padx=px(12), pady=(px(8), 0))
        self.composer.grid(row=3, column=1, columnspan=2, sticky="we", padx=px(12), pady=px(10))
        self.trouble.grid_remove()
        self._room_shown = ""
        self._menu_shown: object = None

    def _build_header(self, px: Callable[[int], int]) -> None:
        header = ttk.Frame(self)
        header.grid(row=0, column=1, columnspan=2, sticky="we", padx=px(12), pady=(px(6), px(6)))
        self.room = ttk.Menubutton(header, style="Room.TMenubutton")
        self.room.pack(side="left")
        self.menu = tk.Menu(self.room, tearoff=False)
        self.room.configure(menu=self.menu)
        self.status = ttk.Label(header)
        self.status.pack(side="right", padx=px(4))

    # --- what the person does

    def send_typed(self) -> None:
        """Hand what is typed to the presenter; it stays in the input line when it was not taken."""
        outcome = self._presenter.submit(self.composer.typed, self._unix_ms())
        if outcome.is_taken:
            self.composer.clear()
            self.conversation.follow()
        else:
            self.composer.explain(outcome.problem)
        if outcome.wants_quit:
            self._leave()
        else:
            self.draw_conversation()

    def _take_back(self, mid: str) -> None:
        text = self._presenter.take_back(mid)
        if text:
            self.composer.put(text)
            self.draw_conversation()

    def _show_room(self, room: str) -> None:
        self._presenter.show(room)
        self.draw_conversation()

    # --- drawing

    def _resized(self, event: tk.Event[tk.Misc]) -> None:
        if event.width < self._people_px_min:
            self.people.grid_remove()
        else:
            self.people.grid()

    def draw(self, now: float, notice: Banner | None) -> None:
        """Bring everything up to date; `notice` goes before what the presenter has for the banner."""
        status = self._presenter.standing.status(now)
        self.status.configure(text=f"● {status.text}", style=f"{status.mood.value.capitalize()}.Status.TLabel")
        banner = notice or self._presenter.standing.banner()
        if banner is None:
            self.trouble.grid_remove()
        else:
            self.trouble.draw(banner)
            self.trouble.grid()
        self.draw_conversation()

    def draw_conversation(self) -> None:
        """Bring the room that is shown up to date: its messages and its people."""
        is_at_beginning = self.conversation.observe()
        shown = self._presenter.current
        if shown is None:
            return
        if shown.room != self._room_shown:
            self._swap_drafts(shown.room)
        shown.trim(is_at_end=self.conversation.follows_end)
        self.conversation.draw(shown, everything=self._glyphs.became_safe())
        self.people.draw(shown.names, shown.online, self._presenter.name)
        self._draw_rooms()
        if is_at_beginning:
            self._presenter.wants_older()
        else:
            self._presenter.has_left_beginning()

    def _swap_drafts(self, room: str) -> None:
        rooms = self._presenter.rooms
        if self._room_shown in rooms:
            rooms[self._room_shown].draft = self.composer.typed
            self.composer.clear()
        if rooms[room].draft:
            self.composer.put(rooms[room].draft)
            rooms[room].draft = ""
        self._room_shown = room

    def _draw_rooms(self) -> None:
        rooms = tuple((each.room, each.title, each.unread) for each in self._presenter.rooms.values())
        if (self._room_shown, rooms) == self._menu_shown:
            return
        self._menu_shown = (self._room_shown, rooms)
        unread = sum(count for _, _, count in rooms)
        title = self._glyphs.fit(self._presenter.rooms[self._room_shown].title)
        self.room.configure(text=f"{title}  ({unread} new elsewhere)" if unread else title)
        self.menu.delete(0, "end")
        for room, room_title, count in rooms:
            label = self._glyphs.fit(room_title) + (f"  ({count} new)" if count else "")
            self.menu.add_command(label=label, command=lambda room=room: self._show_room(room))  # type: ignore[misc]
        self.menu.add_separator()
        self.menu.add_command(label="Come into a room…", command=lambda: self.composer.put("/join "))
