"""The window: its two pages, the one loop that polls the link, and its end.

Everything happens on Tk's thread. One `after` call is pending at any time: it polls the link, draws what came,
and asks to be called again, soon when something happened and later when nothing did.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import time
import tkinter as tk
from typing import TYPE_CHECKING, Callable, Sequence

from chat_core.client.events import LinkState
from chat_core.errors import ChatError, ConnectionFailure
from chat_core.escape import escape_line
from chat_core.net.clock import wall_unix_ms
from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.model.contract import Remembered
from chat_core.ui.model.presenter import Presenter
from chat_core.ui.model.standing import Action, Banner, banner_of_failure
from chat_core.ui.view.chat import ChatPage
from chat_core.ui.view.connect import ConnectForm
from chat_core.ui.view.theme import Theme

if TYPE_CHECKING:
    from types import TracebackType

    from chat_core.ui.model.contract import LinkOpener
    from chat_core.ui.model.details import Details

__all__ = ["App"]

_log = logging.getLogger(__name__)

#: Milliseconds between polls: after something happened, and when nothing has for a while (0.3 % of a core).
_POLL_MS_MIN = 15
_POLL_MS_MAX = 100
#: After a mistake of ours in the loop, so that it cannot fill the log.
_POLL_MS_AFTER_ERROR = 1_000
#: How long the window waits for a polite end.
_LEAVE_S = 2.5
_GEOMETRY = re.compile(r"\d+x\d+[+-]-?\d+[+-]-?\d+")


class App:
    """The chat in a window that is handed in. `remember` is called with what the next start should begin with.

    `monotonic` gives seconds, `unix_ms` the wall clock. After `close`, the end of the window, it is used up.
    """

    def __init__(
        self,
        root: tk.Tk,
        open_link: LinkOpener,
        filled_in: Remembered,
        *,
        rooms: Sequence[str] = (),
        remember: Callable[[Remembered], None] = lambda _remembered: None,
        monotonic: Callable[[], float] = time.monotonic,
        unix_ms: Callable[[], int] = wall_unix_ms,
        glyphs: GlyphProbe | None = None,
    ) -> None:
        self.root = root
        self._open_link = open_link
        self._rooms = rooms
        self._remember = remember
        self._remembered = filled_in
        self._now = monotonic
        self._unix_ms = unix_ms
        is_at_risk = root.tk.call("tk", "windowingsystem") == "x11" and tk.TkVersion < 8.7
        self._glyphs = glyphs or GlyphProbe(is_at_risk=is_at_risk)
        self._theme = Theme(root)
        self.presenter: Presenter | None = None
        self.chat: ChatPage | None = None
        self.notice: Banner | None = None
        self.is_over = False
        self._leave_by: float | None = None
        self._poll_ms = _POLL_MS_MIN
        self._timer: str | None = None
        self._title = ""
        self._set_title("Chat")
        root.minsize(self._theme.px(480), self._theme.px(400))
        root.geometry(filled_in.geometry if _GEOMETRY.fullmatch(filled_in.geometry) else self._default_size())
        root.protocol("WM_DELETE_WINDOW", self.leave)
        root.report_callback_exception = self._callback_failed
        self.form = ConnectForm(root, self._theme, filled_in, self.connect, self.cancel)
        self.form.pack(fill="both", expand=True)
        self.form.focus_first()
        self._timer = root.after(_POLL_MS_MIN, self._on_timer)

    def _default_size(self) -> str:
        return f"{self._theme.px(900)}x{self._theme.px(640)}"

    # --- connecting

    def connect(self, details: Details) -> None:
        """Start to connect; how it goes on is seen by the loop."""
        self._remembered = Remembered(details.host, details.port, details.name, self._remembered.geometry)
        try:
            link = self._open_link(details.host, details.port, details.name, self._rooms)
        except ConnectionFailure as failure:  # such as a disk that does not take what is to be kept
            self.form.show_trouble(banner_of_failure(failure))
            return
        except ChatError as error:
            self.form.show_trouble(Banner(str(error)))
            return
        self.presenter = Presenter(link, details.name, self._rooms)
        link.start(self._now())
        self.tick()

    def cancel(self) -> None:
        """Stop connecting and go back to the form."""
        if self.presenter is not None and self.chat is None:
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
        presenter = self.presenter
        now = self._now()
        if presenter is None:
            return False
        events = presenter.link.poll(now, self._unix_ms())
        presenter.take(events, self._unix_ms())
        if self._leave_by is not None and (presenter.standing.state is LinkState.CLOSED or now >= self._leave_by):
            self.close()
            return True
        if self.chat is None:
            self._draw_form(presenter, now)
        if self.chat is not None:
            self._follow_name(presenter)
            self.chat.draw(now, self.notice)
        return bool(events) or presenter.link.is_active

    def _draw_form(self, presenter: Presenter, now: float) -> None:
        standing = presenter.standing
        if standing.has_been_online:
            self._open_chat(presenter)
        elif standing.state is LinkState.WAITING or (standing.state is LinkState.CLOSED and standing.trouble):
            # The first connecting is not tried again by itself: a typing mistake does not mend.
            trouble = standing.trouble or Banner("The server could not be reached.")
            self._drop_link()
            self.form.show_trouble(trouble)
        else:
            self.form.set_busy(standing.status(now).text)

    def _open_chat(self, presenter: Presenter) -> None:
        self.form.set_busy("")
        self.form.pack_forget()
        self.chat = ChatPage(
            self.root, self._theme, self._glyphs, presenter, self._unix_ms, leave=self.leave, act=self._act
        )
        self.chat.pack(fill="both", expand=True)
        self.chat.composer.input.focus_set()
        self._remember(self._remembered)

    def _follow_name(self, presenter: Presenter) -> None:
        """Let title, form and the next start know by which name the server knows us: it may have changed.

        A next start under the old name would be somebody else: what is kept has moved to the new one.
        """
        self._set_title(f"{presenter.standing.server or 'Chat'} - {presenter.standing.name}")
        if presenter.name != self._remembered.name:
            self._remembered = dataclasses.replace(self._remembered, name=presenter.name)
            self._remember(self._remembered)
            self.form.put_name(presenter.name)

    def _set_title(self, title: str) -> None:
        if title != self._title:
            self._title = title
            self.root.title(title)

    def _act(self, action: Action) -> None:
        if action is Action.DISMISS:
            if self.notice is None and self.presenter is not None:
                self.presenter.standing.dismiss()
            self.notice = None
        elif action is Action.CHANGE_DETAILS:
            self._back_to_form()
        elif self.presenter is not None and action is Action.TRY_NOW:
            self.presenter.link.retry_now(self._now())
        elif self.presenter is not None:
            self.presenter.link.start(self._now())
        self.tick()

    def _back_to_form(self) -> None:
        self._drop_link()
        if self.chat is not None:
            self.chat.destroy()
            self.chat = None
        self._set_title("Chat")
        self.form.pack(fill="both", expand=True)
        self.form.focus_first()

    # --- the end

    def leave(self) -> None:
        """Leave politely and close the window then; at once when asked a second time, or when not connected."""
        presenter = self.presenter
        if self._leave_by is not None or presenter is None or presenter.standing.state is LinkState.CLOSED:
            self.close()
            return
        now = self._now()
        self._leave_by = now + _LEAVE_S
        presenter.link.quit(now)
        self.tick()

    def close(self) -> None:
        """Close the window and everything under it now. A second call does nothing."""
        if self.is_over:
            return
        self.is_over = True
        if self._timer is not None:
            self.root.after_cancel(self._timer)
            self._timer = None
        self._remember(dataclasses.replace(self._remembered, geometry=self.root.geometry()))
        self._drop_link()
        self._glyphs.close()
        self.root.destroy()

    def _callback_failed(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Tell the person about a mistake of ours, and keep the traceback for whoever mends it."""
        if isinstance(error, KeyboardInterrupt):
            self.leave()
            return
        _log.error("A callback of the window failed.", exc_info=(kind, error, trace))
        self.notice = Banner(
            "Something went wrong in this window.",
            "The chat goes on. Please report it, with what you were doing.",
            escape_line(f"{kind.__name__}: {error}"[:200]),
            Action.DISMISS,
        )
        if self.chat is None and not self.is_over:
            self.form.show_trouble(self.notice)
