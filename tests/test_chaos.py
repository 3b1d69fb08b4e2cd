"""A short storm with real processes, and whether the checkers of long ones would notice what they are there for."""

from __future__ import annotations

import os
import random
import selectors
import socket
import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.chaos import checkers
from tests.chaos.__main__ import run
from tests.chaos.journal import Entry, Journal, read_journal
from tests.chaos.proxy import FaultProxy, Passage, Strike
from tests.chaos.recovery import Recovery, percentile, samples_of
from tests.chaos.storm import Kill, Plan, Storm, StormError, Story, rooms_of
from tests.serving import HOST, PATIENCE_S


class FolderTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


@unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
@unittest.skipUnless(os.name == "posix", "needs signals that only POSIX systems have")
class ShortStorm(FolderTest):
    PLAN = Plan(
        seed=3, storm_s=PATIENCE_S, clients=4, rooms=2, workers=2, typing_s=0.1, kill_every_s=1.0, kills_max=2,
        stop_probability=0.0, worker_kill_every_s=0.6, fault_probability=0.5, calm_s=0.5,
    )  # fmt: skip

    def test_nothing_is_lost_doubled_or_reordered(self) -> None:
        outcome = run(self.folder, self.PLAN, is_silent=True)
        self.assertEqual(outcome.findings, [])
        self.assertEqual(len(outcome.story.kills), 2)
        self.assertGreater(outcome.stored, 0)
        self.assertGreaterEqual(outcome.counts["typed"], outcome.stored)
        self.assertGreaterEqual(outcome.counts["shown"], outcome.stored * 2)
        self.assertGreater(len(outcome.story.worker_kills), 0)

    def test_its_processes_end_when_it_is_interrupted(self) -> None:
        class Interrupted(Exception):
            pass

        def interrupt(_text: str) -> None:
            raise Interrupted

        storm = Storm(self.folder, self.PLAN)
        with self.assertRaises(Interrupted), storm:
            storm.run(interrupt)
        self.assertEqual(len(storm.children), 3)
        self.assertEqual([child.status for child in storm.children], [-9, -9, -9])

    def test_a_server_that_does_not_start_ends_it(self) -> None:
        (self.folder / "server").write_text("in the way")
        storm = Storm(self.folder, self.PLAN)
        with self.assertRaisesRegex(StormError, "ServerChild ended by itself with status 1"), storm:
            storm.run(lambda _text: None)


class Journals(FolderTest):
    def test_what_was_noted_is_read_again(self) -> None:
        path = self.folder / "journal"
        self.assertEqual(read_journal(path), [])
        journal = Journal(path)
        journal.note("typed", 1.5, mid="m1", text="Grüße")
        journal.flush()
        journal.note("kept", 2.0, mids=["m1"])
        journal.close()
        entries = [
            {"what": "typed", "at": 1.5, "mid": "m1", "text": "Grüße"},
            {"what": "kept", "at": 2.0, "mids": ["m1"]},
        ]
        self.assertEqual(read_journal(path), entries)

    def test_a_line_that_a_killed_process_did_not_finish_is_cut_off(self) -> None:
        path = self.folder / "journal"
        path.write_bytes(b'{"what": "kept", "at": 1}\n{"what": "ty')
        self.assertEqual(len(read_journal(path)), 1)
        journal = Journal(path)
        journal.note("kept", 2.0)
        journal.close()
        self.assertEqual([entry["at"] for entry in read_journal(path)], [1, 2.0])


SCHEMA = """
DROP TABLE IF EXISTS room; DROP TABLE IF EXISTS message; DROP TABLE IF EXISTS mid;
CREATE TABLE room (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE message (id INTEGER PRIMARY KEY, unix_ms INTEGER, person INTEGER, sender TEXT, mid TEXT, text TEXT);
CREATE TABLE mid (person INTEGER, mid TEXT, message INTEGER);
INSERT INTO room VALUES (1, 'r');
"""


def typed(number: int) -> Entry:
    return {"what": "typed", "at": 1.0, "mid": f"m{number}", "room": "r", "number": number, "text": f"ann {number}"}


def shown(seq: int, number: int, at: float = 1.0) -> Entry:
    message = {"room": "r", "seq": seq, "time": seq, "sender": "ann", "mid": f"m{number}", "text": f"ann {number}"}
    return {"what": "shown", "at": at, **message}


def entry(what: str, at: float = 1.0, **fields: Any) -> Entry:
    return {"what": what, "at": at, **fields}


def joined(start: int) -> Entry:
    return entry("joined", room="r", next=start, is_whole=True)


STARTED = entry("started", outbox=[])
JOINED = joined(1)
TYPED = [typed(0), typed(1), typed(2), entry("kept", mids=["m0", "m1", "m2"])]
SHOWN = [shown(1, 0), shown(2, 1), shown(3, 2)]
KILLED = [entry("state", 9.0), entry("started", 10.0, outbox=[])]


