"""The whole window under a real display: with real events, on a link that the test leads by the hand.

What the system around it would do is made up too; what is remembered is in a folder of the test's own.
"""

from __future__ import annotations

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Sequence, TypeVar

from chat_core.client.settings import Settings
from chat_core.ui.desktop.appearance import Appearance
from chat_core.ui.desktop.glyphs import GlyphProbe
from chat_core.ui.desktop.hosting import Hosting
from chat_core.ui.desktop.notifications import Notifier
from chat_core.ui.desktop.surroundings import Desktop
from chat_core.ui.memory import Memory
from chat_core.ui.model.contract import ChatLink, Remembered
from chat_core.ui.model.hosted import Hosted, HostPlan, HostState
from tests.display import CAN_OPEN_WINDOWS, needs_display
from tests.fakes import FakeClock
from tests.presenter_case import NOON_MS, ONLINE, FakeLink

if TYPE_CHECKING:
    from chat_core import errors
    from chat_core.client.events import ClientEvent
    from chat_core.ui.chatting import Chatting
    from chat_core.ui.view.chat import ChatPage
    from chat_core.ui.view.listing import Listing

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.app import App

__all__ = ["FakeAppearance", "FakeHosting", "FakeNotifier", "WindowCase"]

_Widget = TypeVar("_Widget", bound="tk.Misc")
_TURNS_MAX = 2_000
_DONT_WAIT = 2  # TCL_DONT_WAIT of tcl.h


class FakeNotifier(Notifier):
    """`shown` is what a person would have seen, as (title, text)."""

    def __init__(self) -> None:
        super().__init__("linux", find=lambda _name: None)
        self.shown: list[tuple[str, str]] = []

    def notify(self, title: str, text: str) -> bool:
        self.shown.append((title, text))
        return True


class FakeAppearance(Appearance):
    """A system that answers `answer` to the next poll after it was asked."""

    def __init__(self, answer: str = "light") -> None:
        super().__init__("linux", {})
        self.answer = answer
        self.asked = 0
        self._is_asked = False

    def start(self) -> None:
        self.asked += 1
        self._is_asked = True

    def wait(self, timeout_s: float) -> None:
        del timeout_s

    def poll(self) -> str | None:
        was_asked, self._is_asked = self._is_asked, False
        return self.answer if was_asked else None


class FakeHosting(Hosting):
    """A server on this computer that is what the test says. `asked` is what was asked of it."""

    def __init__(self, hosted: Hosted | None = None) -> None:
        super().__init__(Path("nowhere"))
        self.hosted = hosted or Hosted()
        self.asked: list[object] = []
        self._polled = self.hosted

    def find(self) -> bool:
        return self.hosted.is_there

    def start(self, plan: HostPlan) -> None:
        self.asked.append(plan)
        self.hosted = Hosted(HostState.STARTING, is_own=True, title=plan.title, asked_port=plan.port)

    def stop(self, now: float) -> None:
        del now
        self.asked.append("stop")
        self.hosted = replace(self.hosted, state=HostState.STOPPING)

    def poll(self, now: float) -> bool:
        del now
        before, self._polled = self._polled, self.hosted
        return before != self.hosted

    def close(self) -> None:
        self.asked.append("close")


