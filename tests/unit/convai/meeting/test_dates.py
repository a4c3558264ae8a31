"""Dates: reckoning at the ends of weeks, months and years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.dates import (
    WEEKDAYS,
    Today,
    coming,
    dated,
    in_week,
    made,
    monday,
    month_later,
    next_monday,
    nth_weekday,
    nths,
)

DATES = st.dates(date(2000, 1, 1), date(2100, 12, 31))
NAMES = st.sampled_from(WEEKDAYS)


def test_a_date_that_there_is_not() -> None:
    assert made(2028, 2, 29) == date(2028, 2, 29)
    assert made(2027, 2, 29) is None
    assert made(2027, 13, 1) is None
    assert made(0, 1, 1) is None


@given(DATES, NAMES)
def test_the_coming_weekday_is_one_to_seven_days_away(now: date, name: str) -> None:
    on = coming(name, now)
    assert WEEKDAYS[on.weekday()] == name
    assert 1 <= (on - now).days <= 7


@given(DATES, NAMES)
def test_a_week_begins_on_monday(now: date, name: str) -> None:
    begins = monday(now)
    assert begins.weekday() == 0 and 0 <= (now - begins).days < 7
    assert next_monday(Today(now)) == begins + timedelta(7)
    on = in_week(name, begins)
    assert WEEKDAYS[on.weekday()] == name and monday(on) == begins


@pytest.mark.parametrize(
    ("now", "day", "month", "year", "on"),
    [
        (date(2026, 6, 15), 15, 6, 0, date(2026, 6, 15)),
        (date(2026, 6, 15), 14, 6, 0, date(2027, 6, 14)),
        (date(2026, 12, 31), 1, 1, 0, date(2027, 1, 1)),
        (date(2026, 6, 15), 14, 6, 2026, date(2026, 6, 14)),
        (date(2026, 6, 15), 31, 6, 0, None),
        (date(2027, 6, 15), 29, 2, 0, date(2028, 2, 29)),
        (date(2026, 6, 15), 29, 2, 0, None),
    ],
)
def test_a_date_without_a_year_is_the_next(
    now: date, day: int, month: int, year: int, on: date | None
) -> None:
    assert dated(day, month, year, Today(now)) == on


@pytest.mark.parametrize(
    ("today", "number", "found"),
    [
        (Today(date(2026, 6, 1)), 31, [date(2026, 7, 31), date(2026, 8, 31)]),
        (Today(date(2026, 12, 31)), 31, [date(2026, 12, 31), date(2027, 1, 31)]),
        (Today(date(2026, 1, 30)), 29, [date(2026, 3, 29)]),
        (Today(date(2028, 1, 30)), 29, [date(2028, 2, 29), date(2028, 3, 29)]),
        (
            Today(date(2026, 11, 20), month=1),
            5,
            [date(2027, 1, 5), date(2027, 2, 5), date(2027, 3, 5)],
        ),
        (Today(date(2026, 6, 1)), 32, []),
    ],
)
def test_the_days_of_a_number(today: Today, number: int, found: list[date]) -> None:
    assert nths(number, today) == found


def test_months_go_on_over_the_year() -> None:
    assert month_later(date(2026, 12, 1), 1) == date(2027, 1, 1)
    assert month_later(date(2026, 1, 1), 11) == date(2026, 12, 1)
    assert month_later(date(2026, 1, 1), 12) == date(2027, 1, 1)


@given(DATES, NAMES)
def test_the_weekdays_of_a_month_by_their_number(now: date, name: str) -> None:
    first = now.replace(day=1)
    every = [first + timedelta(more) for more in range(31)]
    every = [it for it in every if it.month == first.month]
    every = [it for it in every if WEEKDAYS[it.weekday()] == name]
    for number in (1, 2, 3):
        assert nth_weekday(number, name, first) == every[number - 1]
    assert nth_weekday(0, name, first) == every[-1]
