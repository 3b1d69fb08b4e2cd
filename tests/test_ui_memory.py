from __future__ import annotations

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

from chat_core.client.settings import RoomMemory, ServerMemory, Settings
from chat_core.ui.memory import Memory, Place
from chat_core.ui.model.attention import Level

ANN = Place("chat.example", 99, "Ann")
BOB = replace(ANN, name="Bob")


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "client"
        self.path = self.folder / "settings.json"

    def next_start(self) -> Memory:
        return Memory(self.folder)

    def lose_folder(self) -> None:
        for each in self.folder.iterdir():
            each.unlink()
        self.folder.rmdir()


class Servers(InFolder):
    def setUp(self) -> None:
        super().setUp()
        self.memory = Memory(self.folder)

    def ports(self) -> list[int]:
        return [server.port for server in self.next_start().recents()]

    def test_the_first_time_there_are_defaults(self) -> None:
        self.assertEqual(replace(self.memory.settings, install=""), Settings())
        self.assertEqual(self.memory.recents(), ())
        self.assertEqual(self.memory.server(ANN), ServerMemory("chat.example", 99, "Ann"))
        self.assertEqual(self.memory.room(ANN, "lobby"), RoomMemory("lobby"))
        self.assertEqual(self.memory.notice, "")

    def test_the_latest_server_comes_first_and_the_eleventh_goes(self) -> None:
        for port in range(1, 13):
            self.memory.remember_server(replace(ANN, port=port))
        self.memory.remember_server(replace(ANN, port=5))
        self.assertEqual(self.ports(), [5, 12, 11, 10, 9, 8, 7, 6, 4, 3])

    def test_coming_back_loses_nothing_of_what_is_remembered(self) -> None:
        self.memory.remember_server(ANN)
        self.memory.set_level(ANN, "lobby", Level.MENTIONS)
        self.memory.remember_server(Place("CHAT.example", 99, "ann"))
        self.assertEqual(self.next_start().room(ANN, "lobby").level, "mentions")
        self.assertEqual(len(self.next_start().recents()), 1)

    def test_two_people_at_one_server_are_kept_apart(self) -> None:
        self.memory.set_level(ANN, "lobby", Level.NOTHING)
        self.assertEqual(self.memory.room(BOB, "lobby").level, "all")

    def test_what_is_remembered_follows_to_another_name(self) -> None:
        self.memory.keep_draft(ANN, "lobby", "half a")
        self.memory.rename(ANN, "Zoe")
        memory = self.next_start()
        self.assertEqual([server.name for server in memory.recents()], ["Zoe"])
        self.assertEqual(memory.room(replace(ANN, name="Zoe"), "lobby").draft, "half a")

    def test_a_forgotten_server_does_not_come_back_with_what_waited(self) -> None:
        self.memory.remember_server(BOB)
        self.memory.remember_server(ANN)
        self.memory.keep_draft(ANN, "lobby", "half a")
        self.memory.keep_draft(BOB, "lobby", "half b")
        self.memory.forget_server(ANN)
        self.memory.flush(0, is_last=True)
        self.assertEqual([server.name for server in self.next_start().recents()], ["Bob"])
        self.assertEqual(self.next_start().room(BOB, "lobby").draft, "half b")

    def test_who_does_not_want_to_be_remembered_is_not(self) -> None:
        self.memory.change(lambda settings: replace(settings, remembers=False))
        self.memory.remember_server(ANN)
        self.memory.keep_draft(ANN, "lobby", "half a")
        self.memory.set_level(ANN, "lobby", Level.NOTHING)
        self.memory.flush(0, is_last=True)
        self.assertEqual(self.next_start().recents(), ())
        self.assertEqual(self.memory.recents(), ())

    def test_who_does_not_want_to_be_remembered_costs_no_reading_either(self) -> None:
        self.memory.change(lambda settings: replace(settings, remembers=False))
        Memory(self.folder).change(lambda settings: replace(settings, theme="dark"))
        self.memory.keep_draft(ANN, "lobby", "half a")
        self.memory.keep_read(ANN, "lobby", 7)
        self.memory.keep_shown_room(ANN, "lobby")
        self.memory.flush(0)
        self.assertEqual(self.memory.settings.theme, "system", "the file was read")

    def test_a_room_that_was_left_is_forgotten_with_what_waited(self) -> None:
        self.memory.set_level(ANN, "lobby", Level.NOTHING)
        self.memory.set_level(ANN, "den", Level.NOTHING)
        self.memory.keep_draft(ANN, "den", "half")
        self.memory.keep_read(ANN, "den", 7)
        self.memory.forget_room(ANN, "den")
        self.memory.flush(0, is_last=True)
        self.assertEqual(self.next_start().server(ANN).rooms, (RoomMemory("lobby", "nothing"),))
        self.assertEqual(self.memory.room(ANN, "den"), RoomMemory("den"))

    def test_forgetting_a_room_that_nobody_knows_changes_nothing(self) -> None:
        self.memory.forget_room(ANN, "den")
        self.assertEqual(self.next_start().recents(), ())

    def test_a_draft_does_not_change_which_server_was_the_latest(self) -> None:
        self.memory.remember_server(BOB)
        self.memory.remember_server(ANN)
        self.memory.keep_draft(BOB, "lobby", "half b")
        self.memory.flush(0)
        self.assertEqual([server.name for server in self.next_start().recents()], ["Ann", "Bob"])

    def test_the_rooms_that_nothing_happened_to_for_longest_go_first(self) -> None:
        for number in range(50):
            self.memory.keep_read(ANN, f"room {number}", 1)
        self.memory.keep_read(ANN, "room 0", 2)
        self.memory.keep_read(ANN, "one more", 1)
        self.memory.flush(0)
        rooms = [room.room for room in self.next_start().server(ANN).rooms]
        self.assertEqual(len(rooms), 50)
        self.assertEqual(rooms[:3], ["one more", "room 0", "room 49"])
        self.assertNotIn("room 1", rooms)


