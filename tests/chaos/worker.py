"""A process with some clients in it: real links, each with its profile on disk, and somebody who types.

`python3 -m tests.chaos.worker ORDERS`, where ORDERS is a JSON object: `folder`, `port`, `seed`, `typing_s` (the mean
time between two messages of one person) and `people`, a name and rooms for each. It says how it stands on stdout,
one JSON object a line, and is told on stdin: `quiet` ends the typing, `leave` the links and then the process; so does
the end of the input, for then whoever started it is gone. It judges nothing: what happens goes into the journals.
"""

from __future__ import annotations

import json
import os
import random
import selectors
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from chat_core.client import events
from chat_core.client.link import open_link
from chat_core.errors import SystemFailure
from chat_core.net.clock import wall_unix_ms
from tests.chaos.journal import Journal, read_journal

__all__ = ["Typist", "main"]

_HOST = "127.0.0.1"
#: As often as the window polls.
_POLL_EVERY_S = 0.02
_REPORT_EVERY_S = 0.25
_LEAVING_S_MAX = 10.0
_PADDINGS = (0, 0, 0, 10, 10, 60, 60, 400, 4_000)


class Typist:
    """One person with one installation of the real client, which goes on from where a killed one was."""

    def __init__(self, folder: Path, port: int, name: str, rooms: list[str], seed: int) -> None:
        self._name = name
        self._rooms = rooms
        home = folder / "clients" / name
        home.mkdir(parents=True, exist_ok=True)
        path = home / "journal"
        self._number = sum(entry["what"] == "typed" for entry in read_journal(path))
        self._chance = random.Random(f"{seed} {name} {self._number}")
        self._journal = Journal(path)
        self._unkept: list[str] = []
        self._goodbye = ""
        self._live: set[str] = set()
        #: Per room, the last seq shown and the newest that is known of.
        self._shown: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self._type_at = 0.0
        self.link = open_link(_HOST, port, name, data=home, rooms=rooms)
        now = time.monotonic()
        self._journal.note("started", now, outbox=[entry.mid for entry in self.link.outbox])
        if self.link.notice:
            self._journal.note("trouble", now, text=self.link.notice)
        self._journal.flush()
        self.link.start(now)

    @property
    def standing(self) -> dict[str, Any]:
        """How far this person is, for whoever waits until all have everything."""
        return {
            "is_live": self.link.state is events.LinkState.ONLINE and self._live == set(self._rooms),
            "outbox": len(self.link.outbox),
            "shown": self._shown,
            "heads": self._heads,
        }

    def turn(self, typing_s: float | None, *, is_leaving: bool) -> None:
        """Poll once, write down what came, and perhaps type something: every `typing_s` seconds in the mean."""
        now = time.monotonic()
        happened = self.link.poll(now, wall_unix_ms())
        if self._unkept:
            self._journal.note("kept", now, mids=self._unkept)
            self._unkept = []
        for event in happened:
            self._note(now, event)
        if self.link.state is events.LinkState.CLOSED and not is_leaving:
            self._journal.note("sent-away", now, code=self._goodbye)
            self.link.start(now)
        if typing_s is not None and now >= self._type_at:
            if self._type_at:
                self._type(now)
            self._type_at = now + self._chance.uniform(0.0, 2.0 * typing_s)
        self._journal.flush()

    def _type(self, now: float) -> None:
        room = self._chance.choice(self._rooms)
        text = f"{self._name} {self._number} " + "x" * self._chance.choice(_PADDINGS)
        text = text.strip()
        mid = self.link.post(room, text)
        self._journal.note("typed", now, mid=mid, room=room, number=self._number, text=text)
        self._number += 1
        self._unkept.append(mid)

    def _note(self, now: float, event: events.ClientEvent) -> None:
        note = self._journal.note
        if isinstance(event, events.MessageArrived):
            message = event.message
            note(
                "shown", now, room=message.room, seq=message.seq, time=message.time, sender=message.sender,
                mid=message.mid, text=message.text,
            )  # fmt: skip
            self._shown[message.room] = message.seq
            self._heads[message.room] = max(message.seq, self._heads.get(message.room, 0))
        elif isinstance(event, events.PostStored):
            note("stored", now, room=event.room, seq=event.seq, mid=event.mid)
            self._heads[event.room] = max(event.seq, self._heads.get(event.room, 0))
        elif isinstance(event, events.RoomJoined):
            note("joined", now, room=event.room, next=event.next, is_whole=not (event.missing or event.is_reset))
            self._shown.setdefault(event.room, event.next - 1)
            self._heads[event.room] = max(event.head, self._heads.get(event.room, 0))
        elif isinstance(event, events.RoomLive):
            self._live.add(event.room)
        elif isinstance(event, events.StateChanged):
            if event.state is not events.LinkState.ONLINE:
                self._live.clear()
            note("state", now, state=event.state.name, failure=str(event.failure or ""))
            if isinstance(event.failure, SystemFailure):
                note("trouble", now, text=str(event.failure))
        elif isinstance(event, events.SaidGoodbye):
            self._goodbye = event.code
        elif isinstance(event, (events.PostRefused, events.RequestRefused, events.MessagesGone, events.RoomLeft)) or (
            isinstance(event, events.LoggedIn) and (event.is_new_log or event.name != self._name)
        ):
            note("trouble", now, text=repr(event))

    def close(self) -> None:
        """Give everything back."""
        self.link.close()
        self._journal.close()


class _Orders:
    """What is said on stdin, read without waiting for a whole line."""

    def __init__(self) -> None:
        self._begun = b""
        self.is_quiet = self.is_leaving = self.is_over = False

    def read(self, descriptor: int) -> None:
        data = os.read(descriptor, 4_096)
        *lines, self._begun = (self._begun + data).split(b"\n")
        self.is_quiet |= b"quiet" in lines
        self.is_leaving |= b"leave" in lines
        self.is_over |= not data


def _live(typists: dict[str, Typist], orders: _Orders, typing_s: float) -> None:
    """Take turns until told to leave, or until whoever gives the orders is gone."""
    report_at = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        while not orders.is_leaving and not orders.is_over:
            for typist in typists.values():
                typist.turn(None if orders.is_quiet else typing_s, is_leaving=False)
            if time.monotonic() >= report_at:
                report_at = time.monotonic() + _REPORT_EVERY_S
                people = {name: typist.standing for name, typist in typists.items()}
                print(json.dumps({"is_quiet": orders.is_quiet, "people": people}), flush=True)
            if selector.select(_POLL_EVERY_S):
                orders.read(sys.stdin.fileno())


def _leave(typists: dict[str, Typist]) -> None:
    deadline = time.monotonic() + _LEAVING_S_MAX
    for typist in typists.values():
        typist.link.quit(time.monotonic())
    while time.monotonic() < deadline:
        for typist in typists.values():
            typist.turn(None, is_leaving=True)
        if all(typist.link.state is events.LinkState.CLOSED for typist in typists.values()):
            return
        time.sleep(_POLL_EVERY_S)


def main(orders_given: str) -> None:
    """Be this many people until told otherwise."""
    given = json.loads(orders_given)
    orders = _Orders()
    with ExitStack() as cleanup:
        typists = {}
        for name, rooms in given["people"].items():
            typists[name] = Typist(Path(given["folder"]), given["port"], name, rooms, given["seed"])
            cleanup.callback(typists[name].close)
        _live(typists, orders, given["typing_s"])
        if orders.is_leaving:
            _leave(typists)


if __name__ == "__main__":
    main(sys.argv[1])
