"""The pump over a transport, a dialer and a clock that the test leads by the hand."""

from __future__ import annotations

import unittest
from typing import Callable

from chat_core import limits
from chat_core.client.backoff import Backoff
from chat_core.client.events import LinkState, LoggedIn, MessageArrived, RoomLeft, SaidGoodbye, StateChanged
from chat_core.errors import (
    BrokenPipe,
    ConnectionAborted,
    ConnectionRefused,
    ConnectionReset,
    GeneralConnectionFailure,
    GeneralReceiveFailure,
    SystemFailure,
    UnicodeDecodeFailure,
)
from chat_core.framing import encode_frame
from tests.link_by_hand import LinkTestCase


class ConnectingTest(LinkTestCase):
    def test_the_way_to_online(self) -> None:
        self.assertIs(self.link.state, LinkState.CLOSED)
        self.assertEqual(self.poll(), [])
        self.link.start(self.now)
        self.assertEqual(self.states(self.poll()), [LinkState.LOOKING_UP, LinkState.CONNECTING])
        self.assertTrue(self.link.is_active)
        self.assertEqual(self.states(self.poll()), [LinkState.LOGGING_IN])
        self.assertEqual([request["type"] for request in self.heard()], ["hello"])
        self.says_welcome()
        told = self.poll()
        self.assertEqual(told[0], StateChanged(LinkState.ONLINE))
        self.assertIsInstance(told[1], LoggedIn)
        self.assertEqual([request["type"] for request in self.heard()], ["join"])
        self.poll()
        self.assertFalse(self.link.is_active)
        self.assertEqual((self.link.name, self.link.rooms, self.link.wanted_rooms), ("Ann", (), ("lobby",)))

    def test_starting_twice_is_starting_once(self) -> None:
        self.link.start(self.now)
        self.link.start(self.now)
        self.assertEqual(len(self.dialers), 1)

    def test_a_failure_waits_with_full_jitter_and_a_success_that_lasts_resets_it(self) -> None:
        self.dial_failure = ConnectionRefused("no")
        self.link.start(self.now)
        for _ in range(9):
            told = self.poll()
            self.fails_with(ConnectionRefused, told)
            self.assertEqual(self.link.retry_at, self.now + self.ceilings[-1])
            self.assertEqual(self.poll(), [])
            self.now = self.link.retry_at or 0.0
        self.assertEqual(self.ceilings, [0.5, 1, 2, 4, 8, 16, 30, 30, 30])
        self.dial_failure = None
        self.poll()
        self.poll()
        self.says_welcome()
        self.poll()
        self.says("ping")
        self.poll(1)
        self.transport.arriving.append(ConnectionReset())
        self.fails_with(ConnectionReset, self.poll())
        self.assertEqual(self.ceilings[-1], 0.5)

    def test_after_a_login_the_first_few_tries_are_quick(self) -> None:
        for online_s, ceilings in ((0, [0.5, 0.5, 1, 2]), (1, [0.5, 0.5, 0.5, 0.5, 1, 2])):
            with self.subTest(online_s=online_s):
                self.dial_failure = None
                self.come_back() if self.dialers else self.come_online()
                self.says("ping")
                self.poll(online_s)
                self.ceilings.clear()
                self.dial_failure = ConnectionRefused("no")
                self.transport.arriving.append(b"")
                for _ in ceilings:
                    self.poll()
                    self.now = self.link.retry_at or 0.0
                self.assertEqual(self.ceilings, ceilings)

    def come_back(self) -> None:
        self.link.retry_now(self.now)
        self.poll()
        self.poll()
        self.says_welcome()
        self.poll()

    def test_retry_now(self) -> None:
        self.dial_failure = GeneralConnectionFailure("unknown")
        self.link.start(self.now)
        self.poll()
        self.link.retry_now(self.now)
        self.link.retry_now(self.now)
        self.assertEqual(len(self.dialers), 2)
        self.assertIsNone(self.link.retry_at)

    def test_a_server_that_says_no_welcome(self) -> None:
        self.link.start(self.now)
        self.poll()
        self.poll()
        self.assertEqual(self.poll(9), [])
        self.fails_with(GeneralReceiveFailure, self.poll(1))

    def test_a_final_refusal_closes(self) -> None:
        self.link.start(self.now)
        self.poll()
        self.poll()
        self.says("error", code="name_taken", text="Taken.", fatal=True)
        told = self.poll()
        self.assertIs(self.link.state, LinkState.CLOSED)
        self.assertEqual([type(event).__name__ for event in told], ["RequestRefused", "StateChanged"])
        self.assertEqual(self.poll(1_000), [])
        self.link.start(self.now)
        self.assertIs(self.link.state, LinkState.LOOKING_UP)

    def test_the_servers_retry_is_kept_within_reason(self) -> None:
        for retry, least in ((30, 30.0), (-5, 0.0), (1e9, 600.0)):
            with self.subTest(retry):
                self.assertEqual(Backoff(lambda _low, high: high).next_delay_s(retry), least + 0.5)
        self.come_online()
        self.says("quit", reason="shutdown", retry=2)
        told = self.poll()
        self.assertIsInstance(told[0], SaidGoodbye)
        self.assertEqual(self.link.retry_at, self.now + 2 + self.ceilings[-1])

    def test_replaced_does_not_come_back(self) -> None:
        self.come_online()
        self.says("quit", reason="replaced")
        self.poll()
        self.assertIs(self.link.state, LinkState.CLOSED)

    def test_replaced_by_its_own_late_hello_comes_back_once(self) -> None:
        self.link.start(self.now)
        self.poll()
        self.poll()
        self.poll(11)  # no welcome: this hello is given up, and may be on its way for a while yet
        self.assertIs(self.link.state, LinkState.WAITING)
        for state in (LinkState.WAITING, LinkState.CLOSED):
            self.link.retry_now(self.now)
            self.come_online()
            self.says("quit", reason="replaced")
            self.poll()
            self.assertIs(self.link.state, state)

    def test_replaced_long_after_a_hello_was_given_up_is_somebody_else(self) -> None:
        self.link.start(self.now)
        self.poll()
        self.poll()
        self.poll(11)
        self.link.retry_now(self.now)
        self.come_online()
        for _ in range(13):
            self.says("pong")
            self.poll(10)
        self.says("quit", reason="replaced")
        self.poll()
        self.assertIs(self.link.state, LinkState.CLOSED)


