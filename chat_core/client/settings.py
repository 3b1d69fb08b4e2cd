"""What the client's program remembers: how its window is liked, and what was going on at which server.

One small JSON file, written whole. Several windows share it, and so may a newer version of this program. What the link
keeps for each server and name (token, cursors, outbox) is `store`. The shape is described in docs/operations.md.
"""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

from chat_core import limits
from chat_core.errors import Refusal, SystemFailure, reason_of
from chat_core.folders import make_private, replace_file, set_aside
from chat_core.language import _
from chat_core.strict_json import load

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SERVERS_MAX", "RoomMemory", "ServerMemory", "Settings", "SettingsFile"]

SERVERS_MAX = 10
#: In one server's memory: as many as one can be in at a time.
_ROOMS_MAX = limits.ROOMS_PER_CONNECTION_MAX
_HOST_CHARS_MAX = 255  # RFC 1035, section 2.3.4
_WORD_CHARS_MAX = 200
_INSTALL_BITS = 128


@dataclass(frozen=True)
class RoomMemory:
    """One room: of which messages to tell (a value of the window's `Level`), what was being written, what was read.

    `read_seq` is the last message that was read; -1 where nothing is known of that.
    """

    room: str
    level: str = "all"
    draft: str = ""
    read_seq: int = -1


