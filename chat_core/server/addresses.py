"""The addresses that others on the network would type, as well as this machine can tell.

Best effort: a machine may have several networks, or none, or sit behind a router that hides it.
"""

from __future__ import annotations

import ipaddress
import socket

__all__ = ["reachable_addresses"]

#: Addresses that are set aside for documentation (RFC 5737, RFC 3849): no host has them. "Connecting" a datagram
#: socket sends nothing; it only asks the system which of its own addresses it would send from.
_NOWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def reachable_addresses(bound_host: str) -> list[str]:
    """List the hosts under which a server bound to this one is reached from elsewhere; none when only from here."""
    bound = ipaddress.ip_address(bound_host.split("%", 1)[0])
    if bound.is_loopback:
        return []
    if not bound.is_unspecified:
        return [bound_host]
    found: dict[str, None] = {}
    for family, nowhere in _NOWHERE[: 1 if bound.version == 4 else 2]:
        own = _sending_address(family, nowhere)
        if own is not None and not ipaddress.ip_address(own).is_loopback:
            found[own] = None
    return list(found)


def _sending_address(family: int, nowhere: str) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((nowhere, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None  # no network of that kind
