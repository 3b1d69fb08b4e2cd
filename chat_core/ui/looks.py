"""How the window looks, kept in step with the settings and with the system: colours and size.

What the colours are is `model.palette`, how they are drawn with `view.theme`, and what the system wants
`desktop.appearance`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.ui.model.palette import LIGHT, Palette, palette_of
from chat_core.ui.view.theme import Theme

if TYPE_CHECKING:
    import tkinter as tk

    from chat_core.ui.desktop.appearance import Appearance
    from chat_core.ui.memory import Memory

__all__ = ["Looks"]

_SYSTEM = "system"
#: How long the first drawing waits for the system's answer, so that a dark desktop is not dazzled.
_WAIT_S = 0.15
#: Between two questions to the system, whose colours change in the evening, say.
_ASK_EVERY_S = 60.0


class Looks:
    """The look of one window, with its `theme`. Call `poll` at every poll, `follow` when the settings have changed."""

    def __init__(self, root: tk.Tk, memory: Memory, appearance: Appearance) -> None:
        self._memory = memory
        self._appearance = appearance
        self._of_system = LIGHT.name
        self._ask_at = float("-inf")
        self._has_just_asked = memory.settings.theme == _SYSTEM
        if self._has_just_asked:
            appearance.start()
            appearance.wait(_WAIT_S)
            self._of_system = appearance.poll() or LIGHT.name
        self.theme = Theme(root, self._wanted(), memory.settings.zoom)

    def _wanted(self) -> Palette:
        wanted = self._memory.settings.theme
        return palette_of(self._of_system if wanted == _SYSTEM else wanted)

    def follow(self) -> None:
        """Draw as the settings say from now on."""
        self.theme.use(self._wanted())
        self.theme.set_zoom(self._memory.settings.zoom)

    def poll(self, now: float) -> None:
        """Look what the system wants, if that is what is wanted."""
        if self._memory.settings.theme != _SYSTEM:
            return
        if now >= self._ask_at:
            if not self._has_just_asked:
                self._appearance.start()
            self._has_just_asked = False
            self._ask_at = now + _ASK_EVERY_S
        answer = self._appearance.poll()
        if answer is not None and answer != self._of_system:
            self._of_system = answer
            self.follow()

    def zoom(self, step: int) -> None:
        """Make everything larger (1) or smaller (-1), or as it was at first (0), and remember it."""
        (self.theme.reset_zoom, self.theme.zoom_in, self.theme.zoom_out)[step]()
        percent = self.theme.zoom
        self._memory.change(lambda settings: replace(settings, zoom=percent))
