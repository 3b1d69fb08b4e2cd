"""The hub's rules on logging in: who says hello how, who replaces whom, and what every other request gets before."""

from __future__ import annotations

import json

from chat_core.errors import Refusal
from chat_core.server.hub import HubOptions, Movement
from tests.transcript import Stage, TranscriptCase

HELLO = "hello protocol=1 name=ann install=i"


class Hello(TranscriptCase):
    options = HubOptions(title="Our chat", motd="Be kind.", rooms=("lobby", "tea"), rate_per_s=0)

    def test_welcome(self) -> None:
        self.play("""
            ann >> hello protocol=1 name=ann install=i agent=test ref=r1
            ann << welcome protocol=1 server="Our chat" epoch=epoch-1 name=ann token=token-1 time=1000 \
rooms=["lobby","tea"] limits={"frame_bytes":65536,"text_chars":8000,"window":256,"rooms":50,"ping_s":30} \
motd="Be kind." features=["typing","away"] ref=r1
        """)
        self.assertFalse(self.stage.peer("ann").is_ended)
        self.assertEqual(self.stage.hub.movements, [Movement(came="ann")])

    def test_the_name_is_told_in_its_normal_form(self) -> None:
        self.stage.request("ann", "hello", protocol=1, name="Zoe\u0308", install="i")
        self.stage.settle()
        self.assertEqual(self.stage.heard("ann")[0]["name"], "Zo\u00eb")

    def test_welcome_is_not_said_before_the_commit(self) -> None:
        self.stage.request("ann", "hello", protocol=1, name="ann", install="i")
        self.stage.settle()
        self.assertEqual(self.stage.diary, ["commit", "ann welcome"])

    def test_what_follows_a_hello_waits_for_its_welcome(self) -> None:
        self.play(f"""
            ann >> {HELLO}
            ann >> ping nonce=7
            ann << welcome protocol=1 server=* epoch=* name=ann token=* time=* rooms=* limits=* motd=* features=*
            ann << pong nonce=7
        """)

    def test_nothing_else_comes_first(self) -> None:
        requests = (
            "join room=lobby", "leave room=lobby", "post room=lobby mid=r text=a", "who room=lobby", "rooms", "ping",
            "history room=lobby before=1 limit=1", "rename name=bob", "pong", "quit", "nonsense", "join room=7",
        )  # fmt: skip
        for number, request in enumerate(requests):
            with self.subTest(request):
                stranger = f"stranger{number}"
                self.play(f"""
                    {stranger} >> {request} ref=r
                    {stranger} << error code=not_welcome text=* ref=r fatal=true
                """)
                self.assertTrue(self.stage.peer(stranger).is_ended)

    def test_a_request_without_ref_gets_none(self) -> None:
        self.play("""
            ann >> ping
            ann << error code=not_welcome text=* fatal=true
        """)

    def test_nothing_is_taken_after_the_end(self) -> None:
        self.play(f"""
            ann >> ping
            ann >> {HELLO}
            ann << error code=not_welcome text=* fatal=true
        """)
        self.assertEqual(len(self.stage.hub.people), 0)

    def test_bad_json_is_said_to_be_bad_json(self) -> None:
        self.play("""
            ann >> {"type":
            ann << error code=bad_json text=* fatal=true
        """)
        self.assertTrue(self.stage.peer("ann").is_ended)

    def test_a_hello_that_cannot_be_read_is_fatal(self) -> None:
        for number, hello in enumerate(("protocol=1 install=i", "protocol=x name=a install=i", "protocol=1 name=a")):
            with self.subTest(hello):
                self.play(f"""
                    s{number} >> hello {hello} ref=r
                    s{number} << error code=bad_request text=* ref=r fatal=true
                """)
                self.assertTrue(self.stage.peer(f"s{number}").is_ended)

    def test_another_version(self) -> None:
        self.play("""
            ann >> hello protocol=2 name=ann install=i ref=r
            ann << error code=protocol_version text=* ref=r fatal=true
        """)
        self.assertTrue(self.stage.peer("ann").is_ended)

    def test_a_name_that_cannot_be(self) -> None:
        self.play("""
            ann >> hello protocol=1 name=" ann" install=i ref=r
            ann << error code=name_invalid text=* ref=r fatal=true
        """)
        self.assertTrue(self.stage.peer("ann").is_ended)

    def test_a_second_hello(self) -> None:
        self.stage.enter("ann", room="")
        self.play("""
            ann >> hello protocol=1 name=bob install=i ref=r
            ann << error code=bad_request text=* ref=r fatal=false
            ann >> ping
            ann << pong
        """)

    def test_one_who_goes_while_being_let_in_is_not_there(self) -> None:
        self.stage.request("ann", "hello", protocol=1, name="ann", install="i")
        peer = self.stage.peer("ann")
        self.stage.hub.receive(peer.session, peer.inbox.pop())
        self.stage.drop("ann")
        self.stage.settle()
        self.assertEqual(peer.heard, [])
        self.assertEqual(len(self.stage.hub.people), 0)
        self.assertEqual(self.stage.hub.movements, [])


