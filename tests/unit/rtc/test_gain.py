"""Gain: even ramps that neither click nor wrap."""

from __future__ import annotations

import numpy as np
import pytest

from rtc.bargein import DUCK_GAIN
from rtc.gain import fade_out, ramp


def test_a_ramp_goes_evenly_and_without_a_click() -> None:
    flat = np.full(320, 10_000, np.int16)
    down = np.frombuffer(ramp(flat.tobytes(), 1.0, DUCK_GAIN), np.int16)
    assert down[0] == 10_000
    assert down[-1] == pytest.approx(2_000, abs=2)
    steps = np.diff(down.astype(int))
    assert steps.max() <= 0
    assert steps.min() >= -26  # 8000 over 319 steps, rounded
    kept = np.frombuffer(ramp(flat.tobytes(), DUCK_GAIN, DUCK_GAIN), np.int16)
    assert kept == pytest.approx(2_000, abs=2)


def test_a_gain_of_one_touches_nothing() -> None:
    pcm = b"\1\2" * 320
    assert ramp(pcm, 1.0, 1.0) is pcm
    assert ramp(b"", 1.0, 0.0) == b""


def test_a_ramp_of_the_loudest_sound_does_not_wrap() -> None:
    loud = np.array([-32_768, 32_767] * 160, np.int16)
    up = np.frombuffer(ramp(loud.tobytes(), 0.0, 1.0), np.int16)
    assert np.all(np.sign(up[2:]) == np.sign(loud[2:]))


def test_a_fade_ends_in_nothing() -> None:
    flat = np.full(320, 1000, np.int16).tobytes()
    samples = np.frombuffer(fade_out(flat), np.int16)
    assert samples[0] == 1000 and samples[-1] < 10
    assert fade_out(b"") == b""