@dataclass(frozen=True)
class ServerMemory:
    """One server as one person knows it; `shown_room` is the room that was looked at last."""

    host: str
    port: int
    name: str
    shown_room: str = ""
    rooms: tuple[RoomMemory, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What is remembered. `install` names this installation to servers; `servers`: the one used last comes first.

    `geometry` is the window's in Tk's form, `zoom` percent, `language` empty for the system's; `emoji` is the answer
    of the glyph probe together with what it holds for. The flags are what the person may switch.
    """

    install: str = ""
    geometry: str = ""
    theme: str = "system"
    zoom: int = 100
    language: str = ""
    remembers: bool = True
    shows_rooms: bool = True
    shows_people: bool = True
    tells_typing: bool = True
    tells_away: bool = True
    rings: bool = True
    notifies: bool = True
    emoji: str = ""
    servers: tuple[ServerMemory, ...] = ()


class SettingsFile:
    """`settings.json` in the client's folder, read at once; a damaged one is set aside, and `notice` says so.

    `random_bits` makes the id of the installation the first time. Raises SystemFailure.
    """

    def __init__(self, folder: Path, random_bits: Callable[[int], int]) -> None:
        self._path = folder / "settings.json"
        self._found: dict[str, object] = {}  # the file's object as it was read last
        self._has_unsaved = False
        self._is_damaged = False
        self.settings = Settings()
        try:
            make_private(folder)
            self.settings = self._read() or self.settings
        except FileExistsError as error:
            raise SystemFailure(f"{folder} is a file, not a folder") from error
        except OSError as error:
            raise SystemFailure(f"{reason_of(error)} ({self._path})") from error
        if not self.settings.install:
            install = f"{random_bits(_INSTALL_BITS):032x}"
            self.change(lambda settings: dataclasses.replace(settings, install=install))

    @property
    def notice(self) -> str:
        """What a person should know about how the file was found; empty when nothing."""
        if not self._is_damaged:
            return ""
        return _("The settings were damaged and have been set aside in {folder}.").format(folder=self._path.parent)

    def change(self, change: Callable[[Settings], Settings]) -> None:
        """Read again what another window may have written, apply a change to it, and write it when it differs.

        Raises SystemFailure when it cannot be written; then it holds until the program ends, or a later change takes
        it along.
        """
        latest = None
        if not self._has_unsaved:
            with suppress(OSError):  # what cannot be read now is worth no more than what we know; writing will tell
                latest = self._read()
        latest = latest or self.settings
        self.settings = _bounded(change(latest))
        if self.settings == latest and not self._has_unsaved:
            return
        self._has_unsaved = True
        ours = dataclasses.asdict(self.settings)
        content = json.dumps(_with_unknown(ours, self._found), indent=1, ensure_ascii=False) + "\n"
        try:
            replace_file(self._path, content.encode("utf-8", "replace"))
        except OSError as error:
            raise SystemFailure(f"{reason_of(error)} ({self._path})") from error
        self._has_unsaved = False

    def _read(self) -> Settings | None:
        """Return what the file says; None when there is none, or a damaged one, which is set aside. Raises OSError."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            found = load(content)
        except Refusal:
            set_aside(self._path)
            self._is_damaged = True
            return None
        self._found = found
        return _settings_of(found)


# --- what fits and how much of it ---------------------------------------------------------------

_Fits = Callable[[object], bool]


def _text(chars_max: int, chars_min: int = 0) -> _Fits:
    return lambda value: isinstance(value, str) and chars_min <= len(value) <= chars_max


def _number(lowest: int, highest: int) -> _Fits:
    return lambda value: type(value) is int and lowest <= value <= highest


def _one_of(*words: str) -> _Fits:
    return lambda value: value in words


def _flag(value: object) -> bool:
    return type(value) is bool


_FITS_SETTINGS: dict[str, _Fits] = {
    "install": _text(limits.INSTALL_CHARS_MAX),
    "geometry": _text(_WORD_CHARS_MAX),
    "theme": _one_of("system", "light", "dark", "contrast"),
    "zoom": _number(60, 300),
    "language": _text(_WORD_CHARS_MAX),
    **dict.fromkeys(("remembers", "shows_rooms", "shows_people", "tells_typing", "tells_away"), _flag),
    **dict.fromkeys(("rings", "notifies"), _flag),
    "emoji": _text(_WORD_CHARS_MAX),
}
_FITS_SERVER: dict[str, _Fits] = {
    "host": _text(_HOST_CHARS_MAX, 1),
    "port": _number(1, 65_535),
    "name": _text(limits.NAME_CHARS_MAX),
    "shown_room": _text(limits.ROOM_CHARS_MAX),
}
_FITS_ROOM: dict[str, _Fits] = {
    "room": _text(limits.ROOM_CHARS_MAX, 1),
    "level": _one_of("all", "mentions", "nothing"),
    "draft": _text(limits.TEXT_CHARS_MAX),
    "read_seq": _number(-1, limits.INTEGER_MAX),
}


def _fitting(found: Mapping[str, object], fits: Mapping[str, _Fits]) -> dict[str, Any]:
    """Take what is there and fits; anything else is as if it were not there."""
    return {field: found[field] for field, does_fit in fits.items() if field in found and does_fit(found[field])}


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _settings_of(found: dict[str, object]) -> Settings:
    listed = found.get("servers")
    if listed is None:  # as it was before there were several: one server's fields, beside everything else
        listed = [{"port": limits.DEFAULT_PORT, "name": "", **_fitting(found, _FITS_SERVER)}]
    servers = (_server_of(each) for each in _objects(listed))
    known = tuple(server for server in servers if server is not None)
    return _bounded(Settings(servers=known, **_fitting(found, _FITS_SETTINGS)))


def _server_of(found: dict[str, object]) -> ServerMemory | None:
    fitting = _fitting(found, _FITS_SERVER)
    if not {"host", "port", "name"} <= fitting.keys():
        return None
    rooms = (_fitting(each, _FITS_ROOM) for each in _objects(found.get("rooms")))
    return ServerMemory(rooms=tuple(RoomMemory(**room) for room in rooms if "room" in room), **fitting)


def _bounded(settings: Settings) -> Settings:
    """Keep the first servers, the first rooms of each, and the beginnings of their drafts."""
    servers = tuple(
        dataclasses.replace(server, rooms=tuple(_shortened(room) for room in server.rooms[:_ROOMS_MAX]))
        for server in settings.servers[:SERVERS_MAX]
    )
    return dataclasses.replace(settings, servers=servers)


def _shortened(room: RoomMemory) -> RoomMemory:
    if len(room.draft) <= limits.TEXT_CHARS_MAX:
        return room
    return dataclasses.replace(room, draft=room.draft[: limits.TEXT_CHARS_MAX])


# --- what another version wrote -----------------------------------------------------------------

#: The fields that were read once into `servers`.
_FORMER = ("host", "port", "name")
#: By which fields the objects of a list are known again.
_KEYS = {"servers": ("host", "port", "name"), "rooms": ("room",)}


def _with_unknown(ours: Mapping[str, object], found: Mapping[str, object]) -> dict[str, object]:
    """Add to what we write the fields of the file that we do not know: a newer version may want them back."""
    unknown = {field: value for field, value in found.items() if field not in ours and field not in _FORMER}
    merged = {**ours, **unknown}
    for field, keys in _KEYS.items():
        if field in ours:
            merged[field] = _each_with_unknown(ours[field], _objects(found.get(field)), keys)
    return merged


def _each_with_unknown(ours: Any, found: list[dict[str, object]], keys: Sequence[str]) -> list[dict[str, object]]:
    by_key = {tuple(str(each.get(key)) for key in keys): each for each in found}
    return [_with_unknown(each, by_key.get(tuple(str(each[key]) for key in keys), {})) for each in ours]
