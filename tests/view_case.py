"""A window of its own for the test of one view: real events, and mistakes in callbacks that fail the test."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Callable

from tests.display import CAN_OPEN_WINDOWS, needs_display

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.view.theme import Theme

__all__ = ["ViewCase"]

_TURNS_MAX = 2_000
_DONT_WAIT = 2  # TCL_DONT_WAIT of tcl.h


@needs_display
class ViewCase(unittest.TestCase):
    """`root` is a window of 900 x 640 pixels, `theme` what it is drawn with."""

    def setUp(self) -> None:
        self.mistakes: list[BaseException] = []
        self.root = tk.Tk()
        self.addCleanup(self.root.destroy)
        self.addCleanup(self.root.update_idletasks)  # first: what ttk still has to tell would come to a dead window
        self.root.report_callback_exception = lambda _kind, error, _trace: self.mistakes.append(error)
        self.theme = Theme(self.root)
        self.root.geometry("900x640+0+0")

    def tearDown(self) -> None:
        self.assertEqual(self.mistakes, [])

    def settle(self) -> None:
        """Let Tk do everything that is due, geometry and drawing too."""
        self.root.winfo_pointerxy()  # a question to the X server: what was asked of it before has happened then
        for _ in range(_TURNS_MAX):
            if not self.root.tk.dooneevent(_DONT_WAIT):
                return
        self.root.update_idletasks()

    def until(self, is_reached: Callable[[], bool]) -> None:
        """Go on with Tk's events until something is true; the test's own timers are events too."""
        for _ in range(_TURNS_MAX):
            if is_reached():
                return
            self.root.tk.dooneevent(0)
        self.fail("not reached")
