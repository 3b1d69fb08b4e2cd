"""Connecting to a host and port without ever blocking: looking the name up, then trying its addresses in turn.

Out comes a `Transport`; what is said over it is not known here, nor when to try again (`client.link`).

Looking a name up is the one thing the system offers only as a blocking call, so it is done in a worker thread:
the only one in the project. It shares nothing but a queue, and nothing it may still be doing matters to a
dialer that has been abandoned. Numeric addresses need no lookup and no thread.
"""

from __future__ import annotations

import enum
import errno
import os
import queue
import selectors
import socket
import threading
from typing import Any, Callable, List, Protocol, Tuple, Union

from chat_core import limits
from chat_core.errors import ConnectionFailure, ConnectionRefused, Doing, GeneralConnectionFailure, from_os_error
from chat_core.net.address import spell_address
from chat_core.net.transport import SocketTransport, Transport

__all__ = ["DialStage", "Dialer", "Dialing", "Lookup", "is_connected_to_itself"]

#: (family, type, protocol, canonical name, address), as `socket.getaddrinfo` lists them.
Address = Tuple[int, int, int, str, Any]
Resolve = Callable[[str, int], List[Address]]
RunAside = Callable[[Callable[[], None]], None]
_Answer = Union[List[Address], ConnectionFailure]

_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, errno.EINTR})


class DialStage(enum.Enum):
    """What a dialer is waiting for."""

    LOOKING_UP = "looking up"
    CONNECTING = "connecting"


class Dialing(Protocol):
    """What a link needs of a dialer. `Dialer` is the real one."""

    @property
    def stage(self) -> DialStage:
        """Say what is being waited for."""

    def poll(self, now: float) -> Transport | None:
        """Go on with connecting, and return the transport once there is one. Raises ConnectionFailure."""

    def fileno(self) -> int:
        """Return the descriptor that becomes writable when there is news; -1 when there is none to wait for."""

    def abandon(self) -> None:
        """Give up and release everything. Never raises; a second call does nothing."""


def _resolve(host: str, port: int) -> list[Address]:
    return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def _run_in_thread(work: Callable[[], None]) -> None:
    # A daemon: a lookup that hangs must not keep the program from ending.
    threading.Thread(target=work, name="lookup", daemon=True).start()


def _numeric(host: str, port: int) -> list[Address]:
    """Return the address that a host's text itself is; none when it is a name."""
    try:
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except (OSError, UnicodeError):
        return []


def is_connected_to_itself(connected: socket.socket) -> bool:
    """Tell whether a socket is its own peer.

    When the port is one of those the system hands out to clients and nobody listens on it, the system may
    pick it for our end too, and TCP's simultaneous open (RFC 9293, section 3.5) then connects the socket to itself.
    """
    return bool(connected.getsockname() == connected.getpeername())


class Lookup:
    """Names to addresses, in one worker thread at a time, for all the dialers of one link.

    The thread of a lookup that hangs is not joined by a second one: whoever asks for the same name while it
    runs gets the answer of that one. `resolve` and `run_aside` are the system's resolver and a daemon thread
    unless a test or a simulation hands in others.
    """

    def __init__(self, resolve: Resolve = _resolve, run_aside: RunAside = _run_in_thread) -> None:
        self._resolve = resolve
        self._run_aside = run_aside
        self._asked: tuple[str, int] | None = None
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()

    def poll(self, host: str, port: int) -> list[Address] | None:
        """Return the addresses of a host in the order of preference, or None while they are being looked up.

        The first call starts the lookup. Raises ConnectionFailure when the host is unknown.
        """
        if self._asked != (host, port):
            self._asked = (host, port)
            answers = self._answers = queue.SimpleQueue()  # an answer to another question goes nowhere
            self._run_aside(lambda: self._look_up(host, port, answers))
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return None
        self._asked = None
        if isinstance(answer, ConnectionFailure):
            raise answer
        return answer

    def _look_up(self, host: str, port: int, answers: queue.SimpleQueue[_Answer]) -> None:
        try:
            answers.put(self._resolve(host, port))
        except OSError as error:  # socket.gaierror is one
            answers.put(from_os_error(error, Doing.CONNECT))
        except UnicodeError:  # the name has an empty or an over-long part
            answers.put(GeneralConnectionFailure("this is not the name of a host"))


