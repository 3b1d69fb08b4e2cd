from __future__ import annotations

import unittest

from chat_core.ui.model.presence import Absence, Typists


class TestTypists(unittest.TestCase):
    def test_they_are_shown_for_six_seconds_in_the_order_in_which_they_began(self) -> None:
        typists = Typists()
        typists.seen(["Bob"], 10.0)
        typists.seen(["Ann", "Bob"], 13.0)
        self.assertEqual(typists.names(15.9), ("Bob", "Ann"))
        self.assertEqual(typists.names(18.9), ("Bob", "Ann"))
        self.assertEqual(typists.names(19.0), ())

    def test_whose_message_has_come_writes_no_more(self) -> None:
        typists = Typists()
        typists.seen(["Ann", "Bob"], 10.0)
        typists.finished("Ann")
        typists.finished("Nobody")
        self.assertEqual(typists.names(11.0), ("Bob",))
        typists.clear()
        self.assertEqual(typists.names(11.0), ())


class TestAbsence(unittest.TestCase):
    def setUp(self) -> None:
        self.told: list[bool] = []
        self.absence = Absence(self.told.append, 100.0)

    def test_five_minutes_without_a_touch_and_only_once(self) -> None:
        self.absence.look(399.9)
        self.assertEqual(self.told, [])
        self.absence.look(400.0)
        self.absence.look(500.0)
        self.assertEqual(self.told, [True])
        self.assertTrue(self.absence.is_away)

    def test_a_touch_brings_one_back_and_begins_anew(self) -> None:
        self.absence.look(400.0)
        self.absence.touched(450.0)
        self.absence.touched(451.0)
        self.absence.look(750.9)
        self.assertEqual(self.told, [True, False])
        self.absence.look(751.0)
        self.assertEqual(self.told, [True, False, True])


if __name__ == "__main__":
    unittest.main()
