"""Make: files of each kind; where a word is in them, and how large they become."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.render.format import FORMATS, MOST_WAV, mp3_size, wav_size
from rtc.render.make import FAULTS, PEAKS, explain, make, pour
from tests.sound import RATE, place, read
from tests.unit.rtc.render.tapes import (
    SLOT,
    WORD,
    decoded,
    probed,
    quiet,
    record,
    sounding,
    write,
)

LEGS = ("both", "caller", "agent", "mix")

NEAR = 48
"""Samples of 48 kHz, 1 ms, within which a word stands at the same place in each format.
What was measured is 4 samples; players that know no edit lists play M4A 43 ms later."""


class Teller:
    """Checks that what is told is so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[tuple[int | None, int]] = []

    def __call__(self, size: int | None, there: int) -> None:
        if there:
            assert self.path.stat().st_size >= there
        self.told.append((size, there))


def made(recording: Path, kind: str, leg: str) -> Path:
    output = recording.with_name(f"{leg}.{kind}")
    teller = Teller(output)
    make(recording, kind, leg, output, teller)
    size = output.stat().st_size
    assert teller.told[-1] == (size, size)
    assert {told for told, _ in teller.told} <= {size, None}
    there = [there for _, there in teller.told]
    assert there == sorted(there)
    if kind in FORMATS and FORMATS[kind].streams:
        assert teller.told[0] == (size, 0)
    return output


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A word of the caller at 1 s and 19 s, of the agent at 4 s and 22 s."""
    folder = tmp_path_factory.mktemp("call")
    return record(folder / "a.mka", sounding(24, 1, 19), sounding(24.1, 4, 22))


def near(pcm: np.ndarray, second: float) -> bool:
    begin = round((second - 0.5) * RATE)
    return abs(place(pcm[begin : begin + 2 * RATE], WORD) - RATE // 2) <= NEAR


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("kind", FORMATS)
def test_words_are_where_they_were_said(recording: Path, kind: str, leg: str) -> None:
    if (kind, leg) == ("mka", "both"):
        return  # the recording itself, which `make` is not asked for
    pcm = decoded(made(recording, kind, leg))
    assert pcm.shape[1] == (2 if leg == "both" else 1)
    if leg != "agent":
        assert near(pcm[:, 0], 1)
        assert near(pcm[:, 0], 19)
    if leg != "caller":
        assert near(pcm[:, -1], 4)
        assert near(pcm[:, -1], 22)
    length = round(24.1 * RATE)
    # A frame of MP3 or AAC is the longest that is made up, and as much as Opus is late.
    assert length - 312 <= len(pcm) <= length + 2048
    assert (
        length / RATE
        <= float(probed(recording.with_name(f"{leg}.{kind}"), "format=duration"))
        + 0.0065
    )


def test_a_wav_file_is_exact(recording: Path) -> None:
    path = made(recording, "wav", "both")
    with wave.open(str(path)) as file:
        assert file.getnframes() == round(24.1 * RATE)
        assert file.getframerate() == RATE
    assert np.array_equal(read(path), decoded(path))


def test_a_leg_as_matroska_has_the_very_packets(recording: Path) -> None:
    """Decoded by another decoder it is the same to the bit as in the recording."""
    for track, leg in enumerate(("caller", "agent")):
        alone = decoded(made(recording, "mka", leg))
        before = decoded(recording, track)
        assert np.array_equal(alone[: len(before)], before)
        # The caller's leg ended 0.1 s earlier.
        assert len(alone) == round(24.1 * RATE) - 312


def test_an_m4a_file_has_its_index_in_front(recording: Path) -> None:
    data = made(recording, "m4a", "both").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_an_mp3_file_is_equal_frames_and_nothing_else(recording: Path) -> None:
    data = made(recording, "mp3", "both").read_bytes()
    assert len(data) % 192 == 0
    assert all(data[k : k + 2] == b"\xff\xf3" for k in range(0, len(data), 192))
    assert b"Xing" not in data
    assert b"Info" not in data


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 80) | st.integers(480, 520),
    st.sampled_from(["wav", "mp3"]),
    st.sampled_from(LEGS),
)
def test_the_size_is_known_in_advance(
    tmp_path_factory: pytest.TempPathFactory, slots: int, kind: str, leg: str
) -> None:
    folder = tmp_path_factory.mktemp("call")
    path = record(folder / "a.mka", quiet(slots), quiet(slots // 2))
    size = {"wav": wav_size, "mp3": mp3_size}[kind]
    channels = 2 if leg == "both" else 1
    assert made(path, kind, leg).stat().st_size == size(slots * SLOT, channels)


@pytest.mark.parametrize("slots", [0, 1, 2])
@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a", "mka"])
def test_a_call_of_no_time_is_a_file_as_well(
    tmp_path: Path, kind: str, slots: int
) -> None:
    path = record(tmp_path / "a.mka", quiet(slots), quiet(slots))
    for leg in ("caller", "mix"):
        output = made(path, kind, leg)
        if slots or kind != "wav":
            assert probed(output, "stream=codec_type") == "audio"
            assert (np.abs(decoded(output)) < 10).all()


@pytest.mark.parametrize("kind", ["wav", "mp3", PEAKS])
def test_what_streams_is_the_same_as_the_file(recording: Path, kind: str) -> None:
    sink = io.BytesIO()
    pour(recording, kind, "both", sink)
    assert sink.getvalue() == made(recording, kind, "both").read_bytes()


def test_peaks_are_a_json_file(recording: Path) -> None:
    content = json.loads(made(recording, PEAKS, "both").read_text())
    assert content["length_ms"] == 24_100


def test_a_cut_off_recording_is_rendered(recording: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.mka"
    data = recording.read_bytes()
    torn.write_bytes(data[: len(data) * 3 // 4])
    for kind in FORMATS:
        pcm = decoded(made(torn, kind, "caller"))
        assert near(pcm[:, 0], 1)
        assert 15 * RATE < len(pcm) < 23 * RATE


@pytest.mark.parametrize("kind", [*FORMATS, PEAKS])
def test_what_is_no_recording_is_said_in_words(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.mka"
    path.write_bytes(b"RIFF" + bytes(1000))
    with pytest.raises(FAULTS) as caught:
        make(path, kind, "mix", tmp_path / "x", lambda size, there: None)
    assert "Matroska" in explain(caught.value)


def test_too_long_for_wav_is_said_before_anything_is_written(tmp_path: Path) -> None:
    slots = MOST_WAV // 4 // SLOT + 1
    path = write(tmp_path / "a.mka", [(slots * SLOT, 0, quiet(1)[0])])
    told: list[int | None] = []
    with pytest.raises(ValueError, match="too long for a WAV file"):
        make(path, "wav", "both", tmp_path / "x", lambda size, there: told.append(size))
    assert (tmp_path / "x").stat().st_size == 0
