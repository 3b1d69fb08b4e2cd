"""Each of the ten ways in which a connection fails, brought about with a real socket.

Where that cannot be done on one machine without rights, a fake stands in, and the test says why. What each is
called and says is tested in test_errors.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
import unittest
from typing import Callable
from unittest import mock

from chat_core import errors
from chat_core.client.events import StateChanged
from chat_core.client.link import open_link
from chat_core.client.store import MemoryStore
from chat_core.errors import ConnectionFailure, Doing, from_os_error
from chat_core.framing import encode_frame
from chat_core.net.dialer import Dialer, Lookup
from chat_core.net.transport import SocketTransport, Transport
from tests.fakes import FakeClock
from tests.serving import HOST, PATIENCE_S

_TRIES_MAX = 1_000_000


class FailureTest(unittest.TestCase):
    def setUp(self) -> None:
        with socket.create_server((HOST, 0)) as listening:
            near = socket.create_connection(listening.getsockname(), timeout=PATIENCE_S)
            self.far, _ = listening.accept()
        self.far.settimeout(PATIENCE_S)
        self.near = SocketTransport(near, "far")
        self.addCleanup(self.far.close)
        self.addCleanup(self.near.close)

    def assert_fails(self, code: str, doing: Callable[[], object]) -> ConnectionFailure:
        """Do something, again while nothing comes of it, until it fails with this code."""
        with self.assertRaises(ConnectionFailure) as caught:
            for _ in range(_TRIES_MAX):  # the system takes its time to hear of it
                doing()
        self.assertEqual(caught.exception.code, code)
        self.assertTrue(caught.exception.detail, "in the system's words")
        return caught.exception

    def reset_by_far(self) -> None:
        self.far.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii" if sys.platform != "win32" else "hh", 1, 0)
        )
        self.far.close()


class Connecting(FailureTest):
    def dial(self, host: str, port: int, lookup: Lookup | None = None) -> Callable[[], Transport | None]:
        dialer, clock = Dialer(host, port, lookup), FakeClock()
        self.addCleanup(dialer.abandon)
        return lambda: dialer.poll(clock())

    def test_refused_by_a_port_on_which_nobody_listens(self) -> None:
        with socket.socket() as bound:
            bound.bind((HOST, 0))  # taken, so that nobody else listens on it meanwhile
            self.assert_fails("CONNECTION_REFUSED_ERROR", self.dial(*bound.getsockname()))

    def test_a_host_that_is_unknown(self) -> None:
        # The system's own resolver says so, without asking a network: a label has at most 63 characters.
        self.assert_fails("GENERAL_CONNECTION_ERROR", self.dial("x" * 64, 2428, Lookup()))

    def test_an_address_that_cannot_be_connected_to(self) -> None:
        # A broadcast address: every system refuses it at once.
        failure = self.assert_fails("GENERAL_CONNECTION_ERROR", self.dial("255.255.255.255", 2428))
        self.assertIs(type(failure), errors.GeneralConnectionFailure)


class Receiving(FailureTest):
    def receive(self) -> object:
        return self.near.receive(100)

    def test_the_peer_resets(self) -> None:
        self.reset_by_far()
        self.assert_fails("CONNECTION_RESET_ERROR", self.receive)

    def test_the_system_fails(self) -> None:
        # A descriptor that is closed already: the simplest way in which the system itself says no.
        self.near.close()
        self.assert_fails("RECEIVE_OS_ERROR", self.receive)

    def test_the_way_is_cut_off(self) -> None:
        # A fake: a cable cannot be pulled here, and the system's own patience with a silent way is minutes.
        for number in (errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ECONNABORTED):
            with mock.patch.object(socket.socket, "recv", side_effect=OSError(number, "cut off")):
                self.assert_fails("CONNECTION_ABORTED_ERROR", self.receive)


class Sending(FailureTest):
    def send(self) -> object:
        return self.near.send(b"x")

    def test_written_to_a_peer_that_has_closed(self) -> None:
        # The first byte after the close is answered with a reset. The system tells of it once, as a reset or, to
        # one who has read the end of the stream before, as a broken pipe; from then on it is a broken pipe.
        self.far.close()
        for _ in range(_TRIES_MAX):
            if self.near.receive(100) == b"":
                break
        self.assert_fails("BROKEN_PIPE_ERROR", self.send)

    def test_written_after_saying_that_nothing_more_will_come(self) -> None:
        self.near.finish_sending()
        self.assert_fails("BROKEN_PIPE_ERROR", self.send)

    def test_sending_fails_otherwise(self) -> None:
        self.near.close()
        self.assert_fails("GENERAL_SEND_ERROR", self.send)


class System(FailureTest):
    def test_a_port_that_is_taken(self) -> None:
        with socket.create_server((HOST, 0)) as taken, socket.socket() as second:
            with self.assertRaises(OSError) as caught:
                second.bind(taken.getsockname())
            failure = from_os_error(caught.exception, Doing.SYSTEM)
        self.assertEqual(failure.code, "OS_ERROR")
        self.assertTrue(failure.detail)


class Garbage(unittest.TestCase):
    """What the transport can carry and the client cannot read: found above it, by the link."""

    def failure_after(self, said: bytes) -> ConnectionFailure:
        """Connect a client to a server that says this and nothing else, and return why it gave up."""
        listening = socket.create_server((HOST, 0))
        port = listening.getsockname()[1]
        with listening, open_link(HOST, port, "ada", store=MemoryStore()) as link:
            clock = FakeClock()
            link.start(clock())
            has_answered = False
            listening.setblocking(False)
            for _ in range(_TRIES_MAX):
                has_answered = has_answered or self.answer(listening, said)
                for event in link.poll(clock(), clock.unix_ms()):
                    if isinstance(event, StateChanged) and event.failure is not None:
                        return event.failure
        raise AssertionError("it put up with that")

    def answer(self, listening: socket.socket, said: bytes) -> bool:
        try:
            accepted, _ = listening.accept()
        except BlockingIOError:
            return False
        self.addCleanup(accepted.close)
        accepted.sendall(said)
        return True

    def test_a_broken_frame(self) -> None:
        for said in (b"HTTP/1.1 400 Bad Request\r\n", b"\0\0\0\0", encode_frame(b"no json"), encode_frame(b"[]")):
            with self.subTest(said):
                failure = self.failure_after(said)
                self.assertEqual(failure.code, "GENERAL_RECEIVE_ERROR")
                self.assertTrue(failure.detail)

    def test_bytes_that_are_no_text(self) -> None:
        for said in (b'{"type":"\xff"}', b"\xfe\xff"):
            with self.subTest(said):
                failure = self.failure_after(encode_frame(said))
                self.assertEqual(failure.code, "UNICODE_DECODE_ERROR")
                self.assertTrue(failure.detail)


class All(unittest.TestCase):
    def test_each_code_of_the_catalogue_is_brought_about_here(self) -> None:
        with open(__file__, encoding="utf-8") as file:
            text = file.read()
        for kind in ConnectionFailure.__subclasses__():
            self.assertIn(f'"{kind.code}"', text)


if __name__ == "__main__":
    unittest.main()
