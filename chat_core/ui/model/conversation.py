"""One room's conversation as lines to show: the model behind the list of messages.

Pure. What happened and in which words is the presenter's business, how a line looks the view's.

The theory. Lines are numbered once and for all: older ones that are loaded get the numbers before `start`,
dropped ones take theirs with them. So a view only remembers which numbers it has drawn and compares: what is
missing at either end is drawn in one insert, what is gone at the top is deleted in one. Own messages that are
not stored yet are no lines; they stand after the last one, in `pending`, until their message arrives.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Sequence

from chat_core.escape import escape_line, escape_text

if TYPE_CHECKING:
    from chat_core.messages import Message

__all__ = ["Conversation", "Line", "LineKind", "Pending", "PendingState", "clock_of", "day_of"]

#: Rows kept while the end is read, and while the reader is further up: nothing is taken from under their eyes soon.
ROWS_MAX = 3_000
ROWS_READING_MAX = 10_000
#: One name stands over what its person says in a row, for so long and so many messages.
_GROUP_MS_MAX = 5 * 60_000
_GROUP_MESSAGES_MAX = 25
#: Longer lines stall the layout of a Tk Text; they are broken for showing only.
_UNBROKEN_CHARS_MAX = 2_000
#: A text of more rows than the one is folded to the other until its reader wants all of it.
_UNFOLDED_ROWS_MAX = 30
_FOLDED_ROWS = 25

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class LineKind(enum.Enum):
    """MESSAGE: somebody's. NOTE: what happened. ERROR: what went wrong. DAY: a new day begins."""

    MESSAGE = "message"
    NOTE = "note"
    ERROR = "error"
    DAY = "day"


@dataclass(frozen=True)
class Line:
    """One line of the conversation, ready to show: every remote string in it is escaped.

    `text` is all of it; `shown` is what the list shows while `is_folded`, and `folded_away` the rest.
    """

    kind: LineKind
    text: str
    clock: str
    day: str
    sender: str = ""
    is_own: bool = False
    shows_name: bool = False
    seq: int = 0
    is_folded: bool = False

    @property
    def text_rows(self) -> int:
        """Count the rows of all of its text, as far as they have line ends."""
        return self.text.count("\n") + 1

    @property
    def rows(self) -> int:
        """Count the rows that it takes in the list: the name above it and the offer to unfold it too."""
        return (_FOLDED_ROWS + 1 if self.is_folded else self.text_rows) + self.shows_name

    @property
    def shown(self) -> str:
        """Return the text as far as the list shows it."""
        return "\n".join(self.text.split("\n", _FOLDED_ROWS)[:_FOLDED_ROWS]) if self.is_folded else self.text

    @property
    def folded_away(self) -> str:
        """Return the rows that the list does not show."""
        return self.text.split("\n", _FOLDED_ROWS)[_FOLDED_ROWS] if self.is_folded else ""


class PendingState(enum.Enum):
    """STORED: on the server's disk, its message not come round yet."""

    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"


@dataclass(frozen=True)
class Pending:
    """An own message that is not in the conversation yet. `original` is what was typed, `text` what is shown."""

    mid: str
    original: str
    text: str
    clock: str
    state: PendingState = PendingState.WAITING
    reason: str = ""
    seq: int = 0


