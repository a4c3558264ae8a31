"""Alignment: what was said at one instant lies at one instant of both legs.

Up to an hour of a call by a virtual clock: RTP packets through the Uplink to the
caller's leg, packets by tick to the agent's. Of each packet is known when it was spoken
by the server's clock; the network's delay at its best is the same for all and does not
count.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import numpy as np
import pytest

from rtc.opus import Encoder, silence
from rtc.recorder import Recorder
from rtc.recording.files import AUDIO
from rtc.recording.leg import Leg, Piece
from rtc.recording.writer import Writer
from rtc.render.export import to_wav
from rtc.rtp import Packet
from rtc.uplink import Uplink
from tests.sound import RATE, chirp, place, read

SLOT = 960
SLOT_S = 0.020
PATIENCE = 10 * SLOT
"Samples, as the Recorder's."
DELAY_S = 0.040
FIRST_S = 0.0131
"When the phone begins to speak."
TIMESTAMP = 4_290_000_000
"Its first: it wraps soon."
VOICED, BREATH = b"\x08\xc0", b"\x08\x10"
"SILK of 20 ms, marked as active or not."


@dataclass
class Scene:
    """A call, and all that is wrong with it."""

    minutes: int = 10
    ppm: float = 200
    "How fast the phone's clock is."
    loss: float = 0.0
    jitter_s: float = 0.0
    tail_s: float = 0.0
    "Mean of some more jitter, without a limit."
    queue_s: float = 0.0
    "Delay in the last ten seconds of each minute."
    outage_s: float = 0.0
    "Once in the middle."
    beat_s: float = 0.0
    "What has come is read in steps of that."
    reports: bool = False
    "Sender reports come every five seconds."
    voiced: tuple[int, int] = (150, 170)
    "So many packets of so many; at first 3 s, then 0.4 s of breath."
    dtx: bool = False
    "Nothing is sent while nobody speaks."
    anew: bool = False
    "Each two minutes another SSRC and other timestamps."


@dataclass
class Written:
    """The packets that were: when each was spoken (s), how far off it lies (ms)."""

    spoken: list[float] = field(default_factory=list)
    off: list[float] = field(default_factory=list)


class Desk:
    """Both legs, as the Recorder writes them."""

    def __init__(self) -> None:
        self.legs = Leg(), Leg()
        self.came: tuple[list[Piece], list[Piece]] = ([], [])
        self.written = Written(), Written()
        self._spoken: dict[bytes, float] = {}
        self._due = 0

    def expect(self, payload: bytes, spoken: float) -> bytes:
        self._spoken[payload] = spoken
        return payload

    def caller(self, payload: bytes, at: int) -> None:
        self.came[0].append((payload, at))

    def agent(self, payload: bytes, at: int) -> None:
        self.came[1].append((payload, at))

    def tick(self, at: int) -> None:
        if at < self._due:
            return
        self._due = at + 20 * SLOT
        ends = at - PATIENCE, at - SLOT
        for leg, came, written, end in zip(
            *(self.legs, self.came, self.written, ends), strict=True
        ):
            for payload, position in came:
                for one, where in leg.put(payload, position):
                    if one is payload and one in self._spoken:
                        spoken = self._spoken.pop(one)
                        written.spoken.append(spoken)
                        written.off.append(where / 48 - spoken * 1000)
            came.clear()
            leg.fill(end)


class Result:
    """How far the legs were apart, at each packet of the caller."""

    def __init__(self, uplink: Uplink, desk: Desk) -> None:
        caller, agent = desk.written
        near = np.searchsorted(agent.spoken, caller.spoken)
        near = np.minimum(near, len(agent.off) - 1)
        self.off = np.array(caller.off) - np.array(agent.off)[near]
        self._spoken = np.array(caller.spoken)
        self.legs, self.clock = desk.legs, uplink.clock()

    def p99(self, since_s: float = 0, until_s: float = np.inf) -> float:
        chosen = self.off[(self._spoken >= since_s) & (self._spoken < until_s)]
        assert len(chosen) > 2000
        return float(np.quantile(np.abs(chosen), 0.99))

    def check(self, scene: Scene, most_ms: float) -> None:
        assert self.p99() <= most_ms
        assert self.p99(0, 300) <= most_ms
        assert self.p99(scene.minutes * 60 - 300) <= most_ms
        # What the call's outcome says of it is true, and not by saying too much.
        misplaced_ms = sum(leg.misplaced for leg in self.legs) / 48
        uncertain_ms = self.clock["clock_uncertain_ms"]
        covered = np.abs(self.off) <= uncertain_ms + misplaced_ms
        assert np.mean(covered) >= 0.99
        assert uncertain_ms <= max(2 * most_ms, 8 * self.p99())
        assert misplaced_ms <= 10


def captured(scene: Scene) -> list[tuple[float, float, int, bool]]:
    """What the phone sends: when by the server's clock, its number, whether a voice."""
    of, all_ = scene.voiced
    period = SLOT_S / (1 + scene.ppm * 1e-6)
    count = int(scene.minutes * 60 / period) - 10
    return [(FIRST_S + k * period, k, k % all_ < of) for k in range(count)]


