"""Voice: what is remembered of the agent's sound, and where it lies."""

from __future__ import annotations

import numpy as np
import pytest

from rtc.audio import SLOT
from rtc.bands import BLOCKS, Bands
from rtc.echo_voice import BATCH, BLOCK, ROWS, WAVE_HZ, Rows, Voice, wave

RATE = 16_000
BANDS = Bands(RATE, ((480,), (1700,)))


def slot(amplitude: float, hertz: int = 500) -> bytes:
    turns = np.arange(RATE // 50) / RATE
    return (amplitude * np.sin(2 * np.pi * hertz * turns)).astype(np.int16).tobytes()


def test_a_spurt_begins_with_the_first_loud_slot_after_a_pause() -> None:
    voice = Voice(RATE, BANDS)
    loud = {3, 4, 20, 60}
    for number in range(70):
        voice.put(slot(9000) if number in loud else b"", 500 + number * SLOT)
        if number == 30:
            assert voice.began == 3 * SLOT  # 0.3 s are no pause
    assert voice.origin == 500
    assert voice.began == voice.last == 60 * SLOT


def test_what_nobody_hears_is_no_voice() -> None:
    voice = Voice(RATE, BANDS)
    voice.put(slot(200), 0)
    assert voice.last < 0
    voice.put(slot(2), SLOT)
    assert not voice.wave(0, 1)[80:].any()


def test_a_clock_that_stumbles_does_not_move_a_slot() -> None:
    voice = Voice(RATE, BANDS)
    for number, stumble in enumerate((0, 30, -30, 0)):
        voice.put(slot(9000) if number == 2 else b"", number * SLOT + stumble)
    found = voice.wave(0, 3)
    assert not found[:160].any()
    assert found[160:240].any()
    assert not found[240:].any()


@pytest.mark.parametrize("asked", [1, 5, BATCH, 1000])
def test_when_somebody_asks_makes_no_difference(asked: int) -> None:
    """Slots wait to be measured: what comes of it is as if none had waited."""
    voice, plain = Voice(RATE, BANDS), Voice(RATE, BANDS)
    rows, wanted = voice.watch(), plain.watch()
    random = np.random.default_rng(3)
    for number in range(200):
        pcm = b"" if number % 70 > 40 else slot(float(random.choice([2, 200, 9000])))
        at = number * SLOT + int(random.integers(-40, 40))
        voice.put(pcm, at)
        plain.put(pcm, at)
        assert plain.last <= number * SLOT
        if number % asked == 0:
            assert (voice.last, voice.began) == (plain.last, plain.began)
    assert (voice.last, voice.began) == (plain.last, plain.began)
    assert np.array_equal(voice.wave(140, 199), plain.wave(140, 199))
    for end in range(200 * BLOCKS - ROWS + 40, 200 * BLOCKS, 7):
        found = rows.before(end, 40)
        assert found == pytest.approx(wanted.before(end, 40), rel=1e-4)


def test_silence_is_measured_where_it_matters() -> None:
    voice = Voice(RATE, BANDS)
    for number in range(5):
        voice.put(slot(9000), number * SLOT)
    assert voice.silence(9 * SLOT, 0) == 5 * SLOT
    voice.put(slot(9000), 8 * SLOT)
    assert voice.silence(9 * SLOT, 6 * SLOT) < 6 * SLOT
    assert voice.silence(9 * SLOT, 5 * SLOT) == SLOT


def test_rows_are_ready_up_to_where_they_are_wanted() -> None:
    voice = Voice(RATE, BANDS)
    rows = voice.watch()
    for number in range(10):
        voice.put(slot(9000), number * SLOT + 40)
        voice.measure(number * SLOT + 1)
        assert rows.end == (number + 1) * BLOCKS
    voice.put(slot(9000), 20 * SLOT)
    voice.measure(15 * SLOT)
    assert rows.end == 10 * BLOCKS


def test_powers_are_kept_from_when_somebody_asked_and_of_what_is_remembered() -> None:
    voice = Voice(RATE, BANDS)
    voice.put(slot(9000), 0)
    rows = voice.watch()
    voice.put(slot(9000, 1700), 2 * SLOT)
    assert voice.watch() is rows
    found = rows.before(3 * BLOCKS, 3 * BLOCKS)
    assert np.all(found[:4, 0] > found[:4, 1])
    assert not found[4:8].any()
    assert np.all(found[8:, 1] > found[8:, 0])
    assert BLOCK * BLOCKS == SLOT


def test_rows_go_round_and_forget() -> None:
    rows = Rows(1)
    for position in range(0, 3 * ROWS, BLOCKS):
        powers = np.arange(position, position + BLOCKS, dtype=np.float32) + 1
        rows.put(position, powers.reshape(-1, 1))
    end = 3 * ROWS
    assert rows.before(end, 40)[:, 0].tolist() == list(range(end - 39, end + 1))
    # Silence is written when somebody asks for what has not been sent.
    assert rows.before(end + 10, 20)[:, 0].tolist()[10:] == [0.0] * 10
    rows.put(end + 5 * ROWS + 2, np.ones((BLOCKS, 1), np.float32))
    assert rows.before(rows.end, 40)[:, 0].tolist() == [0.0] * 36 + [1.0] * 4


def test_rows_may_lie_across_the_end() -> None:
    rows = Rows(1)
    rows.put(ROWS - 2, np.array([[1], [2], [3], [4]], np.float32))
    assert rows.before(ROWS + 2, 5)[:, 0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
def test_the_wave_of_any_rate_keeps_a_tone(rate: int) -> None:
    turns = np.arange(rate) / rate
    tone = np.sin(2 * np.pi * 400 * turns).astype(np.float32)
    found = wave(tone, rate)
    assert len(found) == WAVE_HZ
    wanted = np.sin(2 * np.pi * 400 * (np.arange(WAVE_HZ) + 0.5) / WAVE_HZ)
    assert np.corrcoef(found, wanted)[0, 1] > 0.98
