"""Port: UDP sockets of calls, read together.

A server with a hundred calls gets five thousand datagrams a second. If each woke the
event loop, waking would cost more than the work. All sockets share one poll object, and
what came is handled in one go: while calls are on the clock, on its beat (`drive`);
before that the first datagram at once and the ones that follow after HOLD_S.

A Port looks like an asyncio transport to the one who sends through it.
"""

from __future__ import annotations

import asyncio
import logging
import select
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["BUFFER", "MOST_DATAGRAM", "VIEW", "Port", "Ports"]

log = logging.getLogger(__name__)

HOLD_S = 0.008
"Seconds between two rounds of reading: a handshake does not feel it."

ROUNDS = 32
"""Datagrams of one socket that are read in one go: 4000 a second. A call has a hundred;
what strangers send has to be read to be dropped, and costs some 3 µs each."""

MOST_DATAGRAM = 2048
"Bytes. No path carries more in one piece; what is longer is cut off, and fails."

RECEIVE_BUFFER = 256 * 1024
"Bytes that the kernel keeps for us: two seconds of the chattiest caller."

BUFFER = bytearray(MOST_DATAGRAM)
"""Where every datagram is read into, one after the other: who wants to keep it takes a
copy before returning."""

VIEW = memoryview(BUFFER)

STAMPED = 35 if sys.platform == "linux" else 0
"""SO_TIMESTAMPNS, which Python does not name, has the kernel say when each datagram
came, to the microsecond; we read them up to 10 ms later. (Its number is that of all
Linux but SPARC and PA-RISC.)"""

STAMP = struct.Struct("ll")
"Seconds and nanoseconds; by this number they are `long`, on 32-bit machines too."

ROOM = socket.CMSG_SPACE(STAMP.size)
"Bytes that the stamp takes beside a datagram."

OLDEST_NS = 50_000_000
"""A datagram that waited for longer, in nanoseconds, waited because the process stood
still, which is none of its network's doing; or the wall clock was put forward."""

Address = tuple[str, int]

Receive = Callable[[int, Address, float], None]
"""Told of a datagram in BUFFER: its size in bytes, its source, and when it came, in
seconds of the loop's clock."""


def _wall_ns() -> int:
    """The kernel stamps with the wall clock. It may jump: only ages are taken of it."""
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


class Ports:
    """All open ports of a process; needs a running loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open: dict[int, Port] = {}
        self._poll = select.epoll() if hasattr(select, "epoll") else None
        self._held: asyncio.TimerHandle | None = None
        if self._poll is not None:
            self._loop.add_reader(self._poll.fileno(), self._readable)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, address: str, receive: Receive, lost: Callable[[], None]) -> Port:
        """A port at `address`, any number; `lost` is told once when it is closed.

        Raises OSError.
        """
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        try:
            udp.setblocking(False)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            if STAMPED:
                udp.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
            udp.bind((address, 0))
        except OSError:
            udp.close()
            raise
        port = Port(self, udp, receive, lost)
        number = udp.fileno()
        self._open[number] = port
        if self._poll is not None:
            self._poll.register(number, select.EPOLLIN)
        else:
            self._loop.add_reader(number, port.readable)
        return port

    def forget(self, port: Port) -> None:
        """Do not read from it any more."""
        number = port.socket.fileno()
        del self._open[number]
        if self._poll is not None:
            self._poll.unregister(number)
        else:
            self._loop.remove_reader(number)

    def close(self) -> None:
        """Close what is open."""
        for port in list(self._open.values()):
            port.close()
        if self._held is not None:
            self._held.cancel()
        if self._poll is not None:
            self._loop.remove_reader(self._poll.fileno())
            self._poll.close()
            self._poll = None

    def drive(self, on: bool) -> None:
        """Leave the reading to whoever calls `read` on a beat; or take it back."""
        if self._poll is None:
            return  # closed, or read one by one
        if self._held is not None:
            self._held.cancel()
            self._held = None
        self._loop.remove_reader(self._poll.fileno())
        if not on:
            self._loop.add_reader(self._poll.fileno(), self._readable)

    def read(self) -> bool:
        """Handle what has come; whether there was anything."""
        if self._poll is None:
            return False
        for turn in range(ROUNDS):
            ready = self._poll.poll(0)
            if not ready:
                return turn > 0
            # One time for all: that one waits while another is handled is no jitter
            # of its network.
            now, wall_ns = self._loop.time(), _wall_ns()
            for number, _ in ready:
                port = self._open.get(number)
                if port is not None:
                    port.read(now, wall_ns)
        return True

    def _readable(self) -> None:
        assert self._poll is not None
        self._loop.remove_reader(self._poll.fileno())
        self._round()

    def _round(self) -> None:
        """Read, and again in a while; once nothing came, wait to be called."""
        assert self._poll is not None
        if self.read():
            self._held = self._loop.call_later(HOLD_S, self._round)
        else:
            self._held = None
            self._loop.add_reader(self._poll.fileno(), self._readable)


class Port:
    """One socket. `sendto`, `close` and `get_extra_info` as asyncio has them."""

    def __init__(
        self,
        ports: Ports,
        udp: socket.socket,
        receive: Receive,
        lost: Callable[[], None],
    ) -> None:
        self.socket = udp
        self.unsent = 0
        "Datagrams that the kernel did not take: no route, or its buffer was full."
        self._ports = ports
        self._receive = receive
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._address = udp.getsockname()

    def readable(self) -> None:
        """For an event loop that asks each socket by itself."""
        self.read(self._loop.time(), _wall_ns())

    def read(self, now: float, wall_ns: int) -> None:
        """Read one datagram, if there is one; both are the time, on two clocks."""
        try:
            size, beside, _, source = self.socket.recvmsg_into((BUFFER,), ROOM)
        except OSError:
            return  # none after all, or the kernel tells of a lost one: none of ours
        if beside:
            seconds, ns = STAMP.unpack(beside[0][2])
            age_ns = wall_ns - seconds * 1_000_000_000 - ns
            if 0 < age_ns <= OLDEST_NS:
                now -= age_ns * 1e-9
        self._receive(size, source[:2], now)

    def sendto(self, data: bytes, address: Address) -> None:
        """Send a datagram; UDP promises nothing, and neither does this."""
        try:
            self.socket.sendto(data, address)
        except OSError as error:
            self.unsent += 1
            log.debug("a datagram was not sent: %s", error)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known as `socket` and `sockname`."""
        return {"socket": self.socket, "sockname": self._address}.get(name, default)

    def is_closing(self) -> bool:
        """Whether it is closed."""
        return self.socket.fileno() < 0

    def close(self) -> None:
        """Close it; `lost` is told in the loop's next round."""
        if self.is_closing():
            return
        self._ports.forget(self)
        self.socket.close()
        self._loop.call_soon(self._lost)
