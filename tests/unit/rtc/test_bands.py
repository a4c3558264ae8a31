"""Bands: the right filter for a tone, at any rate."""

from __future__ import annotations

import numpy as np
import pytest

from rtc.bands import BLOCKS, Bands, mono

GROUPS = ((300, 480, 700), (1700, 2200), (3500,))


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 48_000])
@pytest.mark.parametrize(("hertz", "band"), [(480, 0), (1700, 1), (3500, 2)])
def test_a_tone_is_loudest_in_its_band(rate: int, hertz: int, band: int) -> None:
    turns = np.arange(rate // 50) / rate
    tone = (32_767 * np.sin(2 * np.pi * hertz * turns)).astype(np.int16).tobytes()
    bands = Bands(rate, GROUPS)
    powers = bands.powers(bands.blocks(mono(tone, bands.size)))
    assert powers.shape == (BLOCKS, 3)
    assert np.all(powers.argmax(axis=1) == band)
    if band == 2:
        assert powers[:, band] == pytest.approx(1, rel=0.1)


def test_frequencies_that_a_rate_cannot_have_are_left_out() -> None:
    bands = Bands(8_000, ((300,), (7000,)))
    noise = np.random.default_rng(1).integers(-9000, 9000, 160).astype(np.int16)
    powers = bands.powers(bands.blocks(mono(noise.tobytes(), bands.size)))
    assert np.all(powers[:, 0] > 0)
    assert np.all(powers[:, 1] == 0)


def test_odd_pieces_are_made_to_fit() -> None:
    assert mono(b"\1\0\2\0\3\0", 4).tolist() == [1, 2]
    assert mono(b"\1\0", 6).tolist() == [1, 0, 0]
    assert mono(b"", 4).tolist() == [0, 0]
