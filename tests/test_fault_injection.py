"""Everything fails once: the n-th statement, commit, send, receive or accept of a conversation, for every n of it.

The real app, hub and log under a fake network and clock, and three people who do everything the protocol has.
One call fails; those it struck come back and send again what was not acknowledged. Then everything acknowledged
must be in the log and have reached everybody, all else must have been refused in words or with the connection,
and whoever had no part in it must have noticed nothing.
"""

from __future__ import annotations

import itertools
import logging
import tempfile
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from chat_core import limits
from chat_core.errors import StartFailure, StorageError
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SqliteLog
from tests.fakes import NoErrorLogs
from tests.hostile.failing import COMMITS, STATEMENTS, Bench, Chaos, Database, Fault, Row, Wire

if TYPE_CHECKING:
    from tests.fakes import FakePeer

#: How long after each step of the conversation the next one begins: some sweeps, so that the log is probed meanwhile.
PAUSE_S = 2.2


class Person:
    """Somebody who keeps what it was told, and sends again what was not acknowledged, in order."""

    def __init__(self, bench: Bench, name: str) -> None:
        self.name = name
        self._bench = bench
        self._token = f"a token of {name}'s own making"
        self._peer: FakePeer | None = None
        self._taken = 0
        self._numbers = itertools.count(1)
        self.wanted: dict[str, int | None] = {}  # the rooms to be in, with the cursor
        self.typed: dict[str, tuple[str, str]] = {}  # mid: room, text
        self.owed: dict[str, None] = {}  # typed and not acknowledged
        self.acknowledged: dict[str, tuple[str, int]] = {}  # mid: room, seq
        self.heard: dict[str, list[Row]] = {}
        self.replies: list[str] = []
        self.troubles: list[str] = []  # what it noticed of any failure, since somebody looked
        self.has_acted = False
        self.is_absent = True  # by its own will

    @property
    def _wire(self) -> Wire:
        assert self._peer is not None
        assert isinstance(self._peer.transport, Wire)
        return self._peer.transport

    @property
    def is_struck(self) -> bool:
        """Whether its own connection was what failed."""
        return self._peer is not None and self._wire.is_struck

    @property
    def is_cut_off(self) -> bool:
        """Whether its connection is over."""
        return self._peer is None or self._wire.is_closed or self._wire.is_finished

    # --- doing ---

    def come(self) -> None:
        """Connect, and go on where it was."""
        self.is_absent = False
        self._peer, self._taken = self._bench.call(), 0
        self.say({"type": "hello", "protocol": 1, "name": self.name, "install": "i", "token": self._token})
        for room, cursor in self.wanted.items():
            self.say({"type": "join", "room": room, **({} if cursor is None else {"after": cursor})})
        self._send_again(*self.owed)

    def _send_again(self, *mids: str) -> None:
        for mid in mids:
            self.say({"type": "post", "room": self.typed[mid][0], "mid": mid, "text": self.typed[mid][1]})

    def say(self, *messages: dict[str, Any]) -> None:
        """Say something, to nobody if the connection is gone."""
        self.has_acted = True
        assert self._peer is not None
        self._peer.say(*messages)

    def join(self, room: str) -> None:
        """Go into a room."""
        self.wanted.setdefault(room, None)
        cursor = self.wanted[room]
        self.say({"type": "join", "room": room, **({} if cursor is None else {"after": cursor})})

    def leave(self, room: str) -> None:
        """Go out of a room, and forget it."""
        del self.wanted[room]
        self.say({"type": "leave", "room": room})

    def post(self, room: str, *texts: str) -> None:
        """Write messages."""
        for text in texts:
            mid = f"{self.name}-{next(self._numbers):03}"
            self.typed[mid] = (room, text)
            self.owed[mid] = None
            self._send_again(mid)

    def resend(self, count: int) -> None:
        """Send again what was acknowledged last, as one does whose acknowledgement was lost."""
        self._send_again(*list(self.typed)[-count:])

    def hang_up(self) -> None:
        """End the connection without a word."""
        self.has_acted = self.is_absent = True
        assert self._peer is not None
        self._peer.say_bytes(b"")

    def quit(self) -> None:
        """Leave politely."""
        self.is_absent = True
        self.say({"type": "quit"})

    # --- hearing ---

    def listen(self) -> None:
        """Take what has come. Raises AssertionError when it cannot be."""
        if self._peer is None:
            return
        events = self._peer.events
        new, self._taken = events[self._taken :], len(events)
        for event in new:
            self.replies.append(event["type"])
            if event["type"] in _HEARD:
                _HEARD[event["type"]](self, event)
        if self.is_cut_off and not self.is_absent:
            self.troubles.append("cut off")

    def _joined(self, event: dict[str, Any]) -> None:
        cursor = self.wanted.get(event["room"])
        assert "reset" not in event, event
        if cursor is not None and self._bench.keep is None:
            assert event["next"] == cursor + 1, f"{self.name} resumes after {cursor}: {event}"
        if event["next"] - 1 != cursor:
            self.heard[event["room"]] = []
        self.wanted[event["room"]] = event["next"] - 1

    def _message(self, event: dict[str, Any]) -> None:
        room = event["room"]
        if room not in self.wanted:
            return  # it came while we were leaving
        cursor = self.wanted[room]
        assert cursor is not None
        assert event["seq"] == cursor + 1, f"{self.name} hears {event} after {cursor}"
        self.wanted[room] = event["seq"]
        self.heard[room].append(Row(event["seq"], event["from"], event["mid"], event["text"]))

    def _gone(self, event: dict[str, Any]) -> None:
        assert self._bench.keep is not None, event
        self.wanted[event["room"]] = event["first"] - 1
        self.heard[event["room"]] = []

    def _posted(self, event: dict[str, Any]) -> None:
        mid, place = event["mid"], (event["room"], event["seq"])
        assert self.acknowledged.setdefault(mid, place) == place, f"{mid} is acknowledged twice"
        self.owed.pop(mid, None)

    def _error(self, event: dict[str, Any]) -> None:
        assert event["text"], event
        if event["code"] != "mid_reuse":
            assert event["code"] == "storage", event
            assert event["fatal"], event
            assert event["retry"] == limits.STORAGE_RETRY_S, event
            self.troubles.append("refused")

    def _quit(self, event: dict[str, Any]) -> None:
        assert event["reason"] == "bye", event


