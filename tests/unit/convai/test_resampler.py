"""Resampler: the same sound at another rate."""

from __future__ import annotations

import numpy as np
import pytest

from convai.resampler import Resampler

PAIRS = [(16000, 24000), (24000, 16000), (48000, 16000), (44100, 24000), (8000, 48000)]


def tone(rate: int, seconds: float, hz: float = 440.0) -> bytes:
    at = np.arange(int(rate * seconds)) / rate
    return (10_000 * np.sin(2 * np.pi * hz * at)).astype("<i2").tobytes()


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_tone_in_pieces_comes_out_whole_and_smooth(source: int, target: int) -> None:
    it, pcm = Resampler(source, target), tone(source, 1.0)
    step = source // 50 * 2
    out = b"".join(it.feed(pcm[at : at + step]) for at in range(0, len(pcm), step))
    out += it.rest()
    got = np.frombuffer(out, "<i2").astype(float)
    assert abs(len(got) - target) <= target // 500
    # The steepest slope of the tone: a click between two pieces would be steeper.
    steepest = 10_000 * 2 * np.pi * 440 / target
    inner = got[target // 100 : -target // 100]
    assert np.abs(np.diff(inner)).max() < steepest * 1.1
    assert 9_500 < np.abs(inner).max() < 10_500


def test_the_end_of_a_reply_does_not_leak_into_the_next() -> None:
    it = Resampler(16_000, 24_000)
    it.feed(tone(16_000, 0.1))
    assert it.rest()
    assert it.rest() == b""
    silence = np.frombuffer(it.feed(bytes(3200)) + it.rest(), "<i2")
    assert len(silence)
    assert not silence.any()


def test_equal_rates_change_nothing() -> None:
    it, pcm = Resampler(16_000, 16_000), tone(16_000, 0.02)
    assert it.idle
    assert it.feed(pcm) is pcm
    assert it.rest() == b""
