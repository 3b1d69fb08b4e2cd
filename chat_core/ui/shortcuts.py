"""The keys that work anywhere in the window, bound to what they do. Which they are is said in `model.keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from chat_core.ui.model.keys import Shortcut, window_keys

if TYPE_CHECKING:
    from chat_core.ui.app import App
    from chat_core.ui.chatting import Chatting

__all__ = ["Shortcuts"]

_InChat = Callable[["Chatting"], object]

_IN_CHAT: dict[Shortcut, _InChat] = {
    Shortcut.SWITCH: lambda chat: chat.sheets.open_switcher(),
    Shortcut.DIRECTORY: lambda chat: chat.sheets.open_rooms(),
    Shortcut.PREVIOUS_ROOM: lambda chat: chat.page.next_room(-1),
    Shortcut.NEXT_ROOM: lambda chat: chat.page.next_room(1),
    Shortcut.NEXT_UNREAD: lambda chat: chat.page.next_unread(),
    Shortcut.MARK_READ: lambda chat: chat.page.mark_read(),
    Shortcut.FIND: lambda chat: chat.page.open_find(),
    Shortcut.FIND_NEXT: lambda chat: chat.page.go_to_found(1),
    Shortcut.FIND_PREVIOUS: lambda chat: chat.page.go_to_found(-1),
    Shortcut.NEXT_PANE: lambda chat: chat.page.next_pane(1),
    Shortcut.PREVIOUS_PANE: lambda chat: chat.page.next_pane(-1),
    Shortcut.FOLD_ROOMS: lambda chat: chat.page.toggle_pane("rooms"),
    Shortcut.FOLD_PEOPLE: lambda chat: chat.page.toggle_pane("people"),
    Shortcut.SAVE: lambda chat: chat.sheets.open_saving(),
}
_ANYWHERE: dict[Shortcut, Callable[[App], object]] = {
    Shortcut.ZOOM_IN: lambda app: app.looks.zoom(1),
    Shortcut.ZOOM_OUT: lambda app: app.looks.zoom(-1),
    Shortcut.ZOOM_RESET: lambda app: app.looks.zoom(0),
    Shortcut.PREFERENCES: lambda app: app.open_preferences(),
    Shortcut.KEYS: lambda app: app.open_keys(),
    Shortcut.QUIT: lambda app: app.leave(),
}


#: Those that take the place of a sheet that is open.
_OPENING = frozenset({Shortcut.SWITCH, Shortcut.DIRECTORY, Shortcut.SAVE})


class Shortcuts:
    """Binds all of them to the window of `app`. Those of the chat do nothing on the first page."""

    def __init__(self, app: App) -> None:
        self._app = app
        system = str(app.root.tk.call("tk", "windowingsystem"))
        for kind in ("TEntry", "TCombobox", "TSpinbox"):  # on X11 they would delete to the end of the line first
            app.root.unbind_class(kind, "<Control-Key-k>")
        for shortcut, patterns in window_keys(system).items():
            for pattern in patterns:
                app.root.bind(pattern, lambda _event, shortcut=shortcut: self._pressed(shortcut))  # type: ignore[misc]

    def _pressed(self, shortcut: Shortcut) -> str | None:
        if shortcut in _ANYWHERE:
            _ANYWHERE[shortcut](self._app)
            return "break"
        if self._app.chatting is None:
            return None
        if shortcut not in _OPENING and self._app.root.tk.call("grab", "current", "."):
            return "break"  # a sheet is open: what is under it stays as it is
        _IN_CHAT[shortcut](self._app.chatting)
        return "break"
