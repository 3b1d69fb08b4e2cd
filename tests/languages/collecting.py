"""Find the sentences in the sources: those marked for translation, and those that are not and should be.

The sources are read with `ast`, never imported. A sentence is marked by `_`, by `ngettext`, or, where it stands in a
constant and is looked up later, by `N_`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Iterator

from tests import REPOSITORY

__all__ = ["ARGPARSE", "Sentence", "collect", "marks_that_cannot_be", "sentences_of", "sources", "unmarked"]

#: What people may be told by argparse, which looks it up in our catalogue (chat_core.command_line). The words of Python
#: 3.8 to 3.13 differ a little: all of them are here, but for those that only a programmer can be told.
ARGPARSE: tuple[tuple[str, str], ...] = (
    ("usage: ", ""),
    ("positional arguments", ""),
    ("optional arguments", ""),
    ("options", ""),
    ("show this help message and exit", ""),
    ("%(prog)s: error: %(message)s\n", ""),
    ("argument %(argument_name)s: %(message)s", ""),
    ("unrecognized arguments: %s", ""),
    ("the following arguments are required: %s", ""),
    ("ambiguous option: %(option)s could match %(matches)s", ""),
    ("ignored explicit argument %r", ""),
    ("expected one argument", ""),
    ("expected %s argument", "expected %s arguments"),
    ("invalid %(type)s value: %(value)r", ""),
    ("invalid choice: %(value)r (choose from %(choices)s)", ""),
    ("unknown parser %(parser_name)r (choices: %(choices)s)", ""),
)

_MARKS = {"_": 1, "N_": 1, "ngettext": 2}  # how many of the arguments are sentences
_A_MARK = re.compile(r"\b(_|N_|ngettext)\(")
_FOR_TRANSLATORS = "# Translators: "
#: Folders and modules that speak to people. What the others say goes over the wire, into logs, or through these.
_SPEAKING = (
    "chat_core/ui/",
    "chat_core/__main__.py",
    "chat_core/command_line.py",
    "chat_core/server/cli.py",
    "chat_core/server/flags.py",
    "chat_core/server/console.py",
    "chat_core/server/__main__.py",
    "chat_core/server/backup.py",
    "chat_core/server/folder.py",
    "chat_core/server/inspection.py",
    "chat_core/server/ready_file.py",
)
#: Keywords under which a widget, argparse or a banner gets what it shows, be it one word.
_SHOWN_AS = {"text", "label", "title", "help", "description", "metavar", "message", "detail", "sentence", "advice"}
_LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_ONE_WORD = re.compile(r"[^\W\d_]{2,}")  # the N of --rate N is the same everywhere
_TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,;:]? ([^\W\d_]|\{\})")
#: What the other languages in strings begin with: SQL, and the places in a text of Tk ("insert linestart", "end - 1c").
_NO_SENTENCE = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|VACUUM|BEGIN)\b"
    r"|(insert|end|current|sel\.first|sel\.last|\{\}|[\d.]+) ([+-]|(display )?(line|word)(start|end)\b)"
)


@dataclass
class Sentence:
    """One to translate, with its plural (empty: it has none), where it stands, and what its translators should know."""

    text: str
    plural: str = ""
    places: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def sources() -> Iterator[tuple[str, str]]:
    """Read every module of chat_core; the names are paths from the repository's root, with slashes."""
    for path in sorted((REPOSITORY / "chat_core").rglob("*.py")):
        yield path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8")


def collect() -> list[Sentence]:
    """Collect what must be translated, in the order of the sources, each once."""
    found: dict[tuple[str, str], Sentence] = {}
    marked = [sentence for name, text in sources() for sentence in sentences_of(name, text)]
    for sentence in marked + [Sentence(singular, plural, ["argparse"]) for singular, plural in ARGPARSE]:
        known = found.setdefault((sentence.text, sentence.plural), sentence)
        if known is not sentence:
            known.places += sentence.places
            known.comments += sentence.comments
    return list(found.values())


def sentences_of(name: str, source: str) -> list[Sentence]:
    """List what is marked in one module, in the order of its lines."""
    lines = source.splitlines()
    found = []
    for call in _marks(source):
        texts = [_text_of(argument) for argument in call.args[: _MARKS[_mark_of(call)]] if _is_text(argument)]
        if texts:
            places, comments = [f"{name}:{call.lineno}"], _comments_above(lines, call.lineno)
            found.append(Sentence(texts[0], "".join(texts[1:]), places, comments))
    return found


@lru_cache(maxsize=None)
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


@lru_cache(maxsize=None)
def _marks(source: str) -> tuple[ast.Call, ...]:
    if not _A_MARK.search(source):
        return ()  # reading a module as a tree is what takes time
    calls = [node for node in ast.walk(_tree(source)) if isinstance(node, ast.Call) and _mark_of(node)]
    return tuple(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))


def _mark_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) and call.func.id in _MARKS else ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _comments_above(lines: list[str], number: int) -> list[str]:
    """Return what is said to translators in the comment right above a line."""
    found: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.lstrip().startswith("#"):
            return []
        found.insert(0, line.strip())
        if line.lstrip().startswith(_FOR_TRANSLATORS):
            return [" ".join(part.lstrip("# ") for part in found)]
    return []


def marks_that_cannot_be(name: str, source: str) -> list[str]:
    """List marks whose text is put together when the program runs: no catalogue can know it."""
    return [
        f"{name}:{call.lineno} {_mark_of(call)} of a text that is put together: give it one text, and use format"
        for call in _marks(source)
        for argument in call.args[: _MARKS[_mark_of(call)]]
        if isinstance(argument, (ast.JoinedStr, ast.BinOp)) or (_mark_of(call) == "ngettext" and not _is_text(argument))
    ]


def unmarked(name: str, source: str) -> list[tuple[str, str]]:
    """List (place, text) of what looks like said to people, in a module that speaks to them, and is not marked.

    That is every string with two words in a row, and every string with a letter under a keyword such as `text=`. Left
    out are docstrings, what is logged, and what is SQL or Tk's own.
    """
    if not name.startswith(_SPEAKING):
        return []
    tree = _tree(source)
    passed = _passed_over(tree)
    shown = {
        id(keyword.value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg in _SHOWN_AS
    }
    found = []
    for node in ast.walk(tree):
        text = _text_of(node)
        if id(node) in passed or not text or _NO_SENTENCE.match(text):
            continue
        if _TWO_WORDS.search(text) or (id(node) in shown and _ONE_WORD.search(text)):
            found.append((f"{name}:{getattr(node, 'lineno', 0)}", text))
    return found


def _passed_over(tree: ast.AST) -> set[int]:
    """Return the ids of all nodes whose strings are marked, or not meant for people."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if _mark_of(node) or method in _LOGGING:
                roots += node.args
        elif isinstance(node, ast.Expr) and _is_text(node.value):
            roots.append(node.value)  # a docstring
        elif isinstance(node, ast.Assert):
            roots.append(node)
        elif isinstance(node, ast.JoinedStr):
            roots += node.values  # seen as a whole
    return {id(inner) for root in roots for inner in ast.walk(root)}


def _text_of(node: ast.AST) -> str:
    """Return the text of a string; what is filled into one is {}."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""
