"""The client as programs use it: real sockets on this computer, a real disk, and a server that follows a script."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable, get_args

from chat_core import client, limits
from chat_core.client import MemoryStore, open_link
from chat_core.client.events import ClientEvent, LinkState, MessageArrived, RoomLive, StateChanged
from chat_core.client.store import ProfileInUse
from chat_core.errors import ConnectionRefused, ConnectionReset, Refusal
from chat_core.framing import FrameDecoder, encode_frame
from tests import REPOSITORY
from tests.client_talk import LIMITS

#: Waits of a test before it gives up: each is ended by the socket, not by the clock.
WAITS = 500
#: Only to turn a hanging test into a failing one.
PATIENCE_S = 30


class Peer:
    """The server's end of one connection; blocking."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        connected.settimeout(PATIENCE_S)
        self.decoder = FrameDecoder(limits.CLIENT_FRAME_BYTES_MAX)

    def says(self, kind: str, **fields: object) -> None:
        self.socket.sendall(encode_frame(json.dumps({"type": kind, **fields}).encode()))

    def hears(self, kind: str) -> dict[str, Any]:
        """Return the next request of a type, passing over others."""
        while True:
            payload = self.decoder.next_payload()
            if payload is None:
                data = self.socket.recv(65_536)
                if not data:
                    raise AssertionError(f"the client closed before its {kind}")
                self.decoder.feed(data)
                continue
            request: dict[str, Any] = json.loads(payload)
            if request["type"] == kind:
                return request

    def welcomes(self, name: str = "Ann") -> None:
        self.says(
            "welcome", protocol=1, server="Lab", epoch="e1", name=name, token="t1", time=1, rooms=["lobby"],
            limits=LIMITS,
        )  # fmt: skip

    def lets_in(self, next_seq: int = 1) -> dict[str, Any]:
        join = self.hears("join")
        self.says(
            "joined", room="lobby", head=next_seq - 1, first=1, next=next_seq, online=1, members=["Ann"],
            ref=join["ref"],
        )  # fmt: skip
        self.says("live", room="lobby", seq=next_seq - 1)
        return join

    def resets(self) -> None:
        """Close with a reset: with a linger time of zero nothing is waited for."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class LibraryTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.settimeout(PATIENCE_S)
        self.addCleanup(self.listening.close)
        self.port: int = self.listening.getsockname()[1]
        self.now = 0.0

    def open(self, host: str = "127.0.0.1", **options: Any) -> client.Link:
        link = open_link(host, self.port, "Ann", data=self.folder, **options)
        self.addCleanup(link.close)
        return link

    def accept(self) -> Peer:
        connected, _ = self.listening.accept()
        self.addCleanup(connected.close)
        return Peer(connected)

    def until(self, link: client.Link, is_it: Callable[[Any], bool]) -> Any:
        """Poll until an event is told that the test waits for, and return it."""
        for _ in range(WAITS):
            for event in link.poll(self.now, 1_700_000_000_000):
                if is_it(event):
                    return event
            link.wait(0.1)
        raise AssertionError("what was waited for never came")

    def until_state(self, link: client.Link, state: LinkState) -> StateChanged:
        found = self.until(link, lambda event: isinstance(event, StateChanged) and event.state is state)
        assert isinstance(found, StateChanged)
        return found

    def online(self, link: client.Link, next_seq: int = 1) -> Peer:
        link.start(self.now)
        self.until_state(link, LinkState.LOGGING_IN)
        peer = self.accept()
        peer.hears("hello")
        peer.welcomes()
        self.until_state(link, LinkState.ONLINE)
        peer.lets_in(next_seq)
        self.until(link, lambda event: isinstance(event, RoomLive))
        return peer


class RealSocketTest(LibraryTest):
    def test_talk_end_and_come_back_as_the_same_person(self) -> None:
        with self.open() as link:
            peer = self.online(link, next_seq=6)
            mid = link.post("lobby", "hi")
            link.poll(self.now, 1)
            self.assertEqual(peer.hears("post")["mid"], mid)
            peer.says("message", room="lobby", seq=6, time=1, mid=mid, text="hi", **{"from": "Ann"})
            arrived = self.until(link, lambda event: isinstance(event, MessageArrived))
            self.assertTrue(arrived.is_own)
            unsent = link.post("lobby", "not answered")
            link.quit(self.now)
            link.poll(self.now, 1)
            peer.hears("quit")
            peer.says("quit", reason="bye")
            self.until_state(link, LinkState.CLOSED)
        again = self.open()
        again.start(self.now)
        self.until_state(again, LinkState.LOGGING_IN)
        peer = self.accept()
        self.assertEqual(peer.hears("hello")["token"], "t1")
        peer.welcomes()
        self.until_state(again, LinkState.ONLINE)
        self.assertEqual(peer.lets_in(7)["after"], 6)
        self.until(again, lambda event: isinstance(event, RoomLive))
        self.assertEqual(peer.hears("post")["mid"], unsent)

    def test_a_host_name_is_looked_up(self) -> None:
        link = self.open("localhost")
        link.start(self.now)
        self.assertIs(link.state, LinkState.LOOKING_UP)
        self.until_state(link, LinkState.LOGGING_IN)

    def test_nobody_listens(self) -> None:
        self.listening.close()
        bound = socket.socket()
        self.addCleanup(bound.close)
        bound.bind(("127.0.0.1", self.port))
        link = self.open()
        link.start(self.now)
        waiting = self.until_state(link, LinkState.WAITING)
        self.assertIsInstance(waiting.failure, ConnectionRefused)
        link.wait(0)

    def test_a_reset(self) -> None:
        link = self.open()
        peer = self.online(link)
        peer.resets()
        waiting = self.until_state(link, LinkState.WAITING)
        self.assertIsInstance(waiting.failure, ConnectionReset)

    def test_a_server_that_reads_nothing_fills_the_socket_and_blocks_nobody(self) -> None:
        link = self.open()
        peer = self.online(link)
        # 8 MB: more than the system takes for a reader that does not read.
        mids = [link.post("lobby", "\N{GRINNING FACE}" * 8_000) for _ in range(250)]
        for _ in range(WAITS):
            link.poll(self.now, 1)
            if not link.is_active:
                break
        link.wait(0)
        received: list[str] = []
        for _ in range(WAITS):
            if len(received) == len(mids):
                break
            received.append(peer.hears("post")["mid"])
            link.poll(self.now, 1)
        self.assertEqual(received, mids)

    def test_going_through_the_events(self) -> None:
        store = MemoryStore()
        with open_link("127.0.0.1", self.port, "Ann", store=store) as link:
            told = []
            for event in link.events(monotonic=lambda: 0.0, unix_ms=lambda: 1, wait_s=0.1):
                told.append(event)
                if isinstance(event, StateChanged) and event.state is LinkState.LOGGING_IN:
                    peer = self.accept()
                    peer.welcomes()
                elif isinstance(event, StateChanged) and event.state is LinkState.ONLINE:
                    peer.says("quit", reason="removed")
        self.assertEqual(told[-1], StateChanged(LinkState.CLOSED))
        self.assertEqual(store.load().token, "t1")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_quitting_inside_the_loop_ends_it(self) -> None:
        with self.open() as link:
            states = []
            for event in link.events(monotonic=lambda: 0.0):
                assert isinstance(event, StateChanged)
                states.append(event.state)
                link.quit(0.0)
        self.assertEqual(states[-1], LinkState.CLOSED)


class OpeningTest(LibraryTest):
    def test_what_cannot_be_opened(self) -> None:
        with self.assertRaises(ValueError):
            open_link("127.0.0.1", 0, "Ann", data=self.folder)
        with self.assertRaises(Refusal):
            open_link("127.0.0.1", 1, " ", data=self.folder)
        with self.assertRaises(Refusal):
            self.open(rooms=["no\nroom"])
        self.open()  # so the refused one has let go of the profile
        with self.assertRaises(ProfileInUse):
            self.open()

    def test_the_package_offers_what_it_names(self) -> None:
        for name in client.__all__:
            self.assertTrue(hasattr(client, name))
        self.assertFalse(hasattr(client, "nothing_of_the_kind"))

    def test_the_rules_are_imported_without_a_socket(self) -> None:
        source = "import sys, chat_core.client.session; print('socket' in sys.modules, 'sqlite3' in sys.modules)"
        done = subprocess.run(
            [sys.executable, "-S", "-c", source], check=True, capture_output=True, text=True, cwd=REPOSITORY
        )
        self.assertEqual(done.stdout.split(), ["False", "False"])


class DocumentTest(LibraryTest):
    document = (REPOSITORY / "docs" / "library.md").read_text(encoding="utf-8")

    def test_the_bot_in_the_document_is_the_bot_that_is_tested(self) -> None:
        source = (REPOSITORY / "tests" / "example_bot.py").read_text(encoding="utf-8")
        _, code = source.split('"""\n\n', 1)
        self.assertIn(f"```python\n{code}```", self.document)
        self.assertLessEqual(sum(bool(line.strip()) for line in code.splitlines()), 10)

    def test_every_event_is_in_the_document(self) -> None:
        for kind in get_args(ClientEvent):
            self.assertIn(f"`{kind.__name__}`", self.document)

    def test_the_bot_greets(self) -> None:
        home = str(self.folder)
        environ = {**os.environ, "HOME": home, "XDG_DATA_HOME": home, "LOCALAPPDATA": home}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.example_bot", "127.0.0.1", str(self.port)], cwd=REPOSITORY, env=environ
        ) as bot:
            try:
                peer = self.accept()
                self.assertEqual(peer.hears("hello")["name"], "Greeter")
                peer.welcomes("Greeter")
                peer.lets_in()
                peer.says("presence", room="lobby", online=2, joined=["Greeter", "Bob"], left=[], renamed=[])
                self.assertEqual(peer.hears("post")["text"], "Welcome, Bob!")
                peer.says("quit", reason="removed")
                self.assertEqual(bot.wait(PATIENCE_S), 0)
            finally:
                bot.kill()


if __name__ == "__main__":
    unittest.main()
