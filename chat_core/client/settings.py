"""What the client's program remembers beyond one server: the last one, the name, the window, the installation.

One small JSON file, written whole. What is kept for each server is `store`.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from chat_core import limits
from chat_core.errors import Refusal, SystemFailure, reason_of
from chat_core.folders import make_private, replace_file, set_aside
from chat_core.strict_json import load

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Settings", "SettingsFile"]

_INSTALL_BITS = 128


@dataclass(frozen=True)
class Settings:
    """What is remembered. `install` names this installation to servers; `geometry` is the window's, in Tk's form."""

    host: str = ""
    port: int = limits.DEFAULT_PORT
    name: str = ""
    install: str = ""
    geometry: str = ""


class SettingsFile:
    """`settings.json` in the client's folder, read at once; a damaged one is set aside, and `notice` says so.

    `random_bits` makes the id of the installation the first time. Raises SystemFailure.
    """

    def __init__(self, folder: Path, random_bits: Callable[[int], int]) -> None:
        self._path = folder / "settings.json"
        self.notice = ""
        try:
            make_private(folder)
            self.settings = self._read()
        except FileExistsError as error:
            raise SystemFailure(f"{folder} is a file, not a folder") from error
        except OSError as error:
            raise SystemFailure(f"{reason_of(error)} ({self._path})") from error
        if not self.settings.install:
            self.update(dataclasses.replace(self.settings, install=f"{random_bits(_INSTALL_BITS):032x}"))

    def _read(self) -> Settings:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return Settings()
        try:
            return _from_object(load(content))
        except Refusal:
            set_aside(self._path)
            self.notice = f"The settings were damaged and have been set aside in {self._path.parent}."
            return Settings()

    def update(self, settings: Settings) -> None:
        """Take over and write new settings. Raises SystemFailure, and then they hold until the program ends."""
        self.settings = settings
        content = json.dumps(dataclasses.asdict(settings), indent=2, ensure_ascii=False) + "\n"
        try:
            replace_file(self._path, content.encode("utf-8", "replace"))
        except OSError as error:
            raise SystemFailure(f"{reason_of(error)} ({self._path})") from error


def _from_object(found: dict[str, object]) -> Settings:
    """Take what is there and fits; anything else is as if it were not there."""
    port, install = found.get("port"), _text(found, "install")
    return Settings(
        host=_text(found, "host"),
        port=port if type(port) is int and 1 <= port <= 65_535 else limits.DEFAULT_PORT,
        name=_text(found, "name"),
        install=install if len(install) <= limits.INSTALL_CHARS_MAX else "",
        geometry=_text(found, "geometry"),
    )


def _text(found: dict[str, object], field: str) -> str:
    value = found.get(field)
    return value if type(value) is str else ""
