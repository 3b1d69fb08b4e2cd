"""The clock on the wall, as messages and mids tell it. Everything that waits uses `time.monotonic` instead."""

from __future__ import annotations

import time

__all__ = ["wall_unix_ms"]


def wall_unix_ms() -> int:
    """Read the wall clock, in ms since 1970."""
    return time.time_ns() // 1_000_000
