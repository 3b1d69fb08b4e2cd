"""How a connection can end for a session, and the words for it.

Pure. Which of them it is, decides `session`; what is done then, `link`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.errors import ConnectionFailure

__all__ = ["FINAL_GOODBYES", "OFFLINE", "PASSING_CODES", "Ending", "goodbye_sentence"]

#: A login refused with one of these may succeed later without anybody doing anything.
PASSING_CODES = frozenset({"server_full", "storage", "timeout", "internal"})
#: After one of these goodbyes the person, or another window of theirs, has the say.
FINAL_GOODBYES = frozenset({"bye", "replaced", "removed"})
#: Why something cannot be asked now.
OFFLINE = "You are not connected at the moment; try again when you are."
_GOODBYES = {
    "bye": "You have left.",
    "shutdown": "The server is being stopped.",
    "replaced": "You have connected again from this computer, in another window.",
    "removed": "You have been removed from the server.",
    "timeout": "The server heard nothing from this computer for too long.",
}


@dataclass(frozen=True)
class Ending:
    """The connection is over as far as the session is concerned: close it, and come back or not.

    `retry_s` is how long the server asks to stay away; `failure` is set when it broke the protocol. `is_replaced`
    when another connection of this installation has taken the place.
    """

    wants_retry: bool
    retry_s: float = 0.0
    failure: ConnectionFailure | None = None
    is_replaced: bool = False


def goodbye_sentence(code: str) -> str:
    """Say a server's goodbye for people."""
    return _GOODBYES.get(code, "The server has ended the connection.")
