"""Which of the panes beside the conversation are there: what the person wants, as far as the window is wide enough."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Panes"]

#: In a window narrower than this (at 96 dots an inch) the panes go away by themselves; one can be called for.
_BOTH_PX_MIN = 780
_ROOMS_PX_MIN = 620


@dataclass(frozen=True)
class Panes:
    """`wants_` is what is remembered, `is_called` the pane ("rooms", "people", "") called for in a narrow window."""

    wants_rooms: bool = True
    wants_people: bool = True
    is_called: str = ""

    def shown(self, width_px: float) -> tuple[bool, bool]:
        """Return whether rooms and people are shown in a window so wide (at 96 dots an inch)."""
        if width_px < _ROOMS_PX_MIN:
            return self.is_called == "rooms", self.is_called == "people"
        if width_px < _BOTH_PX_MIN:
            people = self.is_called == "people"
            return self.wants_rooms and not people, people
        return self.wants_rooms, self.wants_people

    def toggled(self, pane: str, width_px: float) -> Panes:
        """Return what holds once the person has asked for a pane ("rooms" or "people"), or asked it away."""
        rooms, people = self.shown(width_px)
        is_shown = rooms if pane == "rooms" else people
        called = "" if is_shown else pane
        if width_px < _ROOMS_PX_MIN or (width_px < _BOTH_PX_MIN and pane == "people"):
            return replace(self, is_called=called)
        if pane == "rooms":
            return replace(self, wants_rooms=not is_shown, is_called="")
        return replace(self, wants_people=not is_shown, is_called="")
