"""Connecting against real sockets on this computer; names are resolved by functions of the test."""

from __future__ import annotations

import selectors
import socket
import threading
import unittest
from typing import TYPE_CHECKING, Any, Callable

from chat_core.errors import ConnectionFailure, ConnectionRefused, GeneralConnectionFailure, SystemFailure
from chat_core.net.dialer import Dialer, DialStage, Lookup, is_connected_to_itself

if TYPE_CHECKING:
    from chat_core.net.transport import Transport

#: Polls before a test gives up: a budget, not a time.
POLLS = 100
STREAM = (socket.AF_INET, socket.SOCK_STREAM, 0, "")


def at_once(work: Callable[[], None]) -> None:
    """Look up without a thread."""
    work()


def dial(dialer: Dialer, now: float = 0.0) -> Transport:
    """Poll until connected. Raises what the dialer raises."""
    for _ in range(POLLS):
        transport = dialer.poll(now)
        if transport is not None:
            return transport
        with selectors.DefaultSelector() as selector:
            selector.register(dialer.fileno(), selectors.EVENT_WRITE)
            selector.select(10)
    raise AssertionError("neither connected nor failed")


class Listener:
    """A listening socket on a free port, which accepts nothing by itself."""

    def __init__(self, test: unittest.TestCase) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        test.addCleanup(self.socket.close)
        self.port: int = self.socket.getsockname()[1]

    def accept(self) -> socket.socket:
        return self.socket.accept()[0]


def closed_port(test: unittest.TestCase) -> int:
    """Return a port that is bound, so nobody else gets it, and that nobody listens on."""
    bound = socket.socket()
    test.addCleanup(bound.close)
    bound.bind(("127.0.0.1", 0))
    port: int = bound.getsockname()[1]
    return port


class NumericTest(unittest.TestCase):
    def test_accepted(self) -> None:
        listener = Listener(self)
        dialer = Dialer("127.0.0.1", listener.port)
        self.assertIs(dialer.stage, DialStage.CONNECTING)
        transport = dial(dialer)
        self.addCleanup(transport.close)
        self.assertEqual(transport.peer, f"127.0.0.1:{listener.port}")
        with listener.accept() as accepted:
            accepted.sendall(b"hello")
            with selectors.DefaultSelector() as selector:
                selector.register(transport.fileno(), selectors.EVENT_READ)
                selector.select(10)
            self.assertEqual(transport.receive(100), b"hello")
        self.assertEqual(dialer.fileno(), -1)  # the transport owns the socket

    @unittest.skipUnless(socket.has_ipv6, "this Python has no IPv6")
    def test_ipv6(self) -> None:
        try:
            listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
        except OSError:
            self.skipTest("this computer has no IPv6")
        with listening:
            transport = dial(Dialer("::1", listening.getsockname()[1]))
            self.assertTrue(transport.peer.startswith("[::1]:"))
            transport.close()

    def test_refused(self) -> None:
        with self.assertRaises(ConnectionRefused) as caught:
            dial(Dialer("127.0.0.1", closed_port(self)))
        self.assertTrue(caught.exception.detail)

    def test_a_port_that_is_none(self) -> None:
        for port in (0, -1, 65_536):
            with self.subTest(port), self.assertRaises(ValueError):
                Dialer("127.0.0.1", port)

    def test_an_address_that_cannot_be_connected_to(self) -> None:
        with self.assertRaises(ConnectionFailure) as caught:  # a network for no peers at all (RFC 1122, 3.2.1.3)
            dial(Dialer("255.255.255.255", 9))
        self.assertIsInstance(caught.exception, GeneralConnectionFailure)

    def test_abandoning_closes_the_socket(self) -> None:
        # A queue of connections that is full answers nothing, so connecting goes on and on.
        full = Listener(self)
        full.socket.listen(0)
        dialers = [Dialer("127.0.0.1", full.port) for _ in range(8)]
        for dialer in dialers:
            transport = dialer.poll(0.0) or dialer.poll(0.0)
            if transport is not None:
                self.addCleanup(transport.close)
            dialer.abandon()
            dialer.abandon()
            self.assertEqual(dialer.fileno(), -1)
        with self.assertRaises(GeneralConnectionFailure):
            dialers[0].poll(1.0)

    def test_a_socket_that_is_its_own_peer(self) -> None:
        with socket.socket() as lonely, Listener(self).socket as listening, socket.socket() as ordinary:
            ordinary.connect(listening.getsockname())
            self.assertFalse(is_connected_to_itself(ordinary))
            lonely.bind(("127.0.0.1", 0))
            try:
                lonely.connect(lonely.getsockname())
            except OSError:
                self.skipTest("this system connects no socket to itself")
            self.assertTrue(is_connected_to_itself(lonely))