def arrivals(scene: Scene, desk: Desk) -> list[tuple[float, Packet]]:
    dice = random.Random(1)
    found: list[tuple[float, Packet]] = []
    sequence = 65_000
    for spoken, k, voice in captured(scene):
        if scene.dtx and not voice:
            continue
        sequence += 1
        outage = 0 <= spoken - scene.minutes * 30 < scene.outage_s
        if outage or dice.random() < scene.loss:
            continue
        came = spoken + DELAY_S + dice.uniform(0, scene.jitter_s)
        if scene.tail_s:
            came += dice.expovariate(1 / scene.tail_s)
        if spoken % 60 > 50:
            came += scene.queue_s
        if scene.beat_s:
            came = ceil(came / scene.beat_s) * scene.beat_s
        stream = k // 6000 if scene.anew else 0
        timestamp = (TIMESTAMP + k * SLOT + stream * 2_000_000_000) % (1 << 32)
        mark = VOICED if voice else BREATH
        payload = desk.expect(mark + k.to_bytes(4), spoken + DELAY_S)
        place = sequence % 65_536, timestamp, 1 + stream
        found.append((came, Packet(111, False, *place, payload)))
    found.sort(key=lambda one: one[0])
    return found


def play(scene: Scene) -> Result:
    desk = Desk()
    uplink = Uplink(8000, 0.0, heard=desk.caller)
    packets = arrivals(scene, desk)
    start_s = 0.0043
    k = 0
    for tick in range(scene.minutes * 3000):
        due = start_s + tick * SLOT_S
        while k < len(packets) and packets[k][0] <= due:
            uplink.take(packets[k][1], packets[k][0])
            k += 1
        # Every three seconds the caller cuts in; then silence but for a reminder.
        at = round(due * 48_000)
        if tick % 150 < 120:
            desk.agent(desk.expect(b"\x48" + tick.to_bytes(4), due), at)
        elif tick % 150 == 130:
            desk.agent(silence(), at)
        uplink.tick(due + 0.0002)
        if scene.reports and tick % 250 == 249:
            said = round((due - FIRST_S) * 48_000 * (1 + scene.ppm * 1e-6))
            uplink.report((TIMESTAMP + said) % (1 << 32), 3.9e9 + due)
        desk.tick(at + 10)
    return Result(uplink, desk)


def drift_is_told(result: Result, ppm: float, within: float = 5) -> bool:
    return abs(result.clock["clock_drift_ppm"] - ppm) <= within


@pytest.mark.parametrize("minutes,ppm", [(60, 200), (10, -200)])
def test_an_hour_on_a_clean_line(minutes: int, ppm: float) -> None:
    scene = Scene(minutes, ppm)
    result = play(scene)
    result.check(scene, 10)
    assert drift_is_told(result, ppm)
    assert result.legs[0].dropped == 0  # words are left alone


def test_an_hour_with_all_that_can_be_wrong() -> None:
    scene = Scene(minutes=60, ppm=-200, loss=0.2, jitter_s=0.06, outage_s=2)
    result = play(scene)
    result.check(scene, 20)
    assert drift_is_told(result, -200)


