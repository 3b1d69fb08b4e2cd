"""What is true for a moment, on the client's side: how often it is said, and what is told of others."""

from __future__ import annotations

import unittest
from typing import Any

from chat_core.client.events import AwayChanged, PresenceChanged, RequestRefused, RoomJoined, TypingSeen
from chat_core.errors import Refusal
from tests.client_talk import Talk, in_lobby
from tests.link_by_hand import LinkTestCase

FEATURES = ["typing", "away"]


def in_lobby_with_features() -> Talk:
    """Return a session that is in the lobby of a server that knows of both, with nothing left to send."""
    talk = Talk()
    talk.comes_online(features=FEATURES)
    talk.joined()
    talk.sent()
    return talk


class SayingTest(unittest.TestCase):
    def says(self, talk: Talk, now: float) -> list[Any]:
        """Return what a session says at a time, without the ref that all of it carries."""
        talk.session.keep_up(now)
        said = talk.sent()
        self.assertEqual({request.pop("ref") for request in said} - {"moment"}, set())
        return said

    def test_at_most_one_typing_in_three_seconds(self) -> None:
        talk = in_lobby_with_features()
        said = []
        for tenth in range(100):
            talk.session.typing("Lobby", 50.0 + tenth / 10)
            said += [(tenth, request) for request in self.says(talk, 50.0 + tenth / 10)]
        self.assertEqual(said, [(tenth, {"type": "typing", "room": "lobby"}) for tenth in (0, 30, 60, 90)])

    def test_typing_is_not_kept(self) -> None:
        talk = Talk()
        talk.session.typing("lobby", 1.0)
        talk.comes_online(features=FEATURES)
        talk.session.typing("lobby", 2.0)  # still joining
        talk.joined()
        talk.session.typing("attic", 3.0)
        self.assertEqual(self.says(talk, 4.0), [])
        with self.assertRaises(Refusal):
            talk.session.typing("a/b", 5.0)
        talk.session.typing("lobby", 6.0)
        self.assertEqual(len(self.says(talk, 6.0)), 1)
        talk.comes_online(features=FEATURES)
        talk.joined()
        talk.session.typing("lobby", 6.5)
        self.assertEqual(len(self.says(talk, 6.5)), 1, "this connection has said nothing yet")

    def test_away_is_said_once_and_the_newest_counts(self) -> None:
        talk = in_lobby_with_features()
        self.assertEqual(self.says(talk, 50.0), [])
        talk.session.away(is_away=True)
        self.assertEqual(self.says(talk, 50.0), [{"type": "away", "away": True}])
        self.assertEqual(self.says(talk, 60.0), [])
        talk.session.away(is_away=False)
        self.assertEqual(self.says(talk, 60.0), [{"type": "away", "away": False}])
        for is_away in (True, False, True):
            talk.session.away(is_away=is_away)
            self.assertEqual(self.says(talk, 61.0), [])
        self.assertEqual(self.says(talk, 62.9), [])
        self.assertEqual(self.says(talk, 63.0), [{"type": "away", "away": True}])
        for is_away in (False, True):
            talk.session.away(is_away=is_away)
        self.assertEqual(self.says(talk, 70.0), [], "it is what was said last")

    def test_away_is_kept_and_said_again_after_a_return(self) -> None:
        talk = Talk()
        talk.session.away(is_away=True)
        self.assertEqual(self.says(talk, 49.0), [])
        for now in (50.0, 51.0):
            talk.comes_online(features=FEATURES)
            talk.joined()
            self.assertEqual(self.says(talk, now), [{"type": "away", "away": True}])
        talk.session.away(is_away=False)
        talk.comes_online(features=FEATURES)
        talk.joined()
        self.assertEqual(self.says(talk, 52.0), [], "nobody is away who has just come")

    def test_a_post_ends_it(self) -> None:
        talk = in_lobby_with_features()
        talk.session.away(is_away=True)
        self.says(talk, 50.0)
        talk.session.post("lobby", "a", 1)
        self.assertEqual([request["type"] for request in talk.sent()], ["post"])
        # Should the post be refused it ends nothing, so the server is told in any case.
        self.assertEqual(self.says(talk, 53.0), [{"type": "away", "away": False}])
        talk.session.post("lobby", "b", 2)
        talk.sent()
        self.assertEqual(self.says(talk, 60.0), [])

    def test_one_who_went_away_before_an_old_post_was_sent_stays_away(self) -> None:
        talk = Talk()
        talk.session.join("lobby")
        talk.session.post("lobby", "written offline", 1)
        talk.session.away(is_away=True)
        talk.comes_online(features=FEATURES)
        talk.joined()
        talk.session.keep_up(50.0)
        self.assertEqual([request["type"] for request in talk.sent()], ["away", "post"])
        self.assertEqual(self.says(talk, 52.0), [])
        self.assertEqual(self.says(talk, 53.0), [{"type": "away", "away": True}])

    def test_an_older_server_is_told_nothing(self) -> None:
        for features in (None, [], ["weather"]):
            talk = Talk()
            talk.comes_online(**({} if features is None else {"features": features}))
            talk.joined()
            talk.session.typing("lobby", 50.0)
            talk.session.away(is_away=True)
            self.assertEqual(self.says(talk, 50.0), [])
        talk = Talk()
        talk.comes_online(features=["away"])
        talk.joined()
        talk.session.typing("lobby", 50.0)
        talk.session.away(is_away=True)
        self.assertEqual(self.says(talk, 50.0), [{"type": "away", "away": True}])

    def test_a_refusal_is_nobodys_business_unless_it_is_fatal(self) -> None:
        talk = in_lobby_with_features()
        self.assertEqual(talk.hears("error", code="not_in_room", text="No.", ref="moment"), [])
        (told,) = talk.hears("error", code="internal", text="Oops.", ref="moment", fatal=True)
        self.assertEqual(told, RequestRefused("internal", "Oops.", is_fatal=True))


