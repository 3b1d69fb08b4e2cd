"""What is searched for, marked in the rows on screen."""

from __future__ import annotations

import unittest

from tests.conversation_case import GRIN, ConversationViewCase


class TestMarks(ConversationViewCase):
    def marked(self) -> list[str]:
        ranges = [str(each) for each in self.text.tag_ranges("found_soft")]
        return [self.text.get(first, last) for first, last in zip(ranges[::2], ranges[1::2])]

    def search(self, query: str) -> None:
        self.draw()
        self.view.highlight(query)
        self.settle()

    def test_each_place_is_marked_also_beyond_characters_that_tk_counts_twice(self) -> None:
        self.say(f"fox {GRIN} Fox{GRIN} {GRIN}fox")
        self.search("fox")
        self.assertEqual(self.marked(), ["fox", "Fox", "fox"])
        self.search(GRIN)
        self.assertEqual(len(self.marked()), 3)

    def test_neighbours_are_one_mark(self) -> None:
        self.say("a xyxyxy b xy")
        self.search("xy")
        self.assertEqual(self.marked(), ["xyxyxy", "xy"])

    def test_a_row_that_is_full_of_it_is_marked_at_its_beginning(self) -> None:
        self.say("x" * 1_900, "x " * 900)
        self.search("x")
        marked = self.marked()
        self.assertEqual(marked[0], "x" * 100)
        self.assertEqual(marked[1:], ["x"] * 100)


if __name__ == "__main__":
    unittest.main()
