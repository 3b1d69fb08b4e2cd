from __future__ import annotations

import unittest

from chat_core import errors
from chat_core.client.events import (
    LinkState,
    LoggedIn,
    MessagesGone,
    NameChanged,
    RequestRefused,
    RoomJoined,
    RoomLeft,
    RoomLive,
    RoomsArrived,
    SaidGoodbye,
    StateChanged,
)  # fmt: skip
from chat_core.ui.model.standing import Action, Banner, Mood, Standing, banner_of_failure

WELCOME = LoggedIn("Anna", "Office", "", (), is_new_log=False)
TAKEN = RequestRefused("name_taken", "That name is taken.", is_fatal=True)


class StandingCase(unittest.TestCase):
    def setUp(self) -> None:
        self.standing = Standing("Ann")

    def banner(self) -> Banner:
        banner = self.standing.banner()
        assert banner is not None
        return banner


class TestStatus(StandingCase):
    def test_every_state_has_words(self) -> None:
        for state, text, mood in (
            (LinkState.CLOSED, "Not connected", Mood.BAD),
            (LinkState.LOOKING_UP, "Looking up the address…", Mood.BUSY),
            (LinkState.CONNECTING, "Connecting…", Mood.BUSY),
            (LinkState.LOGGING_IN, "Logging in…", Mood.BUSY),
            (LinkState.ONLINE, "Online as Ann", Mood.GOOD),
            (LinkState.LEAVING, "Leaving…", Mood.BUSY),
            (LinkState.WAITING, "Offline. Trying again soon.", Mood.BAD),
        ):
            with self.subTest(state=state):
                self.standing.take(StateChanged(state))
                status = self.standing.status(0.0)
                self.assertEqual((status.text, status.mood), (text, mood))

    def test_the_countdown_never_says_less_than_nothing(self) -> None:
        self.standing.take(StateChanged(LinkState.WAITING, retry_at=10.0))
        told = [self.standing.status(now).text for now in (5.0, 5.5, 9.5, 10.0, 11.0)]
        self.assertEqual(told, [f"Offline. Next try in {seconds} s." for seconds in (5, 5, 1, 0, 0)])

    def test_the_name_is_the_one_the_server_knows(self) -> None:
        self.standing.take(StateChanged(LinkState.ONLINE))
        self.standing.take(WELCOME)
        self.assertEqual((self.standing.status(0).text, self.standing.server), ("Online as Anna", "Office"))
        self.standing.take(NameChanged("Ann\x1b"))
        self.assertEqual(self.standing.status(0).text, "Online as Ann\\x1b")

    def test_a_login_that_nobody_answers_is_said_after_two_seconds(self) -> None:
        self.standing.take(StateChanged(LinkState.CONNECTING))
        self.standing.status(7.0)
        self.standing.take(StateChanged(LinkState.LOGGING_IN))
        told = [self.standing.status(now).text for now in (10.0, 11.9, 12.0)]
        self.assertEqual(told[:2], ["Logging in…"] * 2)
        self.assertIn("said nothing yet", told[2])
        self.standing.take(StateChanged(LinkState.WAITING))
        self.standing.take(StateChanged(LinkState.LOGGING_IN))
        self.assertEqual(self.standing.status(30.0).text, "Logging in…")


def joined(room: str, missing: int = 0, *, is_reset: bool = False) -> RoomJoined:
    return RoomJoined(room, 9, 1, 5, 1, ("Ann",), is_reset, missing)


