"""Zones: whose time is meant."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.speech import canonical
from convai.meeting.zones import MINE, YOURS, zone_after

SEASONS = [datetime(2026, month, 15, tzinfo=UTC) for month in (1, 7)]
SHORT = (
    *("est", "edt", "et", "cst", "cdt", "mst", "mdt", "pst", "pdt", "pt"),
    *("cet", "cest", "mez", "gmt", "utc", "zulu", "bst"),
    *("ist", "jst", "sgt", "aest", "aedt", "sast", "wat"),
)
CITIES = sorted(
    name
    for name in available_timezones()
    if name.startswith("Europe/") and name.count("_") < 2
)


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("london time", "Europe/London"),
        (", new york time", "America/New_York"),
        ("in sydney time", "Australia/Sydney"),
        ("eastern time", "America/New_York"),
        ("central", "America/Chicago"),
        ("central time", "America/Chicago"),
        ("central european time", "Europe/Berlin"),
        ("mountain", "America/Denver"),
        ("pacific", "America/Los_Angeles"),
        ("west coast time", "America/Los_Angeles"),
        ("kathmandu time", "Asia/Kathmandu"),
        ("in the morning, UK time", "Europe/London"),
        ("on DAY , german time", "Europe/Berlin"),
        ("your time", YOURS),
        ("at your end", YOURS),
        ("for you", YOURS),
        ("my time", MINE),
        ("our local time", MINE),
        ("on my side", MINE),
        (", for me", MINE),
    ],
)
def test_zones(said: str, zone: str) -> None:
    spoken = said if "DAY" in said else canonical(said)
    assert zone_after(spoken) == zone


@pytest.mark.parametrize("short", SHORT)
def test_abbreviations_stand_alone_and_with_time(short: str) -> None:
    found = zone_after(f" {short}")
    assert str(ZoneInfo(found)) == found
    assert zone_after(f" {short} time") == found


@pytest.mark.parametrize("name", CITIES)
def test_every_city_of_a_continent(name: str) -> None:
    city = name.rpartition("/")[2].replace("_", " ").lower()
    found = zone_after(f" {city} time")
    for now in SEASONS:
        here, there = now.astimezone(ZoneInfo(name)), now.astimezone(ZoneInfo(found))
        assert here.utcoffset() == there.utcoffset()


@pytest.mark.parametrize(
    "said",
    [
        "",
        "local time",
        "here in vienna",
        "nonsense time",
        "london",
        "for me to come",
        "works",
        "on monday",
    ],
)
def test_no_zones(said: str) -> None:
    assert zone_after(canonical(said)) == ""


@given(st.text() | st.from_regex(r" ?(in |the )?[a-z]{1,9}( [a-z]{1,9})? time"))
def test_any_text_gives_a_zone_that_there_is_or_none(text: str) -> None:
    for spoken in (text, canonical(text)):
        zone = zone_after(spoken)
        assert zone in ("", MINE, YOURS) or str(ZoneInfo(zone)) == zone
