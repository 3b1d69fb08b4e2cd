"""What the switcher offers for what was typed into it: rooms and people, the likeliest first.

Pure, and quick for ten thousand people: it is asked at every key.
"""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Sequence

from chat_core.escape import escape_line

if TYPE_CHECKING:
    from chat_core.ui.model.rooms import RoomRow

__all__ = ["Choice", "Kind", "Switching"]

#: More than anybody looks through.
_MOST = 50


class Kind(enum.Enum):
    """What is chosen. The value, typed first, limits the search to it."""

    ROOM = "#"
    PERSON = "@"


@dataclass(frozen=True)
class Choice:
    """One offer. `name` is the name on the wire, `title` what is shown: the name, escaped."""

    kind: Kind
    name: str
    title: str
    unread: int = 0
    mentions: int = 0


class Switching:
    """The rooms and people there are to choose from, while the switcher is open."""

    def __init__(self, rooms: Sequence[RoomRow], people: Sequence[str]) -> None:
        # Those that call go before those that do not; where one is already, nobody wants to go.
        waiting = sorted(rooms, key=lambda row: (row.is_shown, not row.mentions, not row.unread, row.title.casefold()))
        self._rooms = [(row.title.casefold(), row) for row in waiting]
        self._people = sorted((name.casefold(), name) for name in people)

    def matches(self, typed: str) -> tuple[Choice, ...]:
        """Return what fits: what begins so, then what holds it, then what has its letters in this order.

        Of what fits equally, rooms go before people, and of rooms those that wait to be read before the others.
        """
        sought = unicodedata.normalize("NFC", typed).strip().casefold()
        only = sought[:1]
        if only in (Kind.ROOM.value, Kind.PERSON.value):
            sought = sought[1:].lstrip()
        rooms = self._rooms if only != Kind.PERSON.value else []
        people = self._people if only != Kind.ROOM.value else []
        found = (
            (kind, place)
            for rooms_that_fit, people_that_fit in zip(_fitting(rooms, sought), _fitting(people, sought))
            for kind, places in ((Kind.ROOM, rooms_that_fit), (Kind.PERSON, people_that_fit))
            for place in places
        )
        return tuple(self._choice(kind, place) for kind, place in islice(found, _MOST))

    def _choice(self, kind: Kind, place: int) -> Choice:
        if kind is Kind.ROOM:
            row = self._rooms[place][1]
            return Choice(kind, row.room, row.title, row.unread, row.mentions)
        name = self._people[place][1]
        return Choice(kind, name, escape_line(name))


def _fitting(entries: Sequence[tuple[str, object]], sought: str) -> tuple[list[int], list[int], list[int]]:
    """Return the places of those that begin so, of those that hold it, of those that have its letters in order."""
    beginning: list[int] = []
    holding: list[int] = []
    in_order: list[int] = []
    for place, (text, _entry) in enumerate(entries):
        at = text.find(sought)
        if at == 0:
            beginning.append(place)
        elif at > 0:
            holding.append(place)
        elif _has_in_order(text, sought):
            in_order.append(place)
    return beginning, holding, in_order


def _has_in_order(text: str, letters: str) -> bool:
    after = 0
    for letter in letters:
        after = text.find(letter, after) + 1
        if after == 0:
            return False
    return True
