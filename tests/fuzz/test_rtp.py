"""Whatever a caller sends as RTP: nothing is raised, and memory stays bounded."""

from __future__ import annotations

import asyncio
import random

from aiortc.rtp import RtpPacket

from rtc.leg import Leg
from rtc.opus import duration
from rtc.uplink import BOUND, MOST_GAP, Uplink
from tests import virtual

ROUNDS = 20_000
RATE = 16_000


def payload(dice: random.Random) -> bytes:
    """Mostly short, often with a plausible first byte."""
    return dice.randbytes(dice.choice([0, 1, 1, 2, 3, 40, 120, 1400]))


def test_packets_of_a_stranger() -> None:
    async def main() -> None:
        dice = random.Random(20261122)
        leg, kept = Leg(), 0

        def heard(data: bytes, at: int) -> None:
            nonlocal kept
            if at >= 0:  # a recording begins with the call
                kept += sum(duration(piece) for piece, _ in leg.put(data, at))

        uplink = Uplink(RATE, 0.0, heard)
        timestamp = 0
        for _ in range(ROUNDS):
            timestamp += dice.choice(
                [960, 960, 960, 1920, -960, 0, 1, dice.getrandbits(32)]
            )
            packet = RtpPacket(payload_type=111, timestamp=timestamp % (1 << 32))
            packet.ssrc = dice.choice([1, 1, 1, 1, 2, dice.getrandbits(32)])
            packet.payload = payload(dice)
            uplink.take(packet)
            assert uplink._queue.qsize() <= BOUND
            await asyncio.sleep(dice.choice([0, 0.02, 0.02, 0.02, 0.5]))
            while not uplink._queue.empty() and dice.random() < 0.9:
                pcm = await uplink.next()
                assert pcm is not None and len(pcm) % 2 == 0
                assert len(pcm) <= 2 * (MOST_GAP * RATE // 48_000)
        # However packets jump, the recording is as long as the time that passed.
        passed = asyncio.get_running_loop().time()
        assert abs(leg.end / 48_000 - passed) < 5
        assert kept == leg.end

    virtual.run(main())
