"""The client's rules, as transcripts: login, requests, goodbyes, refusals. No sockets."""

from __future__ import annotations

import unittest

from chat_core import limits
from chat_core.client.endings import Ending
from chat_core.client.events import HistoryArrived, LoggedIn, NameChanged, RequestRefused, RoomsArrived, SaidGoodbye
from chat_core.client.store import MemoryStore
from chat_core.errors import GeneralReceiveFailure, Refusal, UnicodeDecodeFailure
from tests.client_talk import Talk, in_lobby


class LoginTest(unittest.TestCase):
    def test_hello_is_all_that_is_sent_before_the_welcome(self) -> None:
        talk = Talk(rooms=("Lobby",))
        talk.session.post("lobby", "early", 1)
        talk.session.connected()
        talk.session.ping()
        (hello,) = talk.sent()
        token = hello.pop("token")
        self.assertEqual(
            hello, {"type": "hello", "protocol": 1, "name": "Ann", "install": "install-1", "agent": "test"}
        )
        self.assertRegex(token, r"\A[0-9A-Z]{26}\Z")
        self.assertFalse(talk.session.is_logged_in)

    def test_a_newcomer_keeps_its_token_before_it_shows_it(self) -> None:
        store = MemoryStore()
        talk = Talk(store)
        talk.session.connected()
        (hello,) = talk.sent()
        self.assertEqual(store.load().token, hello["token"])
        talk.session.disconnected()  # the welcome was lost with the connection, or the whole program died
        for again in (talk, Talk(store)):
            again.session.connected()
            self.assertEqual(again.sent()[0]["token"], hello["token"])
        self.assertEqual(
            talk.welcomed(token=hello["token"]), [LoggedIn("Ann", "Lab", "hi", ("lobby",), is_new_log=False)]
        )

    def test_welcome_logs_in_and_joins_the_default_rooms(self) -> None:
        talk = Talk()
        told = talk.comes_online(name="Anna")
        self.assertEqual(told, [LoggedIn("Anna", "Lab", "hi", ("lobby",), is_new_log=False)])
        self.assertEqual(talk.session.name, "Anna")
        self.assertEqual(talk.sent(), [{"type": "join", "room": "lobby", "ref": "r1"}])

    def test_default_rooms_are_not_joined_by_who_asked_for_others_or_has_left_them(self) -> None:
        talk = Talk(rooms=("attic",))
        talk.comes_online()
        self.assertEqual([request["room"] for request in talk.sent()], ["attic"])
        talk = Talk()
        talk.session.leave("lobby")
        talk.comes_online()
        self.assertEqual(talk.sent(), [])

    def test_token_and_rooms_outlive_the_program(self) -> None:
        store = MemoryStore()
        talk = Talk(store)
        talk.comes_online()
        talk.joined(next=8)
        talk.session.note_handled()
        again = Talk(store)
        again.session.connected()
        self.assertEqual(again.sent()[0]["token"], "t1")
        again.welcomed()
        self.assertEqual(again.sent(), [{"type": "join", "room": "lobby", "after": 7, "ref": "r1"}])

    def test_a_server_that_calls_us_by_no_name_is_no_chat_server(self) -> None:
        talk = Talk()
        talk.session.connected()
        self.assertEqual(talk.welcomed(name="../x"), [])
        self.assertIsInstance((talk.session.ending or Ending(wants_retry=True)).failure, GeneralReceiveFailure)
        talk = in_lobby()
        self.assertEqual(talk.hears("renamed", name="\n"), [])
        self.assertIsInstance((talk.session.ending or Ending(wants_retry=True)).failure, GeneralReceiveFailure)
        self.assertEqual(talk.session.name, "Ann")

    def test_default_rooms_that_are_none_or_too_many_are_passed_over(self) -> None:
        talk = Talk()
        talk.comes_online(rooms=["../x", *(f"room {number}" for number in range(60))])
        self.assertEqual(len(talk.session.wanted_rooms), limits.ROOMS_PER_CONNECTION_MAX - 1)

    def test_a_name_that_is_none_is_refused_before_anything(self) -> None:
        with self.assertRaises(Refusal):
            Talk(name="")

    def test_final_refusals_of_the_login(self) -> None:
        for code in ("name_taken", "name_not_yours", "name_invalid", "protocol_version", "bad_request"):
            with self.subTest(code):
                talk = Talk()
                talk.session.connected()
                told = talk.hears("error", code=code, text="No.", fatal=True, retry=3)
                self.assertEqual(told, [RequestRefused(code, "No.", is_fatal=True)])
                self.assertEqual(talk.session.ending, Ending(wants_retry=False, retry_s=3))

    def test_passing_refusals_of_the_login(self) -> None:
        for code in ("server_full", "storage", "timeout", "internal"):
            with self.subTest(code):
                talk = Talk()
                talk.session.connected()
                talk.hears("error", code=code, text="Later.")
                self.assertEqual(talk.session.ending, Ending(wants_retry=True))

    def test_another_version_is_final(self) -> None:
        talk = Talk()
        told = talk.comes_online(protocol=2)
        self.assertEqual([event.code for event in told], ["protocol_version"])
        self.assertEqual(talk.session.ending, Ending(wants_retry=False))

    def test_anything_else_before_the_welcome_breaks_the_protocol(self) -> None:
        talk = Talk()
        talk.session.connected()
        talk.message(1)
        assert talk.session.ending is not None
        self.assertIsInstance(talk.session.ending.failure, GeneralReceiveFailure)
        self.assertTrue(talk.session.ending.wants_retry)

    def test_a_second_welcome_breaks_the_protocol(self) -> None:
        talk = in_lobby()
        talk.welcomed()
        assert talk.session.ending is not None
        self.assertIsInstance(talk.session.ending.failure, GeneralReceiveFailure)
        self.assertEqual(talk.message(1), [])  # nothing counts any more

    def test_broken_payloads(self) -> None:
        for payload, failure in (
            (b"\xff", UnicodeDecodeFailure),
            (b"[]", GeneralReceiveFailure),
            (b'{"type":"message"}', GeneralReceiveFailure),
            # An answer without a ref is matched by the room's name, and this is none.
            (b'{"type":"left","room":""}', GeneralReceiveFailure),
        ):
            with self.subTest(payload):
                talk = in_lobby()
                talk.session.receive(payload)
                assert talk.session.ending is not None
                self.assertIsInstance(talk.session.ending.failure, failure)

    def test_an_unknown_type_is_ignored(self) -> None:
        talk = in_lobby()
        self.assertEqual(talk.hears("sparkle"), [])
        self.assertIsNone(talk.session.ending)

    def test_another_epoch_forgets_the_cursors_and_says_so(self) -> None:
        talk = in_lobby(next=8)
        (told,) = talk.comes_online(epoch="e2")
        self.assertTrue(told.is_new_log)
        self.assertEqual(talk.sent(), [{"type": "join", "room": "lobby", "ref": "r2"}])
        self.assertIsNone(talk.store.load().rooms[0].cursor)
        self.assertFalse(talk.comes_online(epoch="e2")[0].is_new_log)


