"""The hub's rules on who is away: what makes it so, who is told of it and when."""

from __future__ import annotations

from typing import Any
from unittest import mock

from chat_core import limits
from tests.transcript import TICK_S, TranscriptCase


class AwayCase(TranscriptCase):
    """A test with ann, bob and carl in the lobby."""

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob", "carl")

    def ticks_until(self, label: str, kind: str) -> int:
        """Let ticks go by until somebody hears something of a type, and return how many."""
        for ticks in range(1, 200):
            self.stage.tick()
            if self.stage.heard(label, kind):
                return ticks
        raise AssertionError(f"{label} hears of no {kind}")

    def is_away(self, label: str) -> list[str]:
        """Let somebody new join the lobby, and return who is away there."""
        self.stage.request(label, "hello", protocol=1, name=label, install="i")
        self.stage.request(label, "join", room="lobby", last=0)
        self.stage.settle()
        (joined,) = self.stage.heard(label, "joined")
        self.stage.forget_heard()
        return list(joined.get("away", []))


class Away(AwayCase):
    def test_everybody_in_the_room_is_told(self) -> None:
        self.play("""
            ann >> away away=true ref=a
            bob >> away away=true
            ann << away room=lobby away=["ann","bob"] back=[]
            bob << away room=lobby away=["ann","bob"] back=[]
            carl << away room=lobby away=["ann","bob"] back=[]
            time +3
            ann >> away away=false
            carl >> away away=true
            ann << away room=lobby away=["carl"] back=["ann"]
            bob << *
            carl << *
            time +3
            carl >> away away=true
            ann >> away
            ann << error code=bad_request text=* fatal=false
        """)

    def test_a_newcomer_hears_of_it_with_joined(self) -> None:
        self.play("""
            ann >> away away=true
            ann << *
            bob << *
            carl << *
            dora >> hello protocol=1 name=dora install=i
            dora >> join room=lobby
            dora << welcome protocol=1 server=* epoch=* name=dora token=* time=* rooms=* limits=* motd=* features=*
            dora << joined room=lobby head=0 first=1 next=1 online=4 members=["ann","bob","carl","dora"] away=["ann"]
            dora << presence room=lobby online=4 joined=["dora"] left=[] renamed=[]
            dora << live room=lobby seq=0
            ann << *
            bob << *
            carl << *
        """)

    def test_one_who_comes_away_into_a_room_is_told_after_they_came(self) -> None:
        self.stage.enter("dora", room="")
        self.play("""
            dora >> away away=true
            tick
            dora >> join room=lobby last=0
            dora << *
            ann << presence room=lobby online=4 joined=["dora"] left=[] renamed=[]
            ann << away room=lobby away=["dora"] back=[]
            bob << *
            carl << *
        """)

    def test_there_and_back_in_a_tick_is_nothing(self) -> None:
        self.stage.request("ann", "away", away=True)
        self.stage.request("ann", "post", room="lobby", mid="m1", text="a")
        self.stage.settle()
        self.assertEqual(self.stage.heard("bob", "away"), [])

    def test_a_post_ends_it_and_a_duplicate_does_too(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann << *
            bob << *
            carl << *
            ann >> away away=true
            ann << *
            bob << *
            carl << *
            ann >> post room=lobby mid=m1 text=a
            ann << posted mid=m1 room=lobby seq=1 time=* duplicate=true
            ann << away room=lobby away=[] back=["ann"]
            bob << away room=lobby away=[] back=["ann"]
            carl << *
        """)

    def test_a_person_is_away_when_all_their_connections_are(self) -> None:
        self.stage.request("second", "hello", protocol=1, name="ann", install="other", token="token-1")
        self.stage.request("second", "join", room="lobby")
        self.stage.settle()
        self.stage.forget_heard()
        self.play("""
            ann >> away away=true
            tick
            second >> away away=true
            bob << away room=lobby away=["ann"] back=[]
            ann << *
            second << *
            carl << *
            third >> hello protocol=1 name=ann install=third token=token-1
            third << *
            bob << away room=lobby away=[] back=["ann"]
            ann << *
            second << *
            carl << *
            third drops
            bob << away room=lobby away=["ann"] back=[]
            ann << *
            second << *
            carl << *
            time +1
            second drops
            ann drops
            bob << presence room=lobby online=2 joined=[] left=["ann"] renamed=[]
            carl << *
        """)

    def test_too_early_it_waits_and_the_last_one_counts(self) -> None:
        self.stage.request("ann", "away", away=True)
        self.stage.settle()
        began = self.stage.now
        self.stage.forget_heard()
        for is_away in (True, False, True, False):
            self.stage.request("ann", "away", away=is_away)
        self.stage.tick()
        self.assertEqual(self.stage.heard("bob"), [])
        self.assertIsNotNone(self.stage.hub.next_telling_at())
        self.ticks_until("bob", "away")
        self.assertAlmostEqual(self.stage.now - began, limits.EPHEMERAL_EVERY_S, delta=2 * TICK_S)
        self.assertEqual(self.stage.heard("bob"), [{"type": "away", "room": "lobby", "away": [], "back": ["ann"]}])

    def test_one_who_waits_does_not_hold_up_another_for_long(self) -> None:
        for label in ("ann", "bob"):
            self.stage.request(label, "away", away=True)
            self.stage.tick()
            self.stage.request(label, "away", away=False)
            self.stage.tick()
            self.stage.now += 1
        began = self.stage.now
        self.stage.settle()
        told = [event for event in self.stage.heard("carl") if event["back"]]
        self.assertEqual([event["back"] for event in told], [["ann"], ["bob"]])
        self.assertLess(self.stage.now - began, limits.EPHEMERAL_EVERY_S)

    def test_what_waits_ends_with_a_post_or_the_connection(self) -> None:
        for label in ("ann", "bob"):
            self.stage.request(label, "away", away=False)
        self.stage.tick()
        for label in ("ann", "bob"):
            self.stage.request(label, "away", away=True)
        self.stage.tick()
        self.stage.request("ann", "post", room="lobby", mid="m1", text="a")
        self.stage.tick()
        self.stage.drop("bob")
        self.stage.settle()
        self.assertEqual(self.stage.heard("carl", "away"), [])
        self.assertIsNone(self.stage.hub.next_telling_at())

    def test_one_who_leaves_is_away_no_more_and_may_come_back_so(self) -> None:
        self.play("""
            ann >> away away=true
            ann << *
            bob << *
            carl << *
            ann >> leave room=lobby
            ann << *
            bob << presence room=lobby online=2 joined=[] left=["ann"] renamed=[]
            carl << *
            time +1
            ann >> join room=lobby last=0
            ann << *
            bob << presence room=lobby online=3 joined=["ann"] left=[] renamed=[]
            bob << away room=lobby away=["ann"] back=[]
            carl << *
        """)

    def test_one_who_comes_back_before_it_was_told_that_they_went_is_back(self) -> None:
        self.play("""
            ann >> away away=true
            ann << *
            bob << *
            carl << *
        """)
        self.stage.drop("ann")
        self.stage.request("again", "hello", protocol=1, name="ann", install="i", token="token-1")
        self.stage.request("again", "join", room="lobby", last=0)
        self.stage.hub.rooms["lobby"].presence_at = self.stage.now + 3 * TICK_S
        self.play("""
            again << *
            bob << away room=lobby away=[] back=["ann"]
            carl << *
        """)

    def test_a_rename_is_told_first_and_they_stay_away(self) -> None:
        self.play("""
            ann >> away away=true
            ann << *
            bob << *
            carl << *
            ann >> rename name=anna
            ann << *
            bob << presence room=lobby online=3 joined=[] left=[] renamed=[["ann","anna"]]
            carl << *
            time +3
            ann >> away away=false
            ann >> rename name=ann
            ann << *
            bob << presence room=lobby online=3 joined=[] left=[] renamed=[["anna","ann"]]
            bob << away room=lobby away=[] back=["ann"]
            carl << *
        """)

    def test_while_presence_waits_away_waits_too(self) -> None:
        self.stage.request("ann", "away", away=True)
        self.stage.settle()
        self.stage.forget_heard()
        room = self.stage.hub.rooms["lobby"]
        room.presence_at = self.stage.now + 5 * TICK_S
        self.stage.request("ann", "rename", name="anna")
        self.stage.tick()
        self.stage.request("bob", "away", away=True)
        self.stage.request("dora", "hello", protocol=1, name="dora", install="i")
        self.stage.request("dora", "join", room="lobby", last=0)
        self.stage.tick()
        self.assertEqual(self.stage.hub.next_telling_at(), room.presence_at)
        self.stage.request("ann", "away", away=True)  # too early
        self.stage.tick()
        self.assertEqual(self.stage.hub.next_telling_at(), room.presence_at)
        # She is told what the others were told, and hears with them what has changed since.
        self.assertEqual(self.stage.heard("dora", "joined")[0]["away"], ["ann"])
        self.assertEqual(self.stage.heard("carl"), [])
        self.stage.settle()
        self.assertEqual(
            [(event["type"], event.get("renamed"), event.get("away")) for event in self.stage.heard("carl")],
            [("presence", [["ann", "anna"]], None), ("away", None, ["bob"])],
        )

    def test_one_who_is_too_slow_is_told_all_of_it_when_the_queue_drains(self) -> None:
        self.play("""
            ann >> join room=tea
            ann << *
            bob >> away away=true
            ann << *
            bob << *
            carl << *
            ann stalls
            time +1
            carl >> away away=true
            bob << *
            carl << *
            ann drains
            ann << presence room=lobby online=3
            ann << away room=lobby away=["bob","carl"]
            time +1
        """)

    def test_what_is_made_up_for_is_bounded_as_all_else(self) -> None:
        rooms = [f"room {number}" for number in range(4)]
        for room in rooms:
            for label in ("ann", "bob"):
                self.stage.request(label, "join", room=room)
        self.stage.settle()
        self.stage.forget_heard()
        self.stage.stall("ann")
        self.stage.drop("bob")
        self.stage.tick()
        peer = self.stage.peers["ann"]
        peer.queued_bytes = limits.HIGH_WATER_BYTES - 60
        self.stage.hub.drained(peer.session)
        self.assertEqual(len(self.stage.heard("ann", "presence")), 2)
        self.assertTrue(peer.session.is_owed)
        self.stage.drain("ann")
        self.stage.settle()
        told = [event["room"] for event in self.stage.heard("ann", "presence")]
        self.assertEqual(sorted(told), ["lobby", *rooms])
        self.assertFalse(peer.session.is_owed)

    def test_nothing_of_it_is_kept(self) -> None:
        self.play("""
            ann >> typing room=lobby
            ann >> away away=true
            bob << *
            carl << *
            ann << *
            restart
        """)
        self.assertEqual(sum(len(batch.messages) for batch in self.stage.log.batches), 0)
        self.assertEqual(self.is_away("new"), [])


class Crowds(AwayCase):
    """At the bound on the number of people, and across it."""

    def fill(self, online: int) -> None:
        """Let people come until there are so many."""
        room = self.stage.hub.rooms["lobby"]
        self.stage.enter(*(f"p{number}" for number in range(room.online, online)))
        self.stage.now += 1
        self.stage.settle()
        self.stage.forget_heard()

    def heard_of_away(self, label: str = "carl") -> list[tuple[Any, Any]]:
        """Return what somebody heard of who is away, and forget it."""
        told = [(event["away"], event.get("back")) for event in self.stage.heard(label, "away")]
        self.stage.forget_heard()
        return told

    def test_at_the_bound_both_are_told_and_above_it_neither(self) -> None:
        self.fill(limits.EPHEMERAL_PEOPLE_MAX)
        for label, is_told in (("ann", True), ("bob", False)):
            self.stage.now += 10
            self.stage.request(label, "typing", room="lobby")
            self.stage.request(label, "away", away=True)
            self.stage.settle()
            self.assertEqual(len(self.stage.heard("carl", "typing", "away")), 2 * is_told)
            self.fill(limits.EPHEMERAL_PEOPLE_MAX + 1)

    def test_a_room_that_grows_beyond_it_has_nobody_away_and_one_that_shrinks_below_is_told_again(self) -> None:
        self.fill(limits.EPHEMERAL_PEOPLE_MAX - 1)
        self.stage.request("ann", "away", away=True)
        self.stage.settle()
        self.assertEqual(self.heard_of_away(), [(["ann"], [])])
        self.assertEqual(self.is_away("last"), ["ann"])
        self.stage.now += 1
        self.assertEqual(self.is_away("more"), ["ann"])
        self.stage.now += 1
        self.stage.settle()
        self.assertEqual(self.is_away("even more"), [])
        self.stage.request("bob", "away", away=True)
        self.stage.settle()
        self.assertEqual(self.heard_of_away(), [])
        for label in ("more", "even more"):
            self.stage.drop(label)
        self.stage.settle()
        self.assertEqual(self.heard_of_away(), [(["ann", "bob"], [])])

    def test_that_nobody_is_away_in_a_crowd_is_told_without_a_name(self) -> None:
        self.fill(limits.EPHEMERAL_PEOPLE_MAX)
        self.stage.request("ann", "away", away=True)
        self.stage.settle()
        self.heard_of_away()
        self.stage.now += 1
        self.stage.request("more", "hello", protocol=1, name="more", install="i")
        self.stage.request("more", "join", room="lobby")
        self.stage.settle()
        self.assertEqual(self.heard_of_away(), [([], None)])

    def test_a_crowd_that_comes_and_goes_at_once_takes_those_who_left_in_it_along(self) -> None:
        with mock.patch.dict(vars(limits), {"EPHEMERAL_PEOPLE_MAX": 3, "PRESENCE_NAMES_PEOPLE_MAX": 4}):
            self.stage.enter("p0", "p1", "p2", "last", room="")
            for label in ("ann", "bob"):
                self.stage.request(label, "away", away=True)
            self.stage.settle()
            self.stage.drop("bob")
            for label in ("p0", "p1", "p2"):
                self.stage.request(label, "join", room="lobby", last=0)
            self.stage.tick()
            self.stage.request("last", "join", room="lobby", last=0)
            self.stage.tick()
            self.assertEqual(self.stage.heard("last", "joined")[0]["away"], ["ann"])
            for label in ("p0", "p1", "p2"):
                self.stage.drop(label)
            self.heard_of_away()
            self.stage.settle()
            # Nobody was told that bob has left, so it is said who is away, and not who no longer is.
            self.assertEqual(self.heard_of_away(), [(["ann"], None)])

    def test_a_room_that_fills_at_once_by_far_too_many(self) -> None:
        self.stage.request("ann", "away", away=True)
        self.stage.request("bob", "away", away=True)
        self.stage.settle()
        self.stage.forget_heard()
        self.stage.drop("bob")
        self.stage.hub.rooms["lobby"].presence_at = self.stage.now + 3 * TICK_S
        for number in range(limits.PRESENCE_NAMES_PEOPLE_MAX):
            self.stage.request(f"p{number}", "hello", protocol=1, name=f"p{number}", install="i")
            self.stage.request(f"p{number}", "join", room="lobby", last=0)
        self.stage.settle()
        self.assertEqual([event["type"] for event in self.stage.heard("carl")][-1], "away")
        self.assertEqual(self.heard_of_away(), [([], None)])
