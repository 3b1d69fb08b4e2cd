"""What the person who runs the server sees: that it is running, who came and went, and how it stands.

Lines and one status line, on one stream. On a terminal the status line is kept up to date in place; elsewhere it
is a line of its own, and only when something has changed. Nothing is decided here, and a stream that fails (a
closed pipe, a full disk) silences the console and not the server.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, Callable, Sequence, TextIO

from chat_core.escape import escape_line
from chat_core.language import _, ngettext

if TYPE_CHECKING:
    from chat_core.server.hub import Movement

__all__ = ["NAMES_SHOWN", "Console", "ConsoleHandler", "spell_duration", "spell_names"]

#: Names in one line; of more people only the number is told.
NAMES_SHOWN = 10


class Console:
    """The lines of one server on `stream`.

    `status_every_s` is how often the status is told, 0 for never; `time_of_day` gives the text at the front of
    each line. `is_silent` once the stream has failed.
    """

    def __init__(
        self, stream: TextIO, *, is_terminal: bool, status_every_s: float, time_of_day: Callable[[], str]
    ) -> None:
        self._stream = stream
        self._is_terminal = is_terminal
        self._status_every_s = status_every_s
        self._time_of_day = time_of_day
        self._status_at: float | None = None
        self._told: tuple[int, int] | None = None  # people and messages, as last told
        self._status_width = 0  # of the status line that stands on the terminal
        self.is_silent = False

    def plain(self, text: str) -> None:
        """Write one line as it is."""
        self._write(self._erased() + text + "\n")

    def line(self, text: str) -> None:
        """Write one line with the time of day."""
        self.plain(f"{self._time_of_day()}  {text}")

    def tell(self, movements: Sequence[Movement], first: Sequence[str], online: int) -> None:
        """Say who came, went and changed name, how many are online now, and the names of the `first` of them."""
        came = [m.came for m in movements if m.came is not None and m.went is None]
        went = [m.went for m in movements if m.went is not None and m.came is None]
        sentences = [
            _("{old} is now called {new}.").format(old=escape_line(m.went), new=escape_line(m.came))
            for m in movements
            if m.came is not None and m.went is not None
        ]
        if came:
            sentences.append(ngettext("{names} joined.", "{names} joined.", len(came)).format(names=spell_names(came)))
        if went:
            sentences.append(ngettext("{names} left.", "{names} left.", len(went)).format(names=spell_names(went)))
        if online:
            sentences.append(_("Online ({count}): {names}").format(count=online, names=spell_names(first, online)))
        else:
            sentences.append(_("Nobody is online."))
        self.line(" ".join(sentences))

    def status(self, now: float, people: int, messages: int, uptime_s: float) -> None:
        """Say, every few seconds, how the server stands. `now` is monotonic seconds."""
        if not self._status_every_s or (self._status_at is not None and now < self._status_at):
            return
        self._status_at = now + self._status_every_s
        text = _("Running for {duration}: {people} online, {messages} so far.").format(
            duration=spell_duration(uptime_s),
            people=ngettext("{count} person", "{count} people", people).format(count=people),
            messages=ngettext("{count} message", "{count} messages", messages).format(count=messages),
        )
        if self._is_terminal:
            text = text[: shutil.get_terminal_size().columns - 1]
            erased = self._erased()
            self._status_width = len(text)
            self._write(erased + text)
        elif (people, messages) != self._told:
            self._told = (people, messages)
            self.line(text)

    def finish(self) -> None:
        """Leave the cursor on a line of its own."""
        if self._status_width:
            self._status_width = 0
            self._write("\n")

    def _erased(self) -> str:
        """Return what wipes the status line away; blanks, for not every terminal knows control sequences."""
        width, self._status_width = self._status_width, 0
        return "\r" + " " * width + "\r" if width else ""

    def _write(self, text: str) -> None:
        if self.is_silent:
            return
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        try:
            # A terminal or a file may know fewer characters than people's names have.
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            self.is_silent = True
            logging.getLogger(__name__).warning("The console is gone: %s", error)


class ConsoleHandler(logging.Handler):
    """Log records as lines of the console, so that they do not run into its status line."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        if not self._console.is_silent:
            self._console.plain(self.format(record))


def spell_names(names: Sequence[str], total: int | None = None) -> str:
    """List names for people, the first ten of them, and how many more there are; `total` when not all are handed in."""
    total = len(names) if total is None else total
    shown = [escape_line(name) for name in names[:NAMES_SHOWN]]
    more = total - len(shown)
    if more > 0:
        shown.append(ngettext("{count} more", "{count} more", more).format(count=more))
    if len(shown) == 1:
        return shown[0]
    return _("{names} and {last}").format(names=", ".join(shown[:-1]), last=shown[-1])


def spell_duration(seconds: float) -> str:
    """Say a duration in its two largest units."""
    minutes, rest_s = divmod(int(seconds), 60)
    hours, rest_min = divmod(minutes, 60)
    days, rest_h = divmod(hours, 24)
    if days:
        return _("{days} d {hours} h").format(days=days, hours=rest_h)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=rest_min)
    if minutes:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest_s)
    return _("{seconds} s").format(seconds=rest_s)
