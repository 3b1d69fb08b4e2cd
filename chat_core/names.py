"""What the name of a person or a room may be, and when two of them are the same.

Pure. Who owns a name is `server.people`; here is only its form. The specification is docs/protocol.md, "Names".

The theory. People recognise each other by name alone, so a name must not be able to pass for another one:
no invisible characters, no letters of two scripts side by side (a Cyrillic U+0430 in a Latin name), and one key
for all spellings of the same name. The characters are judged by Unicode 3.2, which every Python carries beside
its own version: a name that one server accepts, every server accepts. The rule on scripts is the "highly
restrictive" level of UTS 39, section 5.2, with the script read off the character's name, for the standard
library has no script property.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import ucd_3_2_0 as ucd

from chat_core import limits
from chat_core.errors import Refusal

__all__ = ["Name", "person_name", "room_name"]


class Name(NamedTuple):
    """A name as it is shown (NFC), and the folded key by which two names are the same."""

    shown: str
    key: str


_ALLOWED_MARKS = frozenset("-_. ")
#: General categories of letters, marks and decimal digits (Unicode 3.2, chapter 4.5).
_ALLOWED_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"})

# Letters and marks that show nothing (Default_Ignorable_Code_Point of UAX 44, as far as its category is allowed).
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u3164\uffa0") | frozenset(
    map(chr, range(0xFE00, 0xFE10))
)

# First words of character names that say nothing about a script: such characters go with any.
_COMMON_WORDS = frozenset({"COMBINING", "DIGIT", "MODIFIER", "KATAKANA-HIRAGANA"})
# First words that name a script in another way.
_SCRIPT_WORDS = {"CJK": "HAN", "IDEOGRAPHIC": "HAN", "ARABIC-INDIC": "ARABIC", "EXTENDED": "ARABIC"}
# The combinations in which people really write (UTS 39, 5.2); any one script alone is fine too.
_WRITTEN_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)


# A name in ASCII to which none of the rules has an objection, and whose key is its small letters.
_PLAIN = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._-]+(?: [A-Za-z0-9._-]+)*").fullmatch


def person_name(text: str) -> Name:
    """Check and normalise the name of a person. Raises Refusal with `name_invalid`."""
    return _checked(text, "name", "name_invalid", limits.NAME_CHARS_MAX)


def room_name(text: str) -> Name:
    """Check and normalise the name of a room. Raises Refusal with `room_invalid`."""
    return _checked(text, "room name", "room_invalid", limits.ROOM_CHARS_MAX)


def _checked(text: str, what: str, code: str, chars_max: int) -> Name:
    # Before normalising, which takes time for a text of 60 000 characters and can at most shorten it by
    # composing: a canonical decomposition has at most 4 characters for one (UAX 15).
    if len(text) > 4 * chars_max:
        raise Refusal(code, f"A {what} has at most {chars_max} characters.")
    if len(text) <= chars_max and _PLAIN(text):  # by far most are: 1 µs against 10
        return _name(text, text.lower())
    shown = ucd.normalize("NFC", text)
    if not 1 <= len(shown) <= chars_max:
        raise Refusal(code, f"A {what} has 1 to {chars_max} characters.")
    if shown[0] == " " or shown[-1] == " " or "  " in shown:
        raise Refusal(code, f"A {what} has no spaces at its ends and no two in a row.")
    scripts = set()
    has_letter = follows_letter = False
    for character in shown:
        if character in _ALLOWED_MARKS:
            follows_letter = False
            continue
        category = ucd.category(character)
        if category not in _ALLOWED_CATEGORIES or character in _INVISIBLE:
            raise Refusal(code, f"A {what} holds letters, digits, single spaces and - _ . only.")
        if category[0] == "M" and not follows_letter:
            raise Refusal(code, f"A {what} cannot hold an accent that has no letter.")
        has_letter = follows_letter = True
        scripts.add(_script(character))
    scripts.discard("")
    if not has_letter:
        raise Refusal(code, f"A {what} needs at least one letter or digit.")
    if len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER):
        raise Refusal(code, f"A {what} cannot mix letters of different scripts.")
    return _name(shown, _key(shown))


def _name(shown: str, key: str) -> Name:
    # Mostly they are equal: then one string instead of two, for as long as they live.
    return Name(shown, shown if key == shown else key)


def _script(character: str) -> str:
    """Name the script of a letter, mark or digit; empty for what goes with any script."""
    if character < "\x80":
        return "" if character.isdigit() else "LATIN"
    # By the plain form, so that full-width, mathematical and other dressed-up letters count as what they show.
    word = ucd.name(ucd.normalize("NFKC", character)[0]).split(" ", 1)[0]
    return "" if word in _COMMON_WORDS else _SCRIPT_WORDS.get(word, word)


def _key(shown: str) -> str:
    # Compatibility forms too (NFKC), or a full-width or mathematical "Ann" would be somebody else. Folding can
    # undo the normal form, so it is restored.
    return ucd.normalize("NFKC", ucd.normalize("NFKC", shown).casefold())
