"""What the window remembers from one start to the next, kept in the client's settings.

A disk that fails costs the remembering and a line in the log, never the chat. What a change of the settings means is
`client.settings`' business and the window's; here is when it is written, and which server and room it is about.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Callable, Hashable, Iterable

from chat_core import limits
from chat_core.client.settings import SERVERS_MAX, RoomMemory, ServerMemory, Settings, SettingsFile
from chat_core.errors import SystemFailure

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.ui.model.attention import Level

__all__ = ["Memory", "Place"]

_log = logging.getLogger(__name__)

#: What changes all the time, such as a draft, is written this often: a disk that syncs at every key is busy all day.
_EVERY_S = 5.0

_Change = Callable[[Settings], Settings]


@dataclass(frozen=True)
class Place:
    """Where and as whom one is: what is remembered of a server belongs to it."""

    host: str
    port: int
    name: str

    def is_of(self, server: ServerMemory) -> bool:
        """Whether that is the memory of this place."""
        mine = (self.host.casefold(), self.port, self.name.casefold())
        return mine == (server.host.casefold(), server.port, server.name.casefold())


class Memory:
    """The settings of this folder. `settings` is what holds now; `notice` is to be shown once, empty when nothing is.

    `change` writes at once, what begins with `keep_` is written by `flush`. Where the person does not want to be
    remembered, what concerns servers and rooms is not kept at all. Nothing here raises.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = Settings()
        self._file: SettingsFile | None = None
        self._waiting: dict[Hashable, _Change] = {}
        self._flushed_at = float("-inf")
        self._has_failed = False
        try:
            self._file = SettingsFile(folder, secrets.randbits)
        except SystemFailure as failure:
            self._fail(failure)
        else:
            self.settings = self._file.settings

    @property
    def notice(self) -> str:
        """What a person should know about how the settings were found; empty when nothing."""
        return "" if self._file is None else self._file.notice

    # --- when it is written

    def change(self, change: _Change) -> None:
        """Apply a change to the settings and write them, together with all that waits."""
        waiting = [*self._waiting.values(), change]
        self._waiting.clear()
        if self._file is None:
            self.settings = change(self.settings)  # the others hold already
            return
        try:
            self._file.change(lambda settings: _applied(waiting, settings))
            self._has_failed = False
        except SystemFailure as failure:
            self._fail(failure)
        self.settings = self._file.settings

    def flush(self, now: float, *, is_last: bool = False) -> None:
        """Write what waits, at most every five seconds, and at all events when it is the last time."""
        if self._waiting and (is_last or now - self._flushed_at >= _EVERY_S):
            self._flushed_at = now
            self.change(lambda settings: settings)

    def _keep(self, key: Hashable, change: _Change) -> None:
        """Let a change hold now and be written at the next flush; it replaces an earlier one of the same key."""
        self.settings = change(self.settings)
        self._waiting.pop(key, None)  # so that it comes last: the order tells which rooms were used
        self._waiting[key] = change

    def _fail(self, failure: SystemFailure) -> None:
        if not self._has_failed:
            _log.warning("The settings cannot be kept: %s", failure.detail)
        self._has_failed = True

    def keep_geometry(self, geometry: str) -> None:
        """Remember where the window stands, in Tk's form."""
        if geometry != self.settings.geometry:
            self._keep("geometry", lambda settings: replace(settings, geometry=geometry))

    # --- servers

    def recents(self) -> tuple[ServerMemory, ...]:
        """Return the servers one was at, the latest first."""
        return self.settings.servers

    def server(self, place: Place) -> ServerMemory:
        """Return what is remembered of a server; the defaults when nothing is."""
        return _server_of(self.settings, place)

    def remember_server(self, place: Place) -> None:
        """Put a server before all others, together with what is remembered of it."""
        self.change(lambda settings: _with_first(settings, _server_of(settings, place)))

    def rename(self, place: Place, name: str) -> None:
        """Let what is remembered of a server follow to our new name there."""

        def change(settings: Settings) -> Settings:
            renamed = replace(_server_of(settings, place), name=name)
            return _with_first(_without(settings, place), renamed)

        self.change(change)

    def forget_server(self, place: Place) -> None:
        """Remember nothing more of a server."""
        self.change(lambda settings: _without(settings, place))

    def keep_shown_room(self, place: Place, room: str) -> None:
        """Remember which room is looked at."""
        if self.settings.remembers and room != self.server(place).shown_room:
            self._keep(
                (place, "shown_room"),
                lambda settings: _with_server(settings, replace(_server_of(settings, place), shown_room=room)),
            )

    # --- rooms

    def room(self, place: Place, room: str) -> RoomMemory:
        """Return what is remembered of a room; the defaults when nothing is."""
        return _room_of(self.settings, place, room)

    def set_level(self, place: Place, room: str, level: Level) -> None:
        """Remember, and write, of which messages of a room to tell."""
        self.change(
            lambda settings: _with_room(settings, place, replace(_room_of(settings, place, room), level=level.value))
        )

    def forget_room(self, place: Place, room: str) -> None:
        """Remember nothing more of a room, such as one that was left: its level, its draft and what was read."""
        self.change(lambda settings: _without_room(settings, place, room))

    def keep_draft(self, place: Place, room: str, draft: str) -> None:
        """Remember what is being written to a room, as much of it as a message can hold; an empty draft is none."""
        draft = draft[: limits.TEXT_CHARS_MAX]
        if self.settings.remembers and draft != self.room(place, room).draft:
            self._keep(
                (place, "draft", room),
                lambda settings: _with_room(settings, place, replace(_room_of(settings, place, room), draft=draft)),
            )

    def keep_read(self, place: Place, room: str, seq: int) -> None:
        """Remember up to which message a room was read."""
        if self.settings.remembers and seq != self.room(place, room).read_seq:
            self._keep(
                (place, "read", room),
                lambda settings: _with_room(settings, place, replace(_room_of(settings, place, room), read_seq=seq)),
            )


