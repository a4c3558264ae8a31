"""Sound: a recording decoded, both legs in step, in pieces of ten seconds.

Every leg begins at the call's start and lasts as long as the call: where one ended
earlier, has a hole, or a packet that is no Opus, there is silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..audio import CLOCK_HZ
from ..opus import Decoder, duration
from ..recording.files import LEGS
from ..recording.matroska import PRE_SKIP
from .tape import LAG, STEP, Tape

__all__ = ["CHOICES", "Samples", "Sound", "mixed"]

Samples: TypeAlias = NDArray[np.int16]
"One row for each moment, one column for each channel."

CHOICES = ("both", *LEGS, "mix")
"What can be had: caller left and agent right; one of them; their sum, mono."

PIECE = 10 * CLOCK_HZ
"Samples of 48 kHz decoded before they are handed on: 2 MB for both legs."

FULL = 32_768
"Full scale of 16 bits."

KNEE = 0.8 * FULL
"""Up to here a sum is left as it is. What is louder is pressed into the rest, so that
two people who shout at once neither wrap around nor are cut off hard."""


class Sound:
    """What is heard in one leg, or in both."""

    def __init__(self, tape: Tape, rate: int, leg: str = "both") -> None:
        """`rate` in Hz is one that libopus decodes to; `leg` is one of `CHOICES`."""
        self.rate = rate
        self.length = tape.length * rate // CLOCK_HZ
        "Samples of `rate` in each channel."
        self.channels = 2 if leg == "both" else 1
        self._tape = tape
        self._mix = leg == "mix"
        self._legs = {
            track: _Leg(rate)
            for track, name in enumerate(LEGS)
            if leg in (name, "both", "mix")
        }

    def pieces(self) -> Iterator[Samples]:
        """All of it, once; `length` samples together."""
        taken = 0
        legs = self._legs
        for blocks in self._tape.clusters():
            # Also what bounds the memory when a stretch of the file is missing.
            while blocks and blocks[0][0] >= taken + PIECE + LAG:
                taken += PIECE
                yield self._take(PIECE)
            for at, track, packet in blocks:
                if track in legs:
                    legs[track].put(packet, at)
        while taken < self._tape.length:
            size = min(PIECE, self._tape.length - taken)
            taken += size
            yield self._take(size)

    def _take(self, size: int) -> Samples:
        """The next `size` samples of 48 kHz."""
        wanted = size * self.rate // CLOCK_HZ
        piece = np.stack([leg.take(wanted) for leg in self._legs.values()], axis=1)
        return mixed(piece) if self._mix else piece


class _Leg:
    """One leg being decoded."""

    def __init__(self, rate: int) -> None:
        self._decoder = Decoder(rate)
        self._ratio = CLOCK_HZ // rate
        self._late = PRE_SKIP // self._ratio * 2
        "Bytes at the beginning that the encoder is late by."
        self._end = 0
        "Where the next packet belongs, in samples of 48 kHz."
        self._pcm = bytearray()

    def put(self, packet: bytes, at: int) -> None:
        hole = at - self._end
        if hole <= -STEP:
            return  # its time is over
        if hole >= STEP:
            self._add(bytes(hole // self._ratio * 2))
        self._add(
            self._decoder.decode(packet) or bytes(duration(packet) // self._ratio * 2)
        )

    def _add(self, pcm: bytes) -> None:
        self._pcm += pcm
        self._end += len(pcm) // 2 * self._ratio

    def take(self, samples: int) -> Samples:
        """The next of them, made up with silence when no packet came for them."""
        size = samples * 2 + self._late
        if len(self._pcm) < size:
            self._add(bytes(size - len(self._pcm)))
        piece = np.frombuffer(self._pcm[self._late : size], np.int16)
        del self._pcm[:size]
        self._late = 0
        return piece


def mixed(piece: Samples) -> Samples:
    """The sum of the channels, as one."""
    total = piece.sum(axis=1, dtype=np.float32)
    loud = np.abs(total) > KNEE
    if loud.any():
        over = (np.abs(total[loud]) - KNEE) / (FULL - KNEE)
        pressed = KNEE + (FULL - 1 - KNEE) * np.tanh(over)
        total[loud] = np.copysign(pressed, total[loud])
    column: Samples = total.astype(np.int16).reshape(-1, 1)
    return column
