"""The addresses that are told to whoever starts the server."""

from __future__ import annotations

import ipaddress
import socket
import unittest
from typing import Any, TypeVar
from unittest import mock

from chat_core.net.address import spell_address
from chat_core.server.addresses import reachable_addresses


class Spelling(unittest.TestCase):
    def test_a_host_and_a_port(self) -> None:
        self.assertEqual(spell_address("192.0.2.7", 2428), "192.0.2.7:2428")
        self.assertEqual(spell_address("2001:db8::7", 2428), "[2001:db8::7]:2428")


_Probe = TypeVar("_Probe", bound="FakeProbe")


class FakeProbe:
    """A datagram socket of a machine that has these addresses, by family; None: no way out."""

    own: dict[int, str | None]

    def __init__(self, family: int, kind: int) -> None:
        assert kind == socket.SOCK_DGRAM
        self._own = self.own[family]

    def __enter__(self: _Probe) -> _Probe:  # noqa: PYI019 - Self came with Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def connect(self, address: tuple[str, int]) -> None:
        if self._own is None:
            raise OSError("Network is unreachable")
        assert not ipaddress.ip_address(address[0]).is_loopback

    def getsockname(self) -> tuple[Any, ...]:
        return (self._own, 40_000)


class Reachable(unittest.TestCase):
    def on_a_machine_with(self, ipv4: str | None, ipv6: str | None, bound: str) -> list[str]:
        probe = type("Probe", (FakeProbe,), {"own": {socket.AF_INET: ipv4, socket.AF_INET6: ipv6}})
        with mock.patch("socket.socket", probe):
            return reachable_addresses(bound)

    def test_only_from_here(self) -> None:
        for bound in ("127.0.0.1", "127.9.9.9", "::1"):
            self.assertEqual(reachable_addresses(bound), [])

    def test_one_address_is_itself(self) -> None:
        for bound in ("192.0.2.7", "2001:db8::7", "fe80::7%eth0"):
            self.assertEqual(reachable_addresses(bound), [bound])

    def test_every_network(self) -> None:
        for ipv4, ipv6, bound, expected in [
            ("192.0.2.7", "2001:db8::7", "0.0.0.0", ["192.0.2.7"]),  # noqa: S104
            ("192.0.2.7", "2001:db8::7", "::", ["192.0.2.7", "2001:db8::7"]),
            ("192.0.2.7", None, "::", ["192.0.2.7"]),
            (None, "2001:db8::7", "::", ["2001:db8::7"]),
            (None, "2001:db8::7", "0.0.0.0", []),  # noqa: S104
            (None, None, "::", []),
            ("127.0.0.1", "::1", "::", []),  # a machine that is in no network
        ]:
            with self.subTest(bound, ipv4=ipv4, ipv6=ipv6):
                self.assertEqual(self.on_a_machine_with(ipv4, ipv6, bound), expected)

    def test_on_this_machine_it_finds_addresses_or_none_and_never_fails(self) -> None:
        for bound in ("0.0.0.0", "::"):  # noqa: S104
            for own in reachable_addresses(bound):
                self.assertFalse(ipaddress.ip_address(own).is_loopback)
                self.assertFalse(ipaddress.ip_address(own).is_unspecified)


if __name__ == "__main__":
    unittest.main()
