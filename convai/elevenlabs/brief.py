"""A brief as ElevenLabs takes it, and what of a profile it does not take. Pure.

A conversation may differ from its agent's settings in little, and each difference needs
a permission on the agent. So only what the profile sets is sent; the rest of a profile
is written into the agent's settings by `convai.provision`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..brief import Brief
from ..profile import Profile, Value
from .overrides import Overrides

__all__ = [
    "EVENTS",
    "LANGUAGES",
    "RESERVED",
    "impossible",
    "overrides",
    "story",
    "unsupported",
]

EVENTS = (
    "conversation_initiation_metadata",
    "ping",
    "audio",
    "interruption",
    "user_transcript",
    "tentative_user_transcript",
    "agent_response",
    "agent_response_correction",
    "agent_response_complete",
    "client_tool_call",
    "agent_tool_response",
    "mcp_tool_call",
)
"""What Parley needs of the `client_events`. Without `interruption` there would be no
interrupting the agent at all. They are written into the agent's settings by
`convai.provision`. (`queue_status` cannot be asked for: it just comes.)"""

_CODES = (
    "en ja zh de hi fr ko pt pt-br it es id nl tr pl sv bg ro ar cs el fi ms da ta uk "
    "ru hu hr sk no vi tl af hy as az be bn bs ca et gl ka gu ha he is ga jv kn kk ky "
    "lv lt lb mk ml mr ne ps fa pa sr sd sl so sw te th ur cy"
)
LANGUAGES = frozenset(_CODES.split())
"An override with any other closes the connection without a word."

_SLOWEST, _FASTEST = 0.7, 5.0
"Of `tts.speed`."
RESERVED = "system__"
"Variables that begin so are ElevenLabs' own."
_MOST_STORY = 24_000
"Characters of an earlier talk that are told, the last ones: half an hour of it."

_STORY = (
    "You are in the middle of a telephone conversation: the connection to you was "
    "renewed, the person stayed on the line. Do not greet, do not introduce yourself "
    "again, do not repeat what was settled; go on from where it stopped. This is what "
    "was said so far:\n"
)

_PROVISION = "write it there with python -m convai.provision"
_NOT_FOR_AGENTS = "ElevenLabs has no such setting for agents; leave it out"


def overrides(brief: Brief) -> Overrides:
    """What this conversation does differently from its agent's settings."""
    profile, voice, own = brief.profile, brief.profile.voice, brief.profile.elevenlabs
    first = brief.first_message if brief.history else profile.first_message
    return Overrides(
        first_message=_tight(first),
        prompt=_tight(profile.prompt),
        language=_language(profile.language),
        llm=own.llm,
        voice_id=own.voice or voice.id,
        stability=voice.stability,
        similarity_boost=voice.similarity,
        speed=_speed(voice.speed),
        keywords=own.keywords or None,
        dynamic_variables=_allowed(brief.variables),
    )


def story(brief: Brief) -> str:
    """What the agent must know of the talk before it; empty for a new one."""
    if not brief.history:
        return ""
    told = brief.background
    if len(told) > _MOST_STORY:
        _, _, told = told[-_MOST_STORY:].partition("\n")
    return _STORY + told


def unsupported(profile: Profile) -> list[str]:
    """What of a profile cannot be had in a call, and what to do: a line for each."""
    elsewhere = [f"{name}: {why}" for name, why in _in_settings(profile)]
    return elsewhere + impossible(profile)


def impossible(profile: Profile) -> list[str]:
    """What cannot be had in the agent's settings, either: a line for each."""
    return [f"{name}: {why}" for name, why in _impossible(profile)]


def _in_settings(profile: Profile) -> Iterator[tuple[str, str]]:
    own = profile.elevenlabs
    in_settings = {
        "temperature": profile.temperature,
        "elevenlabs.tts_model": own.tts_model,
        "elevenlabs.turn_timeout_s": own.turn_timeout_s,
        "elevenlabs.turn_eagerness": own.turn_eagerness,
        "elevenlabs.silence_end_s": own.silence_end_s,
        "elevenlabs.max_duration_s": own.max_duration_s,
        # The socket's description knows an override of them, but the agent's settings
        # have no permission for it: to send it may end every call.
        "elevenlabs.events": own.events or None,
    }
    for name, value in in_settings.items():
        if value is not None:
            yield name, f"ElevenLabs takes it from the agent's settings; {_PROVISION}"
    if profile.tools:
        yield "tools", f"ElevenLabs knows the agent's own only; {_PROVISION}"


def _impossible(profile: Profile) -> Iterator[tuple[str, str]]:
    voice = profile.voice
    if voice.style is not None:
        yield "voice.style", _NOT_FOR_AGENTS
    if voice.speaker_boost is not None:
        yield "voice.speaker_boost", _NOT_FOR_AGENTS
    if profile.language and _language(profile.language) is None:
        yield "language", "ElevenLabs does not speak it; the agent's own is spoken"
    if voice.speed is not None and voice.speed < _SLOWEST:
        yield (
            "voice.speed",
            f"ElevenLabs speaks no slower than {_SLOWEST}; set that",
        )
    for name in profile.variables:
        if name.startswith(RESERVED):
            yield (
                f"variables.{name}",
                (f"names that begin with {RESERVED} are ElevenLabs' own; rename it"),
            )


def _tight(text: str | None) -> str | None:
    """`{{ name }}` as `{{name}}`, the one way in which ElevenLabs fills it."""
    return None if text is None else re.sub(r"\{\{\s*(\w+)\s*\}\}", r"{{\1}}", text)


def _language(language: str | None) -> str | None:
    """`pt-BR` as `pt-br`; `de-AT` as `de`; None if nothing like it is spoken."""
    if language is None:
        return None
    lowered = language.lower()
    base = lowered.partition("-")[0]
    return next((one for one in (lowered, base) if one in LANGUAGES), None)


def _speed(speed: float | None) -> float | None:
    return None if speed is None else min(max(speed, _SLOWEST), _FASTEST)


def _allowed(variables: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: value
        for name, value in variables.items()
        if not name.startswith(RESERVED)
    }
