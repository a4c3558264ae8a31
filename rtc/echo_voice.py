"""Voice: what the agent sounded like lately, for those who look for its echo. Pure.

Sound is kept as it is; what is made of it (a wave of a low rate, powers in bands) is
made only when somebody asks, since most callers send no echo.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from .audio import SLOT
from .bands import BLOCKS, Bands, Floats, mono

__all__ = ["BLOCK", "LONGEST_MS", "WAVE_HZ", "Rows", "Voice", "wave"]

WAVE_HZ = 4000
"Correlated at this rate: most of a voice and of what a small loudspeaker can do."

LONGEST_MS = 680
"Latest echo that is looked for: a slow network, a jitter buffer, a large room."

KEPT = 64
"Slots: 1.28 s, more than the longest delay and the longest sound looked for."

ROWS = KEPT * BLOCKS

BLOCK = SLOT // BLOCKS
"Samples of the clock in a row: 5 ms."

SOUND = 3e-6 * 32_768**2
"Mean square of a sample that counts as sound: -55 dB of full scale."

VOICE = 2.5e-4 * 32_768**2
"... and as loud enough that a caller who is silent could hear it: -36 dB."

PAUSE = 25 * SLOT
"Silence (0.5 s) that parts two spurts of the agent."

LONG_AGO = -(10**9)


def wave(samples: Floats, rate: int) -> Floats:
    """Sound at `WAVE_HZ`, by the mean of what falls into each sample."""
    if rate % WAVE_HZ == 0:
        step = rate // WAVE_HZ
        means: Floats = samples.reshape(-1, step).dot(np.full(step, 1 / step, "f4"))
        return means
    sums = np.concatenate(([0.0], np.cumsum(samples)))
    edges = np.arange(len(samples) * WAVE_HZ // rate + 1) * (rate / WAVE_HZ)
    found: Floats = np.diff(np.interp(edges, np.arange(len(sums)), sums))
    return found


class Rows:
    """The powers of what was sent, by position in blocks of 5 ms; the last 1.28 s."""

    __slots__ = ("_rows", "end")

    def __init__(self, bands: int) -> None:
        # Everything is written twice, so that what is wanted never goes round the end.
        self._rows = np.zeros((2 * ROWS, bands), np.float32)
        self.end = 0
        "Position after the last row."

    def put(self, position: int, powers: Floats) -> None:
        """Powers of some blocks in a row; what was left out was silence."""
        if position >= self.end + ROWS:
            self._rows[:] = 0
        else:
            for silent in range(self.end, position):
                self._rows[silent % ROWS] = self._rows[silent % ROWS + ROWS] = 0
        at = position % ROWS
        if at + len(powers) <= ROWS:
            self._rows[at : at + len(powers)] = powers
            self._rows[at + ROWS : at + ROWS + len(powers)] = powers
        else:
            for index, row in enumerate(powers, position):
                self._rows[index % ROWS] = self._rows[index % ROWS + ROWS] = row
        self.end = position + len(powers)

    def before(self, position: int, count: int) -> Floats:
        """The `count` rows that end at `position`, oldest first."""
        if position > self.end:
            self.put(position, self._rows[:0])
        start = (position - count) % ROWS
        return self._rows[start : start + count]


class Voice:
    """What was sent. Positions count from the first slot, in samples of the clock."""

    __slots__ = ("_bands", "_rate", "_slots", "began", "last", "origin", "rows")

    def __init__(self, rate: int, bands: Bands) -> None:
        self._rate = rate
        self._bands = bands
        self._slots: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        "Number and PCM of the slots that had sound."
        self.origin: int | None = None
        "Position of the first slot on the call's clock."
        self.began = LONG_AGO
        "Position of the first slot with the agent's voice since a pause."
        self.last = LONG_AGO
        "Position of the last slot with the agent's voice."
        self.rows: Rows | None = None
        "Kept from when `watch` was called."

    def put(self, pcm: bytes, at: int) -> None:
        """The slot that was sent at `at` of the call's clock."""
        if self.origin is None:
            self.origin = at
        if not pcm:
            return
        samples = mono(pcm, self._bands.size)
        energy = float(samples.dot(samples))
        if energy < SOUND * len(samples):
            return
        # The sender's clock may stumble by a hair: round to the nearest slot.
        number = (at - self.origin + SLOT // 2) // SLOT
        position = number * SLOT
        if energy >= VOICE * len(samples):
            if position - self.last > PAUSE:
                self.began = position
            self.last = position
        self._slots.append((number, pcm))
        if self.rows is not None:
            self._row(self.rows, number, samples)

    def watch(self) -> Rows:
        """Keep the powers in bands from now on, and those of what is remembered."""
        if self.rows is not None:
            return self.rows
        self.rows = Rows(len(self._bands.groups))
        for number, pcm in self._slots:
            self._row(self.rows, number, mono(pcm, self._bands.size))
        return self.rows

    def wave(self, first: int, last: int) -> Floats:
        """Slots number `first` to `last` at `WAVE_HZ`; what is not known is silent."""
        size = self._bands.size
        found = [bytes(size)] * (last - first + 1)
        for number, pcm in self._slots:
            if first <= number <= last:
                found[number - first] = pcm[:size].ljust(size, b"\0")
        return wave(mono(b"".join(found), size * len(found)), self._rate)

    def _row(self, rows: Rows, number: int, samples: Floats) -> None:
        bands = self._bands
        rows.put(number * BLOCKS, bands.powers(bands.blocks(samples)))
