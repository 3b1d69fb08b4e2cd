"""What happens, as the window is to show it: logging in, messages, coming back, older messages, people, refusals."""

from __future__ import annotations

import subprocess
import sys
import unittest
from unittest import mock

from chat_core.client.events import (
    HistoryArrived,
    LinkState,
    LoggedIn,
    MessagesGone,
    NameChanged,
    PostRefused,
    PostStored,
    PresenceChanged,
    RequestRefused,
    RoomLeft,
    RoomLive,
    RoomsArrived,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.client.kept import OutboxEntry
from chat_core.client.settings import RoomMemory, ServerMemory
from chat_core.messages import RoomEntry
from chat_core.ui.model.attention import Level
from chat_core.ui.model.conversation import LineKind, PendingState
from chat_core.ui.model.sentences import sentence_of_names
from tests import REPOSITORY
from tests.presenter_case import CUT_OFF, ONLINE, FakeLink, PresenterCase, arrived, joined, message, welcome


class TestLoggingIn(PresenterCase):
    def test_the_default_room_is_shown_with_the_words_of_the_day(self) -> None:
        self.take(welcome(motd="Be \x1b[31mkind"), joined())
        self.assertEqual(self.room_shown, "lobby")
        self.assertEqual(self.shown(), ["Be \\x1b[31mkind"])

    def test_a_notice_about_the_profile_is_shown(self) -> None:
        self.link.notice = "The profile was damaged and has been set aside."
        self.take(welcome())
        self.assertEqual(self.shown(), ["The profile was damaged and has been set aside."])

    def test_a_wanted_room_goes_before_the_default_one(self) -> None:
        self.start("den", "hall", kept=ServerMemory("h", 1, "Ann", shown_room="hall"))
        self.take(*ONLINE)
        self.assertEqual(self.room_shown, "den")

    def test_else_the_room_that_was_shown_last(self) -> None:
        self.start(kept=ServerMemory("h", 1, "Ann", shown_room="hall"))
        self.take(*ONLINE)
        self.assertEqual(self.room_shown, "hall")

    def test_a_server_without_default_rooms_has_the_lobby(self) -> None:
        self.take(LoggedIn("Ann", "Office", "", (), is_new_log=False))
        self.assertEqual(list(self.presenter.rooms), ["lobby"])

    def test_another_name_than_asked_for_is_told(self) -> None:
        self.take(welcome("Anna"))
        self.assertEqual(self.shown(), ["You are called Anna on this server."])
        self.assertEqual(self.presenter.name, "Anna")

    def test_what_was_not_sent_last_time_waits_in_its_room(self) -> None:
        self.start(link=FakeLink([OutboxEntry("m1", "den", "old")]))
        waiting = self.presenter.rooms["den"].pending["m1"]
        self.assertEqual((waiting.text, waiting.clock, waiting.state), ("old", "", PendingState.WAITING))


class TestMessages(PresenterCase):
    def test_a_message_is_shown_with_name_and_time(self) -> None:
        self.take(*ONLINE, arrived(1, "hello\nthere"))
        line = self.presenter.rooms["lobby"].lines[-1]
        self.assertEqual((line.sender, line.clock, line.text), ("Bob", "12:00", "hello\nthere"))
        self.assertTrue(line.begins_group)
        self.assertFalse(line.is_own)

    def test_remote_text_cannot_steer_the_display(self) -> None:
        self.take(*ONLINE, arrived(1, "a\x1bb\u202ec", sender="Eve\nBob"))
        line = self.presenter.rooms["lobby"].lines[-1]
        self.assertEqual((line.text, line.sender), ("a\\x1bb\\u202ec", "Eve\\nBob"))

    def test_own_messages_wait_then_are_stored_then_take_their_place(self) -> None:
        self.take(*ONLINE)
        self.say("mine")
        room = self.presenter.rooms["lobby"]
        (mid,) = room.pending
        self.assertIs(room.pending[mid].state, PendingState.WAITING)
        self.take(PostStored(mid, "lobby", 1))
        self.assertIs(room.pending[mid].state, PendingState.STORED)
        self.take(arrived(1, "mine", sender="Ann", mid=mid))
        self.assertEqual((room.pending, self.shown()), ({}, ["mine"]))
        self.assertTrue(room.lines[-1].is_own)

    def test_own_messages_from_another_window_are_own_too(self) -> None:
        self.take(*ONLINE, arrived(1, sender="Ann"))
        self.assertTrue(self.presenter.rooms["lobby"].lines[-1].is_own)

    def test_a_message_that_had_arrived_before_it_is_acknowledged_is_not_shown_twice(self) -> None:
        self.take(*ONLINE)
        self.say("mine")
        room = self.presenter.rooms["lobby"]
        (mid,) = room.pending
        self.take(arrived(1), PostStored(mid, "lobby", 1))
        self.assertEqual(room.pending, {})
        self.take(PostStored(mid, "lobby", 1))
        self.assertEqual(self.shown(), ["text 1"])

    def test_a_refused_message_shows_the_reason_and_can_be_taken_back_once(self) -> None:
        self.take(*ONLINE)
        self.say("mine")
        (mid,) = self.presenter.rooms["lobby"].pending
        self.take(PostRefused(mid, "lobby", "mine", "not_in_room", "You are not in that room."))
        room = self.presenter.rooms["lobby"]
        refused = room.pending[mid]
        self.assertEqual((refused.reason, refused.advice), ("You are not in that room.", "Join it first."))
        self.assertEqual(room.take_back(mid), "mine")
        self.assertEqual(room.take_back(mid), "")

    def test_a_message_refused_that_was_not_shown_is_shown_then(self) -> None:
        self.take(*ONLINE, PostRefused("m9", "lobby", "old", "not_in_room", "No."))
        self.assertIs(self.presenter.rooms["lobby"].pending["m9"].state, PendingState.REFUSED)

    def test_typing_while_offline_is_kept_and_shown_as_waiting(self) -> None:
        self.take(*ONLINE, CUT_OFF)
        self.assertIn("post", self.say("from the train"))
        self.assertEqual([each.text for each in self.presenter.rooms["lobby"].pending.values()], ["from the train"])


class TestComingBack(PresenterCase):
    def test_the_conversation_is_said_to_be_complete(self) -> None:
        self.take(*ONLINE, arrived(1), CUT_OFF)
        room = self.presenter.rooms["lobby"]
        self.assertEqual((room.is_joined, room.names, room.online), (False, (), 0))
        self.take(
            welcome(), StateChanged(LinkState.ONLINE), joined(head=2, next_seq=2), arrived(2), RoomLive("lobby", 2)
        )
        self.assertEqual(self.shown(), ["text 1", "text 2", "You are back; the conversation is complete."])
        self.take(RoomLive("lobby", 2))
        self.assertEqual(len(self.shown()), 3)

    def test_what_is_missing_is_said(self) -> None:
        self.take(
            *ONLINE,
            arrived(1),
            CUT_OFF,
            welcome(),
            joined(head=9, first=5, next_seq=5, missing=3),
            RoomLive("lobby", 9),
        )
        self.assertEqual(
            self.shown(),
            ["text 1", "3 messages are missing here: the server has not kept them.", "You are back."],
        )

    def test_messages_that_went_while_one_was_behind_are_said(self) -> None:
        self.take(*ONLINE, MessagesGone("lobby", 4, 4))
        self.assertEqual(self.shown(), ["1 message is missing here: the server has not kept it."])

    def test_a_new_log_is_said_and_its_seqs_begin_again(self) -> None:
        self.take(*ONLINE, arrived(1), arrived(2), CUT_OFF, welcome(is_new_log=True), StateChanged(LinkState.ONLINE))
        self.take(joined(head=9, next_seq=5), arrived(5))
        room = self.presenter.rooms["lobby"]
        self.assertIn("does not have the one above any more", self.shown()[2])
        self.assertEqual((room.last_seq, room.has_older), (5, False))
        self.presenter.wants_older()
        self.assertEqual(self.link.asked, [])

    def test_a_new_log_is_no_news_to_who_has_seen_nothing(self) -> None:
        self.take(welcome(is_new_log=True))
        self.assertEqual(self.shown(), [])

    def test_a_room_that_begins_again_is_said(self) -> None:
        self.take(
            *ONLINE, arrived(1), arrived(2), CUT_OFF, welcome(), joined(head=1, next_seq=1, is_reset=True), arrived(1)
        )
        self.assertIn("this one begins again", self.shown()[2])
        self.assertEqual(self.presenter.rooms["lobby"].last_seq, 1)

    def test_stored_messages_before_the_place_of_return_wait_no_more(self) -> None:
        self.take(*ONLINE)
        self.say("mine")
        (mid,) = self.presenter.rooms["lobby"].pending
        self.take(PostStored(mid, "lobby", 3), CUT_OFF, welcome(), joined(head=9, first=5, next_seq=5, missing=4))
        self.assertEqual(self.presenter.rooms["lobby"].pending, {})


class TestHistory(PresenterCase):
    def test_a_start_at_the_cursor_asks_for_the_page_before_it(self) -> None:
        self.take(welcome(), StateChanged(LinkState.ONLINE), joined(head=80, next_seq=81))
        self.assertEqual(self.link.asked, [("history", "lobby", 81, 50)])
        self.take(HistoryArrived("lobby", tuple(message(seq) for seq in range(79, 81)), more=True))
        self.assertEqual(self.shown(), ["text 79", "text 80"])

    def test_a_newcomer_who_gets_a_page_anyway_asks_for_none(self) -> None:
        self.take(*ONLINE[:3], joined(head=80, next_seq=31))
        self.assertEqual(self.link.asked, [])

    def test_older_messages_are_asked_for_once_at_a_time(self) -> None:
        self.presenter.wants_older()
        self.take(*ONLINE[:3], joined(head=80, next_seq=31), arrived(31))
        self.presenter.wants_older()
        self.presenter.wants_older()
        self.assertEqual(self.link.asked, [("history", "lobby", 31, 50)])
        self.take(HistoryArrived("lobby", (message(30),), more=False))
        self.assertEqual(self.shown(), ["text 30", "text 31"])
        self.presenter.wants_older()
        self.assertEqual(len(self.link.asked), 1)

    def test_refused_ones_are_asked_for_again_when_the_reader_comes_back_to_the_beginning(self) -> None:
        self.take(*ONLINE[:3], joined(head=80, next_seq=31), arrived(31))
        self.presenter.wants_older()
        self.take(RequestRefused("internal", "That did not work.", is_fatal=False, room="lobby"))
        self.assertFalse(self.presenter.rooms["lobby"].is_loading_older)
        for _ in range(3):  # the reader stays there: neither a flood of questions nor one of refusals
            self.presenter.wants_older()
        self.assertEqual(len(self.link.asked), 1)
        self.presenter.has_left_beginning()
        self.presenter.wants_older()
        self.assertEqual(self.link.asked, [("history", "lobby", 31, 50)] * 2)

    def test_a_refusal_of_something_else_leaves_them_alone(self) -> None:
        self.presenter.has_left_beginning()
        self.take(*ONLINE[:3], joined(head=80, next_seq=31), arrived(31))
        self.take(RequestRefused("room_limit", "Too many rooms.", is_fatal=False, room="lobby"))
        self.presenter.wants_older()
        self.assertEqual(self.link.asked, [("history", "lobby", 31, 50)])

    def test_none_are_asked_for_while_offline_and_again_after(self) -> None:
        self.take(*ONLINE[:3], joined(head=80, next_seq=31), arrived(31))
        self.presenter.wants_older()
        self.take(CUT_OFF)
        self.presenter.wants_older()
        self.assertEqual(len(self.link.asked), 1)
        self.take(welcome(), StateChanged(LinkState.ONLINE))
        self.presenter.wants_older()
        self.assertEqual(len(self.link.asked), 2)


class TestPeople(PresenterCase):
    def test_who_comes_goes_and_changes_name_is_told_and_listed(self) -> None:
        self.take(*ONLINE, PresenceChanged("lobby", 3, ("Ann", "Cid", "Dee"), ("Cid", "Dee"), ("Bob",), (("X", "Y"),)))
        self.assertEqual(self.shown(), ["Cid and Dee came in.", "Bob left.", "X is now called Y."])
        room = self.presenter.rooms["lobby"]
        self.assertEqual((room.online, room.names), (3, ("Ann", "Cid", "Dee")))

    def test_nobody_is_told_of_themselves(self) -> None:
        self.take(*ONLINE, PresenceChanged("lobby", 2, ("Ann", "Bob"), ("Ann",), (), ()))
        self.assertEqual(self.shown(), [])

    def test_a_completed_roster_is_told_to_nobody(self) -> None:
        self.take(*ONLINE, PresenceChanged("lobby", 900, ("Ann",), (), (), ()))
        self.assertEqual(self.shown(), [])

    def test_names_are_listed_as_people_do(self) -> None:
        self.assertEqual(sentence_of_names(["A"]), "A")
        self.assertEqual(sentence_of_names("ABC"), "A, B and C")
        self.assertEqual(sentence_of_names("ABCDEF"), "A, B, C, D, E and F")
        self.assertEqual(sentence_of_names("ABCDEFG"), "A, B, C, D, E and 2 others")

    def test_ones_own_new_name_is_told_once_in_whatever_order(self) -> None:
        own = PresenceChanged("lobby", 2, ("Anna", "Rob"), (), (), (("Ann", "Anna"), ("Bob", "Rob")))
        for events in ((NameChanged("Anna"), own), (own, NameChanged("Anna"))):
            with self.subTest(events=events):
                self.start()
                self.take(*ONLINE, *events)
                self.assertEqual(sorted(self.shown()), ["Bob is now called Rob.", "You are now called Anna."])

    def test_ones_own_new_name_is_told(self) -> None:
        self.take(*ONLINE, NameChanged("Anna"))
        self.assertEqual(self.shown(), ["You are now called Anna."])
        self.assertEqual(self.presenter.name, "Anna")

    def test_who_is_here_can_be_asked(self) -> None:
        self.take(*ONLINE)
        self.say("/who")
        self.assertEqual(self.shown(), ["In this room: Ann and Bob"])
        self.take(CUT_OFF)
        self.say("/who")
        self.assertEqual(self.shown()[1], "This window does not know who is in this room.")

    def test_of_many_everybody_is_listed(self) -> None:
        names = tuple(f"P{number}" for number in range(20))
        self.take(*ONLINE, PresenceChanged("lobby", 20, names, (), (), ()))
        self.presenter.tell_who(0)
        self.assertTrue(self.shown()[0].endswith("P17, P18 and P19"))


class TestRefusalsAndGoodbyes(PresenterCase):
    def test_a_refused_request_is_told_in_its_room(self) -> None:
        self.take(*ONLINE, joined("den"), RequestRefused("room_limit", "Too many rooms.", is_fatal=False, room="den"))
        self.assertEqual(self.shown("den"), ["Too many rooms."])
        self.assertIs(self.presenter.rooms["den"].lines[0].kind, LineKind.ERROR)
        self.take(RequestRefused("name_taken", "That name is taken.", is_fatal=False))
        self.assertEqual(self.shown(), ["That name is taken."])

    def test_a_goodbye_is_told_in_words(self) -> None:
        self.take(*ONLINE, SaidGoodbye("shutdown", "The server is being stopped."), StateChanged(LinkState.WAITING))
        self.assertEqual(self.shown(), ["The server is being stopped."])
        banner = self.presenter.standing.banner()
        assert banner is not None
        self.assertEqual(banner.sentence, "The server is being stopped.")

    def test_leaving_keeps_the_roster(self) -> None:
        self.take(*ONLINE, StateChanged(LinkState.LEAVING))
        self.assertEqual(self.presenter.rooms["lobby"].online, 2)


class TestRooms(PresenterCase):
    def setUp(self) -> None:
        super().setUp()
        self.take(*ONLINE)

    def test_the_public_rooms_are_kept_until_the_next_answer(self) -> None:
        self.assertIsNone(self.presenter.public_rooms)
        self.take(RoomsArrived((RoomEntry("den", 3, 9), RoomEntry("hall", 1, 2)), 7))
        self.assertEqual(self.presenter.public_rooms, ((("den", 3), ("hall", 1)), 7))
        self.take(RoomsArrived((), 0))
        self.assertEqual(self.presenter.public_rooms, ((), 0))

    def test_a_room_that_is_not_shown_is_kept_small_too(self) -> None:
        with mock.patch("chat_core.ui.model.conversation.LINES_MAX", 10):
            self.take(joined("den"), *(arrived(seq, room="den") for seq in range(1, 31)))
        self.assertEqual(self.shown("den"), [f"text {seq}" for seq in range(21, 31)])

    def test_a_room_left_otherwise_goes_but_never_the_last_one(self) -> None:
        self.take(joined("den"), RoomLeft("den"), RoomLeft("lobby"))
        self.assertEqual(list(self.presenter.rooms), ["lobby"])

    def test_a_room_in_which_something_is_being_written_stays_until_its_person_leaves_it(self) -> None:
        self.take(joined("den"), joined("hall"))
        self.presenter.show("den")
        self.presenter.rooms["hall"].draft = "half a"
        self.take(RoomLeft("den"), RoomLeft("hall"))
        self.assertEqual(
            [(row.room, row.is_joined) for row in self.presenter.rows()][1:], [("den", False), ("hall", False)]
        )
        self.assertEqual(self.room_shown, "den")
        self.commander.leave("den")
        self.assertEqual(self.room_shown, "lobby")

    def test_a_refused_join_keeps_what_was_refused_with_it(self) -> None:
        self.commander.join("den")
        self.say("hello")
        self.take(PostRefused("mid-2", "den", "hello", "room_limit", "Too many."), RoomLeft("den"))
        self.assertEqual([each.original for each in self.presenter.rooms["den"].pending.values()], ["hello"])

    def test_a_room_is_called_as_the_server_does_however_it_was_typed(self) -> None:
        self.presenter.levels["garden"] = Level.MENTIONS
        self.commander.join("garden")
        self.say("hello")
        self.presenter.rooms["garden"].draft = "half a"
        self.take(joined("Garden"), RoomLive("Garden", 0), PostStored("mid-2", "Garden", 1))
        self.take(arrived(1, "hello", sender="Ann", room="Garden", mid="mid-2"))
        self.assertEqual(list(self.presenter.rooms), ["lobby", "Garden"])
        room = self.presenter.rooms["Garden"]
        self.assertIs(self.presenter.current, room)
        self.assertEqual((room.title, room.draft, room.pending, room.is_joined), ("Garden", "half a", {}, True))
        self.assertIs(self.presenter.level_of("Garden"), Level.MENTIONS)

    def test_a_page_of_a_room_that_was_left_does_not_bring_it_back(self) -> None:
        self.take(joined("den", head=90, next_seq=90))
        self.commander.leave("den")
        self.take(HistoryArrived("den", (message(89, room="den"),), more=True))
        self.assertEqual(list(self.presenter.rooms), ["lobby"])

    def test_who_leaves_while_cut_off_was_never_away_from_it_when_they_come_again(self) -> None:
        self.take(joined("den"), RoomLive("den", 0), CUT_OFF)
        self.commander.leave("den")
        self.take(*ONLINE, joined("den"), RoomLive("den", 0))
        self.assertEqual(self.shown("den"), [])

    def test_a_remembered_room_that_one_is_not_in_is_not_begun_with(self) -> None:
        link = FakeLink()
        link.wanted_rooms.append("hall")
        self.start(kept=ServerMemory("h", 1, "Ann", "old room"), link=link)
        self.link.wanted_rooms.remove("old room")
        self.take(*ONLINE[:3])
        self.assertEqual(self.room_shown, "hall")

    def test_what_is_remembered_of_a_room_is_of_no_use_once_it_was_left(self) -> None:
        self.start(kept=ServerMemory("h", 1, "Ann", "", (RoomMemory("den", "mentions", "half a", 5),)))
        self.take(*ONLINE, joined("den", head=4, next_seq=5), RoomLive("den", 4))
        self.assertEqual(self.presenter.rooms["den"].draft, "half a")
        self.presenter.forget("den")
        self.take(joined("den", head=9, next_seq=10), RoomLive("den", 9), arrived(10, room="den"))
        room = self.presenter.rooms["den"]
        self.assertEqual((room.draft, room.unread), ("", 1))


class TestImports(unittest.TestCase):
    def test_the_presenter_needs_no_tkinter(self) -> None:
        code = "import sys, chat_core.ui.model.presenter; sys.exit('tkinter' in sys.modules)"
        self.assertEqual(subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()
