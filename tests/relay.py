"""Relay: the network between a caller and the server, in the hands of a test.

It puts itself into the offer and the answer, so that every datagram of the call passes
it, and does to them what networks do: lose, delay, overtake; stand still; and, as a
home's router may at any moment, send from another port than before.

    async with Relay() as relay, Caller(relay.through(desk.line("agent"))) as caller:
        relay.up.fates = iter([0.0, None, 0.06])  # of the caller's next three packets
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Self

__all__ = ["Address", "Connect", "Fate", "Relay", "Way", "addresses", "is_rtp"]

Address = tuple[str, int]

Connect = Callable[[str], Awaitable[str]]
"Takes an SDP offer, gives the answer."

Fate = float | None
"Seconds by which an RTP packet is late; None: it is lost."

CANDIDATE = re.compile(r"(a=candidate:\S+ 1 udp \d+ )(\S+) (\d+)( typ host)", re.I)

MOST_DATAGRAM = 65_536


def addresses(sdp: str) -> list[Address]:
    """Where a description says that its sender is; the first one carries the call."""
    return [(host, int(port)) for _, host, port, _ in CANDIDATE.findall(sdp)]


def is_rtp(data: bytes) -> bool:
    """Whether it is sound: not STUN, DTLS or RTCP (RFC 7983, RFC 5761)."""
    return len(data) > 1 and 127 < data[0] < 192 and not 64 <= data[1] & 127 < 96


class Way:
    """One direction."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.fates: Iterator[Fate] = iter(())
        "What becomes of the next RTP packets; those after the last fare well."
        self.cut = False
        "Nothing at all gets through."
        self.seen: list[tuple[float, bytes]] = []
        "Each RTP packet that came, lost ones too: loop time and encrypted packet."
        self.lost = 0
        "RTP packets."
        self._send = send
        self._loop = asyncio.get_running_loop()

    def take(self, data: bytes) -> None:
        fate: Fate = 0.0
        if is_rtp(data):
            self.seen.append((self._loop.time(), data))
            fate = None if self.cut else next(self.fates, 0.0)
            self.lost += fate is None
        if self.cut or fate is None:
            return
        if fate > 0:
            self._loop.call_later(fate, self._send, data)
        else:
            self._send(data)


class Relay:
    """One caller's network. An async context manager."""

    def __init__(self) -> None:
        self.caller: Address
        "Where the caller is; known once it connects."
        self.server: Address
        "Where the server carries the call; known once it answered."
        self.up: Way
        self.down: Way

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self.up = Way(lambda data: _send(self._far, data, self.server))
        self.down = Way(lambda data: _send(self._near, data, self.caller))
        self._near = self._open(self.up, lambda: self.caller)
        self._far = self._open(self.down, lambda: self.server)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close(self._near)
        self._close(self._far)

    @property
    def address(self) -> Address:
        """Where the server sees the caller."""
        return _name(self._far)

    def through(self, connect: Connect) -> Connect:
        """What connects, with this relay in between."""

        async def connect_through(offer: str) -> str:
            self.caller = addresses(offer)[0]
            answer = await connect(_moved(offer, _name(self._far)))
            self.server = addresses(answer)[0]
            return _moved(answer, _name(self._near))

        return connect_through

    def rebind(self) -> None:
        """Be seen at another port from now on; what comes to the old one is lost."""
        self._close(self._far)
        self._far = self._open(self.down, lambda: self.server)

    def forge(self, data: bytes) -> None:
        """Send the server a datagram as if it were the caller's."""
        _send(self._far, data, self.server)

    def _open(self, way: Way, source: Callable[[], Address]) -> socket.socket:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setblocking(False)
        udp.bind(("127.0.0.1", 0))
        self._loop.add_reader(udp, self._read, udp, way, source)
        return udp

    def _read(
        self, udp: socket.socket, way: Way, source: Callable[[], Address]
    ) -> None:
        try:
            while True:
                data, address = udp.recvfrom(MOST_DATAGRAM)
                if address == source():
                    way.take(data)
        except BlockingIOError:
            pass

    def _close(self, udp: socket.socket) -> None:
        self._loop.remove_reader(udp)
        udp.close()


def _send(udp: socket.socket, data: bytes, address: Address) -> None:
    """Or not: what was delayed may come when all is over."""
    if udp.fileno() >= 0:
        udp.sendto(data, address)


def _name(udp: socket.socket) -> Address:
    host, port = udp.getsockname()
    return host, port


def _moved(sdp: str, address: Address) -> str:
    """The description with all its candidates at that address."""
    host, port = address
    return CANDIDATE.sub(rf"\g<1>{host} {port}\g<4>", sdp)
