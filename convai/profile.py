"""Profile: who the agent is in a call, whatever provider plays it. Pure.

A profile is a TOML file. What is common to all providers stands at the top; a section
named after a provider says what only that one understands, and wins there. Where a
text says `{{name}}`, the variable of that name is put.

ProfileError    the file does not say what a profile may say
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = [
    "DEFAULT",
    "ElevenLabsPart",
    "LocalPart",
    "OpenAiPart",
    "Profile",
    "ProfileError",
    "Value",
    "Voice",
    "filled",
]

Value: TypeAlias = bool | int | float | str
"Of a variable."

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Text: TypeAlias = Annotated[str, Field(max_length=200_000)]
Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]

NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
"Of a profile: it stands in URLs, requests and file names."
MOST_BYTES = 512 * 1024
"Of a profile's file; a long prompt has some ten thousand."

_VARIABLE = re.compile(r"\{\{\s*(\w{1,80})\s*\}\}")


class ProfileError(Exception):
    """The file does not say what a profile may say; the text names the key."""


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class Voice(_Part):
    """How the agent sounds; each provider takes what it knows."""

    id: Word | None = None
    "The provider's name of the voice; where providers differ, see their sections."
    stability: Share | None = None
    similarity: Share | None = None
    speed: Annotated[float, Field(ge=0.25, le=4)] | None = None
    "1 is the voice's own pace."
    style: Share | None = None
    speaker_boost: bool | None = None


class ElevenLabsPart(_Part):
    """What only ElevenLabs understands; `convai.provision` writes most of it."""

    agent_id: Word | None = None
    "The agent to talk with, instead of ELEVENLABS_AGENT_ID."
    voice: Word | None = None
    llm: Word | None = None
    tts_model: Word | None = None
    keywords: tuple[Word, ...] = ()
    "Words that the recogniser should expect."
    events: tuple[Word, ...] = ()
    "Types of messages to receive beside those that Parley needs, such as `vad_score`."
    turn_timeout_s: Annotated[float, Field(ge=1, le=30)] | None = None
    "Silence after which the agent speaks up."
    turn_eagerness: Literal["patient", "normal", "eager"] | None = None
    silence_end_s: Annotated[float, Field(ge=1, le=3600)] | None = None
    "Silence after which it hangs up."
    max_duration_s: Annotated[int, Field(ge=10, le=86_400)] | None = None


class OpenAiPart(_Part):
    """What only OpenAI Realtime understands."""

    model: Word | None = None
    voice: Word | None = None
    reasoning: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None
    turn_detection: Literal["server_vad", "semantic_vad"] = "server_vad"
    threshold: Share = 0.5
    "Of server_vad: higher takes fewer noises for speech."
    prefix_ms: Annotated[int, Field(ge=0, le=5000)] = 300
    silence_ms: Annotated[int, Field(ge=100, le=10_000)] = 500
    "Of server_vad: silence that ends a turn."
    idle_ms: Annotated[int, Field(ge=5000, le=30_000)] | None = None
    "Of server_vad: silence after which the agent speaks up."
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    "Of semantic_vad."
    noise_reduction: Literal["near_field", "far_field", "off"] = "near_field"
    transcription: Word = "gpt-transcribe"
    "The model that writes down what the caller says."
    max_output_tokens: Annotated[int, Field(ge=1, le=32_000)] | None = None


class LocalPart(_Part):
    """What only the embedded agent understands."""

    script: Word | None = None
    "Which of its scripts it follows; `python -m convai.local --help` names them."
    voice: Literal["low", "plain", "high"] = "plain"
    "It has one voice, at three pitches."


class Profile(_Part):
    """One agent, as a file describes it. Empty fields leave it to the provider."""

    name: Annotated[str, Field(pattern=rf"^{NAME}$")]
    "Stable, for settings and requests: the file's name."
    title: Word | None = None
    "For people choosing one."
    speaker: Word | None = None
    "Who speaks, as the agent calls itself."
    prompt: Text | None = None
    first_message: Text | None = None
    "What the agent opens with; empty: the caller speaks first."
    bridge: Text = "Sorry, the line was gone for a moment. Where were we?"
    "What an agent says that takes over in the middle of a call."
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    "As `en` or `pt-BR`."
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    voice: Voice = Voice()
    tools: tuple[Word, ...] = ()
    "Names of tools, or `module:function` of one's own."
    variables: Mapping[str, Value] = Field(default_factory=dict)
    elevenlabs: ElevenLabsPart = ElevenLabsPart()
    openai: OpenAiPart = OpenAiPart()
    local: LocalPart = LocalPart()

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """The profile that a TOML text describes. Raises ProfileError."""
        try:
            fields = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ProfileError(f"profile {name}: not TOML: {error}") from None
        if "name" in fields:
            raise ProfileError(f"profile {name}: name: the file's name is the name")
        if odd := next(_unsayable(fields), None):
            raise ProfileError(f"profile {name}: {odd}")
        try:
            return cls.model_validate_json(_json({**fields, "name": name}))
        except ValidationError as error:
            raise ProfileError(f"profile {name}: {_in_words(error)}") from None
        except ValueError as error:  # a lone surrogate
            raise ProfileError(f"profile {name}: {error}") from None

    @property
    def shown(self) -> str:
        """For people."""
        return self.title or self.name


def filled(text: str, variables: Mapping[str, Value]) -> str:
    """The text with its variables put in; unknown ones stay as they are."""
    return _VARIABLE.sub(lambda it: str(variables.get(it[1], it[0])), text)


def _json(fields: dict[str, Any]) -> str:
    """As JSON, since strict models take lists for tuples only from there."""
    return json.dumps(fields, allow_nan=False)


def _unsayable(fields: Any, path: str = "") -> Iterator[str]:
    """What TOML can say and JSON cannot: where, and why."""
    if isinstance(fields, dict | list):
        pairs = fields.items() if isinstance(fields, dict) else enumerate(fields)
        for key, value in pairs:
            yield from _unsayable(value, f"{path}.{key}" if path else str(key))
    elif isinstance(fields, float) and not math.isfinite(fields):
        yield f"{path}: input should be a number that there is"
    elif isinstance(fields, date | time):  # a datetime is a date
        yield f"{path}: a date or time is written in quotes, as text"


_PATTERNS = {
    "name": "the file's name should be letters, digits, - and _, at most 64",
    "language": "input should be like en or pt-BR",
}


def _in_words(error: ValidationError) -> str:
    """The first thing that is wrong: where, and why."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{where}: there is no such key"
    if first["type"] == "string_pattern_mismatch":
        return f"{where}: {_PATTERNS[where]}"
    if first["loc"][0] == "variables" and len(first["loc"]) > 2:
        # A value may be of several types: pydantic only names the first of them.
        name = first["loc"][1]
        return f"variables.{name}: input should be a text, a number, true or false"
    return f"{where}: {first['msg'][:1].lower()}{first['msg'][1:]}"


DEFAULT = Profile(name="default", title="As the provider has it")
"Changes nothing: the agent is what its provider has made of it."
