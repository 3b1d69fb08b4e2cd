"""Care for a server's data, from the command line: `python3 -m chat_core.server check|backup`.

Exit status: 0 when all is well, 1 when it is not (in words), 2 for a command line that means nothing. The server
itself is started by `cli`.
"""

from __future__ import annotations

import argparse
import io
import secrets
import signal
import sys
from pathlib import Path
from typing import Sequence

from chat_core.command_line import add_language_flag, speak_as_asked
from chat_core.errors import reason_of
from chat_core.escape import escape_line
from chat_core.language import _, ngettext
from chat_core.server.backup import BackupFailure, back_up
from chat_core.server.inspection import inspect, log_file, who_may_read

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    speak_as_asked(argv)
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        data = Path(options.data).expanduser()
        return _check(data) if options.command == "check" else _backup(data, Path(options.file).expanduser())
    except OSError as error:
        print(_("It cannot be read: {reason}.").format(reason=escape_line(reason_of(error))), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 128 + signal.SIGINT  # as a shell reports it


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m chat_core.server",
        description=_(
            "Care for a chat server's data, also while the server is running. To start a server: chat-server."
        ),
    )
    add_language_flag(parser)
    commands = parser.add_subparsers(dest="command", metavar=_("COMMAND"))
    check = commands.add_parser(
        "check", help=_("verify a data folder"), description=_("Verify a data folder; change nothing.")
    )
    check.add_argument("data", metavar=_("DATA"), help=_("the server's data folder, or a backup"))
    backup = commands.add_parser(
        "backup",
        help=_("make a consistent copy"),
        description=_("Copy everything into one new file. To restore it, put it into an empty folder as chat.db."),
    )
    backup.add_argument("data", metavar=_("DATA"), help=_("the server's data folder"))
    backup.add_argument("file", metavar=_("FILE"), help=_("the copy to make; it must not be there yet"))
    return parser


def _check(data: Path) -> int:
    path = log_file(data)
    shown = escape_line(str(path))
    if not path.exists():
        print(_("{path} is not there.").format(path=shown), file=sys.stderr)
        return 1
    for warning in who_may_read(data):
        print(_("Warning: {warning}").format(warning=warning))
    report = inspect(path)
    if not report.fault_count:
        print(_("{path} is in order: {contents}.").format(path=shown, contents=report.contents))
        return 0
    print(_("{path} is not in order:").format(path=shown))
    for fault in report.faults:
        print(f"- {fault}")
    more = report.fault_count - len(report.faults)
    if more > 0:
        print(ngettext("- and {count} more", "- and {count} more", more).format(count=more))
    print(_("Stop the server, keep a copy of the folder as it is, and put a backup in its place."))
    return 1


def _backup(data: Path, target: Path) -> int:
    try:
        report = back_up(log_file(data), target, secrets.token_urlsafe(12))
    except BackupFailure as failure:
        print(escape_line(_("No backup was made. {reason}").format(reason=failure)), file=sys.stderr)
        return 1
    print(_("{path} is a backup: {contents}.").format(path=escape_line(str(target)), contents=report.contents))
    return 0


if __name__ == "__main__":
    sys.exit(main())
