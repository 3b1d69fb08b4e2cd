"""Who is in one room and who is away, as far as a client knows: from `joined`, `presence`, `away` and `who`.

Pure. When a page is asked for and what is told about it is `session`. The specification is docs/protocol.md.

The theory. `joined` brings at most 500 names, and in a crowd `presence` brings none, so the known names may
be too few or out of date. A *round* asks for all pages from the first on, gathers them beside the names that
are shown, and takes their place when the last one is there. People who come and go during a round shift the
pages; a name missed so is found by the next round, which the next change starts.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Iterable

from chat_core import limits

if TYPE_CHECKING:
    from chat_core.messages import PeopleAway, Presence, WhoPage

__all__ = ["Roster", "in_order"]

#: More names are not gathered, whatever the server claims: nobody reads them, and memory has an end.
_NAMES_MAX = 20_000


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names as people do, without regard to case."""
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))


class Roster:
    """The people of one room. `online` is the server's count of persons, `away` are the names of those who are."""

    def __init__(self, names: Iterable[str] = (), online: int = 0, away: Iterable[str] = ()) -> None:
        self.online = online
        self.away = frozenset(islice(away, _NAMES_MAX))
        self._names = set(names)
        self._gathered: set[str] | None = None  # during a round
        self._offset = 0
        self._sorted: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The known names, sorted without regard to case."""
        if self._sorted is None:
            self._sorted = in_order(self._names)
        return self._sorted

    @property
    def is_crowd(self) -> bool:
        """Whether the room is so full that the server tells only its number."""
        return self.online > limits.PRESENCE_NAMES_PEOPLE_MAX

    @property
    def wants_round(self) -> bool:
        """Whether the known names cannot be right and no round is going on."""
        return self._gathered is None and self.online != len(self._names)

    def begin_round(self) -> int:
        """Start asking for all names, and return the offset of the first page."""
        self._gathered = set()
        self._offset = 0
        return 0

    def end_round(self) -> None:
        """Break a round off; what is known stays."""
        self._gathered = None

    def apply(self, change: Presence) -> None:
        """Take over who came, went and changed name."""
        self.online = change.online
        for names in (self._names,) if self._gathered is None else (self._names, self._gathered):
            # First all the old names, then all the new ones: one may have taken the name that another gave up.
            names.difference_update(change.left or (), (old for old, _ in change.renamed or ()))
            if len(names) < _NAMES_MAX:
                names.update(change.joined or (), (new for _, new in change.renamed or ()))
        self._sorted = None
        if self.away:
            moved = frozenset(new for old, new in change.renamed or () if old in self.away)
            gone = (old for old, _ in change.renamed or ())
            self.away = self.away.difference(change.left or (), gone, change.joined or ()) | moved

    def apply_away(self, change: PeopleAway) -> None:
        """Take over who went away and who is back, or, where the latter is not said, who is away at all."""
        if change.back is None:
            self.away = frozenset(change.away[:_NAMES_MAX])
        else:
            new = change.away if len(self.away) < _NAMES_MAX else ()
            self.away = self.away.union(new).difference(change.back)

    def add_page(self, page: WhoPage) -> int | None:
        """Take over one page of a round, and return the offset of the next, or None after the last."""
        gathered = self._gathered
        if gathered is None:
            return None
        self.online = page.online
        gathered.update(page.names)
        self._names.update(page.names)
        self._sorted = None
        self._offset += len(page.names)
        if page.names and self._offset < min(page.online, _NAMES_MAX):
            return self._offset
        self._names = gathered
        self._gathered = None
        return None
