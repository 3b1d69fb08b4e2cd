"""The server as a program, up to the moment it listens: every reason not to start.

In processes of its own, as whoever types the command meets them.
"""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import tempfile
import unittest
from pathlib import Path

from chat_core.server.log import APPLICATION_ID, SCHEMA_VERSION
from tests.serving import HOST, ServerProcess, run_server


class CannotStart(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def assert_one_sentence(self, *arguments: str, says: str, advises: str = "") -> None:
        done = run_server("--host", HOST, "--port", "0", "--data", str(self.folder), *arguments)
        stderr = done.stderr.decode()
        self.assertEqual(done.returncode, 1, stderr)
        self.assertRegex(stderr, r"\AThe server cannot start\. [^\n]+\.\n\Z")
        self.assertIn(says, stderr)
        self.assertIn(advises, stderr)
        self.assertNotIn("Traceback", stderr)
        self.assertNotIn("Listening", done.stdout.decode())

    def test_the_port_is_taken(self) -> None:
        with socket.create_server((HOST, 0)) as other:
            port = str(other.getsockname()[1])
            self.assert_one_sentence("--port", port, says=f"Port {port} is already taken", advises="--port")

    def test_the_address_is_not_of_this_machine(self) -> None:
        self.assert_one_sentence("--host", "203.0.113.1", says="203.0.113.1 is not an address of this machine")

    def test_the_data_folder_cannot_be_made(self) -> None:
        (self.folder / "file").write_text("in its place")
        for place in ("file", "file/below"):
            with self.subTest(place):
                self.assert_one_sentence("--data", str(self.folder / place), says="file", advises="--data")

    def test_a_second_server_on_the_same_data(self) -> None:
        first = ServerProcess(self, "--host", HOST, "--port", "0", "--data", str(self.folder))
        self.assert_one_sentence(says="Another server is already using the data", advises="--data")
        self.assertEqual((first.stop(), first.errors()), (0, ""))
        # And when it has stopped, its data is free.
        third = ServerProcess(self, "--host", HOST, "--port", "0", "--data", str(self.folder))
        self.assertEqual((third.stop(), third.errors()), (0, ""))

    def write_database(self, *statements: str) -> None:
        database = sqlite3.connect(str(self.folder / "chat.db"))
        with contextlib.closing(database):
            for statement in statements:
                database.execute(statement)
            database.commit()

    def test_a_database_of_a_newer_version(self) -> None:
        self.write_database(
            "CREATE TABLE future (x)",
            f"PRAGMA application_id = {APPLICATION_ID}",
            f"PRAGMA user_version = {SCHEMA_VERSION + 1}",
        )
        self.assert_one_sentence(says="written by a newer version", advises="--data")

    def test_a_database_of_another_program(self) -> None:
        self.write_database("CREATE TABLE recipes (x)")
        self.assert_one_sentence(says="not one of this chat", advises="--data")

    def test_no_database_at_all(self) -> None:
        (self.folder / "chat.db").write_bytes(b"This is a shopping list.\n" * 1_000)
        self.assert_one_sentence(says="damaged or no database", advises="backup")

    def test_a_database_that_lost_its_tables(self) -> None:
        self.write_database("CREATE TABLE meta (key TEXT, value TEXT)", f"PRAGMA application_id = {APPLICATION_ID}")
        self.assert_one_sentence(says="damaged or no database", advises="backup")


if __name__ == "__main__":
    unittest.main()
