"""Page: what the page may ask for; anything else is None and never an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convai.notes import Approval, Feedback, Typing
from rtc.page import Interrupt, Record, ToolResult, Typed, read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ({"type": "text.input", "text": " hello "}, Typed("hello")),
        ({"type": "text.input", "text": "  "}, None),
        ({"type": "text.input", "text": 5}, None),
        ({"type": "conversation.interrupt"}, Interrupt()),
        (
            {"type": "tool.result", "id": "1", "result": "ok"},
            ToolResult("1", "ok", False),
        ),
        (
            {"type": "tool.result", "id": "1", "result": "no", "error": True},
            ToolResult("1", "no", True),
        ),
        ({"type": "tool.result", "id": 1, "result": "no"}, None),
        ({"type": "tool.approve", "id": "1", "approved": True}, Approval("1", True)),
        ({"type": "tool.approve", "id": "1", "approved": 1}, None),
        ({"type": "typing"}, Typing()),
        ({"type": "feedback", "reply": 3, "liked": False}, Feedback(3, False)),
        ({"type": "feedback", "reply": 3, "liked": None}, Feedback(3, None)),
        ({"type": "feedback", "reply": 3}, None),
        ({"type": "feedback", "reply": True, "liked": True}, None),
        ({"type": "feedback", "reply": "3", "liked": True}, None),
        ({"type": "recording.pause"}, Record(False)),
        ({"type": "recording.resume", "why": "done"}, Record(True)),
        ({"type": "recording.stop"}, None),
        ({"type": "rumour"}, None),
        ({}, None),
    ],
)
def test_read(message, wanted):
    assert read(message) == wanted


KINDS = st.sampled_from(
    ["text.input", "tool.result", "tool.approve", "typing", "feedback", "x"]
)
KEYS = st.sampled_from(["text", "id", "result", "error", "approved", "reply", "liked"])


@given(KINDS, st.dictionaries(KEYS, JSON))
def test_strangers_may_send_anything(kind, rest):
    read({**rest, "type": kind})
