"""How long the window is away from its input when a person does something that has much to draw.

Another room, other colours, another size, a sheet over the page; and while a crowd comes and goes. Each in a window
that holds much: 100 rooms with messages, 10 000 people.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Callable, NamedTuple, Sequence

from chat_core.client.events import MessageArrived, PresenceChanged, RoomLive, RoomsArrived
from chat_core.client.roster import Roster
from chat_core.messages import Presence, RoomEntry
from tests.presenter_case import FakeLink, joined
from tests.window_bench.conversation import message
from tests.window_bench.figures import Figure, told_ms
from tests.window_bench.pulse import Pulse
from tests.window_bench.window import Window

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent

__all__ = ["crowd", "looks", "sheets", "switching"]

_ROOMS = 100
_MESSAGES_A_ROOM = 500
_PEOPLE = 10_000
_CROWD_S = 6.0
#: For everything that follows from what was done.
_SETTLE_S = 0.25
_TIMES = 5
_THEMES = ("dark", "contrast", "light")
_ZOOM_STEPS = 3
_AIM = "aim 100 ms"


class _Watch:
    """Does things in a window, and tells for how long it was away from its input meanwhile."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._pulse = Pulse(window.root)
        window.pass_time(1.0)
        self._pulse.start()

    def away_ms(self, act: Callable[[], object], seconds: float = _SETTLE_S) -> float:
        """Return the longest time from one beat to the next, from `act` until so many seconds later."""
        self._window.pass_time(0.05)
        self._pulse.take_gaps()
        act()
        self._window.pass_time(seconds)
        return self._pulse.take_gaps()[-1]

    def close(self) -> None:
        self._pulse.stop()


def _people() -> list[str]:
    return [f"Person {number}" for number in range(_PEOPLE)]


def _full_window(window: Window) -> None:
    """Bring a window online, with a hundred rooms and ten thousand people in the lobby."""
    window.go_online()
    rooms = [f"room {number:02}" for number in range(1, _ROOMS)]
    window.take(*(event for room in rooms for event in (joined(room), RoomLive(room, 0))))
    for room in ("lobby", *rooms):
        window.take(*(MessageArrived(message(seq, room=room), False) for seq in range(1, _MESSAGES_A_ROOM + 1)))
    names = Roster(_people()).names
    window.take(PresenceChanged("lobby", _PEOPLE, names, (), (), ()))


def _repeated(watch: _Watch, what: str, acts: Sequence[Callable[[], object]]) -> Figure:
    """Do things of one kind one after the other; the first may have things to make that the others find made."""
    first, *later = [watch.away_ms(act) for act in acts]
    return Figure(what, told_ms(later), f"first time {first:.0f} ms; {_AIM}")


def switching() -> list[Figure]:
    """Measure going through a hundred rooms by the keyboard, and to one by the switcher."""
    with Window() as window:
        _full_window(window)
        watch = _Watch(window)
        page, root = window.chatting.page, window.root
        figures = [
            _repeated(watch, f"another of {_ROOMS} rooms", [lambda: page.next_room(1)] * _ROOMS),
            _repeated(watch, "the same, by Alt+Down", [lambda: root.event_generate("<Alt-Down>")] * 20),
        ]
        watch.close()
    return figures


class _CrowdLink(FakeLink):
    """A room of ten thousand, kept by the real roster. After `open` one comes and one goes at each poll."""

    def __init__(self) -> None:
        super().__init__()
        self.roster = Roster(_people(), _PEOPLE)
        self.changes = 0

    def open(self) -> None:
        self.is_active = True

    def poll(self, now: float, unix_ms: int) -> Sequence[ClientEvent]:
        events = list(super().poll(now, unix_ms))
        if self.is_active:
            came, gone = f"Newcomer {self.changes}", f"Person {self.changes}"
            self.changes += 1
            self.roster.apply(Presence("lobby", _PEOPLE, joined=(came,), left=(gone,)))
            events.append(PresenceChanged("lobby", _PEOPLE, self.roster.names, (came,), (gone,), ()))
        return events


