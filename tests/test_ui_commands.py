from __future__ import annotations

import unittest

from chat_core.ui.model.commands import COMMANDS, Command, Verb, is_for_others, parse


class TestParse(unittest.TestCase):
    def test_what_is_typed_is_understood(self) -> None:
        for typed, command in (
            ("hello", Command(Verb.SAY, "hello")),
            ("  two\nlines \n", Command(Verb.SAY, "two\nlines")),
            ("```\n    code\n```", Command(Verb.SAY, "```\n    code\n```")),
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
            ("/who", Command(Verb.WHO)),
            ("/clear", Command(Verb.CLEAR)),
            ("/find  two words", Command(Verb.FIND, "two words")),
            ("/find", Command(Verb.FIND, "")),
            ("/help", Command(Verb.HELP)),
            ("/me waves\nand leaves", Command(Verb.SAY, "/me waves\nand leaves")),
            ("/ME  waves", Command(Verb.SAY, "/me waves")),
            ("/me", Command(Verb.EXPLAIN, "Say what you do, such as: /me waves.")),
            ("/join", Command(Verb.EXPLAIN, "Say which room: /join ROOM.")),
            ("/nick ", Command(Verb.EXPLAIN, "Say which name: /nick NAME.")),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(parse(typed), command)

    def test_an_unknown_command_is_explained_and_cannot_steer_the_display(self) -> None:
        explained = parse("/foo\x1b[2J bar")
        self.assertIs(explained.verb, Verb.EXPLAIN)
        self.assertIn("/foo\\x1b[2J.", explained.argument)

    def test_the_nearest_command_is_named(self) -> None:
        self.assertIn("Did you mean /join?", parse("/jion lobby").argument)
        self.assertIn("Did you mean /leave?", parse("/LEAV").argument)
        self.assertNotIn("Did you mean", parse("/usr/bin/python").argument)

    def test_a_slash_alone_is_no_command_and_no_text(self) -> None:
        for typed in ("/", "/ join", "/\njoin"):
            with self.subTest(typed=typed):
                self.assertIs(parse(typed).verb, Verb.EXPLAIN)

    def test_an_endless_word_is_cut_off(self) -> None:
        self.assertLess(len(parse("/" + "x" * 8_000).argument), 200)


class TestIsForOthers(unittest.TestCase):
    def test_texts_and_actions_are_and_commands_are_not(self) -> None:
        for typed in ("h", "//etc", "/me w"):
            self.assertTrue(is_for_others(typed), typed)
        for typed in ("", "  \n", "/", "/jo", "/join lobby", "/me", "{quit}"):
            self.assertFalse(is_for_others(typed), typed)


class TestForms(unittest.TestCase):
    def test_each_says_how_it_is_typed(self) -> None:
        usages = [form.usage for form in COMMANDS]
        self.assertEqual((usages[0], usages[1]), ("/join ROOM", "/leave"))

    def test_every_verb_but_the_explanation_is_reached_by_a_command(self) -> None:
        self.assertEqual({form.verb for form in COMMANDS}, set(Verb) - {Verb.EXPLAIN})

    def test_every_command_is_understood(self) -> None:
        for form in COMMANDS:
            self.assertIs(parse(f"/{form.word} something").verb, form.verb)


if __name__ == "__main__":
    unittest.main()
