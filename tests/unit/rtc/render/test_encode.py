"""Encode: that what is encoded in stretches sounds as if it were one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rtc.render.encode import MP3_STRETCH, ahead, side_by_side
from rtc.render.format import FORMATS, MP3_FRAME
from rtc.render.make import make
from rtc.render.sound import Samples
from tests.sound import RATE
from tests.unit.rtc.render.tapes import decoded, opus, record

SEAM = MP3_STRETCH * MP3_FRAME * RATE // FORMATS["mp3"].rate_hz
"Samples of 48 kHz between the places where one LAME takes over from another."

PIECE = RATE // 100


def rendered(recording: Path, kind: str) -> Samples:
    output = recording.with_name(f"sound.{kind}")
    make(recording, kind, "both", output, lambda size, there: None)
    return decoded(output)


def test_the_seams_of_an_mp3_are_not_heard(tmp_path: Path) -> None:
    """What MP3 loses of two steady tones is no more there than anywhere else."""
    at = np.arange(30 * RATE) / RATE
    tones = [(8000 * np.sin(2 * np.pi * hz * at)).astype(np.int16) for hz in (330, 997)]
    recording = record(tmp_path / "a.mka", *(opus(tone) for tone in tones))
    sound, truth = (
        rendered(recording, kind).astype(np.float64) for kind in ("mp3", "wav")
    )
    for leg in (0, 1):
        lost = sound[: len(truth), leg] - truth[:, leg]
        pieces = lost[: len(lost) // PIECE * PIECE].reshape(-1, PIECE)
        level = np.sqrt((pieces**2).mean(axis=1))
        for seam in (SEAM // PIECE, 2 * SEAM // PIECE, 3 * SEAM // PIECE):
            near = level[seam - 10 : seam + 10].max()
            assert near < 1.5 * np.median(level[100:-100]), (leg, seam)
        assert np.median(level[100:-100]) < 8000 / 20


def test_what_is_encoded_side_by_side_is_in_order_and_never_far_ahead() -> None:
    asked = 0

    def pieces() -> Iterator[Samples]:
        nonlocal asked
        for value in range(20):
            asked += 1
            yield np.full((1, 1), value, np.int16)

    for value, done in enumerate(side_by_side(lambda it: [it.tobytes()], pieces())):
        assert done == [np.int16(value).tobytes()]
        assert asked <= value + 3
    assert asked == 20


def test_what_fails_on_a_thread_is_raised() -> None:
    def broken() -> Iterator[Samples]:
        yield np.zeros((1, 1), np.int16)
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        list(ahead(broken()))
    with pytest.raises(ValueError, match="torn"):
        list(side_by_side(lambda it: [], broken()))

    def fails(piece: Samples) -> list[bytes]:
        raise ValueError("no encoder")

    with pytest.raises(ValueError, match="no encoder"):
        list(side_by_side(fails, iter([np.zeros((1, 1), np.int16)])))
