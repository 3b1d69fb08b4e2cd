"""What the window asks of the client below it, as a type.

`chat_core.client.link.Link` is the real one; a test hands in one that it leads by the hand. Nothing here acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Sequence

from chat_core import limits

if TYPE_CHECKING:
    from chat_core.client.events import ClientEvent

__all__ = ["ChatLink", "LinkOpener", "Remembered", "Unsent"]


@dataclass(frozen=True)
class Remembered:
    """What the form is filled in with."""

    host: str = ""
    port: int = limits.DEFAULT_PORT
    name: str = ""


class Unsent(Protocol):
    """A message of ours that is not known to be stored yet."""

    @property
    def mid(self) -> str:
        """Our own name for it."""

    @property
    def room(self) -> str:
        """Where it is to be said."""

    @property
    def text(self) -> str:
        """What is to be said."""


class ChatLink(Protocol):
    """One person's link to one server. No call blocks; `now` is monotonic seconds, `unix_ms` the wall clock."""

    @property
    def outbox(self) -> Sequence[Unsent]:
        """What waits to be stored, in the order in which it was written."""

    @property
    def wanted_rooms(self) -> Sequence[str]:
        """The rooms that the person wants to be in, now or on return."""

    def start(self, now: float) -> None:
        """Begin to connect, or begin again after CLOSED."""

    def poll(self, now: float, unix_ms: int) -> Sequence[ClientEvent]:
        """Do what can be done now, and tell what happened, in order."""

    def post(self, room: str, text: str, unix_ms: int) -> str:
        """Keep a message until it is stored and return its mid. Raises Refusal when it can never be accepted."""

    def join(self, room: str) -> None:
        """Ask to come into a room."""

    def leave(self, room: str) -> None:
        """Ask to go out of a room."""

    def request_history(self, room: str, before: int, limit: int = 50) -> None:
        """Ask for the messages before a seq."""

    def request_rooms(self) -> None:
        """Ask for the public rooms."""

    def rename(self, name: str) -> None:
        """Ask for another name."""

    def typing(self, room: str) -> None:
        """Tell the others in a room that we are writing; may be called at each key."""

    def away(self, is_away: bool) -> None:  # noqa: FBT001 - there is nothing else to say
        """Have the others told that nobody is in front of this client, or somebody again."""

    def retry_now(self, now: float) -> None:
        """Try at once instead of at `retry_at`."""

    def quit(self, now: float) -> None:
        """Leave politely; CLOSED follows within two seconds."""

    def close(self) -> None:
        """Give everything back at once."""

    @property
    def is_active(self) -> bool:
        """Whether to poll again soon."""

    @property
    def notice(self) -> str:
        """What a person should know about how their profile was found; empty when nothing."""


class LinkOpener(Protocol):
    """Makes a link that is not started yet. Raises ChatError with a sentence for people."""

    def __call__(self, host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        """Prepare a link to this server under this name, with these rooms to join beside the default ones."""
