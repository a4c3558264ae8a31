"""When it is tried again."""

from __future__ import annotations

from itertools import count

import pytest

from convai.post.schedule import LONGEST_S, WAITS_S, slow_wait_s, wait_s


def test_longer_and_longer_for_two_days() -> None:
    waits = [wait_s(failures, 0.5) for failures in range(1, len(WAITS_S) + 1)]
    assert waits[:8] == [10, 30, 60, 120, 300, 900, 1800, 3600]
    assert waits == sorted(it for it in waits if it)
    assert 46 * 3600 < sum(it for it in waits if it) < 48 * 3600
    given_up = next(it for it in count(1) if wait_s(it, 0.5) is None)
    assert given_up == len(WAITS_S) + 1


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 8.0), (0.5, 10.0), (1.0, 12.0)])
def test_jitter(chance: float, wait: float) -> None:
    assert wait_s(1, chance) == pytest.approx(wait)


def test_slowly_for_who_mends_a_setting() -> None:
    assert slow_wait_s(0.5) == 1800
    assert slow_wait_s(1.0) <= LONGEST_S