def crowd() -> list[Figure]:
    """Measure a list of ten thousand people of whom one changes at each poll, and finding one of them."""
    figures = []
    link = _CrowdLink()
    with Window(lambda: link) as window:
        window.go_online(PresenceChanged("lobby", _PEOPLE, link.roster.names, (), (), ()))
        watch = _Watch(window)
        people = window.chatting.page.people
        away = watch.away_ms(link.open, _CROWD_S)
        figures.append(
            Figure(f"{_PEOPLE} people, one changes at each poll", f"{away:.0f} ms",
                   f"{link.changes / _CROWD_S:.0f} changes a second; {_AIM}")
        )  # fmt: skip
        link.is_active = False
        letters = [functools.partial(people.filter.insert, "end", letter) for letter in "person 99"]
        figures.append(_repeated(watch, "  a letter in the filter", letters))
        watch.close()
    return figures


def looks() -> list[Figure]:
    """Measure other colours and other sizes, made for the first time and found made."""
    coloured, zoomed = _Change(), _Change()
    for _ in range(_TIMES):
        with Window() as window:
            _full_window(window)
            watch = _Watch(window)
            for changes in (coloured.first, coloured.again):
                changes += [watch.away_ms(functools.partial(_wear, window, theme)) for theme in _THEMES]
            _wear(window, "light")
            for changes in (zoomed.first, zoomed.again):
                changes += [watch.away_ms(functools.partial(window.app.looks.zoom, 1)) for _ in range(_ZOOM_STEPS)]
                window.app.looks.zoom(0)
            watch.close()
    return [
        Figure("other colours, made for the first time", told_ms(coloured.first), _AIM),
        Figure("  again", told_ms(coloured.again), _AIM),
        Figure("a step of the zoom, made for the first time", told_ms(zoomed.first), _AIM),
        Figure("  again", told_ms(zoomed.again), _AIM),
    ]


class _Change:
    """Milliseconds that changes of one kind took."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.again: list[float] = []


def _wear(window: Window, theme: str) -> None:
    window.app.memory.change(lambda settings: replace(settings, theme=theme))
    window.app.looks.follow()


class _Sheet(NamedTuple):
    """Something that opens over the page, and how."""

    what: str
    open: Callable[[], object]


def sheets() -> list[Figure]:
    """Measure opening all that lies over the page now and then, for the first time and again, and closing it."""
    with Window() as window:
        _full_window(window)
        rooms = tuple(RoomEntry(f"public {number}", number, 0) for number in range(500))
        watch = _Watch(window)
        app, chatting = window.app, window.chatting
        kinds = (
            _Sheet("go to a room or a person", chatting.sheets.open_switcher),
            _Sheet("the rooms of the server", chatting.sheets.open_rooms),
            _Sheet("save the conversation", chatting.sheets.open_saving),
            _Sheet("settings", app.open_preferences),
            _Sheet("keys and commands", app.open_keys),
            _Sheet("the server on this computer", app.own_server.open),
            _Sheet("finding", chatting.page.open_find),
            _Sheet("the menu", lambda: chatting.sheets.open_menu(chatting.page.header)),
        )
        figures = []
        closed: list[float] = []
        for kind in kinds:
            opened = []
            for _ in range(_TIMES):
                opened.append(watch.away_ms(kind.open))
                if kind.open == chatting.sheets.open_rooms:
                    window.take(RoomsArrived(rooms, len(rooms)))
                closed.append(watch.away_ms(window.press_escape))
            figures.append(Figure(kind.what, told_ms(opened[1:]), f"first time {opened[0]:.0f} ms; {_AIM}"))
        figures.append(Figure("  closing each", told_ms(closed), _AIM))
        watch.close()
    return figures
