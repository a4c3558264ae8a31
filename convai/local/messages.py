"""What the server says on the wire, one function a message. Pure.

Key names and shapes are those of the ElevenLabs agents protocol. `alignment` is left
out instead of null, and `ping_ms` is always there: the official Python client stumbles
over the opposite of either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = [
    "ALWAYS_SENT",
    "Message",
    "agent_response",
    "agent_response_complete",
    "agent_response_correction",
    "agent_tool_response",
    "audio",
    "client_tool_call",
    "error",
    "interruption",
    "metadata",
    "ping",
    "queue_status",
    "tentative_user_transcript",
    "user_transcript",
]

Message: TypeAlias = dict[str, Any]

ALWAYS_SENT = frozenset({"conversation_initiation_metadata", "error", "queue_status"})
"Types that a client's choice of events does not silence."


def metadata(conversation: str, output: str, input_: str) -> Message:
    return {
        "type": "conversation_initiation_metadata",
        "conversation_initiation_metadata_event": {
            "conversation_id": conversation,
            "agent_output_audio_format": output,
            "user_input_audio_format": input_,
        },
    }


def ping(event: int, round_trip_ms: int | None) -> Message:
    return {
        "type": "ping",
        "ping_event": {"event_id": event, "ping_ms": round_trip_ms},
    }


def audio(reply: int, base64: str) -> Message:
    return {
        "type": "audio",
        "audio_event": {"audio_base_64": base64, "event_id": reply},
    }


def agent_response(reply: int, text: str) -> Message:
    return {
        "type": "agent_response",
        "agent_response_event": {"agent_response": text, "event_id": reply},
    }


def agent_response_correction(reply: int, original: str, corrected: str) -> Message:
    return {
        "type": "agent_response_correction",
        "agent_response_correction_event": {
            "original_agent_response": original,
            "corrected_agent_response": corrected,
            "event_id": reply,
        },
    }


def agent_response_complete(reply: int) -> Message:
    return {
        "type": "agent_response_complete",
        "agent_response_complete_event": {"event_id": reply},
    }


def user_transcript(turn: int, text: str) -> Message:
    return {
        "type": "user_transcript",
        "user_transcription_event": {"user_transcript": text, "event_id": turn},
    }


def tentative_user_transcript(turn: int, text: str) -> Message:
    return {
        "type": "tentative_user_transcript",
        "tentative_user_transcription_event": {
            "user_transcript": text,
            "event_id": turn,
        },
    }


def interruption(reply: int) -> Message:
    return {"type": "interruption", "interruption_event": {"event_id": reply}}


def client_tool_call(
    reply: int, call: str, name: str, parameters: Mapping[str, Any]
) -> Message:
    return {
        "type": "client_tool_call",
        "client_tool_call": {
            "tool_name": name,
            "tool_call_id": call,
            "parameters": dict(parameters),
            "event_id": reply,
        },
    }


def agent_tool_response(reply: int, call: str, name: str) -> Message:
    """A tool of the system itself, such as `end_call`, was used."""
    return {
        "type": "agent_tool_response",
        "agent_tool_response": {
            "tool_name": name,
            "tool_call_id": call,
            "tool_type": "system",
            "is_error": False,
            "is_called": True,
            "event_id": reply,
        },
    }


def queue_status(status: str) -> Message:
    return {"type": "queue_status", "queue_status_event": {"status": status}}


def error(code: int, kind: str, message: str) -> Message:
    """`code` is the close code that follows, `kind` one of the protocol's types."""
    return {
        "type": "error",
        "error_event": {
            "code": code,
            "message": message,
            "error_type": kind,
            "reason": message,
        },
    }
