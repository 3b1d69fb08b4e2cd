"""One language's catalogue: a `.po` file read and written, brought up to date, and compiled to the bytes of a `.mo`.

Both formats are those of the GNU gettext manual ("The Format of PO Files", "The Format of GNU MO Files"). Of the first,
what is used here: no contexts, and an entry marked fuzzy counts as not translated. Nothing here touches a file.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace
from typing import Iterable

from tests.languages.collecting import Sentence

__all__ = ["Catalogue", "Entry", "compile_mo", "new_catalogue", "read_po", "update", "write_po"]

_HEADER = (
    "Project-Id-Version: chat-core\n"
    "Language: {language}\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}
_AS_IS = re.compile(r'[\\"\n\t]')
_ESCAPED = re.compile(r'\\[\\"nt]')
_KEYWORD = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+(".*")')
_MAGIC = 0x950412DE
_MO_HEADER = struct.Struct("<7I")


@dataclass(frozen=True)
class Entry:
    """A sentence and its translation: one text, or one for each plural form; empty where there is none."""

    sentence: Sentence
    translations: tuple[str, ...] = ("",)

    @property
    def is_translated(self) -> bool:
        """Whether each form is there."""
        return all(self.translations)


@dataclass(frozen=True)
class Catalogue:
    """A language's header and entries. `comment` is what stands at the top of the file, with its marks."""

    header: str
    entries: tuple[Entry, ...] = ()
    comment: str = ""

    @property
    def forms(self) -> int:
        """How many plural forms the language has, as its header says."""
        found = re.search(r"^Plural-Forms: nplurals=(\d+);", self.header, re.MULTILINE)
        return int(found.group(1)) if found else 0


def new_catalogue(language: str) -> Catalogue:
    """Begin a language with nothing translated, and the plural forms of English."""
    return Catalogue(_HEADER.format(language=language))


def update(catalogue: Catalogue, sentences: Iterable[Sentence]) -> Catalogue:
    """Give it these sentences and no others, in their order, with the translations that are known.

    Each has as many forms as it needs; when the header was changed, some are empty, or cut off.
    """
    known = {(entry.sentence.text, entry.sentence.plural): entry.translations for entry in catalogue.entries}
    entries = []
    for sentence in sentences:
        forms = catalogue.forms if sentence.plural else 1
        translations = known.get((sentence.text, sentence.plural), ())
        entries.append(Entry(sentence, (*translations, *[""] * forms)[:forms]))
    return replace(catalogue, entries=tuple(entries))


# --- .po ---


def write_po(catalogue: Catalogue) -> str:
    """Write the source of a catalogue."""
    parts = [f'{catalogue.comment}msgid ""\nmsgstr {_quote(catalogue.header)}\n']
    for entry in catalogue.entries:
        sentence = entry.sentence
        lines = [f"#. {comment}" for comment in sentence.comments]
        lines += [f"#: {place}" for place in sentence.places]
        lines += [f"msgid {_quote(sentence.text)}"]
        if sentence.plural:
            lines += [f"msgid_plural {_quote(sentence.plural)}"]
            lines += [f"msgstr[{form}] {_quote(text)}" for form, text in enumerate(entry.translations)]
        else:
            lines += [f"msgstr {_quote(entry.translations[0])}"]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _quote(text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    quoted = [f'"{_AS_IS.sub(_escape, line)}"' for line in lines]
    return quoted[0] if len(quoted) == 1 else "\n".join(['""', *quoted])


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found.group()]


def _unescape(found: re.Match[str]) -> str:
    return _UNESCAPES[found.group()]


def read_po(source: str) -> Catalogue:
    """Read the source of a catalogue. Raises ValueError with the number of a line that means nothing."""
    header, comment, entries = "", "", []
    for lines in _blocks(source):
        fields, comments = _fields_of(lines)
        forms = tuple(fields[name] for name in sorted(fields) if name.startswith("msgstr"))
        if not fields["msgid"]:
            header, comment = forms[0], "".join(f"{line}\n" for line in comments)
            continue
        if any(line.startswith("#,") and "fuzzy" in line for line in comments):
            forms = ("",) * len(forms)
        sentence = Sentence(
            fields["msgid"],
            fields.get("msgid_plural", ""),
            [line[3:] for line in comments if line.startswith("#: ")],
            [line[3:] for line in comments if line.startswith("#. ")],
        )
        entries.append(Entry(sentence, forms))
    return Catalogue(header, tuple(entries), comment)


def _blocks(source: str) -> Iterable[list[tuple[int, str]]]:
    """Split into entries: numbered lines between empty ones. Entries that were dropped (#~) are none."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*source.splitlines(), ""], 1):
        if line.strip():
            block.append((number, line.strip()))
        elif block:
            if any(not text.startswith("#") for _number, text in block):
                yield block
            block = []


def _fields_of(lines: list[tuple[int, str]]) -> tuple[dict[str, str], list[str]]:
    fields: dict[str, str] = {}
    comments = []
    name = ""
    for number, line in lines:
        keyword = _KEYWORD.fullmatch(line)
        if line.startswith("#"):
            comments.append(line)
        elif keyword:
            name = keyword.group(1)
            fields[name] = _unquote(keyword.group(2))
        elif name and line.startswith('"') and line.endswith('"'):
            fields[name] += _unquote(line)
        else:
            raise ValueError(f"line {number} means nothing: {line}")
    if "msgid" not in fields or not any(field.startswith("msgstr") for field in fields):
        raise ValueError(f"line {lines[0][0]}: an entry has a msgid and a msgstr, and stands between empty lines")
    return fields, comments


def _unquote(quoted: str) -> str:
    return _ESCAPED.sub(_unescape, quoted[1:-1])


# --- .mo ---


def compile_mo(catalogue: Catalogue) -> bytes:
    """Compile what is translated: the same bytes for the same catalogue, wherever and whenever.

    Little-endian: seven numbers, a table of (length, offset) for the sentences and one for the translations, both in
    the order of the sentences' bytes, and the texts, each with a zero after it. No hash table: Python reads none.
    """
    pairs = {b"": catalogue.header.encode()}
    for entry in catalogue.entries:
        if entry.is_translated:
            sentence = entry.sentence
            key = f"{sentence.text}\0{sentence.plural}" if sentence.plural else sentence.text
            pairs[key.encode()] = "\0".join(entry.translations).encode()
    keys = sorted(pairs)
    tables_at = _MO_HEADER.size
    texts_at = tables_at + 16 * len(keys)
    table, texts = b"", b""
    for text in [*keys, *(pairs[key] for key in keys)]:
        table += struct.pack("<2I", len(text), texts_at + len(texts))
        texts += text + b"\0"
    head = _MO_HEADER.pack(_MAGIC, 0, len(keys), tables_at, tables_at + 8 * len(keys), 0, texts_at)
    return head + table + texts
