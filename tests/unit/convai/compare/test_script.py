"""The caller's turns from files, and what is wrong with some files."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from convai.compare.script import load
from convai.compare.sound import RATE, speech_span, webm
from convai.compare.trouble import WrongInput


def voice(seconds: float, rate: int = RATE) -> np.ndarray:
    t = np.arange(int(seconds * rate)) / rate
    return (9000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)


def wav(
    path: Path, rate: int = RATE, channels: int = 1, lead: float = 0.5, tail: float = 1
) -> Path:
    """A second of sound with silence around it."""
    parts = [np.zeros(int(lead * rate)), voice(1.0, rate), np.zeros(int(tail * rate))]
    mono = np.concatenate(parts).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(mono, channels).tobytes())
    return path


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (48_000, 1)])
def test_any_wav_becomes_mono_at_48_khz(
    tmp_path: Path, rate: int, channels: int
) -> None:
    (line,) = load([wav(tmp_path / "a.wav", rate, channels)])
    assert abs(line.end_s - line.begin_s - 1.0) < 0.03
    loudest = np.abs(line.pcm[line.begin : line.end]).max()
    assert 8000 < loudest < 10_000


def test_silence_around_speech_is_cut_but_for_a_breath(tmp_path: Path) -> None:
    (line,) = load([wav(tmp_path / "a.wav", lead=2.0, tail=3.0)])
    assert abs(line.begin_s - 0.05) < 0.02
    assert abs(line.length_s - 1.25) < 0.03


def test_a_folder_is_taken_in_name_order_with_its_texts(tmp_path: Path) -> None:
    for name in ("b", "a"):
        wav(tmp_path / f"{name}.wav")
    (tmp_path / "script.txt").write_text("First.\n\nSecond.\n")
    (tmp_path / "b.txt").write_text("Another\nsecond.\n")
    lines = load([tmp_path])
    assert [(line.name, line.text) for line in lines] == [
        ("a", "First."),
        ("b", "Another second."),
    ]


def test_without_a_script_there_is_no_text(tmp_path: Path) -> None:
    (line,) = load([wav(tmp_path / "a.wav")])
    assert line.text is None


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    (tmp_path / "not.wav").write_bytes(b"this is no sound at all" * 100)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    silent = tmp_path / "silent.wav"
    with wave.open(str(silent), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(RATE))
    for path, why in (
        (tmp_path / "missing.wav", "there is no such file"),
        (tmp_path / "not.wav", "this is not a WAV file"),
        (tmp_path / "empty.wav", "this is not a WAV file"),
        (tmp_path / "folder", "there are no WAV files in it"),
        (silent, "nobody speaks in it"),
    ):
        with pytest.raises(WrongInput, match=why) as error:
            load([path])
        assert str(path) in str(error.value)


def test_a_script_of_another_length_is_refused(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / "script.txt").write_text("One.\nTwo.\n")
    with pytest.raises(WrongInput, match="2 lines for 1 WAV files"):
        load([tmp_path])


def test_the_span_of_speech() -> None:
    pcm = np.concatenate([np.zeros(4800), voice(0.5), np.zeros(9600)]).astype(np.int16)
    begin, end = speech_span(pcm)
    assert abs(begin - 4800) <= 480 and abs(end - 28_800) <= 480
    assert speech_span(np.zeros(48_000, np.int16)) == (0, 0)
    assert speech_span(np.zeros(3, np.int16)) == (0, 0)


def test_recordings_are_compact() -> None:
    sound = webm(voice(10.0), voice(5.0))
    assert sound[:4] == b"\x1a\x45\xdf\xa3"
    assert 10_000 < len(sound) < 100_000
