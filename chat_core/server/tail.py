"""The newest frames of each room, kept in memory to feed those who are only just behind.

Pure, and only a shortcut: everything in it is in the log too, and it may be empty at any time. One bound holds
for a room and one for all rooms together; beyond the latter the rooms that were used longest ago lose theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chat_core import limits

if TYPE_CHECKING:
    from chat_core.server.room import Room

__all__ = ["Chunk", "Tail", "TailSpace"]


class Chunk(NamedTuple):
    """What was fed to a member that stood at `cursor` while the room's newest message was `head`: so many frames."""

    room: Room
    cursor: int
    head: int
    data: bytes
    frame_count: int


class TailSpace:
    """The memory that all tails share, and the chunk that was joined last, for whoever needs the same."""

    def __init__(self) -> None:
        self.used_bytes = 0
        self.chunk: Chunk | None = None
        self._by_use: dict[Tail, None] = {}  # the least recently used first

    def take(self, tail: Tail, added_bytes: int) -> None:
        """Account for bytes that a tail has grown by, and empty others while it is too much."""
        self.used_bytes += added_bytes
        self._by_use.pop(tail, None)
        self._by_use[tail] = None
        while self.used_bytes > limits.TAIL_BYTES_ALL_ROOMS and len(self._by_use) > 1:
            next(iter(self._by_use)).clear()

    def give_back(self, tail: Tail, freed_bytes: int) -> None:
        """Account for bytes that a tail has let go."""
        self.used_bytes -= freed_bytes
        if not tail.size_bytes:
            self._by_use.pop(tail, None)


class Tail:
    """The frames of the last few messages of one room, without a gap, up to its head."""

    __slots__ = ("_frames", "_space", "head", "size_bytes")

    def __init__(self, space: TailSpace, head: int) -> None:
        self._space = space
        self._frames: list[bytes] = []
        self.head = head
        self.size_bytes = 0

    def append(self, frames: list[bytes]) -> None:
        """Add the frames of the messages that follow the head, and forget the oldest beyond the bound."""
        self._frames += frames
        self.head += len(frames)
        added = sum(map(len, frames))
        self.size_bytes += added
        self._space.take(self, added)
        if self.size_bytes > limits.TAIL_BYTES_PER_ROOM:
            self._trim(limits.TAIL_BYTES_PER_ROOM // 2)  # by half, so that it is done seldom

    def replace(self, frames: list[bytes]) -> None:
        """Hold these frames, which end at the head, if they reach further back than what is held."""
        if len(frames) > len(self._frames):
            self.clear()
            self.head -= len(frames)
            self.append(frames)

    def after(self, seq: int, bytes_max: int) -> list[bytes] | None:
        """Return the frames that follow a seq, at least one if there is one, within the bound.

        None when the tail does not reach back that far.
        """
        start = len(self._frames) - (self.head - seq)
        if start < 0:
            return None
        end = start
        size = 0
        while end < len(self._frames) and (end == start or size + len(self._frames[end]) <= bytes_max):
            size += len(self._frames[end])
            end += 1
        return self._frames[start:end]

    def clear(self) -> None:
        """Forget every frame."""
        freed, self.size_bytes = self.size_bytes, 0
        self._frames = []
        self._space.give_back(self, freed)

    def _trim(self, bytes_max: int) -> None:
        count = freed = 0
        while self.size_bytes - freed > bytes_max:
            freed += len(self._frames[count])
            count += 1
        del self._frames[:count]
        self.size_bytes -= freed
        self._space.give_back(self, freed)
