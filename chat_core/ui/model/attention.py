"""What deserves a person's attention: what counts as unread, when the bell rings, what the system is asked to show.

Pure: seconds come in as `now`. How it rings and who shows a notice is not known here. Remote text leaves escaped.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Iterable

from chat_core.escape import escape_line, escape_text
from chat_core.language import _, ngettext

__all__ = ["Arrival", "Attention", "Level", "Notice", "Verdict", "calling", "window_title"]

_BELL_S_MIN = 3.0
#: Between two notices, and how long one waits for more of the same: a catch-up comes over several polls.
_NOTICE_S_MIN = 5.0
_GATHER_S = 0.7
#: What a notice shows of a message; the systems cut it off sooner.
_TEXT_CHARS_MAX = 240


class Level(enum.Enum):
    """Of which messages of a room one wants to hear."""

    ALL = "all"
    MENTIONS = "mentions"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Arrival:
    """A message that came in. `title` is what the room is called on screen, all texts as they came over the wire.

    `is_seen`: the window has the focus and shows the room. `is_late`: it was sent while we were away.
    """

    room: str
    title: str
    sender: str
    text: str
    is_own: bool = False
    is_mention: bool = False
    is_seen: bool = False
    is_late: bool = False
    level: Level = Level.ALL


@dataclass(frozen=True)
class Verdict:
    """What an arrival is worth at once. The notices come later, from `Attention.due`."""

    is_unread: bool = False
    rings: bool = False


@dataclass(frozen=True)
class Notice:
    """What the system is to show outside the window: escaped, and not yet fit for any markup."""

    title: str
    text: str


@dataclass
class _Waiting:
    """What a room has to tell: how much, and the last of it."""

    since: float
    last: Arrival
    count: int = 0


class Attention:
    """Weighs each arrival. Call `due` at every poll, `seen` when a room is looked at, `returned` after a log-in."""

    def __init__(self) -> None:
        self._rang: float | None = None
        self._has_rung_for_late = False
        self._noticed: float | None = None
        self._waiting: dict[str, _Waiting] = {}

    def weigh(self, arrival: Arrival, now: float, *, has_focus: bool = False) -> Verdict:
        """Judge a message. While the window has the focus, marks and the bell are enough: no notice is gathered."""
        if arrival.is_own or arrival.is_seen:
            return Verdict()
        wants = arrival.level is Level.ALL or (arrival.level is Level.MENTIONS and arrival.is_mention)
        if wants and not has_focus:
            self._gather(arrival, now)
        return Verdict(is_unread=True, rings=wants and arrival.is_mention and self._may_ring(now, arrival.is_late))

    def returned(self) -> None:
        """Begin a new catch-up: what was missed may ring once more."""
        self._has_rung_for_late = False

    def seen(self, room: str) -> None:
        """Forget what a room had to tell: it is being looked at."""
        self._waiting.pop(room, None)

    def due(self, now: float) -> Notice | None:
        """Return what is to be shown now, if anything: all that is waiting in one, at most one in five seconds."""
        if not self._waiting or now - min(each.since for each in self._waiting.values()) < _GATHER_S:
            return None
        if self._noticed is not None and now - self._noticed < _NOTICE_S_MIN:
            return None
        self._noticed = now
        waiting, self._waiting = list(self._waiting.values()), {}
        return _sum_up(waiting)

    def _may_ring(self, now: float, is_late: bool) -> bool:  # noqa: FBT001 - handed on, not chosen
        if (is_late and self._has_rung_for_late) or (self._rang is not None and now - self._rang < _BELL_S_MIN):
            return False
        self._has_rung_for_late = self._has_rung_for_late or is_late
        self._rang = now
        return True

    def _gather(self, arrival: Arrival, now: float) -> None:
        waiting = self._waiting.setdefault(arrival.room, _Waiting(now, arrival))
        waiting.count += 1
        if arrival.is_mention or not waiting.last.is_mention:  # what names us is not pushed aside by what does not
            waiting.last = arrival


def calling(rooms: Iterable[tuple[int, int, Level]]) -> int:
    """Count what calls from rooms given as (unread, mentions, level): what the title of the window shows."""
    return sum(
        unread if level is Level.ALL else mentions if level is Level.MENTIONS else 0
        for unread, mentions, level in rooms
    )


def window_title(chat: str, name: str, count: int) -> str:
    """Return the title of the window: where one is, as whom, and before it how much is new."""
    title = f"{escape_line(chat)} - {escape_line(name)}"
    return f"({count}) {title}" if count else title


def _sum_up(waiting: list[_Waiting]) -> Notice:
    count = sum(each.count for each in waiting)
    mention = next((each.last for each in reversed(waiting) if each.last.is_mention), None)
    last = mention or waiting[-1].last
    names = {"name": escape_line(last.sender), "room": escape_line(last.title)}
    text = _excerpt(last.text)
    if mention:
        return Notice(_("{name} mentioned you in {room}").format(**names), text)
    if count == 1:
        return Notice(_("{name} in {room}").format(**names), text)
    if len(waiting) == 1:
        title = ngettext("{count} new message in {room}", "{count} new messages in {room}", count)
        return Notice(title.format(count=count, **names), _("{name}: {text}").format(name=names["name"], text=text))
    title = _("{count} new messages in several rooms").format(count=count)
    return Notice(title, ", ".join(escape_line(each.last.title) for each in waiting[:5]))


def _excerpt(text: str) -> str:
    text = escape_text(text.strip()[: _TEXT_CHARS_MAX + 1])
    return text if len(text) <= _TEXT_CHARS_MAX else text[: _TEXT_CHARS_MAX - 1] + "…"
