"""What an ElevenLabs agent must be like to play a profile in Parley. Pure.

Settings here are trees of what is to be set, in the provider's own names (types of
PyPI elevenlabs 2.78.0), and nothing else: what a profile leaves open stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from typing import Any, TypeAlias

from ..brief import Brief
from ..elevenlabs.brief import EVENTS, RESERVED, overrides
from ..elevenlabs.overrides import only_set
from ..profile import VARIABLE, Profile, Value
from ..tools.tool import Tool
from .dialect import parameters

__all__ = [
    "END_CALL",
    "INPUT_FORMAT",
    "OUTPUT_FORMATS",
    "Settings",
    "agent_settings",
    "client_events",
    "first_settings",
    "merged",
    "placeholders",
    "tool_settings",
    "unknown_variables",
]

Settings: TypeAlias = dict[str, Any]

END_CALL = "end_call"
"The one of our tools that ElevenLabs has built in: it hangs up by itself."

INPUT_FORMAT = "pcm_16000"
"What its speech recognition hears; more would only be more to send."
OUTPUT_FORMATS = ("pcm_24000", "pcm_48000")
"""Both are rates of Opus. The first is enough for a voice, and half as much to carry;
the higher formats are not in all of the provider's plans."""

FACTS: Mapping[str, Value] = {
    "today": "2026-11-26",
    "weekday": "Thursday",
    "now": "15:00",
    "zone": "Europe/Vienna",
}
"Examples, for trying the agent without Parley, which sends the real ones in each call."

NOT_ENGLISH = "eleven_flash_v2_5"
"""A new agent's own model speaks English only, and asking for another language without
naming a model is answered with `invalid_agent_config` (elevenlabs-python#554)."""

SLACK_S = 2
"The provider waits a little longer for a tool than Parley, whose text is the better."
LONGEST_WAIT_S = 120
"The provider's limit for a client tool."


def agent_settings(profile: Profile, tools: Iterable[Tool]) -> Settings:
    """What the profile says, and the permissions to say it in a call."""
    part = profile.elevenlabs
    has_end = any(tool.name == END_CALL for tool in tools)
    in_calls = _in_calls(profile)
    only_here = {
        "agent": {
            "prompt": only_set(
                temperature=profile.temperature,
                built_in_tools={END_CALL: _END_CALL} if has_end else None,
            )
        },
        "tts": only_set(model_id=part.tts_model),
        "asr": {"user_input_audio_format": INPUT_FORMAT},
        "turn": only_set(
            turn_timeout=part.turn_timeout_s,
            turn_eagerness=part.turn_eagerness,
            silence_end_call_timeout=part.silence_end_s,
        ),
        "conversation": only_set(max_duration_seconds=part.max_duration_s),
    }
    # The first message may always differ: who takes over a call must not greet.
    may = merged({"agent": {"first_message": True}}, _permissions(in_calls))
    return {
        "conversation_config": _pruned(merged(in_calls, only_here)),
        "platform_settings": {"overrides": {"conversation_config_override": may}},
    }


def _in_calls(profile: Profile) -> Settings:
    """What Parley sets anew in each call: one mind about how a profile is said."""
    return merged(overrides(Brief(profile=profile)).config())


def _permissions(settings: Mapping[str, Any]) -> Settings:
    """To override each of these; all are off unless they are given."""
    return {
        key: _permissions(value) if isinstance(value, Mapping) else True
        for key, value in settings.items()
    }


_END_CALL: Settings = {
    "type": "system",
    "name": END_CALL,
    "params": {"system_tool_type": END_CALL},
}
"Without a description, which leaves the provider's own: it is made for its models."


def first_settings(profile: Profile) -> Settings:
    """What only a new agent gets."""
    english = profile.language is None or profile.language.startswith("en")
    model = None if english or profile.elevenlabs.tts_model else NOT_ENGLISH
    return _pruned(
        {
            "conversation_config": {"tts": only_set(model_id=model)},
            # Parley has the key and signs its calls; nobody else should call at its
            # cost.
            "platform_settings": {"auth": {"enable_auth": True}},
        }
    )


def client_events(profile: Profile, there: Iterable[str]) -> list[str]:
    """The events there are, and those that Parley or the profile needs beside them."""
    return list(dict.fromkeys((*there, *EVENTS, *profile.elevenlabs.events)))


def placeholders(profile: Profile, there: Mapping[str, Value]) -> dict[str, Value]:
    """Examples for all variables: those that are there, and the profile's own."""
    return {**FACTS, **there, **overrides(Brief(profile=profile)).dynamic_variables}


def tool_settings(tool: Tool) -> Settings:
    """A client tool. Raises DialectError for parameters that cannot be said."""
    return {
        "type": "client",
        "name": tool.name,
        "description": tool.description,
        "parameters": parameters(tool.parameters),
        "expects_response": True,
        "response_timeout_secs": _wait_s(tool),
        # Left to itself, the provider hides from the agent what went wrong.
        "tool_error_handling_mode": "passthrough",
    }


def _wait_s(tool: Tool) -> int:
    return min(LONGEST_WAIT_S, math.ceil(tool.limit_s) + SLACK_S)


def unknown_variables(profile: Profile, known: Container[str]) -> list[str]:
    """Names in prompt and first message that nobody fills: the call would fail."""
    text = f"{profile.prompt or ''} {profile.first_message or ''}"
    names = dict.fromkeys(VARIABLE.findall(text))
    return [n for n in names if n not in known and not n.startswith(RESERVED)]


def merged(*trees: Mapping[str, Any]) -> Settings:
    """One tree of all; of two leaves the later one counts. Tuples become lists."""
    whole: Settings = {}
    for tree in trees:
        for key, value in tree.items():
            if isinstance(value, Mapping):
                there = whole.get(key)
                value = merged(there if isinstance(there, Mapping) else {}, value)
            whole[key] = list(value) if isinstance(value, tuple) else value
    return whole


def _pruned(tree: Mapping[str, Any]) -> Settings:
    """Without empty branches."""
    inside = {
        key: _pruned(value) if isinstance(value, Mapping) else value
        for key, value in tree.items()
    }
    return {key: value for key, value in inside.items() if value != {}}
