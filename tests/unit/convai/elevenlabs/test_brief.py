"""A brief as ElevenLabs takes it: all is sent, or named as what cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from elevenlabs.types import (
    ConversationConfigClientOverrideConfigInput,
    ConversationInitiationClientDataRequestInput,
)
from pydantic import BaseModel, TypeAdapter

from convai.brief import Brief, Utterance
from convai.elevenlabs.brief import EVENTS, LANGUAGES, overrides, story, unsupported
from convai.elevenlabs.codec import ElevenLabsCodec
from convai.profile import (
    DEFAULT,
    ElevenLabsPart,
    LocalPart,
    OpenAiPart,
    Profile,
    Voice,
)
from tests.elevenlabs_schema import check_client
from tests.tree import ROOT

HISTORY = (Utterance("agent", "Hello Nat."), Utterance("caller", "Who\nis this?"))


def profile(**fields: Any) -> Profile:
    return Profile(name="p", **fields)


def opening(brief: Brief) -> dict[str, Any]:
    """As sent; valid by the schema."""
    (text,) = ElevenLabsCodec(overrides=overrides(brief)).opening()
    message = json.loads(text)
    check_client(message)
    return message


FULL = profile(
    prompt="You are {{ speaker }}.",
    first_message="Hi {{caller_name}}, {{ system__time }}.",
    language="en",
    voice=Voice(id="voice_1", stability=0.65, similarity=0.75, speed=1.1),
    variables={"speaker": "Sarah", "visits": 3, "known": True, "share": 0.5},
    elevenlabs=ElevenLabsPart(voice="voice_2", llm="some-model", keywords=("ETF",)),
)


def test_the_profile_that_changes_nothing_sends_nothing():
    made = opening(Brief(profile=DEFAULT))
    assert made == {
        "type": "conversation_initiation_client_data",
        "source_info": {"source": "parley"},
    }


def test_all_that_can_be_sent_is_sent():
    made = opening(Brief(profile=FULL, facts={"today": "2026-11-22", "visits": 1}))
    assert made["conversation_config_override"] == {
        "agent": {
            # Left to ElevenLabs to fill, which fills nothing but `{{name}}`.
            "first_message": "Hi {{caller_name}}, {{system__time}}.",
            "language": "en",
            "prompt": {"prompt": "You are {{speaker}}.", "llm": "some-model"},
        },
        "tts": {
            "voice_id": "voice_2",
            "stability": 0.65,
            "similarity_boost": 0.75,
            "speed": 1.1,
        },
        "asr": {"keywords": ["ETF"]},
    }
    assert made["dynamic_variables"] == {
        "today": "2026-11-22",
        "visits": 3,
        "speaker": "Sarah",
        "known": True,
        "share": 0.5,
    }


def test_the_official_clients_types_know_all_of_it():
    made = opening(Brief(profile=FULL, facts={"today": "2026-11-22"}))
    del made["type"]
    read = TypeAdapter(ConversationInitiationClientDataRequestInput)
    assert unknown(read.validate_python(made)) == set()
    made["conversation_config_override"]["tts"]["loudness"] = 1
    assert unknown(read.validate_python(made)) == {"loudness"}


def unknown(model: BaseModel) -> set[str]:
    """Names of fields, at any depth, that the model's types do not have."""
    found = set(model.model_extra or {})
    for name in type(model).model_fields:
        inside = getattr(model, name)
        if isinstance(inside, BaseModel):
            found |= unknown(inside)
    return found


def test_all_of_it_is_supported():
    assert unsupported(FULL) == []
    assert unsupported(DEFAULT) == []


def test_everything_that_is_sent_can_be_permitted():
    # An override that no permission is for would end every call with 1008.
    full = FULL.elevenlabs.model_copy(update={"events": ("vad_score",)})
    made = FULL.model_copy(update={"elevenlabs": full})
    sent = opening(Brief(profile=made))["conversation_config_override"]
    permitted = ConversationConfigClientOverrideConfigInput
    read = permitted.model_validate(_allowing(sent))
    assert unknown(read) == set()
    (line,) = unsupported(made)
    assert line.startswith("elevenlabs.events: ")
    assert "convai.provision" in line


def _allowing(tree: dict[str, Any]) -> dict[str, Any]:
    return {k: _allowing(v) if isinstance(v, dict) else True for k, v in tree.items()}


