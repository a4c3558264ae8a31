"""Leg: one side of a recording, Opus packets back to back from the call's start. Pure.

A packet is put where it belongs in time; what lies before it is filled with packets of
silence. Since nothing is left empty, every player and every tool, also one that only
counts samples, finds both legs in step.
"""

from __future__ import annotations

from ..audio import SLOT
from ..opus import duration, silence

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

    def put(self, payload: bytes, at: int) -> list[Piece]:
        """What to write for a packet that belongs at position `at`."""
        samples = duration(payload)
        # More than half a slot too early: writing it would shift all that follows.
        if not samples or at < self.end - min(samples, SLOT) // 2:
            self.dropped += 1
            return []
        pieces = self.fill(at)
        pieces.append((payload, self.end))
        self.end += samples
        return pieces

    def fill(self, to: int) -> list[Piece]:
        """Silence up to position `to`."""
        pieces: list[Piece] = []
        hole = to - self.end
        if hole < LEAST_HOLE:
            return pieces
        for samples in PIECES:
            count, hole = divmod(hole, samples)
            end = self.end + count * samples
            packet = silence(samples)
            pieces += [(packet, at) for at in range(self.end, end, samples)]
            self.filled += end - self.end
            self.end = end
        return pieces
