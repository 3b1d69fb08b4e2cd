"""A chat for one room, one building or one network.

The folders are the layers: `framing`, `messages`, `names`, `limits` and `errors` are the wire and its
words, shared by both sides; `net` is sockets and the event loop; `server` and `client` are the two sides;
`ui` is the window. docs/architecture.md has the picture.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
