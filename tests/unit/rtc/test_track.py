"""PacedTrack: one packet per tick on an absolute schedule, in virtual time."""

from __future__ import annotations

import asyncio
from array import array

import pytest
from aiortc.mediastreams import MediaStreamError

from rtc.opus import Decoder, duration, silence
from rtc.playout import Playout
from rtc.track import HANGOVER, PacedTrack
from tests import virtual

RATE = 16_000
Sent = tuple[bytes, float, bool]


def voice(ms: int) -> bytes:
    return array("h", [3000, -3000] * (RATE * ms // 2000)).tobytes()


async def receive(track: PacedTrack, count: int) -> list[tuple[float, int, bytes]]:
    loop = asyncio.get_running_loop()
    packets = []
    for _ in range(count):
        packet = await track.recv()
        assert packet.pts is not None
        packets.append((loop.time(), packet.pts, bytes(packet)))
    return packets


def test_a_packet_each_20_ms_whether_there_is_sound_or_not() -> None:
    async def main() -> None:
        sent: list[Sent] = []
        playout = Playout(RATE)
        track = PacedTrack(playout, lambda *packet: sent.append(packet))
        packets = await receive(track, 10)
        playout.push(voice(3000), 1)
        playout.end()
        packets += await receive(track, 160)
        assert [round(at * 1000) for at, _, _ in packets] == [
            k * 20 for k in range(170)
        ]
        assert [pts for _, pts, _ in packets] == [k * 960 for k in range(170)]
        quiet = [payload == silence() for _, _, payload in packets]
        # A little silence is encoded after speech, so that the decoder calms down.
        assert quiet == [True] * 10 + [False] * (150 + HANGOVER) + [True] * 5
        assert all(duration(payload) == 960 for _, _, payload in packets)
        voiced = [voiced for _, _, voiced in sent]
        assert voiced == [False] * 10 + [True] * 150 + [False] * 10
        assert [payload for payload, _, _ in sent] == [p for _, _, p in packets]

    virtual.run(main())


def test_a_stall_is_followed_by_three_packets_at_most_and_true_timestamps() -> None:
    async def main() -> None:
        sent: list[Sent] = []
        track = PacedTrack(Playout(RATE), lambda *packet: sent.append(packet))
        await receive(track, 5)
        await asyncio.sleep(0.5)  # nobody asks for half a second
        packets = await receive(track, 8)
        burst = [pts // 960 for at, pts, _ in packets if at < packets[0][0] + 0.001]
        assert burst == [27, 28, 29]
        assert track.counters()["ticks_skipped"] == 22
        assert [pts // 960 for _, pts, _ in packets] == list(range(27, 35))
        # The recorder is told when each was due, not when it left.
        assert [round(at * 50) for _, at, _ in sent[5:]] == list(range(27, 35))

    virtual.run(main())


def test_a_stopped_track_says_so() -> None:
    async def main() -> None:
        track = PacedTrack(Playout(RATE))
        await track.recv()
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()

    virtual.run(main())


def test_what_is_heard_after_speech_is_silence() -> None:
    async def main() -> None:
        playout = Playout(RATE)
        track = PacedTrack(playout)
        playout.push(voice(1000), 1)
        playout.end()
        decoder = Decoder(RATE)
        packets = await receive(track, 90)
        heard = [array("h", decoder.decode(payload)) for _, _, payload in packets]
        assert max(map(abs, heard[30])) > 500
        assert max(max(map(abs, piece)) for piece in heard[54:]) < 20

    virtual.run(main())
