"""Slots: 20 ms at a time, where they belong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtc.slots import Slots

RATE = 16_000
SIZE = 640


@given(st.lists(st.integers(0, 3000), max_size=30))
def test_whatever_goes_in_slots_come_out_where_they_belong(lengths: list[int]) -> None:
    sound = bytes(range(256)) * (sum(lengths) // 128 + 1)
    told: list[tuple[bytes, int]] = []
    slots, place = Slots(RATE, lambda pcm, at, voice: told.append((pcm, at))), 0
    for samples in lengths:
        slots.put(sound[2 * place : 2 * (place + samples)], 48_000 + place * 3)
        place += samples
    assert len(told) == place * 2 // SIZE
    for k, (pcm, at) in enumerate(told):
        assert pcm == sound[k * SIZE : (k + 1) * SIZE]
        assert at == 48_000 + k * 960


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 24_000, 44_100, 48_000])
def test_a_slot_is_passed_on_in_the_same_moment(rate: int) -> None:
    told: list[tuple[bytes, int]] = []
    slots = Slots(rate, lambda pcm, at, voice: told.append((pcm, at)))
    for k in range(5):
        slots.put(bytes(rate // 50 * 2), k * 960)
        assert told[-1] == (bytes(rate // 50 * 2), k * 960)