IMPAIRED = {
    "loss": Scene(loss=0.05),
    "heavy loss": Scene(loss=0.2, ppm=-200),
    "jitter": Scene(jitter_s=0.06),
    "jitter and loss": Scene(jitter_s=0.06, loss=0.05),
    "jitter without a limit": Scene(tail_s=0.03, ppm=-200),
    "a queue that comes and goes": Scene(queue_s=0.08, jitter_s=0.01),
    "an outage": Scene(outage_s=2, jitter_s=0.01),
    "a phone that sends no silence": Scene(voiced=(500, 1500), dtx=True, ppm=-200),
    "muted for minutes": Scene(voiced=(5000, 12_000), dtx=True, jitter_s=0.02),
    "other streams": Scene(anew=True, jitter_s=0.02),
}


@pytest.mark.parametrize("what", IMPAIRED)
def test_an_impaired_line(what: str) -> None:
    result = play(IMPAIRED[what])
    result.check(IMPAIRED[what], 20)
    assert drift_is_told(result, IMPAIRED[what].ppm)


@pytest.mark.parametrize("ppm", [200, -200])
def test_somebody_who_never_breathes(ppm: float) -> None:
    """Music: sound has to give way, but seldom, and the legs stay in step."""
    scene = Scene(ppm=ppm, voiced=(1, 1))
    result = play(scene)
    result.check(scene, 10)
    assert result.legs[0].dropped <= 600 * 200e-6 / 0.0075 + 1


@pytest.mark.parametrize("ppm", [200, -20, 0])
def test_packets_that_are_read_on_a_beat(ppm: float) -> None:
    """Every 10 ms, as the clock does: all that it adds is constant or averaged out."""
    scene = Scene(ppm=ppm, beat_s=0.010, reports=True)
    result = play(scene)
    assert result.p99() <= 10
    assert drift_is_told(result, ppm)


SOUND = chirp(seconds=0.4)


async def test_chirps_of_the_same_instants_are_heard_together(tmp_path: Path) -> None:
    """Encoded, recorded, decoded: a minute with a phone that is 500 ppm fast."""
    instants, failures = [5.0, 30.0, 54.0], []
    folder = tmp_path / "call"
    with Writer() as writer:
        async with Recorder(folder, writer, lambda *why: failures.append(why)) as it:
            speak(it, instants, Scene(minutes=1, ppm=500, jitter_s=0.02))
    assert failures == []
    to_wav(folder / AUDIO, tmp_path / "both.wav")
    both = read(tmp_path / "both.wav")
    for instant in instants:
        start = round((instant - 0.5) * RATE)
        caller, agent = (place(leg, SOUND) for leg in both[start : start + 96_000].T)
        assert abs(caller - agent) / 48 <= 10
        # An encoder looks ahead by 6.5 ms, and its packets come that much later.
        assert abs((start + agent) / RATE - instant) <= 0.010


def speak(recorder: Recorder, instants: list[float], scene: Scene) -> None:
    """Have a chirp begin at each of the instants, in both legs."""
    uplink = Uplink(RATE, 0.0, heard=recorder.caller)
    dice, arriving = random.Random(1), []
    said = [one for one, _, _ in captured(scene)]
    voices = chirps([instant - DELAY_S for instant in instants], said)
    for k, spoken in enumerate(said):
        came = spoken + DELAY_S + dice.uniform(0, scene.jitter_s)
        packet = Packet(111, False, k, k * SLOT, 1, voices.get(k, BREATH + bytes(4)))
        arriving.append((came, packet))
    arriving.sort(key=lambda one: one[0])
    ticks = [0.0043 + tick * SLOT_S for tick in range(scene.minutes * 3000)]
    voices = chirps(instants, ticks)
    for tick, due in enumerate(ticks):
        while arriving and arriving[0][0] <= due:
            uplink.take(arriving[0][1], arriving.pop(0)[0])
        recorder.agent(voices.get(tick, silence()), round(due * 48_000))
        uplink.tick(due)
        recorder.tick(round(due * 48_000))


def chirps(instants: list[float], packets: list[float]) -> dict[int, bytes]:
    """Payloads by packet, of which is known when each begins (s)."""
    found: dict[int, bytes] = {}
    for instant in instants:
        first = int(np.searchsorted(packets, instant)) - 1
        before = np.zeros(round((instant - packets[first]) * RATE), np.int16)
        pcm = np.concatenate([before, SOUND])
        pcm = np.pad(pcm, (0, -len(pcm) % SLOT))
        encoder = Encoder(RATE)
        for k, piece in enumerate(pcm.reshape(-1, SLOT)):
            found[first + k] = encoder.encode(piece.tobytes())
    return found
