from __future__ import annotations

import unittest

from chat_core.ui.model.commands import HELP, Command, Verb, parse


class TestParse(unittest.TestCase):
    def test_what_is_typed_is_understood(self) -> None:
        for typed, command in (
            ("hello", Command(Verb.SAY, "hello")),
            ("  two\nlines \n", Command(Verb.SAY, "two\nlines")),
            ("//etc", Command(Verb.SAY, "/etc")),
            ("", Command(Verb.SAY, "")),
            ("{quit}", Command(Verb.QUIT)),
            ("say {quit}", Command(Verb.SAY, "say {quit}")),
            ("/quit", Command(Verb.QUIT)),
            ("/QUIT now", Command(Verb.QUIT)),
            ("/join my room", Command(Verb.JOIN, "my room")),
            ("/nick  Anna ", Command(Verb.NICK, "Anna")),
            ("/leave", Command(Verb.LEAVE)),
            ("/rooms", Command(Verb.ROOMS)),
            ("/help", Command(Verb.HELP)),
            ("/join", Command(Verb.EXPLAIN, "Say which room: /join ROOM.")),
            ("/nick ", Command(Verb.EXPLAIN, "Say which name: /nick NAME.")),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(parse(typed), command)

    def test_an_unknown_command_is_explained_and_cannot_steer_the_display(self) -> None:
        explained = parse("/foo\x1b[2J bar")
        self.assertIs(explained.verb, Verb.EXPLAIN)
        self.assertIn("/foo\\x1b[2J.", explained.argument)

    def test_the_help_names_every_command(self) -> None:
        for word in ("join", "leave", "rooms", "nick", "quit"):
            self.assertIn(f"/{word}", HELP)


if __name__ == "__main__":
    unittest.main()
