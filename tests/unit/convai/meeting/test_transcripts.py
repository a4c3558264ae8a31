"""Transcripts: text or JSON, as lines; what is none is told where and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.meeting.detect import Line
from convai.meeting.transcripts import MOST_LINES, TranscriptError, lines_of


def as_json(*turns: Any) -> bytes:
    return json.dumps({"turns": turns}).encode()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("agent: Hi.\ncaller: Hello.", [("agent", "Hi."), ("caller", "Hello.")]),
        ("Assistant: Hi.\r\nUSER :  Hello.", [("agent", "Hi."), ("caller", "Hello.")]),
        ("bot:Hi.\n\n\nclient:Ho.", [("agent", "Hi."), ("caller", "Ho.")]),
        ("agent: At\nthree: fine?\n o'clock", [("agent", "At three: fine? o'clock")]),
        ("agent: At 3: fine?", [("agent", "At 3: fine?")]),
        ("agent:\ncaller: Hello.", [("caller", "Hello.")]),
        ("\ufeffagent: Hi.", [("agent", "Hi.")]),
        ("customer: Grüß Gott.", [("caller", "Grüß Gott.")]),
    ],
)
def test_text(text: str, lines: list[tuple[str, str]]) -> None:
    assert [(it.who, it.text) for it in lines_of(text.encode())] == lines


def test_json() -> None:
    content = as_json(
        {"who": "agent", "text": "Hi.", "start_ms": 5, "end_ms": 9, "final": True},
        {"who": "caller", "text": "  "},
        {"who": "user", "text": "Hello.", "start_ms": -1, "end_ms": True},
    )
    assert lines_of(b"\n " + content) == [
        Line("agent", "Hi.", 5, 9),
        Line("caller", "Hello."),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing said"),
        (b" \n", "nothing said"),
        (b"agent:\n", "nothing said"),
        (as_json(), "nothing said"),
        (b"Hello.\nagent: Hi.", "line 1 does not say who speaks"),
        (b"\n\nTom: Hi.", "line 3 does not say who speaks"),
        (b"agent: \xff", "not UTF-8"),
        (b'{"turns": [', "not JSON"),
        (b'{"turns": "x"}', "no turns"),
        (b"{}", "no turns"),
        (as_json("x"), "turn 1 is none"),
        (as_json({"who": "agent", "text": "Hi."}, {"who": "agent"}), "turn 2 is none"),
        (as_json({"who": "tom", "text": "Hi."}), "turn 1 is none"),
        (b"agent: Hi.\n" * (MOST_LINES + 1), "turns"),
    ],
)
def test_what_is_no_transcript(content: bytes, why: str) -> None:
    with pytest.raises(TranscriptError, match=why):
        lines_of(content)


@given(st.binary() | st.binary().map(lambda it: b'{"turns":' + it + b"}"))
def test_whatever_is_handed_over(content: bytes) -> None:
    try:
        found = lines_of(content)
    except TranscriptError:
        return
    assert found and all(it.text.strip() for it in found)
