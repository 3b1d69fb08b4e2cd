"""One chat in the window, from the first welcome until one goes back to the form: its page, and what is remembered.

It does for the page what only the window can; the window itself, its loop and its end are `app`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.client.events import LinkState
from chat_core.language import _
from chat_core.ui.model.commanding import Ask
from chat_core.ui.model.lines import PendingState
from chat_core.ui.model.panes import Panes
from chat_core.ui.model.presence import Absence
from chat_core.ui.sheets import Sheets
from chat_core.ui.view.chat import ChatPage

if TYPE_CHECKING:
    from chat_core.ui.app import App
    from chat_core.ui.memory import Place
    from chat_core.ui.model.attention import Level
    from chat_core.ui.model.presenter import Presenter
    from chat_core.ui.model.standing import Action, Banner

__all__ = ["Chatting"]


class Chatting:
    """Belongs to `app`, whose presenter it draws. `place` is where one is, and as whom."""

    def __init__(self, app: App, presenter: Presenter, place: Place, now: float) -> None:
        self._app = app
        self._memory = app.memory
        self.presenter: Presenter = presenter
        self._place = place
        self._now = now
        settings = app.memory.settings
        panes = Panes(settings.shows_rooms, settings.shows_people)
        self.page: ChatPage = ChatPage(app.root, self, app.theme, app.icons, app.desktop.glyphs, presenter, panes)
        self.sheets: Sheets = Sheets(app, self)
        self._absence = Absence(self._tell_away, now)
        self._public_rooms: object = None
        self._rooms_kept: set[str] = set()

    # --- at every poll

    def draw(self, now: float, notice: Banner | None) -> bool:
        """Bring everything up to date, and return whether there is more to do soon."""
        self._now = now
        presenter, settings = self.presenter, self._memory.settings
        self._absence.look(now)
        self._follow_name()
        is_busy = self.page.draw(now, notice)
        if presenter.public_rooms is not self._public_rooms:
            self._public_rooms = presenter.public_rooms
            self.sheets.show_rooms()
        if presenter.take_bell() and settings.rings:
            self._app.alerts.ring()
        due = presenter.due_notice(now)
        if due is not None and settings.notifies:
            self._app.alerts.show(due)
        return self.sheets.step() or is_busy

    def _follow_name(self) -> None:
        """Let what is remembered follow to the name that the server knows us by: it may have changed."""
        name = self.presenter.name
        if name != self._place.name:
            self._memory.rename(self._place, name)
            self._place = replace(self._place, name=name)

    def touched(self) -> None:
        """Take note of a key or a movement of the mouse in the window."""
        self._absence.touched(self._now)

    def keep(self) -> None:
        """Remember what is being written, what was read, and which room is shown; it is written when it is due."""
        self.page.keep_draft()
        self._keep_rooms()

    def _keep_rooms(self) -> None:
        for room in self._rooms_kept - self.presenter.rooms.keys():  # who comes back to it is a newcomer
            self._memory.forget_room(self._place, room)
        self._rooms_kept = set(self.presenter.rooms)
        for room, conversation in self.presenter.rooms.items():
            self._memory.keep_draft(self._place, room, conversation.draft)
            self._memory.keep_read(self._place, room, self.presenter.read_seq(room))
        if self.presenter.current is not None:
            self._memory.keep_shown_room(self._place, self.presenter.current.room)

    def close(self) -> None:
        """Take the page away. What was refused is a draft again: nobody has it but this window."""
        self.page.keep_draft()
        for conversation in self.presenter.rooms.values():
            refused = [each.original for each in conversation.pending.values() if each.state is PendingState.REFUSED]
            conversation.draft = "\n".join(filter(None, [conversation.draft, *refused]))
        self._keep_rooms()
        self.sheets.close()
        self.page.destroy()

    def _tell_away(self, is_away: bool) -> None:  # noqa: FBT001 - as Absence tells it
        if self._memory.settings.tells_away:
            self.presenter.link.away(is_away)

    # --- what the page asks of the window

    def unix_ms(self) -> int:
        """Return the wall clock."""
        return self._app.unix_ms()

    def act(self, action: Action) -> None:
        """Do what the button of a banner says."""
        self._app.act(action)

    def ask(self, ask: Ask) -> None:
        """Do what only the window can: open a sheet, or close."""
        if ask is Ask.QUIT:
            self._app.leave()
        elif ask is Ask.ROOMS:
            self.sheets.open_rooms()
        elif ask is Ask.HELP:
            self._app.open_keys()

    def open_menu(self) -> None:
        """Open the menu with everything else."""
        self.sheets.open_menu(self.page.header)

    def save_room(self, room: str) -> None:
        """Begin to save the conversation of a room."""
        self.sheets.open_saving(self.presenter.rooms[room])

    def level_changed(self, room: str, level: Level) -> None:
        """Remember of which messages of a room the person wants to be told."""
        self._memory.set_level(self._place, room, level)

    def panes_changed(self, panes: Panes) -> None:
        """Remember which panes the person wants."""
        self._memory.change(
            lambda settings: replace(settings, shows_rooms=panes.wants_rooms, shows_people=panes.wants_people)
        )

    def wrote(self) -> None:
        """Take note that the person changes a text that is meant for others."""
        current = self.presenter.current
        if current is not None and self._memory.settings.tells_typing:
            self.presenter.link.typing(current.room)

    def open_link(self, target: str) -> None:
        """Open a link of a message in the browser."""
        self._app.desktop.browse(target)

    def refresh_rooms(self) -> str:
        """Ask the server for its rooms again; return why that cannot be, or "" when it can."""
        if self.presenter.standing.state is not LinkState.ONLINE:
            return _("The rooms can only be listed while you are online.")
        self.presenter.link.request_rooms()
        return ""
