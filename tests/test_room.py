"""A room by itself: fan-out of the same bytes, pieces of one send, and feeding from memory or from the log."""

from __future__ import annotations

import unittest
from unittest import mock

from chat_core import limits
from chat_core.framing import encode_frame
from chat_core.names import person_name
from chat_core.server.feeding import Feeding as FeedingQueue
from chat_core.server.people import Person
from chat_core.server.records import Batch, MessageRow, PersonRow, RoomRow
from chat_core.server.room import Member, Room
from chat_core.server.session import Session
from chat_core.server.tail import TailSpace
from tests.test_session import ListOutlet
from tests.transcript import FlakyLog


class CountingOutlet(ListOutlet):
    """An outlet whose queue grows."""

    def put(self, frames: bytes) -> None:
        """Keep whole frames and count their bytes."""
        super().put(frames)
        self.queued_bytes += len(frames)


class RoomCase(unittest.TestCase):
    def setUp(self) -> None:
        self.log = FlakyLog([])
        self.addCleanup(self.log.close)
        self.space = TailSpace()
        self.people = 0

    def room(self, head: int = 0, first: int = 1) -> Room:
        """Make a room whose messages are in the log and not in memory."""
        rows = [MessageRow(1, seq, seq, 1, "ann", f"m{seq}", f"text {seq}") for seq in range(first, head + 1)]
        self.log.commit(Batch(rooms=[(1, "tea", "tea")], messages=rows))
        return Room(RoomRow(1, "tea", "tea", head, first, head), self.log, self.space)

    def add(self, room: Room, cursor: int, *, is_live: bool = False) -> tuple[Member, CountingOutlet]:
        """Let somebody new in, behind at a cursor; or live, having been fed."""
        self.people += 1
        outlet = CountingOutlet()
        name = f"p{self.people}"
        member = room.add(Session(outlet), Person(PersonRow(self.people, name, name, b"", 0)), cursor)
        if is_live:
            room.feed(member)
            outlet.frames.clear()
            outlet.queued_bytes = 0
        return member, outlet


class Delivering(RoomCase):
    def test_everybody_gets_the_same_object(self) -> None:
        room = self.room()
        outlets = [self.add(room, 0, is_live=True)[1] for _ in range(3)]
        room.deliver([b"one", b"two"], 5)
        self.assertEqual(outlets[0].frames, [b"onetwo"])
        self.assertIs(outlets[0].frames[0], outlets[1].frames[0])
        self.assertIs(outlets[0].frames[0], outlets[2].frames[0])
        self.assertEqual((room.head, room.last_unix_ms), (2, 5))

    def test_pieces_of_one_send(self) -> None:
        room = self.room()
        _, outlet = self.add(room, 0, is_live=True)
        third = limits.SEND_BYTES_MAX // 3
        frames = [bytes([number]) * third for number in range(7)] + [b"x" * (limits.SEND_BYTES_MAX + 1), b"end"]
        with mock.patch.object(limits, "HIGH_WATER_BYTES", 1_000_000):
            room.deliver(frames, 0)
        self.assertEqual([len(piece) for piece in outlet.frames], [3 * third, 3 * third, third, 65_537, 3])
        self.assertEqual(b"".join(outlet.frames), b"".join(frames))

    def test_one_that_is_behind_gets_nothing(self) -> None:
        room = self.room()
        _, outlet = self.add(room, 0)
        room.deliver([b"one"], 0)
        self.assertEqual(outlet.frames, [])

    def test_one_falls_behind_at_the_mark_with_the_cursor_at_what_it_has(self) -> None:
        room = self.room()
        member, outlet = self.add(room, 0, is_live=True)
        outlet.queued_bytes = limits.HIGH_WATER_BYTES - 1
        room.deliver([limits.SEND_BYTES_MAX * b"1", limits.SEND_BYTES_MAX * b"2", b"3"], 0)
        self.assertEqual(outlet.frames, [limits.SEND_BYTES_MAX * b"1"])
        self.assertFalse(member.is_live)
        self.assertEqual(member.cursor, 1)
        self.assertEqual(member.session.behind, 1)


