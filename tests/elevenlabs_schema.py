"""The published schema of ElevenLabs' messages: checks them, and makes them up."""

from __future__ import annotations

from typing import Any

from tests import message_schema

__all__ = [
    "LOST",
    "REFUSED",
    "SERVER",
    "Maker",
    "check_client",
    "check_server",
    "payload_key",
]

_MESSAGES = message_schema.Messages("elevenlabs_messages.json")

SERVER = _MESSAGES.server

REFUSED = {
    "invalid_message", "telephony_agent_error", "mcp_tool_error", "mcp_https_error",
    "value_error", "missing_fields", "override_error", "missing_dynamic_variable",
    "missing_dynamic_variable_transfer", "safety_violation",
}  # fmt: skip
"Types of errors that will come again if the same is tried again."

LOST = set(_MESSAGES.defs["Error"]["x-error-types"])
LOST -= REFUSED | {"max_duration_exceeded"}
"All others, but for the one that is a good end."

check_server = _MESSAGES.check_server


def check_client(message: dict[str, Any]) -> None:
    """Raises jsonschema.ValidationError unless a client may send this."""
    _MESSAGES.check_client(message.get("type", "user_audio_chunk"), message)


def payload_key(kind: str) -> str | None:
    """The key under which a server message carries its payload, None for flat ones."""
    properties = _MESSAGES.defs[f"server.{kind}"]["properties"]
    keys = [key for key in properties if key != "type"]
    return keys[0] if keys else None


class Maker(message_schema.Maker):
    messages = _MESSAGES
