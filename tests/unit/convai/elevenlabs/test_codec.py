"""The ElevenLabs codec, message by message; both directions against the schema."""

from __future__ import annotations

import base64
import json
import logging
import random
from typing import Any

import jsonschema
import pytest

from convai import ulaw
from convai.agent import (
    AgentLost,
    AgentProtocolError,
    AgentRefused,
    AgentUnavailable,
)
from convai.elevenlabs.codec import ElevenLabsCodec
from convai.elevenlabs.overrides import Overrides
from convai.elevenlabs.texts import told
from convai.events import (
    ApprovalAsked,
    Corrected,
    Ended,
    Event,
    Interrupted,
    Queued,
    Ready,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
    Trouble,
    VoiceScore,
)
from convai.notes import Approval, Background, Feedback, Typing
from tests.elevenlabs_schema import SERVER, Maker, check_client, check_server

FORMATS = {
    "pcm_8000": 8000,
    "pcm_16000": 16000,
    "pcm_22050": 22050,
    "pcm_24000": 24000,
    "pcm_44100": 44100,
    "pcm_48000": 48000,
    "ulaw_8000": 8000,
}


def read(
    codec: ElevenLabsCodec, message: Any, now: float = 0.0
) -> tuple[list[Event], list[str]]:
    if not isinstance(message, str | bytes):
        message = json.dumps(message)
    return codec.receive(message, now)


def events(codec: ElevenLabsCodec, *messages: Any) -> list[Event]:
    return [event for message in messages for event in read(codec, message)[0]]


def sent(messages: list[str]) -> dict[str, Any]:
    """The one message, which a client may send."""
    (message,) = messages
    fields = json.loads(message)
    check_client(fields)
    return fields


def metadata(heard: str = "pcm_16000", spoken: str = "pcm_16000") -> dict[str, Any]:
    message = {
        "type": "conversation_initiation_metadata",
        "conversation_initiation_metadata_event": {
            "conversation_id": "conv_1",
            "user_input_audio_format": heard,
            "agent_output_audio_format": spoken,
        },
    }
    return message


def audio(reply: int, data: bytes, **more: Any) -> dict[str, Any]:
    chunk = base64.b64encode(data).decode()
    event = {"audio_base_64": chunk, "event_id": reply, **more}
    return {"type": "audio", "audio_event": event}


def interruption(reply: int) -> dict[str, Any]:
    return {"type": "interruption", "interruption_event": {"event_id": reply}}


def response(reply: int, text: str) -> dict[str, Any]:
    event = {"agent_response": text, "event_id": reply}
    return {"type": "agent_response", "agent_response_event": event}


def part(stage: str, text: str, event_id: int | str = 1) -> dict[str, Any]:
    event = {"type": stage, "text": text, "event_id": event_id}
    return {"type": "agent_chat_response_part", "text_response_part": event}


def tool_call(call_id: str = "call_1", **more: Any) -> dict[str, Any]:
    call = {
        "tool_name": "book",
        "tool_call_id": call_id,
        "parameters": {"day": "Monday"},
        "event_id": 1,
        **more,
    }
    return {"type": "client_tool_call", "client_tool_call": call}


def tool_response(name: str, kind: str = "agent_tool_response", **more: Any) -> Any:
    result = {
        "tool_name": name,
        "tool_call_id": "call_1",
        "tool_type": "system",
        "is_error": False,
        "is_called": True,
        "event_id": 1,
        **more,
    }
    return {"type": kind, kind: result}


@pytest.fixture
def codec() -> ElevenLabsCodec:
    """A codec that has read its metadata."""
    made = ElevenLabsCodec()
    read(made, metadata())
    return made


# The start.


def test_the_opening_is_always_sent_and_holds_nothing_that_is_not_set():
    opening = sent(ElevenLabsCodec().opening())
    assert opening == {
        "type": "conversation_initiation_client_data",
        "source_info": {"source": "parley"},
    }


