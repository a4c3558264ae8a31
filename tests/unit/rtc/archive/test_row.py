"""Rows: folded from any JSON, the same every time, and written as any row can be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.archive.row import KEPT, MOST_NAME, MOST_TEXT, Row, fold, iso, plain

CALL = "20261123-140509-0123456789ab"
META = {
    "call": CALL,
    "agent": "local",
    "profile": "sarah",
    "began": "2026-11-23T14:05:09.250+00:00",
    "reason": "caller-left",
    "length_ms": 61_500,
    "recording": {"state": "kept", "skew_ms": 1.5},
    "metrics": {
        "voice_to_voice_ms": {"p50": 812.4},
        "interruptions": {"voice": 2, "typed": 1, "button": 0, "false_alarms": 1},
        "cost": {"usd": 0.12},
    },
    "trouble": "agent-slow",
    "meeting": {"start": "2026-12-01T10:00:00+01:00"},
    "rating": {"stars": 4, "note": "fine"},
}
TURNS = [
    {"who": "caller", "text": "Hello", "interrupted": False},
    {"who": "agent", "text": "Good day", "interrupted": True},
]


def test_all_of_it() -> None:
    assert fold(META, TURNS) == Row(
        call=CALL,
        agent="local",
        profile="sarah",
        began_ms=1_795_442_709_250,
        length_ms=61_500,
        reason="caller-left",
        recording="kept",
        trouble="agent-slow",
        meeting_ms=1_796_115_600_000,
        rating=4,
        turns=2,
        interruptions=3,
        latency_ms=812,
        cost_usd=0.12,
        skew_ms=1.5,
        text="Hello\nGood day",
    )


def test_a_call_that_just_began_is_a_row_too() -> None:
    row = fold({"call": CALL, "reason": None})
    assert row == Row(call=CALL, agent="", profile="", began_ms=1_795_442_709_000)


def test_as_the_http_api_gives_it() -> None:
    content = fold(META, TURNS).to_json()
    assert content["began"] == "2026-11-23T14:05:09.250Z"
    assert content["meeting"] == "2026-12-01T09:00:00.000Z"
    assert {"text", "began_ms", "meeting_ms", "key"}.isdisjoint(content)
    assert json.loads(json.dumps(content)) == content


@pytest.mark.parametrize(
    "meta",
    [
        {},
        [],
        None,
        {"call": 7},
        {"call": "../x"},
        {"call": CALL + "\n"},
        # Its key would not fit into a column.
        {"call": "90001123-140509-0123456789ab"},
    ],
)
def test_what_is_not_of_a_call_is_refused(meta: Any) -> None:
    with pytest.raises(ValueError, match="call.json"):
        fold(meta)


@pytest.mark.parametrize(
    ("name", "value", "column", "found"),
    [
        ("agent", ["x"], "agent", ""),
        ("agent", "a\0b\ud800", "agent", "a b?"),
        ("agent", "x" * 1000, "agent", "x" * MOST_NAME),
        ("length_ms", "60", "length_ms", None),
        ("length_ms", True, "length_ms", None),
        ("length_ms", float("nan"), "length_ms", None),
        ("length_ms", 10**30, "length_ms", None),
        ("recording", "kept", "recording", "kept"),
        ("recording", {"state": ["off"]}, "recording", "kept"),
        ("recording", {"state": "off"}, "recording", "off"),
        ("rating", {"stars": 7}, "rating", None),
        ("rating", {"stars": 10**11}, "rating", None),
        ("began", "yesterday", "began_ms", 1_795_442_709_000),
        ("began", "1970-01-01", "began_ms", 0),
        ("meeting", {"start": "0001-01-01T00:00:00+14:00"}, "meeting_ms", None),
        ("meeting", {"start": "9999-12-31T23:59:59.9999-12:00"}, "meeting_ms", None),
    ],
)
def test_what_makes_no_sense_counts_as_not_there(
    name: str, value: Any, column: str, found: Any
) -> None:
    assert getattr(fold({**META, name: value}), column) == found


def test_turns_that_are_none_are_passed_over() -> None:
    turns: Any = [{"text": "a"}, "b", None, {"text": 3}, {}, {"text": "c\0d"}]
    row = fold(META, turns)
    assert (row.turns, row.text) == (4, "a\nc d")
    for turns in (None, "text", {"turns": 1}, 7):
        assert fold(META, turns).turns == 0
    assert len(fold(META, [{"text": "x" * MOST_TEXT}] * 3).text) == MOST_TEXT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMED = st.fixed_dictionaries(
    {"call": st.just(CALL) | JSON},
    optional={name: JSON | st.just(META[name]) for name in META if name != "call"},
)


@settings(deadline=None)
@given(NAMED | JSON, JSON | st.lists(st.dictionaries(st.sampled_from(["text"]), JSON)))
def test_any_json_is_a_row_or_a_value_error(meta: Any, turns: Any) -> None:
    try:
        row = fold(meta, turns)
    except ValueError:
        return
    assert row == fold(meta, turns)
    assert row.recording in KEPT
    assert row.agent == plain(row.agent)
    json.dumps(row.to_json(), allow_nan=False).encode()


@settings(deadline=None)
@given(st.integers(0, 253_402_300_799_999))
def test_moments_are_written_to_the_millisecond(ms: int) -> None:
    assert fold({"call": CALL, "began": iso(ms)}).began_ms == ms


@pytest.mark.parametrize(
    ("status", "counts"),
    [("agreed", True), ("draft", False), ("cancelled", False), (5, False)],
)
def test_only_what_was_agreed_on_is_a_meeting(status: Any, counts: bool) -> None:
    meeting = {"status": status, "start": "2026-12-01T10:00:00+01:00"}
    row = fold({"call": "20261123-140509-0123456789ab", "meeting": meeting})
    assert (row.meeting_ms is not None) == counts
