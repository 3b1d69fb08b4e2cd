"""What a window does to be noticed while nobody looks at it: the bell, and a notice outside it.

When that is due is decided in `model.attention`.
"""

from __future__ import annotations

import sys
import tkinter as tk
from typing import TYPE_CHECKING

from chat_core.ui.desktop.notifications import flash

if TYPE_CHECKING:
    from chat_core.ui.desktop.notifications import Notifier
    from chat_core.ui.model.attention import Notice

__all__ = ["Alerts"]


class Alerts:
    """Those of one window."""

    def __init__(self, root: tk.Tk, notifier: Notifier) -> None:
        self._root = root
        self._notifier = notifier

    def ring(self) -> None:
        """Ring the bell of the system."""
        self._root.bell()

    def show(self, notice: Notice) -> None:
        """Show a notice by whatever the system has for it; where there is nothing, it is not shown."""
        if sys.platform == "win32":
            flash(int(self._root.wm_frame(), 16))  # `tk sysnotify` wants an icon in the tray first
        elif self._has_sysnotify():
            self._root.tk.call("tk", "sysnotify", notice.title, notice.text)
        else:
            self._notifier.notify(notice.title, notice.text)

    def _has_sysnotify(self) -> bool:
        # It came with Tk 8.7.
        return tk.TkVersion >= 8.7 and "sysnotify" in str(
            self._root.tk.call("namespace", "ensemble", "configure", "tk", "-map")
        )
