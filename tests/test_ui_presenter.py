from __future__ import annotations

import subprocess
import sys
import unittest
from datetime import datetime
from typing import Sequence

from chat_core import errors
from chat_core.client.events import (
    ClientEvent,
    HistoryArrived,
    LinkState,
    LoggedIn,
    MessageArrived,
    MessagesGone,
    NameChanged,
    PostRefused,
    PostStored,
    PresenceChanged,
    RequestRefused,
    RoomJoined,
    RoomLive,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.client.kept import OutboxEntry
from chat_core.messages import Message, check_text
from chat_core.ui.model.conversation import LineKind, PendingState
from chat_core.ui.model.presenter import Presenter, sentence_of_names
from tests import REPOSITORY

NOON_MS = int(datetime(2026, 3, 2, 12, 0).timestamp() * 1000)  # a Monday, local time
DAY_MS = 86_400_000


class FakeLink:
    """Does nothing by itself: `events` is what the next poll brings, `asked` what was asked for."""

    def __init__(self, outbox: Sequence[OutboxEntry] = ()) -> None:
        self.outbox = list(outbox)
        self.is_active = False
        self.notice = ""
        self.events: list[ClientEvent] = []
        self.asked: list[tuple[object, ...]] = []
        self.is_closed = False

    def start(self, now: float) -> None:
        self.asked.append(("start", now))

    def poll(self, now: float, unix_ms: int) -> Sequence[ClientEvent]:
        del now, unix_ms
        events, self.events = self.events, []
        return events

    def post(self, room: str, text: str, unix_ms: int) -> str:
        del unix_ms
        check_text(text)
        self.asked.append(("post", room, text))
        return f"mid-{len(self.asked)}"

    def join(self, room: str) -> None:
        self.asked.append(("join", room))

    def leave(self, room: str) -> None:
        self.asked.append(("leave", room))

    def request_history(self, room: str, before: int, limit: int = 50) -> None:
        self.asked.append(("history", room, before, limit))

    def request_rooms(self) -> None:
        self.asked.append(("rooms",))

    def rename(self, name: str) -> None:
        self.asked.append(("rename", name))

    def retry_now(self, now: float) -> None:
        self.asked.append(("retry_now", now))

    def quit(self, now: float) -> None:
        self.asked.append(("quit", now))

    def close(self) -> None:
        self.is_closed = True


def message(
    seq: int, text: str = "", *, sender: str = "Bob", room: str = "lobby", mid: str = "", after_ms: int = 0
) -> Message:
    return Message(room, seq, NOON_MS + after_ms, sender, mid or f"m{seq}", text or f"text {seq}")


def arrived(seq: int, text: str = "", *, sender: str = "Bob", room: str = "lobby", mid: str = "") -> MessageArrived:
    return MessageArrived(message(seq, text, sender=sender, room=room, mid=mid), is_own=bool(mid))


def joined(
    room: str = "lobby", *, head: int = 0, first: int = 1, next_seq: int = 1, missing: int = 0, is_reset: bool = False
) -> RoomJoined:
    return RoomJoined(room, head, first, next_seq, 2, ("Ann", "Bob"), is_reset, missing)


def welcome(name: str = "Ann", *, motd: str = "", is_new_log: bool = False) -> LoggedIn:
    return LoggedIn(name, "Office", motd, ("lobby",), is_new_log)


ONLINE: tuple[ClientEvent, ...] = (
    StateChanged(LinkState.LOGGING_IN), welcome(), StateChanged(LinkState.ONLINE), joined(), RoomLive("lobby", 0)
)  # fmt: skip
CUT_OFF = StateChanged(LinkState.WAITING, errors.ConnectionReset("reset"), 5.0)


class PresenterCase(unittest.TestCase):
    def setUp(self) -> None:
        self.link = FakeLink()
        self.presenter = Presenter(self.link, "Ann")

    def take(self, *events: ClientEvent) -> None:
        self.presenter.take(events, NOON_MS)

    def shown(self, room: str = "lobby") -> list[str]:
        return [line.text for line in self.presenter.rooms[room].lines]

    def say(self, typed: str) -> str:
        """Type something that is taken, and return what the link was asked for last."""
        outcome = self.presenter.submit(typed, NOON_MS)
        self.assertEqual((outcome.is_taken, outcome.problem), (True, ""))
        return str(self.link.asked[-1] if self.link.asked else "")

    def problem(self, typed: str) -> str:
        """Type something that is not taken, and return the explanation; nothing may have been asked of the link."""
        asked = list(self.link.asked)
        outcome = self.presenter.submit(typed, NOON_MS)
        self.assertFalse(outcome.is_taken)
        self.assertEqual(self.link.asked, asked)
        return outcome.problem


class TestLoggingIn(PresenterCase):
    def test_the_default_room_is_shown_with_the_words_of_the_day(self) -> None:
        self.take(welcome(motd="Be \x1b[31mkind"), joined())
        assert self.presenter.current is not None
        self.assertEqual(self.presenter.current.room, "lobby")
        self.assertEqual(self.shown(), ["Be \\x1b[31mkind"])

    def test_a_notice_about_the_profile_is_shown(self) -> None:
        self.link.notice = "The profile was damaged and has been set aside."
        self.take(welcome())
        self.assertEqual(self.shown(), ["The profile was damaged and has been set aside."])

    def test_a_wanted_room_goes_before_the_default_one(self) -> None:
        presenter = Presenter(self.link, "Ann", ["den"])
        presenter.take(ONLINE, NOON_MS)
        assert presenter.current is not None
        self.assertEqual(presenter.current.room, "den")

    def test_a_server_without_default_rooms_has_the_lobby(self) -> None:
        self.take(LoggedIn("Ann", "Office", "", (), is_new_log=False))
        self.assertEqual(list(self.presenter.rooms), ["lobby"])

    def test_another_name_than_asked_for_is_told(self) -> None:
        self.take(welcome("Anna"))
        self.assertEqual(self.shown(), ["You are called Anna on this server."])
        self.assertEqual(self.presenter.name, "Anna")

    def test_what_was_not_sent_last_time_waits_in_its_room(self) -> None:
        presenter = Presenter(FakeLink([OutboxEntry("m1", "den", "old")]), "Ann")
        waiting = presenter.rooms["den"].pending["m1"]
        self.assertEqual((waiting.text, waiting.clock, waiting.state), ("old", "", PendingState.WAITING))


class TestMessages(PresenterCase):
    def test_a_message_is_shown_with_name_and_time(self) -> None:
        self.take(*ONLINE, arrived(1, "hello\nthere"))
        line = self.presenter.rooms["lobby"].lines[-1]
        self.assertEqual((line.sender, line.clock, line.text), ("Bob", "12:00", "hello\nthere"))
        self.assertTrue(line.shows_name)
        self.assertFalse(line.is_own)

    def test_remote_text_cannot_steer_the_display(self) -> None:
        self.take(*ONLINE, arrived(1, "a\x1bb\u202ec", sender="Eve\nBob"))
        line = self.presenter.rooms["lobby"].lines[-1]
        self.assertEqual((line.text, line.sender), ("a\\x1bb\\u202ec", "Eve\\nBob"))

    def test_a_message_in_another_room_is_counted_until_the_room_is_shown(self) -> None:
        self.take(*ONLINE, joined("den"), arrived(1, room="den"), arrived(2, room="den"))
        self.assertEqual(self.presenter.rooms["den"].unread, 2)
        self.presenter.show("den")
        self.assertEqual(self.presenter.rooms["den"].unread, 0)

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
        self.assertEqual(self.presenter.rooms["lobby"].pending[mid].reason, "You are not in that room.")
        self.assertEqual(self.presenter.take_back(mid), "mine")
        self.assertEqual(self.presenter.take_back(mid), "")

    def test_a_message_refused_that_was_not_shown_is_shown_then(self) -> None:
        self.take(*ONLINE, PostRefused("m9", "lobby", "old", "not_in_room", "No."))
        self.assertIs(self.presenter.rooms["lobby"].pending["m9"].state, PendingState.REFUSED)

    def test_nothing_can_be_taken_back_where_no_room_is_shown(self) -> None:
        self.assertEqual(self.presenter.take_back("m1"), "")

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
        self.assertEqual(self.shown(), ["1 message is missing here: the server has not kept them."])

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
                self.setUp()
                self.take(*ONLINE, *events)
                self.assertEqual(sorted(self.shown()), ["Bob is now called Rob.", "You are now called Anna."])

    def test_ones_own_new_name_is_told(self) -> None:
        self.take(*ONLINE, NameChanged("Anna"))
        self.assertEqual(self.shown(), ["You are now called Anna."])
        self.assertEqual(self.presenter.name, "Anna")


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


class TestImports(unittest.TestCase):
    def test_the_presenter_needs_no_tkinter(self) -> None:
        code = "import sys, chat_core.ui.model.presenter; sys.exit('tkinter' in sys.modules)"
        self.assertEqual(subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()
