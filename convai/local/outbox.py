"""Outbox: what waits to be sent to one client, and what need not be sent any more."""

from __future__ import annotations

import asyncio
import json
from collections import deque

from .messages import Message

__all__ = ["Outbox"]

BYTES_LIMIT = 16 * 1024 * 1024
"The longest story is 2 MB; a client that leaves this much unread is not reading."


class Outbox:
    """In order, except that an interruption takes back the audio before it."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, str]] = deque()
        "Reply (0: not audio) and the message."
        self._bytes = 0
        self._filled = asyncio.Event()
        self._ended = False
        self.taken_back = 0
        "Audio messages that an interruption saved from being sent."

    @property
    def overflowing(self) -> bool:
        return self._bytes > BYTES_LIMIT

    def put(self, message: Message, reply: int = 0) -> None:
        """Add a message; audio says of which reply it is."""
        text = json.dumps(message, separators=(",", ":"))
        self._waiting.append((reply, text))
        self._bytes += len(text)
        self._filled.set()

    def take_back(self, reply: int) -> None:
        """Audio of this reply, and of those before it, is not wanted any more."""
        kept = deque((of, text) for of, text in self._waiting if of == 0 or of > reply)
        self.taken_back += len(self._waiting) - len(kept)
        self._waiting = kept
        self._bytes = sum(len(text) for _, text in kept)

    def end(self) -> None:
        """Nothing more is put in; what is in there is still given out."""
        self._ended = True
        self._filled.set()

    async def next(self) -> str | None:
        """Wait for the next message; None after the last one."""
        while not self._waiting:
            if self._ended:
                return None
            self._filled.clear()
            await self._filled.wait()
        _, text = self._waiting.popleft()
        self._bytes -= len(text)
        return text
