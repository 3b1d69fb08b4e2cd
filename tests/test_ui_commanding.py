"""What is typed, done in the presenter of `presenter_case`."""

from __future__ import annotations

import unittest

from chat_core.client.events import PostRefused, RoomLeft, SaidGoodbye
from chat_core.ui.model.commanding import Ask, Outcome
from chat_core.ui.model.conversation import PendingState
from tests.presenter_case import CUT_OFF, NOON_MS, ONLINE, PresenterCase, arrived, joined


class TestCommands(PresenterCase):
    def setUp(self) -> None:
        super().setUp()
        self.take(*ONLINE)

    def test_join_asks_for_a_new_room_and_shows_it(self) -> None:
        self.assertEqual(self.say("/join den"), "('join', 'den')")
        self.assertEqual(self.room_shown, "den")

    def test_join_of_a_room_one_is_in_only_shows_it(self) -> None:
        self.take(joined("den"))
        self.say("/join DEN")
        self.assertEqual((self.room_shown, self.link.asked), ("den", []))

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
        self.assertEqual((self.room_shown, list(self.presenter.rooms)), ("lobby", ["lobby"]))
        self.take(RoomLeft("den"))
        self.assertEqual(self.problem("/leave"), "This is your only room. /quit leaves the chat.")

    def test_a_room_that_is_not_shown_can_be_left(self) -> None:
        self.take(joined("den"))
        self.assertTrue(self.commander.leave("den").is_taken)
        self.assertEqual((self.room_shown, list(self.presenter.rooms)), ("lobby", ["lobby"]))

    def test_a_room_with_something_unsent_is_not_left(self) -> None:
        self.say("/join den")
        self.say("mine")
        self.assertEqual(
            self.problem("/leave"), "Something you wrote here is not sent yet: wait for it, or discard it."
        )

    def test_nick_asks_for_the_name(self) -> None:
        self.assertEqual(self.say("/nick  Anna"), "('rename', 'Anna')")
        self.assertIn("letters", self.problem("/nick a!b"))

    def test_a_name_needs_a_connection(self) -> None:
        self.take(CUT_OFF)
        self.assertIn("while you are online", self.problem("/nick Anna"))

    def test_what_only_the_window_can_do_is_handed_back(self) -> None:
        for typed, expected in (
            ("/rooms", Outcome(is_taken=True, ask=Ask.ROOMS)),
            ("/help", Outcome(is_taken=True, ask=Ask.HELP)),
            ("/find", Outcome(is_taken=True, ask=Ask.FIND)),
            ("/find  two words ", Outcome(is_taken=True, ask=Ask.FIND, query="two words")),
            ("/quit", Outcome(is_taken=True, ask=Ask.QUIT)),
            ("{quit}", Outcome(is_taken=True, ask=Ask.QUIT)),
            (" {quit} ", Outcome(is_taken=True, ask=Ask.QUIT)),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(self.commander.submit(typed, NOON_MS), expected)
        self.assertEqual(self.link.asked, [])

    def test_clear_hides_what_is_above(self) -> None:
        self.take(arrived(1))
        self.say("/clear")
        self.assertEqual(self.shown(), [])
        self.assertTrue(self.presenter.rooms["lobby"].is_cleared)

    def test_who_is_told_in_the_room(self) -> None:
        self.say("/who")
        self.assertEqual(self.shown(), ["In this room: Ann and Bob"])

    def test_a_refused_text_stays_and_is_explained(self) -> None:
        self.assertIn("at most 8000", self.problem("x" * 8001))
        self.assertEqual(self.problem("   "), "")
        self.assertIn("no command /foo", self.problem("/foo"))
        self.assertIn("Did you mean /join?", self.problem("/jion den"))

    def test_two_slashes_send_one_and_an_action_goes_as_it_stands(self) -> None:
        self.assertEqual(self.say("//foo"), "('post', 'lobby', '/foo')")
        self.assertEqual(self.say("/me waves"), "('post', 'lobby', '/me waves')")


class TestSendingAgain(PresenterCase):
    def setUp(self) -> None:
        super().setUp()
        self.take(*ONLINE)

    def refuse(self, text: str) -> str:
        self.take(PostRefused("m9", "lobby", text, "not_in_room", "No."))
        return "m9"

    def test_it_is_a_new_message(self) -> None:
        self.assertEqual(self.commander.send_again(self.refuse("//as it is"), NOON_MS), Outcome(is_taken=True))
        self.assertEqual(self.link.asked, [("post", "lobby", "//as it is")])
        (pending,) = self.presenter.rooms["lobby"].pending.values()
        self.assertEqual((pending.mid, pending.text, pending.state), ("mid-1", "//as it is", PendingState.WAITING))

    def test_what_can_never_be_sent_stays_with_the_reason(self) -> None:
        outcome = self.commander.send_again(self.refuse("x" * 8001), NOON_MS)
        self.assertIn("at most 8000", outcome.problem)
        (pending,) = self.presenter.rooms["lobby"].pending.values()
        self.assertEqual((pending.mid, pending.state, pending.reason), ("m9", PendingState.REFUSED, outcome.problem))

    def test_one_that_is_not_there_or_not_refused_is_not_sent_twice(self) -> None:
        self.say("mine")
        for mid in ("mid-1", "m9"):
            self.assertEqual(self.commander.send_again(mid, NOON_MS), Outcome(is_taken=True))
        self.assertEqual(self.link.asked, [("post", "lobby", "mine")])


class TestBeforeAnyRoom(PresenterCase):
    def test_what_needs_a_room_is_explained(self) -> None:
        self.assertIn("/join ROOM", self.problem("hello"))
        self.assertIn("/join ROOM", self.problem("/who"))
        self.assertIn("only room", self.problem("/leave"))

    def test_what_needs_none_does_not_fail(self) -> None:
        self.assertEqual(self.say("/clear"), "")
        self.assertTrue(self.commander.send_again("m1", NOON_MS).is_taken)

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
