"""What was typed, done: a text is posted, a command carried out, a mistake explained.

What a command looks like is said in `commands`; what happens afterwards comes as events to the `presenter`. What only
the window itself can do (closing, searching, opening a sheet) is handed back in the outcome.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from chat_core.client.events import LinkState
from chat_core.errors import Refusal
from chat_core.language import _
from chat_core.names import person_name, room_name
from chat_core.ui.model.commands import Verb, parse
from chat_core.ui.model.refusals import words_of

if TYPE_CHECKING:
    from chat_core.ui.model.presenter import Presenter

__all__ = ["Ask", "Commander", "Outcome"]


class Ask(enum.Enum):
    """What the window itself is asked to do."""

    NOTHING = "nothing"
    QUIT = "quit"
    HELP = "help"
    ROOMS = "rooms"
    FIND = "find"


@dataclass(frozen=True)
class Outcome:
    """What became of an input: whether the input line may be cleared, what to explain, and what the window is asked.

    `query` is what to search for, when it is asked to FIND.
    """

    is_taken: bool
    problem: str = ""
    ask: Ask = Ask.NOTHING
    query: str = ""


_TAKEN = Outcome(is_taken=True)


def _explained(problem: str) -> Outcome:
    return Outcome(is_taken=False, problem=problem)


class Commander:
    """Does for one presenter what its person types."""

    def __init__(self, presenter: Presenter) -> None:
        self._presenter = presenter
        self._verbs: dict[Verb, Callable[[str, int], Outcome]] = {
            Verb.SAY: self._say,
            Verb.JOIN: lambda room, _unix_ms: self.join(room),
            Verb.LEAVE: lambda _argument, _unix_ms: self.leave(),
            Verb.WHO: self._who,
            Verb.NICK: lambda name, _unix_ms: self.rename(name),
            Verb.FIND: lambda query, _unix_ms: Outcome(is_taken=True, ask=Ask.FIND, query=query),
            Verb.CLEAR: self._clear,
            Verb.ROOMS: lambda _argument, _unix_ms: Outcome(is_taken=True, ask=Ask.ROOMS),
            Verb.HELP: lambda _argument, _unix_ms: Outcome(is_taken=True, ask=Ask.HELP),
            Verb.QUIT: lambda _argument, _unix_ms: Outcome(is_taken=True, ask=Ask.QUIT),
            Verb.EXPLAIN: lambda sentence, _unix_ms: _explained(sentence),
        }

    def submit(self, typed: str, unix_ms: int) -> Outcome:
        """Send what was typed to the room that is shown, or do what it commands."""
        command = parse(typed)
        return self._verbs[command.verb](command.argument, unix_ms)

    def send_again(self, mid: str, unix_ms: int) -> Outcome:
        """Post a refused message of the room that is shown once more, as a new one."""
        conversation = self._presenter.current
        text = conversation.take_back(mid) if conversation else ""
        if not text:
            return _TAKEN
        outcome = self._say(text, unix_ms)
        if not outcome.is_taken and conversation is not None:
            conversation.pending_refused(mid, text, outcome.problem, unix_ms)
        return outcome

    def join(self, spelled: str) -> Outcome:
        """Come into a room, or go back to one, and show it."""
        presenter = self._presenter
        try:
            name = room_name(spelled)
            known = next((each for each in presenter.rooms if room_name(each).key == name.key), None)
            if known is None or not presenter.rooms[known].is_joined:
                presenter.link.join(known or name.shown)
        except Refusal as refusal:
            return _explained(words_of(refusal))
        presenter.show(known or name.shown)
        return _TAKEN

    def leave(self, room: str = "") -> Outcome:
        """Go out of a room: the one that is shown unless another is said."""
        presenter = self._presenter
        conversation = presenter.rooms.get(room) if room else presenter.current
        if conversation is None or len(presenter.rooms) == 1:
            return _explained(_("This is your only room. /quit leaves the chat."))
        if conversation.pending:
            return _explained(_("Something you wrote here is not sent yet: wait for it, or discard it."))
        presenter.link.leave(conversation.room)
        presenter.forget(conversation.room)
        return _TAKEN

    def rename(self, name: str) -> Outcome:
        """Take another name."""
        try:
            wanted = person_name(name).shown
        except Refusal as refusal:
            return _explained(words_of(refusal))
        if self._presenter.standing.state is not LinkState.ONLINE:
            return _explained(_("Your name can only be changed while you are online."))
        self._presenter.link.rename(wanted)
        return _TAKEN

    def _say(self, text: str, unix_ms: int) -> Outcome:
        conversation = self._presenter.current
        if not text:
            return Outcome(is_taken=False)
        if conversation is None:
            return _explained(_("You are in no room yet. Join one with /join ROOM."))
        try:
            mid = self._presenter.link.post(conversation.room, text, unix_ms)
        except Refusal as refusal:
            return _explained(words_of(refusal))
        conversation.add_pending(mid, text, unix_ms)
        return _TAKEN

    def _who(self, _argument: str, unix_ms: int) -> Outcome:
        if self._presenter.current is None:
            return _explained(_("You are in no room yet. Join one with /join ROOM."))
        self._presenter.tell_who(unix_ms)
        return _TAKEN

    def _clear(self, _argument: str, _unix_ms: int) -> Outcome:
        if self._presenter.current is not None:
            self._presenter.current.clear()
        return _TAKEN
