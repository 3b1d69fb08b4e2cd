"""A server on this computer, in a process of its own: started, watched, found again, and stopped.

Its data is where `server_main.py` keeps it, so that it is the same chat however it is started. Two files of the window
lie beside it: `hosted.json`, in which the server says that it listens and where, and whose deletion stops it
(`--ready-file`); and `hosted.log`, what it prints. Files, for a pipe can neither be polled on Windows nor outlive the
window. Whether a server that is told of is still alive, says the lock of its data folder: the system drops that with
the process, and a number of a process may belong to another one by now.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Sequence

import chat_core
from chat_core import limits
from chat_core.errors import Refusal, StartFailure, reason_of
from chat_core.escape import escape_line
from chat_core.file_lock import is_locked
from chat_core.folders import make_private
from chat_core.language import _, spoken
from chat_core.net.listener import Listener
from chat_core.strict_json import load
from chat_core.ui.model.hosted import Hosted, HostPlan, HostState

__all__ = ["Hosting"]

_log = logging.getLogger(__name__)

_COMMAND = (sys.executable, "-m", "chat_core.server.cli")
#: Ports that are tried, counted from the one that was asked for.
_PORTS_TRIED = 20
#: A server says goodbye to everybody and ends within 2 seconds; after this many something is wrong with it.
_STOP_S = 10.0
#: Between two looks at a server that is not our child.
_LOOK_EVERY_S = 1.0
_LAST_WORDS_BYTES = 2_000
_LAST_WORDS_CHARS = 300
_EVERY_NETWORK = ("0.0.0.0", "::")  # noqa: S104 - compared with
_THIS_COMPUTER = "127.0.0.1"

if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    _KILL = signal.SIGTERM  # which is TerminateProcess there
else:
    _CREATION_FLAGS = 0
    _KILL = signal.SIGKILL


class Hosting:
    """The server that has its data in `folder`; `hosted` says how it stands.

    Call `find` once, `poll` again and again. `now` is monotonic seconds. `host` is the address to listen on.
    Whether the server ends with the window is the person's choice: `stop`, or `close` alone.
    """

    def __init__(self, folder: Path, host: str = _EVERY_NETWORK[0], command: Sequence[str] = _COMMAND) -> None:
        self.hosted = Hosted()
        self._folder = Path(os.path.abspath(folder))
        self._ready_path = self._folder / "hosted.json"
        self._log_path = self._folder / "hosted.log"
        self._host = host
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._look_at = 0.0
        self._kill_at: float | None = None
        self._waiting: HostPlan | None = None
        self._wait_until: float | None = None

    # --- what the person wants

    def find(self) -> bool:
        """Look for a server that a window has started, this one or another, and return whether one is running.

        What a killed one has left behind is tidied away.
        """
        told = self._read_ready()
        if told is None:
            return False
        if not is_locked(self._folder / "lock"):
            self._delete_ready()
            return False
        self._pid, self.hosted = told
        return True

    def start(self, plan: HostPlan) -> None:
        """Start a server, unless one is there. A port that is taken is replaced by the next free one.

        Data that is in use, but by no server that a window knows of, is waited for: its server may be about to end.
        """
        if self.hosted.is_there or self.find():
            return
        self.close()
        self.hosted = Hosted(HostState.STARTING, is_own=True, title=plan.title, asked_port=plan.port)
        if getattr(sys, "frozen", False):  # sys.executable would be this window once more
            self._fail(_("This window cannot start a server. Start the program chat-server instead."))
        elif is_locked(self._folder / "lock"):
            self._waiting, self._wait_until = plan, None
        else:
            self._launch(plan)

    def stop(self, now: float) -> None:
        """Ask it to end politely; after ten seconds it is made to."""
        if self.hosted.state not in (HostState.STARTING, HostState.RUNNING):
            return
        if self._waiting is not None:
            self._waiting, self.hosted = None, Hosted()
            return
        if self.hosted.state is HostState.STARTING and self._process is not None:
            self._process.terminate()  # it has said nothing to anybody yet
        self._delete_ready()
        self._kill_at = now + _STOP_S
        self.hosted = replace(self.hosted, state=HostState.STOPPING)

    def poll(self, now: float) -> bool:
        """See what has become of it, and return whether `hosted` has changed. Costs next to nothing."""
        before = self.hosted
        if self._waiting is not None:
            self._launch_when_free(self._waiting, now)
            return self.hosted != before
        if before.state is HostState.STARTING:
            self._look_whether_it_listens()
        if self.hosted.is_there and self._has_ended(now):
            self._say_how_it_ended()
        elif self._kill_at is not None and now >= self._kill_at:
            self._kill()
        return self.hosted != before

    def close(self) -> None:
        """Take no more care of it: what is running goes on."""
        if self._process is not None and self._process.poll() is None:
            self._process.returncode = 0  # or Popen would complain that nobody has waited for it
        self._process = self._waiting = None

    # --- the process

    def _launch(self, plan: HostPlan) -> None:
        try:
            make_private(self._folder)
            self._process = self._spawn(plan)
        except OSError as error:
            self._fail(_("The server could not be started: {reason}.").format(reason=escape_line(reason_of(error))))

    def _launch_when_free(self, plan: HostPlan, now: float) -> None:
        """Start what waits for the data, or give up when the server that has it ought to have ended long ago."""
        if self._wait_until is None:
            self._wait_until = now + _STOP_S
        elif now < self._look_at:
            return
        self._look_at = now + _LOOK_EVERY_S
        if self.find():
            self._waiting = None  # another window was quicker
        elif not is_locked(self._folder / "lock"):
            self._waiting = None
            self._launch(plan)
        elif now >= self._wait_until:
            self._waiting = None
            # Which port it is on, only its terminal knows; the usual one is worth a try.
            self.hosted = replace(self.hosted, own_host=_THIS_COMPUTER, port=plan.port)
            self._fail(_("A server that was not started from a window is using the chat's data on this computer."))

    def _spawn(self, plan: HostPlan) -> subprocess.Popen[bytes]:
        port = _free_port(self._host, plan.port)
        package = str(Path(chat_core.__file__).parent.parent)
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
        command = [
            *self._command, "--host", self._host, "--port", str(port), "--data", str(self._folder),
            f"--title={plan.title}", "--ready-file", str(self._ready_path), "--status-every", "0",
        ]  # fmt: skip
        log = os.open(self._log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        try:
            # A session, or a process group, of its own: Ctrl+C in the terminal that the window was started from, or the
            # end of that terminal, is meant for the window. Whether the others lose the server is asked, not implied.
            return subprocess.Popen(  # noqa: S603 - our own program; what was typed is an argument, and no shell reads it
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=str(self._folder),
                env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "LANGUAGE": spoken()},
                start_new_session=True,
                creationflags=_CREATION_FLAGS,
            )
        finally:
            os.close(log)

    def _look_whether_it_listens(self) -> None:
        told = self._read_ready()
        if told is not None:
            self._pid, listening = told
            self.hosted = replace(listening, is_own=True, asked_port=self.hosted.asked_port or listening.port)

    def _has_ended(self, now: float) -> bool:
        if self._process is not None:
            return self._process.poll() is not None
        if now < self._look_at:
            return False
        self._look_at = now + _LOOK_EVERY_S
        return not is_locked(self._folder / "lock")

    def _say_how_it_ended(self) -> None:
        was_wanted = self.hosted.state is HostState.STOPPING
        was_starting = self.hosted.state is HostState.STARTING
        status = 0 if self._process is None else self._process.returncode
        self._kill_at = self._process = None
        if not was_wanted and self.find():
            return  # ours could not start because another window was quicker
        self._delete_ready()
        if was_wanted or not status:
            self.hosted = Hosted()
        elif was_starting:
            self._fail(_("The server could not be started."), self._last_words())
        else:
            self._fail(_("The server on this computer has ended by itself."), self._last_words())

    def _kill(self) -> None:
        self._kill_at = None
        if self._process is not None:
            self._process.kill()
        elif is_locked(self._folder / "lock"):  # so the number is still that of the server
            with suppress(OSError):  # it ended in this moment, or is another user's
                os.kill(self._pid, _KILL)

    def _fail(self, sentence: str, last_words: str = "") -> None:
        self.hosted = replace(self.hosted, state=HostState.FAILED, sentence=sentence, last_words=last_words)

    # --- its files

    def _read_ready(self) -> tuple[int, Hosted] | None:
        """Return the process and what it says of itself; None while nobody has said anything that makes sense."""
        try:
            told = load(self._ready_path.read_bytes())
        except (OSError, Refusal):
            return None
        pid, port, host, title, hosts = (told.get(field) for field in ("pid", "port", "host", "title", "hosts"))
        if type(pid) is not int or type(port) is not int or type(host) is not str or type(title) is not str:
            return None
        others = tuple(escape_line(each) for each in hosts if type(each) is str) if isinstance(hosts, list) else ()
        own_host = _THIS_COMPUTER if host in _EVERY_NETWORK else host
        return pid, Hosted(HostState.RUNNING, title=escape_line(title), own_host=own_host, hosts=others, port=port)

    def _delete_ready(self) -> None:
        try:
            self._ready_path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            _log.warning("The server's file cannot be deleted: %s", reason_of(error))

    def _last_words(self) -> str:
        """Return the last line that the server printed."""
        try:
            with open(self._log_path, "rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_WORDS_BYTES))
                lines = file.read().decode("utf-8", "replace").split("\n")
        except OSError:
            return ""
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return escape_line(last[:_LAST_WORDS_CHARS])


def _free_port(host: str, asked: int) -> int:
    """Return the first port from the one that was asked for that can be listened on; that one itself if none can.

    Then the server says why.
    """
    for port in range(asked, min(asked + _PORTS_TRIED, 65_536)) if asked else ():
        try:
            Listener(host, port, limits.BACKLOG_DEFAULT).close()
        except StartFailure:
            continue
        return port
    return asked
