"""What the hub answers in pages: who is in a room, which rooms there are, older messages."""

from __future__ import annotations

from chat_core import limits
from chat_core.framing import HEADER_BYTES
from tests.transcript import PostingCase


class Listing(PostingCase):
    def test_who_in_pages(self) -> None:
        names = [f"p{number:03}" for number in range(limits.NAMES_PAGE + 1)]
        self.stage.enter(*reversed(names))
        self.stage.request("ann", "who", room="lobby", ref="r")
        self.stage.request("ann", "who", room="lobby", offset=limits.NAMES_PAGE)
        self.stage.request("ann", "who", room="lobby", offset=5_000)
        self.stage.settle()
        online = len(names) + 1
        page = {"type": "who", "room": "lobby", "online": online}
        self.assertEqual(self.stage.heard("ann"), [
            {**page, "names": ["ann", *names[:499]], "offset": 0, "ref": "r"},
            {**page, "names": names[499:], "offset": 500},
            {**page, "names": [], "offset": 5_000},
        ])  # fmt: skip

    def test_the_first_page_comes_with_joined(self) -> None:
        self.stage.enter(*(f"p{number:03}" for number in range(limits.NAMES_PAGE)), room="lobby")
        self.stage.enter("bob", room="")
        self.stage.request("bob", "join", room="lobby")
        self.stage.settle()
        (joined,) = self.stage.heard("bob", "joined")
        self.assertEqual((joined["online"], len(set(joined["members"]))), (502, 500))

    def test_who_sorts_without_regard_to_case(self) -> None:
        self.stage.enter("Carl", "Bob", "dora")
        self.play("""
            ann << *
            ann >> who room=lobby
            ann << who room=lobby names=["ann","Bob","Carl","dora"] online=4 offset=0
            Carl << *
            Bob << *
        """)

    def test_rooms_the_fullest_first(self) -> None:
        self.post(2)
        self.stage.enter("bob", room="Tea")
        self.stage.enter("carl", room="Tea")
        self.stage.enter("dora", room="attic")
        self.play("""
            ann >> rooms ref=r
            ann << rooms rooms=[{"room":"Tea","online":2,"head":0},{"room":"attic","online":1,"head":0},\
{"room":"lobby","online":1,"head":2}] offset=0 total=3 ref=r
            ann >> rooms offset=3
            ann << rooms rooms=[] offset=3 total=3
        """)

    def test_rooms_are_sorted_once_a_second(self) -> None:
        self.play("""
            ann >> rooms
            ann << *
            ann >> join room=attic
            ann << *
            ann >> rooms
            ann << rooms rooms=[{"room":"lobby","online":1,"head":0}] offset=0 total=1
            time +1
            ann >> rooms
            ann << rooms rooms=[{"room":"attic","online":1,"head":0},{"room":"lobby","online":1,"head":0}] \
offset=0 total=2
        """)

    def test_what_is_told_of_a_room_is_not_a_second_old(self) -> None:
        self.play("""
            ann >> rooms
            ann << rooms rooms=[{"room":"lobby","online":1,"head":0}] offset=0 total=1
        """)
        self.post(2)
        self.stage.enter("bob")
        self.play("""
            ann << *
            ann >> rooms
            ann << rooms rooms=[{"room":"lobby","online":2,"head":2}] offset=0 total=1
        """)

    def test_rooms_in_pages(self) -> None:
        for number in range(12):
            self.stage.enter(f"p{number}", room="")
            for place in range(limits.ROOMS_PER_CONNECTION_MAX):
                self.stage.request(f"p{number}", "join", room=f"{number}-{place}-" + 57 * "\U00010330")
        self.stage.settle()
        self.stage.forget_heard()
        self.stage.request("ann", "rooms")
        self.stage.request("ann", "rooms", offset=limits.ROOMS_PAGE)
        self.stage.settle()
        first, second = self.stage.heard("ann")
        self.assertEqual((len(first["rooms"]), len(second["rooms"])), (500, 101))
        self.assertEqual((first["total"], second["total"]), (601, 601))
        self.assertEqual(len({entry["room"] for entry in first["rooms"] + second["rooms"]}), 601)


class History(PostingCase):
    def page(self, before: int, limit: int) -> tuple[list[int], bool]:
        """Ask for a page as ann, and return its seqs and whether there are older ones."""
        self.stage.request("ann", "history", room="lobby", before=before, limit=limit)
        self.stage.settle()
        page = self.stage.heard("ann", "history")[-1]
        return [message["seq"] for message in page["messages"]], page["more"]

    def test_bounds(self) -> None:
        self.post(10)
        cases: tuple[tuple[int, int, list[int], bool], ...] = (
            (11, 3, [8, 9, 10], True), (5, 2, [3, 4], True), (5, 200, [1, 2, 3, 4], False), (2, 1, [1], False),
            (1, 1, [], False), (0, 1, [], False), (2**53, 1, [10], True), (11, 10, list(range(1, 11)), False),
        )  # fmt: skip
        for before, limit, seqs, has_more in cases:
            with self.subTest(before=before, limit=limit):
                self.assertEqual(self.page(before, limit), (seqs, has_more))

    def test_in_a_room_that_nobody_has_written_in(self) -> None:
        self.play("""
            ann >> history room=lobby before=9 limit=9 ref=r
            ann << history room=lobby messages=[] more=false ref=r
        """)

    def test_its_messages_are_those_that_were_delivered(self) -> None:
        self.stage.request("ann", "post", room="lobby", mid="m1", text='"\\\n\U0001f642')
        self.stage.request("ann", "history", room="lobby", before=2, limit=1)
        self.stage.settle()
        (message,) = self.stage.heard("ann", "message")
        (page,) = self.stage.heard("ann", "history")
        self.assertEqual(page["messages"], [message])

    def test_none_older_when_they_were_pruned(self) -> None:
        self.post(5)
        self.stage.hub.rooms["lobby"].first = 3
        self.assertEqual(self.page(6, 3), ([3, 4, 5], False))
        self.assertEqual(self.page(6, 2), ([4, 5], True))

    def test_a_page_never_exceeds_a_frame(self) -> None:
        room = 64 * "\U00010330"
        self.stage.request("ann", "join", room=room)
        self.stage.settle()
        self.post(20, 8_000 * "\U0001f642", room)
        peer = self.stage.peer("ann")
        peer.queued_bytes_most = 0
        self.stage.request("ann", "history", room=room, before=21, limit=200, ref=64 * "\x01")
        self.stage.settle()
        (page,) = self.stage.heard("ann", "history")
        self.assertEqual([message["seq"] for message in page["messages"]], list(range(13, 21)))
        self.assertTrue(page["more"])
        self.assertLessEqual(peer.queued_bytes_most, HEADER_BYTES + limits.SERVER_FRAME_BYTES_MAX)

    def test_it_moves_no_cursor(self) -> None:
        self.post(5)
        self.play("""
            ann >> history room=lobby before=3 limit=1
            ann << history room=lobby messages=* more=true
            ann >> post room=lobby mid=x text=a
            ann << posted mid=x room=lobby seq=6 time=* duplicate=false
            ann << message room=lobby seq=6 time=* from=ann mid=x text=a
        """)
