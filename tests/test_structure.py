"""The rules of the house as tests: who may import whom, how long things may be, what every module must have.

The sources are read, never imported, so a rule holds for every platform's branch and without a display.
"""

from __future__ import annotations

import ast
import re
import sys
import unittest
from typing import TYPE_CHECKING, Iterator, NamedTuple

import chat_core
from tests import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

#: Each layer, and those below it that it may know. What is not in a folder of its own is the wire and its words.
LAYERS: dict[str, set[str]] = {
    "wire": set(),
    "net": {"wire"},
    "server": {"wire", "net"},
    "client": {"wire", "net"},
    "ui": {"wire", "net", "client"},
}
#: The modules that know nothing of the world, by name: taking one away must be noticed.
PURE = {
    "chat_core.framing", "chat_core.strict_json", "chat_core.fields", "chat_core.messages", "chat_core.requests",
    "chat_core.replies", "chat_core.names", "chat_core.limits", "chat_core.errors", "chat_core.escape",
    "chat_core.relay",
    "chat_core.server.hub", "chat_core.server.room", "chat_core.server.people", "chat_core.server.staging",
    "chat_core.server.session", "chat_core.server.tail", "chat_core.server.patience", "chat_core.server.records",
    "chat_core.server.retention", "chat_core.server.feeding", "chat_core.server.ephemeral", "chat_core.server.telling",
    "chat_core.server.pages",
    "chat_core.client.session", "chat_core.client.membership", "chat_core.client.outbox", "chat_core.client.roster",
    "chat_core.client.kept", "chat_core.client.events", "chat_core.client.ephemeral",
}  # fmt: skip
#: Beside the views: what stands in `ui` itself puts them together.
MAY_KNOW_TKINTER = re.compile(r"chat_core\.ui\.(view\.)?\w+")
THE_WORLD = {
    "socket", "ssl", "selectors", "sqlite3", "time", "random", "secrets", "threading", "logging", "tkinter",
    "subprocess",
}  # fmt: skip
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "data", "info"}

MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


class Import(NamedTuple):
    """One import statement's target. `is_for_types` when it is only there for the type checker."""

    target: str
    line: int
    is_for_types: bool


class Source(NamedTuple):
    """One module as it stands on disk."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """Return the layer that a module of chat_core belongs to."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 and parts[1] in LAYERS else "wire"


def read_sources(folder: str) -> dict[str, Source]:
    """Read every module below a folder of the repository, by dotted name."""
    sources = {}
    for path in sorted((REPOSITORY / folder).rglob("*.py")):
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        sources[name] = Source(name, path, text, ast.parse(text))
    return sources


def is_type_checking(test: ast.expr) -> bool:
    """Whether the condition of an `if` is TYPE_CHECKING."""
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def imports_of(source: Source, modules: dict[str, Source]) -> Iterator[Import]:
    """List every import of a module, those inside functions too; `from package import module` is the module."""
    for_types = {
        id(inner)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If) and is_type_checking(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, id(node) in for_types)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # relative to the package that the module is in
                package = source.name.split(".") if source.path.name == "__init__.py" else source.name.split(".")[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])
            for alias in node.names:
                target = f"{base}.{alias.name}"
                yield Import(target if target in modules else base, node.lineno, id(node) in for_types)


CORE = read_sources("chat_core")
TESTS = read_sources("tests")
IMPORTS = {name: list(imports_of(source, CORE)) for name, source in CORE.items()}


def neighbours(name: str) -> list[str]:
    """List the modules of chat_core that a module imports when it runs."""
    return [found.target for found in IMPORTS[name] if found.target in CORE and not found.is_for_types]


def reached_from(name: str) -> dict[str, list[str]]:
    """Find every module of chat_core that importing one brings in, each with the way there."""
    ways = {name: [name]}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        for target in neighbours(current):
            if target not in ways:
                ways[target] = [*ways[current], target]
                waiting.append(target)
    return ways


