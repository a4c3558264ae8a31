"""Drift: a line along the underside of what is known of arrivals."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.drift import MOST_DRIFT, POINTS, TRUSTED, Drift

STRETCH = 240_000


def test_the_line_touches_the_points_from_below() -> None:
    drift, dice = Drift(), random.Random(1)
    for k in range(100):
        x = k * STRETCH
        drift.add(x, 7000 + 1e-4 * x + dice.expovariate(1 / 50))
    assert drift.rate == pytest.approx(1e-4, abs=3e-6)
    assert -24 <= drift.at(x) - 1e-4 * x - 7000 <= drift.doubt < 60


def test_a_rate_that_fits_is_left_alone() -> None:
    drift, dice = Drift(), random.Random(1)
    for k in range(100):
        drift.add(k * STRETCH, dice.uniform(0, 10))
    assert drift.rate == pytest.approx(0, abs=1e-6)


def test_it_is_trusted_after_a_minute() -> None:
    drift = Drift()
    for k in range(TRUSTED // STRETCH):
        drift.add(k * STRETCH, 0)
        assert not drift.trusted
    drift.add(TRUSTED, 0)
    assert drift.trusted


def test_another_stream_keeps_the_rate_and_nothing_else() -> None:
    drift = Drift()
    for k in range(20):
        drift.add(k * STRETCH, 1e-4 * k * STRETCH)
    before = drift.rate
    drift.begin()
    assert drift.lines == 0
    drift.add(0, -50_000)
    assert drift.at(STRETCH) == pytest.approx(-50_000 + before * STRETCH)


def test_points_that_are_not_after_the_last_are_left_out() -> None:
    drift = Drift()
    for x in (0, 100, 100, 50, 100, 200):
        drift.add(x, 5.0)
    assert drift.at(300) == 5.0


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.integers(-1000, 1 << 31),
            st.floats(-(2**48), 2**48, allow_nan=False),
        )
    )
)
def test_whatever_it_is_told_the_rate_is_one_of_a_clock(
    told: list[tuple[bool, int, float]],
) -> None:
    drift, x = Drift(), 0
    for report, step, y in told:
        x += step
        (drift.report if report else drift.add)(x, y)
        assert abs(drift.rate) <= MOST_DRIFT
        assert drift.doubt >= 0
        assert len(drift._least) <= POINTS and len(drift._reports) <= POINTS
