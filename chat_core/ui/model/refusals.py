"""What went wrong, in the reader's language: a sentence, and what to try next.

A server explains itself in English, whoever listens. So its refusals and goodbyes are known here by their codes (those
of docs/protocol.md). To a reader of English its own words are shown, which say more exactly what it was ("... at most
8000 characters, not 9000"); to others ours. Pure. Where it is shown is decided elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core import limits
from chat_core.escape import escape_line
from chat_core.language import N_, _, spoken

if TYPE_CHECKING:
    from chat_core.errors import ConnectionFailure, Refusal

__all__ = ["sentence_of", "sentence_of_failure", "words_of"]

_SAME_VERSION = N_("Check that both sides have the same version of the chat.")
_BY_ITSELF = N_("The connection comes back by itself, and what you wrote is sent then.")

_WORDS: dict[str, tuple[str, str]] = {
    # What one did
    "name_invalid": (
        N_("That cannot be the name of a person."),
        N_("It has up to {name_chars} letters, digits, single spaces and - _ . and letters of one script."),
    ),
    "name_taken": (N_("Somebody of that name is here already."), N_("Choose another name.")),
    "name_not_yours": (
        N_("That name belongs to somebody who was here in the last {name_days} days."),
        N_("Choose another name. If it is yours, connect from the same computer and to the same address as before."),
    ),
    "room_invalid": (
        N_("That cannot be the name of a room."),
        N_("It has up to {room_chars} letters, digits, single spaces and - _ . and letters of one script."),
    ),
    "room_limit": (N_("There is no space for one more room."), N_("Leave one first, or use one that is there.")),
    "not_in_room": (N_("You are not in that room."), N_("Join it first.")),
    "text_empty": (N_("A message needs at least one character that can be seen."), N_("Write something first.")),
    "text_too_long": (N_("The message is longer than this server takes."), N_("Send it in several parts.")),
    "text_invalid": (
        N_("The message holds characters that cannot be sent."),
        N_("If you pasted it, type what is special in it by hand."),
    ),
    # How the server is
    "server_full": (N_("The server is full."), N_("Try again later, or ask whoever runs it to let in more people.")),
    "storage": (N_("The server cannot store messages at the moment."), _BY_ITSELF),
    "timeout": (N_("The server heard nothing from this computer for too long."), _BY_ITSELF),
    "internal": (N_("The server made a mistake."), N_("Tell whoever runs it: what it was is written in its log.")),
    "protocol_version": (
        N_("The server speaks another version of the protocol."),
        N_("Use the version of the chat that belongs to this server, or ask whoever runs it."),
    ),
    # What two sides that fit together never say
    "not_welcome": (N_("You are not connected at the moment."), N_("Try again when you are.")),
    "mid_reuse": (N_("The server took the message for another one."), N_("Send it again.")),
    "bad_request": (N_("The server did not understand what was asked of it."), _SAME_VERSION),
    "unknown_type": (N_("The server cannot do what was asked of it."), _SAME_VERSION),
    "bad_json": (N_("The server could not read what this window sent."), _SAME_VERSION),
    "frame_size": (N_("This window sent more than the server reads at a time."), _SAME_VERSION),
    # Goodbyes; "timeout" is one too
    "bye": (N_("You have left."), ""),
    "shutdown": (N_("The server is being stopped."), _BY_ITSELF),
    "replaced": (
        N_("You have connected again from this computer, in another window."),
        N_("Go on there, or connect again here."),
    ),
    "removed": (N_("You have been removed from the server."), N_("Ask whoever runs it.")),
}
_UNEXPLAINED = N_("The server refused that and gave no reason.")


def sentence_of(code: str, text: str) -> tuple[str, str]:
    """Return a sentence and what to try next (may be empty) for a refusal or a goodbye.

    `text` is the server's own sentence, or the client's for what it refused itself; it is remote, and made safe here.
    """
    own = escape_line(text)
    sentence, advice = _WORDS.get(code, ("", ""))
    if own and (not sentence or spoken() == "en"):
        # Many of the server's texts end in advice of their own: more than one sentence says enough.
        return own, "" if _has_advice(own) else _fill_in(advice)
    return _fill_in(sentence or _UNEXPLAINED), _fill_in(advice)


def words_of(refusal: Refusal) -> str:
    """Return sentence and advice for what was refused here, before it was sent."""
    return " ".join(filter(None, sentence_of(refusal.code, refusal.text)))


def sentence_of_failure(failure: ConnectionFailure) -> tuple[str, str]:
    """Return what happened to a connection, and what to do about it."""
    return _(failure.sentence), _(failure.advice)


def _has_advice(text: str) -> bool:
    return ". " in text or "; " in text


def _fill_in(words: str) -> str:
    if not words:
        return ""  # gettext's header is kept under the empty string
    return _(words).format(
        name_chars=limits.NAME_CHARS_MAX, room_chars=limits.ROOM_CHARS_MAX, name_days=limits.NAME_KEPT_DAYS
    )
