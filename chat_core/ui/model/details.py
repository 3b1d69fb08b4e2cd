"""The three answers one connects with, checked: server address, port, name.

Pure. Each problem is a sentence for the field it concerns.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_core.errors import Refusal
from chat_core.names import person_name

__all__ = ["Details", "Problems", "check_details", "split_address"]

_PORT_MAX = 65_535
#: The longest name that the DNS can hold (RFC 1035, section 2.3.4).
_HOST_CHARS_MAX = 253


@dataclass(frozen=True)
class Details:
    """Where to connect and under which name."""

    host: str
    port: int
    name: str


@dataclass(frozen=True)
class Problems:
    """What is wrong, field by field; empty where nothing is."""

    host: str = ""
    port: str = ""
    name: str = ""


def split_address(typed: str) -> tuple[str, str]:
    """Take `host:port` or `[IPv6]:port` apart; the port is empty when there is none. An IPv6 address stays whole."""
    typed = typed.strip()
    if typed.startswith("["):
        host, bracket, rest = typed[1:].partition("]")
        return (host, rest[1:]) if bracket and rest[:1] in ("", ":") else (typed, "")
    if typed.count(":") == 1 and "/" not in typed:
        host, _, port = typed.partition(":")
        return host, port
    return typed, ""


def check_details(address: str, port: str, name: str) -> Details | Problems:
    """Check what was typed. A port in the address goes before the one in its own field."""
    host, port_of_address = split_address(address)
    port = port_of_address or port.strip()
    host_problem = _host_problem(host)
    port_problem = "" if _is_port(port) else f"A port is a number from 1 to {_PORT_MAX}."
    try:
        shown = person_name(name.strip()).shown
        name_problem = ""
    except Refusal as refusal:
        shown = ""
        name_problem = refusal.text if name.strip() else "Say how you want to be called."
    if host_problem or port_problem or name_problem:
        return Problems(host_problem, port_problem, name_problem)
    return Details(host, int(port), shown)


def _host_problem(host: str) -> str:
    if not host:
        return "Say where the server is, such as 192.168.1.20 or chat.example."
    if len(host) > _HOST_CHARS_MAX or not host.isprintable() or any(character in " /\\@" for character in host):
        return "That is no address: a name such as chat.example, or numbers such as 192.168.1.20."
    return ""


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(_PORT_MAX)) and 1 <= int(text) <= _PORT_MAX
