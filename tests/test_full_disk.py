"""A disk that is full: posts are refused in words, readers notice nothing, and all is well again by itself.

In process with SQLite's own bound on the size of a file, under a clock that goes when it is told to; and with real
processes and real clients on a small file system, or under a bound on the size of files.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import tempfile
import unittest
from pathlib import Path
from typing import Any, Protocol

from chat_core import limits
from chat_core.client.events import LinkState
from chat_core.errors import SystemFailure
from tests.fakes import FakePeer, NoErrorLogs
from tests.hostile.disks import FileSizeLimit, SmallDisk
from tests.hostile.failing import Bench, Chaos
from tests.hostile.real_client import Person
from tests.serving import HOST, RawClient, ServerProcess, run_server

TEXT = "x" * 4_000


def post(mid: str, text: str = TEXT) -> dict[str, Any]:
    return {"type": "post", "room": "lobby", "mid": mid, "text": text}


class FullBench(Bench):
    """A server with ada and bob in the lobby, whose database can be kept from growing with `PRAGMA max_page_count`."""

    def __init__(self) -> None:
        super().__init__(Chaos())
        self.ada, self.bob = self.log_in("ada"), self.log_in("bob")
        self.ada.say(post("m1"))
        self.run_for(0.1)

    def log_in(self, name: str, **join: object) -> FakePeer:
        """Let somebody in who has a token of its own."""
        peer = self.call()
        hello = {"type": "hello", "protocol": 1, "name": name, "install": "i", "token": f"the token of {name} is this"}
        peer.say(hello, {"type": "join", "room": "lobby", **join})
        self.run_for(0.1)
        return peer

    def fail_once(self) -> None:
        """Let the disk be full, and ada find out."""
        ((pages,),) = self.database.real.execute("PRAGMA page_count").fetchall()
        self.database.real.execute(f"PRAGMA max_page_count = {pages}")
        self.ada.say(post("m2"), post("m3"))
        self.run_for(0.001)

    def make_room(self) -> None:
        """Let the database grow again."""
        self.database.real.execute("PRAGMA max_page_count = 1073741823")


class PageLimit(NoErrorLogs):
    def setUp(self) -> None:
        super().setUp()
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)

    def bench(self) -> FullBench:
        """Start a server whose disk has just been found to be full."""
        bench = FullBench()
        self.addCleanup(bench.close)
        bench.fail_once()
        return bench

    def test_who_posts_is_refused_in_words(self) -> None:
        bench = self.bench()
        (error,) = bench.ada.of("error")
        self.assertEqual((error["code"], error["ref"]), ("storage", "m2"))
        self.assertEqual((error["retry"], error["fatal"]), (limits.STORAGE_RETRY_S, True))
        self.assertIn("full", error["text"])
        self.assertTrue(bench.ada.transport.is_finished)

    def test_nothing_of_it_is_kept(self) -> None:
        bench = self.bench()
        for _ in range(2):
            self.assertEqual([row.mid for row in bench.rows()["lobby"]], ["m1"])
            self.assertEqual(bench.mids(), [("m1", "lobby", 1)])
            bench.run_for(60.0)

    def test_readers_are_not_disturbed(self) -> None:
        bench = self.bench()
        bob = bench.bob
        before = bob.types.index("message") + 1
        bob.say({"type": "history", "room": "lobby", "before": 9, "limit": 9}, {"type": "who", "room": "lobby"})
        bench.run_for(10.0)
        self.assertEqual(sorted(bob.types[before:]), ["history", "presence", "who"], "and that ada has gone")
        self.assertFalse(bob.transport.is_finished)
        again = bench.log_in("ada", after=0)
        self.assertEqual([event["mid"] for event in again.of("message")], ["m1"], "who is known may come and read")

    def test_whoever_runs_the_server_is_told(self) -> None:
        bench = self.bench()
        (trouble,) = bench.hub.troubles
        self.assertIn("cannot be stored", trouble)
        self.assertIn("full", trouble)

    def test_and_told_once(self) -> None:
        bench = self.bench()
        for _ in range(20):
            again = bench.log_in("ada")
            again.say(post("m2"))
            bench.run_for(0.1)
            self.assertEqual(again.types[-1], "error")
        self.assertEqual(len(bench.hub.troubles), 1)

    def test_newcomers_are_refused_in_words(self) -> None:
        (error,) = self.bench().log_in("cy").events
        self.assertEqual((error["code"], error["retry"], error["fatal"]), ("storage", limits.STORAGE_RETRY_S, True))

    def test_posts_are_taken_again_within_5_seconds_of_there_being_room(self) -> None:
        for twentieth in range(1, 121, 4):  # room comes at any moment between two probes
            with self.subTest(twentieth=twentieth):
                bench = self.bench()
                bench.run_for(twentieth / 20)
                self.assertFalse(bench.log.is_writable(), "as long as there is no room nothing is taken")
                bench.make_room()
                bench.run_for(5.0)
                self.assertTrue(bench.log.is_writable())
                again = bench.log_in("ada")
                again.say(post("m2"))
                bench.run_for(0.1)
                self.assertEqual([(event["mid"], event["seq"]) for event in again.of("posted")], [("m2", 2)])


class Disk(Protocol):
    """What can be full."""

    def fill(self) -> None: ...

    def make_room(self) -> None: ...


class RealDisk(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.data = self.disk / "data"

    def start(self) -> ServerProcess:
        return ServerProcess(self, "--host", HOST, "--port", "0", "--data", str(self.data), "--rate", "0")

    def person(self, server: ServerProcess, name: str, folder: Path | None = None) -> Person:
        return Person(self, server.address[1], name, folder or self.folder / name)

    def reader(self, server: ServerProcess) -> RawClient:
        reader = server.client()
        self.addCleanup(reader.close)
        reader.hello("reader")
        reader.join("lobby")
        return reader

    def stored(self) -> list[tuple[int, str]]:
        """Read the log past the code that wrote it: seq and mid of every message. The server must have ended."""
        database = sqlite3.connect(str(self.data / "chat.db"))
        try:
            rows = database.execute("SELECT id & ?, mid FROM message ORDER BY id", ((1 << 40) - 1,)).fetchall()
            keys = database.execute("SELECT message & ?, mid FROM mid ORDER BY message", ((1 << 40) - 1,)).fetchall()
        finally:
            database.close()
        self.assertEqual(rows, keys, "no message without its mid, and no mid without its message")
        return rows

    def run_full(self, server: ServerProcess, disk: Disk) -> None:
        """Fill the disk under a conversation, see who notices, make room, and see everything arrive."""
        reader, ada = self.reader(server), self.person(server, "ada")
        mids: list[str] = []

        def write(count: int) -> None:
            mids.extend(ada.link.post("lobby", f"{len(mids)} {TEXT}") for _ in range(count))

        ada.until(lambda: bool(ada.link.rooms))
        write(5)
        ada.until(lambda: not ada.link.outbox)
        disk.fill()
        write(60)
        ada.until(lambda: ada.link.state is LinkState.WAITING)
        waiting = [entry.mid for entry in ada.link.outbox]
        self.assertTrue(waiting)
        self.assertEqual(waiting, mids[-len(waiting) :], "what is kept back is the end of what was written, in order")
        self.check_refusal(server)
        reader.send({"type": "history", "room": "lobby", "before": 6, "limit": 5}, {"type": "ping"})
        self.assertEqual(len(reader.expect("history")["messages"]), 5)
        reader.expect("pong")
        self.assertEqual([event for event in reader.events if event["type"] in ("error", "quit")], [])
        disk.make_room()
        ada.until(lambda: not ada.link.outbox)
        while len(reader.of("message")) < len(mids):
            reader.expect("message")
        heard = [(event["seq"], event["mid"]) for event in reader.of("message")]
        self.assertEqual(heard, list(enumerate(mids, 1)))
        ada.until(lambda: len(ada.messages) == len(mids))
        self.assertEqual([(message.seq, message.mid) for message in ada.messages], heard)
        ada.link.close()
        reader.close()
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("Traceback", server.errors())
        self.assertEqual(self.stored(), heard)

    def check_refusal(self, server: ServerProcess) -> None:
        """Somebody new is told that nothing can be stored."""
        stranger = server.client()
        self.addCleanup(stranger.close)
        stranger.send({"type": "hello", "protocol": 1, "name": "new", "install": "i"})
        (error,) = stranger.expect_end()
        self.assertEqual((error["code"], error["retry"], error["fatal"]), ("storage", limits.STORAGE_RETRY_S, True))

    @unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
    def test_files_that_may_not_grow(self) -> None:
        server = self.start()
        self.run_full(server, FileSizeLimit(self, server.process.pid, self.data))

    @unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
    def test_a_small_file_system(self) -> None:
        disk = SmallDisk(self, self.disk, 2_048)
        self.run_full(self.start(), disk)

    def test_killed_while_it_is_full(self) -> None:
        disk = SmallDisk(self, self.disk, 2_048)
        server = self.start()
        ada = self.person(server, "ada")
        ada.until(lambda: bool(ada.link.rooms))
        mids = [ada.link.post("lobby", TEXT) for _ in range(5)]
        ada.until(lambda: len(ada.messages) == len(mids))
        disk.fill()
        mids += [ada.link.post("lobby", TEXT) for _ in range(60)]
        ada.until(lambda: ada.link.state is LinkState.WAITING)
        acknowledged = len(mids) - len(ada.link.outbox)
        server.kill()
        disk.make_room()
        self.assertEqual(self.stored()[:acknowledged], list(enumerate(mids[:acknowledged], 1)))
        server = self.start()
        reader = server.client()
        self.addCleanup(reader.close)
        reader.hello("reader")
        reader.join("lobby", last=500)
        heard = [(event["seq"], event["mid"]) for event in reader.of("message")]
        self.assertEqual(heard, list(enumerate(mids[: len(heard)], 1)))
        self.assertGreaterEqual(len(heard), acknowledged)

    def test_starting_on_a_full_disk_is_a_sentence(self) -> None:
        disk = SmallDisk(self, self.disk, 512)
        disk.fill()
        self.check_not_started("full")

    def test_starting_again_on_a_full_disk_is_a_sentence_that_blames_the_disk(self) -> None:
        disk = SmallDisk(self, self.disk, 512)
        server = self.start()
        self.assertEqual(server.stop(), 0)
        disk.fill()
        self.check_not_started("full")

    def check_not_started(self, words: str) -> None:
        done = run_server("--host", HOST, "--port", "0", "--data", str(self.data))
        said = done.stderr.decode()
        self.assertEqual((done.returncode, said.count("\n")), (1, 1), said)
        self.assertIn(words, said)
        self.assertNotIn("move it away", said, "nothing is wrong with the file")

    def test_what_the_client_cannot_put_on_its_own_disk_is_sent_when_it_can(self) -> None:
        disk = SmallDisk(self, self.disk, 512)
        self.data = self.folder / "data"
        server = self.start()
        reader, ada = self.reader(server), self.person(server, "ada", self.disk)
        ada.until(lambda: bool(ada.link.rooms))
        ada.link.post("lobby", "before")
        ada.until(lambda: bool(ada.messages))
        disk.fill()
        for _ in range(40):
            ada.link.post("lobby", TEXT)
        ada.until(lambda: bool(ada.failures))
        self.assertIsInstance(ada.failures[0], SystemFailure, "the person is told")
        for _ in range(5):
            ada.let_pass(5.0)
            ada.poll()
        self.assertEqual(len(ada.link.outbox), 40, "nothing typed is lost, and nothing is sent that is not kept")
        reader.send({"type": "ping"})
        reader.expect("pong")
        self.assertEqual(len(reader.of("message")), 1)
        disk.make_room()
        ada.let_pass(5.0)
        ada.until(lambda: len(ada.messages) == 41)
        self.assertEqual(ada.link.outbox, ())
        self.assertEqual(len(ada.failures), 1, "told once")
        ada.link.close()


if __name__ == "__main__":
    unittest.main()
