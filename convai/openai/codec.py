"""The wire of OpenAI Realtime: messages in, events out. Pure.

The GA protocol over a WebSocket, as in the types of PyPI openai 3.54.0; anything with
an `OpenAI-Beta` header, `response.audio.delta` or flat session fields is the dead beta.

- the session is set up first, and until it is confirmed nothing else is said: what
  speaks earlier speaks as somebody else, and its voice can then no longer be changed;
- sound comes in bursts, and the server does not know what of it was played: an
  interruption is told back in milliseconds of each item (`reply`);
- one response at a time (`floor`); tools are answered together (`calls`);
- words of the caller come late and in any order (`turns`).

Beside AgentProtocolError, `receive` raises AgentRefused or AgentLost when a message
says that the conversation is over, or no good: OpenAI may leave the connection open.
"""

from __future__ import annotations

import binascii
import json
import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

from .. import untrusted
from ..agent import AgentError, AgentLost
from ..brief import Brief
from ..events import Event, Ready, Trouble, Usage
from ..notes import Note
from ..untrusted import Fields
from . import items
from . import usage as openai_usage
from .calls import Calls, calls_of
from .fault import Fault, verdict
from .floor import Floor
from .notes import Notes
from .replies import Replies
from .session import MODEL, RATE, confirmed, settings
from .turns import CallerTurns

__all__ = ["OpenAiCodec"]

_log = logging.getLogger(__name__)

_HOLD_MS = 5000.0
"""Until the greeting is heard, or so long, the caller's audio is thrown away: noise on
the line would be taken for a turn and cancel it before its first word. Nobody has been
spoken to until then; from its first word on it can be interrupted."""
_MS = RATE * 2 // 1000
"Bytes."

Reader: TypeAlias = Callable[[Fields, float], list[Event]]


