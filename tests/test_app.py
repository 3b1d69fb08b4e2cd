"""The tick: fairness, who is read and who is not, how connections end, and that one failure costs one connection.

With a fake clock, selector, network and door; the hub and the log (in memory) are the real ones. What has to do
with time is in test_app_timers.
"""

from __future__ import annotations

import errno
import json
import logging
import unittest
from typing import TYPE_CHECKING, Any, Callable

from chat_core import limits
from chat_core.errors import BrokenPipe, ConnectionReset
from chat_core.framing import encode_frame
from chat_core.net.interest import NOTHING, READ, WRITE
from chat_core.net.listener import NoDescriptorsError
from chat_core.server.hub import Hub, HubOptions
from tests.fakes import FakePeer, FakeServer, FakeTransport, NoErrorLogs, frame

if TYPE_CHECKING:
    from chat_core.server.app import App
    from chat_core.server.log import SqliteLog
    from chat_core.server.session import Session


def post(number: int, text: str = "x", room: str = "lobby") -> dict[str, Any]:
    return {"type": "post", "room": room, "mid": f"m{number}", "text": text}


def ping(number: int) -> dict[str, Any]:
    return {"type": "ping", "nonce": number}


class AppTest(NoErrorLogs):
    def start(self, **options: Any) -> FakeServer:
        self.server = FakeServer(**options)
        self.addCleanup(self.server.close)
        return self.server

    def setUp(self) -> None:
        super().setUp()
        self.start()

    def assert_closed(self, peer: FakePeer) -> None:
        self.assertTrue(peer.transport.is_closed)
        self.assertEqual(self.server.interest_of(peer), NOTHING)


class Fairness(AppTest):
    def test_no_more_than_64_kib_are_read_of_one_in_a_tick(self) -> None:
        ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
        before = ada.transport.bytes_read
        ada.say(*(post(number, "x" * 5_000) for number in range(40)))  # 200 kB
        bob.say(post(1, "from bob"))
        self.server.run_ticks()
        self.assertEqual(ada.transport.bytes_read - before, limits.READ_BYTES_PER_TICK)
        self.assertEqual(len(bob.of("posted")), 1, "bob is served in the same tick")
        self.server.run_ticks(5)
        self.assertEqual([event["mid"] for event in ada.of("posted")], [f"m{number}" for number in range(40)])

    def test_no_more_than_256_requests_of_one_in_a_tick(self) -> None:
        ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
        ada.say(*(ping(number) for number in range(600)))
        bob.say(ping(0))
        self.server.run_ticks()
        self.assertEqual((len(ada.of("pong")), len(bob.of("pong"))), (limits.REQUESTS_PER_TICK, 1))
        # The rest has been received already: no event will tell of it, so the server must remember.
        self.assertEqual(ada.transport.readiness() & READ, 0)
        self.server.run_ticks()
        self.assertEqual(self.server.selector.timeouts[-1], 0.0, "it does not wait while there is work")
        self.assertEqual(len(ada.of("pong")), 512)
        self.server.run_ticks()
        self.assertEqual([event["nonce"] for event in ada.of("pong")], list(range(600)))
        self.server.run_for(1.0)
        self.assertGreater(self.server.selector.timeouts[-1], 0.0, "and waits again when it is done")

    def test_those_who_are_in_go_before_those_who_come_and_64_at_once(self) -> None:
        ada = self.server.log_in("ada", "lobby")
        accepts = self.server.door.accepts
        callers = [self.server.call() for _ in range(limits.ACCEPTS_PER_TICK + 6)]
        ada.say(ping(1))
        self.server.run_ticks()
        self.assertEqual(self.server.door.accepts - accepts, limits.ACCEPTS_PER_TICK)
        self.assertEqual(len(self.server.app.connections), 1 + limits.ACCEPTS_PER_TICK)
        self.assertEqual(len(ada.of("pong")), 1)
        self.server.run_ticks()
        self.assertEqual(len(self.server.app.connections), 1 + len(callers))

    def test_replies_keep_the_order_of_the_requests(self) -> None:
        ada = self.server.log_in("ada", "lobby")
        ada.say(
            ping(1), post(1), post(2), ping(2), {"type": "nonsense"}, post(3), {"type": "who", "room": "lobby"}, ping(3)
        )
        self.server.run_ticks(6)
        replies = [event for event in ada.events if event["type"] in ("pong", "posted", "error", "who")]
        self.assertEqual(
            [event.get("nonce") or event.get("mid") or event["type"] for event in replies],
            [1, "m1", "m2", 2, "error", "m3", "who", 3],
        )

    def test_one_byte_at_a_time_is_the_same_conversation(self) -> None:
        self.maxDiff = None
        hello = {"type": "hello", "protocol": 1, "name": "ada", "install": "i"}
        said: list[dict[str, Any]] = [hello, {"type": "join", "room": "lobby"}, post(1), ping(2)]
        peer = self.server.call()
        for byte in b"".join(frame(**message) for message in said):
            peer.say_bytes(bytes([byte]))
        self.server.run_ticks(1_000)
        self.assertEqual(
            peer.types, ["welcome", "joined", "presence", "live", "posted", "message", "pong"], peer.events
        )


