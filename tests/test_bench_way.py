"""The benchmark in tiny sizes: what it counts, what it checks, and that the checks can fail. No time is judged."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any, Callable, Sequence

from chat_core.messages import Post, encode
from tests.bench import growth, stages, way
from tests.bench.inside import ROOM, Inside, frames_of, numbered_text
from tests.bench.rounds import as_json, spread
from tests.bench.talk import Talk
from tests.bench.visitors import Entry, Standing, Visitors, digest_of
from tests.hostile.figures import Figures
from tests.serving import HOST, PATIENCE_S

if sys.platform == "linux":
    from tests.bench import crowd
    from tests.hostile.target import Target

ROUNDS = 2


def run(part: Callable[[argparse.Namespace], dict[str, object]], **options: object) -> tuple[dict[str, Any], str]:
    """Run a part at its tiny size; return its JSON, as it is read from a file, and what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        found = part(argparse.Namespace(rounds=ROUNDS, quick=True, **options))
    read: dict[str, Any] = json.loads(json.dumps(found))
    return read, printed.getvalue()


class Tables(unittest.TestCase):
    def check_spread(self, value: dict[str, float]) -> None:
        self.assertEqual(set(value), {"median", "least", "most"})
        self.assertLessEqual(value["least"], value["median"])
        self.assertLessEqual(value["median"], value["most"])

    def test_a_median_is_told_with_its_bounds(self) -> None:
        self.assertEqual(spread([3.0, 1.0, 2.0]), (2.0, 1.0, 3.0))
        self.assertEqual(spread([1_000.0, 2_000.0]).told(1, "us"), "1 500.0 (1 000.0-2 000.0) us")

    def test_a_missed_target_is_said_plainly(self) -> None:
        figures = Figures("title")
        figures.hold("ratio", "3.0", "<= 2", is_met=False)
        self.assertIn("MISSED", figures.table())
        self.assertEqual(as_json(figures), [{"what": "ratio", "value": "3.0", "target": "<= 2", "is_met": False}])

    def test_way(self) -> None:
        found, printed = run(way.run)
        self.assertEqual(set(found["batches"]), {"64", "256"})
        for values in found["batches"].values():
            for value in values.values():
                self.check_spread(value)
            parts = sum(values[f"bare_{part}_us"]["least"] for part in ("loads", "dumps", "insert", "commit"))
            self.assertLessEqual(parts, values["bare_us"]["most"])
            self.assertGreater(values["ours_us"]["least"], values["ours_commit_us"]["least"])
        self.assertEqual(sum(figure["is_met"] is not None for figure in found["figures"]), 4)
        self.assertIn("ratio without COMMIT", printed)

    def test_stages(self) -> None:
        found, printed = run(stages.run, profile=True)
        self.assertEqual(len(found["stages"]), 10)
        for value in found["stages"].values():
            self.check_spread(value)
        for measured_by_itself in ("frames", "decode", "insert", "commit", "message", "posted", "flush"):
            self.assertGreater(found["stages"][measured_by_itself]["least"], 0)
        self.assertEqual(found["members"], 10)
        self.assertIn("Ordered by: internal time", printed)

    def test_growth(self) -> None:
        found, printed = run(growth.run)
        self.assertEqual(found["worlds"]["new"]["messages"], 1_000)
        self.assertEqual((found["worlds"]["long"]["messages"], found["worlds"]["long"]["rooms"]), (3_000, 1))
        self.assertEqual((found["worlds"]["wide"]["messages"], found["worlds"]["wide"]["rooms"]), (2_995, 20))
        for cost in found["costs"].values():
            for value in (*cost["us"].values(), *cost["ratio"].values()):
                self.check_spread(value)
        self.assertEqual(set(found["costs"]), {"post", "page", "resume", "return"})
        self.assertIn("ratio <= 1.1", printed)

    @unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
    @unittest.skipUnless(sys.platform == "linux", "processes are measured by what Linux tells of them")
    def test_crowd(self) -> None:
        found, printed = run(crowd.run, scenes="resume")
        self.assertEqual(found["people"], 50)
        self.assertEqual(found["failed"], [], printed)
        values = found["scenes"]["resume"]
        for value in values.values():
            self.check_spread(value)
        # 100 messages for each one who came in.
        self.assertAlmostEqual(values["heard_per_s"]["least"] / values["logins_per_s"]["least"], 100)


