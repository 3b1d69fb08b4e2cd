from __future__ import annotations

import unittest

from chat_core import errors
from chat_core.client.events import (
    LinkState,
    LoggedIn,
    NameChanged,
    RequestRefused,
    RoomLive,
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


class TestBanner(StandingCase):
    def test_each_failure_of_the_catalogue_is_said_with_its_advice(self) -> None:
        for failure in errors.ConnectionFailure.__subclasses__():
            sentence = failure.sentence
            if failure is errors.GeneralReceiveFailure:  # whose own one is wrong where nothing has arrived at all
                sentence = "Something answers at that address and port, but not as a chat server does."
            with self.subTest(code=failure.code):
                self.standing.take(StateChanged(LinkState.WAITING, failure("in the system's words"), 3.0))
                self.assertEqual(
                    self.banner(),
                    Banner(sentence, failure.advice, f"in the system's words · {failure.code}", Action.TRY_NOW),
                )

    def test_who_has_been_online_is_not_told_to_check_the_address(self) -> None:
        self.standing.take(WELCOME)
        for failure in (
            errors.ConnectionRefused, errors.GeneralConnectionFailure,
            errors.GeneralReceiveFailure, errors.UnicodeDecodeFailure,
        ):  # fmt: skip
            with self.subTest(code=failure.code):
                self.standing.take(StateChanged(LinkState.WAITING, failure("because"), 3.0))
                advice = "You will be connected again by itself; what you write is kept and sent then."
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
        self.assertEqual(self.banner(), Banner("You have been removed.", action=Action.CONNECT_AGAIN))

    def test_a_refused_login_leads_back_to_the_form(self) -> None:
        self.standing.take(StateChanged(LinkState.LOGGING_IN))
        self.standing.take(TAKEN)
        self.standing.take(StateChanged(LinkState.CLOSED))
        self.assertEqual(self.banner(), Banner("That name is taken.", action=Action.CHANGE_DETAILS))
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
        before = dict(vars(self.standing))
        self.standing.take(RoomLive("lobby", 1))
        self.assertEqual(vars(self.standing), before)

    def test_leaving_needs_no_banner(self) -> None:
        self.standing.take(StateChanged(LinkState.LEAVING))
        self.assertIsNone(self.standing.banner())


if __name__ == "__main__":
    unittest.main()
