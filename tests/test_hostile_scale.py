"""What `tests.hostile` does on a large scale, on a small one; and what it found, where no scale is needed to show it.

No latency is judged here: that takes a quiet machine, and `python3 -m tests.hostile`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from chat_core import limits
from tests.fakes import FakePeer, FakeServer, NoErrorLogs, frame
from tests.hostile.failing import Bench, Chaos

if sys.platform == "linux":
    from tests.hostile import descriptors, reset, slow

if TYPE_CHECKING:
    from chat_core.server.records import MessageRow
    from tests.hostile.figures import Figures

HALF_OPEN = 200
GONE_WITHIN_S = 20.0


@unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
@unittest.skipUnless(sys.platform == "linux", "processes are measured by what Linux tells of them")
class Processes(unittest.TestCase):
    def check(self, figures: Figures) -> None:
        """See that every target was met that has nothing to do with how fast this machine is."""
        held = [figure for figure in figures.all if figure.is_met is not None and "latency" not in figure.what]
        self.assertTrue(held)
        self.assertEqual([figure for figure in held if not figure.is_met], [], figures.table())

    def test_receivers_that_stop_reading(self) -> None:
        self.check(slow.run(slow.SMALL))

    def test_connections_that_are_reset(self) -> None:
        self.check(reset.run(reset.SMALL))

    def test_no_descriptors_left(self) -> None:
        self.check(descriptors.run(descriptors.SMALL))


@unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
class Stalled(NoErrorLogs):
    def test_500_that_stop_reading_at_different_moments_hold_no_more_than_64_mebibytes(self) -> None:
        server = FakeServer()
        self.addCleanup(server.close)
        deaf, talker = server.log_in("deaf", "lobby"), server.log_in("talker", "lobby")
        deaf.transport.room = 0
        most = 0
        for number in range(200):
            talker.say({"type": "post", "room": "lobby", "mid": f"m{number}", "text": "x" * limits.TEXT_CHARS_MAX})
            if number % 7 == 0:  # so many make one piece
                server.run_ticks()
                most = max(most, *(connection.queued_bytes for connection in server.app.connections))
        self.assertLessEqual(500 * most, 64 * 1_048_576)


class HalfOpen(NoErrorLogs):
    """Connections that never log in, half of them trickling; they stay until they are thrown out."""

    def setUp(self) -> None:
        super().setUp()
        self.server = FakeServer()
        self.addCleanup(self.server.close)
        self.server.log_in("ada", "lobby")
        self.peers = [self.server.call() for _ in range(HALF_OPEN)]
        self.hello = frame(type="hello", protocol=1, name="never said in full", install="i")

    def let_pass(self, seconds: int) -> None:
        """Let seconds pass, each with a byte more from those who trickle."""
        for second in range(seconds):
            for peer in self.peers[::2]:
                if not peer.transport.is_closed:
                    peer.say_bytes(self.hello[second : second + 1])
            self.server.run_for(1.0)

    def test_all_are_told_to_go_in_time(self) -> None:
        self.let_pass(int(limits.LOGIN_TIMEOUT_S + limits.SWEEP_EVERY_S) + 1)
        for peer in self.peers:
            self.assertEqual([event["code"] for event in peer.events], ["timeout"])
            self.assertTrue(peer.transport.is_finished)

    def test_nothing_of_them_is_left_after_20_seconds(self) -> None:
        self.let_pass(int(GONE_WITHIN_S))
        self.assertEqual([peer.transport.is_closed for peer in self.peers].count(False), 0)

    def test_nothing_of_them_is_left_in_the_end(self) -> None:
        self.let_pass(int(limits.LOGIN_TIMEOUT_S + limits.LINGER_S + 2 * limits.SWEEP_EVERY_S) + 1)
        self.assertEqual([peer.transport.is_closed for peer in self.peers].count(False), 0)
        self.assertEqual(self.server.app.connection_count, 1)

    def test_a_login_among_them_takes_as_many_ticks_as_without_them(self) -> None:
        self.server.run_ticks(HALF_OPEN // limits.ACCEPTS_PER_TICK + 1)
        self.assertEqual(self.server.app.connection_count, 1 + HALF_OPEN)
        peer = self.server.call()
        peer.say({"type": "hello", "protocol": 1, "name": "eve", "install": "i"}, {"type": "join", "room": "lobby"})
        self.server.run_ticks(1)  # is let in, for there is nothing from it yet when the tick begins
        self.server.run_ticks(1)  # hello
        self.assertEqual(peer.types, ["welcome"])
        self.server.run_ticks(1)
        self.assertEqual(peer.types[:2], ["welcome", "joined"])


@unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
class CatchingUp(NoErrorLogs):
    """People who have missed much come back to a server that was started anew: all of it is read from the log."""

    MESSAGES = 500
    #: To read and encode one row takes 8 microseconds; to send what is joined already, 15 for a chunk of 32 kB.
    ROWS_READ_PER_TICK_MAX = 1_000
    BYTES_SENT_PER_TICK_MAX = (
        limits.CATCH_UP_BYTES_PER_TICK * limits.CATCH_UP_KEPT_FOR_ONE + limits.SERVER_FRAME_BYTES_MAX
    )

    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bench = Bench(Chaos(), Path(folder.name) / "chat.db")
        self.addCleanup(self.bench.close)
        writer = self.come("writer")
        self.bench.run_for(0.1)
        posts = [
            {"type": "post", "room": "lobby", "mid": f"m{number}", "text": "x" * 150} for number in range(self.MESSAGES)
        ]
        for start in range(0, self.MESSAGES, 100):
            writer.say(*posts[start : start + 100])
            self.bench.run_for(0.1)
        self.assertEqual(len(writer.of("posted")), self.MESSAGES)
        self.bench.restart()

    def come(self, name: str, **join: object) -> FakePeer:
        """Let somebody log in and come into the room."""
        peer = self.bench.call()
        hello = {"type": "hello", "protocol": 1, "name": name, "install": "i", "token": f"the token of {name}, in full"}
        peer.say(hello, {"type": "join", "room": "lobby", **join})
        return peer

    def test_one_that_reads_slowly_is_not_dropped(self) -> None:
        # Five times as fast is too slow in earnest, where the system holds another 161 kB before the ping.
        slow = self.come("slow", after=0)
        pings = 0
        for _ in range(300):
            slow.transport.room = 500  # bytes a second
            self.bench.run_for(1.0)
            if len(slow.of("ping")) > pings:
                pings += 1
                slow.say({"type": "pong"})
        self.assertEqual(slow.of("quit"), [])
        self.assertFalse(slow.transport.is_closed)
        self.assertGreater(len(slow.of("message")), 300)

    def test_a_crowd_that_catches_up_does_not_hold_up_a_tick(self) -> None:
        crowd = [self.come(f"n{number}", after=0) for number in range(limits.ACCEPTS_PER_TICK)]
        sent_bytes, rows_read = [0, 0, 0, 0], [0]
        read = self.bench.log.after

        def after(room_id: int, seq: int, rows_max: int, text_chars_max: int) -> list[MessageRow]:
            rows = read(room_id, seq, rows_max, text_chars_max)
            rows_read[-1] += len(rows)
            return rows

        with mock.patch.object(self.bench.log, "after", after):
            while sent_bytes[-1] == 0 or sent_bytes[-1] > sent_bytes[-4]:
                rows_read.append(0)
                self.bench.run_for(0.001)
                sent_bytes.append(sum(len(peer.transport.sent) for peer in crowd))
                self.assertLess(len(sent_bytes), 1_000)
        heard = [[event["seq"] for event in peer.of("message")] for peer in crowd]
        self.assertEqual(heard, [list(range(1, self.MESSAGES + 1))] * len(crowd), "all of it comes in the end")
        self.assertGreaterEqual(sum(rows_read), self.MESSAGES)
        self.assertLessEqual(max(rows_read), self.ROWS_READ_PER_TICK_MAX)
        most = max(later - earlier for earlier, later in zip(sent_bytes, sent_bytes[1:]))
        self.assertLessEqual(most, self.BYTES_SENT_PER_TICK_MAX)


if __name__ == "__main__":
    unittest.main()
