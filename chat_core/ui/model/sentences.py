"""Sentences about people and messages whose form depends on how many there are.

Pure. Names come as they came over the wire, and leave escaped.
"""

from __future__ import annotations

from typing import Iterable, Sequence

from chat_core.escape import escape_line
from chat_core.language import _, ngettext

__all__ = ["came_in", "missed", "sentence_of_names", "went_out"]


def missed(count: int) -> str:
    """Say how many messages will not come."""
    return ngettext(
        "{count} message is missing here: the server has not kept it.",
        "{count} messages are missing here: the server has not kept them.",
        count,
    ).format(count=count)


def came_in(names: Sequence[str]) -> str:
    """Say who has come in."""
    return ngettext("{names} came in.", "{names} came in.", len(names)).format(names=sentence_of_names(names))


def went_out(names: Sequence[str]) -> str:
    """Say who has left."""
    return ngettext("{names} left.", "{names} left.", len(names)).format(names=sentence_of_names(names))


def sentence_of_names(names: Iterable[str], most: int = 5) -> str:
    """List names as people do: "Ann, Bob and Cid"; beyond `most` the rest as a number."""
    shown = [escape_line(name) for name in names]
    if len(shown) == 1:
        return shown[0]
    if len(shown) > most + 1:
        rest = len(shown) - most
        return ngettext("{names} and {count} other", "{names} and {count} others", rest).format(
            names=", ".join(shown[:most]), count=rest
        )
    return _("{names} and {last}").format(names=", ".join(shown[:-1]), last=shown[-1])