class Reading(AppTest):
    def test_above_its_rate_a_connection_is_not_read_until_it_is_due(self) -> None:
        self.start(rate_per_s=10.0)  # a burst of 40
        ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
        ada.say(*(post(number) for number in range(50)))
        self.server.run_ticks()
        burst = len(ada.of("posted"))
        self.assertIn(burst, (40, 41))
        self.assertEqual(self.server.interest_of(ada), NOTHING)
        bob.say(post(1))
        self.server.run_ticks(3)
        self.assertEqual((len(ada.of("posted")), len(bob.of("posted"))), (burst, 1), "only ada has to wait")
        self.server.run_for(0.5)
        self.assertAlmostEqual(len(ada.of("posted")) - burst, 5, delta=1)
        self.server.run_for(1.0)
        self.assertEqual([event["mid"] for event in ada.of("posted")], [f"m{number}" for number in range(50)])
        self.server.run_for(1.0)
        self.assertEqual(self.server.interest_of(ada), READ)

    def fill_up(self, room: int | None = 0) -> FakePeer:
        """Return a peer whose queue is above high water, and who has a request waiting."""
        slow, fast = self.server.log_in("slow", "lobby"), self.server.log_in("fast", "lobby")
        slow.transport.room = room
        for number in range(60):
            fast.say(post(number, "x" * 8_000))
            self.server.run_ticks()
        slow.say(ping(1))
        self.server.run_ticks(3)
        return slow

    def test_above_high_water_it_is_not_read_and_below_low_water_it_is_read_again(self) -> None:
        slow = self.fill_up()
        self.assertEqual(self.server.interest_of(slow), WRITE)
        self.assertEqual(slow.of("pong"), [])
        slow.transport.room = limits.HIGH_WATER_BYTES // 2
        self.server.run_ticks(10)
        self.assertEqual(self.server.interest_of(slow), WRITE, "between the marks nothing changes")
        self.assertEqual(slow.of("pong"), [])
        slow.transport.room = None
        self.server.run_ticks(40)
        self.assertEqual(self.server.interest_of(slow), READ)
        self.assertEqual(len(slow.of("pong")), 1)
        self.assertEqual([event["seq"] for event in slow.of("message")], list(range(1, 61)), "and nothing was missed")

    def test_requests_that_bring_much_are_taken_no_faster_than_it_is_read(self) -> None:
        ada = self.server.log_in("ada", "lobby")
        ada.say(*(post(number, "x" * 8_000) for number in range(40)))
        self.server.run_ticks(20)
        ada.transport.room = 0
        ada.say(*({"type": "history", "room": "lobby", "before": 41, "limit": 200} for _ in range(50)))
        (served,) = self.server.app.connections
        self.server.run_ticks(20)
        self.assertGreaterEqual(served.queued_bytes, limits.HIGH_WATER_BYTES)
        self.assertLessEqual(served.queued_bytes, limits.QUEUED_BYTES_MAX)
        ada.transport.room = None
        self.server.run_ticks(500)
        self.assertEqual(len(ada.of("history")), 50)

    def test_before_welcome_a_frame_has_4096_bytes_and_after_it_65536(self) -> None:
        def hello(size: int) -> bytes:
            said = {"type": "hello", "protocol": 1, "name": f"n{size}", "install": "i", "unknown": ""}
            said["unknown"] = "x" * (size - len(json.dumps(said).encode()))
            return frame(**said)

        self.assertEqual(len(hello(4_096)), 4_100)
        peer, other, ada = self.server.call(), self.server.call(), self.server.log_in("ada", "lobby")
        peer.say_bytes(hello(4_096))
        other.say_bytes(hello(4_097)[:4])  # the header alone is enough to be refused
        self.server.run_ticks(2)
        self.assertEqual(peer.types, ["welcome"])
        self.assertEqual([(e["code"], e["fatal"]) for e in other.events], [("frame_size", True)])
        ada.say_bytes(encode_frame(json.dumps({"type": "ping", "unknown": "x" * 65_505}).encode()))
        self.server.run_ticks(3)
        self.assertEqual(ada.types[-1], "pong")
        ada.say_bytes(b"\x00\x01\x00\x01")
        self.server.run_ticks(2)
        self.assertEqual((ada.events[-1]["type"], ada.events[-1]["code"]), ("error", "frame_size"))

    def test_a_large_frame_behind_the_hello_is_judged_by_the_later_bound(self) -> None:
        peer = self.server.call()
        hello = frame(type="hello", protocol=1, name="ada", install="i")
        peer.say_bytes(hello + encode_frame(json.dumps({"type": "ping", "unknown": "x" * 60_000}).encode()))
        self.server.run_ticks(5)
        self.assertEqual(peer.types, ["welcome", "pong"])


