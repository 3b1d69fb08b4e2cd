"""What a client keeps of its life at one server, and what a keeper of it must offer.

Pure: values and an interface; the keeper on disk is in `store`, whoever decides what is kept is `session`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Kept", "KeptRoom", "OutboxEntry", "Store"]


@dataclass(frozen=True)
class OutboxEntry:
    """A message that is written and not yet known to be stored by the server."""

    mid: str
    room: str
    text: str


@dataclass(frozen=True)
class KeptRoom:
    """A room the person wants to be in. `cursor` is None before the first joining, and under a new epoch."""

    key: str
    shown: str
    cursor: int | None


@dataclass(frozen=True)
class Kept:
    """Everything kept for one person at one server. Rooms and outbox are in the order in which they came."""

    epoch: str | None = None
    token: str | None = None
    name: str | None = None
    rooms: tuple[KeptRoom, ...] = ()
    outbox: tuple[OutboxEntry, ...] = ()


class Store(Protocol):
    """A keeper. The `keep_` and `forget_` methods only note a change; `save` puts all that is noted on disk at once.

    So what belongs together is in one transaction, and a disk that fails loses nothing that is in memory.
    """

    notice: str
    """What a person should know about how the file was found ("" when nothing)."""

    @property
    def has_urgent(self) -> bool:
        """Whether something is noted that must be on disk before another byte is sent: a post, a login."""

    @property
    def has_changes(self) -> bool:
        """Whether anything is noted at all."""

    def load(self) -> Kept:
        """Return what was kept when the store was opened."""

    def keep_login(self, epoch: str, token: str, name: str) -> None:
        """Note who the server knows us as, and under which epoch ("" until it has told)."""

    def keep_room(self, room: KeptRoom) -> None:
        """Note a room, or its new cursor."""

    def forget_room(self, key: str) -> None:
        """Note that a room is wanted no more."""

    def keep_post(self, entry: OutboxEntry) -> None:
        """Note a message that is to be sent."""

    def forget_post(self, mid: str) -> None:
        """Note that a message is stored by the server, or refused for good."""

    def save(self) -> None:
        """Put everything noted on disk in one transaction. Raises SystemFailure, and then it is still noted."""

    def close(self) -> None:
        """Release the file, without saving. Never raises; a second call does nothing."""
