"""The seam into aioice: datagrams are told apart where they arrive.

A part of `rtc.transport`. aioice takes any datagram from anybody into an unbounded
queue, and an empty one ends the call; here only the caller's get through.
"""

from __future__ import annotations

import asyncio
import functools
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import aioice
from aioice import stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol
from aiortc import RTCIceGatherer

from .port import BUFFER, MOST_DATAGRAM, VIEW, Port, Ports
from .rtp import RTCP_TYPES, is_rtcp

__all__ = ["COMPONENT", "STUMBLES", "Connection", "Gatherer"]

COMPONENT = 1
"RTP and RTCP share one (RFC 5761)."

MOST_QUEUED = 512
"Datagrams that may wait for DTLS and RTCP; a handshake has some ten."

MOST_CONTROL = 1500
"""Bytes of a DTLS or RTCP datagram. pylibsrtp takes no longer ones: it raises an error
that aiortc does not expect, and one datagram that anybody can forge ends the call."""

MOST_SOURCES = 64
"""SSRCs of one caller, of RTP and RTCP. libsrtp keeps a state for each that it finds
authentic and searches them one by one: 40,000 make 0.2 ms a packet."""

MOST_ADDRESSES = 128
"""Of one caller, those learned from its checks too: each costs aioice a task for half a
minute and a place in a list that it sorts; 3,000 make 2 ms a check."""

STUMBLES = (AttributeError, IndexError, KeyError, ValueError, struct.error)
"What aiortc's and aioice's parsers raise over what strangers send."


