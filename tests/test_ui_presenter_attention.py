"""What the presenter counts, rings for and tells of: unread, mentions, levels, who is typing, who is away."""

from __future__ import annotations

import unittest

from chat_core.client.events import (
    AwayChanged,
    HistoryArrived,
    LinkState,
    PresenceChanged,
    RequestRefused,
    RoomLive,
    StateChanged,
    TypingSeen,
)  # fmt: skip
from chat_core.client.kept import OutboxEntry
from chat_core.client.settings import RoomMemory, ServerMemory
from chat_core.ui.model.attention import Level, Notice
from chat_core.ui.model.rooms import RoomRow
from tests.presenter_case import CUT_OFF, ONLINE, FakeLink, PresenterCase, arrived, joined, message, welcome


def kept(*rooms: RoomMemory) -> ServerMemory:
    return ServerMemory("chat.example", 2428, "Ann", rooms=rooms)


class AttentionCase(PresenterCase):
    """In the lobby, which is shown, and in the den; both are live."""

    def setUp(self) -> None:
        super().setUp()
        self.take(*ONLINE, joined("den"), RoomLive("den", 0))

    def counts(self, room: str) -> tuple[int, int]:
        each = self.presenter.rooms[room]
        return each.unread, each.mentions


class TestUnread(AttentionCase):
    def test_what_comes_elsewhere_is_counted_until_the_room_is_shown(self) -> None:
        self.take(arrived(1, room="den"), arrived(2, "Ann?", room="den"), arrived(3, "mine", sender="Ann", room="den"))
        self.assertEqual(self.counts("den"), (2, 1))
        self.presenter.show("den")
        self.assertEqual(self.counts("den"), (0, 0))
        self.assertEqual(self.presenter.rooms["den"].unread_from, 0)

    def test_what_comes_where_one_looks_is_not(self) -> None:
        self.take(arrived(1, "@Ann"))
        self.assertEqual(self.counts("lobby"), (0, 0))
        self.assertIsNone(self.presenter.rooms["lobby"].unread_from)

    def test_without_the_focus_nobody_looks(self) -> None:
        self.presenter.watch(is_watched=False)
        self.take(arrived(1))
        self.assertEqual(self.counts("lobby"), (1, 0))
        self.presenter.watch(is_watched=True)
        self.assertEqual(self.counts("lobby"), (0, 0))
        self.assertEqual(self.presenter.rooms["lobby"].unread_from, 0, "the line stays")

    def test_the_line_goes_when_marked_or_when_one_leaves_for_another_room(self) -> None:
        lobby = self.presenter.rooms["lobby"]
        for act in (self.presenter.mark_read, lambda: self.presenter.show("den")):
            self.presenter.watch(is_watched=False)
            self.take(arrived(lobby.last_seq + 1))
            self.presenter.watch(is_watched=True)
            self.assertIsNotNone(lobby.unread_from)
            act()
            self.assertIsNone(lobby.unread_from)

    def test_what_was_not_seen_keeps_its_line_when_another_room_is_shown(self) -> None:
        self.presenter.watch(is_watched=False)
        self.take(arrived(1))
        self.presenter.show("den")
        self.assertEqual((self.counts("lobby"), self.presenter.rooms["lobby"].unread_from), ((1, 0), 0))

    def test_the_rows_of_the_pane_say_it(self) -> None:
        self.presenter.levels["den"] = Level.MENTIONS
        self.take(arrived(1, "ann!", room="den"))
        self.assertEqual(
            self.presenter.rows(),
            [
                RoomRow("lobby", "lobby", is_shown=True),
                RoomRow("den", "den", 1, 1, Level.MENTIONS),
            ],
        )
        self.take(CUT_OFF)
        self.assertEqual([row.is_joined for row in self.presenter.rows()], [False, False])


class TestLevels(AttentionCase):
    def test_the_title_counts_what_the_person_wants_to_be_told_of(self) -> None:
        self.take(arrived(1, room="den"), arrived(2, "Ann?", room="den"))
        for level, count in ((Level.ALL, 2), (Level.MENTIONS, 1), (Level.NOTHING, 0)):
            with self.subTest(level=level):
                self.presenter.levels["den"] = level
                title = "Office - Ann"
                self.assertEqual(self.presenter.calling, count)
                self.assertEqual(self.presenter.title(), f"({count}) {title}" if count else title)

    def test_before_the_server_has_a_name_it_is_called_chat(self) -> None:
        self.start()
        self.assertEqual(self.presenter.title(), "Chat - Ann")

    def test_they_are_remembered(self) -> None:
        self.start(kept=kept(RoomMemory("den", "nothing"), RoomMemory("lobby", "mentions")))
        self.take(*ONLINE, joined("den"))
        self.assertEqual(self.presenter.level_of("den"), Level.NOTHING)
        self.assertEqual(self.presenter.level_of("lobby"), Level.MENTIONS)
        self.assertEqual(self.presenter.level_of("hall"), Level.ALL)


