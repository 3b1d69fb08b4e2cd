"""Delivery: every stored message reaches every member once and in order, however slowly it reads; bounded memory."""

from __future__ import annotations

import random
from typing import Any

from chat_core import limits
from tests.transcript import TICK_S, Peer, Stage, TranscriptCase

LONG = 8_000 * "\U0001f642"


class Behind(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob")

    def post(self, count: int, text: str = LONG) -> None:
        """Let ann post, a few in each tick."""
        for _ in range(count):
            mid = f"m{self.stage.hub.rooms['lobby'].head + 1}"
            self.stage.request("ann", "post", room="lobby", mid=mid, text=text)
            self.stage.tick()

    def test_nothing_is_queued_past_the_mark(self) -> None:
        self.stage.peer("bob").is_stalled = True
        self.post(40)
        bob = self.stage.peer("bob")
        heard = len(self.stage.heard("bob", "message"))
        self.assertGreaterEqual(bob.queued_bytes, limits.HIGH_WATER_BYTES)
        self.assertLess(bob.queued_bytes, limits.HIGH_WATER_BYTES + limits.CATCH_UP_CHUNK_BYTES)
        self.assertLess(heard, 40)
        self.stage.drain("bob")
        self.stage.settle()
        self.assertEqual([e["seq"] for e in self.stage.heard("bob", "message")], list(range(1, 41)))
        self.assertEqual(self.stage.heard("bob", "live"), [], "it was told so when it joined")

    def test_it_is_fed_in_chunks_and_only_when_its_queue_is_low(self) -> None:
        self.stage.stall("bob")
        self.post(200, 300 * "a")
        bob = self.stage.peer("bob")
        self.assertEqual(bob.heard, [])
        bob.queued_bytes = limits.LOW_WATER_BYTES + 1
        self.stage.hub.drained(bob.session)
        self.stage.tick()
        self.assertEqual(bob.heard, [])
        bob.queued_bytes = limits.LOW_WATER_BYTES
        self.stage.hub.drained(bob.session)
        self.stage.tick()
        self.assertGreater(bob.queued_bytes, limits.LOW_WATER_BYTES)
        self.assertLessEqual(bob.queued_bytes, limits.LOW_WATER_BYTES + limits.CATCH_UP_CHUNK_BYTES)
        first = len(bob.heard)
        bob.queued_bytes = 0
        self.stage.hub.drained(bob.session)
        self.stage.hub.drained(bob.session)
        self.stage.tick()
        self.assertLessEqual(bob.queued_bytes, limits.CATCH_UP_CHUNK_BYTES)
        self.assertGreater(len(bob.heard), first)
        self.stage.drain("bob")
        self.stage.settle()
        self.assertEqual([e["seq"] for e in bob.heard], list(range(1, 201)))

    def test_two_rooms_are_fed_one_after_the_other_when_the_queue_is_low(self) -> None:
        for label in ("ann", "bob"):
            self.stage.request(label, "join", room="tea", last=0)
        self.stage.settle()
        self.stage.forget_heard()
        self.stage.stall("bob")
        for number in range(150):
            self.stage.request("ann", "post", room=("lobby", "tea")[number % 2], mid=f"m{number}", text=500 * "a")
        self.stage.settle()
        bob = self.stage.peer("bob")
        bob.queued_bytes = limits.LOW_WATER_BYTES
        self.stage.hub.drained(bob.session)
        self.stage.tick()
        self.assertEqual({e["room"] for e in bob.heard}, {"lobby"})
        self.stage.drain("bob")
        self.stage.settle()
        for room in ("lobby", "tea"):
            self.assertEqual([e["seq"] for e in bob.heard if e["room"] == room], list(range(1, 76)))

    def test_one_who_goes_while_behind_is_fed_no_more(self) -> None:
        self.stage.stall("bob")
        self.post(1, "a")
        bob = self.stage.peer("bob")
        bob.queued_bytes = 0
        self.stage.hub.drained(bob.session)
        self.assertTrue(self.stage.hub.has_work)
        self.stage.drop("bob")
        self.stage.settle()
        self.assertEqual(bob.heard, [])
        self.assertFalse(self.stage.hub.has_work)

    def test_one_is_told_what_was_pruned_while_it_was_behind(self) -> None:
        self.stage.stall("bob")
        self.post(5, "a")
        self.stage.hub.rooms["lobby"].first = 4
        self.play("""
            ann << *
            bob drains
            bob << gone room=lobby first=4
            bob << message room=lobby seq=4 time=* from=ann mid=m4 text=a
            bob << message room=lobby seq=5 time=* from=ann mid=m5 text=a
        """)

    def test_catching_up_has_a_budget_and_nobody_is_forgotten(self) -> None:
        self.post(20)
        labels = [f"p{number}" for number in range(200)]
        self.stage.enter(*labels, room="")
        for label in labels:
            self.stage.request(label, "join", room="lobby", after=0)
        self.stage.tick()
        fed = sum(len(self.stage.heard(label, "message")) for label in labels)
        self.assertLess(fed, len(labels))  # a chunk holds one of these messages
        self.assertGreaterEqual(fed * limits.CATCH_UP_CHUNK_BYTES, limits.CATCH_UP_BYTES_PER_TICK)
        self.assertTrue(self.stage.hub.has_work)
        self.stage.settle()
        for label in labels:
            self.assertEqual([e["seq"] for e in self.stage.heard(label, "message")], list(range(1, 21)))
            self.assertEqual([e["seq"] for e in self.stage.heard(label, "live")], [20])

    def test_a_newcomer_to_a_log_of_long_texts_after_a_restart(self) -> None:
        self.post(30)
        self.stage.settle()
        self.stage.start()
        self.stage.enter("carl", room="")
        self.stage.request("carl", "join", room="lobby", after=0)
        self.stage.settle()
        self.assertEqual([e["seq"] for e in self.stage.heard("carl", "message")], list(range(1, 31)))


class Oracle:
    """What each connection must have heard: from where it joined on, every message of the room, in order."""

    def __init__(self) -> None:
        self.mids: dict[str, list[str]] = {"lobby": [], "tea": []}  # as acknowledged, by seq
        self.acknowledged: dict[str, tuple[str, int]] = {}
        self.next_seq: dict[tuple[Peer, str], int] = {}
        self.lives_due: dict[tuple[Peer, str], int] = {}
        self.taken: dict[Peer, int] = {}

    def listen(self, case: TranscriptCase, peer: Peer) -> None:
        """Check what a connection has heard since the last time."""
        start = self.taken.get(peer, 0)
        self.taken[peer] = len(peer.heard)
        for event in peer.heard[start:]:
            kind = event["type"]
            place = (peer, event.get("room", ""))
            if kind == "joined":
                # Joining again goes on where it was.
                case.assertEqual(event["next"], self.next_seq.get(place, event["next"]))
                self.next_seq[place] = event["next"]
                self.lives_due[place] = 1
            elif kind == "left":
                del self.next_seq[place]
                self.lives_due[place] = 0
            elif kind == "message":
                case.assertEqual(event["seq"], self.next_seq[place])
                self.next_seq[place] += 1
                self.note(case, event)
            elif kind == "live":
                case.assertEqual(self.lives_due[place], 1, "live once for each joined")
                case.assertEqual(event["seq"] + 1, self.next_seq[place])
                self.lives_due[place] = 0
            elif kind == "posted":
                stored = (event["room"], event["seq"])
                case.assertEqual(self.acknowledged.setdefault(event["mid"], stored), stored)
            else:
                case.assertIn(kind, ("presence", "welcome"), event)

    def note(self, case: TranscriptCase, event: dict[str, Any]) -> None:
        """Remember which message has which seq; it is the same for everybody."""
        mids = self.mids[event["room"]]
        if event["seq"] == len(mids) + 1:
            mids.append(event["mid"])
        case.assertEqual(mids[event["seq"] - 1], event["mid"])


class AnyInterleaving(TranscriptCase):
    """Posts, stalls, partial drains, joins, leaves, drops and resends in a random order, from a seed."""

    steps = 1_500

    def test_exactly_once_and_in_order(self) -> None:
        for seed in range(4):
            with self.subTest(seed=seed):
                self.stage = Stage()
                self.addCleanup(self.stage.log.close)
                self.run_from(random.Random(seed))

    def run_from(self, chance: random.Random) -> None:
        """Play one random run and check it after every tick, and again when everybody has caught up."""
        oracle = Oracle()
        self.mids: list[tuple[str, str, str, str]] = []  # by whom, where, which and what
        labels = ("ann", "bob", "carl", "dora")
        self.stage.enter(*labels, room="")
        for label in labels:
            for room in ("lobby", "tea"):
                self.stage.request(label, "join", room=room)
        for _ in range(self.steps):
            self.step(chance, oracle, chance.choice(labels))
            if chance.random() < 0.5:
                self.tick(chance)
                for peer in self.stage.peers.values():
                    oracle.listen(self, peer)
                    self.assertLessEqual(peer.queued_bytes, limits.QUEUED_BYTES_MAX)
        self.come_to_rest(oracle)

    def step(self, chance: random.Random, oracle: Oracle, label: str) -> None:
        """Let somebody do something."""
        what = chance.random()
        room = chance.choice(("lobby", "tea"))
        is_member = room in self.stage.peers[label].session.rooms and not self.stage.peers[label].inbox
        if what < 0.6 and is_member:
            text = chance.choice(("a", "b" * 2_000, LONG))
            self.mids.append((label, room, f"{label}-{len(self.mids)}", text))
            self.stage.request(label, "post", room=room, mid=self.mids[-1][2], text=text)
        elif what < 0.65 and self.mids:
            who, where, mid, text = chance.choice(self.mids)
            if where in self.stage.peers[who].session.rooms and not self.stage.peers[who].inbox:
                self.stage.request(who, "post", room=where, mid=mid, text=text)
        elif what < 0.75:
            self.stage.peers[label].is_stalled = not self.stage.peers[label].is_stalled
        elif what < 0.80:
            self.stage.request(label, "join", room=room)
        elif what < 0.83 and is_member:
            self.stage.request(label, "leave", room=room)
        elif what < 0.85:
            self.come_back(oracle, label)

    def come_back(self, oracle: Oracle, label: str) -> None:
        """Lose a connection and resume both rooms on another one, from its cursor or as a newcomer."""
        old = self.stage.peers[label]
        old_next = {room: oracle.next_seq.get((old, room)) for room in ("lobby", "tea")}
        oracle.listen(self, old)
        self.stage.drop(label)
        token = f"token-{('ann', 'bob', 'carl', 'dora').index(label) + 1}"
        self.stage.request(label, "hello", protocol=1, name=label, install="i", token=token)
        for room, seq in old_next.items():
            cursor = {"last": 5} if seq is None else {"after": seq - 1}
            self.stage.request(label, "join", room=room, **cursor)

    def tick(self, chance: random.Random) -> None:
        """Play one tick in which some of those who are stalled take a part of what is queued."""
        self.stage.tick()
        for peer in self.stage.peers.values():
            if peer.is_stalled and chance.random() < 0.5:
                peer.queued_bytes = int(peer.queued_bytes * chance.random())
                if peer.queued_bytes <= limits.LOW_WATER_BYTES:
                    self.stage.hub.drained(peer.session)

    def come_to_rest(self, oracle: Oracle) -> None:
        """Let everybody read; then all have everything, and the log the same."""
        for label in self.stage.peers:
            self.stage.drain(label)
        self.stage.settle()
        self.stage.now += TICK_S
        for peer in self.stage.peers.values():
            oracle.listen(self, peer)
            for room in peer.session.rooms:
                self.assertEqual(oracle.next_seq[peer, room], self.stage.hub.rooms[room].head + 1)
                self.assertEqual(oracle.lives_due[peer, room], 0)
        seqs = {room.key: room.id for room in self.stage.hub.rooms.values()}
        for key, mids in oracle.mids.items():
            rows = self.stage.log.after(seqs[key], 0, 100_000, 2**40)
            self.assertEqual([row.seq for row in rows], list(range(1, len(rows) + 1)))
            self.assertEqual([row.mid for row in rows], mids)
        for mid, (room, seq) in oracle.acknowledged.items():
            self.assertEqual(oracle.mids[room][seq - 1], mid)
        self.assertGreater(sum(map(len, oracle.mids.values())), 300)
