"""The page one talks on: rooms at the left, the conversation and the input line, people at the right.

Puts the views together, draws a presenter with them, and hands it what the person does. What is shown is decided there;
what connects, polls, opens sheets over the page and closes is `app`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from tkinter import ttk
from typing import TYPE_CHECKING, Protocol

from chat_core.language import _
from chat_core.ui.model.attention import Level
from chat_core.ui.model.commanding import Ask, Commander
from chat_core.ui.model.finding import Finder
from chat_core.ui.model.rooms import RoomRow, next_room, next_unread, sort_rows
from chat_core.ui.view.accessible import SpokenName
from chat_core.ui.view.composer import Composer
from chat_core.ui.view.conversation import ConversationView
from chat_core.ui.view.finding import FindBar
from chat_core.ui.view.header import Header, Wish
from chat_core.ui.view.people import PeopleView
from chat_core.ui.view.pointing import ConversationActions
from chat_core.ui.view.rooms import Deed, RoomsView
from chat_core.ui.view.trouble import TroubleView

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.desktop.glyphs import GlyphProbe
    from chat_core.ui.model.conversation import Conversation
    from chat_core.ui.model.panes import Panes
    from chat_core.ui.model.presenter import Presenter
    from chat_core.ui.model.standing import Action, Banner
    from chat_core.ui.view.icons import Icons
    from chat_core.ui.view.theme import Theme

__all__ = ["ChatPage", "PageOwner"]

#: Control and Alt in the `state` of an event: with them a key is a command. On Windows 8 is Num Lock.
_COMMANDING = 0x20004 if sys.platform == "win32" else 0xC
_LEVELS = {Deed.NOTIFY_ALL: Level.ALL, Deed.NOTIFY_MENTIONS: Level.MENTIONS, Deed.NOTIFY_NOTHING: Level.NOTHING}


class PageOwner(Protocol):
    """What the page asks of the window that it is in."""

    def unix_ms(self) -> int:
        """Return the wall clock."""

    def act(self, action: Action) -> None:
        """Do what the button of a banner says."""

    def ask(self, ask: Ask) -> None:
        """Do what only the window can: open a sheet, or close."""

    def open_menu(self) -> None:
        """Open the menu with everything else."""

    def save_room(self, room: str) -> None:
        """Begin to save the conversation of a room."""

    def level_changed(self, room: str, level: Level) -> None:
        """Remember of which messages of a room the person wants to be told."""

    def panes_changed(self, panes: Panes) -> None:
        """Remember which panes the person wants."""

    def wrote(self) -> None:
        """Take note that the person changes a text that is meant for others."""

    def open_link(self, target: str) -> None:
        """Open a link of a message."""


class ChatPage(ttk.Frame):
    """One chat, drawn by `draw` at every poll."""

    def __init__(
        self,
        master: tk.Misc,
        owner: PageOwner,
        theme: Theme,
        icons: Icons,
        glyphs: GlyphProbe,
        presenter: Presenter,
        panes: Panes,
    ) -> None:
        super().__init__(master)
        self._owner = owner
        self._theme = theme
        self._glyphs = glyphs
        self._presenter = presenter
        self.commander = Commander(presenter)
        self.panes = panes
        self._shown: Conversation | None = None
        self._awaited: Conversation | None = None  # whose unread line is not known yet
        self._title = ""
        self._finder: Finder | None = None
        self._marked: object = None
        fit = glyphs.fit
        self.rooms = RoomsView(
            self, theme, fit, icons=icons, show=self.show_room, add=lambda: owner.ask(Ask.ROOMS),
            menu=self._do_with_room,
        )  # fmt: skip
        self.people = PeopleView(self, theme, fit, mention=self.mention)
        self.main = ttk.Frame(self)
        self.header = Header(self.main, theme, icons, self._wished)
        self.find_bar = FindBar(
            self.main, theme, icons=icons, search=self._search, go=self.go_to_found, close=self.close_find
        )
        actions = ConversationActions(
            edit=self._edit, send_again=self._send_again, discard=self._discard, open_link=owner.open_link,
            mention=self.mention,
        )  # fmt: skip
        self.conversation = ConversationView(self.main, theme, fit, actions)
        self.trouble = TroubleView(self.main, theme, owner.act)
        self.composer = Composer(
            self.main, theme, glyphs, self.send_typed, on_typing=owner.wrote,
            names=self._others, rooms=self._known_rooms,
        )  # fmt: skip
        self.conversation.text.bind("<Key>", self._typed_beside, add=True)
        self._lay()
        self._name_parts()
        self.bind("<Configure>", lambda _event: self._arrange())
        self.bind("<<ThemeChanged>>", lambda _event: self._paint(), add=True)

    def _lay(self) -> None:
        self.columnconfigure(1, weight=1)
        self.rowconfigure(0, weight=1)
        self.rooms.grid(row=0, column=0, sticky="nsew")
        self.main.grid(row=0, column=1, sticky="nsew")
        self.people.grid(row=0, column=2, sticky="nsew")
        self.main.columnconfigure(0, weight=1)
        self.main.rowconfigure(2, weight=1)
        self.header.grid(row=0, column=0, sticky="we")
        self.find_bar.grid(row=1, column=0, sticky="we")
        self.conversation.grid(row=2, column=0, sticky="nsew")
        self._paint()
        self.find_bar.grid_remove()
        self.trouble.grid_remove()

    def _name_parts(self) -> None:
        """Say for screen readers what is what."""
        for widget, words in (
            (self.rooms.listing.canvas, _("Rooms")), (self.people.listing.canvas, _("People")),
            (self.people.filter, _("Find a person")),
            (self.header.buttons[Wish.ROOMS], _("Show or hide the rooms")),
            (self.header.buttons[Wish.FIND], _("Find in this conversation")),
            (self.header.buttons[Wish.PEOPLE], _("Show or hide the people")),
            (self.header.buttons[Wish.MENU], _("More: save, settings, help")),
        ):  # fmt: skip
            SpokenName(widget, words)
        self._spoken_room = SpokenName(self.conversation.text)
        self._spoken_input = SpokenName(self.composer.input)

    def _paint(self) -> None:
        """Lay out by the zoom in use what has space around it."""
        px = self._theme.px
        is_there = bool(self.trouble.winfo_manager())
        self.trouble.grid(row=3, column=0, sticky="we", padx=px(12), pady=(px(8), 0))
        if not is_there:
            self.trouble.grid_remove()
        self.composer.grid(row=4, column=0, sticky="we", padx=px(12), pady=(px(10), px(4)))
        self._arrange()

    def _arrange(self) -> None:
        width_px = self.winfo_width() / self._theme.px(100) * 100
        for pane, is_shown in zip((self.rooms, self.people), self.panes.shown(width_px)):
            if is_shown:
                pane.grid()
                continue
            if str(self.tk.call("focus")).startswith(f"{pane}."):
                self.composer.input.focus_set()
            pane.grid_remove()

    # --- what the person does

    def send_typed(self) -> None:
        """Hand what is typed to the presenter; it stays in the input line when it was not taken."""
        outcome = self.commander.submit(self.composer.typed, self._owner.unix_ms())
        if outcome.is_taken:
            self.composer.clear()
            self.conversation.follow()
        else:
            self.composer.explain(outcome.problem)
        self.draw_conversation()
        if outcome.ask is Ask.FIND:
            self.open_find(outcome.query)
        elif outcome.ask is not Ask.NOTHING:
            self._owner.ask(outcome.ask)  # after which there may be no window any more

    def _typed_beside(self, event: tk.Event[tk.Misc]) -> str | None:
        """Let who begins to write while the conversation has the keyboard write in the input line."""
        is_command = int(event.state) & _COMMANDING
        if is_command or not event.char.isprintable() or event.char in ("", " "):
            return None
        self.composer.input.focus_set()
        self.composer.input.write(event.char)
        return "break"

    def show_room(self, room: str) -> None:
        """Show another of our rooms, and write there."""
        self._presenter.show(room)
        self.draw_conversation()
        self.composer.input.focus_set()

    def next_room(self, step: int) -> None:
        """Show the room so many places below the one that is shown, or above it."""
        self._show_if_any(next_room(self._rows(), self._room, step))

    def next_unread(self) -> None:
        """Show the next room in which something waits to be read."""
        self._show_if_any(next_unread(self._rows(), self._room))

    @property
    def _room(self) -> str:
        return self._shown.room if self._shown is not None else ""

    def _show_if_any(self, room: str) -> None:
        if room:
            self.show_room(room)

    def mark_read(self) -> None:
        """Take away the line before what is new, and go to the end."""
        self._presenter.mark_read()
        self.conversation.follow()
        self.draw_conversation()

    def mention(self, name: str) -> None:
        """Address somebody in what is being written."""
        self.composer.insert_mention(name)

    def toggle_pane(self, pane: str) -> None:
        """Show or hide "rooms" or "people"."""
        self.panes = self.panes.toggled(pane, self.winfo_width() / self._theme.px(100) * 100)
        self._owner.panes_changed(self.panes)
        self._arrange()

    def keep_draft(self) -> None:
        """Let the presenter know what is being written now."""
        if self._shown is not None:
            self._shown.draft = self.composer.draft

    def _wished(self, wish: Wish) -> None:
        if wish is Wish.FIND:
            self.open_find()
        elif wish is Wish.MENU:
            self._owner.open_menu()
        else:
            self.toggle_pane(wish.value)

    def _do_with_room(self, room: str, deed: Deed) -> None:
        if deed in _LEVELS:
            self._presenter.levels[room] = _LEVELS[deed]
            self._owner.level_changed(room, _LEVELS[deed])
        elif deed is Deed.SAVE:
            self._owner.save_room(room)
        else:
            outcome = self.commander.leave(room)
            self.composer.explain(outcome.problem)
        self.draw_conversation()

    def _send_again(self, mid: str) -> None:
        self.composer.explain(self.commander.send_again(mid, self._owner.unix_ms()).problem)
        self.draw_conversation()

    def _discard(self, mid: str) -> None:
        if self._presenter.current is not None:
            self._presenter.current.discard(mid)
            self.draw_conversation()

    def _edit(self, mid: str) -> None:
        text = self._presenter.current.take_back(mid) if self._presenter.current else ""
        if text:
            self.composer.put(text)
            self.draw_conversation()

    def _others(self) -> tuple[str, ...]:
        presenter = self._presenter
        return tuple(name for name in presenter.current.names if name != presenter.name) if presenter.current else ()

    def _known_rooms(self) -> tuple[str, ...]:
        public = self._presenter.public_rooms
        return tuple({**self._presenter.rooms, **dict(public[0] if public else ())})

    def next_pane(self, step: int) -> None:
        """Give the keyboard to the next part of the page: input line, conversation, rooms, people."""
        panes = [
            (self.composer.input, self.composer), (self.conversation.text, self.conversation),
            (self.rooms.listing.canvas, self.rooms), (self.people.filter, self.people),
        ]  # fmt: skip
        there = [(first, str(pane)) for first, pane in panes if pane.winfo_ismapped()]
        focus = str(self.focus_get() or "")
        nowhere = -1 if step > 0 else 0
        at = next((place for place, (_first, path) in enumerate(there) if focus.startswith(path)), nowhere)
        there[(at + step) % len(there)][0].focus_set()

    # --- finding

    def open_find(self, query: str = "") -> None:
        """Search the conversation that is shown: the model, so that it finds what is not drawn, too."""
        self.find_bar.grid()
        self.find_bar.open(query)

    def close_find(self) -> None:
        """Search no more, and go on writing."""
        self._finder = None
        self.find_bar.grid_remove()
        self.conversation.highlight("")
        self.composer.input.focus_set()

    def _search(self, query: str) -> None:
        if self._presenter.current is not None:
            self._finder = Finder(self._presenter.current, query)
            self._marked = None
            self._go_on_searching()

    def go_to_found(self, step: int) -> None:
        """Go on to the next newer find (1), or back to the next older one (-1)."""
        if self._finder is not None:
            if step > 0:
                self._finder.next()
            else:
                self._finder.previous()
            self._go_on_searching()

    def _go_on_searching(self) -> bool:
        """Search one piece further, and return whether there is more to do."""
        finder = self._finder
        if finder is None:
            return False
        is_done = finder.step()
        self.find_bar.show_count(finder.position, finder.count, is_done)
        marked = (finder.query, finder.current)
        if marked != self._marked:
            self._marked = marked
            self.conversation.highlight(finder.query, finder.current)
        return not is_done

    # --- drawing

    def draw(self, now: float, notice: Banner | None) -> bool:
        """Bring everything up to date, and return whether there is more to do soon.

        `notice` goes before what the presenter has for the banner.
        """
        presenter = self._presenter
        shown = presenter.current
        self.header.draw(self._glyphs.fit(shown.title) if shown else "", presenter.standing.status(now))
        banner = notice or presenter.standing.banner()
        if banner is None:
            self.trouble.grid_remove()
        else:
            self.trouble.draw(banner)
            self.trouble.grid()
        self.composer.show_typing(presenter.writing(now))
        self.draw_conversation()
        return self._go_on_searching()

    def draw_conversation(self) -> None:
        """Bring the room that is shown up to date: its messages, its people, and the list of rooms."""
        is_at_beginning = self.conversation.observe()
        presenter = self._presenter
        shown = presenter.current
        if shown is None:
            return
        if shown is not self._shown:
            self._change_room(shown)
            is_at_beginning = False  # that was of the other room
        self._show_title(shown)
        shown.trim(is_at_end=self.conversation.follows_end)
        self.conversation.draw(shown, presenter.name, everything=self._glyphs.became_safe())
        self._go_to_unread(shown)
        self.people.draw(shown.names, shown.online, presenter.name, presenter.away)
        self.rooms.draw(self._rows(), presenter.standing.server)
        if is_at_beginning:
            presenter.wants_older()
        else:
            presenter.has_left_beginning()

    def _rows(self) -> tuple[RoomRow, ...]:
        return sort_rows(self._presenter.rows())

    def _go_to_unread(self, shown: Conversation) -> None:
        """Begin to read where the unread begins, once: after a restart that is known a little later."""
        if self._awaited is not shown or self._presenter.is_catching_up(shown.room):
            return
        self._awaited = None
        if shown.unread_from is not None:
            self.conversation.scroll_to(shown.unread_from)

    def _show_title(self, shown: Conversation) -> None:
        title = self._glyphs.fit(shown.title)
        if title != self._title:
            self._title = title
            self.composer.show_room(title)
            self._spoken_room.say(title)
            self._spoken_input.say(_("Write to {room}").format(room=title))

    def _change_room(self, conversation: Conversation) -> None:
        """Put what was being written away, and what was being written in the other room back."""
        self.keep_draft()
        self.composer.set_draft(conversation.draft)
        if self._finder is not None:
            self._finder = None
            self.find_bar.grid_remove()
            self.conversation.highlight("")
        self._shown = self._awaited = conversation
        if self.panes.is_called:
            self.panes = replace(self.panes, is_called="")
            self._arrange()
