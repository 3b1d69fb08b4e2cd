"""A presenter on a link that the test leads by the hand, and the events that such a link would bring."""

from __future__ import annotations

import unittest
from datetime import datetime
from typing import TYPE_CHECKING, Sequence

from chat_core import errors
from chat_core.client.events import (
    ClientEvent,
    LinkState,
    LoggedIn,
    MessageArrived,
    RoomJoined,
    RoomLive,
    StateChanged,
)  # fmt: skip
from chat_core.messages import Message, check_text
from chat_core.ui.model.commanding import Commander
from chat_core.ui.model.presenter import Presenter

if TYPE_CHECKING:
    from chat_core.client.kept import OutboxEntry
    from chat_core.client.settings import ServerMemory

__all__ = [
    "CUT_OFF", "DAY_MS", "NOON_MS", "ONLINE", "FakeLink", "PresenterCase", "arrived", "joined", "message", "welcome",
]  # fmt: skip

NOON_MS = int(datetime(2026, 3, 2, 12, 0).timestamp() * 1000)  # a Monday, local time
DAY_MS = 86_400_000


class FakeLink:
    """Does nothing by itself: `events` is what the next poll brings, `asked` what was asked for."""

    def __init__(self, outbox: Sequence[OutboxEntry] = ()) -> None:
        self.outbox = list(outbox)
        self.wanted_rooms = [entry.room for entry in outbox]
        self.is_active = False
        self.notice = ""
        self.events: list[ClientEvent] = []
        self.asked: list[tuple[object, ...]] = []
        self.is_closed = False

    def start(self, now: float) -> None:
        self.asked.append(("start", now))

    def poll(self, now: float, unix_ms: int) -> Sequence[ClientEvent]:
        del now, unix_ms
        events, self.events = self.events, []
        self.wanted_rooms += [event.room for event in events if isinstance(event, RoomJoined)]
        return events

    def post(self, room: str, text: str, unix_ms: int) -> str:
        del unix_ms
        check_text(text)
        self.asked.append(("post", room, text))
        return f"mid-{len(self.asked)}"

    def join(self, room: str) -> None:
        self.wanted_rooms.append(room)
        self.asked.append(("join", room))

    def leave(self, room: str) -> None:
        self.asked.append(("leave", room))

    def request_history(self, room: str, before: int, limit: int = 50) -> None:
        self.asked.append(("history", room, before, limit))

    def request_rooms(self) -> None:
        self.asked.append(("rooms",))

    def rename(self, name: str) -> None:
        self.asked.append(("rename", name))

    def typing(self, room: str) -> None:
        self.asked.append(("typing", room))

    def away(self, is_away: bool) -> None:  # noqa: FBT001 - as the real one
        self.asked.append(("away", is_away))

    def retry_now(self, now: float) -> None:
        self.asked.append(("retry_now", now))

    def quit(self, now: float) -> None:
        self.asked.append(("quit", now))

    def close(self) -> None:
        self.is_closed = True


def message(
    seq: int, text: str = "", *, sender: str = "Bob", room: str = "lobby", mid: str = "", after_ms: int = 0
) -> Message:
    return Message(room, seq, NOON_MS + after_ms, sender, mid or f"m{seq}", text or f"text {seq}")


def arrived(seq: int, text: str = "", *, sender: str = "Bob", room: str = "lobby", mid: str = "") -> MessageArrived:
    return MessageArrived(message(seq, text, sender=sender, room=room, mid=mid), is_own=bool(mid))


def joined(
    room: str = "lobby", *, head: int = 0, first: int = 1, next_seq: int = 1, missing: int = 0, is_reset: bool = False
) -> RoomJoined:
    return RoomJoined(room, head, first, next_seq, 2, ("Ann", "Bob"), is_reset, missing)


def welcome(name: str = "Ann", *, motd: str = "", is_new_log: bool = False) -> LoggedIn:
    return LoggedIn(name, "Office", motd, ("lobby",), is_new_log)


ONLINE: tuple[ClientEvent, ...] = (
    StateChanged(LinkState.LOGGING_IN), welcome(), StateChanged(LinkState.ONLINE), joined(), RoomLive("lobby", 0)
)  # fmt: skip
CUT_OFF = StateChanged(LinkState.WAITING, errors.ConnectionReset("reset"), 5.0)


class PresenterCase(unittest.TestCase):
    """Ann's presenter; `now` is the time of the events that `take` brings it."""

    def setUp(self) -> None:
        self.now = 100.0
        self.start()

    def start(self, *first_rooms: str, kept: ServerMemory | None = None, link: FakeLink | None = None) -> None:
        """Begin a run of the program."""
        self.link = link or FakeLink()
        self.link.wanted_rooms += [*first_rooms, *([kept.shown_room] if kept and kept.shown_room else [])]
        self.presenter = Presenter(self.link, "Ann", first_rooms, kept)
        self.commander = Commander(self.presenter)

    def take(self, *events: ClientEvent) -> None:
        self.presenter.take(events, self.now, NOON_MS)

    def shown(self, room: str = "lobby") -> list[str]:
        return [line.text for line in self.presenter.rooms[room].lines]

    @property
    def room_shown(self) -> str:
        return self.presenter.current.room if self.presenter.current else ""

    def say(self, typed: str) -> str:
        """Type something that is taken, and return what the link was asked for last."""
        outcome = self.commander.submit(typed, NOON_MS)
        self.assertEqual((outcome.is_taken, outcome.problem), (True, ""))
        return str(self.link.asked[-1] if self.link.asked else "")

    def problem(self, typed: str) -> str:
        """Type something that is not taken, and return the explanation; nothing may have been asked of the link."""
        asked = list(self.link.asked)
        outcome = self.commander.submit(typed, NOON_MS)
        self.assertFalse(outcome.is_taken)
        self.assertEqual(self.link.asked, asked)
        return outcome.problem
