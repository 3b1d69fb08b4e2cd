"""What can be wrong with the sentences of the program and their translations, as lines that say where.

Whether a translation is good must be judged by somebody who speaks the language.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Iterator

from chat_core.language import CATALOGUES, DOMAIN
from tests.languages.catalogue import Catalogue, Entry, compile_mo, read_po
from tests.languages.collecting import Sentence, collect, marks_that_cannot_be, sources, unmarked

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NOT_TRANSLATED", "faults_of_catalogue", "faults_of_entries", "faults_of_sources", "mo_path", "po_paths"]

#: What stands in modules that speak to people and looks like a sentence: where, which texts (a pattern), and why not.
NOT_TRANSLATED: tuple[tuple[str, str, str], ...] = (
    ("server/flags.py", r"chat-core \{\}", "the name and the version"),
    ("server/flags.py", r"\(%\(default\)s\)", "filled in by argparse"),
    ("ui/cli.py", r"chat-core \{\}", "the name and the version"),
    ("ui/desktop/glyphs.py", r"\nimport tkinter\n.*", "a program for a child process"),
    ("ui/desktop/notifications.py", r"on run argv|display notification .*|end run", "AppleScript"),
    ("ui/model/export.py", r"room \{\}", "the name of a file"),
    ("ui/model/export.py", r"chat-core conversation", "the name of a format"),
    ("ui/model/export_page.py", r"\s*<.*>\n?|default-src .*", "HTML, and the policy of a page"),
    ("ui/model/export_parts.py", r"\n.*|\.c\{\} .*", "CSS and JavaScript"),
    ("ui/model/keys.py", r"((Mod|Alt|Shift) )+\w+", "keys as the table has them"),
    ("ui/model/keys.py", r"(previous|next|mark|find|fold|zoom) [a-z]+", "values of an enum"),
    ("ui/view/input_text.py", r"# left to the window|event generate %W <<\w+>>", "scripts of Tk"),
    ("ui/view/pasting.py", r"as code", "the value of an enum"),
    ("ui/view/preferences.py", r"theme \{\}", "the name of a widget"),
    ("ui/view/shapes.py", r"focus (pressed|active|selected)", "states of a widget"),
    ("ui/view/styles.py", r"(focus|pressed|active|selected|disabled| )+", "states of a widget"),
    ("ui/view/theme.py", r".* (Mono|Console)", "names of fonts"),
)
_PRINTF = re.compile(r"%(?:\(\w+\))?[sdr]")
_END = re.compile(r"[.:?!…]?\s*\Z")
_START = re.compile(r"\A\s*")


def po_paths() -> list[Path]:
    """List the catalogues' sources."""
    return sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def mo_path(po: Path) -> Path:
    """Return where a catalogue is compiled to."""
    return po.with_suffix(".mo")


def faults_of_sources() -> list[str]:
    """Say what is not marked, what is marked in a way that no catalogue can know, and exceptions without a use."""
    faults = []
    unused = set(NOT_TRANSLATED)
    for name, source in sources():
        faults += marks_that_cannot_be(name, source)
        for place, text in unmarked(name, source):
            reasons = [exception for exception in NOT_TRANSLATED if _is_excepted(name, text, exception)]
            unused.difference_update(reasons)
            if not reasons:
                faults.append(f"{place} is not marked for translation: {text!r}")
    faults += [f"an exception that is not needed: {exception}" for exception in sorted(unused)]
    return faults


def _is_excepted(name: str, text: str, exception: tuple[str, str, str]) -> bool:
    module, pattern, _why = exception
    return name == f"chat_core/{module}" and re.fullmatch(pattern, text, re.DOTALL) is not None


def faults_of_catalogue(po: Path) -> list[str]:
    """Say what is missing, superfluous or wrong in a language, and whether it is compiled."""
    catalogue = read_po(po.read_text(encoding="utf-8"))
    faults = list(faults_of_entries(catalogue, collect()))
    if not catalogue.forms:
        faults.append("the header has no Plural-Forms")
    compiled = mo_path(po)
    if not compiled.exists() or compiled.read_bytes() != compile_mo(catalogue):
        faults.append("not compiled: python3 -m tests.languages compile")
    return [f"{po.parent.parent.name}: {fault}" for fault in faults]


def faults_of_entries(catalogue: Catalogue, sentences: list[Sentence]) -> Iterator[str]:
    """Say what is wrong with the entries of a catalogue that should have these sentences."""
    wanted = {(sentence.text, sentence.plural) for sentence in sentences}
    there = {(entry.sentence.text, entry.sentence.plural) for entry in catalogue.entries}
    for text, _plural in sorted(wanted - there):
        yield f"not in the catalogue: {text!r}"
    for text, _plural in sorted(there - wanted):
        yield f"not used any more: {text!r}"
    texts = [entry.sentence.text for entry in catalogue.entries]
    for text in sorted({text for text in texts if texts.count(text) > 1}):
        yield f"in it twice, or with a plural and without: {text!r}"
    for entry in catalogue.entries:
        forms = catalogue.forms if entry.sentence.plural else 1
        if not entry.is_translated:
            yield f"not translated: {entry.sentence.text!r}"
        elif len(entry.translations) != forms:
            yield f"{len(entry.translations)} forms and not {forms}: {entry.sentence.text!r}"
        else:
            yield from _faults_of_translation(entry)


def _faults_of_translation(entry: Entry) -> Iterator[str]:
    """Compare what is filled in, and how a text begins and ends: with white space, or as a sentence or none."""
    originals = [text for text in (entry.sentence.text, entry.sentence.plural) if text]
    for text in entry.translations:
        if _placeholders(text) not in map(_placeholders, originals):
            yield f"other placeholders: {text!r} for {originals[-1]!r}"
        for edge in (_START, _END):
            if edge.findall(text)[0] not in {edge.findall(original)[0] for original in originals}:
                yield f"another beginning or end: {text!r} for {originals[-1]!r}"


def _placeholders(text: str) -> list[str] | None:
    """List what is filled in, in any order. None when the braces do not match."""
    try:
        fields = [
            f"{name}!{conversion}:{form}" for _text, name, form, conversion in string.Formatter().parse(text) if name
        ]
    except ValueError:
        return None
    return sorted(fields + _PRINTF.findall(text))
