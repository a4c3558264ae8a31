"""Peaks: how loud each leg is from moment to moment, for a picture of the call.

    {"length_ms": 61340, "step_ms": 20, "floor_db": -60,
     "caller": [0, 0, 131, ...], "agent": [...]}

A point is the largest sample of its `step_ms`, in decibels of full scale, as speech is
heard: 255 is full scale, 0 is -60 dB and less, 4.25 steps are a decibel. With at most
4000 points a leg an hour has one each 900 ms, and the file a few kilobytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..recording.files import LEGS
from .sound import FULL, Samples, Sound

__all__ = ["RATE_HZ", "peaks"]

RATE_HZ = 8_000
"Is decoded to: what a picture shows of a voice is below 4 kHz."

LEAST_STEP_MS = 20
"A packet."

MOST_POINTS = 4_000
"For each leg: wider than any screen."

FLOOR_DB = -60
"The quietest that is shown; a quiet room is lower."


def peaks(sound: Sound) -> Iterator[bytes]:
    """The JSON file, at last; nothing until then. `sound` is `both` at `RATE_HZ`."""
    length_ms = sound.length * 1000 // sound.rate
    step_ms = LEAST_STEP_MS * -(-length_ms // (LEAST_STEP_MS * MOST_POINTS))
    step_ms = max(LEAST_STEP_MS, step_ms)
    step = step_ms * sound.rate // 1000
    found: list[NDArray[np.uint8]] = []
    rest = np.zeros((0, 2), np.int16)
    for piece in sound.pieces():
        pcm = np.concatenate((rest, piece))
        whole = len(pcm) // step * step
        found.append(_levels(pcm[:whole], step))
        rest = pcm[whole:]
        yield b""
    if len(rest):
        found.append(_levels(rest, len(rest)))
    points = np.concatenate((np.zeros((0, 2), np.uint8), *found))
    content = {
        "length_ms": length_ms,
        "step_ms": step_ms,
        "floor_db": FLOOR_DB,
        **{leg: points[:, k].tolist() for k, leg in enumerate(LEGS)},
    }
    yield json.dumps(content, separators=(",", ":")).encode()


def _levels(pcm: Samples, step: int) -> NDArray[np.uint8]:
    """A row for each `step` samples."""
    # The most negative sample has no counterpart in 16 bits.
    loud = np.abs(pcm.astype(np.int32)).reshape(-1, step, 2).max(axis=1)
    db = 20 * np.log10(np.maximum(loud, 1) / FULL)
    levels: NDArray[np.float64] = np.rint(255 * (1 - db / FLOOR_DB))
    return levels.clip(0, 255).astype(np.uint8)
