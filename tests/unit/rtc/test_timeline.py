"""Timeline: where a packet belongs, by its timestamp and its arrival."""

from __future__ import annotations

import random

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


def test_a_shorter_way_through_the_network_tears_no_hole() -> None:
    """60 ms shorter: the map moves by a sample a packet, not by three packets."""
    timeline, early = Timeline(), 3 * SLOT
    for k in range(100):
        timeline.place(k * SLOT, k * SLOT + early)
    placed = [timeline.place(k * SLOT, k * SLOT) for k in range(100, 200)]
    steps = {after - before for before, after in zip(placed, placed[1:], strict=False)}
    assert steps == {SLOT - 1}


def test_a_pause_without_packets_keeps_its_length() -> None:
    timeline = Timeline()
    timeline.place(0, 100)
    assert timeline.place(480_000, 480_100) == 480_100


def test_the_drift_of_a_phone_is_followed() -> None:
    """200 ppm for ten minutes is 120 ms; the map stays within 10 ms of the truth."""
    timeline, dice = Timeline(), random.Random(1)
    worst = 0
    for k in range(30_000):
        true = round(k * SLOT * 1.0002)
        at = timeline.place(k * SLOT, true + dice.randrange(0, 960))
        if k > 500:
            worst = max(worst, abs(at - true))
    assert worst < 480
