from __future__ import annotations

import sys
import unittest
from typing import TYPE_CHECKING

from chat_core.ui.model import markup
from chat_core.ui.model.markup import Span, Style, mentions, spans

if TYPE_CHECKING:
    from types import FrameType

PLAIN, CODE, BLOCK, LINK = Style.PLAIN, Style.CODE, Style.BLOCK, Style.LINK
MENTION, OWN = Style.MENTION, Style.OWN_MENTION


def cut(text: str, own_name: str = "") -> list[tuple[str, Style]]:
    return [(span.text, span.style) for span in spans(text, own_name)]


class TestText(unittest.TestCase):
    def test_most_texts_are_one_span(self) -> None:
        self.assertEqual(spans("Good morning, all", "Ann"), (Span("Good morning, all", PLAIN),))

    def test_of_nothing_there_is_nothing(self) -> None:
        self.assertEqual(spans(""), ())


class TestCode(unittest.TestCase):
    def test_within_a_line(self) -> None:
        self.assertEqual(cut("type `ls -l` now"), [("type ", PLAIN), ("ls -l", CODE), (" now", PLAIN)])

    def test_longer_runs_hold_shorter_ones(self) -> None:
        self.assertEqual(cut("`` a`b ``"), [("a`b", CODE)])
        self.assertEqual(cut("```x```"), [("x", CODE)])

    def test_what_is_not_closed_in_its_line_is_text(self) -> None:
        for text in ("a ` b", "a ` b\nc ` d", "``", "a `` b ` c", "` `"):
            with self.subTest(text=text):
                self.assertEqual(cut(text), [(text, PLAIN)])

    def test_nothing_is_nested(self) -> None:
        self.assertEqual(cut("`http://x.org @Ann`", "Ann"), [("http://x.org @Ann", CODE)])

    def test_a_block(self) -> None:
        text = "look:\n```python\nif x:\n    y  # `z`\n```\nright?"
        self.assertEqual(cut(text), [("look:\n", PLAIN), ("if x:\n    y  # `z`", BLOCK), ("\nright?", PLAIN)])

    def test_two_blocks_and_an_empty_one(self) -> None:
        self.assertEqual(cut("```\na\n```\n```\nb\n```"), [("a", BLOCK), ("\n", PLAIN), ("b", BLOCK)])
        self.assertEqual(cut("x\n```\n```"), [("x\n", PLAIN)])

    def test_a_block_that_is_not_closed_is_text(self) -> None:
        for text in ("```\na", "a\n```", "```a\nb\n```c"):
            with self.subTest(text=text):
                self.assertEqual(cut(text), [(text, PLAIN)])


class TestLinks(unittest.TestCase):
    def link_in(self, text: str) -> str:
        found = [span for span in spans(text) if span.style is LINK]
        self.assertEqual("".join(span.text for span in spans(text)), text)
        self.assertTrue(all(span.target == span.text for span in found))
        return " ".join(span.target for span in found)

    def test_addresses(self) -> None:
        for address in (
            "http://example.org", "https://example.org/", "HTTPS://Example.ORG/a?b=c&d#e", "http://localhost:8080/x",
            "http://192.168.1.7", "http://[2001:db8::1]:80/", "https://caf\xe9.example/\xe9?\xfc", "http://nas",
            "https://en.wikipedia.org/wiki/Chat_(film)", "http://a.b/~c/%20;d=e,f", "https://a.b/http://c.d",
        ):  # fmt: skip
            with self.subTest(address=address):
                self.assertEqual(self.link_in(address), address)
                self.assertEqual(self.link_in(f"see {address} there"), address)

    def test_the_sentence_keeps_its_punctuation(self) -> None:
        for text in (
            "http://a.org.", "http://a.org/x, y", "(http://a.org/x)", "http://a.org/x?!", "\xabhttp://a.org\xbb",
            "[http://a.org/(x)]...", "<http://a.org/x>", "'http://a.org/x'", "\u201chttp://a.org/x\u201d",
        ):  # fmt: skip
            with self.subTest(text=text):
                self.assertIn(self.link_in(text), ("http://a.org", "http://a.org/x", "http://a.org/(x)"))

    def test_what_is_no_link(self) -> None:
        for text in (
            "ftp://a.org", "javascript://a.org", "file:///etc/passwd", "http://", "http:///x", "http://.", "http://-a.org",
            "http://a..org", "http://:80", "http://a.org:port/", "xhttp://a.org", "http:// a.org", "http://_",
            "http://" + "a" * 64 + ".org", "http://" + "a." * 200 + "org", "http://bank.org@evil.org", "http://[zz]/",
        ):  # fmt: skip
            with self.subTest(text=text):
                self.assertEqual(self.link_in(text), "")

    def test_nothing_invisible_or_reordering_is_part_of_it(self) -> None:
        for character in "\u202e\u200b\u2066\xad\ufeff\x07\x85\u3164\\\U000e0041":
            with self.subTest(character=ascii(character)):
                self.assertEqual(self.link_in(f"http://a.org/x{character}y"), "http://a.org/x")
                self.assertEqual(self.link_in(f"http://a{character}.org/"), "http://a")

    def test_several_in_a_line(self) -> None:
        self.assertEqual(
            self.link_in("http://a.org,http://b.org; http://c.org"), "http://a.org http://b.org http://c.org"
        )
        self.assertEqual(self.link_in("http://x,http://y/,http://z"), "http://x http://y/,http://z")


