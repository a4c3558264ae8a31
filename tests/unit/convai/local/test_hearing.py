from __future__ import annotations

import numpy as np

from convai.local.formats import FORMATS, Inlet
from convai.local.hearing import Hearing
from convai.local.turns import PREROLL_WINDOWS, Heard
from convai.local.vad import WINDOW_BYTES, Energy


def hearing() -> Hearing:
    return Hearing(Inlet(FORMATS["pcm_16000"]), Energy())


def sound(seconds: float, level: float) -> bytes:
    samples = np.random.default_rng(1).normal(0, level, int(seconds * 16_000))
    return samples.astype("<i2").tobytes()


CALL = sound(1, 20) + sound(1, 4_000) + sound(1.5, 20)


def test_a_turn_is_cut_out_of_the_sound_in_pieces_of_any_size() -> None:
    whole = list(hearing().windows(CALL, lambda: False))
    kinds = [heard for heard, _ in whole]
    assert kinds.count(Heard.ONSET) == kinds.count(Heard.END) == 1
    pieces, ear = [], hearing()
    for start in range(0, len(CALL), 641):
        pieces += ear.windows(CALL[start : start + 641], lambda: False)
    assert pieces == whole


def test_the_onset_brings_the_sound_before_it() -> None:
    for heard, pcm in hearing().windows(CALL, lambda: False):
        if heard is Heard.ONSET:
            assert len(pcm) == (PREROLL_WINDOWS + 1) * WINDOW_BYTES
            end = CALL.index(pcm) + len(pcm)
            assert 1.0 < end / 32_000 < 1.2
        else:
            assert len(pcm) == WINDOW_BYTES


def test_a_whole_request_is_asked_about_only_in_a_pause() -> None:
    ear = hearing()
    asked: list[int] = []

    def complete() -> bool:
        asked.append(ear.turns.pause_windows)
        return True

    kinds = [heard for heard, _ in ear.windows(CALL, complete)]
    assert 0 not in asked and 0 < len(asked) < 15
    assert 2.2 < kinds.index(Heard.END) * 0.032 < 2.4


def test_a_pause_is_doubtful_at_its_times_and_the_turn_so_far_is_at_hand() -> None:
    ear = hearing()
    loud, soft = sound(1, 4_000), sound(0.5, 20)
    asked = [
        len(ear.turn) / 32_000
        for heard, _ in ear.windows(sound(1, 20) + (loud + soft) * 2, lambda: False)
        if heard is Heard.SPEECH and ear.doubtful
    ]
    assert [round(seconds, 1) for seconds in asked] == [1.5, 1.8, 3.0, 3.3]