class InProcess(unittest.TestCase):
    def setUp(self) -> None:
        cleanup = contextlib.ExitStack()
        self.addCleanup(cleanup.close)
        folder = cleanup.enter_context(tempfile.TemporaryDirectory())
        self.inside = Inside(cleanup, Path(folder) / "chat.db", posters=2)

    def test_all_that_was_posted_is_found_in_the_log(self) -> None:
        for _ in range(3):
            self.inside.tick([frames_of(payloads) for payloads in self.inside.make_posts(10)])
        self.assertEqual(self.inside.check(), 30)
        self.assertEqual(self.inside.hub.messages_stored, 30)
        self.assertGreater(self.inside.database.times.insert_ns, 0)
        self.assertGreater(self.inside.database.times.commit_ns, 0)
        # Both hear all, and are told that their own five are stored.
        heard = [poster.outlet.bytes_taken for poster in self.inside.posters]
        self.assertGreater(min(heard), 30 * 64)
        self.assertEqual([poster.outlet.is_ended for poster in self.inside.posters], [False, False])

    def test_a_post_that_is_missing_is_noticed(self) -> None:
        payloads = self.inside.make_posts(10)
        self.inside.tick([frames_of(payloads[0]), frames_of(payloads[1][:-1])])
        with self.assertRaisesRegex(AssertionError, "9 of 10"):
            self.inside.check()

    def test_posts_in_the_wrong_order_are_noticed(self) -> None:
        payloads = self.inside.make_posts(10)
        self.inside.tick([frames_of(payloads[0][::-1]), frames_of(payloads[1])])
        with self.assertRaisesRegex(AssertionError, "comes after"):
            self.inside.check()

    def test_a_text_that_nobody_wrote_is_noticed(self) -> None:
        altered = encode(Post(ROOM, "m", numbered_text(1)[:-1] + "?"))
        self.inside.make_posts(2)
        self.inside.tick([frames_of([altered]), b""])
        with self.assertRaisesRegex(AssertionError, "was not written"):
            self.inside.check()


class FalseServer:
    """Lets so many in, one after the other, says to each what was laid down for it, and waits for its end."""

    def __init__(self, test: unittest.TestCase, *scripts: Sequence[bytes], hangs_up: bool = False) -> None:
        self._scripts = scripts
        self._hangs_up = hangs_up
        self._door = socket.create_server((HOST, 0))
        self._door.settimeout(PATIENCE_S)
        self.address: tuple[str, int] = self._door.getsockname()
        thread = threading.Thread(target=self._serve)
        thread.start()
        test.addCleanup(thread.join, PATIENCE_S)

    def _serve(self) -> None:
        callers = []
        with self._door:
            for script in self._scripts:
                caller, _ = self._door.accept()
                caller.settimeout(PATIENCE_S)
                caller.sendall(b"".join(script))
                callers.append(caller)
        for caller in callers:
            if self._hangs_up:
                caller.shutdown(socket.SHUT_WR)
            with caller, contextlib.suppress(ConnectionError):
                while caller.recv(65_536):
                    pass


def welcome(number: int) -> bytes:
    return compact(type="welcome", name=f"visitor {number}")


def compact(**message: object) -> bytes:
    """Write a frame as the server does."""
    payload = json.dumps(message, separators=(",", ":")).encode()
    return len(payload).to_bytes(4, "big") + payload


def message(seq: int, text: str = "hello", **fields: object) -> bytes:
    return compact(
        **{"type": "message", "room": "lobby", "seq": seq, "from": "ada", "mid": f"m{seq}", **fields, "text": text}
    )


JOINED = compact(type="joined", room="lobby", head=3, first=1, next=1, online=2, members=[])
LIVE = compact(type="live", room="lobby", seq=3)
HEARD = [message(1), message(2), message(3)]


