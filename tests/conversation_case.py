"""A window of its own for a test of the list of messages, with a conversation that is led by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from chat_core.ui.model.conversation import Conversation
from tests.display import CAN_OPEN_WINDOWS
from tests.test_ui_conversation_model import message
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.conversation import ConversationActions, ConversationView

__all__ = ["GRIN", "ConversationViewCase"]

GRIN = "\U0001f600"


class ConversationViewCase(ViewCase):
    """`view` shows `room` to Ann; what she wants of it is `asked`. A character in `unfit` is drawn as a "?"."""

    def setUp(self) -> None:
        super().setUp()
        self.asked: list[tuple[str, str]] = []
        self.unfit = ""
        actions = ConversationActions(
            self.asks("edit"), self.asks("send again"), self.asks("discard"), self.asks("open"), self.asks("mention")
        )
        self.view = ConversationView(self.root, self.theme, self.fit, actions)
        self.view.pack(fill="both", expand=True)
        self.text = self.view.text
        self.room = Conversation("lobby")
        self.root.update()
        self.draw()

    def asks(self, what: str) -> Callable[[str], object]:
        return lambda of_what: self.asked.append((what, of_what))

    def fit(self, text: str) -> str:
        return "".join("?" if character in self.unfit else character for character in text)

    def draw(self, *, everything: bool = False) -> bool:
        is_at_beginning = self.view.observe()
        self.view.draw(self.room, "Ann", everything=everything)
        self.settle()
        return is_at_beginning

    def say(self, *texts: str, sender: str = "Bob", after_ms: int = 0) -> None:
        for text in texts:
            self.room.add_message(
                message(self.room.last_seq + 1, text=text, sender=sender, after_ms=after_ms), is_own=sender == "Ann"
            )

    def say_many(self, count: int) -> None:
        first = self.room.last_seq + 1
        self.say(*(f"text {seq}" for seq in range(first, first + count)))

    def shown(self) -> str:
        """All that is drawn, without the hairlines."""
        return str(self.text.get("1.0", "end-1c")).replace("\u00a0" * 20, "")

    def place(self, words: str) -> str:
        found = self.text.search(words, "1.0")
        self.assertTrue(found, words)
        return found

    def y_of(self, words: str) -> int:
        box = self.text.bbox(self.place(words))
        assert box is not None, words
        return box[1]

    def tags_of(self, words: str) -> tuple[str, ...]:
        return tuple(self.text.tag_names(self.place(words)))

    def is_at_end(self) -> bool:
        return self.text.dlineinfo("end-1c") is not None

    def click(self, words: str, button: int = 1) -> None:
        self.text.see(self.place(words))
        self.settle()
        box = self.text.bbox(self.place(words))
        assert box is not None, words
        x, y = box[0] + 3, box[1] + box[3] // 2
        for event in ("<Motion>", f"<ButtonPress-{button}>", f"<ButtonRelease-{button}>"):
            self.text.event_generate(event, x=x, y=y)
        self.settle()

    def press(self, *keys: str) -> None:
        self.text.focus_force()
        self.settle()
        for key in keys:
            self.text.event_generate(key)
        self.settle()

    def select(self, first: str, last: str) -> None:
        self.text.tag_remove("sel", "1.0", "end")
        self.text.tag_add("sel", first, last)

    def copied(self) -> str:
        self.press("<<Copy>>")
        return str(self.root.clipboard_get())

    def drag_to(self, fraction: float) -> None:
        self.root.tk.call(str(self.view.bar.cget("command")), "moveto", fraction)
        self.settle()

    def until_all_is_ready(self) -> None:
        """Let everything be drawn that is drawn ahead of the reader."""
        self.until(lambda: not self.root.tk.call("after", "info"))
