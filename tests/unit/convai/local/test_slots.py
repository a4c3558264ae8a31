from __future__ import annotations

import pytest

from convai.local.slots import part_of_day_in, spoken_time, time_in, yes_in


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("at three pm", "15:00"),
        ("three", "15:00"),
        ("nine", "09:00"),
        ("nine pm", "21:00"),
        ("ten thirty in the morning", "10:30"),
        ("half past two", "14:30"),
        ("quarter to four", "15:45"),
        ("quarter to one", "12:45"),
        ("ten past eight", "08:10"),
        ("twenty five to six", "17:35"),
        ("four forty five", "16:45"),
        ("two o'clock", "14:00"),
        ("twelve", "12:00"),
        ("twelve am", "00:00"),
        ("noon", "12:00"),
        ("seven in the morning", "07:00"),
        ("2:30 pm", "14:30"),
        ("at 11", "11:00"),
        ("9pm", "21:00"),
        ("at 5am", "05:00"),
        ("2:30pm", "14:30"),
        ("i am free at five", "17:00"),
        ("one moment please", None),
        ("i have one more question", None),
        ("two of my clients and three funds", None),
        ("that one", None),
        ("no three o'clock", "15:00"),
        ("friday the twenty sixth at three", "15:00"),
        ("on november 26", None),
        ("2026-11-26 at 15:00", "15:00"),
        ("around four", "16:00"),
        ("say eleven", "11:00"),
        ("not at two, at four", "16:00"),
        ("two no make it four", "16:00"),
        ("december 3 no december 4 at 2pm", "14:00"),
        ("20 minutes", None),
        ("for 10 percent of them", None),
        ("12/3 at 2pm", "14:00"),
        ("not half past two", None),
        ("at 99", None),
        ("9:75", None),
        ("later", None),
        ("", None),
    ],
)
def test_times(text: str, clock: str | None) -> None:
    assert time_in(text) == clock


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("14:30", "2:30 PM"),
        ("09:00", "9 AM"),
        ("00:15", "12:15 AM"),
        ("12:00", "noon"),
        ("12:30", "12:30 PM"),
    ],
)
def test_times_as_people_say_them(clock: str, words: str) -> None:
    assert spoken_time(clock) == words


@pytest.mark.parametrize(
    "text", ["yes", "sure", "that works", "yes why not", "no problem"]
)
def test_yes(text: str) -> None:
    assert yes_in(text) is True


@pytest.mark.parametrize("text", ["no", "no thanks", "that does not work", "wrong"])
def test_no(text: str) -> None:
    assert yes_in(text) is False


def test_neither() -> None:
    assert yes_in("the weather is nice") is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("in the morning", "10:00"),
        ("after lunch", "14:00"),
        ("any time", "10:00"),
        ("when are you free", "10:00"),
        ("on tuesday", None),
    ],
)
def test_a_time_to_propose(text: str, clock: str | None) -> None:
    assert part_of_day_in(text) == clock
