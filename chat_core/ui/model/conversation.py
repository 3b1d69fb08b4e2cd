"""One room's conversation as lines to show: the model behind the list of messages.

Pure. What happened and in which words is the presenter's business, a line itself `lines`; `finding` searches it.

The theory. Lines are numbered once and for all: older ones that are loaded get the numbers before `start`, dropped
ones take theirs with them. So a view only remembers between which numbers it has drawn, and compares. A line that was
added does not change, but for the one at the beginning: what stands before it decides whether a day begins there. Own
messages that are not stored yet are no lines; they stand after the last one, in `pending`, until their message arrives.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Sequence

from chat_core.escape import escape_line
from chat_core.ui.model.lines import Line, LineKind, Pending, PendingState, kind_of
from chat_core.ui.model.markup import mentions

if TYPE_CHECKING:
    from chat_core.messages import Message

__all__ = ["GROUP_MESSAGES_MAX", "GROUP_MS_MAX", "Conversation", "Line", "LineKind", "Pending", "PendingState"]

#: Lines kept while the end is read, and while the reader is further up: nothing is taken from under their eyes soon.
LINES_MAX = 100_000
LINES_READING_MAX = 120_000
#: Characters of all their texts, likewise: a hundred thousand of the longest would be gigabytes.
CHARS_MAX = 40_000_000
CHARS_READING_MAX = 48_000_000
#: One name stands over what its person says in a row, for so long and so many messages.
GROUP_MS_MAX = 5 * 60_000
GROUP_MESSAGES_MAX = 25


def _day(unix_ms: int) -> int:
    """Return the number of the local day; 0 for a time that no calendar holds: the clock is the server's."""
    try:
        return datetime.fromtimestamp(unix_ms / 1000).toordinal()
    except (OverflowError, OSError, ValueError):
        return 0