class TestReturn(StandingCase):
    def setUp(self) -> None:
        super().setUp()
        self.log_in()
        for room in ("lobby", "tea"):
            self.standing.take(joined(room))
            self.standing.take(RoomLive(room, 9))

    def log_in(self, *, is_new_log: bool = False) -> None:
        self.standing.take(LoggedIn("Ann", "Office", "", ("lobby",), is_new_log))
        self.standing.take(StateChanged(LinkState.ONLINE))

    def come_back(self, *, is_new_log: bool = False) -> None:
        self.standing.take(StateChanged(LinkState.WAITING))
        self.log_in(is_new_log=is_new_log)

    def text(self, now: float = 0.0) -> str:
        return self.standing.status(now).text

    def test_the_first_time_is_no_return(self) -> None:
        self.assertEqual(self.text(), "Online as Ann")

    def test_it_is_said_that_nothing_is_missing_once_every_room_is_read_and_for_ten_seconds(self) -> None:
        self.come_back()
        self.assertIn("reading what was said", self.text())
        self.assertIs(self.standing.status(0.0).mood, Mood.BUSY)
        for room in ("lobby", "tea"):
            self.standing.take(joined(room))
        self.standing.take(RoomLive("lobby", 12))
        self.assertIn("reading what was said", self.text(1.0))
        self.standing.take(RoomLive("tea", 12))
        self.assertEqual([self.text(now) for now in (5.0, 14.9)], ["Back online as Ann, nothing is missing"] * 2)
        self.assertEqual([self.text(now) for now in (15.0, 16.0)], ["Online as Ann"] * 2)

    def test_what_is_missing_is_counted(self) -> None:
        self.come_back()
        self.standing.take(joined("lobby", 3))
        self.standing.take(RoomLive("lobby", 12))
        self.standing.take(joined("tea"))
        self.standing.take(MessagesGone("tea", 4, 5))
        self.standing.take(RoomLive("tea", 12))
        self.assertEqual(self.text(), "Back online as Ann, 5 messages are missing")
        self.come_back()
        self.standing.take(joined("lobby", 1))
        for room in ("lobby", "tea"):
            self.standing.take(RoomLive(room, 12))
        self.assertEqual(self.text(), "Back online as Ann, 1 message is missing")

    def test_a_server_that_begins_anew_is_not_called_complete(self) -> None:
        for is_new_log, is_reset in ((True, False), (False, True)):
            self.come_back(is_new_log=is_new_log)
            for room in ("lobby", "tea"):
                self.standing.take(joined(room, is_reset=is_reset))
                self.standing.take(RoomLive(room, 1))
            self.assertIn("begins a new conversation", self.text())

    def test_a_room_that_was_left_or_is_refused_is_not_waited_for(self) -> None:
        self.standing.take(RoomLeft("tea"))
        self.come_back()
        self.standing.take(RequestRefused("room_limit", "Too many rooms.", is_fatal=False, room="lobby"))
        self.assertIn("nothing is missing", self.text())


