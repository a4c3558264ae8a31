"""Leg: one side of a recording, Opus packets back to back from the call's start. Pure.

A packet is put where it belongs in time; what lies before it is filled with packets of
silence. Since nothing is left empty, every player and every tool, also one that only
counts samples, finds both legs in step.

A caller's clock is never quite that of the call, so its packets come to lie a little
apart or to overlap. They are put in step again where nobody speaks: by a few ms more of
silence, or by silence that is shorter than the packet in whose place it stands. A word
is touched only if there is no silence for long.
"""

from __future__ import annotations

from ..opus import duration, may_speak, silence

__all__ = ["Leg", "Piece"]

Piece = tuple[bytes, int]
"An Opus packet and its position, in samples of 48 kHz since the call's start."

STEP = 120
"Samples, 2.5 ms, the shortest packet there is."

FINE = 80
"""Samples, 1.7 ms, that a leg may be off while nobody speaks. More than half a STEP, or
it would be corrected back and forth."""

COARSE = 240
"""Samples, 5 ms, that a leg may be off while somebody speaks. A phone that is 50 ppm
off takes 100 s for it: if nobody drew breath in that time, it is no voice."""

CUT = COARSE + STEP
"Samples, 7.5 ms, by which sound is shortened: it is not soon to be done again."

MOST_QUIET = 2
"Bytes of a packet in which no frame was transmitted (RFC 6716 §2.1.9)."

PIECES = (960, 480, 240, 120)


class Leg:
    """Where the next packet of one leg goes."""

    def __init__(self) -> None:
        self.end = 0
        "Samples written so far: also the position of the next packet."
        self.filled = 0
        "Samples of silence put where nothing was sent."
        self.dropped = 0
        "Packets with sound whose time was already taken."
        self.misplaced = 0
        "Samples between where a packet is and where it should be, at most so far."
        self._quiet = True
        "Whether nobody speaks at the end."

    def put(self, payload: bytes, at: int) -> list[Piece]:
        """What to write for a packet that belongs at position `at`."""
        samples = duration(payload)
        if not samples:
            self.dropped += 1
            return []
        quiet = len(payload) <= MOST_QUIET or not may_speak(payload)
        pieces: list[Piece] = []
        off = self.end - at
        if off:
            slack = FINE if quiet or self._quiet else COARSE
            if off <= -slack:
                pieces = self._silence(-off)
            elif off >= slack and quiet:
                return self._silence(samples - off)
            elif off >= COARSE:
                self.dropped += 1
                return self._silence(samples - max(off, CUT))
            off = abs(self.end - at)
            if off > self.misplaced:
                self.misplaced = off
        self._quiet = quiet
        pieces.append((payload, self.end))
        self.end += samples
        return pieces

    def fill(self, to: int) -> list[Piece]:
        """Silence up to position `to`."""
        pieces = self._silence(to - self.end)
        if pieces:
            self._quiet = True
        return pieces

    def _silence(self, hole: int) -> list[Piece]:
        """Packets of silence that fill it best; none if `hole` is negative."""
        pieces: list[Piece] = []
        if hole < STEP // 2:
            return pieces
        hole += STEP // 2
        for samples in PIECES:
            count, hole = divmod(hole, samples)
            end = self.end + count * samples
            packet = silence(samples)
            pieces += [(packet, at) for at in range(self.end, end, samples)]
            self.filled += end - self.end
            self.end = end
        return pieces