def _applied(changes: Iterable[_Change], settings: Settings) -> Settings:
    for change in changes:
        settings = change(settings)
    return settings


def _server_of(settings: Settings, place: Place) -> ServerMemory:
    known = (server for server in settings.servers if place.is_of(server))
    return next(known, ServerMemory(place.host, place.port, place.name))


def _room_of(settings: Settings, place: Place, room: str) -> RoomMemory:
    known = (each for each in _server_of(settings, place).rooms if each.room == room)
    return next(known, RoomMemory(room))


def _without(settings: Settings, place: Place) -> Settings:
    return replace(settings, servers=tuple(server for server in settings.servers if not place.is_of(server)))


def _with_first(settings: Settings, server: ServerMemory) -> Settings:
    if not settings.remembers:
        return settings
    others = _without(settings, _place_of(server)).servers
    return replace(settings, servers=(server, *others)[:SERVERS_MAX])


def _with_server(settings: Settings, server: ServerMemory) -> Settings:
    """Put a server in its own place among the others, so that two windows do not take turns at being the latest."""
    place = _place_of(server)
    if not any(place.is_of(each) for each in settings.servers):
        return _with_first(settings, server)
    return replace(settings, servers=tuple(server if place.is_of(each) else each for each in settings.servers))


def _with_room(settings: Settings, place: Place, room: RoomMemory) -> Settings:
    """Put a room before the others of its server: those that nothing happened to for longest are forgotten first."""
    server = _server_of(settings, place)
    others = (each for each in server.rooms if each.room != room.room)
    return _with_server(settings, replace(server, rooms=(room, *others)))


def _without_room(settings: Settings, place: Place, room: str) -> Settings:
    server = _server_of(settings, place)
    others = tuple(each for each in server.rooms if each.room != room)
    return settings if others == server.rooms else _with_server(settings, replace(server, rooms=others))


def _place_of(server: ServerMemory) -> Place:
    return Place(server.host, server.port, server.name)
