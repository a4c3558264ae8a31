"""What the server wrote down of a call."""

from __future__ import annotations

import json

import numpy as np

from convai.compare.bill import bill
from convai.compare.ledger import booked, events_in, events_of, taken_over, understood
from convai.compare.script import Line

EVENTS = events_of(
    [
        '{"at_ms": 0, "type": "conversation.started"}',
        '{"at_ms": 5, "type": "transcript.user", "text": "what", "final": false}',
        '{"at_ms": 9, "type": "transcript.user", "text": "what is partly", '
        '"final": true}',
        '{"at_ms": 9, "type": "transcript.user", "text": "x", "final": true, '
        '"typed": true}',
        '{"at_ms": 20, "type": "conversation.interrupted", "reply": 1}',
        '{"at_ms": 22, "type": "error", "code": "agent-lost", "message": "It is gone"}',
        '{"at_ms": 30, "type": "conversation.ended", "reason": "agent-ended"}',
        "[]",
        '{"at_ms": 30, "ty',
    ]
)


def line(text: str | None) -> Line:
    return Line("a", np.zeros(1, np.int16), 0, 1, text)


def test_final_words_by_voice_are_compared_with_what_was_said() -> None:
    words = understood(EVENTS, [line("What is Parley?")])
    assert (words["errors"], words["words"]) == (1, 3)
    assert words["texts"] == ["what is partly"]


def test_without_a_script_nothing_is_compared_but_what_was_heard_is_told() -> None:
    words = understood(EVENTS, [line("What"), line(None)])
    assert words["wer"] is None
    assert words["why"] == "no script for a"
    assert words["heard"] == "what is partly"


def test_counts() -> None:
    counts = booked(EVENTS)
    assert counts["interruptions"] == 1
    assert counts["troubles"] == ["It is gone (agent-lost)"]
    assert counts["reason"] == "agent-ended"
    assert booked([])["reason"] is None


def test_an_agent_that_took_over_is_named() -> None:
    changed = {"type": "agent.changed", "agent": "local", "why": "agent-lost"}
    assert "local, took the call over (agent-lost)" in taken_over([changed], "openai")
    assert taken_over([changed], "local") == ""  # the same one, afresh


def test_without_prices_there_is_no_cost() -> None:
    cost = bill(EVENTS, "local", None)
    assert cost["usd_per_min"] is None and cost["latencies_ms"] == []


def test_what_ends_a_line_elsewhere_may_be_in_a_word() -> None:
    said = {"type": "transcript.user", "text": "one\u2028two\x85three", "final": True}
    told = [said, {"type": "conversation.ended", "reason": "agent-ended"}]
    lines = [json.dumps(event, ensure_ascii=False) + "\n" for event in told]
    assert events_in("".join(lines).encode()) == told


def test_what_cannot_be_written_into_the_report_is_not_taken_in() -> None:
    odd = '{"text": "\\ud800", "code": NaN}'
    deep = '{"a": ' * 40 + "1" + "}" * 40
    assert events_of([odd, deep]) == [{"text": "?", "code": None}]


def test_a_meeting_that_is_told_of_again_counts_once() -> None:
    def told(**meeting: str) -> dict[str, object]:
        return {"type": "meeting.detected", "meeting": meeting}

    events = [
        told(id="a", status="draft"),
        told(id="b", status="agreed"),
        told(id="a", status="agreed"),
        told(id="a", status="agreed"),
    ]
    assert booked(events)["meetings"] == 2
    assert booked([*events, told(id="b", status="cancelled")])["meetings"] == 1
    assert booked([told(id="a", status="draft")])["meetings"] == 0
    assert booked([told(topic="of old"), told(topic="of old")])["meetings"] == 2