class TestMentions(unittest.TestCase):
    def test_others_are_called_with_an_at(self) -> None:
        self.assertEqual(cut("@bob, and @Carol-1. Bye"), [
            ("@bob", MENTION), (", and ", PLAIN), ("@Carol-1", MENTION), (". Bye", PLAIN),
        ])  # fmt: skip

    def test_we_are_called_with_and_without(self) -> None:
        self.assertEqual(cut("@ann: Ann!", "Ann"), [("@ann", OWN), (": ", PLAIN), ("Ann", OWN), ("!", PLAIN)])

    def test_names_are_compared_as_names(self) -> None:
        for text, name in (
            ("ANN", "ann"), ("Stra\xdfe", "STRASSE"), ("Rene\u0301", "Ren\xe9"), ("\uff21\uff4e\uff4e", "Ann"),
            ("mary ann", "Mary Ann"), ("_Ann_", "Ann"), ("it's Ann's", "Ann"), ("\xabAnn\xbb", "Ann"),
            ("J.R., come", "J.R."),            ("\u0928\u0940\u0932!", "\u0928\u0940\u0932"),
        ):  # fmt: skip
            with self.subTest(text=text):
                self.assertTrue(mentions(text, name))

    def test_only_whole_words(self) -> None:
        for text in (
            "Anna",
            "Joann",
            "Ann-Marie",
            "Ann_B",
            "ann@example.org",
            "x@ann",
            "`Ann`",
            "http://a.org/ann",
            "A nn",
        ):
            with self.subTest(text=text):
                self.assertFalse(mentions(text, "Ann"))
        self.assertFalse(mentions("Mary  Ann, Mary\nAnn, Mary", "Mary Ann"))

    def test_a_name_with_spaces_in_a_sentence(self) -> None:
        self.assertEqual(
            cut("hi @Mary Ann Lee, Mary", "Mary Ann"), [("hi ", PLAIN), ("@Mary Ann", OWN), (" Lee, Mary", PLAIN)]
        )

    def test_an_at_alone_and_an_address_call_nobody(self) -> None:
        for text in ("@", "@ ann", "a@b.org", "@@", "at@ home @."):
            with self.subTest(text=text):
                self.assertEqual(cut(text, "Bob"), [(text, PLAIN)])

    def test_nobody_is_called_by_no_name(self) -> None:
        self.assertFalse(mentions("@ann", ""))


class TestTime(unittest.TestCase):
    """Nobody can stop a window with a text: lines of Python are counted, what is behind each is bounded or one pass."""

    HOSTILE = (
        "`", "` ", "`` `", "`\n", "```\n", "```x\n", "http://", "http://a", "http://a.", "http://a,", "http://a.b/ ",
        "http://a.b/(", ")", "http://a.b/)", "@", "@a", "@a ", "a@", "ann ", "ann b ", "a.", ".", "\xe9", "\xab", "\n",
        "http://@", "_", "http://[", "ann\u0301",
    )  # fmt: skip
    LINES_A_CHARACTER_MAX = 60

    def test_it_is_linear(self) -> None:
        for unit in self.HOSTILE:
            for name in ("", "ann", "ann b ann b"):
                with self.subTest(unit=unit, name=name):
                    text = (unit * 10_000)[:2_000]
                    self.assertLess(self.lines_for(text, name), self.LINES_A_CHARACTER_MAX * len(text))

    def lines_for(self, text: str, name: str) -> int:
        lines = 0

        def count(frame: FrameType, event: str, _argument: object) -> object:
            nonlocal lines
            if event == "call" and frame.f_code.co_filename != markup.__file__:
                return None
            lines += event == "line"
            return count

        before = sys.gettrace()
        sys.settrace(count)  # type: ignore[arg-type]
        try:
            spans(text, name)
        finally:
            sys.settrace(before)
        return lines


if __name__ == "__main__":
    unittest.main()
