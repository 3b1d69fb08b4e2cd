"""Open the chat window: `python3 client_main.py`. Flags: `--help`."""

from __future__ import annotations

import sys

from chat_core.ui.cli import main

if __name__ == "__main__":
    sys.exit(main())
