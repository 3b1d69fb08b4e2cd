"""The benchmark's own checks: what is missing, doubled, changed or out of order is noticed, and what is counted is so.

Nothing is held against the clock here; the runs are as small as they can be.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import threading
import unittest
from contextlib import ExitStack
from pathlib import Path
from typing import Callable, Sequence
from unittest import mock
from xml.etree import ElementTree as ET

from tests.bench import fanout, peers, picture, summary, tongues
from tests.bench.__main__ import main
from tests.bench.limit_server import LimitServer
from tests.bench.load import Load
from tests.bench.machine import Cores
from tests.bench.streams import Apart, Audience, Shared, SharedBesideReplies, Tally, Wrong

REPLY = b'\0\0\0\x1b{"type":"posted","mid":"x"}'
PING = b'\0\0\0\x0f{"type":"ping"}'


def message(seq: int, sender: int, number: int) -> bytes:
    payload = (
        b'{"type":"message","room":"bench","seq":%d,"time":1767225600000,"from":"s%04d","mid":"%030d","text":"%b"}'
    )
    payload = payload % (seq, sender, number, tongues.text(sender) % number)
    return len(payload).to_bytes(4, "big") + payload


def conversation(count: int, senders: int) -> list[bytes]:
    """Return messages of senders who take turns, from seq 1 on."""
    return [message(place + 1, place % senders, place // senders) for place in range(count)]


def hear(audience: Audience, index: int, data: bytes, cut: int = 10_000) -> None:
    for at in range(0, len(data), cut):
        audience.hear(index, memoryview(data)[at : at + cut])


class SharedStream(unittest.TestCase):
    def setUp(self) -> None:
        self.said = conversation(120, 3)  # the server's seqs get longer twice
        self.sent = [40, 40, 40]
        self.whole = b"".join(self.said)

    def shared(self, receivers: int = 2) -> Shared:
        return Shared(Tally(tongues.Chat(), 3), receivers)

    def test_whatever_the_cut_all_of_it_is_counted_for_everybody(self) -> None:
        for cut in (1, 2, 3, 7, 100, len(self.said[0]), 1_000, len(self.whole)):
            shared = self.shared(3)
            for index, own_cut in enumerate((cut, 211, cut + 1)):
                hear(shared, index, self.whole, own_cut)
            self.assertEqual(shared.check_end(self.sent), 360, cut)

    def test_what_all_have_is_what_the_slowest_has(self) -> None:
        shared = self.shared()
        hear(shared, 0, self.whole)
        shared.look()
        self.assertEqual(list(shared.passed), [0, 0, 0])
        hear(shared, 1, self.whole)
        shared.look()
        self.assertEqual(list(shared.passed), self.sent)

    def test_a_changed_byte_is_noticed_wherever_it_is(self) -> None:
        for at in range(0, len(self.whole), 997):
            changed = bytearray(self.whole)
            changed[at] ^= 1
            shared = self.shared()
            hear(shared, 0, self.whole)
            with self.assertRaises(Wrong):
                hear(shared, 1, bytes(changed), 500)

    def test_a_changed_form_is_noticed_in_the_first_one_too(self) -> None:
        for old, new in ((b'"room"', b'"rOom"'), (b"@0001", b"@0009"), (b'"}', b'"]'), (b"\0\0\0\xc0", b"\0\0\0\xb7")):
            with self.subTest(old):
                at = self.whole.index(old, 18_000)
                with self.assertRaises(Wrong):
                    hear(self.shared(), 0, self.whole[:at] + new + self.whole[at + len(old) :])

    def wrong(self, said: Sequence[bytes]) -> str:
        """Return what is said of a stream that everybody gets."""
        with self.assertRaises(Wrong) as caught:
            shared = self.shared(1)
            hear(shared, 0, b"".join(said))
            shared.check_end(self.sent)
        return str(caught.exception)

    def test_what_the_server_did_wrong_to_all_alike_is_noticed(self) -> None:
        said = self.said
        missing = [*said[:50], *said[51:]]
        doubled = [*said[:50], said[49], *said[50:]]
        swapped = [*said[:50], said[53], *said[51:53], said[50], *said[54:]]
        for what, stream in {"missing": missing, "doubled": doubled, "swapped": swapped, "ping": [*said, PING]}.items():
            with self.subTest(what):
                self.assertTrue(self.wrong(stream))
        self.assertIn("came", self.wrong(said[:-1]))
        self.assertIn("not a message", self.wrong([*said, b"\0\0\0"]))

    def test_a_seq_that_is_left_out_or_comes_again_is_noticed_though_all_numbers_are_there(self) -> None:
        for what, seqs in {
            "one in a piece": [*range(10, 15), *range(16, 30)],
            "ten in a piece": [*range(10, 15), *range(25, 30)],
            "one for another": [10, 11, 13, 13, 14],
            "again in a piece": [*range(10, 15), *range(14, 20)],
        }.items():
            with self.subTest(what), self.assertRaises(Wrong):
                hear(self.shared(), 0, b"".join(message(seq, 0, number) for number, seq in enumerate(seqs)))
        for seq in (14, 15, 17, 26):
            shared = self.shared()
            hear(shared, 0, b"".join(message(10 + number, 0, number) for number in range(6)))
            with self.subTest(f"{seq} after 15"), self.assertRaisesRegex(Wrong, f"seq {seq} after 15"):
                hear(shared, 0, message(seq, 0, 6))

    def test_ten_of_a_sender_that_are_missing_are_noticed_at_once(self) -> None:
        def said(*pairs: tuple[int, int]) -> bytes:
            return b"".join(tongues.text(sender) % number + b"\n" for sender, number in pairs)

        with self.assertRaises(Wrong):  # in the middle of what came together, by the number of the last one
            hear(Shared(Tally(tongues.Lines(), 2), 1), 0, said(*((0, n) for n in range(5)), (0, 15)))
        shared = Shared(Tally(tongues.Lines(), 2), 1)
        hear(shared, 0, said((0, 0), (1, 0)))
        with self.assertRaises(Wrong):  # at the beginning, by the number of the first one
            hear(shared, 0, said((0, 11), (1, 1)))

    def test_what_differs_is_noticed_in_the_midst_of_what_is_new(self) -> None:
        shared = self.shared()
        hear(shared, 0, self.said[0])
        with self.assertRaises(Wrong):
            hear(shared, 1, self.said[0].replace(b"neither", b"Neither") + self.said[1])

    def test_who_is_behind_at_the_end_is_noticed(self) -> None:
        shared = self.shared()
        hear(shared, 0, self.whole)
        hear(shared, 1, self.whole[:-1])
        with self.assertRaisesRegex(Wrong, "1 receivers did not get everything"):
            shared.check_end(self.sent)

    def test_a_stream_of_which_the_beginning_was_let_go_is_compared_all_the_same(self) -> None:
        said = [message(seq + 1, 0, seq) for seq in range(8_000)]
        pieces = [b"".join(said[at : at + 500]) for at in range(0, 8_000, 500)]
        shared = Shared(Tally(tongues.Chat(), 1), 2)
        for piece in pieces:
            for index in (0, 1):
                hear(shared, index, piece)
            shared.look()
        self.assertEqual(shared.check_end([8_000]), 16_000)
        hear(shared, 0, message(8_001, 0, 8_000))
        with self.assertRaises(Wrong):
            hear(shared, 1, message(8_001, 0, 8_001))


class BesideReplies(unittest.TestCase):
    def setUp(self) -> None:
        said = conversation(30, 3)
        self.streams = []
        for receiver in range(3):
            stream = list(said)
            for place in range(10):  # some before all, some beside one another, some after all
                stream.insert((place * (receiver + 1) * 5) % (len(stream) + 1), REPLY)
            self.streams.append(b"".join(stream))

    def beside(self) -> SharedBesideReplies:
        return SharedBesideReplies(Tally(tongues.Chat(), 3), 3, b'{"type":"posted"')

    def test_they_are_taken_out_whatever_the_cut(self) -> None:
        for cut in (*range(1, 40), 170, 181, 1_000, 10_000):
            beside = self.beside()
            for index, stream in enumerate(self.streams):
                hear(beside, index, stream, cut)
            self.assertEqual(beside.check_end([10, 10, 10]), 90, cut)
            self.assertEqual(beside.replies, 30)

    def test_a_changed_message_or_a_missing_reply_is_noticed(self) -> None:
        beside = self.beside()
        hear(beside, 0, self.streams[0])
        with self.assertRaises(Wrong):
            hear(beside, 1, self.streams[1].replace(b"neither", b"Neither", 1), 100)
        beside = self.beside()
        for index, stream in enumerate(self.streams):
            hear(beside, index, stream.replace(REPLY, b"", index))
        with self.assertRaisesRegex(Wrong, "27 replies to 30"):
            beside.check_end([10, 10, 10])
        beside = self.beside()
        for index, stream in enumerate(self.streams):
            hear(beside, index, stream + REPLY[: 7 * index])
        with self.assertRaisesRegex(Wrong, "not a frame"):
            beside.check_end([10, 10, 10])


class StreamsOfTheirOwn(unittest.TestCase):
    def line(self, sender: int, number: int) -> bytes:
        return b"MSG bench 1 64\r\n%b\r\n" % (tongues.text(sender) % number)

    def test_each_may_have_an_order_of_its_own(self) -> None:
        one = [self.line(number % 12, number // 12) for number in range(120)]
        other = [self.line(sender, number) for sender in range(12) for number in range(10)]
        for cut in (1, 50, 10_000):
            apart = Apart([Tally(tongues.Nats(), 12) for _ in range(2)], is_without_own=False)
            hear(apart, 0, b"".join(one), cut)
            apart.look()
            self.assertEqual(apart.passed, [0] * 12)
            hear(apart, 1, b"".join(other), cut)
            apart.look()
            self.assertEqual(apart.passed, [10] * 12)
            self.assertEqual(apart.check_end([10] * 12), 240)

    def test_but_not_of_one_sender(self) -> None:
        apart = Apart([Tally(tongues.Nats(), 2)], is_without_own=False)
        with self.assertRaisesRegex(Wrong, "not in order"):
            hear(apart, 0, b"".join(self.line(*each) for each in ((0, 0), (1, 0), (0, 2), (0, 1), (0, 3))))

    def test_nobody_gets_its_own_where_that_is_the_rule(self) -> None:
        def spoken(sender: int, number: int) -> bytes:
            return b":s%04d!u@h PRIVMSG #bench :%b\r\n" % (sender, tongues.text(sender) % number)

        apart = Apart([Tally(tongues.Irc(8), 2) for _ in range(2)], is_without_own=True)
        hear(apart, 0, spoken(1, 0))
        hear(apart, 1, spoken(0, 0))
        apart.look()
        self.assertEqual(apart.passed, [1, 1])
        with self.assertRaises(Wrong):
            hear(apart, 1, spoken(1, 0))
        self.assertEqual(apart.check_end([1, 1]), 2)
        with self.assertRaisesRegex(Wrong, "receiver 0: of"):
            apart.check_end([1, 2])
        hear(apart, 0, b":s0001!")
        with self.assertRaisesRegex(Wrong, "receiver 0, at the end"):
            apart.check_end([1, 1])


class Faulty(LimitServer):
    """The raw limit, but for what it does to the lines of a tick."""

    def __init__(self, spoil: Callable[[list[bytes]], list[bytes]]) -> None:
        super().__init__(has_frames=False)
        self._spoil = spoil

    def hand_on(self, joined: bytes) -> None:
        super().hand_on(b"".join(self._spoil(joined.splitlines(keepends=True))))


@unittest.skipUnless(os.environ.get("CHAT_LONG"), "it takes long: CHAT_LONG=1 runs it, as CI does")
class Runs(unittest.TestCase):
    """Small runs of real servers."""

    def run_one(self, server: str, case: str) -> summary.Row:
        cores = Cores(is_wanted=False)
        return fanout.run_once(peers.ALL[server], fanout.Case.parse(case), 0.05, cores)

    def test_everything_is_delivered_and_counted(self) -> None:
        quick = (
            ("limit", "all:3", 3),
            ("limit-frames", "sat:3:2", 3),
            ("threaded", "sat:3:2", 3),
            ("chat", "all:12", 12),
        )
        others = (
            ("limit", "sat:3:2", 3),
            ("threaded", "all:3", 3),
            ("chat", "sat:3:2", 3),
        )  # with CHAT_LONG=1, as in CI
        for server, case, hearers in (*quick, *(others if os.environ.get("CHAT_LONG") else ())):
            with self.subTest(server=server, case=case):
                row = self.run_one(server, case)
                self.assertGreater(row["messages"], 0)
                self.assertEqual(row["deliveries"], hearers * row["messages"])
                self.assertNotIn("p50_us", row)

    def test_a_paced_run_sends_what_was_asked_for(self) -> None:
        row = self.run_one("limit", "paced:3:400")
        self.assertEqual((row["messages"], row["deliveries"]), (25, 75))  # 0.05 s, and a quarter of that before
        self.assertGreater(row["p50_us"], 0)
        self.assertGreaterEqual(row["p99_us"], row["p50_us"])

    def test_a_server_that_does_wrong_has_no_figure(self) -> None:
        faults: dict[str, Callable[[list[bytes]], list[bytes]]] = {
            "drops one": lambda lines: lines[1:] if len(lines) > 1 else lines,
            "doubles one": lambda lines: [*lines, lines[-1]],
            "swaps two": lambda lines: [*lines[-2:][::-1], *lines[:-2]] if len(lines) > 1 else lines,
            "changes one": lambda lines: [*lines[:-1], lines[-1].replace(b"line", b"LINE")],
        }
        for what, spoil in faults.items():
            with self.subTest(what), ExitStack() as cleanup:
                server = Faulty(spoil)
                cleanup.callback(server.close)
                is_over = threading.Event()

                def serve(server: LimitServer = server, is_over: threading.Event = is_over) -> None:
                    while not is_over.is_set():
                        server.tick()

                thread = threading.Thread(target=serve)
                thread.start()
                cleanup.callback(thread.join)
                load = Load(("127.0.0.1", server.port), tongues.Lines(), 3, 2)
                cleanup.callback(load.close)
                cleanup.callback(is_over.set)
                load.join()
                with self.assertRaises(Wrong):
                    load.saturate(0.05)


def rows(rates: dict[str, list[float | None]]) -> list[summary.Row]:
    """Return runs of one case, one rate a round; None is a run that failed."""
    made: list[summary.Row] = []
    for server, values in rates.items():
        for number, rate in enumerate(values, 1):
            row: summary.Row = {"server": server, "case": "sat:9:1", "round": number, "error": "" if rate else "broken"}
            if rate:
                row.update(deliveries_per_s=rate, cpu_s_per_million=1e6 / rate, generator_cpu_pct=50.0)
            made.append(row)
    return made


class Summing(unittest.TestCase):
    def test_ratios_are_of_the_same_round_and_their_median_counts(self) -> None:
        found = summary.of(rows({"chat": [10.0, 20.0, 30.0], "other": [5.0, 2.0, None]}), "chat")["sat:9:1"]
        self.assertEqual(found["chat"]["deliveries_per_s"], {"median": 20.0, "min": 10.0, "max": 30.0})
        self.assertEqual(found["other"]["times_deliveries"], {"median": 6.0, "min": 2.0, "max": 10.0})
        self.assertEqual((found["other"]["rounds"], found["other"]["errors"]), (2, ["broken"]))
        self.assertIsNone(found["chat"]["p50_us"])

    def test_the_table_has_a_line_for_each_and_says_what_failed(self) -> None:
        found = summary.of(rows({"chat": [2e6, 2e6], "other": [1e6, None], "third": [None]}), "chat")
        lines = summary.table("sat:9:1", found["sat:9:1"], "chat").splitlines()
        self.assertEqual(
            [line.split()[0] for line in lines], ["sat:9:1", "server", "chat", "other", "FAILED:", "FAILED:"]
        )
        self.assertIn("2.00 x", lines[3])
        self.assertNotIn("third", "".join(lines[:4]))

    def test_the_table_says_when_something_else_was_running(self) -> None:
        made = rows({"chat": [2e6, 2e6], "other": [1e6, 1e6]})
        made[0]["server_waited_pct"], made[1]["generator_waited_pct"], made[2]["server_waited_pct"] = 7.0, 30.0, 5.0
        found = summary.of(made, "chat")["sat:9:1"]
        self.assertEqual((found["chat"]["disturbed"], found["other"]["disturbed"]), (2, 0))
        self.assertIn("disturbed: in 2 of 4 runs", summary.table("sat:9:1", found, "chat"))

    def test_cases_are_read_as_they_are_written(self) -> None:
        self.assertEqual(fanout.Case.parse("sat:100:4"), fanout.Case("sat", 100, 4))
        self.assertEqual(fanout.Case.parse("all:50"), fanout.Case("all", 50, 50))
        self.assertEqual(fanout.Case.parse("paced:9:100"), fanout.Case("paced", 9, 1, 100.0))
        for text in ("", "sat", "sat:1", "sat:0:1", "all:1:2", "paced:1", "sat:x:1", "idle:3"):
            with self.subTest(text), self.assertRaises(ValueError):
                fanout.Case.parse(text)


class Drawing(unittest.TestCase):
    def test_there_is_a_line_and_a_name_for_each_and_no_name_lies_on_another(self) -> None:
        drawn = {"chat": [(1, 3e5), (1_000, 2e7)], "<other> & co": [(1, 1e5), (1_000, 2.1e7)], "none": []}
        root = ET.fromstring(picture.draw(drawn, "a & b"))  # noqa: S314 - our own
        svg = "{http://www.w3.org/2000/svg}"
        groups = root.findall(f"{svg}g")
        labels = [group.find(f"{svg}text") for group in groups]
        said = {label.text: float(label.attrib["y"]) for label in labels if label is not None}
        self.assertEqual(set(said), {"chat 20M", "<other> & co 21M"})
        self.assertGreater(abs(said["chat 20M"] - said["<other> & co 21M"]), 12)
        self.assertEqual([len(group.findall(f"{svg}circle")) for group in groups], [2, 2])

    def test_one_point_is_enough(self) -> None:
        ET.fromstring(picture.draw({"chat": [(10, 1e6)]}, ""))  # noqa: S314 - our own
        ET.fromstring(picture.draw({}, ""))  # noqa: S314 - our own


class CommandLine(unittest.TestCase):
    def call(self, *arguments: str) -> tuple[int, str]:
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            return main(arguments), out.getvalue()

    def test_everything_goes_into_one_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            result, drawing = Path(folder, "result.json"), Path(folder, "picture.svg")
            few = ("--servers", "limit,threaded", "--cases", "sat:1:1,paced:2:200", "--rounds", "1", "--no-pin")
            status, said = self.call("fanout", "--quick", *few, "--json", str(result), "--picture", str(drawing))
            self.assertEqual(status, 0, said)
            found = json.loads(result.read_text(encoding="utf-8"))
            self.assertIn("<svg", drawing.read_text(encoding="utf-8"))
        self.assertIn("python", found["machine"])
        part = found["fanout"]
        self.assertEqual((part["rounds"], part["base"], part["failed"], part["left_out"]), (1, "limit", [], []))
        self.assertEqual(list(part["summary"]), ["sat:1:1", "paced:2:200", "sat:3:1"])
        self.assertEqual(len(part["runs"]), 3 * 2)
        order = [(row["round"], row["case"], row["server"]) for row in part["runs"]]
        self.assertEqual(order[:3], [(1, "sat:1:1", "limit"), (1, "sat:1:1", "threaded"), (1, "paced:2:200", "limit")])
        paced = part["summary"]["paced:2:200"]["limit"]
        for figure in ("p50_us", "p99_us", "deliveries_per_s"):
            self.assertEqual(set(paced[figure]), {"median", "min", "max"})
        self.assertIn("sat:1:1\n", said)

    def test_a_run_that_fails_is_said_and_is_a_failure(self) -> None:
        broken = peers.Peer("broken", tongues.Lines(), lambda *_: [sys.executable, "-c", ""], says_port=True)
        with mock.patch.dict(peers.ALL, {"broken": broken}):
            status, said = self.call(
                "fanout", "--quick", "--servers", "limit,broken", "--cases", "sat:1:1", "--rounds", "1"
            )
        self.assertEqual(status, 1)
        self.assertIn("FAILED: broken: broken did not start", said)

    def test_what_is_not_there_is_left_out_and_said(self) -> None:
        absent = peers.ALL["redis"]._replace(name="absent", program="no-such-server")
        with mock.patch.dict(peers.ALL, {"absent": absent}):
            status, said = self.call(
                "fanout", "--quick", "--servers", "limit,absent", "--cases", "sat:1:1", "--rounds", "1"
            )
        self.assertEqual(status, 0)
        self.assertIn("not installed, left out: absent", said)

    def test_what_makes_no_sense_is_refused(self) -> None:
        for wrong in (["--servers", "nobody"], ["--cases", "idle:3"], ["--also", "/nowhere"]):
            with self.subTest(wrong):
                self.assertEqual(self.call("fanout", "--quick", *wrong)[0], 2)


if __name__ == "__main__":
    unittest.main()
