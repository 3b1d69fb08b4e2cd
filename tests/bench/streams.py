"""Checking what receivers get: every message once, each sender's in order, and all of it at the speed of memcmp.

No socket here. The theory: all receivers of a room get the same bytes once they are in. So the bytes of whoever is
first become the *reference*, the bytes of everybody else are compared with it where they stand in the stream, and the
reference is read, once. What differs by a byte, is missing, doubled or out of order raises `Wrong`.

- `Shared` is that. `SharedBesideReplies` takes out the replies that only one receiver gets, and compares the rest.
- `Apart` is for servers that give each receiver an order of its own, or leave out its own messages: all are read.

Reading is done in columns. Messages of one length differ in their digits alone. So the first one of a piece is matched
in full, and the others are held against it with all digits masked. Of the digits, the sender and the last one of the
number are compared for every message (and the last one of the server's seq), the whole numbers at both ends of each
piece; what is missing, or comes too often, shows in the counts at the end. That takes half of what a regular
expression for every message would, which counts with few receivers, and where every stream is read.
"""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING, Any, Sequence

from chat_core.framing import HEADER_BYTES

if TYPE_CHECKING:
    import re

    from tests.bench.tongues import Tongue

__all__ = ["Apart", "Audience", "Shared", "SharedBesideReplies", "Tally", "Wrong"]

_DIGITS = b"0123456789"
_MASK = bytes(ord("0") if byte in _DIGITS else byte for byte in range(256))
#: Longer than any message here: this many bytes without one are something else.
_MESSAGE_BYTES_MAX = 1_000
#: What everybody has passed is let go in pieces of this size.
_TRIM_BYTES = 1_048_576
_SHOWN_BYTES = 240
#: Of the sender that a receiver is itself, where nobody gets its own messages.
_NEVER = 1 << 60


class Wrong(Exception):
    """A stream does not hold what it must."""


