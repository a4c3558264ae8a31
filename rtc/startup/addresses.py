"""Addresses: under which addresses and names this machine can be reached."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

import ifaddr  # comes with aioice, which asks it the same question

__all__ = [
    "IPAddress",
    "belongs_here",
    "host_names",
    "lan_address",
    "local_addresses",
    "routed",
]

IPAddress: TypeAlias = IPv4Address | IPv6Address

ELSEWHERE = "192.0.2.1"
"An address of RFC 5737 that is nobody's; only ever looked up in the routing table."

HOME_NETWORKS = [
    ip_network("192.168.0.0/16"),
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
]
"Private networks, the most likely home first: the last is where Docker's bridges live."

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}(?<![.-])")


def local_addresses() -> list[IPAddress]:
    """Addresses of all interfaces that a browser can be pointed at, sorted.

    Without link-local IPv6 addresses: they need a zone (`%eth0`), for which browsers
    have no syntax, and each container that starts brings a new one.
    """
    found = {
        ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }
    usable = [a for a in found if a.version == 4 or not a.is_link_local]
    return sorted(usable, key=lambda address: (address.version, address))


def belongs_here(address: IPAddress) -> bool:
    """Whether media can be taken on this address of this machine."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def host_names() -> list[str]:
    """Names of this machine: localhost, its own, and that with .local for mDNS."""
    name = socket.gethostname().rstrip(".").lower()
    names = ["localhost"]
    # Systems allow names ("Ann's Mac") that no URL or certificate can hold.
    if NAME.fullmatch(name) and name != "localhost":
        # Macs already call themselves name.local.
        names += dict.fromkeys([name, name.split(".")[0] + ".local"])
    return names


def routed() -> IPAddress | None:
    """The address with which this machine talks to the world, if it has one.

    Connecting a UDP socket sends nothing; it asks the routing table.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
        except OSError:
            return None
        return ip_address(probe.getsockname()[0])


def lan_address(
    addresses: Iterable[IPAddress], way_out: IPAddress | None
) -> IPAddress | None:
    """Where a phone on the same network finds this machine; None: nowhere."""
    ours = [a for a in addresses if not a.is_loopback and not a.is_link_local]
    if way_out in ours:
        return way_out
    for network in HOME_NETWORKS:
        for address in ours:
            if address in network:
                return address
    return ours[0] if ours else None