class Conversation:
    """What is shown of one room, who is in it, and what we have to say there that is not stored yet.

    `start` is the number of the first line, `end` that after the last; `pending_version` grows when `pending` changed.
    `unread` and `mentions` count what has not been seen, the line `unread_from` is where it began; None: nowhere.
    `is_cleared`: what is above was hidden on demand, and is not to be loaded before somebody scrolls up. `is_held`: all
    of it is wanted just now, so nothing is dropped that need not be.
    """

    def __init__(self, room: str) -> None:
        self.respell(room)
        self.lines: list[Line] = []
        self.start = 0
        self.pending: dict[str, Pending] = {}
        self.pending_version = 0
        self.names: tuple[str, ...] = ()
        self.online = 0
        self.unread = 0
        self.mentions = 0
        self.unread_from: int | None = None
        self.draft = ""
        self.is_joined = False
        self.has_older = False
        self.is_loading_older = False
        self.is_older_refused = False
        self.is_cleared = False
        self.is_held = False
        #: The seqs between which the conversation is whole; `first_seq` 0 until the room was joined.
        self.first_seq = 0
        self.last_seq = 0
        self._chars = 0
        self._day = 0  # of the last message, or of the first line
        self._foreign_end: int | None = None  # lines with smaller numbers are of another log, if any are
        self._group = _Group()
        self._senders: dict[str, str] = {}  # one object for a name that is said a thousand times

    def respell(self, room: str) -> None:
        """Call the room so: on the wire, and escaped as its title."""
        self.room = room
        self.title = escape_line(room)

    @property
    def end(self) -> int:
        """The number that the next line will have."""
        return self.start + len(self.lines)

    def line(self, number: int) -> Line:
        """Return a line by its number. Raises IndexError when it is not, or no more, there."""
        if not self.start <= number < self.end:
            raise IndexError(number)
        return self.lines[number - self.start]

    # --- growing at the end

    def add_note(self, text: str, unix_ms: int, kind: LineKind = LineKind.NOTE) -> None:
        """Append what happened. The text is a sentence of ours in which remote strings are escaped already."""
        line = Line(kind, text, unix_ms)
        if not self.lines:  # else the day goes on: this computer's clock may stand on the other side of midnight
            line.begins_day = True
            self._day = _day(unix_ms)
        self._append(line)
        self._group = _Group()

    def add_message(self, message: Message, *, is_own: bool, is_mention: bool = False) -> None:
        """Append the next message, and take its pending self away. `mark_unread` is for when nobody looks."""
        line = self._as_line(message, is_own=is_own)
        line.is_mention = is_mention
        day = _day(message.time)
        line.begins_day = not self.lines or day != self._day
        self._day = day
        self._group.add(line)
        self._append(line)
        self.first_seq = self.first_seq or message.seq
        self.last_seq = message.seq
        if self.pending:
            self._forget_pending(message.mid if is_own else "", message.seq)

    def _as_line(self, message: Message, *, is_own: bool) -> Line:
        sender = self._senders.setdefault(message.sender, escape_line(message.sender))
        line = Line(kind_of(message.text), message.text, message.time, sender, message.seq)
        line.is_own = is_own
        return line

    def _append(self, line: Line) -> None:
        self.lines.append(line)
        self._chars += len(line.original)

    # --- growing at the beginning

    def begin(self, next_seq: int, first_kept: int) -> None:
        """Say where the delivery starts in a room of which nothing is shown yet."""
        self.first_seq = next_seq
        self.last_seq = next_seq - 1
        self.has_older = next_seq > first_kept and not self._foreign_count

    def begin_again(self, next_seq: int) -> None:
        """Go on with another log: what is shown stays, nothing older belongs to it, its seqs are no more."""
        self.first_seq = 0
        self.last_seq = next_seq - 1
        self.has_older = False
        self._foreign_end = self.end

    def prepend(self, messages: Sequence[Message], own_name: str, *, has_older: bool) -> None:
        """Put an older page before the first line. A page that does not end just before it is dropped."""
        self.is_loading_older = False
        if messages and messages[-1].seq != self.first_seq - 1:
            return  # asked for before the beginning was dropped
        self.has_older = has_older and bool(messages)
        if not messages:
            return
        older: list[Line] = []
        group = _Group()
        day = None
        for message in messages:
            line = self._as_line(message, is_own=message.sender == own_name)
            line.is_mention = not line.is_own and mentions(message.text, own_name)
            day_before, day = day, _day(message.time)
            line.begins_day = day != day_before
            group.add(line)
            older.append(line)
        if self.lines:
            self.lines[0].begins_day = day != _day(self.lines[0].unix_ms)
        else:
            self._day = _day(messages[-1].time)
        self.lines[:0] = older
        self.start -= len(older)
        self._chars += sum(len(line.original) for line in older)
        self.first_seq = messages[0].seq

    # --- what was read

    def mark_unread(self) -> None:
        """Count the line that was added last as not seen; the first of them is where the unread begins."""
        if not self.unread:
            self.unread_from = self.end - 1
        self.unread += 1
        self.mentions += self.lines[-1].is_mention

    def mark_seen(self) -> None:
        """Say that somebody looks now: the counts go, the place where the unread began stays."""
        self.unread = self.mentions = 0

    def mark_read(self) -> None:
        """Say that all of it was read: the place goes too."""
        self.mark_seen()
        self.unread_from = None

    def set_read_seq(self, seq: int) -> None:
        """Say up to where it was read in an earlier run: what is here of others above that is unread."""
        foreign = self._foreign_count
        above = [index for index, line in enumerate(self.lines) if line.seq > seq and index >= foreign]
        unread = [index for index in above if not self.lines[index].is_own]
        self.unread = len(unread)
        self.mentions = sum(self.lines[index].is_mention for index in unread)
        self.unread_from = self.start + unread[0] if unread else None

    @property
    def read_seq(self) -> int:
        """The seq up to which it has been seen, to be remembered for `set_read_seq`."""
        if not self.unread or self.unread_from is None:
            return self.last_seq
        before = self.lines[self._foreign_count : max(0, self.unread_from - self.start)]
        return next((line.seq for line in reversed(before) if line.seq), max(0, self.first_seq - 1))

    @property
    def _foreign_count(self) -> int:
        """How many of the first lines are of another log: their seqs mean nothing here."""
        return 0 if self._foreign_end is None else max(0, self._foreign_end - self.start)

    # --- staying small

    def unfold(self, number: int) -> None:
        """Show all of a line, by its number, from now on."""
        self.line(number).is_unfolded = True

    @property
    def is_full(self) -> bool:
        """Whether no older page should be asked for: it would be dropped again."""
        return len(self.lines) >= LINES_READING_MAX or self._chars >= CHARS_READING_MAX

    def trim(self, *, is_at_end: bool) -> None:
        """Drop the oldest lines above the bounds; those that are messages can be loaded again."""
        lines_max, chars_max = (
            (LINES_MAX, CHARS_MAX) if is_at_end and not self.is_held else (LINES_READING_MAX, CHARS_READING_MAX)
        )
        count = max(0, len(self.lines) - lines_max)
        chars = self._chars - sum(len(line.original) for line in self.lines[:count])
        while chars > chars_max and count < len(self.lines) - 1:
            chars -= len(self.lines[count].original)
            count += 1
        if count:
            self._drop(count)

    def clear(self) -> None:
        """Hide what is above; messages can be loaded again."""
        if self.lines:
            self._drop(len(self.lines))
        self.mark_read()
        self.is_cleared = True

    def _drop(self, count: int) -> None:
        gone = self.lines[:count]
        seqs = [line.seq for line in gone[self._foreign_count :] if line.seq]
        del self.lines[:count]
        self.start += count
        if not self._foreign_count:
            self._foreign_end = None  # older lines that are loaded now are of this log, whatever their numbers
        self._chars -= sum(len(line.original) for line in gone)
        if self.lines:
            first = self.lines[0]
            first.begins_day = True
            first.begins_group = first.kind is LineKind.MESSAGE
        else:
            self._group = _Group()
        if self.unread_from is not None:
            self.unread_from = max(self.unread_from, self.start)
        if seqs:
            self.first_seq = seqs[-1] + 1
            self.has_older = True

    # --- what we have to say

    def add_pending(self, mid: str, text: str, unix_ms: int | None) -> None:
        """Show an own message at the end, as waiting; None for one of an earlier run, whose time is not known."""
        self.pending[mid] = Pending(mid, text, unix_ms)
        self.pending_version += 1

    def pending_stored(self, mid: str, seq: int) -> None:
        """Show it as stored; away with it when its message has been shown already."""
        waiting = self.pending.get(mid)
        if waiting is None:
            return
        self.pending[mid] = replace(waiting, state=PendingState.STORED, seq=seq)
        self.pending_version += 1
        self._forget_pending("", self.last_seq)

    def pending_refused(self, mid: str, text: str, reason: str, unix_ms: int, advice: str = "") -> None:
        """Show it with the reason and what to do, sentences that are safe to show, until it is taken back."""
        if mid not in self.pending:
            self.add_pending(mid, text, unix_ms)
        self.pending[mid] = replace(self.pending[mid], state=PendingState.REFUSED, reason=reason, advice=advice)
        self.pending_version += 1

    def take_back(self, mid: str) -> str:
        """Take a refused message away and return what was typed, to be edited or sent again; empty if there is none."""
        refused = self.pending.get(mid)
        if refused is None or refused.state is not PendingState.REFUSED:
            return ""
        del self.pending[mid]
        self.pending_version += 1
        return refused.original

    def discard(self, mid: str) -> None:
        """Take a refused message away for good. Any other stays."""
        self.take_back(mid)

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


class _Group:
    """The messages in a row that one name stands over, and the time beside it."""

    def __init__(self) -> None:
        self._sender = ""
        self._unix_ms = 0
        self._count = 0

    def add(self, line: Line) -> None:
        """Take the next line in, or begin again with it; only a message has a name above it."""
        goes_on = (
            line.kind is LineKind.MESSAGE
            and not line.begins_day
            and line.sender == self._sender
            and 0 < self._count < GROUP_MESSAGES_MAX
            and abs(line.unix_ms - self._unix_ms) <= GROUP_MS_MAX
        )
        line.begins_group = line.kind is LineKind.MESSAGE and not goes_on
        if goes_on:
            self._count += 1
        else:
            self._sender, self._unix_ms = line.sender, line.unix_ms
            self._count = 1 if line.kind is LineKind.MESSAGE else 0
