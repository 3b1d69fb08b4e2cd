"""The listening socket: what it is bound to, why it cannot be, and what it does when descriptors run out.

Running out is tried in a process of its own, whose bound on descriptors is low.
"""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
import unittest
from typing import Any
from unittest import mock

from chat_core import limits
from chat_core.errors import StartFailure
from chat_core.net.listener import Listener
from tests import REPOSITORY
from tests.serving import HOST, PATIENCE_S


class Accepting(unittest.TestCase):
    def setUp(self) -> None:
        self.listener = Listener(HOST, 0, 16)
        self.addCleanup(self.listener.close)

    def call(self) -> socket.socket:
        calling = socket.create_connection(self.listener.address, timeout=PATIENCE_S)
        self.addCleanup(calling.close)
        return calling

    def test_a_port_of_the_systems_choice(self) -> None:
        self.assertEqual(self.listener.address[0], HOST)
        self.assertGreater(self.listener.address[1], 0)
        self.assertGreaterEqual(self.listener.fileno(), 0)

    def test_nobody_waits(self) -> None:
        self.assertIsNone(self.listener.accept())

    def test_the_next_one(self) -> None:
        calling = self.call()
        transport = self.listener.accept()
        assert transport is not None
        self.addCleanup(transport.close)
        host, port = calling.getsockname()
        self.assertEqual(transport.peer, f"{host}:{port}")
        self.assertIsNone(transport.receive(10), "it does not block")
        transport.send(b"hello")
        self.assertEqual(calling.recv(10), b"hello")
        self.assertIsNone(self.listener.accept())

    def test_the_kernel_hides_no_more_than_it_must(self) -> None:
        calling = self.call()
        transport = self.listener.accept()
        assert transport is not None
        self.addCleanup(transport.close)
        taken = queued = 1
        while taken:
            taken = transport.send(bytes(limits.SEND_BUFFER_BYTES))
            queued += taken
        # What is in flight beside the send buffer is the receiver's, which is not ours to bound.
        self.assertLess(queued, 16_000_000)
        calling.close()

    def test_one_that_has_gone_again(self) -> None:
        calling = self.call()
        calling.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        calling.close()
        transport = self.listener.accept()  # a transport on Linux, none elsewhere; never an error
        if transport is not None:
            transport.close()
        self.assertIsNone(self.listener.accept())

    def test_closing_twice(self) -> None:
        self.listener.close()
        self.listener.close()
        self.assertEqual(self.listener.fileno(), -1)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(self.listener.address, timeout=PATIENCE_S)


class NotBound(unittest.TestCase):
    def why_not(self, host: str, port: int) -> str:
        with self.assertRaises(StartFailure) as caught:
            Listener(host, port, 16).close()
        sentence = str(caught.exception)
        self.assertRegex(sentence, r"\A[^\n]+\.\Z")
        return sentence

    def test_a_port_that_is_taken(self) -> None:
        other = Listener(HOST, 0, 16)
        self.addCleanup(other.close)
        sentence = self.why_not(*other.address)
        self.assertIn(f"Port {other.address[1]} is already taken", sentence)
        self.assertIn("--port", sentence)

    def test_an_address_of_another_machine(self) -> None:
        # Set aside for documentation by RFC 5737: no machine has it.
        self.assertIn("203.0.113.1 is not an address of this machine", self.why_not("203.0.113.1", 0))

    def test_a_host_that_is_unknown(self) -> None:
        for host in ("no such host", "999.1.1.1", "a" * 64 + ".example", ""):
            with self.subTest(host):
                if host:
                    self.assertIn("is not known here", self.why_not(host, 0))

    def test_a_port_without_the_right_to_it(self) -> None:
        # A fake, for whoever may do everything, as in a container, is refused nothing.
        with mock.patch.object(socket.socket, "bind", side_effect=PermissionError(errno.EACCES, "Permission denied")):
            sentence = self.why_not(HOST, 80)
        self.assertIn("Port 80 may not be used by you", sentence)
        self.assertIn("1024", sentence)

    def test_anything_else_is_told_in_the_systems_words(self) -> None:
        with mock.patch.object(socket.socket, "listen", side_effect=OSError(errno.EOPNOTSUPP, "Not supported here")):
            self.assertIn("Not supported here", self.why_not(HOST, 0))

    def test_a_family_that_the_system_has_not(self) -> None:
        # As for "::1" where IPv6 is switched off: the address can be read, a socket for it cannot be had.
        def no_socket(*_: Any) -> socket.socket:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

        with mock.patch("socket.socket", no_socket):
            self.assertIn("Address family not supported", self.why_not("::1", 0))


#: Run by a child: `fill` takes every descriptor that is left.
_CHILD = """
import os, resource, socket, sys
from chat_core.net.listener import Listener, NoDescriptorsError

def fill():
    taken = []
    while True:
        try:
            taken.append(os.dup(0))
        except OSError:
            return taken

def let_go(taken):
    for descriptor in taken:
        os.close(descriptor)

def turned_away(listener):
    try:
        transport = listener.accept()
    except NoDescriptorsError:
        return True
    if transport is not None:
        transport.close()
    return False

def hears_the_end(calling):
    calling.settimeout(5)
    try:
        return calling.recv(1) == b""
    except ConnectionResetError:
        return True
    except socket.timeout:
        return False

resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
listener = Listener("127.0.0.1", 0, 16)
"""


@unittest.skipIf(sys.platform == "win32", "there is no bound on descriptors to run into")
class OutOfDescriptors(unittest.TestCase):
    def run_child(self, script: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", _CHILD + script + "\nlistener.close()\n"],
            cwd=str(REPOSITORY),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        return done.stdout.decode().split()

    def test_the_caller_is_turned_away_and_the_next_one_is_let_in_when_there_is_room(self) -> None:
        script = """
callers = [socket.create_connection(listener.address) for _ in range(3)]
taken = fill()
print(turned_away(listener), hears_the_end(callers[0]))
print(turned_away(listener), hears_the_end(callers[1]))
let_go(taken)
print(turned_away(listener))
for caller in callers:
    caller.close()
"""
        self.assertEqual(self.run_child(script), ["True", "True", "True", "True", "False"])

    def test_a_spare_descriptor_that_was_lost_is_had_again_when_there_is_room(self) -> None:
        # The bound falls below the spare's own number, so that it cannot be reopened; then there is room again.
        script = """
callers = [socket.create_connection(listener.address) for _ in range(3)]
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
print(turned_away(listener))
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
print(turned_away(listener))
taken = fill()
print(turned_away(listener), hears_the_end(callers[1]))
let_go(taken)
for caller in callers:
    caller.close()
"""
        self.assertEqual(self.run_child(script), ["True", "False", "True", "True"])

    def test_no_descriptor_to_listen_with_is_a_sentence(self) -> None:
        script = """
from chat_core.errors import StartFailure
taken = fill()
try:
    Listener("127.0.0.1", 0, 16)
except StartFailure as failure:
    let_go(taken)
    print("files" in str(failure))
"""
        self.assertEqual(self.run_child(script), ["True"])


if __name__ == "__main__":
    unittest.main()
