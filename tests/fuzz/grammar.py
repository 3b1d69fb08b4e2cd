"""Messages made by the rules, and then bent: every type, every field, at its bounds, beyond them and beside them.

What the types and fields are is read from the vectors (`vocabulary`). Who says what when is `caller` and
`false_server`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from tests.fuzz.vocabulary import (
    BAD,
    BROKEN,
    GOOD,
    HUGE,
    KEYS,
    LONG_TEXTS,
    ODD_NAMES,
    ODD_TEXTS,
    ROOMS,
    SHAPES,
    TEXTS,
    VALUES,
)  # fmt: skip

if TYPE_CHECKING:
    from tests.simulation.chance import Chance

__all__ = ["Grammar", "to_bytes"]

_TYPES = (
    '"nonsense"',
    '""',
    '"Hello"',
    '"hello "',
    '"hello\\u0000"',
    "1",
    "null",
    "[]",
    '{"type":"ping"}',
    '"pi\\u006eg"',
)


def to_bytes(text: str) -> bytes:
    """Write JSON text as a payload; see `vocabulary` for raw bytes."""
    return text.encode("utf-8", "surrogateescape")


_ODD = {'"room"': ODD_NAMES, '"name"': ODD_NAMES, '"from"': ODD_NAMES, '"text"': ODD_TEXTS}


class Grammar:
    """Makes messages of one direction. `hints` gives, for a field's name, a value that fits what was said before."""

    def __init__(self, chance: Chance, direction: str, hints: dict[str, Callable[[], str]]) -> None:
        self._chance = chance
        self._shapes = SHAPES[direction]
        self._types = tuple(self._shapes)
        self._hints = hints
        self._bends: tuple[Callable[[list[tuple[str, str]]], None], ...] = (
            self._spoil, self._spoil, self._spoil, self._overdo, self._overdo, self._drop, self._double, self._add,
            self._retype, self._shuffle,
        )  # fmt: skip

    def message(self, kind: str | None = None) -> list[tuple[str, str]]:
        """Make a message that is in order, of one type or of any: keys and values as JSON texts."""
        chance = self._chance
        if kind is None:
            kind = chance.one_of(self._types)
        fields, optional = self._shapes[kind]
        pairs = [('"type"', f'"{kind}"')]
        for name, accepts in fields.items():
            if name not in optional or chance.happens(0.5):
                pairs.append((f'"{name}"', self._value(name, accepts)))
        return pairs

    def bent(self, kind: str | None = None) -> str:
        """Make a message and bend it in one to three places; the result may still be in order."""
        pairs = self.message(kind)
        for _ in range(self._chance.one_of((1, 1, 1, 2, 3))):
            self._chance.one_of(self._bends)(pairs)
        return self.written(pairs)

    def written(self, pairs: list[tuple[str, str]]) -> str:
        """Write a message, now and then with white space or another frame of mind around it."""
        draw = self._chance.below(40)
        if draw == 0:
            return " {\t" + " ,\r\n".join(f" {key} : {value}" for key, value in pairs) + "\n} "
        text = "{" + ",".join([f"{key}:{value}" for key, value in pairs]) + "}"
        if draw == 1:
            return self._chance.one_of(
                (text[:-1], text + text, f"[{text}]", text + ",", text[:-1] + ",}", text + "\x00")
            )
        return text

    def _value(self, name: str, accepts: str) -> str:
        hint = self._hints.get(name)
        if hint is not None and self._chance.happens(0.8):
            return hint()
        if accepts == "text":
            return self._chance.one_of(ROOMS if name in ("room", "name", "from") else TEXTS)
        return self._chance.one_of(GOOD[accepts])

    def _anything(self) -> str:
        """Draw a value, most often one that a parser takes: what a parser refuses gets no further."""
        draw = self._chance.below(200)
        return self._chance.one_of(HUGE if draw == 0 else BROKEN if draw < 25 else VALUES)

    # --- bends ---

    def _place(self, pairs: list[tuple[str, str]]) -> int:
        return self._chance.below(len(pairs))

    def _spoil(self, pairs: list[tuple[str, str]]) -> None:
        """Give a field a value that its kind does not accept."""
        at = self._place(pairs)
        key = pairs[at][0]
        kind = pairs[0][1].strip('"')
        accepts = self._shapes.get(kind, ({}, ()))[0].get(key.strip('"'))
        pairs[at] = (key, self._anything() if accepts is None else self._chance.one_of(BAD[accepts]))

    def _overdo(self, pairs: list[tuple[str, str]]) -> None:
        """Give a field any value at all."""
        at = self._place(pairs)
        key = pairs[at][0]
        odd = _ODD.get(key)
        if odd is None or self._chance.happens(0.2):
            pairs[at] = (key, self._anything())
        else:
            pairs[at] = (
                key,
                self._chance.one_of(LONG_TEXTS if odd is ODD_TEXTS and self._chance.happens(0.03) else odd),
            )

    def _drop(self, pairs: list[tuple[str, str]]) -> None:
        if len(pairs) > 1:
            del pairs[self._place(pairs)]

    def _double(self, pairs: list[tuple[str, str]]) -> None:
        """Say a field twice."""
        key, value = pairs[self._place(pairs)]
        other = value if self._chance.happens(0.3) else self._anything()
        pairs.insert(self._chance.below(len(pairs) + 1), (key, other))

    def _add(self, pairs: list[tuple[str, str]]) -> None:
        """Add a field that nobody knows."""
        pairs.insert(self._chance.below(len(pairs) + 1), (self._chance.one_of(KEYS), self._anything()))

    def _retype(self, pairs: list[tuple[str, str]]) -> None:
        """Say that it is of another type."""
        other = self._chance.one_of(_TYPES) if self._chance.happens(0.3) else f'"{self._chance.one_of(self._types)}"'
        pairs[0] = ('"type"', other)

    def _shuffle(self, pairs: list[tuple[str, str]]) -> None:
        at, to = self._place(pairs), self._place(pairs)
        pairs[at], pairs[to] = pairs[to], pairs[at]
