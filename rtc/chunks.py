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
        self._rest = b""
        "What is not a whole piece yet."
        self._whole: deque[bytes] = deque()
        self._taker: asyncio.Future[None] | None = None
        """Who waits for a piece, or did. An Event, which does for several, would cost
        half as much again, 25 times a second for every call."""

    def __len__(self) -> int:
        """Pieces that wait."""
        return len(self._whole)

    def put(self, pcm: bytes) -> None:
        """Add to the end."""
        rest, size = self._rest + pcm, self._size
        if len(rest) < size:
            self._rest = rest
        elif len(rest) == size:  # as nearly always: there is nothing to cut
            self._rest = b""
            self._add(rest)
        else:
            end = len(rest) // size * size
            self._rest = rest[end:]
            for start in range(0, end, size):
                self._add(rest[start : start + size])

    def end(self) -> None:
        """Nothing more comes: what is here is given out, and the last may be short."""
        if self._rest:
            self._add(self._rest)
            self._rest = b""
        self.ended = True
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    async def next(self) -> bytes | None:
        """The next piece; None at the end."""
        while not self._whole:
            if self.ended:
                return None
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        return self._whole.popleft()

    def _add(self, piece: bytes) -> None:
        whole, taker = self._whole, self._taker
        if len(whole) >= self._bound:
            whole.popleft()
            self.dropped += 1
        whole.append(piece)
        if taker is not None and not taker.done():
            taker.set_result(None)
