"""What a person has written, as transcripts: kept, sent, acknowledged, resent, refused. No sockets."""

from __future__ import annotations

import unittest

from chat_core import limits
from chat_core.client.endings import Ending
from chat_core.client.events import PostRefused, PostStored, RequestRefused
from chat_core.client.outbox import make_mid
from chat_core.client.store import MemoryStore
from chat_core.errors import Refusal
from tests.client_talk import LIMITS, PLENTY, Talk, in_lobby, seeded_bits


class OutboxTest(unittest.TestCase):
    def test_a_post_is_kept_sent_and_acknowledged(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "one\r\ntwo\rthree", 1_700_000_000_000)
        self.assertEqual(talk.store.load().outbox[0].text, "one\ntwo\nthree")
        self.assertEqual([r["mid"] for r in talk.sent()], [mid])
        self.assertEqual(talk.sent(), [])
        self.assertEqual(talk.hears("posted", mid=mid, room="lobby", seq=1, time=1), [PostStored(mid, "lobby", 1)])
        self.assertEqual((talk.session.outbox, talk.store.load().outbox), ((), ()))
        (arrived,) = talk.message(1, mid=mid)
        self.assertTrue(arrived.is_own)
        self.assertFalse(talk.message(2)[0].is_own)

    def test_its_own_message_acknowledges_too(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "hi", 1)
        talk.sent()
        stored, arrived = talk.message(1, mid=mid, sender="Ann")
        self.assertEqual(stored, PostStored(mid, "lobby", 1))
        self.assertTrue(arrived.is_own)
        self.assertEqual(talk.hears("posted", mid=mid, room="lobby", seq=1, time=1), [])

    def test_a_message_of_somebody_else_under_the_same_mid_acknowledges_nothing(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "hi", 1)
        talk.sent()
        (arrived,) = talk.message(1, mid=mid, sender="Bob")
        self.assertFalse(arrived.is_own)
        self.assertEqual([entry.mid for entry in talk.session.outbox], [mid])

    def test_a_duplicate_that_was_shown_already_is_only_acknowledged(self) -> None:
        talk = in_lobby(next=8)
        mid = talk.session.post("lobby", "hi", 1)
        talk.hears("posted", mid=mid, room="lobby", seq=3, time=1, duplicate=True)
        self.assertFalse(talk.message(8)[0].is_own)

    def test_resent_in_order_with_the_same_mids_after_its_room_is_joined(self) -> None:
        talk = Talk(rooms=("a", "b"))
        mids = [talk.session.post(room, "x", 1) for room in "abab"]
        talk.comes_online()
        joins = {request["room"]: request["ref"] for request in talk.sent()}
        talk.joined("b", ref=joins["b"])
        self.assertEqual([r["mid"] for r in talk.sent()], [mids[1], mids[3]])
        talk.joined("a", ref=joins["a"])
        self.assertEqual([r["mid"] for r in talk.sent()], [mids[0], mids[2]])
        again = Talk(talk.store)  # the program starts again
        again.comes_online()
        for request in again.sent():
            again.joined(request["room"], ref=request["ref"])
        self.assertEqual([r["mid"] for r in again.sent()], mids)

    def test_a_kept_message_brings_its_room_back(self) -> None:
        store = MemoryStore()
        Talk(store, rooms=("attic",)).session.post("attic", "x", 1)
        store.forget_room("attic")
        self.assertEqual(Talk(store).session.wanted_rooms, ("attic",))

    def test_the_window_bounds_what_is_in_flight(self) -> None:
        talk = in_lobby()
        mids = [talk.session.post("lobby", "x", i) for i in range(limits.WINDOW + 10)]
        self.assertEqual([r["mid"] for r in talk.sent()], mids[: limits.WINDOW])
        self.assertEqual(talk.sent(), [])
        talk.hears("posted", mid=mids[0], room="lobby", seq=1, time=1)
        self.assertEqual([r["mid"] for r in talk.sent()], [mids[limits.WINDOW]])

    def test_the_servers_window_counts_when_it_is_smaller(self) -> None:
        talk = Talk()
        talk.comes_online(limits={**LIMITS, "window": 1})
        talk.joined()
        mids = [talk.session.post("lobby", "x", i) for i in range(2)]
        self.assertEqual([r["mid"] for r in talk.sent()], mids[:1])

    def test_outgoing_is_bounded_by_bytes(self) -> None:
        talk = in_lobby()
        for _ in range(3):
            talk.session.post("lobby", "x" * 100, 1)
            talk.session.ping()
        talk.session.quit()
        counts = [len(talk.session.take_outgoing(size)) for size in (1, 20, 200, 0, 100)]
        # A ping, the two others, two posts, nothing, the last post; the quit waits until there is room for more.
        self.assertEqual(counts, [1, 2, 2, 0, 1])
        self.assertEqual(talk.sent(), [{"type": "quit"}])

    def test_no_posts_while_they_are_not_on_disk(self) -> None:
        talk = in_lobby()
        talk.session.post("lobby", "x", 1)
        self.assertEqual(talk.session.take_outgoing(PLENTY, with_posts=False), [])
        self.assertEqual(len(talk.session.take_outgoing(PLENTY)), 1)

    def test_what_can_never_be_sent_is_refused_at_once(self) -> None:
        talk = in_lobby()
        for room, text, code in (
            ("lobby", " ", "text_empty"),
            ("lobby", "x" * 8_001, "text_too_long"),
            ("lobby", "\x1b", "text_invalid"),
            ("lobby", "\ud83d", "text_invalid"),
            ("attic", "x", "not_in_room"),
            ("", "x", "room_invalid"),
        ):
            with self.subTest(code), self.assertRaises(Refusal) as caught:
                talk.session.post(room, text, 1)
            self.assertEqual(caught.exception.code, code)
        self.assertEqual(talk.session.outbox, ())

    def test_a_message_beyond_the_servers_frames_is_refused(self) -> None:
        talk = Talk()
        talk.comes_online(limits={**LIMITS, "frame_bytes": 150})
        talk.joined()
        mid = talk.session.post("lobby", "x" * 150, 1)
        small = talk.session.post("lobby", "x", 1)
        self.assertEqual([r["mid"] for r in talk.sent()], [small])
        (told,) = talk.session.take_events()
        assert isinstance(told, PostRefused)
        self.assertEqual((told.mid, told.code), (mid, "text_too_long"))

    def test_storage_keeps_the_message_and_comes_back(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "x", 1)
        talk.sent()
        (told,) = talk.hears("error", code="storage", text="Full.", ref=mid, retry=5, fatal=True)
        self.assertEqual(told, RequestRefused("storage", "Full.", is_fatal=True, room="lobby"))
        self.assertEqual(talk.session.ending, Ending(wants_retry=True, retry_s=5))
        self.assertEqual([entry.mid for entry in talk.session.outbox], [mid])
        talk.comes_online()
        talk.joined()
        self.assertEqual([r["mid"] for r in talk.sent()], [mid])

    def test_any_refusal_with_retry_keeps_the_message(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "x", 1)
        talk.hears("error", code="busy", text="Later.", ref=mid, retry=1)
        self.assertEqual(talk.session.ending, Ending(wants_retry=True, retry_s=1))
        self.assertEqual(len(talk.session.outbox), 1)

    def test_a_refusal_without_retry_is_told_and_ends_it(self) -> None:
        talk = in_lobby()
        mid = talk.session.post("lobby", "x", 1)
        told = talk.hears("error", code="mid_reuse", text="No.", ref=mid)
        self.assertEqual(told, [PostRefused(mid, "lobby", "x", "mid_reuse", "No.")])
        self.assertEqual(talk.store.load().outbox, ())

    def test_not_in_room_joins_again_once_and_resends_in_order(self) -> None:
        talk = in_lobby(next=4)
        mids = [talk.session.post("lobby", "x", i) for i in range(2)]
        talk.sent()
        for mid in mids:
            self.assertEqual(talk.hears("error", code="not_in_room", text="No.", ref=mid), [])
        (join,) = talk.sent()
        self.assertEqual(join, {"type": "join", "room": "lobby", "after": 3, "ref": "r2"})
        talk.joined(ref="r2", next=4)
        self.assertEqual([r["mid"] for r in talk.sent()], mids)
        (told,) = talk.hears("error", code="not_in_room", text="No.", ref=mids[0])
        self.assertIsInstance(told, PostRefused)

    def test_mids_grow_with_time_and_fit_the_protocol(self) -> None:
        bits = seeded_bits(7)
        mids = [make_mid(unix_ms, bits) for unix_ms in (0, 1, 31, 32, 1_700_000_000_000, 2**47)]
        self.assertEqual(mids, sorted(mids))
        self.assertTrue(all(len(mid) == 30 and mid.isalnum() for mid in mids))
        self.assertNotEqual(make_mid(5, bits), make_mid(5, bits))
        self.assertEqual(len(make_mid(-1, bits)), 30)


if __name__ == "__main__":
    unittest.main()
