"""The JSON form of the events: what the page and `events.jsonl` may rely on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import pytest

from convai.event_json import to_json
from convai.events import (
    ApprovalAsked,
    Booked,
    Corrected,
    Cut,
    Ended,
    Event,
    Handover,
    Interrupted,
    MeetingFound,
    Queued,
    Ready,
    RecordingState,
    ReplyBegun,
    ReplyDone,
    Said,
    Speech,
    Stats,
    Talking,
    ToolCall,
    ToolDone,
    Trouble,
    Usage,
    VoiceScore,
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
    (
        Talking("caller", False, 500),
        {"type": "talking", "who": "caller", "on": False, "ago_ms": 500},
    ),
    (Cut(7, 80), {"type": "conversation.interrupted", "reply": 7, "heard_ms": 80}),
    (
        ToolCall("call_1", "book", {"day": "Monday"}),
        {
            "type": "tool.called",
            "id": "call_1",
            "name": "book",
            "arguments": {"day": "Monday"},
            "server": False,
        },
    ),
    (
        ToolDone("call_1", "book", "no", failed=True),
        {
            "type": "tool.done",
            "id": "call_1",
            "name": "book",
            "result": "no",
            "failed": True,
        },
    ),
    (
        ApprovalAsked("call_2", "pay", "Pays.", {"usd": 5}, 30.0),
        {
            "type": "tool.approval",
            "id": "call_2",
            "name": "pay",
            "description": "Pays.",
            "arguments": {"usd": 5},
            "limit_s": 30.0,
        },
    ),
    (ReplyBegun(7), {"type": "reply.begun", "reply": 7}),
    (VoiceScore(0.5), {"type": "voice.score", "score": 0.5}),
    (
        Handover("local", "openai", "agent-lost", "conv_2"),
        {
            "type": "agent.changed",
            "agent": "local",
            "previous": "openai",
            "why": "agent-lost",
            "conversation": "conv_2",
        },
    ),
    (Stats({"mos": 4.3}), {"type": "call.stats", "mos": 4.3}),
    (Stats({"mos": 4}, process={"calls": 2}), {"type": "call.stats", "mos": 4}),
    (Stats({"mos": 4}, True), {"type": "call.stats", "mos": 4, "final": True}),
    (
        Usage({"tokens": 5.0}, "gpt"),
        {"type": "usage", "amounts": {"tokens": 5.0}, "model": "gpt"},
    ),
    (
        MeetingFound({"title": "Tea"}),
        {"type": "meeting.detected", "meeting": {"title": "Tea"}},
    ),
    (Queued("waiting"), {"type": "conversation.queued", "status": "waiting"}),
    (
        RecordingState("paused", "caller"),
        {"type": "recording.state", "state": "paused", "by": "caller"},
    ),
    (
        Trouble("agent-error", "Oh."),
        {"type": "error", "code": "agent-error", "message": "Oh."},
    ),
    (Ended("hang-up"), {"type": "conversation.ended", "reason": "hang-up"}),
]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
INSIDE = [Speech(1, b"\0\0"), ReplyDone(1), Interrupted(1), Booked(NOON, 30)]


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
