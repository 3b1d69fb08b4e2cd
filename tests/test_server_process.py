"""The server as a process: told to stop, killed, started again, and watched by somebody who stops looking."""

from __future__ import annotations

import signal
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Mapping

from tests.serving import HOST, RawClient, ServerProcess

if sys.platform == "linux":
    import resource

POSTS = 1_000
TEXT = "nothing that was acknowledged is lost"


class ProcessTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.clients: list[RawClient] = []

    def start(self, *arguments: str, data: str = "", environ: Mapping[str, str] = {}) -> ServerProcess:
        where = data or str(self.folder / "data")
        return ServerProcess(self, "--host", HOST, "--port", "0", "--data", where, *arguments, environ=environ)

    def client(self, server: ServerProcess) -> RawClient:
        client = server.client()
        self.clients.append(client)
        self.addCleanup(client.close)
        return client

    def stop_well(self, server: ServerProcess) -> None:
        """Hang up, for a server waits a while for those who do not, and see that it ends as it should."""
        for client in self.clients:
            client.close()
        self.assertEqual((server.stop(), server.errors()), (0, ""))


class Console(ProcessTest):
    def test_what_it_says(self) -> None:
        server = self.start("--status-every", "0.05", "--title", "Room 12")
        ada = self.client(server)
        welcome = ada.hello("ada")
        self.assertEqual((welcome["server"], welcome["features"]), ("Room 12", ["typing", "away"]))
        server.wait_for_line(r"ada joined\. Online \(1\): ada")
        server.wait_for_line(r"Running for .*1 person online, 0 messages so far\.")
        ada.join("lobby")
        ada.post("lobby", "x")
        server.wait_for_line(r"1 person online, 1 message so far\.")
        ada.close()
        server.wait_for_line(r"ada left\. Nobody is online\.")
        self.stop_well(server)
        self.assertIn("Stopped.", server.output)
        self.assertIn(str(self.folder / "data"), server.output)
        self.assertIn("Only this computer can connect", server.output)

    def test_when_nobody_looks_any_more_it_goes_on_and_ends_well(self) -> None:
        server = self.start("--status-every", "0.05", "--no-typing")
        assert server.process.stdout is not None
        server.process.stdout.close()
        ada, bob = self.client(server), self.client(server)
        self.assertNotIn("features", ada.hello("ada"))
        bob.hello("bob")
        ada.join("lobby")
        ada.post("lobby", "x")
        ada.expect("posted")
        ada.close()
        bob.close()
        self.assertEqual(server.stop(), 0)
        self.assertNotIn("Traceback", server.errors())
        self.assertNotIn("Exception", server.errors())

    def test_a_name_that_the_console_cannot_spell(self) -> None:
        server = self.start(environ={"PYTHONIOENCODING": "ascii"})
        zoe = self.client(server)
        zoe.hello("Zoë")
        zoe.join("lobby")
        self.client(server).hello("ada")
        server.wait_for_line(r"ada joined\. Online \(2\)")
        self.stop_well(server)