def _local(unix_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(unix_ms / 1000)
    except (OverflowError, OSError, ValueError):
        return None  # a time that no calendar holds; the server's clock is not ours to trust


def clock_of(unix_ms: int) -> str:
    """Say the local time of day as HH:MM."""
    moment = _local(unix_ms)
    return "--:--" if moment is None else f"{moment:%H:%M}"


def day_of(unix_ms: int) -> str:
    """Say the local day, in English whatever the locale."""
    moment = _local(unix_ms)
    if moment is None:
        return "Some day"
    return f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _breakable(text: str) -> str:
    if len(text) <= _UNBROKEN_CHARS_MAX:
        return text
    return "\n".join(
        line[start : start + _UNBROKEN_CHARS_MAX]
        for line in text.split("\n")
        for start in range(0, len(line) or 1, _UNBROKEN_CHARS_MAX)
    )


def _is_long(text: str) -> bool:
    return text.count("\n") >= _UNFOLDED_ROWS_MAX


def _shortened(text: str) -> str:
    """Cut what is not in the conversation yet: the whole of it can be looked at there."""
    if not _is_long(text):
        return text
    rows = text.split("\n")
    return "\n".join([*rows[:_FOLDED_ROWS], f"… {len(rows)} lines in all"])


class Conversation:
    """What is shown of one room, who is in it, and what we have to say there that is not stored yet.

    `start` is the number of the first line; `pending_version` grows when `pending` changed.
    """

    def __init__(self, room: str) -> None:
        self.room = room
        self.title = escape_line(room)
        self.lines: list[Line] = []
        self.start = 0
        self.pending: dict[str, Pending] = {}
        self.pending_version = 0
        self.names: tuple[str, ...] = ()
        self.online = 0
        self.unread = 0
        self.draft = ""
        self.is_joined = False
        self.has_older = False
        self.is_loading_older = False
        self.is_older_refused = False
        #: The seqs between which the conversation is whole; `first_seq` 0 until the room was joined.
        self.first_seq = 0
        self.last_seq = 0
        self._rows = 0
        self._foreign_end = 0  # lines with smaller numbers are of another log: their seqs mean nothing here
        self._group = (0, 0)  # messages under the last name, and the time of the last one (unix ms)

    # --- growing at the end

    def add_note(self, text: str, unix_ms: int, kind: LineKind = LineKind.NOTE) -> None:
        """Append what happened. The text is a sentence of ours in which remote strings are escaped already."""
        # The day of the messages goes on: this computer's clock may stand on the other side of midnight.
        day = self.lines[-1].day if self.lines else day_of(unix_ms)
        self._append(Line(kind, text, clock_of(unix_ms), day, is_folded=_is_long(text)))
        self._group = (0, 0)

    def add_message(self, message: Message, *, is_own: bool) -> None:
        """Append the next message, and take its pending self away."""
        day = day_of(message.time)
        if self.lines and self.lines[-1].day != day:
            self._append(Line(LineKind.DAY, day, "", day))
            self._group = (0, 0)
        line, self._group = _as_line(message, day, self.lines[-1] if self.lines else None, self._group, is_own=is_own)
        self._append(line)
        self.first_seq = self.first_seq or message.seq
        self.last_seq = message.seq
        self._forget_pending(message.mid if is_own else "", message.seq)

    def _append(self, line: Line) -> None:
        self.lines.append(line)
        self._rows += line.rows

    # --- growing at the beginning

    def begin(self, next_seq: int, first_kept: int) -> None:
        """Say where the delivery starts in a room of which nothing is shown yet."""
        self.first_seq = next_seq
        self.last_seq = next_seq - 1
        self.has_older = next_seq > first_kept and self._foreign_end <= self.start

    def begin_again(self, next_seq: int) -> None:
        """Go on with another log: what is shown stays, nothing older belongs to it, its seqs are no more."""
        self.first_seq = 0
        self.last_seq = next_seq - 1
        self.has_older = False
        self._foreign_end = self.start + len(self.lines)

    def prepend(self, messages: Sequence[Message], own_name: str, *, has_older: bool) -> None:
        """Put an older page before the first line. A page that does not end just before it is dropped."""
        self.is_loading_older = False
        if messages and messages[-1].seq != self.first_seq - 1:
            return  # asked for before the beginning was dropped
        self.has_older = has_older and bool(messages)
        older: list[Line] = []
        group = (0, 0)
        for message in messages:
            day = day_of(message.time)
            if older and older[-1].day != day:
                older.append(Line(LineKind.DAY, day, "", day))
                group = (0, 0)
            is_own = message.sender == own_name
            line, group = _as_line(message, day, older[-1] if older else None, group, is_own=is_own)
            older.append(line)
        if older and self.lines and self.lines[0].day != older[-1].day:
            older.append(Line(LineKind.DAY, self.lines[0].day, "", self.lines[0].day))
        self.lines[:0] = older
        self.start -= len(older)
        self._rows += sum(line.rows for line in older)
        if messages:
            self.first_seq = messages[0].seq

    # --- staying small

    def unfold(self, number: int) -> None:
        """Show all of a line, by its number, from now on."""
        index = number - self.start
        folded = self.lines[index]
        self.lines[index] = replace(folded, is_folded=False)
        self._rows += self.lines[index].rows - folded.rows

    @property
    def is_full(self) -> bool:
        """Whether no older page should be asked for: it would be dropped again."""
        return self._rows >= ROWS_READING_MAX

    def trim(self, *, is_at_end: bool) -> None:
        """Drop the oldest lines above the bound; those that are messages can be loaded again."""
        rows_max = ROWS_MAX if is_at_end else ROWS_READING_MAX
        if self._rows <= rows_max:
            return
        count = 0
        while count < len(self.lines) - 1 and (self._rows > rows_max or not _can_be_first(self.lines[count])):
            self._rows -= self.lines[count].rows
            count += 1
        dropped_seq = max((line.seq for line in self.lines[max(0, self._foreign_end - self.start) : count]), default=0)
        del self.lines[:count]
        self.start += count
        if dropped_seq:
            self.first_seq = dropped_seq + 1
            self.has_older = True

    # --- what we have to say

    def add_pending(self, mid: str, text: str, unix_ms: int | None) -> None:
        """Show an own message at the end, as waiting; None for one of an earlier run, whose time is not known."""
        clock = "" if unix_ms is None else clock_of(unix_ms)
        self.pending[mid] = Pending(mid, text, _shortened(_breakable(escape_text(text))), clock)
        self.pending_version += 1

    def pending_stored(self, mid: str, seq: int) -> None:
        """Show it as stored; away with it when its message has been shown already."""
        waiting = self.pending.get(mid)
        if waiting is None:
            return
        self.pending[mid] = replace(waiting, state=PendingState.STORED, seq=seq)
        self.pending_version += 1
        self._forget_pending("", self.last_seq)

    def pending_refused(self, mid: str, text: str, reason: str, unix_ms: int) -> None:
        """Show it with the reason, until it is taken back."""
        if mid not in self.pending:
            self.add_pending(mid, text, unix_ms)
        self.pending[mid] = replace(self.pending[mid], state=PendingState.REFUSED, reason=reason)
        self.pending_version += 1

    def take_back(self, mid: str) -> str:
        """Take a refused message away and return what was typed; empty when it is no refused one."""
        refused = self.pending.get(mid)
        if refused is None or refused.state is not PendingState.REFUSED:
            return ""
        del self.pending[mid]
        self.pending_version += 1
        return refused.original

    def _forget_pending(self, mid: str, up_to_seq: int) -> None:
        arrived = [
            each.mid
            for each in self.pending.values()
            if each.mid == mid or (each.state is PendingState.STORED and each.seq <= up_to_seq)
        ]
        for each_mid in arrived:
            del self.pending[each_mid]
        self.pending_version += bool(arrived)

    def forget_stored(self) -> None:
        """Take away what is stored before the place where the delivery goes on: its message will not come."""
        self._forget_pending("", self.last_seq)


def _can_be_first(line: Line) -> bool:
    return line.kind is not LineKind.DAY and (line.kind is not LineKind.MESSAGE or line.shows_name)


def _as_line(
    message: Message, day: str, before: Line | None, group: tuple[int, int], *, is_own: bool
) -> tuple[Line, tuple[int, int]]:
    sender = escape_line(message.sender)
    count, time = group
    continues = (
        before is not None
        and before.kind is LineKind.MESSAGE
        and before.sender == sender
        and 0 < count < _GROUP_MESSAGES_MAX
        and message.time - time <= _GROUP_MS_MAX
    )
    text = _breakable(escape_text(message.text))
    line = Line(
        LineKind.MESSAGE, text, clock_of(message.time), day,
        sender=sender, is_own=is_own, shows_name=not continues, seq=message.seq, is_folded=_is_long(text),
    )  # fmt: skip
    return line, (count + 1 if continues else 1, message.time)
