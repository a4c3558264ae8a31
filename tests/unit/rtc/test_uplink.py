"""Uplink: an unbroken stream of PCM, whatever the network does."""

from __future__ import annotations

import asyncio

from aiortc.rtp import RtpPacket

from rtc.opus import Encoder, silence
from rtc.uplink import BOUND, Uplink
from tests import virtual

RATE = 16_000
TICK_MS = 20


def packet(k: int, payload: bytes = silence(), ssrc: int = 1) -> RtpPacket:
    rtp = RtpPacket(payload_type=111, sequence_number=k % 65536, timestamp=k * 960)
    rtp.ssrc = ssrc
    rtp.payload = payload
    return rtp


async def drained(uplink: Uplink) -> bytes:
    uplink.end()
    parts = []
    while (pcm := await uplink.next()) is not None:
        parts.append(pcm)
    return b"".join(parts)


def ms(pcm: bytes) -> float:
    return len(pcm) / 2 / RATE * 1000


def test_every_packet_is_told_with_its_position_and_heard() -> None:
    async def main() -> None:
        places: list[int] = []
        uplink = Uplink(RATE, 0.0, lambda payload, at: places.append(at))
        await asyncio.sleep(1)
        for k in range(10):
            uplink.take(packet(k))
            await asyncio.sleep(0.02)
        assert places == [48_000 + k * 960 for k in range(10)]
        assert abs(ms(await drained(uplink)) - 200) < 3

    virtual.run(main())


def test_a_lost_packet_leaves_a_hole_of_its_own_length() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        for k in (0, 1, 2, 5, 6, 7):
            await asyncio.sleep(k * 0.02 - asyncio.get_running_loop().time())
            uplink.take(packet(k))
        assert abs(ms(await drained(uplink)) - 160) < 3

    virtual.run(main())


def test_when_nothing_comes_there_is_silence_in_real_time() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        uplink.take(packet(0))
        heard = b""
        while asyncio.get_running_loop().time() < 0.95:
            pcm = await uplink.next()
            assert pcm is not None
            heard += pcm
        assert abs(ms(heard) - 1020) < 30
        # What then comes is not filled up once more.
        uplink.take(packet(50))
        assert ms(await drained(uplink)) < 60

    virtual.run(main())


def test_late_and_foreign_packets_do_no_harm() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        for k in (3, 1, 3):
            uplink.take(packet(k))
        uplink.take(packet(4, b""))
        uplink.take(packet(5, b"\x4b"))
        assert uplink.timeline.late == 2
        assert abs(ms(await drained(uplink)) - 20) < 2

    virtual.run(main())


def test_nobody_speaks_faster_than_time_passes() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        for k in range(1000):  # 120 ms each, one sample apart
            rtp = packet(0, b"\x1b\x02..")
            rtp.timestamp = k
            uplink.take(rtp)
        assert uplink.refused > 990
        assert ms(await drained(uplink)) < 300

    virtual.run(main())


def test_the_end_is_told_once_and_is_not_pushed_out() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        uplink.take(packet(0))
        uplink.end()
        for k in range(1, 2 * BOUND):  # it goes on sending
            uplink.take(packet(k))
            uplink.end()
            await asyncio.sleep(0.02)
        assert ms(await drained(uplink)) <= 20
        assert uplink._queue.empty()

    virtual.run(main())


def test_nobody_listening_drops_the_oldest() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        for k in range(BOUND + 7):
            uplink.take(packet(k))
            await asyncio.sleep(0.02)
        assert uplink.dropped == 7
        uplink._queue.get_nowait()
        await drained(uplink)

    virtual.run(main())


def test_speech_arrives_at_the_agents_rate() -> None:
    async def main() -> None:
        encoder, uplink = Encoder(48_000), Uplink(24_000, 0.0)
        for k in range(50):
            await asyncio.sleep(k * 0.02 - asyncio.get_running_loop().time())
            uplink.take(packet(k, encoder.encode(bytes(1920))))
        assert abs(len(await drained(uplink)) / 2 - 24_000) < 60

    virtual.run(main())