class Requests(TranscriptCase):
    """What is said to requests that are none."""

    def setUp(self) -> None:
        super().setUp()
        self.stage.enter("ann")

    def test_the_connection_stays(self) -> None:
        self.play("""
            ann >> nonsense ref=r1
            ann >> join room=7 ref=r2
            ann >> {"type":7,"ref":"r3"}
            ann >> post room=lobby mid=m1
            ann >> post room=lobby mid="m 1" text=a
            ann >> ping
            ann << error code=unknown_type text=* ref=r1 fatal=false
            ann << error code=bad_request text=* ref=r2 fatal=false
            ann << error code=bad_request text=* ref=r3 fatal=false
            ann << error code=bad_request text=* ref=m1 fatal=false
            ann << error code=bad_request text=* fatal=false
            ann << pong
        """)

    def test_bad_json_ends_it(self) -> None:
        self.play("""
            ann >> [1]
            ann << error code=bad_json text=* fatal=true
        """)

    def test_ping_and_pong(self) -> None:
        self.play("""
            ann >> ping nonce="a b" ref=r
            ann >> ping nonce=5
            ann >> ping
            ann >> pong nonce=5 ref=r
            ann << pong nonce="a b" ref=r
            ann << pong nonce=5
            ann << pong
        """)

    def test_quit(self) -> None:
        self.stage.hub.movements.clear()
        self.stage.enter("bob")
        self.play("""
            ann << *
            ann >> quit ref=r
            ann >> ping
            ann << quit reason=bye ref=r
            bob << presence room=lobby online=1 joined=[] left=["ann"] renamed=[]
        """)
        self.assertTrue(self.stage.peer("ann").is_ended)
        self.assertEqual(self.stage.hub.movements, [Movement(came="bob"), Movement(went="ann")])

    def test_one_that_is_over_is_told_nothing_more(self) -> None:
        hub, session = self.stage.hub, self.stage.peer("ann").session
        hub.part(session, "shutdown", 2)
        hub.part(session, "shutdown", 2)
        hub.refuse(session, Refusal("internal", "Late."))
        hub.forget(session)
        self.assertTrue(hub.resume(session))
        self.play("""
            ann << quit reason=shutdown retry=2
        """)
        self.assertEqual(len(hub.people), 0)

    def test_what_is_no_request_waits_for_what_is_staged(self) -> None:
        peer = self.stage.peer("ann")
        self.stage.request("ann", "post", room="lobby", mid="m1", text="a")
        self.assertTrue(self.stage.hub.receive(peer.session, peer.inbox.pop()))
        self.assertFalse(self.stage.hub.reject(peer.session, Refusal("frame_size", "Too long.")))
        self.play("""
            ann << posted mid=m1 room=lobby seq=1 time=* duplicate=false
            ann << message room=lobby seq=1 time=* from=ann mid=m1 text=a
            ann << error code=frame_size text=* fatal=true
        """)


