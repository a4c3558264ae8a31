from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from convai.meeting.day import Day
from convai.meeting.hour import Hour
from convai.meeting.options import Option
from convai.meeting.table import Table, in_part, other
from convai.meeting.zones import MINE, YOURS
from tests.talks import NOW, VIENNA

DAY = date(2026, 11, 26)
TEN, THREE = Hour(0, 1, 10), Hour(0, 1, 15)


def table() -> Table:
    return Table(VIENNA, NOW.date())


def laid() -> Table:
    """With a day and a time, by the agent."""
    found = table()
    found.day, found.hour = DAY, THREE
    found.stand("agent")
    return found


def test_agreed_when_both_stand_by_day_and_time() -> None:
    found = laid()
    assert not found.settled
    found.stand("caller")
    assert found.settled and found.agreed
    for field in ("dropped", "walk_in", "informed"):
        setattr(found.mood, field, True)
        assert not found.agreed, field
        setattr(found.mood, field, False)
    for who in (found.mood.held, found.mood.checking):
        who.add("caller")
        assert not found.agreed
        who.clear()
    found.mood.informed = found.mood.met = True
    assert found.agreed
    found.drop_hour()
    assert not found.agreed and found.memory.hour == THREE


def test_nobody_stands_by_what_there_is_not() -> None:
    found = table()
    found.stand("caller")
    assert not found.day_by and not found.hour_by


def test_what_lies_there() -> None:
    found = laid()
    found.options = [Option(date(2026, 11, 27), TEN)]
    assert found.knows(Option(DAY)) and found.knows(Option(hour=THREE))
    assert not found.knows(Option(DAY, TEN))
    assert found.holds(Day(0, 1, DAY)) and found.holds(Day(0, 1, date(2026, 11, 27)))
    assert found.holds(TEN) and not found.holds(Hour(0, 1, 11))
    assert not found.holds(Day(0, 1))


def test_one_of_several() -> None:
    found = table()
    ten, three = Option(DAY, TEN), Option(DAY, THREE)
    found.options, found.offered_by = [ten, three], "agent"
    found.narrow(Option(DAY))
    assert found.options == [ten, three], "it may be both"
    found.narrow(Option(hour=THREE))
    assert not found.options
    assert (found.day, found.hour) == (DAY, THREE)
    assert found.day_by == found.hour_by == {"agent"}


def test_what_each_said_last() -> None:
    found = table()
    found.last_by, found.last, found.prior = "agent", [], []
    assert found.own("agent") is found.last and found.theirs("caller") is found.last
    assert found.own("caller") is found.prior and found.theirs("agent") is found.prior
    assert other("agent") == "caller" and other("caller") == "agent"


@pytest.mark.parametrize(
    ("hour", "here"),
    [
        (Hour(0, 1, 15), "15:00"),
        (Hour(0, 1, 15, zone="Europe/London"), "16:00"),
        (Hour(0, 1, 15, 30, zone="UTC"), "16:30"),
        (Hour(0, 1, 15, zone=MINE), "15:00"),
        (Hour(0, 1, 9, zone="Asia/Kolkata"), "4:30"),
    ],
)
def test_on_the_clocks_of_the_caller(hour: Hour, here: str) -> None:
    found = table().here(hour, DAY)
    assert f"{found.hour}:{found.minute:02}" == here and not found.vague


def test_there_it_is_another_day() -> None:
    """Which of the two is meant, is not said."""
    sydney = Hour(0, 1, 9, zone="Australia/Sydney")
    assert table().here(sydney, DAY).vague
    york = Hour(0, 1, 22, sure=True, zone="America/New_York")
    assert table().here(york, DAY).vague


def test_the_clocks_are_those_of_that_day() -> None:
    york = Hour(0, 1, 9, zone="America/New_York")
    assert table().here(york, DAY).hour == 15
    assert table().here(york, date(2027, 3, 20)).hour == 14


def test_the_same_number_in_another_zone_is_another_time() -> None:
    """It was not: "2 o'clock. Two here or two there? Two there" stayed two here."""
    found = table()
    found.hour = Hour(0, 1, 15)
    assert found.here(Hour(0, 1, 15, zone="Europe/London"), DAY).hour == 16


def test_it_lasts_as_long_there() -> None:
    hour = Hour(0, 1, 15, until=16 * 60, zone="Europe/London")
    assert table().here(hour, DAY).until == 17 * 60


def test_the_half_of_the_day_that_is_meant() -> None:
    found = table()
    found.part = "evening"
    assert found.here(Hour(0, 1, 8), DAY).hour == 20
    assert found.here(Hour(0, 1, 8, sure=True), DAY).hour == 8
    found.hour = Hour(0, 1, 20)
    assert found.here(Hour(4, 5, 8), DAY) == found.hour


def test_only_our_clocks_count() -> None:
    mine, yours = replace(THREE, zone=MINE), replace(TEN, zone=YOURS)
    found = table()
    assert found.on_our_clocks("caller", [mine, yours]) == [mine]
    assert found.on_our_clocks("agent", [mine, yours]) == [yours]
    assert found.on_our_clocks("agent", [mine]) == [mine]


@pytest.mark.parametrize(
    ("hour", "parts"),
    [(9, "morning"), (12, "afternoon"), (16, "afternoon evening"), (20, "evening")],
)
def test_part_of_the_day(hour: int, parts: str) -> None:
    known = ("morning", "afternoon", "evening")
    assert [it for it in known if in_part(Hour(0, 1, hour), it)] == parts.split()
