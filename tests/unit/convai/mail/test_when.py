"""Times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from convai.mail.when import clock, day, in_utc, month, offset, span, times
from convai.meeting.meeting import Meeting
from tests.pension import meeting

VIENNA = ZoneInfo("Europe/Vienna")


def test_a_day_and_a_time() -> None:
    when = datetime(2026, 11, 26, 15, 5, tzinfo=VIENNA)
    assert day(when) == "Thursday, 26 November 2026"
    assert month(when) == "November"
    assert clock(when) == "15:05"


def test_a_span_over_midnight_names_the_other_day() -> None:
    start = datetime(2026, 12, 31, 23, 45, tzinfo=VIENNA)
    assert span(start, start + timedelta(minutes=10)) == "23:45 to 23:55"
    end = start + timedelta(minutes=30)
    assert span(start, end) == "23:45 to Friday, 1 January 2027, 00:15"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Vienna", "UTC+1"),
        ("UTC", "UTC"),
        ("America/St_Johns", "UTC-3:30"),
        ("Asia/Kathmandu", "UTC+5:45"),
        ("America/New_York", "UTC-5"),
    ],
)
def test_an_offset(zone: str, words: str) -> None:
    assert offset(datetime(2026, 11, 26, 15, tzinfo=ZoneInfo(zone))) == words


def test_utc_is_told_when_it_is_another_time() -> None:
    start = datetime(2026, 11, 26, 15, tzinfo=VIENNA)
    end = start + timedelta(minutes=30)
    assert in_utc(start, end) == "14:00 to 14:30"
    early = start.replace(hour=0, minute=30)
    words = "Wednesday, 25 November 2026, 23:30 to Thursday, 26 November 2026, 00:00"
    assert in_utc(early, early + timedelta(minutes=30)) == words
    london = start.replace(tzinfo=ZoneInfo("Europe/London"))
    assert in_utc(london, london + timedelta(minutes=30)) == ""


def test_the_zone_of_the_meeting_counts() -> None:
    start, end = times(meeting(zone="Asia/Tokyo"))
    assert start.isoformat() == "2026-11-26T23:00:00+09:00"
    assert end.isoformat() == "2026-11-26T23:30:00+09:00"
    skipped = datetime(2027, 3, 28, 2, 30, tzinfo=VIENNA)
    assert clock(times(meeting(start=skipped))[0]) == "03:30"


def test_a_draft_has_none() -> None:
    with pytest.raises(ValueError, match="draft"):
        times(Meeting(status="draft", zone="Europe/Vienna"))


def test_a_zone_that_is_gone_leaves_the_offset() -> None:
    start = datetime(2026, 11, 26, 15, tzinfo=UTC)
    assert times(meeting(zone="Moon/Base", start=start))[0] == start
