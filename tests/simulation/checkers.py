"""What must be true, whatever happens. Each rule is short, and none of it uses the code it judges.

The log is read through a connection of its own, so that only what is committed is seen.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from chat_core import limits
from chat_core.errors import GeneralReceiveFailure

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.client.events import MessagesGone, PostStored, RoomJoined, RoomLive, TypingSeen
    from chat_core.errors import ConnectionFailure
    from chat_core.messages import Message
    from tests.simulation.people import Somebody
    from tests.simulation.world import World

__all__ = ["Broken", "Checkers", "LogView", "Row"]

_SEQ_BITS = 40


class Broken(Exception):
    """A promise is broken."""


class Row(NamedTuple):
    """A committed message, as the checkers read it."""

    seq: int
    unix_ms: int
    sender: str
    mid: str
    text: str


class LogView:
    """What one epoch's log holds, read from the file and judged row by row as it grows."""

    def __init__(self, path: Path) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.mids: dict[str, tuple[str, int]] = {}
        self._database = sqlite3.connect(str(path), isolation_level=None)

    def refresh(self, writers: dict[str, Somebody]) -> None:
        """Read what was committed since the last time. Raises Broken."""
        for room_id, room in self._database.execute("SELECT id, name FROM room ORDER BY id").fetchall():
            rows = self.rows.setdefault(room, [])
            after = room_id << _SEQ_BITS | len(rows)
            for message_id, *rest in self._database.execute(
                "SELECT id, unix_ms, sender, mid, text FROM message WHERE id > ? AND id < ? ORDER BY id",
                (after, (room_id + 1) << _SEQ_BITS),
            ).fetchall():
                self._judge(room, rows, Row(message_id - (room_id << _SEQ_BITS), *rest), writers)

    def _judge(self, room: str, rows: list[Row], row: Row, writers: dict[str, Somebody]) -> None:
        if row.seq != len(rows) + 1:
            raise Broken(f"seq {row.seq} follows {len(rows)} in {room}: the log is not dense")
        if rows and row.unix_ms < rows[-1].unix_ms:
            raise Broken(f"time goes back at seq {row.seq} of {room}")
        if row.mid in self.mids:
            raise Broken(f"{row.mid} is in the log twice: {self.mids[row.mid]} and {(room, row.seq)}")
        number, typed_in, text = writers[row.sender].written.get(row.mid, (-1, "", ""))
        if (typed_in, text) != (room, row.text):
            raise Broken(f"seq {row.seq} of {room} is not what {row.sender} typed")
        for earlier in reversed(rows):
            if earlier.sender == row.sender:
                if writers[row.sender].written[earlier.mid][0] > number:
                    raise Broken(f"seq {row.seq} of {room} by {row.sender} is out of order")
                break
        rows.append(row)
        self.mids[row.mid] = (room, row.seq)

    def pruned_up_to(self, room: str) -> int:
        """Read how far a room was pruned."""
        ((pruned,),) = self._database.execute("SELECT pruned FROM room WHERE name = ?", (room,)).fetchall()
        return int(pruned)

    def close(self) -> None:
        self._database.close()


