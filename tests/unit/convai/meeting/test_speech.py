"""Speech: one spelling for what people say and recognisers write."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.speech import canonical

UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty"}
NTHS = [
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth"),
]


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("Um, Tuesday's fine!", ", tuesday is fine !"),
        ("half-past TWO", "half past 2"),
        ("Okay — “yep”", "ok , yes"),
        ("well... uh-huh", "well , mhm"),
        ("Thurs or Wensday", "thursday or wednesday"),
        ("on on tuesday", "on tuesday"),
        ("5 5", "5 5"),
        ("I’m in, thats good", "i'm in , that's good"),
        ("half nine'll do", "half 9 will do"),
        ("on Christmas Eve", "on december 24th"),
        ("new year’s day or Boxing Day", "january 1st or december 26th"),
        ("after christmas, new years eve", "after christmas , december 31st"),
        ("Thursday'd suit, that'd be fine", "thursday would suit , that'd be fine"),
        ("", ""),
    ],
)
def test_words_and_signs(said: str, spelled: str) -> None:
    assert canonical(said) == spelled


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("nineteen", "19"),
        ("ninety nine", "99"),
        ("twenty-five", "25"),
        ("twentieth", "20th"),
        ("twelveth", "12th"),
        ("thirty first", "31st"),
        ("eleventh", "11th"),
        ("one", "one"),
        ("first second third", "first second third"),
        ("my number is 0 1 2 3 4 5", "my number is #"),
        ("five five five one two", "#"),
    ],
)
def test_numbers(said: str, spelled: str) -> None:
    assert canonical(said).strip() == spelled


@pytest.mark.parametrize("ten", TENS)
def test_tens_and_units_are_one_number(ten: int) -> None:
    for unit, (word, nth) in enumerate(zip(UNITS, NTHS, strict=True), 1):
        assert canonical(f"{TENS[ten]} {word}") == str(ten + unit)
        ending = {1: "st", 2: "nd", 3: "rd"}.get(unit, "th")
        assert canonical(f"{TENS[ten]} {nth}") == f"{ten + unit}{ending}"


@pytest.mark.parametrize(
    ("said", "spelled"),
    [
        ("2pm", "2 pm"),
        ("2 p.m.", "2 pm"),
        ("two a m", "2 am"),
        ("2 o'clock", "2 oclock"),
        ("3.30", "3:30"),
        ("at 3.30, ok", "at 3:30 , ok"),
        ("15h30", "15:30"),
        ("three oh five", "3~05"),
        ("one thirty", "1~30"),
        ("oh nine hundred", "09~00"),
        ("at oh four thirty", "at 04~30"),
        ("oh four thirty sorry", "oh 4~30 sorry"),
        ("fifteen hundred", "15~00"),
        ("nine hundred hours", "9~00 hours"),
        ("june fifth two thirty", "june 5th 2~30"),
    ],
)
def test_what_may_be_a_time_of_day(said: str, spelled: str) -> None:
    assert canonical(said) == spelled


@pytest.mark.parametrize(
    "said",
    [
        "$3.30",
        "two thirty dollars",
        "nine hundred",
        "two thousand fifteen hundred",
        "nineteen eighty",
        "twenty thirty",
        "may twenty three thirty",
        "two thirty five eight",
        "two fifteen road",
    ],
)
def test_what_is_none(said: str) -> None:
    spelled = canonical(said)
    assert "~" not in spelled and ":" not in spelled


@given(st.text())
def test_any_text_has_a_spelling(text: str) -> None:
    spelled = canonical(text)
    assert "  " not in spelled
    assert spelled == spelled.lower()
    assert re.fullmatch(r"[\w' ,.?!;:#$€£%/~÷×-]*", spelled)


@given(st.lists(st.sampled_from([*UNITS, *TENS.values(), "oh", "hundred", "may", ","])))
def test_a_time_of_day_has_an_hour_and_minutes(words: list[str]) -> None:
    spelled = canonical(" ".join(words))
    if "#" in spelled:
        return  # a telephone number, which may have taken half of a time with it
    for hour, minute in re.findall(r"(\S*)~(\S*)", spelled):
        assert 0 < int(hour) < 24
        assert len(minute) == 2 and int(minute) < 60
