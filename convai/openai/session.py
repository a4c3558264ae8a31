"""What an OpenAI Realtime session is set to, from a brief. Pure.

Unknown fields are refused, and with them the whole message, so nothing is sent that a
model does not take. All values of the voice activity detection are sent: of a partial
object the rest falls back to touchier defaults.
"""

from __future__ import annotations

from typing import Any

from .. import untrusted
from ..agent import AgentProtocolError
from ..brief import Brief
from ..profile import OpenAiPart, Profile
from ..untrusted import Fields

__all__ = [
    "FASTEST",
    "MODEL",
    "RATE",
    "VOICES",
    "confirmed",
    "custom_voice",
    "reasons",
    "settings",
]

MODEL = "gpt-realtime-2.1"
"What the official clients default to; `gpt-realtime` itself ends in January 2027."
RATE = 24_000
"Hz, both ways: the only one for PCM."
VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer",
    "verse",
)  # fmt: skip
FASTEST = 1.5
"Of `speed`; the slowest is what profiles allow."

_VOICE = "marin"
"One of the two that OpenAI recommends."
_EFFORT = "low"
"More reasoning is a later first word."
_KEPT = 0.8
"Share of the context kept when it is cut: cutting rarely keeps what is cached."
_MOST_CONTEXT = 8000
"Tokens after the instructions: half an hour of talk; each response is billed for all."


def reasons(model: str) -> bool:
    """Whether it takes `reasoning`; gpt-realtime-1.5, for one, refuses it."""
    return model.startswith("gpt-realtime-2") and not model.startswith(
        ("gpt-realtime-2024", "gpt-realtime-2025")
    )


def custom_voice(profile: Profile) -> str:
    """The voice that the profile names, if it can be one of OpenAI's."""
    named = profile.openai.voice
    if named:
        return named
    common = profile.voice.id or ""
    return common if common in VOICES or common.startswith("voice_") else ""


def settings(brief: Brief, model: str) -> Fields:
    """`session` of the session.update with which a conversation begins."""
    part = brief.profile.openai
    session: Fields = {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": _instructions(brief),
        "max_output_tokens": part.max_output_tokens or "inf",
        "truncation": {
            "type": "retention_ratio",
            "retention_ratio": _KEPT,
            "token_limits": {"post_instructions": _MOST_CONTEXT},
        },
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            }
            for tool in brief.tools
        ],
        "tool_choice": "auto",
        "audio": {"input": _input(brief.profile), "output": _output(brief.profile)},
    }
    if reasons(model):
        session["reasoning"] = {"effort": part.reasoning or _EFFORT}
    return session


def confirmed(session: Fields) -> bool:
    """Whether the session, as the server has it, interrupts by itself.

    Raises AgentProtocolError for another format of sound: it would be noise, loud and
    without an error.
    """
    audio = untrusted.optional_inner(session, "audio")
    heard = untrusted.optional_inner(audio, "input")
    for way in (heard, untrusted.optional_inner(audio, "output")):
        form = untrusted.optional_inner(way, "format")
        if form and (form.get("type"), form.get("rate", RATE)) != ("audio/pcm", RATE):
            raise AgentProtocolError("the session's audio is not PCM of 24 kHz")
    detection = untrusted.optional_inner(heard, "turn_detection")
    return untrusted.flag(detection, "interrupt_response", default=True)


def _instructions(brief: Brief) -> str:
    prompt = brief.prompt or ""
    language = brief.profile.language
    if not language:
        return prompt
    # There is no setting for the language that the agent speaks, only words.
    return f"{prompt}\n\nSpeak the language whose code is `{language}`.".strip()


def _input(profile: Profile) -> Fields:
    part = profile.openai
    transcription = {"model": part.transcription}
    if profile.language:
        transcription["language"] = profile.language[:2]
    kind = part.noise_reduction
    return {
        "format": {"type": "audio/pcm", "rate": RATE},
        "transcription": transcription,
        "noise_reduction": None if kind == "off" else {"type": kind},
        "turn_detection": _turn_detection(part),
    }


def _turn_detection(part: OpenAiPart) -> Fields:
    answers = {"create_response": True, "interrupt_response": True}
    if part.turn_detection == "semantic_vad":
        return {"type": "semantic_vad", "eagerness": part.eagerness, **answers}
    return {
        "type": "server_vad",
        "threshold": part.threshold,
        "prefix_padding_ms": part.prefix_ms,
        "silence_duration_ms": part.silence_ms,
        "idle_timeout_ms": part.idle_ms,
        **answers,
    }


def _output(profile: Profile) -> Fields:
    name = custom_voice(profile) or _VOICE
    voice: Any = {"id": name} if name.startswith("voice_") else name
    speed = min(profile.voice.speed or 1.0, FASTEST)
    return {
        "format": {"type": "audio/pcm", "rate": RATE},
        "voice": voice,
        "speed": speed,
    }
