"""Invitations, read back by the library that wrote them and by another one."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from convai.mail.address import Mailbox
from convai.mail.invitation import invitation, title
from convai.meeting.meeting import Meeting
from tests.pension import NOW, meeting

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
ANN = Mailbox("Ann Lee", "ann.lee@example.com")
DESK = Mailbox("", "desk@example.com")

UNKNOWN = itertools.count()

NASTY = st.text(max_size=60) | st.sampled_from(
    [
        "x\r\nBEGIN:VEVENT",
        "x\nATTENDEE:mailto:evil@example.com",
        "x\0y",
        "x\u2028END:VCALENDAR\u2029",
        "x\udc80y",
        "\u202eevil",
        'a "quoted"; name, with: all',
        "^'^n",
        "\\n\\;",
        "é" * 10_000,
        "🎉 party",
    ]
)


def lines(ics: bytes) -> list[str]:
    """Unfolded."""
    return ics.decode().replace("\r\n ", "").split("\r\n")


def of(**changes: object) -> bytes:
    return invitation(
        meeting(**changes),
        method="REQUEST",
        now=NOW,
        organizer=Mailbox("Parley", "parley@example.com"),
        attendees=[DESK, ANN],
        description="First.\nSecond.",
        url="https://calls.example.com/1",
    )


def test_a_request() -> None:
    found = lines(of(sequence=3))
    for line in (
        "METHOD:REQUEST",
        "UID:5f0c6d2a9b7e4c1d8a3f0e9d7c6b5a41@parley",
        "SEQUENCE:3",
        "DTSTAMP:20261124T090600Z",
        "DTSTART;TZID=Europe/Vienna:20261126T150000",
        "DTEND;TZID=Europe/Vienna:20261126T153000",
        "SUMMARY:Pension plan (Ann Lee)",
        "DESCRIPTION:First.\\nSecond.",
        "URL:https://calls.example.com/1",
        "STATUS:CONFIRMED",
        "ORGANIZER;CN=Parley:mailto:parley@example.com",
        "TZID:Europe/Vienna",
    ):
        assert line in found, line
    guest = next(it for it in found if it.endswith("mailto:ann.lee@example.com"))
    assert "RSVP=TRUE" in guest and "PARTSTAT=NEEDS-ACTION" in guest


def test_a_cancellation() -> None:
    ics = invitation(meeting(sequence=4), method="CANCEL", now=NOW, attendees=[ANN])
    found = lines(ics)
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:4"} <= set(found)
    assert "RSVP" not in ics.decode()
    assert "UID:5f0c6d2a9b7e4c1d8a3f0e9d7c6b5a41@parley" in found


def test_published_to_nobody_in_particular() -> None:
    ics = invitation(meeting(), method="PUBLISH", now=NOW).decode()
    assert "METHOD:PUBLISH" in ics
    assert "ATTENDEE" not in ics and "ORGANIZER" not in ics


def test_a_draft_is_no_invitation() -> None:
    with pytest.raises(ValueError, match="draft"):
        invitation(
            Meeting(status="draft", zone="UTC", id="x"), method="PUBLISH", now=NOW
        )


def test_utc_needs_no_zone() -> None:
    start = datetime(2026, 11, 26, 15, tzinfo=UTC)
    ics = of(start=start, zone="UTC").decode()
    assert "DTSTART:20261126T150000Z" in ics and "VTIMEZONE" not in ics


def test_what_the_clocks_show_twice_is_told_in_utc() -> None:
    first = datetime(2026, 10, 25, 2, 15, tzinfo=ZoneInfo("Europe/Vienna"))
    found = lines(of(start=first, duration_min=120))
    assert "DTSTART:20261025T001500Z" in found
    assert "DTEND;TZID=Europe/Vienna:20261025T031500" in found
    assert "DTSTART:20261025T011500Z" in lines(of(start=first.replace(fold=1)))


def test_titles() -> None:
    assert title(meeting()) == "Pension plan (Ann Lee)"
    assert title(meeting(attendee="")) == "Pension plan"
    assert title(meeting(topic="")) == "Meeting with Ann Lee"
    assert title(meeting(topic="", attendee="")) == "Meeting"
    assert len(title(meeting(attendee="x" * 10_000))) < 100


def test_the_form_of_lines() -> None:
    ics = of(topic="ä" * 190, attendee="Ünï " * 40)
    assert ics.endswith(b"\r\n") and b"\n" not in ics.replace(b"\r\n", b"")
    assert max(len(line) for line in ics.split(b"\r\n")) <= 75
    ics.decode()


MINUTES = 525_949
"Of a year."

MOMENTS = st.integers(2024 * MINUTES, 2034 * MINUTES).map(
    lambda minutes: datetime(1, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), MOMENTS, st.integers(1, 480))
@example("Europe/Vienna", datetime(2026, 3, 29, 0, 45, tzinfo=UTC), 30)
@example("Europe/Vienna", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), 30)
@example("Europe/Vienna", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60)
@example("Europe/Vienna", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 60)
@example("America/New_York", datetime(2026, 3, 8, 6, 45, tzinfo=UTC), 30)
@example("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), 60)
@example("Pacific/Apia", datetime(2028, 2, 29, 10, 0, tzinfo=UTC), 480)
@example("Asia/Kathmandu", datetime(2026, 12, 31, 18, 0, tzinfo=UTC), 60)
@example("Africa/Casablanca", datetime(2026, 2, 15, 2, 30, tzinfo=UTC), 60)
@example("America/Nuuk", datetime(2026, 3, 29, 0, 45, tzinfo=UTC), 30)
@example("Antarctica/Troll", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60)
@example("Asia/Gaza", datetime(2027, 1, 28, 0, 30, tzinfo=UTC), 60)
def test_both_libraries_read_the_same_moments(
    zone: str, moment: datetime, minutes: int
) -> None:
    ics = of(zone=zone, start=moment.astimezone(ZoneInfo(zone)), duration_min=minutes)
    text, until = ics.decode(), moment + timedelta(minutes=minutes)
    # Also by a name that nobody knows, nor has read before: then what the VTIMEZONE
    # says counts alone.
    unknown = _renamed(text, zone)
    for known in (text, unknown):
        event = Calendar.from_ical(known).walk("VEVENT")[0]
        assert _utc(event["DTSTART"].dt) == moment, text
        assert _utc(event["DTEND"].dt) == until, text
    calendar = vobject.readOne(text)
    assert _read(calendar, "dtstart") == moment, text
    assert _read(calendar, "dtend") == until, text


def _renamed(text: str, zone: str) -> str:
    name = f"Moon/{next(UNKNOWN)}"
    text = text.replace("\r\n ", "")
    for before, after in ((":", "\r\n"), ("=", ":")):
        text = text.replace(f"TZID{before}{zone}{after}", f"TZID{before}{name}{after}")
    return text


def _read(calendar: Any, name: str) -> datetime:
    """By the calendar's own VTIMEZONE: vobject keeps one of a name for all."""
    line = getattr(calendar.vevent, name)
    if "X-VOBJ-ORIGINAL-TZID" not in line.params:
        return _utc(line.value)
    return _utc(line.value.replace(tzinfo=calendar.vtimezone.tzinfo))


def _utc(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=UTC)


@settings(max_examples=200, deadline=None)
@given(NASTY, NASTY, NASTY)
def test_nobody_adds_a_line(topic: str, name: str, other: str) -> None:
    ics = invitation(
        meeting(topic=topic, attendee=name, id=other),
        method="REQUEST",
        now=NOW,
        organizer=Mailbox(other, "parley@example.com"),
        attendees=[Mailbox(name, "ann.lee@example.com")],
        description=f"{topic}\n{other}".encode(errors="replace").decode(),
    )
    heads = [re.split("[:;]", line)[0] for line in lines(ics)]
    assert heads.count("BEGIN") == heads.count("END") == 5
    assert heads.count("ATTENDEE") == heads.count("ORGANIZER") == 1
    assert heads.count("SUMMARY") == heads.count("UID") == 1
    event = Calendar.from_ical(ics).walk("VEVENT")[0]
    assert str(event["ATTENDEE"]) == "mailto:ann.lee@example.com"
    entry = vobject.readOne(ics.decode()).vevent
    assert entry.attendee.value == "mailto:ann.lee@example.com"
    assert entry.summary.value == str(event["SUMMARY"])
