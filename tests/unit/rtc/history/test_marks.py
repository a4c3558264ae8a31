"""Marks: what is seen on the timeline is what the events tell, and as metrics do."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from convai.metrics.metrics import Metrics
from rtc.history import marks as module
from rtc.history.marks import marks


def lines(*events: dict[str, Any]) -> list[bytes]:
    return [json.dumps(event).encode() + b"\n" for event in events]


def at(at_ms: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"at_ms": at_ms, "type": kind, **more}


def talk(at_ms: int, who: str, on: bool, ago_ms: int = 0) -> dict[str, Any]:
    return at(at_ms, "talking", who=who, on=on, ago_ms=ago_ms)


CALL = lines(
    at(100, "conversation.started", conversation="c"),
    talk(500, "agent", True),
    talk(2000, "agent", False),
    talk(3300, "caller", True, 300),
    at(3500, "voice.score", score=0.9),
    talk(5500, "caller", False, 500),
    at(5600, "transcript.user", text="Hello there", final=True),
    at(5700, "reply.begun", reply=1),
    talk(6000, "agent", True),
    talk(8000, "caller", True, 300),
    at(8200, "conversation.interrupted", reply=1, heard_ms=2150),
    at(8200, "conversation.interrupted", reply=2, heard_ms=0),
    talk(8200, "agent", False),
    talk(9500, "caller", False, 500),
    at(9600, "transcript.user", text="Wait", final=True),
    talk(10_000, "agent", True),
    talk(11_000, "agent", False),
    at(12_000, "recording.state", state="paused", by="caller"),
    at(15_500, "recording.state", state="on", by="caller"),
    at(16_000, "agent.changed", agent="local", previous="openai", why="agent-lost"),
    at(16_001, "error", code="agent-lost", message="the agent broke off"),
    at(20_000, "conversation.ended", reason="caller-hung-up"),
)


def test_the_marks_of_a_call() -> None:
    assert marks(CALL) == [
        {"at_ms": 6000, "kind": "answer", "ms": 1000},
        {"at_ms": 8200, "kind": "interruption", "ms": 2150},
        {"at_ms": 10_000, "kind": "answer", "ms": 1000},
        {"at_ms": 12_000, "kind": "pause", "ms": 3500},
        {"at_ms": 16_000, "kind": "handover", "text": "local"},
        {"at_ms": 16_001, "kind": "trouble", "text": "the agent broke off"},
    ]


def test_latencies_are_those_of_the_metrics() -> None:
    told = [
        (turn.answer_ms, turn.voice_to_voice_ms)
        for turn in Metrics.of(CALL).turns
        if turn.voice_to_voice_ms is not None
    ]
    found = [(it["at_ms"], it["ms"]) for it in marks(CALL) if it["kind"] == "answer"]
    assert found == told != []


def test_a_pause_that_nobody_ended_lasts_to_the_end() -> None:
    call = lines(
        at(1000, "recording.state", state="paused"),
        at(2000, "recording.state", state="paused"),
        at(5000, "conversation.ended", reason="x"),
    )
    assert marks(call) == [{"at_ms": 1000, "kind": "pause", "ms": 4000}]


def test_what_is_odd_is_left_out() -> None:
    odd = [
        b"", b"\n", b"{", b"\xff\xfe", b'{"type": "error"}', b'["type", "error"]',
        b'{"type": "error", "at_ms": -1}', b'{"type": "error", "at_ms": 1e300}',
        b'{"type": "error", "at_ms": NaN}', b'{"type": "error", "at_ms": true}',
        b'{"at_ms": 5, "type": ["talking"]}', b"[" * 100_000 + b'"type":"error"',
    ]  # fmt: skip
    assert marks(odd) == []
    trouble = b'{"at_ms": 5, "type" : "error", "message": 7, "code": "x"}'
    assert marks([*odd, trouble]) == [{"at_ms": 5, "kind": "trouble", "text": "x"}]


def test_there_is_a_bound() -> None:
    many = lines(*(at(i, "error", message="x" * 5000) for i in range(3000)))
    found = marks(many)
    assert len(found) == module.MOST
    assert max(len(mark["text"]) for mark in found) == module.MOST_TEXT


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(module.TOLD),
                "at_ms": st.integers(-5, 50_000) | st.none() | st.floats(),
            },
            optional={
                "who": st.sampled_from(["caller", "agent", 5]),
                "on": st.booleans() | st.none(),
                "state": st.sampled_from(["paused", "on", "off", None]),
                "heard_ms": st.integers() | st.floats(),
                "text": st.text(max_size=5),
                "final": st.booleans(),
            },
        ),
        max_size=30,
    )
)
def test_any_events_make_marks_in_order(events: list[dict[str, Any]]) -> None:
    found = marks(lines(*events))
    assert found == sorted(found, key=lambda mark: mark["at_ms"])
    assert all(mark["at_ms"] >= 0 and mark.get("ms", 0) >= 0 for mark in found)
    json.dumps(found, allow_nan=False)
