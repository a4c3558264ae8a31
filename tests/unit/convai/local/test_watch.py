from __future__ import annotations

import pytest

from convai.local.config import Config
from convai.local.watch import PINGS_REMEMBERED, Over, Watch

CONFIG = Config(ping_every_s=2, inactivity_s=60, max_duration_s=600)


def test_pings_come_at_once_and_then_evenly() -> None:
    watch = Watch(CONFIG, 100.0)
    times = [now / 10 for now in range(1000, 1100) if watch.ping(now / 10)]
    assert times == [100.0, 102.0, 104.0, 106.0, 108.0]


def test_the_round_trip_is_told_with_the_next_ping() -> None:
    watch = Watch(CONFIG, 0.0)
    first = watch.ping(0.0)
    assert first is not None and first["ping_event"]["ping_ms"] is None
    watch.pong(first["ping_event"]["event_id"], 0.0301)
    watch.pong(first["ping_event"]["event_id"], 1.0)  # twice: the first counts
    watch.pong(999, 1.5)
    second = watch.ping(2.0)
    assert second is not None and second["ping_event"]["ping_ms"] == 31


def test_a_fast_round_trip_is_never_zero() -> None:
    watch = Watch(CONFIG, 0.0)
    watch.ping(0.0)
    watch.pong(1, 0.00001)
    assert watch.round_trip_ms == 1


def test_pings_that_nobody_answers_are_forgotten() -> None:
    watch = Watch(CONFIG, 0.0)
    for number in range(PINGS_REMEMBERED + 1):
        watch.ping(number * 2.0)
    watch.pong(1, 100.0)
    assert watch.round_trip_ms is None


def test_a_client_without_a_word_is_left() -> None:
    watch = Watch(CONFIG, 0.0)
    watch.message(30.0)
    watch.check(89.9)
    with pytest.raises(Over, match="No user input received for 60 seconds") as over:
        watch.check(90.0)
    assert over.value.code == 1002 and over.value.error is not None


def test_a_conversation_has_a_longest_duration() -> None:
    watch = Watch(CONFIG, 0.0)
    watch.message(599.0)
    watch.check(599.9)
    with pytest.raises(Over, match="max_duration_exceeded") as over:
        watch.check(600.0)
    assert over.value.code == 1000


def test_the_first_reason_to_stop_counts() -> None:
    watch = Watch(CONFIG, 0.0)
    watch.stop(Over(1001, "first"))
    watch.stop(Over(1000, "second"))
    with pytest.raises(Over, match="first"):
        watch.check(0.0)


def test_who_stood_still_reads_first_and_judges_then() -> None:
    watch = Watch(CONFIG, 100.0)
    assert not watch.stood_still(100.1)
    assert watch.stood_still(101.6)
    assert not watch.stood_still(101.7)
    late = [watch.stood_still(102.0 + tick) for tick in range(6)]
    assert late == [False, True, False, True, False, True]  # every second one counts
