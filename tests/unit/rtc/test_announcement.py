"""Announcement: from a setting to the packets that are sent first."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rtc.announcement import AFTER_MS, BEFORE_MS, MOST_S, beep, load, packets
from rtc.opus import Decoder

RATE = 48_000


def write(path: Path, rate: int, channels: int, width: int, seconds: float) -> str:
    """A WAV file of 440 Hz at half of full scale."""
    time = np.arange(round(rate * seconds)) / rate
    tone = np.repeat(np.sin(2 * np.pi * 440 * time) / 2, channels)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        if width == 1:
            file.writeframes((tone * 127 + 128).astype(np.uint8).tobytes())
        else:
            whole = (tone * (2**31 - 1)).astype("<i4").reshape(-1, 1)
            file.writeframes(whole.view(np.uint8)[:, 4 - width :].tobytes())
    return str(path)


def samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, np.int16).astype(float) / 32768


def pitch(pcm: bytes) -> float:
    sound = samples(pcm)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * RATE / len(sound)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (96_000, 1)])
def test_any_wav_file(tmp_path: Path, rate: int, channels: int, width: int) -> None:
    pcm = load(write(tmp_path / "a.wav", rate, channels, width, 0.5))
    assert len(pcm) // 2 == pytest.approx(RATE / 2, abs=RATE // 1000)
    assert pitch(pcm) == pytest.approx(440, abs=3)
    assert np.abs(samples(pcm)[2400:-2400]).max() == pytest.approx(0.5, abs=0.02)


def test_nothing_is_announced() -> None:
    assert load("off") == b"" and packets(b"") == ()


def test_a_beep_is_short_not_loud_and_does_not_click() -> None:
    sound = samples(load("beep"))
    assert len(sound) == RATE // 5
    assert pitch(beep()) == pytest.approx(1000, abs=5)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-12, abs=0.1)
    edges = np.abs(np.concatenate([sound[:96], sound[-96:]]))
    assert edges.max() < 0.01


def no_file(folder: Path) -> str:
    return str(folder / "none.wav")


def a_folder(folder: Path) -> str:
    return str(folder)


def no_wav(folder: Path) -> str:
    path = folder / "song.wav"
    path.write_bytes(b"ID3 is no RIFF" * 100)
    return str(path)


def cut_off(folder: Path) -> str:
    path = folder / "cut.wav"
    write(path, 8000, 1, 2, 0.5)
    path.write_bytes(path.read_bytes()[:30])
    return str(path)


def too_long(folder: Path) -> str:
    return write(folder / "long.wav", 8000, 1, 1, MOST_S + 0.5)


def empty(folder: Path) -> str:
    return write(folder / "empty.wav", 8000, 1, 2, 0)


def mute(folder: Path) -> str:
    path = folder / "mute.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(8000))
    return str(path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (no_file, "there is no file"),
        (a_folder, "cannot be read as a WAV file"),
        (no_wav, "cannot be read as a WAV file"),
        (cut_off, "cannot be read as a WAV file"),
        (too_long, f"longer than {MOST_S} seconds"),
        (empty, "no sound in it"),
        (mute, "no sound in it"),
    ],
)
def test_what_cannot_be_played_is_said(
    tmp_path: Path, make: Callable[[Path], str], said: str
) -> None:
    value = make(tmp_path)
    with pytest.raises(ValueError, match=said) as caught:
        load(value)
    assert value in str(caught.value)


def test_the_longest_is_taken(tmp_path: Path) -> None:
    pcm = load(write(tmp_path / "long.wav", 8000, 1, 1, MOST_S))
    assert len(pcm) == MOST_S * RATE * 2


def test_packets_sound_like_the_announcement_with_silence_around() -> None:
    made = packets(beep())
    assert made is packets(beep()), "made once for all calls"
    decoder = Decoder(RATE)
    sound = samples(b"".join(decoder.decode(packet) for packet in made))
    assert len(made) * 20 == BEFORE_MS + 200 + AFTER_MS
    loud = np.flatnonzero(np.abs(sound) > 0.1) / RATE * 1000
    assert loud[0] == pytest.approx(BEFORE_MS + 10, abs=15)
    assert loud[-1] == pytest.approx(BEFORE_MS + 190, abs=15)