class BytesTest(LinkTestCase):
    def test_byte_by_byte_both_ways(self) -> None:
        self.come_online()
        self.heard()
        self.says("message", room="lobby", seq=1, time=1, mid="m", text="hé", **{"from": "Bob"})
        frame = self.transport.arriving.popleft()
        assert isinstance(frame, bytes)
        told = []
        for offset in range(len(frame)):
            self.transport.arriving.append(frame[offset : offset + 1])
            told += self.poll()
        self.assertEqual([type(event) for event in told], [MessageArrived])
        mid = self.link.post("lobby", "slowly", self.unix_ms)
        self.transport.capacity = 0
        self.poll()
        for _ in range(200):
            self.transport.capacity = 1
            self.poll()
        self.assertEqual([request["mid"] for request in self.heard()], [mid])

    def test_what_is_read_in_one_poll_is_bounded(self) -> None:
        self.come_online()
        frame = encode_frame(b'{"type":"pong","nonce":"%s"}' % (b"x" * 60))
        count = 3 * limits.CLIENT_READ_BYTES_PER_POLL // len(frame)
        self.transport.arriving.append(frame * count)
        self.poll()
        (rest,) = self.transport.arriving
        assert isinstance(rest, bytes)
        self.assertEqual(len(frame) * count - len(rest), limits.CLIENT_READ_BYTES_PER_POLL)

    def test_a_large_outbox_goes_out_in_bounded_pieces(self) -> None:
        self.come_online()
        self.heard()
        for _ in range(40):
            self.link.post("lobby", "x" * 8_000, self.unix_ms)
        self.poll()
        first = len(self.heard())
        self.assertLess(first, 40)
        self.poll()
        self.assertEqual(first + len(self.heard()), 40)

    def test_failures_have_their_names(self) -> None:
        frame = encode_frame
        for arriving, failure in (
            (b"", ConnectionReset),
            (ConnectionReset("x"), ConnectionReset),
            (ConnectionAborted("x"), ConnectionAborted),
            (b"HTTP/1.1 400 Bad Request\r\n", GeneralReceiveFailure),
            (frame(b"{"), GeneralReceiveFailure),
            (frame(b"\xff\xfe"), UnicodeDecodeFailure),
        ):
            with self.subTest(arriving):
                self.setUp()
                self.come_online()
                self.transport.arriving.append(arriving)
                self.fails_with(failure, self.poll())

    def test_a_gap_reconnects_and_resumes(self) -> None:
        self.come_online()
        self.says("message", room="lobby", seq=2, time=1, mid="m", text="x", **{"from": "Bob"})
        self.fails_with(GeneralReceiveFailure, self.poll())
        self.poll(1)
        self.poll()
        self.says_welcome()
        self.poll()
        self.assertEqual(self.heard()[-1]["after"], 0)

    def test_a_broken_pipe_is_told_unless_a_goodbye_explains_it(self) -> None:
        self.come_online()
        self.link.post("lobby", "x", self.unix_ms)
        self.transport.send_failure = BrokenPipe("x")
        self.fails_with(BrokenPipe, self.poll())
        self.setUp()
        self.come_online()
        self.link.post("lobby", "x", self.unix_ms)
        transport = self.transport

        def send(data: bytes | memoryview) -> int:
            del data
            self.says("quit", reason="removed")
            raise BrokenPipe("x")

        transport.send = send  # type: ignore[method-assign]
        told = self.poll()
        self.assertIsInstance(told[0], SaidGoodbye)
        self.assertIs(self.link.state, LinkState.CLOSED)


