"""What was typed into the input line, understood: a text to send, a command, or a mistake to explain.

Pure. What a command does is the presenter's business. Commands begin with a slash; `{quit}` is one too, for
those who know it from older chats. Two slashes send a text that begins with one.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from chat_core.escape import escape_line

__all__ = ["HELP", "Command", "Verb", "parse"]


class Verb(enum.Enum):
    """What is to be done with `Command.argument`."""

    SAY = "say"
    JOIN = "join"
    LEAVE = "leave"
    NICK = "nick"
    ROOMS = "rooms"
    HELP = "help"
    QUIT = "quit"
    EXPLAIN = "explain"


@dataclass(frozen=True)
class Command:
    """One input. The argument is a text (SAY), a room (JOIN), a name (NICK) or a sentence for people (EXPLAIN)."""

    verb: Verb
    argument: str = ""


HELP = """\
/join ROOM  come into a room, or go back to one
/leave  go out of this room
/rooms  list the rooms of this server
/nick NAME  take another name
/quit  leave; closing the window does the same
//text  send a text that begins with a slash
Enter sends, Shift+Enter begins a new line."""

_WITH_ARGUMENT = {
    "join": (Verb.JOIN, "Say which room: /join ROOM."),
    "nick": (Verb.NICK, "Say which name: /nick NAME."),
}
_ALONE = {"leave": Verb.LEAVE, "rooms": Verb.ROOMS, "help": Verb.HELP, "quit": Verb.QUIT}


def parse(typed: str) -> Command:
    """Understand one input. A text is kept as it was typed, but for white space around it."""
    text = typed.strip()
    if text == "{quit}":
        return Command(Verb.QUIT)
    if text.startswith("//"):
        return Command(Verb.SAY, text[1:])
    if not text.startswith("/"):
        return Command(Verb.SAY, text)
    word, _, argument = text[1:].partition(" ")
    argument = argument.strip()
    verb = word.lower()
    if verb in _ALONE:
        return Command(_ALONE[verb])
    if verb in _WITH_ARGUMENT:
        with_argument, how = _WITH_ARGUMENT[verb]
        return Command(with_argument, argument) if argument else Command(Verb.EXPLAIN, how)
    shown = escape_line(word[:40])
    return Command(
        Verb.EXPLAIN, f"There is no command /{shown}. Type /help to see them all; two slashes send a text with one."
    )
