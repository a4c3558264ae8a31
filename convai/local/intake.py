"""What clients send, read and checked. Pure.

    Refusal       the client's fault: told to it as an `error`, then the close code

`read` accepts anything at all and either gives a message or raises Refusal; unknown
types are `Ignored`, since newer clients know more of them.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .style import PITCHES, PLAIN, Style

__all__ = [
    "BACKGROUND_LIMIT",
    "TEXT_LIMIT",
    "Active",
    "CallerAudio",
    "Context",
    "FromClient",
    "Ignored",
    "Opening",
    "Pong",
    "Refusal",
    "ToolResult",
    "Typed",
    "read",
]

TEXT_LIMIT = 4_000
"Characters of a typed turn or a first message that are kept: minutes of speech."

BACKGROUND_LIMIT = 24_000
"Characters of what was said before: half an hour of talk, lived through in 40 ms."

SPEEDS = (0.7, 5.0)
"What the protocol allows; the voice here follows between 0.7 and 2."


class Refusal(Exception):
    """The client sent what its conversation cannot go on with."""

    def __init__(self, kind: str, message: str, code: int = 1008) -> None:
        super().__init__(message)
        self.kind = kind
        "An error type of the protocol."
        self.code = code
        "The WebSocket close code."


@dataclass(frozen=True, slots=True)
class Opening:
    """How this conversation is to differ from the configured one."""

    first_message: str | None = None
    "None: the script's own; empty: the caller begins."
    style: Style = PLAIN
    text_only: bool = False
    events: frozenset[str] | None = None
    "Types that the client wants; None wants all."
    overridden: tuple[str, ...] = ()
    "Names of all fields that were set, in order."
    variables: Mapping[str, Any] = field(default_factory=dict)

    def check(self, allowed: frozenset[str] | None) -> None:
        """Raise Refusal unless every override is allowed; None allows all."""
        for name in self.overridden:
            if allowed is not None and name not in allowed:
                raise Refusal(
                    "override_error",
                    f"Override for field '{name}' is not allowed by config.",
                )


@dataclass(frozen=True, slots=True)
class CallerAudio:
    data: bytes = field(repr=False)
    "In the format of the metadata."


@dataclass(frozen=True, slots=True)
class Pong:
    event: int


@dataclass(frozen=True, slots=True)
class Typed:
    text: str


@dataclass(frozen=True, slots=True)
class Active:
    """The caller is busy."""


@dataclass(frozen=True, slots=True)
class Context:
    """Something to know; under the topic `history`, what was said before."""

    text: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    call: str
    result: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    type: str


FromClient: TypeAlias = (
    Opening | CallerAudio | Pong | Typed | Active | Context | ToolResult | Ignored
)


def read(frame: str) -> FromClient:
    """One text frame. Raises Refusal, and nothing else, whatever is in it."""
    message = _object(frame)
    kind = message.get("type")
    if kind is None and "user_audio_chunk" in message:
        return _audio(message["user_audio_chunk"])
    match kind:
        case "conversation_initiation_client_data":
            return _opening(message)
        case "pong":
            return Pong(_whole(message, "event_id"))
        case "user_message":
            return Typed(_text(message, "text", ""))
        case "multimodal_message":
            inner = message.get("text")
            return Typed(_text(inner, "text", "") if isinstance(inner, dict) else "")
        case "user_activity":
            return Active()
        case "contextual_update":
            return Context(_background(message), _text(message, "context_id", ""))
        case "client_tool_result":
            return ToolResult(
                _text(message, "tool_call_id"),
                _text(message, "result"),
                message.get("is_error") is True,
            )
        case str():
            return Ignored(kind[:80])
        case _:
            raise _invalid("a message needs a type")


def _object(frame: str) -> dict[str, Any]:
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        # RecursionError: nested deeper than Python's stack, nothing of ours is
        raise _invalid("not JSON") from None
    if not isinstance(message, dict):
        raise _invalid("not a JSON object")
    return message


def _audio(chunk: object) -> CallerAudio:
    if not isinstance(chunk, str):
        raise _invalid("user_audio_chunk must be a string")
    try:
        return CallerAudio(base64.b64decode(chunk, validate=True))
    except (binascii.Error, ValueError):
        raise _invalid("user_audio_chunk is not base64") from None


def _opening(message: dict[str, Any]) -> Opening:
    override = _inner(message, "conversation_config_override")
    variables = _inner(message, "dynamic_variables")
    agent, tts, talk = (
        _inner(override, name) for name in ("agent", "tts", "conversation")
    )
    speed = tts.get("speed")
    if speed is not None and not _is_speed(speed):
        raise _invalid("speed must be a number from 0.7 to 5")
    first = _text(agent, "first_message", "") if "first_message" in agent else None
    return Opening(
        first_message=_filled(first, variables) if _is_set(agent) else None,
        style=Style(
            speed=min(float(speed), 2.0) if speed is not None else 1.0,
            pitch=PITCHES.get(_text(tts, "voice_id", ""), 1.0),
        ),
        # The official Python client writes text_only one level too high.
        text_only=True in (talk.get("text_only"), override.get("text_only")),
        events=_events(talk.get("client_events")),
        overridden=tuple(_set_fields(override)),
        variables=variables,
    )


def _is_set(agent: dict[str, Any]) -> bool:
    return agent.get("first_message") is not None


def _is_speed(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low, high = SPEEDS
    return math.isfinite(value) and low <= value <= high


def _events(names: object) -> frozenset[str] | None:
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _invalid("client_events must be a list of names")
    return frozenset(names)


def _set_fields(override: dict[str, Any]) -> list[str]:
    """The leaves that have a value; null is the same as left out."""
    fields: list[str] = []
    for part in ("agent", "tts", "asr", "turn", "conversation"):
        values = _inner(override, part)
        values = {**values, **_inner(values, "prompt")}
        fields.extend(
            name
            for name, value in values.items()
            if value is not None and not isinstance(value, dict)
        )
    return fields


def _filled(text: str | None, variables: Mapping[str, Any]) -> str | None:
    """`{{name}}` replaced by the client's dynamic variables."""
    if text is None:
        return None

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in variables:
            raise Refusal(
                "missing_dynamic_variable",
                f"Missing required dynamic variables: {name}",
            )
        return str(variables[name])[:TEXT_LIMIT]

    return re.sub(r"\{\{\s*(\w{1,80})\s*\}\}", value, text)[:TEXT_LIMIT]


def _inner(message: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid(f"{key} must be an object")
    return value


def _text(message: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = message.get(key)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise _invalid(f"{key} must be a string")
    # A lone surrogate is valid JSON, but cannot be sent, logged or spoken.
    return value[:TEXT_LIMIT].encode("utf-8", "replace").decode()


def _background(message: Mapping[str, Any]) -> str:
    """The end of it, if it is long: what was said last counts most."""
    value = message.get("text")
    if not isinstance(value, str):
        raise _invalid("text must be a string")
    return value[-BACKGROUND_LIMIT:].encode("utf-8", "replace").decode()


def _whole(message: Mapping[str, Any], key: str) -> int:
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _invalid(f"{key} must be an integer")
    return value


def _invalid(message: str) -> Refusal:
    return Refusal("invalid_message", f"Invalid message received: {message}")