class TestBanner(StandingCase):
    def test_each_failure_of_the_catalogue_is_said_with_its_advice_and_its_field(self) -> None:
        again = "Try again. If it stays like this, check address and port with whoever started the server."
        no_chat = "Something answers at that address and port, but not as a chat server does."
        for failure, sentence, advice, field in (
            (errors.ConnectionRefused, "", "", "host"),
            (errors.GeneralConnectionFailure, "", "", "host"),
            (errors.GeneralReceiveFailure, no_chat, "", "port"),  # its own is wrong where nothing has arrived at all
            (errors.UnicodeDecodeFailure, "", "", "port"),
            (errors.SystemFailure, "", "", ""),
            (errors.ConnectionReset, "", again, ""),  # theirs are wrong where nothing is tried again by itself
            (errors.ConnectionAborted, "", again, ""),
            (errors.BrokenPipe, "", again, ""),
            (errors.ReceiveOsFailure, "", again, ""),
            (errors.GeneralSendFailure, "", again, ""),
        ):
            with self.subTest(code=failure.code):
                self.standing.take(StateChanged(LinkState.WAITING, failure("in the system's words"), 3.0))
                expected = Banner(
                    sentence or failure.sentence,
                    advice or failure.advice,
                    f"in the system's words · {failure.code}",
                    Action.TRY_NOW,
                    field,
                )
                self.assertEqual(self.banner(), expected)

    def test_what_the_server_says_of_a_name_concerns_the_name(self) -> None:
        for code in ("name_taken", "name_invalid", "name_not_yours"):
            self.standing.take(StateChanged(LinkState.LOGGING_IN))
            self.standing.take(RequestRefused(code, "No.", is_fatal=True))
            self.assertEqual((self.banner().field, self.banner().sentence), ("name", "No."))
        self.standing.take(RequestRefused("server_full", "Full.", is_fatal=True))
        self.assertEqual(self.banner().field, "")

    def test_a_goodbye_before_one_was_online_does_not_promise_a_return(self) -> None:
        self.standing.take(SaidGoodbye("shutdown", "The server is being stopped."))
        self.assertIn("Try again.", self.banner().advice)
        self.standing.take(WELCOME)
        self.standing.take(SaidGoodbye("shutdown", "The server is being stopped."))
        self.assertIn("by itself", self.banner().advice)

    def test_the_words_on_a_button_are_those_of_the_action(self) -> None:
        self.assertEqual([action.value for action in Action][:2], ["Try now", "Connect again"])

    def test_who_has_been_online_is_not_told_to_check_the_address(self) -> None:
        self.standing.take(WELCOME)
        for failure in (
            errors.ConnectionRefused, errors.GeneralConnectionFailure,
            errors.GeneralReceiveFailure, errors.UnicodeDecodeFailure,
        ):  # fmt: skip
            with self.subTest(code=failure.code):
                self.standing.take(StateChanged(LinkState.WAITING, failure("because"), 3.0))
                advice = "The connection comes back by itself; what you write is kept and sent then."
                banner = Banner(failure.sentence, advice, f"because · {failure.code}", Action.TRY_NOW)
                self.assertEqual(self.banner(), banner)
                self.standing.take(StateChanged(LinkState.CONNECTING))
                self.assertEqual(self.banner().advice, advice)

    def test_who_has_been_online_keeps_an_advice_that_is_still_right(self) -> None:
        self.standing.take(WELCOME)
        for failure in (errors.SystemFailure, errors.ConnectionAborted, errors.ConnectionReset, errors.BrokenPipe):
            with self.subTest(code=failure.code):
                self.standing.take(StateChanged(LinkState.WAITING, failure(), 3.0))
                self.assertEqual(self.banner().advice, failure.advice)

    def test_where_nobody_comes_back_by_itself_it_is_not_said(self) -> None:
        self.standing.take(WELCOME)
        self.standing.take(StateChanged(LinkState.CLOSED, errors.GeneralReceiveFailure()))
        self.assertEqual(self.banner().advice, errors.GeneralReceiveFailure.advice)

    def test_a_failure_without_detail_has_its_code_in_small_print(self) -> None:
        self.assertEqual(banner_of_failure(errors.BrokenPipe()).small_print, "BROKEN_PIPE_ERROR")

    def test_it_stays_while_trying_again_and_goes_when_online(self) -> None:
        self.standing.take(StateChanged(LinkState.WAITING, errors.ConnectionReset()))
        self.standing.take(StateChanged(LinkState.CONNECTING))
        self.assertEqual((self.banner().sentence, self.banner().action), (errors.ConnectionReset.sentence, None))
        self.standing.take(StateChanged(LinkState.ONLINE))
        self.assertIsNone(self.standing.banner())

    def test_waiting_without_a_reason_still_says_what_happens(self) -> None:
        self.standing.take(StateChanged(LinkState.WAITING))
        self.assertEqual((self.banner().sentence, self.banner().action), ("The connection is lost.", Action.TRY_NOW))
        self.assertIn("kept and sent then", self.banner().advice)

    def test_closed_offers_to_connect_again(self) -> None:
        self.assertEqual(self.banner(), Banner("You are not connected.", action=Action.CONNECT_AGAIN))
        self.standing.take(StateChanged(LinkState.ONLINE))
        self.standing.take(SaidGoodbye("removed", "You have been removed."))
        self.standing.take(StateChanged(LinkState.CLOSED))
        self.assertEqual(self.banner().sentence, "You have been removed.")
        self.assertIs(self.banner().action, Action.CONNECT_AGAIN)

    def test_a_refused_login_leads_back_to_the_form(self) -> None:
        self.standing.take(StateChanged(LinkState.LOGGING_IN))
        self.standing.take(TAKEN)
        self.standing.take(StateChanged(LinkState.CLOSED))
        expected = Banner("That name is taken.", "Choose another name.", action=Action.CHANGE_DETAILS, field="name")
        self.assertEqual(self.banner(), expected)
        self.standing.take(StateChanged(LinkState.CONNECTING))
        self.standing.take(StateChanged(LinkState.CLOSED))
        self.assertIs(self.banner().action, Action.CONNECT_AGAIN)

    def test_a_fatal_refusal_is_the_reason_and_another_is_none(self) -> None:
        self.standing.take(StateChanged(LinkState.ONLINE))
        self.standing.take(RequestRefused("room_limit", "Too many rooms.", is_fatal=False))
        self.assertIsNone(self.standing.trouble)
        self.standing.take(RequestRefused("storage", "The disk is full.", is_fatal=True))
        self.standing.take(StateChanged(LinkState.WAITING, retry_at=5.0))
        self.assertEqual(self.banner().sentence, "The disk is full.")

    def test_a_trouble_while_online_is_said_until_it_is_read(self) -> None:
        self.standing.take(StateChanged(LinkState.ONLINE))
        self.standing.take(StateChanged(LinkState.ONLINE, errors.SystemFailure("No space left on device")))
        self.assertEqual(
            (self.banner().sentence, self.banner().action), (errors.SystemFailure.sentence, Action.DISMISS)
        )
        self.standing.dismiss()
        self.assertIsNone(self.standing.banner())

    def test_other_events_change_nothing(self) -> None:
        before = (self.standing.status(0.0), self.standing.banner())
        self.standing.take(RoomsArrived((), 0))
        self.assertEqual((self.standing.status(0.0), self.standing.banner()), before)

    def test_leaving_needs_no_banner(self) -> None:
        self.standing.take(StateChanged(LinkState.LEAVING))
        self.assertIsNone(self.standing.banner())


if __name__ == "__main__":
    unittest.main()
