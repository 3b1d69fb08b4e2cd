"""The hub's rules on presence: who is told of whom, summed up, and what one hears who is too slow for it."""

from __future__ import annotations

from typing import Any

from chat_core import limits
from tests.transcript import TICK_S, TranscriptCase


class Coming(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann")

    def test_one_presence_for_all_of_a_tick(self) -> None:
        self.stage.enter("bob", "carl", room="")
        self.stage.enter("dora")
        self.play("""
            bob >> join room=lobby last=0
            carl >> join room=lobby last=0
            dora >> leave room=lobby
            ann << presence room=lobby online=3 joined=["bob","carl"] left=["dora"] renamed=[]
            bob << *
            carl << *
            dora << *
        """)

    def test_it_comes_after_joined_and_to_everybody_in_the_room(self) -> None:
        self.stage.enter("bob", room="")
        self.play("""
            bob >> join room=lobby
            bob << joined room=lobby head=0 first=1 next=1 online=2 members=["ann","bob"]
            bob << presence room=lobby online=2 joined=["bob"] left=[] renamed=[]
            bob << live room=lobby seq=0
            ann << presence room=lobby online=2 joined=["bob"] left=[] renamed=[]
        """)

    def test_it_is_told_of_each_room_by_itself(self) -> None:
        self.stage.enter("bob", room="")
        self.play("""
            ann >> join room=tea
            ann << *
            bob >> join room=tea
            bob << *
            ann << presence room=tea online=2 joined=["bob"] left=[] renamed=[]
        """)

    def test_one_who_comes_and_goes_in_a_tick_was_never_there(self) -> None:
        self.stage.enter("bob", room="")
        self.play("""
            bob >> join room=lobby last=0
            bob >> leave room=lobby
            bob << joined room=lobby head=0 first=1 next=1 online=2 members=["ann","bob"]
            bob << left room=lobby
        """)
        self.assertIsNone(self.stage.hub.next_telling_at())

    def test_one_who_goes_and_comes_in_a_tick_never_went(self) -> None:
        self.stage.enter("bob")
        self.play("""
            ann << *
            bob >> leave room=lobby
            bob >> join room=lobby last=0
            bob << left room=lobby
            bob << joined room=lobby head=0 first=1 next=1 online=2 members=["ann","bob"]
            bob << live room=lobby seq=0
        """)

    def test_a_drop_is_told_as_leaving(self) -> None:
        self.stage.enter("bob")
        self.play("""
            bob drops
            ann << presence room=lobby online=1 joined=[] left=["bob"] renamed=[]
        """)


class Waiting(TranscriptCase):
    """Presence waits a little when many are there, and sums up what happens meanwhile."""

    def setUp(self) -> None:
        super().setUp()
        self.people = [f"p{number:03}" for number in range(300)]
        self.stage.enter("ann", *self.people)
        self.stage.enter("bob", room="")
        self.stage.tick()
        self.assertIsNone(self.stage.hub.next_telling_at())

    def begin_waiting(self) -> None:
        """Have something told, so that what happens next has to wait for 0.3 s."""
        self.stage.now += 1
        self.stage.drop("p000")
        self.stage.tick()
        self.assertEqual(len(self.stage.heard("ann")), 1)
        self.stage.forget_heard()

    def ticks_until_told(self) -> int:
        """Let ticks go by until ann hears the next presence, and return how many."""
        for ticks in range(1, 100):
            self.stage.tick()
            if self.stage.heard("ann"):
                return ticks
        raise AssertionError("nothing is told")

    def test_a_lone_change_is_told_at_once_and_the_next_one_later(self) -> None:
        self.stage.now += 1
        self.stage.drop("p000")
        self.assertEqual(self.ticks_until_told(), 1)
        told_at = self.stage.now
        self.stage.forget_heard()
        self.stage.drop("p001")
        self.stage.tick()
        presence_at = self.stage.hub.next_telling_at()
        assert presence_at is not None
        self.assertAlmostEqual(presence_at, told_at + 0.3)
        self.stage.drop("p002")
        self.ticks_until_told()
        self.assertGreaterEqual(self.stage.now, presence_at)
        self.assertLess(self.stage.now, presence_at + TICK_S)
        self.assertEqual(self.stage.heard("ann")[0]["left"], ["p001", "p002"])

    def test_a_chain_of_renames_is_one(self) -> None:
        self.begin_waiting()
        for name in ("x", "y", "z"):
            self.stage.request("p001", "rename", name=name)
            self.stage.tick()
        self.stage.settle()
        (presence,) = self.stage.heard("ann")
        self.assertEqual(presence["renamed"], [["p001", "z"]])

    def test_renamed_and_back_is_nothing(self) -> None:
        self.begin_waiting()
        for name in ("x", "p001"):
            self.stage.request("p001", "rename", name=name)
            self.stage.tick()
        self.stage.settle()
        self.assertEqual(self.stage.heard("ann"), [])

    def test_one_who_renames_and_goes_left_under_the_name_that_was_known(self) -> None:
        self.begin_waiting()
        self.stage.request("p001", "rename", name="x")
        self.stage.tick()
        self.stage.drop("p001")
        self.stage.settle()
        (presence,) = self.stage.heard("ann")
        self.assertEqual((presence["left"], presence["renamed"]), (["p001"], []))

    def test_one_who_comes_and_renames_joined_under_the_new_name(self) -> None:
        self.begin_waiting()
        self.stage.request("bob", "join", room="lobby")
        self.stage.request("bob", "rename", name="x")
        self.stage.settle()
        (presence,) = self.stage.heard("ann")
        self.assertEqual((presence["joined"], presence["renamed"]), (["x"], []))


class Crowds(TranscriptCase):
    def come(self, count: int) -> list[dict[str, Any]]:
        """Let many people come at once, and return what ann hears of it."""
        self.stage.enter("ann")
        for number in range(count):
            self.stage.request(f"p{number}", "hello", protocol=1, name=f"p{number}", install="i")
            self.stage.request(f"p{number}", "join", room="lobby", last=0)
        self.stage.settle()
        return self.stage.heard("ann")

    def test_five_hundred_names_at_a_time(self) -> None:
        first, second = self.come(limits.NAMES_PAGE + 10)
        self.assertEqual((len(first["joined"]), len(second["joined"])), (500, 10))
        self.assertEqual(len(set(first["joined"] + second["joined"])), 510)
        self.assertEqual((first["online"], second["online"]), (511, 511))

    def test_a_crowd_is_told_only_its_number(self) -> None:
        (presence,) = self.come(limits.PRESENCE_NAMES_PEOPLE_MAX)
        self.assertEqual(presence, {"type": "presence", "room": "lobby", "online": 1_001})
        self.stage.forget_heard()
        self.stage.drop("p0")
        self.stage.settle()
        (presence,) = self.stage.heard("ann")
        self.assertEqual((presence["online"], presence["left"]), (1_000, ["p0"]))


class TooSlow(TranscriptCase):
    def test_one_whose_queue_is_full_is_told_the_number_when_it_drains(self) -> None:
        self.stage.enter("ann", "bob")
        self.play("""
            ann >> join room=tea
            ann << *
            ann stalls
            bob drops
            ann drains
            ann << presence room=lobby online=1
            time +1
            tick
        """)