class Writing(InFolder):
    def setUp(self) -> None:
        super().setUp()
        self.memory = Memory(self.folder)
        self.memory.remember_server(ANN)

    def draft(self) -> str:
        return self.next_start().room(ANN, "lobby").draft

    def test_drafts_hold_at_once_and_are_written_every_five_seconds(self) -> None:
        self.memory.keep_draft(ANN, "lobby", "h")
        self.assertEqual(self.memory.room(ANN, "lobby").draft, "h")
        self.assertEqual(self.draft(), "")
        self.memory.flush(100)
        self.assertEqual(self.draft(), "h")
        self.memory.keep_draft(ANN, "lobby", "ha")
        self.memory.keep_draft(ANN, "lobby", "half")
        self.memory.flush(104.9)
        self.assertEqual(self.draft(), "h")
        self.memory.flush(105)
        self.assertEqual(self.draft(), "half")

    def test_the_last_flush_does_not_wait(self) -> None:
        self.memory.flush(100)
        self.memory.keep_draft(ANN, "lobby", "half")
        self.memory.keep_shown_room(ANN, "lobby")
        self.memory.keep_geometry("800x600+1+2")
        self.memory.keep_read(ANN, "lobby", 7)
        self.memory.flush(100, is_last=True)
        memory = self.next_start()
        self.assertEqual(memory.server(ANN).shown_room, "lobby")
        self.assertEqual(memory.room(ANN, "lobby"), RoomMemory("lobby", draft="half", read_seq=7))
        self.assertEqual(memory.settings.geometry, "800x600+1+2")

    def test_what_waits_is_written_with_what_does_not(self) -> None:
        self.memory.keep_draft(ANN, "lobby", "half")
        self.memory.change(lambda settings: replace(settings, theme="dark"))
        self.assertEqual(self.draft(), "half")

    def test_a_draft_that_no_message_can_hold_is_written_once(self) -> None:
        self.memory.keep_draft(ANN, "lobby", "x" * 9_000)
        self.memory.flush(0)
        self.assertEqual(self.draft(), "x" * 8_000)
        self.path.unlink()
        self.memory.keep_draft(ANN, "lobby", "x" * 9_000)
        self.memory.flush(10)
        self.assertFalse(self.path.exists())

    def test_an_empty_draft_takes_the_place_of_one(self) -> None:
        self.memory.keep_draft(ANN, "lobby", "half")
        self.memory.flush(0)
        self.memory.keep_draft(ANN, "lobby", "")
        self.memory.flush(10)
        self.assertEqual(self.draft(), "")

    def test_nothing_is_written_when_nothing_changed(self) -> None:
        self.memory.keep_draft(ANN, "lobby", "half")
        self.memory.flush(0)
        self.path.unlink()
        self.memory.keep_draft(ANN, "lobby", "half")
        self.memory.flush(10)
        self.assertFalse(self.path.exists())

    def test_two_windows_leave_each_other_what_they_wrote(self) -> None:
        other = Memory(self.folder)
        other.remember_server(BOB)
        self.memory.keep_draft(ANN, "lobby", "half a")
        other.keep_draft(BOB, "lobby", "half b")
        self.memory.flush(0)
        other.flush(0)
        self.assertEqual(self.draft(), "half a")
        self.assertEqual(self.next_start().room(BOB, "lobby").draft, "half b")


class FailingDisk(InFolder):
    def test_a_folder_that_cannot_be_costs_only_the_remembering(self) -> None:
        self.folder.write_text("a file stands in the way")
        with self.assertLogs("chat_core.ui.memory", "WARNING"):
            memory = Memory(self.folder)
        memory.remember_server(ANN)
        memory.keep_draft(ANN, "lobby", "half")
        memory.flush(0)
        self.assertEqual(memory.room(ANN, "lobby").draft, "half")
        self.assertEqual(self.folder.read_text(), "a file stands in the way")

    def test_a_disk_that_fails_later_does_too_and_is_told_of_once(self) -> None:
        memory = Memory(self.folder)
        self.lose_folder()
        with self.assertLogs("chat_core.ui.memory", "WARNING") as logs:
            memory.remember_server(ANN)
            memory.set_level(ANN, "lobby", Level.NOTHING)
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(memory.room(ANN, "lobby").level, "nothing")

    def test_a_disk_that_recovers_gets_what_it_did_not_take(self) -> None:
        memory = Memory(self.folder)
        self.lose_folder()
        with self.assertLogs("chat_core.ui.memory", "WARNING"):
            memory.remember_server(ANN)
        self.folder.mkdir()
        memory.keep_draft(ANN, "lobby", "half")
        memory.flush(0)
        self.assertEqual(self.next_start().room(ANN, "lobby").draft, "half")

    def test_damaged_settings_are_said(self) -> None:
        self.folder.mkdir()
        self.path.write_bytes(b"{")
        self.assertIn("damaged", Memory(self.folder).notice)


if __name__ == "__main__":
    unittest.main()
