"""Meeting: its end, its JSON and back, and what is no meeting."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.meeting import (
    DEFAULT_MIN,
    LONGEST_MIN,
    LONGEST_SENTENCE,
    LONGEST_TEXT,
    MOST_EVIDENCE,
    Evidence,
    Meeting,
    known_zone,
    one_line,
    stated,
)
from tests.meetings import agreed, draft

VIENNA = ZoneInfo("Europe/Vienna")


def at(*when: int, minutes: int = DEFAULT_MIN) -> Meeting:
    start = datetime(*when, tzinfo=VIENNA)  # type: ignore[misc, arg-type]
    return agreed(start=start, duration_min=minutes)


@pytest.mark.parametrize(
    ("meeting", "ends"),
    [
        (at(2026, 11, 26, 15), "2026-11-26T15:30:00+01:00"),
        (at(2026, 12, 31, 23, 45), "2027-01-01T00:15:00+01:00"),
        (at(2028, 2, 28, 23, 45), "2028-02-29T00:15:00+01:00"),
        # The clocks go from two to three, and from three to two.
        (at(2026, 3, 29, 1, 45), "2026-03-29T03:15:00+02:00"),
        (at(2026, 10, 25, 1, 45, minutes=60), "2026-10-25T02:45:00+02:00"),
        (at(2026, 10, 25, 1, 45, minutes=120), "2026-10-25T02:45:00+01:00"),
    ],
)
def test_minutes_count_and_not_the_hands(meeting: Meeting, ends: str) -> None:
    assert meeting.end is not None and meeting.end.isoformat() == ends


def test_a_draft_has_no_end_and_says_what_it_wants() -> None:
    nothing = draft(day=None, time=None)
    assert nothing.end is None
    assert nothing.to_json()["missing"] == ["day", "time"]
    half = draft(day=date(2026, 11, 26), time=None).to_json()
    assert (half["day"], half["time"], half["missing"]) == (
        "2026-11-26",
        None,
        ["time"],
    )
    late = draft(day=None, time=time(15, 30)).to_json()
    assert (late["time"], late["missing"]) == ("15:30", ["day"])
    assert "missing" not in agreed().to_json()


@pytest.mark.parametrize(
    "meeting",
    [
        agreed(),
        agreed(status="cancelled", sequence=3, source="page"),
        agreed(evidence=(Evidence("agent", "Three?", 0), Evidence("caller", "Yes."))),
        agreed(start=datetime(2026, 10, 25, 2, 30, tzinfo=VIENNA, fold=1)),
        draft(day=date(2028, 2, 29), time=None),
        draft(day=None, time=time(15, 30)),
    ],
)
def test_what_was_written_is_read_again(meeting: Meeting) -> None:
    assert stated(json.loads(json.dumps(meeting.to_json()))) == meeting


def test_a_start_is_read_in_its_zone() -> None:
    content = {**agreed().to_json(), "start": "2026-11-26T14:00:00+00:00"}
    start = stated(content).start
    assert start is not None and start.isoformat() == "2026-11-26T15:00:00+01:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Europe/Nowhere"},
        {"zone": ""},
        {"zone": 5},
        {"start": "2026-11-26T15:00:00"},
        {"start": "soon"},
        {"start": 5},
        {"start": None},
        {"status": "maybe"},
        {"source": "rumour"},
        {"duration_min": 0},
        {"duration_min": LONGEST_MIN + 1},
        {"duration_min": True},
        {"duration_min": 30.0},
        {"day": "2027-02-29"},
        {"time": "25:00"},
        {"sequence": -1},
        {"topic": 5},
        {"confidence": "high"},
        {"evidence": ["yes"]},
        {"evidence": [{"who": "nobody", "text": "yes"}]},
        {"evidence": [{"who": "agent", "text": "yes", "start_ms": -1}]},
    ],
)
def test_what_is_no_meeting(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        stated({**agreed().to_json(), **wrong})


def test_texts_and_evidence_have_a_bound() -> None:
    sentence = {"who": "agent", "text": "x" * (LONGEST_SENTENCE + 1)}
    content = {
        **agreed().to_json(),
        "topic": "x" * (LONGEST_TEXT + 1),
        "evidence": [sentence] * (MOST_EVIDENCE + 1),
    }
    found = stated(content)
    assert len(found.topic) == LONGEST_TEXT
    assert len(found.evidence) == MOST_EVIDENCE
    assert len(found.evidence[0].text) == LONGEST_SENTENCE
    assert stated({**content, "evidence": "none"}).evidence == ()


@pytest.mark.parametrize(
    "name", ["", "America", "../etc", "/etc/passwd", "nowhere", "a\0b", "x" * 5000]
)
def test_zones_that_nobody_knows(name: str) -> None:
    assert known_zone(name) is None


def test_a_zone_that_is_known() -> None:
    assert known_zone("Europe/Vienna") == VIENNA


def test_one_line() -> None:
    assert one_line(" Nat\r\nBcc: all\t the  world\x00 ") == "Nat Bcc: all the world"


@given(st.text())
def test_any_text_becomes_one_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable() and len(line) <= LONGEST_TEXT
    assert "  " not in line
    assert one_line(line) == line.strip()
