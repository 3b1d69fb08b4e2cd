"""The transport over real sockets: what is there, what is not there yet, the end, and the failures' names.

How each failure of the catalogue is brought about is in test_failures.
"""

from __future__ import annotations

import hashlib
import select
import socket
import sys
import unittest

from chat_core.net.transport import SocketTransport
from tests.serving import HOST, PATIENCE_S


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Connect two TCP sockets to each other."""
    with socket.create_server((HOST, 0)) as listening:
        calling = socket.create_connection(listening.getsockname(), timeout=PATIENCE_S)
        accepted, _ = listening.accept()
        accepted.settimeout(PATIENCE_S)
        return calling, accepted


class TransportTest(unittest.TestCase):
    def setUp(self) -> None:
        near, self.far = tcp_pair()
        self.transport = SocketTransport(near, "far")
        self.addCleanup(self.far.close)
        self.addCleanup(self.transport.close)

    def receive_some(self) -> bytes:
        """Receive what has been sent already; a bounded wait, for the system delivers in its own time."""
        with socket.socket(fileno=socket.dup(self.transport.fileno())) as waiting:
            waiting.settimeout(PATIENCE_S)
            waiting.recv(1, socket.MSG_PEEK)
            waiting.setblocking(False)
        received = self.transport.receive(65_536)
        assert received is not None
        return received


@unittest.skipIf(sys.platform == "win32", "socket.dup takes a share on Windows")
class Receiving(TransportTest):
    def test_nothing_yet(self) -> None:
        self.assertIsNone(self.transport.receive(100))

    def test_what_is_there_at_most_so_much(self) -> None:
        self.far.sendall(b"abcdef")
        self.assertEqual(self.receive_some(), b"abcdef")
        self.assertIsNone(self.transport.receive(100))

    def test_the_end_of_the_stream_again_and_again(self) -> None:
        self.far.sendall(b"last")
        self.far.shutdown(socket.SHUT_WR)
        self.assertEqual(self.receive_some(), b"last")
        self.assertEqual(self.receive_some(), b"")
        self.assertEqual(self.transport.receive(100), b"")


class Sending(TransportTest):
    def test_all_of_it(self) -> None:
        self.assertEqual(self.transport.send(memoryview(b"abcdef")[2:]), 4)
        self.assertEqual(self.far.recv(100), b"cdef")

    def test_finishing_leaves_the_other_direction_open(self) -> None:
        self.transport.send(b"bye")
        self.transport.finish_sending()
        self.assertEqual(self.far.recv(100), b"bye")
        self.assertEqual(self.far.recv(100), b"")
        self.far.sendall(b"one more")
        self.far.close()
        received = bytearray()
        for _ in range(1_000_000):
            data = self.transport.receive(3)
            if data == b"":
                break
            received += data or b""
        self.assertEqual(received, b"one more")

    def test_finishing_never_raises(self) -> None:
        self.far.close()
        self.transport.finish_sending()
        self.transport.close()
        self.transport.finish_sending()
        self.assertEqual(self.transport.fileno(), -1)

    def test_closing_twice(self) -> None:
        self.assertGreaterEqual(self.transport.fileno(), 0)
        self.transport.close()
        self.transport.close()
        self.assertEqual(self.transport.fileno(), -1)
        self.assertEqual(self.far.recv(100), b"")

    def test_short_messages_are_not_held_back(self) -> None:
        near, far = tcp_pair()
        with near, far:
            SocketTransport(near, "far")
            self.assertNotEqual(near.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 0)
            self.assertEqual(near.gettimeout(), 0.0)


class SmallBuffers(unittest.TestCase):
    def test_a_full_buffer_takes_nothing_and_later_goes_on_from_the_same_byte(self) -> None:
        near, far = tcp_pair()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        transport = SocketTransport(near, "far")
        self.addCleanup(far.close)
        self.addCleanup(transport.close)
        content = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(256)) * 100  # 0.8 MB
        left, received = memoryview(content), bytearray()
        refusals = 0
        while left:
            taken = transport.send(left)
            left = left[taken:]
            if not taken:
                refusals += 1
                readable, _, _ = select.select([far], [transport], [], PATIENCE_S)
                received += far.recv(1_048_576) if readable else b""
        transport.finish_sending()
        for _ in range(len(content)):
            data = far.recv(1_048_576)
            if not data:
                break
            received += data
        self.assertGreater(refusals, 0)
        self.assertTrue(received == content, "the stream is another one")


if __name__ == "__main__":
    unittest.main()
