"""Two hundred hostile connections while twenty people chat: nothing of the chat is lost, nothing of them stays.

The real server with real sockets, once in this process, where its connections and its memory can be counted, and
once as a process, whose stderr must stay empty.
"""

from __future__ import annotations

import gc
import random
import tracemalloc
import unittest
from contextlib import suppress
from typing import Callable, Sequence

from chat_core.framing import encode_frame
from tests.fakes import NoErrorLogs, frame
from tests.serving import HOST, RawClient, ServerInProcess, ServerProcess

PEOPLE = 20
HOSTILE = 200
ROUNDS = 10
#: What may stay of 200 connections that sent up to 64 kB each: caches and statistics, but none of their bytes.
KEPT_BYTES_MAX = 400_000

_HELLO = frame(type="hello", protocol=1, name="mallory", install="i")


def _logged_in(number: int, *after: bytes) -> list[bytes]:
    return [frame(type="hello", protocol=1, name=f"mallory {number}", install="i"), *after]


def _noise(number: int) -> bytes:
    return random.Random(number).getrandbits(8 * 3_000).to_bytes(3_000, "big")  # the same in every run


#: What a hostile peer sends, piece by piece. Each is followed by silence, the end of the stream, or a reset.
ATTACKS: list[Callable[[int], list[bytes]]] = [
    lambda number: [_noise(number)],
    lambda _: [b"GET / HTTP/1.1\r\nHost: chat\r\n\r\n"],
    lambda _: [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],  # TLS
    lambda _: [],
    lambda _: [b"\0"],
    lambda _: [b"\0\0\0\0"],
    lambda _: [b"\0\0\x10\x01" + bytes(4_097)],
    lambda _: [b"\xff\xff\xff\xff" + bytes(60_000)],
    lambda _: [_HELLO[:-1]],
    lambda _: [bytes([byte]) for byte in _HELLO[:9]],
    lambda _: [encode_frame(b"\xff\xfe{}")],
    lambda _: [encode_frame(b"[" * 4_000)],
    lambda _: [encode_frame(b'{"type":' + b'{"a":' * 700 + b"1" + b"}" * 700 + b"}")],
    lambda _: [encode_frame(b'{"type":"hello","protocol":1e999}')],
    lambda _: [encode_frame(b"null"), encode_frame(b'"hello"')],
    lambda _: [frame(type=7), frame(type=None)],
    lambda _: [frame(type="hello", protocol="1", name=[], install={})],
    lambda _: [frame(type="hello", protocol=99, name="m", install="i")],
    lambda _: [frame(type="hello", protocol=1, name="person 1\u202e", install="i")],
    lambda _: [frame(type="post", room="room", mid="m", text="let me in")],
    lambda number: _logged_in(number, *(frame(type="post", room="room", mid=f"m{n}", text="no") for n in range(50))),
    lambda number: _logged_in(number, frame(type="join", room="\x00"), frame(type="join", room="x", after=-1)),
    lambda number: _logged_in(number, *(frame(type=f"t{n}", ref="r" * 65) for n in range(300))),
    lambda number: _logged_in(number, b"\0\1\0\0" + b"x" * 60_000),
    lambda number: _logged_in(number, frame(type="join", room="room"), b"\0\1\0\1"),
    lambda number: _logged_in(number, encode_frame(b'{"type":"post","text":"\\ud800"}')),
    lambda number: _logged_in(number, _HELLO, _HELLO, frame(type="rename", name="person 2")),
    lambda number: _logged_in(number, frame(type="history", room="room", before=10**15, limit=10**9)),
]


class Party:
    """Twenty people in one room, each with something to say in every round."""

    def __init__(self, connect: Callable[[], RawClient]) -> None:
        self.people = [connect() for _ in range(PEOPLE)]
        self.said: list[list[str]] = [[] for _ in range(PEOPLE)]
        for number, person in enumerate(self.people):
            person.hello(f"person {number}")
            person.join("room")

    def talk(self, round_number: int) -> None:
        """Let everybody say something."""
        for number, person in enumerate(self.people):
            text = f"{number} says {round_number}"
            self.said[number].append(text)
            person.post("room", text)

    def check(self, test: unittest.TestCase) -> None:
        """See that everybody has everything, in one order, and each sender's in the order it was said."""
        total = sum(map(len, self.said))
        heard = []
        for person in self.people:
            while len(person.of("message")) < total:
                person.expect("message")
            test.assertEqual(person.of("error"), [])
            test.assertEqual([posted["duplicate"] for posted in person.of("posted")].count(True), 0)
            heard.append([(m["seq"], m["from"], m["mid"], m["text"]) for m in person.of("message")])
        test.assertEqual([seq for seq, _, _, _ in heard[0]], list(range(1, total + 1)))
        for other in heard[1:]:
            test.assertEqual(other, heard[0])
        for number, texts in enumerate(self.said):
            test.assertEqual([text for _, sender, _, text in heard[0] if sender == f"person {number}"], texts)

    def leave(self) -> None:
        """Go home."""
        for person in self.people:
            person.close()


def attack(connect: Callable[[], RawClient], numbers: Sequence[int]) -> list[RawClient]:
    """Open one hostile connection for each number; some are gone again, the others are returned."""
    staying = []
    for number in numbers:
        peer = connect()
        with suppress(BrokenPipeError, ConnectionResetError):  # it was sent away in the middle
            for piece in ATTACKS[number % len(ATTACKS)](number):
                peer.send_bytes(piece)
        # Every attack is seen with every ending, for 28 and 3 have no common divisor.
        if number % 3 == 0:
            peer.reset()
        elif number % 3 == 1:
            peer.close()
        else:
            staying.append(peer)
    return staying


class Hostile(NoErrorLogs):
    def have_party(self, connect: Callable[[], RawClient]) -> None:
        party = Party(connect)
        self.addCleanup(party.leave)
        staying: list[RawClient] = []
        for round_number in range(ROUNDS):
            party.talk(round_number)
            staying += attack(connect, range(round_number, HOSTILE, ROUNDS))
        self.assertGreater(len(staying), HOSTILE // 4)
        party.check(self)
        for peer in staying:
            peer.close()
        party.talk(ROUNDS)
        party.check(self)
        party.leave()

    def test_in_this_process_nothing_is_lost_and_nothing_stays(self) -> None:
        server = ServerInProcess()
        self.addCleanup(server.close)
        self.have_party(server.client)  # once before, for what is made once and kept
        server.run_until(lambda: not server.app.connections)
        gc.collect()
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        for peer in attack(server.client, range(HOSTILE, 2 * HOSTILE)):
            peer.close()
        server.run_until(lambda: not server.app.connections)
        gc.collect()
        kept, peak = tracemalloc.get_traced_memory()
        self.assertGreater(peak, kept)
        self.assertLess(kept, KEPT_BYTES_MAX)
        self.assertEqual(len(server.hub.people), 0)

    def test_a_process_says_nothing_of_it(self) -> None:
        server = ServerProcess(self, "--host", HOST, "--port", "0", "--data", ":memory:", "--rate", "0")
        self.have_party(server.client)
        self.assertEqual((server.stop(), server.errors()), (0, ""))
        self.assertNotIn("Traceback", server.output)


if __name__ == "__main__":
    unittest.main()
