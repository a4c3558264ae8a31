"""Repair: PCM as long as the time it stands for, whatever became of the packets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.gain import fade_out
from rtc.opus import Decoder, Encoder, duration, silence
from rtc.repair import MOST_CONCEALED, Repair, has_copy

SLOT = 960
RATE = 16_000


def repair(rate: int = RATE) -> Repair:
    return Repair(Decoder(rate), rate)


def packets(*, loss: int = 0, rate: int = RATE, count: int = 50) -> list[bytes]:
    """A voice-like buzz."""
    encoder, time = Encoder(rate, bit_rate=24_000), np.arange(rate * count // 50) / rate
    encoder.expect_loss(loss)
    buzz = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 20))
    loud = 4000 * buzz * (1.2 + np.sin(2 * np.pi * 3 * time))
    pcm, size = loud.astype("<i2").tobytes(), encoder.frame
    return [encoder.encode(pcm[k * size : (k + 1) * size]) for k in range(count)]


def ms(pcm: bytes, rate: int = RATE) -> float:
    return len(pcm) / 2 / rate * 1000


def level(pcm: bytes) -> float:
    return float(np.abs(np.frombuffer(pcm, "<i2").astype(float)).mean())


def test_a_packet_is_decoded_and_its_late_part_left_out() -> None:
    mend = repair()
    first, second = packets()[:2]
    assert ms(mend.packet(first, SLOT)) == 20
    assert ms(mend.packet(second, SLOT, skip=240)) == 15
    assert mend.delivered == 2 * SLOT - 240


def test_a_hole_is_made_up_for_a_tenth_of_a_second_then_silent() -> None:
    mend, decoder = repair(), Decoder(RATE)
    for packet in packets()[:20]:
        mend.packet(packet, SLOT)
        decoder.decode(packet)
    pcm = mend.hole(15 * SLOT, None)
    assert ms(pcm) == 300
    assert level(pcm[: 2 * RATE // 50]) > 300
    *first, last = (decoder.conceal(SLOT) for _ in range(5))
    assert pcm == b"".join([*first, fade_out(last), bytes(10 * len(last))])
    assert (mend.concealed, mend.silent) == (MOST_CONCEALED, 10 * SLOT)


def test_the_tenth_of_a_second_is_counted_over_holes_in_a_row() -> None:
    mend = repair()
    for packet in packets()[:20]:
        mend.packet(packet, SLOT)
    for _ in range(10):
        mend.hole(SLOT, None)
    assert mend.concealed == MOST_CONCEALED
    mend.packet(packets()[20], SLOT)
    mend.hole(SLOT, None)
    assert mend.concealed == MOST_CONCEALED + SLOT


@pytest.mark.parametrize("before", ["nothing", "pause", "another encoder"])
def test_without_sound_before_it_nothing_is_made_up(before: str) -> None:
    mend = repair()
    if before != "nothing":
        mend.packet(packets()[0], SLOT)
    if before == "pause":
        assert mend.pause(SLOT) == bytes(640)
    if before == "another encoder":
        mend.begin()
    assert not any(mend.hole(4 * SLOT, None))
    assert mend.concealed == 0


def test_the_slot_before_a_packet_is_taken_from_its_copy() -> None:
    sent = packets(loss=20)
    mend, whole = repair(), repair()
    copied = next(k for k in range(20, 50) if has_copy(sent[k]))
    for packet in sent[: copied - 2]:
        mend.packet(packet, SLOT)
        whole.packet(packet, SLOT)
    assert ms(mend.hole(2 * SLOT, sent[copied])) == 40
    assert (mend.recovered, mend.concealed) == (SLOT, SLOT)
    mend.pause(10 * SLOT)
    # After silence, too: it is not made up.
    assert level(mend.hole(SLOT, sent[copied])) > 300
    assert mend.recovered == 2 * SLOT


def test_a_packet_without_a_copy_recovers_nothing() -> None:
    sent = packets()
    assert not any(map(has_copy, sent))
    mend = repair()
    mend.packet(sent[0], SLOT)
    mend.hole(SLOT, sent[2])
    assert (mend.recovered, mend.concealed) == (0, SLOT)


def test_copies_are_seen_where_the_encoder_put_them() -> None:
    """A copy changes what libopus recovers: not the silence of a new decoder."""
    for packet in packets(loss=20, rate=48_000) + packets(loss=20, rate=8000):
        recovered = Decoder(RATE).recover(packet, SLOT)
        assert has_copy(packet) == any(recovered)


def test_short_and_foreign_packets_have_no_copy() -> None:
    for payload in (b"", b"\x48", silence(), b"\xf8\xff\xff", b"\x4b\x02\xff\xff"):
        assert not has_copy(payload)
    assert has_copy(b"\x48\x40")  # wide band, 20 ms
    assert has_copy(b"\x58\x10")  # 60 ms: three bits of activity
    assert has_copy(b"\x4c\x10")  # stereo: only the side has one
    assert not has_copy(b"\x48\x10")


def test_a_broken_packet_is_made_up() -> None:
    mend, broken = repair(), b"\x49..."  # two equal frames of one byte and a half
    assert duration(broken) == 2 * SLOT
    mend.packet(packets()[0], SLOT)
    assert ms(mend.packet(broken, 2 * SLOT)) == 40
    assert mend.decoder.broken == 1
    assert mend.concealed == 2 * SLOT


@given(st.lists(st.integers(1, 5000), min_size=1), st.sampled_from([8000, 22_050]))
def test_silence_does_not_lose_the_parts_of_samples(
    pauses: list[int], rate: int
) -> None:
    mend = repair(rate)
    pcm = b"".join(map(mend.pause, pauses))
    assert len(pcm) // 2 == sum(pauses) * rate // 48_000


@pytest.mark.parametrize("rate", [8000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("samples", [1, 119, 120, 961, 2 * SLOT + 37, 7 * SLOT])
def test_a_hole_of_any_length_is_filled(rate: int, samples: int) -> None:
    sent = packets(loss=20)
    mend = repair(rate)
    mend.packet(sent[19], SLOT)
    pcm = mend.hole(samples, sent[21])
    assert len(pcm) // 2 == samples * rate // 48_000
