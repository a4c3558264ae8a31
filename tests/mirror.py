"""A mirror at the caller's end: each Opus packet that comes is sent back at once.

The payload is untouched, so what a recording finds in both legs is the same sound, and
the time between the two is the way there and back plus what the recording got wrong.
"""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.rtp import RtpPacket
from av import Packet

from tests.caller import Caller

__all__ = ["mirrored"]


class _Mirror(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.packets: asyncio.Queue[RtpPacket] = asyncio.Queue()

    async def recv(self) -> Packet[Any]:
        rtp = await self.packets.get()
        packet: Packet[Any] = Packet(rtp.payload)
        packet.pts = rtp.timestamp
        packet.time_base = Fraction(1, 48_000)
        return packet


def mirrored(caller: Caller) -> None:
    """Have the caller send back what it gets, instead of its microphone."""
    mirror = _Mirror()
    transceiver = caller.pc.getTransceivers()[0]

    async def reflect(packet: RtpPacket, arrival_time_ms: int) -> None:
        mirror.packets.put_nowait(packet)

    # The caller is stock aiortc: this is before its jitter buffer.
    transceiver.receiver._handle_rtp_packet = reflect
    transceiver.sender.replaceTrack(mirror)
