"""PacedTrack: a packet on its tick of an absolute schedule, in virtual time."""

from __future__ import annotations

import asyncio
from array import array

import pytest
from aiortc.mediastreams import MediaStreamError

from rtc.downlink import REMINDER, Downlink, Outgoing
from rtc.encoding import Encoding
from rtc.opus import HANGOVER, duration
from rtc.playout import Playout
from rtc.track import PacedTrack
from tests import virtual

RATE = 16_000


def voice(ms: int) -> bytes:
    return array("h", [3000, -3000] * (RATE * ms // 2000)).tobytes()


def paced(sent: list[tuple[Outgoing, float]]) -> tuple[Playout, PacedTrack]:
    playout = Playout(RATE)
    downlink = Downlink(playout, Encoding(RATE))
    return playout, PacedTrack(downlink, lambda *packet: sent.append(packet))


async def receive(track: PacedTrack, count: int) -> list[tuple[float, int, bytes]]:
    loop = asyncio.get_running_loop()
    packets = []
    for _ in range(count):
        packet = await track.recv()
        assert packet.pts is not None
        packets.append((loop.time(), packet.pts, bytes(packet)))
    return packets


def test_each_packet_leaves_on_its_tick_and_silence_only_now_and_then() -> None:
    async def main() -> None:
        sent: list[tuple[Outgoing, float]] = []
        playout, track = paced(sent)
        packets = await receive(track, 2)
        playout.push(voice(3000), 1)
        playout.end()
        packets += await receive(track, 150 + HANGOVER + 1)
        ticks = [pts // 960 for _, pts, _ in packets]
        spurt = REMINDER + 1
        assert ticks == [0, REMINDER, *range(spurt, spurt + 150 + HANGOVER + 1)]
        assert [round(at * 50) for at, _, _ in packets] == ticks
        assert all(duration(payload) == 960 for _, _, payload in packets)
        assert sum(out.frame is not None for out, _ in sent) == 150
        assert [out.payload for out, _ in sent] == [p for _, _, p in packets]

    virtual.run(main())


def test_a_stall_is_followed_by_three_packets_at_most_and_true_timestamps() -> None:
    async def main() -> None:
        sent: list[tuple[Outgoing, float]] = []
        playout, track = paced(sent)
        playout.push(voice(5000), 1)
        playout.end()
        await receive(track, 5)
        await asyncio.sleep(0.5)  # nobody asks for half a second
        packets = await receive(track, 8)
        burst = [pts // 960 for at, pts, _ in packets if at < packets[0][0] + 0.001]
        assert burst == [27, 28, 29]
        assert track.skipped == 22
        assert [pts // 960 for _, pts, _ in packets] == list(range(27, 35))
        # The recorder is told when each was due, not when it left.
        assert [round(due * 50) for _, due in sent[5:]] == list(range(27, 35))

    virtual.run(main())


def test_a_stopped_track_says_so() -> None:
    async def main() -> None:
        _, track = paced([])
        await track.recv()
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()

    virtual.run(main())