class TimeTest(LinkTestCase):
    def test_silence_is_broken_by_a_ping_and_ends_the_connection(self) -> None:
        self.come_online()
        self.heard()
        self.poll(39.9)
        self.assertEqual(self.heard(), [])
        self.poll(0.1)
        self.assertEqual(self.heard(), [{"type": "ping"}])
        self.poll(10)
        self.assertEqual(self.heard(), [])
        self.says("pong")
        self.poll(10)
        self.poll(40)
        self.assertEqual(self.heard(), [{"type": "ping"}])
        self.poll(49.9)
        self.fails_with(ConnectionAborted, self.poll(0.1))

    def test_a_clock_that_jumps_far_reconnects(self) -> None:
        self.come_online()
        self.fails_with(ConnectionAborted, self.poll(86_400))
        self.poll(60)
        self.assertIs(self.link.state, LinkState.CONNECTING)

    def test_what_came_during_a_jump_counts(self) -> None:
        self.come_online()
        self.says("ping", nonce=1)
        self.poll(86_400)
        self.assertIs(self.link.state, LinkState.ONLINE)

    def test_after_sleep_that_only_the_wall_clock_saw_the_server_is_asked(self) -> None:
        self.come_online()
        self.heard()
        self.unix_ms += 3_600_000
        self.poll(1)
        self.assertEqual(self.heard(), [{"type": "ping"}])
        self.transport.arriving.append(b"")
        self.poll()
        self.unix_ms += 3_600_000
        self.poll()
        self.assertIs(self.link.state, LinkState.CONNECTING)


