"""The lines of a conversation: what was said, what happened, and what of our own is on its way.

Pure: what a line is and says. Their order, numbers and bounds are `conversation`'s, their look is `view.rows`'.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from chat_core.escape import escape_text
from chat_core.language import _
from chat_core.ui.model.commands import ACTION
from chat_core.ui.model.dates import clock_of, day_of, moment_of

__all__ = ["Line", "LineKind", "Pending", "PendingState", "kind_of"]


class LineKind(enum.Enum):
    """MESSAGE: somebody's. ACTION: one that tells what they do. NOTE: what happened. ERROR: what went wrong."""

    MESSAGE = "message"
    ACTION = "action"
    NOTE = "note"
    ERROR = "error"


def kind_of(text: str) -> LineKind:
    """Tell from what was typed whether it says something or tells what its author does."""
    return LineKind.ACTION if text.startswith(ACTION) else LineKind.MESSAGE


class Line:
    """One line of the conversation. There may be a hundred thousand: it keeps what came, and says the rest when asked.

    `original` is the text as it came, `sender` a name that is safe to show (empty for a note). `begins_day` and
    `begins_group`: a day, or a name and the time, is to be shown above. `is_unfolded`: its reader wants all of it.
    """

    __slots__ = (
        "begins_day", "begins_group", "is_mention", "is_own", "is_unfolded", "kind", "original", "sender", "seq",
        "unix_ms",
    )  # fmt: skip

    def __init__(self, kind: LineKind, original: str, unix_ms: int, sender: str = "", seq: int = 0) -> None:
        self.kind = kind
        self.original = original
        self.unix_ms = unix_ms
        self.sender = sender
        self.seq = seq
        self.is_own = False
        self.is_mention = False
        self.begins_day = False
        self.begins_group = False
        self.is_unfolded = False

    @property
    def text(self) -> str:
        """What it says, safe to show; for an action what follows the name."""
        return escape_text(self.original[len(ACTION) :] if self.kind is LineKind.ACTION else self.original)

    @property
    def clock(self) -> str:
        """The local time of day."""
        return clock_of(self.unix_ms)

    @property
    def day(self) -> str:
        """The local day."""
        return day_of(self.unix_ms)

    @property
    def moment(self) -> str:
        """The local day and time."""
        return moment_of(self.unix_ms)

    def quote(self, text: str | None = None) -> str:
        """Say it, or a part of it, with time and author, as it is to stand in what a person copies."""
        words = {"time": self.clock, "name": self.sender, "text": self.text if text is None else text}
        if self.kind is LineKind.MESSAGE:
            return _("[{time}] {name}: {text}").format(**words)
        if self.kind is LineKind.ACTION and text is None:
            return _("[{time}] {name} {text}").format(**words)
        return _("[{time}] {text}").format(**words)


class PendingState(enum.Enum):
    """STORED: on the server's disk, its message not come round yet."""

    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"


@dataclass(frozen=True)
class Pending:
    """An own message that is not in the conversation yet. `original` is what was typed, `text` what is shown.

    `unix_ms` is since when; None for one of an earlier run. `reason` and `advice` are sentences for a REFUSED one.
    """

    mid: str
    original: str
    unix_ms: int | None
    state: PendingState = PendingState.WAITING
    reason: str = ""
    advice: str = ""
    seq: int = 0

    @property
    def kind(self) -> LineKind:
        """MESSAGE or ACTION, as it will be."""
        return kind_of(self.original)

    @property
    def text(self) -> str:
        """What it says, safe to show; for an action what follows the name."""
        return escape_text(self.original[len(ACTION) :] if self.kind is LineKind.ACTION else self.original)

    @property
    def clock(self) -> str:
        """The local time of day; empty when it is not known."""
        return "" if self.unix_ms is None else clock_of(self.unix_ms)
