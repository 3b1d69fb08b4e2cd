"""Requests that wait to be sent on one connection, and what each was about, by its ref.

Pure. Posts are not here (`outbox`): they survive the connection, these do not.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from chat_core.messages import Pong, Request, encode

if TYPE_CHECKING:
    from chat_core.client.room import Room

__all__ = ["Asked", "Asking"]


@dataclass(frozen=True)
class Asked:
    """A request under way: its type, and the room it is about, if it is about one."""

    kind: type
    room: Room | None


class Asking:
    """The requests of one connection, in order. Refs are r1, r2, … and never used twice."""

    def __init__(self) -> None:
        self._waiting: deque[Request] = deque()
        self._pong: Pong | None = None
        self._asked: dict[str, Asked] = {}
        self._count = 0

    def clear(self) -> None:
        """Forget everything: the connection is gone."""
        self._waiting.clear()
        self._pong = None
        self._asked.clear()

    def say(self, request: Request) -> None:
        """Send something that needs no answer, or whose answer cannot be mistaken."""
        self._waiting.append(request)

    def answer_ping(self, pong: Pong) -> None:
        """Send a `pong`. One that waits already is replaced (as RFC 6455, 5.5.3, allows), so pings cannot pile up."""
        self._pong = pong

    def ask(self, make: Callable[[str], Request], room: Room | None = None) -> str:
        """Send the request that `make` builds for a new ref, and return that ref."""
        self._count += 1
        ref = f"r{self._count}"
        request = make(ref)
        self._asked[ref] = Asked(type(request), room)
        self._waiting.append(request)
        return ref

    def answered(self, ref: str | None) -> Asked | None:
        """Return what was asked under a ref, once."""
        return None if ref is None else self._asked.pop(ref, None)

    def take(self, bytes_max: int) -> list[bytes]:
        """Return payloads to send until they are `bytes_max` bytes or one payload more."""
        if self._pong is not None:
            self._waiting.append(self._pong)
            self._pong = None
        taken: list[bytes] = []
        size = 0
        while self._waiting and size < bytes_max:
            taken.append(encode(self._waiting.popleft()))
            size += len(taken[-1])
        return taken
