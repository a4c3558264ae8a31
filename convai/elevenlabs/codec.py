"""The wire of ElevenLabs Agents: messages in, events out. Pure.

The provider's protocol, as published in its AsyncAPI and the types of its clients
(@elevenlabs/types 0.23.0, PyPI elevenlabs 2.78.0):

- every message is a JSON text frame with a `type`; the one exception is the caller's
  audio. Types and keys not known here are ignored, as the official clients do;
- the formats of the audio, both ways, stand in the metadata that comes once and first;
- one `event_id` names one turn of the agent. Here it is the number of the reply;
- audio comes as fast as it is made. After `interruption` with id N everything up to N
  is out of date, also what is still on its way;
- the client cannot interrupt, end a turn or hang up other than by closing.
"""

from __future__ import annotations

import binascii
import json
import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from .. import untrusted
from ..agent import AgentError, AgentProtocolError
from ..events import Corrected, Event, Queued, Ready, Said, Trouble
from ..notes import Background, Note
from ..untrusted import Fields
from .fault import QUEUE_TIMED_OUT, Fault, verdict
from .notes import written
from .overrides import Overrides, only_set
from .scores import Scores
from .sound import Formats, Sound
from .tools import Tools
from .words import Words

__all__ = ["ElevenLabsCodec"]

_log = logging.getLogger(__name__)

Reader: TypeAlias = Callable[[Fields], list[Event]]

_STORY = "history"
"Topic of what was said before this conversation."


class ElevenLabsCodec:
    """One conversation's state on the wire, and nothing but the wire."""

    def __init__(
        self,
        *,
        overrides: Overrides | None = None,
        story: str = "",
        source: str = "parley",
        version: str | None = None,
    ) -> None:
        """`story`: what the agent must know of an earlier part of the talk."""
        self.input_rate = self.output_rate = 16000  # the provider's default
        self._overrides = overrides or Overrides()
        self._story = story
        self._source = only_set(source=source, version=version)
        self._sound = Sound()
        self._words = Words()
        self._tools = Tools()
        self._scores = Scores()
        self._fault: Fault | None = None
        self._readers = self._table()

    @property
    def late_chunks(self) -> int:
        """Pieces of audio that came after their reply was interrupted."""
        return self._sound.late_chunks

    # Outgoing.

    def opening(self) -> list[str]:
        # Always sent: agents were seen to skip their first message without it.
        message = only_set(
            type="conversation_initiation_client_data",
            conversation_config_override=self._overrides.config() or None,
            dynamic_variables=dict(self._overrides.dynamic_variables) or None,
            user_id=self._overrides.user_id,
            source_info=self._source,
        )
        return [json.dumps(message)]

    def audio(self, pcm: bytes) -> list[str]:
        formats = self._sound.formats
        data = formats.to_wire(pcm) if formats else pcm[: len(pcm) & ~1]
        if not data:
            return []
        # Fifty times a second and call: base64 needs no escaping, so no json.dumps.
        chunk = binascii.b2a_base64(data, newline=False).decode("ascii")
        return [f'{{"user_audio_chunk":"{chunk}"}}']

    def cut(self, reply: int, heard_ms: int) -> list[str]:
        # ElevenLabs has no message for it: it cuts its own text where it believes the
        # caller stopped listening, assuming that audio is played in real time.
        return []

    def say(self, text: str) -> list[str]:
        return [json.dumps({"type": "user_message", "text": text})]

    def answer(self, call_id: str, result: str, error: bool) -> list[str]:
        return self._tools.answer(call_id, result, error)

    def note(self, note: Note) -> list[str]:
        return [written(note)]

    # Incoming.

    def receive(
        self, message: str | bytes, now: float
    ) -> tuple[list[Event], list[str]]:
        fields = untrusted.parse(message)
        kind = untrusted.text(fields, "type")
        if kind == "ping":
            # `ping_ms` is what the provider measured, not a time to wait: answer now.
            event_id = untrusted.whole(
                untrusted.inner(fields, "ping_event"), "event_id"
            )
            return [], [f'{{"type":"pong","event_id":{event_id}}}']
        if kind == "conversation_initiation_metadata":
            return self._metadata(fields)
        if kind == "vad_score":
            return self._scores.take(fields, now), []
        reader = self._readers.get(kind)
        return (reader(fields) if reader else []), []

    def _table(self) -> Mapping[str, Reader]:
        """Who reads what; types that are not here are ignored."""
        return {
            "audio": self._sound.audio,
            "agent_response_complete": self._sound.complete,
            "interruption": self._sound.interruption,
            "agent_response": self._response,
            "agent_chat_response_part": self._words.part,
            "agent_response_correction": self._correction,
            "user_transcript": self._transcript,
            "tentative_user_transcript": self._tentative,
            "client_tool_call": self._tools.call,
            "agent_tool_response": self._tools.response,
            "agent_tool_response_full_payload": self._tools.response,
            "mcp_tool_call": self._tools.mcp,
            "mcp_connection_status": self._tools.connections,
            "guardrail_triggered": self._guardrail,
            "queue_status": self._queue,
            "error": self._error,
            "client_error": self._error,
        }

    def closed(self, code: int | None, reason: str) -> AgentError | None:
        if self._tools.ended:
            return None  # it said goodbye; how it then closed the door does not matter
        return verdict(self._fault, code, reason)

    def _metadata(self, message: Fields) -> tuple[list[Event], list[str]]:
        event = untrusted.inner(message, "conversation_initiation_metadata_event")
        conversation = untrusted.text(event, "conversation_id")
        formats = Formats.read(event)
        if self._sound.formats is not None:
            # It comes once. A repetition does no harm; other formats would, since the
            # call was built for the first ones.
            if self._sound.formats != formats:
                raise AgentProtocolError("the audio formats changed during the call")
            return [], []
        self._sound.formats = formats
        self.input_rate, self.output_rate = formats.rates
        told = [written(Background(self._story, _STORY))] if self._story else []
        return [Ready(conversation, *formats.rates)], told

    def _response(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "agent_response_event")
        return self._words.whole(event, self._sound.turn(event))

    def _correction(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "agent_response_correction_event")
        reply = self._sound.turn(event)
        return [Corrected(reply, untrusted.text(event, "corrected_agent_response"))]

    def _transcript(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "user_transcription_event")
        return [Said("caller", untrusted.text(event, "user_transcript"), True)]

    def _tentative(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "tentative_user_transcription_event")
        return [Said("caller", untrusted.text(event, "user_transcript"), False)]

    def _guardrail(self, message: Fields) -> list[Event]:
        event = message.get("guardrail_triggered_event")
        fields = event if isinstance(event, dict) else {}
        named = untrusted.optional_text(fields, "guardrail_name")
        _log.warning("the agent's guardrail %.80r was triggered", named)
        return []

    def _queue(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "queue_status_event")
        status = untrusted.text(event, "status")
        if status == "timed_out":
            self._fault = QUEUE_TIMED_OUT
        return [Queued(status)]

    def _error(self, message: Fields) -> list[Event]:
        self._fault = fault = Fault.read(message)
        return [Trouble(fault.code, fault.text or "the agent reported an error")]
