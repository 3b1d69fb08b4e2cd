"""One room as a client knows it: where it stands in joining, its cursor, its people.

Pure, and no rule is here: `session` moves it.
"""

from __future__ import annotations

import enum

from chat_core.client.roster import Roster

__all__ = ["Phase", "Room"]


class Phase(enum.Enum):
    """How far one is in a room on the present connection. Messages count only while IN."""

    OUT = "out"
    JOINING = "joining"
    IN = "in"
    LEAVING = "leaving"


class Room:
    """A room the person wants to be in, or is about to leave.

    `cursor` is the seq up to which everything has been shown, None for a newcomer. `request_ref` is that of the
    last `join` or `leave`: an answer to an earlier one is out of date. `own_seqs` are messages of ours that the
    server has stored and not yet delivered.
    """

    def __init__(self, key: str, shown: str, cursor: int | None = None) -> None:
        self.key = key
        self.shown = shown
        self.cursor = cursor
        self.phase = Phase.OUT
        self.is_unwanted = False
        self.request_ref = ""
        self.roster = Roster()
        self.own_seqs: set[int] = set()
