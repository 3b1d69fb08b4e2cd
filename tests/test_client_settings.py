from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable

from chat_core.client.settings import SERVERS_MAX, RoomMemory, ServerMemory, Settings, SettingsFile
from chat_core.errors import SystemFailure
from tests.client_talk import seeded_bits

ROOM = RoomMemory("höhle", "mentions", "half a sent", 17)
SERVER = ServerMemory("chat.example", 99, "Ann", "lobby", (ROOM, RoomMemory("lobby")))


def putting(**fields: Any) -> Callable[[Settings], Settings]:
    return lambda settings: dataclasses.replace(settings, **fields)


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "client"
        self.path = self.folder / "settings.json"

    def open(self) -> SettingsFile:
        return SettingsFile(self.folder, seeded_bits(1))

    def write(self, **fields: object) -> None:
        self.folder.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(fields), encoding="utf-8")

    def read(self) -> Any:
        return json.loads(self.path.read_text(encoding="utf-8"))


class Reading(InFolder):
    def test_the_installation_gets_its_id_once(self) -> None:
        first = self.open()
        self.assertEqual(len(first.settings.install), 32)
        again = SettingsFile(self.folder, seeded_bits(2))
        self.assertEqual(again.settings, first.settings)

    def test_what_was_written_is_read(self) -> None:
        file = self.open()
        file.change(putting(theme="dark", zoom=125, language="it", rings=False, emoji="safe 8.6", servers=(SERVER,)))
        self.assertEqual(self.open().settings, file.settings)
        self.assertEqual(file.settings.servers, (SERVER,))
        self.assertEqual(self.open().notice, "")

    def test_damaged_settings_are_set_aside_and_it_is_said(self) -> None:
        for content in (b"{", b"\xff", b"[]", b'{"zoom": 1e999}', b"[" * 10_000):
            with self.subTest(content[:20]):
                self.open()
                self.path.write_bytes(content)
                file = self.open()
                self.assertIn("set aside", file.notice)
                self.assertEqual(file.settings.servers, ())
        self.assertTrue((self.folder / "settings.json.damaged-5").exists())

    def test_what_does_not_fit_is_as_if_it_were_not_there(self) -> None:
        self.write(
            install="x" * 65, geometry=5, theme="sepia", zoom=True, language=None, rings=1, tells_away="no",
            notifies=False, servers={"host": "h"},
        )  # fmt: skip
        settings = self.open().settings
        self.assertEqual(dataclasses.replace(settings, install=""), Settings(notifies=False))
        self.assertEqual(len(settings.install), 32)

    def test_one_ill_typed_field_costs_no_other(self) -> None:
        good = {"host": "h", "port": 1, "name": "Ann"}
        self.write(
            servers=[
                7,
                {**good, "port": 70_000},
                {**good, "host": ""},
                {"host": "h"},
                {**good, "shown_room": [], "rooms": [None, {"draft": "of nowhere"}, {"room": "r", "level": "loud"}]},
                {**good, "name": "Bob", "rooms": [{"room": "r", "read_seq": -1, "draft": "kept"}]},
            ]
        )
        ann = ServerMemory("h", 1, "Ann", rooms=(RoomMemory("r"),))
        bob = ServerMemory("h", 1, "Bob", rooms=(RoomMemory("r", draft="kept"),))
        self.assertEqual(self.open().settings.servers, (ann, bob))

    def test_the_form_with_one_server_is_taken_over_once(self) -> None:
        self.write(host="höst", port=99, name="Ann", install="i", geometry="800x600")
        file = self.open()
        expected = Settings("i", "800x600", servers=(ServerMemory("höst", 99, "Ann"),))
        self.assertEqual(file.settings, expected)
        file.change(putting(servers=()))
        self.assertFalse({"host", "port", "name"} & self.read().keys())
        self.assertEqual(self.open().settings.servers, ())

    def test_the_form_without_a_server_has_none(self) -> None:
        self.write(host="", port=2428, name="Ann", install="i")
        self.assertEqual(self.open().settings, Settings("i"))


