from __future__ import annotations

import unittest

from chat_core.ui.model.people import listed

NAMES = ("Ann", "Bob", "Çelik", "Straße")


class TestListed(unittest.TestCase):
    def test_as_they_come_with_our_own_first(self) -> None:
        self.assertEqual(listed(NAMES, "Bob"), ("Bob", "Ann", "Çelik", "Straße"))
        self.assertEqual(listed(NAMES, "Nobody"), NAMES)

    def test_the_filter_finds_inside_whatever_the_case(self) -> None:
        self.assertEqual(listed(NAMES, "Ann", " OB "), ("Bob",))
        self.assertEqual(listed(NAMES, "Ann", "STRASS"), ("Straße",))
        self.assertEqual(listed(NAMES, "Ann", "c\u0327"), ("Çelik",))
        self.assertEqual(listed(NAMES, "Ann", "x"), ())


if __name__ == "__main__":
    unittest.main()
