"""Run the chat server: `python3 server_main.py`."""

from __future__ import annotations

import sys

from chat_core.server.cli import main

if __name__ == "__main__":
    sys.exit(main())
