"""What a server is told when it is started: prompts and flags, what they mean when left out, and mistakes in them."""

from __future__ import annotations

import contextlib
import io
import unittest
from unittest import mock

from chat_core import limits
from chat_core.server.cli import main
from tests.serving import HOST, ServerProcess, run_server


class Prompts(unittest.TestCase):
    def start(self, typed: bytes, *arguments: str) -> ServerProcess:
        return ServerProcess(self, "--data", ":memory:", *arguments, typed=typed)

    def stop_well(self, server: ServerProcess) -> None:
        self.assertEqual((server.stop(), server.errors()), (0, ""))

    def test_answers(self) -> None:
        server = self.start(b"127.0.0.1\n0\n")
        self.assertIn("Address to listen on [0.0.0.0]: ", server.output)
        self.assertIn(f"Port [{limits.DEFAULT_PORT}]: ", server.output)
        self.assertEqual(server.address[0], HOST)
        self.assertNotEqual(server.address[1], limits.DEFAULT_PORT)
        self.stop_well(server)

    def test_bad_answers_are_explained_and_asked_again(self) -> None:
        server = self.start(b"no such host\n127.0.0.1\neighty\n70000\n-1\n 0 \n")
        self.assertEqual(server.output.count("Address to listen on"), 2)
        self.assertEqual(server.output.count("Port ["), 4)
        self.assertIn("'no such host' is no address that is known here", server.output)
        for answer in ("eighty", "70000", "-1"):
            self.assertIn(f"'{answer}' is no port. A port is a number from 1 to 65535", server.output)
        self.stop_well(server)

    def test_an_answer_that_is_no_text_is_a_bad_answer(self) -> None:
        server = self.start(b"\xff\xfe\x00\n127.0.0.1\n0\n")
        self.assertEqual(server.output.count("Address to listen on"), 2)
        self.stop_well(server)

    def test_only_what_no_flag_says_is_asked(self) -> None:
        for arguments, typed, asked in [
            (("--host", HOST), b"0\n", ["Port"]),
            (("--port", "0"), b"127.0.0.1\n", ["Address"]),
            (("--host", HOST, "--port", "0"), b"", []),
        ]:
            with self.subTest(arguments):
                server = self.start(typed, *arguments)
                self.assertEqual(
                    [word for word in ("Address", "Port") if f"{word} " in server.output.split("Listening")[0]], asked
                )
                self.stop_well(server)

    def test_the_line_that_says_that_it_listens_stands_alone(self) -> None:
        server = self.start(b"127.0.0.1\n0\n")
        self.assertIn(f"Listening on {HOST}:{server.address[1]}", server.output.splitlines())
        self.stop_well(server)


class Defaults(unittest.TestCase):
    """What Enter and the end of input mean.

    The default is every network and a fixed port, on which no test may listen: so here they meet a port that is
    out of reach (--port) or a folder that cannot be used, which is looked at first.
    """

    def run_main(self, typed: str, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        stdin = mock.patch("sys.stdin", io.StringIO(typed))
        with stdin, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(["--data", __file__, *arguments])
        return status, out.getvalue(), err.getvalue()

    def test_enter_and_the_end_of_input_take_the_default(self) -> None:
        for typed in ("\n\n", "\n", "", "  \n \n"):
            with self.subTest(repr(typed)):
                status, out, err = self.run_main(typed)
                self.assertEqual(status, 1)
                self.assertEqual((out.count("Address to listen on [0.0.0.0]: "), out.count("Port [2428]: ")), (1, 1))
                self.assertIn("--data", err, "both questions were answered, and then came the folder")

    def test_a_bad_answer_and_then_the_end_of_input(self) -> None:
        status, out, _ = self.run_main("nonsense here\n", "--port", "0")
        self.assertEqual((status, out.count("Address to listen on")), (1, 2))


class Flags(unittest.TestCase):
    def exit_of(self, *arguments: str) -> tuple[object, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), self.assertRaises(SystemExit) as caught:
            main(arguments)
        return caught.exception.code, out.getvalue(), err.getvalue()

    def test_bad_ones(self) -> None:
        for arguments in [
            ("--port", "70000"), ("--port", "-1"), ("--port", "http"), ("--port",), ("--host", "no such host"),
            ("--host", ""), ("--title", ""), ("--title", "a\x1bb"), ("--title", "x" * 65), ("--backlog", "0"),
            ("--max-clients", "0"), ("--max-clients", "many"), ("--rate", "-1"), ("--rate", "nan"), ("--rate", "inf"),
            ("--sync", "half"), ("--status-every", "-5"), ("--status-every", "soon"), ("--log-level", "loud"),
            ("--nonsense",), ("stray",),
        ]:  # fmt: skip
            with self.subTest(arguments):
                status, out, err = self.exit_of(*arguments)
                self.assertEqual((status, out), (2, ""))
                self.assertIn("usage: chat-server", err)
                self.assertIn(arguments[0], err)

    def test_in_a_process_too(self) -> None:
        done = run_server("--port", "70000")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"'70000' is no port", done.stderr)
        self.assertNotIn(b"Traceback", done.stderr)

    def test_help_names_every_flag(self) -> None:
        status, out, _ = self.exit_of("--help")
        self.assertEqual(status, 0)
        for flag in (
            "--host", "--port", "--data", "--title", "--backlog", "--max-clients", "--rate", "--sync", "--no-typing",
            "--status-every", "--log-level", "--version",
        ):  # fmt: skip
            self.assertIn(flag, out)

    def test_version(self) -> None:
        status, out, _ = self.exit_of("--version")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\Achat-core \d+\.\d+\.\d+\n\Z")


if __name__ == "__main__":
    unittest.main()
