"""What waits to be sent to an agent: control first, then audio, oldest first.

Audio that waits too long is worth nothing: the oldest is dropped and counted. Control
messages (pongs, results of tools, typed turns) are never dropped; when more of them
wait than any conversation makes, nobody is reading, and `overflowed` says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

__all__ = ["Outbox"]

_MOST_CONTROL = 1000
"Messages. A conversation makes a few per minute; a thousand waiting are a dead peer."


class Outbox:
    def __init__(self, *, audio_ms: float) -> None:
        self.dropped_ms = 0.0
        "Milliseconds of audio that were thrown away."
        self.overflowed = False
        self._longest_ms = audio_ms
        self._waiting_ms = 0.0
        self._control: deque[str] = deque()
        self._audio: deque[tuple[str, float]] = deque()
        "Messages with the milliseconds of audio in each."

    def control(self, messages: Iterable[str]) -> None:
        self._control.extend(messages)
        if len(self._control) > _MOST_CONTROL:
            self.overflowed = True
            self._control.clear()  # the conversation is over; keep no more of it

    def audio(self, messages: list[str], ms: float) -> None:
        if not messages:
            return
        for message in messages:
            self._audio.append((message, ms / len(messages)))
        self._waiting_ms += ms
        while self._waiting_ms > self._longest_ms and len(self._audio) > 1:
            _, lost_ms = self._audio.popleft()
            self._waiting_ms -= lost_ms
            self.dropped_ms += lost_ms

    def pop(self) -> str | None:
        """The next message to send; None when nothing waits."""
        if self._control:
            return self._control.popleft()
        if not self._audio:
            return None
        message, ms = self._audio.popleft()
        self._waiting_ms = self._waiting_ms - ms if self._audio else 0.0
        return message
