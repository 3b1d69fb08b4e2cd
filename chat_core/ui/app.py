"""The window: its two pages, the one loop that polls the link, and its end.

Everything happens on Tk's thread. One `after` call is pending at any time: it polls the link, draws what came,
and asks to be called again, soon when something happened and later when nothing did. What goes on while one is in
a chat is `chatting`.
"""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.client.events import LinkState
from chat_core.errors import ChatError, ConnectionFailure
from chat_core.escape import escape_line
from chat_core.language import _, languages
from chat_core.net.clock import wall_unix_ms
from chat_core.ui.chatting import Chatting
from chat_core.ui.looks import Looks
from chat_core.ui.memory import Place
from chat_core.ui.model.details import Details, Recent
from chat_core.ui.model.geometry import clamped
from chat_core.ui.model.preferences import switched
from chat_core.ui.model.presenter import Presenter
from chat_core.ui.model.standing import Action, Banner, banner_of_failure
from chat_core.ui.own_server import OwnServer
from chat_core.ui.shortcuts import Shortcuts
from chat_core.ui.view.alerts import Alerts
from chat_core.ui.view.connect import ConnectForm
from chat_core.ui.view.icons import Icons
from chat_core.ui.view.keys import KeySheet
from chat_core.ui.view.preferences import Preferences

if TYPE_CHECKING:
    import tkinter as tk
    from types import TracebackType

    from chat_core.client.settings import Settings
    from chat_core.ui.desktop.surroundings import Desktop
    from chat_core.ui.memory import Memory
    from chat_core.ui.model.contract import LinkOpener, Remembered
    from chat_core.ui.model.hosted import Hosted

__all__ = ["App"]

_log = logging.getLogger(__name__)

#: Milliseconds between polls: after something happened, and when nothing has for a while (0.3 % of a core).
_POLL_MS_MIN = 15
_POLL_MS_MAX = 100
#: After a mistake of ours in the loop, so that it cannot fill the log.
_POLL_MS_AFTER_ERROR = 1_000
#: How long the window waits for a polite end.
_LEAVE_S = 2.5
#: Between two looks at what is to be remembered.
_KEEP_EVERY_S = 2.0


