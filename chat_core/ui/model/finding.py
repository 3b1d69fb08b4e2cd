"""What is searched for in a conversation: the numbers of the lines that hold it, found a piece at a time.

Pure. A hundred thousand messages are searched in steps, so that the window goes on meanwhile. What arrives, is loaded
or is dropped while the search is open is taken into account. The letters are marked by the view, in what it has drawn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.ui.model.conversation import Conversation

__all__ = ["Finder"]


class Finder:
    """Searches one conversation for `query`, in capitals or not. Call `step` until it is done, and at every poll again.

    It begins at the end: what was said last is looked for most. `current` is the number of the line that is looked at,
    None before the first was found.
    """

    def __init__(self, conversation: Conversation, query: str = "") -> None:
        self.conversation = conversation
        self.search(query)

    def search(self, query: str) -> None:
        """Begin again with another query. One that is empty is found nowhere."""
        self.query = query
        self._wanted = query.casefold()
        self.current: int | None = None
        self._found: list[int] = []
        self._low = self._high = self.conversation.end  # between these everything has been searched

    def step(self, budget: int = 2_000) -> bool:
        """Search so many lines more and return whether all are done: what is new at the end, then further up."""
        start, end = self.conversation.start, self.conversation.end
        self._forget_before(start)
        if not self._wanted:
            self._low, self._high = start, end
            return True
        up_to = min(end, self._high + budget)
        self._found += self._search(self._high, up_to)
        budget -= up_to - self._high
        self._high = up_to
        down_to = max(start, self._low - budget)
        self._found[:0] = self._search(down_to, self._low)
        self._low = down_to
        if self.current is None and self._found:
            self.current = self._found[-1]
        return (self._low, self._high) == (start, end)

    @property
    def count(self) -> int:
        """How many lines hold it, of those that were searched."""
        return len(self._found)

    @property
    def position(self) -> int:
        """Which of them is looked at, the oldest being 1; 0 for none."""
        return 0 if self.current is None else bisect_right(self._found, self.current)

    def next(self) -> int | None:
        """Go on to the next newer one, from the newest to the oldest, and return its number; None if there is none."""
        return self._go(0 if self.current is None else bisect_right(self._found, self.current))

    def previous(self) -> int | None:
        """Go back to the next older one, from the oldest to the newest, and return its number; None as above."""
        return self._go(-1 if self.current is None else bisect_left(self._found, self.current) - 1)

    def _go(self, index: int) -> int | None:
        self.current = self._found[index % len(self._found)] if self._found else None
        return self.current

    def _search(self, low: int, high: int) -> list[int]:
        start = self.conversation.start
        wanted = self._wanted
        lines = self.conversation.lines[low - start : high - start]
        return [number for number, line in enumerate(lines, low) if wanted in line.original.casefold()]

    def _forget_before(self, start: int) -> None:
        """Let go of what the conversation has dropped."""
        if self._low >= start:
            return
        self._low = start
        self._high = max(self._high, start)
        del self._found[: bisect_left(self._found, start)]
        if self.current is not None and self.current < start:
            self.current = self._found[0] if self._found else None
