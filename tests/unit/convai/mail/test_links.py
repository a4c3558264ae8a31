"""Links into calendars on the web."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.mail.links import calendars
from convai.meeting.meeting import Meeting, one_line
from tests.pension import meeting


def test_google() -> None:
    google = calendars(meeting(), "Agreed & done: 50% + more")[0]
    assert google.name == "Google" and "+" not in google.url and " " not in google.url
    parts = urlsplit(google.url)
    assert parts.netloc == "calendar.google.com"
    assert parse_qs(parts.query) == {
        "action": ["TEMPLATE"],
        "text": ["Pension plan (Ann Lee)"],
        "dates": ["20261126T140000Z/20261126T143000Z"],
        "ctz": ["Europe/Vienna"],
        "details": ["Agreed & done: 50% + more"],
    }


def test_outlook() -> None:
    _, outlook, office = calendars(meeting())
    assert urlsplit(outlook.url).netloc == "outlook.live.com"
    assert urlsplit(office.url).netloc == "outlook.office.com"
    assert parse_qs(urlsplit(outlook.url).query) == {
        "path": ["/calendar/action/compose"],
        "rru": ["addevent"],
        "subject": ["Pension plan (Ann Lee)"],
        "startdt": ["2026-11-26T14:00:00Z"],
        "enddt": ["2026-11-26T14:30:00Z"],
    }


def test_not_of_a_draft() -> None:
    with pytest.raises(ValueError, match="draft"):
        calendars(Meeting(status="draft", zone="UTC"))


@given(st.text(max_size=300), st.text(max_size=2000))
def test_any_words_fit(topic: str, text: str) -> None:
    start = datetime(2026, 12, 31, 23, 45, tzinfo=UTC)
    it = meeting(topic=topic, attendee="", start=start, zone="UTC")
    for link in calendars(it, text):
        assert link.url.isascii() and link.url.isprintable() and " " not in link.url
        query = parse_qs(urlsplit(link.url).query)
        said = query.get("text") or query["subject"]
        assert said == [one_line(topic) or "Meeting"]
