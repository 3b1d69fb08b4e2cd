"""Talking: what is said is seen, found, copied, and where the reader is nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from tests.tour.stage import Stage

__all__ = ["ACTS"]


def what_is_said_is_seen_in_groups(stage: Stage) -> None:
    """One name over what is said in a row; code, links and what names us are shown as such."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob")
    for text in ("First", "Second", "Look at https://example.org/minutes?x=1, page 3", "Ann, run `make test`"):
        bob.says(text)
    stage.see("First", "Second", "make test")
    shown = stage.page.conversation.text.get("1.0", "end")
    assert shown.count("Bob") == 2, f"one line that Bob came in and one name over the group, not: {shown}"
    assert "`" not in shown, "the back ticks of code are not shown"
    stage.click("https://example.org/minutes?x=1")
    stage.until(lambda: stage.browsed == ["https://example.org/minutes?x=1"], "the browser was asked for the link")
    stage.say("My own words")
    stage.see("My own words")
    stage.until(lambda: "My own words" in bob.heard, "Bob hears it")


def the_view_stays_while_one_reads_further_up(stage: Stage) -> None:
    """Rolled up, nothing moves; the pill counts what is new and leads there."""
    bob = stage.guest("Bob")
    for number in range(60):
        bob.says(f"Message {number}")
    stage.until(lambda: len(bob.heard) == 60, "all of it is stored")
    stage.open_chat("Ann")
    stage.see("Message 59")
    text = stage.page.conversation.text
    stage.hands.roll(text, -10)
    top = text.get("@0,0", "@0,0 lineend")
    bob.says("Something new")
    stage.see("1 new message ↓")
    assert text.get("@0,0", "@0,0 lineend") == top, "the view has moved"
    bob.says("And more")
    stage.click("2 new messages ↓")
    stage.see("And more")
    stage.see_no("2 new messages ↓")


def older_messages_come_when_one_scrolls_up(stage: Stage) -> None:
    """A newcomer gets the last ones; the others are loaded where the reader gets to."""
    bob = stage.guest("Bob")
    for number in range(300):
        bob.says(f"[{number:03}]")
    stage.until(lambda: len(bob.heard) == 300, "all of it is stored")
    stage.open_chat("Ann")
    stage.see("[299]")
    text = stage.page.conversation.text

    def is_at_the_first() -> bool:
        stage.hands.roll(text, -20)
        return stage.eyes.sees("[000]")

    stage.until(is_at_the_first, "the oldest message")
    conversation = stage.app.presenter.current  # type: ignore[union-attr]
    assert conversation is not None
    seqs = [line.seq for line in conversation.lines if line.seq]
    assert seqs == list(range(1, 301)), "all of them, in order, once"


def finding_and_copying(stage: Stage) -> None:
    """Ctrl+F finds in the conversation; what is marked is copied with author and time."""
    bob = stage.guest("Bob")
    for number in range(120):
        bob.says(f"needle number {number}" if number % 40 == 0 else f"hay {number}")
    stage.until(lambda: len(bob.heard) == 120, "all of it is stored")
    stage.open_chat("Ann")
    stage.see("hay 119")
    stage.hands.press("ctrl+f")
    stage.hands.type("NEEDLE")
    stage.see("needle number 80")
    stage.see("1 of 1")
    stage.hands.press("Escape")
    stage.see_no("1 of 1")
    stage.hands.click(stage.page.conversation.text)
    stage.hands.press("ctrl+a", "ctrl+c")
    copied = stage.root.clipboard_get()
    assert "] Bob: hay 119" in copied, copied[-200:]


def writing_is_helped(stage: Stage) -> None:
    """Tab completes, the arrow brings back, a large paste is asked about, mistakes are explained, the limit counted."""
    stage.open_chat("Ann")
    stage.guest("Bob")
    stage.see("Bob")
    stage.hands.type("bo")
    stage.hands.press("Tab")
    stage.until(lambda: stage.page.composer.typed == "Bob: ", "the name is completed")
    stage.say("hello")
    stage.see("hello")
    stage.hands.press("Up")
    stage.until(lambda: stage.page.composer.typed == "Bob: hello", "what was sent is back")
    stage.hands.press("ctrl+a", "Delete")
    stage.root.clipboard_clear()
    stage.root.clipboard_append("\n".join(f"row {number}" for number in range(9)))
    stage.hands.press("ctrl+v")
    stage.see("Paste 9 lines?")
    stage.click("Cancel")
    stage.see_no("Paste 9 lines?")
    stage.say("/jion den")
    stage.see("/join")
    stage.hands.press("ctrl+a", "Delete")
    stage.say("//shrug is no command")
    stage.see("/shrug is no command")
    stage.say("/me waves")
    stage.see("Ann waves")
    stage.say("/who")
    stage.see("Ann and Bob")
    stage.say("/clear")
    stage.see_no("/shrug is no command")
    stage.page.composer.input.insert("1.0", "x" * 7_900)
    stage.see("100 left")


def who_writes_and_who_is_away(stage: Stage) -> None:
    """Both are seen, and gone when it is over."""
    stage.open_chat("Ann")
    bob = stage.guest("Bob")
    stage.see("2 online")
    bob.link.typing("lobby")
    stage.see("Bob is typing…")
    bob.says("Here it is")
    stage.see_no("Bob is typing…")
    bob.link.away(True)
    stage.see("away")


ACTS: dict[str, Callable[[Stage], None]] = {
    act.__name__: act
    for act in (
        what_is_said_is_seen_in_groups, the_view_stays_while_one_reads_further_up,
        older_messages_come_when_one_scrolls_up, finding_and_copying, writing_is_helped, who_writes_and_who_is_away,
    )
}  # fmt: skip