class Feeding(RoomCase):
    def feed_all(self, room: Room, member: Member) -> int:
        """Feed until it is live, and return in how many chunks."""
        for chunks in range(1, 1_000):
            room.feed(member)
            if member.is_live:
                return chunks
        raise AssertionError("it never gets there")

    def test_from_the_log_then_from_memory(self) -> None:
        room = self.room(head=20)
        first, outlet = self.add(room, 5)
        self.feed_all(room, first)
        expected = [encode_frame(room.payload(row)) for row in self.log.after(1, 5, 99, 999_999)]
        self.assertEqual(outlet.frames[0], b"".join(expected))
        self.assertIn(b'"type":"live","room":"tea","seq":20', outlet.frames[1])
        self.log.reads_fail = True
        second, again = self.add(room, 5)
        self.feed_all(room, second)
        self.assertEqual(again.frames, outlet.frames)

    def test_those_at_the_same_place_share_a_chunk_for_an_eighth_of_the_cost(self) -> None:
        room = self.room(head=20)
        (first, one), (second, other), (third, further) = self.add(room, 5), self.add(room, 5), self.add(room, 6)
        size = room.feed(first)
        self.assertEqual(size, len(one.frames[0]))
        self.assertEqual(room.feed(second), size // limits.CATCH_UP_KEPT_FOR_ONE)
        self.assertIs(other.frames[0], one.frames[0])
        room.feed(third)
        self.assertEqual(further.frames[0], one.frames[0][len(room.frame(self.log.after(1, 5, 1, 1)[0])) :])

    def test_a_shared_chunk_does_not_outlive_the_head(self) -> None:
        room = self.room(head=3)
        first, _ = self.add(room, 0)
        room.feed(first)
        room.deliver([b"four"], 9)
        second, outlet = self.add(room, 0)
        room.feed(second)
        self.assertTrue(outlet.frames[0].endswith(b"four"))
        self.assertTrue(second.is_live)

    def test_chunks_are_bounded(self) -> None:
        room = self.room(head=1_000)
        member, outlet = self.add(room, 0)
        self.assertGreater(self.feed_all(room, member), 2)
        self.assertLessEqual(max(map(len, outlet.frames)), limits.CATCH_UP_CHUNK_BYTES)
        self.assertEqual(b"".join(outlet.frames).count(b'"type":"message"'), 1_000)

    def test_at_the_head(self) -> None:
        room = self.room(head=3)
        member, outlet = self.add(room, 3)
        self.assertEqual(room.feed(member), 0)
        self.assertTrue(member.is_live)
        self.assertEqual(len(outlet.frames), 1)

    def test_live_is_told_once(self) -> None:
        room = self.room(head=3)
        member, outlet = self.add(room, 3, is_live=True)
        member.fall_behind(2)
        room.feed(member)
        self.assertEqual(len(outlet.frames), 1)
        self.assertIn(b'"type":"message"', outlet.frames[0])

    def test_gone(self) -> None:
        room = self.room(head=9, first=5)
        member, outlet = self.add(room, 3)
        room.feed(member)
        self.assertIn(b'{"type":"gone","room":"tea","first":5}', outlet.frames[0])
        self.assertEqual(outlet.frames[1].count(b'"type":"message"'), 5)
        almost, outlet = self.add(room, 4)
        room.feed(almost)
        self.assertNotIn(b"gone", outlet.frames[0])


class People(RoomCase):
    def test_names_stay_sorted_through_everything(self) -> None:
        room = self.room()
        members = [self.add(room, 0)[0] for _ in range(12)]
        person = room.people[5]
        room.note(person)
        person.take(person_name("Zoe"))
        room.rename(person, ("p5", "p5"))
        room.remove(members[0], room.people[1])
        self.assertEqual(
            room.who(0, None).names, ("p10", "p11", "p12", "p2", "p3", "p4", "p6", "p7", "p8", "p9", "Zoe")
        )
        self.assertEqual(room.online, 11)

    def test_presence_of_nothing(self) -> None:
        room = self.room()
        member, _ = self.add(room, 0)
        room.remove(member, room.people[1])
        self.assertTrue(room.has_news)
        self.assertIsNone(room.presence_frame(0.0))
        self.assertFalse(room.has_news)


class TwoRooms(RoomCase):
    def test_one_that_falls_behind_again_and_again_does_not_starve_the_other(self) -> None:
        busy = self.room(head=200)
        self.log.commit(Batch(rooms=[(2, "milk", "milk")], messages=[MessageRow(2, 1, 1, 1, "ann", "m", "wait")]))
        quiet = Room(RoomRow(2, "milk", "milk", 1, 1, 1), self.log, self.space)
        outlet = CountingOutlet()
        session, ann = Session(outlet), Person(PersonRow(1, "ann", "ann", b"", 0))
        slow, waiting = busy.add(session, ann, 0), quiet.add(session, ann, 0)
        feeding = FeedingQueue()
        for _ in range(4):
            outlet.queued_bytes = limits.LOW_WATER_BYTES  # one chunk more, and it is enough
            feeding.feed_soon(session)
            self.assertEqual(list(feeding.feed()), [])
            if waiting.is_live:
                break
            outlet.queued_bytes = limits.HIGH_WATER_BYTES
            busy.deliver([b"more"], 9)
        self.assertTrue(waiting.is_live)
        self.assertIn(b"wait", b"".join(outlet.frames))
        self.assertFalse(slow.is_live)


class Crowd(RoomCase):
    def test_the_larger_the_crowd_the_longer_between_two_presences(self) -> None:
        room = self.room()
        ann = Person(PersonRow(1, "ann", "ann", b"", 0))
        for people, expected_s in ((10, 0.01), (1_000, 1.0), (5_000, 5.0), (20_000, limits.PRESENCE_EVERY_S_MAX)):
            with self.subTest(people=people):
                room.people = dict.fromkeys(range(people), ann)
                room.presence_frame(100.0)
                self.assertAlmostEqual(room.presence_at, 100.0 + expected_s)
