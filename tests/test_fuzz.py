"""A short run of the fuzz; `CHAT_FUZZ_FRAMES=200000` makes it a longer one, with a fresh seed."""

from __future__ import annotations

import os
import unittest
from typing import TYPE_CHECKING, Any, Callable
from unittest.mock import patch

from chat_core import messages
from chat_core.errors import Refusal
from chat_core.server.hub import Hub
from chat_core.server.people import People
from chat_core.server.room import Room
from tests.fuzz.grammar import Grammar, to_bytes
from tests.fuzz.mutation import CORPUS, Mutation
from tests.fuzz.runs import FRAMES_PER_WORLD, SIDES, Failure, Run, play
from tests.fuzz.vocabulary import SHAPES
from tests.simulation.chance import Chance

if TYPE_CHECKING:
    from chat_core.server.session import Session

_QUICK_FRAMES = 2 * FRAMES_PER_WORLD


def _drop(payload: bytes) -> None:
    del payload


def _explode(*_arguments: Any) -> None:
    raise KeyError("built in")


class Worlds(unittest.TestCase):
    def setUp(self) -> None:
        wanted = os.environ.get("CHAT_FUZZ_FRAMES")
        self.frames = _QUICK_FRAMES if wanted is None else int(wanted)
        # The same in every run, for a change must not be judged by chance; `python3 -m tests.fuzz` takes a fresh one.
        self.seed = int(os.environ.get("CHAT_FUZZ_SEED", "1"))

    def run_side(self, side: str) -> None:
        run = Run(side, self.seed, _drop)
        while run.frames < self.frames // len(SIDES):
            failure = run.go_on()
            self.assertIsNone(failure, f"\n{failure}")
        self.assertGreaterEqual(run.frames, self.frames // len(SIDES))

    def test_the_server(self) -> None:
        self.run_side("server")

    def test_the_client(self) -> None:
        self.run_side("client")

    @unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
    def test_a_world_can_be_played_again(self) -> None:
        for side in SIDES:
            with self.subTest(side):
                self.assertEqual(play(side, 3, 0, _drop, 300), play(side, 3, 0, _drop, 300))

    def test_a_failure_says_how_to_see_it_again(self) -> None:
        failure = Failure("client", 7, 4_321, "KeyError: 'x'\n", [(12, "the server", b"\x00\x00\x00\x02{\x1b")])
        self.assertTrue(str(failure).endswith("python3 -m tests.fuzz --side client --seed 7 --only 4321"))
        self.assertIn("\\x1b", str(failure))
        self.assertNotIn("\x1b", str(failure))


class Faults(unittest.TestCase):
    """Faults built in on purpose are seen: what finds nothing would prove nothing."""

    def failure_with(self, owner: Any, name: str, wrong: Callable[..., Any]) -> str:
        with patch.object(owner, name, wrong):
            outcome = play("server", 1, 0, _drop, 1_500)
        self.assertIsInstance(outcome, Failure)
        return str(outcome)

    def test_an_exception_in_a_turn(self) -> None:
        failure = self.failure_with(People, "claim", _explode)
        self.assertIn("the server answers ErrorReply(code='internal'", failure)
        self.assertIn("logged at ERROR", failure)
        self.assertIn("KeyError: 'built in'", failure)

    def test_an_exception_in_a_tick(self) -> None:
        self.assertIn("KeyError: 'built in'", self.failure_with(People, "rename", _explode))

    def test_messages_out_of_order(self) -> None:
        deliver = Room.deliver

        def deliver_backwards(room: Room, frames: list[bytes], unix_ms: int) -> None:
            deliver(room, frames[::-1], unix_ms)

        self.assertRegex(self.failure_with(Room, "deliver", deliver_backwards), "message .* where .* is due")

    def test_sessions_that_are_kept_for_ever(self) -> None:
        connected, kept = Hub.connected, []

        def connect_and_keep(hub: Hub, outlet: Any) -> Session:
            kept.append(connected(hub, outlet))
            return kept[-1]

        self.assertIn("nobody is connected, and there are still", self.failure_with(Hub, "connected", connect_and_keep))

    def test_a_person_who_never_goes(self) -> None:
        self.assertIn("these are online", self.failure_with(People, "go", lambda _people, _person: None))


class WhatIsSaid(unittest.TestCase):
    """The fuzz is worth something only if what it says gets past the first check often enough, and not always."""

    def verdicts(self, payloads: list[bytes]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for payload in payloads:
            try:
                messages.decode_request(payload)
            except Refusal as refusal:
                counts[refusal.code] = counts.get(refusal.code, 0) + 1
            else:
                counts["taken"] = counts.get("taken", 0) + 1
        return counts

    def test_every_request_can_be_made_in_order(self) -> None:
        grammar = Grammar(Chance(1), "client", {})
        for kind in SHAPES["client"]:
            for _ in range(20):
                payload = to_bytes("{" + ",".join(f"{key}:{value}" for key, value in grammar.message(kind)) + "}")
                self.assertEqual(messages.decode_request(payload).type, kind)

    def test_bent_messages_are_taken_and_refused_in_every_way(self) -> None:
        grammar = Grammar(Chance(2), "client", {})
        counts = self.verdicts([to_bytes(grammar.bent()) for _ in range(1_000)])
        self.assertEqual(set(counts), {"taken", "bad_json", "bad_request", "unknown_type"})
        self.assertGreater(counts["bad_request"], 200)

    def test_spoiled_payloads_are_mostly_no_json_and_sometimes_are(self) -> None:
        mutation = Mutation(Chance(3))
        counts = self.verdicts([mutation.payload() for _ in range(1_000)])
        self.assertGreater(counts["bad_json"], 500)
        self.assertGreater(counts["taken"], 20)
        self.assertGreater(len(CORPUS), 100)


if __name__ == "__main__":
    unittest.main()
