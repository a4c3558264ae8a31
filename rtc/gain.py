"""Gain: PCM made louder or quieter, without a click. Pure."""

from __future__ import annotations

import numpy as np

__all__ = ["fade_out", "ramp"]


def ramp(pcm: bytes, start: float, end: float) -> bytes:
    """The PCM (mono s16le) with a gain that goes evenly from `start` to `end`.

    Gains are of amplitude, 0 to 1. Over 20 ms even a ramp from 1 to 0 does not click.
    """
    if start == end == 1 or not pcm:
        return pcm
    samples = np.frombuffer(pcm, np.int16)
    if start == end:
        return (samples * np.float32(end)).astype(np.int16).tobytes()
    gains = np.linspace(start, end, len(samples), dtype=np.float32)
    return (samples * gains).astype(np.int16).tobytes()


def fade_out(pcm: bytes) -> bytes:
    """The same samples with a volume falling evenly to nothing."""
    return ramp(pcm, 1.0, 0.0)
