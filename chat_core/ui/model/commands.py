"""What was typed into the input line, understood: a text to send, a command, or a mistake to explain.

Pure. What a command does is the presenter's business. Commands begin with a slash; `{quit}` is one too, for
those who know it from older chats. Two slashes send a text that begins with one. `/me waves` is a text like any other:
it is sent as it stands, and the list of messages shows it as an action.
"""

from __future__ import annotations

import difflib
import enum
from dataclasses import dataclass

from chat_core.escape import escape_line
from chat_core.language import N_, _

__all__ = ["ACTION", "COMMANDS", "Command", "CommandForm", "Verb", "is_for_others", "parse"]

#: What a text begins with that is shown as an action of its author.
ACTION = "/me "
_WORD_CHARS_SHOWN = 40


class Verb(enum.Enum):
    """What is to be done with `Command.argument`."""

    SAY = "say"
    JOIN = "join"
    LEAVE = "leave"
    WHO = "who"
    NICK = "nick"
    FIND = "find"
    CLEAR = "clear"
    ROOMS = "rooms"
    HELP = "help"
    QUIT = "quit"
    EXPLAIN = "explain"


@dataclass(frozen=True)
class Command:
    """One input. The argument is a text (SAY, FIND), a room (JOIN), a name (NICK) or a sentence for people (EXPLAIN).

    FIND comes without an argument too: open what one finds with.
    """

    verb: Verb
    argument: str = ""


@dataclass(frozen=True)
class CommandForm:
    """A command as it is typed and explained; `argument`, `meaning` and `missing` are marked, not yet translated.

    `missing` is said when the argument is not there; empty when it may be left out.
    """

    word: str
    verb: Verb
    meaning: str
    argument: str = ""
    missing: str = ""

    @property
    def usage(self) -> str:
        """Return the command with what belongs to it, in the language in use."""
        return f"/{self.word} {_(self.argument)}" if self.argument else f"/{self.word}"


COMMANDS = (
    CommandForm(
        "join", Verb.JOIN, N_("Join a room, or go back to one."), N_("ROOM"), N_("Say which room: /join ROOM.")
    ),
    CommandForm("leave", Verb.LEAVE, N_("Leave this room.")),
    CommandForm("rooms", Verb.ROOMS, N_("List the rooms of this server.")),
    CommandForm("who", Verb.WHO, N_("List the people in this room.")),
    CommandForm("find", Verb.FIND, N_("Find a text in this conversation."), N_("TEXT")),
    CommandForm(
        "me", Verb.SAY, N_("Say what you do: “/me waves”."), N_("TEXT"), N_("Say what you do, such as: /me waves.")
    ),
    CommandForm("nick", Verb.NICK, N_("Take another name."), N_("NAME"), N_("Say which name: /nick NAME.")),
    CommandForm("clear", Verb.CLEAR, N_("Empty this view; nothing is deleted on the server.")),
    CommandForm("help", Verb.HELP, N_("Show this list.")),
    CommandForm("quit", Verb.QUIT, N_("Leave the chat; closing the window does the same.")),
)
_BY_WORD = {form.word: form for form in COMMANDS}


def parse(typed: str) -> Command:
    """Understand one input. A text is kept as it was typed, but for white space around it."""
    text = typed.strip()
    if text == "{quit}":
        return Command(Verb.QUIT)
    if text.startswith("//"):
        return Command(Verb.SAY, text[1:])
    if not text.startswith("/"):
        return Command(Verb.SAY, text)
    word, argument = (*text[1:].split(None, 1), "", "")[:2] if text[1:2].strip() else ("", "")
    form = _BY_WORD.get(word.lower())
    if form is None:
        return Command(Verb.EXPLAIN, _unknown(word))
    if form.missing and not argument:
        return Command(Verb.EXPLAIN, _(form.missing))
    if form.verb is Verb.SAY:
        return Command(Verb.SAY, ACTION + argument)
    return Command(form.verb, argument if form.argument else "")


def is_for_others(typed: str) -> bool:
    """Say whether sending this would show others something: not so for nothing, and for a command."""
    command = parse(typed)
    return command.verb is Verb.SAY and bool(command.argument)


def _unknown(word: str) -> str:
    shown = escape_line(word[:_WORD_CHARS_SHOWN])
    near = difflib.get_close_matches(word[:_WORD_CHARS_SHOWN].lower(), _BY_WORD, n=1)
    if near:
        return _(
            "There is no command /{word}. Did you mean /{near}? Two slashes send a text that begins with one."
        ).format(word=shown, near=near[0])
    return _(
        "There is no command /{word}. Type /help to see them all; two slashes send a text that begins with one."
    ).format(word=shown)
