from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.events import Booked
from convai.meeting.meeting import LONGEST_TEXT, known_zone
from convai.tools.booking import FURTHEST, agreed, book_meeting
from convai.tools.tool import Done, ToolError

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
"A Sunday; 21:30 in Vienna."


async def book(
    now: datetime = NOW, zone: str = "Europe/Vienna", **arguments: Any
) -> Done:
    arguments = {"date": "2026-11-26", "time": "15:00", **arguments}
    return await book_meeting(zone=zone, now=lambda: now).run(arguments)


def booked(done: Done) -> Booked:
    [event] = done.events
    assert isinstance(event, Booked)
    return event


def start(done: Done) -> str:
    return booked(done).start.isoformat(timespec="minutes")


async def test_a_meeting_is_told_to_the_agenda() -> None:
    done = await book(
        duration_min=45,
        attendee=" Nat\r\nBcc: x ",
        topic="ETFs",
        email=" Nat.Doe@Example.COM ",
        zone="Europe/Vienna",
    )
    assert done.result == (
        "Booked: Thursday 26 November 2026, 15:00 to 15:45 Europe/Vienna."
    )
    assert booked(done) == Booked(
        datetime(2026, 11, 26, 15, tzinfo=VIENNA),
        45,
        attendee="Nat Bcc: x",
        email="Nat.Doe@example.com",
        topic="ETFs",
    )
    assert str(booked(done).start.tzinfo) == "Europe/Vienna"


async def test_what_is_not_said_is_empty() -> None:
    found = booked(await book())
    assert (found.attendee, found.email, found.topic) == ("", "", "")
    assert found.duration_min == 30


@pytest.mark.parametrize(
    "address", ["ann", "ann at example.com", "a@b", "a@x.y\r\nBcc: c@d.e", "a@1.2.3.4"]
)
async def test_a_wrong_address_is_told_to_the_agent(address: str) -> None:
    with pytest.raises(ToolError, match="not an e-mail address"):
        await book(email=address)


async def test_the_zone_of_the_other_person() -> None:
    tool = book_meeting(zone="Europe/Vienna", now=lambda: NOW)
    done = await tool.run(
        {"date": "2026-11-23", "time": "09:00", "zone": "America/New_York"}
    )
    assert "09:00 to 09:30 America/New_York" in done.result
    assert start(done) == "2026-11-23T09:00-05:00"


async def test_a_meeting_over_midnight_names_both_days() -> None:
    done = await book(time="23:45")
    assert "Thursday 26 November 2026, 23:45 to Friday 00:15" in done.result


async def test_a_name_is_no_letter() -> None:
    assert len(booked(await book(attendee="x" * 10_000)).attendee) == LONGEST_TEXT


@pytest.mark.parametrize("name", ["Mars/Base", "America", "../etc/passwd", "a\0b"])
async def test_a_zone_nobody_knows(name: str) -> None:
    assert known_zone(name) is None
    tool = book_meeting(zone="UTC", now=lambda: NOW)
    with pytest.raises(ToolError, match="no such time zone"):
        await tool.run({"date": "2026-11-26", "time": "15:00", "zone": name})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"date": "26 November"}, "YYYY-MM-DD. It is now Sunday 22 November 2026"),
        ({"date": "20261126"}, "YYYY-MM-DD"),
        ({"date": "2026-W48-4"}, "YYYY-MM-DD"),
        ({"date": "2027-02-29"}, "There is no 2027-02-29"),
        ({"time": "3 pm"}, "HH:MM"),
        ({"time": "24:00"}, "HH:MM"),
        ({"time": "9:30"}, "HH:MM"),
        ({"date": "2026-11-19"}, "Thursday 19 November 2026, 15:00 is in the past. It"),
        ({"date": "2026-11-22", "time": "15:30"}, "is in the past"),
        ({"date": "2028-11-23"}, "over a year away"),
        ({"date": "9999-12-31", "time": "23:59"}, "not in the coming year"),
        ({"date": "0001-01-01", "time": "00:00"}, "not in the coming year"),
    ],
)
async def test_what_cannot_be_is_said_with_the_day_it_is(
    arguments: dict[str, str], said: str
) -> None:
    for zone in ("Europe/Vienna", "America/New_York"):
        tool = book_meeting(zone="Europe/Vienna", now=lambda: NOW)
        given = {"date": "2026-11-26", "time": "15:00", "zone": zone, **arguments}
        with pytest.raises(ToolError, match=said):
            await tool.run(given)


async def test_in_a_minute_is_not_in_the_past() -> None:
    with pytest.raises(ToolError, match="is in the past"):
        await book(date="2026-11-22", time="21:30")
    assert "21:31" in (await book(date="2026-11-22", time="21:31")).result


SPRING = datetime(2027, 3, 1, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 1, tzinfo=UTC)


async def test_a_time_that_the_clocks_jump_over() -> None:
    with pytest.raises(ToolError, match="no 02:30 on Sunday 28 March 2027"):
        await book(SPRING, date="2027-03-28", time="02:30")
    before = await book(SPRING, date="2027-03-28", time="01:59")
    assert start(before) == "2027-03-28T01:59+01:00"
    assert "01:59 to 03:29" in before.result
    after = await book(SPRING, date="2027-03-28", time="03:00")
    assert start(after) == "2027-03-28T03:00+02:00"


async def test_a_time_that_comes_twice() -> None:
    done = await book(AUTUMN, date="2027-10-31", time="02:30")
    assert start(done) == "2027-10-31T02:30+02:00"
    assert "02:30 to 02:00 Europe/Vienna. That time comes twice" in done.result
    once = await book(AUTUMN, date="2027-10-31", time="03:00")
    assert "twice" not in once.result
    assert start(once) == "2027-10-31T03:00+01:00"


FIRST = datetime.fromisoformat("2026-01-01T00:00")


@given(
    st.datetimes(FIRST, FIRST + timedelta(days=1500)),
    st.sampled_from(
        ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
    ),
    st.integers(5, 480),
)
def test_whatever_is_booked_is_that_time_on_the_clock(
    wall: datetime, name: str, minutes: int
) -> None:
    wall = wall.replace(second=0, microsecond=0)
    zone = ZoneInfo(name)
    now = wall.replace(tzinfo=UTC) - timedelta(days=20)
    try:
        begin, end, _ = agreed(
            day=f"{wall:%Y-%m-%d}",
            at=f"{wall:%H:%M}",
            zone=zone,
            minutes=minutes,
            now=now,
        )
    except ToolError as error:
        assert "clocks are put" in str(error)
        return
    assert begin.replace(tzinfo=None) == wall
    assert begin.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(minutes=minutes)
    assert now < begin <= now + FURTHEST


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_a_meeting_or_a_tool_error(day: str, at: str) -> None:
    try:
        agreed(day=day, at=at, zone=VIENNA, minutes=30, now=NOW)
    except ToolError as error:
        assert str(error)
