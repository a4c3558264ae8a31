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

import numpy as np

from .bands import BLOCKS, Bands, mono

__all__ = ["Vad"]

CENTRES_HZ = (
    (300, 480, 700, 950, 1250),
    (1700, 2200, 2800, 3500, 4500, 5800, 7000),
)
"The low band has the vowels, the high one the hiss; hum and rumble stay below both."

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

    __slots__ = ("_ages", "_lowest", "_slots", "level")

    def __init__(self) -> None:
        self.level = _power(BEFORE_DB)
        self._lowest = math.inf
        "Of the age that is under way."
        self._ages: list[float] = []
        self._slots = 0

    def learn(self, power: float) -> None:
        """Take the mean power of the next slot."""
        if power < self._lowest:
            self._lowest = power
            if power < self.level:
                self.level = max(power, _QUIETEST)
        self._slots += 1
        if self._slots == AGE_SLOTS:
            self._turn(power)

    def _turn(self, power: float) -> None:
        self._ages = [*self._ages[1 - AGES :], self._lowest]
        if len(self._ages) > 1:
            self.level = max(min(self._ages), _QUIETEST)
        self._lowest = power
        self._slots = 0


class Bang:
    """Whether what was heard last is only a sudden noise that dies away; energies."""

    __slots__ = ("_before", "_fading", "_last", "_loudest")

    def __init__(self) -> None:
        self._before = 0.0
        "Energy of the slot before."
        self._last = 0.0
        "... and of its last block."
        self._loudest = 0.0
        "Two blocks in a row, in that slot."
        self._fading = 0.0
        "The same of earlier slots, less with each slot."

    def feed(self, a: float, b: float, c: float, d: float) -> bool:
        """Take the energies of the blocks of the next slot."""
        loudest = max(self._last + a, a + b, b + c, c + d)
        now = a + b + c + d
        reference = max(loudest, self._loudest, self._fading)
        bang = self._before + now <= BANG * reference
        self._fading = max(self._loudest, self._fading) * _DYING
        self._before, self._last, self._loudest = now, d, loudest
        return bang


class Vad:
    """One caller's. Feed every slot, the silent ones too."""

    __slots__ = ("_bands", "_bang", "_hangover", "_high", "_loud", "_low", "speaking")

    def __init__(self, rate: int) -> None:
        """`rate` in Hz, 4000 or more, of the mono s16le PCM."""
        self.speaking = False
        self._bands = Bands(rate, CENTRES_HZ)
        self._bang = Bang()
        self._low = Floor()
        self._high = Floor()
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
        bands = self._bands
        blocks = bands.blocks(mono(pcm, bands.size))
        # Sixteen numbers are quicker in plain Python than in eight numpy calls.
        (a, s), (b, t), (c, u), (d, v) = bands.powers(blocks).tolist()
        factor = _KEEP if self.speaking else _ABOVE
        low, high = self._low.level * factor, self._high.level * factor
        loud = (
            (a > low or s > high)
            + (b > low or t > high)
            + (c > low or u > high)
            + (d > low or v > high)
        )
        self._low.learn((a + b + c + d) / BLOCKS)
        self._high.learn((s + t + u + v) / BLOCKS)
        if self.speaking:
            self._go_on(loud)
        else:
            bang = self._bang.feed(*np.vecdot(blocks, blocks).tolist())
            if loud + self._loud >= ONSET_BLOCKS and not bang:
                self.speaking = True
                self._hangover = HANGOVER_SLOTS
        self._loud = loud
        return self.speaking

    def _go_on(self, loud: int) -> None:
        if loud >= KEEP_BLOCKS:
            self._hangover = HANGOVER_SLOTS
        else:
            self._hangover -= 1
            self.speaking = self._hangover > 0