class OpenAiCodec:
    """One conversation's state on the wire, and nothing but the wire."""

    def __init__(self, brief: Brief, *, model: str = MODEL) -> None:
        """`model`: the one that the connection's address names."""
        self.input_rate = self.output_rate = RATE
        self._brief = brief
        self._model = model
        self._ready = False
        self._conversation = ""
        self._interrupts = True
        "The server cancels its response when the caller speaks."
        self._hold_ms = 0.0
        "What is still to be thrown away of the caller's audio."
        self._typed = False
        "A typed turn interrupts; told with the next message, which has the time."
        self._floor = Floor()
        self._replies = Replies()
        self._turns = CallerTurns(brief.profile.openai.transcription)
        self._calls = Calls()
        self._notes = Notes()
        self._events: list[Event] = []
        "To be given out with the next message."
        self._out: list[Fields] = []
        "To be sent."
        self._sent = 0
        self._readers = self._table()

    @property
    def late_chunks(self) -> int:
        """Pieces of audio that came after their reply was interrupted."""
        return self._replies.late

    # Outgoing.

    def opening(self) -> list[str]:
        session = settings(self._brief, self._model)
        self._out.append({"type": "session.update", "session": session})
        return self._messages()

    def audio(self, pcm: bytes) -> list[str]:
        data = pcm[: len(pcm) & ~1]
        if not data:
            return []
        ms = len(data) / _MS
        if self._hold_ms > 0:
            self._hold_ms -= ms
            data = b""
        due = self._messages() if self._floor.passed(ms) else []
        if not data:
            return due
        # Fifty times a second and call: base64 needs no escaping, so no json.dumps.
        chunk = binascii.b2a_base64(data, newline=False).decode("ascii")
        due.append(f'{{"type":"input_audio_buffer.append","audio":"{chunk}"}}')
        return due

    def cut(self, reply: int, heard_ms: int) -> list[str]:
        told, corrected, running = self._replies.cut(reply, heard_ms)
        if told and running and running == self._floor.active:
            self._cancel()
        self._out += told
        if corrected is not None:
            self._events.append(corrected)
        return self._messages()

    def say(self, text: str) -> list[str]:
        self._typed = True
        self._cancel()
        item_id = self._item_id()
        self._out.append(items.text_item("user", text, item_id))
        self._floor.answering(item_id)
        self._floor.want()
        return self._messages()

    def answer(self, call_id: str, result: str, error: bool) -> list[str]:
        self._answer(call_id, result, error)
        return self._messages()

    def note(self, note: Note) -> list[str]:
        self._out += self._notes.written(note, self._item_id())
        return self._messages()

    def _cancel(self) -> None:
        """End the running response, unless it is about to end."""
        if running := self._floor.cancelled():
            self._out.append(items.cancel(running))

    def _answer(self, call_id: str, result: str, error: bool) -> None:
        known, last = self._calls.answered(call_id)
        if not known:
            return
        item_id = self._item_id()
        self._out.append(items.answered(call_id, result, error, item_id))
        self._floor.answering(item_id)
        if last:
            self._floor.want()

    def _item_id(self) -> str:
        self._sent += 1
        return f"parley_{self._sent}"

    def _messages(self) -> list[str]:
        """What is to be sent now. Errors name the message, which names its type."""
        response = self._floor.next() if self._ready else None
        if response is not None:
            self._out.append(items.create(response))
        messages = []
        for fields in self._out:
            self._sent += 1
            event_id = f"{self._sent}:{fields['type']}"
            messages.append(json.dumps({**fields, "event_id": event_id}))
        self._out.clear()
        return messages

    # Incoming.

    def receive(
        self, message: str | bytes, now: float
    ) -> tuple[list[Event], list[str]]:
        fields = untrusted.parse(message)
        reader = self._readers.get(untrusted.text(fields, "type"))
        if self._typed:
            self._typed = False
            self._events += self._replies.stop_all(now, self._floor.active)
        if reader is not None:
            self._events += reader(fields, now)
        events, self._events = self._events, []
        return events, self._messages()

    def closed(self, code: int | None, reason: str) -> AgentError | None:
        return verdict(code, reason)

    def _created(self, message: Fields, now: float) -> list[Event]:
        session = untrusted.inner(message, "session")
        self._conversation = untrusted.optional_text(session, "id")
        return []

    def _updated(self, message: Fields, now: float) -> list[Event]:
        session = untrusted.inner(message, "session")
        self._interrupts = confirmed(session)
        if self._ready:
            return []
        self._ready = True
        self._open()
        known = self._conversation or untrusted.optional_text(session, "id")
        return [Ready(known, RATE, RATE)]

    def _open(self) -> None:
        """Say what was said before, and have the agent begin."""
        self._out += [items.replayed(turn) for turn in self._brief.history if turn.text]
        first = self._brief.first_message
        if first:
            self._floor.want(items.greeting(first))
        elif first is None and self._brief.prompt:
            self._floor.want()
        else:
            return  # the caller speaks first
        self._hold_ms = _HOLD_MS

    def _speech_started(self, message: Fields, now: float) -> list[Event]:
        events = self._replies.spoken_over(now, self._floor.active)
        if self._interrupts:
            self._floor.cancelled()  # the server has done so by itself
        self._cancel()
        self._floor.caller_speaks()
        return events

    def _speech_stopped(self, message: Fields, now: float) -> list[Event]:
        self._floor.caller_done()
        return []

    def _committed(self, message: Fields, now: float) -> list[Event]:
        self._floor.caller_done()
        return self._turns.committed(message, now)

    def _item_added(self, message: Fields, now: float) -> list[Event]:
        item = untrusted.inner(message, "item")
        self._floor.confirmed(untrusted.optional_text(item, "id"))
        return []

    def _response_created(self, message: Fields, now: float) -> list[Event]:
        response = untrusted.inner(message, "response")
        response_id = untrusted.text(response, "id")
        self._floor.begun(response_id, ours=items.asked_for(response))
        told, events = self._replies.settle()
        self._out += told
        reply = self._replies.of(response_id)
        if self._floor.spoken_over:
            reply.stopped = True
            self._cancel()
            self._floor.want()
        return events + self._turns.settled(now)

    def _item_done(self, message: Fields, now: float) -> list[Event]:
        item = untrusted.inner(message, "item")
        if untrusted.optional_text(item, "type") != "function_call":
            return []
        return self._call(untrusted.text(message, "response_id"), item)

    def _arguments(self, message: Fields, now: float) -> list[Event]:
        if not untrusted.optional_text(message, "name"):
            return []  # it has one in the item
        return self._call(untrusted.text(message, "response_id"), message)

    def _call(self, response_id: str, item: Fields) -> list[Event]:
        whole = untrusted.optional_text(item, "status") != "incomplete"
        call, refused = self._calls.asked(response_id, item, whole=whole)
        if refused:
            why = "the arguments were not JSON" if whole else "it was interrupted"
            self._answer(refused, f"not done: {why}", True)
        return [call] if call else []

    def _sound(self, message: Fields, now: float) -> list[Event]:
        events = self._replies.sound(message, now)
        if events:
            self._hold_ms = 0.0
            self._turns.answered()
        return events

    def _response_done(self, message: Fields, now: float) -> list[Event]:
        response = untrusted.inner(message, "response")
        response_id = untrusted.text(response, "id")
        self._floor.ended(response_id, ours=items.asked_for(response))
        self._hold_ms = 0.0
        events: list[Event] = []
        for item in calls_of(response.get("output")):
            events += self._call(response_id, item)
        told, late = self._replies.ended(response_id)
        self._out += late
        if self._calls.ended(response_id):
            self._floor.want()
        amounts = openai_usage.of_response(response.get("usage"))
        usage: list[Event] = [Usage(amounts, self._model)] if amounts else []
        return events + told + usage + self._outcome(response)

    def _outcome(self, response: Fields) -> list[Event]:
        fault = Fault.of_response(response)
        if fault is None:
            self._floor.succeeded()
            return []
        if ending := fault.fatal():
            raise ending
        if not self._floor.failed():
            # The caller waits, and another agent may do better.
            raise AgentLost(fault.text, code=fault.code)
        return [Trouble(fault.code, fault.text)]

    def _error(self, message: Fields, now: float) -> list[Event]:
        fault = Fault.read(message.get("error"))
        if not self._ready:
            raise fault.at_start()
        if ending := fault.fatal():
            raise ending
        if fault.collision:
            self._floor.collided()
        elif fault.about.endswith(":response.create"):
            self._floor.refused()
            return [Trouble(fault.code, fault.text)]
        elif not fault.harmless:
            # Not its text, which may quote anything.
            _log.warning("OpenAI reports %.80r about %.80r", fault.native, fault.about)
            if fault.native == "server_error":
                return [Trouble(fault.code, fault.text)]
        return []

    def _table(self) -> Mapping[str, Reader]:
        """Who reads what; types that are not here are ignored."""
        recognition = "conversation.item.input_audio_transcription"
        return {
            "session.created": self._created,
            "session.updated": self._updated,
            "input_audio_buffer.speech_started": self._speech_started,
            "input_audio_buffer.speech_stopped": self._speech_stopped,
            "input_audio_buffer.timeout_triggered": self._speech_stopped,
            "input_audio_buffer.committed": self._committed,
            "conversation.item.added": self._item_added,
            f"{recognition}.delta": self._turns.guess,
            f"{recognition}.completed": self._turns.recognised,
            f"{recognition}.failed": self._turns.unrecognised,
            "response.created": self._response_created,
            "response.output_item.added": self._replies.item_added,
            "response.output_item.done": self._item_done,
            "response.function_call_arguments.done": self._arguments,
            "response.output_audio.delta": self._sound,
            "response.output_audio.done": self._replies.sound_done,
            "response.output_audio_transcript.delta": self._replies.words,
            "response.output_audio_transcript.done": self._replies.transcript,
            "response.done": self._response_done,
            "error": self._error,
        }
