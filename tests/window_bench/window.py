"""The whole window to be measured: the real app on the real clock, in a system that is made up, on a link of choice."""

from __future__ import annotations

import tempfile
import time
import tkinter as tk
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence, final

from chat_core.client.events import LinkState
from chat_core.ui.app import App
from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.desktop.surroundings import Desktop
from chat_core.ui.memory import Memory
from chat_core.ui.model.contract import Remembered
from tests.presenter_case import ONLINE, FakeLink
from tests.window_case import FakeAppearance, FakeHosting, FakeNotifier

if TYPE_CHECKING:
    from types import TracebackType

    from chat_core.client.events import ClientEvent
    from chat_core.ui.chatting import Chatting
    from chat_core.ui.model.contract import ChatLink

__all__ = ["Window"]

_PATIENCE_S = 30.0
_DONT_WAIT = 2  # TCL_DONT_WAIT of tcl.h


@final
class Window:
    """An app on a form that is filled in; use `with`, or `close` it.

    `make_link` makes the link of each connecting.
    """

    def __init__(self, make_link: Callable[[], ChatLink] = FakeLink) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._make_link = make_link
        self._link: ChatLink | None = None
        self._mistakes: list[BaseException] = []
        self._other: tk.Tk | None = None
        self.root = tk.Tk()
        desktop = Desktop(GlyphProbe(is_at_risk=False), FakeNotifier(), FakeAppearance(), FakeHosting(), len)
        memory = Memory(Path(self._folder.name))
        self.app = App(self.root, self._open_link, memory, desktop, Remembered("chat.example", 2428, "Ann"))
        self.root.report_callback_exception = lambda _kind, error, _trace: self._mistakes.append(error)
        self.root.geometry("900x640+0+0")
        self.root.update()
        self.root.focus_force()
        self.draw()

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._release()

    def close(self) -> None:
        """Close it. Raises AssertionError when a callback of it has failed."""
        self._release()
        if self._mistakes:
            raise AssertionError(f"a callback of the window failed: {self._mistakes[0]!r}") from self._mistakes[0]

    def _release(self) -> None:
        self.root.update_idletasks()  # what ttk still has to tell would come to a dead window
        self.app.close()
        if self._other is not None:
            self._other.destroy()
        self._folder.cleanup()

    def _open_link(self, host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        del host, port, name, rooms
        self._link = self._make_link()
        return self._link

    @property
    def link(self) -> FakeLink:
        """The last link that was made, which is led by the hand."""
        assert isinstance(self._link, FakeLink), "there is no such link"
        return self._link

    @property
    def chatting(self) -> Chatting:
        """What goes on in the chat that the window is in."""
        assert self.app.chatting is not None, "the window is not in a chat"
        return self.app.chatting

    @property
    def is_online(self) -> bool:
        """Whether the window is in a chat, connected, and in the room that it shows."""
        presenter = self.app.presenter
        if self.app.chatting is None or presenter is None or presenter.standing.state is not LinkState.ONLINE:
            return False
        return presenter.current is not None and presenter.current.is_joined

    def go_online(self, *events: ClientEvent) -> None:
        """Come in from the form, on a link led by the hand, and let these happen there."""
        self.app.form.submit()
        self.take(*ONLINE, *events)

    def take(self, *events: ClientEvent) -> None:
        """Let the link tell these, and the window draw them."""
        self.link.events.extend(events)
        self.app.tick()
        self.draw()

    def press_escape(self) -> None:
        """Press Escape where the keyboard is."""
        self.root.tk.call("event", "generate", self.root.tk.call("focus") or ".", "<Escape>")

    def look_away(self) -> None:
        """Give the keyboard to another window."""
        other = self._other = tk.Tk()
        other.geometry("100x100+1000+800")
        other.update()
        other.focus_force()
        other.update()
        self.until(lambda: not self.app.has_focus(), "out of focus")

    def draw(self) -> None:
        """Let everything be drawn, and the screen say that it has."""
        self.root.update()
        self.root.winfo_pointerxy()  # asks the screen, which answers after what it was asked for before

    def pass_time(self, seconds: float) -> None:
        """Let the window run for a while, as it does by itself."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.root.tk.dooneevent(0)  # waits for the next event: at the latest the loop's own timer

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Poll as fast as may be until something is so. Raises AssertionError when it does not come about."""
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > deadline:
                raise AssertionError(f"It never came about: {what}.")
            self.app.tick()
            self.root.update()
