"""Frames that were in order once: bits flipped, bytes lost, doubled and spliced, and lengths that lie.

The corpus is every payload of the vectors, those that must be refused too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from chat_core import limits
from chat_core.framing import HEADER_BYTES, encode_frame
from tests import bytes_of, vectors
from tests.fuzz.vocabulary import BROKEN, VALUES

if TYPE_CHECKING:
    from tests.simulation.chance import Chance

__all__ = ["CORPUS", "Mutation"]


def _payloads(*tables: str) -> tuple[bytes, ...]:
    """Read payloads, none longer than a frame may be."""
    every = (bytes_of(vector) for table in tables for vector in vectors(table))
    return tuple(payload for payload in every if len(payload) <= limits.CLIENT_FRAME_BYTES_MAX)


CORPUS = _payloads("golden", "accepted", "refused")
_SMALL = 600
_IN_ORDER = tuple(payload for payload in _payloads("golden", "accepted") if len(payload) <= _SMALL)
_REFUSED = tuple(payload for payload in _payloads("refused") if len(payload) <= _SMALL)
_PIECES = (
    b"\x00", b"\xff", b"\x80", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\\", b'"', b"\\u",
    b"\\ud800",
    b"{", b"}", b"[", b"]", b",", b":", b"[[[[[[[[[", b"1e999", b"-", b"null", b"true", b"\n", b" ", b"\x7f",
    b"\xe2\x80\xa8",
    *(text.encode("utf-8", "surrogateescape") for text in (*VALUES, *BROKEN) if len(text) < 30),
)  # fmt: skip
_LENGTHS = (0, 1, 4_096, 4_097, 65_536, 65_537, 262_144, 262_145, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x4745_5420)


class Mutation:
    """Spoils frames."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._ways: tuple[Callable[[bytearray], None], ...] = (
            self._flip, self._flip, self._put, self._cut, self._lose, self._repeat, self._splice, self._insert,
        )  # fmt: skip

    def payload(self, original: bytes | None = None) -> bytes:
        """Spoil a payload of the corpus, or the one given, in one to three ways."""
        chance = self._chance
        if original is None:
            draw = chance.below(200)
            original = chance.one_of(CORPUS if draw == 0 else _REFUSED if draw < 20 else _IN_ORDER)
        data = bytearray(original)
        for _ in range(chance.one_of((1, 1, 1, 2, 3))):
            chance.one_of(self._ways)(data)
        return bytes(data)

    def frame(self, original: bytes | None = None) -> bytes:
        """Spoil a payload and put a header before it, which lies now and then. What follows is then read amiss."""
        payload = self.payload(original)
        draw = self._chance.below(12)
        if draw == 0:
            length = self._chance.one_of(_LENGTHS)
            return length.to_bytes(HEADER_BYTES, "big") + payload
        if draw == 1:
            length = max(0, len(payload) + self._chance.below(9) - 4)
            return length.to_bytes(HEADER_BYTES, "big") + payload
        if draw == 2:  # the whole frame is spoiled, header included
            return self.payload(encode_frame(payload))
        return encode_frame(payload)

    def _place(self, data: bytearray) -> int:
        return self._chance.below(len(data) + 1)

    def _flip(self, data: bytearray) -> None:
        for _ in range(self._chance.one_of((1, 1, 2, 8)) if data else 0):
            data[self._chance.below(len(data))] ^= 1 << self._chance.below(8)

    def _put(self, data: bytearray) -> None:
        if data:
            data[self._chance.below(len(data))] = self._chance.one_of((0, 0x22, 0x5C, 0x7B, 0x7F, 0x80, 0xC3, 0xFF))

    def _cut(self, data: bytearray) -> None:
        del data[self._place(data) :]

    def _lose(self, data: bytearray) -> None:
        start = self._place(data)
        del data[start : start + 1 + self._chance.below(8)]

    def _repeat(self, data: bytearray) -> None:
        start = self._place(data)
        piece = data[start : start + 1 + self._chance.below(20)]
        data[start:start] = piece * self._chance.one_of((1, 1, 2, 50))

    def _splice(self, data: bytearray) -> None:
        other = self._chance.one_of(_IN_ORDER)
        data[self._place(data) :] = other[self._chance.below(len(other) + 1) :]

    def _insert(self, data: bytearray) -> None:
        start = self._place(data)
        data[start:start] = self._chance.one_of(_PIECES)
