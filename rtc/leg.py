"""Leg: one side of a recording, Opus packets back to back from the call's start. Pure.

A packet is put where it belongs in time; what lies before it is filled with packets of
silence. Since nothing is left empty, every player and every tool, also one that only
counts samples, finds both legs in step.
"""

from __future__ import annotations

from collections.abc import Iterator

from .audio import SLOT
from .opus import duration, silence

__all__ = ["Leg", "Piece"]

Piece = tuple[bytes, int]
"An Opus packet and its position, in samples of 48 kHz since the call's start."

LEAST_HOLE = 480
"""Samples, 10 ms. A smaller hole is the jitter of a clock, and filling it would put a
click into a word; it is filled as soon as it has grown."""

PIECES = (960, 480, 240, 120)


class Leg:
    """Where the next packet of one leg goes."""

    def __init__(self) -> None:
        self.end = 0
        "Samples written so far: also the position of the next packet."
        self.filled = 0
        "Samples of silence put where nothing was sent."
        self.dropped = 0
        "Packets that lay before the end: their time was already taken."

    def put(self, payload: bytes, at: int) -> Iterator[Piece]:
        """What to write for a packet that belongs at position `at`."""
        samples = duration(payload)
        # More than half a slot too early: writing it would shift all that follows.
        if not samples or at < self.end - min(samples, SLOT) // 2:
            self.dropped += 1
            return
        yield from self.fill(at)
        yield payload, self.end
        self.end += samples

    def fill(self, to: int) -> Iterator[Piece]:
        """Silence up to position `to`."""
        if to - self.end < LEAST_HOLE:
            return
        for samples in PIECES:
            while to - self.end >= samples:
                yield silence(samples), self.end
                self.end += samples
                self.filled += samples