_HEARD: dict[str, Callable[[Person, dict[str, Any]], None]] = {
    "joined": Person._joined,  # noqa: SLF001
    "message": Person._message,  # noqa: SLF001
    "gone": Person._gone,  # noqa: SLF001
    "posted": Person._posted,  # noqa: SLF001
    "error": Person._error,  # noqa: SLF001
    "quit": Person._quit,  # noqa: SLF001
}


class Conversation:
    """What three people say and do, step by step, and what must be true after each step and at the end."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._by_name = {name: Person(bench, name) for name in ("ada", "bob", "cy")}
        self.people = tuple(self._by_name.values())
        self._may_be_hurt_too: set[Person] = set()

    def run(self) -> None:
        """Do it all. Raises AssertionError when a promise is broken."""
        self.bench.chaos.is_on = True
        for step in _SCRIPT:
            self._do(step)
        for _ in range(3):  # whoever was hurt by the very last step comes back
            self._do(())
        self._check_log()
        self._check_everybody()

    def _do(self, step: tuple[tuple[str, Callable[[Person], None]], ...]) -> None:
        had_struck, restarts = self.bench.chaos.has_struck, self.bench.restarts
        for person in self.people:
            person.has_acted = False
            person.troubles.clear()
            if person.is_cut_off and not person.is_absent:
                person.come()
        for name, action in step:
            action(self._by_name[name])
        self.bench.run_for(PAUSE_S)
        for person in self.people:
            person.listen()
        acting = {person for person in self.people if person.has_acted}
        if self.bench.restarts != restarts:
            acting = set(self.people)  # a killed server is noticed by everybody
        chaos = self.bench.chaos
        may_be_hurt = acting if chaos.has_struck and chaos.fault in (*STATEMENTS, *COMMITS) else set()
        for person in self.people:
            if person.troubles:
                assert had_struck != chaos.has_struck or person in self._may_be_hurt_too, "long after"
                assert person.is_struck or person in may_be_hurt, f"{person.name} had no part in it: {person.troubles}"
        # A log that failed in the pause, when it was tidied up, is probed only in the next step.
        self._may_be_hurt_too = set(self.people) if chaos.has_struck and not had_struck else set()

    def _check_log(self) -> None:
        rows, keys = self.bench.rows(), self.bench.mids()
        assert sum(map(len, rows.values())) <= len(keys) == len({mid for mid, _, _ in keys}), "half kept, or kept twice"
        placed = {mid: (room, seq) for mid, room, seq in keys}
        for room, found in rows.items():
            first = found[0].seq if self.bench.keep is not None else 1
            head = first + len(found) - 1
            assert [row.seq for row in found] == list(range(first, head + 1)), f"{room} is not dense: {found}"
            assert sorted(seq for _, place, seq in keys if place == room) == list(range(1, head + 1)), f"keys of {room}"
            for person in self.people:
                mids = [row.mid for row in found if row.mid in person.typed]
                assert mids == sorted(mids), f"what {person.name} wrote to {room} is out of order: {mids}"
                assert [person.typed[mid] for mid in mids] == [(room, r.text) for r in found if r.mid in mids]
            assert all(placed[row.mid] == (room, row.seq) for row in found), f"a key of {room} leads elsewhere"
        for person in self.people:
            for mid, place in person.acknowledged.items():
                assert placed.get(mid) == place, f"{mid} was acknowledged at {place} and is at {placed.get(mid)}"
            assert not person.owed, f"{person.name} never got an answer to {list(person.owed)}"
            assert person.typed.keys() == person.acknowledged.keys()

    def _check_everybody(self) -> None:
        rows = self.bench.rows()
        for person in self.people:
            assert not person.is_cut_off, f"{person.name} is not here at the end"
            for room, cursor in person.wanted.items():
                head = rows[room][-1].seq if rows.get(room) else 0
                assert cursor == head, f"{person.name} is at {cursor} of {room}, whose head is {head}"
            for room, heard in person.heard.items():
                kept = {row.seq: row for row in rows.get(room, [])}
                for place, row in enumerate(heard):
                    assert row.seq == heard[0].seq + place, f"{person.name} hears {room} out of order"
                    assert kept.get(row.seq, row) == row, f"{person.name} heard something else in {room} than is there"


def _comes(*rooms: str) -> Callable[[Person], None]:
    def come(person: Person) -> None:
        person.come()
        for room in rooms:
            person.join(room)

    return come


#: What is done in each step, by whom. Each step ends with a pause, in which the log is tidied up, or probed.
_SCRIPT: tuple[tuple[tuple[str, Callable[[Person], None]], ...], ...] = (
    (("ada", _comes("lobby")),),
    (("bob", _comes("lobby")),),
    (("ada", lambda ada: ada.post("lobby", "one", "two")),),
    (("cy", _comes("lobby", "tea")),),
    (
        ("ada", lambda ada: ada.post("lobby", "three")),
        ("bob", lambda bob: bob.post("lobby", "four")),
        ("cy", lambda cy: cy.post("tea", "one")),
    ),
    (("bob", lambda bob: bob.say({"type": "history", "room": "lobby", "before": 4, "limit": 2})),),
    (("bob", lambda bob: bob.say({"type": "rename", "name": "robert"}, {"type": "who", "room": "lobby"})),),
    (("bob", lambda bob: bob.post("lobby", "under a new name")),),
    (("ada", lambda ada: ada.join("tea")), ("ada", lambda ada: ada.post("tea", "x" * limits.TEXT_CHARS_MAX))),
    (("cy", lambda cy: cy.hang_up()),),
    (("ada", lambda ada: ada.post("lobby", "cy is away")), ("bob", lambda bob: bob.post("lobby", "so it is"))),
    (("cy", lambda cy: cy.come()),),  # and resumes
    (
        ("cy", lambda cy: cy.resend(1)),
        ("cy", lambda cy: cy.post("tea", "new")),
        ("ada", lambda ada: ada.resend(2)),
    ),
    (("bob", lambda bob: bob.leave("lobby")), ("bob", lambda bob: bob.join("tea"))),
    (("bob", lambda bob: bob.post("tea", "from there")), ("ada", lambda ada: ada.post("lobby", "bob is away"))),
    (("bob", lambda bob: bob.join("lobby")),),
    (("ada", lambda ada: ada.say({"type": "rooms"}, {"type": "ping", "nonce": "n"})),),
    (("ada", lambda ada: ada.quit()),),
    (("bob", lambda bob: bob.post("lobby", "ada is away")), ("cy", lambda cy: cy.post("lobby", "quite so"))),
    (("ada", lambda ada: ada.come()),),
    tuple((name, lambda person: person.post("lobby", "a", "b", "c")) for name in ("ada", "bob", "cy")),
)


class EveryCall(NoErrorLogs):
    """One run of the conversation for each call of it that can fail; here one in so many, and every commit."""

    stride = 9  # `python3 -m tests.hostile faults` leaves none out

    def setUp(self) -> None:
        super().setUp()
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def converse(self, chaos: Chaos, path: Path | None = None, keep: int | None = None) -> Conversation:
        """Run the conversation under one fault."""
        bench = Bench(chaos, path, keep=keep)
        try:
            talk = Conversation(bench)
            talk.run()
        finally:
            bench.close()
        return talk

    def fail_each(self, fault: Fault, calls_min: int, *, in_file: bool = False, keep: int | None = None) -> None:
        """Let each call fail once, in a run of its own; there are at least so many, or the script is no longer it."""
        chaos = Chaos()
        self.converse(chaos, keep=keep)
        calls = chaos.calls[fault]
        self.assertGreaterEqual(calls, calls_min)
        for number in range(1, calls + 1, 1 if fault is Fault.COMMIT_FAILS else self.stride):
            with self.subTest(fault.value, number=number, of=calls):
                chaos = Chaos(fault, number)
                self.converse(chaos, self.folder / f"{fault.name}-{number}.db" if in_file else None, keep)
                self.assertTrue(chaos.has_struck)

    def test_nothing_fails(self) -> None:
        talk = self.converse(Chaos())
        heard = {reply for person in talk.people for reply in person.replies}
        self.assertLessEqual(
            {"welcome", "joined", "message", "live", "posted", "presence", "history", "renamed", "left", "quit"}, heard
        )
        self.assertEqual([person.troubles for person in talk.people], [[], [], []])

    def test_statements(self) -> None:
        for fault in STATEMENTS:
            self.fail_each(fault, 100)

    def test_statements_while_old_messages_are_deleted(self) -> None:
        self.fail_each(Fault.STATEMENT_FAILS, 120, keep=4)

    def test_commits(self) -> None:
        self.fail_each(Fault.COMMIT_FAILS, 15)

    def test_commits_with_a_restart(self) -> None:
        for fault in (Fault.COMMIT_FAILS_AND_IS_FOUND, Fault.KILL_BEFORE_COMMIT):
            self.fail_each(fault, 15, in_file=True)

    def test_sends(self) -> None:
        for fault in (Fault.SEND_FAILS, Fault.SEND_IS_CUT):
            self.fail_each(fault, 60)

    def test_receives(self) -> None:
        for fault in (Fault.RECEIVE_FAILS, Fault.RECEIVE_ENDS):
            self.fail_each(fault, 45)

    def test_accepts(self) -> None:
        for fault in (Fault.ACCEPT_HAS_NO_DESCRIPTOR, Fault.ACCEPT_FAILS):
            self.fail_each(fault, 10)


class Starting(unittest.TestCase):
    """A start of which one statement fails, with a new log and with one that is there."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def why_not(self, path: Path, number: int) -> str | None:
        """Start once, with this statement failing (0: none), and return what was said, or None when it started."""
        chaos = Chaos(Fault.STATEMENT_FAILS, number)
        chaos.is_on = True
        opened = []

        def connect(name: str) -> Any:
            opened.append(Database(name, chaos))
            return opened[0]

        try:
            log = SqliteLog(path, f"epoch {path.stem}", is_synchronous=False, connect=connect)
            Hub(log, HubOptions(), lambda: "token")
            self.assertEqual(log.epoch, f"epoch {path.stem}")
        except StartFailure as failure:
            return str(failure)
        except StorageError as failure:
            return f"{path}: {failure}"  # the program says where; see `_serve` in the server's cli
        finally:
            opened[0].close()
        return None

    def sentences(self, *, is_new: bool) -> list[str]:
        """Let each statement of a start fail in turn, and start again without a fault after each."""
        found: list[str] = []
        for number in range(1, 100):
            path = self.folder / f"{is_new}-{number}.db"
            if not is_new:
                self.assertIsNone(self.why_not(path, 0))
            said = self.why_not(path, number)
            if said is None:
                return found
            found.append(said)
            self.assertIsNone(self.why_not(path, 0), "nothing of the failed start is in the way")
        raise AssertionError("a start has no end")

    def test_is_a_sentence_and_the_next_one_is_as_if_nothing_had_been(self) -> None:
        for is_new, statements in ((True, 20), (False, 10)):
            said = self.sentences(is_new=is_new)
            self.assertGreater(len(said), statements)
            for sentence in said:
                self.assertIn("disk I/O error", sentence)
                self.assertNotIn("\n", sentence)

    def test_does_not_take_a_failing_disk_for_a_damaged_log(self) -> None:
        for sentence in self.sentences(is_new=False):
            self.assertNotIn("move it away", sentence)

    def test_says_which_file_it_is_about(self) -> None:
        for sentence in self.sentences(is_new=False):
            self.assertIn(str(self.folder), sentence)


if __name__ == "__main__":
    unittest.main()
