"""Pauses: which times, and which words, they cover."""

from __future__ import annotations

from convai.pauses import LATE_MS, MOST_PAUSES, OWED_MS, Pauses


def test_a_pause_covers_its_time_and_words_that_come_late() -> None:
    pauses = Pauses()
    assert not pauses.late(0) and not pauses.touch(0)
    assert pauses.turn("paused", 1000)
    assert not pauses.turn("paused", 1100), "it began before"
    assert pauses.late(1500) and pauses.touch(1500) and pauses.running
    assert not pauses.turn("on", 2000)
    assert pauses.late(2000 + LATE_MS - 1) and not pauses.late(2000 + LATE_MS)
    assert pauses.late(2000 + LATE_MS, OWED_MS)
    assert pauses.touch(1999) and not pauses.touch(2000)
    assert pauses.to_json() == [{"start_ms": 1000, "end_ms": 2000}]


def test_going_on_without_a_pause_is_none() -> None:
    pauses = Pauses()
    assert not pauses.turn("on", 1000)
    assert not pauses.late(1000) and pauses.to_json() == []


def test_a_recording_that_fails_in_a_pause_ends_it_and_keeps_nothing() -> None:
    pauses = Pauses()
    pauses.turn("paused", 1000)
    assert not pauses.turn("failed", 2000)
    assert pauses.running
    assert pauses.to_json() == [{"start_ms": 1000, "end_ms": 2000}]


def test_pauses_have_a_bound_and_cover_too_much_rather_than_too_little() -> None:
    pauses = Pauses()
    for at_ms in range(0, 20 * MOST_PAUSES, 10):
        pauses.turn("paused", at_ms)
        pauses.turn("on", at_ms + 5)
    told = pauses.to_json()
    assert len(told) == MOST_PAUSES
    assert told[-1]["end_ms"] == 20 * MOST_PAUSES - 5
