"""The hub's rules on rooms: coming in at a cursor, going out, and when one is forgotten."""

from __future__ import annotations

from unittest import mock

from chat_core import limits
from tests.transcript import PostingCase, TranscriptCase


class Joining(PostingCase):
    def setUp(self) -> None:
        super().setUp()
        self.post(60)
        self.stage.enter("bob", room="")

    def check(self, first: int, *, is_reset: bool = False, head: int = 60, **fields: int) -> None:
        """Let bob join, and check what he is told: the bounds, every message from `first` on, then `live`."""
        self.stage.request("bob", "join", room="lobby", ref="r", **fields)
        self.stage.settle()
        joined, *delivered, live = self.stage.heard("bob", "joined", "message", "live")
        expected = {
            "type": "joined", "room": "lobby", "head": head, "first": 1, "next": first, "online": 2,
            "members": ["ann", "bob"], "ref": "r",
        }  # fmt: skip
        self.assertEqual(joined, {**expected, "reset": True} if is_reset else expected)
        self.assertEqual([event.get("seq") for event in delivered], list(range(first, head + 1)))
        self.assertEqual(live, {"type": "live", "room": "lobby", "seq": head})

    def test_a_newcomer_is_shown_fifty(self) -> None:
        self.check(11)

    def test_last(self) -> None:
        self.check(58, last=3)

    def test_last_none(self) -> None:
        self.check(61, last=0)

    def test_last_more_than_there_are(self) -> None:
        self.check(1, last=limits.JOIN_LAST_MAX)

    def test_after(self) -> None:
        self.check(43, after=42)

    def test_after_nothing(self) -> None:
        self.check(1, after=0)

    def test_after_the_head(self) -> None:
        self.check(61, after=60)

    def test_after_more_than_there_is(self) -> None:
        self.check(11, after=61, is_reset=True)

    def test_after_in_a_room_that_nobody_has_written_in(self) -> None:
        self.play("""
            bob >> join room=new after=1
            bob << joined room=new head=0 first=1 next=1 online=1 members=["bob"] reset=true
            bob << presence room=new online=1 joined=["bob"] left=[] renamed=[]
            bob << live room=new seq=0
        """)

    def test_after_what_was_pruned(self) -> None:
        self.stage.hub.rooms["lobby"].first = 31
        self.stage.request("bob", "join", room="lobby", after=10)
        self.stage.settle()
        joined, *delivered, live = self.stage.heard("bob", "joined", "gone", "message", "live")
        self.assertEqual((joined["first"], joined["next"]), (31, 31))
        self.assertEqual([event.get("seq") for event in delivered], list(range(31, 61)))
        self.assertEqual(live["seq"], 60)

    def test_not_both(self) -> None:
        self.play("""
            bob >> join room=lobby after=1 last=1 ref=r
            bob << error code=bad_request text=* ref=r fatal=false
        """)

    def test_a_name_that_cannot_be(self) -> None:
        self.play("""
            bob >> join room=" " ref=r1
            bob >> leave room="a!" ref=r2
            bob << error code=room_invalid text=* ref=r1 fatal=false
            bob << error code=room_invalid text=* ref=r2 fatal=false
        """)

    def test_another_spelling_is_the_same_room(self) -> None:
        self.play("""
            bob >> join room=LOBBY after=60
            bob << joined room=lobby head=60 first=1 next=61 online=2 members=["ann","bob"]
            bob << presence room=lobby online=2 joined=["bob"] left=[] renamed=[]
            bob << live room=lobby seq=60
            ann << *
            bob >> post room=LOBBY mid=x1 text=a
            bob >> post room=Lobby mid=x2 text=b
            bob << posted mid=x1 room=lobby seq=61 time=* duplicate=false
            bob << posted mid=x2 room=lobby seq=62 time=* duplicate=false
            bob << message room=lobby seq=61 time=* from=bob mid=x1 text=a
            bob << message room=lobby seq=62 time=* from=bob mid=x2 text=b
            ann << *
            bob >> leave room=lobbY
            bob << left room=lobby
            ann << *
            bob >> post room=LOBBY mid=x3 text=b
            bob << error code=not_in_room text=* ref=x3 fatal=false
        """)

    def test_a_post_of_the_same_tick_comes_once(self) -> None:
        self.stage.request("bob", "join", room="lobby", last=1)
        self.stage.request("ann", "post", room="lobby", mid="x", text="a")
        self.stage.settle()
        joined, *delivered = self.stage.heard("bob", "joined", "message", "live")
        self.assertEqual((joined["head"], joined["next"]), (60, 60))
        self.assertEqual([(e["type"], e["seq"]) for e in delivered], [("message", 60), ("message", 61), ("live", 61)])


