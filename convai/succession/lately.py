"""Lately: the last seconds of the caller's voice, for an agent that takes over. Pure.

An agent that died may not have heard them: a network that is gone shows only after
seconds. What words came of is left out, since the history has the words.
"""

from __future__ import annotations

from array import array
from collections import deque

__all__ = ["Lately"]

KEPT_S = 4.0
"""Longer than a handover takes. An agent's server takes no more at once than this and
a bit (`convai.wire`), and more would be understood too late to be answered."""

HUSH_S = 1.0
"A pause between two sentences is shorter."

LOUD = 1500
"Of 32767, at the peak: above a room with the browser's noise reduction, below a voice."


class Lately:
    """Feed `add` with all of the caller's sound."""

    def __init__(self, rate: int) -> None:
        self._bytes_per_s = rate * 2
        self._most = int(KEPT_S * self._bytes_per_s)
        self._pieces: deque[bytes] = deque()
        self._size = 0
        "Bytes in all pieces."

    def add(self, pcm: bytes) -> None:
        """Runs for each packet of each call, so nothing is looked at here."""
        self._pieces.append(pcm)
        self._size += len(pcm)
        while self._size > self._most:
            self._size -= len(self._pieces.popleft())

    def take(self) -> list[bytes]:
        """What is kept, oldest first; it is kept no longer."""
        pieces = list(self._pieces)
        self.forget()
        return pieces

    def forget(self) -> None:
        """Words came of what was said so far."""
        self._pieces.clear()
        self._size = 0

    def hush(self) -> bool:
        """Whether the caller was silent for the last second."""
        size = int(HUSH_S * self._bytes_per_s)
        newest: list[bytes] = []
        for pcm in reversed(self._pieces):
            if size <= 0:
                break
            newest.append(pcm)
            size -= len(pcm)
        # A half sample at the end would be an error of whoever gave it.
        samples = array("h", b"".join(reversed(newest)))
        return not samples or (max(samples) < LOUD and min(samples) > -LOUD)
