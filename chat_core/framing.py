"""Bytes to frames and back: four bytes of length, big-endian, then that many bytes of payload.

Pure: no socket, no clock, no idea what a payload says (that is `messages`). Server and client use this one
module. The specification is docs/protocol.md, "Frames".

The theory. TCP delivers a stream that may be cut anywhere, so a decoder is a buffer and a question: is there
a whole frame at its front? The question is asked lazily, one frame at a time, because the reader has a budget
for each tick and because the largest allowed frame grows once a client is logged in. A length is judged the
moment its four bytes are there, before a byte of the payload is waited for, and no memory is set aside for
it: a peer pays for what it claims by sending it.
"""

from __future__ import annotations

from struct import Struct

from chat_core.errors import FrameSizeError

__all__ = ["HEADER_BYTES", "FrameDecoder", "encode_frame"]

_LENGTH = Struct(">I")
HEADER_BYTES = _LENGTH.size


def encode_frame(payload: bytes) -> bytes:
    """Put the header before one payload.

    The payload must have 1 to 262 144 bytes; both sides build theirs far below that, so it is not checked here.
    """
    return _LENGTH.pack(len(payload)) + payload


class FrameDecoder:
    """The receiving end of one stream: feed it bytes in any cut, take whole payloads out in order.

    `payload_bytes_max` may be raised between two frames; a header is judged by the bound that holds when
    the frame reaches the front. After `FrameSizeError` the stream has no more frame borders: every further
    `next_payload` raises it again, and the connection is good only for closing.
    """

    __slots__ = ("_buffer", "_start", "payload_bytes_max")

    def __init__(self, payload_bytes_max: int) -> None:
        self.payload_bytes_max = payload_bytes_max
        # Mostly whole frames come, and all are taken before more is fed: so what came is kept as it is, an idle
        # connection holds nothing, and only the beginning of an unfinished frame is copied, when more of it comes.
        self._buffer = b""
        self._start = 0  # up to here it is taken

    def feed(self, data: bytes) -> None:
        """Append received bytes. Ask `next_payload` until it is None before feeding again to stay small."""
        self._buffer = self._buffer[self._start :] + data if self._start < len(self._buffer) else data
        self._start = 0

    def next_payload(self) -> bytes | None:
        """Take the next whole payload, or None when more bytes are needed.

        Raises FrameSizeError as soon as the header of an empty or too long frame is complete.
        """
        begin = self._start + HEADER_BYTES
        buffer = self._buffer
        if len(buffer) < begin:
            return None
        (length,) = _LENGTH.unpack_from(buffer, self._start)
        if not 1 <= length <= self.payload_bytes_max:
            raise FrameSizeError(length, self.payload_bytes_max)
        end = begin + length
        if len(buffer) < end:
            return None
        payload = buffer[begin:end]
        if len(buffer) == end:
            self._buffer = b""
            end = 0
        self._start = end
        return payload

    @property
    def buffered_bytes(self) -> int:
        """Bytes that wait in the buffer: whole frames not taken yet, or the beginning of one."""
        return len(self._buffer) - self._start

    @property
    def is_mid_frame(self) -> bool:
        """Whether the stream stands inside a frame that has begun and is not whole.

        Only meaningful after `next_payload` returned None.
        """
        return self._start < len(self._buffer)