class JoiningAgain(PostingCase):
    def test_while_live(self) -> None:
        self.post(3)
        self.play("""
            ann >> join room=lobby after=0 ref=r
            ann << joined room=lobby head=3 first=1 next=4 online=1 members=["ann"] ref=r
            ann << live room=lobby seq=3
            ann >> post room=lobby mid=x text=a
            ann << posted mid=x room=lobby seq=4 time=* duplicate=false
            ann << message room=lobby seq=4 time=* from=ann mid=x text=a
        """)

    def test_while_behind(self) -> None:
        self.stage.enter("bob")
        self.play("""
            bob stalls
            ann >> post room=lobby mid=x1 text=a
            ann << *
            bob >> join room=lobby
            bob << joined room=lobby head=1 first=1 next=1 online=2 members=["ann","bob"]
            ann >> post room=lobby mid=x2 text=b
            ann << *
            bob drains
            bob << message room=lobby seq=1 time=* from=ann mid=x1 text=a
            bob << message room=lobby seq=2 time=* from=ann mid=x2 text=b
            bob << live room=lobby seq=2
        """)

    def test_twice_before_the_first_message(self) -> None:
        self.post(1)
        self.play("""
            ann >> leave room=lobby
            ann >> join room=lobby after=0
            ann >> join room=lobby after=0
            ann << left room=lobby
            ann << joined room=lobby head=1 first=1 next=1 online=1 members=["ann"]
            ann << joined room=lobby head=1 first=1 next=1 online=1 members=["ann"]
            ann << message room=lobby seq=1 time=* from=ann mid=m1 text=a
            ann << live room=lobby seq=1
        """)


class Leaving(PostingCase):
    def test_left(self) -> None:
        self.stage.enter("bob")
        self.play("""
            ann << *
            ann >> leave room=lobby ref=r
            ann << left room=lobby ref=r
            bob << presence room=lobby online=1 joined=[] left=["ann"] renamed=[]
            bob >> post room=lobby mid=m text=a
            bob << *
        """)

    def test_nothing_is_done_in_a_room_that_one_is_not_in(self) -> None:
        self.play("""
            ann >> leave room=tea ref=r1
            ann >> post room=tea mid=r2 text=a
            ann >> history room=tea before=1 limit=1 ref=r3
            ann >> who room=tea ref=r4
            ann << error code=not_in_room text=* ref=r1 fatal=false
            ann << error code=not_in_room text=* ref=r2 fatal=false
            ann << error code=not_in_room text=* ref=r3 fatal=false
            ann << error code=not_in_room text=* ref=r4 fatal=false
        """)

    def test_nothing_more_comes_from_it_while_behind(self) -> None:
        self.stage.enter("bob")
        self.play("""
            bob stalls
            ann >> post room=lobby mid=m text=a
            ann << *
            bob >> leave room=lobby
            bob drains
            ann << *
            bob << left room=lobby
        """)

    def test_at_most_fifty_rooms(self) -> None:
        for number in range(limits.ROOMS_PER_CONNECTION_MAX - 1):
            self.stage.request("ann", "join", room=f"r{number}")
        self.stage.settle()
        self.stage.forget_heard()
        self.play("""
            ann >> join room=more ref=r
            ann << error code=room_limit text=* ref=r fatal=false
            ann >> join room=lobby
            ann << joined room=lobby head=0 first=1 next=1 online=1 members=["ann"]
            ann << live room=lobby seq=0
            ann >> leave room=r1
            ann >> join room=more
            ann << left room=r1
            ann << joined room=more head=0 first=1 next=1 online=1 members=["ann"]
            ann << presence room=more online=1 joined=["ann"] left=[] renamed=[]
            ann << live room=more seq=0
        """)

    def test_a_room_that_nobody_wrote_in_is_forgotten(self) -> None:
        self.play("""
            ann >> join room=tea
            ann << *
            ann >> leave room=tea
            ann << *
        """)
        self.assertEqual(list(self.stage.hub.rooms), ["lobby"])
        self.stage.drop("ann")
        self.stage.settle()
        self.assertEqual(self.stage.hub.rooms, {})

    def test_one_that_somebody_comes_back_to_in_the_same_tick_is_not(self) -> None:
        self.play("""
            ann >> leave room=lobby
            ann >> join room=lobby
            ann << left room=lobby
            ann << joined room=lobby head=0 first=1 next=1 online=1 members=["ann"]
            ann << live room=lobby seq=0
        """)
        self.assertEqual(list(self.stage.hub.rooms), ["lobby"])

    def test_one_that_was_written_in_is_kept(self) -> None:
        self.post(1)
        self.stage.drop("ann")
        self.stage.settle()
        self.assertEqual(list(self.stage.hub.rooms), ["lobby"])

    def test_one_is_kept_that_everybody_leaves_in_the_tick_of_its_first_post(self) -> None:
        self.stage.request("ann", "post", room="lobby", mid="m1", text="a")
        peer = self.stage.peer("ann")
        self.stage.hub.receive(peer.session, peer.inbox.pop())
        self.stage.drop("ann")
        self.stage.settle()
        self.assertEqual({key: room.head for key, room in self.stage.hub.rooms.items()}, {"lobby": 1})
        self.assertEqual(peer.heard, [
            {"type": "posted", "mid": "m1", "room": "lobby", "seq": 1, "time": 1000, "duplicate": False}
        ])  # fmt: skip

    def test_one_is_forgotten_whose_first_post_was_not_stored(self) -> None:
        self.play("""
            log fails
            ann >> post room=lobby mid=m1 text=a
            ann << *
        """)
        self.assertEqual(self.stage.hub.rooms, {})


class FullHouse(TranscriptCase):
    def test_no_more_rooms_than_the_server_can_hold(self) -> None:
        self.stage.enter("ann")
        with mock.patch.object(limits, "ROOMS_MAX", 2):
            self.play("""
                ann >> join room=second
                ann << joined room=second head=0 first=1 next=1 online=1 members=["ann"]
                ann << presence room=second online=1 joined=["ann"] left=[] renamed=[]
                ann << live room=second seq=0
                ann >> join room=third ref=r
                ann << error code=room_limit text=* ref=r fatal=false
                """)
