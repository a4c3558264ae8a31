"""Notes as ElevenLabs takes them. Pure."""

from __future__ import annotations

import json

from ..notes import Approval, Background, Feedback, Note, Typing
from .overrides import only_set

__all__ = ["written"]

_SCORES = {True: "like", False: "dislike", None: None}
"`null` takes an earlier opinion back."


def written(note: Note) -> str:
    """The message that says it."""
    match note:
        case Background(text, topic):
            return json.dumps(
                only_set(type="contextual_update", text=text, context_id=topic or None)
            )
        case Typing():
            return '{"type":"user_activity"}'
        case Feedback(reply, liked):
            return json.dumps(
                {"type": "feedback", "event_id": reply, "score": _SCORES[liked]}
            )
        case Approval(call, approved):
            return json.dumps(
                {
                    "type": "mcp_tool_approval_result",
                    "tool_call_id": call,
                    "is_approved": approved,
                }
            )
