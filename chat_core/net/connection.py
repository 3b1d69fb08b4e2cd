"""One connection: a transport, the decoder of what comes in, and the queue of what goes out.

It moves bytes and keeps what the rules about silence and stalls need to know. It decides nothing: whoever runs
the tick says when to read, when to flush and when to end, and a method here never calls back.

The theory. Writing only queues; once a tick the queue is flushed with one system call. A fatal error or a
goodbye must reach the peer although the connection closes: closing a socket that still holds unread bytes makes
the kernel send a reset, and a reset makes the peer's kernel throw away what it has received but not yet read
(RFC 1122, 4.2.2.13). So a connection ends in steps: it is flushed, the sending side is shut down, what the peer
still sends is read and thrown away, and only when the peer has closed, or patience ends, is the socket closed.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from chat_core import limits
from chat_core.framing import FrameDecoder

if TYPE_CHECKING:
    from chat_core.net.transport import Transport

__all__ = ["Connection", "Phase"]


class Phase(enum.IntEnum):
    """Where a connection stands in its life. It only moves forward; the table says which steps there are."""

    OPEN = 0  # requests are taken, replies are queued
    ENDING = 1  # no more requests; what is queued goes out
    LINGERING = 2  # all is sent and said to be all; what still comes in is thrown away
    CLOSED = 3  # to be reaped


_STEPS = {
    Phase.OPEN: (Phase.ENDING, Phase.CLOSED),
    Phase.ENDING: (Phase.LINGERING, Phase.CLOSED),
    Phase.LINGERING: (Phase.CLOSED,),
    Phase.CLOSED: (),
}


class Connection:
    """A connected peer. All times are monotonic seconds.

    `to_flush` is shared by all connections of a loop: one that gets something to send, or has to end, appends
    itself there, once.
    """

    __slots__ = (
        "_is_listed", "_offset", "_parts", "_to_flush", "_transport", "decoder", "frame_since", "interest",
        "is_at_end", "is_blocked", "last_heard", "last_moved", "look_at", "phase", "phase_since", "queued_bytes",
    )  # fmt: skip

    def __init__(self, transport: Transport, payload_bytes_max: int, to_flush: list[Connection], now: float) -> None:
        self._transport = transport
        self._to_flush = to_flush
        self._is_listed = False
        # A list, for an empty deque takes 600 bytes; there are seldom more than a few parts.
        self._parts: list[bytes] = []
        self._offset = 0  # bytes of the first part that are gone already
        self.decoder = FrameDecoder(payload_bytes_max)
        self.interest = 0
        self.phase = Phase.OPEN
        self.phase_since = now
        self.queued_bytes = 0
        self.is_at_end = False  # the peer has said that it sends no more
        self.is_blocked = False  # the kernel took less than was offered
        self.look_at = now  # nothing can be overdue before; for whoever loses patience
        self.last_heard = now  # when bytes last came in
        self.last_moved = now  # when bytes last went out, or began to be refused
        self.frame_since: float | None = None  # when the frame began that is not whole yet

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._transport.fileno()

    @property
    def peer(self) -> str:
        """The peer's address, for logs."""
        return self._transport.peer

    # --- in ---

    def fill(self, bytes_max: int, now: float) -> int:
        """Read at most `bytes_max` bytes into the decoder and return how many came. Raises ConnectionFailure."""
        data = self._transport.receive(bytes_max)
        if data is None:
            return 0
        if not data:
            self.is_at_end = True
            return 0
        self.last_heard = now
        if self.phase is Phase.OPEN:  # later, what comes is thrown away
            self.decoder.feed(data)
        return len(data)

    def next_payload(self, now: float) -> bytes | None:
        """Take the next whole payload, or None, and note since when a begun frame has been waited for.

        Raises FrameSizeError.
        """
        payload = self.decoder.next_payload()
        if payload is not None or not self.decoder.is_mid_frame:
            self.frame_since = None
        elif self.frame_since is None:
            self.frame_since = now
        return payload

    # --- out ---

    def put(self, frames: bytes) -> None:
        """Queue whole frames. The same bytes object may be queued on any number of connections."""
        self._parts.append(frames)
        self.queued_bytes += len(frames)
        if not self._is_listed:  # asked here as well: this runs once for each delivery, and a call costs more than it
            self.flush_soon()

    def flush_soon(self) -> None:
        """Stand in the list of those to flush, once."""
        if not self._is_listed:
            self._is_listed = True
            self._to_flush.append(self)

    def flush(self, now: float) -> None:
        """Offer the queue's front to the system, once. Raises ConnectionFailure.

        Afterwards `is_blocked` says whether to wait until the system takes more.
        """
        self._is_listed = False
        parts = self._parts
        if not parts:
            return
        was_blocked = self.is_blocked
        block = parts[0] if len(parts) == 1 and not self._offset else self._front_block()
        taken = self._transport.send(block)
        self.queued_bytes -= taken
        self.is_blocked = taken < len(block)
        if self.is_blocked:
            self._offset += taken
        else:
            del parts[0]
            self._offset = 0
        if taken or not was_blocked:
            self.last_moved = now

    def _front_block(self) -> bytes | memoryview:
        """Join the parts at the front up to the size of one send; the joined bytes become the first part."""
        parts = self._parts
        size = len(parts[0]) - self._offset
        count = 1
        while count < len(parts) and size + len(parts[count]) <= limits.SEND_BYTES_MAX:
            size += len(parts[count])
            count += 1
        if count > 1:
            parts[0] = parts[0][self._offset :]
            self._offset = 0
            parts[:count] = [b"".join(parts[:count])]
        return memoryview(parts[0])[self._offset :] if self._offset else parts[0]

    # --- the end ---

    def end(self) -> None:
        """Take no more requests; send what is queued, then close politely. Later calls do nothing."""
        if self.phase is Phase.OPEN:
            self._step(Phase.ENDING, self.last_heard)
            self.flush_soon()

    def linger(self, now: float) -> None:
        """Say that nothing more will come, once everything queued is sent."""
        self._transport.finish_sending()
        self._step(Phase.LINGERING, now)

    def abandon(self) -> None:
        """Be done at once; what is queued is lost. The descriptor stays open until `close`."""
        if self.phase is not Phase.CLOSED:
            self._step(Phase.CLOSED, self.phase_since)
            self._parts.clear()
            self.queued_bytes = self._offset = 0

    def close(self) -> None:
        """Give the descriptor back. The loop must have forgotten the connection before."""
        self._transport.close()

    def _step(self, phase: Phase, now: float) -> None:
        assert phase in _STEPS[self.phase], f"{self.phase.name} cannot become {phase.name}"
        self.phase = phase
        self.phase_since = self.look_at = now
