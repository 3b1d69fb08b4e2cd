"""The stage of the tour: a real server, the window before it, and others who talk there.

Everything happens in one thread: `pump` lets the window and the others do what they have to. A wait ends when what is
waited for is seen, and fails when it is not within half a minute.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
import tkinter as tk
from typing import TYPE_CHECKING, Any, Callable, Iterator, Sequence

from chat_core.client.events import LinkState, MessageArrived, StateChanged
from chat_core.client.link import open_link
from chat_core.client.store import MemoryStore
from chat_core.net.clock import wall_unix_ms
from chat_core.ui.app import App
from chat_core.ui.desktop.appearance import Appearance
from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.desktop.hosting import Hosting
from chat_core.ui.desktop.notifications import Notifier
from chat_core.ui.desktop.surroundings import Desktop
from chat_core.ui.memory import Memory
from chat_core.ui.model.contract import Remembered
from tests.serving import HOST, ServerProcess
from tests.tour.eyes import Eyes
from tests.tour.hands import Hands

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.ui.model.contract import ChatLink
    from chat_core.ui.view.chat import ChatPage

__all__ = ["Guest", "Stage"]

_PATIENCE_S = 30.0
_DONT_WAIT = 2  # TCL_DONT_WAIT of tcl.h
#: Tk events handled before the others have their turn again.
_EVENTS_PER_PUMP = 500


class Guest:
    """Somebody else in the chat: a link without a window."""

    def __init__(self, name: str, port: int, rooms: Sequence[str]) -> None:
        self.name = name
        self.heard: list[str] = []
        self.is_online = False
        self.link = open_link(HOST, port, name, rooms=rooms, store=MemoryStore())
        self.link.start(time.monotonic())

    def pump(self) -> None:
        """Send and receive what there is."""
        for event in self.link.poll(time.monotonic(), wall_unix_ms()):
            if isinstance(event, StateChanged):
                self.is_online = event.state is LinkState.ONLINE
            elif isinstance(event, MessageArrived):
                self.heard.append(event.message.text)

    def says(self, text: str, room: str = "lobby") -> None:
        """Post a text."""
        self.link.post(room, text, wall_unix_ms())


class Stage(contextlib.ExitStack):
    """Server, window and guests, all of whose files are in `folder`.

    `hands` and `eyes` are those of the person at the window. `browsed` are the links that were opened, `noticed` the
    notices that the system was asked to show. `scale` draws for a finer screen than there is.
    """

    def __init__(self, folder: Path, *, scale: float | None = None) -> None:
        super().__init__()
        self.folder = folder
        self._scale = scale
        self.guests: list[Guest] = []
        self.mistakes: list[Any] = []
        self.browsed: list[str] = []
        self.noticed: list[list[str]] = []
        self.server = self.start_server(0)
        self.open()

    # --- what ServerProcess asks of a test

    def addCleanup(self, call: Callable[..., Any], *arguments: Any) -> None:  # noqa: N802 - as unittest calls it
        """Call something at the end."""
        self.callback(call, *arguments)

    def start_server(self, port: int) -> ServerProcess:
        """Start the server; on port 0 any free one."""
        return ServerProcess(
            self, "--host", HOST, "--port", str(port), "--data", str(self.folder / "server"),  # type: ignore[arg-type]
            "--title", "Tour", "--rate", "0",
        )  # fmt: skip

    @property
    def port(self) -> int:
        """The port of the server."""
        return self.server.address[1]

    def open(self) -> None:
        """Open the window, as a start of the program does."""
        self.root = tk.Tk(className="Chat")
        if self._scale is not None:
            self.root.tk.call("tk", "scaling", self._scale * 96 / 72)
        memory = Memory(self.folder / "client")
        desktop = Desktop(
            GlyphProbe(is_at_risk=False), Notifier("linux", find=lambda name: name, run=self._show_notice),
            Appearance("linux", {}, self.folder), Hosting(self.folder / "own server", HOST), self.browsed.append,
        )  # fmt: skip
        last = memory.recents()[0] if memory.recents() else None
        filled_in = Remembered(last.host, last.port, last.name) if last else Remembered(HOST, self.port)
        self.app = App(self.root, self._open_link, memory, desktop, filled_in)
        shown_to_people = self.root.report_callback_exception

        def report(kind: Any, error: Any, trace: Any) -> None:
            self.mistakes.append(error)
            shown_to_people(kind, error, trace)

        self.root.report_callback_exception = report
        self.hands = Hands(self.root, self.pump)
        self.eyes = Eyes(self.root)
        self.callback(self.app.close)
        self.root.update()
        (self.root.focus_lastfor() or self.root).focus_force()  # as a window manager would
        self.pump()

    def open_chat(self, name: str) -> None:
        """Come in from the form under this name."""
        self.hands.click(self.app.form.fields["name"])
        self.hands.type(name)
        self.hands.press("Return")
        self.see(f"Online as {name}")

    def _open_link(self, host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        return open_link(host, port, name, data=self.folder / "client", rooms=rooms)

    def _show_notice(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        self.noticed.append(list(argv))
        return subprocess.Popen([sys.executable, "-c", ""])

    def photograph(self, path: Path) -> None:
        """Keep a picture of the window, with ImageMagick's `import`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.root.update()
        root = self.root
        box = f"{root.winfo_width()}x{root.winfo_height()}+{root.winfo_rootx()}+{root.winfo_rooty()}"
        program = shutil.which("import") or "import"
        subprocess.run([program, "-window", "root", "-crop", box, "+repage", str(path)], check=True)

    def pump(self) -> None:
        """Let the window and the guests do what they have to, without waiting."""
        for _ in range(_EVENTS_PER_PUMP):
            if self.app.is_over or not self.root.tk.dooneevent(_DONT_WAIT):
                break
        for guest in self.guests:
            guest.pump()

    def guest(self, name: str, *rooms: str) -> Guest:
        """Bring in somebody else, and wait until they are there."""
        guest = Guest(name, self.port, rooms or ("lobby",))
        self.guests.append(guest)
        self.callback(guest.link.close)
        self.until(lambda: guest.is_online, f"{name} is online")
        return guest

    @property
    def page(self) -> ChatPage:
        """The page one talks on."""
        assert self.app.chatting is not None, "the window is not in a chat"
        return self.app.chatting.page

    # --- waiting and looking

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Go on until something is so. Raises AssertionError, with what is on the screen instead."""
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > deadline:
                raise AssertionError(f"It never came about: {what}. On the screen:\n{self.eyes.read()}")
            self.pump()

    def see(self, *texts: str) -> None:
        """Wait until each text is on the screen."""
        for text in texts:
            self.until(lambda text=text: self.eyes.sees(text), f"{text!r} is on the screen")  # type: ignore[misc]

    def see_no(self, *texts: str) -> None:
        """Wait until none of these texts is on the screen."""
        for text in texts:
            self.until(lambda text=text: not self.eyes.sees(text), f"{text!r} is gone")  # type: ignore[misc]

    def click(self, text: str, *, within: tk.Misc | None = None, button: int = 1) -> None:
        """Click on the place where a text stands, in one part of the window or in any, once it is there."""
        self.until(lambda: self.eyes.find(text, within) is not None, f"{text!r} is on the screen")
        place = self.eyes.find(text, within)
        assert place is not None
        self.hands.click(place.widget, place.x, place.y, button=button)

    def say(self, text: str) -> None:
        """Type into whatever has the focus, and press Enter."""
        self.hands.type(text)
        self.hands.press("Return")

    @contextlib.contextmanager
    def no_mistakes(self) -> Iterator[None]:
        """Fail when a callback of the window fails meanwhile."""
        self.mistakes.clear()
        yield
        if self.mistakes:
            raise AssertionError(f"a callback of the window failed: {self.mistakes[0]!r}") from self.mistakes[0]