def test_the_events_and_languages_are_the_providers():
    text = (ROOT / "tests/data/elevenlabs_messages.json").read_text()
    published = json.loads(text)["$defs"]
    assert set(EVENTS) <= set(published["ClientEvent"]["enum"])
    assert set(published["Language"]["enum"]) == LANGUAGES


@pytest.mark.parametrize(
    ("language", "sent"),
    [("en", "en"), ("pt-BR", "pt-br"), ("de-AT", "de"), ("xx", None), ("xx-YY", None)],
)
def test_languages(language, sent):
    made = profile(language=language)
    assert overrides(Brief(profile=made)).language == sent
    assert bool(unsupported(made)) == (sent is None)


@pytest.mark.parametrize(
    ("speed", "sent", "lines"),
    [(0.25, 0.7, 1), (0.7, 0.7, 0), (1.2, 1.2, 0), (4, 4, 0)],
)
def test_speeds(speed, sent, lines):
    made = profile(voice=Voice(speed=speed))
    assert overrides(Brief(profile=made)).speed == sent
    assert len(unsupported(made)) == lines


def test_reserved_variables_are_left_out_and_named():
    made = profile(variables={"system__time": "now", "who": "Nat"})
    assert overrides(Brief(profile=made)).dynamic_variables == {"who": "Nat"}
    (line,) = unsupported(made)
    assert line.startswith("variables.system__time: ")


def test_what_cannot_be_had_in_a_call_is_named():
    made = profile(
        temperature=0.7,
        tools=("book_meeting",),
        voice=Voice(style=0.1, speaker_boost=False),
        elevenlabs=ElevenLabsPart(
            tts_model="eleven_flash_v2",
            turn_timeout_s=7,
            turn_eagerness="eager",
            silence_end_s=20,
            max_duration_s=600,
        ),
        openai=OpenAiPart(voice="marin"),
        local=LocalPart(script="sarah"),
    )
    told = dict(line.split(": ", 1) for line in unsupported(made))
    assert set(told) == {
        "temperature", "tools", "voice.style", "voice.speaker_boost",
        "elevenlabs.tts_model", "elevenlabs.turn_timeout_s",
        "elevenlabs.turn_eagerness", "elevenlabs.silence_end_s",
        "elevenlabs.max_duration_s",
    }  # fmt: skip
    for name, why in told.items():
        hint = "leave it out" if name.startswith("voice.") else "convai.provision"
        assert hint in why


def test_every_field_is_sent_or_named_or_for_others():
    """A field that is added to profiles must find its place here."""
    common = {"name", "title", "speaker", "bridge", "variables", "openai", "local"}
    named = {line.partition(":")[0] for line in unsupported(profile(temperature=1.0))}
    sent = {"prompt", "first_message", "language", "voice", "tools", "elevenlabs"}
    assert set(Profile.model_fields) == common | named | sent
    voice = {"id", "stability", "similarity", "speed", "style", "speaker_boost"}
    assert set(Voice.model_fields) == voice
    assert set(ElevenLabsPart.model_fields) == {
        "agent_id", "voice", "llm", "tts_model", "keywords", "events",
        "turn_timeout_s", "turn_eagerness", "silence_end_s", "max_duration_s",
    }  # fmt: skip


# Taking over.


@pytest.mark.parametrize(
    ("bridge", "first"), [("Where were {{ we }}?", "Where were {{we}}?"), (None, "")]
)
def test_who_takes_over_says_the_bridge_and_never_greets(bridge, first):
    brief = Brief(profile=FULL, history=HISTORY, bridge=bridge)
    made = opening(brief)
    assert made["conversation_config_override"]["agent"]["first_message"] == first


def test_the_story_is_the_talk_in_lines():
    lines = story(Brief(history=HISTORY)).splitlines()
    assert lines[-2:] == ["agent: Hello Nat.", "caller: Who is this?"]
    assert not [one for one in lines[:-2] if one.startswith(("agent:", "caller:"))]
    assert "Do not greet" in lines[0]


def test_a_new_conversation_has_no_story():
    assert story(Brief()) == ""


def test_a_long_story_is_told_from_its_end():
    said = tuple(Utterance("caller", f"{n} " + "word " * 20) for n in range(1000))
    lines = story(Brief(history=said)).splitlines()
    assert lines[-1].startswith("caller: 999 ")
    assert sum(map(len, lines)) < 25_000
    assert all(line.startswith("caller: ") for line in lines[1:])
