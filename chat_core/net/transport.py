"""One connected, non-blocking TCP socket, with one vocabulary of results for both sides.

Bytes in, bytes out, and every system error mapped to the catalogue (`errors`). No buffering, no frames: that
is `connection`. A simulated network stands in for this class, so nothing above it may ask for the socket.

The vocabulary leaves room for TLS: None and 0 mean "not now", whatever is being waited for, and data offered
again after a 0 is always offered from the same byte on.
"""

from __future__ import annotations

import socket
from typing import Protocol

from chat_core.errors import Doing, from_os_error

__all__ = ["SocketTransport", "Transport"]


class Transport(Protocol):
    """What a connection needs of a network. `SocketTransport` is the real one."""

    peer: str

    def fileno(self) -> int:
        """Return the descriptor to select on; -1 once closed."""

    def receive(self, bytes_max: int) -> bytes | None:
        """Take what has arrived, at most `bytes_max` bytes: None when nothing has, empty at the end of the stream.

        Raises ConnectionFailure.
        """

    def send(self, data: bytes | memoryview) -> int:
        """Give bytes to the system and return how many it took; 0 when it takes none at the moment.

        Raises ConnectionFailure.
        """

    def finish_sending(self) -> None:
        """Tell the peer that nothing more will come; receiving goes on. Never raises."""

    def close(self) -> None:
        """Give the descriptor back. Never raises; a second call does nothing."""


class SocketTransport:
    """A `Transport` over a connected socket, which it owns from now on. `peer` is its address, for logs."""

    __slots__ = ("_socket", "peer")

    def __init__(self, connected: socket.socket, peer: str) -> None:
        connected.setblocking(False)
        # Without it Nagle's algorithm and delayed acknowledgements add 43 ms whenever a conversation pauses.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connected
        self.peer = peer

    def fileno(self) -> int:
        """Return the descriptor to select on; -1 once closed."""
        return self._socket.fileno()

    def receive(self, bytes_max: int) -> bytes | None:
        """Take what has arrived; see `Transport.receive`."""
        try:
            return self._socket.recv(bytes_max)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            raise from_os_error(error, Doing.RECEIVE) from error

    def send(self, data: bytes | memoryview) -> int:
        """Give bytes to the system; see `Transport.send`."""
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            raise from_os_error(error, Doing.SEND) from error

    def finish_sending(self) -> None:
        """Shut the sending direction down; see `Transport.finish_sending`."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the peer is gone already: then there is nobody left to tell

    def close(self) -> None:
        """Close the socket; see `Transport.close`."""
        self._socket.close()
