"""The selector, and a way to wake it: waiting for sockets, and nothing else.

The loop hands back what is ready; it calls nobody. What a tick does with it is the server's business
(`server.app`). The selector is handed in, so that a simulated one can stand in its place.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Protocol

from chat_core.net.interest import NOTHING

if TYPE_CHECKING:
    import selectors
    from collections.abc import Iterator

__all__ = ["Loop", "Source", "WakeUp"]


class Source(Protocol):
    """Something to wait for. `interest` belongs to the loop: the events it is registered for."""

    interest: int

    def fileno(self) -> int:
        """Return the descriptor to select on."""


class Loop:
    """Waits for sources. Changes their registration only when their interest really changes (1.4 µs each)."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector

    def watch(self, source: Source, interest: int) -> None:
        """Wait for these events of a source from now on; NOTHING forgets it.

        Must be told NOTHING before the source's descriptor is closed.
        """
        if interest == source.interest:
            return
        if interest == NOTHING:
            self._selector.unregister(source)
        elif source.interest == NOTHING:
            self._selector.register(source, interest)
        else:
            self._selector.modify(source, interest)
        source.interest = interest

    def wait(self, timeout_s: float) -> Iterator[tuple[Source, int]]:
        """Wait at most `timeout_s` (0: only look) and yield what is ready, with the events it is ready for.

        A source may be closed by what is done with an earlier one of the same batch: check before use.
        """
        for key, events in self._selector.select(timeout_s):
            yield key.fileobj, events  # type: ignore[misc]  # what was registered is a Source

    def close(self) -> None:
        """Give the selector's descriptor back; sources stay open."""
        self._selector.close()


class WakeUp:
    """A source that becomes readable when a signal arrives, or when `wake` is called from anywhere.

    Its descriptor is for `signal.set_wakeup_fd`: on Windows, and where system calls are restarted, a signal
    alone does not end a select.
    """

    def __init__(self) -> None:
        self.interest = NOTHING
        self._receiving, self._sending = socket.socketpair()
        self._receiving.setblocking(False)
        self._sending.setblocking(False)

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._receiving.fileno()

    @property
    def sending_fileno(self) -> int:
        """The descriptor that a signal handler writes to."""
        return self._sending.fileno()

    def wake(self) -> None:
        """End the current or the next wait."""
        try:
            self._sending.send(b"\0")
        except BlockingIOError:
            return  # full: it is readable already

    def clear(self) -> None:
        """Take what made it readable."""
        try:
            self._receiving.recv(4096)
        except BlockingIOError:
            return  # a stale event

    def close(self) -> None:
        """Close both ends."""
        self._receiving.close()
        self._sending.close()
