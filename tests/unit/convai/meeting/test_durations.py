"""Durations: how long it takes, where somebody says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.durations import minutes_in
from convai.meeting.meeting import LONGEST_MIN

WORDS = st.sampled_from([
    "for", "takes", "a", "an", "one", "half", "quarter", "of", "and a half", "hour",
    "hours", "minutes", "2", "0", "5", "999", "call", "is enough", "in", "couple of",
])  # fmt: skip


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("It takes half an hour.", 30),
        ("a 30-minute call", 30),
        ("fifteen minutes is plenty", 15),
        ("about forty-five minutes", 45),
        ("needs ninety mins", 90),
        ("for an hour", 60),
        ("an hour and a half would be fine", 90),
        ("one and a half hours is enough", 90),
        ("it lasts two hours", 120),
        ("takes 10 minutes, no, it takes 20 minutes", 20),
    ],
)
def test_durations(said: str, minutes: int) -> None:
    assert minutes_in(said) == minutes


@pytest.mark.parametrize(
    "said",
    [
        "",
        "in 30 minutes",
        "every hour",
        "another 10 minutes",
        "after 20 minutes",
        "for 30",
        "30 minutes",
        "at three for me",
    ],
)
def test_nothing_is_said_of_it(said: str) -> None:
    assert minutes_in(said) is None


def test_what_is_too_short_or_too_long_for_a_meeting() -> None:
    assert minutes_in("for 4 minutes") is None
    assert minutes_in("for 5 minutes") == 5
    assert minutes_in("for 8 hours") == LONGEST_MIN
    assert minutes_in("for 9 hours") is None


@given(st.text() | st.lists(WORDS).map(" ".join))
def test_any_text_has_a_fitting_duration_or_none(text: str) -> None:
    minutes = minutes_in(text)
    assert minutes is None or 5 <= minutes <= LONGEST_MIN
