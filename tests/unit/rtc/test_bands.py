"""Bands: the right filter for a tone, at any rate."""

from __future__ import annotations

import numpy as np
import pytest

from rtc.bands import BLOCKS, Bands, Filters, mono, whole

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


def noise(seed: int, samples: int = 320) -> bytes:
    random = np.random.default_rng(seed)
    return random.integers(-9000, 9000, samples).astype(np.int16).tobytes()


def test_many_slots_are_measured_as_each_of_them() -> None:
    bands = Bands(16_000, GROUPS)
    slots = [noise(seed) for seed in range(5)]
    slots[2] = slots[2][:100]
    each = [bands.powers(bands.blocks(mono(pcm, bands.size))) for pcm in slots]
    sound = whole(slots, bands.size)
    assert bands.powers(bands.blocks(sound)) == pytest.approx(np.concatenate(each))
    means = [powers.mean(axis=0) for powers in each]
    assert bands.means(sound) == pytest.approx(np.array(means))
    for pcm, powers, mean in zip(slots, each, means, strict=True):
        assert bands.steps(pcm) == pytest.approx(powers)
        assert bands.mean(pcm) == pytest.approx(mean)


def test_a_slot_goes_through_the_filters_once_for_all_who_ask() -> None:
    filters = Filters(16_000)
    low = Bands(16_000, ((300, 480),), filters)
    high = Bands(16_000, ((3500,), (9999,)), filters)
    for seed in (1, 2):
        pcm = noise(seed)
        wanted = filters.squares(mono(pcm, filters.size))
        assert np.array_equal(filters.slot(pcm), wanted)
        assert filters.slot(pcm) is filters.slot(pcm)
        assert low.steps(pcm)[:, 0] == pytest.approx(wanted[:, :4].sum(axis=1))
        assert high.steps(pcm)[:, 0] == pytest.approx(wanted[:, 16:18].sum(axis=1))
        assert not high.steps(pcm)[:, 1].any()
