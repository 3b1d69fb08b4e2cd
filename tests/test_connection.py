"""One connection: what is queued and sent, how it is cut, and the steps of its end. Over a fake transport."""

from __future__ import annotations

import itertools
import random
import unittest
from typing import Callable

from chat_core import limits
from chat_core.errors import BrokenPipe, ConnectionReset, FrameSizeError
from chat_core.framing import encode_frame
from chat_core.net.connection import Connection, Phase
from tests.fakes import FakeTransport


class ConnectionTest(unittest.TestCase):
    def setUp(self) -> None:
        self.transport = FakeTransport()
        self.to_flush: list[Connection] = []
        self.connection = Connection(self.transport, 100, self.to_flush, 10.0)


class In(ConnectionTest):
    def test_it_is_its_transports_descriptor_and_peer(self) -> None:
        self.assertEqual(self.connection.fileno(), self.transport.fileno())
        self.assertEqual(self.connection.peer, self.transport.peer)

    def test_reading_at_most_so_much(self) -> None:
        self.transport.arrivals.append(encode_frame(b"twelve bytes"))
        self.assertEqual(self.connection.fill(7, 11.0), 7)
        self.assertIsNone(self.connection.next_payload(11.0))
        self.assertEqual(self.connection.fill(7, 12.0), 7)
        self.assertEqual(self.connection.fill(7, 13.0), 2)
        self.assertEqual(self.connection.next_payload(13.0), b"twelve bytes")
        self.assertEqual(self.connection.last_heard, 13.0)

    def test_nothing_there_is_not_the_end(self) -> None:
        self.assertEqual(self.connection.fill(7, 11.0), 0)
        self.assertFalse(self.connection.is_at_end)
        self.assertEqual(self.connection.last_heard, 10.0)

    def test_the_end_of_the_stream_is_no_sign_of_life(self) -> None:
        self.transport.arrivals.append(b"")
        self.assertEqual(self.connection.fill(7, 11.0), 0)
        self.assertTrue(self.connection.is_at_end)
        self.assertEqual(self.connection.last_heard, 10.0)

    def test_a_begun_frame_has_a_beginning_in_time(self) -> None:
        whole = encode_frame(b"payload")
        for data, now, since in [
            (whole + whole[:1], 11.0, 11.0),  # one whole, one begun
            (whole[1:5], 12.0, 11.0),  # more of it does not count as another
            (whole[5:], 13.0, None),
            (whole[:3], 14.0, 14.0),
            (whole[3:] + whole[:6], 15.0, 15.0),  # the next one begins its own time
        ]:
            self.transport.arrivals.append(data)
            self.connection.fill(1_000, now)
            while self.connection.next_payload(now) is not None:
                self.assertIsNone(self.connection.frame_since)
            self.assertEqual(self.connection.frame_since, since)

    def test_a_frame_beyond_the_bound(self) -> None:
        self.transport.arrivals.append(encode_frame(b"x" * 101)[:4])
        self.connection.fill(1_000, 11.0)
        with self.assertRaises(FrameSizeError):
            self.connection.next_payload(11.0)

    def test_a_failing_transport(self) -> None:
        self.transport.arrivals.append(ConnectionReset("gone"))
        with self.assertRaises(ConnectionReset):
            self.connection.fill(7, 11.0)


