"""What may be waited for of a source, as bits: the values of `selectors`, for modules that know no selector."""

from __future__ import annotations

__all__ = ["NOTHING", "READ", "WRITE"]

NOTHING = 0
READ = 1  # selectors.EVENT_READ
WRITE = 2  # selectors.EVENT_WRITE
