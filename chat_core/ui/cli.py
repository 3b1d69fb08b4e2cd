"""The command line of the window: flags in, an exit status out. What the window does is `app`'s business."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Sequence

from chat_core import __version__, limits
from chat_core.client.link import open_link
from chat_core.folders import user_data_folder
from chat_core.ui.memory import FormMemory
from chat_core.ui.model.contract import Remembered
from chat_core.ui.model.details import Problems, check_details

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.model.contract import ChatLink

__all__ = ["main", "read_flags"]


_NO_TKINTER = "This Python has no tkinter, which draws the window. On Debian and Ubuntu: apt install python3-tk"
_NO_DISPLAY = "No window can be opened here: {reason}. Start this on a desktop; on Debian the window needs python3-tk."


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and return when it is closed: 0, or 1 when it cannot be opened. Bad flags exit with 2."""
    flags = read_flags(argv)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        import tkinter as tk  # noqa: PLC0415 - this Python may not have it, and then says so
    except ImportError:
        print(_NO_TKINTER, file=sys.stderr)
        return 1
    from chat_core.ui.view.theme import make_sharp  # noqa: PLC0415 - imports tkinter

    make_sharp()
    try:
        root = tk.Tk(className="Chat")
    except tk.TclError as error:
        print(_NO_DISPLAY.format(reason=str(error).rstrip(".")), file=sys.stderr)
        return 1
    _run(root, flags)
    return 0


def read_flags(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read and check the flags. What is wrong with them is printed, and SystemExit(2) raised."""
    parser = argparse.ArgumentParser(description="The window of the chat.")  # under the name it was started by
    parser.add_argument("--host", help="address of the server, or address:port")
    parser.add_argument("--port", type=int, help=f"its port (usually {limits.DEFAULT_PORT})")
    parser.add_argument("--name", help="how you want to be called")
    parser.add_argument("--room", action="append", default=[], help="a room to come into; may be given again")
    parser.add_argument("--data", type=_folder, help="folder for what is kept (default: your user data folder)")
    parser.add_argument("--version", action="version", version=f"chat-core {__version__}")
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
        raise argparse.ArgumentTypeError(f"{text!r} is no folder: {error}") from None


def _run(root: tk.Tk, flags: argparse.Namespace) -> None:
    from chat_core.ui.app import App  # noqa: PLC0415 - imports tkinter

    data = flags.data or user_data_folder("client")
    memory = FormMemory(data)
    last = memory.read()
    filled_in = Remembered(
        host=last.host if flags.host is None else flags.host,
        port=last.port if flags.port is None else flags.port,
        name=last.name if flags.name is None else flags.name,
        geometry=last.geometry,
    )

    def link_to(host: str, port: int, name: str, rooms: Sequence[str]) -> ChatLink:
        return open_link(host, port, name, data=data, rooms=rooms)

    app = App(root, link_to, filled_in, rooms=flags.room, remember=memory.write)
    if None not in (flags.host, flags.port, flags.name):
        app.form.submit()
    try:
        root.mainloop()
    except KeyboardInterrupt:
        app.close()  # Ctrl+C in the terminal, between two callbacks
