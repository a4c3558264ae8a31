"""Beat: an absolute schedule, and what a stall does to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rtc.beat import BURST, Beat


def test_ticks_are_due_every_20_ms_whatever_the_delay_of_the_last() -> None:
    beat = Beat(10.0)
    assert beat.wait(10.0) == 0.0
    assert beat.take(10.004) == 0
    assert round(beat.wait(10.004), 6) == 0.016
    assert beat.take(10.023) == 1
    assert round(beat.wait(10.023), 6) == 0.017


def test_a_stall_of_two_ticks_is_made_up_for() -> None:
    beat = Beat(0.0)
    assert [beat.take(0.041) for _ in range(3)] == [0, 1, 2]
    assert beat.skipped == 0
    assert beat.wait(0.041) > 0.0


def test_after_a_long_stall_three_ticks_come_at_once_and_time_stays_true() -> None:
    beat = Beat(0.0)
    assert beat.take(0.0) == 0
    indexes = []
    while beat.wait(0.305) == 0.0:
        indexes.append(beat.take(0.305))
    assert indexes == [13, 14, 15]
    assert beat.skipped == 12


@given(st.lists(st.floats(0.0, 1.0), max_size=60))
def test_no_burst_exceeds_the_limit_and_no_index_comes_twice(
    stalls: list[float],
) -> None:
    beat, now, seen = Beat(0.0), 0.0, [-1]
    for stall in stalls:
        now += beat.wait(now) + stall
        burst = 0
        while beat.wait(now) == 0.0:
            seen.append(beat.take(now))
            burst += 1
        assert burst <= BURST
        assert abs(seen[-1] * beat.period - now) < beat.period + 1e-6
    assert seen == sorted(set(seen))
