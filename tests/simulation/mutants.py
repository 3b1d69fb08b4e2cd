"""Faults built into our own code on purpose, each of which the checkers must notice.

A simulation that finds nothing may be a simulation that looks at nothing. Each mutant is one way in which a chat
server or a client could really be wrong; `python3 -m tests.simulation --mutants` says after how many seeds it
was caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, ContextManager, Iterator, NamedTuple, Sequence
from unittest import mock

from chat_core import limits
from chat_core.client.ephemeral import Ephemeral
from chat_core.client.kept import OutboxEntry
from chat_core.client.membership import Membership
from chat_core.client.outbox import Outbox, Sending
from chat_core.client.roster import Roster
from chat_core.client.saving import Saving
from chat_core.client.session import Session
from chat_core.errors import StorageError
from chat_core.messages import Live
from chat_core.server import ephemeral
from chat_core.server.log import SqliteLog
from chat_core.server.records import Batch
from chat_core.server.room import Member, Room
from chat_core.server.staging import Growth, Outcome, Staging

if TYPE_CHECKING:
    from chat_core.messages import Posted, Presence
    from chat_core.server.people import Person
    from chat_core.server.records import NewMessage

__all__ = ["MUTANTS", "Mutant"]

# ruff: noqa: SLF001 - a mutant is surgery on the inside


class Mutant(NamedTuple):
    """One fault: its name, and how to switch it on for a while."""

    name: str
    switch_on: Callable[[], ContextManager[Any]]


def _replace(owner: type, name: str, wrong: Callable[..., Any]) -> Callable[[], ContextManager[Any]]:
    return lambda: mock.patch.object(owner, name, wrong)


# --- the server's ---

_commit_staged = Staging.commit
_begin_growth = Staging._begin
_open_log = SqliteLog.__init__
_add_to_room = Room.add
_feed = Room.feed


def _acknowledge_without_commit(staging: Staging, unix_ms: int) -> Outcome:
    try:
        return _commit_staged(staging, unix_ms)
    except StorageError:
        outcome = staging._settle(Batch(), unix_ms, None)
        outcome.growths.clear()
        return outcome


def _deliver_without_commit(staging: Staging, unix_ms: int) -> Outcome:
    try:
        return _commit_staged(staging, unix_ms)
    except StorageError:
        outcome = staging._settle(Batch(), unix_ms, None)
        outcome.replies.clear()
        return outcome


def _use_up_seqs(staging: Staging, unix_ms: int) -> Outcome:
    try:
        return _commit_staged(staging, unix_ms)
    except StorageError:
        for _, room, *_ in staging.posts:
            room._tail.head += 1
        raise


def _trust_the_clock(staging: Staging, outcome: Outcome, room: Room, unix_ms: int) -> Growth:
    growth = _begin_growth(staging, outcome, room, unix_ms)
    growth.unix_ms = unix_ms
    return growth


def _store_duplicates(log: SqliteLog, messages: Sequence[NewMessage]) -> None:
    rows = [(room_id << 40 | seq, *rest) for room_id, seq, *rest in messages]
    keys = [(person_id, mid, row_id) for row_id, _, person_id, _, mid, _ in rows]
    log._database.executemany("INSERT OR IGNORE INTO mid VALUES (?, ?, ?)", keys)
    log._database.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", rows)


def _forget_mids_at_start(log: SqliteLog, *arguments: Any, **options: Any) -> None:
    _open_log(log, *arguments, **options)
    log._database.execute("DELETE FROM mid")


class _WithoutTransactions:
    """A database on which every statement commits by itself."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> Any:
        if statement in ("BEGIN IMMEDIATE", "COMMIT"):
            statement = "SELECT 1"
        return self._database.execute(statement, values)


def _commit_piecemeal(log: SqliteLog, *arguments: Any, **options: Any) -> None:
    _open_log(log, *arguments, **options)
    log._database = _WithoutTransactions(log._database)  # type: ignore[assignment]


def _push_past_a_gap(room: Room, frames: list[bytes], unix_ms: int) -> None:
    room._tail.append(frames)
    room.last_unix_ms = unix_ms
    for member in room.members:
        member.outlet.put(b"".join(frames))


def _drop_for_slow(room: Room, frames: list[bytes], unix_ms: int) -> None:
    room._tail.append(frames)
    room.last_unix_ms = unix_ms
    for member in room.members:
        if member.is_live and member.outlet.queued_bytes < limits.HIGH_WATER_BYTES:
            member.outlet.put(b"".join(frames))


