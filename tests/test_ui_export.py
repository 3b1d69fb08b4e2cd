from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import time
import tracemalloc
import unittest
from datetime import datetime
from html.parser import HTMLParser
from typing import Iterator

from chat_core.ui.model.dates import clock_of, day_of, moment_of
from chat_core.ui.model.export import ENDS, Entry, Format, as_json, as_text, file_name, utc_of, zone_of
from chat_core.ui.model.export_page import as_page
from chat_core.ui.model.palette import PALETTES

NOON = 1_795_348_800_000  # 22 November 2026, 12:00 UTC
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
NO_TIME = 10**17
LOCAL_DAY = datetime.fromtimestamp(NOON / 1000).strftime("%Y-%m-%d")

HOSTILE = (
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "<!-- --> ]]> &lt;b&gt; &#x3c;",
    "`</code><script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "javascript:alert(1) data:text/html,<script>",
    'https://example.org/"><script>alert(1)</script>',
    "https://example.org/?a=1&b=2'x",
    "\u202eevil\u2066\x1b[31m\x00\u2028",
    "\ud83d half of a pair",
)


def said(*texts: str, sender: str = "Bob") -> list[Entry]:
    return [Entry(NOON + number, sender, text) for number, text in enumerate(texts)]


class Element:
    """One element of a page: its tag, attributes, and all the text in it."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.text = ""
        self.children: list[Element] = []

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, tag: str = "", cls: str = "") -> list[Element]:
        found = [self] if (not tag or tag == self.tag) and (not cls or cls in self.classes) else []
        return found + [inner for child in self.children for inner in child.all(tag, cls)]


class Page(HTMLParser):
    """Reads a page and fails on a tag that is not closed in order."""

    EMPTY = frozenset({"meta", "input"})

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.current = Element("", {}, None)
        self.feed(source)
        self.close()
        if self.current is not self.root:
            raise AssertionError(f"<{self.current.tag}> is not closed")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.current)
        self.current.children.append(element)
        if tag not in self.EMPTY:
            self.current = element

    def handle_endtag(self, tag: str) -> None:
        if tag != self.current.tag or self.current.parent is None:
            raise AssertionError(f"</{tag}> closes <{self.current.tag}>")
        self.current = self.current.parent

    def handle_data(self, data: str) -> None:
        element: Element | None = self.current
        while element is not None:
            element.text += data
            element = element.parent


def page_of(entries: list[Entry], title: str = "lobby", own_name: str = "Ann") -> Element:
    return Page("".join(as_page(entries, title, own_name))).root


class FileName(unittest.TestCase):
    def test_it_says_room_and_day(self) -> None:
        self.assertEqual(file_name("lobby", NOON, Format.PAGE), f"lobby {LOCAL_DAY}.html")
        self.assertEqual(file_name("höhle 7", NOON, Format.JSON), f"höhle 7 {LOCAL_DAY}.json")

    def test_it_is_one_that_every_system_takes(self) -> None:
        for title, expected in (
            ("a/b\\c:d*e", "a-b-c-d-e"), ("..", "chat"), ("", "chat"), (" .hidden. ", "hidden"), ("CON", "room CON"),
            ("nul.x", "room nul.x"), ("com1", "room com1"), ("console", "console"), ("a\x00b\nc", "a-x00b-nc"),
            ("\u202egpj", "-u202egpj"),
        ):  # fmt: skip
            with self.subTest(title):
                self.assertEqual(file_name(title, NOON, Format.TEXT), f"{expected} {LOCAL_DAY}.txt")

    def test_it_is_not_too_long_in_bytes(self) -> None:
        for letter in ("x", "ü", "字", "\U00020000"):
            name = file_name(letter * 300, NOON, Format.PAGE)
            self.assertLessEqual(len(name.encode("utf-8")), 200)
            self.assertEqual(set(name[: -len(" 2026-11-22.html")]), {letter})

    def test_a_time_that_no_calendar_holds(self) -> None:
        self.assertEqual(file_name("lobby", NO_TIME, Format.TEXT), "lobby.txt")


class Times(unittest.TestCase):
    def test_utc_to_the_millisecond(self) -> None:
        self.assertEqual(utc_of(NOON + 123), "2026-11-22T12:00:00.123Z")
        self.assertEqual(utc_of(0), "1970-01-01T00:00:00.000Z")
        self.assertIsNone(utc_of(NO_TIME))

    @unittest.skipUnless(hasattr(time, "tzset"), "the zone of a process cannot be changed here")
    def test_the_zone_of_the_moment(self) -> None:
        before = os.environ.get("TZ")

        def restore() -> None:
            os.environ.pop("TZ", None)
            if before is not None:
                os.environ["TZ"] = before
            time.tzset()

        self.addCleanup(restore)
        os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
        time.tzset()
        self.assertEqual(zone_of(NOON), "UTC+01:00")
        self.assertEqual(zone_of(NOON - 150 * DAY), "UTC+02:00")
        self.assertEqual(zone_of(NO_TIME), "UTC")


class Text(unittest.TestCase):
    def write(self, entries: list[Entry], title: str = "lobby") -> list[str]:
        return "".join(as_text(entries, title)).split("\n")

    def test_days_times_and_names(self) -> None:
        written = self.write([Entry(NOON, "Ann", "hi"), Entry(NOON + DAY, "Bob", "hello"), Entry(NOON + DAY, "B", "x")])
        expected = [
            "lobby", "=====", "", f"--- {day_of(NOON)} ({zone_of(NOON)}) ---", "", f"[{clock_of(NOON)}] Ann: hi", "",
            f"--- {day_of(NOON + DAY)} ({zone_of(NOON + DAY)}) ---", "", f"[{clock_of(NOON + DAY)}] Bob: hello",
            f"[{clock_of(NOON + DAY)}] B: x", "",
        ]  # fmt: skip
        self.assertEqual(written, expected)

    def test_what_is_done_is_told(self) -> None:
        self.assertIn(f"[{clock_of(NOON)}] Bob waves", self.write(said("/me waves")))

    def test_no_line_of_a_message_can_pass_for_another(self) -> None:
        written = self.write(said("a\n[12:00] Ann: forged\r[12:00] Ann: too"))
        self.assertEqual([line for line in written if line.startswith("[")], [f"[{clock_of(NOON)}] Bob: a"])

    def test_nothing_in_it_steers_a_terminal(self) -> None:
        written = "".join(as_text([Entry(NOON, "\u202eB\x1b", text) for text in HOSTILE], "\x1b]0;title\x07"))
        self.assertNotRegex(written, "[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

    def test_an_empty_room(self) -> None:
        self.assertEqual(self.write([]), ["lobby", "=====", ""])


class Json(unittest.TestCase):
    def test_everything_is_there_as_it_was_said(self) -> None:
        entries = [Entry(NOON + 5, 'A"n', "a\n\u202eb\\ </script>", is_own=True, seq=7), Entry(NO_TIME, "Bob", "")]
        self.assertEqual(
            json.loads("".join(as_json(entries, 'lob"by'))),
            {
                "format": "chat-core conversation", "version": 1, "room": 'lob"by',
                "messages": [
                    {
                        "seq": 7, "time": "2026-11-22T12:00:00.005Z", "unix_ms": NOON + 5, "from": 'A"n',
                        "text": "a\n\u202eb\\ </script>", "own": True,
                    },
                    {"time": None, "unix_ms": NO_TIME, "from": "Bob", "text": ""},
                ],
            },
        )  # fmt: skip

    def test_it_is_whole_at_every_size(self) -> None:
        for count in (0, 1, 2, 300):
            written = "".join(as_json(said(*["x"] * count), "lobby"))
            self.assertEqual(len(json.loads(written)["messages"]), count)
            self.assertEqual(written.count("\n"), max(1, count) + 2)


class PageStructure(unittest.TestCase):
    def test_days_groups_and_messages(self) -> None:
        root = page_of([
            Entry(NOON, "Ann", "one"), Entry(NOON + 5 * MINUTE, "Ann", "two"),
            Entry(NOON + 11 * MINUTE, "Ann", "three"), Entry(NOON + 11 * MINUTE, "Bob", "four"),
            Entry(NOON + DAY, "Bob", "five"),
        ])  # fmt: skip
        days = root.all("section", "day")
        self.assertEqual([day.all("h2")[0].text for day in days], [day_of(NOON), day_of(NOON + DAY)])
        groups = [[message.text for message in group.all(cls="message")] for group in root.all("section", "group")]
        self.assertEqual(groups, [["one", "two"], ["three"], ["four"], ["five"]])
        self.assertEqual([name.text for name in root.all(cls="name")], ["Ann", "Ann", "Bob", "Bob"])
        self.assertEqual(root.all("time")[0].text, clock_of(NOON))
        self.assertEqual(root.all("time")[0].attributes["datetime"], "2026-11-22T12:00:00.000Z")
        self.assertEqual(root.all(cls="message")[1].attributes["title"], moment_of(NOON + 5 * MINUTE))
        self.assertEqual(root.all("footer")[0].text, "5 messages")

    def test_a_group_has_so_many_messages(self) -> None:
        root = page_of(said(*["x"] * 30))
        self.assertEqual([len(group.all(cls="message")) for group in root.all(cls="group")], [25, 5])

    def test_names_have_the_colours_of_the_window(self) -> None:
        root = page_of([*said("x", sender="Ann"), *said("x", sender="Bob"), *said("x", sender="Ann")])
        colours = [[each for each in group.classes if each != "group"] for group in root.all(cls="group")]
        self.assertEqual(colours[0], colours[2])
        style = root.all("style")[0].text
        for palette in PALETTES:
            for number, colour in enumerate(palette.names):
                self.assertIn(f"--c{number}:{colour}", style)
        self.assertIn("prefers-color-scheme: dark", style)

    def test_own_messages_and_calls_are_marked(self) -> None:
        mine = Entry(NOON, "Ann", "I, Ann", is_own=True)
        root = page_of([mine, *said("hello Ann", "hello Zoe")])
        self.assertIn("own", root.all(cls="group")[0].classes)
        self.assertEqual([each.text for each in root.all(cls="you")], ["you"])
        self.assertEqual([each.text for each in root.all(cls="calls")], ["hello Ann"])

    def test_links_code_blocks_and_what_is_done(self) -> None:
        root = page_of(said("see https://example.org/?a=1&b=2.", "`x = 1`", "a\n```\n\nfor\n```\nb", "/me waves"))
        link = root.all("a")[0]
        self.assertEqual((link.text, link.attributes["href"]), ("https://example.org/?a=1&b=2",) * 2)
        self.assertEqual(link.attributes["rel"], "noopener noreferrer nofollow")
        self.assertEqual([code.text for code in root.all("code")], ["x = 1", "\nfor"])
        self.assertEqual([block.text for block in root.all("pre")], ["\nfor"])
        self.assertEqual([each.text for each in root.all(cls="message")][2], "a\n\nforb")  # a block ends its line
        self.assertEqual([each.text for each in root.all(cls="action")], ["Bob waves"])

    def test_an_empty_room(self) -> None:
        root = page_of([])
        self.assertEqual((root.all(cls="message"), root.all("footer")[0].text), ([], "0 messages"))

    def test_a_time_that_no_calendar_holds(self) -> None:
        self.assertEqual(page_of([Entry(NO_TIME, "Ann", "x")]).all("time")[0].attributes["datetime"], "")

    def test_there_is_a_piece_for_each_entry(self) -> None:
        entries = [*said("a", "b"), *said("c", sender="Zoe"), Entry(NOON + DAY, "Ann", "d")]
        for pieces in (as_page(entries, "lobby"), as_json(entries, "lobby"), as_text(entries, "lobby")):
            self.assertEqual(len(list(pieces)), len(entries) + ENDS)


class PageSafety(unittest.TestCase):
    def setUp(self) -> None:
        entries = [Entry(NOON + number, text, text) for number, text in enumerate(HOSTILE)]
        self.source = "".join(as_page(entries, HOSTILE[0], "Ann"))
        self.root = Page(self.source).root

    def test_nothing_that_was_said_becomes_markup(self) -> None:
        # What the page has of its own, and nothing else: no element and no attribute more.
        self.assertEqual(
            {element.tag for element in self.root.all()},
            {
                "", "html", "head", "meta", "title", "style", "body", "header", "h1", "bdi", "form", "input", "output",
                "main", "section", "h2", "h3", "time", "div", "code", "pre", "a", "footer", "script",
            },
        )  # fmt: skip
        self.assertEqual((len(self.root.all("script")), len(self.root.all("style"))), (1, 1))
        self.assertEqual(
            {name for element in self.root.all() for name in element.attributes},
            {
                "lang", "charset", "http-equiv", "content", "name", "role", "hidden", "type", "aria-label",
                "placeholder", "autocomplete", "data-some", "data-none", "class", "title", "datetime", "dir", "href",
                "target", "rel",
            },
        )  # fmt: skip
        self.assertEqual(len(self.root.all(cls="message")), len(HOSTILE))

    def test_what_was_said_can_be_read(self) -> None:
        self.assertEqual(self.root.all(cls="message")[0].text, HOSTILE[0])
        self.assertEqual(self.root.all(cls="name")[2].text, HOSTILE[2])
        self.assertEqual(self.root.all("h1")[0].text, HOSTILE[0])
        self.assertEqual(self.root.all("title")[0].text, HOSTILE[0])

    def test_nothing_reorders_or_ends_what_is_shown(self) -> None:
        self.assertNotRegex(self.source, "[\x00-\x08\x0b-\x1f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

    def test_links_lead_to_the_web_only(self) -> None:
        links = [link.attributes["href"] for link in self.root.all("a")]
        self.assertGreater(len(links), 1)
        for link in links:
            self.assertRegex(link, "^https?://example.org/")

    def test_a_browser_runs_only_what_the_policy_names(self) -> None:
        policy = next(meta for meta in self.root.all("meta") if "http-equiv" in meta.attributes)
        self.assertEqual(policy.attributes["http-equiv"], "Content-Security-Policy")
        directives = policy.attributes["content"].split("; ")
        for name, tag in (("script-src", "script"), ("style-src", "style")):
            source = re.findall(f"<{tag}>(.*?)</{tag}>", self.source, re.DOTALL)[0]
            digest = base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
            self.assertIn(f"{name} 'sha256-{digest}'", directives)
        self.assertIn("default-src 'none'", directives)
        head = self.root.all("head")[0]
        self.assertLess(head.children.index(policy), head.children.index(head.all("style")[0]))

    def test_nothing_is_fetched_from_anywhere(self) -> None:
        style, script = self.root.all("style")[0].text, self.root.all("script")[0].text
        self.assertNotRegex(style, r"url\(|@import")
        self.assertNotRegex(script, r"fetch|XMLHttp|WebSocket|import|eval|innerHTML|insertAdjacent|document\.write")
        self.assertFalse({"link", "img", "iframe"} & {element.tag for element in self.root.all()})


class Memory(unittest.TestCase):
    def test_a_long_conversation_is_never_all_in_memory(self) -> None:
        def entries() -> Iterator[Entry]:
            for number in range(500):
                yield Entry(NOON + number * MINUTE, f"Person {number % 7}", "x" * 1_000)

        for write in (as_page, as_json, as_text):
            with self.subTest(write.__name__):
                tracemalloc.start()
                self.addCleanup(tracemalloc.stop)
                written = sum(len(piece) for piece in write(entries(), "lobby"))
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                self.assertGreater(written, 500_000)
                self.assertLess(peak, 100_000)


if __name__ == "__main__":
    unittest.main()
