"""Profile: who the agent is in a call, whatever provider plays it. Pure.

A profile is a TOML file. What is common to all providers stands at the top; a section
named after a provider says what only that one understands, and wins there. Where a
text says `{{name}}`, the variable of that name is put.

ProfileError    the file does not say what a profile may say
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from .toml_model import TomlError, TomlModel

__all__ = [
    "DEFAULT",
    "VARIABLE",
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

VARIABLE = re.compile(r"\{\{\s*(\w{1,80})\s*\}\}")


class ProfileError(Exception):
    """The file does not say what a profile may say; the text names the key."""


def _name(name: str) -> str:
    if not re.fullmatch(NAME, name):
        raise ValueError(
            "the file's name should be letters, digits, - and _, at most 64"
        )
    return name


def _language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", code):
        raise ValueError("input should be like en or pt-BR")
    return code


def _value(value: Any) -> Any:
    """Said here: of a union, pydantic only names the first type."""
    if not isinstance(value, bool | int | float | str):
        raise ValueError("input should be a text, a number, true or false")
    return value


class Voice(TomlModel):
    """How the agent sounds; each provider takes what it knows."""

    id: Word | None = None
    "The provider's name of the voice; where providers differ, see their sections."
    stability: Share | None = None
    similarity: Share | None = None
    speed: Annotated[float, Field(ge=0.25, le=4)] | None = None
    "1 is the voice's own pace."
    style: Share | None = None
    speaker_boost: bool | None = None


class ElevenLabsPart(TomlModel):
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


class OpenAiPart(TomlModel):
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


class LocalPart(TomlModel):
    """What only the embedded agent understands."""

    script: Word | None = None
    "Which of its scripts it follows; `python -m convai.local --help` names them."
    voice: Literal["low", "plain", "high"] = "plain"
    "It has one voice, at three pitches."


class Profile(TomlModel):
    """One agent, as a file describes it. Empty fields leave it to the provider."""

    name: Annotated[str, AfterValidator(_name)]
    "Stable, for settings and requests: the file's name."
    title: Word | None = None
    "For people choosing one."
    speaker: Word | None = None
    "Who speaks, as the agent calls itself; also the variable of that name."
    prompt: Text | None = None
    first_message: Text | None = None
    "What the agent opens with; empty: the caller speaks first."
    bridge: Text = "Sorry, the line was gone for a moment. Where were we?"
    "What an agent says that takes over in the middle of a call."
    language: Annotated[str, AfterValidator(_language)] | None = None
    "As `en` or `pt-BR`."
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    voice: Voice = Voice()
    tools: tuple[Word, ...] = ()
    "Names of tools, or `module:function` of one's own."
    variables: Mapping[str, Annotated[Value, BeforeValidator(_value)]] = Field(
        default_factory=dict
    )
    elevenlabs: ElevenLabsPart = ElevenLabsPart()
    openai: OpenAiPart = OpenAiPart()
    local: LocalPart = LocalPart()

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """The profile that a TOML text describes. Raises ProfileError."""
        try:
            return cls.of(text, name=name)
        except TomlError as error:
            raise ProfileError(f"profile {name}: {error}") from None

    @property
    def shown(self) -> str:
        """For people."""
        return self.title or self.name


def filled(text: str, variables: Mapping[str, Value]) -> str:
    """The text with its variables put in; unknown ones stay as they are."""
    return VARIABLE.sub(lambda it: str(variables.get(it[1], it[0])), text)


DEFAULT = Profile(name="default", title="As the provider has it")
"Changes nothing: the agent is what its provider has made of it."
