"""Spread: quantiles to an eighth, the longest exactly, whatever is added."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.spread import BOUNDS, Spread

durations = st.floats(1e-5, 1.0)


def filled(values: list[float]) -> Spread:
    spread = Spread()
    for value in values:
        spread.add(value)
    return spread


def test_nothing_was_added() -> None:
    spread = Spread()
    assert len(spread) == 0
    assert spread.quantile(0.5) == spread.quantile(0.99) == spread.longest == 0.0


def test_of_a_hundred_the_ninety_ninth() -> None:
    spread = filled([0.001] * 98 + [0.010, 0.5])
    assert spread.quantile(0.5) == pytest.approx(0.001, rel=0.13)
    assert spread.quantile(0.99) == pytest.approx(0.010, rel=0.13)
    assert spread.quantile(1.0) == spread.longest == 0.5


def test_what_is_shorter_or_longer_than_all_buckets_is_counted_too() -> None:
    spread = filled([-0.002, 0.0, 1e-9, 7.0])
    assert len(spread) == 4
    assert spread.quantile(0.5) == BOUNDS[0]
    assert spread.quantile(1.0) == 7.0


def test_no_quantile_is_longer_than_the_longest() -> None:
    assert filled([0.00101]).quantile(0.5) == 0.00101


def test_how_many_were_late() -> None:
    spread = filled([0.004, 0.0045, 0.006, 0.1, 2.0])
    assert spread.above(0.005) == 3
    assert spread.above(1.0) == 1
    assert spread.above(3.0) == 0


def test_reset_forgets() -> None:
    spread = filled([0.1])
    spread.reset()
    assert len(spread) == 0
    assert spread.longest == 0.0


def test_its_size_does_not_grow() -> None:
    spread = Spread()
    size = sys.getsizeof(spread._counts)
    for k in range(10_000):
        spread.add(k / 1000)
    assert sys.getsizeof(spread._counts) == size
    assert len(spread) == 10_000


@given(st.lists(durations, min_size=1, max_size=200), st.floats(0.01, 1.0))
def test_a_quantile_is_never_too_low_and_at_most_an_eighth_too_high(
    values: list[float], share: float
) -> None:
    exact = next(
        value
        for rank, value in enumerate(sorted(values), 1)
        if rank >= share * len(values) - 1e-9
    )
    assert exact <= filled(values).quantile(share) <= exact * 1.1221


@given(st.lists(durations, max_size=50), st.lists(durations, max_size=50))
def test_merged_is_as_if_all_had_been_added_to_one(
    some: list[float], others: list[float]
) -> None:
    merged, both = filled(some), filled(some + others)
    merged.merge(filled(others))
    assert merged._counts == both._counts
    assert merged.longest == both.longest
