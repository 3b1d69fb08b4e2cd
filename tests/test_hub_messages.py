"""The hub's rules on messages: stored, then told; once, whatever is resent; in order; no faster than the rate."""

from __future__ import annotations

from chat_core.server.hub import HubOptions
from tests.transcript import TranscriptCase


class Posting(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob")

    def test_a_pong_is_a_sign_of_life_and_no_more(self) -> None:
        self.play("""
            ann >> pong
            ann >> pong nonce=7
            ann >> ping nonce=8
            ann << pong nonce=8
        """)

    def test_everybody_gets_the_same(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m1 text="Hi \\"bob\\""
            ann << posted mid=m1 room=lobby seq=1 time=1000 duplicate=false
            ann << message room=lobby seq=1 time=1000 from=ann mid=m1 text="Hi \\"bob\\""
            bob << message room=lobby seq=1 time=1000 from=ann mid=m1 text="Hi \\"bob\\""
        """)
        self.assertEqual(self.stage.hub.messages_stored, 1)

    def test_nothing_of_it_is_said_before_the_commit(self) -> None:
        for number in (1, 2):
            self.stage.request("ann", "post", room="lobby", mid=f"m{number}", text="a")
        self.stage.settle()
        self.assertEqual(self.stage.diary, [
            "commit m1 m2", "ann posted m1", "ann posted m2", "ann message m1", "ann message m2", "bob message m1",
            "bob message m2",
        ])  # fmt: skip

    def test_one_commit_a_tick(self) -> None:
        self.play("""
            ann >> post room=lobby mid=a1 text=a
            bob >> post room=lobby mid=b1 text=a
            ann >> post room=lobby mid=a2 text=a
            ann << *
            bob << *
        """)
        self.assertEqual(self.stage.diary[0], "commit a1 a2 b1")
        self.assertEqual(len(self.stage.log.batches[-1].messages), 3)

    def test_two_rooms_count_by_themselves(self) -> None:
        self.play("""
            ann >> join room=tea
            ann << *
            ann >> post room=tea mid=m1 text=a
            ann >> post room=lobby mid=m2 text=a
            ann >> post room=tea mid=m3 text=a
            ann << posted mid=m1 room=tea seq=1 time=* duplicate=false
            ann << posted mid=m2 room=lobby seq=1 time=* duplicate=false
            ann << posted mid=m3 room=tea seq=2 time=* duplicate=false
            ann << message room=tea seq=1 time=* from=ann mid=m1 text=a
            ann << message room=tea seq=2 time=* from=ann mid=m3 text=a
            ann << message room=lobby seq=1 time=* from=ann mid=m2 text=a
            bob << message room=lobby seq=1 time=* from=ann mid=m2 text=a
        """)

    def test_a_text_that_cannot_be(self) -> None:
        self.stage.request("ann", "post", room="lobby", mid="m1", text=8_001 * "a")
        self.play("""
            ann >> post room=lobby mid=m2 text=" \\n\\t"
            ann >> post room=lobby mid=m3 text=""
            ann >> post room=lobby mid=m4 text="a\\u0007"
            ann << error code=text_too_long text=* ref=m1 fatal=false
            ann << error code=text_empty text=* ref=m2 fatal=false
            ann << error code=text_empty text=* ref=m3 fatal=false
            ann << error code=text_invalid text=* ref=m4 fatal=false
        """)

    def test_the_longest_text(self) -> None:
        self.stage.request("ann", "post", room="lobby", mid="m1", text=8_000 * "\U0001f642")
        self.stage.settle()
        self.assertEqual([e["text"] for e in self.stage.heard("bob")], [8_000 * "\U0001f642"])

    def test_replies_come_in_the_order_of_the_requests(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann >> post room=lobby mid=m2 text=b
            ann >> history room=lobby before=9 limit=9 ref=r1
            ann >> post room=lobby mid=m3 text=" "
            ann >> post room=lobby mid=m4 text=d
            ann >> who room=lobby ref=r2
            ann >> post room=lobby mid=m5 text=e
            ann >> nonsense ref=r3
            ann >> post room=lobby mid=m6 text=e
            ann >> quit ref=r4
            ann >> ping
            bob << *
            ann << posted mid=m1 room=lobby seq=1 time=* duplicate=false
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            ann << message room=lobby seq=1 time=* from=ann mid=m1 text=a
            ann << message room=lobby seq=2 time=* from=ann mid=m2 text=b
            ann << history room=lobby messages=* more=false ref=r1
            ann << error code=text_empty text=* ref=m3 fatal=false
            ann << posted mid=m4 room=lobby seq=3 time=* duplicate=false
            ann << message room=lobby seq=3 time=* from=ann mid=m4 text=d
            ann << who room=lobby names=* online=2 offset=0 ref=r2
            ann << posted mid=m5 room=lobby seq=4 time=* duplicate=false
            ann << message room=lobby seq=4 time=* from=ann mid=m5 text=e
            ann << error code=unknown_type text=* ref=r3 fatal=false
            ann << posted mid=m6 room=lobby seq=5 time=* duplicate=false
            ann << message room=lobby seq=5 time=* from=ann mid=m6 text=e
            ann << quit reason=bye ref=r4
        """)

    def test_a_bad_request_after_a_post_waits_for_its_answer(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann >> post room=lobby mid=m2 text=" "
            ann >> post room=lobby mid=m3 text=c
            bob << *
            ann << posted mid=m1 room=lobby seq=1 time=* duplicate=false
            ann << message room=lobby seq=1 time=* from=ann mid=m1 text=a
            ann << error code=text_empty text=* ref=m2 fatal=false
            ann << posted mid=m3 room=lobby seq=2 time=* duplicate=false
            ann << message room=lobby seq=2 time=* from=ann mid=m3 text=c
        """)

    def test_time_never_goes_back_in_a_room(self) -> None:
        self.play("""
            time +60
            ann >> post room=lobby mid=m1 text=a
            ann << *
            bob << message room=lobby seq=1 time=61000 from=ann mid=m1 text=a
            wall -50
            ann >> post room=lobby mid=m2 text=a
            ann >> post room=lobby mid=m3 text=a
            ann << *
            bob << message room=lobby seq=2 time=61000 from=ann mid=m2 text=a
            bob << message room=lobby seq=3 time=61000 from=ann mid=m3 text=a
            restart
        """)
        self.stage.enter("carl")
        self.play("""
            carl >> post room=lobby mid=m1 text=a
            carl << posted mid=m1 room=lobby seq=4 time=61000 duplicate=false
            carl << *
            wall +51
            carl >> post room=lobby mid=m2 text=a
            carl << posted mid=m2 room=lobby seq=5 time=62000 duplicate=false
            carl << *
        """)

    def test_a_restart_goes_on_counting(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann << *
            bob << *
            restart
        """)
        self.assertEqual(self.stage.hub.messages_stored, 0)
        self.stage.enter("carl")
        self.play("""
            carl >> join room=tea
            carl << *
            carl >> post room=tea mid=m1 text=a
            carl << posted mid=m1 room=tea seq=1 time=* duplicate=false
            carl << *
            carl >> post room=lobby mid=m2 text=a
            carl << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            carl << *
        """)
        self.assertEqual([(room.name, room.id) for room in self.stage.log.rooms()], [("lobby", 1), ("tea", 2)])


class Resending(TranscriptCase):
    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann")
        self.play("""
            ann >> post room=lobby mid=m1 text=a
            ann << *
        """)

    def test_what_is_stored_is_not_stored_again(self) -> None:
        self.play("""
            time +5
            ann >> post room=lobby mid=m1 text=a
            ann << posted mid=m1 room=lobby seq=1 time=1000 duplicate=true
        """)
        self.assertEqual(self.stage.hub.messages_stored, 1)

    def test_among_others(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m0 text=z
            ann >> post room=lobby mid=m1 text=a
            ann >> post room=lobby mid=m2 text=b
            ann << posted mid=m0 room=lobby seq=2 time=* duplicate=false
            ann << posted mid=m1 room=lobby seq=1 time=* duplicate=true
            ann << posted mid=m2 room=lobby seq=3 time=* duplicate=false
            ann << message room=lobby seq=2 time=* from=ann mid=m0 text=z
            ann << message room=lobby seq=3 time=* from=ann mid=m2 text=b
        """)

    def test_twice_in_the_same_tick(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m2 text=b
            ann >> post room=lobby mid=m2 text=b
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=true
            ann << message room=lobby seq=2 time=* from=ann mid=m2 text=b
        """)

    def test_after_a_restart_and_a_rename(self) -> None:
        self.play("""
            ann >> rename name=zoe
            ann << *
            restart
            ann >> hello protocol=1 name=x install=i token=token-1
            ann >> join room=lobby after=1
            ann << *
            ann >> post room=lobby mid=m1 text=a
            ann << posted mid=m1 room=lobby seq=1 time=1000 duplicate=true
        """)

    def test_from_another_installation_in_the_same_tick(self) -> None:
        self.play("""
            second >> hello protocol=1 name=x install=j token=token-1
            second >> join room=lobby after=1
            second << *
            ann >> post room=lobby mid=m2 text=b
            second >> post room=lobby mid=m2 text=b
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            ann << message room=lobby seq=2 time=* from=ann mid=m2 text=b
            second << posted mid=m2 room=lobby seq=2 time=* duplicate=true
            second << message room=lobby seq=2 time=* from=ann mid=m2 text=b
        """)

    def test_a_mid_is_its_senders_own(self) -> None:
        self.stage.enter("bob")
        self.play("""
            bob >> post room=lobby mid=m1 text=a
            bob << posted mid=m1 room=lobby seq=2 time=* duplicate=false
            bob << *
            ann << *
        """)

    def test_with_another_text(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m1 text=b
            ann >> post room=lobby mid=m2 text=b
            ann << error code=mid_reuse text=* ref=m1 fatal=false
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            ann << message room=lobby seq=2 time=* from=ann mid=m2 text=b
        """)

    def test_with_another_text_in_the_same_tick(self) -> None:
        self.play("""
            ann >> post room=lobby mid=m2 text=a
            ann >> post room=lobby mid=m2 text=b
            ann << posted mid=m2 room=lobby seq=2 time=* duplicate=false
            ann << error code=mid_reuse text=* ref=m2 fatal=false
            ann << message room=lobby seq=2 time=* from=ann mid=m2 text=a
        """)

    def test_in_another_room(self) -> None:
        self.play("""
            ann >> join room=tea
            ann << *
            # nobody has written in it yet
            ann >> post room=tea mid=m1 text=a
            ann << error code=mid_reuse text=* ref=m1 fatal=false
            ann >> post room=tea mid=m1 text=a
            ann >> post room=tea mid=m2 text=a
            ann >> post room=tea mid=m1 text=a
            ann >> post room=lobby mid=m2 text=a
            ann << error code=mid_reuse text=* ref=m1 fatal=false
            ann << posted mid=m2 room=tea seq=1 time=* duplicate=false
            ann << error code=mid_reuse text=* ref=m1 fatal=false
            ann << error code=mid_reuse text=* ref=m2 fatal=false
            ann << message room=tea seq=1 time=* from=ann mid=m2 text=a
        """)
        self.assertEqual([(room.name, room.head) for room in self.stage.log.rooms()], [("lobby", 1), ("tea", 1)])

    def test_twice_in_a_room_that_nobody_has_written_in(self) -> None:
        self.play("""
            ann >> join room=tea
            ann << *
            ann >> post room=tea mid=m2 text=b
            ann >> post room=tea mid=m2 text=b
            ann << posted mid=m2 room=tea seq=1 time=* duplicate=false
            ann << posted mid=m2 room=tea seq=1 time=* duplicate=true
            ann << message room=tea seq=1 time=* from=ann mid=m2 text=b
        """)


class Pacing(TranscriptCase):
    """Two a second: a burst of eight, then one every half second."""

    options = HubOptions(rate_per_s=2.0)

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann", "bob")

    def flood(self, label: str, count: int) -> None:
        """Post without waiting for anything."""
        for number in range(count):
            self.stage.request(label, "post", room="lobby", mid=f"m{number}", text="a")
        self.stage.settle()

    def test_a_burst_then_no_faster_than_the_rate(self) -> None:
        self.flood("ann", 20)
        # The one that goes beyond the burst is taken, and none after it before it is due.
        self.assertEqual(len(self.stage.heard("ann", "posted")), 9)
        session = self.stage.peer("ann").session
        self.assertGreater(session.resume_at, self.stage.now)
        for expected in (9, 10, 11, 12):
            self.assertEqual(len(self.stage.heard("ann", "posted")), expected)
            self.stage.now = session.resume_at
            self.stage.settle()
        self.assertEqual(self.stage.heard("ann", "error"), [])

    def test_to_leave_and_come_back_gives_no_new_burst(self) -> None:
        self.flood("ann", 8)
        self.stage.request("ann", "quit")
        self.stage.settle()
        del self.stage.peers["ann"]
        self.stage.request("ann", "hello", protocol=1, name="ann", install="i", token="token-1")
        self.stage.request("ann", "join", room="lobby", last=0)
        self.stage.settle()
        self.stage.forget_heard()
        for number in range(20):
            self.stage.request("ann", "post", room="lobby", mid=f"again{number}", text="a")
        self.stage.settle()
        self.assertEqual(len(self.stage.heard("ann", "posted")), 1)

    def test_what_held_somebody_back_is_forgotten_in_time(self) -> None:
        self.flood("ann", 8)
        self.stage.request("ann", "quit")
        self.stage.settle()
        self.assertEqual(len(self.stage.hub.people._due_at), 1)  # noqa: SLF001 - that it does not grow shows nowhere else
        self.stage.now += 10.0
        self.stage.hub.begin(self.stage.now, 0)
        self.stage.hub.touch()
        self.assertEqual(self.stage.hub.people._due_at, {})  # noqa: SLF001

    def test_new_names_and_new_rooms_count_as_well(self) -> None:
        for number in range(20):
            self.stage.request("ann", "rename", name=f"ann{number}")
            self.stage.request("bob", "join", room=f"room{number}")
        self.stage.settle()
        self.assertEqual(len(self.stage.heard("ann", "renamed")), 9)
        self.assertEqual(len(self.stage.heard("bob", "joined")), 9)

    def test_nothing_is_lost_and_the_order_is_kept(self) -> None:
        self.flood("ann", 30)
        for _ in range(60):
            self.stage.now += 0.5
            self.stage.settle()
        self.assertEqual([e["mid"] for e in self.stage.heard("bob")], [f"m{number}" for number in range(30)])

    def test_a_rest_gives_the_burst_back_and_no_more(self) -> None:
        self.flood("ann", 9)
        self.stage.forget_heard()
        self.stage.now += 1_000
        self.stage.hub.begin(self.stage.now, self.stage.unix_ms)
        for number in range(20):
            self.stage.request("ann", "post", room="lobby", mid=f"n{number}", text="a")
        self.stage.settle()
        self.assertEqual(len(self.stage.heard("ann", "posted")), 9)

    def test_others_are_not_slowed(self) -> None:
        self.flood("ann", 20)
        self.flood("bob", 8)
        self.assertEqual(len(self.stage.heard("bob", "posted")), 8)

    def test_two_installations_share_the_rate(self) -> None:
        self.stage.request("second", "hello", protocol=1, name="x", install="j", token="token-1")
        self.stage.request("second", "join", room="lobby")
        self.stage.settle()
        self.flood("ann", 9)
        self.stage.request("second", "post", room="lobby", mid="x1", text="a")
        self.stage.request("second", "post", room="lobby", mid="x2", text="a")
        self.stage.settle()
        self.assertEqual([e["mid"] for e in self.stage.heard("second", "posted")], ["x1"])

    def test_a_wait_is_never_shorter_than_a_nap(self) -> None:
        self.flood("ann", 9)
        session = self.stage.peer("ann").session
        self.stage.now = session.resume_at - 0.001
        self.stage.hub.begin(self.stage.now, 0)
        self.stage.hub.receive(session, b'{"type":"post","room":"lobby","mid":"x","text":"a"}')
        self.assertGreaterEqual(session.resume_at, self.stage.now + 0.05)
        self.stage.hub.commit()

    def test_no_rate_no_limit(self) -> None:
        self.stage.options = HubOptions(rate_per_s=0)
        self.stage.start()
        self.stage.enter("carl")
        self.flood("carl", 300)
        self.assertEqual(len(self.stage.heard("carl", "posted")), 300)


class LastWord(TranscriptCase):
    def test_nothing_follows_the_goodbye_not_even_an_acknowledgement(self) -> None:
        self.stage.enter("ann", "bob")
        hub, session = self.stage.hub, self.stage.peer("ann").session
        hub.begin(self.stage.now, 0)
        hub.receive(session, b'{"type":"post","room":"lobby","mid":"m","text":"a"}')
        hub.part(session, "timeout")  # patience ended in the very tick of its post
        self.stage.settle()
        self.assertEqual([event["type"] for event in self.stage.heard("ann")], ["quit"])
        self.assertEqual([event["mid"] for event in self.stage.heard("bob", "message")], ["m"])
