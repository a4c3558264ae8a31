"""Vad: quick for people, deaf for noise. Human clips at 16 kHz, noise from a seed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from rtc.vad import FORGOTTEN, Bang, Vad
from tests import sound

RATE = 16_000
SLOT = RATE // 50

AUDIBLE_S = {"goforward": 0.505, "something": 0.470, "cards_005": 0.210,
             "librivox_0880": 0.265, "librivox_0930": 0.260}  # fmt: skip
"Where the voice begins: 5 ms above -15 dB of its mean, and the 60 ms after it, too."

Samples = NDArray[np.float64]


def person(name: str, decibel: float = -25.0) -> Samples:
    """A clip whose voice has a mean power of `decibel` of full scale."""
    pcm = sound.read(sound.CLIPS / f"{name}.wav")[:, 0].astype(np.float64)
    blocks = pcm[: len(pcm) // 160 * 160].reshape(-1, 160)
    powers = (blocks**2).mean(axis=1)
    voice = powers[powers > powers.max() / 1000].mean()
    return pcm * np.sqrt(10 ** (decibel / 10) * 32_768**2 / voice)


def pink(seconds: float, decibel: float, seed: int = 1) -> Samples:
    count = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    return noise / noise.std() * 32_768 * 10 ** (decibel / 20)


def slots(pcm: Samples, rate: int = RATE) -> Iterator[bytes]:
    whole = np.clip(pcm, -32_768, 32_767).astype(np.int16)
    for start in range(0, len(whole) - rate // 50 + 1, rate // 50):
        yield whole[start : start + rate // 50].tobytes()


def told(pcm: Samples, rate: int = RATE) -> NDArray[np.bool_]:
    vad = Vad(rate)
    return np.array([vad.feed(slot) for slot in slots(pcm, rate)])


def onsets(found: NDArray[np.bool_]) -> int:
    return int((found[1:] & ~found[:-1]).sum()) + int(found[0])


def delays_ms(snr: float) -> list[float]:
    """From the first audible sound to the end of the slot that tells of it."""
    found = []
    for name, audible in AUDIBLE_S.items():
        for decibel in (-45.0, -25.0, -10.0):
            for shift in (0.0, 0.005, 0.010, 0.015):
                lead = int((3.0 + shift) * RATE)
                voice = np.concatenate((np.zeros(lead), person(name, decibel)))
                both = voice + pink(len(voice) / RATE, decibel - snr)
                at = lead / RATE + audible
                first = int(at * 50) - 2  # a breath before the word may be heard
                hits = np.nonzero(told(both)[first:])[0]
                assert len(hits), (name, decibel, snr)
                found.append((first + int(hits[0]) + 1) * 20 - at * 1000)
    return found


@pytest.mark.parametrize(
    ("snr", "half", "most"), [(60.0, 40, 75), (20.0, 50, 80), (10.0, 60, 95)]
)
def test_speech_is_noticed_at_once(snr: float, half: int, most: int) -> None:
    """Measured in ms: median 30, 45, 50; 95 % within 65, 65, 75."""
    found = delays_ms(snr)
    assert np.percentile(found, 50) <= half
    assert np.percentile(found, 95) <= most


@pytest.mark.parametrize("name", sorted(AUDIBLE_S))
def test_it_goes_on_to_the_end_of_the_sentence_and_no_further(name: str) -> None:
    voice = person(name)
    pcm = np.concatenate((np.zeros(RATE), voice, np.zeros(RATE)))
    found = told(pcm + pink(len(pcm) / RATE, -70))
    powers = np.array([(pcm[i * SLOT :][:SLOT] ** 2).mean() for i in range(len(found))])
    loud = powers > powers.max() / 300
    assert found[loud].mean() > 0.95
    assert not found[-25:].any()


@pytest.mark.parametrize("decibel", [-60.0, -45.0, -35.0, -25.0, -15.0])
def test_steady_noise_is_silence(decibel: float) -> None:
    found = told(pink(60, decibel))
    assert not found[100:].any()


def test_hum_is_silence() -> None:
    turns = np.arange(30 * RATE) / RATE
    tones = (np.sin(2 * np.pi * 50 * n * turns + n) / n for n in (1, 2, 3, 5, 7, 9))
    hum = 3000 * sum(tones, np.zeros(len(turns)))
    assert not told(hum + pink(30, -70))[100:].any()


@pytest.mark.parametrize("loud", [3_000, 15_000, 30_000])
def test_a_click_is_no_speech_in_the_open_nor_in_a_room(loud: int) -> None:
    random = np.random.default_rng(7)
    for room in (0.0, 0.15):
        pcm = pink(30, -70)
        for start in range(RATE, 29 * RATE, RATE // 2):
            at = start + int(random.integers(0, RATE // 4))
            fall = np.exp(-6.9 * np.arange(4800) / 4800)  # 60 dB in 0.3 s
            click = random.standard_normal(4800) * fall * room
            click[:30] += random.standard_normal(30)
            pcm[at : at + 4800] += loud * click / 1.5
        assert not told(pcm).any()


def test_a_bang_is_the_same_whenever_somebody_asks() -> None:
    """What was put long before somebody asks makes no difference to what is loud."""
    random = np.random.default_rng(9)
    always, lately = Bang(SLOT // 4), Bang(SLOT // 4)
    told = []
    for index in range(6 * FORGOTTEN):
        loud = 30_000 if index in (3, 80) else float(random.choice([60, 400, 3000]))
        pcm = (loud * random.uniform(-1, 1, SLOT)).astype(np.int16).tobytes()
        always.put(pcm)
        lately.put(pcm)
        dying = always.dying()
        if index % (FORGOTTEN + 13) == 0 or index in (4, 82, 90):
            told.append(dying)
            assert lately.dying() == dying
    assert {True, False} == set(told)


def test_one_slot_of_anything_is_no_speech() -> None:
    random = np.random.default_rng(8)
    pcm = pink(30, -70)
    for start in range(RATE, 29 * RATE, RATE // 2):
        at = start + int(random.integers(0, SLOT))
        pcm[at : at + SLOT] += 5000 * random.standard_normal(SLOT)
    assert not told(pcm).any()


def test_a_step_of_the_noise_is_learnt_within_two_seconds() -> None:
    found = told(np.concatenate((pink(6, -55), pink(6, -30))))
    assert not found[:300].any()
    assert not found[400:].any()


def test_loud_noise_from_the_first_moment_is_learnt_within_two_seconds() -> None:
    assert not told(pink(6, -25))[100:].any()


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 24_000, 44_100, 48_000])
def test_any_rate_will_do(rate: int) -> None:
    voice = np.concatenate((np.zeros(RATE), person("cards_005"), np.zeros(RATE)))
    count = len(voice) * rate // RATE
    pcm = np.interp(np.arange(count) * RATE / rate, np.arange(len(voice)), voice)
    found = told(pcm, rate)
    first = int(np.argmax(found)) * 0.02
    assert 1.15 < first < 1.30
    assert onsets(found) <= 4
    assert not found[-25:].any()


def test_short_and_missing_slots_do_no_harm() -> None:
    vad = Vad(RATE)
    for pcm in slots(person("cards_005")):
        vad.feed(pcm)
        if vad.speaking:
            break
    assert vad.feed(b"\1\0")
    assert vad.feed(b"\0" * 10_000)
    assert [vad.feed(b"") for _ in range(10)][-1] is False
    assert vad.feed(b"") is False
