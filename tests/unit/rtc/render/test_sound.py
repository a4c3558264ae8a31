"""Sound: both legs in step, as long as the call, whatever is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rtc.opus import silence
from rtc.render.sound import Samples, Sound, mixed
from rtc.render.tape import Tape
from tests.sound import RATE, chirp, place
from tests.unit.rtc.render.tapes import SLOT, quiet, record, sounding, write


def heard(path: Path, rate: int = RATE, leg: str = "both") -> Samples:
    with Tape(path) as tape:
        sound = Sound(tape, rate, leg)
        pcm = np.concatenate([np.zeros((0, sound.channels), np.int16), *sound.pieces()])
        assert len(pcm) == sound.length
        return pcm


@pytest.mark.parametrize("rate", [48_000, 24_000, 8_000])
def test_a_word_is_where_it_was_said(tmp_path: Path, rate: int) -> None:
    """At the beginning as behind several pieces; within 0.25 ms."""
    path = record(tmp_path / "a.mka", sounding(33, 0.5, 32), sounding(33, 3, 31))
    pcm = heard(path, rate)
    assert len(pcm) == 33 * rate
    pattern = chirp(rate, seconds=0.4)
    for leg, seconds in enumerate(((0.5, 32), (3, 31))):
        for second in seconds:
            begin = round((second - 0.5) * rate)
            found = place(pcm[begin : begin + rate * 2, leg], pattern)
            assert abs(found - 0.5 * rate) <= rate / 4000


def test_a_leg_alone_is_its_side_and_as_long(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mka", sounding(2, 1), sounding(14, 1))
    both = heard(path)
    assert len(both) == 14 * RATE
    for column, leg in enumerate(("caller", "agent")):
        assert np.array_equal(heard(path, leg=leg)[:, 0], both[:, column])
    assert not both[2 * RATE :, 0].any()


def test_a_hole_is_as_long_as_it_was(tmp_path: Path) -> None:
    """Half a minute of the file is missing: longer than what is kept in memory."""
    word = sounding(1, 0.2)
    blocks = [(k * SLOT, 0, packet) for k, packet in enumerate(word)]
    blocks += [((k + 2000) * SLOT, 0, packet) for k, packet in enumerate(word)]
    pcm = heard(write(tmp_path / "a.mka", blocks))
    assert len(pcm) == 2050 * SLOT
    # Opus is late by 312 samples, so the next packet begins that much earlier.
    assert not pcm[RATE : 2000 * SLOT - 312].any()
    assert abs(place(pcm[2000 * SLOT :, 0], chirp(seconds=0.4)) - RATE // 5) < 12


def test_packets_of_a_time_that_is_over_are_left_out(tmp_path: Path) -> None:
    word = sounding(1, 0.2)
    blocks = [(k * SLOT, 0, packet) for k, packet in enumerate(word)]
    pcm = heard(write(tmp_path / "a.mka", [*blocks, (10 * SLOT, 0, word[20])]))
    assert len(pcm) == len(word) * SLOT


def test_a_packet_that_is_no_opus_is_silence(tmp_path: Path) -> None:
    word = sounding(1, 0.5)
    bad = bytes((word[0][0] | 3, 0x3F)) + bytes(5)  # 63 frames of 20 ms
    spoilt = [word[0], silence(), b"\xff\x00", *word[3:]]
    pcm = heard(record(tmp_path / "a.mka", spoilt, quiet(len(word))))
    assert len(pcm) == RATE
    assert abs(place(pcm[:, 0], chirp(seconds=0.4)) - RATE // 2) < 12
    assert heard(record(tmp_path / "b.mka", [bad], [bad])).shape == (0, 2)


def test_the_end_of_a_short_call_is_exact(tmp_path: Path) -> None:
    for slots in range(3):
        path = record(tmp_path / "a.mka", quiet(slots), quiet(slots))
        assert len(heard(path)) == slots * SLOT


def test_a_voice_alone_is_mixed_as_it_is() -> None:
    voice = chirp()
    piece = np.stack([voice, np.zeros_like(voice)], axis=1)
    assert np.array_equal(mixed(piece)[:, 0], voice)


def test_two_that_shout_neither_wrap_around_nor_are_cut_off() -> None:
    ramp = np.linspace(-32_768, 32_767, 10_000).astype(np.int16)
    out = mixed(np.stack([ramp, ramp], axis=1))[:, 0].astype(int)
    assert (np.diff(out) >= 0).all()
    assert out.min() >= -32_768
    assert out.max() <= 32_767
    # Twice a third of full scale is not touched; and what is louder stays louder.
    assert out[np.searchsorted(ramp, 10_000)] == pytest.approx(20_000, abs=20)
    assert out[np.searchsorted(ramp, 20_000)] > 30_000