class App:
    """The chat in a window that is handed in, filled in from `filled_in`, remembering in `memory`.

    `monotonic` gives seconds, `unix_ms` the wall clock. After `close`, the end of the window, it is used up.
    """

    def __init__(
        self,
        root: tk.Tk,
        open_link: LinkOpener,
        memory: Memory,
        desktop: Desktop,
        filled_in: Remembered,
        *,
        rooms: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
        unix_ms: Callable[[], int] = wall_unix_ms,
    ) -> None:
        self.root = root
        self.memory = memory
        self.desktop = desktop
        self.unix_ms = unix_ms
        self._open_link = open_link
        self._rooms = rooms
        self._place = Place(filled_in.host, filled_in.port, filled_in.name)
        self._now = monotonic
        self.looks: Looks = Looks(root, memory, desktop.appearance)
        self.theme = self.looks.theme
        self.icons = Icons(root, self.theme)
        self.alerts = Alerts(root, desktop.notifier)
        self._preferences: Preferences | None = None
        self._keys: KeySheet | None = None
        self.presenter: Presenter | None = None
        self.chatting: Chatting | None = None
        self.notice: Banner | None = Banner(memory.notice, action=Action.DISMISS) if memory.notice else None
        self.is_over = False
        self._leave_by: float | None = None
        self._keep_at = 0.0
        self._poll_ms = _POLL_MS_MIN
        self._timer: str | None = None
        self._title = ""
        self._has_unread = False
        self.own_server = OwnServer(self, monotonic)
        self._prepare_window()
        self.form = self._make_form(filled_in)
        self._show_form()
        if self.notice is not None:
            self.form.show_trouble(self.notice)
        self._timer = root.after(_POLL_MS_MIN, self._on_timer)

    def _prepare_window(self) -> None:
        root = self.root

        def px(pixels: int) -> int:  # by the screen alone: a larger text is not a larger window
            return round(pixels * self.theme.scale)

        self._set_title(_("Chat"))
        self.icons.put_on_window(root)
        width, height = root.winfo_screenwidth(), root.winfo_screenheight()
        smallest = (min(px(480), width), min(px(400), height))
        root.minsize(*smallest)
        remembered = clamped(self.memory.settings.geometry, width, height, smallest)
        root.geometry(remembered or clamped(f"{px(900)}x{px(640)}", width, height))
        root.protocol("WM_DELETE_WINDOW", self.leave)
        if root.tk.call("tk", "windowingsystem") == "aqua":
            # Or the menu of the system would end the process.
            root.createcommand("::tk::mac::Quit", self.leave)  # type: ignore[no-untyped-call]
        root.report_callback_exception = self._callback_failed
        self._shortcuts = Shortcuts(self)
        for touch in ("<Key>", "<Button>", "<Motion>"):
            root.bind(touch, lambda _event: self._touched(), add=True)

    def has_focus(self) -> bool:
        """Whether the keyboard is this window's."""
        return bool(self.root.tk.call("focus", "-displayof", "."))

    def _touched(self) -> None:
        if self.chatting is not None:
            self.chatting.touched()

    # --- the form

    def _make_form(self, filled_in: Remembered) -> ConnectForm:
        return ConnectForm(
            self.root, self.theme, filled_in, self.connect, self.cancel,
            recents=self._recents(), forget=self._forget, host_here=self.own_server.open,
            wants_remembering=self.memory.settings.remembers,
        )  # fmt: skip

    def _recents(self) -> list[Recent]:
        return [Recent(server.host, server.port, server.name) for server in self.memory.recents()]

    def _forget(self, recent: Recent) -> None:
        self.memory.forget_server(Place(recent.host, recent.port, recent.name))
        self.form.show_recents(self._recents())

    def _show_form(self) -> None:
        self.form.show_recents(self._recents())
        self.form.show_hosting(is_running=self.own_server.is_there)
        self.form.pack(fill="both", expand=True)
        self.form.focus_first()

    # --- connecting

    def connect(self, details: Details) -> None:
        """Start to connect; how it goes on is seen by the loop."""
        self._place = Place(details.host, details.port, details.name)
        if details.wants_remembering != self.memory.settings.remembers:
            self.memory.change(lambda settings: switched(settings, "remembers", is_on=details.wants_remembering))
        try:
            link = self._open_link(details.host, details.port, details.name, self._rooms)
        except ConnectionFailure as failure:  # such as a disk that does not take what is to be kept
            self.form.show_trouble(banner_of_failure(failure))
            return
        except ChatError as error:
            self.form.show_trouble(Banner(str(error)))
            return
        self.presenter = Presenter(link, details.name, self._rooms, self.memory.server(self._place))
        link.start(self._now())
        self.tick()

    def cancel(self) -> None:
        """Stop connecting and go back to the form."""
        if self.presenter is not None and self.chatting is None:
            self._drop_link()
            self.form.set_busy("")

    def _drop_link(self) -> None:
        if self.presenter is not None:
            self.presenter.link.close()
            self.presenter = None

    # --- the loop

    def _on_timer(self) -> None:
        self._timer = None
        delay_ms = _POLL_MS_AFTER_ERROR
        try:
            is_busy = self.tick()
            self._poll_ms = _POLL_MS_MIN if is_busy else min(_POLL_MS_MAX, self._poll_ms + self._poll_ms // 4)
            delay_ms = self._poll_ms
        finally:
            if not self.is_over:
                self._timer = self.root.after(delay_ms, self._on_timer)

    def tick(self) -> bool:
        """Poll the link once, draw what came, and return whether more may come soon."""
        now = self._now()
        self.looks.poll(now)
        if self.own_server.poll(now):
            self.form.show_hosting(is_running=self.own_server.is_there)
        presenter = self.presenter
        is_busy = False
        if presenter is not None:
            presenter.watch(is_watched=self.has_focus())
            events = presenter.link.poll(now, self.unix_ms())
            presenter.take(events, now, self.unix_ms())
            if self._leave_by is not None and (presenter.standing.state is LinkState.CLOSED or now >= self._leave_by):
                self.close()
                return True
            is_busy = self._draw(presenter, now) or bool(events) or presenter.link.is_active
        self._keep(now)
        return is_busy

    def _draw(self, presenter: Presenter, now: float) -> bool:
        if self.chatting is None:
            self._draw_form(presenter, now)
        if self.chatting is None:
            return False
        is_busy = self.chatting.draw(now, self.notice)
        self._set_title(presenter.title())
        self._show_unread(has_unread=presenter.calling > 0)
        return is_busy

    def _draw_form(self, presenter: Presenter, now: float) -> None:
        standing = presenter.standing
        if standing.has_been_online:
            self._open_chat(presenter, now)
        elif standing.state is LinkState.WAITING or (standing.state is LinkState.CLOSED and standing.trouble):
            # The first connecting is not tried again by itself: a typing mistake does not mend.
            trouble = standing.trouble or Banner(_("The server could not be reached."))
            self._drop_link()
            self.form.show_trouble(trouble)
        else:
            self.form.set_busy(standing.status(now).text)

    def _open_chat(self, presenter: Presenter, now: float) -> None:
        self.form.set_busy("")
        self.form.pack_forget()
        if self.memory.settings.remembers:
            self.memory.remember_server(self._place)
        self.chatting = Chatting(self, presenter, self._place, now)
        self.chatting.page.pack(fill="both", expand=True)
        self.chatting.page.composer.input.focus_set()

    def _set_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            self.root.title(title)

    def _show_unread(self, *, has_unread: bool) -> None:
        if has_unread != self._has_unread:
            self._has_unread = has_unread
            self.icons.put_on_window(self.root, is_unread=has_unread)

    def _keep(self, now: float) -> None:
        if now < self._keep_at:
            return
        self._keep_at = now + _KEEP_EVERY_S
        self._keep_geometry()
        if self.chatting is not None:
            self.chatting.keep()
        kept = self.desktop.glyphs.kept
        if kept and kept != self.memory.settings.emoji:
            self.memory.change(lambda settings: replace(settings, emoji=kept))
        self.memory.flush(now)

    def _keep_geometry(self) -> None:
        # Before it is on the screen, Tk says that it is a pixel wide.
        if self.root.state() == "normal" and self.root.winfo_viewable():
            self.memory.keep_geometry(self.root.geometry())

    def act(self, action: Action) -> None:
        """Do what the button of a banner says."""
        if action is Action.DISMISS:
            if self.notice is None and self.presenter is not None:
                self.presenter.standing.dismiss()
            self.notice = None
        elif action is Action.CHANGE_DETAILS:
            self.back_to_form()
        elif self.presenter is not None and action is Action.TRY_NOW:
            self.presenter.link.retry_now(self._now())
        elif self.presenter is not None:
            self.presenter.link.start(self._now())
        self.tick()

    def back_to_form(self) -> None:
        """Leave the chat for the page one starts with."""
        self._leave_by = None
        self.own_server.forget_choice()
        if self.chatting is not None:
            self.chatting.close()
            self.form.put_name(self.chatting.presenter.name)
            self.chatting = None
        self._drop_link()
        self._set_title(_("Chat"))
        self._show_unread(has_unread=False)
        self._show_form()

    # --- sheets that are there on both pages

    def open_preferences(self) -> None:
        """Show the settings."""
        if self._preferences is None:
            self._preferences = Preferences(self.root, self.theme, languages=languages(), change=self._change_settings)
        self._preferences.open(self.memory.settings)

    def _change_settings(self, change: Callable[[Settings], Settings]) -> None:
        told_away = self.memory.settings.tells_away
        self.memory.change(change)
        self.looks.follow()
        if self.chatting is not None and told_away and not self.memory.settings.tells_away:
            self.chatting.presenter.link.away(False)

    def open_keys(self) -> None:
        """Show the keys and the commands; away with them when they are shown."""
        if self._keys is None:
            self._keys = KeySheet(self.root, self.theme)
        if self._keys.is_open:
            self._keys.close()
        else:
            self._keys.open()

    # --- a server on this computer

    def join_own_server(self, host: str, port: int) -> None:
        """Connect to the server on this computer, under the name that is filled in."""
        if self.chatting is not None:
            self.back_to_form()
        self.form.put_server(host, port)
        self.form.submit()

    def others_at(self, hosted: Hosted) -> int | None:
        """Count who else is on that server, as far as our rooms tell; None when that is not known."""
        presenter = self.presenter
        if self.chatting is None or presenter is None or presenter.standing.state is not LinkState.ONLINE:
            return None
        if self._place.port != hosted.port or self._place.host not in (hosted.own_host, "localhost", *hosted.hosts):
            return None
        count = max((each.online for each in presenter.rooms.values()), default=1) - 1
        return count if count > 0 else None  # others may be in rooms where we are not

    # --- the end

    def leave(self) -> None:
        """Leave politely and close the window then; at once when asked a second time, or when not connected.

        While a server that others use runs here, the person is asked what becomes of it first.
        """
        presenter = self.presenter
        if self._leave_by is None and not self.own_server.may_close():
            return
        if self._leave_by is not None or presenter is None or presenter.standing.state is LinkState.CLOSED:
            self.close()
            return
        now = self._now()
        self._leave_by = now + _LEAVE_S
        presenter.link.quit(now)
        self.tick()

    def leave_with_server(self, *, stops: bool) -> None:
        """Leave, and stop the server on this computer or let it go on."""
        if stops:
            self.own_server.stop()
        self.leave()

    def close(self) -> None:
        """Close the window and everything under it now. A second call does nothing."""
        if self.is_over:
            return
        self.is_over = True
        if self._timer is not None:
            self.root.after_cancel(self._timer)
            self._timer = None
        with ExitStack() as ends:  # the window ends, whatever else fails on the way
            ends.callback(self.root.destroy)
            ends.callback(self.desktop.close)
            ends.callback(self._drop_link)
            ends.callback(self.memory.flush, self._now(), is_last=True)
            if self.chatting is not None:
                ends.callback(self.chatting.close)
            self._keep_geometry()

    def _callback_failed(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Tell the person about a mistake of ours, and keep the traceback for whoever mends it."""
        if isinstance(error, KeyboardInterrupt):
            self.leave()
            return
        _log.error("A callback of the window failed.", exc_info=(kind, error, trace))
        self.notice = Banner(
            _("Something went wrong in this window."),
            _("The chat goes on. Please report it, with what you were doing."),
            escape_line(f"{kind.__name__}: {error}"[:200]),
            Action.DISMISS,
        )
        if self.chatting is None and not self.is_over:
            self.form.show_trouble(self.notice)
