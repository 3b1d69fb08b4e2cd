"""A network of one process: transports whose other end is the fuzz, a door, and a selector that never waits.

Bytes arrive at once; what goes wrong (crumbs, stalls, resets, half-closed ends) is set on each wire by whoever plays
the other end. The simulation has a network with time in it; this one is made to be fast.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from chat_core.errors import BrokenPipe, ConnectionReset
from chat_core.net.interest import READ, WRITE
from tests.fakes import WorldSelector

__all__ = ["Line", "Wire", "WireDoor", "WireSelector", "WireWakeUp"]


class Wire:
    """One end of a connection; see `chat_core.net.transport.Transport`. The other end uses the attributes.

    `inbox` is what `receive` gives, and after it the end of the stream once `is_ended`. `heard` is what was sent.
    `capacity` is how many more bytes are taken (None: all); `crumb` bounds what one call moves (0: not at all).
    """

    __slots__ = (
        "capacity",
        "crumb",
        "heard",
        "inbox",
        "is_closed",
        "is_ended",
        "is_finished",
        "is_reset",
        "number",
        "peer",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.peer = f"fuzz:{number}"
        self.inbox = bytearray()
        self.heard: list[bytes] = []
        self.capacity: int | None = None
        self.crumb = 0
        self.is_ended = False
        self.is_reset = False
        self.is_finished = False
        self.is_closed = False

    def fileno(self) -> int:
        """Return a number in place of a descriptor; -1 once closed."""
        return -1 if self.is_closed else self.number

    def readiness(self) -> int:
        """Say what a selector would."""
        if self.is_reset:
            return READ | WRITE
        ready = READ if self.inbox or self.is_ended else 0
        return ready if self.capacity == 0 else ready | WRITE

    def receive(self, bytes_max: int) -> bytes | None:
        """Take what has arrived."""
        assert not self.is_closed, "read after closing"
        if self.is_reset:
            raise ConnectionReset("fuzz")
        if not self.inbox:
            return b"" if self.is_ended else None
        if self.crumb:
            bytes_max = min(bytes_max, self.crumb)
        taken = bytes(self.inbox[:bytes_max])
        del self.inbox[:bytes_max]
        return taken

    def send(self, data: bytes | memoryview) -> int:
        """Take what there is room for."""
        assert not self.is_closed, "written after closing"
        assert not self.is_finished, "written after the end"
        if self.is_reset:
            raise BrokenPipe("fuzz")
        count = len(data)
        if self.crumb:
            count = min(count, self.crumb)
        if self.capacity is not None:
            count = min(count, self.capacity)
            self.capacity -= count
        if count:
            self.heard.append(bytes(data[:count]))
        return count

    def finish_sending(self) -> None:
        """Note the end."""
        self.is_finished = True

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


class WireDoor:
    """See `chat_core.server.app.Door`. `waiting` stands before it."""

    def __init__(self) -> None:
        self.interest = 0
        self.waiting: deque[Wire] = deque()
        self.is_closed = False

    def fileno(self) -> int:
        """Return a number in place of a descriptor."""
        return -1 if self.is_closed else 1

    def readiness(self) -> int:
        """Say what a selector would."""
        return READ if self.waiting else 0

    def accept(self) -> Wire | None:
        """Let the next one in."""
        assert not self.is_closed, "accepting after closing"
        return self.waiting.popleft() if self.waiting else None

    def close(self) -> None:
        """Be closed."""
        self.is_closed = True


class WireWakeUp:
    """See `chat_core.server.app.Waker`: wakes nobody, for nobody sleeps."""

    interest = 0

    def fileno(self) -> int:
        """Return a number in place of a descriptor."""
        return 2

    def readiness(self) -> int:
        """Be never ready."""
        return 0

    def wake(self) -> None:
        """Do nothing."""

    def clear(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class WireSelector(WorldSelector):
    """Asks the wires themselves, the door and the wake-up."""

    def __init__(self, door: WireDoor, wake_up: WireWakeUp) -> None:
        super().__init__()
        self.things: dict[int, Any] = {1: door, 2: wake_up}  # by number: what can be asked for its readiness

    def readiness_of(self, number: int) -> int:
        """Ask it."""
        return int(self.things[number].readiness())


class Line:
    """Two wires made one connection: what one end sends arrives at the other when `carry` is called."""

    def __init__(self, one: Wire, other: Wire) -> None:
        self._ends = ((one, other), (other, one))

    def carry(self) -> None:
        """Move everything that was sent, and the ends of both streams."""
        for here, there in self._ends:
            there.inbox += b"".join(here.heard)
            here.heard.clear()
            if here.is_finished or here.is_closed:
                there.is_ended = True
