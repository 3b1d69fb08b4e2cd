from __future__ import annotations

import unittest

from chat_core.ui.model.conversation import Conversation
from chat_core.ui.model.finding import Finder
from tests.test_ui_conversation_model import NOON_MS, bounds, message


class TestFinder(unittest.TestCase):
    def setUp(self) -> None:
        self.room = Conversation("lobby")
        self.room.begin(100, 1)
        for seq, text in enumerate(("a Tree", "a house", "STRASSE", "trees"), 100):
            self.room.add_message(message(seq, text=text), is_own=False)

    def found(self, query: str) -> Finder:
        finder = Finder(self.room, query)
        self.assertTrue(finder.step())
        return finder

    def test_capitals_do_not_matter_and_the_newest_comes_first(self) -> None:
        finder = self.found("tree")
        self.assertEqual((finder.current, finder.position, finder.count), (3, 2, 2))
        self.assertEqual(self.found("straße").current, 2)

    def test_it_goes_round_in_both_directions(self) -> None:
        finder = self.found("tree")
        self.assertEqual([finder.previous(), finder.previous(), finder.next(), finder.next()], [0, 3, 0, 3])

    def test_what_is_nowhere_and_nothing_are_not_found(self) -> None:
        for query in ("sea", ""):
            with self.subTest(query):
                finder = self.found(query)
                self.assertEqual((finder.current, finder.position, finder.count), (None, 0, 0))
                self.assertEqual((finder.next(), finder.previous()), (None, None))

    def test_it_takes_a_step_at_a_time_from_the_end(self) -> None:
        finder = Finder(self.room, "a")
        self.assertEqual([finder.step(1) for _step in range(4)], [False, False, False, True])
        self.assertEqual((finder.count, finder.current), (3, 2))
        first = Finder(self.room, "tree")
        first.step(2)
        self.assertEqual((first.count, first.current), (1, 3))

    def test_what_comes_meanwhile_is_found_and_the_current_one_stays(self) -> None:
        finder = self.found("tree")
        self.room.add_message(message(104, text="one more tree"), is_own=False)
        self.room.prepend([message(99, text="the first tree")], "Ann", has_older=True)
        self.assertTrue(finder.step())
        self.assertEqual((finder.count, finder.position, finder.current), (4, 3, 3))
        self.assertEqual((finder.next(), finder.next()), (4, -1))

    def test_what_is_dropped_meanwhile_is_found_no_more(self) -> None:
        finder = self.found("tree")
        finder.previous()
        with bounds(lines=2):
            self.room.trim(is_at_end=True)
        finder.step()
        self.assertEqual((finder.count, finder.current), (1, 3))
        self.room.clear()
        finder.step()
        self.assertEqual((finder.count, finder.current, finder.next()), (0, None, None))

    def test_another_query_begins_again(self) -> None:
        finder = self.found("tree")
        finder.search("house")
        self.assertEqual((finder.current, finder.count), (None, 0))
        finder.step()
        self.assertEqual(finder.current, 1)

    def test_notes_are_searched_too(self) -> None:
        self.room.add_note("Cid came in.", NOON_MS)
        self.assertEqual(self.found("cid").current, 4)


if __name__ == "__main__":
    unittest.main()
