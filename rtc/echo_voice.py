"""Voice: what the agent sounded like lately, for those who look for its echo. Pure.

Sound is kept as it is; what is made of it (a wave of a low rate, powers in bands) is
made only when somebody asks, since most callers send no echo. Its loudness is measured
then, too, or for many slots at once, which costs half.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from .audio import SLOT
from .bands import BLOCKS, Bands, Floats, whole

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

BATCH = 16
"Slots that may wait to be measured."

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
        room = ROWS - at
        if len(powers) > room:
            self.put(position, powers[:room])
            self.put(position + room, powers[room:])
            return
        self._rows[at : at + len(powers)] = powers
        self._rows[at + ROWS : at + ROWS + len(powers)] = powers
        self.end = position + len(powers)

    def before(self, position: int, count: int) -> Floats:
        """The `count` rows that end at `position`, oldest first."""
        if position > self.end:
            self.put(position, self._rows[:0])
        start = (position - count) % ROWS
        return self._rows[start : start + count]


class Voice:
    """What was sent. Positions count from the first slot, in samples of the clock."""

    __slots__ = (
        "_bands",
        "_began",
        "_last",
        "_rate",
        "_slots",
        "_waiting",
        "origin",
        "rows",
    )

    def __init__(self, rate: int, bands: Bands) -> None:
        self._rate = rate
        self._bands = bands
        self._waiting: list[tuple[int, bytes]] = []
        "Position and PCM of the slots that were not measured yet."
        self._slots: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        "Number and PCM of the slots that had sound."
        self.origin: int | None = None
        "Position of the first slot on the call's clock."
        self._began = LONG_AGO
        self._last = LONG_AGO
        self.rows: Rows | None = None
        "Kept from when `watch` was called."

    def put(self, pcm: bytes, at: int) -> None:
        """The slot that was sent at `at` of the call's clock."""
        if self.origin is None:
            self.origin = at
        if pcm:
            self._waiting.append((at - self.origin, pcm))
            if len(self._waiting) == BATCH:
                self._measure()

    @property
    def began(self) -> int:
        """Position of the first slot with the agent's voice since a pause."""
        self._measure()
        return self._began

    @property
    def last(self) -> int:
        """Position of the last slot with the agent's voice."""
        self._measure()
        return self._last

    def silence(self, at: int, least: int) -> int:
        """Samples since the agent's voice, at `at`; exactly so from `least` on."""
        # What was not measured yet is later, and can only make it less.
        found = at - self._last
        if found >= least and self._waiting:
            found = at - self.last
        return found

    def measure(self, end: int) -> None:
        """Have the rows ready of all that was sent before position `end`."""
        if self._waiting and self._waiting[0][0] < end + SLOT:
            self._measure()

    def watch(self) -> Rows:
        """Keep the powers in bands from now on, and those of what is remembered."""
        self._measure()
        if self.rows is None:
            self.rows = Rows(len(self._bands.groups))
            sound = whole([pcm for _, pcm in self._slots], self._bands.size)
            self._fill(self.rows, [number for number, _ in self._slots], sound)
        return self.rows

    def wave(self, first: int, last: int) -> Floats:
        """Slots number `first` to `last` at `WAVE_HZ`; what is not known is silent."""
        self._measure()
        size = self._bands.size
        found = [bytes(size)] * (last - first + 1)
        for number, pcm in self._slots:
            if first <= number <= last:
                found[number - first] = pcm
        return wave(whole(found, size), self._rate)

    def _measure(self) -> None:
        """Listen to what waits: is it sound, is it loud?"""
        waiting = self._waiting
        if not waiting:
            return
        self._waiting = []
        slots = whole([pcm for _, pcm in waiting], self._bands.size)
        slots = slots.reshape(len(waiting), -1)
        sound, voice = (least * slots.shape[1] for least in (SOUND, VOICE))
        kept, numbers = [], []
        energies = np.vecdot(slots, slots).tolist()
        for index, energy in enumerate(energies):
            if energy < sound:
                continue
            at, pcm = waiting[index]
            # The sender's clock may stumble by a hair: round to the nearest slot.
            number = (at + SLOT // 2) // SLOT
            self._slots.append((number, pcm))
            kept.append(index)
            numbers.append(number)
            if energy >= voice:
                position = number * SLOT
                if position - self._last > PAUSE:
                    self._began = position
                self._last = position
        if self.rows is not None and kept:
            all_kept = len(kept) == len(waiting)
            self._fill(self.rows, numbers, slots if all_kept else slots[kept])

    def _fill(self, rows: Rows, numbers: list[int], slots: Floats) -> None:
        """Put the slots of these numbers, those in a row at once."""
        powers = self._bands.powers(self._bands.blocks(slots))
        first = 0
        for end in range(1, len(numbers) + 1):
            if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
                here = powers[first * BLOCKS : end * BLOCKS]
                rows.put(numbers[first] * BLOCKS, here)
                first = end
