"""Reckoned: days that are named by way of another."""

from __future__ import annotations

from datetime import date

import pytest

from convai.meeting.dates import Today
from convai.meeting.days import days
from convai.meeting.speech import canonical

WEDNESDAY, TUESDAY = date(2026, 11, 25), date(2026, 12, 1)


def one(text: str, day: date | None) -> date | None:
    found = days(canonical(text), Today(WEDNESDAY, day=day))
    assert len(found) == 1, found
    return found[0].on


@pytest.mark.parametrize(
    ("said", "on"),
    [
        ("the day after", date(2026, 12, 2)),
        ("the next morning", date(2026, 12, 2)),
        ("the following afternoon", date(2026, 12, 2)),
        ("the day before", date(2026, 11, 30)),
        ("a week later", date(2026, 12, 8)),
        ("same day next week", date(2026, 12, 8)),
        ("shall I push you back a week?", date(2026, 12, 8)),
        ("the Friday after", date(2026, 12, 4)),
        ("the Tuesday after that", date(2026, 12, 8)),
    ],
)
def test_from_the_day_that_is_spoken_about(said: str, on: date) -> None:
    assert one(said, TUESDAY) == on


def test_the_weekday_after_is_not_that_of_this_week() -> None:
    assert one("the Friday after", None) == date(2026, 12, 4)
    assert one("the Friday after next", None) != date(2026, 12, 4)


def test_a_week_from_tonight() -> None:
    assert one("a week from tonight", None) == date(2026, 12, 2)


def test_nothing_was_spoken_about() -> None:
    assert not days("a week later", Today(WEDNESDAY))
    assert one("same day next week", None) == date(2026, 12, 2)
    assert not days("the next morning", Today(WEDNESDAY))
