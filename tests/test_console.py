"""What the person who runs the server sees, on a terminal and elsewhere."""

from __future__ import annotations

import io
import logging
import os
import unittest
from unittest import mock

from chat_core.server.console import Console, ConsoleHandler, spell_duration, spell_names
from chat_core.server.hub import Movement


class BrokenStream(io.StringIO):
    """A pipe that nobody reads any more."""

    attempts = 0

    def write(self, text: str) -> int:
        del text
        self.attempts += 1
        raise BrokenPipeError("nobody reads")


def console(stream: io.TextIOBase, *, is_terminal: bool, status_every_s: float = 5.0) -> Console:
    return Console(
        stream,  # type: ignore[arg-type]  # a TextIOWrapper is a TextIO but for its name
        is_terminal=is_terminal,
        status_every_s=status_every_s,
        time_of_day=lambda: "12:00:00",
    )


def on_screen(written: str) -> list[str]:
    """Return what a terminal shows: a return goes to the front of the line and what follows overwrites it."""
    lines = []
    for line in written.split("\n"):
        cells: list[str] = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        lines.append("".join(cells).rstrip())
    return lines


class ConsoleTest(unittest.TestCase):
    def setUp(self) -> None:
        self.stream = io.StringIO()
        width = mock.patch.dict(os.environ, {"COLUMNS": "80"})
        width.start()
        self.addCleanup(width.stop)


class NoTerminal(ConsoleTest):
    def setUp(self) -> None:
        super().setUp()
        self.console = console(self.stream, is_terminal=False)

    def test_the_status_is_a_line_when_something_changed_and_not_before_its_time(self) -> None:
        for now, people, messages in [(0, 0, 0), (1, 1, 0), (5, 1, 0), (10, 1, 0), (15, 1, 7), (20, 1, 7), (25, 2, 7)]:
            self.console.status(float(now), people, messages, 60.0 + now)
        self.console.finish()
        self.assertEqual(
            self.stream.getvalue().splitlines(),
            [
                "12:00:00  Running for 1 min 0 s: 0 people online, 0 messages so far.",
                "12:00:00  Running for 1 min 5 s: 1 person online, 0 messages so far.",
                "12:00:00  Running for 1 min 15 s: 1 person online, 7 messages so far.",
                "12:00:00  Running for 1 min 25 s: 2 people online, 7 messages so far.",
            ],
        )

    def test_one_message_is_one_message(self) -> None:
        self.console.status(0.0, 1, 1, 0.0)
        self.assertIn("1 person online, 1 message so far.", self.stream.getvalue())

    def test_no_status_at_all(self) -> None:
        console(self.stream, is_terminal=False, status_every_s=0.0).status(0.0, 1, 1, 0.0)
        self.assertEqual(self.stream.getvalue(), "")

    def test_who_came_and_went_and_who_is_there(self) -> None:
        for movements, online, told in [
            ([Movement(came="ada")], ["ada"], "ada joined. Online (1): ada"),
            ([Movement(came="bob"), Movement(came="eve")], ["ada", "bob", "eve"],
             "bob and eve joined. Online (3): ada, bob and eve"),
            ([Movement(went="bob")], ["ada", "eve"], "bob left. Online (2): ada and eve"),
            ([Movement(came="eva", went="eve")], ["ada", "eva"], "eve is now called eva. Online (2): ada and eva"),
            (
                [Movement(came="x", went="eva"), Movement(came="y"), Movement(went="x")],
                ["ada", "y"],
                "eva is now called x. y joined. x left. Online (2): ada and y",
            ),
            ([Movement(went="ada"), Movement(went="y")], [], "ada and y left. Nobody is online."),
        ]:  # fmt: skip
            with self.subTest(told):
                self.stream.seek(0)
                self.stream.truncate()
                self.console.tell(movements, online, len(online))
                self.assertEqual(self.stream.getvalue(), f"12:00:00  {told}\n")

    def test_what_could_steer_a_terminal_is_shown_instead(self) -> None:
        name = "a\x1b[2J\nb\u202e"
        self.console.tell([Movement(came=name), Movement(went=name), Movement(came=name, went=name)], [name], 1)
        written = self.stream.getvalue()
        self.assertNotRegex(written, "[\x1b\u202e]")
        self.assertEqual(written.count("\n"), 1)
        self.assertEqual(written.count("a\\x1b[2J\\nb\\u202e"), 5)


