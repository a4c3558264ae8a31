"""Days: what people call them, from every day that they may be called on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.dates import MONTHS, WEEKDAYS, Today
from convai.meeting.day import Day
from convai.meeting.days import days
from convai.meeting.speech import canonical

WEDNESDAY = date(2026, 6, 10)
NOVEMBER = date(2026, 11, 25)
WEEK = [date(2026, 6, 8) + timedelta(more) for more in range(7)]
"From Monday to Sunday."
DATES = st.dates(date(2000, 1, 1), date(2100, 12, 31))
WORDS = st.sampled_from([
    *WEEKDAYS, *MONTHS, "the", "a", "next", "this", "last", "first", "third",
    "following", "week", "weeks", "month", "days", "day", "after", "before", "later",
    "from", "in", "on", "of", "to", "tomorrow", "today", "fortnight", "29th", "31st",
    "30", "2", "99", "0", "2026-02-29", "31/12", "2/30/26", "29.2.", "2027",
    "couple of", "now", ",",
])  # fmt: skip


def one(text: str, now: date = WEDNESDAY, **more: object) -> Day:
    found = days(canonical(text), Today(now, **more))  # type: ignore[arg-type]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("now", WEEK)
@pytest.mark.parametrize("name", WEEKDAYS)
def test_every_weekday_from_every_weekday(name: str, now: date) -> None:
    at = WEEKDAYS.index(name)
    coming = next(
        now + timedelta(more)
        for more in range(1, 8)
        if (now + timedelta(more)).weekday() == at
    )
    of_next_week = WEEK[0] + timedelta(7 + at)
    bare = one(f"on {name}", now)
    assert bare.on == coming and bare.bare
    for words in (f"this coming {name}", f"{name} week", f"a week on {name}"):
        later = 7 * ("week" in words)
        assert one(words, now).on == coming + timedelta(later), words
    for words in (f"next {name}", f"{name} next week", f"next week on {name}"):
        assert one(words, now).on == of_next_week, words
    after = one(f"{name} after next", now)
    assert after.on == of_next_week + timedelta(7) and not after.bare
    assert one(f"this {name}", now).on == (now if now.weekday() == at else coming)


@pytest.mark.parametrize("now", WEEK)
@pytest.mark.parametrize(
    ("words", "later"),
    [
        ("this week", 0),
        ("later in the week", 0),
        ("next week", 7),
        ("early next week", 7),
        ("the following week", 7),
        ("the week after next", 14),
    ],
)
def test_a_week_is_vague(words: str, later: int, now: date) -> None:
    found = one(words, now)
    assert found.on is None and found.week == WEEK[0] + timedelta(later)


def test_a_weekday_is_of_the_week_that_is_spoken_about() -> None:
    week = WEEK[0] + timedelta(14)
    assert one("friday", week=week).on == week + timedelta(4)
    assert one("the week after", week=week).week == week + timedelta(7)
    assert one("monday", week=WEEK[0]).on == WEEK[0] + timedelta(7), "it is over"
    assert one("wednesday", week=WEEK[0]).on == WEDNESDAY + timedelta(7), "never today"


@pytest.mark.parametrize(
    ("now", "words", "on"),
    [
        (date(2026, 12, 31), "tomorrow", date(2027, 1, 1)),
        (date(2026, 12, 31), "the day after tomorrow", date(2027, 1, 2)),
        (date(2026, 12, 31), "today", date(2026, 12, 31)),
        (date(2026, 12, 31), "this afternoon", date(2026, 12, 31)),
        (date(2026, 12, 31), "january first", date(2027, 1, 1)),
        (date(2026, 12, 31), "the 31st", date(2026, 12, 31)),
        (date(2026, 12, 30), "in a fortnight", date(2027, 1, 13)),
        (date(2026, 12, 28), "next friday", date(2027, 1, 8)),
        (date(2028, 2, 28), "tomorrow", date(2028, 2, 29)),
        (date(2027, 2, 28), "tomorrow", date(2027, 3, 1)),
        (date(2028, 2, 1), "february twenty ninth", date(2028, 2, 29)),
        (date(2027, 2, 1), "february twenty ninth", date(2028, 2, 29)),
        (date(2026, 2, 1), "february twenty ninth", None),
        (date(2026, 6, 10), "29 february 2028", date(2028, 2, 29)),
        (date(2026, 6, 10), "29 february 2027", None),
        (date(2026, 6, 10), "2027-02-29", None),
        (date(2026, 6, 10), "the 31st", date(2026, 7, 31)),
        (date(2026, 2, 10), "the thirtieth", date(2026, 3, 30)),
        (date(2026, 6, 10), "june 31st", None),
        # The clocks change on these nights in Vienna: days are days.
        (date(2026, 3, 28), "tomorrow", date(2026, 3, 29)),
        (date(2026, 3, 28), "in two days", date(2026, 3, 30)),
        (date(2026, 10, 24), "tomorrow", date(2026, 10, 25)),
        (date(2026, 10, 24), "a week from today", date(2026, 10, 31)),
    ],
)
def test_ends_of_months_and_years(now: date, words: str, on: date | None) -> None:
    assert one(words, now).on == on


@pytest.mark.parametrize(
    ("words", "on"),
    [
        ("the twenty seventh of june", date(2026, 6, 27)),
        ("june twenty-first", date(2026, 6, 21)),
        ("sept 5", date(2026, 9, 5)),
        ("june 3rd", date(2027, 6, 3)),
        ("tuesday , june 16th", date(2026, 6, 16)),
        ("monday june 16th", None),
        ("friday the 26th", date(2026, 6, 26)),
        ("friday the 13th", None),
        ("the 26th , a friday", date(2026, 6, 26)),
        ("in three days", date(2026, 6, 13)),
        ("in a couple of weeks", date(2026, 6, 24)),
        ("two weeks from friday", date(2026, 6, 26)),
        ("this day week", date(2026, 6, 17)),
        ("next working day", date(2026, 6, 11)),
        ("the last friday of the month", date(2026, 6, 26)),
        ("the first monday of june", None),
        ("the first monday of next month", date(2026, 7, 6)),
        ("the third tuesday in january", date(2027, 1, 19)),
        ("27.11.", date(2026, 11, 27)),
        ("27/11/2027", date(2027, 11, 27)),
        ("11/27", date(2026, 11, 27)),
    ],
)
def test_names_of_days(words: str, on: date | None) -> None:
    assert one(words).on == on


def test_who_writes_the_month_first() -> None:
    assert one("5/6").on == date(2027, 6, 5)
    assert one("5/6", month_first=True).on == date(2027, 5, 6)
    assert one("27/11", month_first=True).on == date(2026, 11, 27)


def test_days_beside_the_one_that_is_spoken_about() -> None:
    friday = date(2026, 6, 12)
    assert one("the day after", day=friday).on == date(2026, 6, 13)
    assert one("the day before", day=friday).on == date(2026, 6, 11)
    assert one("a week later", day=friday).on == date(2026, 6, 19)
    assert one("a week earlier", day=friday).on == date(2026, 6, 5)
    assert one("the following friday", day=friday).on == date(2026, 6, 19)
    assert one("next working day", day=friday).on == date(2026, 6, 15)
    assert one("the 5th", month=9).on == date(2026, 9, 5)
    assert days("the day after", Today(WEDNESDAY)) == []


def test_the_weekday_tells_which_month_it_is() -> None:
    """In January no 12th was a Friday: then "friday the 12th" was no day."""
    assert one("friday the 12th", month=1).on == date(2026, 6, 12)
    assert one("tuesday the 12th", month=1).on == date(2027, 1, 12)


@pytest.mark.parametrize(
    ("words", "month"),
    [
        ("in march", 3),
        ("late december", 12),
        ("next month", 7),
        ("end of the month", 0),
    ],
)
def test_a_month_is_vague(words: str, month: int) -> None:
    found = one(words)
    assert found.on is None and found.week is None and found.month == month


def test_next_month_in_december_is_january() -> None:
    assert one("next month", date(2026, 12, 31)).month == 1


@pytest.mark.parametrize(
    "words",
    [
        "the second option",
        "on the 3rd floor",
        "the first time",
        "last tuesday",
        "13/13",
        "0/5",
        "the weekend",
        "you may call me",
        "1.000,50",
    ],
)
def test_no_days(words: str) -> None:
    assert days(canonical(words), Today(WEDNESDAY)) == []


def test_several_days_in_their_order() -> None:
    found = days("friday or the 30th , or tomorrow", Today(WEDNESDAY))
    assert [it.on and it.on.day for it in found] == [12, 30, 11]
    assert [it.begin for it in found] == [0, 10, 24]


def ordered(text: str, today: Today) -> None:
    end = 0
    for found in days(text, today):
        assert end <= found.begin < found.end <= len(text)
        end = found.end


@given(st.text(), DATES)
def test_any_text_has_days_or_none(text: str, now: date) -> None:
    ordered(text, Today(now))
    ordered(canonical(text), Today(now, month_first=True))


@given(st.lists(WORDS), DATES, st.none() | DATES, st.integers(0, 12))
def test_any_words_that_speak_of_days(
    words: list[str], now: date, day: date | None, month: int
) -> None:
    text = " ".join(words)
    week = day and day - timedelta(day.weekday())
    ordered(text, Today(now, day=day, week=week, month=month))
    ordered(canonical(text), Today(now, day=day, week=week, month=month))


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 400))
def test_a_date_is_found_as_it_is_written(now: date, ahead: int) -> None:
    on = now + timedelta(ahead)
    month = MONTHS[on.month - 1]
    assert one(on.isoformat(), now).on == on
    assert one(f"{month} {on.day} {on.year}", now).on == on
    if ahead < 365:
        assert one(f"{on.day} {month}", now).on == on
        assert one(f"{WEEKDAYS[on.weekday()]} , {month} {on.day}", now).on == on
        assert one(f"{on.day}/{on.month}", now).on == on


@pytest.mark.parametrize(
    ("words", "on"),
    [
        ("so 27th we can keep 3:30", date(2026, 11, 27)),
        ("twenty seventh at one fifteen", date(2026, 11, 27)),
        ("a day in december, the third, at ten", date(2026, 12, 3)),
    ],
)
def test_an_nth_alone_may_be_a_day(words: str, on: date) -> None:
    found = days(canonical(words), Today(NOVEMBER))
    assert [it.on for it in found if it.on] == [on]


@pytest.mark.parametrize("words", ["her 25th anniversary", "the 30th floor", "25th in"])
def test_an_nth_alone_mostly_counts(words: str) -> None:
    assert not days(canonical(words), Today(NOVEMBER))


def test_what_is_done_every_week_is_no_day() -> None:
    assert not days("we are open thursdays", Today(NOVEMBER))


@pytest.mark.parametrize(
    ("words", "named", "on"),
    [
        ("thursday", (), date(2026, 11, 26)),
        ("thursday", (date(2026, 12, 10),), date(2026, 12, 10)),
        ("friday", (date(2026, 12, 10),), date(2026, 11, 27)),
        ("this thursday", (date(2026, 12, 10),), date(2026, 11, 26)),
        ("thursday", (date(2026, 12, 10), date(2026, 12, 3)), date(2026, 12, 3)),
        ("thursday the 10th", (date(2026, 12, 10),), date(2026, 12, 10)),
    ],
)
def test_a_weekday_is_that_which_was_named_with_more(
    words: str, named: tuple[date, ...], on: date
) -> None:
    assert [it.on for it in days(words, Today(NOVEMBER, named=named))] == [on]


@pytest.mark.parametrize(
    ("month", "now", "on"),
    [
        (2, date(2026, 5, 28), date(2026, 6, 2)),
        (1, date(2026, 12, 1), date(2027, 2, 2)),
    ],
)
def test_a_month_that_was_spoken_of_long_before(
    month: int, now: date, on: date
) -> None:
    found = days("tuesday the 2nd", Today(now, month=month))
    assert [it.on for it in found] == [on]


def test_a_month_that_is_long_over_is_not_meant() -> None:
    now = date(2026, 12, 29)
    assert one("the 4th", now, month=11).on == date(2027, 1, 4)
    assert one("the 4th", now, month=2).on == date(2027, 2, 4)