class RequestTest(unittest.TestCase):
    def test_history(self) -> None:
        talk = in_lobby()
        talk.session.request_history("LOBBY", 40, 999)
        (asked,) = talk.sent()
        self.assertEqual(asked, {"type": "history", "room": "lobby", "before": 40, "limit": 200, "ref": "r2"})
        (told,) = talk.hears("history", room="lobby", messages=[], more=True, ref="r2")
        self.assertEqual(told, HistoryArrived("lobby", (), more=True))
        talk.session.request_history("lobby", 40)
        (told,) = talk.hears("error", code="bad_request", text="No.", ref="r3")
        self.assertEqual(told, RequestRefused("bad_request", "No.", is_fatal=False, room="lobby"))

    def test_rooms(self) -> None:
        talk = in_lobby()
        talk.session.request_rooms()
        self.assertEqual(talk.sent(), [{"type": "rooms", "offset": 0, "ref": "r2"}])
        (told,) = talk.hears("rooms", rooms=[{"room": "lobby", "online": 1, "head": 0}], ref="r2")
        self.assertIsInstance(told, RoomsArrived)
        self.assertEqual(told.rooms[0].room, "lobby")

    def test_rename(self) -> None:
        talk = in_lobby()
        talk.session.rename("Zoe")
        self.assertEqual(talk.sent(), [{"type": "rename", "name": "Zoe", "ref": "r2"}])
        self.assertEqual(talk.hears("renamed", name="Zoe", ref="r2"), [NameChanged("Zoe")])
        self.assertEqual(talk.store.load().name, "Zoe")
        talk.session.rename("Bob")
        (told,) = talk.hears("error", code="name_taken", text="Taken.", ref="r3")
        self.assertEqual(told, RequestRefused("name_taken", "Taken.", is_fatal=False))

    def test_questions_of_the_moment_are_refused_offline(self) -> None:
        talk = Talk()
        talk.session.request_history("lobby", 1)
        talk.session.request_rooms()
        talk.session.rename("Zoe")
        codes = [event.code for event in talk.session.take_events() if isinstance(event, RequestRefused)]
        self.assertEqual(codes, ["not_in_room", "not_welcome", "not_welcome"])

    def test_a_ping_is_answered_by_the_last_nonce(self) -> None:
        talk = Talk()
        talk.session.connected()
        talk.hears("ping", nonce="early")
        self.assertEqual([r["type"] for r in talk.sent()], ["hello"])
        talk.welcomed()
        talk.sent()
        talk.hears("ping", nonce="a")
        talk.hears("ping", nonce="b")
        talk.hears("pong")
        self.assertEqual(talk.sent(), [{"type": "pong", "nonce": "b"}])
        talk.session.ping()
        self.assertEqual(talk.sent(), [{"type": "ping"}])

    def test_quit_follows_what_can_be_sent(self) -> None:
        talk = in_lobby()
        talk.session.post("lobby", "last words", 1)
        talk.session.quit()
        self.assertEqual([r["type"] for r in talk.sent()], ["post", "quit"])
        talk.session.ping()
        self.assertEqual(talk.sent(), [])
        (told,) = talk.hears("quit", reason="bye")
        self.assertEqual(told, SaidGoodbye("bye", "You have left."))

    def test_goodbyes(self) -> None:
        for reason, wants_retry in (
            ("bye", False), ("replaced", False), ("removed", False), ("shutdown", True), ("timeout", True),
            ("something new", True),
        ):  # fmt: skip
            with self.subTest(reason):
                talk = in_lobby()
                (told,) = talk.hears("quit", reason=reason, retry=2)
                self.assertEqual(told.code, reason)
                self.assertTrue(told.reason.endswith("."))
                self.assertEqual(talk.session.ending, Ending(wants_retry, retry_s=2, is_replaced=reason == "replaced"))

    def test_other_errors_are_told_and_fatal_ones_come_back(self) -> None:
        talk = in_lobby()
        self.assertEqual(
            talk.hears("error", code="unknown_type", text="What?"),
            [RequestRefused("unknown_type", "What?", is_fatal=False)],
        )
        self.assertIsNone(talk.session.ending)
        talk.session.request_history("lobby", 3)
        (told,) = talk.hears("error", code="internal", text="Oops.", ref="r2")
        self.assertEqual((told.is_fatal, told.room), (True, "lobby"))
        self.assertEqual(talk.session.ending, Ending(wants_retry=True))


if __name__ == "__main__":
    unittest.main()
