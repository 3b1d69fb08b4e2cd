from __future__ import annotations

import unittest

from chat_core.ui.model.cutting import broken, cut_end, cut_middle


class TestCutting(unittest.TestCase):
    def test_what_fits_stays_as_it_is(self) -> None:
        self.assertEqual(cut_end("lobby", 5, len), "lobby")
        self.assertEqual(cut_middle("lobby", 5, len), "lobby")
        self.assertEqual(cut_end("", 0, len), "")

    def test_as_much_is_kept_as_fits(self) -> None:
        for width in range(2, 12):
            with self.subTest(width=width):
                self.assertEqual(len(cut_end("abcdefghijkl", width, len)), width)
                self.assertEqual(len(cut_middle("abcdefghijkl", width, len)), width)

    def test_the_end_or_the_middle_goes(self) -> None:
        self.assertEqual(cut_end("participant 001", 6, len), "parti…")
        self.assertEqual(cut_middle("participant 001", 6, len), "par…01")

    def test_at_least_one_character_stays(self) -> None:
        self.assertEqual(cut_end("abc", 0, len), "a…")
        self.assertEqual(cut_middle("abc", 0, len), "a…")

    def test_measuring_is_asked_for_a_few_times_only(self) -> None:
        asked = []

        def measure(text: str) -> int:
            asked.append(text)
            return len(text)

        cut_middle("w" * 1000, 20, measure)
        self.assertLess(len(asked), 13)


class TestBreaking(unittest.TestCase):
    def test_lines_end_between_words_as_late_as_they_can(self) -> None:
        self.assertEqual(broken("what is loaded here", 9, len), "what is\nloaded\nhere")
        self.assertEqual(broken("what is loaded here", 14, len), "what is loaded\nhere")
        self.assertEqual(broken("what is loaded here", 19, len), "what is loaded here")

    def test_a_word_that_is_too_long_stays_whole(self) -> None:
        self.assertEqual(broken("a conversation", 5, len), "a\nconversation")
        self.assertEqual(broken("", 5, len), "")


if __name__ == "__main__":
    unittest.main()
