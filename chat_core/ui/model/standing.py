"""How the connection stands, in words: the line that is always there, and the banner when something is wrong.

Pure. It listens to the events that concern the connection, forgets the trouble once one is online again, and tells
after a return whether anything was missed.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chat_core import errors
from chat_core.client.events import (
    LinkState,
    LoggedIn,
    MessagesGone,
    NameChanged,
    RequestRefused,
    RoomJoined,
    RoomLeft,
    RoomLive,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.escape import escape_line
from chat_core.language import N_, _, ngettext
from chat_core.ui.model.refusals import sentence_of, sentence_of_failure

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent

__all__ = ["Action", "Banner", "Mood", "Standing", "Status", "banner_of_failure"]


class Mood(enum.Enum):
    """The colour of the status line."""

    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"


class Action(enum.Enum):
    """What the banner's button does, by the words that stand on it; they are translated where they are shown."""

    TRY_NOW = N_("Try now")
    CONNECT_AGAIN = N_("Connect again")
    CHANGE_DETAILS = N_("Change name or server")
    DISMISS = N_("Dismiss")


@dataclass(frozen=True)
class Status:
    """The line that is always there."""

    text: str
    mood: Mood


@dataclass(frozen=True)
class Banner:
    """What is wrong, what to do next, the small print, and a button where there is something to press.

    `field` is which of the form's fields it concerns ("host", "port" or "name"); empty when none of them.
    """

    sentence: str
    advice: str = ""
    small_print: str = ""
    action: Action | None = None
    field: str = ""


_ON_THE_WAY = {
    LinkState.LOOKING_UP: N_("Looking up the address…"),
    LinkState.CONNECTING: N_("Connecting…"),
    LinkState.LOGGING_IN: N_("Logging in…"),
    LinkState.LEAVING: N_("Leaving…"),
}
#: A server welcomes at once. The link waits ten seconds for it; a person wants to know sooner why nothing happens.
_SILENT_AFTER_S = 2.0
_IS_SILENT = N_("Something answers there, but it has said nothing yet…")
#: How long it is told that one is back.
_BACK_S = 10.0
#: Their advice is to check address, port and version: right the first time, and wrong once one has been online.
_OF_A_FIRST_TIME = (
    errors.ConnectionRefused, errors.GeneralConnectionFailure, errors.GeneralReceiveFailure,
    errors.UnicodeDecodeFailure,
)  # fmt: skip
_COMES_BACK = N_("The connection comes back by itself; what you write is kept and sent then.")
#: Theirs is that all comes back by itself: wrong the first time, for then nothing is tried again unasked.
_OF_A_RETURN = (
    errors.ConnectionReset, errors.ConnectionAborted, errors.BrokenPipe, errors.ReceiveOsFailure,
    errors.GeneralSendFailure,
)  # fmt: skip
_GOODBYES_OF_A_RETURN = ("shutdown", "timeout")
_TRY_AGAIN = N_("Try again. If it stays like this, check address and port with whoever started the server.")
#: Where no chat has been seen yet there is most likely none: it is some other program's port.
_NO_CHAT_THERE = N_("Something answers at that address and port, but not as a chat server does.")
_FIELD_OF_FAILURE: dict[type[errors.ConnectionFailure], str] = {
    errors.ConnectionRefused: "host",
    errors.GeneralConnectionFailure: "host",
    errors.GeneralReceiveFailure: "port",
    errors.UnicodeDecodeFailure: "port",
}
_ABOUT_THE_NAME = ("name_invalid", "name_taken", "name_not_yours")


def banner_of_failure(failure: errors.ConnectionFailure) -> Banner:
    """Say a failure of the catalogue: its sentence, its advice, and the system's word for it in small print."""
    detail = f"{escape_line(failure.detail)} · " if failure.detail else ""
    sentence, advice = sentence_of_failure(failure)
    return Banner(sentence, advice, f"{detail}{failure.code}")


