"""Vad: is the caller speaking, told within two or three packets of the sound. Pure.

A local ear for reflexes, not for understanding: it must be quick and cost next to
nothing, because it runs for each packet of each call. It compares the loudness of
speech's frequencies with the quietest there was lately, in blocks of 5 ms:

    loud        a block well above the floor, in the low or in the high band
    onset       loud for 30 ms of the last 40, and no bang that dies away
    hangover    speech goes on for 200 ms after the last loud packet

Steady noise of any colour, hum and fans become the floor; a step of the noise is
learnt in about 1.5 s. Music and other people's voices are taken for speech: whoever
acts on this must be able to take it back.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from .bands import BLOCKS, CENTRES_HZ, Bands, Filters, whole

__all__ = ["Vad"]

GROUPS = CENTRES_HZ[:5], CENTRES_HZ[5:]
"The low band, up to 1.5 kHz, has the vowels, the high one the hiss."

QUIETEST_DB = -62.0
"""Floor of the floor, dB of full scale: what a browser's noise suppression leaves in a
pause is quieter, and would make a breath a shout."""

BEFORE_DB = -50.0
"Most that the floor is taken to be in the first half second: the caller may speak."

ABOVE_DB = 9.0
"""How far above the floor is loud. The floor is a minimum, some 3 dB below the mean of
the noise, and blocks of steady noise reach 5 dB above that mean. 7 dB gave one false
onset a minute in pink noise, 8 dB one in three minutes, 9 dB none in 15 minutes."""

KEEP_DB = 6.0
"The same while speaking: endings are softer than beginnings."

ONSET_BLOCKS = 6
"Loud blocks of the last eight that begin speech: a burst of 20 ms has at most five."

KEEP_BLOCKS = 2
"Loud blocks of a slot that keep it going."

BANG = 1.4
"""Least energy of the last eight blocks for an onset, compared with the loudest two in
a row there were. A bang has nearly all its energy in those two (1.0 to 1.3, the echo of
its room included); speech that lasts reaches 4."""

DYING_DB = -3.0
"How fast a bang is forgotten, a slot: rooms echo shorter than 0.4 s per 60 dB."

FORGOTTEN = 32
"""Slots after which a bang is forgotten. The loudest there is has died by 96 dB then,
to less than anything that is loud has: earlier ones make no difference."""

HANGOVER_SLOTS = 10
"Slots (200 ms) bridged: longer than the silence in a plosive, shorter than a pause."

AGE_SLOTS = 12
AGES = 6
"The floor is the minimum of six ages of 0.24 s: a sentence has a gap in any 1.5 s."


def _power(decibel: float) -> float:
    return math.pow(10, decibel / 10)


_ABOVE, _KEEP = _power(ABOVE_DB), _power(KEEP_DB)
_DYING, _QUIETEST = _power(DYING_DB), _power(QUIETEST_DB)


class Floor:
    """The quietest there was in the last 1.5 s, in one band; powers."""

    __slots__ = ("_ages", "level", "lowest")

    def __init__(self) -> None:
        self.level = _power(BEFORE_DB)
        self.lowest = math.inf
        "Of the age that is under way."
        self._ages: list[float] = []

    def sink(self, power: float) -> None:
        """A slot with the lowest mean power of its age."""
        self.lowest = power
        if power < self.level:
            self.level = max(power, _QUIETEST)

    def turn(self, power: float) -> None:
        """The age is over, with a slot of that mean power."""
        self._ages = [*self._ages[1 - AGES :], self.lowest]
        if len(self._ages) > 1:
            self.level = max(min(self._ages), _QUIETEST)
        self.lowest = power


class Bang:
    """Whether what was heard last is only a sudden noise that dies away; energies.

    Slots are kept as they are, and measured when somebody asks: most are never loud.
    """

    __slots__ = ("_before", "_fading", "_last", "_length", "_loudest", "_slots")

    def __init__(self, length: int) -> None:
        """`length` is in samples of a block."""
        self._length = length
        self._slots: deque[bytes] = deque(maxlen=FORGOTTEN)
        "Not measured yet."
        self._before = 0.0
        "Energy of the slot before."
        self._last = 0.0
        "... and of its last block."
        self._loudest = 0.0
        "Two blocks in a row, in that slot."
        self._fading = 0.0
        "The same of earlier slots, less with each slot."

    def put(self, pcm: bytes) -> None:
        """The next slot."""
        self._slots.append(pcm)

    def dying(self) -> bool:
        """Whether the slot that was put last is no more than that."""
        length = self._length
        blocks = whole(self._slots, length * BLOCKS * 2).reshape(-1, length)
        energies = np.vecdot(blocks, blocks).tolist()
        self._slots.clear()
        dying = False
        for first in range(0, len(energies), BLOCKS):
            dying = self._feed(*energies[first : first + BLOCKS])
        return dying

    def _feed(self, a: float, b: float, c: float, d: float) -> bool:
        loudest = max(self._last + a, a + b, b + c, c + d)
        now = a + b + c + d
        reference = max(loudest, self._loudest, self._fading)
        bang = self._before + now <= BANG * reference
        self._fading = max(self._loudest, self._fading) * _DYING
        self._before, self._last, self._loudest = now, d, loudest
        return bang


class Vad:
    """One caller's. Feed every slot, the silent ones too."""

    __slots__ = (
        "_age",
        "_bands",
        "_bang",
        "_hangover",
        "_high",
        "_loud",
        "_low",
        "speaking",
    )

    def __init__(self, rate: int, filters: Filters | None = None) -> None:
        """`rate` in Hz, 4000 or more, of the mono s16le PCM.

        `filters` are of this rate and for speech, if others hear the same caller.
        """
        self.speaking = False
        filters = filters or Filters(rate)
        self._bands = Bands(rate, GROUPS, filters)
        self._bang = Bang(filters.length)
        self._low = Floor()
        self._high = Floor()
        self._age = 0
        "Slots of the floors' age that is under way."
        self._loud = 0
        "Loud blocks of the slot before."
        self._hangover = 0

    def feed(self, pcm: bytes) -> bool:
        """Whether the caller speaks, with the next 20 ms.

        b"" is a slot in which nothing was sent: it ends speech, and tells nothing of
        the noise in the room.
        """
        if not pcm:
            self._loud = 0
            if self.speaking:
                self._go_on(0)
            return self.speaking
        # Eight numbers are quicker in plain Python than in as many numpy calls.
        (a, s), (b, t), (c, u), (d, v) = self._bands.steps(pcm).tolist()
        factor = _KEEP if self.speaking else _ABOVE
        low, high = self._low.level * factor, self._high.level * factor
        loud = (
            (a > low or s > high)
            + (b > low or t > high)
            + (c > low or u > high)
            + (d > low or v > high)
        )
        self._learn((a + b + c + d) / BLOCKS, (s + t + u + v) / BLOCKS)
        if self.speaking:
            self._go_on(loud)
        else:
            bang = self._bang
            bang.put(pcm)
            if loud + self._loud >= ONSET_BLOCKS and not bang.dying():
                self.speaking = True
                self._hangover = HANGOVER_SLOTS
        self._loud = loud
        return self.speaking

    def _learn(self, low: float, high: float) -> None:
        """The mean powers of a slot, for the floors."""
        lows, highs = self._low, self._high
        if low < lows.lowest:
            lows.sink(low)
        if high < highs.lowest:
            highs.sink(high)
        self._age += 1
        if self._age == AGE_SLOTS:
            self._age = 0
            lows.turn(low)
            highs.turn(high)

    def _go_on(self, loud: int) -> None:
        if loud >= KEEP_BLOCKS:
            self._hangover = HANGOVER_SLOTS
        else:
            self._hangover -= 1
            self.speaking = self._hangover > 0
