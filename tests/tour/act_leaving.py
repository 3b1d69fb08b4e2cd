"""Leaving, and what is remembered when one comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from tests.tour.stage import Stage

__all__ = ["ACTS"]


def what_was_being_written_is_there_after_a_restart(stage: Stage) -> None:
    """The window is closed with half a sentence in it, and opened again: place, room and draft are as they were."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob")
    stage.say("/join kitchen")
    stage.see("Write to kitchen")
    stage.say("/join lobby")
    stage.see("Write to lobby")
    stage.hands.type("half a sentence")
    stage.root.geometry("820x610+40+50")
    stage.pump()
    stage.app.leave()
    stage.until(lambda: stage.app.is_over, "the window has closed")
    bob.says("While you were away")
    stage.until(lambda: bob.heard[-1:] == ["While you were away"], "it is stored")
    stage.open()
    stage.hands.press("Return")
    stage.see("Online as Ann", "half a sentence", "kitchen", "While you were away", "New messages")
    assert stage.root.winfo_width() == 820, stage.root.geometry()


def quit_in_braces(stage: Stage) -> None:
    """As in older chats."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob")
    stage.say("{quit}")
    stage.until(lambda: stage.app.is_over, "the window has closed")
    assert "{quit}" not in bob.heard


ACTS: dict[str, Callable[[Stage], None]] = {
    act.__name__: act for act in (what_was_being_written_is_there_after_a_restart, quit_in_braces)
}
