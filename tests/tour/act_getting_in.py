"""Getting in: the form, what is wrong with it, a server of one's own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Callable

from chat_core.ui.view.header import Wish
from tests.serving import HOST

if TYPE_CHECKING:
    from tests.tour.stage import Stage

__all__ = ["ACTS"]


def _fill(stage: Stage, field: str, text: str) -> None:
    stage.hands.click(stage.app.form.fields[field])
    stage.hands.press("ctrl+a")
    if text:
        stage.hands.type(text)
    else:
        stage.hands.press("Delete")


def form_says_what_is_wrong_beside_the_field(stage: Stage) -> None:
    """Nothing is filled in, then nonsense, then a port on which nobody listens."""
    _fill(stage, "name", "")
    stage.click("Connect")
    stage.see("Say what you want to be called.")
    _fill(stage, "name", "Ann")
    _fill(stage, "port", "70000")
    stage.hands.press("Return")
    stage.see("A port is a number from 1 to 65535.")
    with socket.socket() as free:
        free.bind((HOST, 0))
        _fill(stage, "port", str(free.getsockname()[1]))
        stage.click("Connect")
        stage.see("Nobody answers at that address and port.")


def connecting_can_be_cancelled_and_a_silent_port_is_said(stage: Stage) -> None:
    """Something listens that never says a word."""
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        _fill(stage, "port", str(silent.getsockname()[1]))
        _fill(stage, "name", "Ann")
        stage.hands.press("Return")
        stage.see("Something answers there, but it has said nothing yet…")
        stage.click("Cancel")
        stage.see("Connect")


def ten_seconds_to_talking_and_back_with_one_click(stage: Stage) -> None:
    """Name, Enter, talking; then back to the form, where the server stands to be clicked."""
    _fill(stage, "name", "Ann")
    stage.hands.press("Return")
    stage.see("Online as Ann", "Write to lobby")
    stage.say("Hello, is anybody here?")
    stage.see("Hello, is anybody here?")
    stage.hands.click(stage.page.header.buttons[Wish.MENU])
    stage.click("Change name or server…")
    stage.see("Recent", "Ann")
    stage.hands.click(stage.app.form.recents)
    stage.see("Online as Ann", "Hello, is anybody here?")


def a_name_that_is_taken_is_said_at_the_name(stage: Stage) -> None:
    """Bob is here already."""
    stage.guest("Bob")
    _fill(stage, "name", "Bob")
    stage.hands.press("Return")
    stage.until(lambda: "Bob" in str(stage.app.form.problems["name"].cget("text")), "it is said at the name")


def a_server_of_ones_own(stage: Stage) -> None:
    """Host here: start one, see its address in large letters, join it, stop it."""
    _fill(stage, "name", "Ann")
    stage.click("Start one on this computer…")
    stage.see("Start the server")
    stage.click("Start the server")
    stage.see("Join it yourself", "Stop the server")
    stage.click("Join it yourself")
    stage.see("Online as Ann")
    stage.hands.click(stage.page.header.buttons[Wish.MENU])
    stage.click("The server on this computer…")
    stage.click("Stop the server")
    stage.click("Stop it for everybody")  # the window does not know who is in other rooms
    stage.until(lambda: not stage.app.own_server.is_there, "the server has ended")


ACTS: dict[str, Callable[[Stage], None]] = {
    act.__name__: act
    for act in (
        form_says_what_is_wrong_beside_the_field, connecting_can_be_cancelled_and_a_silent_port_is_said,
        ten_seconds_to_talking_and_back_with_one_click, a_name_that_is_taken_is_said_at_the_name, a_server_of_ones_own,
    )
}  # fmt: skip