@needs_display
class WindowCase(unittest.TestCase):
    """An app on a form that is filled in. Mistakes in callbacks fail the test unless it takes them from `mistakes`.

    `settings` is what was remembered before; with `comes_in` it is in the chat already. `restart` closes it and opens
    it again, on a new link and a new system.
    """

    settings = Settings()
    comes_in = False

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.clock = FakeClock()
        self.opened: list[tuple[object, ...]] = []
        self.refusal: errors.ChatError | None = None
        self.mistakes: list[BaseException] = []
        self.browsed: list[str] = []
        if self.settings != Settings():
            Memory(self.folder).change(lambda _settings: self.settings)
        self.start()

    def tearDown(self) -> None:
        self.assertEqual(self.mistakes, [])

    def start(self, *, appearance: str = "light", hosted: Hosted | None = None) -> None:
        """Open the window, as a start of the program does."""
        link = FakeLink()
        link.wanted_rooms += self.link.wanted_rooms if hasattr(self, "link") else []
        self.link: FakeLink = link
        self.notifier = FakeNotifier()
        self.appearance = FakeAppearance(appearance)
        self.hosting = FakeHosting(hosted)
        self.bells = 0
        self.memory = Memory(self.folder)
        self.root = tk.Tk()
        self.root.bell = self._ring  # type: ignore[method-assign]
        desktop = Desktop(self.make_glyphs(), self.notifier, self.appearance, self.hosting, self.browsed.append)
        self.app = App(
            self.root, self._open_link, self.memory, desktop, Remembered("chat.example", 2428, "Ann"),
            monotonic=self.clock, unix_ms=lambda: NOON_MS,
        )  # fmt: skip
        self.addCleanup(self.app.close)
        shown_to_people = self.root.report_callback_exception

        def report(kind: type[BaseException], error: BaseException, trace: object) -> None:
            self.mistakes.append(error)
            shown_to_people(kind, error, trace)  # type: ignore[arg-type]

        self.root.report_callback_exception = report
        self.root.geometry("900x640+0+0")
        if self.comes_in:
            self.go_online()  # before the form is drawn, which takes longer than all the rest
        self.settle()
        self.look_back()

    def restart(self) -> None:
        """Close the window and open it again, with what is remembered by then."""
        self.app.close()
        self.start()

    def make_glyphs(self) -> GlyphProbe:
        return GlyphProbe(is_at_risk=False)

    def _open_link(self, host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append((host, port, name, tuple(rooms)))
        return self.link

    def _ring(self, displayof: object = 0) -> None:
        del displayof
        self.bells += 1

    # --- going on

    def settle(self) -> None:
        """Let Tk do everything that is due, geometry and drawing too."""
        self.root.winfo_pointerxy()  # a question to the X server: what was asked of it before has happened then
        for _ in range(_TURNS_MAX):
            if not self.root.tk.dooneevent(_DONT_WAIT):
                return
        self.root.update_idletasks()

    def until(self, is_reached: Callable[[], bool]) -> None:
        for _ in range(_TURNS_MAX):
            if is_reached():
                return
            self.root.tk.dooneevent(0)  # waits for the next event: at the latest the loop's own timer
        self.fail("not reached")

    def take(self, *events: ClientEvent) -> None:
        """Let the link tell these, and the window draw them."""
        self.link.events.extend(events)
        self.app.tick()
        if not self.app.is_over:
            self.settle()

    def go_online(self, *events: ClientEvent) -> None:
        """Come in, and let these happen then."""
        self.app.form.submit()
        self.take(*ONLINE)
        if events:
            self.take(*events)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.take()

    def look_away(self) -> None:
        """Give the keyboard to another window."""
        other = tk.Tk()
        self.addCleanup(other.destroy)
        other.geometry("100x100+1000+800")
        other.update()
        other.focus_force()
        for _ in range(_TURNS_MAX):
            other.update()
            if not self.app.has_focus():
                break
            self.root.tk.dooneevent(0)
        self.assertFalse(self.app.has_focus())
        self.take()

    def look_back(self) -> None:
        """Give it back to this one, and to the part of it that had it."""
        for _ in range(_TURNS_MAX):
            if self.app.has_focus():
                break
            self.root.tk.call("focus", "-force", self.root.tk.call("focus", "-lastfor", "."))
            self.root.tk.dooneevent(0)
        self.assertTrue(self.app.has_focus())
        self.take()

    def widget(self, kind: type[_Widget], within: tk.Misc | None = None) -> _Widget:
        """Find the widget of a class."""
        waiting: list[tk.Misc] = [within or self.root]
        while waiting:
            widget = waiting.pop(0)
            if isinstance(widget, kind):
                return widget
            waiting += widget.winfo_children()
        raise AssertionError(f"there is no {kind.__name__}")

    # --- what is there

    @property
    def chatting(self) -> Chatting:
        assert self.app.chatting is not None
        return self.app.chatting

    @property
    def page(self) -> ChatPage:
        return self.chatting.page

    @property
    def focus(self) -> str:
        """The path of the widget that has the keyboard."""
        return str(self.root.tk.call("focus"))

    def list_text(self) -> str:
        return str(self.page.conversation.text.get("1.0", "end"))

    def status(self) -> str:
        return str(self.page.header.status.cget("text"))

    def shown_room(self) -> str:
        self.take()
        return str(self.page.header.room.cget("text"))

    def tags_of(self, text: str) -> tuple[str, ...]:
        found = self.page.conversation.text.search(text, "1.0")
        self.assertTrue(found, text)
        return tuple(self.page.conversation.text.tag_names(found))

    def panes(self) -> tuple[bool, bool]:
        """Whether the rooms and the people are on the screen."""
        return bool(self.page.rooms.winfo_ismapped()), bool(self.page.people.winfo_ismapped())

    # --- what the person does

    def write(self, text: str) -> None:
        """Write into the input line without sending it."""
        self.page.composer.input.insert("insert", text)
        self.settle()

    def say(self, text: str) -> None:
        """Write a line and press Enter."""
        self.write(text)
        self.press("<Return>", at=self.page.composer.input)

    def press(self, *keys: str, at: tk.Misc | None = None) -> None:
        """Press keys in a widget; in the one that has the keyboard, if none is said."""
        if at is not None:
            at.focus_force()
            self.settle()
        for key in keys:
            focus = self.focus
            self.assertTrue(focus, "nothing has the keyboard")
            self.root.tk.call("event", "generate", focus, key)
            if self.app.is_over:
                return
            self.settle()

    def type(self, text: str) -> None:
        """Type letters, digits and spaces, key by key."""
        for character in text:
            self.press(f"<Key-{'space' if character == ' ' else character}>")

    def click_words(self, words: str) -> None:
        """Click on words of the conversation."""
        text = self.page.conversation.text
        place = text.search(words, "1.0")
        self.assertTrue(place, words)
        text.see(place)
        self.settle()
        box = text.bbox(place)
        assert box is not None, words
        x, y = box[0] + 3, box[1] + box[3] // 2
        for event in ("<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
            text.event_generate(event, x=x, y=y)
        self.settle()

    def click_row(self, listing: Listing, number: int, button: int = 1) -> None:
        """Click on a row of a list: of the rooms, the people or an overlay."""
        place = listing.place_of(number)
        assert place is not None, number
        for event in (f"<ButtonPress-{button}>", f"<ButtonRelease-{button}>"):
            listing.canvas.event_generate(event, x=place.left + 20, y=place.middle)
            self.settle()

    def choose(self, menu: tk.Menu, label: str) -> None:
        """Choose from a menu that is open."""
        last = menu.index("end")
        assert last is not None, "the menu is empty"
        labels = [
            "" if menu.type(number) == "separator" else str(menu.entrycget(number, "label"))
            for number in range(last + 1)
        ]
        menu.unpost()
        menu.invoke(labels.index(label))
        if not self.app.is_over:
            self.settle()

    def resize(self, width: int, height: int = 640) -> None:
        """Make the window so large, in pixels of 96 to an inch."""
        px = self.app.theme.px
        # To where no size leaves the pointer outside: without a window manager the keyboard would go with it.
        self.root.event_generate("<Motion>", warp=True, x=1, y=1)
        self.settle()
        self.root.geometry(f"{px(width)}x{px(height)}")
        self.until(lambda: self.root.winfo_width() == px(width))
        self.settle()
