"""Rooms and people: coming and going, what is new elsewhere, finding somebody among many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from chat_core.ui.view.header import Wish

if TYPE_CHECKING:
    from tests.tour.stage import Stage

__all__ = ["ACTS"]


def a_room_is_made_and_what_is_new_elsewhere_is_counted(stage: Stage) -> None:
    """Made by name; unread and mentions are counted in the list and the title; Alt+A goes there."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob")
    stage.click("Join or create a room…")
    stage.see("Rooms of this server", "lobby")
    stage.hands.click(stage.app.chatting.sheets.directory.by_name)  # type: ignore[union-attr]
    stage.say("Den of bears")
    stage.see("Write to Den of bears")
    bob.says("One")
    bob.says("Two, @Ann")
    stage.until(lambda: stage.root.title().startswith("(2) "), "the title counts")
    stage.see("2")
    stage.hands.press("alt+a")
    stage.see("Write to lobby", "Two, @Ann", "New messages")
    stage.until(lambda: not stage.root.title().startswith("("), "the title counts no more")
    stage.hands.press("Escape")
    stage.see_no("New messages")


def keys_lead_to_rooms_and_people(stage: Stage) -> None:
    """Ctrl+K finds rooms and people, Alt with arrows walks; what was being written waits in each room."""
    stage.open_chat("Ann")
    stage.guest("Bob")
    stage.say("/join kitchen")
    stage.see("Write to kitchen")
    stage.hands.type("half a sentence")
    stage.hands.press("ctrl+k")
    stage.see("Go to a room or a person")
    stage.hands.type("lob")
    stage.hands.press("Return")
    stage.see("Write to lobby")
    stage.hands.press("ctrl+k")
    stage.hands.type("bob")
    stage.hands.press("Return")
    stage.until(lambda: "Bob" in stage.page.composer.typed, "Bob is addressed")
    stage.hands.press("alt+Up")
    stage.see("half a sentence")
    stage.hands.press("alt+Down")
    stage.until(lambda: "Bob" in stage.page.composer.typed, "the other draft is there")


def what_one_is_told_of_is_chosen_for_each_room(stage: Stage) -> None:
    """Nothing but mentions, then nothing at all; and a room is left by its menu."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob", "lobby", "noise")
    stage.say("/join noise")
    stage.see("Write to noise")
    stage.click("noise", within=stage.page.rooms, button=3)
    stage.click("Notify me when I am mentioned")
    stage.hands.press("alt+Up")
    stage.see("Write to lobby")
    bob.says("blah", "noise")
    stage.until(lambda: stage.app.presenter.rooms["noise"].unread == 1, "it has come")  # type: ignore[union-attr]
    assert not stage.root.title().startswith("("), "it is not counted in the title"
    bob.says("Ann?", "noise")
    stage.until(lambda: stage.root.title().startswith("(1) "), "a mention is")
    stage.click("noise", within=stage.page.rooms, button=3)
    stage.click("Leave the room")
    stage.until(lambda: stage.eyes.find("noise", stage.page.rooms) is None, "the room is gone")


def one_is_found_among_many(stage: Stage) -> None:
    """The filter over the people, and folding the panes away."""
    stage.open_chat("Ann")
    for name in ("Bob", "Cid", "Dora", "Bruno"):
        stage.guest(name)
    stage.see("5 online")
    stage.hands.click(stage.page.people.filter)
    stage.hands.type("b")
    stage.until(lambda: set(stage.page.people.rows()) == {"Bob", "Bruno"}, "those whose name has a b")
    stage.hands.press("Escape")
    stage.until(lambda: len(stage.page.people.rows()) == 5, "all of them again")
    stage.hands.click(stage.page.header.buttons[Wish.PEOPLE])
    stage.see_no("5 online")
    stage.hands.click(stage.page.header.buttons[Wish.ROOMS])
    stage.see_no("Join or create a room…")
    stage.hands.click(stage.page.header.buttons[Wish.ROOMS])
    stage.see("Join or create a room…")


ACTS: dict[str, Callable[[Stage], None]] = {
    act.__name__: act
    for act in (
        a_room_is_made_and_what_is_new_elsewhere_is_counted, keys_lead_to_rooms_and_people,
        what_one_is_told_of_is_chosen_for_each_room, one_is_found_among_many,
    )
}  # fmt: skip
