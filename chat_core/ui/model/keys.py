"""The one table of keys: what each does, how Tk calls it, and how people do, on each system.

Pure. What the window binds comes from here, and the sheet of keys shows the same. Keys that a part of the window binds
for itself, such as Enter in the input line, are in the table too, without a shortcut.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from chat_core.language import N_, _

__all__ = ["TABLE", "KeyRow", "Section", "Shortcut", "chord_name", "patterns", "shortcut_name", "window_keys"]


class Shortcut(enum.Enum):
    """What a key does anywhere in the window."""

    SWITCH = "switch"
    DIRECTORY = "directory"
    PREVIOUS_ROOM = "previous room"
    NEXT_ROOM = "next room"
    NEXT_UNREAD = "next unread"
    MARK_READ = "mark read"
    FIND = "find"
    FIND_NEXT = "find next"
    FIND_PREVIOUS = "find previous"
    NEXT_PANE = "next pane"
    PREVIOUS_PANE = "previous pane"
    FOLD_ROOMS = "fold rooms"
    FOLD_PEOPLE = "fold people"
    ZOOM_IN = "zoom in"
    ZOOM_OUT = "zoom out"
    ZOOM_RESET = "zoom reset"
    SAVE = "save"
    PREFERENCES = "preferences"
    KEYS = "keys"
    QUIT = "quit"


@dataclass(frozen=True)
class KeyRow:
    """A chord, its parts with spaces between, and what it does, marked and not yet translated.

    "Mod" is Control, on a Mac Command. `mac` is the chord there, where it is another one.
    """

    chord: str
    meaning: str
    shortcut: Shortcut | None = None
    mac: str = ""

    def chord_on(self, system: str) -> str:
        """Return the chord on a window system, as `tk windowingsystem` names it."""
        return self.mac if self.mac and system == "aqua" else self.chord


@dataclass(frozen=True)
class Section:
    """Rows that belong together, under a title that is marked and not yet translated."""

    title: str
    rows: tuple[KeyRow, ...]


TABLE = (
    Section(
        N_("Rooms and people"),
        (
            KeyRow("Mod K", N_("Go to a room or a person"), Shortcut.SWITCH),
            KeyRow("Mod J", N_("Join or create a room"), Shortcut.DIRECTORY),
            KeyRow("Alt Up", N_("The room above"), Shortcut.PREVIOUS_ROOM),
            KeyRow("Alt Down", N_("The room below"), Shortcut.NEXT_ROOM),
            # On a Mac, Option makes other letters.
            KeyRow("Alt A", N_("The next room with something new"), Shortcut.NEXT_UNREAD, mac="Mod Shift A"),
            KeyRow("Mod Shift L", N_("Show or hide the rooms"), Shortcut.FOLD_ROOMS),
            KeyRow("Mod Shift P", N_("Show or hide the people"), Shortcut.FOLD_PEOPLE),
        ),
    ),
    Section(
        N_("Reading"),
        (
            KeyRow("Mod F", N_("Find in this conversation"), Shortcut.FIND),
            KeyRow("F3", N_("The next match"), Shortcut.FIND_NEXT, mac="Mod G"),
            KeyRow("Shift F3", N_("The previous match"), Shortcut.FIND_PREVIOUS, mac="Mod Shift G"),
            KeyRow("Esc", N_("Mark the room as read"), Shortcut.MARK_READ),
            KeyRow("F6", N_("The next part of the window"), Shortcut.NEXT_PANE),
            KeyRow("Shift F6", N_("The previous part of the window"), Shortcut.PREVIOUS_PANE),
            KeyRow("Shift F10", N_("The menu of what has the focus")),
        ),
    ),
    Section(
        N_("Writing"),
        (
            KeyRow("Enter", N_("Send")),
            KeyRow("Shift Enter", N_("Begin a new line")),
            KeyRow("Tab", N_("Complete a name, a room or a command")),
            KeyRow("Up", N_("What you wrote before")),
        ),
    ),
    Section(
        N_("The window"),
        (
            KeyRow("Mod +", N_("Larger"), Shortcut.ZOOM_IN),
            KeyRow("Mod -", N_("Smaller"), Shortcut.ZOOM_OUT),
            KeyRow("Mod 0", N_("The usual size"), Shortcut.ZOOM_RESET),
            KeyRow("Mod S", N_("Save the conversation"), Shortcut.SAVE),
            KeyRow("Mod ,", N_("Settings"), Shortcut.PREFERENCES),
            KeyRow("F1", N_("Show these keys"), Shortcut.KEYS),
            KeyRow("Mod Q", N_("Leave the chat"), Shortcut.QUIT),
        ),
    ),
)

_MODIFIERS = {"Mod": "Control", "Alt": "Alt", "Shift": "Shift"}
_MAC_MODIFIERS = {"Mod": "Command", "Alt": "Option", "Shift": "Shift"}
#: The keysyms of a key, where they are not its name. With Shift a plus is an equals sign on many keyboards.
_KEYSYMS = {
    "+": ("plus", "equal", "KP_Add"), "-": ("minus", "KP_Subtract"), "0": ("Key-0", "KP_0"), ",": ("comma",),
    "Esc": ("Escape",), "Enter": ("Return", "KP_Enter"),
}  # fmt: skip
#: What is written on keys, where it is not the name in the table.
_NAMES = {
    "Mod": N_("Ctrl"), "Alt": N_("Alt"), "Shift": N_("Shift"), "Enter": N_("Enter"), "Esc": N_("Esc"), "Tab": N_("Tab"),
}  # fmt: skip
_SIGNS = {"Up": "↑", "Down": "↓"}
_MAC_SIGNS = {**_SIGNS, "Mod": "⌘", "Alt": "⌥", "Shift": "⇧", "Enter": "↩", "Tab": "⇥"}


def patterns(chord: str, system: str) -> tuple[str, ...]:
    """Return the event patterns of Tk that a chord is on a window system ("x11", "win32" or "aqua")."""
    *modifiers, key = chord.split()
    words = _MAC_MODIFIERS if system == "aqua" else _MODIFIERS
    before = "".join(f"{words[modifier]}-" for modifier in modifiers)
    if len(key) == 1 and key.isalpha():
        with_shift, without = key.upper(), key.lower()
        usual, locked = (with_shift, without) if "Shift" in modifiers else (without, with_shift)
        return f"<{before}Key-{usual}>", f"<{before}Lock-Key-{locked}>"  # Caps Lock turns the letter over
    return tuple(f"<{before}{keysym}>" for keysym in _KEYSYMS.get(key, (key,)))


def chord_name(chord: str, system: str) -> str:
    """Return what people call a chord on a window system, in the language in use: "Ctrl+K", "⌘K"."""
    parts = chord.split()
    if system == "aqua":
        return "".join(_MAC_SIGNS.get(part, _(_NAMES[part]) if part in _NAMES else part) for part in parts)
    return "+".join(_SIGNS.get(part, _(_NAMES[part]) if part in _NAMES else part) for part in parts)


def shortcut_name(shortcut: Shortcut, system: str) -> str:
    """Return what people call the keys of a shortcut on a window system, in the language in use."""
    rows = (row for section in TABLE for row in section.rows)
    return next(chord_name(row.chord_on(system), system) for row in rows if row.shortcut is shortcut)


def window_keys(system: str) -> dict[Shortcut, tuple[str, ...]]:
    """Return what the window is to bind on a window system: for each shortcut its patterns."""
    return {
        row.shortcut: patterns(row.chord_on(system), system)
        for section in TABLE
        for row in section.rows
        if row.shortcut is not None
    }
