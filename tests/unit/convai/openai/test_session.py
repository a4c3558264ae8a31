"""The session's settings: each profile's please OpenAI's own types."""

from __future__ import annotations

from typing import Any

import pytest

from convai.brief import Brief
from convai.openai.session import MODEL, reasons, settings
from convai.profile import OpenAiPart, Profile, Voice
from convai.tools.tool import Done, Tool
from tests.openai_schema import check_client


def made(profile: Profile | None = None, model: str = MODEL, **more: Any) -> Any:
    brief = Brief(profile=profile or Profile(name="t"), **more)
    session = settings(brief, model)
    check_client({"type": "session.update", "session": session})
    return session


def test_all_values_of_voice_activity_detection_are_sent():
    detection = made()["audio"]["input"]["turn_detection"]
    assert detection == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }


def test_semantic_detection_has_its_own():
    part = OpenAiPart(turn_detection="semantic_vad", eagerness="high")
    detection = made(Profile(name="t", openai=part))["audio"]["input"]["turn_detection"]
    assert detection == {
        "type": "semantic_vad",
        "eagerness": "high",
        "create_response": True,
        "interrupt_response": True,
    }


def test_the_profile_is_played():
    async def run(arguments: Any) -> Done:
        return Done("")

    parameters = {"type": "object", "properties": {}}
    tool = Tool("book", "Books.", parameters, run)
    profile = Profile(
        name="t",
        prompt="You are {{who}}.",
        language="pt-BR",
        variables={"who": "Ann"},
        voice=Voice(speed=4.0),
        openai=OpenAiPart(voice="cedar", noise_reduction="off", max_output_tokens=99),
    )
    session = made(profile, tools=(tool,))
    assert session["instructions"].startswith("You are Ann.\n")
    assert "`pt-BR`" in session["instructions"]
    assert session["max_output_tokens"] == 99
    assert session["tools"] == [
        {
            "type": "function",
            "name": "book",
            "description": "Books.",
            "parameters": parameters,
        }
    ]
    heard, spoken = session["audio"]["input"], session["audio"]["output"]
    assert heard["transcription"] == {"model": "gpt-transcribe", "language": "pt"}
    assert heard["noise_reduction"] is None
    assert heard["format"] == spoken["format"] == {"type": "audio/pcm", "rate": 24_000}
    assert (spoken["voice"], spoken["speed"]) == ("cedar", 1.5)


@pytest.mark.parametrize(
    ("voice", "sent"),
    [
        (None, "marin"),
        ("verse", "verse"),
        ("voice_123", {"id": "voice_123"}),
        ("21m00Tcm4TlvDq8ikWAM", "marin"),  # another provider's
    ],
)
def test_the_common_voice_counts_if_it_can_be_openais(voice: str | None, sent: Any):
    session = made(Profile(name="t", voice=Voice(id=voice)))
    assert session["audio"]["output"]["voice"] == sent


@pytest.mark.parametrize(
    ("model", "does"),
    [
        ("gpt-realtime-2.1", True),
        ("gpt-realtime-2.1-mini", True),
        ("gpt-realtime-2", True),
        ("gpt-realtime-1.5", False),
        ("gpt-realtime", False),
        ("gpt-realtime-2025-08-28", False),
    ],
)
def test_only_models_that_reason_are_told_how_much(model: str, does: bool):
    assert reasons(model) is does
    assert ("reasoning" in made(model=model)) is does
    part = OpenAiPart(reasoning="high")
    if does:
        session = made(Profile(name="t", openai=part), model)
        assert session["reasoning"] == {"effort": "high"}
