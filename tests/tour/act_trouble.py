"""Trouble: the server goes away and comes back, and nothing that was written meanwhile is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from tests.tour.stage import Stage

__all__ = ["ACTS"]


def the_server_is_killed_and_comes_back(stage: Stage) -> None:
    """Offline is said, with a countdown; what is typed waits, and is sent once."""
    stage.open_chat("Ann")
    stage.say("Before")
    stage.see("Before")
    port = stage.port
    stage.server.kill()
    stage.see("Offline", "Try now")
    stage.say("Meanwhile")
    stage.see("Meanwhile", "waiting")
    stage.server = stage.start_server(port)
    stage.click("Try now")
    stage.see("nothing is missing")
    stage.see_no("waiting")
    shown = stage.page.conversation.text.get("1.0", "end")
    assert shown.count("Meanwhile") == 1, shown


def the_server_is_stopped_in_order(stage: Stage) -> None:
    """Ctrl+C at the server: everybody is told why."""
    stage.open_chat("Ann")
    assert stage.server.stop() == 0
    stage.see("Offline")
    stage.see("The server")


ACTS: dict[str, Callable[[Stage], None]] = {
    act.__name__: act for act in (the_server_is_killed_and_comes_back, the_server_is_stopped_in_order)
}
