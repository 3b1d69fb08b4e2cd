"""How the connection stands, in words: the line that is always there, and the banner when something is wrong.

Pure. It listens to the events that concern the connection and forgets the trouble once one is online again.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chat_core.client.events import LinkState, LoggedIn, NameChanged, RequestRefused, SaidGoodbye, StateChanged
from chat_core.errors import ConnectionRefused, GeneralConnectionFailure, GeneralReceiveFailure, UnicodeDecodeFailure
from chat_core.escape import escape_line

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent
    from chat_core.errors import ConnectionFailure

__all__ = ["Action", "Banner", "Mood", "Standing", "Status", "banner_of_failure"]


class Mood(enum.Enum):
    """The colour of the status line."""

    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"


class Action(enum.Enum):
    """What the banner's button does."""

    TRY_NOW = "Try now"
    CONNECT_AGAIN = "Connect again"
    CHANGE_DETAILS = "Change name or server"
    DISMISS = "Dismiss"


@dataclass(frozen=True)
class Status:
    """The line that is always there."""

    text: str
    mood: Mood


@dataclass(frozen=True)
class Banner:
    """What is wrong, what to do next, the small print, and a button where there is something to press."""

    sentence: str
    advice: str = ""
    small_print: str = ""
    action: Action | None = None


_ON_THE_WAY = {
    LinkState.LOOKING_UP: "Looking up the address…",
    LinkState.CONNECTING: "Connecting…",
    LinkState.LOGGING_IN: "Logging in…",
    LinkState.LEAVING: "Leaving…",
}
#: Their advice is to check address, port and version: right the first time, and wrong once one has been online.
_OF_A_FIRST_TIME = (ConnectionRefused, GeneralConnectionFailure, GeneralReceiveFailure, UnicodeDecodeFailure)
_COMES_BACK = "You will be connected again by itself; what you write is kept and sent then."
#: Where no chat has been seen yet there is most likely none: it is some other program's port.
_NO_CHAT_THERE = "Something answers at that address and port, but not as a chat server does."


def banner_of_failure(failure: ConnectionFailure) -> Banner:
    """Say a failure of the catalogue: its sentence, its advice, and the system's word for it in small print."""
    detail = f"{escape_line(failure.detail)} · " if failure.detail else ""
    return Banner(failure.sentence, failure.advice, f"{detail}{failure.code}")


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

    def take(self, event: ClientEvent) -> None:
        """Learn from an event; those that do not concern the connection change nothing."""
        if isinstance(event, StateChanged):
            self.state = event.state
            self._retry_at = event.retry_at
            if event.failure is not None:
                self.trouble = self._banner_of(event.failure)
            elif event.state is LinkState.ONLINE:
                self.trouble = None
            if event.state is not LinkState.CLOSED:
                self._is_login_refused = False
        elif isinstance(event, LoggedIn):
            self.name = escape_line(event.name)
            self.server = escape_line(event.server)
            self.has_been_online = True
        elif isinstance(event, NameChanged):
            self.name = escape_line(event.name)
        elif isinstance(event, SaidGoodbye) or (
            isinstance(event, RequestRefused) and (event.is_fatal or self.state is not LinkState.ONLINE)
        ):
            self.trouble = Banner(escape_line(event.reason))
            self._is_login_refused = isinstance(event, RequestRefused) and self.state is not LinkState.ONLINE

    def _banner_of(self, failure: ConnectionFailure) -> Banner:
        banner = banner_of_failure(failure)
        if not self.has_been_online:
            return replace(banner, sentence=_NO_CHAT_THERE) if isinstance(failure, GeneralReceiveFailure) else banner
        if self.state is LinkState.WAITING and isinstance(failure, _OF_A_FIRST_TIME):
            return replace(banner, advice=_COMES_BACK)
        return banner

    def status(self, now: float) -> Status:
        """Say the state in a few words; `now` is monotonic seconds, for the countdown."""
        if self.state is LinkState.ONLINE:
            return Status(f"Online as {self.name}", Mood.GOOD)
        if self.state is LinkState.WAITING:
            return Status(f"Offline. {self._next_try(now)}", Mood.BAD)
        if self.state is LinkState.CLOSED:
            return Status("Not connected", Mood.BAD)
        return Status(_ON_THE_WAY[self.state], Mood.BUSY)

    def dismiss(self) -> None:
        """Forget the trouble: it has been read."""
        self.trouble = None

    def banner(self) -> Banner | None:
        """Say what is wrong; None when nothing is."""
        trouble = self.trouble
        if self.state is LinkState.LEAVING:
            return None
        if self.state is LinkState.ONLINE:  # such as a disk that does not take what is to be kept
            return trouble and Banner(trouble.sentence, trouble.advice, trouble.small_print, Action.DISMISS)
        if self.state is LinkState.CLOSED:
            closed = trouble or Banner("You are not connected.")
            action = Action.CHANGE_DETAILS if self._is_login_refused else Action.CONNECT_AGAIN
            return Banner(closed.sentence, closed.advice, closed.small_print, action)
        if self.state is LinkState.WAITING:
            waiting = trouble or Banner("The connection is lost.")
            return Banner(waiting.sentence, waiting.advice or _COMES_BACK, waiting.small_print, Action.TRY_NOW)
        return trouble

    def _next_try(self, now: float) -> str:
        if self._retry_at is None:
            return "Trying again soon."
        return f"Next try in {max(0, math.ceil(self._retry_at - now))} s."
