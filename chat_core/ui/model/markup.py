"""What in a text is more than text: code, links to the web, and people who are called by name.

Pure; how each is drawn is decided by the view and the export. Nothing is nested: code holds no links, links no names.
The time is linear in the length of the text, whatever a stranger has written: each pass goes over it once, and what is
tried at one place is bounded (an address has a host of at most 300 characters, a name as many words as ours has).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Callable, Iterable, Iterator
from unicodedata import category, normalize

from chat_core.errors import Refusal
from chat_core.names import person_name

__all__ = ["Span", "Style", "mentions", "spans"]


class Style(Enum):
    """What a part of a text is."""

    PLAIN = "plain"
    CODE = "code"  # within a line
    BLOCK = "block"  # lines of their own
    LINK = "link"
    MENTION = "mention"
    OWN_MENTION = "own_mention"


@dataclass(frozen=True)
class Span:
    """A part of a text, as it is shown. `target` is the http or https address of a LINK, empty otherwise."""

    text: str
    style: Style
    target: str = ""


_FENCE = "```"
_TICKS_OR_LINE_END = re.compile(r"`+|\n")
#: An address goes on to white space, what RFC 3986 does not allow, a control, or what reorders text or shows nothing.
_ADDRESSES = re.compile(
    '[^\\s<>"`{}|\\\\^\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e'
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\U000e0000-\U000e0fff\ud800-\udfff]+"
)
#: The scheme and the authority of RFC 3986, 3.2, bounded; what that may be exactly is judged below.
_WEB = re.compile(r"https?://([^/?#,;]{1,300})(?=[/?#,;]|\Z)", re.IGNORECASE)
_AFTER_HOST = ("/", "?", "#")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[^\W_](?:[\w.-]*[^\W_])?\.?)(?::[0-9]{1,5})?")
#: At the end they belong to the sentence, a bracket only if it was opened before the address.
_PUNCTUATION = frozenset(
    ".,;:!?'*\N{HORIZONTAL ELLIPSIS}\N{RIGHT SINGLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\xbb"
)
_OPENED_BY = {")": "(", "]": "["}
#: What a name may hold beside letters, digits and spaces. At its ends a sentence has them too.
_NAME_MARKS = "-_."
_CANDIDATE = re.compile(r"(?:[\w.-]|[^\x00-\x7f])+")


def spans(text: str, own_name: str = "") -> tuple[Span, ...]:
    """Cut a text into its parts; joined, they are what is shown (the back ticks around code are left out).

    A mention of `own_name` counts with and without "@", as whole words, and as names are compared.
    """
    own_key = _key(own_name.strip(_NAME_MARKS)) if own_name else ""
    if not _may_hold_more(text, own_key):
        return (Span(text, Style.PLAIN),) if text else ()
    parts: Iterable[Span] = _blocks(text)
    parts = _plain_cut(parts, _codes)
    parts = _plain_cut(parts, _links)
    parts = _plain_cut(parts, lambda piece: _calls(piece, own_key))
    return tuple(_joined(parts))


def mentions(text: str, own_name: str) -> bool:
    """Whether a text calls us by name, outside of code and links."""
    own_key = _key(own_name.strip(_NAME_MARKS))
    return own_key in _folded(text) and any(span.style is Style.OWN_MENTION for span in spans(text, own_name))


def _may_hold_more(text: str, own_key: str) -> bool:
    """Say quickly of most texts that they are nothing but text."""
    return "`" in text or "@" in text or "://" in text or (own_key != "" and own_key in _folded(text))


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else normalize("NFKC", normalize("NFKC", text).casefold())


def _plain_cut(parts: Iterable[Span], cut: Callable[[str], Iterator[Span]]) -> Iterator[Span]:
    """Cut further what is still plain."""
    for part in parts:
        if part.style is Style.PLAIN:
            yield from cut(part.text)
        else:
            yield part


def _joined(parts: Iterable[Span]) -> Iterator[Span]:
    """Leave out what is empty, and put plain neighbours together."""
    plain: list[str] = []
    for part in parts:
        if part.style is Style.PLAIN:
            plain.append(part.text)
            continue
        if any(plain):
            yield Span("".join(plain), Style.PLAIN)
        plain = []
        if part.text:
            yield part
    if any(plain):
        yield Span("".join(plain), Style.PLAIN)


# --- code


def _blocks(text: str) -> Iterator[Span]:
    """Cut at lines of three back ticks (the first may name a language). One that is never closed is text."""
    lines = text.split("\n")
    closing = [number for number, line in enumerate(lines) if line.strip() == _FENCE]
    shown = number = 0
    for close in closing:
        while number < close and not _opens_block(lines[number]):
            number += 1
        if number >= close:  # it closes nothing, so it opens: the next one closes it
            number = close
            continue
        yield Span("".join(f"{line}\n" for line in lines[shown:number]), Style.PLAIN)
        yield Span("\n".join(lines[number + 1 : close]), Style.BLOCK)
        if close + 1 < len(lines):
            yield Span("\n", Style.PLAIN)
        shown = number = close + 1
    yield Span("\n".join(lines[shown:]), Style.PLAIN)


def _opens_block(line: str) -> bool:
    line = line.strip()
    return line.startswith(_FENCE) and "`" not in line[len(_FENCE) :]


def _codes(text: str) -> Iterator[Span]:
    """Cut at runs of back ticks that have a run of the same length in the same line, the nearest (CommonMark, 6.1)."""
    runs = list(_TICKS_OR_LINE_END.finditer(text))
    partner: dict[int, re.Match[str]] = {}
    last_of_length: dict[int, re.Match[str]] = {}
    for run in reversed(runs):
        if run.group() == "\n":
            last_of_length = {}
            continue
        length = run.end() - run.start()
        if length in last_of_length:
            partner[run.start()] = last_of_length[length]
        last_of_length[length] = run
    done = 0
    for run in runs:
        end = partner.get(run.start())
        if end is None or run.start() < done:
            continue
        code = text[run.end() : end.start()]
        if not code.strip():
            continue
        if code[0] == code[-1] == " ":  # so that code can begin or end with a back tick
            code = code[1:-1]
        yield Span(text[done : run.start()], Style.PLAIN)
        yield Span(code, Style.CODE)
        done = end.end()
    yield Span(text[done:], Style.PLAIN)


# --- links


def _links(text: str) -> Iterator[Span]:
    if "://" not in text:
        yield Span(text, Style.PLAIN)
        return
    done = 0
    for run in _ADDRESSES.finditer(text):
        for scheme in _WEB.finditer(text, run.start(), run.end()):
            start, end = scheme.span()
            if start < done or (start > run.start() and text[start - 1].isalnum()):
                continue
            if text.startswith(_AFTER_HOST, end):
                host_end, end = end, run.end()
            else:  # the host is the end of it, and the sentence can end there too
                host_end = end = _without_punctuation(text, scheme.start(1), end)
            if _is_host(text[scheme.start(1) : host_end]):
                end = _without_punctuation(text, start, end)
                yield Span(text[done:start], Style.PLAIN)
                yield Span(text[start:end], Style.LINK, text[start:end])
                done = end
    yield Span(text[done:], Style.PLAIN)


def _is_host(authority: str) -> bool:
    """Say whether this can be a host and a port. Never with a user's name before it: that can pass for another host."""
    if not _HOST.fullmatch(authority):
        return False
    host = authority if authority.startswith("[") else authority.partition(":")[0].rstrip(".")
    return all(label and len(label) <= 63 for label in host.split("."))  # RFC 1035, 2.3.4


