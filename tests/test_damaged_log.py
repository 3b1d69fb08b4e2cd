"""Data folders that were damaged, cut off or made by others: a dense prefix is served, or a sentence said.

The folder is what a server leaves behind that was killed: a database, and a `-wal` with what was not yet moved into
it. Each damage is looked at in this process, by the server's own steps up to the point where people could come in;
and some by a real one, for its exit status.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import tempfile
import unittest
from pathlib import Path
from typing import NamedTuple

from chat_core.client.events import LinkState
from chat_core.errors import StartFailure, StorageError
from chat_core.server.folder import DataFolder
from chat_core.server.hub import Hub, HubOptions
from chat_core.server.log import SCHEMA_VERSION, SqliteLog
from chat_core.server.records import Batch, MessageRow, PersonRow, StoredPost
from tests.hostile.disks import immutable, mount
from tests.hostile.real_client import Person
from tests.serving import HOST, ServerProcess, run_server

ROOMS = ("lobby", "tea")
MESSAGES = 120  # in each room
PAGE_BYTES = 4_096
_WAL_HEADER_BYTES = 32
_FRAME_BYTES = 24 + PAGE_BYTES


class Written(NamedTuple):
    """A message as it was acknowledged."""

    room_id: int
    seq: int
    mid: str
    text: str


def written(room_id: int, seq: int) -> Written:
    """Make the message of a room that every test expects there."""
    return Written(room_id, seq, f"m{room_id}-{seq:04}", f"{seq} in {room_id} " + "x" * (seq * 37 % 900))


def row_of(message: Written) -> MessageRow:
    """Make the row that a server would write."""
    return MessageRow(message.room_id, message.seq, 1_000 + message.seq, 1, "ann", message.mid, message.text)


def write_log(path: Path, *, checkpoint_at: int) -> SqliteLog:
    """Write both rooms, a few messages of each at a time, and move what there is into the file at one point."""
    log = SqliteLog(path, "epoch-1", is_synchronous=False)
    rooms = [(number, name, name) for number, name in enumerate(ROOMS, 1)]
    log.commit(Batch(people=[PersonRow(1, "ann", "ann", b"hash", 1)], rooms=rooms))
    for start in range(1, MESSAGES + 1, 4):
        batch = [row_of(written(room_id, seq)) for room_id, _, _ in rooms for seq in range(start, start + 4)]
        log.commit(Batch(messages=batch))
        if start < checkpoint_at <= start + 4:
            log.checkpoint()
    return log


class DataTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.killed = self.folder / "killed"  # as a server left it that was killed
        self.killed.mkdir()
        alive = self.folder / "alive.db"
        log = write_log(alive, checkpoint_at=MESSAGES // 2)
        for suffix in ("", "-wal", "-shm"):
            shutil.copyfile(f"{alive}{suffix}", self.killed / f"chat.db{suffix}")
        log.close()
        self.stopped = self.folder / "stopped"  # as a server left it that was stopped
        self.stopped.mkdir()
        shutil.copyfile(alive, self.stopped / "chat.db")

    def copy(self, source: Path) -> Path:
        """Make a copy to damage, in the place of the last one."""
        target = self.folder / "data"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        return target

    def look(self, data: Path) -> dict[str, int] | None:
        """Do what a server does at its start: serve a dense prefix, which is checked, or say a sentence.

        Returns how many messages of each room were found, or None after a sentence.
        """
        try:
            folder = DataFolder(data)
        except StartFailure as failure:
            self.check_sentence(str(failure))
            return None
        try:
            log = SqliteLog(folder.log_path, "a new epoch", is_synchronous=False)
        except StartFailure as failure:
            self.check_sentence(str(failure))
            return None
        finally:
            folder.close()
        try:
            Hub(log, HubOptions(), lambda: "token")
            heads = self.check_served(log)
            self.check_goes_on(log, heads)
        except StorageError as error:
            self.check_sentence(str(error))
            return None
        finally:
            log.close()
        return heads

    def check_sentence(self, text: str) -> None:
        self.assertTrue(text)
        self.assertNotIn("Traceback", text)

    def check_served(self, log: SqliteLog) -> dict[str, int]:
        """Read every room as a newcomer would: it must be what was written, from the first message on."""
        heads = {}
        for room in log.rooms():
            self.assertEqual((room.id, room.first), (ROOMS.index(room.name) + 1, 1))
            rows = log.after(room.id, 0, 10 * MESSAGES, 10**9)
            self.assertEqual(rows, [row_of(written(room.id, seq)) for seq in range(1, len(rows) + 1)])
            self.assertEqual(room.head, len(rows))
            heads[room.name] = room.head
        return heads

    def check_goes_on(self, log: SqliteLog, heads: dict[str, int]) -> None:
        """Send everything that was ever acknowledged again, as a client may: each is found, or is stored now."""
        for room_id, name in enumerate(ROOMS, 1):
            if name not in heads:
                continue
            messages = [written(room_id, seq) for seq in range(1, MESSAGES + 3)]
            found = log.find_mids([(1, message.mid) for message in messages])
            there = {(1, m.mid): StoredPost(room_id, m.seq, 1_000 + m.seq, m.text) for m in messages[: heads[name]]}
            self.assertEqual(found, there, "what is there could be written twice, or what is not is taken for there")
            log.commit(Batch(messages=[row_of(message) for message in messages[heads[name] :]]))
            self.assertEqual(len(log.after(room_id, 0, 10 * MESSAGES, 10**9)), len(messages))


class Whole(DataTest):
    def test_a_stopped_one(self) -> None:
        self.assertEqual(self.look(self.copy(self.stopped)), dict.fromkeys(ROOMS, MESSAGES))

    def test_a_killed_one(self) -> None:
        self.assertEqual(self.look(self.copy(self.killed)), dict.fromkeys(ROOMS, MESSAGES))

    def test_without_or_with_a_foreign_shm(self) -> None:
        for content in (b"", b"\xff" * 32_768, None):
            with self.subTest(content=content and content[:4]):
                data = self.copy(self.killed)
                shm = data / "chat.db-shm"
                if content is None:
                    shm.unlink()
                else:
                    shm.write_bytes(content)
                self.assertEqual(self.look(data), dict.fromkeys(ROOMS, MESSAGES))


class WriteAheadLog(DataTest):
    """The `-wal` of a killed server: what is not in it any more is lost, and what is left must hang together."""

    def frames(self) -> int:
        return ((self.killed / "chat.db-wal").stat().st_size - _WAL_HEADER_BYTES) // _FRAME_BYTES

    def test_removed(self) -> None:
        data = self.copy(self.killed)
        (data / "chat.db-wal").unlink()
        self.assertEqual(self.look(data), dict.fromkeys(ROOMS, MESSAGES // 2), "all that was moved into the file")

    def test_cut_off(self) -> None:
        size = (self.killed / "chat.db-wal").stat().st_size
        at_frames = [_WAL_HEADER_BYTES + number * _FRAME_BYTES for number in range(self.frames() + 1)]
        chance = random.Random(1)
        heads = set()
        for cut in [0, 1, 31, size, *at_frames[:: len(at_frames) // 12], *(chance.randrange(size) for _ in range(12))]:
            with self.subTest(cut=cut):
                data = self.copy(self.killed)
                with (data / "chat.db-wal").open("r+b") as file:
                    file.truncate(cut)
                served = self.look(data)
                assert served is not None, "the file itself is whole"
                heads.add(served["lobby"])
        self.assertGreater(len(heads), 5, "the longer it is, the more is found")
        self.assertIn(MESSAGES, heads)

    def test_overwritten(self) -> None:
        size = (self.killed / "chat.db-wal").stat().st_size
        chance = random.Random(2)
        for number in range(25):
            at, length = chance.randrange(size), chance.choice((1, 4, 512, PAGE_BYTES))
            with self.subTest(number=number, at=at, length=length):
                data = self.copy(self.killed)
                with (data / "chat.db-wal").open("r+b") as file:
                    file.seek(at)
                    file.write(chance.getrandbits(8 * length).to_bytes(length, "big"))
                self.look(data)

    def test_of_somebody_else(self) -> None:
        other = self.folder / "other.db"
        database = sqlite3.connect(str(other), isolation_level=None)
        self.addCleanup(database.close)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE bookmarks (url TEXT)")
        data = self.copy(self.stopped)
        shutil.copyfile(f"{other}-wal", data / "chat.db-wal")
        self.look(data)

    def look_at_each_part(self, old: bytes, new: bytes) -> None:
        """Look at what there is without the -wal after each step of moving it into the file.

        A checkpoint writes the pages in ascending order. A server killed in the middle of it needs its -wal; without
        it some pages are new and some are old, and no prefix of anything. That must be seen, or must not matter.
        """
        starts = [at for at in range(0, len(new), PAGE_BYTES) if old[at : at + PAGE_BYTES] != new[at : at + PAGE_BYTES]]
        for moved, end in enumerate(starts[1:], 1):
            with self.subTest(moved=moved, of=len(starts)):
                data = self.copy(self.stopped)
                (data / "chat.db").write_bytes(new[:end] + old[end:])
                self.look(data)
        self.assertGreater(len(starts), 1)

    def test_removed_in_the_middle_of_being_moved_into_the_file(self) -> None:
        path = self.folder / "moving.db"
        log = write_log(path, checkpoint_at=MESSAGES - 20)
        old = path.read_bytes()
        log.close()
        self.look_at_each_part(old, path.read_bytes())

    def test_removed_in_the_middle_of_moving_one_message(self) -> None:
        path = self.folder / "moving.db"
        log = write_log(path, checkpoint_at=0)
        log.commit(Batch(messages=[row_of(written(1, MESSAGES + 1))]))
        log.checkpoint()
        old = path.read_bytes()
        log.commit(Batch(messages=[row_of(written(1, MESSAGES + 2))]))
        log.close()
        self.look_at_each_part(old, path.read_bytes())


class DatabaseFile(DataTest):
    def test_cut_off(self) -> None:
        size = (self.stopped / "chat.db").stat().st_size
        chance = random.Random(3)
        for cut in [15, 16, 99, 100, 4_095, *range(PAGE_BYTES, size, PAGE_BYTES), chance.randrange(size)]:
            with self.subTest(cut=cut):
                data = self.copy(self.stopped)
                with (data / "chat.db").open("r+b") as file:
                    file.truncate(cut)
                self.assertIsNone(self.look(data))

    def test_emptied_or_moved_away_beside_a_wal_that_is_whole(self) -> None:
        data = self.copy(self.killed)
        (data / "chat.db").write_bytes(b"")
        self.assertIsNone(self.look(data))

    def test_overwritten(self) -> None:
        size = (self.stopped / "chat.db").stat().st_size
        chance = random.Random(4)
        refused = 0
        for number in range(25):
            page = chance.randrange(size // PAGE_BYTES)
            with self.subTest(number=number, page=page):
                data = self.copy(self.stopped)
                with (data / "chat.db").open("r+b") as file:
                    file.seek(page * PAGE_BYTES)
                    file.write(chance.getrandbits(8 * PAGE_BYTES).to_bytes(PAGE_BYTES, "big"))
                refused += self.look(data) is None
        self.assertEqual(refused, 25)

    def test_a_hot_journal_of_a_foreign_mode(self) -> None:
        data = self.copy(self.stopped)
        (data / "chat.db-journal").write_bytes(
            b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + struct.pack(">5I", 1, 1, 1, 512, 4_096)
        )
        self.look(data)


class ProcessTest(DataTest):
    def start(self, data: Path) -> ServerProcess:
        return ServerProcess(self, "--host", HOST, "--port", "0", "--data", str(data))

    def check_not_started(self, data: Path, words: str) -> None:
        done = run_server("--host", HOST, "--port", "0", "--data", str(data))
        said = done.stderr.decode()
        self.assertEqual((done.returncode, said.count("\n")), (1, 1), said)
        self.assertIn("The server cannot start.", said)
        self.assertRegex(said, words)


class Processes(ProcessTest):
    """The same as seen by whoever starts the server: one sentence, status 1, and never a traceback."""

    def spoil(self, *statements: str) -> Path:
        data = self.copy(self.stopped)
        database = sqlite3.connect(str(data / "chat.db"), isolation_level=None)
        for statement in statements:
            database.execute(statement)
        database.close()
        return data

    def test_a_broken_page(self) -> None:
        data = self.copy(self.stopped)
        with (data / "chat.db").open("r+b") as file:
            file.seek(3 * PAGE_BYTES)
            file.write(b"\x55" * PAGE_BYTES)
        self.check_not_started(data, "damaged")

    def test_truncated(self) -> None:
        data = self.copy(self.stopped)
        with (data / "chat.db").open("r+b") as file:
            file.truncate(3 * PAGE_BYTES)
        self.check_not_started(data, "damaged")

    def test_foreign(self) -> None:
        self.check_not_started(self.spoil("PRAGMA application_id = 1"), "not one of this chat")

    def test_newer(self) -> None:
        self.check_not_started(self.spoil(f"PRAGMA user_version = {SCHEMA_VERSION + 1}"), "newer version")

    def test_no_database_at_all(self) -> None:
        data = self.copy(self.stopped)
        (data / "chat.db").write_text("Dear diary,\n" * 1_000)
        self.check_not_started(data, "damaged or no database")

    def test_killed_and_its_wal_removed(self) -> None:
        data = self.copy(self.killed)
        (data / "chat.db-wal").unlink()
        server = self.start(data)
        reader = server.client()
        self.addCleanup(reader.close)
        reader.hello("reader")
        self.assertEqual(reader.join("lobby", last=500)["head"], MESSAGES // 2)
        heard = [(event["seq"], event["mid"], event["text"]) for event in reader.of("message")]
        self.assertEqual(heard, [written(1, seq)[1:] for seq in range(1, MESSAGES // 2 + 1)])
        reader.post("lobby", "and on it goes")
        self.assertEqual(reader.expect("posted")["seq"], MESSAGES // 2 + 1)
        reader.close()
        self.assertEqual((server.stop(), server.errors()), (0, ""))


class ReadOnly(ProcessTest):
    def test_a_file_system(self) -> None:
        data = self.folder / "data"
        data.mkdir()
        make_read_only = mount(self, data, "size=4m")
        shutil.copyfile(self.stopped / "chat.db", data / "chat.db")
        make_read_only()
        self.check_not_started(data, "cannot be written: Read-only file system")

    def test_a_folder_that_may_not_be_changed(self) -> None:
        data = self.copy(self.stopped)
        immutable(self, data)
        self.check_not_started(data, "cannot be written")

    def test_a_file_that_may_not_be_changed(self) -> None:
        data = self.copy(self.stopped)
        immutable(self, data / "chat.db")
        self.check_not_started(data, "cannot be written")

    def test_made_so_while_the_server_runs(self) -> None:
        data = self.copy(self.stopped)
        server = self.start(data)
        bob = server.client()
        self.addCleanup(bob.close)
        bob.hello("bob")
        bob.join("lobby", last=0)
        ada = Person(self, server.address[1], "ada", self.folder)
        ada.until(lambda: bool(ada.link.rooms))
        release = immutable(self, data / "chat.db", data / "chat.db-wal")
        ada.link.post("lobby", "it cannot be kept")
        ada.until(lambda: ada.link.state is LinkState.WAITING)
        self.assertEqual(len(ada.link.outbox), 1)
        bob.send({"type": "history", "room": "lobby", "before": 5, "limit": 4})
        self.assertEqual(len(bob.expect("history")["messages"]), 4)
        release()
        ada.until(lambda: not ada.link.outbox)
        self.assertEqual(bob.expect("message")["seq"], MESSAGES + 1)
        ada.link.close()
        bob.close()
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("Traceback", server.errors())


if __name__ == "__main__":
    unittest.main()
