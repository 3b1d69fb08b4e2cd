"""What the machine lends to a measurement: cores, processor time, descriptors, and a word on what it is."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Iterator

if sys.platform != "win32":
    import resource

__all__ = ["Cores", "allow_descriptors", "cpu_s", "described", "raise_descriptor_limit", "waited_s"]

#: select() on Windows takes 512.
_WINDOWS_SOCKETS_MAX = 512


class Cores:
    """One core for servers and another one for the generator, where the system can pin and there are two."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._all = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
        self.is_pinned = is_wanted and len(self._all) >= 2

    @contextmanager
    def for_server(self) -> Iterator[None]:
        """Start a process on the server's core, which it inherits: so a runtime that counts its cores finds one."""
        self._move(self._all[:1])
        try:
            yield
        finally:
            self.for_generator()

    def for_generator(self) -> None:
        """Move this process to the generator's core."""
        self._move(self._all[1:2])

    def give_back(self) -> None:
        """Let this process run everywhere again."""
        self._move(self._all)

    def _move(self, cores: list[int]) -> None:
        if self.is_pinned and sys.platform == "linux":
            os.sched_setaffinity(0, cores)


def cpu_s(pid: int) -> float | None:
    """Return the processor time of a process with all its threads, also those that ended; None where it is not told."""
    if sys.platform != "linux":
        return None
    # The process's own clock, in nanoseconds: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED), see clock_getcpuclockid(3).
    # /proc/PID/stat counts in hundredths of a second, /proc/PID/schedstat only the main thread.
    return time.clock_gettime(~pid << 3 | 2)


def waited_s(pid: int) -> float | None:
    """Return how long a process's main thread was ready but had no core: what else runs here is in the way."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return None


def raise_descriptor_limit() -> int:
    """Raise the number of descriptors that this process and its servers may have as far as it goes, and return it."""
    if sys.platform == "win32":
        return _WINDOWS_SOCKETS_MAX
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS allows less than it tells
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def allow_descriptors(count: int) -> bool:
    """See that this process and its servers may have so many, and leave the limit alone when they may already."""
    if sys.platform != "win32" and count <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]:
        return True
    return count <= raise_descriptor_limit()


def described() -> dict[str, object]:
    """Say what it was measured on, and of what kind the disk is on which logs were written."""
    folder = tempfile.gettempdir()
    return {
        "system": platform.platform(),
        "processor": _after("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "folder": folder,
        "filesystem": _filesystem(folder),
    }


def _after(path: str, word: str) -> str:
    with suppress(OSError):
        for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(word):
                return line.partition(":")[2].strip()
    return ""


def _filesystem(folder: str) -> str:
    """Return the kind of file system that a folder is on: on tmpfs an fsync costs nothing. Empty if it is not told."""
    found: dict[str, str] = {}
    with suppress(OSError):
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        found = {line.split()[1]: line.split()[2] for line in mounts.splitlines()}
    parents = [str(path) for path in (Path(folder), *Path(folder).parents)]
    return next((found[parent] for parent in parents if parent in found), "")
