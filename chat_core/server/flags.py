"""What a server is told when it is started: its flags, and the two questions for what no flag says.

Everything is checked here, and a mistake explained: in a flag on stderr with exit status 2, in an answer beside the
question, which is asked again. What comes of it is `cli`.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path
from typing import Callable, Sequence

import chat_core
from chat_core import limits
from chat_core.command_line import add_language_flag
from chat_core.language import _

__all__ = ["IN_MEMORY", "read_options"]

#: Instead of a folder: nothing is kept.
IN_MEMORY = ":memory:"
_DEFAULT_HOST = "0.0.0.0"  # noqa: S104 - to be reachable is what a chat server is for


def read_options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line (that of the process unless given), ask for what it leaves out, and return it all checked.

    Raises SystemExit where the command line is wrong, or asks for nothing but the help or the version.
    """
    options = _parser().parse_args(argv)
    if options.host is None:
        options.host = _ask(_("Address to listen on"), _DEFAULT_HOST, _host)
    if options.port is None:
        options.port = _ask(_("Port"), str(limits.DEFAULT_PORT), _port)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chat-server",
        description=_("Run a chat server. Without --host and --port it asks for the address and the port."),
    )
    add = parser.add_argument
    add(
        "--host", type=_flag(_host),
        help=_("address to listen on (asked for; {every} is every network)").format(every=_DEFAULT_HOST),
    )  # fmt: skip
    add(
        "--port", type=_flag(_port),
        help=_("port to listen on (asked for, default {port}; 0: any free one)").format(port=limits.DEFAULT_PORT),
    )  # fmt: skip
    add(
        "--data", type=_flag(_folder), metavar=_("DIR"),
        help=_("where everything is kept (a folder of yours); {nowhere} keeps nothing").format(nowhere=IN_MEMORY),
    )  # fmt: skip
    add(
        "--title", default="Chat", type=_flag(_title),
        help=_("the name of this server, shown to everybody (%(default)s)"),
    )  # fmt: skip
    add(
        "--backlog", type=_flag(_between(1, 65_535)), default=limits.BACKLOG_DEFAULT,
        help=_("callers that may wait (%(default)s)"),
    )  # fmt: skip
    add(
        "--max-clients", type=_flag(_between(1, 1_000_000)), default=limits.CLIENTS_MAX_DEFAULT, metavar="N",
        help=_("connections at the same time (%(default)s)"),
    )  # fmt: skip
    add(
        "--rate", type=_flag(_not_negative), default=limits.RATE_PER_S_DEFAULT, metavar="N",
        help=_("posts a second and person above which a connection is read more slowly; 0: no limit (%(default)s)"),
    )  # fmt: skip
    add(
        "--keep", type=_flag(_positive), metavar=_("DAYS"),
        help=_("delete messages that are older, for good (default: keep all)"),
    )  # fmt: skip
    add(
        "--keep-messages", type=_flag(_between(1, 10**12)), metavar="N",
        help=_("delete all but the newest N messages of each room, for good (default: keep all)"),
    )  # fmt: skip
    add(
        "--sync", choices=("full", "normal"), default="full",
        help=_("full: a message told is on disk; normal: faster, but a power cut may lose the last ones (%(default)s)"),
    )  # fmt: skip
    add("--no-typing", action="store_true", help=_("tell nobody who is writing and who is away"))
    add(
        "--status-every", type=_flag(_not_negative), default=5.0, metavar=_("SECONDS"),
        help=_("how often to say how it stands; 0: never (%(default)s)"),
    )  # fmt: skip
    add(
        "--ready-file", type=_flag(_file), metavar=_("FILE"),
        help=_("say there, as JSON, where it listens, once it does; deleting that file stops the server"),
    )  # fmt: skip
    add("--log-level", choices=("debug", "info", "warning", "error"), default="warning", help="(%(default)s)")
    add_language_flag(parser)
    add("--version", action="version", version=f"chat-core {chat_core.__version__}", help=_("show the version"))
    return parser


def _ask(question: str, default: str, check: Callable[[str], object]) -> object:
    """Ask until the answer is good. Enter, or the end of input, means the default."""
    while True:
        try:
            answer = input(f"{question} [{default}]: ").strip()
            if sys.stdin is None or not sys.stdin.isatty():
                print()  # where nobody pressed Enter the next line would run on
        except (EOFError, RuntimeError):  # RuntimeError: there is no stdin at all
            print()
            return check(default)
        try:
            return check(answer or default)
        except ValueError as error:
            print(f"  {error}")


def _flag(check: Callable[[str], object]) -> Callable[[str], object]:
    """Turn a check into what argparse wants."""

    def convert(text: str) -> object:
        try:
            return check(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _host(text: str) -> str:
    try:
        if text.isdecimal():  # the system would take 2428 for 0.0.9.124
            raise OSError
        socket.getaddrinfo(text, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        sentence = _(
            "{text!r} is no address that is known here. It looks like 0.0.0.0 (every network), 127.0.0.1 (this "
            "computer only) or 192.168.1.20."
        )
        raise ValueError(sentence.format(text=text)) from None
    return text


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65_535:
        sentence = _("{text!r} is no port. A port is a number from 1 to 65535, or 0 for any free one.")
        raise ValueError(sentence.format(text=text))
    return port


def _folder(text: str) -> str | Path:
    if text == IN_MEMORY:
        return text
    if not text:
        raise ValueError(_("A folder has a name."))
    try:
        return Path(os.path.abspath(Path(text).expanduser()))
    except RuntimeError as error:
        raise ValueError(_("{text!r} is no folder: {reason}").format(text=text, reason=error)) from None


def _file(text: str) -> Path:
    return Path(_folder(text))


def _title(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > limits.ROOM_CHARS_MAX:
        raise ValueError(_("A title has 1 to {most} printable characters.").format(most=limits.ROOM_CHARS_MAX))
    return text.strip()


def _between(least: int, most: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
            sentence = _("{text!r} is no whole number from {least} to {most}.")
            raise ValueError(sentence.format(text=text, least=least, most=most))
        return int(text)

    return check


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(_("{text!r} is no number from 0 on.").format(text=text))
    return number


def _positive(text: str) -> float:
    number = _not_negative(text)
    if not number:
        raise ValueError(_("{text!r} is no number above 0.").format(text=text))
    return number
