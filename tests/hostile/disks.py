"""Disks that run full and are emptied again: a small file system of its own, and a bound on the size of files.

They are for tests that start real processes. Both need Linux, the file system also the rights of root.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Callable

if sys.platform == "linux":
    import resource

if TYPE_CHECKING:
    import unittest
    from pathlib import Path

__all__ = ["FileSizeLimit", "SmallDisk", "immutable", "mount"]


def mount(test: unittest.TestCase, path: Path, *options: str) -> Callable[[], None]:
    """Mount a file system in memory until the test is over. Skips the test where that is not possible.

    What is returned makes it read-only.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        test.skipTest("only root on Linux can mount a file system")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(("mode=700", *options)), "tmpfs", str(path)],  # noqa: S607
        capture_output=True,
        check=False,
    )
    if done.returncode:
        test.skipTest(f"this system does not let root mount: {done.stderr.decode().strip()}")
    # Lazily, should a process that the test has started still be about to end.
    test.addCleanup(subprocess.run, ["umount", "--lazy", str(path)], check=True)

    def make_read_only() -> None:
        subprocess.run(["mount", "-o", "remount,ro", str(path)], check=True)  # noqa: S607

    return make_read_only


class SmallDisk:
    """A file system of so many kilobytes at `path`, a folder that is there."""

    def __init__(self, test: unittest.TestCase, path: Path, kilobytes: int) -> None:
        mount(test, path, f"size={kilobytes}k")
        self._filler = path / "filler"

    def fill(self) -> None:
        """Take all the room that is left."""
        with self._filler.open("ab", buffering=0) as file:
            for size in (4_096, 1):
                with suppress(OSError):  # it is full
                    while True:
                        file.write(bytes(size))

    def make_room(self) -> None:
        """Give it back."""
        self._filler.unlink()


class FileSizeLimit:
    """A bound on the size of the files of another process, as `ulimit -f` sets it: no rights are needed for it."""

    def __init__(self, test: unittest.TestCase, pid: int, folder: Path) -> None:
        if sys.platform != "linux":
            test.skipTest("only Linux lets one process bound another one")
        self._pid = pid
        self._folder = folder

    def fill(self) -> None:
        """Let no file grow larger than the largest one is now."""
        self._set(max(file.stat().st_size for file in self._folder.iterdir()))

    def make_room(self) -> None:
        """Let files grow again."""
        self._set(None)

    def _set(self, size_bytes: int | None) -> None:
        assert sys.platform == "linux"
        _, hard = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (hard if size_bytes is None else size_bytes, hard))


def immutable(test: unittest.TestCase, *paths: Path) -> Callable[[], None]:
    """Make files or folders such that not even root can change them, until what is returned is called.

    Skips the test where that is not possible.
    """
    names = [str(path) for path in paths]

    def release() -> None:
        subprocess.run(["chattr", "-i", *names], check=False, capture_output=True)  # noqa: S607

    try:
        done = subprocess.run(["chattr", "+i", *names], capture_output=True, check=False)  # noqa: S607
    except FileNotFoundError:
        test.skipTest("there is no chattr here")
    test.addCleanup(release)
    if done.returncode:
        release()
        test.skipTest(f"files cannot be made immutable here: {done.stderr.decode().strip()}")
    return release
