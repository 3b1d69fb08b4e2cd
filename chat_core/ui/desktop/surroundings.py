"""All that the system around one window offers it, in one value: made at the start, closed at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from chat_core.ui.desktop.appearance import Appearance
from chat_core.ui.desktop.browser import Browser
from chat_core.ui.desktop.hosting import Hosting
from chat_core.ui.desktop.notifications import Notifier

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.ui.desktop.glyphs import GlyphProbe

__all__ = ["Desktop"]


@dataclass(frozen=True)
class Desktop:
    """`browse` opens an address in the browser, if there is one; `end_browsing` is called at the end."""

    glyphs: GlyphProbe
    notifier: Notifier
    appearance: Appearance
    hosting: Hosting
    browse: Callable[[str], object] = lambda _address: False
    end_browsing: Callable[[], None] = lambda: None

    @classmethod
    def of_this_computer(cls, glyphs: GlyphProbe, server_folder: Path) -> Desktop:
        """Return the real one; a server that the person starts here has its data in `server_folder`."""
        browser = Browser()
        return cls(glyphs, Notifier(), Appearance(), Hosting(server_folder), browser.open, browser.close)

    def close(self) -> None:
        """Ask nothing more of the system. A server that was started here goes on, and so does the browser."""
        self.glyphs.close()
        self.notifier.close()
        self.appearance.close()
        self.hosting.close()
        self.end_browsing()