class Ends(AppTest):
    def test_what_came_before_the_end_is_answered_then_it_closes(self) -> None:
        peer, bob = self.server.call(), self.server.log_in("bob", "lobby")
        hello = {"type": "hello", "protocol": 1, "name": "ada", "install": "i"}
        peer.say(hello, {"type": "join", "room": "lobby"}, *(post(number) for number in range(600)))
        peer.say_bytes(b"")
        self.server.run_ticks(10)
        self.assertEqual([event["mid"] for event in peer.of("posted")], [f"m{number}" for number in range(600)])
        self.assertTrue(peer.transport.is_finished)
        self.assert_closed(peer)
        self.assertEqual([event["seq"] for event in bob.of("message")], list(range(1, 601)))
        self.assertEqual(self.server.hub.people.names(), ["bob"])

    def test_one_that_leaves_without_a_word(self) -> None:
        peer = self.server.call()
        peer.say_bytes(b"")
        self.server.run_ticks(3)
        self.assertEqual(peer.events, [])
        self.assert_closed(peer)
        self.assertEqual(len(self.server.app.connections), 0)

    def test_a_reset_with_data_queued(self) -> None:
        for where in ("receive", "send"):
            with self.subTest(where):
                self.start()
                ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
                ada.transport.room = 0
                bob.say(*(post(number, "x" * 100) for number in range(9)))
                self.server.run_ticks(3)
                if where == "receive":
                    ada.transport.arrivals.append(ConnectionReset("reset"))
                else:
                    ada.transport.fails = BrokenPipe("gone")
                with self.assertLogs("chat_core.server.app", logging.DEBUG) as logs:
                    self.server.run_for(0.1)
                self.assert_closed(ada)
                self.assertEqual(len(self.server.app.connections), 1)
                self.assertEqual(bob.of("presence")[-1]["left"], ["ada"])
                self.assertEqual({record.levelno for record in logs.records}, {logging.DEBUG}, "it is only weather")

    def test_what_a_lost_peer_had_posted_is_kept(self) -> None:
        ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
        ada.say(post(1, "the last words"))
        ada.transport.fails = BrokenPipe("gone")
        self.server.run_ticks(3)
        self.assert_closed(ada)
        self.assertEqual([event["text"] for event in bob.of("message")], ["the last words"])

    def test_a_goodbye_reaches_a_peer_that_still_sends(self) -> None:
        ada = self.server.log_in("ada", "lobby")
        ada.say({"type": "quit", "ref": "r"})
        for number in range(5):
            ada.say(ping(number))  # nobody waits for these any more, and they must not make a reset of the close
        ada.transport.room = 10
        self.server.run_ticks(4)
        self.assertFalse(ada.transport.is_finished, "the goodbye is not out yet")
        ada.transport.room = None
        self.server.run_ticks(2)
        self.assertEqual(ada.events[-1], {"type": "quit", "reason": "bye", "ref": "r"})
        self.assertTrue(ada.transport.is_finished)
        self.assertFalse(ada.transport.is_closed, "the peer has not closed yet")
        ada.say(ping(9))
        self.server.run_ticks(8)
        self.assertEqual(len(ada.transport.arrivals), 0, "it is read to the end")
        self.assertFalse(ada.transport.is_closed)
        ada.say_bytes(b"")
        self.server.run_ticks(2)
        self.assert_closed(ada)
        self.assertEqual(ada.of("pong"), [])

    def test_after_a_fatal_error_nothing_is_taken(self) -> None:
        ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
        ada.say(post(1))
        ada.say_bytes(encode_frame(b"no json"))
        ada.say(post(2))
        self.server.run_ticks(9)
        self.assertEqual([(e["code"], e["fatal"]) for e in ada.of("error")], [("bad_json", True)])
        self.assertEqual([event["mid"] for event in bob.of("message")], ["m1"])
        self.assertEqual(ada.types[-1], "error")

    def test_an_event_for_one_that_was_closed_in_the_same_tick_is_stale(self) -> None:
        # `first` is replaced by the other login in the tick in which it has something to say itself.
        first = self.server.log_in("ada", "lobby")
        token = first.of("welcome")[0]["token"]
        second = self.server.call()
        second.say({"type": "hello", "protocol": 1, "name": "ada", "install": "i-ada", "token": token})
        self.server.run_ticks(1)
        first.say(ping(1))
        first.transport.fails = BrokenPipe("gone")
        self.server.run_ticks(4)
        self.assertEqual(second.types, ["welcome"])
        self.assert_closed(first)


