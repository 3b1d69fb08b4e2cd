"""What is typed, in the presenter of `test_ui_presenter`."""

from __future__ import annotations

import unittest

from chat_core.client.events import RoomLeft, RoomsArrived, SaidGoodbye
from chat_core.messages import RoomEntry
from tests.test_ui_presenter import CUT_OFF, NOON_MS, ONLINE, PresenterCase, joined


class TestCommands(PresenterCase):
    def setUp(self) -> None:
        super().setUp()
        self.take(*ONLINE)

    def test_join_asks_for_a_new_room_and_shows_it(self) -> None:
        self.assertEqual(self.say("/join den"), "('join', 'den')")
        assert self.presenter.current is not None
        self.assertEqual(self.presenter.current.room, "den")

    def test_join_of_a_room_one_is_in_only_shows_it(self) -> None:
        self.take(joined("den"))
        self.say("/join DEN")
        assert self.presenter.current is not None
        self.assertEqual((self.presenter.current.room, self.link.asked), ("den", []))

    def test_join_of_a_room_that_was_not_come_into_asks_again(self) -> None:
        self.say("/join den")
        self.take(CUT_OFF)
        self.say("/join den")
        self.assertEqual(self.link.asked, [("join", "den")] * 2)

    def test_a_bad_room_name_is_explained(self) -> None:
        self.assertIn("room name", self.problem("/join a/b"))

    def test_leave_goes_to_another_room(self) -> None:
        self.say("/join den")
        self.assertEqual(self.say("/leave"), "('leave', 'den')")
        assert self.presenter.current is not None
        self.assertEqual((self.presenter.current.room, list(self.presenter.rooms)), ("lobby", ["lobby"]))
        self.take(RoomLeft("den"))
        self.assertEqual(self.problem("/leave"), "This is your only room. /quit leaves the chat.")

    def test_a_room_with_something_unsent_is_not_left(self) -> None:
        self.say("/join den")
        self.say("mine")
        self.assertEqual(self.problem("/leave"), "Something you wrote here is not sent yet.")

    def test_a_room_left_otherwise_goes_but_never_the_last_one(self) -> None:
        self.take(joined("den"), RoomLeft("den"), RoomLeft("lobby"))
        self.assertEqual(list(self.presenter.rooms), ["lobby"])

    def test_nick_asks_for_the_name(self) -> None:
        self.assertEqual(self.say("/nick  Anna"), "('rename', 'Anna')")
        self.assertIn("letters", self.problem("/nick a!b"))

    def test_rooms_are_listed(self) -> None:
        self.assertEqual(self.say("/rooms"), "('rooms',)")
        self.take(RoomsArrived((RoomEntry("den", 3, 9),)), RoomsArrived(()))
        self.assertEqual(self.shown(), ["Rooms of this server:\nden  3 online", "This server has no rooms yet."])

    def test_a_page_of_rooms_that_is_full_says_so(self) -> None:
        entries = tuple(RoomEntry(f"room {number}", 0, 1) for number in range(500))
        self.take(RoomsArrived(entries[1:]), RoomsArrived(entries))
        self.assertNotIn("others", self.shown()[0])
        self.assertTrue(self.shown()[1].endswith("\nNo more than 500 are listed; there may be others."))

    def test_names_and_rooms_need_a_connection(self) -> None:
        self.take(CUT_OFF)
        self.assertIn("while you are online", self.problem("/nick Anna"))
        self.assertIn("while you are online", self.problem("/rooms"))

    def test_help_is_shown_in_the_conversation(self) -> None:
        self.say("/help")
        self.assertIn("/join ROOM", self.shown()[0])

    def test_both_ways_to_quit(self) -> None:
        for typed in ("/quit", "{quit}", " {quit} "):
            self.assertTrue(self.presenter.submit(typed, NOON_MS).wants_quit)

    def test_a_refused_text_stays_and_is_explained(self) -> None:
        self.assertIn("at most 8000", self.problem("x" * 8001))
        self.assertEqual(self.problem("   "), "")
        self.assertIn("no command /foo", self.problem("/foo"))

    def test_two_slashes_send_one(self) -> None:
        self.assertEqual(self.say("//foo"), "('post', 'lobby', '/foo')")


class TestBeforeAnyRoom(PresenterCase):
    def test_what_needs_a_room_is_explained(self) -> None:
        self.assertIn("/join ROOM", self.problem("hello"))
        self.assertIn("/join ROOM", self.problem("/help"))
        self.assertIn("only room", self.problem("/leave"))

    def test_what_is_told_before_there_is_a_room_is_not_lost_on_the_status(self) -> None:
        self.take(SaidGoodbye("shutdown", "The server is being stopped."))
        self.assertEqual(self.presenter.rooms, {})
        assert self.presenter.standing.trouble is not None
        self.assertEqual(self.presenter.standing.trouble.sentence, "The server is being stopped.")

    def test_the_last_room_can_be_forgotten_while_another_is_shown(self) -> None:
        self.take(joined("den"), joined("hall"), RoomLeft("den"))
        self.assertIsNone(self.presenter.current)


if __name__ == "__main__":
    unittest.main()
