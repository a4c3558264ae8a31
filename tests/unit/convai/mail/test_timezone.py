"""VTIMEZONE: read by two libraries that know nothing of the zone but what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Timezone

from convai.mail.timezone import timezone

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})

MINUTES = 525_949
"Of a year."

MOMENTS = st.integers(2020 * MINUTES, 2036 * MINUTES).map(
    lambda minutes: datetime(1, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def written(name: str, about: datetime) -> str:
    return timezone(name, ZoneInfo(name), about).to_ical().decode()


def test_yearly_rules() -> None:
    text = written("Europe/Vienna", datetime(2026, 11, 26, 14, tzinfo=UTC))
    lines = text.replace("\r\n", "\n").splitlines()
    assert lines[:2] == ["BEGIN:VTIMEZONE", "TZID:Europe/Vienna"]
    assert "DTSTART:20240331T020000" in lines
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in lines
    assert "DTSTART:20241027T030000" in lines
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in lines
    assert [lines.count(f"BEGIN:{kind}") for kind in ("STANDARD", "DAYLIGHT")] == [1, 1]
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in written(
        "America/New_York", datetime(2026, 11, 26, 14, tzinfo=UTC)
    )


def test_without_a_rule_each_change_by_itself() -> None:
    text = written("Africa/Casablanca", datetime(2026, 11, 26, 14, tzinfo=UTC))
    assert "RRULE" not in text and "RDATE" not in text
    assert text.count("DTSTART:2026") == 2


def test_one_time_all_year() -> None:
    text = written("Asia/Kolkata", datetime(2026, 11, 26, 14, tzinfo=UTC))
    assert text.count("BEGIN:STANDARD") == 1 and "DAYLIGHT" not in text


def test_summer_is_daylight_also_in_ireland() -> None:
    text = written("Europe/Dublin", datetime(2026, 11, 26, 14, tzinfo=UTC))
    summer = text.partition("BEGIN:DAYLIGHT")[2].partition("END:DAYLIGHT")[0]
    assert "TZNAME:IST" in summer and "TZOFFSETTO:+0100" in summer


def test_every_zone_can_be_written() -> None:
    for name in ZONES:
        text = written(name, datetime(2026, 3, 29, 1, tzinfo=UTC))
        assert len(text) < 4000, name
        assert "BEGIN:STANDARD" in text or "BEGIN:DAYLIGHT" in text, name


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), MOMENTS)
def test_it_holds_for_a_year_around(name: str, moment: datetime) -> None:
    component = Timezone.from_ical(written(name, moment))
    assert isinstance(component, Timezone)
    component["TZID"] = "Nowhere/Known"  # or it would be looked up by its name
    read = component.to_tz(lookup_tzid=False)
    for days in (0, -180, 180):
        when = (moment + timedelta(days=days)).astimezone(ZoneInfo(name))
        wall = when.replace(tzinfo=None, fold=0)
        if when.fold or not _plain(wall, ZoneInfo(name)):
            continue
        offset = wall.replace(tzinfo=read).utcoffset()
        assert offset == when.utcoffset(), (name, when, component.to_ical().decode())


def _plain(wall: datetime, zone: ZoneInfo) -> bool:
    """Shown once by the clocks."""
    first, second = (wall.replace(tzinfo=zone, fold=it).utcoffset() for it in (0, 1))
    return first == second
