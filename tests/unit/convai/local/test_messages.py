from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from convai.local import messages

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "data" / "elevenlabs_messages.json").read_text()
)


@pytest.mark.parametrize(
    "message",
    [
        messages.metadata("conv_1", "pcm_24000", "ulaw_8000"),
        messages.ping(1, None),
        messages.ping(2, 31),
        messages.audio(3, "AAAA"),
        messages.agent_response(3, "Hello."),
        messages.agent_response_correction(3, "Hello there.", "Hello"),
        messages.agent_response_complete(3),
        messages.user_transcript(4, "hello"),
        messages.tentative_user_transcript(4, "hel"),
        messages.interruption(3),
        messages.client_tool_call(3, "call_1", "book", {"day": "monday"}),
        messages.agent_tool_response(3, "end_3", "end_call"),
        messages.queue_status("waiting"),
        messages.error(1008, "override_error", "No."),
    ],
    ids=lambda message: message["type"],
)
def test_every_message_is_as_the_schema_wants_it(message: messages.Message) -> None:
    reference = {"$ref": f"#/$defs/server.{message['type']}", "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(reference).validate(message)


def test_ping_ms_is_there_even_when_unknown() -> None:
    assert messages.ping(1, None)["ping_event"] == {"event_id": 1, "ping_ms": None}


def test_audio_has_no_alignment_rather_than_null() -> None:
    assert set(messages.audio(1, "")["audio_event"]) == {"audio_base_64", "event_id"}
