"""Remote text made safe to show: in a terminal, in a log line, in the window.

Pure. Names cannot hold such characters, texts and agents can; whatever came from the other side of the wire
passes through here before a person or a terminal sees it.
"""

from __future__ import annotations

import re

__all__ = ["escape_line", "escape_text"]

# Control characters (ESC starts a terminal sequence), the line and paragraph separators, and the characters that
# reorder text so that it reads as something else (the bidi controls of UAX 9, "Trojan Source").
_LINE_BREAKING = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_TEXT_BREAKING = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_NOT_IN_A_LINE = re.compile(f"[{_LINE_BREAKING}{_BIDI}{_SURROGATES}]")
_NOT_IN_A_TEXT = re.compile(f"[{_TEXT_BREAKING}{_BIDI}{_SURROGATES}]")


def _visible(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")


def escape_line(text: str) -> str:
    """Make every character visible that could end the line, steer a terminal or reorder the text."""
    return _NOT_IN_A_LINE.sub(_visible, text)


def escape_text(text: str) -> str:
    """Do the same for a text of several lines: new lines and tabs stay as they are."""
    return _NOT_IN_A_TEXT.sub(_visible, text)
