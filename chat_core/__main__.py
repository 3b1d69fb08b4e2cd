"""Say what this is and how to start it: `python3 -m chat_core`."""

from __future__ import annotations

import chat_core
from chat_core.command_line import speak_as_asked
from chat_core.language import N_, _

__all__ = ["main"]

_TEXT = N_("""chat-core {version}: a chat for one room, one building or one network.

One person starts the server and tells the others its address and port:

    python3 server_main.py          (installed: chat-server)

Everybody else opens a window, types a name and talks:

    python3 client_main.py          (installed: chat-client)

Both explain themselves with --help.""")


def main() -> None:
    """Print it."""
    speak_as_asked([])
    print(_(_TEXT).format(version=chat_core.__version__))


if __name__ == "__main__":
    main()