def _resume_off_by_one(room: Room, session: Any, person: Person, cursor: int) -> Member:
    return _add_to_room(room, session, person, min(cursor + 1, room.head))


def _say_live_too_early(room: Room, member: Member) -> int:
    if member.wants_live:
        member.wants_live = False
        member.session.say(Live(room.name, room.head))
    return _feed(room, member)


def _forget_who_is_slow(room: Room, frame: bytes) -> None:
    for member in room.members:
        if member.outlet.queued_bytes < limits.HIGH_WATER_BYTES:
            member.outlet.put(frame)


def _tell_the_author_too(room: Room, names: dict[Person, str]) -> None:
    for member in room.members:
        member.outlet.put(ephemeral._typing_frame(room, names.values()))


# --- the client's ---

_apply_presence = Roster.apply
_on_posted = Session._on_posted


def _take_posted_for_read(session: Session, reply: Posted) -> None:
    _on_posted(session, reply)
    room = session._members.find(reply.room)
    if room is not None and reply.seq > (room.cursor or 0):
        session._members.advance(room, reply.seq)


def _forget_what_was_sent(outbox: Outbox) -> None:
    for sending in [sending for sending in outbox._sendings.values() if sending.is_in_flight]:
        outbox.remove(sending)


def _new_mid_on_resend(outbox: Outbox) -> None:
    renamed = {}
    for sending in outbox._sendings.values():
        entry = sending.entry
        if sending.is_in_flight:
            outbox.withdraw(sending)
            sending.entry = OutboxEntry(entry.mid[:-1] + ("0" if entry.mid[-1] != "0" else "1"), entry.room, entry.text)
        renamed[sending.entry.mid] = sending
    outbox._sendings = renamed


def _send_the_newest_first(outbox: Outbox, may_send: Callable[[str], bool]) -> Iterator[Sending]:
    for sending in reversed(list(outbox._sendings.values())):
        if outbox._in_flight < outbox.window and not sending.is_in_flight and may_send(sending.room_key):
            yield sending


def _take_those_who_left_for_away(roster: Roster, change: Presence) -> None:
    away = roster.away
    _apply_presence(roster, change)
    roster.away = away


MUTANTS = (
    Mutant("acknowledge what was not committed", _replace(Staging, "commit", _acknowledge_without_commit)),
    Mutant("deliver what was not committed", _replace(Staging, "commit", _deliver_without_commit)),
    Mutant("a failed commit uses up its seqs", _replace(Staging, "commit", _use_up_seqs)),
    Mutant("a message's time is the clock's", _replace(Staging, "_begin", _trust_the_clock)),
    Mutant("no dedupe", _replace(SqliteLog, "_append", _store_duplicates)),
    Mutant("dedupe is forgotten by a restart", _replace(SqliteLog, "__init__", _forget_mids_at_start)),
    Mutant("no transaction around a tick", _replace(SqliteLog, "__init__", _commit_piecemeal)),
    Mutant("live messages are pushed past a gap", _replace(Room, "deliver", _push_past_a_gap)),
    Mutant("messages are dropped for a slow reader", _replace(Room, "deliver", _drop_for_slow)),
    Mutant("resume is off by one", _replace(Room, "add", _resume_off_by_one)),
    Mutant("live is said before it is true", _replace(Room, "feed", _say_live_too_early)),
    Mutant("the cursor is the highest seq ever heard of", _replace(Session, "_on_posted", _take_posted_for_read)),
    Mutant("the outbox forgets what was sent", _replace(Outbox, "withdraw_all", _forget_what_was_sent)),
    Mutant("a resend has a new mid", _replace(Outbox, "withdraw_all", _new_mid_on_resend)),
    Mutant("the outbox is sent newest first", _replace(Outbox, "sendable", _send_the_newest_first)),
    Mutant("the cursors of another epoch are kept", _replace(Membership, "forget_cursors", lambda _members: None)),
    Mutant("who is away is not told to a slow reader", _replace(Room, "spread", _forget_who_is_slow)),
    Mutant(
        "authors are told that they write", lambda: mock.patch.object(ephemeral, "_spread_typing", _tell_the_author_too)
    ),
    Mutant("one who leaves stays away", _replace(Roster, "apply", _take_those_who_left_for_away)),
    Mutant("away is not said again after a return", _replace(Ephemeral, "disconnected", lambda _ephemeral: None)),
    Mutant("away is not said again after an old post", _replace(Ephemeral, "posted", lambda _ephemeral: None)),
    Mutant("posts are sent before they are on disk", lambda: mock.patch.object(Saving, "may_post", new=True)),
)
