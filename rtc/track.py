"""PacedTrack: a Playout as a MediaStreamTrack of Opus packets.

aiortc's sender asks for one packet after the other; the track answers one per tick of
its Beat. What it returns is already Opus, so aiortc neither encodes nor hops to a
thread. It is an ordinary track and works with any RTCPeerConnection.
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
from .opus import Encoder, silence
from .playout import Playout

__all__ = ["PacedTrack", "Sent"]

HANGOVER = 5
"""Ticks of silence that are encoded before it is only signalled. A decoder that is told
"nothing was transmitted" goes on with the noise it last heard: right after speech that
is a hum of -20 dB, after five packets of encoded silence it is -70 dB (measured)."""

Sent = Callable[[bytes, float, bool], None]
"""Told of every packet: the payload, the loop time in seconds for which its tick was
scheduled, and whether there is voice in it."""


class PacedTrack(MediaStreamTrack):
    """One 20 ms packet per tick: the playout's sound, or a byte that means silence."""

    kind = "audio"

    def __init__(self, playout: Playout, sent: Sent | None = None) -> None:
        super().__init__()
        self._playout = playout
        self._sent = sent
        self._encoder = Encoder(playout.rate)
        self._beat: Beat | None = None
        self._quiet = HANGOVER
        "Ticks since the last voice."

    def counters(self) -> dict[str, int]:
        """What was not as it should be."""
        return {
            "ticks_skipped": self._beat.skipped if self._beat else 0,
            "underruns": self._playout.underruns,
            "agent_dropped": self._playout.dropped,
        }

    async def recv(self) -> Packet[Any]:
        """The packet of the next tick. Raises MediaStreamError once stopped."""
        loop = asyncio.get_running_loop()
        if self._beat is None:
            self._beat = Beat(loop.time())
        # Also when the tick is overdue: others on the loop get their turn.
        await asyncio.sleep(self._beat.wait(loop.time()))
        if self.readyState != "live":
            raise MediaStreamError
        index = self._beat.take(loop.time())
        pcm = self._playout.pull(self._playout.rate // 50)
        payload = self._encode(pcm)
        if self._sent:
            self._sent(payload, self._beat.start + index * self._beat.period, bool(pcm))
        packet: Packet[Any] = Packet(payload)
        packet.pts = index * SLOT
        packet.time_base = Fraction(1, CLOCK_HZ)
        return packet

    def _encode(self, pcm: bytes) -> bytes:
        self._quiet = 0 if pcm else self._quiet + 1
        if self._quiet > HANGOVER:
            return silence()
        return self._encoder.encode(pcm or bytes(self._playout.rate // 50 * 2))
