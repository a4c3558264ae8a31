"""Path: the delay is found; gains follow an echo, and not a caller."""

from __future__ import annotations

import numpy as np
import pytest

from rtc.bands import Floats
from rtc.echo_path import Path, search
from rtc.echo_voice import BLOCK, LONGEST_MS, WAVE_HZ, Rows

LEAD = LONGEST_MS * WAVE_HZ // 1000
LENGTH = 1200


def coloured(count: int, seed: int) -> Floats:
    """Noise with the long spectrum of a voice."""
    noise = np.random.default_rng(seed).standard_normal(count + 8)
    return np.convolve(noise, np.ones(8), "same")[:count].astype(np.float32)


@pytest.mark.parametrize("delay", [130, 500, 1234, 2600])
def test_the_delay_is_found_under_noise(delay: int) -> None:
    sent = coloured(LEAD + LENGTH, 1)
    heard = sent[LEAD - delay :][:LENGTH] + 0.5 * coloured(LENGTH, 2)
    match = search(sent, heard, LEAD)
    assert match.delay == delay * 12
    assert match.ratio > 2


def test_strangers_do_not_match() -> None:
    ratios = [
        search(coloured(LEAD + LENGTH, seed), coloured(LENGTH, 99 + seed), LEAD).ratio
        for seed in range(50)
    ]
    assert max(ratios) < 1.5


def test_silence_matches_nothing_and_breaks_nothing() -> None:
    nothing = np.zeros(LEAD + LENGTH, np.float32)
    match = search(nothing, nothing[:LENGTH], LEAD)
    assert match.score < 1


def speech(slots: int) -> Floats:
    """Powers in two bands, four rows a slot, that go up and down."""
    random = np.random.default_rng(5)
    steps = np.repeat(random.uniform(-6, -1, (slots, 2)), 4, axis=0)
    return (10**steps).astype(np.float32)


def known(gain: float) -> tuple[Path, list[Floats]]:
    """A path of 100 ms with its gains fitted, and what is heard by it, slot by slot."""
    rows = Rows(2)
    rows.put(0, speech(60))
    quiet = np.full((1, 2), 1e-8, np.float32)
    path = Path(20 * BLOCK, rows, quiet)
    heard = [path.sent(slot * 960) * np.float32(gain) + 1e-8 for slot in range(50)]
    sent = np.array([path.sent(slot * 960) for slot in range(6, 30)])
    assert path.fit(sent, np.array(heard[6:30])) < 0.1
    return path, heard


def test_an_echo_is_no_surprise_and_a_caller_is() -> None:
    path, heard = known(0.1)
    assert path.strength_db == pytest.approx(-10, abs=3)
    for slot in range(30, 50):
        assert path.surprise(slot * 960, heard[slot]) < 0.5
        assert path.surprise(slot * 960, heard[slot] + np.float32(0.1)) > 3


def test_the_gains_follow_a_loudspeaker_that_is_turned_down_and_up() -> None:
    path, heard = known(0.1)
    for factor, wanted in ((0.03, -25), (0.3, -15)):
        for slot in [*range(6, 50)] * 8:
            powers = heard[slot] * np.float32(factor)
            path.surprise(slot * 960, powers)
            path.learn(powers)
        assert path.strength_db == pytest.approx(wanted, abs=4)


def test_somebody_else_does_not_fit() -> None:
    rows = Rows(2)
    rows.put(0, speech(60))
    path = Path(20 * BLOCK, rows, np.full((1, 2), 1e-8, np.float32))
    sent = np.array([path.sent(slot * 960) for slot in range(6, 30)])
    other = speech(100)[200:296:4]
    assert path.fit(sent, other) > 1.2


def test_what_was_known_of_the_same_way_is_kept() -> None:
    path, _ = known(0.1)
    again = Path(20 * BLOCK + 96, Rows(2), np.full((1, 2), 1e-8, np.float32))
    again.take(path)
    assert again.strength_db == path.strength_db
    other = Path(60 * BLOCK, Rows(2), np.full((1, 2), 1e-8, np.float32))
    other.take(path)
    assert other.strength_db < -60
