"""The answers one connects with, checked: server address, port, name; and those one connected with before.

Pure. Each problem is a sentence for the field it concerns.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_core.errors import Refusal
from chat_core.escape import escape_line
from chat_core.language import _
from chat_core.names import person_name
from chat_core.net.address import spell_address
from chat_core.ui.model.refusals import words_of

__all__ = ["Details", "Problems", "Recent", "check_details", "port_problem", "split_address"]

_PORT_MAX = 65_535
#: The longest name that the DNS can hold (RFC 1035, section 2.3.4).
_HOST_CHARS_MAX = 253


@dataclass(frozen=True)
class Details:
    """Where to connect and under which name; `wants_remembering` when the next start may know of it."""

    host: str
    port: int
    name: str
    wants_remembering: bool = True


@dataclass(frozen=True)
class Problems:
    """What is wrong, field by field; empty where nothing is."""

    host: str = ""
    port: str = ""
    name: str = ""


@dataclass(frozen=True)
class Recent:
    """A server that one was on, and the name there."""

    host: str
    port: int
    name: str

    @property
    def shown_name(self) -> str:
        """Return the name, safe to show."""
        return escape_line(self.name)

    @property
    def shown_address(self) -> str:
        """Return the address as it is typed, safe to show."""
        return escape_line(spell_address(self.host, self.port))


def split_address(typed: str) -> tuple[str, str]:
    """Take `host:port` or `[IPv6]:port` apart; the port is empty when there is none. An IPv6 address stays whole."""
    typed = typed.strip()
    if typed.startswith("["):
        host, bracket, rest = typed[1:].partition("]")
        return (host, rest[1:]) if bracket and rest[:1] in ("", ":") else (typed, "")
    if typed.count(":") == 1 and "/" not in typed:
        host, _colon, port = typed.partition(":")
        return host, port
    return typed, ""


def check_details(address: str, port: str, name: str, *, wants_remembering: bool = True) -> Details | Problems:
    """Check what was typed. A port in the address goes before the one in its own field."""
    host, port_of_address = split_address(address)
    port = port_of_address or port.strip()
    shown, name_problem = _checked_name(name.strip())
    problems = Problems(_host_problem(host), port_problem(port), name_problem)
    return Details(host, int(port), shown, wants_remembering) if problems == Problems() else problems


def port_problem(text: str) -> str:
    """Say why this is no port; empty when it is one."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(_PORT_MAX)) and 1 <= int(text) <= _PORT_MAX:
        return ""
    return _("A port is a number from 1 to {most}.").format(most=_PORT_MAX)


def _host_problem(host: str) -> str:
    if not host:
        return _("Say where the server is, such as 192.168.1.20 or chat.example.")
    if len(host) > _HOST_CHARS_MAX or not host.isprintable() or any(character in " /\\@" for character in host):
        return _("That is no address. It looks like chat.example or 192.168.1.20.")
    return ""


def _checked_name(name: str) -> tuple[str, str]:
    """Return the name as it is shown, or else what is wrong with it."""
    if not name:
        return "", _("Say what you want to be called.")
    try:
        return person_name(name).shown, ""
    except Refusal as refusal:
        return "", words_of(refusal)
