"""A text that is too wide for its place, made to fit.

Pure: how wide a text is says whoever draws it.
"""

from __future__ import annotations

from typing import Callable

__all__ = ["broken", "cut_end", "cut_middle"]


def broken(text: str, width: int, measure: Callable[[str], int]) -> str:
    """Put line ends between words so that each line fits into `width`; a word that does not stays whole."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def cut_middle(text: str, width: int, measure: Callable[[str], int]) -> str:
    """Take characters out of the middle until a name fits into `width`.

    Names of one kind begin alike and end with what tells them apart. At least one character stays.
    """
    return _cut(text, width, measure, lambda kept: f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}")


def cut_end(text: str, width: int, measure: Callable[[str], int]) -> str:
    """Take characters off the end until a text fits into `width`; at least one stays."""
    return _cut(text, width, measure, lambda kept: f"{text[:kept]}…")


def _cut(text: str, width: int, measure: Callable[[str], int], with_characters: Callable[[int], str]) -> str:
    if measure(text) <= width:
        return text
    fits, too_many = 1, len(text)
    while too_many - fits > 1:  # each measuring is a call into Tk
        kept = (fits + too_many) // 2
        if measure(with_characters(kept)) <= width:
            fits = kept
        else:
            too_many = kept
    return with_characters(fits)