class NameTest(unittest.TestCase):
    def lookup(self, *answers: Any) -> Lookup:
        return Lookup(lambda _host, _port: [(*STREAM, answer) for answer in answers], at_once)

    def test_a_name_is_looked_up_and_its_addresses_tried_in_turn(self) -> None:
        listener = Listener(self)
        lookup = self.lookup(("127.0.0.1", closed_port(self)), ("127.0.0.1", listener.port))
        dialer = Dialer("chat.invalid", listener.port, lookup)
        self.assertIs(dialer.stage, DialStage.LOOKING_UP)
        self.assertEqual(dialer.fileno(), -1)
        transport = dial(dialer)
        self.assertIs(dialer.stage, DialStage.CONNECTING)
        self.assertEqual(transport.peer, f"127.0.0.1:{listener.port}")
        transport.close()

    def test_a_refusal_says_more_than_what_follows_it(self) -> None:
        lookup = self.lookup(("127.0.0.1", closed_port(self)), ("255.255.255.255", 9))
        with self.assertRaises(ConnectionRefused):
            dial(Dialer("chat.invalid", 9, lookup))

    def test_an_unknown_host(self) -> None:
        def resolve(_host: str, _port: int) -> list[Any]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        with self.assertRaises(GeneralConnectionFailure) as caught:
            dial(Dialer("host.invalid", 9, Lookup(resolve, at_once)))
        self.assertEqual(caught.exception.detail, "Name or service not known")

    def test_a_name_that_cannot_be_one(self) -> None:
        with self.assertRaises(GeneralConnectionFailure):
            dial(
                Dialer("a" * 70 + ".invalid", 9, Lookup(run_aside=at_once))
            )  # Python refuses it before any network is asked

    def test_a_host_without_addresses(self) -> None:
        with self.assertRaises(GeneralConnectionFailure):
            dial(Dialer("chat.invalid", 9, self.lookup()))

    def test_a_kind_of_socket_that_the_system_has_not(self) -> None:
        lookup = Lookup(lambda _host, port: [(9_999, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))], at_once)
        with self.assertRaises(SystemFailure):
            dial(Dialer("chat.invalid", 9, lookup))


class TimeTest(unittest.TestCase):
    def setUp(self) -> None:
        self.go_on = threading.Event()
        self.addCleanup(self.join_threads)
        self.calls: list[str] = []
        self.threads: list[threading.Thread] = []

    def join_threads(self) -> None:
        self.go_on.set()
        for thread in self.threads:
            thread.join()

    def run_aside(self, work: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def resolve(self, host: str, _port: int) -> list[Any]:
        self.calls.append(host)
        self.go_on.wait()
        return []

    def test_a_lookup_that_never_ends_times_out(self) -> None:
        dialer = Dialer("slow.invalid", 9, Lookup(self.resolve, self.run_aside), timeout_s=15.0)
        self.assertIsNone(dialer.poll(100.0))
        self.assertIsNone(dialer.poll(114.9))
        with self.assertRaises(GeneralConnectionFailure):
            dialer.poll(115.0)

    def test_a_second_dialer_waits_for_the_same_lookup(self) -> None:
        lookup = Lookup(self.resolve, self.run_aside)
        first, second = Dialer("slow.invalid", 9, lookup), Dialer("slow.invalid", 9, lookup)
        first.poll(0.0)
        first.abandon()
        self.assertIsNone(second.poll(0.0))
        self.join_threads()
        with self.assertRaises(GeneralConnectionFailure):
            dial(second)
        self.assertEqual(self.calls, ["slow.invalid"])

    def test_by_itself_a_lookup_runs_in_a_daemon_thread(self) -> None:
        dialer = Dialer("quick.invalid", 9, Lookup(self.resolve))
        self.assertIsNone(dialer.poll(0.0))
        (worker,) = [thread for thread in threading.enumerate() if thread.name == "lookup"]
        self.assertTrue(worker.daemon)
        self.go_on.set()
        worker.join()
        with self.assertRaises(GeneralConnectionFailure):
            dialer.poll(0.0)

    def test_an_address_that_answers_nothing_leaves_time_for_the_next(self) -> None:
        full, listener = Listener(self), Listener(self)
        full.socket.listen(0)
        # Connections that fill the queue; the system ignores what comes then.
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            self.addCleanup(filler.close)
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", full.port))
        lookup = Lookup(
            lambda _host, _port: [(*STREAM, ("127.0.0.1", full.port)), (*STREAM, ("127.0.0.1", listener.port))],
            at_once,
        )
        dialer = Dialer("chat.invalid", 9, lookup, timeout_s=10.0)
        dialer.poll(0.0)
        if dialer.poll(4.9) is not None:
            self.skipTest("this system takes more connections than it was told to")
        transport = dial(dialer, 5.0)
        self.assertEqual(transport.peer, f"127.0.0.1:{listener.port}")
        transport.close()

    def test_an_address_that_answers_nothing_and_no_next(self) -> None:
        dialer = Dialer("127.0.0.1", closed_port(self), timeout_s=1.0)
        with self.assertRaises(ConnectionFailure):
            dial(dialer)
        with self.assertRaises(GeneralConnectionFailure):
            dialer.poll(2.0)


if __name__ == "__main__":
    unittest.main()