class Connection(aioice.Connection):
    """ICE that knows at once what a datagram is and whose it is (RFC 7983)."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.ports: Ports | None = None
        "Where sockets are opened; to be set before gathering."
        self.address: str | None = None
        "The one address to gather on; None: aioice's choice."
        self.media: Callable[[int, float], bool] | None = None
        """Takes an RTP packet in the ports' buffer: its size, the loop time it came at.
        Returns whether the caller sent it, which its keys prove."""
        self.sources: set[bytes] = set()
        "SSRCs that were authentic; `MOST_SOURCES` at most."
        self.counted: Counter[str] = Counter()
        "Datagrams that were dropped, by the reason."
        self.opened: list[Port] = []
        "Ports, closed ones too: they count what could not be sent."
        self.received = 0
        "Datagrams from the caller, other than STUN."
        self._known: set[tuple[str, int]] = set()
        self._heard_from: tuple[str, int] | None = None
        "Whence the caller's sound came last."

    async def get_component_candidates(
        self, component: int, addresses: list[str], timeout: int = 5
    ) -> list[aioice.Candidate]:
        """Host candidates on our own ports; the rest as aioice does it."""
        found = []
        for address in [self.address] if self.address else addresses:
            try:
                found.append(self._open(component, address))
            except OSError:
                self.counted["no_port"] += 1
        if self.stun_server or self.turn_server:
            more = super().get_component_candidates(component, [], timeout)
            found.extend(await more)
        return found

    def _open(self, component: int, address: str) -> aioice.Candidate:
        assert self.ports is not None, "place the connection first"
        protocol = StunProtocol(self)
        receive = functools.partial(self.datagram, protocol)
        lost = functools.partial(protocol.connection_lost, None)
        port = self.ports.open(address, receive, lost)
        self.opened.append(port)
        protocol.connection_made(port)  # type: ignore[arg-type]
        host, number = port.get_extra_info("sockname")[:2]
        protocol.local_candidate = aioice.Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=component,
            transport="udp",
            priority=candidate_priority(component, "host"),
            host=host,
            port=number,
            type="host",
        )
        self._protocols.append(protocol)
        return protocol.local_candidate

    def datagram(
        self, protocol: StunProtocol, size: int, source: tuple[str, int], now: float
    ) -> None:
        """Take the datagram in the buffer of ports.

        Nearly all are RTP, so two bytes of it are looked at here, without a call.
        """
        first = BUFFER[0] if size else 256
        if 127 < first < 192 and size > 1 and BUFFER[1] not in RTCP_TYPES:
            if self._sound(size, now) and source != self._heard_from:
                self._follow(protocol, source)
        elif 127 < first < 192 or 19 < first < 64:
            if source in self._known or self._knows(source):
                self._deliver(first, size)
            else:
                self.counted["stranger"] += 1
        elif first < 4:
            try:
                protocol.datagram_received(bytes(VIEW[:size]), source)
            except STUMBLES:
                self.counted["malformed"] += 1
        else:
            self.counted["empty" if not size else "malformed"] += 1

    def data_received(self, data: bytes, component: int) -> None:
        """What aioice takes for no STUN: from a relay of ours, or else malformed."""
        first = data[0] if data else 256
        if len(data) > MOST_DATAGRAM or not (127 < first < 192 or 19 < first < 64):
            self.counted["malformed"] += 1
            return
        VIEW[: len(data)] = data
        if first > 127 and len(data) > 1 and not is_rtcp(data):
            self._sound(len(data), asyncio.get_running_loop().time())
        else:
            self._deliver(first, len(data))

    def check_incoming(
        self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol
    ) -> None:
        """As aioice's, which would learn any number of addresses."""
        if len(self._remote_candidates) < MOST_ADDRESSES or self._knows(addr):
            super().check_incoming(message, addr, protocol)
        else:
            self.counted["crowded"] += 1

    def _knows(self, source: tuple[str, int]) -> bool:
        """Whether it is one of the caller's candidates, those learned by STUN too."""
        for candidate in self._remote_candidates:
            if (candidate._network_host, candidate.port) == source:
                self._known.add(source)
                return True
        return False

    def _sound(self, size: int, now: float) -> bool:
        """RTP is the caller's wherever it comes from, if its keys say so."""
        if self.media is None:
            self.counted["early"] += 1
        elif len(self.sources) >= MOST_SOURCES and self._foreign(8):
            self.counted["foreign"] += 1
        elif self.media(size, now):
            self.received += 1
            return True
        return False

    def _follow(self, protocol: StunProtocol, source: tuple[str, int]) -> None:
        """The caller's sound comes from elsewhere: check that way, and then use it.

        A router may give a call another port at any moment. The caller cannot notice,
        and ICE leaves the choice of a pair to it: a browser's checks repair it within
        seconds, those of others never. The check proves that the caller is there.
        """
        self._heard_from = source
        pair = self._nominated.get(COMPONENT)
        if pair is None or pair.remote_addr == source:
            return
        check = stun.Message(
            message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST
        )
        check.attributes["PRIORITY"] = candidate_priority(COMPONENT, "prflx")
        check.attributes["USE-CANDIDATE"] = None
        self.check_incoming(check, source, protocol)

    def _deliver(self, first: int, size: int) -> None:
        """Queue it for DTLS or RTCP."""
        if size > MOST_CONTROL:
            self.counted["malformed"] += 1
        elif first > 127 and len(self.sources) >= MOST_SOURCES and self._foreign(4):
            self.counted["foreign"] += 1
        elif self._queue.qsize() < MOST_QUEUED:
            self.received += 1
            self._queue.put_nowait((bytes(VIEW[:size]), COMPONENT))
        else:
            self.counted["crowded"] += 1

    def _foreign(self, at: int) -> bool:
        """Whether the SSRC that the buffer has `at` this byte is one more."""
        return bytes(VIEW[at : at + 4]) not in self.sources


class Gatherer(RTCIceGatherer):
    """Gathers for a Connection of ours."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        theirs = self._connection
        self._connection = Connection(
            ice_controlling=False,
            local_username=theirs.local_username,
            local_password=theirs.local_password,
            transport_policy=theirs._transport_policy,
            stun_server=theirs.stun_server,
            turn_server=theirs.turn_server,
            turn_username=theirs.turn_username,
            turn_password=theirs.turn_password,
            turn_ssl=theirs.turn_ssl,
            turn_transport=theirs.turn_transport,
        )
