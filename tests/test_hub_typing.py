"""The hub's rules on who is writing: who is told of it and when."""

from __future__ import annotations

from chat_core import limits
from chat_core.server.hub import HubOptions
from tests.transcript import TranscriptCase


class Writing(TranscriptCase):
    """With ann, bob and carl in the lobby."""

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob", "carl")

    def test_the_others_are_told_and_the_author_is_not(self) -> None:
        self.play("""
            ann >> typing room=lobby
            bob << typing room=lobby names=["ann"]
            carl << typing room=lobby names=["ann"]
        """)

    def test_all_of_a_tick_are_told_at_once_each_without_oneself(self) -> None:
        self.play("""
            ann >> typing room=lobby ref=r
            bob >> typing room=Lobby
            ann << typing room=lobby names=["bob"]
            bob << typing room=lobby names=["ann"]
            carl << typing room=lobby names=["ann","bob"]
        """)

    def test_another_window_of_the_author_is_not_told_either(self) -> None:
        self.stage.request("second", "hello", protocol=1, name="ann", install="other", token="token-1")
        self.stage.request("second", "join", room="lobby")
        self.stage.settle()
        self.stage.forget_heard()
        self.play("""
            ann >> typing room=lobby
            bob << typing room=lobby names=["ann"]
            carl << typing room=lobby names=["ann"]
            time +3
            ann >> typing room=lobby
            second >> typing room=lobby
            bob << typing room=lobby names=["ann"]
            carl << typing room=lobby names=["ann"]
        """)

    def test_it_stays_in_its_room(self) -> None:
        self.play("""
            ann >> join room=tea
            ann << *
            ann >> typing room=tea
            bob >> typing room=tea ref=t
            bob << error code=not_in_room text="You are not in the room tea. Join it first." ref=t fatal=false
            bob >> typing room="a/b"
            bob << error code=room_invalid text=* fatal=false
            bob >> typing
            bob << error code=bad_request text=* fatal=false
        """)

    def test_too_early_is_as_if_unsaid(self) -> None:
        heard = []
        for seconds in (0.0, 1.0, 1.5, 2.2, 4.4, 5.2):  # since the first
            while self.stage.now < 101.0 + seconds:
                self.stage.tick()
            self.stage.request("ann", "typing", room="lobby")
            self.stage.tick()
            heard.append(len(self.stage.heard("bob")))
        # They are due at 0, 3 and 6; up to a second early is forgiven, and not taken for a new beginning.
        self.assertEqual(heard, [1, 1, 1, 2, 2, 3])

    def test_one_who_writes_and_is_gone_before_it_is_told_is_not_told_of(self) -> None:
        self.play("""
            ann >> typing room=lobby
            ann >> leave room=lobby
            ann << left room=lobby
            bob << presence room=lobby online=2 joined=[] left=["ann"] renamed=[]
            carl << *
            bob >> typing room=lobby
            bob >> quit
            bob << *
            carl << presence room=lobby online=1 joined=[] left=["bob"] renamed=[]
            carl >> typing room=lobby
            carl >> leave room=lobby
            carl << *
        """)
        self.assertIsNone(self.stage.hub.next_telling_at())

    def test_a_message_ends_it(self) -> None:
        self.play("""
            ann >> typing room=lobby
            ann >> post room=lobby mid=m1 text=a
            ann << *
            bob << message room=lobby seq=1 time=* from=ann mid=m1 text=a
            carl << *
        """)

    def test_it_is_told_to_nobody_who_is_behind_or_does_not_read(self) -> None:
        for number in range(400):
            self.stage.request("ann", "post", room="lobby", mid=f"m{number}", text="x" * 1_000)
        self.stage.settle()
        self.stage.forget_heard()
        self.stage.request("late", "hello", protocol=1, name="late", install="i")
        self.stage.request("late", "join", room="lobby", after=0)
        self.stage.tick()
        self.stage.tick()
        self.stage.stall("bob")
        self.stage.stall("late")  # in the middle of catching up
        self.stage.request("ann", "typing", room="lobby")
        self.stage.tick()
        self.stage.peers["late"].queued_bytes = 0  # it is read, but it is still behind
        self.stage.now += 4
        self.stage.request("ann", "typing", room="lobby")
        self.stage.tick()
        self.assertEqual(len(self.stage.heard("carl", "typing")), 2)
        self.assertEqual(self.stage.heard("bob", "typing") + self.stage.heard("late", "typing"), [])


class FullRoom(TranscriptCase):
    """At the bound on the number of people."""

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob", "carl", *(f"p{number}" for number in range(limits.EPHEMERAL_PEOPLE_MAX - 3)))
        self.stage.now += 1
        self.stage.settle()
        self.stage.forget_heard()

    def test_a_flurry_in_a_full_room_is_summed_up(self) -> None:
        for number in range(10, 30):
            self.stage.request(f"p{number}", "typing", room="lobby")
            self.stage.tick()
        self.stage.settle()
        told = [event["names"] for event in self.stage.heard("carl", "typing")]
        self.assertEqual([len(names) for names in told], [1, 19])
        self.assertEqual(len(self.stage.heard("p12", "typing")[1]["names"]), 18)

    def test_one_who_writes_while_the_room_fills_is_not_told_of(self) -> None:
        self.stage.request("ann", "typing", room="lobby")
        self.stage.request("more", "hello", protocol=1, name="more", install="i")
        self.stage.tick()
        self.stage.forget_heard()
        self.stage.request("bob", "typing", room="lobby")
        self.stage.request("more", "join", room="lobby")
        self.stage.tick()
        self.stage.settle()
        self.assertEqual(self.stage.heard("carl", "typing"), [])


class SwitchedOff(TranscriptCase):
    options = HubOptions(rate_per_s=0, has_ephemeral=False)

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob")

    def test_neither_is_listed_nor_told(self) -> None:
        self.play("""
            dora >> hello protocol=1 name=dora install=i
            dora << welcome protocol=1 server=* epoch=* name=dora token=* time=* rooms=* limits=* motd=*
            ann >> typing room=lobby ref=r1
            ann >> away away=true ref=r2
            ann >> typing room=attic ref=r3
            ann << error code=not_in_room text=* ref=r3 fatal=false
        """)
        self.assertIsNone(self.stage.hub.next_telling_at())
