"""Comfort: colours, sizes, keys, languages, saving, and being told while one looks elsewhere."""

from __future__ import annotations

import json
import tkinter as tk
from typing import TYPE_CHECKING, Callable

from chat_core.language import speak
from chat_core.ui.model.export import Format
from chat_core.ui.view.header import Wish

if TYPE_CHECKING:
    from tests.tour.stage import Stage

__all__ = ["ACTS"]


def colours_and_size_are_changed_and_remembered(stage: Stage) -> None:
    """Dark by the settings, larger by the keys; both are there after a restart."""
    stage.open_chat("Ann")
    stage.hands.click(stage.page.header.buttons[Wish.MENU])
    stage.click("Settings…")
    stage.click("Dark")
    stage.until(lambda: stage.app.theme.palette.name == "dark", "it is dark")
    assert stage.page.conversation.text.cget("background") == stage.app.theme.palette.surface
    stage.click("High contrast")
    stage.until(lambda: stage.app.theme.palette.name == "contrast", "it is in high contrast")
    stage.click("Dark")
    stage.hands.press("Escape")
    stage.see_no("High contrast")
    before = stage.app.theme.font.actual("size")
    stage.hands.press("ctrl+plus", "ctrl+plus")
    stage.until(lambda: stage.app.theme.zoom == 125, "it is larger")
    assert abs(stage.app.theme.font.metrics("linespace")) > abs(before)
    stage.app.leave()
    stage.until(lambda: stage.app.is_over, "the window has closed")
    stage.open()
    assert (stage.app.theme.palette.name, stage.app.theme.zoom) == ("dark", 125)
    stage.hands.press("ctrl+0")
    stage.until(lambda: stage.app.theme.zoom == 100, "it is as at first")


def everything_by_keyboard(stage: Stage) -> None:
    """F1 shows the keys, F6 goes round the window, Esc and Escape lead back."""
    stage.open_chat("Ann")
    stage.hands.press("F1")
    stage.see("Keys and commands", "Go to a room or a person", "Ctrl+K")
    stage.hands.press("Escape")
    stage.see_no("Keys and commands")
    been = []
    for _round in range(4):
        stage.hands.press("F6")
        been.append(str(stage.root.focus_get()))
    assert len(set(been)) == 4, been
    assert been[-1] == str(stage.page.composer.input), been
    stage.hands.press("ctrl+j")
    stage.see("Rooms of this server")
    stage.hands.press("Escape")
    stage.see_no("Rooms of this server")
    stage.hands.type("and back to writing")
    stage.see("and back to writing")


def a_conversation_is_saved(stage: Stage) -> None:
    """The whole room, from a window that has only the end of it."""
    bob = stage.guest("Bob")
    for number in range(400):
        bob.says(f"Message {number}")
    stage.until(lambda: len(bob.heard) == 400, "all of it is stored")
    stage.open_chat("Ann")
    stage.see("Message 399")
    path = stage.folder / "saved.json"
    sheet = stage.app.chatting.sheets.saving.sheet  # type: ignore[union-attr]
    sheet._ask_path = lambda **_options: str(path)  # noqa: SLF001 - the dialog is the system's, and waits for a person
    stage.hands.press("ctrl+s")
    stage.see("Save the conversation")
    stage.click(Format.JSON.label)
    stage.hands.press("Return")
    stage.until(path.exists, "the file is written")
    stage.until(lambda: not sheet.is_working, "it is said")
    saved = json.loads(path.read_text(encoding="utf-8"))
    texts = [message["text"] for message in saved["messages"]]
    assert texts == [f"Message {number}" for number in range(400)], texts[:3]


def one_is_told_while_one_looks_elsewhere(stage: Stage) -> None:
    """Another window has the keyboard: the system shows a notice, with what was said in it."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob")
    stage.see("2 online")
    elsewhere = tk.Tk(className="Elsewhere")
    stage.callback(elsewhere.destroy)
    elsewhere.geometry("200x100+1000+700")
    elsewhere.update()
    elsewhere.focus_force()
    elsewhere.update()
    stage.until(lambda: not stage.app.has_focus(), "the keyboard is elsewhere")
    bob.says("Ann, the pizza is here <b>")
    stage.until(lambda: bool(stage.noticed), "a notice was shown")
    assert stage.noticed[0][-2:] == ["Bob mentioned you in lobby", "Ann, the pizza is here &lt;b&gt;"], stage.noticed
    stage.until(lambda: stage.root.title() == "(1) Tour - Ann", "the title counts")
    stage.root.focus_force()
    stage.until(lambda: stage.root.title() == "Tour - Ann", "it is read")


def in_italian(stage: Stage) -> None:
    """The same window, spoken to in another language."""
    stage.app.close()
    speak("it")
    stage.callback(speak, "en")
    stage.open()
    stage.see("Connetti")
    stage.hands.type("Ann")
    stage.hands.press("Return")
    stage.until(lambda: stage.app.chatting is not None, "the chat is there")
    stage.say("Ciao a tutti")
    stage.see("Ciao a tutti", "Stanze")


ACTS: dict[str, Callable[[Stage], None]] = {
    act.__name__: act
    for act in (
        colours_and_size_are_changed_and_remembered, everything_by_keyboard, a_conversation_is_saved,
        one_is_told_while_one_looks_elsewhere, in_italian,
    )
}  # fmt: skip
