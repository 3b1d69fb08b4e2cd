"""The colours of the window by what they are for: one palette for each theme.

Values and their arithmetic only; which one is in use is decided by `view.theme`. Text reaches a contrast of 4.5:1 on
every ground it stands on (7:1 in CONTRAST), marks that carry meaning without text 3:1: WCAG 2.1, success criteria
1.4.3, 1.4.6 and 1.4.11. `tests/test_ui_palette.py` computes them.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

__all__ = ["CONTRAST", "DARK", "LIGHT", "PALETTES", "Palette", "colour_number", "contrast", "mixed", "palette_of"]


@dataclass(frozen=True)
class Palette:
    """Colours as `#rrggbb`. A `_soft` colour is a ground for `ink` and for the colour that it is called after."""

    name: str
    ground: str  # the window
    side: str  # the panes at its sides
    surface: str  # lists, fields, the conversation
    border: str  # hairlines: they part, and mean nothing by themselves
    edge: str  # around what can be filled in or ticked
    ink: str
    muted: str
    faint: str  # what cannot be used now: no text that must be read
    accent: str
    accent_dark: str  # pressed, pointed at
    accent_ink: str  # text on accent and on accent_dark
    accent_soft: str  # selected
    hover: str  # pointed at
    thumb: str  # of a scroll bar
    good: str
    busy: str
    bad: str
    bad_soft: str
    mention_soft: str  # a message that names us
    found_soft: str  # what was searched for
    found: str  # the one of them that is looked at now; its text is found_ink
    found_ink: str
    code_ground: str
    names: tuple[str, ...]  # of people, on all the grounds that have names


LIGHT = Palette(
    name="light",
    ground="#f4f5f8",
    side="#ebeef4",
    surface="#ffffff",
    border="#dce0e8",
    edge="#7c8597",
    ink="#1f2430",
    muted="#596273",
    faint="#a3aab8",
    accent="#2f5bd7",
    accent_dark="#2448b0",
    accent_ink="#ffffff",
    accent_soft="#e3eafb",
    hover="#e6e9f1",
    thumb="#b7bfcd",
    good="#17733b",
    busy="#8a5000",
    bad="#b3261e",
    bad_soft="#fdeeec",
    mention_soft="#fff4d6",
    found_soft="#ffe694",
    found="#ffb52e",
    found_ink="#1f2430",
    code_ground="#eef0f4",
    names=(
        "#004682", "#3c28b4", "#8c46c8", "#6e0096", "#783c6e", "#be1e82",
        "#8c0028", "#c81e0a", "#643c0a", "#8c5a14", "#397300", "#005000",
    ),
)  # fmt: skip

DARK = Palette(
    name="dark",
    ground="#16181d",
    side="#1a1d23",
    surface="#1e2128",
    border="#31363f",
    edge="#767e8c",
    ink="#e6e9ef",
    muted="#a3acba",
    faint="#666d79",
    accent="#8fb0ff",
    accent_dark="#aac3ff",
    accent_ink="#0e1a36",
    accent_soft="#2a3654",
    hover="#292d36",
    thumb="#4b515d",
    good="#6fcf97",
    busy="#f0b860",
    bad="#ff9a90",
    bad_soft="#3b2325",
    mention_soft="#383019",
    found_soft="#4a3c0c",
    found="#f2c14e",
    found_ink="#16181d",
    code_ground="#14161a",
    names=(
        "#00beb4", "#64dcfa", "#c88cfa", "#e6befa", "#fa8cc8", "#fa823c",
        "#fabe96", "#b4a05a", "#dcc814", "#bee6a0", "#5ab450", "#00f0be",
    ),
)  # fmt: skip

CONTRAST = Palette(
    name="contrast",
    ground="#000000",
    side="#000000",
    surface="#000000",
    border="#ffffff",
    edge="#ffffff",
    ink="#ffffff",
    muted="#d8d8d8",
    faint="#9a9a9a",
    accent="#4de1ff",
    accent_dark="#ffff00",
    accent_ink="#000000",
    accent_soft="#00307a",
    hover="#262626",
    thumb="#d8d8d8",
    good="#5cff8f",
    busy="#ffd24d",
    bad="#ffb8b3",
    bad_soft="#2b0000",
    mention_soft="#332b00",
    found_soft="#403300",
    found="#ffff00",
    found_ink="#000000",
    code_ground="#1a1a1a",
    names=(
        "#faaafa", "#fab496", "#fabe00", "#faf0a0", "#f0fa00", "#c8d28c",
        "#b4d200", "#96fa00", "#00e646", "#78f096", "#1edcbe", "#96fae6",
    ),
)  # fmt: skip

PALETTES = (LIGHT, DARK, CONTRAST)


def colour_number(name: str, count: int) -> int:
    """Choose one of so many colours for a person, the same in every window and every saved page."""
    return zlib.crc32(name.encode("utf-8", "replace")) % count


def palette_of(name: str) -> Palette:
    """Return the palette of a name ("light", "dark", "contrast"); LIGHT for any other."""
    return next((palette for palette in PALETTES if palette.name == name), LIGHT)


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours, 1 to 21: WCAG 2.1, "contrast ratio"."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """Return `colour` with a share, 0 to 1, of `other` in it."""
    pairs = zip(_channels(colour), _channels(other))
    return "#{:02x}{:02x}{:02x}".format(*(round(mine + (theirs - mine) * share) for mine, theirs in pairs))


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.1; its threshold is the one of the standard for sRGB (IEC 61966-2-1)."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