def test_the_opening_holds_what_is_set():
    overrides = Overrides(
        first_message="",  # the agent waits for the caller: not the same as unset
        prompt="Be brief.",
        language="de",
        llm="some-model",
        voice_id="voice_1",
        stability=0.0,
        similarity_boost=0.8,
        speed=1.1,
        keywords=("ETF",),
        user_id="somebody",
        dynamic_variables={"name": "Ada", "visits": 3, "known": True},
    )
    codec = ElevenLabsCodec(overrides=overrides, source="test", version="1.2")
    assert sent(codec.opening()) == {
        "type": "conversation_initiation_client_data",
        "conversation_config_override": {
            "agent": {
                "first_message": "",
                "language": "de",
                "prompt": {"prompt": "Be brief.", "llm": "some-model"},
            },
            "tts": {
                "voice_id": "voice_1",
                "stability": 0.0,
                "similarity_boost": 0.8,
                "speed": 1.1,
            },
            "asr": {"keywords": ["ETF"]},
        },
        "dynamic_variables": {"name": "Ada", "visits": 3, "known": True},
        "user_id": "somebody",
        "source_info": {"source": "test", "version": "1.2"},
    }


def test_private_variables_are_not_in_the_repr():
    overrides = Overrides(dynamic_variables={"secret__token": "tell-nobody"})
    assert "tell-nobody" not in repr(overrides)


@pytest.mark.parametrize("spoken", FORMATS)
@pytest.mark.parametrize("heard", FORMATS)
def test_both_formats_come_from_the_metadata(heard, spoken):
    codec = ElevenLabsCodec()
    (ready,) = events(codec, metadata(heard, spoken))
    assert ready == Ready("conv_1", FORMATS[heard], FORMATS[spoken])
    assert codec.input_rate == FORMATS[heard]
    assert codec.output_rate == FORMATS[spoken]


def test_an_unknown_format_cannot_be_played():
    with pytest.raises(AgentProtocolError, match="format"):
        events(ElevenLabsCodec(), metadata(spoken="mp3_44100"))


def test_metadata_may_be_repeated_but_not_changed(codec):
    assert events(codec, metadata()) == []
    with pytest.raises(AgentProtocolError, match="changed"):
        events(codec, metadata(spoken="pcm_24000"))


# Audio.


def test_callers_audio(codec):
    pcm = bytes(range(64))
    message = sent(codec.audio(pcm))
    assert base64.b64decode(message["user_audio_chunk"]) == pcm


def test_callers_audio_has_whole_samples_only(codec):
    message = sent(codec.audio(b"\1\2\3"))
    assert base64.b64decode(message["user_audio_chunk"]) == b"\1\2"
    assert codec.audio(b"\1") == codec.audio(b"") == []


def test_ulaw_both_ways():
    codec = ElevenLabsCodec()
    read(codec, metadata("ulaw_8000", "ulaw_8000"))
    pcm = b"\x00\x10" * 80
    message = sent(codec.audio(pcm))
    assert base64.b64decode(message["user_audio_chunk"]) == ulaw.encode(pcm)
    (speech,) = events(codec, audio(1, b"\x80\x00\x80"))
    assert speech == Speech(1, ulaw.decode(b"\x80\x00\x80"))


def test_speech(codec):
    assert events(codec, audio(3, b"abcd"), audio(3, b"ef")) == [
        Speech(3, b"abcd"),
        Speech(3, b"ef"),
    ]


@pytest.mark.parametrize("cuts", [(1, 2), (3, 4), (1, 5), (5, 6)])
def test_samples_cut_in_two_are_joined(codec, cuts):
    pcm = b"abcdefgh"
    pieces = [pcm[: cuts[0]], pcm[cuts[0] : cuts[1]], pcm[cuts[1] :]]
    speech = events(codec, *(audio(1, piece) for piece in pieces))
    assert b"".join(event.pcm for event in speech) == pcm
    assert all(event.pcm and len(event.pcm) % 2 == 0 for event in speech)


def test_half_a_sample_does_not_leak_into_the_next_reply(codec):
    assert events(codec, audio(1, b"abc"), audio(2, b"de")) == [
        Speech(1, b"ab"),
        Speech(2, b"de"),
    ]


def test_audio_before_metadata_cannot_be_understood():
    codec = ElevenLabsCodec()
    assert events(codec, audio(1, b"ab")) == []
    assert codec.late_chunks == 1


def test_alignment_of_any_kind_is_no_concern(codec):
    alignment = {"chars": ["a"], "char_start_times_ms": [0], "char_durations_ms": [5]}
    assert events(
        codec,
        audio(1, b"ab", alignment=alignment),
        audio(1, b"cd", alignment=None),
        audio(1, b"ef", is_final=None),
    ) == [Speech(1, b"ab"), Speech(1, b"cd"), Speech(1, b"ef")]


