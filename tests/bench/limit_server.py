"""The raw limit: a server that does nothing but hand on, as fast as one thread of Python can.

`python3 limit_server.py [--frames]` prints where it listens. The first message of each connection is R (receives), S
(sends) or B (both), and is answered with OK. Messages are lines, or with `--frames` have four bytes of length before
them. What one tick has brought is joined and sent once to each receiver; it is not looked into, kept, or put in
question. There are no rooms, no names, and no bound on what waits for a slow receiver: this is a measure, not a chat.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time

_RECV_BYTES = 262_144
_ACCEPTED_AT_ONCE = 64
_HEADER_BYTES = 4
#: Nobody measures for so long: a server that was forgotten ends by itself.
_LIFE_S = 1_800.0
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class _Connection:
    __slots__ = ("carry", "is_known", "send", "socket", "unsent")

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.send = accepted.send
        self.carry = b""  # the beginning of a message
        self.unsent = b""
        self.is_known = False


class LimitServer:
    """Listens on a free port of 127.0.0.1."""

    def __init__(self, *, has_frames: bool) -> None:
        self._has_frames = has_frames
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4_096)
        self._listener.setblocking(False)
        self._selector.register(self._listener, _READ)
        self._receivers: dict[_Connection, None] = {}
        self.port: int = self._listener.getsockname()[1]

    def tick(self) -> None:
        """Wait, read from all who have something, and hand it on."""
        brought = []
        for key, mask in self._selector.select(1.0):
            if key.data is None:
                self._accept()
                continue
            if mask & _WRITE:
                self._flush(key.data)
            if mask & _READ:
                brought.append(self._read(key.data))
        joined = b"".join(brought)
        if joined:
            self.hand_on(joined)

    def hand_on(self, joined: bytes) -> None:
        """Send what a tick has brought to all who receive."""
        for connection in self._receivers:
            self._say(connection, joined)

    def close(self) -> None:
        """Hang up on all and stop listening."""
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                accepted, _address = self._listener.accept()
            except BlockingIOError:
                return
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(accepted, _READ, _Connection(accepted))

    def _read(self, connection: _Connection) -> bytes:
        """Return the whole messages that one has sent, as they came."""
        try:
            data = connection.socket.recv(_RECV_BYTES)
        except OSError:
            data = b""
        if not data:
            self._receivers.pop(connection, None)
            self._selector.unregister(connection.socket)
            connection.socket.close()
            return b""
        data = connection.carry + data
        end = self._end_of_whole(data)
        connection.carry = data[end:]
        whole = data[:end]
        if whole and not connection.is_known:
            whole = self._welcome(connection, whole)
        return whole

    def _end_of_whole(self, data: bytes) -> int:
        if not self._has_frames:
            return data.rfind(b"\n") + 1
        at = 0
        while at + _HEADER_BYTES <= len(data):
            end = at + _HEADER_BYTES + int.from_bytes(data[at : at + _HEADER_BYTES], "big")
            if end > len(data):
                break
            at = end
        return at

    def _welcome(self, connection: _Connection, whole: bytes) -> bytes:
        """Hear what a connection is there for, and return what it said after that."""
        connection.is_known = True
        role_at = _HEADER_BYTES if self._has_frames else 0
        if whole[role_at : role_at + 1] != b"S":
            self._receivers[connection] = None
        self._say(connection, b"\0\0\0\2OK" if self._has_frames else b"OK\n")
        return whole[role_at + (1 if self._has_frames else 2) :]

    def _say(self, connection: _Connection, data: bytes) -> None:
        if connection.unsent:
            connection.unsent += data
            return
        try:
            sent = connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the next read says so too
        if sent < len(data):
            connection.unsent = data[sent:]
            self._selector.modify(connection.socket, _READ | _WRITE, connection)

    def _flush(self, connection: _Connection) -> None:
        data, connection.unsent = connection.unsent, b""
        self._selector.modify(connection.socket, _READ, connection)
        self._say(connection, data)


def main() -> None:
    """Serve until the process is ended."""
    server = LimitServer(has_frames="--frames" in sys.argv[1:])
    print(f"Listening on 127.0.0.1:{server.port}", flush=True)
    end = time.monotonic() + _LIFE_S
    while time.monotonic() < end:
        server.tick()


if __name__ == "__main__":
    main()