#: seq, the number in the mid, the number in the text
ROWS = ((1, 0, 0), (2, 1, 1), (3, 2, 2))


class Checkers(FolderTest):
    """A log of three messages by one client, who was shown them; then each fault by itself."""

    def kinds(self, *entries: Entry, rows: tuple[tuple[int, int, int], ...] = ROWS) -> set[str]:
        """Return the kinds of what is found."""
        database = self.folder / "chat.db"
        with closing(sqlite3.connect(str(database), isolation_level=None)) as connection:
            connection.executescript(SCHEMA)
            for seq, mid, number in rows:
                row_id = 1 << 40 | seq
                values = (row_id, seq, 1, "ann", f"m{mid}", f"ann {number}")
                connection.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", values)
                connection.execute("INSERT INTO mid VALUES (1, ?, ?)", (f"m{mid}", row_id))
        return {finding.kind for finding in checkers.check({"ann": [STARTED, *TYPED, *entries]}, database, {})}

    def test_all_is_well(self) -> None:
        stored = entry("stored", room="r", seq=2, mid="m1")
        self.assertEqual(self.kinds(JOINED, *SHOWN, stored), set())

    def test_what_was_typed_and_not_kept_may_be_missing(self) -> None:
        self.assertEqual(self.kinds(typed(3), JOINED, *SHOWN), set())

    def test_a_kept_message_is_not_stored(self) -> None:
        self.assertEqual(self.kinds(typed(3), entry("kept", mids=["m3"]), JOINED, *SHOWN), {"lost"})

    def test_a_message_from_the_outbox_is_not_stored(self) -> None:
        self.assertEqual(self.kinds(typed(3), entry("started", outbox=["m3"]), JOINED, *SHOWN), {"lost"})

    def test_an_acknowledged_message_is_elsewhere(self) -> None:
        self.assertEqual(self.kinds(JOINED, *SHOWN, entry("stored", room="r", seq=3, mid="m1")), {"lost"})

    def test_a_log_with_a_hole(self) -> None:
        self.assertIn("wrong", self.kinds(rows=(*ROWS[:2], (4, 2, 2))))

    def test_a_message_is_stored_twice(self) -> None:
        self.assertIn("doubled", self.kinds(rows=(*ROWS, (4, 1, 1))))

    def test_a_message_is_stored_under_two_mids(self) -> None:
        self.assertIn("doubled", self.kinds(rows=(*ROWS, (4, 3, 1))))

    def test_the_log_has_another_order_than_was_typed(self) -> None:
        self.assertEqual(self.kinds(rows=((1, 0, 0), (2, 2, 2), (3, 1, 1))), {"reordered"})

    def test_words_that_nobody_typed(self) -> None:
        self.assertEqual(self.kinds(rows=(*ROWS, (4, 7, 7))), {"wrong"})

    def test_a_message_is_passed_over(self) -> None:
        self.assertEqual(self.kinds(JOINED, SHOWN[0], SHOWN[2]), {"lost"})

    def test_the_end_is_not_shown(self) -> None:
        self.assertEqual(self.kinds(JOINED, *SHOWN[:2]), {"lost"})

    def test_a_message_is_shown_again(self) -> None:
        self.assertEqual(self.kinds(JOINED, *SHOWN, SHOWN[2]), {"reordered"})

    def test_another_message_is_shown_than_the_log_has(self) -> None:
        self.assertEqual(self.kinds(JOINED, *SHOWN[:2], shown(3, 7)), {"wrong"})

    def test_a_return_in_the_wrong_place(self) -> None:
        self.assertEqual(self.kinds(JOINED, SHOWN[0], joined(3), SHOWN[2]), {"lost"})
        self.assertEqual(self.kinds(JOINED, *SHOWN, joined(2), *SHOWN[1:]), {"doubled"})

    def test_a_killed_client_may_be_shown_again_what_was_not_saved(self) -> None:
        last = shown(3, 2, at=8.5)
        self.assertEqual(self.kinds(JOINED, *SHOWN[:2], last, *KILLED, joined(3), last), set())

    def test_a_killed_client_is_shown_again_what_was_saved(self) -> None:
        last = shown(3, 2, at=7.5)
        self.assertEqual(self.kinds(JOINED, *SHOWN[:2], last, *KILLED, joined(3), last), {"doubled"})

    def test_a_killed_client_passes_over_a_message(self) -> None:
        self.assertEqual(self.kinds(JOINED, SHOWN[0], *KILLED, joined(3), SHOWN[2]), {"lost"})

    def test_trouble_is_told(self) -> None:
        self.assertEqual(self.kinds(JOINED, *SHOWN, entry("trouble", text="refused")), {"wrong"})


