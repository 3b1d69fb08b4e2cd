"""Times and days in words, in the language in use and the local time zone, whatever the process' locale is.

Pure but for the zone, which the system keeps: every time comes in as `unix_ms`, milliseconds since 1970. One that no
calendar holds is said as such, for a server's clock is not ours to trust.
"""

from __future__ import annotations

from datetime import datetime

from chat_core.language import N_, _

__all__ = ["clock_of", "day_of", "moment_of"]

_DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
)  # fmt: skip
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
    N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def clock_of(unix_ms: int) -> str:
    """Say the local time of day, such as 14:03."""
    moment = _local(unix_ms)
    if moment is None:
        return "--:--"
    # Translators: a time of day, hours 00 to 23; "{hour}.{minute}" where that is how it is written.
    return _("{hour}:{minute}").format(hour=f"{moment:%H}", minute=f"{moment:%M}")


def day_of(unix_ms: int) -> str:
    """Say the local day, such as Monday, 5 August 2024."""
    moment = _local(unix_ms)
    return _("Some day") if moment is None else _spell_day(moment)


def moment_of(unix_ms: int) -> str:
    """Say the local day and time to the second, such as Monday, 5 August 2024, 14:03:22."""
    moment = _local(unix_ms)
    if moment is None:
        return _("Some day")
    # Translators: a day as in "{weekday}, {day} {month} {year}", and a time of day.
    return _("{day}, {hour}:{minute}:{second}").format(
        day=_spell_day(moment), hour=f"{moment:%H}", minute=f"{moment:%M}", second=f"{moment:%S}"
    )


def _spell_day(moment: datetime) -> str:
    # Translators: a whole date; the words are those translated as "Monday" and "January".
    return _("{weekday}, {day} {month} {year}").format(
        weekday=_(_DAYS[moment.weekday()]), day=moment.day, month=_(_MONTHS[moment.month - 1]), year=moment.year
    )


def _local(unix_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(unix_ms / 1000)
    except (OverflowError, OSError, ValueError):
        return None
