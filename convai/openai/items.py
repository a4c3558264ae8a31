"""What is said to OpenAI Realtime in the course of a conversation, as its messages.

They have no `event_id` yet: `OpenAiCodec` numbers what it sends.
"""

from __future__ import annotations

import json

from ..brief import Utterance
from ..untrusted import Fields

__all__ = [
    "ANSWER",
    "GREETING",
    "answered",
    "asked_for",
    "cancel",
    "create",
    "delete",
    "greeting",
    "replayed",
    "text_item",
    "truncate",
]

GREETING = "greeting"
ANSWER = "answer"
"Kinds of responses that are asked for from here; those of the server's have none."


def text_item(role: str, text: str, item_id: str) -> Fields:
    """Words of `user` or `system`."""
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": role, "id": item_id, "content": content}
    return {"type": "conversation.item.create", "item": item}


def replayed(utterance: Utterance) -> Fields:
    """A turn of an earlier conversation. Audio of an assistant cannot be created."""
    caller = utterance.who == "caller"
    kind = "input_text" if caller else "output_text"
    item = {
        "type": "message",
        "role": "user" if caller else "assistant",
        "content": [{"type": kind, "text": utterance.text}],
    }
    return {"type": "conversation.item.create", "item": item}


def answered(call_id: str, result: str, error: bool, item_id: str) -> Fields:
    """The result of a tool; there is no field that says that it failed."""
    output = json.dumps({"error": result}) if error else result
    item = {
        "type": "function_call_output",
        "id": item_id,
        "call_id": call_id,
        "output": output,
    }
    return {"type": "conversation.item.create", "item": item}


def greeting(text: str) -> Fields:
    """The response that says just that.

    Its instructions stand in place of the session's: the persona is gone for this one
    response, and with it the wish to add something.
    """
    return {
        "instructions": f"Say exactly the following and nothing else: {text}",
        "tool_choice": "none",
        "metadata": {"kind": GREETING},
    }


def asked_for(response: Fields) -> bool:
    """Whether it was asked for from here; those of the server have no metadata."""
    metadata = response.get("metadata")
    kind = metadata.get("kind") if isinstance(metadata, dict) else None
    return kind in (GREETING, ANSWER)


def create(response: Fields) -> Fields:
    return {"type": "response.create", "response": response}


def cancel(response_id: str) -> Fields:
    return {"type": "response.cancel", "response_id": response_id}


def truncate(item_id: str, heard_ms: int) -> Fields:
    return {
        "type": "conversation.item.truncate",
        "item_id": item_id,
        "content_index": 0,
        "audio_end_ms": heard_ms,
    }


def delete(item_id: str) -> Fields:
    return {"type": "conversation.item.delete", "item_id": item_id}