class Layers(unittest.TestCase):
    def test_imports_go_one_way(self) -> None:
        breaches = [
            f"{name}:{found.line} imports {found.target}"
            for name in CORE
            for found in IMPORTS[name]
            if found.target in CORE
            and CORE[found.target].layer not in {CORE[name].layer, *LAYERS[CORE[name].layer]}
            and found.target != "chat_core"
        ]
        self.assertEqual(breaches, [])

    def test_no_module_imports_itself_by_a_detour(self) -> None:
        for name in CORE:
            for target in neighbours(name):
                with self.subTest(name, target=target):
                    self.assertNotIn(name, reached_from(target), "this and its target import each other")

    def test_the_window_system_is_known_to_the_window_alone(self) -> None:
        for name in CORE:
            roots = {found.target.split(".")[0] for found in IMPORTS[name]}
            if not MAY_KNOW_TKINTER.fullmatch(name):
                with self.subTest(name):
                    self.assertFalse(roots & {"tkinter", "_tkinter"})

    def test_the_rules_know_nothing_of_the_world(self) -> None:
        models = {name for name in CORE if name.startswith("chat_core.ui.model.")}
        self.assertGreater(len(models), 4)
        for name in sorted(PURE | models):
            with self.subTest(name):
                self.assertIn(name, CORE, "named in the list of pure modules and not there")
                for inner, way in reached_from(name).items():
                    for found in IMPORTS[inner]:
                        is_of_the_world = found.target.split(".")[0] in THE_WORLD
                        self.assertFalse(is_of_the_world, f"{' -> '.join(way)} imports {found.target}")

    def test_only_the_standard_library(self) -> None:
        # Absent from 3.8 and 3.9, whose runs are covered by those of the later versions: the sources are the same.
        known: frozenset[str] | None = getattr(sys, "stdlib_module_names", None)
        if known is None:
            self.skipTest("sys.stdlib_module_names came with Python 3.10")
        for name in CORE:
            foreign = {found.target.split(".")[0] for found in IMPORTS[name]} - known - {"chat_core"}
            with self.subTest(name):
                self.assertEqual(foreign, set())


class Sizes(unittest.TestCase):
    def test_modules(self) -> None:
        for name, source in {**CORE, **TESTS}.items():
            with self.subTest(name):
                self.assertLessEqual(len(source.text.splitlines()), MODULE_LINES_MAX)

    def test_functions(self) -> None:
        for name, source in {**CORE, **TESTS}.items():
            for node in ast.walk(source.tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    with self.subTest(name, function=node.name):
                        self.assertLessEqual((node.end_lineno or 0) - node.lineno + 1, FUNCTION_LINES_MAX)


def top_level(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Walk the statements that run when a module is imported, through its conditions."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.If):
            yield from top_level([*statement.body, *statement.orelse])
        elif isinstance(statement, ast.Try):
            handled = [inner for handler in statement.handlers for inner in handler.body]
            yield from top_level([*statement.body, *handled, *statement.orelse, *statement.finalbody])


def defined_by(source: Source) -> tuple[set[str], set[str]]:
    """Return the names of a module's classes and functions, and those of its variables and imports."""
    built, bound = set(), set()
    for statement in top_level(source.tree.body):
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            built.add(statement.name)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            bound |= {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return built, bound


def exported_by(source: Source) -> list[str] | None:
    """Return what a module's `__all__` lists; None when it has none."""
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in statement.targets
        ):
            return list(ast.literal_eval(statement.value))
    return None


class Modules(unittest.TestCase):
    def test_each_says_what_it_is_for(self) -> None:
        for name, source in CORE.items():
            with self.subTest(name):
                docstring = ast.get_docstring(source.tree) or ""
                self.assertRegex(docstring, r"\A[^\n]{10,}[.:](\n\n|\Z)", "one sentence first")

    def test_each_with_code_postpones_its_annotations(self) -> None:
        for name, source in CORE.items():
            if len(source.tree.body) > 1:
                second = source.tree.body[1]
                with self.subTest(name):
                    self.assertTrue(
                        isinstance(second, ast.ImportFrom)
                        and second.module == "__future__"
                        and [alias.name for alias in second.names] == ["annotations"],
                        "`from __future__ import annotations` comes first",
                    )

    def test_all_lists_what_is_public_and_nothing_that_is_not_there(self) -> None:
        for name, source in CORE.items():
            built, bound = defined_by(source)
            public = {word for word in built if not word.startswith("_")}
            exported = exported_by(source)
            with self.subTest(name):
                if exported is None:
                    self.assertEqual(public, set(), "public names and no __all__")
                    continue
                self.assertEqual(public - set(exported), set(), "public and not in __all__")
                self.assertEqual(set(exported) - built - bound, set(), "in __all__ and not there")
                self.assertEqual(len(exported), len(set(exported)), "listed twice")

    def test_no_module_has_a_name_that_says_nothing(self) -> None:
        for name in {**CORE, **TESTS}:
            words = set(re.split(r"[._]", name))
            with self.subTest(name):
                self.assertEqual(words & NAMES_THAT_SAY_NOTHING, set())


class Project(unittest.TestCase):
    """Read as text: `tomllib` came with Python 3.11."""

    def setUp(self) -> None:
        self.lines = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8").splitlines()

    def test_the_documents_hold_no_placeholder(self) -> None:
        for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")):
            with self.subTest(path.name):
                self.assertNotRegex(path.read_text(encoding="utf-8"), r"(?m)^[A-Z]+_[A-Z_]+$")

    def test_the_version_is_said_once(self) -> None:
        self.assertIn(f'version = "{chat_core.__version__}"', self.lines)

    def test_nothing_to_install_at_run_time(self) -> None:
        self.assertIn("dependencies = []", self.lines)
        self.assertIn('requires-python = ">=3.8"', self.lines)


if __name__ == "__main__":
    unittest.main()
