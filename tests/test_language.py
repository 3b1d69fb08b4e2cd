"""Which language is spoken: as the flag, the environment or the system asks, and what comes of it in both programs."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import unittest
from unittest import mock

from chat_core import command_line
from chat_core.language import N_, _, known_language, languages, ngettext, speak, spoken, system_language
from chat_core.server import __main__ as care
from chat_core.server.cli import main as server_main
from chat_core.server.console import spell_duration, spell_names
from chat_core.ui.cli import read_flags
from tests import REPOSITORY
from tests.serving import run_server


class LanguageTest(unittest.TestCase):
    def setUp(self) -> None:
        self.addCleanup(speak, "en")
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)


class Speaking(LanguageTest):
    def test_english_is_what_is_written(self) -> None:
        speak("en")
        self.assertEqual((spoken(), _("Nobody is online.")), ("en", "Nobody is online."))
        self.assertEqual(
            [ngettext("{count} room", "{count} rooms", n) for n in (1, 2)], ["{count} room", "{count} rooms"]
        )

    def test_italian(self) -> None:
        speak("it_IT")
        self.assertEqual((spoken(), _("Stopped.")), ("it", "Fermato."))
        self.assertEqual(
            [ngettext("{count} room", "{count} rooms", n) for n in (0, 1, 2)],
            ["{count} stanze", "{count} stanza", "{count} stanze"],
        )

    def test_what_is_not_translated_stays_english(self) -> None:
        speak("it")
        self.assertEqual(_("Nobody has translated this."), "Nobody has translated this.")
        speak("tlh")
        self.assertEqual((spoken(), _("Nobody is online.")), ("en", "Nobody is online."))

    def test_a_mark_changes_nothing(self) -> None:
        speak("it")
        self.assertEqual(N_("Nobody is online."), "Nobody is online.")

    def test_the_console_speaks_it(self) -> None:
        speak("it")
        self.assertEqual(spell_names(["ada", "bob"]), "ada e bob")
        self.assertEqual(spell_names(["ada"], 3), "ada e altre 2 persone")
        self.assertEqual(spell_duration(86_400 * 2), "2 g 0 h")


class Choosing(LanguageTest):
    def test_a_language_is_known_in_any_spelling(self) -> None:
        for wanted, known in [
            ("it", "it"), ("IT", "it"), ("it_IT", "it"), ("it_IT.UTF-8", "it"), ("it_CH@euro", "it"), ("it-IT", "it"),
            ("en_GB.UTF-8", "en"), ("C", "en"), ("C.UTF-8", "en"), ("POSIX", "en"), ("tlh", ""), ("", ""), ("..", ""),
        ]:  # fmt: skip
            with self.subTest(wanted):
                self.assertEqual(known_language(wanted), known)

    def test_the_environment_is_asked_as_gettext_does(self) -> None:
        for environ, language in [
            ({"LANG": "it_IT.UTF-8"}, "it"),
            ({"LANG": "en_US.UTF-8"}, "en"),
            ({"LANG": "tlh"}, "en"),
            ({"LC_MESSAGES": "it_IT", "LANG": "en_US"}, "it"),
            ({"LC_ALL": "C", "LC_MESSAGES": "it_IT", "LANG": "it_IT"}, "en"),
            ({"LANGUAGE": "it", "LC_ALL": "en_US"}, "it"),
            ({"LANGUAGE": "tlh:it:en", "LANG": "en_US"}, "it"),
            ({"LANGUAGE": "en:it", "LANG": "it_IT"}, "en"),
            ({"LANGUAGE": "", "LANG": "it_IT"}, "it"),
            ({"LC_TIME": "it_IT", "LC_CTYPE": "it_IT"}, "en"),
        ]:
            with self.subTest(environ):
                self.assertEqual(system_language(environ), language)

    @unittest.skipUnless(sys.platform.startswith("linux"), "elsewhere the system is asked, whoever runs this")
    def test_a_system_that_says_nothing_speaks_english(self) -> None:
        self.assertEqual(system_language({}), "en")


class Asking(LanguageTest):
    def test_the_flag_comes_before_a_preference_and_that_before_the_system(self) -> None:
        for argv, preferred, system, language in [
            (["--lang", "it"], "en", "en", "it"),
            (["--port", "1", "--lang=en", "check"], "it", "it", "en"),
            ([], "it", "en", "it"),
            ([], "", "it", "it"),
            (["--lang"], "", "it", "it"),
            (["--lang", "tlh"], "", "it", "it"),
            (["--language", "it"], "", "en", "en"),
        ]:
            with self.subTest(argv, preferred=preferred), mock.patch.dict(os.environ, {"LANGUAGE": system}):
                command_line.speak_as_asked(argv, preferred)
                self.assertEqual(spoken(), language)

    def test_programs_that_are_started_from_here_are_told_nothing(self) -> None:
        del os.environ["LANGUAGE"]
        before = dict(os.environ)
        command_line.speak_as_asked(["--lang", "it"])
        self.run_main(server_main, "--lang", "it", "--help")
        self.assertEqual(dict(os.environ), before)

    def run_main(self, main: object, *arguments: str) -> tuple[object, str]:
        """Run a program that ends by itself, and return its status and what it said."""
        said = io.StringIO()
        assert callable(main)
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                status: object = main(arguments)
            except SystemExit as end:
                status = end.code
        return status, said.getvalue()

    def test_the_servers_help_and_mistakes(self) -> None:
        status, said = self.run_main(server_main, "--lang", "it", "--help")
        self.assertEqual(status, 0)
        self.assertIn("uso: chat-server", said)
        self.assertIn("mostra questo aiuto", said)
        for english in ("usage", "show", "address", "default:", "options"):
            self.assertNotIn(english, said)
        status, said = self.run_main(server_main, "--lang", "it", "--port", "x")
        self.assertEqual(status, 2)
        self.assertIn("'x' non è una porta.", said)

    def test_the_care_of_data(self) -> None:
        status, said = self.run_main(care.main, "--lang", "it", "check", "/no/such/folder")
        self.assertEqual((status, said), (1, _("{path} is not there.").format(path="/no/such/folder") + "\n"))
        status, said = self.run_main(care.main, "--lang", "it")
        self.assertEqual(status, 2)
        self.assertIn("COMANDO", said)

    def test_the_windows_mistakes(self) -> None:
        def read(argv: tuple[str, ...]) -> None:
            command_line.speak_as_asked(argv)
            read_flags(argv)

        status, said = self.run_main(read, "--lang", "it", "--no-such-flag")
        self.assertEqual(status, 2)
        self.assertIn("argomenti sconosciuti: --no-such-flag", said)

    def test_a_language_that_nobody_speaks_is_a_mistake(self) -> None:
        status, said = self.run_main(server_main, "--lang", "tlh")
        self.assertEqual(status, 2)
        for code in languages():
            self.assertIn(code, said.split("tlh", 1)[1])

    def test_a_program_on_its_own(self) -> None:
        done = run_server("--port", "70000", environ={"LANGUAGE": "it", "PYTHONIOENCODING": "ascii"})
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"'70000' non \\xe8 una porta.", done.stderr, "a terminal without accents is no reason to fail")

    def test_without_a_word_from_anybody_it_is_the_systems(self) -> None:
        environ = {
            name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES")
        }
        done = subprocess.run(
            [sys.executable, "client_main.py", "--help"],
            cwd=REPOSITORY, env={**environ, "LANG": "it_IT.UTF-8", "PYTHONIOENCODING": "utf-8"},
            capture_output=True, check=False,
        )  # fmt: skip
        self.assertIn("La finestra della chat.", done.stdout.decode("utf-8"))


if __name__ == "__main__":
    unittest.main()
