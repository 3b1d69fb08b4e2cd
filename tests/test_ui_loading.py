from __future__ import annotations

import unittest
from unittest import mock

from chat_core.client.events import HistoryArrived, LinkState, RequestRefused, StateChanged
from chat_core.ui.model import conversation
from chat_core.ui.model.loading import WholeRoom
from tests.presenter_case import CUT_OFF, ONLINE, PresenterCase, arrived, joined, message, welcome


class TestWholeRoom(PresenterCase):
    """A room of 450 messages, of which the last fifty are there."""

    def setUp(self) -> None:
        super().setUp()
        self.take(*ONLINE[:3], joined(head=450, next_seq=401), *(arrived(seq) for seq in range(401, 451)))
        self.loading = WholeRoom(self.presenter, self.presenter.rooms["lobby"])

    def answer(self, first: int, last: int, *, more: bool) -> None:
        self.take(HistoryArrived("lobby", tuple(message(seq) for seq in range(first, last + 1)), more))

    def test_page_after_page_up_to_the_first_message(self) -> None:
        self.loading.step()
        self.loading.step()
        self.assertEqual(self.link.asked, [("history", "lobby", 401, 200)], "one at a time")
        self.assertEqual((self.loading.fraction, self.loading.is_done, self.loading.is_complete), (0.0, False, False))
        self.answer(201, 400, more=True)
        self.assertEqual(self.loading.fraction, 0.5)
        self.loading.step()
        self.answer(1, 200, more=False)
        self.assertFalse(self.loading.is_done)
        self.loading.step()
        self.assertEqual((self.loading.fraction, self.loading.is_done, self.loading.is_complete), (1.0, True, True))
        self.assertEqual(self.link.asked[1:], [("history", "lobby", 201, 200)])
        self.assertEqual(len(self.presenter.rooms["lobby"].lines), 450)

    def test_a_refusal_ends_it_incomplete(self) -> None:
        self.loading.step()
        self.take(RequestRefused("internal", "That did not work.", is_fatal=False, room="lobby"))
        self.loading.step()
        self.assertEqual((self.loading.is_done, self.loading.is_complete), (True, False))
        self.assertEqual(len(self.link.asked), 1)

    def test_the_end_of_the_connection_does_too(self) -> None:
        self.loading.step()
        self.take(CUT_OFF)
        self.loading.step()
        self.assertEqual((self.loading.is_done, self.loading.is_complete), (True, False))

    def test_all_of_it_is_held_until_it_was_used(self) -> None:
        room = self.presenter.rooms["lobby"]
        with mock.patch.object(conversation, "LINES_MAX", 60):
            self.loading.step()
            self.answer(201, 400, more=True)
            room.trim(is_at_end=True)
            self.assertEqual(len(room.lines), 250)
            self.loading.release()
            room.trim(is_at_end=True)
        self.assertEqual((len(room.lines), room.first_seq, room.has_older), (60, 391, True))

    def test_what_the_model_cannot_hold_is_not_asked_for(self) -> None:
        with mock.patch.object(conversation, "CHARS_READING_MAX", 100):
            self.loading.step()
        self.assertEqual((self.loading.is_done, self.link.asked), (True, []))

    def test_what_is_all_there_is_done_at_once(self) -> None:
        self.take(joined("den", head=0))
        loading = WholeRoom(self.presenter, self.presenter.rooms["den"])
        loading.step()
        self.assertEqual((loading.is_done, loading.is_complete, loading.fraction), (True, True, 1.0))
        self.assertEqual(self.link.asked, [])

    def test_it_can_be_begun_again_after_a_return(self) -> None:
        self.take(CUT_OFF, welcome(), StateChanged(LinkState.ONLINE), joined(head=450, next_seq=451))
        again = WholeRoom(self.presenter, self.presenter.rooms["lobby"])
        again.step()
        self.assertEqual(self.link.asked, [("history", "lobby", 401, 200)])


if __name__ == "__main__":
    unittest.main()
