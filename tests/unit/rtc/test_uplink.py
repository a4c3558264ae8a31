"""Uplink: an unbroken stream of PCM, whatever the network does."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.opus import Encoder, silence
from rtc.recording.leg import Leg
from rtc.rtp import Packet
from rtc.timeline import MOST_EARLY
from rtc.uplink import BOUND_MS, CREDIT, PATIENCE_S, Uplink
from tests import virtual

RATE = 16_000
SLOT = 960
SLOT_S = 0.020
SLOT_BYTES = RATE // 50 * 2


def packet(k: int, payload: bytes = silence(), ssrc: int = 1, pause: int = 0) -> Packet:
    timestamp = (k * SLOT + pause) % (1 << 32)
    return Packet(111, False, k % 65536, timestamp, ssrc, payload)


def named(k: int) -> bytes:
    """A payload that is Opus, of 20 ms, and like no other."""
    return b"\xf8" + k.to_bytes(4) + bytes(20)


class Line:
    """An uplink, what was heard of it and when, and the clock that it runs by."""

    def __init__(self, rate: int = RATE) -> None:
        self.uplink = Uplink(rate, 0.0, heard=self._heard, listen=self._listen)
        self.now = 0.0
        self.ticks = 0
        self.given = 0
        "Bytes of PCM so far."
        self.pcm = bytearray()
        self.at: list[tuple[int, int]] = []
        "Of each piece of PCM: position and bytes."
        self.heard: list[tuple[bytes, int, float, int]] = []
        "Of each packet: payload, position, time, and bytes of PCM before it."

    def _heard(self, payload: bytes, at: int) -> None:
        self.heard.append((payload, at, self.now, self.given))

    def _listen(self, pcm: bytes, at: int, voice: bool) -> None:
        self.pcm += pcm
        self.given += len(pcm)
        self.at.append((at, len(pcm)))

    def run(self, until: float, arrivals: Iterable[tuple[float, Packet]] = ()) -> None:
        """Packets as they arrive, ordered by time, and ticks in between."""
        for time, packet in arrivals:
            self._tick_until(time)
            self.now = max(self.now, time)
            self.uplink.take(packet, self.now)
        self._tick_until(until)

    def _tick_until(self, time: float) -> None:
        while (due := self.ticks * SLOT_S + 0.007) <= time:
            self.ticks += 1
            self.now = due
            self.uplink.tick(due)

    @property
    def given_ms(self) -> float:
        return self.given / 2 / self.uplink._repair.rate * 1000


def sent(ks: Iterable[int], late_s: float = 0.0) -> list[tuple[float, Packet]]:
    return [(k * SLOT_S + late_s, packet(k, named(k))) for k in ks]


async def drained(uplink: Uplink) -> list[bytes]:
    uplink.end()
    parts = []
    while (pcm := await uplink.next()) is not None:
        parts.append(pcm)
    return parts


def test_every_packet_is_told_with_its_position_and_heard_at_once() -> None:
    line = Line()
    line.run(2.0, sent(range(50, 100)))
    assert [at for _, at, _, _ in line.heard] == [k * SLOT for k in range(50, 100)]
    assert [payload for payload, *_ in line.heard] == [named(k) for k in range(50, 100)]
    assert all(now == k * SLOT_S for k, (_, _, now, _) in enumerate(line.heard, 50))
    assert line.uplink.counters()["caller_delivered_ms"] == 1000


def test_pieces_are_as_long_as_asked_for() -> None:
    async def main() -> None:
        for chunk_ms in (20, 40, 60, 100):
            uplink = Uplink(RATE, 0.0, chunk_ms=chunk_ms)
            for k in range(7):
                uplink.take(packet(k), k * SLOT_S)
            sizes = [len(pcm) for pcm in await drained(uplink)]
            whole = RATE * chunk_ms // 1000 * 2
            assert sum(sizes) == 7 * SLOT_BYTES
            assert set(sizes[:-1]) <= {whole} and sizes[-1] <= whole

    virtual.run(main())


def test_a_lost_packet_leaves_a_hole_of_its_own_length() -> None:
    line = Line()
    line.run(0.18, sent(k for k in range(9) if k not in (3, 4)))
    assert line.given == 9 * SLOT_BYTES
    counters = line.uplink.counters()
    assert counters["packets_lost"] == 2
    assert counters["caller_concealed_ms"] == 40


def test_when_nothing_comes_there_is_silence_in_real_time() -> None:
    line = Line()
    line.run(0.0, sent(range(10)))
    line.run(2.0)
    assert abs(line.given_ms - (2000 - PATIENCE_S * 1000)) <= 20
    # What then comes is not filled up once more.
    line.run(3.0, sent(range(100, 150)))
    assert line.given_ms == 3000
    assert line.at[-1] == (149 * SLOT, SLOT_BYTES)


def test_before_anything_came_a_listening_agent_hears_silence() -> None:
    async def main() -> None:
        uplink, now, heard = Uplink(RATE, 0.0), 0.0, 0
        while now < 1:  # nobody takes it: nothing piles up
            now += SLOT_S
            uplink.tick(now)
        assert len(uplink._chunks) == 1
        while now < 2:
            now += SLOT_S
            uplink.tick(now)
            if uplink._chunks:
                pcm = await uplink.next()
                assert pcm is not None and not any(pcm)
                heard += len(pcm)
        assert abs(heard / 2 / RATE - 1) < 0.05
        assert uplink.counters()["caller_dropped"] == 0

    virtual.run(main())


def test_a_process_that_stood_still_gives_nothing_up() -> None:
    """A second of packets waited in the socket, and the clock is asked first."""
    line = Line()
    line.run(0.2, sent(range(10)))
    for _ in range(3):  # the clock makes up for some of its ticks
        line.uplink.tick(1.2)
    line.now, line.ticks = 1.2, 60
    line.run(1.4, [(1.2, one) for _, one in sent(range(10, 60))] + sent(range(60, 70)))
    assert len(line.heard) == 70
    assert line.given == 70 * SLOT_BYTES
    assert line.uplink.counters()["caller_silent_ms"] == 0


def test_a_process_that_is_always_late_still_passes_the_time() -> None:
    uplink = Uplink(RATE, 0.0)
    uplink.take(packet(0), 0.0)
    for k in range(1, 100):
        uplink.tick(k * 0.06)
    assert uplink.counters()["caller_silent_ms"] > 800


def test_broken_and_empty_packets_do_no_harm() -> None:
    line = Line()
    odd = [packet(10, b""), packet(11, b"\x4b"), packet(12, b"\x48")]
    line.run(0.2, sent(range(10)))
    line.run(0.4, [(0.2 + k * SLOT_S, one) for k, one in enumerate(odd)])
    line.run(0.4, sent(range(13, 20)))
    assert line.given_ms == 400
    assert line.uplink.counters()["packets_broken"] == 2


def test_nobody_speaks_faster_than_time_passes() -> None:
    line = Line()
    for k in range(2000):  # another source with each, and 120 ms each
        line.uplink.take(packet(k, b"\x1b\x02..", ssrc=k), 0.0)
    assert line.given_ms <= CREDIT / 48 + 120
    assert line.uplink.counters()["packets_refused"] > 1900
    line.run(30.0)  # and is taken again when time has passed
    before = len(line.heard)
    line.run(30.2, [(30 + k * SLOT_S, packet(k, ssrc=7)) for k in range(10)])
    assert len(line.heard) == before + 10


def test_overlapping_packets_are_heard_once() -> None:
    line = Line()
    for k in range(1000):  # 120 ms each, one sample apart
        one = packet(k, b"\x1b\x02..")._replace(timestamp=k)
        line.uplink.take(one, 0.0)
    line.uplink.end()
    assert line.uplink.counters()["caller_delivered_ms"] == (5760 + 999) // 48
    assert line.given == (5760 + 999) // 960 * SLOT_BYTES


def test_the_end_is_told_once_and_is_not_pushed_out() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        uplink.take(packet(0), 0.0)
        uplink.take(packet(2), 0.0)  # waits for the other
        uplink.end()
        for k in range(3, 500):  # it goes on sending
            uplink.take(packet(k), k * SLOT_S)
            uplink.tick(k * SLOT_S)
            uplink.end()
        assert sum(map(len, await drained(uplink))) == 3 * SLOT_BYTES
        assert await uplink.next() is None

    virtual.run(main())


def test_the_end_is_told_to_who_waits_for_more() -> None:
    async def main() -> None:
        uplink = Uplink(RATE, 0.0)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(uplink.next())
            await asyncio.sleep(1)
            uplink.end()
        assert task.result() is None

    virtual.run(main())


def test_nobody_listening_drops_the_oldest() -> None:
    line = Line()
    line.run(10.0, sent(range(500)))
    dropped = line.uplink.counters()["caller_dropped"]
    assert dropped == (10_000 - BOUND_MS) // 40


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_speech_arrives_at_the_agents_rate(rate: int) -> None:
    encoder, line = Encoder(48_000), Line(rate)
    tone = 8000 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    pcm = tone.astype("<i2").tobytes()
    payloads = [encoder.encode(pcm[k * 1920 : (k + 1) * 1920]) for k in range(50)]
    line.run(1.0, [(k * SLOT_S, packet(k, one)) for k, one in enumerate(payloads)])
    heard = np.frombuffer(line.pcm, "<i2").astype(float)
    assert 0 <= rate - len(heard) <= rate // 50  # a resampler keeps 1 ms back
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(int(np.argmax(spectrum)) * rate / len(heard) - 440) <= 2


def test_the_clock_of_the_caller_is_told() -> None:
    line, fast = Line(8000), 1 + 150e-6
    assert line.uplink.clock() == {}
    sent = [(k * SLOT_S / fast, packet(k)) for k in range(4500)]
    line.run(10.0, sent[:500])
    assert line.uplink.clock().keys() == {"clock_uncertain_ms"}
    line.run(90.0, sent[500:])
    clock = line.uplink.clock()
    assert clock["clock_drift_ppm"] == pytest.approx(150, abs=5)
    assert 0 < clock["clock_uncertain_ms"] < 2


def test_sender_reports_reach_the_clock() -> None:
    """Packets that are read on a beat of 10 ms; the truth is told beside them."""
    told = []
    for reports in (False, True):
        uplink = Uplink(8000, 0.0)
        for k in range(10_000):
            spoken = k * SLOT_S / (1 + 40e-6)
            uplink.take(packet(k), math.ceil(spoken * 100) / 100)
            uplink.tick(spoken)
            if reports and k % 250 == 0:
                uplink.report(k * SLOT, 3.9e9 + spoken)
        told.append(uplink.clock()["clock_drift_ppm"])
    assert abs(told[1] - 40) < 5 < abs(told[0] - 40)


def test_a_packet_that_waits_in_vain_is_placed_by_when_it_came() -> None:
    line = Line()
    line.run(0.2, sent([0, 1, 3], 0.010))
    assert [at for _, at, _, _ in line.heard] == [480, 480 + SLOT, 480 + 3 * SLOT]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([SLOT, 0, 1, -SLOT, 1 << 31]) | st.integers(0, 1 << 32),
            st.sampled_from([1, 1, 1, 0, 2, 3000]),
            st.sampled_from([1, 1, 1, 2]),
            st.sampled_from([0.0, 0.02, 0.02, 0.5]),
        ),
        max_size=200,
    )
)
def test_a_recording_is_no_longer_than_the_time_whatever_timestamps_tell(
    steps: list[tuple[int, int, int, float]],
) -> None:
    leg, now, timestamp, sequence, highest = Leg(), 0.0, 0, 0, 0

    def heard(payload: bytes, at: int) -> None:
        nonlocal highest
        before = leg.end
        pieces = leg.put(payload, at)
        assert len(pieces) <= (leg.end - before) // SLOT + 5
        highest = max(highest, leg.end)
        assert 0 <= before <= leg.end <= now * 48_000 + MOST_EARLY + 2 * SLOT

    uplink = Uplink(8000, 0.0, heard=heard)
    for step, count, ssrc, passed in steps:
        timestamp = (timestamp + step) % (1 << 32)
        sequence = (sequence + count) % 65_536
        now += passed
        payload = b"\x48" + sequence.to_bytes(4)
        uplink.take(Packet(111, False, sequence, timestamp, ssrc, payload), now)
        uplink.tick(now)
        assert leg.end == highest


DISTURBED_S = 3.0
"How long the network is bad in the tests below; then it is good again."


class Network:
    """What becomes of 300 packets: bad for three seconds, then good again."""

    def __init__(self, dice: random.Random, loss: float, jitter_s: float) -> None:
        self._dice = dice
        self._loss = loss
        self._jitter_s = jitter_s

    def arrivals(self, outage_s: float, in_a_burst: bool) -> list[tuple[float, int]]:
        """When which packet comes. After one second nothing comes for `outage_s`."""
        found = [(0.0, 0)]
        for k in range(1, 300):
            time = k * SLOT_S
            if time >= DISTURBED_S:
                found.append((time, k))
            elif not 1 <= time < 1 + outage_s:
                found += self._bad(k, time)
            elif in_a_burst:
                found += self._bad(k, 1 + outage_s)
        return sorted(found)

    def _bad(self, k: int, time: float) -> Iterable[tuple[float, int]]:
        if self._dice.random() >= self._loss:
            time = min(time + self._dice.uniform(0, self._jitter_s), DISTURBED_S)
            yield time, k
            if self._dice.random() < 0.1:
                yield time + 0.01, k


@given(
    sequence=st.integers(0, 65535),
    timestamp=st.integers(0, (1 << 32) - 1),
    loss=st.floats(0, 0.5),
    jitter_s=st.floats(0, 0.4),
    outage_s=st.floats(0, 2),
    in_a_burst=st.booleans(),
    seed=st.integers(),
)
def test_each_slot_is_given_out_once_and_no_delay_remains(
    sequence: int,
    timestamp: int,
    loss: float,
    jitter_s: float,
    outage_s: float,
    in_a_burst: bool,
    seed: int,
) -> None:
    """Loss, duplicates, reordering, jitter, an outage (lost or in a burst), wraps."""
    network, line = Network(random.Random(seed), loss, jitter_s), Line()
    for time, k in network.arrivals(outage_s, in_a_burst):
        place = (sequence + k) % 65536, (timestamp + k * SLOT) % (1 << 32)
        line.run(time, [(time, Packet(111, False, *place, 1, named(k)))])
    line.run(6.0)
    heard = [int.from_bytes(payload[1:5]) for payload, *_ in line.heard]
    assert heard == sorted(set(heard))
    counters = line.uplink.counters()
    assert sum(counters[f"caller_{what}_ms"] for what in KINDS) == line.given_ms
    if jitter_s < 0.1:
        _check_places(line)
        assert line.given == 300 * SLOT_BYTES
        assert counters["timeline_jumps"] == 0
    # A network with more jitter than patience looks like a clock that stood still; a
    # wrong guess costs silence, as much as was too late, and not a word.
    assert 6000 <= line.given_ms <= 6000 + 700 * counters["timeline_jumps"]
    # One second after the disturbance every packet is heard in the moment it comes.
    calm = int((DISTURBED_S + 1) / SLOT_S)
    assert {
        int.from_bytes(payload[1:5]): now
        for payload, _, now, _ in line.heard
        if payload >= named(calm)
    } == {k: k * SLOT_S for k in range(calm, 300)}


KINDS = ("delivered", "recovered", "concealed", "silent")


def _check_places(line: Line) -> None:
    """Each packet once, in order, and its PCM exactly where it belongs."""
    heard = [int.from_bytes(payload[1:5]) for payload, *_ in line.heard]
    assert heard == sorted(set(heard))
    assert [given for *_, given in line.heard] == [k * SLOT_BYTES for k in heard]


@given(st.lists(st.sampled_from("pppppppsctzf"), min_size=1, max_size=60))
def test_a_new_beginning_loses_nothing_and_makes_nothing_up(steps: list[str]) -> None:
    """Sources, sequences and clocks change at will; on the network all is well."""
    line, sequence, timestamp, ssrc, arrivals = Line(), 0, 0, 1, []
    for k, step in enumerate(steps):
        sequence, timestamp = sequence + 1, timestamp + SLOT
        if step == "s":
            sequence += 20_000
        elif step == "c":
            ssrc += 1
        elif step == "t":
            timestamp += 1_000_000_007
        elif step == "z":
            timestamp -= 1_000_000_007
        elif step == "f":
            sequence, timestamp, ssrc = 0, 0, ssrc + 1
        one = Packet(
            111, False, sequence % 65536, timestamp % (1 << 32), ssrc, named(k)
        )
        arrivals.append((k * SLOT_S, one))
    line.run(len(steps) * SLOT_S, arrivals)
    _check_places(line)
    assert len(line.heard) == len(steps)
    assert line.given == len(steps) * SLOT_BYTES
    jumps = sum(step != "p" for step in steps[1:])
    assert line.uplink.counters()["timeline_jumps"] == jumps
    assert [at for _, at, _, _ in line.heard] == [
        round(time * 48_000) for time, _ in arrivals
    ]


@pytest.mark.parametrize("stood_s", [0.1, 0.5, 1.0, 5.0, 60.0])
def test_a_caller_whose_clock_stood_still_is_heard_again(stood_s: float) -> None:
    """Some senders go on after a pause with the timestamp that they stopped at."""
    line, gap = Line(), round(stood_s / SLOT_S)
    line.run(1.0, sent(range(50)))
    after = [((k + gap) * SLOT_S, packet(k, named(k))) for k in range(50, 150)]
    line.run(after[-1][0] + SLOT_S, after)
    assert len(line.heard) >= 147
    assert line.heard[-1][2] == after[-1][0]
    # The recording has it where it was said.
    assert abs(line.heard[-1][1] - after[-1][0] * 48_000) < (stood_s <= 0.2) * 4800 + 50


def test_a_microphone_that_sends_only_speech_costs_no_delay() -> None:
    """Discontinuous transmission: one packet in 400 ms of silence."""
    line, arrivals, sequence = Line(), [], 0
    for k in range(500):
        if k % 100 < 50 or k % 20 == 0:
            one = Packet(111, False, sequence, k * SLOT, 1, named(k))
            arrivals.append((k * SLOT_S, one))
            sequence += 1
    line.run(10.0, arrivals)
    assert [now for _, _, now, _ in line.heard] == [time for time, _ in arrivals]
    _check_places(line)
    counters = line.uplink.counters()
    assert counters["caller_concealed_ms"] == counters["packets_lost"] == 0
    assert counters["caller_delivered_ms"] == 20 * len(arrivals)
