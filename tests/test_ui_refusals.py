"""Refusals and goodbyes in the reader's language. The codes are taken from the protocol's own document."""

from __future__ import annotations

import re
import unittest

from chat_core import errors
from chat_core.client.endings import FINAL_GOODBYES, OFFLINE, goodbye_sentence
from chat_core.errors import ConnectionFailure, Refusal
from chat_core.language import speak
from chat_core.ui.model.refusals import sentence_of, sentence_of_failure, words_of
from tests import REPOSITORY


def codes_of_the_protocol() -> list[str]:
    """Read the codes of errors and the reasons of goodbyes."""
    document = (REPOSITORY / "docs" / "protocol.md").read_text(encoding="utf-8")
    table = document.split("| code | fatal | meaning |")[1].split("\n\n")[0]
    errors_there = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    goodbyes = re.search(r"\| `reason` \| string \| (.*) \|", document)
    assert goodbyes is not None
    return errors_there + re.findall(r"`(\w+)`", goodbyes.group(1))


class InEnglish(unittest.TestCase):
    def test_the_servers_own_words_say_it_more_exactly(self) -> None:
        self.assertEqual(
            sentence_of("text_too_long", "A message has at most 8000 characters, not 9000."),
            ("A message has at most 8000 characters, not 9000.", "Send it in several parts."),
        )

    def test_advice_is_not_given_twice(self) -> None:
        for code, text in [
            ("name_taken", "Somebody called Ann is here already. Choose another name."),
            ("not_in_room", "You are not in the room lobby. Join it first."),
            ("not_welcome", OFFLINE),
        ]:
            with self.subTest(code):
                self.assertEqual(sentence_of(code, text), (text, ""))

    def test_a_goodbye_has_advice_too(self) -> None:
        self.assertEqual(
            sentence_of("shutdown", goodbye_sentence("shutdown")),
            (
                "The server is being stopped.",
                "The connection comes back by itself, and what you wrote is sent then.",
            ),
        )

    def test_what_is_refused_here_is_said_in_one_text(self) -> None:
        refusal = Refusal("text_too_long", "A message has at most 8000 characters, not 9000.")
        self.assertEqual(words_of(refusal), f"{refusal.text} Send it in several parts.")

    def test_without_words_of_the_server_there_are_ours(self) -> None:
        self.assertEqual(
            sentence_of("name_taken", ""), ("Somebody of that name is here already.", "Choose another name.")
        )
        self.assertEqual(sentence_of("no_such_code", ""), ("The server refused that and gave no reason.", ""))

    def test_numbers_are_those_of_the_limits(self) -> None:
        self.assertIn("30 days", sentence_of("name_not_yours", "")[0])
        self.assertIn("32 letters", sentence_of("name_invalid", "")[1])
        self.assertIn("64 letters", sentence_of("room_invalid", "")[1])

    def test_what_a_server_says_can_steer_nothing(self) -> None:
        for code in ("storage", "no_such_code"):
            self.assertEqual(sentence_of(code, "a\x1b[2Jb\nc\u202e{name}")[0], "a\\x1b[2Jb\\nc\\u202e{name}")


class InItalian(unittest.TestCase):
    def setUp(self) -> None:
        speak("it")
        self.addCleanup(speak, "en")

    def test_every_code_of_the_protocol_has_a_sentence_and_advice(self) -> None:
        codes = codes_of_the_protocol()
        self.assertGreater(len(codes), 24)
        self.assertLessEqual(FINAL_GOODBYES | errors.FATAL_CODES, set(codes))
        for code in codes:
            with self.subTest(code):
                sentence, advice = sentence_of(code, "Sorry, no way.")
                self.assertNotIn("Sorry", sentence)
                for words in (sentence, advice):
                    self.assertRegex(words, r"\A[A-ZÈ][^{}]+\.\Z|\A\Z")
                self.assertTrue(advice or code == "bye")

    def test_a_code_that_is_not_known_leaves_the_servers_words(self) -> None:
        self.assertEqual(sentence_of("no_such_code", "Too loud."), ("Too loud.", ""))
        self.assertEqual(sentence_of("no_such_code", ""), ("Il server ha detto di no, senza un motivo.", ""))

    def test_every_failure_of_a_connection(self) -> None:
        failures = [kind() for kind in ConnectionFailure.__subclasses__()]
        self.assertEqual(len(failures), 10)
        for failure in failures:
            with self.subTest(failure.code):
                sentence, advice = sentence_of_failure(failure)
                self.assertNotEqual((sentence, advice), (failure.sentence, failure.advice))
                for words in (sentence, advice):
                    self.assertRegex(words, r"\A[A-Z][^{}]+\.\Z")


if __name__ == "__main__":
    unittest.main()
