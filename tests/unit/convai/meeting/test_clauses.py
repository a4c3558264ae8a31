from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from convai.meeting.acts import Act
from convai.meeting.clauses import clauses
from convai.meeting.dates import Today
from tests.talks import NOW, clause, split

WEDNESDAY = Today(NOW.date(), minutes=600)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Perfect. See you on Thursday!", ["perfect", "see you on DAY"]),
        ("Thursday at three but not Friday", ["DAY at HOUR", "but not DAY"]),
        ("Monday, that's the 30th", ["DAY"]),
        ("Monday the 30th", ["DAY"]),
        ("Monday or Tuesday at ten", ["DAY or DAY at HOUR"]),
        (" . ,, !", []),
        ("", []),
    ],
)
def test_pieces(text: str, pieces: list[str]) -> None:
    assert [it.text for it in split(text)] == pieces


def test_days_and_times_stand_in_the_order_of_the_text() -> None:
    found = clause("at ten on Monday or at two on Tuesday")
    assert [it.on for it in found.days] == [date(2026, 11, 30), date(2026, 12, 1)]
    assert [it.hour for it in found.hours] == [10, 14]
    assert [type(it).__name__ for it in found.marks] == ["Hour", "Day"] * 2


def test_a_date_holds_no_time() -> None:
    found = clause("on the 27th at 3")
    assert [it.hour for it in found.hours] == [15]
    assert clause("2026-12-01").hours == ()


def test_the_zone_stands_with_its_time() -> None:
    (hour,) = clause("3 pm London time").hours
    assert hour.zone == "Europe/London"
    one, two = clause("3 pm London time or 4 pm").hours
    assert (one.zone, two.zone) == ("Europe/London", "")
    (hour,) = clause("3 pm on Thursday London time").hours
    assert hour.zone == "Europe/London"


@pytest.mark.parametrize(
    ("text", "part"),
    [("Thursday afternoon", "afternoon"), ("Thursday", ""), ("good morning", "")],
)
def test_part_of_the_day(text: str, part: str) -> None:
    assert clause(text).part == part


def test_tonight_is_in_the_evening() -> None:
    assert [it.hour for it in clause("tonight at eight").hours] == [20]


@pytest.mark.parametrize(
    ("text", "shift", "past"),
    [
        ("an hour later", 60, 0),
        ("half an hour earlier", -30, 0),
        ("20 minutes later", 20, 0),
        ("2 hours later", 120, 0),
        ("half past", 0, 30),
        ("quarter after", 0, 15),
        ("quarter to", 0, -15),
        ("half past three", 0, 0),
        ("perfect", 0, 0),
    ],
)
def test_times_from_another_time(text: str, shift: int, past: int) -> None:
    found = clause(text)
    assert (found.shift, found.past) == (shift, past)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("please call me in half an hour", "10:30"),
        ("call me in 20 minutes", "10:20"),
        ("ring me in 2 hours", "12:00"),
        ("he could come by half an hour from now", "10:30"),
        ("call me 20 minutes from now", "10:20"),
        ("ring me half an hour", ""),
        ("I live in half an hour of the sea", ""),
        ("call me in 20 hours", ""),
    ],
)
def test_soon(text: str, clock: str) -> None:
    found = clause(text)
    named = [f"{it.hour}:{it.minute:02}" for it in found.hours if it.sure]
    assert named == ([clock] if clock else [])
    assert not clock or [it.on for it in found.days] == [NOW.date()]


def test_only_a_question_checks() -> None:
    assert clause("is that right?").has(Act.CHECK)
    assert clause("is that right?").asks
    assert not clause("is that right.").has(Act.CHECK)


def test_small_talk_names_no_day() -> None:
    assert not any(it.days for it in split("How are you doing today?"))


def test_a_week_that_is_spoken_about_counts_for_the_next_turn() -> None:
    found, today = clauses("How about the week after next?", WEDNESDAY, asked=False)
    assert not any(day.on for it in found for day in it.days)
    assert today.week == date(2026, 12, 7)
    found, _ = clauses("Tuesday at three", today, asked=False)
    assert found[0].days[0].on == date(2026, 12, 8)


def test_a_month_that_is_spoken_about_counts_for_the_next_turn() -> None:
    _, today = clauses("Sometime in March?", WEDNESDAY, asked=False)
    assert today == replace(WEDNESDAY, month=3)
    found, _ = clauses("the 4th", today, asked=False)
    assert found[0].days[0].on == date(2027, 3, 4)


def test_a_number_is_a_time_where_one_was_asked_for() -> None:
    assert [it.hour for it in clause("we got three", asked=True).hours] == [15]
    assert clause("we got three").hours == ()


def test_the_week_of_something_else_does_not_count() -> None:
    """It did: "our sale ends on the 19th", and Thursday was in the week of the sale."""
    said = "Your delivery comes on the ninth of December."
    assert clauses(said, WEDNESDAY, asked=False)[1].week is None


def test_the_week_of_a_day_far_away_does_not_count() -> None:
    """It did: "my lease ends on January 15th", and "noon on Thursday" was that week."""
    _, today = clauses("My lease ends on January 15th.", WEDNESDAY, asked=False)
    found, _ = clauses("Noon on Thursday?", today, asked=False)
    assert found[0].days[0].on == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("minutes", "text", "days"),
    [
        (18 * 60, "in the morning, at ten", [date(2026, 11, 26)]),
        (9 * 60, "in the morning, at ten", []),
        (18 * 60, "on Friday in the morning", [date(2026, 11, 27)]),
        (18 * 60, "this morning", [NOW.date()]),
        (18 * 60, "are you there in the morning?", [date(2026, 11, 26)]),
        (18 * 60, "my boiler broke in the morning", []),
        (18 * 60, "I missed your call in the morning, at ten", []),
        (18 * 60, "in the morning or in the afternoon?", []),
    ],
)
def test_in_the_morning_is_that_of_tomorrow(
    minutes: int, text: str, days: list[date]
) -> None:
    found, _ = clauses(text, Today(NOW.date(), minutes=minutes), asked=False)
    assert [day.on for it in found for day in it.days] == days


def test_in_the_morning_is_of_the_day_that_is_spoken_about() -> None:
    today = Today(NOW.date(), minutes=18 * 60, day=date(2026, 12, 1))
    found, _ = clauses("in the morning", today, asked=False)
    assert not any(it.days for it in found)


def test_days_are_remembered_that_were_named_with_their_weekday() -> None:
    today = Today(NOW.date())
    _, after = clauses("Thursday the tenth?", today, asked=False)
    assert after.named == (date(2026, 12, 10),)
    _, after = clauses("the tenth, or Thursday", today, asked=False)
    assert after.named == ()


def test_a_week_that_is_only_the_alternative_draws_no_weekday() -> None:
    today = Today(NOW.date())
    _, after = clauses("Thursday at ten, or it's the week after.", today, asked=False)
    assert after.week is None
    _, after = clauses("The week after, then.", today, asked=False)
    assert after.week == date(2026, 11, 30)
