"""A simple ear: finds speech in PCM by its energy, as a server's VAD would."""

from __future__ import annotations

import numpy as np

__all__ = ["Ear"]

RATE = 24_000
FRAME_MS = 20
LOUD = 500
"Root mean square of a frame that counts as speech."
START_FRAMES = 3
"60 ms: a click is no speech."


class Ear:
    def __init__(self, *, prefix_ms: int = 300, silence_ms: int = 500) -> None:
        self.ms = 0
        "Of audio heard."
        self.speaking = False
        self.prefix_ms = prefix_ms
        self.silence_ms = silence_ms
        self._rest = b""
        self._run = 0
        "Frames in a row that speak against the present state."

    def feed(self, pcm: bytes) -> list[tuple[str, int]]:
        """`start` and `stop` with their place in ms, as the server tells them."""
        found = []
        data = self._rest + pcm
        size = RATE * FRAME_MS // 1000 * 2
        whole = len(data) // size * size
        self._rest = data[whole:]
        for begin in range(0, whole, size):
            frame = np.frombuffer(data[begin : begin + size], "<i2").astype(float)
            self.ms += FRAME_MS
            loud = bool(np.sqrt(np.mean(frame**2)) > LOUD)
            self._run = self._run + 1 if loud != self.speaking else 0
            if not self.speaking and self._run >= START_FRAMES:
                self.speaking, self._run = True, 0
                start = self.ms - START_FRAMES * FRAME_MS - self.prefix_ms
                found.append(("start", max(0, start)))
            elif self.speaking and self._run * FRAME_MS >= self.silence_ms:
                self.speaking, self._run = False, 0
                found.append(("stop", self.ms))
        return found
