"""The listening socket: bind, accept, and what to do when descriptors run out.

Accepted sockets are handed on as transports. Who is let in is not decided here. Errors of binding are told as
sentences that say what to do (`StartFailure`).
"""

from __future__ import annotations

import errno
import os
import socket
import sys

from chat_core import limits
from chat_core.errors import StartFailure, reason_of
from chat_core.language import _
from chat_core.net.address import spell_address
from chat_core.net.interest import NOTHING
from chat_core.net.transport import SocketTransport

__all__ = ["Listener", "NoDescriptorsError"]

_FIRST_FREE_PORT = 1_024
_OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class NoDescriptorsError(Exception):
    """A connection had to be turned away because the system has no descriptor left for it."""


class Listener:
    """A source that accepts connections. `address` is what it is really bound to: (host, port)."""

    def __init__(self, host: str, port: int, backlog: int) -> None:
        self.interest = NOTHING
        self._socket = _bound(host, port, backlog)
        bound = self._socket.getsockname()
        self.address: tuple[str, int] = (bound[0], bound[1])
        # Kept to be given up when descriptors run out: a pending connection that cannot be accepted keeps the
        # listener readable and turns the loop into a busy one (700 000 failed accepts in 2 s).
        self._spare: int | None = os.open(os.devnull, os.O_RDONLY)

    def fileno(self) -> int:
        """Return the descriptor to select on."""
        return self._socket.fileno()

    def accept(self) -> SocketTransport | None:
        """Take the next connection, or None when none is waiting.

        Raises NoDescriptorsError when one had to be dropped for want of a descriptor, and OSError when the
        system fails otherwise; the listener is good for further calls after both.
        """
        try:
            connected, address = self._socket.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return None  # the last one went away before it was taken
        except OSError as error:
            if error.errno in _OUT_OF_DESCRIPTORS:
                self._turn_away()
                raise NoDescriptorsError from error
            raise
        if self._spare is None:
            self._reopen_spare()
        try:
            # The default lets a stalled reader hide 3.9 MB in the kernel.
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.SEND_BUFFER_BYTES)
            return SocketTransport(connected, spell_address(*address[:2]))
        except OSError:
            connected.close()  # reset before it was looked at
            return None

    def _turn_away(self) -> None:
        if self._spare is None:
            return
        os.close(self._spare)
        self._spare = None
        try:
            self._socket.accept()[0].close()
        except OSError:
            return  # it went away by itself, or another process took the descriptor: there is nothing to turn away
        finally:
            self._reopen_spare()

    def _reopen_spare(self) -> None:
        try:
            self._spare = os.open(os.devnull, os.O_RDONLY)
        except OSError:
            self._spare = None  # asked for again at the next accept that fails

    def close(self) -> None:
        """Stop listening. A second call does nothing."""
        self._socket.close()
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None


def _bound(host: str, port: int, backlog: int) -> socket.socket:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        sentence = _("The address {host!r} is not known here ({reason}). Use 0.0.0.0 to be reachable on every network.")
        raise StartFailure(sentence.format(host=host, reason=error)) from error
    try:
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartFailure(_why_not_bound(error, host, port)) from error
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        elif hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if family == socket.AF_INET6 and host in ("::", ""):
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # IPv4 callers are welcome too
        listening.bind(address)
        listening.listen(backlog)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise StartFailure(_why_not_bound(error, host, port)) from error
    return listening


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        sentence = _(
            "Port {port} is already taken on {host}: another program, perhaps another server, listens there. "
            "Stop it or choose another port with --port (0 takes any free one)."
        )
    elif error.errno == errno.EADDRNOTAVAIL:
        sentence = _("{host} is not an address of this machine. Use 0.0.0.0 to be reachable on every network.")
    elif error.errno in (errno.EACCES, errno.EPERM) and port < _FIRST_FREE_PORT:
        sentence = _(
            "Port {port} may not be used by you (ports below 1024 need special rights). Choose one from 1024 on."
        )
    else:
        sentence = _("The server cannot listen on {host} port {port}: {reason}. Try another address or port.")
    return sentence.format(host=host, port=port, reason=reason_of(error))