class Recoveries(unittest.TestCase):
    def test_from_the_start_of_the_server_to_the_first_message_over_a_new_connection(self) -> None:
        journal = [
            entry("state", 1.0, state="LOGGING_IN"), entry("shown", 9.9), entry("shown", 10.1),
            entry("state", 10.6, state="LOGGING_IN"), entry("shown", 11.0), entry("shown", 11.5),
        ]  # fmt: skip
        (sample,) = samples_of({"ann": journal}, Story(kills=[Kill(10.0, 10.5)]), [])
        self.assertAlmostEqual(sample.since_listening_s, 0.5)
        self.assertAlmostEqual(sample.since_kill_s, 1.0)
        self.assertTrue(sample.is_plain)
        self.assertFalse(sample.missed)

    def test_whoever_was_not_back_before_the_next_kill_counts_twice(self) -> None:
        journal = [entry("state", 12.5, state="LOGGING_IN"), entry("shown", 13.0)]
        samples = samples_of({"ann": journal}, Story(kills=[Kill(10.0, 10.5), Kill(12.0, 12.5)]), [])
        self.assertEqual([sample.since_listening_s for sample in samples], [2.5, 0.5])
        self.assertEqual([sample.missed for sample in samples], [True, False])

    def test_a_server_killed_while_starting_makes_one_outage_longer(self) -> None:
        journal = [entry("state", 12.5, state="LOGGING_IN"), entry("shown", 13.0)]
        (sample,) = samples_of({"ann": journal}, Story(kills=[Kill(10.0, 12.5), Kill(12.0, 12.5)]), [])
        self.assertEqual((sample.since_listening_s, sample.since_kill_s), (0.5, 3.0))

    def test_something_else_in_the_way(self) -> None:
        journal = [entry("state", 10.6, state="LOGGING_IN"), entry("shown", 11.0)]
        kills = [Kill(10.0, 10.5)]
        left, right = socket.socketpair()
        self.addCleanup(left.close)
        self.addCleanup(right.close)
        passage = Passage(left, right, "stall", 0.0)
        for name, is_plain in (("ann", False), ("bob", True)):
            passage.name = name
            (sample,) = samples_of({"ann": journal}, Story(kills=kills), [Strike("stall", passage, 10.7)])
            self.assertEqual(sample.is_plain, is_plain)
            (sample,) = samples_of({"ann": journal}, Story(kills=kills, worker_kills=[((name,), 10.2, 10.4)]), [])
            self.assertEqual(sample.is_plain, is_plain)
        (sample,) = samples_of({"ann": journal}, Story(kills=kills, stops=[(10.9, 12.0)]), [])
        self.assertFalse(sample.is_plain)

    def test_what_was_in_the_way_before_the_kill_still_is_for_whoever_had_not_got_over_it(self) -> None:
        back = [entry("state", 10.6, state="LOGGING_IN"), entry("shown", 11.0)]
        story = Story(kills=[Kill(10.0, 10.5)], stops=[(7.0, 9.0)])
        for last_shown_at, is_plain in ((6.0, False), (9.5, True)):
            (sample,) = samples_of({"ann": [entry("shown", last_shown_at), *back]}, story, [])
            self.assertEqual(sample.is_plain, is_plain)

    def test_percentiles(self) -> None:
        values = [float(number) for number in range(100, 0, -1)]
        self.assertEqual(Recovery.of(values), (100, 50.0, 99.0, 100.0))
        self.assertEqual(percentile([], 0.99), 0.0)


class ChosenFault(random.Random):
    """Chance that has made up its mind: of several things the one given, else the first; of two numbers the first."""

    wanted = ""

    def choice(self, of: Any) -> Any:
        return self.wanted if self.wanted in of else of[0]

    def uniform(self, a: float, b: float) -> float:  # noqa: ARG002 - the shape is given
        return a


