"""The seam into aiortc's media: what reaches us of the caller's RTCP."""

from __future__ import annotations

import asyncio

from aiortc.rtp import RtcpSenderInfo, RtcpSrPacket

from rtc import rtp
from tests.peers import pair


def report(ssrc: int, ntp: int, timestamp: int) -> bytes:
    return bytes(RtcpSrPacket(ssrc, RtcpSenderInfo(ntp, timestamp, 1, 1)))


async def test_sender_reports_of_the_newest_stream_are_told() -> None:
    async with pair() as it:
        told: list[tuple[int, float]] = []
        it.receiver.reported = lambda *what: told.append(what)
        for count, ssrc in enumerate((7, 8), 1):
            await it.send(rtp.header(96, False, 1, 960, ssrc) + b"x")
            await it.until(count)
        await it.send(report(7, 5 << 32, 1))  # it was left for another
        await it.send(report(9, 5 << 32, 1))  # nothing ever came of it
        await it.send(report(8, (3_900_000_000 << 32) + (1 << 31), 4_294_967_295))
        async with asyncio.timeout(5):
            while not told:  # noqa: ASYNC110, nobody tells
                await asyncio.sleep(0.01)
        assert told == [(4_294_967_295, 3_900_000_000.5)]
