"""What a client says of the moment: that its person writes in a room, and whether they are away.

Pure, and a part of `session`; what others are said to do is `membership`'s. At most one of each goes out in 3 s, and
none to a server whose `welcome` does not list it. The specification is docs/protocol.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable

from chat_core import limits
from chat_core.messages import Away, Typing

if TYPE_CHECKING:
    from chat_core.client.asking import Asking

__all__ = ["REF", "Ephemeral"]

#: Carried by all of it, so that a refusal of it can be known and passed over: nobody has asked for anything.
REF = "moment"


class Ephemeral:
    """What one person has to say of the moment. Requests go to `asking`; `now` is monotonic seconds."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._features: frozenset[str] = frozenset()
        self._is_away = False  # as it is to be told
        self._told: bool | None = False  # what the server takes it for; None when a post may have ended it
        self._typing_at = self._away_at = 0.0  # when the next one may go out

    def welcomed(self, features: Iterable[str]) -> None:
        """Begin with a server that takes these."""
        self._features = frozenset(features)

    def disconnected(self) -> None:
        """Forget what belonged to the connection: the next one begins with a person who is here."""
        self._features = frozenset()
        self._told = False
        self._typing_at = self._away_at = 0.0

    def typing(self, room: str, now: float) -> None:
        """Say that the person writes in a room, unless that was said just now."""
        if Typing.type in self._features and now >= self._typing_at:
            self._typing_at = now + limits.EPHEMERAL_EVERY_S
            self._asking.say(Typing(room, REF))

    def away(self, *, is_away: bool) -> None:
        """Have it told that the person is away, or is not; `keep_up` does it."""
        self._is_away = is_away

    def posted(self) -> None:
        """Take note that a post has gone out: the server takes it for a sign of life."""
        if self._told:
            self._told = None

    def keep_up(self, now: float) -> None:
        """Say whether the person is away, if the server does not know it and it may be said again."""
        if self._told is not self._is_away and Away.type in self._features and now >= self._away_at:
            self._told = self._is_away
            self._away_at = now + limits.EPHEMERAL_EVERY_S
            self._asking.say(Away(self._is_away, REF))
