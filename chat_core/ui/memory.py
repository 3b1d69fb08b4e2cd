"""What the form remembers from one start to the next, kept in the client's settings.

A disk that fails costs the remembering and a line in the log, never the chat. The file is `client.settings`.
"""

from __future__ import annotations

import dataclasses
import logging
import secrets
from typing import TYPE_CHECKING

from chat_core.client.settings import SettingsFile
from chat_core.errors import SystemFailure
from chat_core.ui.model.contract import Remembered

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FormMemory"]

_log = logging.getLogger(__name__)


class FormMemory:
    """The settings in this folder, as far as they concern the form and the window."""

    def __init__(self, folder: Path) -> None:
        try:
            self._file: SettingsFile | None = SettingsFile(folder, secrets.randbits)
        except SystemFailure as failure:
            _log.warning("The settings cannot be kept: %s", failure.detail)
            self._file = None

    def read(self) -> Remembered:
        """Return what was remembered last; the defaults when nothing was."""
        if self._file is None:
            return Remembered()
        kept = self._file.settings
        return Remembered(kept.host, kept.port, kept.name, kept.geometry)

    def write(self, last: Remembered) -> None:
        """Remember this from now on."""
        if self._file is None:
            return
        kept = dataclasses.replace(self._file.settings, **dataclasses.asdict(last))
        if kept == self._file.settings:
            return
        try:
            self._file.update(kept)
        except SystemFailure as failure:
            _log.warning("The settings cannot be kept: %s", failure.detail)