class Doors(AppTest):
    def test_one_too_many_is_told_so(self) -> None:
        self.start(clients_max=2)
        ada, bob = self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")
        third = self.server.call()
        self.server.run_ticks(3)
        (error,) = third.events
        self.assertEqual((error["code"], error["fatal"], error["retry"]), ("server_full", True, limits.FULL_RETRY_S))
        third.say_bytes(b"")
        bob.say_bytes(b"")
        self.server.run_ticks(3)
        self.assert_closed(third)
        self.server.log_in("eve", "lobby")
        self.assertEqual(ada.of("error"), [])

    def test_far_too_many_are_not_even_told(self) -> None:
        self.start(clients_max=1)
        callers = [self.server.call() for _ in range(limits.ACCEPTS_PER_TICK + 5)]
        self.server.run_ticks(3)
        self.assertEqual(len(self.server.app.connections), 1 + limits.ACCEPTS_PER_TICK)
        self.assertEqual([peer.transport.is_closed for peer in callers].count(True), 4)

    def test_out_of_descriptors_there_is_no_busy_loop_and_a_recovery(self) -> None:
        for error in (NoDescriptorsError(), OSError(errno.EPROTO, "Protocol error")):
            with self.subTest(repr(error)):
                self.start()
                ada = self.server.log_in("ada", "lobby")
                self.server.door.waiting.append(error)
                caller = self.server.call()
                with self.assertLogs("chat_core.server.app", logging.WARNING) as logs:
                    self.server.run_ticks()
                self.assertEqual(len(logs.output), 1)
                accepts = self.server.door.accepts
                ada.say(ping(1))
                self.server.run_ticks(3)
                self.assertEqual(self.server.door.accepts, accepts, "the door is left alone")
                self.assertEqual(len(ada.of("pong")), 1)
                self.server.run_for(limits.SWEEP_EVERY_S + 0.1)
                self.assertEqual(self.server.door.accepts, accepts + 2, "one came in, and there is no other")
                self.assertEqual(len(self.server.app.connections), 2)
                self.assertFalse(caller.transport.is_closed)


