"""The agent's voice on ElevenLabs' wire: which bytes are to be heard. Pure."""

from __future__ import annotations

import logging
from typing import NamedTuple

from .. import ulaw, untrusted
from ..agent import AgentProtocolError
from ..events import Event, Interrupted, ReplyDone, Speech
from ..untrusted import Fields

__all__ = ["BEFORE_ANY", "Formats", "Sound"]

_log = logging.getLogger(__name__)

_ULAW = "ulaw_8000"
_RATES = {f"pcm_{hz}": hz for hz in (8000, 16000, 22050, 24000, 44100, 48000)} | {
    _ULAW: 8000
}
"Hz of each `AudioFormat` of the provider's types."

BEFORE_ANY = -(2**53)
"Smaller than every reply's number."


class Formats(NamedTuple):
    """Of the audio, as the metadata names them."""

    heard: str
    spoken: str

    @classmethod
    def read(cls, event: Fields) -> Formats:
        heard = untrusted.text(event, "user_input_audio_format")
        spoken = untrusted.text(event, "agent_output_audio_format")
        if heard not in _RATES or spoken not in _RATES:
            raise AgentProtocolError("the metadata names an unknown audio format")
        return cls(heard, spoken)

    @property
    def rates(self) -> tuple[int, int]:
        """Hz: heard, spoken."""
        return _RATES[self.heard], _RATES[self.spoken]

    def to_wire(self, pcm: bytes) -> bytes:
        """Caller's whole samples as the agent hears them."""
        data = pcm[: len(pcm) & ~1]
        return ulaw.encode(data) if self.heard == _ULAW else data


class Sound:
    """What of the agent's audio is still wanted, turn by turn."""

    def __init__(self) -> None:
        self.formats: Formats | None = None
        self.late_chunks = 0
        "Pieces of audio that came after their reply was interrupted."
        self.newest = BEFORE_ANY
        "Of the replies that were heard."
        self._interrupted = self._done = self._dropping = BEFORE_ANY
        "Replies: newest interrupted, last one announced as done, last one dropped."
        self._half = (BEFORE_ANY, b"")
        "Reply and first byte of a sample whose second byte has not come yet."

    def audio(self, message: Fields) -> list[Event]:
        event = untrusted.inner(message, "audio_event")
        reply = untrusted.whole(event, "event_id")
        final = untrusted.flag(event, "is_final", default=False)
        if final and event.get("audio_base_64") is None:
            data = b""
        else:
            data = untrusted.base64(event, "audio_base_64")
        if reply <= self._interrupted or self.formats is None:
            # Without metadata nobody knows what the bytes mean (a queue's hold music).
            self._drop(reply)
            return []
        self.newest = max(self.newest, reply)
        pcm = self._whole_samples(reply, data, self.formats)
        events: list[Event] = [Speech(reply, pcm)] if pcm else []
        return events + (self._reply_done(reply) if final or not data else [])

    def turn(self, event: Fields) -> int:
        """The turn that an event is about.

        Some services that speak this wire leave its number out (so did ElevenLabs'
        documentation in places): then it is about what is being spoken.
        """
        if event.get("event_id") is None:
            return max(self.newest, 0)
        return untrusted.whole(event, "event_id")

    def complete(self, message: Fields) -> list[Event]:
        event = untrusted.optional_inner(message, "agent_response_complete_event")
        return self._reply_done(self.turn(event))

    def interruption(self, message: Fields) -> list[Event]:
        event = untrusted.optional_inner(message, "interruption_event")
        newest = self.newest
        upto = newest if event.get("event_id") is None else self.turn(event)
        if upto <= self._interrupted:
            return []  # nothing of it can be queued any more
        # Caller's turns share the numbers, so N may be above every reply: name ours.
        meant = newest if self._interrupted < newest < upto else upto
        self._interrupted = upto
        return [Interrupted(meant)]

    def _drop(self, reply: int) -> None:
        self.late_chunks += 1
        if reply != self._dropping:
            # Once for each: sounds of tools are known to confuse the numbers, and then
            # this line is all there is to see of it.
            self._dropping = reply
            _log.info("dropping audio of reply %d, out of date", reply)

    def _whole_samples(self, reply: int, data: bytes, formats: Formats) -> bytes:
        if formats.spoken == _ULAW:
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
