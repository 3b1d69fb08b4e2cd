"""The hub's rules on names: who may have one, how it is changed, and when it is free again."""

from __future__ import annotations

from chat_core.server.hub import Movement
from tests.transcript import TranscriptCase

DAY_S = 86_400


class Owning(TranscriptCase):
    def test_somebody_has_it_now(self) -> None:
        self.stage.enter("ann", room="")
        self.play("""
            bob >> hello protocol=1 name=ANN install=j ref=r
            bob << error code=name_taken text=* ref=r fatal=true
        """)

    def test_two_ask_for_it_in_the_same_tick(self) -> None:
        self.play("""
            one >> hello protocol=1 name=ann install=i
            two >> hello protocol=1 name=Ann install=j
            one << welcome protocol=1 server=* epoch=* name=ann token=* time=* rooms=* limits=* motd=* features=*
            two << error code=name_taken text=* fatal=true
        """)

    def test_it_is_kept_for_thirty_days(self) -> None:
        self.stage.enter("ann", room="")
        self.play(f"""
            ann drops
            time +{30 * DAY_S - 1}
            bob >> hello protocol=1 name=Ann install=j ref=r
            bob << error code=name_not_yours text=* ref=r fatal=true
            bob drops
            wall -{90 * DAY_S}
            bob >> hello protocol=1 name=ann install=j
            bob << error code=name_not_yours text=* fatal=true
            bob drops
            wall +{90 * DAY_S}
            time +1
            bob >> hello protocol=1 name=ann install=j
            bob << welcome protocol=1 server=* epoch=* name=ann token=* time=* rooms=* limits=* motd=* features=*
            # whose it was is somebody new now
            late >> hello protocol=1 name=late install=i token=token-1
            late << welcome protocol=1 server=* epoch=* name=late token=token-3 time=* rooms=* \
limits=* motd=* features=*
        """)
        self.assertEqual([batch.lapsed for batch in self.stage.log.batches if batch.lapsed], [[1]])
        self.assertEqual(self.stage.log.next_ids(), (4, 1))

    def test_it_is_still_its_owners_after_thirty_days_if_nobody_took_it(self) -> None:
        self.stage.enter("ann", room="")
        self.play(f"""
            ann drops
            time +{31 * DAY_S}
            ann >> hello protocol=1 name=x install=i token=token-1
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
        """)

    def test_it_lapses_while_its_owner_comes(self) -> None:
        self.stage.enter("ann", room="")
        self.play(f"""
            ann drops
            time +{31 * DAY_S}
            bob >> hello protocol=1 name=ann install=j
            ann >> hello protocol=1 name=ann install=i token=token-1 ref=r
            bob << welcome protocol=1 server=* epoch=* name=ann token=token-2 time=* rooms=* limits=* motd=* features=*
            ann << error code=name_taken text=* ref=r fatal=true
        """)

    def test_it_does_not_lapse_when_its_owner_comes_first(self) -> None:
        self.stage.enter("ann", room="")
        self.play(f"""
            ann drops
            time +{31 * DAY_S}
            ann >> hello protocol=1 name=ann install=i token=token-1
            bob >> hello protocol=1 name=ann install=j
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            bob << error code=name_taken text=* fatal=true
        """)

    def test_it_lapses_in_the_tick_in_which_its_owner_goes(self) -> None:
        # The clock was wrong by more than a month while ann was online (a board without a clock of its own).
        self.stage.enter("ann", room="")
        self.stage.unix_ms += 31 * DAY_S * 1_000
        self.stage.drop("ann")
        self.stage.request("bob", "hello", protocol=1, name="ann", install="j")
        self.stage.settle()
        (reply,) = self.stage.heard("bob")
        self.assertNotEqual(reply.get("code"), "storage", "two rows with one name in the same batch")
        self.assertEqual(self.stage.hub.people.names(), ["ann"] if reply["type"] == "welcome" else [])


