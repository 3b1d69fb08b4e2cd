from __future__ import annotations

import unittest

from chat_core.ui.model.hosted import Hosted, HostPlan, HostProblems, HostState, check_plan


class TestCheckPlan(unittest.TestCase):
    def test_what_is_right_is_taken_as_it_is_meant(self) -> None:
        self.assertEqual(check_plan(" 2428 ", " Room 12 "), HostPlan(2428, "Room 12"))

    def test_every_field_says_what_is_wrong_with_it(self) -> None:
        for port, title, problems in (
            ("0", "Chat", HostProblems(port="A port is a number from 1 to 65535.")),
            ("1", " ", HostProblems(title="A name for the server has 1 to 64 characters that can be seen.")),
            ("1", "a\x1bb", HostProblems(title="A name for the server has 1 to 64 characters that can be seen.")),
        ):
            with self.subTest(port=port, title=title):
                self.assertEqual(check_plan(port, title), problems)
        both = check_plan("x", "y" * 65)
        assert isinstance(both, HostProblems)
        self.assertTrue(both.port and both.title)


class TestHosted(unittest.TestCase):
    def test_whether_there_is_a_process(self) -> None:
        there = [state for state in HostState if Hosted(state).is_there]
        self.assertEqual(there, [HostState.STARTING, HostState.RUNNING, HostState.STOPPING])


if __name__ == "__main__":
    unittest.main()
