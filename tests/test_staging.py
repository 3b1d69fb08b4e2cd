"""Staging: seqs, times and room ids of one tick, and that a batch that fails leaves no trace."""

from __future__ import annotations

import json
import unittest

from chat_core.errors import StorageError
from chat_core.framing import HEADER_BYTES
from chat_core.server.people import Person
from chat_core.server.records import Batch, MessageRow, PersonRow, RoomRow
from chat_core.server.room import Room
from chat_core.server.session import Session
from chat_core.server.staging import Outcome, Staging
from chat_core.server.tail import TailSpace
from tests.test_session import ListOutlet
from tests.transcript import FlakyLog


class StagingCase(unittest.TestCase):
    def setUp(self) -> None:
        self.log = FlakyLog([])
        self.addCleanup(self.log.close)
        self.staging = Staging(self.log)
        self.session = Session(ListOutlet())
        self.ann = Person(PersonRow(1, "ann", "ann", b"hash", 0))
        self.room = self.new_room("lobby")

    def new_room(self, name: str) -> Room:
        """Make a room that nobody has written in."""
        return Room(RoomRow(0, name, name, 0, 1, 0), self.log, TailSpace())

    def post(self, mid: str, text: str = "a", room: Room | None = None) -> None:
        """Stage a post by ann."""
        room = room or self.room
        self.staging.posts.append((self.session, room, self.ann, mid, text))

    def commit(self, unix_ms: int = 1_000) -> Outcome:
        """Commit, hand the frames to the rooms as the hub does, and begin the next tick."""
        try:
            outcome = self.staging.commit(unix_ms)
        finally:
            self.staging.clear()
        for room, growth in outcome.growths.items():
            room.deliver(growth.frames, growth.unix_ms)
        return outcome

    def seqs(self, outcome: Outcome) -> list[object]:
        """Return what was said to each post: its seq, negative for a duplicate, or the code of an error."""
        said: list[object] = []
        for reply in outcome.replies.get(self.session, []):
            event = json.loads(reply[HEADER_BYTES:])
            if event["type"] == "error":
                said.append(event["code"])
            else:
                said.append(-event["seq"] if event["duplicate"] else event["seq"])
        return said


class Committing(StagingCase):
    def test_nothing_staged(self) -> None:
        self.assertFalse(self.staging)
        self.assertEqual(self.commit().replies, {})
        self.assertEqual(self.log.batches, [])

    def test_seqs_are_dense_in_each_room(self) -> None:
        tea = self.new_room("tea")
        for number, room in enumerate((self.room, tea, self.room, self.room, tea)):
            self.post(f"m{number}", room=room)
        outcome = self.commit()
        self.assertEqual(self.seqs(outcome), [1, 1, 2, 3, 2])
        self.assertEqual((self.room.id, tea.id), (1, 2))
        self.assertEqual(self.log.batches[0].rooms, [(1, "lobby", "lobby"), (2, "tea", "tea")])
        self.assertEqual(self.log.after(2, 0, 9, 9), [
            MessageRow(2, 1, 1_000, 1, "ann", "m1", "a"), MessageRow(2, 2, 1_000, 1, "ann", "m4", "a"),
        ])  # fmt: skip
        self.post("m5", room=tea)
        self.assertEqual(self.seqs(self.commit()), [3])
        self.assertEqual(self.log.batches[1].rooms, [])

    def test_one_time_for_all_of_a_tick_and_never_back(self) -> None:
        for unix_ms, expected in ((1_000, 1_000), (500, 1_000), (1_001, 1_001)):
            self.post(f"m{unix_ms}")
            with self.subTest(unix_ms=unix_ms):
                self.assertEqual(self.commit(unix_ms).growths[self.room].unix_ms, expected)

    def test_who_waits_in_order(self) -> None:
        self.post("m1")
        self.post("m2")
        self.assertEqual(list(self.staging.sessions()), [(self.session, "m1"), (self.session, "m2")])
        self.assertTrue(self.staging)

    def test_only_duplicates_write_nothing(self) -> None:
        self.post("m1")
        self.commit()
        self.post("m1")
        self.assertEqual(self.seqs(self.commit()), [-1])
        self.assertEqual(len(self.log.batches), 1)

    def test_duplicates_use_no_seq(self) -> None:
        self.post("m1")
        self.commit()
        for mid in ("m1", "m2", "m2", "m1", "m3"):
            self.post(mid)
        self.assertEqual(self.seqs(self.commit()), [-1, 2, -2, -1, 3])

    def test_a_duplicate_of_what_was_pruned_is_a_duplicate_whatever_its_text(self) -> None:
        self.post("m1", "a")
        self.commit()
        stored = self.log.find_mids([(1, "m1")])
        pruned = {key: value._replace(unix_ms=0, text=None) for key, value in stored.items()}
        self.log.find_mids = lambda mids: {mid: pruned[mid] for mid in mids if mid in pruned}  # type: ignore[method-assign]
        self.post("m1", "b")
        self.assertEqual(self.seqs(self.commit()), [-1])

    def test_only_who_was_seen(self) -> None:
        self.staging.seen.append(self.ann.row(7))
        self.assertTrue(self.staging)
        self.commit()
        self.assertEqual(self.log.batches, [Batch(people=[self.ann.row(7)])])


class Failing(StagingCase):
    def test_nothing_is_used_up(self) -> None:
        self.log.commits_fail = True
        self.post("m1")
        with self.assertRaises(StorageError):
            self.commit()
        self.assertFalse(self.staging)
        self.assertEqual((self.room.id, self.room.head), (0, 0))
        self.log.recover()
        tea = self.new_room("tea")
        self.post("m2", room=tea)
        self.post("m3")
        self.assertEqual(self.seqs(self.commit()), [1, 1])
        self.assertEqual((tea.id, self.room.id), (1, 2))

    def test_to_write_who_was_seen_is_not_tried_on_a_disk_that_is_full(self) -> None:
        self.log.commits_fail = True
        self.post("m1")
        with self.assertRaises(StorageError):
            self.commit()
        self.staging.seen.append(self.ann.row(7))
        self.assertEqual(self.commit().replies, {})
        self.assertEqual(self.log.batches, [])
