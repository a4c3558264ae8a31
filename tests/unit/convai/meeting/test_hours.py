"""Hours: times of day as they are spoken, and numbers that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.hour import Hour
from convai.meeting.hours import hours
from convai.meeting.speech import canonical

NUMBERS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
QUARTERS = {
    0: ("at {this}", "{this} o'clock", "at {digit}", "{digit}:00", "{this} sharp"),
    15: (
        *("quarter past {this}", "a quarter after {this}", "at {this} fifteen"),
        *("{digit}:15", "{digit}.15", "fifteen past {this}", "{digit}h15"),
    ),
    30: ("half past {this}", "half {this}", "at {this} thirty", "{digit}:30"),
    45: (
        *("quarter to {next}", "a quarter before {next}", "quarter of {next}"),
        *("at {this} forty five", "{this} forty-five", "{digit}:45"),
    ),
}
WORDS = st.sampled_from([
    *NUMBERS, "at", "half", "quarter", "past", "to", "from", "until", "between", "and",
    "or", "after", "oh", "hundred", "hours", "thirty", "am", "pm", "in the morning",
    "at night", "tonight", "noon", "midnight", "15:30", "24", "99", "0", "sharp", "$",
    "people", "works", "oclock", "on monday", ",",
])  # fmt: skip


def one(text: str, *, asked: bool = False) -> Hour:
    found = hours(canonical(text), asked=asked)
    assert len(found) == 1, found
    return found[0]


def clock(text: str, *, asked: bool = False) -> str:
    found = one(text, asked=asked)
    return f"{found.hour:02}:{found.minute:02}"


def spoken(form: str, hour: int) -> str:
    after = NUMBERS[hour % 12]
    return form.format(this=NUMBERS[hour - 1], next=after, digit=hour)


def office(hour: int) -> int:
    """People meet in office hours."""
    return hour + 12 if hour <= 7 else hour


@pytest.mark.parametrize("minute", QUARTERS)
@pytest.mark.parametrize("hour", range(1, 13))
def test_each_quarter_of_an_hour(hour: int, minute: int) -> None:
    for form in QUARTERS[minute]:
        said = spoken(form, hour)
        early = hour == 7 and "{next}" in form  # a quarter to eight is before noon
        at = hour if early else office(hour)
        assert clock(said) == f"{at:02}:{minute:02}", said
        assert not one(said).sure, said


@pytest.mark.parametrize("half", ["am", "pm"])
@pytest.mark.parametrize("minute", QUARTERS)
@pytest.mark.parametrize("hour", range(1, 12))
def test_each_quarter_with_its_half_of_the_day(
    hour: int, minute: int, half: str
) -> None:
    for form in QUARTERS[minute]:
        if "sharp" in form or (minute == 45 and hour == 11 and "{next}" in form):
            continue  # quarter to twelve am: nobody knows
        said = f"{spoken(form, hour)} {half}"
        expected = hour + 12 * (half == "pm")
        assert clock(said) == f"{expected:02}:{minute:02}", said
        assert one(said).sure, said


@pytest.mark.parametrize("hour", range(13, 24))
def test_the_clock_of_24_hours(hour: int) -> None:
    for minute in range(0, 60, 15):
        assert clock(f"{hour}:{minute:02}") == f"{hour}:{minute:02}"
        assert one(f"{hour}:{minute:02}").sure
    assert clock(f"at {hour}") == f"{hour}:00"
    assert clock(f"{hour} hundred hours") == f"{hour}:00"


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("quarter to noon", "11:45"),
        ("half past midnight", "00:30"),
        ("quarter to midnight", "23:45"),
        ("ten to one", "12:50"),
        ("five to three", "14:55"),
        ("twenty past eight", "08:20"),
        ("three oh five", "15:05"),
        ("oh nine hundred", "09:00"),
        ("00:00", "00:00"),
        ("09:15", "09:15"),
        ("15 uhr", "15:00"),
        ("3 works", "15:00"),
        ("friday 3", "15:00"),
        ("one in the afternoon", "13:00"),
        ("eight in the evening", "20:00"),
        ("at seven in the morning", "07:00"),
        ("in the evening at 6", "18:00"),
        ("at nine tonight", "21:00"),
        ("at twelve at night", "00:00"),
        ("at one at night", "01:00"),
        ("good evening , at 9", "09:00"),
    ],
)
def test_other_ways_to_say_it(said: str, time: str) -> None:
    assert clock(said) == time


@pytest.mark.parametrize(
    "said",
    [
        "three people",
        "at gate 3",
        "$3",
        "£3 pm",
        "3 percent",
        "look at 3",
        "at 99",
        "at 24",
        "25:00",
        "13 am",
        "3:30 euros",
        "one more thing",
        "call me at 555 1234",
        "midnight the phone",
        "the code is 5",
    ],
)
def test_no_times(said: str) -> None:
    assert hours(canonical(said)) == []


def test_a_number_is_a_time_where_one_was_asked_for() -> None:
    assert hours("i've got 11") == []
    assert clock("i've got 11", asked=True) == "11:00"
    assert clock("ten of four") == "15:50" and clock("at ten of four so") == "15:50"
    assert hours("10 of 4 people") == hours("10 of 12 said yes", asked=True) == []
    # It was three: the minutes were taken for an hour.
    assert clock("tomorrow he's got three-fifteen", asked=True) == "15:15"
    assert clock("he's got four thirty", asked=True) == "16:30"
    assert one("3").alone and not one("at 3").alone


@pytest.mark.parametrize(
    ("said", "begins", "until", "vague"),
    [
        ("from 2 until 3 pm", 14 * 60, 15 * 60, False),
        ("11 am to 1 pm", 11 * 60, 13 * 60, False),
        ("2 to 3 pm", 14 * 60, 15 * 60, False),
        ("11 until 1 pm", 11 * 60, 13 * 60, False),
        ("9 am to 5 pm", 9 * 60, 17 * 60, True),
        ("between 2 and 3", 14 * 60, None, True),
        ("after 4", 16 * 60, None, True),
        ("until 5", 17 * 60, None, True),
        ("by three", 15 * 60, None, True),
        ("3 pm onwards", 15 * 60, None, True),
        ("at 4", 16 * 60, None, False),
    ],
)
def test_ranges_and_limits(
    said: str, begins: int, until: int | None, vague: bool
) -> None:
    found = one(said)
    assert (found.minutes, found.until, found.vague) == (begins, until, vague)


def test_several_times_in_their_order() -> None:
    found = hours(canonical("half past two or 11 am on monday"))
    assert [it.minutes for it in found] == [14 * 60 + 30, 11 * 60]


def test_from_noon_to_midnight() -> None:
    found = one("noon to midnight")
    assert (found.minutes, found.until, found.vague) == (12 * 60, 24 * 60, True)


def test_a_part_of_the_day_is_that_of_the_time_beside_it() -> None:
    found = hours("at 8 in the morning or at 8 in the evening")
    assert [it.hour for it in found] == [8, 20]


def ordered(text: str) -> None:
    for asked in (False, True):
        end = 0
        for found in hours(text, asked=asked):
            assert end <= found.begin < found.end <= len(text)
            assert 0 <= found.hour < 24 and 0 <= found.minute < 60
            assert found.until is None or found.until > found.minutes
            end = found.end


@given(st.text())
def test_any_text_has_times_or_none(text: str) -> None:
    ordered(text)
    ordered(canonical(text))


@given(st.lists(WORDS))
def test_any_words_that_speak_of_times(words: list[str]) -> None:
    ordered(" ".join(words))
    ordered(canonical(" ".join(words)))


@pytest.mark.parametrize(
    ("text", "begins", "until"),
    [
        ("from 8 to 9 in the evening", 20 * 60, 21 * 60),
        ("at night 8 to one", 20 * 60, 25 * 60),
        ("from 11 to 1 in the afternoon", 11 * 60, 13 * 60),
        ("from 3 to 4 in the afternoon", 15 * 60, 16 * 60),
    ],
)
def test_in_its_half_of_the_day_it_lasts_as_long(
    text: str, begins: int, until: int
) -> None:
    (found,) = hours(text, asked=True)
    assert (found.minutes, found.until) == (begins, until)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("is ten on xxxday good", "10:00"),
        ("the first thing i see is four on xxxday", "16:00"),
        ("she has ten fifteen xxxday", "10:15"),
        ("at fourteen hours", "14:00"),
    ],
)
def test_beside_a_day_a_number_is_a_time(text: str, time: str) -> None:
    """`xxxday` is how a day is blotted out."""
    assert clock(text) == time


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("one on the dot", "13:00"),
        ("can you leave it till three?", "15:00"),
        ("give me till one and I'll be human", "13:00"),
        ("I can have Hector there nine thirty", "09:30"),
        ("I've got a five fifteen on Tuesdays", "17:15"),
        ("monday ten hundred", "10:00"),
        ("does eleven hurt?", "11:00"),
        ("tuesday, quarter to eight", "07:45"),
        ("ten to eight in the evening", "19:50"),
        ("friday at a quarter to seven", "18:45"),
        ("tomorrow at five of ten, ok?", "09:55"),
        ("fourteen hours on thursday", "14:00"),
        ("friday 645 pm", "18:45"),
        ("the monday 1030 am opening", "10:30"),
        ("three twenty five on the dot", "15:25"),
        ("at tree o'clock", "15:00"),
        ("a quarter two twelve", "11:45"),
        ("half passed two", "14:30"),
        ("tuesday at ate", "08:00"),
    ],
)
def test_ways_to_name_one(text: str, at: str) -> None:
    found = one(text)
    assert not found.vague
    assert clock(text) == at


@pytest.mark.parametrize("text", ["open till three", "it has gone five"])
def test_a_limit_is_vague(text: str) -> None:
    assert one(text).vague


def test_the_part_of_the_day_that_fits_is_its_own() -> None:
    assert clock("the morning slot 10:30, the afternoon is full") == "10:30"
    assert clock("10:30 in the evening") == "22:30"


def test_the_thursday_one_is_no_time() -> None:
    assert not hours("i'll take the xxxxxday one")
    assert clock("on thursday at one") == "13:00"


@pytest.mark.parametrize("text", ["in fourteen hours", "it takes 15 hours of work"])
def test_hours_that_last(text: str) -> None:
    assert not hours(canonical(text))


def test_times_one_after_another() -> None:
    said = "wednesday at five fifteen six forty five and eight ten"
    assert [f"{it.hour}:{it.minute:02}" for it in hours(canonical(said))] == [
        *("17:15", "18:45", "8:10"),
    ]
