"""Timeline: where a packet belongs, by its timestamp and its arrival."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from rtc.timeline import Timeline

SLOT = 960


def test_packets_follow_each_other_as_spoken_not_as_they_arrive() -> None:
    timeline = Timeline()
    jitter = [0, 300, 900, 100, 0]
    placed = [
        timeline.place(1, 5000 + k * SLOT, 48_000 + k * SLOT + late)
        for k, late in enumerate(jitter)
    ]
    assert placed == [48_000 + k * SLOT for k in range(5)]


def test_a_first_packet_that_was_delayed_is_corrected_by_the_next() -> None:
    timeline = Timeline()
    assert timeline.place(1, 0, 10_000 + 1440) == 11_440
    assert timeline.place(1, SLOT, 10_000 + SLOT) == 10_000 + SLOT


def test_late_and_twice_is_not_placed() -> None:
    timeline = Timeline()
    timeline.place(1, 2 * SLOT, 2 * SLOT)
    assert timeline.place(1, SLOT, 2 * SLOT) is None
    assert timeline.place(1, 2 * SLOT, 2 * SLOT) is None
    assert timeline.late == 2


@given(st.integers(0, (1 << 32) - 1))
def test_timestamps_wrap(start: int) -> None:
    timeline = Timeline()
    placed = [
        timeline.place(1, (start + k * SLOT) % (1 << 32), k * SLOT) for k in range(5)
    ]
    assert placed == [k * SLOT for k in range(5)]


def test_another_source_or_a_jump_is_a_new_beginning() -> None:
    timeline = Timeline()
    timeline.place(1, 0, 0)
    assert timeline.place(2, 777_777, SLOT) == SLOT
    assert timeline.place(2, 5_000_000, 2 * SLOT) == 2 * SLOT
    assert timeline.jumps == 2


def test_a_pause_without_packets_keeps_its_length() -> None:
    timeline = Timeline()
    timeline.place(1, 0, 100)
    assert timeline.place(1, 480_000, 480_100) == 480_100


def test_the_drift_of_a_phone_is_followed() -> None:
    """200 ppm for ten minutes is 120 ms; the map stays within 10 ms of the truth."""
    timeline, dice = Timeline(), random.Random(1)
    worst = 0
    for k in range(30_000):
        true = round(k * SLOT * 1.0002)
        at = timeline.place(1, k * SLOT, true + dice.randrange(0, 960))
        assert at is not None
        if k > 500:
            worst = max(worst, abs(at - true))
    assert worst < 480