class Renaming(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob")
        self.stage.hub.movements.clear()

    def test_everybody_is_told(self) -> None:
        self.play("""
            ann >> rename name=Anna ref=r
            ann << renamed name=Anna ref=r
            ann << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","Anna"]]
            bob << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","Anna"]]
            bob >> who room=lobby
            bob << who room=lobby names=["Anna","bob"] online=2 offset=0
        """)
        self.assertEqual(self.stage.hub.movements, [Movement(came="Anna", went="ann")])

    def test_it_is_not_said_before_the_commit(self) -> None:
        self.stage.request("ann", "rename", name="Anna")
        self.stage.settle()
        self.assertEqual(self.stage.diary, ["commit", "ann renamed", "ann presence", "bob presence"])

    def test_only_the_case(self) -> None:
        self.play("""
            ann >> rename name=ANN
            ann << renamed name=ANN
            ann << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","ANN"]]
            bob << *
            bob >> post room=lobby mid=m1 text=a
            bob << *
            ann << *
            ann >> post room=lobby mid=m2 text=b
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            ann << message room=lobby seq=2 time=* from=ANN mid=m2 text=b
            bob << *
        """)

    def test_the_new_name_does_not_follow_a_goodbye(self) -> None:
        self.play("""
            two >> hello protocol=1 name=ann install=j token=token-1
            two << *
        """)
        self.stage.stall("two")
        self.play("""
            ann >> rename name=Anna
            ann << *
            bob << *
            two >> quit
            two drains
            two << quit reason=bye
        """)

    def test_to_the_same_name(self) -> None:
        self.play("""
            ann >> rename name=ann ref=r
            ann << renamed name=ann ref=r
        """)

    def test_to_a_name_that_cannot_be_had(self) -> None:
        self.stage.enter("carl", room="")
        self.play("""
            carl drops
            ann >> rename name=BOB ref=r1
            ann >> rename name="a!" ref=r2
            ann >> rename name=carl ref=r3
            ann << error code=name_taken text=* ref=r1 fatal=false
            ann << error code=name_invalid text=* ref=r2 fatal=false
            ann << error code=name_not_yours text=* ref=r3 fatal=false
            ann >> rename name=free
            ann << renamed name=free
            ann << *
            bob << *
        """)

    def test_to_a_name_that_has_lapsed(self) -> None:
        self.stage.enter("carl", room="")
        self.play(f"""
            carl drops
            time +{31 * DAY_S}
            ann >> rename name=carl
            ann << renamed name=carl
            ann << *
            bob << *
            carl >> hello protocol=1 name=carl install=i token=token-3
            carl << error code=name_taken text=* fatal=true
        """)

    def test_two_ask_for_one_name_in_the_same_tick(self) -> None:
        self.play("""
            ann >> rename name=zoe ref=r1
            bob >> rename name=Zoe ref=r2
            new >> hello protocol=1 name=ZOE install=i ref=r3
            ann << renamed name=zoe ref=r1
            ann << *
            bob << error code=name_taken text=* ref=r2 fatal=false
            bob << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","zoe"]]
            new << error code=name_taken text=* ref=r3 fatal=true
        """)

    def test_a_name_is_free_only_when_the_other_one_is_committed(self) -> None:
        self.play("""
            ann >> rename name=zoe
            bob >> rename name=ann ref=r
            ann << *
            bob << error code=name_taken text=* ref=r fatal=false
            bob << *
            bob >> rename name=ann ref=r
            bob << renamed name=ann ref=r
            bob << *
            ann << *
        """)

    def test_two_at_once_come_one_after_the_other(self) -> None:
        self.play("""
            ann >> rename name=zoe ref=r1
            ann >> rename name=yan ref=r2
            ann << renamed name=zoe ref=r1
            ann << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","zoe"]]
            ann << renamed name=yan ref=r2
            ann << presence room=lobby online=2 joined=[] left=[] renamed=[["zoe","yan"]]
            bob << *
        """)

    def test_what_follows_a_rename_is_said_under_the_new_name(self) -> None:
        # Requests of one connection take effect in their order.
        self.play("""
            ann >> rename name=zoe
            ann >> post room=lobby mid=m1 text=a
            bob << *
            ann << *
        """)
        (row,) = self.stage.log.after(1, 0, 1, 1)
        self.assertEqual(row.sender, "zoe")

    def test_it_is_told_to_all_of_ones_installations(self) -> None:
        self.stage.request("second", "hello", protocol=1, name="x", install="j", token="token-1")
        self.stage.settle()
        self.stage.forget_heard()
        self.play("""
            ann >> rename name=zoe ref=r1
            second >> rename name=yan ref=r2
            ann << renamed name=zoe ref=r1
            ann << renamed name=yan
            ann << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","yan"]]
            second << renamed name=zoe
            second << renamed name=yan ref=r2
            bob << presence room=lobby online=2 joined=[] left=[] renamed=[["ann","yan"]]
            restart
            ann >> hello protocol=1 name=x install=j token=token-1
            ann << welcome protocol=1 server=* epoch=* name=yan token=token-1 time=* rooms=* limits=* motd=* features=*
        """)

    def test_one_who_goes_in_the_same_tick_has_the_new_name(self) -> None:
        self.stage.request("ann", "rename", name="zoe")
        peer = self.stage.peer("ann")
        self.stage.hub.receive(peer.session, peer.inbox.pop())
        self.stage.drop("ann")
        self.play("""
            bob << presence room=lobby online=1 joined=[] left=["ann"] renamed=[]
            new >> hello protocol=1 name=zoe install=i
            new << error code=name_not_yours text=* fatal=true
            new drops
            new >> hello protocol=1 name=ann install=i
            new << welcome protocol=1 server=* epoch=* name=ann token=* time=* rooms=* limits=* motd=* features=*
            ann >> hello protocol=1 name=x install=i token=token-1
            ann << welcome protocol=1 server=* epoch=* name=zoe token=token-1 time=* rooms=* limits=* motd=* features=*
        """)

    def test_one_who_goes_and_comes_back_in_the_same_tick_has_the_new_name(self) -> None:
        self.stage.request("ann", "rename", name="zoe", ref="r")
        peer = self.stage.peer("ann")
        self.stage.hub.receive(peer.session, peer.inbox.pop())
        self.stage.drop("ann")
        self.play("""
            ann >> hello protocol=1 name=x install=i token=token-1
            bob << *
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            ann << renamed name=zoe
            new >> hello protocol=1 name=zoe install=i
            new << error code=name_taken text=* fatal=true
        """)

    def test_after_a_rename_the_token_gets_the_new_name(self) -> None:
        self.play("""
            ann >> rename name=zoe
            ann << *
            bob << *
            ann drops
            bob << *
            ann >> hello protocol=1 name=ann install=i token=token-1
            ann << welcome protocol=1 server=* epoch=* name=zoe token=token-1 time=* rooms=* limits=* motd=* features=*
        """)

    def test_a_rename_that_is_not_stored_did_not_happen(self) -> None:
        self.play("""
            log fails
            ann >> rename name=zoe ref=r
            ann << error code=storage text=* ref=r retry=5 fatal=true
            bob << *
            log recovers
            new >> hello protocol=1 name=zoe install=i
            new << welcome protocol=1 server=* epoch=* name=zoe token=* time=* rooms=* limits=* motd=* features=*
            old >> hello protocol=1 name=x install=i token=token-1
            old << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
        """)


class UnreadName(TranscriptCase):
    def test_a_new_name_waits_for_a_second_connection_that_does_not_read(self) -> None:
        self.stage.enter("ann")
        self.stage.request("phone", "hello", protocol=1, name="ann", install="second", token="token-1")
        self.stage.settle()
        self.stage.forget_heard()
        self.stage.stall("phone")
        for name in ("bea", "cid"):
            self.stage.request("ann", "rename", name=name)
            self.stage.settle()
        self.assertEqual([event["name"] for event in self.stage.heard("ann", "renamed")], ["bea", "cid"])
        self.assertEqual(self.stage.heard("phone", "renamed"), [])
        self.stage.drain("phone")
        self.stage.settle()
        self.assertEqual([event["name"] for event in self.stage.heard("phone", "renamed")], ["cid"])
