"""The JSON form of the events: what the page and `events.jsonl` may rely on."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from convai.events import (
    Corrected,
    Cut,
    Ended,
    Event,
    Interrupted,
    MeetingFound,
    Queued,
    Ready,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Talking,
    ToolCall,
    Trouble,
    Usage,
    to_json,
)

SHOWN = [
    (
        Ready("conv_1", 16000, 24000),
        {
            "type": "conversation.started",
            "conversation": "conv_1",
            "input_rate": 16000,
            "output_rate": 24000,
        },
    ),
    (
        Said("caller", "hi", False),
        {"type": "transcript.user", "text": "hi", "final": False},
    ),
    (
        Said("agent", "hello", True, 7),
        {"type": "transcript.agent", "text": "hello", "final": True, "reply": 7},
    ),
    (Corrected(7, "he"), {"type": "transcript.corrected", "reply": 7, "text": "he"}),
    (Talking("agent", True), {"type": "talking", "who": "agent", "on": True}),
    (Cut(7, 80), {"type": "conversation.interrupted", "reply": 7, "heard_ms": 80}),
    (
        ToolCall("call_1", "book", {"day": "Monday"}),
        {
            "type": "tool.called",
            "id": "call_1",
            "name": "book",
            "arguments": {"day": "Monday"},
        },
    ),
    (Stats({"mos": 4.3}), {"type": "call.stats", "mos": 4.3}),
    (Stats({"mos": 4}, process={"calls": 2}), {"type": "call.stats", "mos": 4}),
    (Stats({"mos": 4}, True), {"type": "call.stats", "mos": 4, "final": True}),
    (Usage({"tokens": 5.0}), {"type": "usage", "amounts": {"tokens": 5.0}}),
    (
        MeetingFound({"title": "Tea"}),
        {"type": "meeting.detected", "meeting": {"title": "Tea"}},
    ),
    (Queued("waiting"), {"type": "conversation.queued", "status": "waiting"}),
    (
        Trouble("agent-error", "Oh."),
        {"type": "error", "code": "agent-error", "message": "Oh."},
    ),
    (Ended("hang-up"), {"type": "conversation.ended", "reason": "hang-up"}),
]
INSIDE = [Speech(1, b"\0\0"), ReplyDone(1), Interrupted(1)]


@pytest.mark.parametrize(("event", "shown"), SHOWN)
def test_json_form(event, shown):
    assert json.loads(json.dumps(to_json(event))) == shown


@pytest.mark.parametrize("event", INSIDE)
def test_what_stays_inside(event):
    assert to_json(event) is None


def test_every_event_is_covered_here():
    covered = {type(event) for event, _ in SHOWN} | {type(event) for event in INSIDE}
    assert covered == set(get_args(Event))


def test_audio_is_not_in_the_repr():
    assert "pcm" not in repr(Speech(1, bytes(100_000)))