class Changing(InFolder):
    def test_two_windows_do_not_wipe_what_the_other_changed(self) -> None:
        one, other = self.open(), self.open()
        one.change(putting(theme="dark"))
        other.change(putting(zoom=150))
        self.assertEqual((other.settings.theme, other.settings.zoom), ("dark", 150))
        one.change(putting(rings=False))
        self.assertEqual(self.open().settings, dataclasses.replace(other.settings, rings=False))

    def test_what_does_not_differ_is_not_written(self) -> None:
        file = self.open()
        self.path.unlink()
        file.change(putting(zoom=100))
        self.assertFalse(self.path.exists())

    def test_a_file_that_was_deleted_meanwhile_is_written_from_what_we_know(self) -> None:
        file = self.open()
        file.change(putting(theme="dark"))
        self.path.unlink()
        file.change(putting(zoom=150))
        self.assertEqual(self.open().settings, file.settings)
        self.assertEqual(file.settings.theme, "dark")

    def test_a_file_that_was_damaged_meanwhile_is_too(self) -> None:
        file = self.open()
        file.change(putting(theme="dark"))
        self.path.write_bytes(b"{")
        file.change(putting(zoom=150))
        self.assertEqual(self.open().settings, file.settings)
        self.assertIn("set aside", file.notice)

    def test_fields_of_a_newer_version_are_kept_at_every_level(self) -> None:
        room = {"room": "lobby", "pinned": True}
        server = {"host": "h", "port": 1, "name": "Ann", "colour": "blue", "rooms": [room, {"room": "r"}]}
        self.write(install="i", newer={"deep": [1, 2]}, servers=[server])
        file = self.open()
        ann = dataclasses.replace(file.settings.servers[0], shown_room="lobby")
        file.change(putting(servers=(ServerMemory("other", 2, "Ann"), ann)))
        written = self.read()
        self.assertEqual(written["newer"], {"deep": [1, 2]})
        self.assertNotIn("colour", written["servers"][0])
        self.assertEqual(written["servers"][1]["colour"], "blue")
        self.assertEqual(written["servers"][1]["shown_room"], "lobby")
        self.assertEqual([each.get("pinned") for each in written["servers"][1]["rooms"]], [True, None])

    def test_what_is_kept_is_bounded(self) -> None:
        rooms = tuple(RoomMemory(f"room {number}", draft="x" * 9_000) for number in range(60))
        servers = tuple(ServerMemory("h", 1 + number, "Ann", rooms=rooms) for number in range(20))
        file = self.open()
        file.change(putting(servers=servers))
        self.assertEqual(len(file.settings.servers), SERVERS_MAX)
        self.assertEqual([server.port for server in file.settings.servers], list(range(1, SERVERS_MAX + 1)))
        self.assertEqual({len(server.rooms) for server in file.settings.servers}, {50})
        self.assertEqual({len(room.draft) for server in file.settings.servers for room in server.rooms}, {8_000})
        self.assertEqual(self.open().settings, file.settings)

    def test_half_a_character_can_be_written(self) -> None:
        file = self.open()
        file.change(putting(geometry="\ud83d"))
        self.assertEqual(self.open().settings.geometry, "?")

    @unittest.skipIf(os.name == "nt", "Windows has no such modes")
    def test_only_this_user_may_read_it(self) -> None:
        self.open()
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)


class FailingDisk(InFolder):
    def lose_folder(self) -> None:
        for each in self.folder.iterdir():
            each.unlink()
        self.folder.rmdir()

    def test_what_cannot_be_written_holds_all_the_same(self) -> None:
        file = self.open()
        self.lose_folder()
        with self.assertRaises(SystemFailure):
            file.change(putting(theme="dark"))
        self.assertEqual(file.settings.theme, "dark")

    def test_a_later_change_takes_along_what_could_not_be_written(self) -> None:
        file = self.open()
        self.lose_folder()
        with self.assertRaises(SystemFailure):
            file.change(putting(theme="dark"))
        self.folder.mkdir()
        file.change(lambda settings: settings)
        self.assertEqual(self.open().settings.theme, "dark")

    def test_a_file_in_the_place_of_the_folder(self) -> None:
        self.folder.write_bytes(b"a file is in the way")
        with self.assertRaises(SystemFailure) as caught:
            self.open()
        self.assertIn("not a folder", caught.exception.detail)

    def test_a_folder_in_the_place_of_the_file(self) -> None:
        self.path.mkdir(parents=True)
        with self.assertRaises(SystemFailure):
            self.open()


if __name__ == "__main__":
    unittest.main()
