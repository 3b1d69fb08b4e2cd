"""The tail: the newest frames of each room, within one bound for a room and one for all."""

from __future__ import annotations

import unittest

from chat_core import limits
from chat_core.server.tail import Tail, TailSpace


def frames(first: int, count: int, size: int = 10) -> list[bytes]:
    """Make frames that say their seq."""
    return [b"%0*d" % (size, seq) for seq in range(first, first + count)]


class OneTail(unittest.TestCase):
    def setUp(self) -> None:
        self.space = TailSpace()
        self.tail = Tail(self.space, 100)

    def test_an_empty_one_knows_only_that_nothing_follows_the_head(self) -> None:
        self.assertEqual(self.tail.after(100, 1_000), [])
        self.assertIsNone(self.tail.after(99, 1_000))

    def test_what_follows(self) -> None:
        self.tail.append(frames(101, 3))
        self.tail.append(frames(104, 1))
        self.assertEqual(self.tail.head, 104)
        self.assertEqual(self.tail.after(100, 1_000), frames(101, 4))
        self.assertEqual(self.tail.after(102, 1_000), frames(103, 2))
        self.assertEqual(self.tail.after(104, 1_000), [])
        self.assertIsNone(self.tail.after(99, 1_000))

    def test_within_the_bound_but_at_least_one(self) -> None:
        self.tail.append(frames(101, 5))
        for bytes_max, count in ((0, 1), (9, 1), (10, 1), (19, 1), (20, 2), (49, 4), (50, 5)):
            with self.subTest(bytes_max=bytes_max):
                self.assertEqual(self.tail.after(100, bytes_max), frames(101, count))

    def test_the_oldest_go_when_it_is_too_much(self) -> None:
        size = limits.TAIL_BYTES_PER_ROOM // 8
        self.tail.append(frames(101, 8, size))
        self.assertEqual(self.tail.after(100, size), frames(101, 1, size))
        self.tail.append(frames(109, 1, size))
        self.assertEqual(self.tail.size_bytes, limits.TAIL_BYTES_PER_ROOM // 2)
        self.assertEqual(self.space.used_bytes, self.tail.size_bytes)
        self.assertIsNone(self.tail.after(104, size))
        self.assertEqual(self.tail.after(105, size), frames(106, 1, size))

    def test_replaced_by_what_reaches_further_back(self) -> None:
        self.tail.append(frames(101, 2))
        self.tail.replace(frames(102, 1))
        self.assertEqual(self.tail.after(100, 1_000), frames(101, 2))
        self.tail.replace(frames(98, 5))
        self.assertEqual(self.tail.head, 102)
        self.assertEqual(self.tail.after(97, 1_000), frames(98, 5))
        self.assertEqual((self.tail.size_bytes, self.space.used_bytes), (50, 50))

    def test_cleared(self) -> None:
        self.tail.append(frames(101, 2))
        self.tail.clear()
        self.assertIsNone(self.tail.after(101, 1_000))
        self.assertEqual(self.tail.after(102, 1_000), [])
        self.assertEqual((self.tail.size_bytes, self.space.used_bytes), (0, 0))
        self.tail.append(frames(103, 1))
        self.assertEqual(self.tail.after(102, 1_000), frames(103, 1))


class ManyTails(unittest.TestCase):
    def test_those_used_longest_ago_lose_theirs(self) -> None:
        space = TailSpace()
        size = limits.TAIL_BYTES_PER_ROOM
        fitting = limits.TAIL_BYTES_ALL_ROOMS // size
        tails = [Tail(space, 0) for _ in range(fitting)]
        for tail in tails:
            tail.append(frames(1, 1, size))
        self.assertEqual([tail.size_bytes for tail in tails], fitting * [size])
        tails[0].append([b"x" * 100])  # too much for the room: it is the latest used, and has only the newest frame
        one_more = Tail(space, 0)
        one_more.append(frames(1, 1, size))
        self.assertEqual([tail.size_bytes for tail in tails[:3]], [100, 0, size])
        self.assertEqual(space.used_bytes, (fitting - 1) * size + 100)
        self.assertLessEqual(space.used_bytes, limits.TAIL_BYTES_ALL_ROOMS)

    def test_one_alone_keeps_its_own(self) -> None:
        space = TailSpace()
        tail = Tail(space, 0)
        tail.append(frames(1, 3, limits.TAIL_BYTES_PER_ROOM // 4))
        self.assertEqual(space.used_bytes, tail.size_bytes)
        tail.clear()
        tail.clear()
        self.assertEqual(space.used_bytes, 0)
