"""Line: both directions of a call on the clock, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from convai.events import Event, Stats, Talking
from rtc import rtp
from rtc.announcement import beep, packets
from rtc.line import LEAST_LOSS, Line
from rtc.opus import HANGOVER, Decoder, Encoder, duration, silence
from rtc.repair import has_copy
from rtc.report import Report
from tests import virtual
from tests.media import virtual_media
from tests.sound import clip

RATE = 24_000
TICK = RATE // 50


def said(ms: int) -> bytes:
    return np.tile(clip("librivox_0930"), 2)[9600 : 9600 + 48 * ms : 2].tobytes()


class Scene:
    """A line with its far end and its recorder."""

    def __init__(self) -> None:
        self.media = virtual_media()
        self.events: list[Event] = []
        self.sent: list[tuple[float, bytes, int, bool]] = []
        self.recorded: dict[str, list[int]] = {"caller": [], "agent": [], "tick": []}
        self.line: Line

    def open(self, output_rate: int = RATE, announcement: bytes = b"") -> Line:
        self.line = Line(
            0.0,
            self.media,
            self,
            input_rate=16_000,
            output_rate=output_rate,
            tell=self.events.append,
            announcement=announcement,
        )
        self.line.transmit = self.transmit
        self.line.start()
        return self.line

    def transmit(self, payload: bytes, timestamp: int, marker: bool) -> int:
        now = asyncio.get_running_loop().time()
        self.sent.append((now, payload, timestamp, marker))
        return (65_530 + len(self.sent)) % 65_536

    def caller(self, payload: bytes, at: int) -> None:
        self.recorded["caller"].append(at)

    def agent(self, payload: bytes, at: int) -> None:
        self.recorded["agent"].append(at)

    def tick(self, at: int) -> None:
        self.recorded["tick"].append(at)

    def voiced(self) -> int:
        return sum(len(payload) > 1 for _, payload, _, _ in self.sent)


def play(act: Callable[[Scene], Awaitable[None]]) -> Scene:
    async def main() -> Scene:
        scene = Scene()
        async with scene.media.clock:
            await act(scene)
        return scene

    return virtual.run(main())


def test_a_burst_leaves_one_packet_a_tick_from_the_next_tick_on() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        await asyncio.sleep(0.105)
        line.play(said(1000), 1)
        line.playout.end()
        await asyncio.sleep(2)

    scene = play(act)
    voiced = [packet for packet in scene.sent if len(packet[1]) > 1]
    assert len(voiced) == 50 + HANGOVER
    assert [round(at * 50) for at, _, _, _ in voiced] == list(range(6, 56 + HANGOVER))
    assert [stamp // 960 for _, _, stamp, _ in voiced] == list(range(6, 56 + HANGOVER))
    assert [marker for _, _, _, marker in voiced] == [True] + [False] * (49 + HANGOVER)
    assert all(duration(payload) == 960 for _, payload, _, _ in scene.sent)
    assert scene.line.counters()["encoded_late"] == 0
    assert scene.recorded["agent"] == [round(at * 48_000) for at, *_ in scene.sent]
    talking = [event for event in scene.events if isinstance(event, Talking)]
    assert talking == [Talking("agent", True), Talking("agent", False)]


@pytest.mark.parametrize("marked", [True, False])
def test_the_agent_fell_silent_with_its_last_sound(marked: bool) -> None:
    """Without a mark of its end a reply is known to be over a second later."""
    told: list[tuple[float, Talking]] = []

    async def act(scene: Scene) -> None:
        line = scene.open()
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.105)
        line.play(said(1000), 1)
        if marked:
            line.playout.end()
        for _ in range(300):
            await asyncio.sleep(0.01)
            while scene.events:
                if isinstance(event := scene.events.pop(0), Talking):
                    told.append((loop.time(), event))

    scene = play(act)
    begin = next(at for at, payload, *_ in scene.sent if len(payload) > 1)
    (_, on), (at, off) = told
    assert (on, off.on) == (Talking("agent", True), False)
    assert at - off.ago_ms / 1000 - begin == pytest.approx(1.0, abs=0.06)
    assert off.ago_ms == (0 if marked else pytest.approx(1000, abs=20))


def test_an_agent_of_an_odd_rate_is_resampled() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open(output_rate=22_050)
        assert line.playout.rate == 24_000
        line.play(bytes(22_050 * 2), 1)
        line.playout.end()
        await asyncio.sleep(2)

    assert abs(play(act).line.ledger.sent_ms(1) - 1000) <= 2


def test_a_cut_leaves_a_fade_on_the_next_tick_and_says_what_was_sent() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        line.play(said(3000), 7)
        await asyncio.sleep(1.005)
        heard_ms = line.cut(7)
        assert heard_ms == 51 * 20 + 10
        await asyncio.sleep(1)
        assert line.ledger.sent_ms(7) == heard_ms

    scene = play(act)
    assert scene.voiced() == 52 + HANGOVER
    last = [at for at, payload, _, _ in scene.sent if len(payload) > 1][51]
    assert last <= 1.005 + 0.020


def test_a_cut_of_a_reply_that_was_not_heard_yet_counts_nothing() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        line.play(said(200), 1)
        await asyncio.sleep(1)
        line.play(said(20), 2)
        assert line.cut(2) == 0

    play(act)


def test_without_a_connection_nothing_is_played_away() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        line.transmit = None
        line.play(said(400), 1)
        await asyncio.sleep(1)
        assert line.playout.queued == 400 * RATE // 1000
        line.transmit = scene.transmit
        await asyncio.sleep(1)
        assert line.ledger.sent_ms(1) == 400

    play(act)


def test_redundancy_is_sent_while_the_caller_loses_packets() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        line.play(said(3000), 1)
        line.playout.end()
        await asyncio.sleep(1)
        line.report(Report(0.05, 3, 5, 1.0, 20.0))
        assert line.downlink.encoding.loss == LEAST_LOSS
        await asyncio.sleep(1)
        line.report(Report(0.01, 3, 60, 1.0, 20.0))
        await asyncio.sleep(1)

    packets = [payload for _, payload, _, _ in play(act).sent]
    copies = [sum(map(has_copy, packets[at : at + 50])) for at in (0, 55, 110)]
    assert copies[0] == copies[2] == 0 and copies[1] > 25


def test_what_the_caller_received_joins_what_was_sent() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        line.play(said(1000), 1)
        line.playout.end()
        await asyncio.sleep(2)
        line.report(Report(0.0, 0, (65_530 + 25) % 65_536, 1.0, 20.0))
        assert line.ledger.arrived_ms(1) == 500
        assert line.summary()["heard_ms"] == 1000
        assert line.summary()["received_ms"] == 500

    play(act)


def test_the_caller_is_heard_recorded_and_counted() -> None:
    async def act(scene: Scene) -> None:
        line, encoder = scene.open(), Encoder(16_000)
        loop = asyncio.get_running_loop()
        pcm = clip("librivox_0930")[::3].tobytes()
        for k in range(50):
            payload = encoder.encode(pcm[k * 640 : (k + 1) * 640])
            line.uplink.take(rtp.Packet(96, False, k, k * 960, 1, payload), loop.time())
            await asyncio.sleep(0.02)
        line.uplink.end()
        heard = b""
        while (piece := await line.uplink.next()) is not None:
            heard += piece
        assert len(heard) == 50 * 640

    scene = play(act)
    assert len(scene.recorded["caller"]) == 50
    assert len(scene.recorded["tick"]) >= 50
    figures = [event.figures for event in scene.events if isinstance(event, Stats)]
    assert figures[0]["delivered"] in (49, 50)  # the last of them comes with the tick


def levels(packets: list[bytes]) -> list[float]:
    """Root mean square of what a decoder makes of each packet."""
    decoder = Decoder(RATE)
    pieces = [np.frombuffer(decoder.decode(it), np.int16) for it in packets]
    return [float(np.sqrt(np.mean(pcm.astype(float) ** 2))) for pcm in pieces]


def test_a_caller_who_speaks_up_is_heard_by_the_next_tick_and_loses_nothing() -> None:
    """The agent hums evenly; the caller begins at 2.0 s and is not confirmed."""

    async def act(scene: Scene) -> None:
        line, encoder = scene.open(), Encoder(16_000)
        loop = asyncio.get_running_loop()
        t = np.arange(RATE * 6) / RATE
        line.play((6000 * np.sin(2 * np.pi * 300 * t)).astype(np.int16).tobytes(), 1)
        line.playout.end()
        pcm = np.concatenate([np.zeros(32_000), clip("librivox_0930")[:48_000:3]])
        for k in range(150):
            piece = pcm[k * 320 : (k + 1) * 320].astype(np.int16).tobytes()
            packet = rtp.Packet(96, False, k, k * 960, 1, encoder.encode(piece))
            line.uplink.take(packet, loop.time())
            await asyncio.sleep(0.02)
        await asyncio.sleep(3.5)

    scene = play(act)
    assert scene.voiced() == 300 + HANGOVER, "each packet of the reply was sent"
    assert scene.line.ledger.sent_ms(1) == 6000
    assert scene.line.counters()["encoded_late"] == 0
    loud = levels([payload for _, payload, _, _ in scene.sent[:300]])
    low = [k * 20 for k, level in enumerate(loud) if level < 2000]
    assert 2000 <= low[0] <= 2060 + 20
    assert 680 <= low[-1] - low[0] <= 720 or low[-1] > 3000
    assert min(loud[120:130]) > 500, "quieter, not silent"
    assert loud[-5] > 4000


def test_an_announcement_is_sent_first_and_is_no_part_of_the_reply() -> None:
    sound = beep()
    count = len(packets(sound))

    async def act(scene: Scene) -> None:
        line = scene.open(announcement=sound)
        line.play(said(1000), 1)
        line.playout.end()
        await asyncio.sleep(0.305)
        assert line.announcing_s == pytest.approx((count - 16) * 0.02)
        assert line.cut(0) == 0, "of nothing that can be cut"
        line.play(said(1000), 2)
        line.playout.end()
        await asyncio.sleep(2.5)
        assert line.announcing_s == 0
        assert (line.ledger.sent_ms(1), line.ledger.sent_ms(2)) == (0, 1000)
        assert line.summary()["heard_ms"] == 1000

    scene = play(act)
    payloads = [payload for _, payload, _, _ in scene.sent]
    assert tuple(payloads[:count]) == packets(sound)
    stamps = [stamp // 960 for _, _, stamp, _ in scene.sent[:count]]
    assert stamps == list(range(stamps[0], stamps[0] + count))
    assert [marker for *_, marker in scene.sent[:count]] == [True] + [False] * (
        count - 1
    )
    # What was sent is what is recorded, and nobody says that the agent spoke.
    assert scene.recorded["agent"] == [round(at * 48_000) for at, *_ in scene.sent]
    talking = [event for event in scene.events if isinstance(event, Talking)]
    assert talking == [Talking("agent", True), Talking("agent", False)]
    assert scene.voiced() == count + 50 + HANGOVER


def test_the_announcement_waits_for_the_connection() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open(announcement=beep())
        line.transmit = None
        before = line.announcing_s
        await asyncio.sleep(1)
        assert line.announcing_s == before > 0

    play(act)


def test_off_the_clock_it_is_quiet() -> None:
    async def act(scene: Scene) -> None:
        line = scene.open()
        await asyncio.sleep(0.1)
        line.stop()
        line.stop()
        line.play(said(400), 1)
        await asyncio.sleep(1)
        assert {payload for _, payload, _, _ in scene.sent} == {silence()}

    play(act)
