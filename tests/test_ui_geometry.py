from __future__ import annotations

import unittest

from chat_core.ui.model.geometry import clamped


class Clamped(unittest.TestCase):
    def check(self, geometry: str, expected: str) -> None:
        with self.subTest(geometry):
            self.assertEqual(clamped(geometry, 1920, 1080), expected)

    def test_what_lies_on_the_screen_stays(self) -> None:
        self.check("900x640+100+50", "900x640+100+50")
        self.check("900x640+0+0", "900x640+0+0")
        self.check("900x640+1020+440", "900x640+1020+440")

    def test_what_lies_beside_it_comes_back(self) -> None:
        self.check("900x640+2500+50", "900x640+1020+50")  # on a second screen that is gone
        self.check("900x640+100+1079", "900x640+100+440")
        self.check("900x640+-300+-20", "900x640+0+0")

    def test_places_from_the_other_edges(self) -> None:
        self.check("900x640-20-40", "900x640+1000+400")
        self.check("900x640--20+5", "900x640+1020+5")

    def test_sizes_are_between_the_smallest_and_the_screen(self) -> None:
        self.check("10x10+5+5", "480x400+5+5")
        self.check("9000x9000+5+5", "1920x1080+0+0")
        self.check("900x640", "900x640")

    def test_a_screen_smaller_than_the_smallest_window_goes_first(self) -> None:
        self.assertEqual(clamped("900x640+10+10", 320, 240), "320x240+0+0")

    def test_what_is_no_geometry(self) -> None:
        for text in ("", "zoomed", "900x", "900x640+1", "900x640+1+2 ", "1x1+1+1\n", "9999999x1", "٣x٣", "-5x5+0+0"):
            self.check(text, "")


if __name__ == "__main__":
    unittest.main()