class Checking(unittest.TestCase):
    """What the many get is checked: everything that a server could do wrong there is a fault."""

    def enter(self, *scripts: Sequence[bytes], hangs_up: bool = False) -> Standing:
        server = FalseServer(self, *scripts, hangs_up=hangs_up)
        visitors = Visitors(len(scripts))
        self.addCleanup(visitors.close)
        return visitors.enter(Entry(server.address, "lobby", len(scripts), after=0, missed=3))

    def check_fault(self, standing: Standing, words: str) -> None:
        self.assertRegex(" ".join(standing.faults), words)

    def test_two_who_get_all(self) -> None:
        scripts = [[welcome(number), JOINED, *HEARD, LIVE] for number in range(2)]
        standing = self.enter(*scripts)
        self.assertEqual(standing.faults, [])
        self.assertEqual((standing.inside, standing.heard, len(standing.took_s)), (2, 6, 2))
        self.assertEqual(standing.digest, digest_of(frame[4:] for frame in HEARD))

    def test_one_who_misses_one(self) -> None:
        standing = self.enter([welcome(0), JOINED, *HEARD, LIVE], [welcome(1), JOINED, *HEARD[:2], LIVE])
        self.check_fault(standing, "visitor 1 has missed messages")

    def test_all_miss_the_same_one(self) -> None:
        self.check_fault(self.enter([welcome(0), JOINED, HEARD[0], HEARD[2], LIVE]), r'"seq":3.* for message 2')

    def test_one_who_gets_them_in_another_order(self) -> None:
        standing = self.enter(
            [welcome(0), JOINED, *HEARD, LIVE], [welcome(1), JOINED, HEARD[1], HEARD[0], HEARD[2], LIVE]
        )
        self.check_fault(standing, "visitor . heard .*, not ")

    def test_one_who_gets_another_text(self) -> None:
        standing = self.enter(
            [welcome(0), JOINED, *HEARD, LIVE], [welcome(1), JOINED, *HEARD[:2], message(3, "hullo"), LIVE]
        )
        self.check_fault(standing, "visitor . heard .*, not ")

    def test_one_who_gets_one_twice(self) -> None:
        standing = self.enter([welcome(0), JOINED, *HEARD, HEARD[2], LIVE])
        self.check_fault(standing, "for message 4")

    def test_one_who_is_somebody_else(self) -> None:
        self.check_fault(self.enter([welcome(7), JOINED, *HEARD, LIVE]), "welcomed as somebody else")

    def test_one_who_is_refused(self) -> None:
        refusal = compact(type="error", code="name_taken", text="Somebody is.", fatal=True)
        standing = self.enter([refusal], hangs_up=True)
        self.check_fault(standing, "name_taken")
        self.assertEqual(standing.inside, 0)

    def test_one_who_is_cut_off(self) -> None:
        standing = self.enter([welcome(0), JOINED, *HEARD], hangs_up=True)
        self.check_fault(standing, "visitor 0 was cut off")
        self.assertEqual(standing.inside, 0)


class Talking(unittest.TestCase):
    def setUp(self) -> None:
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)

    @unittest.skipUnless(sys.platform == "linux", "it asks Linux about the server")
    def test_each_hears_each(self) -> None:
        target = Target(self.cleanup)
        talk = Talk(self.cleanup, target.address, 3, "aside", 1_000.0)
        talk.go_on(lambda: talk.sent >= 20, PATIENCE_S)
        self.assertEqual(talk.faults, [])
        self.assertGreaterEqual(talk.sent, 20)
        self.assertEqual((talk.heard, talk.acknowledged), (3 * talk.sent, talk.sent))
        self.assertEqual(len(talk.latencies_s), talk.heard)
        self.assertGreater(min(talk.latencies_s), 0)

    def check_fault(self, words: str, *said: bytes, hangs_up: bool = False) -> None:
        joined = compact(type="joined", room="aside", head=0, first=1, next=1, online=1, members=[])
        server = FalseServer(self, [compact(type="welcome"), joined, *said], hangs_up=hangs_up)
        talk = Talk(self.cleanup, server.address, 1, "aside", 1.0)
        self.cleanup.close()
        self.assertRegex(" ".join(talk.faults), words)

    def test_what_nobody_said(self) -> None:
        text = f"=@ {5:020d} {1:010d} ttt"
        self.check_fault("is not what talker 0 said", message(1, text), compact(type="live", seq=1))

    def test_a_gap(self) -> None:
        self.check_fault("seq 2 came instead of 1", message(2), compact(type="live", seq=2))

    def test_said_twice(self) -> None:
        text = f"=@ {5:020d} {1:010d} ttt"
        said = [message(seq, text, **{"from": "talker 0", "mid": "talk-1"}) for seq in (1, 2)]
        self.check_fault("comes after number 1", *said, compact(type="live", seq=2))

    def test_an_error(self) -> None:
        self.check_fault("flood_stop", compact(type="error", code="flood_stop"), compact(type="live", seq=0))

    def test_the_end(self) -> None:
        self.check_fault("talker 0 was cut off", hangs_up=True)


if __name__ == "__main__":
    unittest.main()
