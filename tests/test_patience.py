"""Patience: what a peer is late with, at the very second; one who reads slowly is not taken for dead."""

from __future__ import annotations

import unittest

from chat_core import limits
from chat_core.net.connection import Connection
from chat_core.net.interest import NOTHING, READ, WRITE
from chat_core.server.patience import Overdue, look_again_at, overdue
from chat_core.server.people import Person
from chat_core.server.records import PersonRow
from chat_core.server.session import Session
from tests.fakes import FakeTransport

START = 1_000.0


class PatienceCase(unittest.TestCase):
    def setUp(self) -> None:
        self.transport = FakeTransport()
        self.connection = Connection(self.transport, limits.CLIENT_FRAME_BYTES_MAX, [], START)
        self.connection.interest = READ
        self.session = Session(self.connection)
        self.session.person = Person(PersonRow(1, "ann", "ann", b"", 0))

    def check(self, expected: Overdue | None, seconds: float) -> None:
        """Check what the peer is late with, some time after the start."""
        self.assertIs(overdue(self.connection, self.session, START + seconds), expected)

    def hear(self, seconds: float, data: bytes = b"\x00") -> None:
        """Let bytes come in."""
        self.transport.arrivals.append(data)
        self.connection.fill(100, START + seconds)
        self.connection.next_payload(START + seconds)


class Waiting(PatienceCase):
    def test_login(self) -> None:
        self.session.person = None
        self.check(None, 14.9)
        self.check(Overdue.LOGIN, 15.0)
        self.hear(14.0)
        self.check(Overdue.LOGIN, 15.0)

    def test_frame(self) -> None:
        self.hear(10.0)
        self.hear(29.0)  # more of it comes, and it is late all the same
        self.check(None, 29.9)
        self.check(Overdue.FRAME, 30.0)
        self.hear(30.0, b"\x00\x01x")
        self.check(None, 31.0)

    def test_ping_once(self) -> None:
        self.check(None, 29.9)
        self.check(Overdue.PING, 30.0)
        self.session.pinged_at = START + 30.0
        self.check(None, 31.0)
        self.hear(40.0, b"\x00\x00\x00\x01x")
        self.check(None, 69.9)
        self.check(Overdue.PING, 70.0)

    def test_silence(self) -> None:
        self.session.pinged_at = START + 30.0
        self.check(None, 74.9)
        self.check(Overdue.LIFE, 75.0)

    def test_any_byte_is_life(self) -> None:
        self.session.pinged_at = START + 30.0
        self.hear(60.0)
        self.check(None, 75.0)


class Reading(PatienceCase):
    def setUp(self) -> None:
        super().setUp()
        self.transport.room = 0
        self.connection.put(10_000 * b"x")
        self.connection.flush(START + 1.0)
        self.connection.flush(START + 50.0)
        self.session.pinged_at = START + 500.0

    def hear_now_and_then(self) -> None:
        """Let it be alive, so that only its reading counts."""
        for seconds in range(0, 300, 10):
            self.hear(seconds, b"\x00\x00\x00\x01x")

    def test_not_one_byte(self) -> None:
        self.hear_now_and_then()
        self.check(None, 120.9)
        self.check(Overdue.READING, 121.0)

    def test_one_byte_is_enough(self) -> None:
        self.hear_now_and_then()
        self.transport.room = 1
        self.connection.flush(START + 100.0)
        self.check(None, 219.9)
        self.check(Overdue.READING, 220.0)

    def test_one_who_is_not_read_is_not_silent(self) -> None:
        # Above high water a connection is not read: what it says, its pings too, waits in the system. A reader so
        # slow that this takes longer than the silence allowed is slow, and nothing else.
        self.connection.put(limits.HIGH_WATER_BYTES * b"x")
        self.connection.interest = WRITE
        for seconds in range(10, 300, 10):
            self.transport.room = 100
            self.connection.flush(START + seconds)
            self.assertIsNot(overdue(self.connection, self.session, START + seconds), Overdue.LIFE, f"{seconds} s")

    def test_one_above_its_rate_is_not_silent(self) -> None:
        self.transport.room = None
        self.connection.flush(START + 2.0)
        self.session.resume_at = START + 100.0
        self.connection.interest = NOTHING
        self.assertIsNot(overdue(self.connection, self.session, START + 80.0), Overdue.LIFE)


class Ending(PatienceCase):
    def test_one_that_ends_is_waited_for_until_it_stalls(self) -> None:
        self.transport.room = 0
        self.connection.put(b"goodbye")
        self.connection.end()
        self.connection.flush(START)
        self.check(None, 119.9)
        self.check(Overdue.READING, 120.0)

    def test_one_that_lingers(self) -> None:
        self.connection.end()
        self.connection.linger(START + 1.0)
        self.check(None, 0.9 + limits.LINGER_S)
        self.check(Overdue.CLOSING, 1.0 + limits.LINGER_S)

    def test_one_that_is_closed_is_late_with_nothing(self) -> None:
        self.connection.abandon()
        self.check(None, 1_000.0)


class Looking(PatienceCase):
    """Nobody is overdue before the moment for which the next look is asked."""

    def look(self, seconds: float) -> float:
        """Return when to look again, in seconds after the start."""
        return look_again_at(self.connection, self.session, START + seconds) - START

    def test_a_settled_peer_is_left_alone_for_as_long_as_a_frame_may_take(self) -> None:
        self.assertEqual(self.look(0.0), limits.FRAME_TIMEOUT_S)
        self.assertEqual(self.look(20.0), limits.PING_AFTER_S)
        self.hear(25.0, b"\x00\x00\x00\x01x")
        self.assertEqual(self.look(30.0), 30.0 + limits.FRAME_TIMEOUT_S)

    def test_after_a_ping_the_next_look_is_for_the_answer(self) -> None:
        self.session.pinged_at = START + 30.0
        self.assertEqual(self.look(30.0), 50.0)
        self.assertEqual(self.look(60.0), limits.SILENCE_TIMEOUT_S)

    def test_a_begun_frame(self) -> None:
        self.hear(3.0)
        self.assertEqual(self.look(4.0), 3.0 + limits.FRAME_TIMEOUT_S)

    def test_who_has_not_logged_in_is_blocked_or_is_not_read_is_looked_at_each_time(self) -> None:
        self.connection.is_blocked = True
        self.assertEqual(self.look(1.0), 1.0)
        self.connection.is_blocked = False
        self.connection.interest = NOTHING
        self.assertEqual(self.look(1.0), 1.0)
        self.connection.interest = READ
        self.session.person = None
        self.assertEqual(self.look(1.0), 1.0)

    def test_a_step_asks_for_a_look(self) -> None:
        self.connection.look_at = START + 20.0
        self.connection.end()
        self.assertEqual(self.connection.look_at, START)

    def test_nothing_is_overdue_before(self) -> None:
        for heard_at in (0.0, 4.0, 29.0):
            for pinged_at in (-1.0, 30.0):
                self.setUp()
                self.hear(heard_at, b"\x00\x00\x00\x01x")
                self.session.pinged_at = START + pinged_at
                for tenths in range(300, 600):
                    now = tenths / 10
                    if now < self.look(now):
                        with self.subTest(heard_at=heard_at, pinged_at=pinged_at, now=now):
                            self.check(None, now)