class Terminal(ConsoleTest):
    def setUp(self) -> None:
        super().setUp()
        self.console = console(self.stream, is_terminal=True)

    def test_the_status_is_one_line_kept_up_to_date(self) -> None:
        self.console.plain("Listening on 127.0.0.1:2428")
        for now in (0, 1, 5, 10):
            self.console.status(float(now), 12 if now < 5 else 1, 3, float(now))
        self.assertEqual(
            on_screen(self.stream.getvalue()),
            ["Listening on 127.0.0.1:2428", "Running for 10 s: 1 person online, 3 messages so far."],
        )

    def test_it_is_wiped_away_before_another_line(self) -> None:
        self.console.status(0.0, 1, 3, 0.0)
        self.console.tell([Movement(came="ada")], ["ada"], 1)
        self.assertEqual(on_screen(self.stream.getvalue()), ["12:00:00  ada joined. Online (1): ada", ""])
        self.console.status(5.0, 1, 3, 5.0)
        self.console.finish()
        self.console.finish()
        self.console.line("Stopped.")
        self.assertEqual(
            on_screen(self.stream.getvalue())[1:],
            ["Running for 5 s: 1 person online, 3 messages so far.", "12:00:00  Stopped.", ""],
        )

    def test_it_never_wraps(self) -> None:
        with mock.patch.dict(os.environ, {"COLUMNS": "19"}):
            self.console.status(0.0, 1, 3, 0.0)
        self.assertEqual(on_screen(self.stream.getvalue()), ["Running for 0 s: 1 person online"[:18]])

    def test_log_records_are_lines_too(self) -> None:
        handler = ConsoleHandler(self.console)
        record = logging.LogRecord("x", logging.WARNING, "", 0, "Out of %s", ("file descriptors",), None)
        self.console.status(0.0, 1, 3, 0.0)
        handler.emit(record)
        self.assertEqual(on_screen(self.stream.getvalue()), ["Out of file descriptors", ""])


class Failing(ConsoleTest):
    def assert_silenced(self, stream: io.TextIOBase, *, is_terminal: bool) -> None:
        quiet = console(stream, is_terminal=is_terminal)
        with self.assertLogs("chat_core.server.console", logging.WARNING) as logs:
            quiet.plain("x")
        self.assertEqual(len(logs.output), 1)
        self.assertTrue(quiet.is_silent)
        # From here on nothing is written, logged or raised.
        quiet.line("x")
        quiet.status(0.0, 1, 1, 1.0)
        quiet.tell([Movement(came="ada")], ["ada"], 1)
        quiet.finish()
        ConsoleHandler(quiet).emit(logging.LogRecord("x", logging.WARNING, "", 0, "x", (), None))

    def test_a_closed_stream_silences_it_and_nothing_else(self) -> None:
        self.stream.close()
        for is_terminal in (False, True):
            self.assert_silenced(self.stream, is_terminal=is_terminal)

    def test_a_broken_pipe_is_tried_once(self) -> None:
        stream = BrokenStream()
        self.assert_silenced(stream, is_terminal=True)
        self.assertEqual(stream.attempts, 1)

    def test_a_name_that_the_stream_cannot_spell_does_not_silence_it(self) -> None:
        # As where the locale is C, or the output of a Windows program goes to a file.
        written = io.BytesIO()
        stream = io.TextIOWrapper(written, encoding="ascii", write_through=True)
        narrow = console(stream, is_terminal=False)
        narrow.tell([Movement(came="Zoë")], ["Zoë"], 1)
        narrow.tell([Movement(went="Zoë")], ["ada"], 1)
        self.assertFalse(narrow.is_silent)
        self.assertIn(b"Online (1): ada", written.getvalue())


class Spelling(unittest.TestCase):
    def test_names(self) -> None:
        names = [str(number) for number in range(12)]
        self.assertEqual(spell_names(names[:1]), "0")
        self.assertEqual(spell_names(names[:2]), "0 and 1")
        self.assertEqual(spell_names(names[:10]), "0, 1, 2, 3, 4, 5, 6, 7, 8 and 9")
        self.assertEqual(spell_names(names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more")
        self.assertEqual(spell_names(names[:10], 9_000), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 8990 more")

    def test_durations(self) -> None:
        for seconds, spelled in [
            (0.9, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3_599, "59 min 59 s"), (3_600, "1 h 0 min"),
            (86_399, "23 h 59 min"), (86_400, "1 d 0 h"), (90_000 * 10, "10 d 10 h"),
        ]:  # fmt: skip
            with self.subTest(seconds):
                self.assertEqual(spell_duration(seconds), spelled)


if __name__ == "__main__":
    unittest.main()
