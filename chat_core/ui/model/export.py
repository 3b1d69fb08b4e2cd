"""A conversation to be saved: as text, as JSON, or as a web page, written piece by piece.

Pure: pieces are handed out as they are made, so that a long conversation takes no memory, and can be shown on its way
and be broken off; `desktop.saving` puts them into a file. The page is `export_page`. docs/export.md describes the JSON.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Iterable, Iterator

from chat_core.escape import escape_line
from chat_core.language import N_
from chat_core.strict_json import dump
from chat_core.ui.model.lines import Line, kind_of

__all__ = ["ENDS", "Entry", "Format", "as_json", "as_text", "file_name", "line_of", "utc_of", "zone_of"]

#: Pieces beside those of the entries: the beginning and the end.
ENDS = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_JSON_VERSION = 1

#: What Windows does not take in a name (learn.microsoft.com, "Naming Files, Paths, and Namespaces"); others take less.
_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
#: Of the 255 that most systems allow; room for the day, for the ending and for what a temporary file is called.
_NAME_BYTES_MAX = 180


@dataclass(frozen=True)
class Entry:
    """A message to be saved, as it came over the wire: nothing in it is escaped. `seq` 0 where it is not known."""

    unix_ms: int
    sender: str
    text: str
    is_own: bool = False
    seq: int = 0


class Format(enum.Enum):
    """What a conversation is saved as. The value is how the file's name ends."""

    PAGE = "html"
    TEXT = "txt"
    JSON = "json"

    @property
    def label(self) -> str:
        """What it is called, in English; to be looked up."""
        return _LABELS[self]


_LABELS = {Format.PAGE: N_("Web page"), Format.TEXT: N_("Text"), Format.JSON: N_("JSON")}


def file_name(title: str, unix_ms: int, kind: Format) -> str:
    """Propose a name that every system takes: the room's and the day's, such as `lobby 2026-11-22.html`."""
    stem = _NOT_IN_FILE_NAMES.sub("-", escape_line(title))
    stem = stem.encode("utf-8", "replace")[:_NAME_BYTES_MAX].decode("utf-8", "ignore").strip(" .") or "chat"
    if _DEVICES.fullmatch(stem.partition(".")[0].strip()):
        stem = f"room {stem}"
    day = _local(unix_ms)
    return f"{stem}{f' {day:%Y-%m-%d}' if day else ''}.{kind.value}"


def as_text(entries: Iterable[Entry], title: str) -> Iterator[str]:
    """Write what a person reads in any editor. Further lines of a message are indented: none can pass for another."""
    heading = escape_line(title)
    yield f"{heading}\n{'=' * len(heading)}\n"
    day = ""
    for entry in entries:
        line = line_of(entry)
        before = ""
        if line.day != day:
            day = line.day
            before = f"\n--- {day} ({zone_of(entry.unix_ms)}) ---\n\n"
        quoted = line.quote().replace("\n", "\n    ")
        yield f"{before}{quoted}\n"
    yield ""


def as_json(entries: Iterable[Entry], title: str) -> Iterator[str]:
    """Write one JSON object with everything as it was said; each message is a line of its own."""
    head = {"format": "chat-core conversation", "version": _JSON_VERSION, "room": title}
    yield f'{dump(head)[:-1]},"messages":[\n'
    comma = ""
    for entry in entries:
        written = {"time": utc_of(entry.unix_ms), "unix_ms": entry.unix_ms, "from": entry.sender, "text": entry.text}
        own = {"own": True} if entry.is_own else {}
        seq = {"seq": entry.seq} if entry.seq else {}
        yield comma + dump({**seq, **written, **own})
        comma = ",\n"
    yield "\n]}\n"


def line_of(entry: Entry) -> Line:
    """Return an entry as a line of the window: escaped, and with its times in words."""
    line = Line(kind_of(entry.text), entry.text, entry.unix_ms, escape_line(entry.sender), entry.seq)
    line.is_own = entry.is_own
    return line


def utc_of(unix_ms: int) -> str | None:
    """Write a time as RFC 3339 has it, in UTC and to the millisecond; None for one that no calendar holds."""
    try:
        moment = _EPOCH + timedelta(milliseconds=unix_ms)
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zone_of(unix_ms: int) -> str:
    """Say how far the local clock is from UTC at a time, such as UTC+01:00."""
    moment = _local(unix_ms)
    offset = "" if moment is None else f"{moment:%z}"
    return f"UTC{offset[:3]}:{offset[3:5]}" if offset else "UTC"


def _local(unix_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(unix_ms / 1000).astimezone()
    except (OverflowError, OSError, ValueError):
        return None
