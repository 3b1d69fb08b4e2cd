from __future__ import annotations

import json
import os
import tempfile
import unittest
from pathlib import Path

from chat_core.errors import StartFailure
from chat_core.server.ready_file import ReadyFile
from tests.serving import HOST, ServerProcess, run_server


class FolderTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "ready.json"


class TestFile(FolderTest):
    def test_it_is_there_until_it_is_removed(self) -> None:
        ready = ReadyFile(self.path)
        self.assertTrue(ready.is_gone())
        ready.write("Rööm", ("192.168.1.20", 2428), ["192.168.1.20"])
        self.assertFalse(ready.is_gone())
        told = json.loads(self.path.read_bytes())
        self.assertEqual(
            told,
            {"pid": os.getpid(), "title": "Rööm", "host": "192.168.1.20", "port": 2428, "hosts": ["192.168.1.20"]},
        )
        ready.remove()
        self.assertTrue(ready.is_gone())
        ready.remove()

    def test_a_place_that_cannot_be_written(self) -> None:
        with self.assertRaisesRegex(StartFailure, "ready.json cannot be written: .*--ready-file"):
            ReadyFile(self.path / "ready.json").write("Chat", (HOST, 1), [])

    @unittest.skipIf(os.name == "nt", "symbolic links need special rights there")
    def test_a_disk_that_cannot_be_asked_is_no_wish_to_stop(self) -> None:
        loop = self.path.with_name("loop")
        loop.symlink_to(loop)
        self.assertFalse(ReadyFile(loop / "ready.json").is_gone())


class TestServer(FolderTest):
    def test_it_says_where_it_listens_and_stops_when_the_file_is_deleted(self) -> None:
        server = ServerProcess(
            self, "--host", HOST, "--port", "0", "--data", ":memory:", "--title=-x-", "--ready-file", str(self.path)
        )
        server.wait_for_line("Ctrl")
        client = server.client()
        self.addCleanup(client.close)
        client.hello("ada")  # so the file has been written: the server is in its loop
        told = json.loads(self.path.read_bytes())
        self.assertEqual(
            told, {"pid": server.process.pid, "title": "-x-", "host": HOST, "port": server.address[1], "hosts": []}
        )
        self.path.unlink()
        self.assertEqual(client.expect("quit")["reason"], "shutdown")
        client.close()
        self.assertEqual((server.wait(), server.errors()), (0, ""))
        self.assertIn("Stopped.", server.output)

    def test_it_cannot_start_where_the_file_cannot_be(self) -> None:
        at = ("--host", HOST, "--port", "0", "--data", ":memory:")
        done = run_server(*at, "--ready-file", str(self.path / "below"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr.decode(), r"\AThe server cannot start\. [^\n]+ cannot be written: [^\n]+\.\n\Z")


if __name__ == "__main__":
    unittest.main()