class HearingTest(unittest.TestCase):
    def test_who_writes(self) -> None:
        talk = in_lobby()
        self.assertEqual(talk.hears("typing", room="lobby", names=["Bob"]), [TypingSeen("lobby", ("Bob",))])
        self.assertEqual(talk.hears("typing", room="lobby", names=[]), [])
        self.assertEqual(talk.hears("typing", room="attic", names=["Bob"]), [])

    def test_who_is_away_is_told_as_the_whole_set(self) -> None:
        talk = in_lobby()
        for away, back, told in [
            (["zoe", "Bob"], [], ("Bob", "zoe")), (["Ann"], ["zoe"], ("Ann", "Bob")), (["Eve"], None, ("Eve",)),
            ([], None, ()),
        ]:  # fmt: skip
            fields = {"away": away} if back is None else {"away": away, "back": back}
            self.assertEqual(talk.hears("away", room="lobby", **fields), [AwayChanged("lobby", told)])
            self.assertEqual(talk.hears("away", room="lobby", **fields), [], "nothing new")
        self.assertEqual(talk.hears("away", room="attic", away=["Bob"], back=[]), [])

    def test_who_is_away_comes_with_joined(self) -> None:
        talk = Talk()
        talk.comes_online()
        joined, away = talk.joined(online=2, members=["Ann", "Bob"], away=["Bob"])
        self.assertIsInstance(joined, RoomJoined)
        self.assertEqual(away, AwayChanged("lobby", ("Bob",)))
        talk.comes_online()
        self.assertEqual(talk.joined(online=2, members=["Ann", "Bob"], away=["Bob"])[1], away, "after every joined")
        talk.comes_online()
        self.assertEqual(talk.joined(online=2, members=["Ann", "Bob"])[1], AwayChanged("lobby", ()))
        talk.comes_online()
        (joined,) = talk.joined(online=2, members=["Ann", "Bob"])
        self.assertIsInstance(joined, RoomJoined)

    def presence(self, talk: Talk, **fields: object) -> list[Any]:
        """Hear a presence, and return what is told beside it."""
        told = talk.hears("presence", room="lobby", online=1, **{"joined": [], "left": [], "renamed": [], **fields})
        self.assertIsInstance(told.pop(0), PresenceChanged)
        return told

    def test_those_who_leave_are_away_no_more_and_those_who_are_renamed_still_are(self) -> None:
        talk = in_lobby(members=["Ann", "Bob", "Cem", "Dora"], away=["Bob", "Cem"], online=4)
        self.assertEqual(self.presence(talk, left=["Dora"]), [])
        self.assertEqual(self.presence(talk, left=["Cem"]), [AwayChanged("lobby", ("Bob",))])
        # One took the name that another gave up.
        told = self.presence(talk, renamed=[["Bob", "Ann"], ["Ann", "Bob"]])
        self.assertEqual(told, [AwayChanged("lobby", ("Ann",))])
        told = self.presence(talk, renamed=[["Ann", "Eve"]], joined=["Ann"])
        self.assertEqual(told, [AwayChanged("lobby", ("Eve",))])
        self.assertEqual(self.presence(talk, joined=["Eve"]), [AwayChanged("lobby", ())])
        self.assertEqual(self.presence(talk, left=["Eve"]), [])

    def test_more_names_than_anybody_reads_are_not_kept(self) -> None:
        talk = in_lobby()
        names = [f"p{number}" for number in range(10_000)]
        for turn in "abc":
            talk.hears("away", room="lobby", away=[turn + name for name in names], back=[])
        (told,) = talk.hears("away", room="lobby", away=["x"], back=["ap0"])
        self.assertEqual(len(told.away), 19_999)
        (told,) = talk.hears("away", room="lobby", away=[turn + name for name in names for turn in "abc"])
        self.assertEqual(len(told.away), 20_000)


class LinkTest(LinkTestCase):
    features = ("typing", "away")

    def types(self) -> list[str]:
        """Return the types of what has been said since the last time."""
        return [request["type"] for request in self.heard()]

    def test_it_is_said_with_the_next_poll(self) -> None:
        self.come_online()
        self.link.typing("lobby")
        self.link.away(True)
        self.poll()
        self.assertEqual(self.types(), ["typing", "away"])
        for _ in range(29):
            self.link.typing("lobby")
            self.link.away(False)
            self.poll(0.1)
        self.assertEqual(self.types(), [])
        self.poll(0.2)
        self.link.typing("lobby")
        self.poll()
        self.assertEqual(self.types(), ["away", "typing"])

    def test_offline_it_is_kept_whether_one_is_away_and_not_that_one_writes(self) -> None:
        self.link.typing("lobby")
        self.link.away(True)
        self.link.start(self.now)
        self.poll()
        self.poll()
        self.assertEqual(self.types(), ["hello"])
        self.says_welcome()
        self.poll()
        self.assertEqual(self.types(), ["join", "away"])
        self.transport.arriving.append(b"")
        self.poll()
        self.link.away(False)
        self.link.retry_now(self.now)
        self.poll()
        self.poll()
        self.says_welcome()
        self.poll()
        self.assertEqual(self.types(), ["hello", "join"])


if __name__ == "__main__":
    unittest.main()
