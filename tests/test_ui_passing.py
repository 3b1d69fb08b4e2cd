"""Which keys are commands, and which write."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from tests.display import CAN_OPEN_WINDOWS
from tests.view_case import ViewCase

if TYPE_CHECKING or CAN_OPEN_WINDOWS:
    import tkinter as tk

    from chat_core.ui.view.passing import is_command


class TestCommands(ViewCase):
    def test_with_control_or_alt_a_key_writes_nothing(self) -> None:
        told: list[bool] = []
        field = tk.Frame(self.root, takefocus=True)
        field.pack()
        field.bind("<Key>", lambda event: told.append(is_command(event)))
        self.settle()
        field.focus_force()
        self.settle()
        for key in ("<a>", "<Shift-A>", "<Lock-A>", "<Control-a>", "<Alt-a>"):
            field.event_generate(key)
        self.settle()
        self.assertEqual(told, [False, False, False, True, True])


if __name__ == "__main__":
    unittest.main()
