"""The line over the conversation: which room it is, how it stands with the server, and buttons for all the rest."""

from __future__ import annotations

import enum
from tkinter import ttk
from typing import TYPE_CHECKING, Callable

from chat_core.language import N_, _
from chat_core.ui.model.keys import Shortcut, shortcut_name
from chat_core.ui.view.tooltip import Tooltip

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.model.standing import Status
    from chat_core.ui.view.icons import Icons
    from chat_core.ui.view.theme import Theme

__all__ = ["Header", "Wish"]


class Wish(enum.Enum):
    """What a button of the header, or a key, asks for."""

    ROOMS = "rooms"
    FIND = "find"
    PEOPLE = "people"
    MENU = "menu"


_BUTTONS = (
    (Wish.ROOMS, "menu", N_("Show or hide the rooms")),
    (Wish.FIND, "search", N_("Find in this conversation ({keys})")),
    (Wish.PEOPLE, "people", N_("Show or hide the people")),
    (Wish.MENU, "more", N_("More: save, settings, help")),
)


class Header(ttk.Frame):
    """`ask` is called with what a button stands for; `menu` opens under the last of them."""

    def __init__(self, master: tk.Misc, theme: Theme, icons: Icons, ask: Callable[[Wish], None]) -> None:
        super().__init__(master)
        self._theme = theme
        find_keys = shortcut_name(Shortcut.FIND, str(self.tk.call("tk", "windowingsystem")))
        self.buttons: dict[Wish, ttk.Button] = {}
        for wish, icon, tip in _BUTTONS:
            button = ttk.Button(
                self,
                style="Icon.TButton",
                image=icons.get(icon, "muted", 18),
                command=lambda wish=wish: ask(wish),  # type: ignore[misc]
            )
            Tooltip(button, lambda tip=tip: _(tip).format(keys=find_keys), theme)  # type: ignore[misc]
            self.buttons[wish] = button
        self.room = ttk.Label(self, style="Room.TLabel", font=theme.room, width=1)
        self.status = ttk.Label(self, font=theme.small, width=1)
        self.room.grid(row=0, column=1, sticky="we")
        self.status.grid(row=1, column=1, sticky="we")
        for column, wish in enumerate((Wish.FIND, Wish.PEOPLE, Wish.MENU), 2):
            self.buttons[wish].grid(row=0, column=column, rowspan=2)
        self.columnconfigure(1, weight=1)
        self._shown: tuple[str, Status | None] = ("", None)
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)
        self._paint()

    def _paint(self) -> None:
        """Lay out by the zoom in use what has space around it."""
        px = self._theme.px
        self.configure(padding=(px(8), px(6), px(8), px(6)))
        self.buttons[Wish.ROOMS].grid(row=0, column=0, rowspan=2, padx=(0, px(6)))

    def draw(self, room: str, status: Status) -> None:
        """Show the room's title, fit to be drawn, and the state; does nothing when they are shown already."""
        if (room, status) == self._shown:
            return
        self._shown = (room, status)
        self.room.configure(text=room)
        self.status.configure(text=f"● {status.text}", style=f"{status.mood.value.capitalize()}.Status.TLabel")
