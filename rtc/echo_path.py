"""The way of an echo: from the agent's voice, through a room, back to us. Pure.

`search` finds how late the echo is, from some hundred milliseconds of sound: the two
signals are correlated with their spectra flattened (speech alone correlates with any
speech; its fine structure only with itself). `Path` then tells for each slot how much
sound the agent's voice accounts for, band by band.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from .audio import CLOCK_HZ, SLOT
from .bands import BLOCKS, Floats
from .echo_voice import BLOCK, LONGEST_MS, WAVE_HZ, Rows

__all__ = ["Match", "Path", "search"]

FLATTEN = 0.7
"""Exponent. 1 flattens the spectrum wholly and with it lifts the noise; of 0.5 to 1 the
values around 0.7 told right from wrong best."""

PASS_HZ = (250, 1800)

BESIDE = WAVE_HZ * 12 // 1000
"Samples around the best delay that are the same echo: 12 ms of near reflections."

AHEAD = 2
"""Rows (10 ms) by which sound may come earlier or later than the delay says: the clocks
of two sound cards, and jitter buffers that stretch time."""

EASY = 480
"Lengths that are multiples of this have small factors only: quick Fourier transforms."

TAIL = 24
"Rows (120 ms) of reverberation."

TAIL_DB = -1.2
"... which falls by this much a row: 60 dB in 250 ms, a furnished room."

SAME = CLOCK_HZ * 10 // 1000
"Two delays nearer than 10 ms are the same way."

HABIT = 0.2
"How fast gains follow, the logarithm for a slot: some 0.9 dB."

USUAL = 0.85
"""A gain is this quantile of what was heard to what was expected, not the mean: sound
that is louder than expected would be taken for the caller."""

LOUDER = math.exp(HABIT * USUAL)
SOFTER = math.exp(HABIT * (USUAL - 1))
"What a gain is multiplied with when more, or less, was heard than expected."

DB = 10 / math.log(10)
"What a natural logarithm of powers is multiplied with to have dB."

NOISE_RISE = 1.01
"How fast the noise floor may rise, each slot: 2 dB a second."

NOISE_BIAS = 3.0
"Mean of the noise in a narrow band and 20 ms, compared with its minimum."

FIRST_GAIN = 1.6
"The first gain is a mean; this makes it something like the quantile above."

LIKE_OTHERS = 0.3
"Least gain of a band (-5 dB), compared with the median of all."

HUSH = 1e-7
"Power (-70 dB) under which differences do not count."

TINY = 1e-9
"Power of a sound of -90 dB: under any microphone's noise."


class Match(NamedTuple):
    """Where two signals fit best."""

    delay: int
    "In samples of the clock."
    score: float
    "The fit, compared with the mean of all others."
    ratio: float
    "The fit, compared with the second best."


def search(sent: Floats, heard: Floats, lead: int) -> Match:
    """Where in `sent` the sound `heard` comes from; both at `WAVE_HZ`.

    `heard` begins `lead` samples after `sent`; the delay is looked for in what lies
    between, so that `sent` must be the longer by `LONGEST_MS`.
    """
    size = -(-len(sent) // EASY) * EASY
    cross = np.fft.rfft(heard, size)
    low, high = (hertz * size // WAVE_HZ for hertz in PASS_HZ)
    cross[:low] = 0
    cross[high:] = 0
    passed = cross[low:high]
    passed *= np.conj(np.fft.rfft(sent, size)[low:high])
    passed *= 1 / (np.abs(passed) ** FLATTEN + 1e-9)
    fit = np.fft.irfft(cross, size)
    # A sound that is late by nothing fits `lead` samples before the end.
    first = size - lead
    found = np.abs(fit[first : first + min(lead, LONGEST_MS * WAVE_HZ // 1000)])
    best = int(found.argmax())
    top = float(found[best])
    mean = math.sqrt(float(fit.dot(fit)) / size) + TINY
    found[max(0, best - BESIDE) : best + BESIDE] = 0
    second = float(found.max()) + TINY
    return Match(best * CLOCK_HZ // WAVE_HZ, top / mean, top / second)


def _weights() -> Floats:
    """How much of each row is heard in a slot, oldest first."""
    tail = 10 ** (TAIL_DB / 10 * np.arange(TAIL, 0, -1))
    both = np.concatenate((tail, np.ones(BLOCKS + 2 * AHEAD)))
    return (both / BLOCKS).astype(np.float32)


WEIGHTS = _weights()


class Path:
    """A known way: its delay, and how loud it is in each band.

    A dozen numbers are quicker in plain Python than in numpy, where each step of a sum
    costs as much as all of them.
    """

    __slots__ = ("_expected", "_gains", "_noise", "_rows", "delay")

    def __init__(self, delay: int, rows: Rows, heard: Floats) -> None:
        """`heard` are the slots heard last, one in each row."""
        self.delay = delay
        "In samples of the clock."
        self._rows = rows
        self._noise: list[float] = (heard.min(axis=0) * NOISE_BIAS + TINY).tolist()
        self._gains = [0.0] * len(self._noise)
        self._expected = self._gains
        "Of the slot judged last."

    @property
    def strength_db(self) -> float:
        """How loud the echo is, compared with what was sent."""
        return 10 * math.log10(float(np.median(self._gains)) + TINY)

    def needs(self, at: int) -> int:
        """Where that ends of what was sent which may be heard in the slot at `at`."""
        return at - self.delay + SLOT + AHEAD * BLOCK

    def sent(self, at: int) -> Floats:
        """What was sent of the sound that is heard from position `at` on."""
        end = (at - self.delay) // BLOCK + BLOCKS + AHEAD
        found: Floats = WEIGHTS.dot(self._rows.before(end, len(WEIGHTS)))
        return found

    def fit(self, sent: Floats, heard: Floats) -> float:
        """Take the gains from some slots, one in each row; returns the misfit.

        That is how far what is heard strays from what was sent, as a mean of natural
        logarithms: under 0.95 when it is an echo, over 1.2 when it is somebody else.
        """
        gains = heard.sum(axis=0) / (sent.sum(axis=0) + TINY)
        expected = sent * gains
        astray = np.abs(np.log((heard + HUSH) / (expected + HUSH)))
        weights = np.sqrt(heard + expected)
        gains *= FIRST_GAIN
        # A band that was silent so far says nothing of itself: it is like the others.
        np.maximum(gains, np.median(gains) * LIKE_OTHERS, out=gains)
        self._take(gains.tolist())
        return float((weights * astray).sum() / (weights.sum() + TINY))

    def same(self, other: Path) -> bool:
        """Whether it is the same way, found twice."""
        return abs(self.delay - other.delay) <= SAME

    def take(self, before: Path) -> None:
        """Go on from what was known before."""
        if self.same(before):
            self._take(before._gains)
        self._noise = before._noise

    def _take(self, gains: list[float]) -> None:
        self._gains = [max(both) for both in zip(self._gains, gains, strict=True)]

    def expect(self, at: int) -> list[float]:
        """How loud the echo is to be in the slot at `at`."""
        sent = self.sent(at).tolist()
        self._expected = echo = [a * b for a, b in zip(sent, self._gains, strict=True)]
        return echo

    def surprise(self, at: int, heard: Iterable[float]) -> float:
        """How much louder than echo and noise the slot is; dB, mean of the bands."""
        louder = 1.0
        bands = zip(heard, self.expect(at), self._noise, strict=True)
        for sound, echo, noise in bands:
            excess = (sound + TINY) / (echo + noise)
            if excess > 1:
                louder *= excess
        # The logarithm of a product is the sum of many.
        return DB * math.log(louder) / len(self._noise)

    def listen(self, heard: Iterable[float]) -> None:
        """Learn the noise."""
        self._noise = [
            # As min() would have it, which costs as much as all the rest.
            now
            if (now := sound * NOISE_BIAS + TINY) < noise * NOISE_RISE
            else noise * NOISE_RISE
            for noise, sound in zip(self._noise, heard, strict=True)
        ]

    def learn(self, heard: Iterable[float]) -> None:
        """The slot expected last is echo and nothing else: let the gains follow."""
        self._gains = [
            # What cannot be heard above the noise tells nothing.
            gain if echo < noise else gain * (LOUDER if sound > echo else SOFTER)
            for gain, echo, noise, sound in zip(
                self._gains, self._expected, self._noise, heard, strict=True
            )
        ]
