from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import elevenlabs.types.client_event as client_event
import pytest

from convai.elevenlabs.brief import EVENTS, impossible
from convai.profile import ElevenLabsPart, Profile, Voice
from convai.provision.plan import Plan, client_tools, inside, tool_step
from convai.provision.wanted import (
    FACTS,
    NOT_ENGLISH,
    agent_settings,
    client_events,
    first_settings,
    placeholders,
    tool_settings,
    unknown_variables,
)
from convai.tools.registry import resolve
from convai.tools.tool import Done, Tool

TOOLS = resolve(["book_meeting", "end_call"], zone="UTC", now=lambda: datetime.now(UTC))
PROMPT = ("conversation_config", "agent", "prompt")
ALLOWED = ("platform_settings", "overrides", "conversation_config_override")


def leaves(tree: Mapping[str, Any], path: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in tree.items():
        where = f"{path}.{key}" if path else key
        inner = leaves(value, where) if isinstance(value, Mapping) else set()
        found |= inner or {where}
    return found


def test_an_empty_profile_says_as_good_as_nothing() -> None:
    assert leaves(agent_settings(Profile(name="x"), ())) == {
        "conversation_config.asr.user_input_audio_format",
        ".".join((*ALLOWED, "agent.first_message")),
    }


def test_all_that_a_profile_says_is_written_and_allowed() -> None:
    part = ElevenLabsPart(
        voice="mine",
        llm="gpt-4o",
        tts_model="eleven_turbo_v2",
        keywords=("ETF",),
        turn_timeout_s=8,
        turn_eagerness="eager",
        silence_end_s=60,
        max_duration_s=900,
    )
    profile = Profile(
        name="x",
        prompt="You are {{ who }}.",
        first_message="Hi {{  who}}",
        language="pt-BR",
        temperature=0.7,
        voice=Voice(id="other", stability=0.65, similarity=0.75, speed=1.1),
        elevenlabs=part,
    )
    settings = agent_settings(profile, TOOLS)
    assert settings["conversation_config"] == {
        "agent": {
            "first_message": "Hi {{who}}",
            "language": "pt-br",
            "prompt": {
                "prompt": "You are {{who}}.",
                "llm": "gpt-4o",
                "temperature": 0.7,
                "built_in_tools": {
                    "end_call": {
                        "type": "system",
                        "name": "end_call",
                        "params": {"system_tool_type": "end_call"},
                    }
                },
            },
        },
        "tts": {
            "model_id": "eleven_turbo_v2",
            "voice_id": "mine",
            "stability": 0.65,
            "similarity_boost": 0.75,
            "speed": 1.1,
        },
        "asr": {"keywords": ["ETF"], "user_input_audio_format": "pcm_16000"},
        "turn": {
            "turn_timeout": 8,
            "turn_eagerness": "eager",
            "silence_end_call_timeout": 60,
        },
        "conversation": {"max_duration_seconds": 900},
    }
    assert inside(settings, *ALLOWED) == {
        "agent": {
            "first_message": True,
            "language": True,
            "prompt": {"prompt": True, "llm": True},
        },
        "tts": {
            "voice_id": True,
            "stability": True,
            "similarity_boost": True,
            "speed": True,
        },
        "asr": {"keywords": True},
    }


def test_an_empty_first_message_is_one() -> None:
    settings = agent_settings(Profile(name="x", first_message=""), ())
    assert inside(settings, "conversation_config", "agent", "first_message") == ""


@pytest.mark.parametrize(
    ("language", "model", "chosen"),
    [
        (None, None, None),
        ("en", None, None),
        ("en-GB", None, None),
        ("de", None, NOT_ENGLISH),
        ("de", "eleven_turbo_v2_5", None),
    ],
)
def test_a_new_agent_gets_a_model_for_its_language(
    language: str | None, model: str | None, chosen: str | None
) -> None:
    part = ElevenLabsPart(tts_model=model)
    profile = Profile(name="x", language=language, elevenlabs=part)
    settings = first_settings(profile)
    assert inside(settings, "conversation_config", "tts", "model_id") == chosen
    assert inside(settings, "platform_settings", "auth", "enable_auth") is True


def test_the_events_are_ones_that_the_provider_has() -> None:
    known = get_args(get_args(client_event.ClientEvent)[0])
    assert set(EVENTS) <= set(known)


def test_events_are_added_to_those_there_are() -> None:
    profile = Profile(name="x", elevenlabs=ElevenLabsPart(events=("vad_score",)))
    found = client_events(profile, ["context_usage", "audio"])
    assert found[:2] == ["context_usage", "audio"] and found[-1] == "vad_score"
    assert len(found) == len(set(found)) == len(EVENTS) + 2


def test_placeholders_are_kept_and_added() -> None:
    profile = Profile(name="x", variables={"who": "Nat", "system__x": 1})
    found = placeholders(profile, {"today": "kept", "theirs": 1, "who": "Ann"})
    assert found == {**FACTS, "today": "kept", "theirs": 1, "who": "Nat"}


def test_what_cannot_be_written_is_named() -> None:
    assert impossible(Profile(name="x")) == []
    voice = Voice(style=0.0, speaker_boost=False)
    made = Profile(name="x", tools=("t",), voice=voice, variables={"system__a": 1})
    lines = impossible(made)
    assert [line.partition(":")[0] for line in lines] == [
        "voice.style",
        "voice.speaker_boost",
        "variables.system__a",
    ]


def test_variables_that_nobody_fills_are_named() -> None:
    prompt = "{{ b }} {{today}} {{system__time}} {{a}} {{b}} {{mine}} {{there}}"
    profile = Profile(name="x", prompt=prompt, variables={"mine": 1})
    known = placeholders(profile, {"there": 1})
    assert unknown_variables(profile, known) == ["b", "a"]


def tool(name: str = "it", limit_s: float = 10.0, **fields: Any) -> Tool:
    async def run(arguments: Mapping[str, Any]) -> Done:
        raise AssertionError

    form = {"type": "object", "properties": {"a": {"type": "string"}}}
    return Tool(name, "Does it.", form, run, limit_s)


@pytest.mark.parametrize(
    ("limit_s", "waits_s"), [(10.0, 12), (0.5, 3), (119.5, 120), (600.0, 120)]
)
def test_the_provider_waits_longer_than_parley(limit_s: float, waits_s: int) -> None:
    settings = tool_settings(tool(limit_s=limit_s))
    assert settings["response_timeout_secs"] == waits_s
    assert settings["expects_response"] is True
    assert settings["tool_error_handling_mode"] == "passthrough"


def test_end_call_is_no_client_tool() -> None:
    assert [tool.name for tool in client_tools(TOOLS)] == ["book_meeting"]


def stored(tool_id: str, **changes: Any) -> dict[str, Any]:
    config = {**tool_settings(tool()), "tool_call_sound": None, "assignments": []}
    return {"id": tool_id, "tool_config": {**config, **changes}}


def test_a_tool_like_it_is_used_again() -> None:
    step = tool_step(tool(), [stored("t1", description="Other."), stored("t2")], [])
    assert step.tool_id == "t2" and not step.changes


def test_the_agents_own_tool_is_changed() -> None:
    old = stored("t1", description="Other.", tool_call_sound="typing")
    step = tool_step(tool(), [stored("t2"), old], ["t1"])
    assert step.tool_id == "t1"
    assert [change.path for change in step.changes] == [("description",)]
    assert step.config["description"] == "Does it."
    assert step.config["tool_call_sound"] == "typing"  # what is not ours stays


def test_somebody_elses_tool_is_left_alone() -> None:
    step = tool_step(tool(), [stored("t1", description="Other.")], ["t9"])
    assert step.tool_id is None and step.changes


def test_a_parameter_that_is_gone_is_a_change() -> None:
    old = stored("t1")
    old["tool_config"]["parameters"]["properties"]["b"] = {"type": "string"}
    assert [c.path[-1] for c in tool_step(tool(), [old], ["t1"]).changes] == ["b"]


@pytest.mark.parametrize(
    ("there", "asked", "becomes"),
    [
        ("pcm_16000", None, "pcm_24000"),
        ("ulaw_8000", None, "pcm_24000"),
        ("pcm_44100", None, "pcm_44100"),
        ("pcm_24000", "pcm_48000", "pcm_48000"),
        (None, None, "pcm_24000"),
    ],
)
def test_the_format_of_the_voice(
    there: str | None, asked: str | None, becomes: str
) -> None:
    agent = {"conversation_config": {"tts": {"agent_output_audio_format": there}}}
    plan = Plan(
        profile=Profile(name="x"),
        tools=(),
        there=agent if there else {},
        output_format=asked,
    )
    tts = inside(plan.settings([]), "conversation_config", "tts")
    assert tts["agent_output_audio_format"] == becomes


def test_tools_are_added_to_those_of_the_agent() -> None:
    agent = {"conversation_config": {"agent": {"prompt": {"tool_ids": ["t1", "t2"]}}}}
    plan = Plan(profile=Profile(name="x"), tools=(), there=agent)
    settings = plan.settings(["t2", "t3"])
    assert inside(settings, *PROMPT, "tool_ids") == ["t1", "t2", "t3"]
    assert "name" not in settings
    assert "auth" not in settings["platform_settings"]


def test_only_a_new_agent_gets_the_profiles_name() -> None:
    profile = Profile(name="sarah", title="Sarah of Sales")
    assert Plan(profile=profile, tools=()).settings([])["name"] == "Sarah of Sales"
    renamed = Plan(profile=profile, tools=(), there={"name": "old"}, name="new")
    assert renamed.settings([])["name"] == "new"
