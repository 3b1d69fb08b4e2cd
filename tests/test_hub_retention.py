"""The hub when messages are pruned: who is told what, and what is never told to anybody again."""

from __future__ import annotations

from chat_core.server.hub import HubOptions
from chat_core.server.retention import Retention
from tests.transcript import PostingCase

DAY_S = 86_400


class ByNumber(PostingCase):
    options = HubOptions(rate_per_s=0, retention=Retention(messages=2))

    def test_a_newcomer_gets_what_is_kept_and_nothing_else_although_it_is_still_in_memory(self) -> None:
        self.post(5)
        self.play("""
            prune
            bob >> hello protocol=1 name=bob install=i
            bob >> join room=lobby last=50
            bob << welcome protocol=1 server=* epoch=* name=bob token=* time=* rooms=* limits=* motd=* features=*
            bob << joined room=lobby head=5 first=4 next=4 online=2 members=["ann","bob"]
            bob << presence room=lobby online=2 joined=["bob"] left=[] renamed=[]
            bob << message room=lobby seq=4 time=* from=ann mid=m4 text=a
            bob << message room=lobby seq=5 time=* from=ann mid=m5 text=a
            bob << live room=lobby seq=5
            ann << *
        """)

    def test_one_who_resumes_before_it_is_told_where_delivery_starts(self) -> None:
        self.stage.enter("bob")
        self.stage.drop("bob")
        self.post(5)
        self.play("""
            prune
            bob >> hello protocol=1 name=bob install=i token=token-2
            bob >> join room=lobby after=1
            bob << welcome protocol=1 server=* epoch=* name=bob token=* time=* rooms=* limits=* motd=* features=*
            bob << joined room=lobby head=5 first=4 next=4 online=2 members=*
            bob << presence room=lobby online=2 joined=["bob"] left=[] renamed=[]
            bob << message room=lobby seq=4 time=* from=ann mid=m4 text=a
            bob << message room=lobby seq=5 time=* from=ann mid=m5 text=a
            bob << live room=lobby seq=5
            ann << *
        """)

    def test_one_who_is_behind_is_told_what_is_gone(self) -> None:
        self.stage.enter("bob")
        self.stage.stall("bob")
        self.post(5)
        self.play("""
            prune
            bob drains
            bob << gone room=lobby first=4
            bob << message room=lobby seq=4 time=* from=ann mid=m4 text=a
            bob << message room=lobby seq=5 time=* from=ann mid=m5 text=a
        """)

    def test_one_who_is_behind_and_joins_again(self) -> None:
        self.stage.enter("bob")
        self.stage.stall("bob")
        self.post(5)
        self.play("""
            prune
            bob >> join room=lobby
            bob << joined room=lobby head=5 first=4 next=4 online=2 members=*
            bob drains
            bob << message room=lobby seq=4 time=* from=ann mid=m4 text=a
            bob << message room=lobby seq=5 time=* from=ann mid=m5 text=a
            bob << live room=lobby seq=5
        """)

    def test_who_is_live_notices_nothing(self) -> None:
        self.stage.enter("bob")
        self.play("""
            ann << *
            ann >> post room=lobby mid=m1 text=a
            ann >> post room=lobby mid=m2 text=b
            ann >> post room=lobby mid=m3 text=c
            ann << *
            bob << *
            prune
            ann >> post room=lobby mid=m4 text=d
            ann << posted mid=m4 room=lobby seq=4 time=* duplicate=false
            ann << message room=lobby seq=4 time=* from=ann mid=m4 text=d
            bob << message room=lobby seq=4 time=* from=ann mid=m4 text=d
        """)

    def test_history_ends_where_it_was_pruned(self) -> None:
        self.post(5)
        self.play("prune")
        self.stage.request("ann", "history", room="lobby", before=9, limit=9)
        self.stage.settle()
        (page,) = self.stage.heard("ann")
        self.assertEqual(([event["seq"] for event in page["messages"]], page["more"]), ([4, 5], False))
        self.stage.forget_heard()
        self.play("""
            ann >> history room=lobby before=4 limit=9
            ann << history room=lobby messages=[] more=false
        """)

    def test_after_a_restart_it_is_the_same(self) -> None:
        self.post(5)
        self.play("""
            prune
            restart
            ann >> hello protocol=1 name=ann install=i token=token-1
            ann >> join room=lobby after=2
            ann << welcome protocol=1 server=* epoch=* name=ann token=* time=* rooms=* limits=* motd=* features=*
            ann << joined room=lobby head=5 first=4 next=4 online=1 members=["ann"]
            ann << *
            ann >> post room=lobby mid=m6 text=a
            ann << posted mid=m6 room=lobby seq=6 time=* duplicate=false
            ann << *
        """)

    def test_what_was_pruned_and_is_sent_again_is_a_duplicate_for_30_days_more(self) -> None:
        self.post(5)
        self.play(f"""
            prune
            time +{30 * DAY_S}
            prune
            ann >> post room=lobby mid=m1 text=a
            ann << posted mid=m1 room=lobby seq=1 time=0 duplicate=true
            time +{DAY_S}
            prune
            ann >> post room=lobby mid=m1 text=a
            ann << posted mid=m1 room=lobby seq=6 time=* duplicate=false
            ann << *
            ann >> post room=lobby mid=m5 text=a
            ann << posted mid=m5 room=lobby seq=5 time=* duplicate=true
        """)


class ByAge(PostingCase):
    options = HubOptions(rate_per_s=0, retention=Retention(days=0.5))

    def test_a_room_of_which_nothing_is_left_keeps_its_head_and_its_clock(self) -> None:
        self.play("wall +1000")
        self.post(5)
        written_ms = self.stage.hub.rooms["lobby"].last_unix_ms
        self.play(f"""
            time +{DAY_S}
            prune
            restart
            wall -{2 * DAY_S}
            bob >> hello protocol=1 name=bob install=i
            bob >> join room=lobby
            bob << welcome protocol=1 server=* epoch=* name=bob token=* time=* rooms=* limits=* motd=* features=*
            bob << joined room=lobby head=5 first=6 next=6 online=1 members=["bob"]
            bob << presence room=lobby online=1 joined=["bob"] left=[] renamed=[]
            bob << live room=lobby seq=5
            bob >> post room=lobby mid=b1 text=x
            bob << posted mid=b1 room=lobby seq=6 time={written_ms} duplicate=false
            bob << *
        """)

    def test_one_who_was_behind_when_all_of_it_went(self) -> None:
        self.stage.enter("bob")
        self.stage.stall("bob")
        self.post(5)
        self.play(f"""
            time +{DAY_S}
            prune
            bob drains
            bob << gone room=lobby first=6
            ann >> post room=lobby mid=m6 text=a
            ann << *
            bob << message room=lobby seq=6 time=* from=ann mid=m6 text=a
        """)
