"""Dates: reckoning with weekdays, weeks and months, as people do. Pure.

The coming weekday is never today; a week begins on Monday; a date without a year, or a
month, is the next one there is. A date that there is not is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "Today",
    "coming",
    "dated",
    "in_week",
    "made",
    "monday",
    "month_later",
    "next_monday",
    "nth_weekday",
    "nths",
]

WEEKDAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)


@dataclass(frozen=True, slots=True)
class Today:
    """What the days of a text are reckoned from."""

    now: date
    "Where the caller is."
    minutes: int = 0
    "Of the day that have passed."
    month_first: bool = False
    "`11/27` is the 27th of November."
    week: date | None = None
    "Monday of the week that is spoken about, if one is."
    month: int = 0
    "The month that is spoken about; 0: none."
    day: date | None = None
    "The day that is spoken about."
    named: tuple[date, ...] = ()
    "Days that were named with their weekday, and more: who says it again means them."


def made(year: int, month: int, day: int) -> date | None:
    """None: there is no such date."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def monday(day: date) -> date:
    """Of its week."""
    return day - timedelta(day.weekday())


def next_monday(today: Today) -> date:
    """Of the next calendar week."""
    return monday(today.now) + timedelta(7)


def coming(weekday: str, after: date) -> date:
    """One to seven days after."""
    ahead = (WEEKDAYS.index(weekday) - after.weekday()) % 7 or 7
    return after + timedelta(ahead)


def in_week(weekday: str, begins: date) -> date:
    """`begins`: a Monday."""
    return begins + timedelta(WEEKDAYS.index(weekday))


def dated(day: int, month: int, year: int, today: Today) -> date | None:
    """`year` is 0 when it was not said."""
    if year:
        return made(year, month, day)
    # A leap day may be years away; nobody means more than the coming one.
    dates = (made(today.now.year + more, month, day) for more in range(2))
    return next((it for it in dates if it is not None and it >= today.now), None)


def nths(number: int, today: Today, months: int = 3) -> list[date]:
    """The next days of that number, from the month that is spoken about."""
    first = today.now.replace(day=1)
    if today.month and today.month != today.now.month:
        first = month_later(first, (today.month - today.now.month) % 12)
    dates = [
        made(it.year, it.month, number)
        for it in (month_later(first, more) for more in range(months))
    ]
    return [it for it in dates if it is not None and it >= today.now]


def month_later(first: date, months: int) -> date:
    """The first day of the month that comes so many later."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def nth_weekday(number: int, weekday: str, first: date) -> date:
    """In the month that begins with `first`; 0 is the last one of it."""
    earliest = first + timedelta((WEEKDAYS.index(weekday) - first.weekday()) % 7)
    if number:
        return earliest + timedelta(7 * (number - 1))
    fifth = earliest + timedelta(28)
    return fifth if fifth.month == first.month else fifth - timedelta(7)
