"""Page: what the page may ask of a call, read from its messages. Pure.

    {"type": "text.input", "text"}                  a typed turn
    {"type": "conversation.interrupt"}              stop the agent's voice
    {"type": "tool.result", "id", "result"[, "error"]}
    {"type": "tool.approve", "id", "approved"}      answers `tool.approval`
    {"type": "typing"}                              the person is writing
    {"type": "feedback", "reply", "liked"}          true, false, or null to take it back
    {"type": "recording.pause"}                     keep nothing of what is said
    {"type": "recording.resume"}                    ... until now

Other messages, and these with other fields, are for newer servers: None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from convai.notes import Approval, Feedback, Note, Typing

__all__ = ["Interrupt", "Record", "Request", "ToolResult", "Typed", "read"]


@dataclass(frozen=True, slots=True)
class Typed:
    text: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """The agent is to be silent now."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    call: str
    result: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """The recording is to go on, or to pause."""

    on: bool


Request: TypeAlias = Typed | Interrupt | ToolResult | Record | Note


def read(message: Mapping[str, Any]) -> Request | None:
    """What a message asks for; None when nobody here understands it."""
    match message:
        case {"type": "text.input", "text": str(text)} if text.strip():
            return Typed(text.strip())
        case {"type": "conversation.interrupt"}:
            return Interrupt()
        case {"type": "tool.result", "id": str(call), "result": str(result)}:
            return ToolResult(call, result, message.get("error") is True)
        case {"type": "tool.approve", "id": str(call), "approved": bool(approved)}:
            return Approval(call, approved)
        case {"type": "recording.pause"}:
            return Record(False)
        case {"type": "recording.resume"}:
            return Record(True)
        case {"type": "typing"}:
            return Typing()
        case {"type": "feedback", "reply": int(reply), "liked": bool() | None as liked}:
            return None if isinstance(reply, bool) else Feedback(reply, liked)
    return None
