"""What is known of a server on this computer that a window has started: how it stands, and where the others find it.

Values, and the check of what it is to be started with. It is started and watched by `desktop.hosting`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from chat_core import limits
from chat_core.language import _
from chat_core.ui.model.details import port_problem

__all__ = ["ClosingChoice", "HostPlan", "HostProblems", "HostState", "Hosted", "check_plan"]


class HostState(enum.Enum):
    """Where the server stands. FAILED: it could not start, or ended by itself."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


class ClosingChoice(enum.Enum):
    """What becomes of the server when the window that started it is closed."""

    STOP = "stop"
    KEEP = "keep"
    STAY = "stay"


@dataclass(frozen=True)
class Hosted:
    """The server as it stands.

    `is_own` when this window started it: one that is only found was started by another window, or by one that was
    killed. `hosts` are the addresses that others type, none when only this computer can connect; `own_host` is the one
    for this computer. `asked_port` is another than `port` when that was taken. `sentence` and `last_words` say why it
    FAILED, in our words and in the server's; both are safe to show.
    """

    state: HostState = HostState.STOPPED
    is_own: bool = False
    title: str = ""
    own_host: str = ""
    hosts: tuple[str, ...] = ()
    asked_port: int = 0
    port: int = 0
    sentence: str = ""
    last_words: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a process that would have to be stopped."""
        return self.state in (HostState.STARTING, HostState.RUNNING, HostState.STOPPING)


@dataclass(frozen=True)
class HostPlan:
    """What a server is to be started with."""

    port: int
    title: str


@dataclass(frozen=True)
class HostProblems:
    """What is wrong, field by field; empty where nothing is."""

    port: str = ""
    title: str = ""


def check_plan(port: str, title: str) -> HostPlan | HostProblems:
    """Check what was typed, by the rules of the server's own flags."""
    port, title = port.strip(), title.strip()
    title_problem = ""
    if not title or not title.isprintable() or len(title) > limits.ROOM_CHARS_MAX:
        sentence = _("A name for the server has 1 to {most} characters that can be seen.")
        title_problem = sentence.format(most=limits.ROOM_CHARS_MAX)
    if port_problem(port) or title_problem:
        return HostProblems(port_problem(port), title_problem)
    return HostPlan(int(port), title)
