"""A client session and the server's end of it, for transcripts: what the server says, what the session sends."""

from __future__ import annotations

import json
import random
from typing import Any, Callable

from chat_core.client.session import Session
from chat_core.client.store import MemoryStore

__all__ = ["LIMITS", "PLENTY", "Talk", "in_lobby", "seeded_bits"]

LIMITS = {"frame_bytes": 65_536, "text_chars": 8_000, "window": 256, "rooms": 50, "ping_s": 30}
PLENTY = 1 << 20


def seeded_bits(seed: int) -> Callable[[int], int]:
    """Return what stands for the system's chance."""
    return random.Random(seed).getrandbits


class Talk:
    """One session and the server's end of it."""

    def __init__(self, store: MemoryStore | None = None, *, rooms: tuple[str, ...] = (), name: str = "Ann") -> None:
        self.store = store or MemoryStore()
        self.session = Session(name, "install-1", self.store, seeded_bits(1), rooms=rooms, agent="test")

    def hears(self, kind: str, **fields: object) -> list[Any]:
        payload = json.dumps({"type": kind, **fields}).encode()
        return list(self.session.receive(payload))

    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.session.take_outgoing(PLENTY)]

    def comes_online(self, **welcome: object) -> list[Any]:
        self.session.connected()
        self.sent()
        return self.welcomed(**welcome)

    def welcomed(self, **changed: object) -> list[Any]:
        welcome = {
            "protocol": 1, "server": "Lab", "epoch": "e1", "name": "Ann", "token": "t1", "time": 1,
            "rooms": ["lobby"], "limits": LIMITS, "motd": "hi",
        }  # fmt: skip
        return self.hears("welcome", **{**welcome, **changed})

    def joined(self, room: str = "lobby", *, ref: str | None = None, **changed: object) -> list[Any]:
        """Answer the last join of a room (or the given ref)."""
        if ref is None:
            ref = next(request["ref"] for request in reversed(self.sent()) if request["type"] == "join")
        joined = {"room": room, "head": 0, "first": 1, "next": 1, "online": 1, "members": ["Ann"], "ref": ref}
        return self.hears("joined", **{**joined, **changed})

    def message(
        self, seq: int, text: str = "x", *, mid: str = "m", room: str = "lobby", sender: str = "Bob"
    ) -> list[Any]:
        return self.hears("message", room=room, seq=seq, time=5, mid=mid, text=text, **{"from": sender})


def in_lobby(**changed: Any) -> Talk:
    """Return a session that is online and in the lobby, with nothing left to send."""
    talk = Talk()
    talk.comes_online()
    talk.joined(**changed)
    talk.sent()
    return talk