class Dialer:
    """One attempt to connect to `host` and `port` (1..65535).

    Call `poll` until it returns a transport or raises; after either the dialer holds nothing. The time runs
    from the first poll. Each address gets an equal part of what is left of it, so that one that swallows
    everything (a broken IPv6 route) leaves time for the next.
    """

    def __init__(
        self, host: str, port: int, lookup: Lookup | None = None, *, timeout_s: float = limits.CONNECT_TIMEOUT_S
    ) -> None:
        if not 1 <= port <= 65_535:
            raise ValueError(f"A port is 1 to 65535, not {port}.")
        self._host = host
        self._port = port
        self._timeout_s = timeout_s
        self._lookup = lookup or Lookup()
        self._deadline: float | None = None
        self._address_deadline = 0.0
        self._addresses: list[Address] = _numeric(host, port)
        self._stage = DialStage.CONNECTING if self._addresses else DialStage.LOOKING_UP
        self._socket: socket.socket | None = None
        self._failure: ConnectionFailure = GeneralConnectionFailure("the host has no address")

    @property
    def stage(self) -> DialStage:
        """Say what is being waited for."""
        return self._stage

    def fileno(self) -> int:
        """Return the descriptor that becomes writable when there is news, or -1."""
        return -1 if self._socket is None else self._socket.fileno()

    def abandon(self) -> None:
        """Close what is being connected; see `Dialing.abandon`."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._addresses = []

    def poll(self, now: float) -> Transport | None:
        """Go on as far as possible without waiting; `now` is in monotonic seconds.

        Returns the transport once connected, else None. Raises ConnectionFailure when no address is left to
        try or the time is over; ConnectionRefused when any of them refused, for that one says most.
        """
        if self._deadline is None:
            self._deadline = now + self._timeout_s
        if now >= self._deadline:
            self.abandon()
            raise GeneralConnectionFailure("it took too long")
        if self._stage is DialStage.LOOKING_UP:
            addresses = self._lookup.poll(self._host, self._port)
            if addresses is None:
                return None
            self._addresses = list(addresses)
            self._stage = DialStage.CONNECTING
        while True:
            if self._socket is None:
                self._begin_next(now, self._deadline)
            elif self._has_news(self._socket):
                transport = self._finish(self._socket)
                if transport is not None:
                    return transport
            elif now >= self._address_deadline:
                self._give_up_address(GeneralConnectionFailure("it took too long"))
            else:
                return None

    def _begin_next(self, now: float, deadline: float) -> None:
        if not self._addresses:
            raise self._failure
        self._address_deadline = now + (deadline - now) / len(self._addresses)
        family, kind, protocol, _, address = self._addresses.pop(0)
        try:
            self._socket = socket.socket(family, kind, protocol)
        except OSError as error:
            self._give_up_address(from_os_error(error, Doing.SYSTEM))
            return
        self._socket.settimeout(0)  # non-blocking
        status = self._socket.connect_ex(address)
        if status and status not in _UNDER_WAY:
            self._give_up_address(from_os_error(OSError(status, os.strerror(status)), Doing.CONNECT))

    @staticmethod
    def _has_news(connecting: socket.socket) -> bool:
        # selectors and not select: it knows that Windows reports a failed connect as exceptional, not as
        # writable, and has no bound on the number of the descriptor.
        with selectors.DefaultSelector() as selector:
            selector.register(connecting, selectors.EVENT_WRITE)
            return bool(selector.select(0))

    def _finish(self, connecting: socket.socket) -> Transport | None:
        status = connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if status:
            self._give_up_address(from_os_error(OSError(status, os.strerror(status)), Doing.CONNECT))
            return None
        try:
            if is_connected_to_itself(connecting):
                self._give_up_address(ConnectionRefused("connected to itself"))
                return None
            transport = SocketTransport(connecting, self._peer_of(connecting))
        except OSError as error:  # reset between connecting and here
            self._give_up_address(from_os_error(error, Doing.CONNECT))
            return None
        self._socket = None  # the transport owns it now
        return transport

    @staticmethod
    def _peer_of(connected: socket.socket) -> str:
        return spell_address(*connected.getpeername()[:2])

    def _give_up_address(self, failure: ConnectionFailure) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if not isinstance(self._failure, ConnectionRefused):
            self._failure = failure
