"""When the app prunes: in idle moments, one small step at a time, and on a busy server no more than it must."""

from __future__ import annotations

import logging
import unittest
from unittest import mock

from chat_core import limits
from chat_core.errors import StorageError
from chat_core.server.retention import Retention
from tests.fakes import FakePeer, FakeServer, NoErrorLogs


class AppPruning(NoErrorLogs):
    def setUp(self) -> None:
        super().setUp()
        patch = mock.patch.object(limits, "PRUNE_ROWS", 10)
        patch.start()
        self.addCleanup(patch.stop)
        self.server = FakeServer(retention=Retention(messages=5))
        self.addCleanup(self.server.close)
        self.ann = self.server.log_in("ann", "lobby")
        self.count = 0

    @property
    def first(self) -> int:
        return self.server.hub.rooms["lobby"].first

    @property
    def steps(self) -> int:
        return len(self.server.log.pruned_at)

    def post(self, count: int) -> None:
        """Let ann say something; it is taken in the next tick."""
        numbers = range(self.count + 1, self.count + count + 1)
        self.count += count
        self.ann.say(*({"type": "post", "room": "lobby", "mid": f"m{number}", "text": "x"} for number in numbers))

    def talk_on(self, ticks: int, a_tick_s: float, posts_a_tick: int = 1) -> None:
        """Let no tick be idle for a while."""
        for _ in range(ticks):
            self.post(posts_a_tick)
            self.server.run_ticks()
            self.server.clock.advance(a_tick_s)

    def test_all_that_is_due_goes_in_an_idle_second_step_by_step(self) -> None:
        self.post(100)
        self.server.run_ticks(3)
        self.server.run_for(1.5)
        self.assertEqual((self.first, self.steps), (96, 10))

    def test_with_nothing_due_it_waits_as_long_as_ever(self) -> None:
        self.server.run_for(5.0)
        self.server.selector.timeouts.clear()
        self.server.run_for(5.0)
        waits = self.server.selector.timeouts
        self.assertEqual(self.steps, 0)
        self.assertLess(len(waits), 20)
        self.assertLessEqual(waits.count(0.0), 5, "a look a second")

    def test_a_post_waits_for_one_step_at_most(self) -> None:
        self.post(100)
        self.server.run_ticks(3)
        self.server.clock.advance(1.1)
        self.server.run_ticks()
        self.assertEqual(self.steps, 1)
        for _ in range(5):
            steps = self.steps
            acknowledged = len(self.ann.of("posted"))
            self.post(1)
            self.server.run_ticks()
            self.assertEqual(len(self.ann.of("posted")), acknowledged + 1, "it came first")
            self.assertLessEqual(self.steps, steps, "and that was no idle tick")
            self.server.run_ticks()
            self.assertEqual(self.steps, steps + 1)

    def test_a_busy_server_takes_a_step_a_second(self) -> None:
        self.post(500)
        self.server.run_ticks(3)
        self.server.clock.advance(1.1)
        before = self.steps
        self.talk_on(100, 0.05)  # five seconds
        self.assertGreaterEqual(self.steps - before, 4)
        self.assertLessEqual(self.steps - before, 6)
        times = self.server.log.pruned_at
        for earlier, later in zip(times, times[1:]):
            self.assertGreaterEqual(later - earlier, 0.95)

    def test_a_very_busy_server_deletes_faster_than_it_is_written_to(self) -> None:
        with mock.patch.object(limits, "PRUNE_AFTER_STORED", 5):
            self.talk_on(40, 0.05, posts_a_tick=5)
            self.talk_on(100, 0.05, posts_a_tick=5)
        kept = self.server.hub.rooms["lobby"].head - self.first + 1
        self.assertLess(kept, 5 * 25, "what comes in about a second")

    def test_those_who_are_behind_are_fed_first(self) -> None:
        self.post(100)
        self.server.run_ticks(3)
        self.server.clock.advance(1.1)
        with mock.patch.multiple(limits, CATCH_UP_CHUNK_BYTES=300, CATCH_UP_ROWS=2):
            bob = self.server.call()
            bob.say({"type": "hello", "protocol": 1, "name": "bob", "install": "b"})
            bob.say({"type": "join", "room": "lobby", "last": 50})
            self.server.run_ticks(2)
            steps = self.steps
            for _ in range(100):
                if bob.of("live"):
                    break
                self.assertLessEqual(self.steps, steps + 1)
                self.server.run_ticks()
        self.assertEqual([event["seq"] for event in bob.of("message")][-1], 100)

    def test_a_disk_that_fails(self) -> None:
        self.post(100)
        self.server.run_ticks(3)
        self.server.log.is_disk_full = True
        with self.assertLogs("chat_core.server.app", logging.WARNING) as logs:
            self.server.run_for(8.0)
            self.assertEqual((self.first, self.steps), (1, 0))
            self.server.log.is_disk_full = False
            self.server.run_for(7.0)
        self.assertEqual(len(logs.output), 2, logs.output)
        self.assertEqual((self.first, self.server.hub.rooms["lobby"].head), (96, 100))
        self.assertEqual(self.ann.of("error"), [], "who only reads noticed nothing")

    def test_a_log_that_cannot_be_read_is_not_tried_all_the_time(self) -> None:
        self.post(100)
        self.server.run_ticks(3)
        with mock.patch.object(type(self.server.hub), "prune", side_effect=_unreadable) as prune:
            with self.assertLogs("chat_core.server.app", logging.WARNING):
                self.server.run_for(20.0)
            self.assertLessEqual(prune.call_count, 6)
            self.assertGreaterEqual(prune.call_count, 2)
        self.server.run_for(7.0)
        self.assertEqual(self.first, 96)

    def test_one_who_was_away_is_told_what_is_gone(self) -> None:
        slow: FakePeer = self.server.log_in("slow", "lobby")
        slow.transport.room = 0
        with mock.patch.multiple(limits, HIGH_WATER_BYTES=500, LOW_WATER_BYTES=100):
            self.talk_on(30, 0.01)
            self.server.run_for(3.0)
            slow.transport.room = None
            self.server.run_for(1.0)
        (gone,) = slow.of("gone")
        seqs = [event["seq"] for event in slow.of("message")]
        self.assertEqual(gone["first"], 26)
        self.assertEqual(seqs, [*range(1, len(seqs) - 4), *range(26, 31)])

    def test_a_server_that_stops_begins_nothing_new(self) -> None:
        self.post(100)
        self.server.run_ticks(3)
        self.server.app.stop()
        self.server.run_for(3.0)
        self.assertEqual(self.steps, 0)


def _unreadable() -> bool:
    raise StorageError("disk I/O error")


if __name__ == "__main__":
    unittest.main()
