"""People: whose a name is, by its key and by the token, between a claim and its commit."""

from __future__ import annotations

import hashlib
import unittest
from itertools import count

from chat_core import limits
from chat_core.errors import Refusal
from chat_core.messages import Hello
from chat_core.server.log import SqliteLog
from chat_core.server.people import People, Person
from chat_core.server.records import Batch, PersonRow

DAY_MS = 86_400_000


class PeopleCase(unittest.TestCase):
    def setUp(self) -> None:
        self.log = SqliteLog(None, "epoch-1")
        self.addCleanup(self.log.close)
        self.people = self.start()

    def start(self) -> People:
        """Begin with what is in the log."""
        tokens = count(self.log.next_ids()[0])
        return People(self.log, lambda: f"token-{next(tokens)}")

    def admit(self, name: str, token: str | None = None, unix_ms: int = 0) -> Person:
        """Log somebody in and write it down."""
        admission = self.people.admit(Hello(1, name, "i", token), unix_ms)
        lapsed = admission.claim.lapsed
        self.log.commit(Batch(lapsed=[] if lapsed is None else [lapsed], people=[admission.claim.row]))
        entered = self.people.enter(admission.person)
        self.people.settle()
        return entered

    def check_refused(self, code: str, name: str, token: str | None = None, unix_ms: int = 0) -> None:
        """Check that a login is refused."""
        with self.assertRaises(Refusal) as caught:
            self.people.admit(Hello(1, name, "i", token), unix_ms)
        self.assertEqual(caught.exception.code, code)


class Admitting(PeopleCase):
    def test_somebody_new(self) -> None:
        person, token, claim, is_known = self.people.admit(Hello(1, "Ann", "i"), 5)
        token_hash = hashlib.sha256(b"token-1").digest()
        self.assertEqual(token, "token-1")
        self.assertEqual(claim, (PersonRow(1, "Ann", "ann", token_hash, 5), None))
        self.assertFalse(is_known)
        self.assertEqual((person.id, person.name, person.key, person.quoted), (1, "Ann", "ann", '"Ann"'))
        self.assertEqual(len(self.people), 0, "nobody is there before the commit")

    def test_ids_are_never_given_again(self) -> None:
        self.people.admit(Hello(1, "ann", "i"), 0)
        self.people.settle()  # it failed
        self.assertEqual(self.admit("ann").id, 2)
        self.people = self.start()
        self.assertEqual(self.admit("bob").id, 3)

    def test_one_who_is_online_is_the_same_object(self) -> None:
        ann = self.admit("ann")
        self.assertIs(self.admit("x", "token-1"), ann)
        self.assertEqual(len(self.people), 1)

    def test_any_text_may_be_shown_as_a_token(self) -> None:
        self.assertEqual(self.admit("ann", 64 * "\U0001f642\x00").name, "ann")
        self.assertEqual(self.people.admit(Hello(1, "x", "i", 64 * "\U0001f642\x00"), 0).person.name, "ann")

    def test_a_token_of_ones_own_making_is_taken_if_it_is_long_enough(self) -> None:
        for length, is_taken in ((limits.TOKEN_CHARS_MIN, True), (limits.TOKEN_CHARS_MIN - 1, False)):
            with self.subTest(length=length):
                token = length * "t"
                admission = self.people.admit(Hello(1, f"ann{length}", "i", token), 0)
                self.assertEqual(admission.token == token, is_taken)
                self.assertFalse(admission.is_known)

    def test_one_token_is_one_person_in_the_tick_in_which_it_is_new(self) -> None:
        token = 30 * "t"
        first = self.people.admit(Hello(1, "ann", "i", token), 0)
        second = self.people.admit(Hello(1, "bob", "j", token), 0)
        self.log.commit(Batch(people=[first.claim.row, second.claim.row]))
        self.assertIs(self.people.enter(first.person), self.people.enter(second.person))
        self.assertEqual(self.people.names(), ["ann"])

    def test_the_token_is_not_kept(self) -> None:
        self.admit("ann")
        row = self.log.person_by_key("ann")
        assert row is not None
        self.assertNotIn(b"token-1", row.token_hash)

    def test_a_reservation_ends_with_its_tick(self) -> None:
        self.people.admit(Hello(1, "ann", "i"), 0)
        self.check_refused("name_taken", "Ann")
        self.people.settle()
        self.people.admit(Hello(1, "Ann", "i"), 0)

    def test_the_last_moment_of_thirty_days(self) -> None:
        ann = self.admit("ann")
        self.people.go(ann)
        self.check_refused("name_not_yours", "ann", unix_ms=30 * DAY_MS - 1)
        other = self.admit("ann", unix_ms=30 * DAY_MS)
        self.assertEqual(other.id, 2)

    def test_a_clock_that_goes_back_takes_no_name_away(self) -> None:
        ann = self.admit("ann", unix_ms=100 * DAY_MS)
        self.people.go(ann)
        self.check_refused("name_not_yours", "ann", unix_ms=0)


class Claiming(PeopleCase):
    def test_another_name(self) -> None:
        ann = self.admit("ann")
        name, claim = self.people.claim(ann, "Zoe", 7)
        self.assertEqual((name.shown, name.key), ("Zoe", "zoe"))
        self.assertEqual(claim, (PersonRow(1, "Zoe", "zoe", ann.token_hash, 7), None))
        self.assertEqual(ann.name, "ann", "not before the commit")
        self.people.rename(ann, name)
        self.assertEqual((ann.name, ann.key, ann.quoted), ("Zoe", "zoe", '"Zoe"'))
        self.assertEqual(self.people.names(), ["Zoe"])

    def test_a_name_that_lapsed(self) -> None:
        bob = self.admit("bob")
        self.people.go(bob)
        ann = self.admit("ann")
        self.assertEqual(self.people.claim(ann, "bob", 30 * DAY_MS)[1].lapsed, bob.id)

    def test_a_claim_reserves(self) -> None:
        ann, bob = self.admit("ann"), self.admit("bob")
        self.people.claim(ann, "zoe", 0)
        with self.assertRaises(Refusal) as caught:
            self.people.claim(bob, "ZOE", 0)
        self.assertEqual(caught.exception.code, "name_taken")
        self.check_refused("name_taken", "zoe")

    def test_who_is_online(self) -> None:
        ann, bob = self.admit("ann"), self.admit("bob")
        self.assertEqual(self.people.names(), [ann.name, bob.name])
        self.assertIs(self.people.current(ann), ann)
        self.people.go(ann)
        self.assertIsNone(self.people.current(ann))
        back = self.admit("x", "token-1")
        self.assertIsNot(back, ann)
        self.assertIs(self.people.current(ann), back)
        self.assertEqual(self.people.names(), ["bob", "ann"])
