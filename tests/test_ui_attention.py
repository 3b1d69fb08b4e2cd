from __future__ import annotations

import unittest
from dataclasses import replace

from chat_core.ui.model.attention import Arrival, Attention, Level, Notice, Verdict, calling, window_title

HELLO = Arrival("lobby", "Lobby", "Ann", "hello")
MENTION = replace(HELLO, text="@Me hello", is_mention=True)
SILENT = Verdict(is_unread=True)
RINGING = Verdict(is_unread=True, rings=True)


class AttentionCase(unittest.TestCase):
    def setUp(self) -> None:
        self.attention = Attention()


class TestWeigh(AttentionCase):
    def test_what_is_own_or_seen_is_worth_nothing(self) -> None:
        for arrival in (replace(MENTION, is_own=True), replace(MENTION, is_seen=True)):
            self.assertEqual(self.attention.weigh(arrival, 0.0), Verdict())
        self.assertIsNone(self.attention.due(100.0))

    def test_each_level(self) -> None:
        for level, arrival, verdict, has_notice in (
            (Level.ALL, HELLO, SILENT, True), (Level.ALL, MENTION, RINGING, True),
            (Level.MENTIONS, HELLO, SILENT, False), (Level.MENTIONS, MENTION, RINGING, True),
            (Level.NOTHING, HELLO, SILENT, False), (Level.NOTHING, MENTION, SILENT, False),
        ):  # fmt: skip
            with self.subTest(level=level, is_mention=arrival.is_mention):
                attention = Attention()
                self.assertEqual(attention.weigh(replace(arrival, level=level), 0.0), verdict)
                self.assertEqual(attention.due(1.0) is not None, has_notice)

    def test_the_bell_rings_once_in_three_seconds(self) -> None:
        rings = [self.attention.weigh(MENTION, now).rings for now in (10.0, 10.1, 12.9, 13.0, 15.0, 16.5)]
        self.assertEqual(rings, [True, False, False, True, False, True])

    def test_what_was_missed_rings_once_for_each_return(self) -> None:
        late = replace(MENTION, is_late=True)
        rings = [self.attention.weigh(late, now).rings for now in (0.0, 5.0, 60.0)]
        self.assertEqual(rings, [True, False, False])
        self.assertTrue(self.attention.weigh(MENTION, 61.0).rings, "what comes now rings as ever")
        self.assertFalse(self.attention.weigh(late, 70.0).rings)
        self.attention.returned()
        self.assertTrue(self.attention.weigh(late, 80.0).rings)

    def test_a_bell_for_what_is_new_does_not_use_up_that_for_the_missed(self) -> None:
        self.attention.weigh(MENTION, 0.0)
        self.assertTrue(self.attention.weigh(replace(MENTION, is_late=True), 4.0).rings)

    def test_a_window_with_the_focus_is_marked_and_rings_without_a_notice(self) -> None:
        self.assertEqual(self.attention.weigh(MENTION, 0.0, has_focus=True), RINGING)
        self.assertIsNone(self.attention.due(1.0))


class TestNotices(AttentionCase):
    def weigh(self, *arrivals: Arrival, now: float = 0.0) -> None:
        for arrival in arrivals:
            self.attention.weigh(arrival, now)

    def test_one_message_is_shown_as_it_is(self) -> None:
        self.weigh(HELLO)
        self.assertEqual(self.attention.due(1.0), Notice("Ann in Lobby", "hello"))
        self.assertIsNone(self.attention.due(100.0), "told once")

    def test_it_waits_a_moment_for_more_of_the_same(self) -> None:
        self.weigh(HELLO)
        self.assertIsNone(self.attention.due(0.5))
        self.weigh(replace(HELLO, sender="Bob", text="hi"), now=0.5)
        self.assertEqual(self.attention.due(0.8), Notice("2 new messages in Lobby", "Bob: hi"))

    def test_a_flood_is_summed_up_every_five_seconds(self) -> None:
        shown = []
        for quarter in range(60):
            self.weigh(HELLO, now=quarter / 4)
            notice = self.attention.due(quarter / 4)
            if notice:
                shown.append((quarter, notice.title))
        self.assertEqual(
            shown, [(3, "4 new messages in Lobby"), (23, "20 new messages in Lobby"), (43, "20 new messages in Lobby")]
        )

    def test_a_mention_is_not_pushed_aside(self) -> None:
        self.weigh(HELLO, MENTION, replace(HELLO, room="den", title="Den"), HELLO)
        self.assertEqual(self.attention.due(1.0), Notice("Ann mentioned you in Lobby", "@Me hello"))

    def test_several_rooms(self) -> None:
        self.weigh(HELLO, HELLO, replace(HELLO, room="den", title="Den\n"))
        self.assertEqual(self.attention.due(1.0), Notice("3 new messages in several rooms", "Lobby, Den\\n"))

    def test_a_room_that_was_looked_at_has_nothing_to_tell(self) -> None:
        self.weigh(HELLO, replace(HELLO, room="den", title="Den", text="later"))
        self.attention.seen("lobby")
        self.attention.seen("never heard of")
        self.assertEqual(self.attention.due(1.0), Notice("Ann in Den", "later"))

    def test_what_is_shown_is_escaped_and_short(self) -> None:
        self.weigh(replace(HELLO, sender="A\u202en\n", text="\x1b[2J{name}\nx" + "y" * 9_000))
        notice = self.attention.due(1.0)
        assert notice is not None
        self.assertEqual(notice.title, "A\\u202en\\n in Lobby")
        self.assertTrue(notice.text.startswith("\\x1b[2J{name}\nxyy"))
        self.assertEqual((len(notice.text), notice.text[-1]), (240, "…"))


class TestTitle(unittest.TestCase):
    def test_the_levels_say_what_calls(self) -> None:
        rooms = ((5, 1, Level.ALL), (7, 2, Level.MENTIONS), (9, 3, Level.NOTHING))
        self.assertEqual(calling(rooms), 7)
        self.assertEqual(calling(()), 0)

    def test_the_count_comes_first(self) -> None:
        self.assertEqual(window_title("Chat", "Ann", 3), "(3) Chat - Ann")
        self.assertEqual(window_title("Chat\n", "Ann", 0), "Chat\\n - Ann")


if __name__ == "__main__":
    unittest.main()