@unittest.skipIf(sys.platform == "win32", "there one process cannot send Ctrl+C to another one alone")
class Stopping(ProcessTest):
    def test_ctrl_c_and_terminate(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                server = self.start(data=":memory:")
                ada, stranger = self.client(server), self.client(server)
                ada.hello("ada")
                ada.join("lobby")
                ada.post("lobby", "just in time")
                ada.expect("posted")
                server.send_signal(number)
                for client in (ada, stranger):
                    self.assertEqual(client.expect("quit")["reason"], "shutdown")
                    self.assertEqual(client.expect_end(), [])
                    client.close()
                self.assertEqual((server.wait(), server.errors()), (0, ""))
                self.assertIn("Stopped.", server.output)

    def test_a_second_one_ends_it_at_once(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                server = self.start("--rate", "0", data=":memory:")
                deaf = self.client(server)
                deaf.hello("deaf")
                deaf.send({"type": "join", "room": "lobby"}, {"type": "ping"})
                deaf.expect("pong")
                talker = self.client(server)
                talker.hello("talker")
                talker.join("lobby")
                # More than the kernel holds for one that does not read: the server cannot get rid of its goodbye.
                for _ in range(100):
                    mids = [talker.post("lobby", "x" * 8_000) for _ in range(20)]
                    while talker.expect("posted")["mid"] != mids[-1]:
                        pass
                server.send_signal(number)
                self.assertEqual(talker.expect("quit")["reason"], "shutdown", "it has begun to stop")
                self.assertIsNone(server.process.poll(), "and waits for the one that never reads")
                server.send_signal(number)
                self.assertEqual((server.wait(), server.errors()), (128 + number, ""))


@unittest.skipUnless(sys.platform == "linux", "only Linux lets one process bound another one")
class OutOfDescriptors(ProcessTest):
    def test_those_who_are_in_notice_nothing_and_later_others_come_in(self) -> None:
        server = self.start(data=":memory:")
        ada, bob = self.client(server), self.client(server)
        for name, client in (("ada", ada), ("bob", bob)):
            client.hello(name)
            client.join("lobby")
        soft_and_hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (16, soft_and_hard[1]))
        callers = [self.client(server) for _ in range(20)]
        for number in range(20):
            ada.post("lobby", f"still here {number}")
            self.assertEqual(bob.expect("message")["text"], f"still here {number}")
        for client in callers:
            client.close()
        eve = self.client(server)  # stands in the queue behind those who could not be let in
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, soft_and_hard)
        eve.hello("eve")
        self.assertEqual(eve.join("lobby")["head"], 20)
        for client in self.clients:
            client.close()
        self.assertEqual(server.stop(), 0)
        warnings = server.errors().splitlines()
        self.assertIn(len(warnings), range(1, 4), "one in a second, not one for each try")
        for warning in warnings:
            self.assertIn("Out of file descriptors", warning)


class Killing(ProcessTest):
    def post_all(self, client: RawClient) -> list[tuple[int, str, str]]:
        """Post in windows of 100 and return (seq, mid, text) as they were acknowledged."""
        texts = {}
        for start in range(0, POSTS, 100):
            for number in range(start, start + 100):
                text = f"{TEXT}: {number}"
                texts[client.post("lobby", text)] = text
            for _ in range(100):
                client.expect("posted")
        return [(posted["seq"], posted["mid"], texts[posted["mid"]]) for posted in client.of("posted")]

    def history(self, client: RawClient, before: int) -> list[tuple[int, str, str]]:
        found: list[tuple[int, str, str]] = []
        for _ in range(POSTS):
            client.send({"type": "history", "room": "lobby", "before": before, "limit": 200})
            page = client.expect("history")
            found = [(m["seq"], m["mid"], m["text"]) for m in page["messages"]] + found
            if not page["more"]:
                break
            before = found[0][0]
        return found

    def test_everything_acknowledged_is_there_after_a_kill_in_order_and_once(self) -> None:
        server = self.start("--rate", "0")
        ada = self.client(server)
        welcome = ada.hello("ada")
        ada.join("lobby")
        acknowledged = self.post_all(ada)
        self.assertEqual([seq for seq, _, _ in acknowledged], list(range(1, POSTS + 1)))
        server.kill()

        server = self.start("--rate", "0")
        again = self.client(server)
        welcome_again = again.hello("somebody else", token=welcome["token"])
        self.assertEqual(welcome_again["name"], "ada", "the token is worth its name")
        self.assertEqual(welcome_again["epoch"], welcome["epoch"])
        joined = again.join("lobby", last=500)
        self.assertEqual((joined["head"], joined["first"], joined["next"]), (POSTS, 1, POSTS - 499))
        newest = [(m["seq"], m["mid"], m["text"]) for m in again.of("message")]
        self.assertEqual(newest, acknowledged[-500:])
        self.assertEqual(self.history(again, newest[0][0]), acknowledged[:-500])
        # Nothing is given out twice: a resend finds its message, and the next one goes behind the last.
        again.post("lobby", acknowledged[7][2], mid=acknowledged[7][1])
        resent = again.expect("posted")
        self.assertEqual((resent["seq"], resent["duplicate"]), (8, True))
        again.post("lobby", "after the restart", mid="after-the-restart")
        self.assertEqual(again.expect("posted")["seq"], POSTS + 1)
        stranger = self.client(server)
        stranger.send({"type": "hello", "protocol": 1, "name": "ada", "install": "other"})
        refused = stranger.next_event()
        assert refused is not None
        self.assertEqual((refused["type"], refused["code"]), ("error", "name_taken"))
        self.stop_well(server)


if __name__ == "__main__":
    unittest.main()