@pytest.mark.parametrize(
    "last",
    [
        audio(1, b""),
        audio(1, b"", is_final=True),
        {
            "type": "audio",
            "audio_event": {"event_id": 1, "audio_base_64": None, "is_final": True},
        },
        {
            "type": "agent_response_complete",
            "agent_response_complete_event": {"event_id": 1},
        },
    ],
)
def test_the_end_of_a_reply(codec, last):
    assert events(codec, audio(1, b"ab"), last) == [Speech(1, b"ab"), ReplyDone(1)]
    assert events(codec, last) == []  # said once


def test_a_last_piece_may_hold_sound(codec):
    assert events(codec, audio(1, b"ab", is_final=True)) == [
        Speech(1, b"ab"),
        ReplyDone(1),
    ]


# Interruption.


def test_after_an_interruption_what_is_older_is_dropped(codec):
    events(codec, audio(4, b"ab"))
    assert events(codec, interruption(4)) == [Interrupted(4)]
    late = events(codec, audio(3, b"cd"), audio(4, b"ef"), audio(4, b"", is_final=True))
    assert late == []
    assert codec.late_chunks == 3
    assert events(codec, audio(5, b"gh")) == [Speech(5, b"gh")]


def test_what_is_dropped_is_logged_once_for_each_reply(codec, caplog):
    caplog.set_level(logging.INFO)
    events(codec, audio(4, b"ab"), interruption(4))
    events(codec, *[audio(3, b"cd")] * 5, *[audio(4, b"cd")] * 5)
    assert len(caplog.messages) == 2


def test_the_highest_interruption_counts(codec):
    events(codec, interruption(6), interruption(4))
    assert events(codec, audio(5, b"ab"), audio(6, b"ab")) == []


def test_an_interruption_is_told_once(codec):
    assert events(codec, interruption(4), interruption(4), interruption(3)) == [
        Interrupted(4)
    ]


def test_an_interruption_by_the_number_of_the_callers_turn_names_the_reply(codec):
    events(codec, audio(4, b"ab"))
    assert events(codec, interruption(5)) == [Interrupted(4)]
    assert events(codec, audio(5, b"ab")) == []
    assert events(codec, interruption(7)) == [Interrupted(7)]


def test_an_old_interruption_does_not_touch_the_newer_reply(codec):
    events(codec, audio(4, b"ab"), audio(6, b"ab"))
    assert events(codec, interruption(4)) == [Interrupted(4)]
    assert events(codec, audio(6, b"cd")) == [Speech(6, b"cd")]


def test_an_interruption_without_number_means_what_is_spoken(codec):
    old = {"type": "interruption", "interruption_event": {"reason": "user"}}
    assert events(codec, old) == []
    assert events(codec, audio(4, b"ab"), old) == [Speech(4, b"ab"), Interrupted(4)]


def test_the_provider_cannot_be_told_of_a_cut(codec):
    assert codec.cut(4, 1200) == []


# Words.


def test_words_of_the_caller(codec):
    event = {"user_transcript": "book a tab", "event_id": 2}
    guess = {
        "type": "tentative_user_transcript",
        "tentative_user_transcription_event": event,
    }
    # The documentation's samples have no event_id here.
    final = {
        "type": "user_transcript",
        "user_transcription_event": {"user_transcript": "Book a table."},
    }
    assert events(codec, guess, final) == [
        Said("caller", "book a tab", False),
        Said("caller", "Book a table.", True),
    ]


def test_words_of_the_agent_and_their_correction(codec):
    correction = {
        "type": "agent_response_correction",
        "agent_response_correction_event": {
            "original_agent_response": "Hello you there",
            "corrected_agent_response": "Hello",
            "event_id": 3,
        },
    }
    assert events(codec, response(3, "Hello you there"), correction) == [
        Said("agent", "Hello you there", True, 3),
        Corrected(3, "Hello"),
    ]


def test_words_in_parts_before_the_whole(codec):
    assert events(
        codec,
        part("start", ""),
        part("delta", "We "),
        part("delta", "are"),
        part("stop", ""),
        response(1, "We are"),
    ) == [
        Said("agent", "We ", False, 1),
        Said("agent", "We are", False, 1),
        Said("agent", "We are", True, 1),
    ]


def test_words_in_parts_after_the_whole_say_nothing_new(codec):
    whole = events(codec, response(1, "We are"))
    assert whole == [Said("agent", "We are", True, 1)]
    assert events(codec, part("delta", "We"), part("stop", "")) == []