class DiskTest(LinkTestCase):
    def test_a_post_is_on_disk_before_it_is_sent(self) -> None:
        self.come_online()
        self.heard()
        self.store.saves.clear()
        self.link.post("lobby", "x", self.unix_ms)
        self.poll()
        self.assertEqual(self.store.saves, [1])
        self.assertEqual(len(self.heard()), 1)

    def test_a_failing_disk_holds_posts_back_and_is_told_once(self) -> None:
        self.come_online()
        self.heard()
        self.store.is_broken = True
        self.link.post("lobby", "x", self.unix_ms)
        (told,) = self.poll()
        self.assertEqual((told.state, type(told.failure)), (LinkState.ONLINE, SystemFailure))
        self.store.saves.clear()
        self.assertEqual(self.poll(1), [])
        self.assertEqual(self.store.saves, [])
        self.assertEqual(self.poll(5), [])
        self.assertEqual(self.heard(), [])
        self.says("ping")
        self.poll()
        self.assertEqual([request["type"] for request in self.heard()], ["pong"])
        self.store.is_broken = False
        self.poll(5)
        self.assertEqual([request["type"] for request in self.heard()], ["post"])

    def test_cursors_alone_are_written_once_a_second(self) -> None:
        self.come_online()
        self.poll(1)
        self.store.saves.clear()
        for seq in range(1, 21):
            self.says("message", room="lobby", seq=seq, time=1, mid="m", text="x", **{"from": "Bob"})
            self.poll(0.1)
        self.assertEqual(len(self.store.saves), 2)

    def test_closing_saves_and_a_failing_disk_does_not_keep_it_open(self) -> None:
        self.link.post("lobby", "x", self.unix_ms)
        self.store.is_broken = True
        with self.assertLogs("chat_core.client.link", "WARNING") as logged:
            self.link.close()
        self.assertIn("disk full", logged.output[0])
        self.store.is_broken = False


class EndTest(LinkTestCase):
    def test_a_polite_end(self) -> None:
        self.come_online()
        self.heard()
        self.link.post("lobby", "last words", self.unix_ms)
        self.link.quit(self.now)
        self.link.quit(self.now)
        self.assertEqual(self.states(self.poll()), [LinkState.LEAVING])
        self.assertEqual([request["type"] for request in self.heard()], ["post", "quit"])
        self.says("quit", reason="bye")
        told = self.poll()
        self.assertEqual(told[0], SaidGoodbye("bye", "You have left."))
        self.assertEqual(told[1], StateChanged(LinkState.CLOSED))
        self.assertTrue(self.transport.is_closed)

    def test_whatever_ends_it_while_leaving_is_no_failure(self) -> None:
        for arriving in (b"", ConnectionReset("x")):
            with self.subTest(arriving):
                self.setUp()
                self.come_online()
                self.link.quit(self.now)
                self.transport.arriving.append(arriving)
                self.assertEqual(self.poll()[-1], StateChanged(LinkState.CLOSED))

    def test_a_server_that_says_no_goodbye_is_not_waited_for(self) -> None:
        self.come_online()
        self.link.quit(self.now)
        self.poll(1.9)
        self.assertIs(self.link.state, LinkState.LEAVING)
        self.poll(0.1)
        self.assertIs(self.link.state, LinkState.CLOSED)

    def test_quitting_offline_is_at_once(self) -> None:
        for polls in (0, 1, 2):
            with self.subTest(polls):
                self.setUp()
                self.link.start(self.now)
                for _ in range(polls):
                    self.poll()
                self.link.quit(self.now)
                self.link.quit(self.now)
                self.assertEqual(self.states(self.poll())[-1:], [LinkState.CLOSED])
                self.assertEqual(self.poll(), [])

    def test_closing_releases_everything(self) -> None:
        self.come_online()
        with self.link:
            pass
        self.assertTrue(self.transport.is_closed)
        self.assertIs(self.link.state, LinkState.CLOSED)
        self.link.start(self.now)
        self.link.close()
        self.assertTrue(self.dialers[-1].is_abandoned)

    def test_requests_are_passed_on(self) -> None:
        self.come_online()
        self.heard()
        requests: list[Callable[[], object]] = [
            lambda: self.link.join("attic"),
            lambda: self.link.request_history("lobby", 9),
            self.link.request_rooms,
            lambda: self.link.rename("Zoe"),
            lambda: self.link.leave("lobby"),
        ]
        for request in requests:
            request()
        self.poll()
        self.assertEqual([r["type"] for r in self.heard()], ["join", "history", "rooms", "rename", "leave"])
        self.transport.arriving.append(b"")
        self.assertIn(RoomLeft("lobby"), self.poll())
        self.assertEqual((self.link.notice, self.link.outbox), ("", ()))
        mid = self.link.post("attic", "at the time of the last poll")
        self.assertEqual([entry.mid for entry in self.link.outbox], [mid])


if __name__ == "__main__":
    unittest.main()
