from __future__ import annotations

import unittest

from chat_core.ui.model.panes import Panes


class TestPanes(unittest.TestCase):
    def test_a_wide_window_shows_what_is_wanted(self) -> None:
        self.assertEqual(Panes().shown(900), (True, True))
        self.assertEqual(Panes(wants_rooms=False).shown(900), (False, True))
        self.assertEqual(Panes(wants_people=False).shown(900), (True, False))

    def test_a_narrow_window_does_without_and_what_is_wanted_stays(self) -> None:
        panes = Panes()
        self.assertEqual(panes.shown(700), (True, False))
        self.assertEqual(panes.shown(480), (False, False))
        self.assertEqual(panes.shown(900), (True, True))

    def test_in_a_narrow_window_one_can_be_called_for_at_a_time(self) -> None:
        called = Panes().toggled("rooms", 480)
        self.assertEqual(called.shown(480), (True, False))
        called = called.toggled("people", 480)
        self.assertEqual(called.shown(480), (False, True))
        self.assertEqual(called.toggled("people", 480).shown(480), (False, False))
        self.assertEqual(called.shown(900), (True, True))

    def test_between_people_take_the_place_of_rooms(self) -> None:
        called = Panes().toggled("people", 700)
        self.assertEqual(called.shown(700), (False, True))
        self.assertEqual(called.toggled("people", 700).shown(700), (True, False))
        self.assertEqual(called.toggled("rooms", 700).shown(700), (True, False))

    def test_folding_away_in_a_wide_window_is_remembered(self) -> None:
        folded = Panes().toggled("people", 900).toggled("rooms", 900)
        self.assertEqual(folded, Panes(wants_rooms=False, wants_people=False))
        self.assertEqual(folded.toggled("people", 900), Panes(wants_rooms=False))


if __name__ == "__main__":
    unittest.main()