class Standing:
    """The state of one link as its person sees it. `trouble` is the last thing that went wrong, until online."""

    def __init__(self, name: str) -> None:
        self.state = LinkState.CLOSED
        self.name = escape_line(name)
        self.server = ""
        self.trouble: Banner | None = None
        self.has_been_online = False
        self._retry_at: float | None = None
        self._is_login_refused = False
        self._seen_at: float | None = None  # when `status` first told of this state
        self._return = _Return()

    def take(self, event: ClientEvent) -> None:
        """Learn from an event; those that do not concern the connection change nothing."""
        if isinstance(event, StateChanged):
            self._state_changed(event)
        elif isinstance(event, LoggedIn):
            self.name = escape_line(event.name)
            self.server = escape_line(event.server)
            self._return.begin(event, is_first=not self.has_been_online)
            self.has_been_online = True
        elif isinstance(event, NameChanged):
            self.name = escape_line(event.name)
        elif isinstance(event, SaidGoodbye) or (
            isinstance(event, RequestRefused) and (event.is_fatal or self.state is not LinkState.ONLINE)
        ):
            self.trouble = self._banner_of_words(event.code, event.reason)
            self._is_login_refused = isinstance(event, RequestRefused) and self.state is not LinkState.ONLINE
        self._return.take(event)

    def _state_changed(self, event: StateChanged) -> None:
        if event.state is not self.state:
            self._seen_at = None
        self.state = event.state
        self._retry_at = event.retry_at
        if event.failure is not None:
            self.trouble = self._banner_of(event.failure)
        elif event.state is LinkState.ONLINE:
            self.trouble = None
        if event.state is not LinkState.CLOSED:
            self._is_login_refused = False

    def _banner_of(self, failure: errors.ConnectionFailure) -> Banner:
        banner = banner_of_failure(failure)
        if self.has_been_online:
            is_advice_wrong = self.state is LinkState.WAITING and isinstance(failure, _OF_A_FIRST_TIME)
            return replace(banner, advice=_(_COMES_BACK)) if is_advice_wrong else banner
        banner = replace(banner, field=_FIELD_OF_FAILURE.get(type(failure), ""))
        if isinstance(failure, errors.GeneralReceiveFailure):
            return replace(banner, sentence=_(_NO_CHAT_THERE))
        return replace(banner, advice=_(_TRY_AGAIN)) if isinstance(failure, _OF_A_RETURN) else banner

    def _banner_of_words(self, code: str, reason: str) -> Banner:
        sentence, advice = sentence_of(code, reason)
        if not self.has_been_online and code in _GOODBYES_OF_A_RETURN:
            advice = _(_TRY_AGAIN)
        return Banner(sentence, advice, field="name" if code in _ABOUT_THE_NAME else "")

    def status(self, now: float) -> Status:
        """Say the state in a few words; `now` is monotonic seconds, for what counts down and what takes too long."""
        if self._seen_at is None:
            self._seen_at = now
        if self.state is LinkState.ONLINE:
            return self._return.status(self.name, now)
        if self.state is LinkState.WAITING:
            return Status(self._next_try(now), Mood.BAD)
        if self.state is LinkState.CLOSED:
            return Status(_("Not connected"), Mood.BAD)
        is_silent = self.state is LinkState.LOGGING_IN and now - self._seen_at >= _SILENT_AFTER_S
        return Status(_(_IS_SILENT) if is_silent else _(_ON_THE_WAY[self.state]), Mood.BUSY)

    def dismiss(self) -> None:
        """Forget the trouble: it has been read."""
        self.trouble = None

    def banner(self) -> Banner | None:
        """Say what is wrong; None when nothing is."""
        trouble = self.trouble
        if self.state is LinkState.LEAVING:
            return None
        if self.state is LinkState.ONLINE:  # such as a disk that does not take what is to be kept
            return trouble and replace(trouble, action=Action.DISMISS)
        if self.state is LinkState.CLOSED:
            action = Action.CHANGE_DETAILS if self._is_login_refused else Action.CONNECT_AGAIN
            return replace(trouble or Banner(_("You are not connected.")), action=action)
        if self.state is LinkState.WAITING:
            waiting = trouble or Banner(_("The connection is lost."))
            return replace(waiting, advice=waiting.advice or _(_COMES_BACK), action=Action.TRY_NOW)
        return trouble

    def _next_try(self, now: float) -> str:
        if self._retry_at is None:
            return _("Offline. Trying again soon.")
        return _("Offline. Next try in {seconds} s.").format(seconds=max(0, math.ceil(self._retry_at - now)))


class _Return:
    """How complete what one sees is after a return: rooms that are still behind, and what is missing for good."""

    def __init__(self) -> None:
        self._rooms: set[str] = set()  # that we are in, or want to be in again
        self._behind: set[str] = set()
        self._is_told = True  # also of a first time, which is no return
        self._told_at: float | None = None
        self._missing = 0
        self._begins_anew = False

    def begin(self, event: LoggedIn, *, is_first: bool) -> None:
        """Start over at each login."""
        self._is_told, self._told_at = is_first, None
        self._behind = set(self._rooms)
        self._missing = 0
        self._begins_anew = event.is_new_log

    def take(self, event: ClientEvent) -> None:
        """Learn how far the rooms are; events of other kinds change nothing."""
        if isinstance(event, RoomJoined):
            self._rooms.add(event.room)
            self._behind.add(event.room)
            self._missing += event.missing
            self._begins_anew = self._begins_anew or event.is_reset
        elif isinstance(event, MessagesGone):
            self._missing += event.last_missing - event.first_missing + 1
        elif isinstance(event, RoomLive):
            self._behind.discard(event.room)
        elif isinstance(event, RoomLeft):
            self._rooms.discard(event.room)
            self._behind.discard(event.room)
        elif isinstance(event, RequestRefused) and event.room is not None:
            self._behind.discard(event.room)

    def status(self, name: str, now: float) -> Status:
        """Say that one is online, and after a return for a while whether anything was missed."""
        if not self._is_told and not self._behind:
            if self._told_at is None:
                self._told_at = now
            self._is_told = now - self._told_at >= _BACK_S
        if self._is_told:
            return Status(_("Online as {name}").format(name=name), Mood.GOOD)
        if self._behind:
            return Status(_("Back online as {name}, reading what was said…").format(name=name), Mood.BUSY)
        if self._begins_anew:
            return Status(_("Back online as {name}; the server begins a new conversation").format(name=name), Mood.BUSY)
        if not self._missing:
            return Status(_("Back online as {name}, nothing is missing").format(name=name), Mood.GOOD)
        sentence = ngettext(
            "Back online as {name}, {count} message is missing",
            "Back online as {name}, {count} messages are missing",
            self._missing,
        )
        return Status(sentence.format(name=name, count=self._missing), Mood.BUSY)