def test_each_reply_starts_its_parts_anew(codec):
    assert events(codec, part("delta", "one", 1), part("delta", "two", "2")) == [
        Said("agent", "one", False, 1),
        Said("agent", "two", False, 2),
    ]


def test_parts_with_a_number_that_is_none_wait_for_the_whole(codec):
    assert events(codec, part("delta", "one", "event_7")) == []


def test_parts_have_a_bound(codec):
    for _ in range(30):
        said = events(codec, part("delta", "x" * 10_000))
    assert len(said[0].text) == 65536


def test_lone_surrogates_do_not_get_in(codec):
    (said,) = events(codec, '{"type":"user_transcript","user_transcription_event":'
                            '{"user_transcript":"a\\ud800b"}}')  # fmt: skip
    assert said.text == "a?b"


def test_words_outside_the_basic_plane_survive(codec):
    (said,) = events(codec, response(1, "Grüße 👋"))
    assert said.text == "Grüße 👋"


def test_a_typed_turn(codec):
    assert sent(codec.say("Grüße 👋")) == {"type": "user_message", "text": "Grüße 👋"}


# Tools.


def test_a_tool_call_and_its_answer(codec):
    assert events(codec, tool_call()) == [ToolCall("call_1", "book", {"day": "Monday"})]
    assert sent(codec.answer("call_1", "done", False)) == {
        "type": "client_tool_result",
        "tool_call_id": "call_1",
        "result": "done",
        "is_error": False,
    }


def test_a_tool_call_that_wants_no_answer_gets_none(codec):
    assert len(events(codec, tool_call(expects_response=False))) == 1
    assert codec.answer("call_1", "done", False) == []
    assert sent(codec.answer("call_2", "oh", True))["is_error"] is True


def test_tool_calls_that_want_no_answer_are_not_remembered_for_ever(codec):
    for number in range(1000):
        events(codec, tool_call(f"call_{number}", expects_response=False))
    assert codec.answer("call_999", "", False) == []
    assert codec.answer("call_0", "", False) != []


def test_arguments_are_fit_for_the_page(codec):
    text = json.dumps(tool_call(parameters={"x": 0})).replace(
        '{"x": 0}', '{"a":NaN,"b":1e999,"c":[-Infinity,{"\\udc00":"\\ud800"}]}'
    )
    (call,) = events(codec, text)
    assert call.arguments == {"a": None, "b": None, "c": [None, {"?": "?"}]}


def test_arguments_nested_too_deeply_are_refused(codec):
    deep = "[" * 40 + "]" * 40
    text = json.dumps(tool_call(parameters={"x": 0})).replace("0}", deep + "}")
    with pytest.raises(AgentProtocolError, match="deep"):
        events(codec, text)


@pytest.mark.parametrize(
    "kind", ["agent_tool_response", "agent_tool_response_full_payload"]
)
def test_the_agent_hangs_up(codec, kind):
    goodbye = tool_response("end_call", kind, full_tool_result="")
    assert events(codec, goodbye, goodbye) == [Ended("agent-ended")]
    assert codec.closed(1011, "whatever") is None


@pytest.mark.parametrize(
    "other",
    [
        tool_response("language_detection"),
        tool_response("end_call", is_error=True),
        tool_response("end_call", is_called=False),
    ],
)
def test_other_tools_do_not_hang_up(codec, other):
    assert events(codec, other) == []


def mcp(state: str, **more: Any) -> dict[str, Any]:
    call = {
        "service_id": "crm",
        "tool_call_id": "call_7",
        "tool_name": "delete_contact",
        "tool_description": "Deletes a contact.",
        "parameters": {"name": "Nat"},
        "timestamp": "2026-11-22T10:00:00Z",
        "state": state,
        **more,
    }
    return {"type": "mcp_tool_call", "mcp_tool_call": call}


def test_consent_is_asked_and_given(codec):
    asking = mcp("awaiting_approval", approval_timeout_secs=30)
    check_server(asking)
    (asked,) = events(codec, asking)
    assert asked == ApprovalAsked(
        "call_7", "delete_contact", "Deletes a contact.", {"name": "Nat"}, 30.0
    )
    for approved in (True, False):
        assert sent(codec.note(Approval(asked.id, approved))) == {
            "type": "mcp_tool_approval_result",
            "tool_call_id": "call_7",
            "is_approved": approved,
        }


