from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address

import ifaddr
import pytest

from rtc.startup import addresses


def many(*texts: str) -> list[addresses.IPAddress]:
    return [ip_address(text) for text in texts]


def test_this_machine_has_loopback_and_no_address_that_needs_a_zone() -> None:
    found = addresses.local_addresses()
    assert ip_address("127.0.0.1") in found
    assert not [a for a in found if isinstance(a, IPv6Address) and a.is_link_local]
    assert len(found) == len(set(found))


def test_addresses_of_all_interfaces_are_sorted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def adapter(*ips: str | tuple[str, int, int]) -> ifaddr.Adapter:
        return ifaddr.Adapter("x", "x", [ifaddr.IP(ip, 24, "x") for ip in ips])

    monkeypatch.setattr(
        ifaddr,
        "get_adapters",
        lambda: [
            adapter(("fd00::1", 0, 0), "192.168.1.7", ("fe80::1", 0, 2)),
            adapter("127.0.0.1", "192.168.1.7"),
        ],
    )
    assert addresses.local_addresses() == many("127.0.0.1", "192.168.1.7", "fd00::1")


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Laptop", ["localhost", "laptop", "laptop.local"]),
        ("mac.local", ["localhost", "mac.local"]),
        ("box.example.org", ["localhost", "box.example.org", "box.local"]),
        ("localhost", ["localhost"]),
        ("", ["localhost"]),
        ("Ann's Mac", ["localhost"]),
        ("käse", ["localhost"]),
    ],
)
def test_host_names(
    name: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    assert addresses.host_names() == names


@pytest.mark.parametrize(
    ("address", "ours"),
    [("127.0.0.1", True), ("192.0.2.77", False), ("2001:db8::77", False)],
)
def test_belongs_here(address: str, ours: bool) -> None:
    assert addresses.belongs_here(ip_address(address)) is ours


def test_way_out_is_an_own_address_or_none() -> None:
    way_out = addresses.routed()
    assert way_out is None or way_out in addresses.local_addresses()


@pytest.mark.parametrize(
    ("ours", "way_out", "lan"),
    [
        (["127.0.0.1"], None, None),
        (["127.0.0.1", "::1", "169.254.3.4"], None, None),
        (["127.0.0.1", "10.0.0.5", "172.17.0.1"], "10.0.0.5", "10.0.0.5"),
        (["172.17.0.1", "10.0.0.5", "192.168.1.2"], None, "192.168.1.2"),
        (["172.17.0.1", "10.0.0.5"], None, "10.0.0.5"),
        (["203.0.113.9"], None, "203.0.113.9"),
        # A VPN's way out that is not on the list is not to be announced.
        (["192.168.1.2"], "100.64.0.9", "192.168.1.2"),
        (["127.0.0.1", "fd00::2"], None, "fd00::2"),
    ],
)
def test_lan_address(ours: list[str], way_out: str | None, lan: str | None) -> None:
    out = ip_address(way_out) if way_out else None
    found = addresses.lan_address(many(*ours), out)
    assert found == (ip_address(lan) if lan else None)
