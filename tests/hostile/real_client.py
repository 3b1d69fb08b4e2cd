"""The real client against a real server, with a clock that is put forward while it waits for its next try."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable

from chat_core.client.events import LinkState, MessageArrived, StateChanged
from chat_core.client.link import Link, open_link
from chat_core.net.clock import wall_unix_ms
from tests.serving import HOST, PATIENCE_S

if TYPE_CHECKING:
    import unittest
    from pathlib import Path

    from chat_core.errors import ConnectionFailure
    from chat_core.messages import Message

__all__ = ["Person"]

_TURN_S = 0.02
#: So much faster goes the time in which it waits for its next try: five seconds are a fifth of one.
_HASTE = 25


class Person:
    """Somebody with the real client, whose profile is in `folder`. What it told is in `messages` and `failures`."""

    def __init__(self, test: unittest.TestCase, port: int, name: str, folder: Path) -> None:
        self.link: Link = open_link(HOST, port, name, data=folder, rooms=["lobby"])
        test.addCleanup(self.link.close)
        self._ahead_s = 0.0
        self.messages: list[Message] = []
        self.failures: list[ConnectionFailure] = []
        self.link.start(self.now)

    @property
    def now(self) -> float:
        return time.monotonic() + self._ahead_s

    def poll(self) -> None:
        """Let it do what it can do now."""
        if self.link.state is LinkState.WAITING:
            self._ahead_s += _HASTE * _TURN_S
        for event in self.link.poll(self.now, wall_unix_ms()):
            if isinstance(event, MessageArrived):
                self.messages.append(event.message)
            elif isinstance(event, StateChanged) and event.failure is not None:
                self.failures.append(event.failure)

    def until(self, is_so: Callable[[], bool]) -> None:
        """Poll until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self.poll()
            if is_so():
                return
            self.link.wait(_TURN_S)
        raise AssertionError(f"it never came about: {self.link.state}, {len(self.link.outbox)} to send")

    def let_pass(self, seconds: float) -> None:
        """Put the clock forward."""
        self._ahead_s += seconds