class Tally:
    """Counts the messages of one stream, and sees that each sender's come in order and without holes."""

    def __init__(self, tongue: Tongue, senders: int) -> None:
        self._tongue = tongue
        self.counts = [0] * senders
        #: Where each message ended, counted from the start of the stream; only if asked for.
        self.ends: list[int] | None = None
        self._read_bytes = 0
        self._seq: int | None = None
        # As many columns as it takes to tell the senders apart. One column of bytes gives integers, more give tuples.
        self._columns = len(str(senders - 1))
        spelled = [b"%04d" % sender for sender in range(senders)]
        keys = [name[3] if self._columns == 1 else tuple(name[4 - self._columns :]) for name in spelled]
        self._senders = {key: sender for sender, key in enumerate(keys)}
        self._wheels = {key: itertools.cycle(_DIGITS) for key in keys}

    def take(self, data: bytes) -> int:
        """Read all whole messages at the front of `data` and return how many bytes they are."""
        match_at, at = self._tongue.pattern.match, 0
        first = match_at(data)
        while first is not None:
            length = first.end() - at
            end = at + self._alike(data, at, length) * length
            last = match_at(data, end - length)
            if last is None or not self._tongue.is_sound(first.group()):
                break
            self._check_first(first, data, end)
            self._count(data[at:end], length, first.start("sender") - at, first.start("number") - at)
            self._check_last(last, data)
            if self.ends is not None:
                start = self._read_bytes - at
                self.ends.extend(range(start + at + length, start + end + 1, length))
            self._read_bytes += end - at
            at = end
            first = match_at(data, at)
        if first is not None or len(data) - at > _MESSAGE_BYTES_MAX:
            raise Wrong(f"not a message: {_shown(data, at)}")
        return at

    def _alike(self, data: bytes, at: int, length: int) -> int:
        """Return how many messages from `at` on differ from the one there in digits alone, itself included."""
        count = (len(data) - at) // length
        masked = data[at : at + count * length].translate(_MASK)
        model = masked[:length]
        if masked == model * count:
            return count
        # Rare: a number of the server's got a digit more, or what follows is not whole or no message.
        return next(n for n in range(1, count) if masked[n * length : (n + 1) * length] != model)

    def _check_first(self, first: re.Match[bytes], data: bytes, end: int) -> None:
        sender, number = int(first["sender"]), int(first["number"])
        if sender >= len(self.counts) or number != self.counts[sender]:
            expected = self.counts[sender] if sender < len(self.counts) else "none"
            raise Wrong(f"of sender {sender}: number {number}, not {expected}: {_shown(data, first.start())}")
        seq = first.groupdict().get("seq")
        if seq is None:
            return
        if self._seq is not None and int(seq) != self._seq + 1:
            raise Wrong(f"seq {int(seq)} after {self._seq}: {_shown(data, first.start())}")
        length = first.end() - first.start()
        lasts = data[first.end("seq") - 1 : end : length]
        if lasts != (_DIGITS * (len(lasts) // 10 + 2))[int(seq) % 10 :][: len(lasts)]:
            raise Wrong(f"seqs with a hole or a repeat after {int(seq)}: {_shown(data, first.start())}")
        self._seq = int(seq) + len(lasts) - 1

    def _check_last(self, last: re.Match[bytes], data: bytes) -> None:
        sender, number = int(last["sender"]), int(last["number"])
        if number != self.counts[sender] - 1:
            raise Wrong(f"of sender {sender}: number {number}, not {self.counts[sender] - 1}")
        if "seq" in last.groupdict() and int(last["seq"]) != self._seq:
            raise Wrong(f"seq {int(last['seq'])}, not {self._seq}: {_shown(data, last.start())}")

    def _count(self, piece: bytes, length: int, sender_at: int, number_at: int) -> None:
        """Count a piece of messages of one length, and check the last digit of each one's number."""
        columns = [piece[sender_at + n :: length] for n in range(4 - self._columns, 4)]
        keys: Sequence[Any] = columns[0] if self._columns == 1 else list(zip(*columns))
        try:
            expected = bytes(map(next, map(self._wheels.__getitem__, keys)))
        except KeyError:
            raise Wrong(f"a sender that there is not: {_shown(piece, 0)}") from None
        if expected != piece[number_at + 8 :: length]:
            raise Wrong(f"a sender's messages are not in order: {_shown(piece, 0)}")
        for key, count in collections.Counter(keys).items():
            self.counts[self._senders[key]] += count


def _shown(data: bytes, at: int) -> str:
    return repr(bytes(data[at : at + _SHOWN_BYTES]))


class Audience:
    """All receivers of a room, and what each has got."""

    #: For each sender, how many of its messages all receivers have got.
    passed: Sequence[int]

    def hear(self, index: int, data: memoryview) -> None:
        """Take what one receiver got, whatever the cut. Raises `Wrong`."""
        raise NotImplementedError

    def look(self) -> None:
        """Bring `passed` up to date: at the end of each round, not for each receiver."""
        raise NotImplementedError

    def check_end(self, sent: Sequence[int]) -> int:
        """See that everybody got everything that was sent, and nothing else; return the number of deliveries."""
        raise NotImplementedError


class Shared(Audience):
    """One stream for all of them. `offsets` says how far each has come in it, in bytes since the start."""

    def __init__(self, tally: Tally, receivers: int) -> None:
        self.tally = tally
        self.offsets = [0] * receivers
        self.passed = tuple(tally.counts)
        self._text = bytearray()  # the reference, without what everybody has passed
        self._start = 0  # where it starts
        self._read = 0  # up to where it was read
        self._marks: collections.deque[tuple[int, tuple[int, ...]]] = collections.deque()
        self._laggard = 0
        self._slowest = 0

    def hear(self, index: int, data: memoryview) -> None:
        at = self.offsets[index]
        # This one line is what every delivery costs. `startswith` is a memcmp without a copy; comparing
        # memoryviews is not, it unpacks byte by byte (2 ns each).
        if self._text.startswith(data, at - self._start):
            self.offsets[index] = at + len(data)
        else:
            self._hear_new(index, data)

    def _hear_new(self, index: int, data: memoryview) -> None:
        """Compare what is known of it already; the rest is new, and now part of the reference."""
        at = self.offsets[index] - self._start
        known = len(self._text) - at
        if not self._text.startswith(data[:known], at):  # nor when all is known: then `hear` has compared it
            raise Wrong(f"receiver {index} got {_shown(bytes(data), 0)} instead of {_shown(self._text, at)}")
        self._text += data[known:]
        self.offsets[index] += len(data)
        self._read_on()

    def _read_on(self) -> None:
        self._read += self.tally.take(bytes(self._text[self._read - self._start :]))
        self._marks.append((self._read, tuple(self.tally.counts)))

    def look(self) -> None:
        if self.offsets[self._laggard] == self._slowest:
            return  # nobody is slower than this one, and it has not moved
        self._slowest = min(self.offsets)
        self._laggard = self.offsets.index(self._slowest)
        marks = self._marks
        while marks and marks[0][0] <= self._slowest:
            self.passed = marks.popleft()[1]
        free = min(self._slowest, self._read) - self._start
        if free >= _TRIM_BYTES:
            del self._text[:free]
            self._start += free

    def check_end(self, sent: Sequence[int]) -> int:
        end = self._start + len(self._text)
        if self._read != end:
            raise Wrong(f"at the end, not a message: {_shown(self._text, self._read - self._start)}")
        if self.tally.counts != list(sent):
            raise Wrong(f"of {list(sent)} messages sent, {self.tally.counts} came")
        behind = [index for index, offset in enumerate(self.offsets) if offset != end]
        if behind:
            raise Wrong(f"{len(behind)} receivers did not get everything, the first is {behind[0]}")
        return sum(sent) * len(self.offsets)


class SharedBesideReplies(Shared):
    """One stream for all of them, and in it, between whole frames, replies that only one gets: these are taken out.

    They are counted, one for each message sent, and not looked at otherwise.
    """

    def __init__(self, tally: Tally, receivers: int, reply: bytes) -> None:
        super().__init__(tally, receivers)
        self.replies = 0
        self._reply = reply
        self._kind_bytes = HEADER_BYTES + len(reply)  # so many show what kind of frame it is
        self._carries = [b""] * receivers  # the beginning of a reply, or of one cannot say yet what

    def hear(self, index: int, data: memoryview) -> None:
        # A header begins with a zero byte, of which a payload has none, and stands behind the end of an object.
        is_open = self._carries[index] or len(data) < self._kind_bytes or b"}\0" in bytes(data[-self._kind_bytes :])
        if not is_open and self._text.startswith(data, self.offsets[index] - self._start):
            self.offsets[index] += len(data)  # messages that are known, and nothing else: so comes most of it
        else:
            self._sort(index, self._carries[index] + bytes(data))

    def _sort(self, index: int, data: bytes) -> None:
        """Hand on what stands between the replies, and keep what may become one."""
        last_header = data.find(b"}\0", max(0, len(data) - self._kind_bytes)) + 1
        if not last_header and (len(data) >= self._kind_bytes or data[0]):
            last_header = len(data)
        at, view = 0, memoryview(data)
        while at < last_header:
            if data.startswith(self._reply, at + HEADER_BYTES):
                end = at + HEADER_BYTES + int.from_bytes(data[at : at + HEADER_BYTES], "big")
                if end > len(data):
                    break
                self.replies += 1
            else:
                end = last_header
                if not self._text.startswith(view[at:end], self.offsets[index] - self._start):
                    found = data.find(self._reply, at, end)
                    end = end if found < 0 else found - HEADER_BYTES
                super().hear(index, view[at:end])
            at = end
        self._carries[index] = data[at:]

    def check_end(self, sent: Sequence[int]) -> int:
        if any(self._carries):
            raise Wrong(f"at the end, not a frame: {_shown(next(filter(None, self._carries)), 0)}")
        deliveries = super().check_end(sent)
        if self.replies != sum(sent):
            raise Wrong(f"{self.replies} replies to {sum(sent)} messages")
        return deliveries


class Apart(Audience):
    """A stream for each of them, read in full. With `is_without_own`, receiver n does not get what sender n says."""

    def __init__(self, tallies: Sequence[Tally], *, is_without_own: bool) -> None:
        self._tallies = tallies
        self._carries = [b""] * len(tallies)
        self._is_without_own = is_without_own
        self._has_changed = False
        self.passed = list(tallies[0].counts)
        if is_without_own:
            for index, tally in enumerate(tallies):
                tally.counts[index] = _NEVER

    def hear(self, index: int, data: memoryview) -> None:
        heard = self._carries[index] + bytes(data)
        self._carries[index] = heard[self._tallies[index].take(heard) :]
        self._has_changed = True

    def look(self) -> None:
        if self._has_changed:
            self.passed = [min(counts) for counts in zip(*(tally.counts for tally in self._tallies))]
            self._has_changed = False

    def check_end(self, sent: Sequence[int]) -> int:
        deliveries = 0
        for index, (tally, carry) in enumerate(zip(self._tallies, self._carries)):
            if carry:
                raise Wrong(f"receiver {index}, at the end, not a message: {_shown(carry, 0)}")
            expected = list(sent)
            if self._is_without_own:
                expected[index] = tally.counts[index] = 0
            if tally.counts != expected:
                raise Wrong(f"receiver {index}: of {expected} messages sent, {tally.counts} came")
            deliveries += sum(expected)
        return deliveries