class Checkers:
    """The rules about what people see, and about the server's memory."""

    def __init__(self, world: World) -> None:
        self._world = world

    def fail(self, text: str) -> None:
        """Say that a promise is broken."""
        raise Broken(text)

    def joined(self, who: Somebody, event: RoomJoined) -> None:
        """Delivery goes on exactly where it ended, and nobody is told of a gap that is none."""
        due = who.due.get(event.room)
        if due is not None and event.next - event.missing != due:
            raise Broken(f"{who.name} resumes {event.room} at {event.next}, not at {due}")
        if event.is_reset or (event.missing and event.next != event.first):
            raise Broken(f"{who.name} is told of missing messages: {event}")

    def shown(self, who: Somebody, message: Message) -> None:
        """What is shown is the next message, is committed, and is what was committed."""
        due = who.due.get(message.room)
        if message.seq != due:
            raise Broken(f"{who.name} is shown seq {message.seq} of {message.room}, not {due}")
        rows = self._world.view(who.epoch).rows.get(message.room, [])
        if message.seq > len(rows):
            raise Broken(f"{who.name} is shown seq {message.seq} of {message.room}, which is not committed")
        if rows[message.seq - 1] != (message.seq, message.time, message.sender, message.mid, message.text):
            raise Broken(f"{who.name} is shown another seq {message.seq} of {message.room} than the log has")

    def gone(self, who: Somebody, event: MessagesGone) -> None:
        """What is said to be missing is what comes next, and it has really been pruned."""
        pruned = self._world.view(who.epoch).pruned_up_to(event.room)
        if event.first_missing != who.due[event.room] or not event.first_missing <= event.last_missing <= pruned:
            raise Broken(f"{who.name} is told {event}, but waits for {who.due}, and {pruned} are pruned")

    def live(self, who: Somebody, event: RoomLive) -> None:
        """`live` comes when everything up to it has been shown."""
        if event.seq != who.due[event.room] - 1:
            raise Broken(f"{who.name} is told that {event.room} is live at {event.seq}, but waits for {who.due}")

    def writing(self, who: Somebody, event: TypingSeen) -> None:
        """Nobody is told of their own keys, or of somebody who never touched one there."""
        for name in event.names:
            if name == who.name or event.room not in self._world.people[name].typed_in:
                raise Broken(f"{who.name} is told that {name} writes in {event.room}")

    def acknowledged(self, who: Somebody, event: PostStored) -> None:
        """What is acknowledged is in the log, there where it is said to be."""
        if self._world.view(who.epoch).mids.get(event.mid) != (event.room, event.seq):
            raise Broken(f"{who.name} got an acknowledgement for what is not in the log: {event}")

    def broken_off(self, who: Somebody, failure: ConnectionFailure | None) -> None:
        """Nobody breaks off over a hole: this network loses nothing on the way, so it would be the server's."""
        if isinstance(failure, GeneralReceiveFailure) and failure.detail.startswith("message "):
            raise Broken(f"{who.name} breaks off: {failure.detail}")

    def bounded(self) -> None:
        """No queue and no buffer of the server grows beyond its bound."""
        app = self._world.app
        for connection in () if app is None else app.connections:
            if connection.queued_bytes > limits.QUEUED_BYTES_MAX:
                raise Broken(f"{connection.queued_bytes} bytes are queued for {connection.peer}")
            if connection.decoder.buffered_bytes > limits.READ_BYTES_PER_TICK + limits.CLIENT_FRAME_BYTES_MAX + 4:
                raise Broken(f"{connection.decoder.buffered_bytes} bytes are buffered of {connection.peer}")

    def settled(self) -> str:
        """Say what is still to come after all faults have stopped, or nothing when all is well."""
        world = self._world
        for who in world.people.values():
            if who.link.outbox:
                return f"{who.name} still has {len(who.link.outbox)} messages to send ({who.link.state.value})"
            for room in who.link.wanted_rooms:
                head = len(world.view(world.epoch).rows.get(room, []))
                if who.due.get(room) != head + 1:
                    return f"{who.name} waits for seq {who.due.get(room)} of {room}, whose head is {head}"
                away = self._away_in(room)
                if who.away_in.get(room) != away:
                    return f"{who.name} takes {who.away_in.get(room)} for away in {room}, and it is {away}"
            for mid in who.owed:
                if not world.is_stored(mid):
                    return f"{who.name}'s message {who.written[mid]} is nowhere"
        return ""

    def _away_in(self, room: str) -> tuple[str, ...]:
        """Find out who is away in a room, from what they have said themselves."""
        here = [who for who in self._world.people.values() if room in who.link.wanted_rooms]
        if len(here) > limits.EPHEMERAL_PEOPLE_MAX or not self._world.has_ephemeral:
            return ()
        return tuple(sorted(who.name for who in here if who.is_away))