class Proxy(unittest.TestCase):
    """The proxy between two sockets; what is not waited for happens at times that the test gives."""

    def setUp(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.addCleanup(self.selector.close)
        self.server = socket.create_server((HOST, 0))
        self.addCleanup(self.server.close)
        self.chance = ChosenFault(1)
        self.proxy = FaultProxy(self.selector, self.server.getsockname()[1], self.chance)
        self.addCleanup(self.proxy.close)

    def run_proxy(self, now: float = 0.0) -> None:
        """Wait until something happens to the proxy, and let it."""
        ready = self.selector.select(PATIENCE_S)
        self.assertTrue(ready, "nothing happens")
        for key, mask in ready:
            key.data(mask, now)

    def connect(self, fault: str = "") -> tuple[socket.socket, socket.socket]:
        """Return the client's and the server's end of a connection through the proxy, over which a fault came."""
        self.proxy.misbehave(1.0 if fault else 0.0)
        self.chance.wanted = fault
        client = socket.create_connection((HOST, self.proxy.port), timeout=PATIENCE_S)
        self.addCleanup(client.close)
        self.run_proxy()
        self.server.settimeout(PATIENCE_S)
        server, _ = self.server.accept()
        self.addCleanup(server.close)
        server.settimeout(PATIENCE_S)
        self.proxy.step(0.0)
        self.assertEqual(dict(self.proxy.struck), {fault: 1} if fault else {})
        return client, server

    def test_it_passes_on_what_is_said_and_that_it_is_over(self) -> None:
        client, server = self.connect()
        client.sendall(b"hello")
        self.run_proxy()
        self.assertEqual(server.recv(100), b"hello")
        server.sendall(b"welcome")
        self.run_proxy()
        self.assertEqual(client.recv(100), b"welcome")
        client.shutdown(socket.SHUT_WR)
        self.run_proxy()
        self.assertEqual(server.recv(100), b"")
        server.close()
        self.run_proxy()
        self.assertEqual(client.recv(100), b"")

    def test_whoever_calls_while_there_is_no_server_is_sent_away(self) -> None:
        self.server.close()
        client = socket.create_connection((HOST, self.proxy.port), timeout=PATIENCE_S)
        self.addCleanup(client.close)
        self.run_proxy()
        self.assertEqual(client.recv(100), b"")
        self.assertEqual((self.proxy.connections, self.proxy.refused), (0, 1))

    def test_cut(self) -> None:
        client, server = self.connect("cut")
        self.assertEqual((client.recv(100), server.recv(100)), (b"", b""))

    def test_reset(self) -> None:
        for end in self.connect("reset"):
            with self.assertRaises(ConnectionResetError):
                end.recv(100)

    def test_half_close(self) -> None:
        client, server = self.connect("half-close")
        self.assertEqual(server.recv(100), b"")
        client.sendall(b"for nobody")
        self.run_proxy()
        server.sendall(b"the other direction goes on")
        self.run_proxy()
        self.assertEqual(client.recv(100), b"the other direction goes on")

    def test_half_open(self) -> None:
        client, server = self.connect("half-open")
        client.sendall(b"late")
        self.run_proxy(0.05)
        self.proxy.step(0.1)
        with self.assertRaises(ConnectionResetError):
            client.recv(100)
        server.sendall(b"for nobody")
        self.run_proxy(0.2)
        self.proxy.step(self.proxy.next_due())
        self.assertEqual((server.recv(100), server.recv(100)), (b"late", b""))

    def test_delay(self) -> None:
        client, server = self.connect("delay")
        client.sendall(b"late")
        self.run_proxy(10.0)
        self.assertEqual(self.proxy.next_due(), 10.05)
        self.proxy.step(10.05)
        self.assertEqual(server.recv(100), b"late")

    def test_drip(self) -> None:
        client, server = self.connect("drip")
        client.sendall(b"abc")
        self.run_proxy(10.0)
        for letter in (b"a", b"b", b"c"):
            self.assertEqual(server.recv(100), letter)
            self.proxy.step(self.proxy.next_due())

    def test_stall(self) -> None:
        client, server = self.connect("stall")
        client.sendall(b"at last")
        self.run_proxy(0.1)
        self.proxy.step(0.1)
        self.assertEqual(self.proxy.next_due(), 0.2)
        self.proxy.step(0.2)
        self.assertEqual(server.recv(100), b"at last")

    def test_it_heals(self) -> None:
        client, server = self.connect("stall")
        client.sendall(b"at last")
        self.run_proxy(0.1)
        self.proxy.heal()
        self.proxy.step(0.1)
        self.assertEqual(server.recv(100), b"at last")

    def test_it_knows_whose_connection_a_fault_came_over(self) -> None:
        client, _ = self.connect("stall")
        client.sendall(b'....{"type":"hello","protocol":1,"name":"ann","install":"i"}')
        self.run_proxy()
        (strike,) = self.proxy.strikes
        self.assertEqual((strike.passage.name, strike.since, strike.until), ("ann", 0.0, float("inf")))
        client.close()
        self.proxy.heal()
        for now in (1.0, 2.0):
            self.proxy.step(now)
        self.assertEqual(strike.kind, "stall")


class Rooms(unittest.TestCase):
    def test_everybody_is_in_two_and_all_are_used(self) -> None:
        people = [rooms_of(number, 5) for number in range(30)]
        self.assertEqual({len(rooms) for rooms in people}, {2})
        self.assertEqual({room for rooms in people for room in rooms}, {f"room-{number}" for number in range(5)})
        self.assertEqual(rooms_of(7, 1), ["room-0"])


if __name__ == "__main__":
    unittest.main()
