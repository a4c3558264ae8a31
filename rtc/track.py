"""PacedTrack: a Playout as a MediaStreamTrack of Opus packets.

aiortc's sender asks for one packet after the other; the track answers one per tick of
its Beat. What it returns is already Opus, so aiortc neither encodes nor hops to a
thread. It is an ordinary track and works with any RTCPeerConnection: calls with
`--media stock` use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import Packet

from .audio import CLOCK_HZ, SLOT
from .beat import Beat
from .downlink import Downlink, Outgoing

__all__ = ["PacedTrack", "Sent"]

Sent = Callable[[Outgoing, float], None]
"Told of every packet and the loop time in seconds at which its tick was due."


class PacedTrack(MediaStreamTrack):
    """One packet per tick on which the downlink has one to send."""

    kind = "audio"

    def __init__(self, downlink: Downlink, sent: Sent | None = None) -> None:
        super().__init__()
        self._downlink = downlink
        self._sent = sent
        self._beat: Beat | None = None

    @property
    def skipped(self) -> int:
        """Ticks that were left out because the process stalled."""
        return self._beat.skipped if self._beat else 0

    async def recv(self) -> Packet[Any]:
        """The next packet, on its tick. Raises MediaStreamError once stopped."""
        loop = asyncio.get_running_loop()
        if self._beat is None:
            self._beat = Beat(loop.time())
        while True:
            # Also when the tick is overdue: others on the loop get their turn.
            await asyncio.sleep(self._beat.wait(loop.time()))
            if self.readyState != "live":
                raise MediaStreamError
            index = self._beat.take(loop.time())
            outgoing = self._downlink.next()
            if outgoing is not None:
                break
        if self._sent:
            self._sent(outgoing, self._beat.start + index * self._beat.period)
        packet: Packet[Any] = Packet(outgoing.payload)
        packet.pts = index * SLOT
        packet.time_base = Fraction(1, CLOCK_HZ)
        return packet
