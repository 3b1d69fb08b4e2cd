"""The server as a program: what it was told (`flags`) in, one running server out.

Here the real clock, disk, network and signals are put together; what they do then is `app`. Whatever keeps it
from starting is one sentence on stderr and exit status 1.
"""

from __future__ import annotations

import io
import logging
import os
import secrets
import selectors
import signal
import sys
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Sequence

from chat_core.command_line import speak_as_asked
from chat_core.errors import StartFailure, StorageError, reason_of
from chat_core.folders import user_data_folder
from chat_core.language import _, ngettext
from chat_core.net.address import spell_address
from chat_core.net.clock import wall_unix_ms
from chat_core.net.listener import Listener
from chat_core.net.loop import Loop, WakeUp
from chat_core.server.addresses import reachable_addresses
from chat_core.server.app import App
from chat_core.server.console import NAMES_SHOWN, Console, ConsoleHandler
from chat_core.server.flags import IN_MEMORY, read_options
from chat_core.server.folder import DataFolder
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from chat_core.server.ready_file import ReadyFile
from chat_core.server.retention import KEEP_ALL, Retention

if TYPE_CHECKING:
    import argparse

if sys.platform != "win32":
    import resource

__all__ = ["main"]

#: SIGHUP comes when the terminal is closed, SIGBREAK when a console window on Windows is.
_STOP_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]

#: Descriptors that are not connections: the log's files, the listener, the selector, and room for the unforeseen.
_DESCRIPTORS_KEPT = 64
#: select() on Windows takes 512 sockets (FD_SETSIZE in CPython).
_WINDOWS_SOCKETS_MAX = 512


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until it is stopped and return the exit status."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)  # what a terminal cannot show or say is no reason to stop
    speak_as_asked(argv)
    try:
        return _serve(read_options(argv))
    except OSError as error:  # no descriptors or no memory left for what every server needs
        sentence = _("The server cannot go on: {reason}. Close other programs and start it again.")
        print(sentence.format(reason=reason_of(error)), file=sys.stderr)
        return StartFailure.exit_status
    except StartFailure as failure:
        print(_("The server cannot start. {reason}").format(reason=failure), file=sys.stderr)
        return StartFailure.exit_status
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 128 + signal.SIGINT  # as a shell reports it


def _serve(options: argparse.Namespace) -> int:
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
        hub_options = HubOptions(
            title=options.title, rate_per_s=options.rate, retention=retention, has_ephemeral=not options.no_typing
        )
        try:
            hub = Hub(log, hub_options, lambda: secrets.token_urlsafe(24))
        except StorageError as error:
            sentence = _("The log cannot be read ({reason}). {where}: check that disk, and start again.")
            raise StartFailure(sentence.format(reason=error, where=where)) from error
        listener = Listener(options.host, options.port, options.backlog)
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
        ready = _tell_ready(options, listener.address, cleanup)
        _run(app, hub, console, ready)
    is_kept = options.data != IN_MEMORY
    console.line(_("Stopped. Everything that was accepted is stored.") if is_kept else _("Stopped."))
    if console.is_silent:
        _drop_stdout()
    return 0


def _drop_stdout() -> None:
    """Point stdout nowhere: what is still buffered for a reader that has gone would make Python exit with 120."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _run(app: App, hub: Hub, console: Console, ready: ReadyFile | None) -> None:
    began = time.monotonic()
    while app.is_running:
        if ready is not None and ready.is_gone():
            ready = None
            app.stop()
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
    if options.data == IN_MEMORY:
        log = SqliteLog(None, secrets.token_urlsafe(12), is_synchronous=is_synchronous)
        cleanup.callback(log.close)
        return log, _("Nothing is kept: when the server stops, the conversations are gone.")
    folder = DataFolder(user_data_folder("server") if options.data is None else options.data)
    cleanup.callback(folder.close)
    log = SqliteLog(folder.log_path, secrets.token_urlsafe(12), is_synchronous=is_synchronous)
    cleanup.callback(log.close)
    return log, _("Everything is kept in {folder}").format(folder=folder.path)


def _announce(console: Console, address: tuple[str, int], where: str, retention: Retention) -> None:
    host, port = address
    here = spell_address(host, port)
    console.plain(_("Listening on {address}").format(address=here))
    others = [spell_address(own, port) for own in reachable_addresses(host)]
    if others:
        choice = others[0]
        for other in others[1:]:
            choice = _("{one} or {another}").format(one=choice, another=other)
        console.plain(_("The others connect to {addresses}").format(addresses=choice))
    else:
        console.plain(_("Only this computer can connect, to {address}").format(address=here))
    console.plain(where)
    if retention != KEEP_ALL:
        console.plain(_spell_retention(retention))
    console.plain(_("Stop it with Ctrl+C."))


def _spell_retention(retention: Retention) -> str:
    beyond = "" if retention.messages is None else str(retention.messages)
    if retention.days is None:
        return _("Messages are deleted beyond the newest {count} of their room.").format(count=beyond)
    # A fraction of a day is spoken of as several.
    age = ngettext("{days} day", "{days} days", 1 if retention.days == 1 else 2).format(days=f"{retention.days:g}")
    if beyond:
        sentence = _("Messages are deleted after {age} and beyond the newest {count} of their room.")
        return sentence.format(age=age, count=beyond)
    return _("Messages are deleted after {age}.").format(age=age)


def _tell_ready(options: argparse.Namespace, address: tuple[str, int], cleanup: ExitStack) -> ReadyFile | None:
    if options.ready_file is None:
        return None
    ready = ReadyFile(options.ready_file)
    ready.write(options.title, address, reachable_addresses(address[0]))
    cleanup.callback(ready.remove)
    return ready


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
        sentence = _("The system lets this server have {allowed} connections, not the {wanted} asked for.")
        console.plain(sentence.format(allowed=allowed, wanted=wanted))
    return min(allowed, wanted)


if __name__ == "__main__":  # as the window starts it
    sys.exit(main())
