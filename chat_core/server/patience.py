"""How long the server waits for a peer: to log in, to finish a frame, to read, to show any sign of life.

Pure. There is no timer for each connection: once a second all are asked for `look_at`, and only those whose time
has come are looked at, so ten thousand silent ones cost next to nothing and busy ones no more than that. What is
done about one that is late is decided by `app`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from chat_core import limits
from chat_core.net.connection import Phase
from chat_core.net.interest import READ

if TYPE_CHECKING:
    from chat_core.net.connection import Connection
    from chat_core.server.session import Session

__all__ = ["Overdue", "look_again_at", "overdue"]


class Overdue(enum.Enum):
    """What a peer has let pass."""

    LOGIN = "Nobody said hello in time."
    FRAME = "A message was begun and not finished in time."
    PING = "Nothing was heard for a while: ask for a sign of life."
    LIFE = "Nothing was heard for too long."
    READING = "Not one byte was taken for too long."
    CLOSING = "The peer did not close in time."


def overdue(connection: Connection, session: Session, now: float) -> Overdue | None:
    """Say what a peer is late with, or None. `now` is monotonic seconds."""
    if connection.is_blocked and now - connection.last_moved >= limits.STALL_TIMEOUT_S:
        return Overdue.READING
    if connection.phase is not Phase.OPEN:
        # While it ends it may still be reading slowly; that is the case above.
        is_late = connection.phase is Phase.LINGERING and now - connection.phase_since >= limits.LINGER_S
        return Overdue.CLOSING if is_late else None
    if session.person is None and now - connection.phase_since >= limits.LOGIN_TIMEOUT_S:
        return Overdue.LOGIN
    if connection.frame_since is not None and now - connection.frame_since >= limits.FRAME_TIMEOUT_S:
        return Overdue.FRAME
    if not connection.interest & READ:
        return None  # it is not read at the moment: whatever it says waits in the system
    if connection.is_blocked:
        return None  # a ping would wait behind what is queued; whether it reads at all is the first case
    silence_s = now - connection.last_heard
    if silence_s >= limits.SILENCE_TIMEOUT_S:
        return Overdue.LIFE
    if silence_s >= limits.PING_AFTER_S and session.pinged_at <= connection.last_heard:
        return Overdue.PING
    return None


def look_again_at(connection: Connection, session: Session, now: float) -> float:
    """Return until when nothing can become overdue, whatever the peer does or leaves undone; monotonic seconds.

    A step to another phase asks for a look by itself.
    """
    is_settled = connection.phase is Phase.OPEN and session.person is not None
    if not is_settled or connection.is_blocked or not connection.interest & READ:
        return now  # at the next look: there are few of these, and not for long
    has_pinged = session.pinged_at > connection.last_heard
    silent_at = connection.last_heard + (limits.SILENCE_TIMEOUT_S if has_pinged else limits.PING_AFTER_S)
    frame_since = now if connection.frame_since is None else connection.frame_since  # one may begin at once
    return min(silent_at, frame_since + limits.FRAME_TIMEOUT_S)
