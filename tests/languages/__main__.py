"""Keep the catalogues in step with the sources: `python3 -m tests.languages check | update [LANGUAGE] | compile`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Sequence

from chat_core.language import CATALOGUES, DOMAIN
from tests.languages.catalogue import compile_mo, new_catalogue, read_po, update, write_po
from tests.languages.checking import faults_of_catalogue, faults_of_sources, mo_path, po_paths
from tests.languages.collecting import collect

if TYPE_CHECKING:
    from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; 1 when `check` finds something."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.languages", description="Keep the translations in step.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="say what is not marked, not translated or not compiled")
    updating = commands.add_parser("update", help="give every .po file the sentences of the sources")
    updating.add_argument("language", nargs="?", help="a new language, such as fr, to begin")
    commands.add_parser("compile", help="make the .mo files from the .po files")
    options = parser.parse_args(argv)
    if options.command == "check":
        return _check()
    if options.command == "compile":
        for po in po_paths():
            mo_path(po).write_bytes(compile_mo(read_po(po.read_text(encoding="utf-8"))))
        return 0
    if options.language:
        _begin(CATALOGUES / options.language / "LC_MESSAGES" / f"{DOMAIN}.po", options.language)
    for po in po_paths():
        _update(po)
    return 0


def _check() -> int:
    faults = faults_of_sources()
    for po in po_paths():
        faults += faults_of_catalogue(po)
    print("\n".join(faults) or "Everything is marked, translated and compiled.")
    return 1 if faults else 0


def _begin(po: Path, language: str) -> None:
    if not po.exists():
        po.parent.mkdir(parents=True, exist_ok=True)
        po.write_bytes(write_po(new_catalogue(language)).encode())


def _update(po: Path) -> None:
    catalogue = update(read_po(po.read_text(encoding="utf-8")), collect())
    po.write_bytes(write_po(catalogue).encode())
    left = sum(not entry.is_translated for entry in catalogue.entries)
    print(f"{po.parent.parent.name}: {len(catalogue.entries)} sentences, {left} of them not translated")


if __name__ == "__main__":
    sys.exit(main())