class Again(TranscriptCase):
    """The same person, another connection."""

    def test_the_token_gets_the_name_back(self) -> None:
        self.stage.enter("ann")
        self.play("""
            ann drops
            ann >> hello protocol=1 name=other install=i token=token-1
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            restart
            ann >> hello protocol=1 name="  " install=i token=token-1
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
        """)
        rows = [row for batch in self.stage.log.batches for row in batch.people]
        self.assertEqual({row.id for row in rows}, {1})
        self.assertNotIn(b"token-1", [row.token_hash for row in rows])

    def test_a_token_that_nobody_has_makes_somebody_new(self) -> None:
        self.play("""
            ann >> hello protocol=1 name=ann install=i token=too-short
            bob >> hello protocol=1 name=bob install=i token=random-and-long-enough
            ann << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            bob << welcome protocol=1 server=* epoch=* name=bob token=random-and-long-enough time=* rooms=* \
limits=* motd=* features=*
            restart
            bob >> hello protocol=1 name=x install=i token=random-and-long-enough
            bob << welcome protocol=1 server=* epoch=* name=bob token=random-and-long-enough time=* rooms=* \
limits=* motd=* features=*
        """)

    def test_one_who_went_before_the_welcome_came_gets_the_name_with_a_token_of_its_own(self) -> None:
        hello = {"protocol": 1, "name": "ann", "install": "i", "token": "random-and-long-enough"}
        self.stage.request("ann", "hello", **hello)
        self.stage.tick()
        self.stage.drop("ann")
        self.stage.request("ann", "hello", **hello)
        self.stage.settle()
        self.assertEqual([event["type"] for event in self.stage.heard("ann")], ["welcome"])

    def test_a_new_token_shown_twice_in_one_tick_is_one_person(self) -> None:
        # Anybody can do this on purpose: nothing of anybody else's tick may be lost by it.
        self.stage.enter("carl")
        for label in ("ann", "bob"):
            token = "random-and-long-enough"
            self.stage.request(label, "hello", protocol=1, name=label, install=label, token=token)
        self.stage.request("carl", "post", room="lobby", mid="m1", text="a")
        self.stage.settle()
        self.assertEqual([event["type"] for event in self.stage.heard("carl")], ["posted", "message"])
        self.assertEqual([event.get("name") for event in self.stage.heard("ann")], ["ann"])

    def test_the_same_installation_replaces(self) -> None:
        self.stage.enter("ann", "bob")
        self.play("""
            second >> hello protocol=1 name=ann install=i token=token-1
            second >> ping
            ann << quit reason=replaced
            second << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* \
limits=* motd=* features=*
            second << pong
            bob << presence room=lobby online=1 joined=[] left=["ann"] renamed=[]
        """)
        self.assertTrue(self.stage.peer("ann").is_ended)
        self.assertEqual(self.stage.hub.people.names(), ["ann", "bob"])
        self.assertEqual(self.stage.hub.movements, [Movement(came="ann"), Movement(came="bob")])

    def test_the_goodbye_is_the_last_word_to_one_that_is_replaced(self) -> None:
        # Its post is stored in the tick in which it is replaced: it is told of it before, or not at all.
        self.stage.enter("ann", "bob")
        self.stage.request("ann", "post", room="lobby", mid="m1", text="a")
        self.stage.request("second", "hello", protocol=1, name="ann", install="i", token="token-1")
        self.stage.settle()
        self.assertEqual(self.stage.heard("bob")[0]["mid"], "m1")
        self.assertEqual(self.stage.heard("ann")[-1], {"type": "quit", "reason": "replaced"})

    def test_two_installations_are_one_person(self) -> None:
        self.stage.enter("ann", "bob")
        hello = {"protocol": 1, "name": "ann", "install": "other", "token": "token-1"}
        self.stage.request("second", "hello", **hello)
        self.stage.request("second", "join", room="lobby")
        self.play("""
            second << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* \
limits=* motd=* features=*
            second << joined room=lobby head=0 first=1 next=1 online=2 members=["ann","bob"]
            second << live room=lobby seq=0
            ann drops
            second << *
            bob >> who room=lobby
            bob << who room=lobby names=["ann","bob"] online=2 offset=0
            second drops
            bob << presence room=lobby online=1 joined=[] left=["ann"] renamed=[]
        """)

    def test_two_logins_of_one_person_in_one_tick(self) -> None:
        self.stage.enter("ann", "bob")
        self.stage.drop("ann")
        self.stage.settle()
        self.stage.forget_heard()
        for label in ("one", "two"):
            self.stage.request(label, "hello", protocol=1, name="x", install=label, token="token-1")
            self.stage.request(label, "join", room="lobby", last=0)
        self.stage.settle()
        self.assertEqual(self.stage.hub.people.names(), ["bob", "ann"])
        self.assertEqual([e["joined"] for e in self.stage.heard("bob", "presence")], [["ann"]])
        self.stage.drop("one")
        self.stage.settle()
        self.assertEqual(len(self.stage.heard("bob")), 1)

    def test_two_logins_of_one_installation_in_one_tick(self) -> None:
        self.stage.enter("ann", room="")
        self.stage.drop("ann")
        self.play("""
            one >> hello protocol=1 name=x install=i token=token-1
            two >> hello protocol=1 name=x install=i token=token-1
            one << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
            one << quit reason=replaced
            two << welcome protocol=1 server=* epoch=* name=ann token=token-1 time=* rooms=* limits=* motd=* features=*
        """)

    def test_one_who_is_online_is_seen_every_hour(self) -> None:
        self.stage.enter("ann", room="")
        written = len(self.stage.log.batches)
        self.stage.hub.touch()
        self.stage.settle()
        self.assertEqual(len(self.stage.log.batches), written)
        self.play("time +3600")
        self.stage.hub.begin(self.stage.now, self.stage.unix_ms)
        self.stage.hub.touch()
        self.stage.hub.touch()
        self.stage.settle()
        (row,) = self.stage.log.batches[-1].people
        self.assertEqual((row.name, row.last_seen_unix_ms), ("ann", 3_601_000))
        self.assertEqual(len(self.stage.log.batches), written + 1)

    def test_one_who_goes_was_seen_then(self) -> None:
        self.stage.enter("ann", room="")
        self.play("""
            time +60
            ann drops
        """)
        (row,) = self.stage.log.batches[-1].people
        self.assertEqual((row.name, row.last_seen_unix_ms), ("ann", 61_000))


