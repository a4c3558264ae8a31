"""What callers and agents of the benchmark say: real speech, cut to size."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .opus import Decoder, Encoder

__all__ = [
    "CYCLE_S",
    "EAR_HZ",
    "STAGGER",
    "TURN_S",
    "encoded",
    "reference",
    "reply",
]

CLIPS = Path(__file__).parents[1] / "data" / "speech"
CLIP_HZ = 16_000
EAR_HZ = 16_000
"Rate at which the stand-in agent hears, and at which what was sent is compared."

CALLER_HZ = 48_000
"A browser encodes what its microphone gives, at 48 kHz."

FULL_BITS, WIDE_BITS, COMPLEXITY = 32_000, 24_000, 9
"Bits/s of Chromium's voice by default and when asked for wide band; its complexity."

AUDIBLE, CLEAR = 300.0, 1000.0
"""RMS of 16-bit samples, -41 and -30 dBFS: quieter 20 ms are pauses of the clips, and a
reply begins with a sound that nobody could miss."""

TURN_S, CYCLE_S = 1.8, 4.0
"A caller speaks for so long, and then listens until the next cycle begins."

STAGGER = 37
"Packets by which each caller is ahead of the one before: they do not speak in chorus."

ROOM = 4.0
"RMS of what a microphone hears in a quiet room after noise suppression."

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
def _said(without_end: bool) -> Samples:
    """What a caller says: all clips in turns with pauses, or without."""
    pcm = _clips()
    if without_end:
        return pcm
    turn, pause = int(CLIP_HZ * TURN_S), int(CLIP_HZ * (CYCLE_S - TURN_S))
    turns = pcm[: len(pcm) // turn * turn].reshape(-1, turn)
    room = np.random.default_rng(1).normal(0, ROOM, (len(turns), pause))
    return np.concatenate([turns, room.astype(np.int16)], axis=1).reshape(-1)


@cache
def encoded(wide: bool, fec: bool) -> tuple[bytes, ...]:
    """What the caller's browser sends, packets of 20 ms, again and again.

    With `fec` it is for a bad line: speech without a pause, in which nothing can be
    lost unnoticed.
    """
    bits = WIDE_BITS if wide else FULL_BITS
    loss = 10 if fec else 0
    encoder = Encoder(CALLER_HZ, bits, COMPLEXITY, wide=wide, loss=loss)
    pcm = _at(CALLER_HZ, _said(fec))
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


def _clear(slot: Samples, rate: int) -> bool:
    """Whether it can be heard though nothing was sent before it.

    An encoder that begins anew turns deep sounds down, and delays all by 6.5 ms.
    """
    packet = Encoder(rate, FULL_BITS, COMPLEXITY).encode(slot.tobytes())
    heard = np.frombuffer(Decoder(EAR_HZ).decode(packet), np.int16)
    return bool(np.sqrt(np.mean(heard.astype(float) ** 2)) > CLEAR)


@cache
def reply(rate: int, seconds: float, number: int) -> bytes:
    """An agent's reply at `rate`; there are three different ones."""
    pcm = _dense()
    start = number % 3 * len(pcm) // 3 // 320 * 320
    while not _clear(_at(rate, np.roll(pcm, -start)[:320]), rate):
        start += 320
    size = int(CLIP_HZ * seconds)
    return _at(rate, np.roll(pcm, -start)[:size]).tobytes()