class Out(ConnectionTest):
    def flush_all(self, flushes_max: int = 100_000) -> int:
        for flushes in range(flushes_max):
            if not self.connection.queued_bytes:
                return flushes
            self.connection.flush(20.0)
        raise AssertionError("it never got empty")

    def test_it_is_listed_once(self) -> None:
        self.connection.put(b"one")
        self.connection.put(b"two")
        self.connection.flush_soon()
        self.assertEqual(self.to_flush, [self.connection])
        self.to_flush.clear()
        self.connection.flush(11.0)
        self.assertEqual(self.to_flush, [])
        self.connection.put(b"three")
        self.assertEqual(self.to_flush, [self.connection])

    def test_a_flush_is_one_send_of_everything_up_to_the_budget(self) -> None:
        for _ in range(100):
            self.connection.put(b"x" * 1_000)
        self.connection.flush(11.0)
        self.assertEqual(self.transport.sends, [limits.SEND_BYTES_MAX // 1_000 * 1_000])
        self.connection.flush(12.0)
        self.assertEqual(self.connection.queued_bytes, 0)
        self.assertEqual(sum(self.transport.sends), 100_000)

    def test_a_part_larger_than_the_budget_goes_as_it_is(self) -> None:
        page = bytes(200_000)
        self.connection.put(b"before")
        self.connection.put(page)
        self.connection.put(b"after")
        self.assertEqual(self.flush_all(), 3)
        self.assertEqual(self.transport.sends, [6, 200_000, 5])
        self.assertEqual(bytes(self.transport.sent), b"before" + page + b"after")

    def test_an_empty_queue_asks_nothing_of_the_system(self) -> None:
        self.connection.flush(11.0)
        self.assertEqual(self.transport.sends, [])

    def test_short_writes_of_any_size_give_the_same_stream(self) -> None:
        parts = [bytes([number]) * number for number in range(1, 60)]
        for taken in (1, 2, 3, 7, 59, 60, 1_000):
            with self.subTest(taken=taken):
                self.setUp()
                self.transport.send_max = taken
                for part in parts:
                    self.connection.put(part)
                self.flush_all()
                self.assertEqual(bytes(self.transport.sent), b"".join(parts))

    def test_short_writes_and_puts_in_any_order_give_the_same_stream(self) -> None:
        choose = random.Random(2)  # the same choices in every run
        expected = bytearray()
        for number in itertools.count():
            if number == 2_000:
                break
            if choose.random() < 0.5:
                part = bytes([number % 256]) * choose.choice((1, 10, 1_000, 40_000, 70_000))
                expected += part
                self.connection.put(part)
            self.transport.send_max = choose.choice((0, 1, 5, 999, 30_000, 65_536))
            self.connection.flush(11.0)
            self.assertEqual(self.connection.queued_bytes, len(expected) - len(self.transport.sent))
        self.transport.send_max = None
        self.flush_all()
        self.assertEqual(self.transport.sent, expected)
        self.assertLessEqual(max(self.transport.sends), 70_000)

    def test_when_the_system_takes_less_it_is_blocked(self) -> None:
        self.connection.put(b"abcdef")
        self.transport.room = 2
        self.connection.flush(11.0)
        self.assertTrue(self.connection.is_blocked)
        self.assertEqual(self.connection.queued_bytes, 4)
        self.transport.room = None
        self.connection.flush(12.0)
        self.assertFalse(self.connection.is_blocked)

    def test_since_when_nothing_was_taken(self) -> None:
        self.connection.put(b"abcdef")
        self.transport.room = 0
        self.connection.flush(11.0)
        self.assertEqual(self.connection.last_moved, 11.0, "it began to be refused")
        self.connection.flush(12.0)
        self.assertEqual(self.connection.last_moved, 11.0, "it is still refused")
        self.transport.room = 1
        self.connection.flush(13.0)
        self.assertEqual(self.connection.last_moved, 13.0, "one byte is movement")

    def test_a_failing_transport(self) -> None:
        self.connection.put(b"x")
        self.transport.fails = BrokenPipe("gone")
        with self.assertRaises(BrokenPipe):
            self.connection.flush(11.0)


#: Every step there is, and what makes it.
STEPS: list[tuple[Phase, str, Phase]] = [
    (Phase.OPEN, "end", Phase.ENDING),
    (Phase.OPEN, "abandon", Phase.CLOSED),
    (Phase.ENDING, "end", Phase.ENDING),
    (Phase.ENDING, "linger", Phase.LINGERING),
    (Phase.ENDING, "abandon", Phase.CLOSED),
    (Phase.LINGERING, "end", Phase.LINGERING),
    (Phase.LINGERING, "abandon", Phase.CLOSED),
    (Phase.CLOSED, "end", Phase.CLOSED),
    (Phase.CLOSED, "abandon", Phase.CLOSED),
]


class End(ConnectionTest):
    def steps(self) -> dict[str, Callable[[], None]]:
        return {
            "end": self.connection.end,
            "linger": lambda: self.connection.linger(12.0),
            "abandon": self.connection.abandon,
        }

    def bring_to(self, phase: Phase) -> None:
        self.setUp()
        if phase in (Phase.ENDING, Phase.LINGERING):
            self.connection.end()
        if phase is Phase.LINGERING:
            self.connection.linger(11.0)
        if phase is Phase.CLOSED:
            self.connection.abandon()
        self.assertIs(self.connection.phase, phase)

    def test_the_table(self) -> None:
        for before, step, after in STEPS:
            with self.subTest(before=before.name, step=step):
                self.bring_to(before)
                self.steps()[step]()
                self.assertIs(self.connection.phase, after)

    def test_no_other_step(self) -> None:
        for phase in (Phase.OPEN, Phase.LINGERING, Phase.CLOSED):
            with self.subTest(phase.name):
                self.bring_to(phase)
                with self.assertRaises(AssertionError):
                    self.connection.linger(12.0)

    def test_ending_wants_a_flush_even_with_nothing_queued(self) -> None:
        self.connection.end()
        self.assertEqual(self.to_flush, [self.connection])
        self.connection.end()
        self.assertEqual(self.to_flush, [self.connection])

    def test_what_was_queued_still_goes_out(self) -> None:
        self.connection.put(b"the last word")
        self.connection.end()
        self.connection.flush(11.0)
        self.assertEqual(bytes(self.transport.sent), b"the last word")

    def test_lingering_says_that_nothing_more_comes_and_notes_when(self) -> None:
        self.connection.end()
        self.connection.linger(12.5)
        self.assertTrue(self.transport.is_finished)
        self.assertFalse(self.transport.is_closed)
        self.assertEqual(self.connection.phase_since, 12.5)

    def test_what_comes_after_the_end_is_thrown_away(self) -> None:
        self.connection.end()
        self.transport.arrivals.append(b"\xff" * 50)
        self.assertEqual(self.connection.fill(1_000, 12.0), 50)
        self.assertEqual(self.connection.decoder.buffered_bytes, 0)
        self.assertEqual(self.connection.last_heard, 12.0)

    def test_abandoned_it_has_nothing_to_send_and_keeps_its_descriptor(self) -> None:
        self.connection.put(b"x")
        self.transport.room = 0
        self.connection.flush(11.0)
        self.connection.abandon()
        self.assertEqual(self.connection.queued_bytes, 0)
        self.connection.flush(12.0)
        self.assertEqual(self.transport.sends, [1], "and nothing since")
        self.assertFalse(self.transport.is_closed)

    def test_closing(self) -> None:
        self.connection.abandon()
        self.connection.close()
        self.assertTrue(self.transport.is_closed)
        self.assertEqual(self.connection.fileno(), -1)


if __name__ == "__main__":
    unittest.main()
