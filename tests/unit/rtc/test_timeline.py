"""Timeline: where a packet belongs, by its timestamp and its arrival."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.timeline import MOST_EARLY, MOST_LATE, Timeline

SLOT = 960


def test_packets_follow_each_other_as_spoken_not_as_they_arrive() -> None:
    timeline = Timeline()
    jitter = [0, 300, 900, 100, 0]
    placed = [
        timeline.place(5000 + k * SLOT, 48_000 + k * SLOT + late)
        for k, late in enumerate(jitter)
    ]
    assert placed == [48_000 + k * SLOT for k in range(5)]


def test_a_first_packet_that_was_delayed_is_corrected_by_the_next() -> None:
    timeline = Timeline()
    assert timeline.place(0, 10_000 + 1440) == 11_440
    assert timeline.place(SLOT, 10_000 + SLOT) == 10_000 + SLOT


@given(st.integers(0, (1 << 32) - 1))
def test_timestamps_wrap(start: int) -> None:
    timeline = Timeline()
    placed = [
        timeline.place((start + k * SLOT) % (1 << 32), k * SLOT) for k in range(5)
    ]
    assert placed == [k * SLOT for k in range(5)]


def test_another_stream_begins_where_it_arrives() -> None:
    timeline = Timeline()
    timeline.place(0, 0)
    timeline.forget()
    assert timeline.place(SLOT + 100, SLOT) == SLOT
    assert timeline.place(2 * SLOT + 100, 2 * SLOT) == 2 * SLOT


def test_nothing_is_placed_far_from_where_it_arrived() -> None:
    for jump in (MOST_EARLY + SLOT, -MOST_LATE - SLOT, 5_000_000):
        timeline = Timeline()
        for k in range(100):
            timeline.place(k * SLOT, k * SLOT)
        assert timeline.place(100 * SLOT + jump, 100 * SLOT) == 100 * SLOT
        assert timeline.place(101 * SLOT + jump, 101 * SLOT) == 101 * SLOT


@pytest.mark.parametrize("other", [-3 * SLOT, 3 * SLOT])
def test_another_way_through_the_network_tears_no_hole(other: int) -> None:
    """60 ms shorter or longer: the map moves by five samples a packet at most."""
    timeline = Timeline()
    ways = [5000] * 1000 + [5000 + other] * 2500
    placed = [
        timeline.place(k * SLOT, k * SLOT + way) - k * SLOT
        for k, way in enumerate(ways)
    ]
    assert set(placed[:1000]) == {5000}
    steps = {b - a for a, b in pairwise(placed)}
    assert min(steps) >= -6 and max(steps) <= 6
    assert abs(placed[-1] - 5000 - other) <= 12


def test_a_queue_of_some_seconds_moves_nothing() -> None:
    timeline = Timeline()
    for k in range(6000):
        queue = 3 * SLOT if k % 1000 > 500 else 0
        assert timeline.place(k * SLOT, k * SLOT + queue) == k * SLOT


def test_a_pause_without_packets_keeps_its_length() -> None:
    timeline = Timeline()
    timeline.place(0, 100)
    assert timeline.place(480_000, 480_100) == 480_100


@pytest.mark.parametrize("ppm", [200, -200, 30])
def test_the_drift_of_a_phone_is_followed_and_told(ppm: float) -> None:
    """For ten minutes, with 20 ms of jitter; told after one."""
    timeline, dice = Timeline(), random.Random(1)
    worst = 0
    for k in range(30_000):
        true = round(k * SLOT / (1 + ppm * 1e-6))
        at = timeline.place(k * SLOT, true + dice.randrange(0, 960))
        if k > 500:
            worst = max(worst, abs(at - true))
        if k == 3_000:
            assert timeline.drift_ppm is None
        if k == 4_000:
            assert timeline.drift_ppm == pytest.approx(ppm, abs=10)
    assert worst < 48  # 1 ms
    assert timeline.drift_ppm == pytest.approx(ppm, abs=4)
    assert timeline.uncertain is not None and worst <= timeline.uncertain < 480


def test_of_a_call_of_seconds_nothing_is_told() -> None:
    timeline = Timeline()
    for k in range(100):
        timeline.place(k * SLOT, k * SLOT)
    assert timeline.drift_ppm is timeline.uncertain is None


def test_what_is_known_of_a_clock_is_kept_when_a_stream_begins_anew() -> None:
    timeline = Timeline()
    for k in range(6000):
        timeline.place(k * SLOT, round(k * SLOT * 1.0002))
    begun = timeline.place(7, 10_000_000)  # another clock, by its timestamps
    assert begun == 10_000_000
    later = timeline.place(7 + 45 * SLOT, 10_000_000 + 45 * SLOT + 500)
    assert later - begun == round(45 * SLOT * 1.0002)


def test_a_pause_of_minutes_neither_stops_the_drift_nor_doubles_a_correction() -> None:
    timeline = Timeline()
    for k in range(6000):
        timeline.place(k * SLOT, round(k * SLOT * 1.0002))
    for k in (6000, 36_000, 36_001):
        true = round(k * SLOT * 1.0002)
        assert abs(timeline.place(k * SLOT, true + 4000) - true) < 200


def test_a_packet_that_waits_for_another_counts_when_it_comes() -> None:
    timeline = Timeline()
    timeline.place(0, 3000)
    timeline.notice(2 * SLOT, 2 * SLOT + 100)
    assert timeline.place(SLOT, 3 * SLOT) == SLOT + 100
    assert timeline.place(2 * SLOT, 3 * SLOT) == 2 * SLOT + 100


REPORTED_S = 3.9e9
"NTP of our days."


def placed(
    report: Callable[[int], float | None], seconds: int = 300, beat: int = 1
) -> tuple[list[int], float | None]:
    """Where packets of a phone, 100 ppm fast, are placed beside the truth."""
    timeline, dice, off = Timeline(), random.Random(1), []
    for k in range(50 * seconds):
        true = round(k * SLOT / 1.0001)
        arrival = true + round(dice.expovariate(1 / 1000))
        off.append(timeline.place(k * SLOT, -(-arrival // beat) * beat) - true)
        told = report(k) if k % 100 == 0 else None
        if told is not None:
            timeline.report(k * SLOT, told)
    return off, timeline.drift_ppm


def test_sender_reports_tell_the_drift() -> None:
    """Better than packets that are read each 10 ms; each is wrong by 5 ms at most."""
    dice = random.Random(2)

    def report(k: int) -> float:
        return REPORTED_S + k * SLOT / 1.0001 / 48_000 + dice.uniform(0, 0.005)

    _, without = placed(lambda k: None, 200, 480)
    _, with_them = placed(report, 200, 480)
    assert without is not None and with_them is not None
    assert with_them == pytest.approx(100, abs=10)
    assert abs(without - 100) > 2 * abs(with_them - 100)


NONSENSE: dict[str, Callable[[int], float]] = {
    "a clock that is set": lambda k: REPORTED_S + k * 0.02 + (1000 if k > 7000 else 0),
    "500 ppm": lambda k: REPORTED_S + k * 0.02 * 1.0005,
    "-500 ppm": lambda k: REPORTED_S + k * 0.02 * 0.9995,
    "double speed": lambda k: REPORTED_S + k * 0.04,
    "backwards": lambda k: REPORTED_S - k * 0.02,
    "stands still": lambda k: 0.0,
    "jumps": lambda k: REPORTED_S + k * 0.02 + k // 100 % 2 * 0.015,
    "noise": lambda k: hash((k, 1)) % (1 << 32),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_sender_reports_that_lie_move_nothing_noticeably(what: str) -> None:
    off, _ = placed(NONSENSE[what])
    assert max(map(abs, off[250:])) <= 48 * 5


@given(
    st.lists(
        st.tuples(
            st.sampled_from([SLOT, 0, 1, -SLOT, 240_000]) | st.integers(0, 1 << 32),
            st.sampled_from([SLOT, 0, 1, 48_000]) | st.integers(0, 1 << 22),
            st.none() | st.floats(0, 1 << 32),
        ),
        max_size=300,
    )
)
def test_whatever_comes_is_placed_near_its_arrival(
    steps: list[tuple[int, int, float | None]],
) -> None:
    timeline, timestamp, arrival = Timeline(), 0, 0
    for step, passed, told in steps:
        timestamp = (timestamp + step) % (1 << 32)
        arrival += passed
        if told is None:
            timeline.notice(timestamp, arrival)
        else:
            timeline.report(timestamp, told)
        at = timeline.place(timestamp, arrival)
        assert -MOST_EARLY - 1 <= arrival - at <= MOST_LATE + 1
    assert abs(timeline.drift_ppm or 0) <= 501
