"""Records: the way of a parcel, and its form on disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.post.parcel import Later, Parcel, Report
from convai.post.record import Record, fresh, recorded

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SOON = NOW + timedelta(seconds=10)
PARCEL = Parcel("a", "mail", "call", "meeting", b"x", "s@x.y", ("r@x.y", "q@x.y"))


def test_taken_at_once() -> None:
    record = fresh(PARCEL, NOW)
    assert not record.settled
    record = record.begun(SOON)
    assert record.trying and record.due == SOON
    record = record.taken("sent", SOON)
    assert record.settled and not record.trying
    assert record.report("a") == Report("a", "mail", "call", "meeting", "sent", 1)


def test_it_waits_and_is_given_up() -> None:
    record = fresh(PARCEL, NOW).begun(SOON).postponed(Later("no answer"), SOON)
    assert (record.failures, record.why, record.trying) == (1, "no answer", False)
    record = record.begun(SOON).given_up("no answer", SOON)
    assert record.report("a") == Report(
        "a", "mail", "call", "meeting", "failed", 2, "no answer"
    )
    record = record.retried(SOON)
    assert (record.state, record.failures, record.attempts) == ("waiting", 0, 2)


def test_a_setting_to_be_mended_is_no_failure() -> None:
    record = fresh(PARCEL, NOW).begun(SOON)
    record = record.postponed(Later("wrong password", slow=True), SOON)
    assert record.slow and record.failures == 0
    assert not record.begun(SOON).taken("sent", SOON).slow


def test_who_is_left_and_who_refused() -> None:
    later = Later("450", left=("q@x.y",), refused="1 of 2 refused")
    record = fresh(PARCEL, NOW).begun(SOON).postponed(later, SOON)
    assert record.left == ("q@x.y",)
    record = record.begun(SOON).postponed(Later("450 again"), SOON)
    assert record.left == ("q@x.y",)
    assert record.taken("sent", SOON).why == "1 of 2 refused"


TEXT = st.text(max_size=20)


@given(
    st.builds(
        Record,
        kind=st.sampled_from(["mail", "webhook"]),
        call=TEXT,
        meeting=TEXT,
        since=st.just(NOW),
        due=st.just(SOON),
        state=st.sampled_from(["waiting", "sent", "outbox", "failed"]),
        attempts=st.integers(0, 99),
        why=TEXT,
        left=st.none() | st.lists(TEXT, max_size=2).map(tuple),
        trying=st.booleans(),
    )
)
def test_there_and_back(record: Record) -> None:
    assert recorded(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "parcel"},
        {"state": "lost"},
        {"call": 5},
        {"since": "yesterday"},
        {"since": "2026-11-24T09:00:00"},
        {"due": None},
        {"left": 5},
        {"left": [5]},
        {"attempts": "1"},
        {"more": 1},
    ],
)
def test_what_is_none(change: dict[str, object]) -> None:
    content = {**fresh(PARCEL, NOW).to_json(), **change}
    with pytest.raises(ValueError):
        recorded(content)
    with pytest.raises(ValueError):
        recorded({})
