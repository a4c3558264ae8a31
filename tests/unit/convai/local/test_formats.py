from __future__ import annotations

import numpy as np
import pytest

from convai import ulaw
from convai.local.formats import FORMATS, HEARING_RATE, Inlet, encode, resampled


def tone(rate: int, seconds: float = 1.0, pitch: float = 440.0) -> bytes:
    time = np.arange(int(rate * seconds)) / rate
    return (8_000 * np.sin(2 * np.pi * pitch * time)).astype("<i2").tobytes()


def pitch_of(pcm: bytes, rate: int) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


def level(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(float) ** 2)))


def test_all_formats_of_the_protocol_are_there() -> None:
    assert sorted(FORMATS) == [
        *("pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "pcm_48000"),
        *("pcm_8000", "ulaw_8000"),
    ]
    assert FORMATS["pcm_24000"].bytes_per_second == 48_000
    assert FORMATS["ulaw_8000"].bytes_per_second == 8_000


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_callers_in_any_format_and_any_pieces(name: str) -> None:
    given = FORMATS[name]
    wire = tone(given.rate)
    wire = ulaw.encode(wire) if given.law else wire
    inlet = Inlet(given)
    starts = range(0, len(wire), 777)
    pcm = b"".join(inlet.take(wire[start : start + 777]) for start in starts)
    assert len(pcm) / 2 / HEARING_RATE == pytest.approx(1.0, abs=0.01)
    assert pitch_of(pcm, HEARING_RATE) == pytest.approx(440, abs=3)
    assert level(pcm) == pytest.approx(level(tone(HEARING_RATE)), rel=0.05)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_voice_in_any_format(name: str) -> None:
    wanted = FORMATS[name]
    data = encode(tone(24_000), 24_000, wanted)
    assert len(data) == pytest.approx(wanted.bytes_per_second, abs=4)
    pcm = ulaw.decode(data) if wanted.law else data
    assert pitch_of(pcm, wanted.rate) == pytest.approx(440, abs=3)


def test_nothing_stays_nothing() -> None:
    assert resampled(b"", 24_000, 8_000) == b""
    assert Inlet(FORMATS["pcm_48000"]).take(b"") == b""
