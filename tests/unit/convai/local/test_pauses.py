from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from convai.local import models, pauses, voice
from convai.local.formats import resampled
from convai.local.pauses import HEARD_BYTES, Pauses, SmartTurn, Unsure, log_mel

SPEECH = Path(__file__).parents[3] / "data" / "speech"
PAUSE = b"\0" * 5_120


@pytest.fixture(scope="module")
def smart_turn() -> Iterator[Pauses]:
    folder = models.default_folder(os.environ)
    assert models.fetch(folder) == []
    loaded = pauses.load(models.locate(folder).smart_turn)
    assert isinstance(loaded, SmartTurn)
    yield loaded
    loaded.close()


async def test_a_finished_sentence_and_one_in_the_middle(smart_turn: Pauses) -> None:
    speaker = voice.load()
    sound = speaker.speak("My name is Anna and I live in Vienna.", 1.0)
    pcm = resampled(sound, speaker.rate, 16_000).rstrip(b"\0")
    pcm = pcm[: len(pcm) & ~1]
    assert await smart_turn.finished(pcm + PAUSE)
    half = pcm[: int(len(pcm) * 0.55) & ~1]
    assert not await smart_turn.finished(half + PAUSE)


async def test_a_person(smart_turn: Pauses) -> None:
    with wave.open(str(SPEECH / "goforward.wav")) as file:
        pcm = file.readframes(file.getnframes())
    assert await smart_turn.finished(pcm + PAUSE)


async def test_any_length_is_taken(smart_turn: Pauses) -> None:
    for size in (0, 2, HEARD_BYTES, HEARD_BYTES * 2):
        assert isinstance(await smart_turn.finished(b"\0" * size), bool)


def test_the_spectrum_is_where_the_sound_is() -> None:
    time = np.arange(128_000) / 16_000
    low, high = (
        log_mel(np.sin(2 * np.pi * pitch * time).astype(np.float32))
        for pitch in (300.0, 3_000.0)
    )
    assert low.shape == high.shape == (80, 800) and low.dtype == np.float32
    # 300 Hz is 4.5 mel, 3 kHz is 31; the 80 bands cover 45 mel.
    assert int(low[:, 400].argmax()) == pytest.approx(80 * 4.5 / 45.2, abs=1)
    assert int(high[:, 400].argmax()) == pytest.approx(80 * 31 / 45.2, abs=1)


async def test_without_a_model_nobody_can_tell() -> None:
    stand_in = pauses.load(None)
    assert isinstance(stand_in, Unsure)
    assert not await stand_in.finished(PAUSE)
    stand_in.close()
