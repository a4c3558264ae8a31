from __future__ import annotations

from datetime import date

import pytest

from convai.local.days import (
    date_of,
    day_in,
    denied_day_in,
    in_next_week,
    next_workday,
    spoken_date,
    without_day,
)

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tuesday", "tuesday"),
        ("on thursday please", "thursday"),
        ("next friday would be good", "next friday"),
        ("tomorrow", "tomorrow"),
        ("the day after tomorrow", "the day after tomorrow"),
        ("not monday, tuesday", "tuesday"),
        ("wednesday not tuesday", "wednesday"),
        ("not on monday", None),
        ("i can't do tuesday but friday is fine", "friday"),
        ("no, wednesday", "wednesday"),
        ("tuesday, no, wednesday", "wednesday"),
        ("wednesday, no problem", "wednesday"),
        ("tuesday won't do, wednesday will", "wednesday"),
        ("tuesday isn't a problem", "tuesday"),
        ("thursday at half past four doesn't work", None),
        ("any day but friday", None),
        ("i'm out but friday works", "friday"),
        ("last friday", None),
        ("thursday next week", "next thursday"),
        ("next week on thursday", "next thursday"),
        ("a week from thursday", "thursday week"),
        ("on the twenty sixth", "the 26th"),
        ("friday the 27th", "the 27th"),
        ("november twenty seventh", "november 27th"),
        ("the third of december", "december 3rd"),
        ("dec 3", None),
        ("may 2", "may 2nd"),
        ("i may have two questions", None),
        ("march on", None),
        ("the second option", None),
        ("first thing on friday", "friday"),
        ("friday the first thing", "friday"),
        ("on the second", "the 2nd"),
        ("give me a second", None),
        ("2026-11-26", "2026-11-26"),
        ("some other time", None),
        ("", None),
    ],
)
def test_days(text: str, day: str | None) -> None:
    assert day_in(text) == day


def test_a_day_that_it_is_not_to_be() -> None:
    assert denied_day_in("no not on tuesday") == "tuesday"
    assert denied_day_in("not next friday") == "next friday"
    assert denied_day_in("friday doesn't work") == "friday"
    assert denied_day_in("tuesday") is None


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("today", SUNDAY),
        ("tomorrow", date(2026, 11, 23)),
        ("the day after tomorrow", date(2026, 11, 24)),
        ("thursday", date(2026, 11, 26)),
        ("sunday", date(2026, 11, 29)),
        ("next thursday", date(2026, 11, 26)),
        ("thursday week", date(2026, 12, 3)),
        ("the 26th", date(2026, 11, 26)),
        ("the 3rd", date(2026, 12, 3)),
        ("the 31st", date(2026, 12, 31)),
        ("november 21st", date(2027, 11, 21)),
        ("february 29th", None),
        ("2026-11-26", date(2026, 11, 26)),
        ("2026-13-01", None),
    ],
)
def test_dates_as_seen_from_a_sunday(day: str, found: date | None) -> None:
    assert date_of(day, SUNDAY) == found


def test_next_means_the_week_after_this_one() -> None:
    wednesday = date(2026, 11, 25)
    assert date_of("friday", wednesday) == date(2026, 11, 27)
    assert date_of("next friday", wednesday) == date(2026, 12, 4)
    assert date_of("wednesday", wednesday) == date(2026, 12, 2)
    assert in_next_week("friday") == "next friday"
    assert in_next_week("the 27th") == "the 27th"


def test_numbered_days_reach_into_the_next_year() -> None:
    assert date_of("the 5th", date(2026, 12, 30)) == date(2027, 1, 5)
    assert date_of("january 5th", date(2026, 12, 30)) == date(2027, 1, 5)


@pytest.mark.parametrize("number", range(1, 32))
def test_every_day_of_a_month_is_understood_as_it_is_said(number: int) -> None:
    said = spoken_date(date(2027, 1, number)).lower().replace(",", "")
    day = day_in(said)
    assert day and date_of(day, SUNDAY) == date(2027, 1, number)


def test_what_is_left_without_the_day() -> None:
    assert without_day("on november 26 at 3").split() == ["on", "at", "3"]
    assert without_day("on friday at 3") == "on friday at 3"


def test_workdays() -> None:
    assert next_workday(SUNDAY) == "2026-11-23"
    assert next_workday(date(2026, 11, 27)) == "2026-11-30"
    assert next_workday(date(2026, 11, 28)) == "2026-11-30"