class TestBellAndNotices(AttentionCase):
    def test_a_mention_elsewhere_rings_once(self) -> None:
        self.take(arrived(1, "hello", room="den"))
        self.assertFalse(self.presenter.take_bell())
        self.take(arrived(2, "@Ann", room="den"))
        self.assertTrue(self.presenter.take_bell())
        self.assertFalse(self.presenter.take_bell())

    def test_ones_own_message_with_ones_name_does_not(self) -> None:
        self.take(arrived(1, "Ann was here", sender="Ann", room="den"))
        self.assertFalse(self.presenter.take_bell())

    def test_a_silenced_room_does_not(self) -> None:
        self.presenter.levels["den"] = Level.NOTHING
        self.presenter.watch(is_watched=False)
        self.take(arrived(1, "@Ann", room="den"))
        self.assertFalse(self.presenter.take_bell())
        self.assertIsNone(self.presenter.due_notice(self.now + 9))

    def test_a_catch_up_rings_once_however_long_it_is(self) -> None:
        self.take(CUT_OFF, welcome(), StateChanged(LinkState.ONLINE), joined("den", head=2))
        self.take(arrived(1, "Ann!", room="den"))
        self.assertTrue(self.presenter.take_bell())
        self.now += 10
        self.take(arrived(2, "Ann!", room="den"))
        self.assertFalse(self.presenter.take_bell())
        self.take(RoomLive("den", 2), arrived(3, "Ann!", room="den"))
        self.assertTrue(self.presenter.take_bell(), "that is new")

    def test_a_notice_is_for_who_does_not_look_and_gone_when_they_do(self) -> None:
        self.take(arrived(1, room="den"))
        self.assertIsNone(self.presenter.due_notice(self.now + 9), "the window has the focus")
        self.presenter.watch(is_watched=False)
        self.take(arrived(1, "hello"), arrived(2, "over there", room="den"))
        self.presenter.watch(is_watched=True)
        self.assertEqual(self.presenter.due_notice(self.now + 9), Notice("Bob in den", "over there"))
        self.assertIsNone(self.presenter.due_notice(self.now + 90))


