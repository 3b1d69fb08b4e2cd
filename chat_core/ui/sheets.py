"""What lies over the chat's page now and then: the switcher, the rooms of the server, saving; and the menu.

Made when first asked for. What each shows and means is its own module's business; here is how they are opened, and what
their answers lead to.
"""

from __future__ import annotations

import tkinter as tk
from typing import TYPE_CHECKING

from chat_core.language import _
from chat_core.ui.model.rooms import sort_rows
from chat_core.ui.model.switching import Kind
from chat_core.ui.room_saving import RoomSaving
from chat_core.ui.view.directory import Directory
from chat_core.ui.view.header import Wish
from chat_core.ui.view.switcher import Switcher

if TYPE_CHECKING:
    from chat_core.ui.app import App
    from chat_core.ui.chatting import Chatting
    from chat_core.ui.model.conversation import Conversation
    from chat_core.ui.model.switching import Choice
    from chat_core.ui.view.header import Header

__all__ = ["Sheets"]


class Sheets:
    """Those of one chat. What opens one is a method; Escape closes it."""

    def __init__(self, app: App, chatting: Chatting) -> None:
        self._app = app
        self._chatting = chatting
        self._presenter = chatting.presenter
        master, theme, fit = chatting.page, app.theme, app.desktop.glyphs.fit
        self.switcher = Switcher(master, theme, fit, self._switch)
        self.directory = Directory(master, theme, fit, join=self._join, refresh=self._refresh_rooms)
        self.saving = RoomSaving(app, self._presenter, master)
        self.menu = tk.Menu(master, tearoff=False)

    def open_switcher(self) -> None:
        """Go to a room or a person by a few letters."""
        current = self._presenter.current
        people = current.names if current else ()
        self.switcher.open(sort_rows(self._presenter.rows()), [name for name in people if name != self._presenter.name])

    def _switch(self, choice: Choice) -> None:
        if choice.kind is Kind.ROOM:
            self._chatting.page.show_room(choice.name)
        else:
            self._chatting.page.mention(choice.name)

    def open_rooms(self) -> None:
        """Show the rooms of the server."""
        self.directory.open()

    def show_rooms(self) -> None:
        """Show what the server has answered."""
        rooms, total = self._presenter.public_rooms or ((), 0)
        joined = [room for room, each in self._presenter.rooms.items() if each.is_joined]
        self.directory.show(rooms, joined, total)

    def _refresh_rooms(self) -> None:
        problem = self._chatting.refresh_rooms()
        if problem:
            self.directory.explain(problem)

    def _join(self, room: str) -> str:
        outcome = self._chatting.page.commander.join(room)
        if outcome.is_taken:
            self._chatting.page.draw_conversation()
        return outcome.problem

    def open_menu(self, header: Header) -> None:
        """Open the menu under its button."""
        menu = self.menu
        menu.delete(0, "end")
        menu.add_command(label=_("Go to a room or a person…"), command=self.open_switcher)
        menu.add_command(label=_("Join or create a room…"), command=self.open_rooms)
        menu.add_command(label=_("Save the conversation…"), command=self.open_saving)
        menu.add_separator()
        menu.add_command(label=_("Settings…"), command=self._app.open_preferences)
        menu.add_command(label=_("The server on this computer…"), command=self._app.own_server.open)
        menu.add_command(label=_("Keys and commands"), command=self._app.open_keys)
        menu.add_separator()
        menu.add_command(label=_("Change name or server…"), command=self._app.back_to_form)
        menu.add_command(label=_("Leave the chat"), command=self._app.leave)
        button = header.buttons[Wish.MENU]
        menu.tk_popup(button.winfo_rootx(), button.winfo_rooty() + button.winfo_height())

    def open_saving(self, conversation: Conversation | None = None) -> None:
        """Save a conversation: the one that is shown, unless another is said."""
        wanted = conversation or self._presenter.current
        if wanted is not None:
            self.saving.open(wanted)

    def step(self) -> bool:
        """Go on with what takes long; return whether there is more to do."""
        return self.saving.step()

    def close(self) -> None:
        """Stop what is under way; the sheets themselves go with the page."""
        self.saving.cancel()
