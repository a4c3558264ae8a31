from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
import pytest

from convai.local import models, vad
from convai.local.vad import WINDOW_BYTES, Energy, Vad

SPEECH = Path(__file__).parents[3] / "data" / "speech"


def clip(name: str) -> bytes:
    with wave.open(str(SPEECH / name)) as file:
        return file.readframes(file.getnframes())


def noise(seconds: float, level: float) -> bytes:
    samples = np.random.default_rng(1).normal(0, level, int(seconds * 16_000))
    return samples.astype("<i2").tobytes()


def share(detector: Vad, pcm: bytes) -> float:
    """Of the windows, how many are speech."""
    whole = len(pcm) - len(pcm) % WINDOW_BYTES
    windows = [pcm[at : at + WINDOW_BYTES] for at in range(0, whole, WINDOW_BYTES)]
    return sum(detector.probability(w) >= 0.5 for w in windows) / len(windows)


@pytest.fixture(scope="module")
def silero() -> vad.MakeVad:
    folder = models.default_folder(os.environ)
    assert models.fetch(folder) == []
    return vad.load(models.locate(folder).silero)


def test_silero_tells_speech_from_noise(silero: vad.MakeVad) -> None:
    assert share(silero(), clip("librivox_0880.wav")) > 0.75
    assert share(silero(), noise(2, 2_000)) < 0.05
    assert share(silero(), b"\0" * 64_000) == 0


def test_each_caller_has_a_detector_with_its_own_memory(silero: vad.MakeVad) -> None:
    window = clip("librivox_0880.wav")[32_000 : 32_000 + WINDOW_BYTES]
    used, fresh = silero(), silero()
    first = used.probability(window)
    share(used, clip("librivox_0880.wav"))
    assert fresh.probability(window) == first


def test_loudness_is_the_stand_in() -> None:
    assert vad.load(None) is Energy
    detector = Energy()
    assert share(detector, noise(1, 50)) == 0
    assert share(detector, clip("goforward.wav")) > 0.4
    assert share(detector, noise(1, 50)) == 0


def test_a_noise_that_stays_is_learnt() -> None:
    detector = Energy()
    share(detector, noise(1, 100))
    assert share(detector, noise(1, 2_000)) == 1
    assert share(detector, noise(30, 2_000)) < 0.9
    assert share(detector, noise(1, 2_000)) == 0


def test_digital_silence_does_not_make_a_whisper_a_shout() -> None:
    detector = Energy()
    share(detector, b"\0" * 64_000)
    assert share(detector, noise(1, 100)) == 0
