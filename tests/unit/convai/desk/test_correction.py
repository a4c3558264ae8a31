from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.desk.correction import BadMeeting, corrected
from tests.meetings import NOW, THURSDAY, agreed, draft

VIENNA = ZoneInfo("Europe/Vienna")


def test_what_is_not_named_stays() -> None:
    found = corrected(agreed(), {"action": "correct", "time": "16:30"}, NOW)
    assert found.start == THURSDAY.replace(hour=16, minute=30)
    assert (found.attendee, found.topic) == ("Nat", "ETFs")
    assert (found.source, found.confidence, found.sequence) == ("page", 1.0, 1)


def test_everything_can_be_corrected() -> None:
    body = {
        "day": "2026-12-01",
        "time": "09:00",
        "zone": "America/New_York",
        "duration_min": 60,
        "attendee": " Bo\r\nBcc: x ",
        "email": " bo@Example.com ",
        "topic": "",
    }
    found = corrected(draft(), body, NOW)
    assert found.status == "agreed" and found.day is None
    assert found.start == datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("America/New_York"))
    assert (found.zone, found.duration_min) == ("America/New_York", 60)
    assert (found.attendee, found.email, found.topic) == (
        "Bo Bcc: x",
        "bo@example.com",
        "",
    )


def test_a_draft_is_completed() -> None:
    assert corrected(draft(), {"time": "15:00"}, NOW).start == THURSDAY


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"day": "2026-02-30"}, "There is no 2026-02-30"),
        ({"day": "26.11.2026"}, "YYYY-MM-DD"),
        ({"time": "25:00"}, "HH:MM"),
        ({"day": "2026-11-22"}, "in the past"),
        ({"day": "2028-01-01"}, "over a year away"),
        ({"day": "2027-03-28", "time": "02:30"}, "the clocks are put forward"),
        ({"zone": "Mars/Base"}, "no such time zone"),
        ({"zone": 5}, "zone must be a text"),
        ({"duration_min": 0}, "5 to 480"),
        ({"duration_min": True}, "5 to 480"),
        ({"email": "bo"}, "not an e-mail address"),
        ({"topic": "x" * 1000}, "at most 200 characters"),
        ({"day": ["2026-11-27"]}, "day must be a text"),
    ],
)
def test_what_cannot_be_is_said(body: dict[str, Any], why: str) -> None:
    with pytest.raises(BadMeeting, match=why):
        corrected(agreed(), body, NOW)


def test_the_second_of_two_hours_stays_when_only_the_name_changes() -> None:
    second = datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=VIENNA)
    found = corrected(
        agreed(start=second), {"attendee": "Bo"}, datetime(2027, 10, 1, tzinfo=VIENNA)
    )
    assert found.start is second and found.attendee == "Bo"


@given(
    st.dictionaries(
        st.sampled_from(
            ["day", "time", "zone", "duration_min", "attendee", "email", "topic"]
        ),
        st.none() | st.integers() | st.text(max_size=20) | st.lists(st.text()),
    )
)
def test_any_body_is_a_meeting_or_told_to_be_none(body: dict[str, Any]) -> None:
    for known in (agreed(), draft()):
        try:
            found = corrected(known, body, NOW)
        except BadMeeting as error:
            assert str(error)
        else:
            assert found.start is not None and found.start.tzinfo is not None
            for text in (found.attendee, found.email, found.topic):
                assert text.isprintable()
