"""How an address is written, everywhere the same."""

from __future__ import annotations

__all__ = ["spell_address"]


def spell_address(host: str, port: int) -> str:
    """Write an address the way it is typed: `host:port`, an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
