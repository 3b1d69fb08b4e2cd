"""The chat server of course projects: a thread for each client, and for each message a blocking `sendall` to each.

`python3 threaded_server.py` prints where it listens. The first line of a client is its name and is answered with OK;
every further line goes to all clients, its author too, as `name: line`. The lock is held while a message goes round,
or two of them could mix in the middle of a line. One client that does not read stops everybody.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

#: Nobody measures for so long: a server that was forgotten ends by itself.
_LIFE_S = 1_800.0


class ThreadedServer:
    """Listens on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4_096)
        self._listener.settimeout(_LIFE_S)
        self._clients: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Accept clients, until none has come for a long time."""
        with suppress(socket.timeout):
            while True:
                client, _ = self._listener.accept()
                client.settimeout(None)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve_one, args=(client,), daemon=True).start()

    def _serve_one(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(OSError):
            name = lines.readline().strip()
            with self._lock:  # whoever was told that it is in misses nothing
                client.sendall(b"OK\n")
                self._clients.append(client)
            for line in lines:
                self._broadcast(name + b": " + line)
        with self._lock, suppress(ValueError):
            self._clients.remove(client)

    def _broadcast(self, message: bytes) -> None:
        with self._lock:
            for client in self._clients:
                with suppress(OSError):
                    client.sendall(message)


def main() -> None:
    """Serve until the process is ended."""
    server = ThreadedServer()
    print(f"Listening on 127.0.0.1:{server.port}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
