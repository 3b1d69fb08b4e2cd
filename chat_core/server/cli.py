"""The server as a program: flags and prompts in, one running server out.

Here the real clock, disk, network and signals are put together; what they do then is `app`. Whatever keeps it
from starting is one sentence on stderr and exit status 1, a bad flag exit status 2.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import secrets
import selectors
import signal
import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Callable, Sequence

import chat_core
from chat_core import limits
from chat_core.errors import StartFailure, StorageError, reason_of
from chat_core.folders import user_data_folder
from chat_core.net.address import spell_address
from chat_core.net.clock import wall_unix_ms
from chat_core.net.listener import Listener
from chat_core.net.loop import Loop, WakeUp
from chat_core.server.addresses import reachable_addresses
from chat_core.server.app import App
from chat_core.server.console import NAMES_SHOWN, Console, ConsoleHandler
from chat_core.server.folder import DataFolder
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from chat_core.server.retention import KEEP_ALL, Retention

if sys.platform != "win32":
    import resource

__all__ = ["main"]

#: SIGHUP comes when the terminal is closed, SIGBREAK when a console window on Windows is.
_STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]

_DEFAULT_HOST = "0.0.0.0"  # noqa: S104 - to be reachable is what a chat server is for
_IN_MEMORY = ":memory:"
#: Descriptors that are not connections: the log's files, the listener, the selector, and room for the unforeseen.
_DESCRIPTORS_KEPT = 64
#: select() on Windows takes 512 sockets (FD_SETSIZE in CPython).
_WINDOWS_SOCKETS_MAX = 512


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until it is stopped and return the exit status."""
    options = _parser().parse_args(argv)
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)  # what a terminal cannot show or say is no reason to stop
    try:
        host = _ask("Address to listen on", _DEFAULT_HOST, _host) if options.host is None else options.host
        port = _ask("Port", str(limits.DEFAULT_PORT), _port) if options.port is None else options.port
        return _serve(options, host, port)
    except OSError as error:  # no descriptors or no memory left for what every server needs
        print(f"The server cannot go on: {reason_of(error)}. Close other programs and start it again.", file=sys.stderr)
        return StartFailure.exit_status
    except StartFailure as failure:
        print(f"The server cannot start. {failure}", file=sys.stderr)
        return StartFailure.exit_status
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 128 + signal.SIGINT  # as a shell reports it


# --- flags and prompts ---


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chat-server",
        description="Run a chat server. Without --host and --port it asks for the address and the port.",
    )
    add = parser.add_argument
    add("--host", type=_flag(_host), help=f"address to listen on (asked for; {_DEFAULT_HOST} is every network)")
    add(
        "--port",
        type=_flag(_port),
        help=f"port to listen on (asked for, default {limits.DEFAULT_PORT}; 0: any free one)",
    )
    add(
        "--data",
        type=_flag(_folder),
        metavar="DIR",
        help=f"where everything is kept (a folder of yours); {_IN_MEMORY} keeps nothing",
    )
    add("--title", default="Chat", type=_flag(_title), help="the name of this server, shown to everybody (%(default)s)")
    add(
        "--backlog",
        type=_flag(_between(1, 65_535)),
        default=limits.BACKLOG_DEFAULT,
        help="callers that may wait (%(default)s)",
    )
    add(
        "--max-clients", type=_flag(_between(1, 1_000_000)), default=limits.CLIENTS_MAX_DEFAULT, metavar="N",
        help="connections at the same time (%(default)s)",
    )  # fmt: skip
    add(
        "--rate", type=_flag(_not_negative), default=limits.RATE_PER_S_DEFAULT, metavar="N",
        help="posts a second and person above which a connection is read more slowly; 0: no limit (%(default)s)",
    )  # fmt: skip
    add(
        "--keep", type=_flag(_positive), metavar="DAYS",
        help="delete messages that are older, for good (default: keep all)",
    )  # fmt: skip
    add(
        "--keep-messages", type=_flag(_between(1, 10**12)), metavar="N",
        help="delete all but the newest N messages of each room, for good (default: keep all)",
    )  # fmt: skip
    add(
        "--sync", choices=("full", "normal"), default="full",
        help="full: a message told is on disk; normal: faster, but a power cut may lose the last ones (%(default)s)",
    )  # fmt: skip
    add(
        "--status-every", type=_flag(_not_negative), default=5.0, metavar="SECONDS",
        help="how often to say how it stands; 0: never (%(default)s)",
    )  # fmt: skip
    add("--log-level", choices=("debug", "info", "warning", "error"), default="warning", help="(%(default)s)")
    add("--version", action="version", version=f"chat-core {chat_core.__version__}")
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
        raise ValueError(
            f"{text!r} is no address that is known here. It looks like 0.0.0.0 (every network), 127.0.0.1 (this "
            "computer only) or 192.168.1.20."
        ) from None
    return text


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65_535:
        raise ValueError(f"{text!r} is no port. A port is a number from 1 to 65535, or 0 for any free one.")
    return port


def _folder(text: str) -> str | Path:
    if text == _IN_MEMORY:
        return text
    if not text:
        raise ValueError("A folder has a name.")
    try:
        return Path(os.path.abspath(Path(text).expanduser()))
    except RuntimeError as error:
        raise ValueError(f"{text!r} is no folder: {error}") from None