@pytest.mark.parametrize("limit", [{}, {"approval_timeout_secs": None}])
def test_consent_may_have_no_limit_and_no_description(codec, limit):
    asking = mcp("awaiting_approval", tool_description=None, **limit)
    (asked,) = events(codec, asking)
    assert (asked.description, asked.limit_s) == ("", 0.0)


def test_what_a_tool_server_does_by_itself_is_for_the_log(codec, caplog):
    failed = mcp("failure", error_message="no such contact" * 100)
    assert events(codec, mcp("loading"), mcp("success", result=[]), failed) == []
    (line,) = caplog.messages
    assert "delete_contact" in line
    assert "no such contact" in line
    assert len(line) < 300


def test_tool_servers_that_are_not_there_are_logged(codec, caplog):
    def one(name: str, on: bool) -> dict[str, Any]:
        kind = {"integration_type": "mcp_server", "tool_count": 3}
        return {"integration_id": name, "is_connected": on, **kind}

    status = {"integrations": [one("crm", True), one("mail", False)]}
    message = {"type": "mcp_connection_status", "mcp_connection_status": status}
    check_server(message)
    assert events(codec, message) == []
    assert len(caplog.messages) == 1
    assert "'mail'" in caplog.text


@pytest.mark.parametrize("more", [{}, {"guardrail_triggered_event": 5}])
def test_a_guardrail_is_logged(codec, caplog, more):
    assert events(codec, {"type": "guardrail_triggered", **more}) == []
    assert "guardrail" in caplog.text


# What is told beside the talk.


def test_background(codec):
    assert sent(codec.note(Background("The page shows fund A.", "page"))) == {
        "type": "contextual_update",
        "text": "The page shows fund A.",
        "context_id": "page",
    }
    assert "context_id" not in sent(codec.note(Background("It rains.")))


def test_typing(codec):
    assert sent(codec.note(Typing())) == {"type": "user_activity"}


def test_feedback(codec):
    for liked, score in ((True, "like"), (False, "dislike"), (None, None)):
        assert sent(codec.note(Feedback(4, liked))) == {
            "type": "feedback",
            "event_id": 4,
            "score": score,
        }


def test_the_story_so_far_is_told_right_after_the_metadata():
    codec = ElevenLabsCodec(story="agent: Hello.")
    assert "contextual_update" not in codec.opening()[0]
    happened, answers = read(codec, metadata())
    assert happened == [Ready("conv_1", 16000, 16000)]
    assert sent(answers) == {
        "type": "contextual_update",
        "text": "agent: Hello.",
        "context_id": "history",
    }
    assert read(codec, metadata()) == ([], [])  # once


# Voice scores.


def score(value: Any) -> dict[str, Any]:
    return {"type": "vad_score", "vad_score_event": {"vad_score": value}}


def test_of_each_tenth_of_a_second_the_highest_score_counts(codec):
    scores = [0.1, 0.9, 0.3, 0.2, 0.0, 0.0, 0.5]
    told = []
    for number, value in enumerate(scores):
        told += [(number, one) for one in read(codec, score(value), number / 30)[0]]
    assert told == [
        (0, VoiceScore(0.1)),
        (3, VoiceScore(0.9)),
        (6, VoiceScore(0.5)),
    ]


@pytest.mark.parametrize("odd", [None, "0.5", True, [], {}])
def test_odd_scores_end_no_call(codec, odd):
    assert events(codec, score(odd)) == []


def test_scores_stay_within_their_bounds(codec):
    assert read(codec, score(10**400), 1.0)[0] == [VoiceScore(1.0)]
    assert read(codec, score(-1), 2.0)[0] == [VoiceScore(0.0)]


# Pings, queue, trouble.


def test_a_ping_is_answered_at_once(codec):
    for event in ({"event_id": 7, "ping_ms": 250}, {"event_id": 7}):
        news, answers = read(codec, {"type": "ping", "ping_event": event})
        assert news == []
        assert sent(answers) == {"type": "pong", "event_id": 7}


def test_the_queue(codec):
    for status in ("waiting", "admitted", "timed_out"):
        message = {"type": "queue_status", "queue_status_event": {"status": status}}
        assert events(codec, message) == [Queued(status)]


