"""docs/protocol.md and the code say the same: its golden bytes, its error codes, its bounds and times."""

from __future__ import annotations

import ast
import re
import unittest
from typing import Any, get_args

from chat_core import limits
from chat_core.errors import FATAL_CODES
from chat_core.fields import fields_of
from chat_core.messages import Event, Request
from tests import REPOSITORY, vectors

DOCUMENT = (REPOSITORY / "docs" / "protocol.md").read_text(encoding="utf-8")

# The contract's list: a code is neither added nor taken away by accident.
CODES = {
    "frame_size", "bad_json", "bad_request", "unknown_type", "protocol_version", "not_welcome", "name_invalid",
    "name_taken", "name_not_yours", "room_invalid", "room_limit", "not_in_room", "text_empty", "text_too_long",
    "text_invalid", "server_full", "mid_reuse", "storage", "timeout", "internal",
}  # fmt: skip


def section(title: str) -> str:
    """Return the text under a second-level heading."""
    return DOCUMENT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """Return the cells of the first table of a section, without its head."""
    prose = re.sub(r"^```.*?^```$", "", section(title), flags=re.MULTILINE | re.DOTALL)
    table = re.findall(r"(?:^\|.*\|\n)+", prose, re.MULTILINE)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def fences(tag: str) -> list[tuple[str, str]]:
    """Return the vector's name and the content of every fenced block with a tag."""
    return re.findall(rf"^```\w+ {tag}=([\w-]+)\n(.*?)\n```$", DOCUMENT, re.MULTILINE | re.DOTALL)


class GoldenBytes(unittest.TestCase):
    def setUp(self) -> None:
        self.golden = {vector["name"]: vector for vector in vectors("golden")}

    def test_each_payload_is_a_vector(self) -> None:
        self.assertGreater(len(fences("golden")), 0)
        for name, content in fences("golden"):
            with self.subTest(name):
                self.assertEqual(content, self.golden[name]["payload"])

    def test_each_frame_is_a_vector(self) -> None:
        self.assertGreater(len(fences("frame")), 0)
        for name, content in fences("frame"):
            with self.subTest(name):
                self.assertEqual("".join(content.split()), self.golden[name]["frame_hex"])

    def test_every_vector_is_shown(self) -> None:
        shown = {name for name, _ in fences("golden") + fences("frame")}
        self.assertEqual(shown, set(self.golden))

    def test_no_json_is_shown_that_nobody_checks(self) -> None:
        self.assertEqual(len(re.findall(r"^```json", DOCUMENT, re.MULTILINE)), len(fences("golden")))


class Types(unittest.TestCase):
    def check_table(self, title: str, kinds: tuple[type[Any], ...]) -> None:
        listed = {}
        for cells in rows(title):
            for kind in re.findall(r"`(\w+)`", cells[0]):
                listed[kind] = set(re.findall(r"`(\w+)`", cells[1]))
        declared = {kind.type: {field.wire_name for field in fields_of(kind)} for kind in kinds}
        if title == "What a client says":
            # Every request but `post` may carry `ref`: said once below the table.
            declared = {kind: names - {"ref"} for kind, names in declared.items()}
        self.assertEqual(listed, declared)

    def test_what_a_client_says(self) -> None:
        self.check_table("What a client says", get_args(Request))

    def test_what_a_server_says(self) -> None:
        self.check_table("What a server says", get_args(Event))

    def test_every_type_has_its_part(self) -> None:
        for title, kinds in (("What a client says", get_args(Request)), ("What a server says", get_args(Event))):
            headings = set(re.findall(r"\w+", " ".join(re.findall(r"^### (.*)$", section(title), re.MULTILINE))))
            self.assertEqual(headings - {"and"}, {kind.type for kind in kinds})


class Codes(unittest.TestCase):
    def test_the_table_is_the_catalogue(self) -> None:
        table = {cells[0].strip("`"): cells[1] for cells in rows("Errors")}
        self.assertEqual(set(table), CODES)
        self.assertEqual({code for code, fatal in table.items() if fatal == "yes"}, FATAL_CODES)
        self.assertEqual(set(table.values()), {"yes", "no"})

    def test_the_code_uses_no_other_and_each_of_them(self) -> None:
        used = set()
        for path in (REPOSITORY / "chat_core").rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                    code = node.args[0]
                    if isinstance(code, ast.Constant):
                        with self.subTest(f"{path.name}:{node.lineno}"):
                            self.assertIn(code.value, CODES)
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    used.add(node.value)
        self.assertEqual(CODES - used, set(), "listed and never sent")


BOUNDS = [
    limits.HELLO_FRAME_BYTES_MAX, limits.CLIENT_FRAME_BYTES_MAX, limits.SERVER_FRAME_BYTES_MAX, limits.JSON_DEPTH_MAX,
    limits.INTEGER_MAX, limits.NAME_CHARS_MAX, limits.ROOM_CHARS_MAX, limits.TEXT_CHARS_MAX, limits.MID_CHARS_MAX,
    limits.REF_CHARS_MAX, limits.INSTALL_CHARS_MAX, limits.TOKEN_CHARS_MAX, limits.AGENT_CHARS_MAX,
    limits.NONCE_CHARS_MAX, limits.JOIN_LAST_MAX, limits.JOIN_LAST_DEFAULT, limits.HISTORY_LIMIT_MAX, limits.NAMES_PAGE,
    limits.ROOMS_PAGE, limits.PRESENCE_NAMES_PEOPLE_MAX, limits.EPHEMERAL_PEOPLE_MAX, limits.WINDOW,
    limits.ROOMS_PER_CONNECTION_MAX, limits.NAME_KEPT_DAYS,
]  # fmt: skip
TIMES_S = [
    limits.LOGIN_TIMEOUT_S, limits.FRAME_TIMEOUT_S, limits.PING_AFTER_S, limits.SILENCE_TIMEOUT_S,
    limits.STALL_TIMEOUT_S, limits.CLIENT_PING_AFTER_S, limits.CLIENT_SILENCE_TIMEOUT_S, limits.BACKOFF_MAX_S,
    limits.EPHEMERAL_EVERY_S,
]  # fmt: skip


class Numbers(unittest.TestCase):
    def test_bounds(self) -> None:
        self.assertEqual([int(cells[1].replace(" ", "")) for cells in rows("Bounds")], BOUNDS)

    def test_times(self) -> None:
        self.assertEqual([int(cells[1]) for cells in rows("Times")], TIMES_S)

    def test_frames(self) -> None:
        lines = [cells[1] for cells in rows("Frames")]
        bounds = [limits.HELLO_FRAME_BYTES_MAX, limits.CLIENT_FRAME_BYTES_MAX, limits.SERVER_FRAME_BYTES_MAX]
        self.assertEqual(lines, [f"1 to {bound:,}".replace(",", " ") for bound in bounds])


if __name__ == "__main__":
    unittest.main()
