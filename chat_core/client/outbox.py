"""The messages a person has written and the server has not yet acknowledged, in order.

Pure. What is kept on disk of them is noted by `session`. The specification is docs/protocol.md, "Client's promises".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Iterator

from chat_core import limits
from chat_core.messages import check_text

if TYPE_CHECKING:
    from chat_core.client.kept import OutboxEntry

__all__ = ["Outbox", "Sending", "make_mid", "make_token", "readable"]

# Crockford's base 32: digits and capitals in the order of their codes, none that looks like another.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_DIGITS = 10
_TOKEN_DIGITS = 26
_RANDOM_DIGITS = 20  # of 5 bits each: 100 bits, where the protocol asks for 96


def make_mid(unix_ms: int, random_bits: Callable[[int], int]) -> str:
    """Make the name of a new message: 10 digits of time, then 20 of chance.

    Names that grow with time (as in RFC 9562, section 5.7) are added at the end of the server's index of
    them instead of all over it. Uniqueness rests on the random part alone: a clock may say what it likes.
    """
    number = unix_ms % 32**_TIME_DIGITS << 5 * _RANDOM_DIGITS | random_bits(5 * _RANDOM_DIGITS)
    return "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_TIME_DIGITS + _RANDOM_DIGITS)))


def make_token(random_bits: Callable[[int], int]) -> str:
    """Make the secret that proves a name to be ours: 26 digits of 5 random bits each."""
    number = random_bits(5 * _TOKEN_DIGITS)
    return "".join(_DIGITS[number >> 5 * place & 31] for place in range(_TOKEN_DIGITS))


def readable(text: str) -> str:
    """Return a text as it will be sent: line ends as new lines.

    Raises Refusal when it can never be accepted.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    check_text(text)
    return text


@dataclass
class Sending:
    """A message on its way: `is_in_flight` since it was sent on the present connection.

    `has_rejoined` once its room was joined anew on its account, which is done only once.
    """

    entry: OutboxEntry
    room_key: str
    is_in_flight: bool = False
    has_rejoined: bool = False


class Outbox:
    """Messages in the order in which they were written, and which of them are in flight.

    `window` is how many may be at once.
    """

    def __init__(self) -> None:
        self.window = limits.WINDOW
        self._sendings: dict[str, Sending] = {}
        self._in_flight = 0

    @property
    def entries(self) -> tuple[OutboxEntry, ...]:
        """All messages, oldest first."""
        return tuple(sending.entry for sending in self._sendings.values())

    def add(self, room_key: str, entry: OutboxEntry) -> None:
        """Put a new message at the end."""
        self._sendings[entry.mid] = Sending(entry, room_key)

    def get(self, mid: str | None) -> Sending | None:
        """Return the message of that mid, if it is here."""
        return None if mid is None else self._sendings.get(mid)

    def of_room(self, room_key: str) -> list[Sending]:
        """Return the messages to one room, oldest first."""
        return [sending for sending in self._sendings.values() if sending.room_key == room_key]

    def remove(self, sending: Sending) -> None:
        """Take a message out for good."""
        self.withdraw(sending)
        del self._sendings[sending.entry.mid]

    def mark_sent(self, sending: Sending) -> None:
        """Count a message as in flight."""
        sending.is_in_flight = True
        self._in_flight += 1

    def withdraw(self, sending: Sending) -> None:
        """Count a message as not in flight: it will be sent again."""
        self._in_flight -= sending.is_in_flight
        sending.is_in_flight = False

    def withdraw_all(self) -> None:
        """Count every message as not in flight: the connection is gone."""
        for sending in self._sendings.values():
            self.withdraw(sending)

    def sendable(self, may_send: Callable[[str], bool]) -> Iterator[Sending]:
        """Walk the messages to send next, oldest first, as far as the window allows.

        `may_send` says of a room's key whether one is in it. Only `mark_sent` may be called meanwhile.
        """
        if self._in_flight == len(self._sendings):
            return  # the usual case, without a walk
        for sending in self._sendings.values():
            if self._in_flight >= self.window:
                return
            if not sending.is_in_flight and may_send(sending.room_key):
                yield sending
