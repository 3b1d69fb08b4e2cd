"""`python3 -m tests.tour.pictures DIR`: the pictures of the documentation, each made in a window of its own.

The chat page and the form, light, dark and in high contrast, at 900x600 and 480x400, for screens of 96 and 192 dots an
inch, and the sheets. Needs a display of at least 1840x1240 pixels, xdotool and ImageMagick.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from chat_core.ui.memory import Memory
from chat_core.ui.model.hosted import Hosted, HostState
from chat_core.ui.view.header import Wish
from tests.tour.stage import Stage

if TYPE_CHECKING:
    from tests.tour.stage import Guest

__all__ = ["main"]

_CODE = "```\nfor seat in seats:\n    print(seat.row)\n```"
_SAID = (
    (0, "Good morning! The projector in room 2 works again."),
    (0, "Slides are at https://example.org/lab/slides, the password is on the board."),
    (1, "Thanks. Run `make check` before you hand in, like this:"),
    (1, _CODE),
    (2, "@Ann, can you take the second row?"),
    (2, "/me gets coffee"),
)


def main(argv: list[str]) -> int:
    """Make all pictures in the folder that is named."""
    folder = Path(argv[0])
    for theme in ("light", "dark", "contrast"):
        for name, size, scale in (("", "900x600", 1), ("-2x", "1800x1200", 2), ("-small", "480x400", 1)):
            if theme != "contrast" or not name:
                _take(folder / f"chat-{theme}{name}.png", theme, size, scale, _talk)
    _take(folder / "form-light.png", "light", "900x600", 1, _wait_at_the_form)
    _take(folder / "form-dark-small.png", "dark", "480x400", 1, _wait_at_the_form)
    _take(folder / "host-light.png", "light", "900x600", 1, _host)
    _take(folder / "keys-dark.png", "dark", "900x600", 1, _show_keys)
    _take(folder / "settings-light.png", "light", "900x600", 1, _show_settings)
    _take(folder / "offline-light.png", "light", "900x600", 1, _go_offline)
    return 0


def _take(path: Path, theme: str, size: str, scale: float, play: Callable[[Stage], object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Memory(Path(folder) / "client").change(lambda settings: replace(settings, theme=theme))
        with Stage(Path(folder), scale=scale) as stage:
            stage.root.geometry(size)
            stage.pump()
            with stage.no_mistakes():
                play(stage)
            stage.photograph(path)
    print(path, flush=True)


def _talk(stage: Stage) -> list[Guest]:
    guests = [stage.guest(name, "lobby", "kitchen") for name in ("Bob", "Carla Meyer", "Dimitri")]
    for who, text in _SAID[:3]:
        guests[who].says(text)
    stage.until(lambda: len(guests[0].heard) == 3, "the first part is stored")
    stage.open_chat("Ann")
    stage.see("Write to lobby")
    stage.say("/join kitchen")
    stage.see("Write to kitchen")
    stage.say("/join lobby")
    stage.see("Write to lobby")
    for who, text in _SAID[3:]:
        guests[who].says(text)
    guests[1].says("Cake is ready!", "kitchen")
    stage.see("gets coffee")
    stage.say("Sure, I am on my way.")
    stage.see("Sure, I am on my way.")
    stage.see_no("waiting…")
    guests[2].link.away(True)
    guests[1].link.typing("lobby")
    stage.until(lambda: bool(stage.app.presenter and stage.app.presenter.away), "somebody is away")
    stage.see("Carla Meyer is typing…")
    stage.hands.park()
    return guests


def _wait_at_the_form(stage: Stage) -> None:
    stage.open_chat("Ann")
    stage.app.back_to_form()
    stage.see("Connect")
    stage.hands.park()


def _host(stage: Stage) -> None:
    """Show a made-up server: a real one would have to listen on a network, for others to have an address to type."""
    hosting = stage.app.desktop.hosting
    hosting.poll = lambda now: False  # type: ignore[method-assign]  # noqa: ARG005
    hosting.hosted = Hosted(HostState.RUNNING, True, "Lab", "127.0.0.1", ("192.168.1.20",), 2428, 2428)
    stage.click("Start one on this computer…")
    stage.see("192.168.1.20")
    stage.hands.park()


def _show_keys(stage: Stage) -> None:
    _talk(stage)
    stage.hands.press("F1")
    stage.see("Keys and commands")


def _show_settings(stage: Stage) -> None:
    _talk(stage)
    stage.hands.click(stage.page.header.buttons[Wish.MENU])
    stage.click("Settings…")
    stage.see("High contrast")
    stage.hands.park()


def _go_offline(stage: Stage) -> None:
    _talk(stage)
    stage.server.kill()
    stage.see("Offline", "Try now")
    stage.say("I will write this down meanwhile.")
    stage.see("waiting")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
