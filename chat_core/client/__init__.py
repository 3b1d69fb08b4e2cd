"""The client without a window: the session's rules, the link to the server, and what is kept on disk.

`open_link` is the door for programs; docs/library.md shows how it is used. It is fetched when it is asked for
(PEP 562): the rules in this package are imported without a socket, and that is worth keeping true.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.client.link import Link, open_link
    from chat_core.client.store import MemoryStore

__all__ = ["Link", "MemoryStore", "open_link"]

_HOMES = {
    "Link": "chat_core.client.link",
    "MemoryStore": "chat_core.client.store",
    "open_link": "chat_core.client.link",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)
