"""Bands: how loud a slot is in a few groups of frequencies, in steps of 5 ms. Pure.

A filter is one window of 5 ms times a wave; all filters of all steps of a slot are one
small matrix product, which costs a tenth of an FFT in numpy.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS", "Bands", "Floats", "Groups", "mono"]

Floats: TypeAlias = NDArray[np.float32]
Groups: TypeAlias = tuple[tuple[int, ...], ...]
"Hz: the centres of the filters that are added up to one band, for each band."

BLOCKS = 4
"Steps in a slot of 20 ms: 5 ms are short enough to see how sudden a sound is."

MOST_OF_RATE = 0.45
"A filter nearer to half the sample rate than this would see mirrored frequencies."


def mono(pcm: bytes, size: int) -> Floats:
    """The PCM as numbers, made `size` bytes long.

    Rates like 11 025 Hz have slots of two lengths, and resamplers start with a short
    one: the odd sample does not matter here.
    """
    if len(pcm) != size:
        pcm = pcm[:size].ljust(size, b"\0")
    return np.frombuffer(pcm, np.int16).astype(np.float32)


@cache
def _filters(rate: int, groups: Groups) -> tuple[int, Floats, Floats]:
    """Samples of a block, the filters for it, and which of them make each band."""
    length = rate // 50 // BLOCKS
    window = np.hanning(length + 2)[1:-1]
    # A full-scale tone in the middle of a filter is to have the power 1.
    window *= 2 / window.sum() / 32_768
    turns = np.arange(length) / rate
    columns, rows = [], []
    for band, centres in enumerate(groups):
        for hertz in centres:
            if hertz <= rate * MOST_OF_RATE:
                wave = np.exp(2j * np.pi * hertz * turns) * window
                columns += [wave.real, wave.imag]
                rows += [np.arange(len(groups)) == band] * 2
    return (
        length,
        np.ascontiguousarray(np.array(columns).T, np.float32),
        np.array(rows, np.float32),
    )


class Bands:
    """For PCM of one rate. Each filter is some 400 Hz wide."""

    __slots__ = ("_filters", "_length", "_mixing", "groups", "size")

    def __init__(self, rate: int, groups: Groups) -> None:
        self._length, self._filters, self._mixing = _filters(rate, groups)
        self.groups = groups
        self.size = self._length * BLOCKS * 2
        "Bytes of a slot."

    def blocks(self, samples: Floats) -> Floats:
        """One row for each 5 ms of whole slots."""
        return samples.reshape(-1, self._length)

    def powers(self, blocks: Floats) -> Floats:
        """Row for row, the power in each band; 1 is a tone of full scale."""
        found = blocks.dot(self._filters)
        found *= found
        powers: Floats = found.dot(self._mixing)
        return powers