class TestAfterARestart(PresenterCase):
    """What came since the last run was read is unread; what came before is not."""

    def begin(self, read_seq: int = 5, *, outbox: tuple[OutboxEntry, ...] = ()) -> None:
        self.start(kept=kept(RoomMemory("lobby", read_seq=read_seq)), link=FakeLink(outbox))
        self.presenter.watch(is_watched=False)

    def lines_unread(self) -> list[str]:
        room = self.presenter.rooms["lobby"]
        return [] if room.unread_from is None else [line.text for line in room.lines[room.unread_from - room.start :]]

    def test_what_came_meanwhile_is_unread_from_a_line_on(self) -> None:
        self.begin()
        self.take(*ONLINE[:3], joined(head=7, next_seq=3), *(arrived(seq) for seq in range(3, 8)))
        self.assertEqual(self.presenter.rooms["lobby"].unread, 0, "not before all of it is there")
        self.take(RoomLive("lobby", 7))
        self.assertEqual(self.lines_unread(), [])
        self.take(HistoryArrived("lobby", (message(1), message(2)), more=False))
        self.assertEqual((self.presenter.rooms["lobby"].unread, self.lines_unread()), (2, ["text 6", "text 7"]))

    def test_what_had_come_but_was_not_looked_at_in_the_last_run_is_unread_too(self) -> None:
        self.begin()
        self.take(*ONLINE[:3], joined(head=8, next_seq=8), arrived(8), RoomLive("lobby", 8))
        self.assertEqual(self.link.asked, [("history", "lobby", 8, 50)])
        self.take(HistoryArrived("lobby", tuple(message(seq) for seq in range(4, 8)), more=True))
        self.assertEqual((self.presenter.rooms["lobby"].unread, self.lines_unread()[0]), (3, "text 6"))
        self.assertEqual(self.presenter.read_seq("lobby"), 5)

    def test_a_page_that_is_refused_is_not_waited_for(self) -> None:
        self.begin()
        self.take(*ONLINE[:3], joined(head=8, next_seq=8), arrived(8), RoomLive("lobby", 8))
        self.take(RequestRefused("internal", "That did not work.", is_fatal=False, room="lobby"))
        self.assertEqual(self.lines_unread(), ["text 8", "That did not work."])

    def test_who_looks_sees_the_line_and_no_count(self) -> None:
        self.begin()
        self.presenter.watch(is_watched=True)
        self.take(*ONLINE[:3], joined(head=6, first=6, next_seq=6), arrived(6), RoomLive("lobby", 6))
        self.assertEqual((self.presenter.rooms["lobby"].unread, self.lines_unread()), (0, ["text 6"]))

    def test_until_it_has_caught_up_the_place_of_the_last_run_is_what_to_remember(self) -> None:
        self.begin(outbox=(OutboxEntry("m1", "lobby", "old"),))
        self.assertEqual(self.presenter.read_seq("lobby"), 5)
        self.take(*ONLINE[:3], joined(head=7, first=7, next_seq=7), arrived(7))
        self.assertEqual(self.presenter.read_seq("lobby"), 5)
        self.take(RoomLive("lobby", 7))
        self.assertEqual(self.presenter.read_seq("lobby"), 6)

    def test_what_was_said_before_a_newcomer_came_rings_no_bell(self) -> None:
        self.start()
        self.presenter.watch(is_watched=False)
        self.take(*ONLINE[:3], joined(head=1), arrived(1, "Ann?"))
        self.assertFalse(self.presenter.take_bell())
        self.assertIsNone(self.presenter.due_notice(self.now + 9))

    def test_a_newcomer_has_missed_nothing(self) -> None:
        self.take(*ONLINE[:3], joined(head=2), arrived(1), arrived(2))
        self.take(joined("den", head=1), arrived(1, room="den"), RoomLive("den", 1))
        self.assertEqual(self.presenter.rooms["den"].unread, 0)
        self.take(arrived(2, room="den"))
        self.assertEqual(self.presenter.rooms["den"].unread, 1)

    def test_a_new_log_has_other_seqs(self) -> None:
        self.begin(outbox=(OutboxEntry("m1", "lobby", "old"),))
        self.take(StateChanged(LinkState.LOGGING_IN), welcome(is_new_log=True), StateChanged(LinkState.ONLINE))
        self.take(joined(head=6), *(arrived(seq) for seq in range(1, 7)), RoomLive("lobby", 6))
        self.assertEqual(self.lines_unread(), [])


class TestTypingAndAway(AttentionCase):
    def test_who_types_in_the_room_that_is_shown_for_a_while(self) -> None:
        self.take(TypingSeen("lobby", ("Bob",)), TypingSeen("den", ("Cid",)))
        self.assertEqual(self.presenter.writing(self.now + 5), ("Bob",))
        self.presenter.show("den")
        self.assertEqual(self.presenter.writing(self.now + 5), ("Cid",))
        self.assertEqual(self.presenter.writing(self.now + 7), ())

    def test_whose_message_has_come_or_who_left_types_no_more(self) -> None:
        self.take(TypingSeen("lobby", ("Bob", "Cid", "Dee")), arrived(1, sender="Bob"))
        self.take(PresenceChanged("lobby", 2, ("Ann", "Bob"), (), ("Cid",), ()))
        self.assertEqual(self.presenter.writing(self.now), ("Dee",))

    def test_who_is_away_until_it_is_another_set(self) -> None:
        self.assertEqual(self.presenter.away, frozenset())
        self.take(AwayChanged("lobby", ("Bob",)), AwayChanged("den", ()))
        self.assertEqual(self.presenter.away, {"Bob"})
        self.take(AwayChanged("lobby", ("Cid",)))
        self.assertEqual(self.presenter.away, {"Cid"})
        self.take(joined())
        self.assertEqual(self.presenter.away, frozenset(), "until the server says who")

    def test_without_a_connection_nobody_is_said_to_be_either(self) -> None:
        self.take(TypingSeen("lobby", ("Bob",)), AwayChanged("lobby", ("Bob",)), CUT_OFF)
        self.assertEqual((self.presenter.writing(self.now), self.presenter.away), ((), frozenset()))

    def test_before_there_is_a_room_there_is_nobody(self) -> None:
        self.start()
        self.assertEqual((self.presenter.writing(self.now), self.presenter.away), ((), frozenset()))


if __name__ == "__main__":
    unittest.main()
