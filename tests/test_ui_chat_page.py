"""The page one talks on: what is typed, what is shown, the panes and the ways between them."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from chat_core.client.events import (
    HistoryArrived,
    LinkState,
    NameChanged,
    PostRefused,
    PostStored,
    PresenceChanged,
    RoomLive,
    StateChanged,
)  # fmt: skip
from chat_core.client.settings import Settings
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import ONLINE, arrived, joined, message
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.header import Wish

DEN = (joined("den"), RoomLive("den", 0))


class ChatCase(WindowCase):
    comes_in = True


class TestTyping(ChatCase):
    def test_enter_sends_and_what_was_sent_is_shown_until_it_is_stored(self) -> None:
        self.say("hello")
        self.assertEqual(self.link.asked[-1], ("post", "lobby", "hello"))
        self.assertEqual(self.page.composer.typed, "")
        self.assertIn("waiting", self.list_text())
        mid = f"mid-{len(self.link.asked)}"
        self.take(PostStored(mid, "lobby", 1), arrived(1, "hello", sender="Ann", mid=mid))
        self.assertNotIn("waiting", self.list_text())
        self.assertEqual(self.list_text().count("hello"), 1)

    def test_what_is_not_taken_stays_and_is_explained(self) -> None:
        self.say("/jion den")
        self.assertEqual(self.page.composer.typed, "/jion den")
        self.assertIn("Did you mean /join?", self.page.composer.hint.cget("text"))
        self.assertTrue(self.page.composer.hint.winfo_ismapped())

    def test_commands_do_what_they_say(self) -> None:
        self.take(arrived(1, "an old word"))
        self.say("/who")
        self.assertIn("In this room: Ann and Bob", self.list_text())
        self.say("/me waves")
        self.assertEqual(self.link.asked[-1], ("post", "lobby", "/me waves"))
        self.say("//me too")
        self.assertEqual(self.link.asked[-1], ("post", "lobby", "/me too"))
        self.assertIn("Ann waves", self.list_text())
        self.say("/nick Anna")
        self.assertEqual(self.link.asked[-1], ("rename", "Anna"))
        self.take(NameChanged("Anna"))
        self.assertIn("You are now called Anna.", self.list_text())
        self.say("/clear")
        self.assertNotIn("an old word", self.list_text())
        self.assertNotIn("history", str(self.link.asked), "nothing is loaded before somebody scrolls up")
        self.say("/join den")
        self.assertEqual((self.link.asked[-1], self.shown_room()), (("join", "den"), "den"))
        self.say("/leave")
        self.assertEqual((self.link.asked[-1], self.shown_room()), (("leave", "den"), "lobby"))
        self.say("/leave")
        self.assertIn("only room", self.page.composer.hint.cget("text"))

    def test_who_begins_to_write_in_the_conversation_writes_in_the_input_line(self) -> None:
        self.press("<Key-h>", at=self.page.conversation.text)
        self.type("i")
        self.assertEqual(self.page.composer.typed, "hi")
        self.assertEqual(self.focus, str(self.page.composer.input))
        self.press("<Control-Key-c>", "<Mod1-Key-x>", "<space>", at=self.page.conversation.text)
        self.assertEqual(self.page.composer.typed, "hi")

    def test_names_and_rooms_are_completed(self) -> None:
        self.take(*DEN)
        self.write("b")
        self.press("<Tab>")
        self.assertEqual(self.page.composer.typed, "Bob: ")
        self.page.composer.set_draft("/join d")
        self.press("<Tab>")
        self.assertEqual(self.page.composer.typed.strip(), "/join den")

    def test_a_person_is_addressed_by_a_double_click(self) -> None:
        listing = self.page.people.listing
        place = listing.place_of(1)
        assert place is not None
        for event in ("<ButtonPress-1>", "<ButtonRelease-1>") * 2:
            listing.canvas.event_generate(event, x=30, y=place.middle)
        self.settle()
        self.assertEqual(self.page.composer.typed, "@Bob ")


class TestRefused(ChatCase):
    def setUp(self) -> None:
        super().setUp()
        self.take(PostRefused("m9", "lobby", "my words", "not_in_room", "You are not in that room."))

    def test_it_is_shown_with_the_reason_and_sent_again(self) -> None:
        self.assertIn("You are not in that room.", self.list_text())
        self.click_words("Send\u00a0again")
        self.assertEqual(self.link.asked[-1], ("post", "lobby", "my words"))
        self.assertNotIn("Discard", self.list_text())
        self.assertIn("my words", self.list_text())

    def test_it_is_edited_under_what_is_being_written(self) -> None:
        self.write("meanwhile")
        self.click_words("Edit")
        self.assertEqual(self.page.composer.typed, "meanwhile\nmy words")
        self.assertNotIn("my words", self.list_text())

    def test_it_is_discarded(self) -> None:
        self.click_words("Discard")
        self.assertNotIn("my words", self.list_text())
        self.assertEqual(self.page.composer.typed, "")


class TestReading(ChatCase):
    def test_the_unread_begins_at_a_line_that_escape_takes_away(self) -> None:
        self.take(arrived(1, "old"))
        self.look_away()
        self.take(arrived(2, "new"))
        self.assertIn("New messages", self.list_text())
        self.look_back()
        self.assertIn("New messages", self.list_text())
        self.press("<Escape>", at=self.page.composer.input)
        self.assertNotIn("New messages", self.list_text())

    def test_older_messages_are_asked_for_at_the_beginning(self) -> None:
        self.take(joined("den", head=150, next_seq=101), *(arrived(seq, room="den") for seq in range(101, 151)))
        self.page.show_room("den")
        self.settle()
        self.assertNotIn("history", str(self.link.asked))
        self.press("<Home>", at=self.page.conversation.text)
        self.take()
        self.assertEqual(self.link.asked[-1], ("history", "den", 101, 50))
        self.take(HistoryArrived("den", tuple(message(seq, room="den") for seq in range(51, 101)), more=True))
        self.assertIn("text 51", self.list_text())
        self.assertEqual(len([asked for asked in self.link.asked if asked[0] == "history"]), 1)

    def test_another_room_opens_where_the_unread_begins(self) -> None:
        self.take(*DEN)
        self.take(*(arrived(seq, room="den") for seq in range(1, 100)))
        self.press("<Alt-Up>", at=self.page.composer.input)
        self.take()
        self.assertEqual(self.shown_room(), "den")
        self.assertFalse(self.page.conversation.follows_end)
        self.assertIsNotNone(self.page.conversation.text.dlineinfo(self.place("New messages")))

    def place(self, words: str) -> str:
        found = self.page.conversation.text.search(words, "1.0")
        self.assertTrue(found, words)
        return found

    def test_what_comes_while_reading_further_up_moves_nothing_and_is_counted(self) -> None:
        self.take(*(arrived(seq) for seq in range(1, 100)))
        self.press("<Home>", at=self.page.conversation.text)
        self.take(arrived(100), arrived(101))
        more = self.page.conversation.more
        self.assertEqual(more.cget("text"), "2 new messages ↓")
        more.invoke()
        self.take()
        self.assertTrue(self.page.conversation.follows_end)
        self.assertFalse(more.winfo_ismapped())

    def test_what_one_sends_brings_one_to_the_end(self) -> None:
        self.take(*(arrived(seq) for seq in range(1, 100)))
        self.press("<Home>", at=self.page.conversation.text)
        self.say("hello")
        self.assertIsNotNone(self.page.conversation.text.dlineinfo("end-1c"))

    def test_a_link_is_opened_in_the_browser(self) -> None:
        self.take(arrived(1, "see https://example.org/x"))
        self.click_words("https")
        self.assertEqual(self.browsed, ["https://example.org/x"])


class TestRooms(ChatCase):
    def setUp(self) -> None:
        super().setUp()
        self.take(*DEN)

    def test_a_click_shows_a_room_and_one_writes_there(self) -> None:
        self.write("for the lobby")
        self.click_row(self.page.rooms.listing, 0)
        self.assertEqual((self.shown_room(), self.page.composer.typed), ("den", ""))
        self.assertEqual(self.focus, str(self.page.composer.input))
        self.write("for the den")
        self.click_row(self.page.rooms.listing, 1)
        self.assertEqual((self.shown_room(), self.page.composer.typed), ("lobby", "for the lobby"))

    def test_the_people_are_those_of_the_room_that_is_shown(self) -> None:
        self.take(PresenceChanged("den", 3, ("Ann", "Cid", "Dee"), (), (), ()))
        self.assertEqual(self.page.people.rows(), ("Ann (you)", "Bob"))
        self.page.show_room("den")
        self.assertEqual(self.page.people.rows(), ("Ann (you)", "Cid", "Dee"))

    def test_a_room_is_left_by_its_menu(self) -> None:
        self.click_row(self.page.rooms.listing, 0, button=3)
        self.choose(self.page.rooms.menu, "Leave the room")
        self.assertEqual(self.link.asked[-1], ("leave", "den"))
        self.assertEqual(list(self.chatting.presenter.rooms), ["lobby"])
        self.click_row(self.page.rooms.listing, 0, button=3)
        self.choose(self.page.rooms.menu, "Leave the room")
        self.assertIn("only room", self.page.composer.hint.cget("text"))


class TestPanes(ChatCase):
    def test_a_narrow_window_does_without_them(self) -> None:
        for width, expected in ((900, (True, True)), (700, (True, False)), (480, (False, False)), (900, (True, True))):
            with self.subTest(width=width):
                self.resize(width)
                self.assertEqual(self.panes(), expected)

    def test_in_a_narrow_one_they_come_when_called_and_go_with_the_next_room(self) -> None:
        self.take(*DEN)
        self.resize(480, 400)
        self.page.header.buttons[Wish.ROOMS].invoke()
        self.settle()
        self.assertEqual(self.panes(), (True, False))
        self.click_row(self.page.rooms.listing, 0)
        self.assertEqual((self.shown_room(), self.panes()), ("den", (False, False)))
        self.page.header.buttons[Wish.PEOPLE].invoke()
        self.settle()
        self.assertEqual(self.panes(), (False, True))

    def test_in_the_smallest_window_there_is_room_for_the_input_line(self) -> None:
        self.take(StateChanged(LinkState.WAITING, retry_at=1_005.0))
        self.resize(480, 400)
        button = self.page.composer.button
        self.assertTrue(button.winfo_viewable())
        bottom = button.winfo_rooty() + button.winfo_height()
        self.assertLessEqual(bottom, self.root.winfo_rooty() + self.root.winfo_height())

    def test_folding_them_away_in_a_wide_one_is_remembered(self) -> None:
        for wish in (Wish.ROOMS, Wish.PEOPLE):
            self.page.header.buttons[wish].invoke()
        self.settle()
        self.assertEqual(self.panes(), (False, False))
        self.restart()
        self.assertEqual(self.panes(), (False, False))
        self.page.header.buttons[Wish.PEOPLE].invoke()
        self.settle()
        self.assertEqual((self.panes(), self.memory.settings.shows_people), ((False, True), True))

    def test_the_keyboard_does_not_stay_in_one_that_is_folded_away(self) -> None:
        self.press("<Control-Shift-Key-P>", at=self.page.people.filter)
        self.assertEqual((self.panes(), self.focus), ((True, False), str(self.page.composer.input)))


class TestLargeText(WindowCase):
    settings = Settings(zoom=150)

    def test_a_long_list_is_there_when_the_chat_opens_at_any_zoom(self) -> None:
        self.app.form.submit()
        self.take(*ONLINE, *(arrived(seq) for seq in range(1, 100)))
        self.assertIsNotNone(self.page.conversation.text.dlineinfo("end-1c"))
        self.assertEqual(self.panes(), (False, False), "a larger text makes a window narrow sooner")


if __name__ == "__main__":
    unittest.main()
