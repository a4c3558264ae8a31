"""Events as JSON: what the page and `events.jsonl` get to see. Pure."""

from __future__ import annotations

from typing import Any

from .events import (
    ApprovalAsked,
    Corrected,
    Cut,
    Ended,
    Event,
    Handover,
    MeetingFound,
    Queued,
    Ready,
    RecordingState,
    ReplyBegun,
    Said,
    Stats,
    Talking,
    ToolCall,
    ToolDone,
    Trouble,
    Usage,
    VoiceScore,
)

__all__ = ["to_json"]


def to_json(event: Event) -> dict[str, Any] | None:  # noqa: C901, a table
    """The event as the page and `events.jsonl` see it; None for what stays inside.

    Audio stays inside, and so do `Interrupted` (the call answers it at once with
    `Cut`) and `ReplyDone` (the end of sound is a `Talking`).
    """
    match event:
        case Ready(conversation, input_rate, output_rate):
            return {
                "type": "conversation.started",
                "conversation": conversation,
                "input_rate": input_rate,
                "output_rate": output_rate,
            }
        case Said("caller", text, final, _, typed):
            words = {"type": "transcript.user", "text": text, "final": final}
            return {**words, "typed": True} if typed else words
        case Said("agent", text, final, reply):
            return {
                "type": "transcript.agent",
                "text": text,
                "final": final,
                "reply": reply,
            }
        case Corrected(reply, text):
            return {"type": "transcript.corrected", "reply": reply, "text": text}
        case Talking(who, on, ago_ms):
            talking = {"type": "talking", "who": who, "on": on}
            return {**talking, "ago_ms": ago_ms} if ago_ms else talking
        case ReplyBegun(reply):
            return {"type": "reply.begun", "reply": reply}
        case Cut(reply, heard_ms):
            return {
                "type": "conversation.interrupted",
                "reply": reply,
                "heard_ms": heard_ms,
            }
        case ToolCall(call_id, name, arguments, ours):
            return {
                "type": "tool.called",
                "id": call_id,
                "name": name,
                "arguments": dict(arguments),
                "server": ours,
            }
        case ToolDone(call_id, name, result, failed):
            return {
                "type": "tool.done",
                "id": call_id,
                "name": name,
                "result": result,
                "failed": failed,
            }
        case ApprovalAsked(call_id, name, description, arguments, limit_s):
            return {
                "type": "tool.approval",
                "id": call_id,
                "name": name,
                "description": description,
                "arguments": dict(arguments),
                "limit_s": limit_s,
            }
        case Usage(amounts, model):
            return {"type": "usage", "amounts": dict(amounts), "model": model}
        case VoiceScore(score):
            return {"type": "voice.score", "score": score}
        case Handover(agent, previous, why, conversation):
            return {
                "type": "agent.changed",
                "agent": agent,
                "previous": previous,
                "why": why,
                "conversation": conversation,
            }
        case MeetingFound(meeting):
            return {"type": "meeting.detected", "meeting": dict(meeting)}
        case Queued(status):
            return {"type": "conversation.queued", "status": status}
        case Stats(figures, final):
            stats = {"type": "call.stats", **figures}
            return {**stats, "final": True} if final else stats
        case RecordingState(state, by):
            return {"type": "recording.state", "state": state, "by": by}
        case Trouble(code, message):
            return {"type": "error", "code": code, "message": message}
        case Ended(reason):
            return {"type": "conversation.ended", "reason": reason}
        case _:
            return None
