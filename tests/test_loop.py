"""The loop: registering only what changes, what it hands back, and being woken."""

from __future__ import annotations

import selectors
import socket
import unittest

from chat_core.net.interest import NOTHING, READ, WRITE
from chat_core.net.loop import Loop, Source, WakeUp
from tests.fakes import FakeClock, FakeSelector, FakeTransport


class FakeSource:
    """A source over a fake transport."""

    def __init__(self) -> None:
        self.interest = NOTHING
        self.transport = FakeTransport()

    def fileno(self) -> int:
        return self.transport.fileno()


class Bits(unittest.TestCase):
    def test_they_are_those_of_the_selectors(self) -> None:
        self.assertEqual((NOTHING, READ, WRITE), (0, selectors.EVENT_READ, selectors.EVENT_WRITE))


class Watching(unittest.TestCase):
    def setUp(self) -> None:
        self.selector = FakeSelector(FakeClock())
        self.loop = Loop(self.selector)
        self.source = FakeSource()
        self.selector.things[self.source.fileno()] = self.source.transport

    def test_only_a_change_reaches_the_selector(self) -> None:
        for interest in (NOTHING, READ, READ, READ | WRITE, READ | WRITE, WRITE, NOTHING, NOTHING, READ, NOTHING):
            self.loop.watch(self.source, interest)
            self.assertEqual(self.source.interest, interest)
        self.assertEqual(
            self.selector.changes,
            [
                ("register", READ), ("modify", READ | WRITE), ("modify", WRITE), ("unregister", 0),
                ("register", READ), ("unregister", 0),
            ],
        )  # fmt: skip

    def test_what_is_ready_with_what_it_is_ready_for(self) -> None:
        other = FakeSource()
        self.selector.things[other.fileno()] = other.transport
        self.loop.watch(self.source, READ)
        self.loop.watch(other, READ | WRITE)
        self.assertEqual(list(self.loop.wait(0.0)), [(other, WRITE)])
        self.source.transport.arrivals.append(b"x")
        other.transport.arrivals.append(b"x")
        self.assertEqual(list(self.loop.wait(0.0)), [(self.source, READ), (other, READ | WRITE)])

    def test_it_waits_as_long_as_it_is_told(self) -> None:
        self.assertEqual(list(self.loop.wait(0.25)), [])
        self.assertEqual(self.selector.timeouts, [0.25])

    def test_a_source_forgotten_while_a_batch_is_handed_out_is_a_stale_event(self) -> None:
        # The batch was made before; whoever takes it must look whether the source still lives. The loop does not
        # hide it, for it calls nobody.
        other = FakeSource()
        self.selector.things[other.fileno()] = other.transport
        for source in (self.source, other):
            source.transport.arrivals.append(b"x")
            self.loop.watch(source, READ)
        seen: list[tuple[Source, int]] = []
        for found, _ in self.loop.wait(0.0):
            if not seen:
                self.loop.watch(other, NOTHING)
                other.transport.close()
            seen.append((found, found.fileno()))
        self.assertEqual(seen, [(self.source, self.source.fileno()), (other, -1)])
        self.assertEqual(list(self.loop.wait(0.0)), [(self.source, READ)], "and then it is gone")

    def test_closing_closes_the_selector(self) -> None:
        self.loop.close()
        self.assertTrue(self.selector.is_closed)


class Waking(unittest.TestCase):
    def setUp(self) -> None:
        self.loop = Loop(selectors.DefaultSelector())
        self.wake_up = WakeUp()
        self.addCleanup(self.loop.close)
        self.addCleanup(self.wake_up.close)
        self.loop.watch(self.wake_up, READ)

    def test_it_ends_the_next_wait_once(self) -> None:
        self.wake_up.wake()
        self.wake_up.wake()
        self.assertEqual(list(self.loop.wait(30.0)), [(self.wake_up, READ)])
        self.wake_up.clear()
        self.assertEqual(list(self.loop.wait(0.0)), [])

    def test_clearing_what_was_not_woken(self) -> None:
        self.wake_up.clear()
        self.assertEqual(list(self.loop.wait(0.0)), [])

    def test_it_never_blocks_and_never_fails_however_often_it_is_woken(self) -> None:
        for _ in range(100_000):
            self.wake_up.wake()
        self.assertEqual(list(self.loop.wait(0.0)), [(self.wake_up, READ)])

    def test_its_descriptor_is_for_signals(self) -> None:
        with socket.socket(fileno=socket.dup(self.wake_up.sending_fileno)) as signalling:
            signalling.send(b"\2")
        self.assertEqual(list(self.loop.wait(30.0)), [(self.wake_up, READ)])


if __name__ == "__main__":
    unittest.main()