class Harness(TranscriptCase):
    """The transcripts themselves: a script that does not hold fails."""

    def test_what_is_not_heard_is_missed(self) -> None:
        with self.assertRaisesRegex(AssertionError, "hears nothing more"):
            self.play(f"""
                ann >> {HELLO}
                ann << *
                ann << pong
            """)

    def test_what_is_not_expected_is_noticed(self) -> None:
        with self.assertRaisesRegex(AssertionError, "hears more.*welcome"):
            self.play(f"ann >> {HELLO}")

    def test_a_field_too_many_is_noticed(self) -> None:
        self.stage.enter("ann", room="")
        with self.assertRaisesRegex(AssertionError, "but ann hears .*nonce"):
            self.play("""
                ann >> ping nonce=5
                ann << pong
            """)

    def test_a_value_is_compared(self) -> None:
        self.stage.enter("ann", room="")
        with self.assertRaisesRegex(AssertionError, '"nonce": 5'):
            self.play("""
                ann >> ping nonce=5
                ann << pong nonce=6
            """)

    def test_a_part_of_a_frame_is_noticed(self) -> None:
        with self.assertRaisesRegex(AssertionError, "part of a frame"):
            self.stage.peer("ann").put(b"\x00\x00")

    def test_a_stage_keeps_every_byte_of_a_name(self) -> None:
        stage = Stage()
        self.addCleanup(stage.log.close)
        stage.ask("ann", json.dumps({"type": "hello", "protocol": 1, "name": "\u674e", "install": "i"}).encode())
        stage.settle()
        self.assertEqual(stage.heard("ann")[0]["name"], "\u674e")
