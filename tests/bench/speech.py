"""What callers and agents of the benchmark say: real speech, cut to size."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .opus import Decoder, Encoder

__all__ = ["EAR_HZ", "encoded", "reference", "reply"]

CLIPS = Path(__file__).parents[1] / "data" / "speech"
CLIP_HZ = 16_000
EAR_HZ = 16_000
"Rate at which the stand-in agent hears, and at which what was sent is compared."

CALLER_HZ = 48_000
"A browser encodes what its microphone gives, at 48 kHz."

FULL_BITS, WIDE_BITS, COMPLEXITY = 32_000, 24_000, 9
"Bits/s of Chromium's voice by default and when asked for wide band; its complexity."

AUDIBLE = 300.0
"RMS of 16-bit samples, -41 dBFS: quieter 20 ms are pauses of the clips."

Samples = NDArray[np.int16]


@cache
def _clips() -> Samples:
    """All clips one after the other, at their own rate."""
    pcm = []
    for path in sorted(CLIPS.glob("*.wav")):
        with wave.open(str(path)) as file:
            pcm.append(np.frombuffer(file.readframes(file.getnframes()), np.int16))
    return np.concatenate(pcm)


def _at(rate: int, pcm: Samples) -> Samples:
    wanted = np.arange(len(pcm) * rate // CLIP_HZ) * CLIP_HZ / rate
    return np.interp(wanted, np.arange(len(pcm)), pcm).astype(np.int16)


@cache
def encoded(wide: bool, fec: bool) -> tuple[bytes, ...]:
    """The caller's speech as Opus packets of 20 ms; some nine seconds."""
    bits = WIDE_BITS if wide else FULL_BITS
    loss = 10 if fec else 0
    encoder = Encoder(CALLER_HZ, bits, COMPLEXITY, wide=wide, loss=loss)
    pcm = _at(CALLER_HZ, _clips())
    slot = CALLER_HZ // 50
    count = len(pcm) // slot
    return tuple(
        encoder.encode(pcm[i * slot : (i + 1) * slot].tobytes()) for i in range(count)
    )


def reference(wide: bool, fec: bool, start: int, slots: int) -> Samples:
    """What an agent hears of a caller on a perfect line, from packet `start` on."""
    ring = encoded(wide, fec)
    decoder = Decoder(EAR_HZ)
    pcm = [decoder.decode(ring[(start + i) % len(ring)]) for i in range(slots)]
    return np.frombuffer(b"".join(pcm), np.int16)


@cache
def _dense() -> Samples:
    """The clips without their pauses, so that every packet of a reply has voice."""
    slots = _clips()[: len(_clips()) // 320 * 320].reshape(-1, 320)
    level = np.sqrt(np.mean(slots.astype(float) ** 2, axis=1))
    return slots[level > AUDIBLE].reshape(-1)


@cache
def reply(rate: int, seconds: float, number: int) -> bytes:
    """An agent's reply at `rate`; there are three different ones."""
    pcm = _dense()
    start = number % 3 * len(pcm) // 3
    size = int(CLIP_HZ * seconds)
    return _at(rate, np.roll(pcm, -start)[:size]).tobytes()
