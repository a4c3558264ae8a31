"""A person's voice over a network that loses packets: how much of it remains."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from rtc.opus import Encoder
from rtc.rtp import Packet
from rtc.uplink import Uplink
from tests import sound

RATE = 16_000
SLOT = RATE // 50
SLOT_S = 0.020
CLIPS = ("librivox_0880", "librivox_0930", "goforward")

Samples = NDArray[np.float64]


@cache
def voice() -> bytes:
    """Ten seconds of speech."""
    parts = [sound.read(sound.CLIPS / f"{name}.wav")[:, 0] for name in CLIPS]
    pcm = np.concatenate([*parts, np.zeros(RATE, np.int16)])
    return pcm[: 10 * RATE].tobytes()


@cache
def packets(expected_loss: int) -> list[bytes]:
    encoder, pcm = Encoder(RATE), voice()
    encoder.expect_loss(expected_loss)
    size = encoder.frame
    return [encoder.encode(pcm[k : k + size]) for k in range(0, len(pcm), size)]


def carried(payloads: list[bytes], lost: set[int]) -> tuple[Samples, dict[str, int]]:
    """What the agent hears."""
    heard = bytearray()
    uplink = Uplink(RATE, 0.0, listen=lambda pcm, at, voice: heard.extend(pcm))
    for k, payload in enumerate(payloads):
        if k not in lost:
            packet = Packet(111, False, k, k * 960, 1, payload)
            uplink.take(packet, k * SLOT_S)
        uplink.tick(k * SLOT_S + 0.01)
    uplink.end()
    return np.frombuffer(bytes(heard), "<i2").astype(float), uplink.counters()


def closeness(pcm: Samples, clean: Samples, where: set[int]) -> float:
    """Segmental signal-to-noise ratio over the lost slots with speech, in dB.

    As is usual, each slot counts between -10 and 35 dB.
    """
    ratios = []
    for k in where:
        true, noisy = clean[k * SLOT :][:SLOT], pcm[k * SLOT :][:SLOT]
        if np.mean(true**2) > 200**2:
            noise = np.sum((true - noisy) ** 2) + 1
            ratios.append(np.clip(10 * np.log10(np.sum(true**2) / noise), -10, 35))
    assert len(ratios) > 5
    return float(np.mean(ratios))


def silenced(clean: Samples, lost: set[int]) -> Samples:
    """What remains when nobody repairs it."""
    pcm = clean.copy()
    for k in lost:
        pcm[k * SLOT : (k + 1) * SLOT] = 0
    return pcm


def spectra(pcm: Samples) -> NDArray[np.float64]:
    """The loudness of 20 bands in each slot, as an ear or a recogniser has it."""
    slots = pcm[: len(pcm) // SLOT * SLOT].reshape(-1, SLOT)
    power = np.abs(np.fft.rfft(slots * np.hanning(SLOT))) ** 2
    bands = np.add.reduceat(power, np.linspace(2, 140, 20).astype(int), axis=1)
    return 10 * np.log10(bands + 1e4)


def alike(pcm: Samples, clean: Samples, where: set[int]) -> float:
    """Mean difference of the spectra in the lost slots, in dB."""
    slots = sorted(where)
    return float(np.mean(np.abs(spectra(pcm)[slots] - spectra(clean)[slots])))


@pytest.mark.parametrize("percent", [5, 10, 20])
def test_what_is_lost_is_mostly_heard(percent: int) -> None:
    dice = random.Random(percent)
    payloads = packets(percent)
    lost = {k for k in range(1, len(payloads) - 1) if dice.random() < percent / 100}
    clean, _ = carried(payloads, set())
    pcm, counters = carried(payloads, lost)
    assert len(pcm) == len(clean) == len(payloads) * SLOT
    assert counters["packets_lost"] == len(lost)
    repaired = counters["caller_recovered_ms"] + counters["caller_concealed_ms"]
    assert repaired == 20 * len(lost)
    empty = silenced(clean, lost)
    assert closeness(empty, clean, lost) == pytest.approx(0, abs=0.1)
    assert closeness(pcm, clean, lost) > 5
    assert alike(pcm, clean, lost) < alike(empty, clean, lost) / 4


def test_without_copies_in_the_packets_it_is_made_up() -> None:
    payloads, dice = packets(0), random.Random(10)
    lost = {k for k in range(1, len(payloads) - 1) if dice.random() < 0.1}
    clean, _ = carried(payloads, set())
    pcm, counters = carried(payloads, lost)
    assert counters["caller_recovered_ms"] == 0
    assert counters["caller_concealed_ms"] == 20 * len(lost)
    assert len(pcm) == len(clean)
    empty = silenced(clean, lost)
    assert alike(pcm, clean, lost) < alike(empty, clean, lost) / 3
