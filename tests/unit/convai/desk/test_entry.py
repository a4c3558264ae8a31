from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.desk.entry import (
    MOST_LETTERS,
    MOST_TURNS,
    Confirm,
    Entry,
    Settled,
    essence,
    read,
)
from convai.turn import Turn
from tests.meetings import NOW, THURSDAY, agreed, draft, talk

DUE = NOW + timedelta(seconds=30)


def entry(**more: Any) -> Entry:
    fields: dict[str, Any] = {"meeting": agreed(), "talk": talk(), "phase": "draft"}
    return Entry(**{**fields, **more})


def waiting() -> Entry:
    return entry().awaiting(agreed(), "auto", DUE)


@pytest.mark.parametrize(
    ("confirm", "phase"), [("auto", "waiting"), ("review", "review"), ("off", "off")]
)
def test_what_is_agreed_on_awaits_what_the_rules_say(
    confirm: Confirm, phase: str
) -> None:
    found = entry().awaiting(agreed(), confirm, DUE)
    assert found.phase == found.state == phase
    assert found.due == (DUE if phase == "waiting" else None)
    assert entry().awaiting(draft(), confirm, DUE).phase == "draft"
    gone = agreed(status="cancelled")
    assert entry().awaiting(gone, confirm, DUE).phase == "undone"


def test_what_was_said_once_more_changes_nothing_that_letters_say() -> None:
    again = agreed(confidence=1.0, evidence=(), sequence=9, source="tool")
    assert essence(again) == essence(agreed())
    for more in (
        {"start": THURSDAY + timedelta(minutes=15)},
        {"duration_min": 45},
        {"attendee": "Bo"},
        {"email": ""},
        {"topic": "x"},
        {"status": "cancelled"},
    ):
        assert essence(agreed(**more)) != essence(agreed()), more
    assert essence(draft()) != essence(draft(day=None))


def test_a_letter_that_left_is_told_of_what_changed() -> None:
    left = waiting().left()
    assert (left.phase, left.state, left.pending) == ("queued", "queued", True)
    assert left.parting == left.told == agreed() and left.former is None
    gone = left.placed(left.parting).delivered("sent", "")
    assert (gone.state, gone.pending) == ("sent", False)
    moved = gone.changed(agreed(duration_min=60), "auto", DUE)
    assert (moved.phase, moved.meeting.sequence) == ("waiting", 1)
    assert moved.left().former == agreed()
    assert moved.undone() == replace(gone, amended=False)


def test_what_parts_meanwhile_is_not_forgotten() -> None:
    first = waiting().left()
    second = first.changed(agreed(duration_min=60), "auto", DUE).left()
    assert second.placed(first.parting).parting == second.parting


@pytest.mark.parametrize("phase", ["queued", "undone"])
def test_what_left_or_was_undone_stays(phase: Any) -> None:
    settled = entry(phase=phase)
    for act in (Entry.undone, Entry.approved):
        with pytest.raises(Settled):
            act(settled)
    with pytest.raises(Settled):
        settled.corrected(agreed(topic="x"), "auto", DUE, late=False)


def test_an_undone_draft_is_still_half_said() -> None:
    undone = entry(meeting=draft()).undone()
    assert (undone.phase, undone.meeting.status) == ("undone", "draft")
    assert read(undone.to_json()) == undone


def test_a_draft_that_came_to_nothing_is_undone() -> None:
    """It stood there to be completed, although nobody wanted it any more."""
    nothing = draft(status="cancelled")
    undone = entry(meeting=draft()).changed(nothing, "auto", DUE)
    assert (undone.phase, undone.meeting.status) == ("undone", "draft")
    assert read(undone.to_json()) == undone
    assert undone.changed(draft(), "auto", DUE).phase == "draft", "wanted once more"
    dismissed = entry(meeting=draft()).undone()
    for _ in range(3):
        dismissed = dismissed.changed(draft(), "auto", DUE)
        assert dismissed.phase == "undone", "by a person"


def test_what_left_and_was_to_be_moved_can_come_to_nothing() -> None:
    left = waiting().left()
    moving = left.changed(draft(), "auto", DUE)
    gone = moving.changed(draft(status="cancelled"), "auto", DUE)
    assert (gone.phase, gone.meeting.status) == ("waiting", "cancelled")
    assert gone.meeting.start == THURSDAY and gone.meeting.sequence > 0


def test_words_go_when_no_letter_needs_them() -> None:
    private = replace(waiting(), talk=talk(wordless=True, turns=()))
    assert private.reduced() is private
    left = private.left()
    assert left.reduced() is left
    gone = left.placed(left.parting).delivered("sent", "").reduced()
    assert gone.told is not None
    for meeting in (gone.meeting, gone.told):
        assert (meeting.attendee, meeting.email, meeting.topic) == ("", "", "")
        assert meeting.evidence == () and meeting.start == THURSDAY
    assert waiting().left().placed(agreed()).reduced().meeting == agreed()


def test_of_a_long_talk_the_end_is_kept() -> None:
    turns = [Turn("caller", f"word {n}", n, n, final=True) for n in range(1000)]
    kept = talk().heard(turns).turns
    assert len(kept) == MOST_TURNS and kept[-1] == turns[-1]
    long = [Turn("caller", "x" * (MOST_LETTERS // 2), n, n) for n in range(5)]
    assert len(talk().heard(long).turns) == 2
    assert talk(wordless=True).heard(turns).turns == ()


def test_as_it_was_written_it_is_read() -> None:
    for found in (
        waiting(),
        entry(meeting=draft()),
        waiting().left(),
        waiting().left().changed(agreed(topic="x"), "auto", DUE).left(),
        entry(phase="queued", outcome="failed", why="no", amended=True, number=3),
    ):
        assert read(json.loads(json.dumps(found.to_json()))) == found


NAMES = list(waiting().to_json())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(), it, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(NAMES), JSON)
def test_anything_is_an_entry_or_an_error(name: str, value: Any) -> None:
    content = waiting().to_json()
    for broken in ({**content, name: value}, {**content, "talk": {name: value}}):
        try:
            read(broken)
        except ValueError:
            pass
    del content[name]
    with pytest.raises(ValueError):
        read(content)
