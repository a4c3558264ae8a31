"""Opus: packet lengths, silence, and speech through encoder and decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.opus import (
    NATIVE_HZ,
    Decoder,
    Encoder,
    duration,
    may_speak,
    native,
    silence,
)
from rtc.repair import has_copy
from tests.sound import clip


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


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_what_has_no_duration_is_refused_by_libopus(rate: int) -> None:
    decoder, dice, refused = Decoder(rate), np.random.default_rng(1), 0
    assert decoder.decode(b"") == b""
    for head in [(toc,) for toc in range(3, 256, 4)] + [
        (toc, count) for toc in range(3, 256, 4) for count in range(256)
    ]:
        packet = bytes(head) + dice.bytes(len(head) * 20 - 20)
        if not duration(packet):
            refused += 1
            assert decoder.decode(packet) == b""
            assert decoder.broken == refused + 1
    assert refused > 5000


@pytest.mark.parametrize("decoded", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("rate", NATIVE_HZ)
def test_a_tone_passes_at_every_rate(rate: int, decoded: int) -> None:
    encoder, decoder = Encoder(rate), Decoder(decoded)
    pcm, tick = tone(rate, 1000), rate // 50 * 2
    packets = [encoder.encode(pcm[k * tick : (k + 1) * tick]) for k in range(50)]
    assert all(duration(packet) == 960 for packet in packets)
    heard = b"".join(decoder.decode(packet) for packet in packets)
    assert abs(len(heard) / 2 - decoded) <= decoded // 400
    middle = np.frombuffer(heard, np.int16)[decoded // 4 : decoded * 3 // 4]
    assert 4500 < level(middle.tobytes()) < 6500
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(int(np.argmax(spectrum)) * 2 - 440) <= 4


def test_other_rates_have_to_be_resampled_first() -> None:
    assert [native(hz) for hz in (8000, 11025, 22050, 24000, 44100, 96000)] == [
        8000, 12000, 24000, 24000, 48000, 48000,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="44100"):
        Encoder(44_100)


def speech(encoder: Encoder, count: int = 60) -> list[bytes]:
    """Frames of a person speaking, ready to be encoded."""
    pcm = clip("librivox_0880")[:: 48_000 // encoder.rate].tobytes()
    size = encoder.frame
    return [pcm[k * size : (k + 1) * size] for k in range(10, 10 + count)]


def test_an_encoder_that_is_put_back_goes_on_as_if_nothing_had_been() -> None:
    encoder, other = Encoder(24_000), Encoder(24_000)
    frames = speech(encoder)
    straight = [other.encode(frame) for frame in frames]
    packets = [encoder.encode(frame) for frame in frames[:30]]
    kept = encoder.keep()
    for frame in frames[40:50]:
        encoder.encode(frame)
    encoder.put_back(kept)
    packets += [encoder.encode(frame) for frame in frames[30:]]
    assert packets == straight


def test_an_encoder_that_is_reset_is_as_new() -> None:
    encoder, other = Encoder(24_000), Encoder(24_000)
    frames = speech(encoder)
    for frame in frames[30:]:
        encoder.encode(frame)
    encoder.reset()
    fresh = [other.encode(frame) for frame in frames[:30]]
    assert [encoder.encode(frame) for frame in frames[:30]] == fresh


def test_expected_loss_makes_the_next_packet_carry_a_copy() -> None:
    encoder, decoder, whole = Encoder(16_000), Decoder(16_000), Decoder(16_000)
    frames = speech(encoder)
    assert not any(has_copy(encoder.encode(frame)) for frame in frames[:20])
    encoder.expect_loss(10)
    packets = [encoder.encode(frame) for frame in frames]
    assert sum(map(has_copy, packets)) > len(packets) / 2
    best = []
    for packet, successor in zip(packets[5:], packets[6:], strict=False):
        wanted = np.frombuffer(whole.decode(packet), np.int16).astype(float)
        made = np.frombuffer(decoder.recover(successor, 960), np.int16).astype(float)
        decoder.decode(packet)
        if has_copy(successor) and np.std(wanted) > 500:
            best.append(np.corrcoef(wanted, made)[0, 1])
    assert np.median(best) > 0.8


def test_expected_loss_survives_being_put_back() -> None:
    encoder = Encoder(16_000)
    frames = speech(encoder)
    kept = encoder.keep()
    encoder.expect_loss(10)
    encoder.put_back(kept)
    packets = [encoder.encode(frame) for frame in frames]
    assert sum(map(has_copy, packets)) > len(packets) / 2


@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_the_encoder_says_where_there_is_no_voice(rate: int) -> None:
    encoder, dice = Encoder(rate), np.random.default_rng(1)
    hush = [dice.normal(0, 5, rate // 50).astype("<i2").tobytes() for _ in range(50)]
    quiet = [may_speak(encoder.encode(frame)) for frame in hush]
    spoken = [may_speak(encoder.encode(frame)) for frame in speech(encoder)]
    assert sum(quiet) <= 5 and not any(quiet[20:])
    assert sum(spoken) > 50


def test_who_does_not_say_may_have_a_voice() -> None:
    assert may_speak(b"") and may_speak(silence())
    assert may_speak(b"\xfc\0")  # CELT has no marks
    assert may_speak(b"\x4b\2\0")  # several frames
    assert not may_speak(b"\x48\x40")  # inactive, with a copy of an active one
    assert may_speak(b"\x58\x20") and not may_speak(b"\x58\x10")  # 60 ms, the third


@pytest.mark.parametrize("samples", [120, 480, 960, 2880])
def test_what_is_concealed_is_as_long_as_asked_for(samples: int) -> None:
    encoder, decoder = Encoder(16_000), Decoder(16_000)
    for frame in speech(encoder)[:30]:
        decoder.decode(encoder.encode(frame))
    assert len(decoder.conceal(samples)) == samples // 3 * 2


def test_more_complexity_and_bits_are_used() -> None:
    plain, rich = Encoder(24_000), Encoder(24_000, bit_rate=64_000, complexity=9)
    frames = speech(plain)
    assert sum(len(rich.encode(f)) for f in frames) > 1.5 * sum(
        len(plain.encode(f)) for f in frames
    )


@given(st.binary(max_size=200))
def test_no_packet_of_a_stranger_breaks_the_decoder(packet: bytes) -> None:
    pcm = Decoder(16_000).decode(packet)
    assert len(pcm) % 2 == 0
