"""Writing made easy: what was sent before, what Tab completes, how much still fits, what is too much to paste unasked.

Pure. What the texts mean is said in `commands`; who draws them is the composer of the view.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Iterable, Sequence

from chat_core.escape import escape_line
from chat_core.language import _, ngettext
from chat_core.ui.model.commands import COMMANDS

__all__ = [
    "Completer", "Completion", "History", "Replacement", "as_code", "complete", "counter", "is_large_paste",
    "paste_question", "typing_sentence",
]  # fmt: skip

_SENT_MAX = 100
#: The counter is silent until so much of the limit is used.
_COUNTED_FROM = 0.8
_PASTE_LINES_MAX = 5
_PASTE_CHARS_MAX = 2_000
#: A name is looked for from as many words before the cursor as this: names hold spaces.
_NAME_WORDS_MAX = 8
_ROOM_COMMAND = re.compile(r"/join +", re.IGNORECASE)
_WORD_BEGINNING = re.compile(r"(?<!\S)\S")


class History:
    """What was sent, to walk through; the draft and what is changed on the way are kept until the next `add`."""

    def __init__(self) -> None:
        self._sent: deque[str] = deque(maxlen=_SENT_MAX)
        self._changed: dict[int, str] = {}
        self._place = 0  # len(self._sent): the draft

    def add(self, text: str) -> None:
        """Take in what was sent, and begin a new draft after it."""
        if text.strip() and (not self._sent or self._sent[-1] != text):
            self._sent.append(text)
        self.begin()

    def begin(self) -> None:
        """Begin a new draft: what is in the input line has been replaced."""
        self._changed.clear()
        self._place = len(self._sent)

    def draft(self, typed: str) -> str:
        """Return what is being written: what is in the input line, or what waits under what was walked to."""
        return self._changed.get(len(self._sent), typed) if self._place < len(self._sent) else typed

    def older(self, typed: str) -> str | None:
        """Leave what is typed where it is and return what was sent before it; None at the beginning."""
        return self._go(typed, self._place - 1)

    def newer(self, typed: str) -> str | None:
        """Leave what is typed where it is and return what came after it, at last the draft; None at the end."""
        return self._go(typed, self._place + 1)

    def _go(self, typed: str, place: int) -> str | None:
        if not 0 <= place <= len(self._sent):
            return None
        self._changed[self._place] = typed
        self._place = place
        return self._changed[place] if place in self._changed else self._sent[place]


@dataclass(frozen=True)
class Completion:
    """What may stand instead of the characters from `start` to the cursor, in order; empty: nothing to complete."""

    start: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replacement:
    """An edit: the characters from `start` to the cursor become `text`."""

    start: int
    text: str


def complete(text: str, cursor: int, names: Iterable[str], rooms: Iterable[str]) -> Completion:
    """Complete what stands before the cursor: a command, a room after /join, or the name of a person.

    A choice brings what usually follows it: a space, or a colon where a line begins with a name.
    """
    before = text[:cursor]
    if before.startswith("/") and not re.search(r"\s", before):
        words = [f"/{form.word} " for form in COMMANDS if f"/{form.word}".startswith(before.lower())]
        return Completion(0, tuple(words))
    command = _ROOM_COMMAND.match(before)
    if command:
        wanted = before[command.end() :].casefold()
        return Completion(command.end(), _sorted(room for room in rooms if room.casefold().startswith(wanted)))
    folded = [(name, name.casefold()) for name in names]
    line_start = before.rfind("\n") + 1
    beginnings = [line_start + found.start() for found in _WORD_BEGINNING.finditer(before[line_start:])]
    for start in beginnings[-_NAME_WORDS_MAX:]:  # the longest first: "Ann Lee" before "Lee"
        mark = "@" if before[start] == "@" else ""
        wanted = before[start + len(mark) :].casefold()
        follows = ": " if start == line_start and not mark else " "
        choices = _sorted(name for name, key in folded if key.startswith(wanted))
        if choices and (wanted or mark):
            return Completion(start, tuple(f"{mark}{name}{follows}" for name in choices))
    return Completion(cursor)


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=str.casefold))


class Completer:
    """Tab after Tab: the first completes, those after it go through the choices for as long as nothing else changes."""

    def __init__(self) -> None:
        self._offered = Completion(0)
        self._chosen = 0
        self._left = ("", -1)  # the text and the cursor as the last step left them

    def step(
        self, text: str, cursor: int, names: Iterable[str], rooms: Iterable[str], *, by: int = 1
    ) -> Replacement | None:
        """Return what to put in next, or with `by=-1` what was there before it; None: the key may do something else.

        Backwards only goes on with what was begun. A single choice is offered once, so that nobody is caught by Tab.
        """
        offered = self._offered
        if (text, cursor) == self._left:
            if len(offered.choices) == 1:
                return None
            self._chosen = (self._chosen + by) % len(offered.choices)
        else:
            offered = complete(text, cursor, names, rooms) if by > 0 else Completion(cursor)
            if offered.choices in ((), (text[offered.start : cursor],)):
                return None
            self._offered, self._chosen = offered, 0
        chosen = offered.choices[self._chosen]
        self._left = (text[: offered.start] + chosen + text[cursor:], offered.start + len(chosen))
        return Replacement(offered.start, chosen)


def counter(chars: int, chars_max: int) -> str:
    """Say how much still fits, or how much is too much; nothing while there is plenty."""
    if chars < _COUNTED_FROM * chars_max:
        return ""
    left = chars_max - chars
    if left < 0:
        # Translators: of characters, in a message that is longer than it may be.
        return ngettext("{count} too many", "{count} too many", -left).format(count=-left)
    # Translators: of the characters that still fit in a message.
    return ngettext("{count} left", "{count} left", left).format(count=left)


def is_large_paste(text: str) -> bool:
    """Say whether pasting this is asked about first: it is more than one writes by hand."""
    return len(text) > _PASTE_CHARS_MAX or len(text.strip("\n").splitlines()) > _PASTE_LINES_MAX


def paste_question(text: str) -> str:
    """Ask about a large paste: by its lines, or by its characters where it is mostly one line."""
    lines = len(text.strip("\n").splitlines())
    if lines > _PASTE_LINES_MAX:
        return ngettext("Paste {count} line?", "Paste {count} lines?", lines).format(count=lines)
    return ngettext("Paste {count} character?", "Paste {count} characters?", len(text)).format(count=len(text))


def as_code(text: str, before: str = "") -> str:
    """Return a text as a fenced block, which is shown as it stands; `before` is what it will stand behind."""
    body = text.strip("\n")
    line_end = "\n" if before and not before.endswith("\n") else ""
    return f"{line_end}```\n{body}\n```\n"


def typing_sentence(names: Sequence[str]) -> str:
    """Say who is typing; empty for nobody. Names come as over the wire and are shown safely."""
    shown = [escape_line(name) for name in names]
    if not shown:
        return ""
    if len(shown) == 1:
        return _("{name} is typing…").format(name=shown[0])
    if len(shown) == 2:
        return _("{first} and {second} are typing…").format(first=shown[0], second=shown[1])
    return ngettext(
        "{first}, {second} and {count} other are typing…",
        "{first}, {second} and {count} others are typing…",
        len(shown) - 2,
    ).format(first=shown[0], second=shown[1], count=len(shown) - 2)
