"""Which 20 ms of what was sent are where in what was heard. Pure.

Both are cut into slots of 20 ms, and the cheapest way is found to turn one row into
the other (Needleman and Wunsch, as for genes): a slot was heard in its place, or it is
missing, or something was put in between. A lost slot that was concealed counts as heard
in its place: its time was kept; `likeness` tells that it is not the same sound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Alignment", "align"]

RATE = 16_000
SLOT = RATE // 50

PAD = 100
"Slots of silence put in front, for what was sent before anything was heard."

GAP = 1.0
"Price of a missing or an extra slot, in slots that fit perfectly."

AUDIBLE = 200.0
"RMS of 16-bit samples, -44 dBFS: what is quieter is like anything."

SMOOTH = 4
"""Samples averaged before slots are compared, which takes what is above 4 kHz away:
resamplers shift by parts of a sample, and that turns the hiss of an s around."""

ANCHOR_SLOTS = (20, 120)
"The undisturbed speech by which the two are laid over each other at first."

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Alignment:
    """For each slot that was sent."""

    place: NDArray[np.int64]
    """Samples that had been heard up to its middle; -1: it is missing. Not to its end:
    a resampler keeps the last of them until the next slot pushes them out."""
    extra: NDArray[np.int64]
    "Slots put in before it that nobody sent."
    likeness: NDArray[np.float64]
    "Correlation with what is in its place, 0 to 1; NaN for what is not audible."


def align(sent: Samples, heard: Samples) -> Alignment:
    """`sent` is what a perfect line would have given. Both at `RATE`."""
    padded = np.concatenate([np.zeros(PAD * SLOT, np.int16), heard])
    begin = _anchor(sent, padded)
    theirs = _slots(sent)
    phase = begin % SLOT
    ours = _slots(padded[phase:])
    middle = SLOT // 2
    like = _likeness(theirs, ours)
    columns, extra = _path(like, (begin - phase) // SLOT)
    found = columns >= 0
    place = np.where(found, phase + (columns - PAD) * SLOT + middle, -1)
    likeness = like[np.arange(len(theirs)), np.maximum(columns, 0)]
    quiet = np.sqrt(np.mean(theirs**2, axis=1)) < AUDIBLE
    return Alignment(place, extra, np.where(quiet | ~found, np.nan, likeness))


def _slots(pcm: Samples) -> NDArray[np.float32]:
    smooth = np.convolve(pcm.astype(np.float32), np.ones(SMOOTH) / SMOOTH, "same")
    return smooth[: len(pcm) // SLOT * SLOT].reshape(-1, SLOT).astype(np.float32)


def _anchor(sent: Samples, padded: Samples) -> int:
    """Where in `padded` the first sample of `sent` would lie; may be before it."""
    first, last = (n * SLOT for n in ANCHOR_SLOTS)
    pattern = sent[first:last].astype(np.float64)
    field = padded[: (PAD + 2 * ANCHOR_SLOTS[1]) * SLOT].astype(np.float64)
    size = len(pattern) + len(field)
    spectrum = np.fft.rfft(field, size) * np.conj(np.fft.rfft(pattern, size))
    found = np.fft.irfft(spectrum, size)[: len(field)]
    return int(np.argmax(found)) - first


def _likeness(
    theirs: NDArray[np.float32], ours: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Correlation of each with each, nothing below 0; quiet slots are like nothing."""

    def unit(slots: NDArray[np.float32]) -> NDArray[np.float32]:
        norm = np.linalg.norm(slots, axis=1, keepdims=True)
        loud = norm > AUDIBLE * SLOT**0.5
        return np.where(loud, slots / np.maximum(norm, 1.0), 0.0).astype(np.float32)

    return np.clip(unit(theirs) @ unit(ours).T, 0.0, 1.0).astype(np.float64)


def _path(
    like: NDArray[np.float64], begin: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each row its column, or -1, and the columns left out before it.

    `begin` is the column at which the rows begin if nothing was lost.
    """
    rows, columns = like.shape
    at = np.arange(columns + 1)
    best = -GAP * np.abs(at - begin).astype(float)
    steps = np.zeros((rows + 1, columns + 1), np.int8)  # 0 heard, 1 missing, 2 extra
    steps[0, 1:] = 2
    for row in range(rows):
        heard = np.concatenate([[-np.inf], best[:-1] + like[row]])
        missing = best - GAP
        either = np.maximum(heard, missing)
        # An extra column may follow any of these, and others of its kind.
        best = np.maximum.accumulate(either + GAP * at) - GAP * at
        step = np.where(missing > heard, 1, 0)
        steps[row + 1] = np.where(best > either, 2, step)
    return _back(steps)


def _back(
    steps: NDArray[np.int8],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows, columns = steps.shape[0] - 1, steps.shape[1] - 1
    found = np.full(rows, -1, np.int64)
    extra = np.zeros(rows + 1, np.int64)
    row, column = rows, columns
    while row:
        step = steps[row, column]
        if step == 2:
            extra[row] += 1
            column -= 1
        elif step == 1:
            row -= 1
        else:
            row, column = row - 1, column - 1
            found[row] = column
    return found, extra[:-1]
