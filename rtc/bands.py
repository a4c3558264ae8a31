"""Bands: how loud a slot is in a few groups of frequencies, in steps of 5 ms. Pure.

A filter is one window of 5 ms times a wave; all filters of all steps of a slot are one
small matrix product, which costs a tenth of an FFT in numpy. `Filters` are what sound
goes through, `Bands` what is added up of that.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLOCKS",
    "CENTRES_HZ",
    "Bands",
    "Filters",
    "Floats",
    "Groups",
    "MOST_OF_RATE",
    "mono",
    "whole",
]

Floats: TypeAlias = NDArray[np.float32]
Groups: TypeAlias = tuple[tuple[int, ...], ...]
"Hz: the centres of the filters that are added up to one band, for each band."

CENTRES_HZ = (300, 480, 700, 950, 1250, 1700, 2200, 2800, 3500, 4500, 5800, 7000)
"The filters for speech: hum and rumble stay below."

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


def whole(slots: Iterable[bytes], size: int) -> Floats:
    """Slots in a row as one sound; each is made `size` bytes long."""
    pcm = b"".join([slot[:size].ljust(size, b"\0") for slot in slots])
    return np.frombuffer(pcm, np.int16).astype(np.float32)


@cache
def _filters(rate: int, centres: tuple[int, ...]) -> tuple[int, Floats]:
    """Samples of a block, and the filters for it: two columns for each."""
    length = rate // 50 // BLOCKS
    window = np.hanning(length + 2)[1:-1]
    # A full-scale tone in the middle of a filter is to have the power 1.
    window *= 2 / window.sum() / 32_768
    turns = np.arange(length) / rate
    columns = []
    for hertz in centres:
        wave = np.exp(2j * np.pi * hertz * turns) * window
        columns += [wave.real, wave.imag]
    # Each column in one piece: so a product with a slot takes a quarter less time.
    return length, np.array(columns, np.float32).T


@cache
def _mixing(centres: tuple[int, ...], groups: Groups) -> tuple[Floats, Floats]:
    """Which filters make each band: of one block, and of a slot as their mean."""
    rows = [[hertz in group for group in groups] for hertz in centres]
    mixing = np.repeat(np.array(rows, np.float32), 2, axis=0)
    return mixing, np.tile(mixing / BLOCKS, (BLOCKS, 1))


class Filters:
    """For PCM of one rate. Each filter is some 400 Hz wide.

    Several may want to know of the same slot: what the last one came to is remembered.
    """

    __slots__ = ("_filters", "_pcm", "_squares", "centres", "length", "size")

    def __init__(self, rate: int, centres: tuple[int, ...] = CENTRES_HZ) -> None:
        """Those of the centres, in Hz, that the rate cannot have are left out."""
        self.centres = tuple(hertz for hertz in centres if hertz <= rate * MOST_OF_RATE)
        self.length, self._filters = _filters(rate, self.centres)
        "Samples of a block."
        self.size = self.length * BLOCKS * 2
        "Bytes of a slot."
        self._pcm: bytes | None = None
        self._squares = self._filters

    def squares(self, samples: Floats) -> Floats:
        """Of whole slots: a row for each 5 ms, two columns for each filter."""
        squares: Floats = np.square(samples.reshape(-1, self.length).dot(self._filters))
        return squares

    def slot(self, pcm: bytes) -> Floats:
        """The squares of one slot."""
        if pcm is not self._pcm:
            self._squares = self.squares(mono(pcm, self.size))
            self._pcm = pcm
        return self._squares


class Bands:
    """Sums of filters; 1 is the power of a tone of full scale."""

    __slots__ = ("_filters", "_means", "_mixing", "groups", "size")

    def __init__(
        self, rate: int, groups: Groups, filters: Filters | None = None
    ) -> None:
        """`filters` are those of the rate, if others use them, too."""
        if filters is None:
            filters = Filters(rate, tuple(hertz for group in groups for hertz in group))
        self._filters = filters
        self.groups = groups
        self.size = filters.size
        "Bytes of a slot."
        self._mixing, self._means = _mixing(filters.centres, groups)

    def blocks(self, samples: Floats) -> Floats:
        """One row for each 5 ms of whole slots."""
        return samples.reshape(-1, self._filters.length)

    def powers(self, blocks: Floats) -> Floats:
        """Row for row, the power in each band."""
        powers: Floats = self._filters.squares(blocks).dot(self._mixing)
        return powers

    def steps(self, pcm: bytes) -> Floats:
        """The same of one slot."""
        powers: Floats = self._filters.slot(pcm).dot(self._mixing)
        return powers

    def means(self, slots: Floats) -> Floats:
        """The power in each band: one row for each slot."""
        squares = self._filters.squares(slots)
        powers: Floats = squares.reshape(-1, len(self._means)).dot(self._means)
        return powers

    def mean(self, pcm: bytes) -> Floats:
        """The row of one slot."""
        powers: Floats = self._filters.slot(pcm).reshape(-1).dot(self._means)
        return powers
