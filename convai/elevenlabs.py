"""The wire of ElevenLabs Agents: messages in, events out.

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
import re
from collections.abc import Callable, Mapping
from typing import ClassVar, TypeAlias

from . import ulaw, untrusted
from .agent import AgentError, AgentProtocolError
from .elevenlabs_fault import Fault, verdict
from .elevenlabs_overrides import Overrides, only_set
from .events import (
    Corrected,
    Ended,
    Event,
    Interrupted,
    Queued,
    Ready,
    ReplyDone,
    Said,
    Speech,
    ToolCall,
    Trouble,
)
from .notes import Note
from .untrusted import Fields

__all__ = ["ElevenLabsCodec"]

_log = logging.getLogger(__name__)

_FORMATS = {f"pcm_{hz}": hz for hz in (8000, 16000, 22050, 24000, 44100, 48000)}
_ULAW = "ulaw_8000"
_RATES = _FORMATS | {_ULAW: 8000}
"Hz of each `AudioFormat` of the provider's types."

_BEFORE_ANY = -(2**53)
"Smaller than every reply's number."
_LONGEST_TEXT = 64 * 1024
"Characters of one reply put together from parts: an hour of speech; a bound."
_MOST_UNANSWERED = 256
"Tool calls remembered as wanting no answer; conversations have a handful."


Reader: TypeAlias = Callable[["ElevenLabsCodec", Fields], list[Event]]


class ElevenLabsCodec:
    """One conversation's state on the wire, and nothing but the wire."""

    def __init__(
        self,
        *,
        overrides: Overrides | None = None,
        source: str = "parley",
        version: str | None = None,
    ) -> None:
        self.input_rate = self.output_rate = 16000  # the provider's default
        self.late_chunks = 0
        "Pieces of audio that came after their reply was interrupted."
        self._overrides = overrides or Overrides()
        self._source = only_set(source=source, version=version)
        self._formats: tuple[str, str] | None = None
        "(input, output) as the metadata named them."
        self._newest = self._interrupted = self._done = _BEFORE_ANY
        "Replies: newest heard, newest interrupted, last one announced as done."
        self._half = (_BEFORE_ANY, b"")
        "Reply and first byte of a sample whose second byte has not come yet."
        self._part = self._final = (_BEFORE_ANY, "")
        "Reply and words: put together so far; last given out as final."
        self._unanswered: dict[str, None] = {}
        self._fault: Fault | None = None
        self._ended = False

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
        data = pcm[: len(pcm) & ~1]
        if self._formats and self._formats[0] == _ULAW:
            data = ulaw.encode(data)
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
        if call_id in self._unanswered:
            del self._unanswered[call_id]
            return []
        message = {
            "type": "client_tool_result",
            "tool_call_id": call_id,
            "result": result,
            "is_error": error,
        }
        return [json.dumps(message)]

    def note(self, note: Note) -> list[str]:
        return []

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
        reader = self._readers.get(kind)
        return (reader(self, fields) if reader else []), []

    def closed(self, code: int | None, reason: str) -> AgentError | None:
        if self._ended:
            return None  # it said goodbye; how it then closed the door does not matter
        return verdict(self._fault, code, reason)

    def _metadata(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "conversation_initiation_metadata_event")
        conversation = untrusted.text(event, "conversation_id")
        heard = untrusted.text(event, "user_input_audio_format")
        spoken = untrusted.text(event, "agent_output_audio_format")
        if heard not in _RATES or spoken not in _RATES:
            raise AgentProtocolError("the metadata names an unknown audio format")
        if self._formats is not None:
            # It comes once. A repetition does no harm; other formats would, since the
            # call was built for the first ones.
            if self._formats != (heard, spoken):
                raise AgentProtocolError("the audio formats changed during the call")
            return []
        self._formats = heard, spoken
        self.input_rate, self.output_rate = _RATES[heard], _RATES[spoken]
        return [Ready(conversation, self.input_rate, self.output_rate)]

    def _audio(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "audio_event")
        reply = untrusted.whole(event, "event_id")
        final = untrusted.flag(event, "is_final", default=False)
        if final and event.get("audio_base_64") is None:
            data = b""
        else:
            data = _from_base64(untrusted.text(event, "audio_base_64"))
        if reply <= self._interrupted or self._formats is None:
            # Without metadata nobody knows what the bytes mean (a queue's hold music).
            self.late_chunks += 1
            _log.debug("dropped %d bytes of reply %d", len(data), reply)
            return []
        self._newest = max(self._newest, reply)
        pcm = self._whole_samples(reply, data)
        events: list[Event] = [Speech(reply, pcm)] if pcm else []
        return events + (self._reply_done(reply) if final or not data else [])

    def _turn(self, event: Fields) -> int:
        """The turn that an event is about.

        Some services that speak this wire leave its number out (so did ElevenLabs'
        documentation in places): then it is about what is being spoken.
        """
        if event.get("event_id") is None:
            return max(self._newest, 0)
        return untrusted.whole(event, "event_id")

    def _whole_samples(self, reply: int, data: bytes) -> bytes:
        assert self._formats is not None
        if self._formats[1] == _ULAW:
            return ulaw.decode(data)
        if self._half[0] == reply:
            data = self._half[1] + data
        whole = len(data) & ~1
        self._half = reply, data[whole:]
        return data[:whole]

    def _reply_done(self, reply: int) -> list[Event]:
        """Said once; `is_final` and `agent_response_complete` both say it."""
        if reply <= self._interrupted or reply == self._done:
            return []
        self._done = reply
        return [ReplyDone(reply)]

    def _response_complete(self, message: Fields) -> list[Event]:
        event = untrusted.optional_inner(message, "agent_response_complete_event")
        return self._reply_done(self._turn(event))

    def _interruption(self, message: Fields) -> list[Event]:
        event = untrusted.optional_inner(message, "interruption_event")
        newest = self._newest
        upto = newest if event.get("event_id") is None else self._turn(event)
        if upto <= self._interrupted:
            return []  # nothing of it can be queued any more
        # Caller's turns share the numbers, so N may be above every reply: name ours.
        meant = newest if self._interrupted < newest < upto else upto
        self._interrupted = upto
        return [Interrupted(meant)]

    def _response(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "agent_response_event")
        reply = self._turn(event)
        if event.get("event_id") is None and reply == self._final[0]:
            # The newest has its text: this is the next, ahead of its voice.
            reply = min(reply + 1, untrusted.LARGEST)
        return self._finally(reply, untrusted.text(event, "agent_response"))

    def _finally(self, reply: int, text: str) -> list[Event]:
        if self._final == (reply, text):
            return []
        self._final = reply, text
        return [Said("agent", text, True, reply)]

    def _response_part(self, message: Fields) -> list[Event]:
        part = untrusted.inner(message, "text_response_part")
        reply, words = _number(part), untrusted.text(part, "text")
        stage = untrusted.text(part, "type")
        if reply is None or reply == self._final[0]:
            return []  # the whole text is the better one and has already come
        begun = self._part[1] if self._part[0] == reply and stage != "start" else ""
        self._part = reply, (begun + words)[:_LONGEST_TEXT]
        if stage == "stop":
            return self._finally(*self._part) if self._part[1] else []
        return [Said("agent", self._part[1], False, reply)] if words else []

    def _correction(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "agent_response_correction_event")
        reply = self._turn(event)
        return [Corrected(reply, untrusted.text(event, "corrected_agent_response"))]

    def _transcript(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "user_transcription_event")
        return [Said("caller", untrusted.text(event, "user_transcript"), True)]

    def _tentative(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "tentative_user_transcription_event")
        return [Said("caller", untrusted.text(event, "user_transcript"), False)]

    def _tool_call(self, message: Fields) -> list[Event]:
        call = untrusted.inner(message, "client_tool_call")
        call_id = untrusted.text(call, "tool_call_id")
        arguments = untrusted.plain(untrusted.optional_inner(call, "parameters"))
        if not untrusted.flag(call, "expects_response", default=True):
            self._unanswered[call_id] = None
            if len(self._unanswered) > _MOST_UNANSWERED:
                del self._unanswered[next(iter(self._unanswered))]
        return [ToolCall(call_id, untrusted.text(call, "tool_name"), arguments)]

    def _tool_response(self, message: Fields) -> list[Event]:
        """Tools of the provider's own; `end_call` is how the agent hangs up."""
        result = untrusted.inner(message, untrusted.text(message, "type"))
        failed = untrusted.flag(result, "is_error", default=False)
        called = untrusted.flag(result, "is_called", default=True)
        name = untrusted.text(result, "tool_name")
        if name != "end_call" or failed or not called or self._ended:
            return []
        self._ended = True
        return [Ended("agent-ended")]

    def _queue(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "queue_status_event")
        return [Queued(untrusted.text(event, "status"))]

    def _error(self, message: Fields) -> list[Event]:
        self._fault = fault = Fault.read(message)
        return [Trouble(fault.code, fault.text or "the agent reported an error")]

    _readers: ClassVar[Mapping[str, Reader]] = {
        "conversation_initiation_metadata": _metadata,
        "audio": _audio,
        "agent_response_complete": _response_complete,
        "interruption": _interruption,
        "agent_response": _response,
        "agent_chat_response_part": _response_part,
        "agent_response_correction": _correction,
        "user_transcript": _transcript,
        "tentative_user_transcript": _tentative,
        "client_tool_call": _tool_call,
        "agent_tool_response": _tool_response,
        "agent_tool_response_full_payload": _tool_response,
        "queue_status": _queue,
        "error": _error,
        "client_error": _error,
    }


def _from_base64(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:  # binascii.Error, or letters beyond ASCII
        raise AgentProtocolError("audio is not base64") from None


def _number(part: Fields) -> int | None:
    """The reply of a text part: a number, or text (the documentation has both)."""
    event_id = part.get("event_id")
    if not isinstance(event_id, str):
        return untrusted.whole(part, "event_id")
    return int(event_id) if re.fullmatch(r"[0-9]{1,15}", event_id) else None