def test_a_queue_whose_time_is_up_is_no_good_end(codec):
    message = {"type": "queue_status", "queue_status_event": {"status": "timed_out"}}
    events(codec, message)
    for close in (1000, None, 4300):
        error = codec.closed(close, "")
        assert type(error) is AgentUnavailable
        assert error.code == "agent-busy"


NESTED = {
    "type": "error",
    "error_event": {
        "code": 1008,
        "error_type": "override_error",
        "message": "Override for field 'voice_id' is not allowed by config.",
        "debug_message": "stack trace",
    },
}
FLAT = {
    "type": "error",
    "message": "received 1002 (protocol error) This request exceeds your quota limit.",
}
TIME_LIMIT = {
    "type": "error",
    "error_event": {"code": 1000, "error_type": "max_duration_exceeded"},
}
LLM = {
    "type": "error",
    "error_event": {"code": 1002, "error_type": "llm_timeout", "reason": "too slow"},
}


def _told(kind: str, words: str) -> str:
    return told(kind, words).text


CLIENT = {
    "type": "client_error",
    "error_event": {"code": 3, "error_name": "odd", "message": "something odd"},
}


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        (
            NESTED,
            "agent-override",
            "This agent does not allow overriding voice_id: switch it on under "
            "Security in the agent's settings, or leave it out of the profile. "
            "(Override for field 'voice_id' is not allowed by config.)",
        ),
        (FLAT, "agent-quota", _told("", FLAT["message"])),
        (TIME_LIMIT, "agent-time-limit", _told("max_duration_exceeded", "")),
        (LLM, "agent-error", _told("llm_timeout", "too slow")),
        (CLIENT, "agent-error", "something odd"),
        ({"type": "error"}, "agent-error", "the agent reported an error"),
        ({"type": "error", "error_event": 5, "message": "x"}, "agent-error", "x"),
    ],
)
def test_errors_of_both_shapes_are_told(codec, message, code, text):
    assert events(codec, message) == [Trouble(code, text)]


@pytest.mark.parametrize(
    ("before", "code", "reason", "kind", "error_code", "text"),
    [
        (None, 1000, "", None, "", ""),
        (None, 1000, "User ended conversation", None, "", ""),
        (TIME_LIMIT, 1000, "", None, "", ""),
        (TIME_LIMIT, None, "", None, "", ""),
        (CLIENT, 1000, "", None, "", ""),
        (FLAT, 1000, "", AgentRefused, "agent-quota", "received 1002"),
        (FLAT, None, "", AgentRefused, "agent-quota", "received 1002"),
        (None, 1002, "This request exceeds your quota limit.", AgentRefused,
         "agent-quota", "This request exceeds your quota limit."),
        (None, 1008, "Override for field 'x' is not allowed by config.", AgentRefused,
         "agent-override", "Override for field 'x' is not allowed by config."),
        (NESTED, None, "", AgentRefused, "agent-override", "Override for field"),
        (None, 1008, "", AgentRefused, "agent-refused", "code 1008"),
        (None, 1008, "Unauthorized", AgentRefused, "agent-auth", "Unauthorized"),
        (None, 1002, "The AI agent you are trying to reach is misconfigured",
         AgentRefused, "agent-misconfigured", "misconfigured"),
        (LLM, 1000, "", AgentLost, "agent-lost", "too slow"),
        (LLM, 1002, "LLM timed out", AgentLost, "agent-lost", "LLM timed out"),
        (None, 1002, "", AgentLost, "agent-lost", "code 1002"),
        (None, 1011, "", AgentLost, "agent-lost", "code 1011"),
        (None, 1006, "", AgentLost, "agent-lost", "code 1006"),
        (None, 1001, "", AgentLost, "agent-lost", "code 1001"),
        (None, None, "", AgentLost, "agent-lost", "without a word"),
        (None, 3008, "", AgentUnavailable, "agent-busy", "code 3008"),
        (None, 4300, "queue", AgentUnavailable, "agent-busy", "queue"),
    ],
)  # fmt: skip
def test_how_it_ends(codec, before, code, reason, kind, error_code, text):
    if before:
        events(codec, before)
    error = codec.closed(code, reason)
    if kind is None:
        assert error is None
    else:
        assert type(error) is kind
        assert error.code == error_code
        assert text in str(error)


# What must be read, and what must not hurt.


