"""The command line of the window: flags in, an exit status out. What the window does is `app`'s business."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Sequence

from chat_core import __version__, limits
from chat_core.client.link import open_link
from chat_core.client.settings import ServerMemory
from chat_core.command_line import add_language_flag, speak_as_asked
from chat_core.folders import user_data_folder
from chat_core.language import N_, _, spoken
from chat_core.ui.desktop.glyphs import GlyphProbe, drawn_by
from chat_core.ui.desktop.surroundings import Desktop
from chat_core.ui.memory import Memory
from chat_core.ui.model.contract import Remembered
from chat_core.ui.model.details import Problems, check_details

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.app import App
    from chat_core.ui.model.contract import ChatLink

__all__ = ["main", "read_flags"]


_NO_TKINTER = N_("This Python has no tkinter, which draws the window. On Debian and Ubuntu: apt install python3-tk")
_NO_DISPLAY = N_(
    "No window can be opened here: {reason}. Start this on a desktop; on Debian the window needs python3-tk."
)

_OLD_TK = N_("This Python draws with Tk {version}, and the window needs 8.6.6 or later: use a Python from python.org.")
#: The first whose Text can colour the margin of a row.
_TK_MIN = (8, 6, 6)


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and return when it is closed: 0, or 1 when it cannot be opened. Bad flags exit with 2."""
    speak_as_asked(argv)
    flags = read_flags(argv)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        import tkinter as tk  # noqa: PLC0415 - this Python may not have it, and then says so
    except ImportError:
        print(_(_NO_TKINTER), file=sys.stderr)
        return 1
    from chat_core.ui.view.theme import make_sharp  # noqa: PLC0415 - imports tkinter

    make_sharp()
    try:
        root = tk.Tk(className="Chat")
    except tk.TclError as error:
        print(_(_NO_DISPLAY).format(reason=str(error).rstrip(".")), file=sys.stderr)
        return 1
    version = str(root.tk.call("set", "::tk_patchLevel"))
    if _numbers_of(version) < _TK_MIN:
        root.destroy()
        print(_(_OLD_TK).format(version=version), file=sys.stderr)
        return 1
    data = flags.data or user_data_folder("client")
    memory = Memory(data)
    if flags.lang is None and memory.settings.language:
        speak_as_asked([], memory.settings.language)
    _run(_make_app(root, memory, flags, data), flags)
    return 0


def read_flags(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read and check the flags. What is wrong with them is printed, and SystemExit(2) raised."""
    parser = argparse.ArgumentParser(description=_("The window of the chat."))  # under the name it was started by
    parser.add_argument("--host", help=_("address of the server, or address:port"))
    parser.add_argument("--port", type=int, help=_("its port (usually {port})").format(port=limits.DEFAULT_PORT))
    parser.add_argument("--name", help=_("what you want to be called"))
    parser.add_argument("--room", action="append", default=[], help=_("a room to join; may be given again"))
    parser.add_argument("--data", type=_folder, help=_("folder for what is kept (default: your user data folder)"))
    add_language_flag(parser)
    parser.add_argument("--version", action="version", version=f"chat-core {__version__}", help=_("show the version"))
    flags = parser.parse_args(argv)
    checked = check_details(
        "localhost" if flags.host is None else flags.host,
        str(limits.DEFAULT_PORT if flags.port is None else flags.port),
        "somebody" if flags.name is None else flags.name,
    )
    if isinstance(checked, Problems):
        parser.error(checked.host or checked.port or checked.name)
    return flags


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise argparse.ArgumentTypeError(_("{text!r} is no folder: {reason}").format(text=text, reason=error)) from None


def _numbers_of(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))


def _make_app(root: tk.Tk, memory: Memory, flags: argparse.Namespace, data: Path) -> App:
    from chat_core.ui.app import App  # noqa: PLC0415 - imports tkinter

    # Tk's own dialogs speak the language of the environment, which may be another one.
    root.tk.call("::msgcat::mclocale", spoken())
    root.tk.call("::msgcat::mcload", f"{root.tk.call('set', '::tk_library')}/msgs")
    glyphs = _make_probe(root, memory)
    last = memory.recents()[0] if memory.recents() else ServerMemory("", limits.DEFAULT_PORT, "")
    filled_in = Remembered(
        host=last.host if flags.host is None else flags.host,
        port=last.port if flags.port is None else flags.port,
        name=last.name if flags.name is None else flags.name,
    )

    def link_to(host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        return open_link(host, port, name, data=data, rooms=rooms)

    desktop = Desktop.of_this_computer(glyphs, user_data_folder("server"))
    return App(root, link_to, memory, desktop, filled_in, rooms=flags.room)


def _make_probe(root: tk.Tk, memory: Memory) -> GlyphProbe:
    """Make the probe for emoji, with the answer of an earlier run if what draws them has not changed since."""
    if root.tk.call("tk", "windowingsystem") != "x11" or float(root.tk.call("set", "tk_version")) >= 8.7:
        return GlyphProbe(is_at_risk=False)
    drawing = drawn_by(str(root.tk.call("info", "patchlevel")))
    return GlyphProbe(is_at_risk=True, drawn_by=drawing, remembered=memory.settings.emoji)


def _run(app: App, flags: argparse.Namespace) -> None:
    if None not in (flags.host, flags.port, flags.name):
        app.form.submit()
    try:
        app.root.mainloop()
    except KeyboardInterrupt:
        app.close()  # Ctrl+C in the terminal, between two callbacks
