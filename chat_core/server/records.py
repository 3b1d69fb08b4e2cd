"""What the rules and the log hand each other: rows, what to write in one transaction, and the log's interface.

Pure. `log` keeps these in SQLite; tests and the rules need to know no more of it than this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, Sequence, Tuple

__all__ = [
    "Batch", "Cut", "FrontRow", "Log", "MessageRow", "MidPosition", "MidTakenError", "NewMessage", "PersonRow",
    "RoomRow", "StoredPost",
]  # fmt: skip


class PersonRow(NamedTuple):
    """Who owns a name. `token_hash` is all that is kept of the token."""

    id: int
    name: str
    key: str
    token_hash: bytes
    last_seen_unix_ms: int


class RoomRow(NamedTuple):
    """A room that somebody has written in. `head` is the newest seq, `first` the oldest kept one, or head + 1."""

    id: int
    name: str
    key: str
    head: int
    first: int
    last_unix_ms: int


class MessageRow(NamedTuple):
    """One message of the log."""

    room_id: int
    seq: int
    unix_ms: int
    person_id: int
    sender: str
    mid: str
    text: str


#: A message to be written: the fields of a MessageRow as a plain tuple. One is made for each message of a tick, and a
#: named one takes seven times as long.
NewMessage = Tuple[int, int, int, int, str, str, str]


class StoredPost(NamedTuple):
    """What the log has under a (person, mid). `text` is None, and `unix_ms` 0, when the message was pruned."""

    room_id: int
    seq: int
    unix_ms: int
    text: str | None


class Cut(NamedTuple):
    """What is to go from a room: everything up to this seq."""

    room_id: int
    up_to: int


class FrontRow(NamedTuple):
    """What retention needs to know of a message."""

    unix_ms: int
    text_chars: int


class MidPosition(NamedTuple):
    """A place in the order of the dedupe keys: behind this one."""

    person_id: int
    mid: str


class MidTakenError(Exception):
    """A batch holds a (person, mid) that the log has already, or holds one twice. Nothing of it was kept."""


@dataclass
class Batch:
    """All that one tick wants written, in one transaction, in this order."""

    lapsed: list[int] = field(default_factory=list)  # ids of persons whose name is free again
    people: list[PersonRow] = field(default_factory=list)  # new, renamed or just seen: insert or update
    rooms: list[tuple[int, str, str]] = field(default_factory=list)  # id, name, key: written in for the first time
    messages: Sequence[NewMessage] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.messages or self.people or self.lapsed or self.rooms)


class Log(Protocol):
    """The one place where anything is kept. Every method raises StorageError when the disk or the file fails."""

    epoch: str

    def next_ids(self) -> tuple[int, int]:
        """Return the smallest ids that no person and no room has ever had."""

    def rooms(self) -> list[RoomRow]:
        """Return every room that has been written in."""

    def person_by_token(self, token_hash: bytes) -> PersonRow | None:
        """Find who owns a token."""

    def person_by_key(self, key: str) -> PersonRow | None:
        """Find who owns a name."""

    def commit(self, batch: Batch) -> None:
        """Write a batch: when this returns, all of it is on disk; when it raises, none of it is kept.

        Raises MidTakenError, StorageError.
        """

    def find_mids(self, mids: list[tuple[int, str]]) -> dict[tuple[int, str], StoredPost]:
        """Return what is stored under these (person id, mid), without those that are not."""

    def after(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Return the messages that follow a seq, in order, at least one if there is one, within both bounds."""

    def before(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
        """Return the messages just before a seq, the newest first, within both bounds."""

    def front(self, room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[FrontRow]:
        """Look at the messages that follow a seq, in order, at least at one if there is one, within both bounds."""

    def prune(self, cuts: list[Cut], day: int) -> None:
        """Delete the front of some rooms for good; their heads and their dedupe keys stay, and `day` is noted.

        All or nothing, as `commit`. `day` is the number of days since 1970. Raises StorageError.
        """

    def oldest_mark(self) -> int | None:
        """Return the first day on which something was pruned whose dedupe keys are still there."""

    def forget_mids(self, last_day: int, position: MidPosition | None, rows_max: int) -> MidPosition | None:
        """Forget the keys of what was pruned up to this day, among the next so many keys behind a position.

        None is before the first key. Returns the position to go on from, None when it is all done. Raises
        StorageError: then nothing has changed.
        """

    def is_writable(self) -> bool:
        """Whether the last commit worked, or a probe since; posts are refused until one does."""