@pytest.mark.parametrize("kind", SERVER)
def test_every_message_of_the_schema_is_accepted(kind):
    maker = Maker(random.Random(kind))
    fresh = ElevenLabsCodec()
    running = ElevenLabsCodec()
    read(running, metadata())
    for _ in range(200):
        message = maker.server(kind)
        check_server(message)
        if kind != "conversation_initiation_metadata":
            read(running, message)
            read(fresh, message)
        else:
            read(ElevenLabsCodec(), message)


@pytest.mark.parametrize(
    "message", [{"type": "vad_score"}, {"type": "from_the_future", "x": 1}]
)
def test_what_is_not_known_is_ignored(codec, message):
    assert read(codec, message) == ([], [])


@pytest.mark.parametrize(
    "message",
    [
        "",
        "[]",
        "5",
        "{",
        b"\xff\xfe",
        "{}",
        '{"type": 5}',
        '{"type": "ping"}',
        '{"type": "ping", "ping_event": {"event_id": true}}',
        '{"type": "ping", "ping_event": {"event_id": "5"}}',
        '{"type": "ping", "ping_event": {"event_id": Infinity}}',
        '{"type": "ping", "ping_event": {"event_id": 1e400}}',
        '{"type": "ping", "ping_event": {"event_id": 9007199254740992}}',
        '{"type": "ping", "ping_event": {"event_id": ' + "9" * 5000 + "}}",
        "[" * 100_000,
        '{"type": "audio"}',
        '{"type": "audio", "audio_event": {"event_id": 1}}',
        '{"type": "audio", "audio_event": {"event_id": 1, "audio_base_64": "abc"}}',
        '{"type": "audio", "audio_event": {"event_id": 1, "audio_base_64": "é==="}}',
        '{"type": "audio", "audio_event": {"audio_base_64": "AAAA"}}',
        '{"type": "agent_response", "agent_response_event": {"event_id": 1}}',
        '{"type": "user_transcript", "user_transcription_event": []}',
    ],
)
def test_what_cannot_be_read_is_a_protocol_error(codec, message):
    with pytest.raises(AgentProtocolError):
        read(codec, message)


def test_text_in_a_binary_frame_is_read_as_text(codec):
    assert read(codec, json.dumps(audio(1, b"ab")).encode())[0] == [Speech(1, b"ab")]


def test_a_wrong_message_is_not_quoted(codec):
    with pytest.raises(AgentProtocolError) as caught:
        read(codec, '{"type": "audio", "audio_event": "my secret diary"}')
    assert "diary" not in str(caught.value)


def test_the_schema_would_notice():
    with pytest.raises(jsonschema.ValidationError):
        check_client({"type": "pong"})
    with pytest.raises(jsonschema.ValidationError):
        check_client({"type": "conversation.interrupt"})


def test_numbers_that_are_left_out_mean_what_is_being_spoken() -> None:
    codec = ElevenLabsCodec()
    codec.receive(json.dumps(metadata()), 0.0)

    def take(kind: str, key: str | None = None, **event: object) -> list[object]:
        message = {"type": kind} | ({key: event} if key else {})
        return list(codec.receive(json.dumps(message), 0.0)[0])

    hello = take("agent_response", "agent_response_event", agent_response="Hello")
    assert hello == [Said("agent", "Hello", True, 0)]
    take("audio", "audio_event", audio_base_64="AAAA", event_id=3)
    first = take("agent_response", "agent_response_event", agent_response="One")
    ahead = take("agent_response", "agent_response_event", agent_response="Two")
    assert first == [Said("agent", "One", True, 3)]
    assert ahead == [Said("agent", "Two", True, 4)]
    assert take("agent_response_complete") == [ReplyDone(3)]
    assert take("interruption") == [Interrupted(3)]
    key = "agent_response_correction_event"
    cut = take("agent_response_correction", key, corrected_agent_response="O")
    assert cut == [Corrected(3, "O")]
    tool = take("client_tool_call", "client_tool_call", tool_name="t", tool_call_id="1")
    assert tool == [ToolCall("1", "t", {})]


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (1002, "The author of the quotation is unknown", AgentLost),
        (1011, "too many tokens in the prompt", AgentLost),
        (1002, "This request exceeds your quota limit.", AgentRefused),
        (1008, "Unauthorized", AgentRefused),
        (1008, "Authentication failed", AgentRefused),
    ],
)
def test_words_are_read_whole(code: int, reason: str, kind: type) -> None:
    error = ElevenLabsCodec().closed(code, reason)
    assert type(error) is kind
