"""Chunks: PCM in pieces of any size in, pieces of one size out, for one taker.

The agent's wire costs as much for a short message as for a long one, so the caller's
20 ms are put together. Nobody is kept waiting by it: `put` never blocks.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Chunks"]


class Chunks:
    """A bounded queue; when it is full the oldest piece is dropped."""

    def __init__(self, size: int, bound: int) -> None:
        self.dropped = 0
        "Pieces that nobody took in time."
        self.ended = False
        self._size = size
        "Bytes of a piece."
        self._bound = bound
        "Pieces that may wait."
        self._rest = bytearray()
        "What is not a whole piece yet."
        self._whole: deque[bytes] = deque()
        self._came = asyncio.Event()

    def __len__(self) -> int:
        """Pieces that wait."""
        return len(self._whole)

    def put(self, pcm: bytes) -> None:
        """Add to the end."""
        rest, size = self._rest, self._size
        rest += pcm
        if len(rest) >= size:
            while len(rest) >= size:
                self._add(bytes(rest[:size]))
                del rest[:size]

    def end(self) -> None:
        """Nothing more comes: what is here is given out, and the last may be short."""
        if self._rest:
            self._add(bytes(self._rest))
            self._rest.clear()
        self.ended = True
        self._came.set()

    async def next(self) -> bytes | None:
        """The next piece; None at the end."""
        while not self._whole:
            if self.ended:
                return None
            self._came.clear()
            await self._came.wait()
        return self._whole.popleft()

    def _add(self, piece: bytes) -> None:
        if len(self._whole) >= self._bound:
            self._whole.popleft()
            self.dropped += 1
        self._whole.append(piece)
        self._came.set()
