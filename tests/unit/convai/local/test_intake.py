from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convai.local.intake import (
    BACKGROUND_LIMIT,
    TEXT_LIMIT,
    Active,
    CallerAudio,
    Context,
    Ignored,
    Opening,
    Pong,
    Refusal,
    ToolResult,
    Typed,
    read,
)
from convai.local.style import PLAIN


def opening(override: Any = None, **rest: Any) -> Opening:
    message = {"type": "conversation_initiation_client_data", **rest}
    if override is not None:
        message["conversation_config_override"] = override
    given = read(json.dumps(message))
    assert isinstance(given, Opening)
    return given


@pytest.mark.parametrize(
    ("message", "read_as"),
    [
        (
            {"user_audio_chunk": base64.b64encode(b"\1\2").decode()},
            CallerAudio(b"\1\2"),
        ),
        ({"type": "pong", "event_id": 7}, Pong(7)),
        ({"type": "user_message", "text": "hi"}, Typed("hi")),
        ({"type": "user_message"}, Typed("")),
        ({"type": "user_message", "text": None}, Typed("")),
        ({"type": "multimodal_message", "text": {"text": "hi"}}, Typed("hi")),
        ({"type": "multimodal_message"}, Typed("")),
        ({"type": "user_activity"}, Active()),
        ({"type": "contextual_update", "text": "x"}, Context("x")),
        (
            {"type": "contextual_update", "text": "x", "context_id": "history"},
            Context("x", "history"),
        ),
        (
            {"type": "client_tool_result", "tool_call_id": "1", "result": "ok"},
            ToolResult("1", "ok", is_error=False),
        ),
        (
            {
                "type": "client_tool_result",
                "tool_call_id": "1",
                "result": "no",
                "is_error": True,
            },
            ToolResult("1", "no", is_error=True),
        ),
        ({"type": "feedback", "event_id": 1, "score": "like"}, Ignored("feedback")),
        ({"type": "from_the_future"}, Ignored("from_the_future")),
    ],
)
def test_messages(message: dict[str, Any], read_as: object) -> None:
    assert read(json.dumps(message)) == read_as


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 100_000,
        "{}",
        '{"type": 1}',
        '{"user_audio_chunk": 1}',
        '{"user_audio_chunk": "A"}',
        '{"user_audio_chunk": "\\u00e4\\u00e4\\u00e4\\u00e4"}',
        '{"type": "pong"}',
        '{"type": "pong", "event_id": true}',
        '{"type": "pong", "event_id": 1e999}',
        '{"type": "user_message", "text": 1}',
        '{"type": "contextual_update"}',
        '{"type": "client_tool_result", "tool_call_id": "1", "result": {}}',
        '{"type": "conversation_initiation_client_data", "dynamic_variables": []}',
    ],
)
def test_what_makes_no_sense_is_refused(frame: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(frame)
    assert (refused.value.code, refused.value.kind) == (1008, "invalid_message")


def test_an_opening_without_anything_or_with_empty_objects() -> None:
    assert opening() == opening({}) == opening({"agent": {"prompt": {}}, "tts": None})
    assert opening().first_message is None


def test_an_opening_with_overrides() -> None:
    given = opening(
        {
            "agent": {"first_message": "Hi.", "prompt": {"prompt": "Be kind."}},
            "tts": {"speed": 1.5, "voice_id": None},
            "conversation": {"client_events": ["audio"], "text_only": True},
        }
    )
    assert (given.first_message, given.style.speed, given.text_only) == (
        "Hi.",
        1.5,
        True,
    )
    assert given.events == {"audio"}
    assert set(given.overridden) == {
        *("first_message", "prompt", "speed", "client_events", "text_only"),
    }
    given.check(None)
    given.check(frozenset(given.overridden))
    with pytest.raises(
        Refusal, match="Override for field 'speed' is not allowed"
    ) as no:
        given.check(frozenset(given.overridden) - {"speed"})
    assert (no.value.code, no.value.kind) == (1008, "override_error")


def test_the_official_client_says_text_only_at_the_wrong_level() -> None:
    assert opening({"text_only": True}).text_only


def test_an_empty_first_message_is_not_none() -> None:
    assert opening({"agent": {"first_message": ""}}).first_message == ""


def test_dynamic_variables_fill_the_first_message() -> None:
    override = {"agent": {"first_message": "Hi {{name}}, {{ n }}."}}
    given = opening(override, dynamic_variables={"name": "Ada", "n": 2})
    assert given.first_message == "Hi Ada, 2."
    with pytest.raises(Refusal) as missing:
        opening(override, dynamic_variables={"name": "Ada"})
    assert missing.value.kind == "missing_dynamic_variable"


@pytest.mark.parametrize("speed", [True, "1", 0.1, 9, float("nan"), float("inf")])
def test_speeds_that_are_none(speed: object) -> None:
    with pytest.raises(Refusal, match="speed"):
        opening({"tts": {"speed": speed}})


def test_voices_that_it_knows_have_a_pitch() -> None:
    low, own = (opening({"tts": {"voice_id": it}}).style for it in ("low", "other"))
    assert low.pitch < 1 and own == PLAIN


def test_of_what_was_said_before_the_end_is_kept() -> None:
    text = "x" * BACKGROUND_LIMIT + "end"
    kept = read(json.dumps({"type": "contextual_update", "text": text}))
    assert isinstance(kept, Context)
    assert len(kept.text) == BACKGROUND_LIMIT and kept.text.endswith("end")


def test_the_voice_follows_up_to_twice_its_speed() -> None:
    assert opening({"tts": {"speed": 5}}).style.speed == 2.0


def test_long_and_unwritable_texts_are_cut_down() -> None:
    typed = read('{"type": "user_message", "text": "' + "x" * 99_999 + '"}')
    assert isinstance(typed, Typed) and len(typed.text) == TEXT_LIMIT
    assert read('{"type": "user_message", "text": "a\\ud800b"}') == Typed("a?b")


KEYS = [
    *("type", "text", "event_id", "user_audio_chunk", "tool_call_id", "result"),
    *("is_error", "conversation_config_override", "agent", "tts", "conversation"),
    *("first_message", "speed", "text_only", "client_events", "dynamic_variables"),
]
WORDS = [
    *("pong", "user_message", "multimodal_message", "user_activity", "AAAA", "{{a}}"),
    *("contextual_update", "client_tool_result", "feedback"),
    "conversation_initiation_client_data",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=6)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8).map(json.dumps))
def test_any_object_is_read_or_refused(frame: str) -> None:
    try:
        read(frame)
    except Refusal:
        pass


@settings(max_examples=500, deadline=None)
@given(st.text())
def test_any_text_is_read_or_refused(frame: str) -> None:
    try:
        read(frame)
    except Refusal:
        pass
