"""Sounds for tests: human clips, the embedded agent's voice, and where a sound lies."""

from __future__ import annotations

import wave
from functools import cache
from pathlib import Path

import hibari
import numpy as np
from numpy.typing import NDArray

__all__ = ["RATE", "chirp", "clip", "place", "read", "silence", "spoken", "write"]

RATE = 48_000
CLIPS = Path(__file__).parent / "data" / "speech"

Samples = NDArray[np.int16]


def silence(seconds: float) -> Samples:
    return np.zeros(int(RATE * seconds), np.int16)


def chirp(rate: int = RATE, seconds: float = 0.5) -> Samples:
    """Sweeps from 300 to 3000 Hz: correlates with itself in one point only."""
    t = np.arange(int(rate * seconds)) / rate
    return (9000 * np.sin(2 * np.pi * (300 * t + 1350 / seconds * t * t))).astype(
        np.int16
    )


def place(pcm: Samples, pattern: Samples) -> int:
    """Where the pattern begins, in samples."""
    size = len(pcm) + len(pattern)
    spectrum = np.fft.rfft(pcm, size) * np.conj(np.fft.rfft(pattern, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)))


def clip(name: str) -> Samples:
    """A recording of a person, at 48 kHz."""
    return _resampled(read(CLIPS / f"{name}.wav")[:, 0], 16_000)


@cache
def _voice() -> hibari.Hibari:
    return hibari.Hibari()


def spoken(text: str) -> Samples:
    """A sentence of our own, in hibari's voice."""
    pcm = np.asarray(_voice()(text), np.float64)
    loud = np.clip(pcm * 2 * 32767, -32768, 32767).astype(np.int16)
    return _resampled(loud, hibari.SAMPLE_RATE)


def read(path: Path) -> Samples:
    """A WAV file, one column for each channel."""
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return pcm.reshape(-1, file.getnchannels())


def write(path: Path, *parts: Samples) -> Path:
    """The parts one after the other, as a mono WAV file of 48 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate(parts).tobytes())
    return path


def _resampled(pcm: Samples, rate: int) -> Samples:
    """To 48 kHz, by straight lines: good enough for ears of a recogniser."""
    wanted = np.arange(len(pcm) * RATE // rate) * rate / RATE
    return np.interp(wanted, np.arange(len(pcm)), pcm).astype(np.int16)
