"""Rooms and the people in them, as transcripts: cursors, joining, leaving, rosters. No sockets."""

from __future__ import annotations

import unittest

from chat_core.client.events import (
    MessageArrived,
    MessagesGone,
    PostRefused,
    PresenceChanged,
    RequestRefused,
    RoomJoined,
    RoomLeft,
    RoomLive,
)
from chat_core.errors import Refusal
from tests.client_talk import Talk, in_lobby


class RoomTest(unittest.TestCase):
    def test_a_newcomer_starts_where_the_server_says(self) -> None:
        talk = Talk()
        talk.comes_online()
        told = talk.joined(head=60, next=11, online=2, members=["bob", "Ann"])
        self.assertEqual(told, [RoomJoined("lobby", 60, 1, 11, 2, ("Ann", "bob"), is_reset=False, missing=0)])
        (arrived,) = talk.message(11)
        self.assertIsInstance(arrived, MessageArrived)
        self.assertFalse(arrived.is_own)
        self.assertEqual(talk.hears("live", room="lobby", seq=11), [RoomLive("lobby", 11)])
        self.assertIsNone(talk.store.load().rooms[0].cursor, "nobody has taken up yet what was told")
        talk.session.note_handled()
        self.assertEqual(talk.store.load().rooms[0].cursor, 11)

    def test_a_message_again_is_ignored_and_a_gap_ends_the_connection(self) -> None:
        talk = in_lobby()
        self.assertEqual(len(talk.message(1)), 1)
        self.assertEqual(talk.message(1), [])
        self.assertIsNone(talk.session.ending)
        self.assertEqual(talk.message(3), [])
        assert talk.session.ending is not None
        self.assertTrue(talk.session.ending.wants_retry)
        talk.comes_online()
        self.assertEqual(talk.sent(), [{"type": "join", "room": "lobby", "after": 1, "ref": "r2"}])

    def test_resuming_tells_what_is_missing(self) -> None:
        talk = in_lobby(next=8)
        talk.comes_online()
        joined, gone = talk.joined(head=30, first=21, next=21)
        self.assertEqual(joined.missing, 13)
        self.assertEqual(gone, MessagesGone("lobby", 8, 20))
        self.assertEqual(len(talk.message(21)), 1)

    def test_resuming_never_goes_back(self) -> None:
        talk = in_lobby(next=8)
        talk.comes_online()
        (joined,) = talk.joined(head=9, next=3)
        self.assertEqual(joined.missing, 0)
        self.assertEqual(talk.message(3), [])
        self.assertEqual(len(talk.message(8)), 1)

    def test_a_reset_starts_anew(self) -> None:
        talk = in_lobby(next=100)
        talk.comes_online()
        (joined,) = talk.joined(head=5, next=1, reset=True)
        self.assertTrue(joined.is_reset)
        self.assertEqual(len(talk.message(1)), 1)

    def test_pruned_while_behind(self) -> None:
        talk = in_lobby()
        talk.message(1)
        self.assertEqual(talk.hears("gone", room="lobby", first=5), [MessagesGone("lobby", 2, 4)])
        self.assertEqual(talk.hears("gone", room="lobby", first=5), [])
        self.assertEqual(len(talk.message(5)), 1)

    def test_what_comes_for_a_room_one_is_not_in_is_ignored(self) -> None:
        talk = in_lobby()
        for kind, fields in (
            ("live", {"seq": 1}), ("gone", {"first": 4}), ("left", {}), ("who", {"names": [], "online": 1}),
            ("presence", {"online": 1}), ("joined", {"head": 0, "first": 1, "next": 1, "online": 1, "members": []}),
        ):  # fmt: skip
            with self.subTest(kind):
                self.assertEqual(talk.hears(kind, room="attic", **fields), [])
        self.assertEqual(talk.message(1, room="attic"), [])
        self.assertIsNone(talk.session.ending)

    def test_rooms_are_known_by_any_spelling_and_shown_as_the_server_does(self) -> None:
        talk = Talk(rooms=("LOBBY",))
        talk.comes_online()
        talk.joined("Lobby")
        talk.session.join("lobby")
        self.assertEqual(talk.sent(), [])
        self.assertEqual(talk.session.rooms, ("Lobby",))
        mid = talk.session.post("loBBy", "hi", 1)
        self.assertEqual(talk.sent(), [{"type": "post", "room": "Lobby", "mid": mid, "text": "hi"}])
        self.assertEqual(len(talk.message(1, room="Lobby")), 1)

    def test_answers_without_a_ref_go_by_the_name(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.hears("joined", room="Lobby", head=0, first=1, next=1, online=1, members=["Ann"])
        self.assertEqual(talk.session.rooms, ("Lobby",))
        talk.session.leave("lobby")
        self.assertEqual(talk.hears("left", room="Lobby"), [RoomLeft("Lobby")])

    def test_leaving(self) -> None:
        talk = in_lobby()
        talk.session.leave("Lobby")
        talk.session.leave("lobby")  # once is enough
        (leave,) = talk.sent()
        self.assertEqual(leave, {"type": "leave", "room": "lobby", "ref": "r2"})
        self.assertEqual(talk.message(1), [])
        self.assertEqual(talk.session.wanted_rooms, ())
        with self.assertRaises(Refusal):
            talk.session.post("lobby", "too late", 1)
        self.assertEqual(talk.hears("left", room="lobby", ref="r2"), [RoomLeft("lobby")])
        self.assertEqual(talk.store.load().rooms, ())

    def test_leaving_and_coming_back_in_one_breath(self) -> None:
        talk = in_lobby(next=5)
        talk.session.leave("lobby")
        talk.session.join("lobby")
        # Never told that it was out, so it goes on where it was.
        self.assertEqual(
            talk.sent(),
            [
                {"type": "leave", "room": "lobby", "ref": "r2"},
                {"type": "join", "room": "lobby", "after": 4, "ref": "r3"},
            ],
        )
        self.assertEqual(talk.hears("left", room="lobby", ref="r2"), [])
        self.assertEqual(talk.message(5), [])
        self.assertEqual(len(talk.joined(ref="r3", next=5)), 1)
        self.assertEqual(len(talk.message(5)), 1)
        talk.session.note_handled()
        self.assertEqual(talk.store.load().rooms[0].cursor, 5)

    def test_coming_and_leaving_in_one_breath(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.session.leave("lobby")
        self.assertEqual([r["type"] for r in talk.sent()], ["join", "leave"])
        self.assertEqual(talk.joined(ref="r1"), [])
        self.assertEqual(talk.hears("left", room="lobby", ref="r2"), [RoomLeft("lobby")])

    def test_leaving_offline_is_at_once_and_an_unfinished_one_ends_with_the_connection(self) -> None:
        talk = Talk(rooms=("attic",))
        talk.session.leave("attic")
        self.assertEqual(talk.session.take_events(), [RoomLeft("attic")])
        talk = in_lobby()
        talk.session.leave("lobby")
        talk.session.disconnected()
        self.assertEqual(talk.session.take_events(), [RoomLeft("lobby")])

    def test_leaving_waits_for_what_was_written(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "bye all", 1)
        other = talk.session.post("lobby", "really", 2)
        talk.session.leave("lobby")
        self.assertEqual([r["type"] for r in talk.sent()], ["post", "post"])
        talk.hears("posted", mid=mid, room="lobby", seq=1, time=1)
        self.assertEqual(talk.sent(), [])
        talk.hears("posted", mid=other, room="lobby", seq=2, time=1)
        self.assertEqual([r["type"] for r in talk.sent()], ["leave"])

    def test_a_refused_join_gives_the_room_up_with_what_was_written_to_it(self) -> None:
        talk = Talk(rooms=("attic",))
        mid = talk.session.post("attic", "hi", 1)
        talk.session.leave("attic")
        talk.comes_online()
        (join,) = talk.sent()
        told = talk.hears("error", code="room_limit", text="Too many.", ref=join["ref"])
        self.assertEqual(
            told,
            [
                PostRefused(mid, "attic", "hi", "room_limit", "Too many."),
                RoomLeft("attic"),
                RequestRefused("room_limit", "Too many.", is_fatal=False, room="attic"),
            ],
        )
        self.assertEqual((talk.session.outbox, talk.store.load().rooms), ((), ()))

    def test_an_outdated_refusal_of_a_join_is_ignored_and_a_refused_leave_is_left(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.session.leave("lobby")
        talk.sent()
        self.assertEqual(talk.hears("error", code="room_limit", text="No.", ref="r1"), [])
        self.assertEqual(talk.hears("error", code="not_in_room", text="No.", ref="r2"), [RoomLeft("lobby")])


class PeopleTest(unittest.TestCase):
    def test_presence_moves_the_roster(self) -> None:
        talk = in_lobby(online=2, members=["bob", "Ann"])
        (told,) = talk.hears(
            "presence", room="lobby", online=3, joined=["cleo", "Dan"], left=["bob"], renamed=[["Ann", "Zoe"]]
        )
        self.assertEqual(
            told,
            PresenceChanged("lobby", 3, ("cleo", "Dan", "Zoe"), ("cleo", "Dan"), ("bob",), (("Ann", "Zoe"),)),
        )
        self.assertEqual(talk.sent(), [])

    def test_missing_names_are_asked_for_page_after_page(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.joined(online=5, members=["a", "x"])
        self.assertEqual(talk.sent(), [{"type": "who", "room": "lobby", "offset": 0, "ref": "r2"}])
        talk.hears("presence", room="lobby", online=5, joined=["e"], left=["x"])
        self.assertEqual(talk.sent(), [])  # one round at a time
        (told,) = talk.hears("who", room="lobby", names=["a", "b"], online=5, offset=0, ref="r2")
        self.assertEqual((told.names, told.joined), (("a", "b", "e"), ()))
        (who,) = talk.sent()
        self.assertEqual(who["offset"], 2)
        (told,) = talk.hears("who", room="lobby", names=["c", "d", "e"], online=5, offset=2, ref=who["ref"])
        self.assertEqual(told.names, ("a", "b", "c", "d", "e"))
        self.assertEqual(talk.sent(), [])
        # The same page again answers nothing.
        self.assertEqual(talk.hears("who", room="lobby", names=["y"], online=5, ref=who["ref"]), [])

    def test_a_round_ends_on_an_empty_page_or_an_error(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.joined(online=5, members=["a"])
        (who,) = talk.sent()
        self.assertEqual(talk.hears("error", code="bad_request", text="No.", ref=who["ref"]), [])
        talk.hears("presence", room="lobby", online=5)
        (who,) = talk.sent()
        talk.hears("who", room="lobby", names=[], online=5, ref=who["ref"])
        self.assertEqual(talk.sent(), [])

    def test_a_page_after_its_round_was_broken_off_changes_nothing(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.joined(online=5, members=["a"])
        (who,) = talk.sent()
        talk.session.leave("lobby")
        talk.session.join("lobby")
        talk.joined(online=1, members=["a"])
        (told,) = talk.hears("who", room="lobby", names=["a", "b"], online=5, ref=who["ref"])
        self.assertEqual(told.names, ("a",))

    def test_being_let_into_another_room_than_was_asked_for_is_a_breach(self) -> None:
        for shown in ("attic", "../x"):
            with self.subTest(shown):
                talk = Talk(rooms=("lobby",))
                talk.comes_online()
                (join,) = talk.sent()
                self.assertEqual(talk.joined(shown, ref=join["ref"]), [])
                self.assertIsNotNone(talk.session.ending)
                self.assertEqual(talk.session.rooms, ())

    def test_a_crowd_is_only_counted(self) -> None:
        talk = Talk()
        talk.comes_online()
        talk.joined(online=1_500, members=["a"])
        (who,) = talk.sent()
        talk.hears("who", room="lobby", names=[], online=1_500, ref=who["ref"])
        (told,) = talk.hears("presence", room="lobby", online=1_501)
        self.assertEqual((told.online, told.names, told.joined), (1_501, (), ()))
        self.assertEqual(talk.sent(), [])


if __name__ == "__main__":
    unittest.main()
