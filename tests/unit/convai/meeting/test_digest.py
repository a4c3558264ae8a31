"""Digest: what the reader is given of a talk, without any date in it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.detect import Line, follow
from convai.meeting.digest import Digest, Mark
from tests.talks import NOW, VIENNA, lines

THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)


def digest(talk: str) -> Digest:
    return follow(lines(talk), NOW, VIENNA)[1]


def words(found: Digest) -> list[str]:
    """Each turn, its marks written out."""
    return [
        " ".join(
            it if isinstance(it, str) else f"{it.kind.upper()}{it.number}"
            for it in pieces
        )
        for _, pieces in found.turns
    ]


def test_days_and_times_are_numbered_as_they_come() -> None:
    found = digest("a: How about Thursday at three?|c: No, Friday at four.|a: Friday.")
    assert found.days == [NOW.date(), THURSDAY, FRIDAY]
    assert [it.minutes for it in found.hours] == [15 * 60, 16 * 60]
    assert words(found) == [
        "how about DAY1 at HOUR0 ?", "no , DAY2 at HOUR1 .", "DAY2 .",
    ]  # fmt: skip
    assert [who for who, _ in found.turns] == ["agent", "caller", "agent"]


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("a: Thursday at 3?|c: Yes, 3 pm.", [15 * 60]),
        ("a: Thursday at three in the morning?|c: At three?", [3 * 60]),
        ("a: 3 pm New York time on Thursday?|c: Fine.", [21 * 60]),
        ("a: Thursday at two?|c: Half past, please.", [14 * 60, 14 * 60 + 30]),
        ("a: Thursday at two?|c: An hour later?", [14 * 60, 15 * 60]),
        ("a: Thursday at 11 pm?|c: An hour later?", [23 * 60]),
    ],
)
def test_a_time_is_one_however_it_is_said(said: str, times: list[int]) -> None:
    assert [it.minutes for it in digest(said).hours] == times


def test_what_is_vague_has_no_number() -> None:
    found = digest("c: Some time next week, between two and three.")
    assert (found.days, found.hours) == ([NOW.date()], [])
    marks = [it for _, pieces in found.turns for it in pieces if isinstance(it, Mark)]
    assert marks == [Mark("day", None), Mark("hour", None)]


def test_a_turn_that_names_nothing_is_there() -> None:
    assert words(digest("a: Hello.|c: |a: Yes? No.")) == ["hello .", "", "yes ? no ."]


@given(st.lists(st.tuples(st.sampled_from(["agent", "caller"]), st.text()), max_size=6))
def test_any_talk_has_one(talk: list[tuple[str, str]]) -> None:
    said = [Line(who, text) for who, text in talk]  # type: ignore[arg-type]
    found = follow(said, NOW, VIENNA)[1]
    assert len(found.turns) == len(talk)
    numbers = {"day": len(found.days), "hour": len(found.hours)}
    for _, pieces in found.turns:
        for it in pieces:
            if isinstance(it, Mark) and it.number is not None:
                assert 0 <= it.number < numbers[it.kind]


@pytest.mark.parametrize(
    ("said", "clocks"),
    [
        ("c: One left for tonight?|a: Twenty to nine, yes.", ["20:40"]),
        ("c: Come over Thursday when the kids are down.|a: Eight?", ["20:00"]),
        ("c: Thursday, after work.|a: Friday at eight?", ["8:00"]),
        ("c: Thursday at seven, before the traffic?|a: Seven.", ["7:00"]),
        ("a: Today at nine?|c: Yes.", ["21:00"]),
        ("a: On Thursday at nine?|c: Yes.", ["9:00"]),
        ("a: Tonight, or Thursday at nine?|c: Yes.", ["9:00"]),
        ("c: Thursday, but I can't do evenings.|a: Eight?", ["8:00"]),
        ("a: Drinks on Thursday at eight?|c: Great.", ["20:00"]),
        ("a: At nine in the morning?|c: Yes.", ["9:00"]),
    ],
)
def test_a_half_of_the_day_may_be_in_mind(said: str, clocks: list[str]) -> None:
    found = follow(lines(said), NOW.replace(hour=15), VIENNA)[1]
    assert [f"{it.hour}:{it.minute:02}" for it in found.hours] == clocks


def test_late_in_the_day_a_time_without_a_day_is_of_this_evening() -> None:
    said = lines("a: I can get to you for eight.|c: Come at eight.")
    for hour, clock in ((15, 8), (19, 20), (21, 8)):
        found = follow(said, NOW.replace(hour=hour), VIENNA)[1]
        assert [it.hour for it in found.hours] == [clock], hour


def test_a_time_goes_on_from_one_that_nobody_offered() -> None:
    found = digest("c: I finish at five on Thursday.|a: Shall we say quarter past?")
    assert [it.minutes for it in found.hours] == [17 * 60, 17 * 60 + 15]


def test_a_habit_may_be_meant_and_is_no_offer() -> None:
    talk = "a: She does a clinic on Thursdays.|c: I'd manage quarter past one."
    negotiation, found = follow(lines(talk), NOW, VIENNA)
    assert found.days == [NOW.date(), THURSDAY]
    assert negotiation.day is None


def test_a_habit_is_of_the_day_that_was_spoken_of() -> None:
    found = digest("c: I'm free on the thirteenth.|a: We do do Sundays.")
    assert found.days[1:] == [date(2026, 12, 13)]
    assert words(found)[1] == "we do DAY1 ."


def test_a_limit_does_not_say_which_half_of_the_day() -> None:
    talk = "c: Thursday after six?|a: Yes, till eight we can.|c: Quarter past six."
    assert [it.minutes for it in digest(talk).hours] == [18 * 60 + 15]


def test_a_part_of_the_day_is_of_that_day() -> None:
    talk = "a: Your tyres come Thursday night, so Friday at eight?|c: Quarter past?"
    assert [it.minutes for it in digest(talk).hours] == [8 * 60, 8 * 60 + 15]


def test_who_says_good_afternoon_means_no_nine_in_the_afternoon() -> None:
    talk = "a: Afternoon, just ringing to book you in on Monday at half nine."
    assert [it.minutes for it in digest(talk).hours] == [9 * 60 + 30]


def test_a_day_that_somebody_is_never_free_on_is_not_meant() -> None:
    assert digest("c: I'm never free on Fridays. Call me at 3.").days == [NOW.date()]
