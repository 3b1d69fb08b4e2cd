"""The hub when the log fails: refusal is loud, nothing of a failed tick is kept or shown, readers are not disturbed."""

from __future__ import annotations

from chat_core.errors import StorageError
from chat_core.server.hub import Hub
from tests.transcript import TranscriptCase


class FailedCommit(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob")
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann << *
            bob << *
        """)

    def test_the_one_who_posts_is_refused_and_nobody_else_notices(self) -> None:
        self.play("""
            log fails
            ann >> post room=lobby mid=m2 text=b
            ann >> post room=lobby mid=m3 text=c
            ann >> ping
            ann << error code=storage text=* ref=m2 retry=5 fatal=true
            bob << presence room=lobby online=1 joined=[] left=["ann"] renamed=[]
            bob >> history room=lobby before=9 limit=9
            bob << history room=lobby messages=* more=false
        """)
        self.assertTrue(self.stage.peer("ann").is_ended)
        self.assertFalse(self.stage.peer("bob").is_ended)
        self.assertEqual(self.stage.hub.rooms["lobby"].head, 1)

    def test_no_seq_was_used(self) -> None:
        self.play("""
            log fails
            ann >> post room=lobby mid=m2 text=b
            ann << *
            bob << *
            log recovers
            bob >> post room=lobby mid=b1 text=d
            bob << posted mid=b1 room=lobby seq=2 time=* duplicate=false
            bob << message room=lobby seq=2 time=* from=bob mid=b1 text=d
            ann drops
            ann >> hello protocol=1 name=ann install=i token=token-1
            ann >> join room=lobby after=1
            ann >> post room=lobby mid=m2 text=b
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            ann << joined room=lobby head=2 first=1 next=2 online=2 members=*
            ann << posted mid=m2 room=lobby seq=3 time=* duplicate=false
            ann << presence room=lobby online=2 joined=["ann"] left=[] renamed=[]
            ann << message room=lobby seq=2 time=* from=bob mid=b1 text=d
            ann << message room=lobby seq=3 time=* from=ann mid=m2 text=b
            ann << live room=lobby seq=3
            bob << *
        """)

    def test_a_room_that_was_to_be_made_is_made_later(self) -> None:
        self.play("""
            bob >> join room=tea
            bob << *
            ann >> join room=tea
            ann << *
            bob << *
            log fails
            ann >> post room=tea mid=m2 text=b
            ann << *
            bob << *
            log recovers
            bob >> post room=tea mid=b1 text=d
            bob << posted mid=b1 room=tea seq=1 time=* duplicate=false
            bob << *
        """)
        self.assertEqual([(room.id, room.name) for room in self.stage.log.rooms()], [(1, "lobby"), (2, "tea")])

    def test_everybody_who_waited_for_it_is_refused(self) -> None:
        self.stage.enter("carl")
        self.play("""
            ann << *
            bob << *
            log fails
            bob >> rename name=zoe ref=r1
            new >> hello protocol=1 name=new install=i ref=r2
            ann >> post room=lobby mid=m2 text=b
            bob << error code=storage text=* ref=r1 retry=5 fatal=true
            new << error code=storage text=* ref=r2 retry=5 fatal=true
            ann << error code=storage text=* ref=m2 retry=5 fatal=true
            carl << presence room=lobby online=1 joined=[] left=["bob","ann"] renamed=[]
            log recovers
            free >> hello protocol=1 name=zoe install=i
            free << welcome protocol=1 server=* epoch=* name=zoe token=* time=* rooms=* limits=* motd=* features=*
        """)

    def test_one_who_is_known_can_log_in_and_read(self) -> None:
        self.play("""
            ann drops
            bob << *
            log fails
            bob >> post room=lobby mid=b1 text=d
            bob << *
            ann >> hello protocol=1 name=ann install=i token=token-1
            ann >> join room=lobby after=0
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            ann << joined room=lobby head=1 first=1 next=1 online=1 members=["ann"]
            ann << presence room=lobby online=1 joined=["ann"] left=[] renamed=[]
            ann << message room=lobby seq=1 time=* from=ann mid=m1 text=a
            ann << live room=lobby seq=1
            new >> hello protocol=1 name=new install=i ref=r
            new << error code=storage text=* ref=r retry=5 fatal=true
        """)

    def test_one_who_is_known_is_not_kept_out_by_others_who_write(self) -> None:
        # While the disk is full every client with something to send tries again and again.
        self.play("""
            ann drops
            log fails
            bob >> post room=lobby mid=b1 text=d
            bob << *
            bob drops
            bob >> hello protocol=1 name=bob install=i token=token-2
            bob >> join room=lobby
            bob << *
            ann >> hello protocol=1 name=ann install=i token=token-1
            bob >> post room=lobby mid=b1 text=d
            bob << *
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
        """)


class FailedRead(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann")
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann << *
            restart
        """)
        self.stage.enter("bob")

    def test_while_catching_up(self) -> None:
        self.stage.enter("carl", room="")
        self.play("""
            log is unreadable
            bob << *
            carl >> join room=lobby
            carl << joined room=lobby head=1 first=1 next=1 online=2 members=["bob","carl"]
            carl << presence room=lobby online=2 joined=["carl"] left=[] renamed=[]
            carl << error code=storage text=* retry=5 fatal=true
            bob << presence room=lobby online=2 joined=["carl"] left=[] renamed=[]
            bob << presence room=lobby online=1 joined=[] left=["carl"] renamed=[]
        """)
        self.assertTrue(self.stage.peer("carl").is_ended)

    def test_a_page(self) -> None:
        self.play("""
            log is unreadable
            bob >> history room=lobby before=9 limit=9 ref=r
            bob << error code=storage text=* ref=r retry=5 fatal=true
        """)

    def test_a_login(self) -> None:
        self.play("""
            log is unreadable
            one >> hello protocol=1 name=one install=i ref=r
            two >> hello protocol=1 name=two install=i token=token-1 ref=r
            one << error code=storage text=* ref=r retry=5 fatal=true
            two << error code=storage text=* ref=r retry=5 fatal=true
        """)

    def test_looking_for_duplicates(self) -> None:
        self.play("""
            bob >> post room=lobby mid=b1 text=a
            bob << *
            log is unreadable
            bob >> post room=lobby mid=b1 text=a
            bob << error code=storage text=* ref=b1 retry=5 fatal=true
        """)

    def test_at_the_start(self) -> None:
        self.stage.log.reads_fail = True
        with self.assertRaises(StorageError):
            Hub(self.stage.log, self.stage.options, lambda: "t")
