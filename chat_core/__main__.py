"""Say what this is and how to start it: `python3 -m chat_core`."""

from __future__ import annotations

import chat_core

__all__ = ["main"]

_TEXT = f"""chat-core {chat_core.__version__}: a chat for one room, one building or one network.

One person starts the server and tells the others its address and port:

    python3 server_main.py          (installed: chat-server)

Everybody else opens a window, types a name and talks:

    python3 client_main.py          (installed: chat-client)

Both explain themselves with --help."""


def main() -> None:
    """Print it."""
    print(_TEXT)


if __name__ == "__main__":
    main()