def _without_punctuation(text: str, start: int, end: int) -> int:
    surplus = {
        close: text.count(close, start, end) - text.count(opened, start, end) for close, opened in _OPENED_BY.items()
    }
    while end > start:
        last = text[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _PUNCTUATION:
            break
        end -= 1
    return end


# --- people


def _calls(text: str, own_key: str) -> Iterator[Span]:
    """Cut at "@name" and at our own name."""
    words_of_own = own_key.count(" ") + 1 if own_key and own_key in _folded(text) else 0
    if not words_of_own and "@" not in text:
        yield Span(text, Style.PLAIN)
        return
    words = list(_words(text))
    done = 0
    for number, (start, end) in enumerate(words):
        has_at = start > 0 and text[start - 1] == "@"
        if start < done or (has_at and _has_word_at(text, start - 2)):  # the latter ends an e-mail address
            continue
        style, stop = Style.MENTION, end
        if words_of_own and number + words_of_own <= len(words):
            own_end = words[number + words_of_own - 1][1]
            begins_address = text.startswith("@", own_end) and _has_word_at(text, own_end + 1)
            piece = text[start:own_end]
            if not begins_address and _folded(piece) == own_key and _key(piece) == own_key:
                style, stop = Style.OWN_MENTION, own_end
        if has_at or style is Style.OWN_MENTION:
            yield Span(text[done : start - has_at], Style.PLAIN)
            yield Span(text[start - has_at : stop], style)
            done = stop
    yield Span(text[done:], Style.PLAIN)


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Find what can be a name or a word of one, without the marks at its ends."""
    for found in _CANDIDATE.finditer(text):
        start = found.start()
        piece = found.group()
        pieces = [piece] if piece.isascii() else _split_at_marks(piece)
        for word in pieces:
            core = word.strip(_NAME_MARKS)
            if core:
                begin = start + len(word) - len(word.lstrip(_NAME_MARKS))
                yield begin, begin + len(core)
            start += len(word) + 1


def _split_at_marks(piece: str) -> list[str]:
    """Cut at every character that no name has, such as quotation marks; each counts one."""
    return "".join(character if _is_of_word(character) else " " for character in piece).split(" ")


def _has_word_at(text: str, place: int) -> bool:
    return 0 <= place < len(text) and _is_of_word(text[place])


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character in _NAME_MARKS or category(character)[0] == "M"


def _key(name: str) -> str:
    """Return what names are compared by; empty for what cannot be one."""
    try:
        return person_name(name).key
    except Refusal:
        return ""
