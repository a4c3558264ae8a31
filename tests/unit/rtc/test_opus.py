"""Opus: packet lengths, silence, and speech through encoder and decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.opus import Decoder, Encoder, duration, silence


def tone(rate: int, ms: int, hz: float = 440.0) -> bytes:
    t = np.arange(rate * ms // 1000) / rate
    return (8000 * np.sin(2 * np.pi * hz * t)).astype(np.int16).tobytes()


def level(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, np.int16).astype(float)
    return float(np.sqrt(np.mean(samples**2)))


@pytest.mark.parametrize("samples", [960, 480, 240, 120])
def test_silence_is_one_byte_of_the_length_asked_for(samples: int) -> None:
    assert len(silence(samples)) == 1
    assert duration(silence(samples)) == samples
    assert not any(Decoder(48_000).decode(silence(samples)))


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (b"", 0),
        (b"\x48..", 960),  # one wide-band SILK frame of 20 ms
        (b"\x49..", 1920),  # two of them
        (b"\x4a..", 1920),
        (b"\x4b\x03..", 2880),  # three, by the frame count byte
        (b"\x4b", 0),  # the count byte is missing
        (b"\x1b\x3f", 0),  # 63 frames of 60 ms are more than a packet may last
        (b"\xe0.", 120),
    ],
)
def test_duration_is_read_from_the_first_bytes(packet: bytes, samples: int) -> None:
    assert duration(packet) == samples


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_a_tone_passes_at_every_rate(rate: int) -> None:
    encoder, decoder = Encoder(rate), Decoder(16_000)
    pcm, tick = tone(rate, 1000), rate // 50 * 2
    packets = [encoder.encode(pcm[k * tick : (k + 1) * tick]) for k in range(50)]
    assert all(duration(packet) == 960 for packet in packets)
    heard = b"".join(decoder.decode(packet) for packet in packets)
    assert abs(len(heard) / 2 - 16_000) < 40
    middle = np.frombuffer(heard, np.int16)[4000:12_000]
    assert 4500 < level(middle.tobytes()) < 6500
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(int(np.argmax(spectrum)) * 2 - 440) <= 4


@given(st.binary(max_size=200))
def test_no_packet_of_a_stranger_breaks_the_decoder(packet: bytes) -> None:
    pcm = Decoder(16_000).decode(packet)
    assert len(pcm) % 2 == 0