class WrongHub(Hub):
    """A hub with a mistake in it: whoever says the word brings it about."""

    def receive(self, session: Session, payload: bytes) -> bool:
        if b"mistake" in payload:
            raise ZeroDivisionError("our own fault")
        return super().receive(session, payload)


class WrongAtTheEnd(Hub):
    """A hub that makes its mistake when a session ends."""

    def forget(self, session: Session) -> None:
        has_person = session.person is not None and not session.is_over
        super().forget(session)
        if has_person:
            raise ZeroDivisionError("our own fault")


class OurOwnFault(AppTest):
    def wrong(self, hub: Callable[[SqliteLog, HubOptions, Callable[[], str]], Hub]) -> tuple[FakePeer, FakePeer]:
        self.start(hub=hub)
        return self.server.log_in("ada", "lobby"), self.server.log_in("bob", "lobby")

    def assert_logged(self) -> None:
        (record,) = self.take_errors()
        self.assertIn("ZeroDivisionError", logging.Formatter().format(record), "with its traceback")

    def test_an_exception_in_a_turn_costs_that_connection_only(self) -> None:
        ada, bob = self.wrong(WrongHub)
        ada.say(post(1), post(2, "mistake"), post(3))
        bob.say(post(4))
        self.server.run_for(0.1)
        self.assert_logged()
        self.assertEqual([(e["code"], e["fatal"]) for e in ada.of("error")], [("internal", True)])
        self.assertTrue(ada.transport.is_finished)
        self.assertEqual([event["mid"] for event in bob.of("message")], ["m1", "m4"])
        self.assertEqual(bob.of("presence")[-1]["left"], ["ada"])
        ada.say_bytes(b"")
        bob.say(post(5))
        self.server.run_ticks(4)
        self.assert_closed(ada)
        self.assertEqual(len(bob.of("posted")), 2)

    def test_also_when_the_session_was_over_already(self) -> None:
        ada, bob = self.wrong(WrongAtTheEnd)
        ada.say_bytes(b"")
        self.server.run_ticks(4)
        self.assert_logged()
        self.assert_closed(ada)
        bob.say(post(5))
        self.server.run_ticks(4)
        self.assertEqual(len(bob.of("posted")), 1)


class Closing(AppTest):
    def test_at_once_in_the_middle_of_everything(self) -> None:
        peers = [self.server.log_in("ada", "lobby"), self.server.call(FakeTransport())]
        self.server.run_ticks()
        peers[0].say(post(1))
        app: App = self.server.app
        app.close()
        self.assertEqual(len(app.connections), 0)
        self.assertTrue(all(peer.transport.is_closed for peer in peers))
        self.assertTrue(self.server.door.is_closed)
        self.assertTrue(self.server.selector.is_closed)
        self.start()  # for the clean-up


if __name__ == "__main__":
    unittest.main()