def _title(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > limits.ROOM_CHARS_MAX:
        raise ValueError(f"A title has 1 to {limits.ROOM_CHARS_MAX} printable characters.")
    return text.strip()


def _between(least: int, most: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        if not text.isdecimal() or len(text) > len(str(most)) or not least <= int(text) <= most:
            raise ValueError(f"{text!r} is no whole number from {least} to {most}.")
        return int(text)

    return check


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text!r} is no number from 0 on.")
    return number


def _positive(text: str) -> float:
    number = _not_negative(text)
    if not number:
        raise ValueError(f"{text!r} is no number above 0.")
    return number


# --- the running server ---


def _serve(options: argparse.Namespace, host: object, port: object) -> int:
    console = Console(
        sys.stdout,
        is_terminal=sys.stdout.isatty(),
        status_every_s=options.status_every,
        time_of_day=lambda: time.strftime("%H:%M:%S"),
    )
    _set_up_logging(console, options.log_level)
    with ExitStack() as cleanup:
        log, where = _open_log(options, cleanup)
        retention = Retention(options.keep, options.keep_messages)
        hub_options = HubOptions(title=options.title, rate_per_s=options.rate, retention=retention)
        try:
            hub = Hub(log, hub_options, lambda: secrets.token_urlsafe(24))
        except StorageError as error:
            raise StartFailure(
                f"The log cannot be read ({error}). {where}: check that disk, and start again."
            ) from error
        listener = Listener(str(host), int(str(port)), options.backlog)
        cleanup.callback(listener.close)
        wake_up = WakeUp()
        app = App(
            door=listener,
            hub=hub,
            log=log,
            loop=Loop(selectors.DefaultSelector()),
            wake_up=wake_up,
            clock=time.monotonic,
            wall_clock=wall_unix_ms,
            clients_max=_capacity(options.max_clients, console),
        )
        cleanup.callback(app.close)
        _stop_on_signals(app, wake_up, cleanup)
        _announce(console, listener.address, where, retention)
        _run(app, hub, console)
    console.line("Stopped. Everything that was accepted is stored." if options.data != _IN_MEMORY else "Stopped.")
    if console.is_silent:
        _drop_stdout()
    return 0


def _drop_stdout() -> None:
    """Point stdout nowhere: what is still buffered for a reader that has gone would make Python exit with 120."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _run(app: App, hub: Hub, console: Console) -> None:
    began = time.monotonic()
    while app.is_running:
        now = time.monotonic()
        for trouble in dict.fromkeys(hub.troubles):
            logging.getLogger(__name__).warning("%s", trouble)
        hub.troubles.clear()
        if hub.movements:
            movements, hub.movements = hub.movements, []
            console.tell(movements, hub.people.names(NAMES_SHOWN), len(hub.people))
        console.status(now, len(hub.people), hub.messages_stored, now - began)
        app.tick()
    console.finish()


def _open_log(options: argparse.Namespace, cleanup: ExitStack) -> tuple[SqliteLog, str]:
    """Open the log and say where it is. It is closed before its folder is given free."""
    is_synchronous = options.sync == "full"
    if options.data == _IN_MEMORY:
        log = SqliteLog(None, secrets.token_urlsafe(12), is_synchronous=is_synchronous)
        cleanup.callback(log.close)
        return log, "Nothing is kept: when the server stops, the conversations are gone."
    folder = DataFolder(user_data_folder("server") if options.data is None else options.data)
    cleanup.callback(folder.close)
    log = SqliteLog(folder.log_path, secrets.token_urlsafe(12), is_synchronous=is_synchronous)
    cleanup.callback(log.close)
    return log, f"Everything is kept in {folder.path}"


def _announce(console: Console, address: tuple[str, int], where: str, retention: Retention) -> None:
    host, port = address
    console.plain(f"Listening on {spell_address(host, port)}")
    others = [spell_address(own, port) for own in reachable_addresses(host)]
    if others:
        console.plain(f"The others connect to {' or '.join(others)}")
    else:
        console.plain(f"Only this computer can connect, to {spell_address(host, port)}")
    console.plain(where)
    if retention != KEEP_ALL:
        bounds = []
        if retention.days is not None:
            bounds.append(f"after {retention.days:g} {'day' if retention.days == 1 else 'days'}")
        if retention.messages is not None:
            bounds.append(f"beyond the newest {retention.messages} of their room")
        console.plain(f"Messages are deleted {' and '.join(bounds)}.")
    console.plain("Stop it with Ctrl+C.")


def _stop_on_signals(app: App, wake_up: WakeUp, cleanup: ExitStack) -> None:
    """Stop gracefully at the first signal, at once at the second."""
    signals_seen = []

    def stop(number: int, _frame: object) -> None:
        signals_seen.append(number)
        if len(signals_seen) > 1:
            os._exit(128 + number)  # what is committed is on disk; nothing else is owed
        app.stop()

    for number in _STOP_SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN and number != signal.SIGINT:
            continue  # started with nohup: it is to outlive its terminal
        cleanup.callback(signal.signal, number, signal.signal(number, stop))
    # A handler alone does not end a select that is waiting: PEP 475 restarts it.
    cleanup.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(wake_up.sending_fileno, warn_on_full_buffer=False))


def _set_up_logging(console: Console, level: str) -> None:
    handler: logging.Handler = ConsoleHandler(console) if sys.stdout.isatty() else logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])


def _capacity(wanted: int, console: Console) -> int:
    """Return how many connections the system allows of those that are wanted, and say so when it is fewer."""
    if sys.platform == "win32":
        allowed = _WINDOWS_SOCKETS_MAX - _DESCRIPTORS_KEPT
    else:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = wanted + _DESCRIPTORS_KEPT
        if soft != resource.RLIM_INFINITY and soft < needed:
            raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
            # macOS knows a bound of its own below an unlimited hard limit, and says no: then it stays as it is.
            with suppress(ValueError, OverflowError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
                soft = raised
        allowed = wanted if soft == resource.RLIM_INFINITY else max(1, soft - _DESCRIPTORS_KEPT)
    if allowed < wanted:
        console.plain(f"The system lets this server have {allowed} connections, not the {wanted} asked for.")
    return min(allowed, wanted)
