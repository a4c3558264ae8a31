"""The alignment by which the benchmark counts slots, on rows whose history is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench import speech
from tests.bench.alignment import SLOT, align

SLOTS = 400
SENT = speech.reference(False, False, 11, SLOTS)


def slots_of(pcm: np.ndarray) -> list[np.ndarray]:
    return list(pcm[: len(pcm) // SLOT * SLOT].reshape(-1, SLOT))


def test_what_came_whole_is_in_its_place() -> None:
    found = align(SENT, SENT)
    assert (found.place == np.arange(SLOTS) * SLOT + SLOT // 2).all()
    assert not found.extra.any()
    assert np.nanmin(found.likeness) > 0.99


@pytest.mark.parametrize("late", [7, 320, 1000])
def test_what_was_heard_later_is_in_its_place(late: int) -> None:
    found = align(SENT, np.concatenate([np.zeros(late, np.int16), SENT]))
    assert (found.place - late == np.arange(SLOTS) * SLOT + SLOT // 2).all()


def test_the_beginning_may_be_missing() -> None:
    found = align(SENT, SENT[3 * SLOT :])
    assert (found.place[3:] == np.arange(SLOTS - 3) * SLOT + SLOT // 2).all()


def test_a_concealed_slot_is_in_its_place_but_unlike() -> None:
    slots = slots_of(SENT)
    noise = np.random.default_rng(1).integers(-900, 900, SLOT).astype(np.int16)
    for index in range(150, 250, 5):
        slots[index] = noise
    found = align(SENT, np.concatenate(slots))
    assert (found.place >= 0).all() and not found.extra.any()
    assert np.nanmean(found.likeness[150:250:5]) < 0.5
    assert np.nanmin(found.likeness[151:250:5]) > 0.9


def test_missing_slots_are_counted() -> None:
    slots = slots_of(SENT)
    left_out = {*range(160, 166), 200, *range(230, 245)}
    heard = [slot for index, slot in enumerate(slots) if index not in left_out]
    found = align(SENT, np.concatenate(heard))
    assert np.sum(found.place < 0) == len(left_out)
    assert not found.extra.any()


def test_extra_slots_are_counted() -> None:
    slots = slots_of(SENT)
    slots[200:200] = [np.zeros(SLOT, np.int16)] * 4
    slots[300:300] = [slots[299]]
    found = align(SENT, np.concatenate(slots))
    assert found.extra.sum() == 5
    assert (found.place >= 0).all()
