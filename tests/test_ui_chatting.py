"""One chat between the link and what is remembered: drafts, places, what the others are told of us."""

from __future__ import annotations

import json
import unittest
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.client.events import AwayChanged, HistoryArrived, RoomLive, RoomsArrived, TypingSeen
from chat_core.client.settings import Settings
from chat_core.messages import RoomEntry
from chat_core.ui.memory import Place
from tests.display import CAN_OPEN_WINDOWS
from tests.presenter_case import CUT_OFF, ONLINE, arrived, joined, message
from tests.window_case import WindowCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    from chat_core.ui.view.preferences import Preferences

HERE = Place("chat.example", 2428, "Ann")
DEN = (joined("den"), RoomLive("den", 0))


class ChattingCase(WindowCase):
    comes_in = True

    def asked(self, what: str) -> list[object]:
        return [asked[1] for asked in self.link.asked if asked[0] == what]


class TestRemembered(ChattingCase):
    def test_a_room_that_was_left_is_remembered_no_more(self) -> None:
        self.take(*DEN)
        self.page.show_room("den")
        self.write("half a sentence")
        self.pass_time(6)
        self.assertEqual({room.room for room in self.app.memory.recents()[0].rooms}, {"den", "lobby"})
        self.page.commander.leave("den")
        self.pass_time(6)
        self.assertEqual({room.room for room in self.app.memory.recents()[0].rooms}, {"lobby"})

    def test_each_room_has_its_draft_across_restarts(self) -> None:
        self.take(*DEN)
        self.write("for the lobby")
        self.page.show_room("den")
        self.write("for the den")
        self.restart()
        self.assertEqual((self.shown_room(), self.page.composer.typed), ("den", "for the den"))
        self.take(joined("lobby"))
        self.page.show_room("lobby")
        self.assertEqual(self.page.composer.typed, "for the lobby")
        self.say(" - sent")
        self.restart()
        self.assertEqual((self.shown_room(), self.page.composer.typed), ("lobby", ""))

    def test_a_draft_is_on_the_disk_within_seconds(self) -> None:
        self.pass_time(10)
        self.write("half a sentence")
        self.pass_time(2)
        self.pass_time(5)
        kept = json.loads((self.folder / "settings.json").read_text("utf-8"))
        self.assertEqual(kept["servers"][0]["rooms"][0]["draft"], "half a sentence")

    def test_what_was_read_is_and_the_rest_is_unread_after_a_restart(self) -> None:
        self.take(arrived(1), arrived(2))
        self.look_away()
        self.take(arrived(3), arrived(4))
        self.assertEqual(self.root.title(), "(2) Office - Ann")
        self.app.close()
        self.assertEqual(self.memory.room(HERE, "lobby").read_seq, 2)
        self.comes_in = False
        self.start()
        self.app.form.submit()
        # As soon as the page is there, before the room is.
        self.take(*ONLINE[:3])
        self.pass_time(10)
        self.assertEqual(self.memory.room(HERE, "lobby").read_seq, 2)
        self.take(joined(head=5, next_seq=5), arrived(5, "the latest"), RoomLive("lobby", 5))
        self.take(HistoryArrived("lobby", tuple(message(seq) for seq in range(1, 5)), more=False))
        self.until(lambda: "text 2" in self.list_text())
        shown = self.list_text()
        self.assertLess(shown.index("text 2"), shown.index("New messages"))
        self.assertIn("the latest", shown[shown.index("New messages") :])

    def test_which_room_is_looked_at_is_remembered(self) -> None:
        self.take(*DEN)
        self.pass_time(2)
        self.page.show_room("den")
        self.assertEqual(self.memory.server(HERE).shown_room, "lobby")
        self.pass_time(2)
        self.assertEqual(self.memory.server(HERE).shown_room, "den")

    def test_the_answer_of_the_server_is_shown_wherever_it_was_asked_for(self) -> None:
        self.assertEqual(self.chatting.refresh_rooms(), "")
        self.take(RoomsArrived((RoomEntry("den", 1, 2),), 1))
        self.assertEqual(self.chatting.sheets.directory.listed, (("den", 1),))
        self.take(CUT_OFF)
        self.assertIn("while you are online", self.chatting.refresh_rooms())


class TestNotRemembered(ChattingCase):
    settings = Settings(remembers=False)

    def test_nothing_of_the_server_is_kept(self) -> None:
        self.write("half a sentence")
        self.pass_time(10)
        self.app.close()
        self.assertEqual(json.loads((self.folder / "settings.json").read_text("utf-8"))["servers"], [])


class TestTyping(ChattingCase):
    def test_the_others_are_told_of_a_text_and_not_of_a_command(self) -> None:
        self.write("h")
        self.assertEqual(self.asked("typing"), ["lobby"])
        self.page.composer.set_draft("")
        self.write("/join den")
        self.assertEqual(self.asked("typing"), ["lobby"])

    def test_a_draft_that_comes_back_is_not_typing(self) -> None:
        self.take(*DEN)
        self.write("h")
        self.page.show_room("den")
        self.page.show_room("lobby")
        self.settle()
        self.assertEqual(self.asked("typing"), ["lobby"])

    def test_who_types_and_who_is_away_is_seen(self) -> None:
        self.take(TypingSeen("lobby", ("Bob",)), AwayChanged("lobby", ("Bob",)))
        self.assertEqual(self.page.composer.typing.cget("text"), "Bob is typing…")
        self.assertEqual(self.page.people.rows(), ("Ann (you)", "Bob away"))
        self.pass_time(6)
        self.assertEqual(self.page.composer.typing.cget("text"), "")


class TestAway(ChattingCase):
    def test_five_minutes_without_a_touch_and_back_with_the_first_one(self) -> None:
        self.pass_time(299)
        self.assertEqual(self.asked("away"), [])
        self.pass_time(1)
        self.assertEqual(self.asked("away"), [True])
        self.root.event_generate("<Motion>", x=5, y=5)
        self.assertEqual(self.asked("away"), [True, False])
        self.pass_time(299)
        self.press("<Key-x>", at=self.page.composer.input)
        self.pass_time(299)
        self.assertEqual(self.asked("away"), [True, False])

    def test_who_does_not_want_it_told_any_more_is_back_for_the_others(self) -> None:
        self.pass_time(300)
        self.app.open_preferences()
        self.settle()
        self.widget(Preferences).controls["tells_away"].invoke()  # type: ignore[attr-defined]
        self.assertEqual(self.asked("away"), [True, False])
        self.pass_time(900)
        self.press("<Escape>")
        self.assertEqual(self.asked("away"), [True, False])


class TestSilent(ChattingCase):
    settings = replace(Settings(), tells_typing=False, tells_away=False)

    def test_the_others_are_told_nothing(self) -> None:
        self.write("hello")
        self.pass_time(900)
        self.press("<Key-x>", at=self.page.composer.input)
        self.assertEqual((self.asked("typing"), self.asked("away")), ([], []))


if __name__ == "__main__":
    unittest.main()
