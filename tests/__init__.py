"""The tests: `python3 -m unittest`, nothing to install.

Each module mirrors one of `chat_core`. What crosses the wire is laid down in `tests/vectors/*.json`, so that a
client in another language can be held against the same tables; here is how they are read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["REPOSITORY", "bytes_of", "vectors"]

# They expect English, in whatever language the system of whoever runs them speaks; so do the programs they start.
os.environ["LANGUAGE"] = "en"

REPOSITORY = Path(__file__).resolve().parent.parent


def vectors(name: str) -> Any:
    """Read one table of vectors."""
    return json.loads((REPOSITORY / "tests" / "vectors" / f"{name}.json").read_text(encoding="utf-8"))


def bytes_of(vector: dict[str, Any]) -> bytes:
    """Return a vector's payload, in whichever way it is written down.

    `payload` is the text itself, or a list of pairs of a text and how often it stands there; `payload_hex` is
    for what is no text.
    """
    if "payload_hex" in vector:
        return bytes.fromhex(vector["payload_hex"])
    payload = vector["payload"]
    if isinstance(payload, str):
        return payload.encode("utf-8")
    return "".join(text * count for text, count in payload).encode("utf-8")
